"""A change as the pipeline knows it."""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

COLUMNS: Final = {
    "id": "UInt32",
    "version": "UInt32",
    "name": "String",
    "category": "String",
    "price": "Decimal(10, 2)",
    "updated_at": "DateTime",
}

# The same text of a row in SQL and in Python, and its CRC-32.
CHECKSUM: Final = (
    "CRC32(concat(toString(id), ' ', toString(version), ' ', name, ' ', category, ' ', "
    "toString(toInt64(price * 100)), ' ', toString(toUnixTimestamp(updated_at))))"
)


class Change(BaseModel):
    """A version of a product, as the API gives it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int = Field(ge=1, lt=2**32)
    version: int = Field(ge=1, lt=2**32)
    name: str
    category: str
    price: Decimal = Field(max_digits=10, decimal_places=2)
    updated_at: AwareDatetime

    @property
    def cents(self) -> int:
        """The price in its last digits."""
        return int(self.price * 100)

    @property
    def updated_second(self) -> int:
        """The time of the change in seconds since 1970."""
        return int(self.updated_at.timestamp())

    @property
    def checksum(self) -> int:
        """The CRC-32 of all fields, as `CHECKSUM` has it."""
        said = (self.id, self.version, self.name, self.category, self.cents, self.updated_second)
        return zlib.crc32(" ".join(str(part) for part in said).encode())

    def row(self) -> tuple[int, int, str, str, Decimal, datetime]:
        """The values in the order of the table's columns."""
        at = self.updated_at.astimezone(UTC)
        return (self.id, self.version, self.name, self.category, self.price, at)


class StoredVersion(BaseModel):
    """A product as a table has it, with the checksum of `CHECKSUM`."""

    id: int
    version: int
    checksum: int


def newest_versions(changes: Iterable[Change]) -> dict[int, Change]:
    """The change with the highest version of each product."""
    newest: dict[int, Change] = {}
    for change in changes:
        known = newest.get(change.id)
        if known is None or known.version <= change.version:
            newest[change.id] = change
    return newest
