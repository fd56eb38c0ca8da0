"""What the products come to by the API's word, for whoever compares it with the database's."""

import zlib
from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from etl_dags.generated import MODULUS, Generated, GeneratedGroup, GeneratedMonth
from etl_dags.product_feed.change import Change

_VALUES: Final[dict[str, Callable[[Change], int]]] = {
    "version": lambda change: change.version,
    "name": lambda change: zlib.crc32(change.name.encode()),
    "category": lambda change: zlib.crc32(change.category.encode()),
    "price": lambda change: change.cents,
    "updated_at": lambda change: change.updated_second,
}


def generated_by(changes: Collection[Change]) -> Generated:
    """The figures of products, in the format of docs/contract.md."""
    rows = Counter(change.category for change in changes)
    cents: Counter[str] = Counter()
    for change in changes:
        cents[change.category] += change.cents
    months = Counter(f"{change.updated_at:%Y%m}" for change in changes)
    return Generated(
        rows=len(changes),
        groups=[
            GeneratedGroup(
                group=category,
                rows=rows[category],
                sum=f"{cents[category] // 100}.{cents[category] % 100:02}",
            )
            for category in sorted(rows)
        ],
        months=[GeneratedMonth(month=month, rows=count) for month, count in sorted(months.items())],
        checksums={
            column: str(sum(change.id * value(change) for change in changes) % MODULUS)
            for column, value in _VALUES.items()
        },
    )
