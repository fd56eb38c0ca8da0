"""The memory of the embedded engine in this process: what stands where, and what is put there."""

import ctypes
import struct
from collections.abc import Mapping
from pathlib import Path

from build_table import Place, UnknownBuildError

_PAGE = 4096
_READ, _WRITE, _EXECUTE = 1, 2, 4
_SHORT_STRING = 22
_LONG_STRING = 1 << 63


class Memory:
    """The library as it is loaded into this process.

    What native code is given a pointer to is kept for as long as this object.
    """

    def __init__(self, library: Path) -> None:
        self._base = _base_of(library)
        self._kept: list[object] = []

    def address(self, place: Place) -> int:
        """Where the place is in this process."""
        return self._base + place.offset

    def compare(self, places: Mapping[str, Place]) -> None:
        """Raises UnknownBuildError unless every place holds what it must."""
        for place in places.values():
            found = self.read(self.address(place), len(place.expected))
            if found != place.expected:
                raise UnknownBuildError(
                    f"expected {place.expected.hex()} at {place.offset:#x} ({place.name}) in "
                    f"memory, found {found.hex()}"
                )

    def read(self, address: int, size: int) -> bytes:
        """The bytes at an address."""
        return ctypes.string_at(address, size)

    def read_pointer(self, address: int) -> int:
        """The address that stands at an address."""
        return int(struct.unpack("<Q", self.read(address, 8))[0])

    def write_data(self, address: int, data: bytes) -> None:
        """Puts bytes where the library keeps data."""
        ctypes.memmove(address, data, len(data))

    def write_code(self, place: Place, code: bytes) -> None:
        """Puts instructions at a place; its pages are never writable and executable at once."""
        address = self.address(place)
        first = address & ~(_PAGE - 1)
        size = -(-(address + len(code) - first) // _PAGE) * _PAGE
        self._protect(first, size, _READ | _WRITE)
        ctypes.memmove(address, code, len(code))
        self._protect(first, size, _READ | _EXECUTE)

    def keep(self, data: bytes) -> int:
        """The address of a copy that stays as long as this object."""
        buffer = ctypes.create_string_buffer(data, len(data))
        self._kept.append(buffer)
        return ctypes.addressof(buffer)

    def text(self, text: str) -> bytes:
        """A `std::string` of the library (libc++, alternate layout: 24 bytes).

        Only a short one, of 22 bytes at most, holds its own characters; a long one must never be
        destroyed by native code, which would release characters that are kept here.
        https://github.com/llvm/llvm-project/blob/main/libcxx/include/string
        """
        encoded = text.encode()
        if len(encoded) <= _SHORT_STRING:
            return encoded.ljust(23, b"\0") + bytes([len(encoded)])
        capacity = (len(encoded) + 1 + 7) & ~7
        return struct.pack(
            "<QQQ", self.keep(encoded + b"\0"), len(encoded), capacity | _LONG_STRING
        )

    def short_text(self, text: str, meaning: str) -> bytes:
        """A `std::string` that may be copied bit by bit. Raises ValueError for a long one."""
        if len(text.encode()) > _SHORT_STRING:
            raise ValueError(
                f"{meaning}: expected at most {_SHORT_STRING} bytes, found {len(text.encode())}"
            )
        return self.text(text)

    def _protect(self, address: int, size: int, protection: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), protection) != 0:
            raise OSError(ctypes.get_errno(), "the engine's memory could not be made writable")


def _base_of(library: Path) -> int:
    """Where the library's first byte is mapped (man 5 proc, maps)."""
    real = str(library.resolve())
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        addresses, _, offset, _, _, *name = line.split(maxsplit=5)
        if name == [real] and int(offset, 16) == 0:
            return int(addresses.split("-")[0], 16)
    raise UnknownBuildError(f"{real} is not in this process")
