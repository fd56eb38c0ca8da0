"""The builds of the embedded engine whose places are known, and which one a library is.

A place is an address in the library, counted from where it is loaded, with the bytes that stand
there in this build. `tools/engine-builds` finds the places of a new one.
"""

import hashlib
import json
import platform
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

TABLE = Path(__file__).with_name("builds.json")

_PROGRAM_HEADER_NOTE = 4
_PROGRAM_HEADER_LOAD = 1
_GNU_BUILD_ID = 3


class UnknownBuildError(Exception):
    """The library is not one whose places are known; the message says why, in one line."""


@dataclass(frozen=True)
class Place:
    """An address in the library, counted from its base, and the bytes that must stand there."""

    name: str
    offset: int
    expected: bytes


@dataclass(frozen=True)
class Build:
    """What is known of one build of the library."""

    version: str
    build_id: str
    sha256: str
    machine: str
    places: dict[str, Place]
    ddl_worker_field: int
    """Where the shared part of the context keeps its worker of the queue of ON CLUSTER."""
    ddl_worker_size: int


def known_builds(table: Path = TABLE) -> list[Build]:
    """The builds in the table."""
    return [
        Build(
            version=entry["version"],
            build_id=entry["build_id"],
            sha256=entry["sha256"],
            machine=entry["machine"],
            places={
                name: Place(name, int(place["offset"], 16), bytes.fromhex(place["bytes"]))
                for name, place in entry["places"].items()
            },
            ddl_worker_field=int(entry["ddl_worker"]["field"], 16),
            ddl_worker_size=int(entry["ddl_worker"]["size"], 16),
        )
        for entry in json.loads(table.read_text(encoding="utf-8"))
    ]


def build_of(library: Path, table: Path = TABLE) -> Build:
    """The known build that the library says it is.

    Raises UnknownBuildError for another build and on another processor.
    """
    with library.open("rb") as file:
        build_id = _build_id(file)
    found = next((build for build in known_builds(table) if build.build_id == build_id), None)
    if found is None:
        raise UnknownBuildError(
            f"the build {build_id or 'without an identity'} of the embedded engine is not in the "
            "table of known builds"
        )
    if platform.machine() != found.machine:
        raise UnknownBuildError(
            f"the places of ClickHouse {found.version} are known for {found.machine}, "
            f"not for {platform.machine()}"
        )
    return found


def examine(library: Path, table: Path = TABLE) -> Build:
    """The known build that the library is to the last byte, by its checksum and at every place.

    Reads the file and loads nothing. Raises UnknownBuildError, naming what differs.
    """
    build = build_of(library, table)
    with library.open("rb") as file:
        if (digest := hashlib.file_digest(file, "sha256").hexdigest()) != build.sha256:
            raise UnknownBuildError(
                f"the embedded engine calls itself build {build.build_id}, but its SHA-256 is "
                f"{digest[:16]}…, not {build.sha256[:16]}…"
            )
        for place in build.places.values():
            found = _read_at(file, place.offset, len(place.expected))
            if found != place.expected:
                raise UnknownBuildError(
                    f"expected {place.expected.hex()} at {place.offset:#x} ({place.name}) of the "
                    f"embedded engine, found {found.hex()}"
                )
    return build


def _program_headers(file: BinaryIO) -> list[tuple[int, int, int, int, int]]:
    """Type, file offset, address, size in the file and in memory of each segment (man 5 elf)."""
    file.seek(0)
    header = file.read(64)
    if header[:5] != b"\x7fELF\x02":
        raise UnknownBuildError("the embedded engine's library is not a 64-bit ELF file")
    (start,) = struct.unpack_from("<Q", header, 0x20)
    size, count = struct.unpack_from("<HH", header, 0x36)
    file.seek(start)
    table = file.read(size * count)
    headers = []
    for index in range(count):
        kind, _, offset, address, _, in_file, in_memory = struct.unpack_from(
            "<IIQQQQQ", table, index * size
        )
        headers.append((kind, offset, address, in_file, in_memory))
    return headers


def _build_id(file: BinaryIO) -> str:
    """The identity that the linker gave the library (NT_GNU_BUILD_ID), or an empty text."""
    for kind, offset, _, size, _ in _program_headers(file):
        if kind != _PROGRAM_HEADER_NOTE:
            continue
        file.seek(offset)
        note = file.read(size)
        name_size, size_of_text, note_type = struct.unpack_from("<III", note)
        if note_type == _GNU_BUILD_ID:
            start = 12 + (name_size + 3) // 4 * 4
            return note[start : start + size_of_text].hex()
    return ""


def _read_at(file: BinaryIO, address: int, size: int) -> bytes:
    """What the loader will put at an address; memory that is not in the file begins as zeros."""
    for kind, offset, start, in_file, in_memory in _program_headers(file):
        if kind == _PROGRAM_HEADER_LOAD and start <= address < start + in_memory:
            file.seek(offset + address - start)
            stored = file.read(max(0, min(size, start + in_file - address)))
            return stored.ljust(size, b"\0")
    return b""
