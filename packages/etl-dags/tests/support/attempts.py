"""Attempts of the load in processes of their own, which can really be killed."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
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


def load(rows: int, seed: int, batch_rows: int = 200_000) -> None:
    """One whole attempt."""
    with open_cluster() as cluster:
        load_sample_data(cluster, rows=rows, seed=seed, as_of=AS_OF, batch_rows=batch_rows)


def start(action: Callable[[], None]) -> BaseProcess:
    """Starts an action in a process of its own."""
    process = _processes.Process(target=action)
    process.start()
    return process


def count_requests(action: Callable[[], None]) -> int:
    """How many requests an action sends to the nodes."""
    count = 0
    lock = threading.Lock()

    def seen() -> None:
        nonlocal count
        with lock:
            count += 1

    with RequestsSeenBy(seen):
        action()
    return count


def kill_before_request(number: int, action: Callable[[], None]) -> int:
    """The exit code of an action in a process that kills itself before its n-th request."""

    def run() -> None:
        left = threading.Semaphore(number - 1)

        def seen() -> None:
            if not left.acquire(blocking=False):
                os.kill(os.getpid(), signal.SIGKILL)

        with RequestsSeenBy(seen):
            action()

    process = start(run)
    process.join()
    code = process.exitcode
    assert code is not None
    return code


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Asks until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"


class RequestsSeenBy:
    """Calls a function before each request that leaves the process, by HTTP or natively."""

    def __init__(self, seen: Callable[[], None]) -> None:
        self._seen = seen
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        for owner, name in ((urllib3.HTTPConnectionPool, "urlopen"), (Connection, "send_query")):
            self._patch.setattr(owner, name, self._announced(getattr(owner, name)))

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _announced(self, send: Callable[..., Any]) -> Callable[..., Any]:
        def announced(*arguments: Any, **options: Any) -> Any:
            self._seen()
            return send(*arguments, **options)

        return announced
