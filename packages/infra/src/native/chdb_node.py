"""Runs one ClickHouse node from the embedded library until it is told to stop.

The library has `clickhouse local` inside, which opens real HTTP and native ports when asked to, and
serves them for as long as its own session's query lasts: so that query never ends.
"""

import ctypes
import sys
from collections.abc import Sequence


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


SERVE = (
    "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; "
    "SELECT sleepEachRow(3) FROM system.numbers "
    "SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1 FORMAT Null"
)


def main(arguments: Sequence[str]) -> int:
    """Serves until SIGTERM; gives 1, with the engine's message on stderr, when it ends by itself.

    The arguments are the library, the configuration, the data's folder, the host and both ports.
    """
    library, config, data, host, http_port, tcp_port = arguments
    query = ctypes.CDLL(library).query_stable_v2
    query.restype = ctypes.POINTER(LocalResult)
    words = [
        "clickhouse",
        f"--config-file={config}",
        f"--path={data}",
        f"--listen_host={host}",
        f"--http_port={http_port}",
        f"--tcp_port={tcp_port}",
        # The level in the configuration file is not heeded; the default tells each step of a query.
        "--log-level=information",
        "--ignore-error",
        "--multiquery",
        f"--query={SERVE}",
    ]
    result = query(len(words), (ctypes.c_char_p * len(words))(*(word.encode() for word in words)))
    message = result.contents.error_message if result else None
    sys.stderr.write((message or b"the engine ended without a message").decode() + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
