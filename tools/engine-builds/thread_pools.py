"""The thread pools that only a server initializes.

Source: ClickHouse's src/IO/SharedThreadPools.cpp.
"""

import re

from library import Function
from search import Search, only

# some push; sub rsp; is it there?; its address
_GETTER = re.compile(
    rb".{0,12}\x48\x83\xec.\x0f\xb6\x05.{4}\x84\xc0\x74.\x48\x8d\x05.{4}\x48\x83\xc4", re.DOTALL
)


def backups_thread_pool(search: Search) -> int:
    """`getBackupsIOThreadPool`: makes the pool of that name at its first call."""
    return _pool(search, "BackupsIOThreadPool").start


def create_tables_thread_pool(search: Search) -> int:
    """`getDatabaseReplicatedCreateTablesThreadPool`: the same for the pool of that name."""
    return _pool(search, "CreateTablesThreadPool").start


def thread_pool_initialize(search: Search) -> int:
    """`StaticThreadPool::initialize`: takes three sizes, and does nothing when there are threads.

    It is called by functions that ask for the pool of backups; `StaticThreadPool::get`, which
    complains that a pool is not initialized, looks at the same pointer.
    """
    get = re.compile(rb".{0,12}\x48\x8b\x47(.)\x48\x85\xc0\x74", re.DOTALL)
    heads = (get.match(search.code(each)) for each in search.naming("The {} is not initialized"))
    pointers = dict.fromkeys(head[1] for head in heads if head is not None)
    pointer = only(list(pointers), "place of a pool's threads")
    # sub rsp; mov [rsp + …], rsi; mov [rsp + …], rdx; mov [rsp], rcx; cmp qword [rdi + …], 0
    code = re.compile(
        rb"\x48\x83\xec.\x48\x89\x74\x24.\x48\x89\x54\x24.\x48\x89\x0c\x24\x48\x83\x7f"
        + re.escape(pointer)
        + rb"\x00",
        re.DOTALL,
    )
    askers = search.users(_pool(search, "BackupsIOThreadPool"))
    return only(
        [each for each in search.called_by(askers) if code.match(search.code(each))],
        "function that initializes thread pools",
    ).start


def _pool(search: Search, name: str) -> Function:
    naming = search.naming(name)
    return only(
        [each for each in naming if _GETTER.match(search.code(each))], f"getter of the pool {name}"
    )
