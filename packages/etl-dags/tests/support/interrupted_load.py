"""Loads that are killed or given up half-way, and what must hold once they are repeated."""

import os
import signal
from collections.abc import Callable
from functools import partial

from support.attempts import kill_before_request, load, requests_of, start, wait_until
from support.content import content_by_node, require_exactly, staging_tables
from support.running_platform import RunningPlatform

IsLoading = Callable[[], bool]

_READS = ("SELECT", "SYSTEM SYNC REPLICA")


def require_repeatable_before_each_request(
    platform: RunningPlatform,
) -> None:
    """Kills a load before its first request, and others after each that changes something.

    Requests that only read leave nothing behind: killed between them, a load is what it was before.
    """
    requests = requests_of(partial(load, 100, 0, 60))
    assert len(requests) > 15
    steps = [1] + [
        number
        for number, request in enumerate(requests[:-1], start=2)
        if not request.startswith(_READS)
    ]
    # Two tables are made, two batches sent, and the new table takes the old one's place.
    assert len(steps) > 6
    published = content_by_node(platform)

    for step in steps:
        # Each round loads other rows, so that one that is left over shows.
        code = kill_before_request(step, partial(load, 100, step, 60))
        assert code == -signal.SIGKILL
        interrupted = content_by_node(platform)
        load(rows=100, seed=step, batch_rows=60)

        require_exactly(platform, rows=100, seed=step)
        assert staging_tables(platform) == []
        repeated = content_by_node(platform)
        # Whoever reads meanwhile finds on each node the rows of before or those of the run.
        for node, content in interrupted.items():
            assert content in (published[node], repeated[node])
        published = repeated


def require_repeatable_in_a_batch(platform: RunningPlatform, is_loading: IsLoading) -> None:
    """Kills a load while rows of a batch are on their way."""
    load(rows=100, seed=16)
    published = content_by_node(platform)
    attempt = start(lambda: load(rows=1_000_000, seed=17, batch_rows=500_000))
    wait_until(is_loading)
    attempt.kill()
    attempt.join()
    assert attempt.exitcode == -signal.SIGKILL
    assert content_by_node(platform) == published

    load(rows=100, seed=18)

    require_exactly(platform, rows=100, seed=18)
    assert staging_tables(platform) == []


def require_that_given_up_adds_nothing(platform: RunningPlatform, is_loading: IsLoading) -> None:
    """Freezes a load, repeats it, and lets the frozen one go on."""
    attempt = start(lambda: load(rows=600_000, seed=17, batch_rows=100_000))
    assert attempt.pid is not None
    wait_until(is_loading)
    os.kill(attempt.pid, signal.SIGSTOP)

    load(rows=100, seed=18)
    os.kill(attempt.pid, signal.SIGCONT)
    attempt.join()

    assert attempt.exitcode == 1
    require_exactly(platform, rows=100, seed=18)
