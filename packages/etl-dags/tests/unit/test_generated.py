import zlib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from etl_dags.generated import MODULUS, NOTHING, Generated
from etl_dags.products import Products, generate_batches, generate_products

AS_OF = date(2026, 11, 22)


def counted_from(products: Products) -> Generated:
    """The figures as one counts them row by row."""
    rows: Counter[str] = Counter(products.category)
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    months: Counter[str] = Counter()
    checksums: Counter[str] = Counter()
    for id_, name, category, price, created_at in zip(*products.columns(), strict=True):
        assert isinstance(id_, int)
        assert isinstance(price, Decimal)
        assert isinstance(created_at, int)
        sums[str(category)] += price
        months[datetime.fromtimestamp(created_at, UTC).strftime("%Y%m")] += 1
        checksums["name"] += id_ * zlib.crc32(str(name).encode())
        checksums["category"] += id_ * zlib.crc32(str(category).encode())
        checksums["price"] += id_ * int(price * 100)
        checksums["created_at"] += id_ * created_at
    order = ["Electronics", "Books", "Clothing", "Home", "Sports"]
    return Generated(
        rows=len(products),
        groups=[
            {"group": name, "rows": rows[name], "sum": str(sums[name])}
            for name in order
            if name in rows
        ],
        months=[{"month": month, "rows": count} for month, count in sorted(months.items())],
        checksums={column: str(total % MODULUS) for column, total in checksums.items()},
    )


@pytest.mark.parametrize("count", [1, 3, 2_000])
def test_figures_are_those_of_the_rows(count: int) -> None:
    products = generate_products(16, AS_OF, first_id=1, count=count)

    assert products.figures.generated() == counted_from(products)


def test_figures_of_batches_add_up_to_those_of_all_rows() -> None:
    whole = generate_products(16, AS_OF, first_id=1, count=1_000).figures.generated()
    total = NOTHING
    for products in generate_batches(16, AS_OF, 1_000, 77):
        total += products.figures

    assert total.generated() == whole


def test_ids_beyond_32_bits_wrap_around() -> None:
    products = generate_products(16, AS_OF, first_id=2**40, count=50)

    assert products.figures.generated() == counted_from(products)
