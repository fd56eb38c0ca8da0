"""Starts ZooKeeper as the Keeper that a keeper_config.xml describes.

Only what such a file says of ports, members, sessions, four-letter words and Prometheus is taken
over (https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#sc_configuration). Where Keeper
would serve its metrics, an agent serves those of ZooKeeper, which have other names.

ZooKeeper keeps the addresses of the other members for as long as it can connect to them.
Containers that are started again may have each other's addresses: it would then take one member
for another, and the third would never join the ensemble. So it is restarted when the address of a
member has changed.
"""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

JAVA = "/opt/java/bin/java"
OPTIONS = "/usr/lib/provehouse/java.options"
JARS = "/opt/zookeeper/*"
LINKED = "/opt/zookeeper.aot"
AGENT = "/opt/jmx-agent/jmx-agent.jar"
METRICS = "/opt/jmx-agent/metrics.yml"
DATA = Path("/var/lib/clickhouse-keeper")
LOOK_SECONDS = 1.0


def text_of(element: ElementTree.Element, path: str) -> str:
    """The text of the element at `path`, or an error that names it."""
    text = element.findtext(path)
    if text is None:
        sys.exit(f"{sys.argv[1]}: expected an element {path}, found none")
    return text.strip()


def settings_of(keeper: ElementTree.Element) -> list[str]:
    """The lines of a zoo.cfg."""
    lines = [
        "tickTime=1000",
        "initLimit=20",
        "syncLimit=10",
        f"dataDir={DATA}/zookeeper",
        f"clientPort={text_of(keeper, 'tcp_port')}",
        f"4lw.commands.whitelist={text_of(keeper, 'four_letter_word_white_list')}",
        "admin.enableServer=false",
    ]
    shortest = keeper.findtext("coordination_settings/min_session_timeout_ms")
    if shortest is not None:
        lines.append(f"minSessionTimeout={shortest.strip()}")
    servers = keeper.findall("raft_configuration/server")
    for server in servers if len(servers) > 1 else []:
        port = int(text_of(server, "port"))
        # ZooKeeper elects its leader over a port of its own.
        lines.append(
            f"server.{text_of(server, 'id')}={text_of(server, 'hostname')}:{port}:{port + 1}"
        )
    return lines


def agent_of(root: ElementTree.Element) -> list[str]:
    """The option of Java for the agent, where metrics are to be served."""
    port = root.findtext("prometheus/port")
    return [] if port is None else [f"-javaagent:{AGENT}=0.0.0.0:{port.strip()}:{METRICS}"]


class Addresses:
    """The addresses of the other members, as they were when each was first seen."""

    def __init__(self, names: list[str]) -> None:
        """Looks up none of the `names` yet."""
        self._names = names
        self._known: dict[str, str] = {}

    def changed(self) -> str | None:
        """Looks each one up; says what has changed, if anything has.

        A member that is down has no address; that it had one is remembered.
        """
        found = {name: address for name in self._names if (address := _address_of(name))}
        before = self._known
        self._known = before | found
        changes = [
            f"{name} was {before[name]} and is {address}"
            for name, address in found.items()
            if before.get(name, address) != address
        ]
        return ", ".join(changes) or None


def _address_of(name: str) -> str | None:
    try:
        return socket.gethostbyname(name)
    except OSError:
        return None


def serve(command: list[str], addresses: Addresses) -> int:
    """Runs the command until it ends or SIGTERM comes; gives its exit code as a shell does."""
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        process.terminate()

    addresses.changed()
    process = subprocess.Popen(command)  # noqa: S603 - the words are this file's own
    signal.signal(signal.SIGTERM, stop)
    while True:
        try:
            code = process.wait(timeout=LOOK_SECONDS)
            return code if code >= 0 else 128 - code
        except subprocess.TimeoutExpired:
            change = None if stopping else addresses.changed()
        if change is not None:
            sys.stdout.write(f"Restarting ZooKeeper, because addresses have changed: {change}\n")
            sys.stdout.flush()
            process.terminate()
            process.wait()
            if not stopping:
                process = subprocess.Popen(command)  # noqa: S603 - as above


def main(config: str) -> int:
    """Writes ZooKeeper's configuration and runs it; gives its exit code."""
    # The configuration is the platform's own, and no parser is installed that distrusts it.
    root = ElementTree.parse(config).getroot()  # noqa: S314
    keeper = root.find("keeper_server")
    if keeper is None:
        sys.exit(f"{config}: expected an element keeper_server, found none")
    data = DATA / "zookeeper"
    data.mkdir(parents=True, exist_ok=True)
    own = text_of(keeper, "server_id")
    (data / "myid").write_text(own)
    settings = DATA / "zoo.cfg"
    settings.write_text("\n".join(settings_of(keeper)) + "\n")
    others = [
        text_of(member, "hostname")
        for member in keeper.findall("raft_configuration/server")
        if text_of(member, "id") != own
    ]
    server = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    options = [f"-XX:AOTCache={LINKED}", *agent_of(root), f"@{OPTIONS}"]
    command = [JAVA, *options, "-classpath", JARS, server, str(settings)]
    return serve(command, Addresses(others))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
