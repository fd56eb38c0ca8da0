"""Where the engine decides about coordination: identity, system tables, replicated statements.

Sources: ClickHouse's src/Core/ServerUUID.cpp, src/Storages/System/attachSystemTables.cpp,
src/Interpreters/DatabaseCatalog.cpp and src/Databases/DatabaseReplicated.cpp.
"""

import re

from library import Function
from search import PlaceNotFoundError, Search, only

_TABLES = "attachSystemTablesServer"
_REPLICATED = "DatabaseReplicated::tryEnqueueReplicatedDDL"
_NO_CATALOG = "Database catalog is not initialized. This is a bug."
_HEAD = 0x40

# some push; sub rsp; mov rax, [rip + …]; test rax, rax; je
_LOAD = re.compile(rb".{0,8}\x48\x83\xec.(\x48\x8b\x05).{4}\x48\x85\xc0\x74", re.DOTALL)
# call, mov rdi, rax, call
_QUESTION = re.compile(rb"(\xe8).{4}\x48\x89\xc7(\xe8)", re.DOTALL)
# cmp byte [rsp + flag], 0; jne over the next jump; jmp
_JUMP = re.compile(rb"\x80\x7c\x24(.)\x00\x75.(\xe9.{4})", re.DOTALL)
# cmp byte [rsp + flag], 0; je
_BRANCH = re.compile(rb"\x80\x7c\x24(.)\x00(\x0f\x84.{4})", re.DOTALL)


def server_uuid(search: Search) -> int:
    """`ServerUUID`, 16 bytes: the two numbers that its reader loads first and finds not yet set."""
    reader = only(search.naming("ServerUUID is not initialized yet"), "reader of the identity")
    head = search.code(reader)[:_HEAD]
    # mov rax, [rip + …]; mov rdx, [rip + …]; mov rcx, rdx; or rcx, rax
    zero = rb"\x48\x8b\x05.{4}\x48\x8b\x15.{4}\x48\x89\xd1\x48\x09\xc1"
    loads = only(list(re.finditer(zero, head, re.DOTALL)), "test whether the identity is set")
    first = search.target(reader.start + loads.start() + 3)
    if search.target(reader.start + loads.start() + 10) != first + 8:
        raise PlaceNotFoundError("the identity is not 16 bytes in one place")
    return _cleared(search, first, "identity of the server")


def global_context(search: Search) -> int:
    """The pointer to `DatabaseCatalog`, whose first word is the pointer to the global context."""
    catalog = _catalog(search)
    load = only(list(_LOAD.finditer(search.code(catalog))), "load of the catalog")
    return _cleared(search, search.target(catalog.start + load.end(1)), "catalog of databases")


def replicated_ddl_queries(search: Search) -> int:
    """`DatabaseCatalog::canPerformReplicatedDDLQueries`: gives one byte of the catalog.

    It is the first question that `DatabaseReplicated::tryEnqueueReplicatedDDL` asks the catalog.
    Nobody asks it of anything else: the linker has not merged an equal function with it.
    """
    asking = only(search.naming(_REPLICATED), "function that enqueues replicated statements")
    catalog = _catalog(search)
    question = _QUESTION.search(search.code(asking))
    if question is None or search.target(asking.start + question.end(1)) != catalog.start:
        raise PlaceNotFoundError("no question to the catalog before a replicated statement")
    found = search.library.function_at(search.target(asking.start + question.end(2)))
    # movzx eax, byte [rdi + …]; ret
    if found is None or not re.fullmatch(rb"\x0f\xb6\x87.{4}\xc3", search.code(found), re.DOTALL):
        raise PlaceNotFoundError("the question to the catalog is not for one byte of it")
    for call in search.calls(found):
        before = search.library.read(call - 8, 9)
        if not _QUESTION.match(before) or search.target(call - 7) != catalog.start:
            raise PlaceNotFoundError(f"the question at {call:#x} is not to the catalog")
    return found.start


def coordination_tables_jump(search: Search) -> int:
    """The jump past the tables of coordination, after `has_zookeeper` was found false."""
    function, jump, _ = _coordination_tables(search)
    return function.start + jump.start(2)


def coordination_tables_branch(search: Search) -> int:
    """The branch past the tables of coordination when `has_zookeeper` is false."""
    function, _, branch = _coordination_tables(search)
    return function.start + branch.start(2)


def _coordination_tables(search: Search) -> tuple[Function, re.Match[bytes], re.Match[bytes]]:
    """The function that attaches system tables, and its two tests of `has_zookeeper`.

    Both lead to the table whose name, `zookeeper`, stands in an instruction, or past it.
    """
    function = only(search.naming(_TABLES), "function that attaches system tables")
    code = search.code(function)
    # mov register, the first 8 characters
    names = re.finditer(rb"[\x48\x49][\xb8-\xbf]zookeepe", code)
    name = only(list(names), "name of the table of coordination")
    pairs = [
        (jump, branch)
        for branch in _BRANCH.finditer(code)
        if branch.end() < name.start() < branch.end() + _HEAD
        for jump in _JUMP.finditer(code)
        if jump[1] == branch[1]
        and search.target(function.start + jump.start(2) + 1)
        == search.target(function.start + branch.start(2) + 2)
        and jump.start(2) + code[jump.start(2) - 1] == branch.end()
    ]
    jump, branch = only(pairs, "pair of tests before the tables of coordination")
    _require_argument(code, flag=jump[1])
    return function, jump, branch


def _require_argument(code: bytes, flag: bytes) -> None:
    """Raises PlaceNotFoundError unless the flag on the stack is the function's 4th argument."""
    # mov register, ecx
    kept = re.search(rb"\x41\x89([\xc8-\xcf])", code[:_HEAD])
    if kept is not None:
        # mov [rsp + flag], register
        store = bytes([0x44, 0x89, 0x44 | (kept[1][0] & 7) << 3, 0x24]) + flag
        if code.count(store) == 1:
            return
    raise PlaceNotFoundError("the flag before the tables of coordination is not has_zookeeper")


def _catalog(search: Search) -> Function:
    """`DatabaseCatalog::instance`: loads a pointer first, complains when there is none."""
    small = [each for each in search.naming(_NO_CATALOG) if _LOAD.match(search.code(each))]
    return only(small, "function that gives the catalog of databases")


def _cleared(search: Search, address: int, what: str) -> int:
    """The address. Raises PlaceNotFoundError unless the loader fills it with zeros."""
    if search.library.in_file(address):
        raise PlaceNotFoundError(f"the {what} is not in memory that starts with zeros")
    return address
