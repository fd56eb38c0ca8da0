"""Puts ZooKeeper's jars, as the lock names them, into a folder.

They come from Maven Central or from the user's own repository of jars (~/.m2). `--write-lock`
resolves the coordinates instead and writes the lock, for an upgrade.
"""

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import jgo

LOCK = Path(__file__).with_name("zookeeper.lock.json")

COORDINATES = (
    "org.apache.zookeeper:zookeeper:3.9.5",
    "io.dropwizard.metrics:metrics-core:4.1.12.1",
    "org.xerial.snappy:snappy-java:1.1.10.5",
    "org.slf4j:slf4j-simple:2.0.13",
)
# TLS by a native library, which a platform on the loopback address has no use for, and test tools.
_NOT_NEEDED = re.compile(
    r"(netty-tcnative|audience-annotations|mockito-core|byte-buddy|objenesis)-"
)


class JarsError(Exception):
    """The jars are not there, or are others than the lock names."""


def resolve(coordinates: Sequence[str], scratch: Path) -> dict[str, Path]:
    """The jars of the coordinates and of all that they need, by file name.

    Raises JarsError when they cannot be resolved or downloaded.
    """
    try:
        environment = jgo.build("+".join(coordinates), cache_dir=scratch)
    except Exception as cause:
        raise JarsError(
            f"Expected to download {', '.join(coordinates)} from Maven Central, "
            f"found: {str(cause).splitlines()[0]}"
        ) from cause
    return {jar.name: jar for jar in environment.all_jars if not _NOT_NEEDED.match(jar.name)}


def provide(folder: Path, lock: Path) -> None:
    """Copies the jars that the lock names. Raises JarsError, naming the jar, for any other sum."""
    locked = json.loads(lock.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="provehouse-jars-") as scratch:
        jars = resolve(locked["coordinates"], Path(scratch))
        folder.mkdir(parents=True, exist_ok=True)
        for name, expected in locked["sha256"].items():
            if name not in jars:
                raise JarsError(f"Expected {name} among the jars, found {', '.join(sorted(jars))}.")
            if (found := _sum(jars[name])) != expected:
                raise JarsError(f"{name}: expected SHA-256 {expected}, found {found}.")
            shutil.copyfile(jars[name], folder / name)


def write_lock(lock: Path) -> None:
    """Writes the sums of what the coordinates resolve to now."""
    with tempfile.TemporaryDirectory(prefix="provehouse-jars-") as scratch:
        jars = resolve(COORDINATES, Path(scratch))
        sums = {name: _sum(jars[name]) for name in sorted(jars)}
    content = {"coordinates": COORDINATES, "sha256": sums}
    lock.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def main(words: Sequence[str]) -> int:
    """Gives 1, with the reason on stderr, when the jars cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where the jars are put")
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--write-lock", action="store_true", help="resolve anew, for an upgrade")
    options = parser.parse_args(words)
    try:
        if options.write_lock:
            write_lock(options.lock)
        elif options.folder is None:
            parser.error("expected a folder, or --write-lock")
        else:
            provide(options.folder, options.lock)
    except JarsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
