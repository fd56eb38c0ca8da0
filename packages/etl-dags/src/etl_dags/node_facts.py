"""What one node says of its own rows. No rows travel, so the cost here does not grow with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel, Field

from etl_dags.cluster import Shard, fetch
from etl_dags.demo_tables import COLUMNS, LOCAL, SHARDING_KEY
from etl_dags.product_rules import CATEGORIES, MAXIMUM_PRICE, MINIMUM_PRICE

# Conditions under which a row is wrong, by the column that is to blame.
VALUE_FAULTS = {
    "category": "NOT has({categories:Array(String)}, category)",
    "price": "price < {minimum_price:Decimal(10, 2)} OR price > {maximum_price:Decimal(10, 2)}",
    "created_at": "toUnixTimestamp(created_at) <= {after:Int64} "
    "OR toUnixTimestamp(created_at) > {until:Int64}",
}

# A Distributed table gives each shard an interval of the remainders that is as long as its weight:
# https://clickhouse.com/docs/engines/table-engines/special/distributed
MISPLACED = (
    f"NOT ({SHARDING_KEY} % {{weights:UInt64}} >= {{slot_start:UInt64}} "
    f"AND {SHARDING_KEY} % {{weights:UInt64}} < {{slot_end:UInt64}})"
)

# The same for the same rows in any order. Older servers hash no decimals, so those go as text.
CONTENT_HASH = "sum(sipHash64({}))".format(
    ", ".join(
        f"toString({name})" if type_.startswith("Decimal") else name
        for name, type_ in COLUMNS.items()
    )
)


class Content(BaseModel):
    """Figures over all rows of a node."""

    rows: int
    content_hash: int
    """Sum of the rows' hashes over all columns."""
    distinct_ids: int
    wanted_ids: int
    """Distinct ids within the run's."""
    misplaced: int
    wrong_category: int
    wrong_price: int
    wrong_created_at: int

    def wrong(self, column: str) -> int:
        """How many rows have a value in a column that no product may have."""
        count: int = getattr(self, f"wrong_{column}")
        return count


class Partition(BaseModel):
    """Rows of a month: as the rows' dates say, and as the node's active parts say."""

    partition: str
    by_date: int
    by_parts: int


@dataclass(frozen=True)
class NodeFacts:
    """What a node says of its rows."""

    content: Content
    partitions: list[Partition]


class CategoryStatistics(BaseModel):
    """Figures over the rows of one category."""

    category: str
    rows: int = Field(gt=0)
    price_sum: Decimal
    minimum_price: Decimal
    maximum_price: Decimal


def rule_parameters(rows: int, period: tuple[int, int]) -> dict[str, Any]:
    """Query parameters of the rules that hold on every node.

    `period` is the one of the creation dates, without its start and with its end, in seconds.
    """
    return {
        "rows": rows,
        "categories": list(CATEGORIES),
        "minimum_price": str(MINIMUM_PRICE),
        "maximum_price": str(MAXIMUM_PRICE),
        "after": period[0],
        "until": period[1],
    }


def slot_parameters(shards: list[Shard], shard_number: int) -> dict[str, int]:
    """Query parameters with the interval of remainders that belongs to a shard."""
    start = sum(shard.shard_weight for shard in shards if shard.shard_num < shard_number)
    weight = sum(shard.shard_weight for shard in shards if shard.shard_num == shard_number)
    return {
        "weights": sum(shard.shard_weight for shard in shards),
        "slot_start": start,
        "slot_end": start + weight,
    }


def ask_node(client: Client, database: str, parameters: Mapping[str, Any]) -> NodeFacts:
    """What a node says of its rows, by the rules and the slot in the parameters."""
    faults = ", ".join(
        f"countIf({condition}) AS wrong_{column}" for column, condition in VALUE_FAULTS.items()
    )
    [content] = fetch(
        client,
        Content,
        f"SELECT count() AS rows, {CONTENT_HASH} AS content_hash, "
        "uniqExact(id) AS distinct_ids, "
        "uniqExactIf(id, id BETWEEN 1 AND {rows:UInt32}) AS wanted_ids, "
        f"countIf({MISPLACED}) AS misplaced, {faults} FROM {database}.{LOCAL}",
        parameters,
    )
    partitions = fetch(
        client,
        Partition,
        "SELECT partition, sum(dated) AS by_date, sum(kept) AS by_parts FROM ("
        "SELECT toString(toYYYYMM(created_at)) AS partition, count() AS dated, 0 AS kept "
        f"FROM {database}.{LOCAL} GROUP BY partition "
        "UNION ALL SELECT partition, 0 AS dated, sum(rows) AS kept FROM system.parts "
        "WHERE active AND database = {database:String} AND table = {table:String} "
        "GROUP BY partition) GROUP BY partition ORDER BY partition",
        {"database": database, "table": LOCAL},
    )
    return NodeFacts(content, partitions)


def first_ids(client: Client, database: str, condition: str, parameters: Mapping[str, Any]) -> str:
    """The smallest ids of rows under a condition, at most five, for an error's text."""
    sql = f"SELECT DISTINCT id FROM {database}.{LOCAL} WHERE {condition} ORDER BY id LIMIT 5"
    return _listed(client, sql, parameters)


def first_missing_ids(client: Client, table: str, rows: int) -> str:
    """The smallest of the ids 1 … `rows` that a table lacks, at most five, for an error's text."""
    sql = (
        "SELECT toUInt32(number) AS id FROM numbers(1, {rows:UInt64}) "
        f"WHERE id NOT IN (SELECT id FROM {table}) ORDER BY id LIMIT 5"
    )
    return _listed(client, sql, {"rows": rows})


def _listed(client: Client, sql: str, parameters: Mapping[str, Any]) -> str:
    rows = client.query(sql, parameters=dict(parameters)).result_rows
    return ", ".join(str(row[0]) for row in rows)
