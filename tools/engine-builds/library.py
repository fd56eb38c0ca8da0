"""The file of the embedded engine: its sections, its functions, and the bytes at an address.

Addresses are virtual ones, counted from where the library is loaded (ELF-64, System V ABI:
https://refspecs.linuxfoundation.org/elf/elf.pdf).
"""

import mmap
import struct
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

_MAGIC = b"\x7fELF\x02\x01"
_X86_64 = 62
_NO_BITS = 8
_LOADED = 0x2
_PER_THREAD = 0x400
_GNU_BUILD_ID = 3


class NotThisLibraryError(Exception):
    """The file is not a whole build of the embedded engine; the message says why, in one line."""


@dataclass(frozen=True)
class Section:
    """A part of the file, and where it is loaded."""

    address: int
    offset: int
    size: int
    in_file: bool

    def holds(self, address: int) -> bool:
        """Whether the address is in this section."""
        return self.address <= address < self.address + self.size


@dataclass(frozen=True)
class Function:
    """Where a function starts, and where the next byte after it is."""

    start: int
    end: int


class Library:
    """A library in a file. Raises NotThisLibraryError unless it is a whole one for x86-64."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size < struct.calcsize("<64B"):
            raise NotThisLibraryError(f"expected an ELF library, found {path.stat().st_size} bytes")
        with path.open("rb") as file:
            self.content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.sections = self._read_sections()
        self.text = self._section(".text")
        self.constants = self._section(".rodata")

    @cached_property
    def build_id(self) -> str:
        """The identity that the linker gave the build, in hexadecimal digits."""
        note = self._section(".note.gnu.build-id")
        name_size, size, kind = struct.unpack_from("<III", self.content, note.offset)
        if kind != _GNU_BUILD_ID:
            raise NotThisLibraryError(f"expected a build id, found a note of type {kind}")
        start = note.offset + 12 + (name_size + 3 & ~3)
        return self.content[start : start + size].hex()

    @cached_property
    def functions(self) -> list[Function]:
        """Where each function starts and ends, in order, by the table for unwinding.

        https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/ehframechk.html
        """
        header = self._section(".eh_frame_hdr")
        version, *encodings = self.content[header.offset : header.offset + 4]
        # Version 1: a pointer and a count of 4 bytes, then a table of distances from this header.
        if (version, encodings[1], encodings[2]) != (1, 0x03, 0x3B):
            raise NotThisLibraryError("expected a sorted table of functions in .eh_frame_hdr")
        (count,) = struct.unpack_from("<I", self.content, header.offset + 8)
        table = np.frombuffer(self.content, "<i4", 2 * count, header.offset + 12).reshape(-1, 2)
        starts = table[:, 0].astype(np.int64) + header.address
        entries = table[:, 1].astype(np.int64) + header.address
        frames = self._section(".eh_frame")
        raw = np.frombuffer(self.content, np.uint8, frames.size, frames.offset)
        # Length, identity and start of a function, of 4 bytes each, stand before its size.
        at = entries - frames.address + 12
        sizes = sum(raw[at + byte].astype(np.int64) << 8 * byte for byte in range(4))
        ends = starts + sizes
        return [Function(*each) for each in zip(starts.tolist(), ends.tolist(), strict=True)]

    def function_at(self, address: int) -> Function | None:
        """The function that holds the address."""
        found = bisect_right(self._starts, address) - 1
        if found < 0 or address >= self.functions[found].end:
            return None
        return self.functions[found]

    def starts_function(self, address: int) -> bool:
        """Whether a function starts at the address."""
        function = self.function_at(address)
        return function is not None and function.start == address

    def read(self, address: int, size: int) -> bytes:
        """The bytes at an address; zeros where the section is filled by the loader."""
        section = self._section_at(address)
        if not section.holds(address + size - 1):
            raise NotThisLibraryError(f"expected {size} bytes at {address:#x}, found fewer")
        if not section.in_file:
            return bytes(size)
        start = address - section.address + section.offset
        return self.content[start : start + size]

    def in_file(self, address: int) -> bool:
        """Whether the file has what stands at the address; the loader puts zeros elsewhere."""
        return self._section_at(address).in_file

    def words(self, section: Section, shift: int) -> npt.NDArray[np.uint32]:
        """The section as 4-byte numbers, from its byte `shift` on."""
        return np.frombuffer(
            self.content, "<u4", (section.size - shift) // 4, section.offset + shift
        )

    @cached_property
    def _starts(self) -> list[int]:
        return [function.start for function in self.functions]

    def _section_at(self, address: int) -> Section:
        for section in self.sections.values():
            if section.holds(address):
                return section
        raise NotThisLibraryError(f"expected a section at {address:#x}, found none")

    def _section(self, name: str) -> Section:
        if name not in self.sections:
            raise NotThisLibraryError(f"expected a section {name}, found none")
        return self.sections[name]

    def _read_sections(self) -> dict[str, Section]:
        content = self.content
        (machine,) = struct.unpack_from("<H", content, 0x12)
        if content[:6] != _MAGIC or machine != _X86_64:
            raise NotThisLibraryError("expected an ELF library for x86-64")
        (table,) = struct.unpack_from("<Q", content, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", content, 0x3A)
        if table + entry_size * count > len(content):
            raise NotThisLibraryError(f"the file ends before its sections: {len(content)} bytes")
        rows = [
            struct.unpack_from("<IIQQQQ", content, table + entry_size * row) for row in range(count)
        ]
        names = rows[names_index][4]
        sections = {}
        for name_offset, kind, flags, address, offset, size in rows:
            # What is loaded, without the room that each thread has for itself.
            if not flags & _LOADED or (flags & _PER_THREAD and kind == _NO_BITS):
                continue
            start = names + name_offset
            name = content[start : content.find(b"\0", start)].decode()
            sections[name] = Section(address, offset, size, kind != _NO_BITS)
        return sections
