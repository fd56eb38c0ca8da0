"""The embedded engine: loaded, and serving until it is ended.

The library has `clickhouse local` inside, which opens real HTTP and native ports when asked to, and
serves them for as long as its own session's query lasts: so that query never ends.
"""

import ctypes
import os
import pty
from collections.abc import Sequence
from pathlib import Path


class LocalResult(ctypes.Structure):
    """`struct local_result_v2` of chdb's C interface (chdb.h)."""

    _fields_ = [
        ("buffer", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("vector", ctypes.c_void_p),
        ("elapsed", ctypes.c_double),
        ("rows_read", ctypes.c_uint64),
        ("bytes_read", ctypes.c_uint64),
        ("error_message", ctypes.c_char_p),
    ]


_SERVE = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; "
    "SELECT sleepEachRow(3) FROM system.numbers "
    "SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1 FORMAT Null"
)


def load(library: Path) -> ctypes.CDLL:
    """The library in this process. Raises OSError when it cannot be loaded."""
    return ctypes.CDLL(str(library))


def give_terminal() -> None:
    """Makes a terminal the standard input.

    In an interactive session the engine treats an error on a connection, such as a refused login or
    a reset, as a server does: it logs it. In any other session it ends the process.
    """
    _, terminal = pty.openpty()
    os.dup2(terminal, 0)


def serve(library: ctypes.CDLL, settings: Sequence[str]) -> str:
    """Serves until the process is ended; gives the engine's last words when it ends by itself."""
    query = library.query_stable_v2
    query.restype = ctypes.POINTER(LocalResult)
    words = [
        "clickhouse",
        *settings,
        # The level in the configuration file is not heeded; the default tells each step of a query.
        "--log-level=information",
        "--ignore-error",
        "--multiquery",
        "--interactive",
        f"--query={_SERVE}",
    ]
    result = query(len(words), (ctypes.c_char_p * len(words))(*(word.encode() for word in words)))
    message: bytes | None = result.contents.error_message if result else None
    return (message or b"the engine ended without a message").decode()
