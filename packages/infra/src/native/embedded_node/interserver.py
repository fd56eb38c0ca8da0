"""How replicas fetch parts from each other: address, account and listener."""

import struct

from build_table import Build
from memory import Memory
from node_config import Interserver

_FACTORY = "InterserverIOHTTPHandler-factory"
_CALL, _JUMP = b"\xe8", b"\xe9"


def set_address(memory: Memory, build: Build, interserver: Interserver) -> None:
    """`Context::getInterserverIOAddress` and `getInterserverScheme` give the node's own."""
    host = memory.short_text(interserver.host, "interserver_http_host")
    pair = memory.keep(host + struct.pack("<Q", interserver.port))
    memory.write_code(build.places["interserver_address"], _return_copy(pair, 32))
    scheme = memory.keep(memory.text("http").ljust(32, b"\0"))
    memory.write_code(build.places["interserver_scheme"], _return_copy(scheme, 24))


def set_credentials(memory: Memory, build: Build, interserver: Interserver) -> None:
    """`Context::getInterserverCredentials` gives the account; without one a fetch ends the node.

    The object is `InterserverCredentials`: the current user and password, and a vector of all
    accounts that peers may show. The pointer has no counter, so that it is never released.
    """
    account = memory.text(interserver.user) + memory.text(interserver.password)
    accounts = memory.keep(account)
    end = accounts + len(account)
    credentials = memory.keep(account + struct.pack("<QQQ", accounts, end, end))
    memory.write_code(
        build.places["interserver_credentials"],
        # mov rax, credentials; xor edx, edx; ret
        b"\x48\xb8" + struct.pack("<Q", credentials) + bytes.fromhex("31d2c3"),
    )


def add_listener(memory: Memory, build: Build) -> None:
    """Of the HTTP listeners that the engine opens, each second one serves the node's peers.

    For each address that it listens on, the engine asks a factory for a handler by name; every
    second time it asks for the one that a server has at its interserver port. The few instructions
    for it are in padding between two functions.
    """
    factory = build.places["http_handler_factory"]
    call = build.places["http_handler_call"]
    padding = build.places["padding"]
    counter = memory.keep(bytes(8))
    name = memory.keep(memory.text(_FACTORY))
    choose = (
        b"\x48\xb8" + struct.pack("<Q", counter)  # mov rax, counter
        # lock inc dword [rax]; test byte [rax], 1; jne to the jump, with the name that was given
        + bytes.fromhex("f0ff00f60001750a")
        + b"\x48\xb9" + struct.pack("<Q", name)  # mov rcx, name
    )  # fmt: skip
    choose += _relative(_JUMP, padding.offset + len(choose), factory.offset)
    if len(choose) > len(padding.expected):
        raise ValueError(f"padding: expected {len(choose)} bytes, found {len(padding.expected)}")
    memory.write_code(padding, choose)
    memory.write_code(call, _relative(_CALL, call.offset, padding.offset))


def _relative(instruction: bytes, at: int, to: int) -> bytes:
    """A call or jump from one address to another; the distance counts from its own end."""
    return instruction + struct.pack("<i", to - (at + len(instruction) + 4))


def _return_copy(source: int, size: int) -> bytes:
    """A function that copies 24 or 32 bytes to where its caller wants them (rdi, System V ABI)."""
    copied = bytes.fromhex("0f10000f1107")  # movups xmm0, [rax]; movups [rdi], xmm0
    rest = {
        24: bytes.fromhex("488b481048894f10"),  # mov rcx, [rax+16]; mov [rdi+16], rcx
        32: bytes.fromhex("0f1040100f114710"),  # movups xmm0, [rax+16]; movups [rdi+16], xmm0
    }[size]
    # mov rax, source; …; mov rax, rdi; ret
    return b"\x48\xb8" + struct.pack("<Q", source) + copied + rest + bytes.fromhex("4889f8c3")
