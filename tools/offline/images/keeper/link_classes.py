"""Runs the ZooKeeper of a command until it serves, and ends it.

Done while the image is built, Java keeps the classes that this run has loaded and linked in a file,
with which ZooKeeper starts in half of the time (https://openjdk.org/jeps/514).
"""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORT = 2181
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1


def serves() -> bool:
    """Whether a ZooKeeper answers."""
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=1.0) as connection:
            connection.sendall(b"ruok")
            return connection.recv(4) == b"imok"
    except OSError:
        return False


def main(command: list[str]) -> int:
    """Runs the command, which takes a configuration as its last word; 0 when it served."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "zoo.cfg"
        (Path(folder) / "myid").write_text("1")
        lines = [
            "tickTime=500",
            "initLimit=20",
            "syncLimit=10",
            f"dataDir={folder}",
            f"clientPort={PORT}",
            "4lw.commands.whitelist=ruok",
            "admin.enableServer=false",
            # Alone it would hold no election otherwise, and link none of its classes.
            "standaloneEnabled=false",
            "server.1=127.0.0.1:2888:3888",
        ]
        settings.write_text("\n".join(lines) + "\n")
        process = subprocess.Popen([*command, str(settings)])  # noqa: S603 - the image's own words
        until = time.monotonic() + PATIENCE_SECONDS
        while not (served := serves()) and process.poll() is None and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        process.terminate()
        process.wait()
    return 0 if served else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
