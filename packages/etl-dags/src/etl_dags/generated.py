"""What the rows of a run are, counted while they are made and not in any database."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypedDict

import numpy as np
import numpy.typing as npt

from etl_dags.product_rules import CATEGORIES

Integers = npt.NDArray[np.uint64]

MODULUS: Final = 2**64
_MONTHS_PER_YEAR = 12
_FIRST_YEAR = 1970


class GeneratedGroup(TypedDict):
    """Rows of a category and the sum of their prices, a decimal as text."""

    group: str
    rows: int
    sum: str


class GeneratedMonth(TypedDict):
    """Rows that were created in a month of UTC, such as 202511."""

    month: str
    rows: int


class Generated(TypedDict):
    """What was generated, for whoever compares it with what a database has."""

    rows: int
    groups: list[GeneratedGroup]
    months: list[GeneratedMonth]
    checksums: dict[str, str]
    """By column, modulo 2^64: the sum over all rows of the id times the value, as text.

    The value is the CRC-32 of a text, a price in cents, and seconds since 1970.
    """


@dataclass(frozen=True)
class Figures:
    """The figures of some rows; those of several batches add up."""

    rows: int
    by_category: Counter[int]
    cents_by_category: Counter[int]
    by_month: Counter[int]
    checksums: Counter[str]

    def __add__(self, other: "Figures") -> "Figures":
        """The figures of the rows of both."""
        return Figures(
            self.rows + other.rows,
            self.by_category + other.by_category,
            self.cents_by_category + other.cents_by_category,
            self.by_month + other.by_month,
            self.checksums + other.checksums,
        )

    def generated(self) -> Generated:
        """The figures as a task returns them."""
        return Generated(
            rows=self.rows,
            groups=[
                GeneratedGroup(
                    group=CATEGORIES[index],
                    rows=rows,
                    sum=str(Decimal(self.cents_by_category[index]).scaleb(-2)),
                )
                for index, rows in sorted(self.by_category.items())
            ],
            months=[
                GeneratedMonth(month=_month(months), rows=rows)
                for months, rows in sorted(self.by_month.items())
            ],
            checksums={column: str(total % MODULUS) for column, total in self.checksums.items()},
        )


NOTHING: Final = Figures(0, Counter(), Counter(), Counter(), Counter())


def figures_of(
    ids: Integers,
    names: Sequence[str],
    categories: Integers,
    cents: Integers,
    created_at: Integers,
) -> Figures:
    """The figures of rows, given column by column; a category is its place in the list."""
    months = created_at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    category_checksums = np.array([zlib.crc32(name.encode()) for name in CATEGORIES], np.uint64)
    name_checksums = np.fromiter((zlib.crc32(name.encode()) for name in names), np.uint64, len(ids))
    # A batch has at most some millions of rows: the floats that weights make are exact.
    sums = np.bincount(categories.astype(np.int64), cents.astype(np.float64))
    return Figures(
        rows=len(ids),
        by_category=_counted(categories.astype(np.int64)),
        cents_by_category=Counter({index: int(total) for index, total in enumerate(sums) if total}),
        by_month=_counted(months),
        checksums=Counter(
            {
                "name": _checksum(ids, name_checksums),
                "category": _checksum(ids, category_checksums[categories]),
                "price": _checksum(ids, cents),
                "created_at": _checksum(ids, created_at),
            }
        ),
    )


def _counted(values: npt.NDArray[np.int64]) -> Counter[int]:
    found, counts = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def _checksum(ids: Integers, values: Integers) -> int:
    # Array arithmetic wraps around at 2^64, as the checksum wants.
    return int((ids * values).sum(dtype=np.uint64))


def _month(months: int) -> str:
    years, month = divmod(months, _MONTHS_PER_YEAR)
    return f"{_FIRST_YEAR + years}{month + 1:02}"
