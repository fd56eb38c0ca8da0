"""The worker that executes what others give ON CLUSTER."""

import ctypes
import os
import struct
import time
from pathlib import Path

from build_table import Build
from memory import Memory
from node_config import Replication

READY_FILE = "ddl_worker.ready"
"""In the node's data folder once it executes statements ON CLUSTER; a server listens no sooner."""

_POLL_SECONDS = 0.05
_LISTENING = "0A"


def start_ddl_worker(
    memory: Memory, build: Build, replication: Replication, port: int, data: Path
) -> None:
    """Builds the worker by the library's own constructor, starts it, and leaves READY_FILE.

    As on a server, that is once the tables are loaded: the engine listens at `port` then. However
    long that takes, this waits for it; meant for a thread beside the engine's.
    """
    context = _context_of_serving_engine(memory, build, port)
    field = memory.read_pointer(context) + build.ddl_worker_field
    pointer = ctypes.c_void_p
    allocate = ctypes.CFUNCTYPE(pointer, ctypes.c_size_t)(
        memory.address(build.places["operator_new"])
    )
    worker = allocate(build.ddl_worker_size)
    ctypes.memset(worker, 0, build.ddl_worker_size)

    def text(value: str) -> int:
        return memory.keep(memory.text(value))

    # DDLWorker(pool size, queue, replicas, context: two words, configuration: none, prefix,
    # profile, logger, two metrics: none); the library passes shared pointers in registers.
    construct = ctypes.CFUNCTYPE(None, pointer, ctypes.c_int, *[pointer] * 10)(
        memory.address(build.places["ddl_worker_constructor"])
    )
    construct(
        *(worker, 1, text(replication.ddl_queue), text(replication.replicas_folder)),
        *(context, None, None, text(""), text("default"), text("DDLWorker"), None, None),
    )
    memory.write_data(field, struct.pack("<Q", worker))
    ctypes.CFUNCTYPE(None, pointer)(memory.address(build.places["ddl_worker_startup"]))(worker)
    (data / READY_FILE).touch()


def _context_of_serving_engine(memory: Memory, build: Build, port: int) -> int:
    """Waits until this process serves; gives the address of its global context.

    That the port answers is not enough: it may still be that of a process that was killed.
    """
    while True:
        catalog = memory.read_pointer(memory.address(build.places["global_context"]))
        context = memory.read_pointer(catalog) if catalog else 0
        if context and memory.read_pointer(context) and _listens(port):
            return context
        time.sleep(_POLL_SECONDS)


def _listens(port: int) -> bool:
    """Whether a socket of this process listens at the port (man 5 proc, net/tcp)."""
    lines = Path("/proc/self/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    sockets = {
        f"socket:[{fields[9]}]"
        for fields in map(str.split, lines)
        if fields[3] == _LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port
    }
    return bool(sockets) and any(_target(entry) in sockets for entry in os.scandir("/proc/self/fd"))


def _target(descriptor: os.DirEntry[str]) -> str:
    try:
        return os.readlink(descriptor.path)
    except FileNotFoundError:
        # Closed meanwhile.
        return ""
