"""What a demo product may hold; generation keeps to it and validation demands it."""

from decimal import Decimal
from typing import Final

CATEGORIES: Final = ("Electronics", "Books", "Clothing", "Home", "Sports")
MINIMUM_PRICE: Final = Decimal("10.00")
MAXIMUM_PRICE: Final = Decimal("1000.00")
DAYS: Final = 365
"""Length of the period that the creation dates are spread over."""
