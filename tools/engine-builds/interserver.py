"""Where replicas learn each other's address, and where listeners get their handlers.

Sources: ClickHouse's src/Interpreters/Context.cpp (getInterserverIOAddress, getInterserverScheme,
getInterserverCredentials) and src/Server/HTTPHandlerFactory.cpp (createHandlerFactory).
"""

import re
import struct

from library import Function
from search import PlaceNotFoundError, Search, number, only

PADDING = 48
"""Bytes of padding that the launcher's choice of a handler takes, at least."""

_NO_PORT = (
    "Parameter 'interserver_http(s)_port' required for replication is not specified in "
    "configuration file."
)
_HANDLER = "HTTPHandler-factory"
_NEAR = 0x100
_HEAD = 0x40


def interserver_address(search: Search) -> int:
    """`Context::getInterserverIOAddress`: the one function that complains of a missing port."""
    _address_field(search)
    return _address(search).start


def interserver_scheme(search: Search) -> int:
    """`Context::getInterserverScheme`: copies the string behind the address.

    It is called by a function that also asks for the address.
    """
    return _scheme(search).start


def interserver_credentials(search: Search) -> int:
    """`Context::getInterserverCredentials`: a locked copy of the pointer behind the scheme.

    It is called by a function that also asks for the scheme.
    """
    # A mutex of 40 bytes, then the pointer and its counter.
    guard = _address_field(search) + 0x38
    code = re.compile(
        rb".{0,8}\x8b[\x07-\x3f]"  # mov register, [rdi]: the part of the context that all share
        rb".{0,4}\x8d." + number(guard) + rb".{0,16}\xe8.{4}"  # lea register, the mutex; call lock
        rb".{1,2}." + number(guard + 0x28) + rb".{1,2}." + number(guard + 0x30),
        re.DOTALL,
    )
    callers = search.users(_scheme(search))
    return only(
        [each for each in search.called_by(callers) if code.match(search.code(each))],
        "function that copies the credentials",
    ).start


def http_handler_factory(search: Search) -> int:
    """`createHandlerFactory`: refuses unknown names, for the listener of an HTTP port."""
    return _factory(search).start


def http_handler_call(search: Search) -> int:
    """The one call of the factory, with the name of a plain HTTP handler as its 4th argument."""
    call = only(search.calls(_factory(search)), "call of the factory of HTTP handlers")
    names = [site for site in search.sites_naming(_HANDLER) if call - _NEAR < site < call]
    name = only(names, "name given to the factory")
    between = search.library.read(name, call - name)
    # lea rcx, [rsp + …]
    if not re.search(rb"\x48\x8d(\x4c\x24|\x8c\x24)", between):
        raise PlaceNotFoundError("the factory's call does not pass the name in rcx")
    return call


def padding(search: Search) -> int:
    """The nearest unused bytes between two functions before the factory, 48 of them."""
    library = search.library
    text = library.text
    before = _factory(search).start - text.address + text.offset
    at = library.content.rfind(b"\xcc" * PADDING, text.offset, before)
    address = at - text.offset + text.address
    if at == -1 or library.function_at(address) or library.function_at(address + PADDING - 1):
        raise PlaceNotFoundError(f"no {PADDING} bytes of padding before the factory of handlers")
    return address


def _address(search: Search) -> Function:
    return only(search.naming(_NO_PORT), "function that complains of a missing interserver port")


def _address_field(search: Search) -> int:
    """Where the part of the context that all share keeps the host: a string, then the port."""
    code = search.code(_address(search))
    # movsx register, byte [… + last byte of the host]; movzx register, word [… + port]
    hosts = re.findall(rb"\x0f\xbe.(.{4})", code, re.DOTALL)
    ports = re.findall(rb"\x0f\xb7.(.{4})", code, re.DOTALL)
    last_byte = only(list(dict.fromkeys(hosts)), "length of the interserver host")
    port = only(list(dict.fromkeys(ports)), "field of the interserver port")
    (host,), (behind,) = struct.unpack("<I", last_byte), struct.unpack("<I", port)
    if behind != host + 1:
        raise PlaceNotFoundError("the interserver port does not follow the host")
    return int(behind) - 24


def _scheme(search: Search) -> Function:
    field = _address_field(search) + 0x20
    code = re.compile(
        rb"\x48\x8b\x06"  # mov rax, [rsi]: the part of the context that all share
        rb"\x80\xb8" + number(field + 23) + rb"\x00\x78."  # a long string?
        rb"\x48\x05" + number(field) + rb"\x48\x8b\x48\x10\x48\x89\x4f\x10",  # copy a short one
        re.DOTALL,
    )
    callers = search.users(_address(search))
    return only(
        [each for each in search.called_by(callers) if code.match(search.code(each))],
        "function that copies the interserver scheme",
    )


def _factory(search: Search) -> Function:
    listeners = set(search.naming(_HANDLER))
    refusing = [
        function
        for function in search.naming("Unknown HTTP handler factory name.")
        if listeners.intersection(search.users(function))
    ]
    factory = only(refusing, "function that refuses unknown HTTP handlers for a listener")
    # movsx register, byte [rcx + 23]: the name's length, if it is short
    head = search.code(factory)[:_HEAD]
    if not re.search(rb"\x48\x0f\xbe[\x41\x49\x51\x59\x61\x69\x71\x79]\x17", head):
        raise PlaceNotFoundError("the factory of HTTP handlers does not take the name in rcx")
    return factory
