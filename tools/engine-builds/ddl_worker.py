"""The worker of the queue of ON CLUSTER, and what is needed to build one.

Sources: ClickHouse's src/Interpreters/DDLWorker.cpp, src/Interpreters/Context.cpp (getDDLWorker),
and src/Databases/DatabaseReplicated.cpp, which builds a worker of its own.
"""

import re
import struct

from library import Function
from search import PlaceNotFoundError, Search, only

ALLOCATED = 0x800
"""Bytes that the launcher takes for a worker."""

_CONSTRUCTOR = (
    "DB::DDLWorker::DDLWorker(int, const std::string &, const std::string &, ContextPtr, "
    "const Poco::Util::AbstractConfiguration *, const String &, const String &, const String &, "
    "const CurrentMetrics::Metric *, const CurrentMetrics::Metric *)"
)


def ddl_worker_constructor(search: Search) -> int:
    """The constructor, which names its own signature in a message: the launcher calls that one."""
    constructor = only(search.naming(_CONSTRUCTOR), "constructor of DDLWorker with known arguments")
    # lea rax, [rip + table of virtual functions]; mov [rdi], rax
    if not re.search(rb"\x48\x8d\x05.{4}\x48\x89\x07", search.code(constructor)[:0x60], re.DOTALL):
        raise PlaceNotFoundError("the constructor of DDLWorker does not set its virtual functions")
    return constructor.start


def ddl_worker_startup(search: Search) -> int:
    """`DDLWorker::startup`: passes on the functions of both threads."""
    return _startup(search).start


def operator_new(search: Search) -> int:
    """`operator new`: gives 16 bytes to the startup of a worker, and the worker to its maker."""
    startup = _startup(search)
    # mov edi, 16; call
    calls = re.finditer(rb"\xbf\x10\x00\x00\x00\xe8", search.code(startup))
    targets = dict.fromkeys(search.target(startup.start + call.end()) for call in calls)
    found = only(list(targets), "function that allocates for the startup of a worker")
    if found != _made_worker(search)[1]:
        raise PlaceNotFoundError("a worker is not allocated as its threads are")
    return found


def ddl_worker_field(search: Search) -> int:
    """Where the part of the context that all share keeps the worker: what `getDDLWorker` gives."""
    getter = only(search.naming("DDL background thread is not initialized"), "getter of the worker")
    code = search.code(getter)
    fields = [
        field
        for register in range(4, 8)
        for field in re.findall(
            # mov register, [rax + …]; unlock; test register, register; je; mov rax, register
            b"\x4c\x8b" + re.escape(bytes([0x80 | register << 3])) + rb"(.{4})...\xe8.{4}"
            rb"\x4d\x85"
            + re.escape(bytes([0xC0 | register << 3 | register]))
            + rb"\x74.\x4c\x89"
            + re.escape(bytes([0xC0 | register << 3])),
            code,
            re.DOTALL,
        )
    ]
    return int(struct.unpack("<I", only(fields, "field of the worker"))[0])


def ddl_worker_size(search: Search) -> int:
    """What the launcher takes for a worker, in bytes.

    The workers that `DatabaseReplicated` allocates are of a derived class, so not smaller.
    """
    needed = _made_worker(search)[0]
    if needed > ALLOCATED:
        raise PlaceNotFoundError(f"a worker may need {needed:#x} bytes, not {ALLOCATED:#x}")
    return ALLOCATED


def _startup(search: Search) -> Function:
    main = only(search.naming("Starting DDLWorker thread"), "main thread of DDLWorker")
    cleanup = only(search.naming("Started DDLWorker cleanup thread"), "cleanup thread of DDLWorker")
    starters = set(search.users(main)).intersection(search.users(cleanup))
    return only(list(starters), "function that starts both threads of DDLWorker")


def _made_worker(search: Search) -> tuple[int, int]:
    """Size of a worker of `DatabaseReplicated`, and what allocates it before its startup."""
    made = []
    for call in search.calls(_startup(search)):
        maker = search.library.function_at(call)
        if maker is not None:
            before = search.code(maker)[: call - maker.start]
            # mov edi, size; call
            made += [
                (int.from_bytes(size[1], "little"), search.target(maker.start + size.end()))
                for size in re.finditer(rb"\xbf(.{2}\x00\x00)\xe8", before, re.DOTALL)
            ]
    return only(made, "allocation of a worker before its startup")
