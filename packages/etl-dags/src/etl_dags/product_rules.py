"""What a demo product may hold; generation keeps to it and validation requires it."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

CATEGORIES: Final = ("Electronics", "Books", "Clothing", "Home", "Sports")
MINIMUM_PRICE: Final = Decimal("10.00")
MAXIMUM_PRICE: Final = Decimal("1000.00")
DAYS: Final = 365
"""Length of the period that the creation dates are spread over."""

_SECONDS_PER_DAY = 86_400


def period_of(as_of: date) -> tuple[int, int]:
    """The period of creation dates in seconds since 1970, without its start, with its end.

    It is the 365 days that end at midnight UTC at the start of the day `as_of`.
    """
    end = int(datetime.combine(as_of, time(), UTC).timestamp())
    return end - DAYS * _SECONDS_PER_DAY, end
