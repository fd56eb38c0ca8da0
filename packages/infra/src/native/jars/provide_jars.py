"""Fetches the jars that a Java program runs from, exactly those that its lock names.

For an upgrade, change the versions under `requested` in a lock, such as zookeeper.lock.json, and
run this file with `--write-lock --lock` and the lock.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Dependency, MavenContext

# A repository answers several at once; more would be impolite.
_CONNECTIONS = 4

# Artifacts that ZooKeeper's dependencies name and no server needs: libraries of their tests, and
# OpenSSL for Netty. Coordination listens through Java's own sockets.
_LEFT_OUT = frozenset(
    {
        "byte-buddy",
        "byte-buddy-agent",
        "mockito-core",
        "netty-tcnative-boringssl-static",
        "objenesis",
    }
)


class JarError(Exception):
    """A jar cannot be had, or is not the one that was locked; the message says which."""


@dataclass(frozen=True)
class Jar:
    """A jar of Maven's repositories, and the checksum that it must have."""

    coordinate: str
    """group:artifact:version."""
    file: str
    sha256: str


@dataclass(frozen=True)
class Lock:
    """What was asked for, and the jars that came of it."""

    requested: list[str]
    """Coordinates; their dependencies come along."""
    jars: list[Jar]


def read_lock(file: Path) -> Lock:
    """The lock in the file."""
    entry = json.loads(file.read_text(encoding="utf-8"))
    return Lock(entry["requested"], [Jar(**jar) for jar in entry["jars"]])


def provide(jars: list[Jar], folder: Path, repository: str) -> None:
    """Puts the jars of the lock, and nothing else, into the folder.

    Raises JarError for one that cannot be fetched or has another checksum.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # An empty cache, so that nothing left there by an interrupted download is taken for a jar.
    with tempfile.TemporaryDirectory() as cache:
        context = _context(repository, cache)
        with ThreadPoolExecutor(_CONNECTIONS) as executor:
            for jar, file in zip(jars, executor.map(partial(_fetch, context), jars), strict=True):
                found = _sha256(file)
                if found != jar.sha256:
                    raise JarError(
                        f"expected {jar.file} with the SHA-256 {jar.sha256}, "
                        f"found {found} in {repository}"
                    )
                shutil.copyfile(file, folder / jar.file)


def lock_again(requested: list[str], repository: str) -> Lock:
    """What the coordinates and all that they need come to now.

    Raises JarError when the repository does not have it.
    """
    with tempfile.TemporaryDirectory() as cache:
        context = _context(repository, cache)
        wanted = [context.create_dependency(coordinate) for coordinate in requested]
        try:
            inputs, transitive = context.resolver.resolve(wanted)
            files = {
                _coordinate(dependency): dependency.artifact.resolve()
                for dependency in [*inputs, *transitive]
                if _is_needed(dependency)
            }
        except (OSError, RuntimeError) as error:
            raise JarError(f"{', '.join(requested)} cannot be resolved: {error}") from error
        jars = [Jar(name, file.name, _sha256(file)) for name, file in sorted(files.items())]
        return Lock(requested, jars)


def _context(repository: str, cache: str) -> MavenContext:
    return MavenContext(repo_cache=Path(cache), remote_repos={"repository": repository})


def _fetch(context: MavenContext, jar: Jar) -> Path:
    try:
        return context.create_dependency(jar.coordinate).artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise JarError(f"expected {jar.file} from a Maven repository, found: {error}") from error


def _coordinate(dependency: Dependency) -> str:
    return f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"


def _is_needed(dependency: Dependency) -> bool:
    # A jar with a classifier is for one platform.
    return dependency.classifier == "" and dependency.artifactId not in _LEFT_OUT


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    """Does what the command line says; 0 when it succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    work = parser.add_mutually_exclusive_group(required=True)
    work.add_argument("folder", type=Path, nargs="?", help="where to put the jars")
    work.add_argument("--write-lock", action="store_true", help="lock what `requested` comes to")
    parser.add_argument(
        "--repository",
        default=os.environ.get("PROVEHOUSE_MAVEN_REPOSITORY") or MAVEN_CENTRAL_URL,
        help="a Maven repository; PROVEHOUSE_MAVEN_REPOSITORY or Maven Central",
    )
    parser.add_argument(
        "--lock", type=Path, required=True, help="the sums of the jars, and what was asked for"
    )
    arguments = parser.parse_args()
    lock = read_lock(arguments.lock)
    try:
        if arguments.write_lock:
            text = json.dumps(asdict(lock_again(lock.requested, arguments.repository)), indent=2)
            arguments.lock.write_text(f"{text}\n", encoding="utf-8")
        else:
            provide(lock.jars, arguments.folder, arguments.repository)
    except JarError as error:
        print(error, file=sys.stderr)  # noqa: T201 (it is the program's answer)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
