"""The demo products: what a row may hold, and the rows of a run, column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from etl_dags.generated import Figures, figures_of
from etl_dags.product_rules import CATEGORIES, MAXIMUM_PRICE, MINIMUM_PRICE, period_of
from etl_dags.split_mix import split_mix

NUMBERS_PER_ROW = 3


def _cents(price: Decimal) -> int:
    return int(price.scaleb(2))


@dataclass(frozen=True)
class Products:
    """Some products as columns of equal length, in the order of the table's columns."""

    id: Sequence[int]
    name: Sequence[str]
    category: Sequence[str]
    price: Sequence[Decimal]
    created_at: Sequence[int]
    """Seconds since 1970 in UTC."""
    figures: Figures
    """What the products come to."""

    def __len__(self) -> int:
        """How many products there are."""
        return len(self.id)

    def columns(self) -> list[Sequence[object]]:
        """All columns, as a columnar insert takes them."""
        return [self.id, self.name, self.category, self.price, self.created_at]


def generate_products(seed: int, as_of: date, first_id: int, count: int) -> Products:
    """The products with ids from `first_id` on.

    A row depends on the seed, the date and its id alone: neither on how many rows there are nor on
    how they are cut into batches.
    """
    ids = np.arange(first_id, first_id + count, dtype=np.uint64)
    numbers = [
        split_mix(seed, ids * np.uint64(NUMBERS_PER_ROW) + np.uint64(column))
        for column in range(NUMBERS_PER_ROW)
    ]
    start, end = period_of(as_of)
    lowest, highest = _cents(MINIMUM_PRICE), _cents(MAXIMUM_PRICE)
    categories = numbers[0] % np.uint64(len(CATEGORIES))
    cents = np.uint64(lowest) + numbers[1] % np.uint64(highest - lowest + 1)
    created_at = np.uint64(end) - numbers[2] % np.uint64(end - start)
    category_names = [CATEGORIES[index] for index in categories.tolist()]
    plain_ids: list[int] = ids.tolist()
    names = [f"{category} {id_}" for category, id_ in zip(category_names, plain_ids, strict=True)]
    return Products(
        id=plain_ids,
        name=names,
        category=category_names,
        price=[Decimal(cent).scaleb(-2) for cent in cents.tolist()],
        created_at=created_at.tolist(),
        figures=figures_of(ids, names, categories, cents, created_at),
    )


def generate_batches(seed: int, as_of: date, rows: int, batch_rows: int) -> Iterator[Products]:
    """The products 1 … `rows` in batches of at most `batch_rows`, one in memory at a time."""
    for first_id in range(1, rows + 1, batch_rows):
        yield generate_products(seed, as_of, first_id, min(batch_rows, rows + 1 - first_id))
