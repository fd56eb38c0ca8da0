from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from etl_dags.product_rules import period_of
from etl_dags.products import Products, generate_batches, generate_products

AS_OF = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)

Row = tuple[object, ...]


def rows_of(products: Products) -> list[Row]:
    return list(zip(*products.columns(), strict=True))


@pytest.fixture(scope="module")
def many() -> Products:
    return generate_products(16, AS_OF, first_id=1, count=20_000)


def test_the_content_of_a_seed_and_date_stays_as_it_was_published() -> None:
    assert rows_of(generate_products(16, AS_OF, first_id=1, count=2)) == [
        (1, "Books 1", "Books", Decimal("727.69"), 1794867476),
        (2, "Home 2", "Home", Decimal("537.48"), 1789716645),
    ]


def test_ids_follow_each_other() -> None:
    assert generate_products(16, AS_OF, first_id=7, count=3).id == [7, 8, 9]


@pytest.mark.parametrize("batch_rows", [1, 7, 99, 100, 101])
def test_the_size_of_batches_changes_no_row(batch_rows: int) -> None:
    whole = rows_of(generate_products(16, AS_OF, first_id=1, count=100))
    batches = [rows_of(batch) for batch in generate_batches(16, AS_OF, 100, batch_rows)]

    assert [row for batch in batches for row in batch] == whole
    assert max(len(batch) for batch in batches) <= batch_rows


def test_more_rows_change_none_of_the_first() -> None:
    few = rows_of(generate_products(16, AS_OF, first_id=1, count=10))

    assert rows_of(generate_products(16, AS_OF, first_id=1, count=1_000))[:10] == few


def test_another_seed_gives_other_rows() -> None:
    one = generate_products(16, AS_OF, first_id=1, count=100)
    other = generate_products(17, AS_OF, first_id=1, count=100)

    assert sum(a == b for a, b in zip(rows_of(one), rows_of(other), strict=True)) == 0


def test_another_date_moves_the_creation_dates_alone() -> None:
    one = generate_products(16, AS_OF, first_id=1, count=100)
    other = generate_products(16, AS_OF + timedelta(days=1), first_id=1, count=100)

    assert other.price == one.price
    assert [
        later - earlier for later, earlier in zip(other.created_at, one.created_at, strict=True)
    ] == [86_400] * 100


def test_names_tell_category_and_id(many: Products) -> None:
    assert many.name[41] == f"{many.category[41]} 42"


def test_categories_are_about_equally_frequent(many: Products) -> None:
    frequencies = Counter(many.category)

    assert set(frequencies) == {"Electronics", "Books", "Clothing", "Home", "Sports"}
    chi_square = sum((count - 4_000) ** 2 / 4_000 for count in frequencies.values())
    assert chi_square < 18.5  # the quantile 0.999 of four degrees of freedom


def test_prices_fill_their_range_in_cents(many: Products) -> None:
    assert min(many.price) >= Decimal("10.00")
    assert max(many.price) <= Decimal("1000.00")
    assert all(price.as_tuple().exponent == -2 for price in many.price)
    assert min(many.price) < Decimal("11")
    assert max(many.price) > Decimal("999")
    assert abs(sum(many.price, Decimal(0)) / len(many.price) - 505) < 10


def test_creation_dates_fill_the_365_days_before_the_date_and_none_is_later(many: Products) -> None:
    start = (MIDNIGHT - timedelta(days=365)).timestamp()

    assert start < min(many.created_at)
    assert max(many.created_at) <= MIDNIGHT.timestamp()
    per_day = Counter(int((moment - start - 1) // 86_400) for moment in many.created_at)
    assert set(per_day) == set(range(365))


def test_category_price_and_date_do_not_depend_on_each_other(many: Products) -> None:
    cheap = [
        category
        for category, price in zip(many.category, many.price, strict=True)
        if price < Decimal("505")
    ]
    late = [
        price
        for price, moment in zip(many.price, many.created_at, strict=True)
        if moment > MIDNIGHT.timestamp() - 182 * 86_400
    ]

    assert all(abs(count / len(cheap) - 0.2) < 0.02 for count in Counter(cheap).values())
    assert abs(sum(late, Decimal(0)) / len(late) - 505) < 15


def test_the_period_is_exactly_365_days_and_ends_at_midnight_utc() -> None:
    start, end = period_of(AS_OF)

    assert end == MIDNIGHT.timestamp()
    assert end - start == 365 * 86_400
