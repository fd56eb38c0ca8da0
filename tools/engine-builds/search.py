"""Finds code by what survives a new build: the texts that it names, and who calls whom."""

import re
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TypeVar

from library import Function, Library
from references import references

Found = TypeVar("Found")

_CALL = b"\xe8"
_DISTANCE = struct.Struct("<i")


class PlaceNotFoundError(Exception):
    """What was looked for is not there, or is there more than once; the message says which."""


class Search:
    """Questions about one library; what names an address is looked up once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._references = cache(lambda address: references(library, address))

    def naming(self, text: str) -> list[Function]:
        """The functions that name a text. Raises PlaceNotFoundError when the library has it not."""
        return self._functions_of(self.sites_naming(text))

    def sites_naming(self, text: str) -> list[int]:
        """Where the code names a text: the addresses of the distances to it."""
        sites = [site for address in self._texts(text) for site in self._references(address)]
        return sorted(sites)

    def users(self, function: Function) -> list[Function]:
        """The functions that call a function or pass it on."""
        return self._functions_of(self._references(function.start))

    def calls(self, function: Function) -> list[int]:
        """The addresses of the instructions that call a function."""
        before = (site - len(_CALL) for site in self._references(function.start))
        return [call for call in before if self.library.read(call, len(_CALL)) == _CALL]

    def called_by(self, functions: Iterable[Function]) -> list[Function]:
        """The functions that any of these functions call."""
        called = (
            self.library.function_at(target)
            for function in functions
            for target in self._call_targets(function)
        )
        return list(dict.fromkeys(each for each in called if each is not None))

    def code(self, function: Function) -> bytes:
        """The instructions of a function."""
        return self.library.read(function.start, function.end - function.start)

    def target(self, distance_at: int) -> int:
        """The address whose distance stands in the 4 bytes at an address."""
        (distance,) = _DISTANCE.unpack(self.library.read(distance_at, _DISTANCE.size))
        return distance_at + _DISTANCE.size + int(distance)

    def _call_targets(self, function: Function) -> list[int]:
        sites = (
            function.start + call.end() for call in re.finditer(_CALL, self.code(function)[:-4])
        )
        targets = (self.target(site) for site in sites)
        return [target for target in targets if self.library.starts_function(target)]

    def _texts(self, text: str) -> list[int]:
        wanted = text.encode() + b"\0"
        constants = self.library.constants
        end = constants.offset + constants.size
        found: list[int] = []
        at = self.library.content.find(wanted, constants.offset, end)
        while at != -1:
            found.append(at - constants.offset + constants.address)
            at = self.library.content.find(wanted, at + 1, end)
        if not found:
            raise PlaceNotFoundError(f"the text “{text}” is not in the library")
        return found

    def _functions_of(self, addresses: Iterable[int]) -> list[Function]:
        found = (self.library.function_at(address) for address in addresses)
        return list(dict.fromkeys(function for function in found if function is not None))


def only(found: Sequence[Found], what: str) -> Found:
    """The one that was found. Raises PlaceNotFoundError for none and for several."""
    if len(found) != 1:
        raise PlaceNotFoundError(f"expected one {what}, found {len(found)}")
    return found[0]


def number(value: int) -> bytes:
    """A pattern of a 4-byte number in an instruction."""
    return re.escape(struct.pack("<I", value))
