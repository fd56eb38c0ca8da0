"""Which part of the API's changes a run reads; nothing here talks to anything.

Times are seconds since 1970. A window has been read *as of* a time: what the API published later is
not in it, although it may be of a time inside the window.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, NamedTuple

HOUR: Final = 3600
# What is published so long after the end of its hour is still found by the hourly runs; what comes
# later, the validation finds, and a backfill of its hour brings it in.
OVERLAP: Final = 3 * HOUR


def iso_time(seconds: int) -> str:
    """A time as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


class Window(NamedTuple):
    """The changes with start <= updated_at < end, as of a time."""

    start: int
    end: int
    as_of: int


class Asked(NamedTuple):
    """What a run is asked for."""

    end: int
    """The whole hour that it reads up to."""
    start: int | None = None
    """Where it begins, if it is a backfill of just this interval."""
    repeated: bool = False
    """Whether the end was given with the run, and so is to be read as it was then."""


def window_of(asked: Asked, ledger: Iterable[Window], newest: int) -> Window:
    """The window that a run reads. `newest` is the hour up to which the API has published.

    A backfill reads its interval. Any other run goes on where the gapless part of what was read
    ends, and reads the overlap again: it leaves no hole, whatever runs before it were left out. It
    never reads as of an earlier time than a run before it.
    """
    read = list(ledger)
    as_of = newest
    if asked.repeated:
        as_of = min(newest, max([asked.end, *(window.as_of for window in read)]))
    end = min(asked.end, as_of)
    if asked.start is not None:
        return Window(asked.start, end, as_of)
    start = min(gapless_until(0, read), end - HOUR) - OVERLAP
    return Window(max(0, start), end, as_of)


def gapless_until(start: int, windows: Iterable[Window]) -> int:
    """The time up to which windows cover everything from a start on."""
    reached = start
    for window in sorted(windows):
        if window.start > reached:
            break
        reached = max(reached, window.end)
    return reached


def tells_nothing_new(window: Window, ledger: Iterable[Window]) -> bool:
    """Whether all of a window had been read as of its time or later."""
    as_late = [read for read in ledger if read.as_of >= window.as_of and read.end > window.start]
    return gapless_until(window.start, as_late) >= window.end


def read_so_far(ledger: Iterable[Window]) -> list[Window]:
    """The windows that together have everything that was read, and nothing twice.

    A part that was read the overlap or more after its end counts as read as of the latest time:
    nothing that comes later belongs to it.
    """
    read = [window for window in ledger if window.end > window.start]
    latest = max((window.as_of for window in read), default=0)
    found: list[Window] = []
    for start, end, as_of in _pieces(read):
        counted = latest if as_of >= end + OVERLAP else as_of
        if found and found[-1].end == start and found[-1].as_of == counted:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Window(start, end, counted))
    return found


def _pieces(read: list[Window]) -> Iterator[Window]:
    """The time line cut where a window begins, ends or becomes settled, as of the latest read."""
    edges = sorted({edge for window in read for edge in _edges(window)})
    coming = sorted(read, reverse=True)
    open_: list[tuple[int, int]] = []
    for start, end in pairwise(edges):
        while coming and coming[-1].start <= start:
            window = coming.pop()
            heapq.heappush(open_, (-window.as_of, window.end))
        while open_ and open_[0][1] <= start:
            heapq.heappop(open_)
        if open_:
            yield Window(start, end, -open_[0][0])


def _edges(window: Window) -> Iterator[int]:
    yield from (window.start, window.end)
    if window.start < (settled := window.as_of - OVERLAP) < window.end:
        yield settled
