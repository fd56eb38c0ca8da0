"""What a server sets up for coordination: identity, system tables, statements ON CLUSTER."""

import ctypes
import socket
import struct
import time
from uuid import UUID, uuid4

from build_table import Build
from memory import Memory
from node_config import NodeConfig, Replication

_WAIT_SECONDS = 60


def set_identity(memory: Memory, build: Build, config: NodeConfig) -> None:
    """`ServerUUID` is the node's own, kept in its data folder as a server keeps it.

    Nodes with the same one would end each other's sessions. In memory it is two halves, each with
    its lowest byte first.
    """
    file = config.data / "uuid"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(uuid4()), encoding="utf-8")
    high, low = struct.unpack(">QQ", UUID(file.read_text(encoding="utf-8").strip()).bytes)
    memory.write_data(memory.address(build.places["server_uuid"]), struct.pack("<QQ", high, low))


def add_system_tables(memory: Memory, build: Build) -> None:
    """`system.zookeeper` and its like are attached, as on a server that has coordination."""
    jump = build.places["coordination_tables_jump"]
    branch = build.places["coordination_tables_branch"]
    attach = branch.offset + 6
    memory.write_code(jump, b"\xe9" + struct.pack("<i", attach - (jump.offset + 5)))
    memory.write_code(branch, bytes.fromhex("660f1f440000"))  # a no-operation of six bytes


def allow_replicated_statements(memory: Memory, build: Build) -> None:
    """`DatabaseCatalog::canPerformReplicatedDDLQueries` says yes."""
    memory.write_code(build.places["replicated_ddl_queries"], bytes.fromhex("b801000000c3"))


def initialize_thread_pools(memory: Memory, build: Build) -> None:
    """The pools of backups and of `Replicated` databases, which only a server initializes."""
    initialize = ctypes.CFUNCTYPE(
        None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_size_t
    )(memory.address(build.places["thread_pool_initialize"]))
    threads = 16
    for name in ("backups_thread_pool", "create_tables_thread_pool"):
        pool = ctypes.CFUNCTYPE(ctypes.c_void_p)(memory.address(build.places[name]))()
        initialize(pool, threads, 0, threads * 100)


def start_ddl_worker(
    memory: Memory, build: Build, replication: Replication, address: tuple[str, int]
) -> None:
    """Builds the worker of the queue of ON CLUSTER by the library's own constructor, and starts it.

    It needs the engine's context, which is there once the engine listens at `address`. Meant for a
    thread beside the engine's. Raises TimeoutError when the engine does not listen within a minute.
    """
    _until_it_listens(address)
    catalog = memory.read_pointer(memory.address(build.places["global_context"]))
    context = memory.read_pointer(catalog)
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


def _until_it_listens(address: tuple[str, int]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError as cause:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"expected the engine to listen at {address[0]}:{address[1]} within "
                    f"{_WAIT_SECONDS} s, found {cause}"
                ) from cause
            time.sleep(0.02)
        else:
            return
