"""Which files the producer lands; nothing here talks to anything.

The products 1 … `rows` are cut into files, whose keys say which of them they have. A run lands the
files that lack. Where they are cut follows from `rows`: attempts of one run land the same files.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple, TypedDict

from etl_dags.errors import PermanentError

LANDING: Final = "files_from_bucket/landing/"
FORMATS: Final = ("parquet", "csv", "jsonl")
AS_OF: Final = date(2026, 1, 1)
"""The end of the year that the products were made in."""
_FILES: Final = 6
# Odd ones among these, by their place.
_SENT_TWICE, _WITH_A_COLUMN_MORE, _CUT_OFF_AT_FIRST = 0, 1, 2

_KEY: Final = re.compile(
    rf"{LANDING}seed-(?P<seed>\d+)/products-(?P<first>\d{{10}})-(?P<last>\d{{10}})\.[a-z]+"
)


class OtherFilesError(PermanentError):
    """The bucket has other files than the run is asked for."""


class PlannedFile(TypedDict):
    """A file that a run lands, or leaves for the next."""

    key: str
    first: int
    last: int
    extra_column: bool
    """Whether it has a column that the table has not."""
    cut_off: bool
    """Whether it ends in the middle of a row."""
    late: bool
    """Whether it comes only with the next run."""


class Plan(TypedDict):
    """What the task hands on."""

    rows: int
    seed: int
    files: list[PlannedFile]


class Range(NamedTuple):
    """The ids of a file's products, both included."""

    first: int
    last: int


def range_of(key: str, seed: int) -> Range | None:
    """The products of a file that the producer has landed whole; None for any other.

    Raises OtherFilesError for a file of another seed.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    if int(found["seed"]) != seed:
        raise OtherFilesError(
            f"The files below {LANDING}",
            expected=f"those of the seed {seed}",
            found=key,
            remedy="Use the seed that they were made with, or begin again without files and tables "
            "(docs/files-from-bucket.md).",
        )
    return Range(int(found["first"]), int(found["last"]))


def plan_files(rows: int, seed: int, late_files: int, keys: Iterable[str]) -> Plan:
    """The files that the bucket lacks, where it has those keys. Raises OtherFilesError."""
    landed = sorted(found for key in keys if (found := range_of(key, seed)))
    highest = max((found.last for found in landed), default=0)
    if highest > rows:
        raise OtherFilesError(
            f"The files below {LANDING}",
            expected=f"at most {rows} products",
            found=f"one with the id {highest}",
            remedy="Ask for as many or more, or begin again without files and tables "
            "(docs/files-from-bucket.md).",
        )
    step = -(-rows // _FILES)
    ranges = [part for gap in _gaps(landed, rows) for part in _cut(gap, step)]
    files = [
        file
        for place, part in enumerate(ranges)
        for file in _files(part, (part.first - 1) // step, seed, late=place < late_files)
    ]
    return Plan(rows=rows, seed=seed, files=files)


def _gaps(landed: Iterable[Range], rows: int) -> Iterator[Range]:
    """What lies between the files that are there."""
    fences = [Range(0, 0), *landed, Range(rows + 1, rows + 1)]
    for left, right in pairwise(fences):
        if left.last + 1 < right.first:
            yield Range(left.last + 1, right.first - 1)


def _cut(gap: Range, step: int) -> Iterator[Range]:
    first = gap.first
    while first <= gap.last:
        last = min(gap.last, -(-first // step) * step)
        yield Range(first, last)
        first = last + 1


def _files(part: Range, place: int, seed: int, *, late: bool) -> list[PlannedFile]:
    """The file of some products, and what comes before it and after it."""
    ending = FORMATS[place % len(FORMATS)]
    name = f"{LANDING}seed-{seed}/products-{part.first:010}-{part.last:010}"
    odd = place % _FILES
    whole = PlannedFile(
        key=f"{name}.{ending}",
        first=part.first,
        last=part.last,
        extra_column=odd == _WITH_A_COLUMN_MORE,
        cut_off=False,
        late=late,
    )
    if odd == _SENT_TWICE:
        return [whole, {**whole, "key": f"{name}-again.{ending}"}]
    if odd == _CUT_OFF_AT_FIRST:
        return [{**whole, "key": f"{name}-cut-off.{ending}", "cut_off": True}, whole]
    return [whole]
