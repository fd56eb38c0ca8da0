"""Finds, in a build of the embedded engine, the places that the launcher wires for replication.

Prints the build's entry for the launcher's table (embedded_node/builds.json) as JSON. When a place
is not found without doubt, prints no entry, names the place, and ends with 1.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from entry import MissingPlacesError, find_entry
from library import NotThisLibraryError


def main(words: Sequence[str]) -> int:
    """Gives 0 with the entry on standard output, or 1 with the reasons on standard error."""
    parser = argparse.ArgumentParser(
        prog="engine-builds",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "library", type=Path, help="libchdb.so, or the Python package's _chdb.abi3.so"
    )
    parser.add_argument(
        "--package",
        metavar="NAME@VERSION",
        help="where the library comes from (default: by the package.json beside it)",
    )
    options = parser.parse_args(words)
    library: Path = options.library
    package: str | None = options.package or _package_beside(library)
    if package is None:
        parser.error("--package is required where no package.json is beside the library")
    try:
        entry = find_entry(library, package, _say)
    except OSError as error:
        _say(f"{library} could not be read: {error.strerror}.")
        return 1
    except NotThisLibraryError as error:
        _say(f"{library} is not a build of the embedded engine: {error}.")
        return 1
    except MissingPlacesError as error:
        _say(f"No entry: {error}: {', '.join(error.reasons)}.")
        return 1
    sys.stdout.write(json.dumps(entry, indent=2) + "\n")
    return 0


def _package_beside(library: Path) -> str | None:
    file = library.with_name("package.json")
    if not file.is_file():
        return None
    package = json.loads(file.read_text(encoding="utf-8"))
    return f"{package['name']}@{package['version']}"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
