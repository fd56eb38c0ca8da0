"""Attempts of the load in processes of their own, which can really be killed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
import urllib3
from clickhouse_driver.connection import Connection

from etl_dags.cluster import open_cluster
from etl_dags.load import load_sample_data

AS_OF = date(2026, 11, 22)

# The child inherits what is imported, so that it can be killed after milliseconds.
_processes = multiprocessing.get_context("fork")


def load(
    rows: int,
    seed: int,
    batch_rows: int = 200_000,
    watch: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """One whole attempt, watched from when it is connected."""
    with open_cluster() as cluster, watch():
        load_sample_data(cluster, rows=rows, seed=seed, as_of=AS_OF, batch_rows=batch_rows)


def start(action: Callable[[], None]) -> BaseProcess:
    """Starts an action in a process of its own."""
    process = _processes.Process(target=action)
    process.start()
    return process


Attempt = Callable[[Callable[[], AbstractContextManager[None]]], None]
"""A load that is watched in the way that it is given."""


def requests_of(attempt: Attempt) -> list[str]:
    """The statements that an attempt sends to the nodes, in their order; INSERT for rows."""
    statements: list[str] = []
    attempt(lambda: requests_seen_by(statements.append))
    return statements


def kill_before_request(number: int, attempt: Attempt) -> int:
    """The exit code of an attempt in a process that kills itself before its n-th request.

    What it has sent to other nodes is answered before: a statement that a node begins to execute
    only after the next attempt has cleaned up would be found by the one after that.
    """
    left = number - 1
    under_way = 0
    changed = threading.Condition()

    def seen(_: str) -> None:
        nonlocal left, under_way
        with changed:
            if left == 0:
                changed.wait_for(lambda: under_way == 0, timeout=30)
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            under_way += 1

    def answered() -> None:
        nonlocal under_way
        with changed:
            under_way -= 1
            changed.notify_all()

    process = start(lambda: attempt(lambda: requests_seen_by(seen, answered)))
    process.join()
    code = process.exitcode
    assert code is not None
    return code


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Asks until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"


@contextmanager
def requests_seen_by(
    seen: Callable[[str], None], answered: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Calls functions before and after each request that leaves the process, by HTTP or natively.

    The first is given the statement. A native request counts as answered when it is sent.
    """

    def announced(send: Callable[..., Any]) -> Callable[..., Any]:
        def send_announced(*arguments: Any, **options: Any) -> Any:
            seen(_statement_in(options["body"] if "body" in options else arguments[1]))
            try:
                return send(*arguments, **options)
            finally:
                answered()

        return send_announced

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((urllib3.HTTPConnectionPool, "urlopen"), (Connection, "send_query")):
            patch.setattr(owner, name, announced(getattr(owner, name)))
        yield


def _statement_in(body: object) -> str:
    """A request's statement; only the rows of inserts are produced while they are sent."""
    if isinstance(body, bytes):
        return body.decode()
    return body if isinstance(body, str) else "INSERT"
