"""The products and their changes: a function of seed and hour, so that nothing is stored.

In each hour the same number of products is made, with ids in order. Some are corrected in one of
the hours after: they get a higher version. The changes of an hour are published when it is over;
some corrections only one or two hours later, when whoever reads hour by hour has been there.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

HOUR: Final = 3600
CATEGORIES: Final = ("Electronics", "Books", "Clothing", "Home", "Sports")
MINIMUM_CENTS: Final = 100
MAXIMUM_CENTS: Final = 50_000
CORRECTED_WITHIN_HOURS: Final = 6
LATE_BY_HOURS: Final = 2
# One product in so many is corrected, one of these again, and one correction in so many is late.
_CORRECTED: Final = 8
_AGAIN: Final = 4
_LATE: Final = 4
_HOURS_KEPT: Final = 10_000


class Place(NamedTuple):
    """Where a change is in the order of all: they come by time, then by id and version."""

    updated_at: int
    id: int
    version: int


@dataclass(frozen=True)
class Change:
    """A version of a product; times are seconds since 1970."""

    id: int
    version: int
    name: str
    category: str
    cents: int
    updated_at: int
    published_at: int

    @property
    def place(self) -> Place:
        """Its place in the order of all changes."""
        return Place(self.updated_at, self.id, self.version)


class Catalog:
    """All changes since a first hour, in seconds since 1970, which is a whole one."""

    def __init__(self, seed: int, begin: int, products_per_hour: int) -> None:
        """Takes what the changes are a function of."""
        if begin % HOUR or products_per_hour < 1:
            raise ValueError("expected a begin on the hour, and one product an hour or more")
        self.begin = begin
        self._seed = seed
        self._per_hour = products_per_hour
        self._changes_of_hour = lru_cache(maxsize=_HOURS_KEPT)(self._make_hour)

    def changes(self, start: int, end: int, as_of: int) -> Iterator[Change]:
        """The changes with start <= updated_at < end, published by `as_of`, in their order."""
        first = (max(start, self.begin) - self.begin) // HOUR
        for hour in range(first, -((self.begin - min(end, as_of)) // HOUR)):
            for change in self._changes_of_hour(hour):
                if start <= change.updated_at < end and change.published_at <= as_of:
                    yield change

    def _make_hour(self, hour: int) -> tuple[Change, ...]:
        found = [self._version(id_, 1, hour) for id_ in self._made_in(hour)]
        for made in range(max(0, hour - CORRECTED_WITHIN_HOURS), hour):
            for id_ in self._made_in(made):
                hours = self._hours_of_corrections(id_, made)
                found += [
                    self._version(id_, version, hour)
                    for version, corrected in enumerate(hours, 2)
                    if corrected == hour
                ]
        return tuple(sorted(found, key=lambda change: change.place))

    def _made_in(self, hour: int) -> range:
        return range(hour * self._per_hour + 1, (hour + 1) * self._per_hour + 1)

    def _hours_of_corrections(self, id_: int, made: int) -> tuple[int, ...]:
        if self._draw("corrected", id_) % _CORRECTED:
            return ()
        second = made + 1 + self._draw("second", id_) % (CORRECTED_WITHIN_HOURS // 2)
        if self._draw("again", id_) % _AGAIN:
            return (second,)
        return (second, second + 1 + self._draw("third", id_) % (CORRECTED_WITHIN_HOURS // 2))

    def _version(self, id_: int, version: int, hour: int) -> Change:
        begin = self.begin + hour * HOUR
        late = version > 1 and self._draw("late", id_, version) % _LATE == 0
        hours_late = 1 + self._draw("hours late", id_, version) % LATE_BY_HOURS if late else 0
        cents = self._draw("price", id_, version) % (MAXIMUM_CENTS - MINIMUM_CENTS + 1)
        return Change(
            id=id_,
            version=version,
            name=f"Product {id_}",
            category=CATEGORIES[self._draw("category", id_) % len(CATEGORIES)],
            cents=MINIMUM_CENTS + cents,
            updated_at=begin + self._draw("second of hour", id_, version) % HOUR,
            published_at=begin + (1 + hours_late) * HOUR,
        )

    def _draw(self, what: str, *numbers: int) -> int:
        text = f"{self._seed} {what} {numbers}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
