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
from fnmatch import fnmatchcase
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
    left_out: list[str]
    """Patterns of group:artifact for dependencies that the program does without."""
    jars: list[Jar]


def read_lock(file: Path) -> Lock:
    """The lock in the file."""
    entry = json.loads(file.read_text(encoding="utf-8"))
    jars = [Jar(**jar) for jar in entry["jars"]]
    return Lock(entry["requested"], entry.get("left_out", []), jars)


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


def lock_again(lock: Lock, repository: str) -> Lock:
    """What the coordinates of a lock and all that they need come to now.

    Raises JarError when the repository does not have it.
    """
    with tempfile.TemporaryDirectory() as cache:
        context = _context(repository, cache)
        wanted = [context.create_dependency(coordinate) for coordinate in lock.requested]
        try:
            inputs, transitive = context.resolver.resolve(wanted)
            files = {
                _coordinate(dependency): dependency.artifact.resolve()
                for dependency in [*inputs, *transitive]
                if _is_needed(dependency, lock.left_out)
            }
        except (OSError, RuntimeError) as error:
            message = f"{', '.join(lock.requested)} cannot be resolved: {error}"
            raise JarError(message) from error
        jars = [Jar(name, file.name, _sha256(file)) for name, file in sorted(files.items())]
        return Lock(lock.requested, lock.left_out, jars)


def _context(repository: str, cache: str) -> MavenContext:
    return MavenContext(repo_cache=Path(cache), remote_repos={"repository": repository})


def _fetch(context: MavenContext, jar: Jar) -> Path:
    try:
        return context.create_dependency(jar.coordinate).artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise JarError(f"expected {jar.file} from a Maven repository, found: {error}") from error


def _coordinate(dependency: Dependency) -> str:
    return f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"


def _is_needed(dependency: Dependency, left_out: list[str]) -> bool:
    # A jar with a classifier is for one platform.
    if dependency.classifier != "" or dependency.artifactId in _LEFT_OUT:
        return False
    name = f"{dependency.groupId}:{dependency.artifactId}"
    return not any(fnmatchcase(name, pattern) for pattern in left_out)


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
            text = json.dumps(asdict(lock_again(lock, arguments.repository)), indent=2)
            arguments.lock.write_text(f"{text}\n", encoding="utf-8")
        else:
            provide(lock.jars, arguments.folder, arguments.repository)
    except JarError as error:
        print(error, file=sys.stderr)  # noqa: T201 (it is the program's answer)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
