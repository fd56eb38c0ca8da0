"""Gives the embedded engine, in the memory of this process, what a server has and it leaves out.

All of it is ClickHouse's own code, linked into the library; nothing on disk is changed. Either all
places hold what they must and everything is set, or nothing is.
"""

from pathlib import Path
from threading import Thread

from build_table import build_of
from coordination import (
    add_system_tables,
    allow_replicated_statements,
    initialize_thread_pools,
    set_identity,
)
from ddl_worker import READY_FILE, start_ddl_worker
from interserver import add_listener, set_address, set_credentials
from memory import Memory
from node_config import NodeConfig


def wire_replication(library: Path, config: NodeConfig, http_port: int) -> Memory:
    """Wires the loaded library for the node; keep what it gives for as long as the engine runs.

    Raises UnknownBuildError before anything is written when the library is not as expected.
    """
    replication = config.replication
    if replication is None:
        raise ValueError("expected a node with coordination, found none")
    build = build_of(library)
    memory = Memory(library)
    memory.compare(build.places)
    set_address(memory, build, replication.interserver)
    set_credentials(memory, build, replication.interserver)
    add_listener(memory, build)
    set_identity(memory, build, config)
    add_system_tables(memory, build)
    allow_replicated_statements(memory, build)
    initialize_thread_pools(memory, build)
    # That of an earlier process says nothing of this one.
    (config.data / READY_FILE).unlink(missing_ok=True)
    worker = Thread(
        target=start_ddl_worker,
        args=(memory, build, replication, http_port, config.data),
        daemon=True,
    )
    worker.start()
    return memory
