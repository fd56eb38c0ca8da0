"""What the launcher's table of builds says of one build: its identity, and its places."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypedDict

import coordination
import ddl_worker
import interserver
import thread_pools
from library import Library, NotThisLibraryError
from search import PlaceNotFoundError, Search

PLACES: Mapping[str, Callable[[Search], int]] = {
    "interserver_address": interserver.interserver_address,
    "interserver_scheme": interserver.interserver_scheme,
    "interserver_credentials": interserver.interserver_credentials,
    "replicated_ddl_queries": coordination.replicated_ddl_queries,
    "coordination_tables_jump": coordination.coordination_tables_jump,
    "coordination_tables_branch": coordination.coordination_tables_branch,
    "http_handler_factory": interserver.http_handler_factory,
    "http_handler_call": interserver.http_handler_call,
    "padding": interserver.padding,
    "server_uuid": coordination.server_uuid,
    "thread_pool_initialize": thread_pools.thread_pool_initialize,
    "backups_thread_pool": thread_pools.backups_thread_pool,
    "create_tables_thread_pool": thread_pools.create_tables_thread_pool,
    "ddl_worker_constructor": ddl_worker.ddl_worker_constructor,
    "ddl_worker_startup": ddl_worker.ddl_worker_startup,
    "global_context": coordination.global_context,
    "operator_new": ddl_worker.operator_new,
}
"""The addresses in the table, each with the function that finds it."""

DDL_WORKER: Mapping[str, Callable[[Search], int]] = {
    "field": ddl_worker.ddl_worker_field,
    "size": ddl_worker.ddl_worker_size,
}
"""What else the launcher must know to start the worker of ON CLUSTER."""

_COMPARED = 16
_COMPARED_OTHERWISE = {"padding": interserver.PADDING, "global_context": 8}
_VERSION = re.compile(rb"\0ClickHouse (\d+\.\d+\.\d+\.\d+)\0")


class Place(TypedDict):
    """An address, counted from where the library is loaded, and the bytes that stand there."""

    offset: str
    bytes: str


class Entry(TypedDict):
    """One build in the launcher's table."""

    version: str
    package: str
    machine: str
    build_id: str
    sha256: str
    size: int
    places: dict[str, Place]
    ddl_worker: dict[str, str]


class MissingPlacesError(Exception):
    """Places that were not found, or not without doubt: each name with its reason."""

    def __init__(self, reasons: Mapping[str, str], found: int) -> None:
        super().__init__(f"{len(reasons)} of {len(reasons) + found} places were not found")
        self.reasons = reasons


def find_entry(path: Path, package: str, say: Callable[[str], None]) -> Entry:
    """The entry of the library in a file, which is of a package with that name and version.

    Raises NotThisLibraryError for another file, MissingPlacesError unless all places are found.
    """
    library = Library(path)
    version = _version(library)
    say(f"ClickHouse {version}, build {library.build_id}")
    search = Search(library)
    reasons: dict[str, str] = {}
    places = dict(_find(PLACES, search, reasons, say))
    worker = dict(_find(DDL_WORKER, search, reasons, say, prefix="ddl_worker."))
    if reasons:
        raise MissingPlacesError(reasons, found=len(places) + len(worker))
    return {
        "version": version,
        "package": package,
        "machine": "x86_64",
        "build_id": library.build_id,
        "sha256": hashlib.sha256(library.content).hexdigest(),
        "size": len(library.content),
        "places": {
            name: {"offset": hex(address), "bytes": _bytes_at(library, name, address)}
            for name, address in places.items()
        },
        "ddl_worker": {name: hex(value) for name, value in worker.items()},
    }


def _find(
    wanted: Mapping[str, Callable[[Search], int]],
    search: Search,
    reasons: dict[str, str],
    say: Callable[[str], None],
    prefix: str = "",
) -> Iterator[tuple[str, int]]:
    """What was found by name; why something was not goes to the reasons."""
    for name, find in wanted.items():
        try:
            value = find(search)
        except PlaceNotFoundError as reason:
            reasons[prefix + name] = str(reason)
            say(f"{prefix}{name}: {reason}")
        else:
            say(f"{prefix}{name}: {value:#x}")
            yield name, value


def _bytes_at(library: Library, name: str, address: int) -> str:
    return library.read(address, _COMPARED_OTHERWISE.get(name, _COMPARED)).hex()


def _version(library: Library) -> str:
    constants = library.constants
    found = _VERSION.search(library.content, constants.offset, constants.offset + constants.size)
    if found is None:
        raise NotThisLibraryError("expected the version of a ClickHouse, found none")
    return found[1].decode()
