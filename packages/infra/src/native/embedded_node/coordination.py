"""What a server sets up for coordination: its identity, system tables, thread pools."""

import ctypes
import struct
from uuid import UUID, uuid4

from build_table import Build
from memory import Memory
from node_config import NodeConfig


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
