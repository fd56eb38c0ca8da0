"""The last task: fails unless the tables hold exactly what the topic has."""

import logging
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypedDict

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from etl_dags.cluster import Cluster, fetch
from etl_dags.event_stream.kafka import open_admin
from etl_dags.event_stream.produce import Produced
from etl_dags.event_stream.stream_tables import COLUMNS, DEAD_LETTERS, EVENTS, GROUP, QUEUE
from etl_dags.event_stream.topic import Offsets, committed_offsets, lag_of, offsets
from etl_dags.merge import merge_tables
from etl_dags.statistics import NodeFigures, PartitionFigures, average
from etl_dags.validation_errors import DataError

log = logging.getLogger(__name__)

REMEDY: Final = "See the nodes' logs and system.kafka_consumers; docs/kafka.md says how to go on."


class StreamError(DataError):
    """The tables do not hold what the topic has."""


class ConsumerError(DataError):
    """A node could not read the topic."""


class _Place(BaseModel):
    kafka_partition: int
    rows: int
    distinct: int
    first: int
    last: int


class _Kind(BaseModel):
    kind: str
    rows: int
    amount_sum: Decimal
    minimum: Decimal
    maximum: Decimal


class _Totals(BaseModel):
    rows: int
    distinct: int
    last: int


class _Node(BaseModel):
    rows: int
    content: str


class _Exception(BaseModel):
    text: str
    lasting: bool


class _Month(BaseModel):
    partition: str
    rows: int


class StreamStatistics(TypedDict):
    """The return value of the validation."""

    rows: int
    seed: int
    total: int
    dead_letters: int
    lag: int
    consumer_exceptions: int
    categories: list[dict[str, Any]]
    partitions: list[PartitionFigures]
    nodes: list[NodeFigures]


def unread_messages() -> int:
    """How many messages of the topic no node has read and stored yet."""
    admin = open_admin()
    return lag_of(offsets(admin), committed_offsets(admin, GROUP))


def validate_events(cluster: Cluster, produced: Produced, since: datetime) -> StreamStatistics:
    """The statistics of the stream, once every message is one row and every event is there.

    What was read twice is merged first, so that whoever counts rows counts events. Raises
    StreamError and ConsumerError with expected and found; NodeError.
    """
    ends = offsets(open_admin())
    lag = unread_messages()
    if lag:
        raise StreamError(f"Group {GROUP}", expected="a lag of 0", found=str(lag), remedy=REMEDY)
    exceptions = _require_consumers(cluster, since)
    merge_tables(cluster, [f"{name}_local" for name in COLUMNS])
    dead_letters = _require_each_message_once(cluster, ends)
    _require_events(cluster, produced["rows"])
    nodes = _require_same_replicas(cluster)
    kinds = cluster.on_entry(lambda client: _ask_kinds(client, cluster.settings.database))
    return StreamStatistics(
        rows=produced["rows"],
        seed=produced["seed"],
        total=sum(found.rows for found in kinds),
        dead_letters=dead_letters,
        lag=lag,
        consumer_exceptions=exceptions,
        categories=[_figures(found) for found in kinds],
        partitions=_ask_months(cluster),
        nodes=nodes,
    )


def _require_consumers(cluster: Cluster, since: datetime) -> int:
    """How many exceptions of this run the consumers have got over: each has polled after them."""
    sql = (
        "SELECT text, at > last_poll_time AS lasting FROM system.kafka_consumers "
        "ARRAY JOIN exceptions.time AS at, exceptions.text AS text "
        "WHERE database = {database:String} AND table = {table:String} "
        "AND at >= {since:DateTime} ORDER BY lasting DESC, at DESC"
    )
    parameters = {"database": cluster.settings.database, "table": QUEUE, "since": since}
    exceptions = 0
    for node, found in cluster.on_each_node(
        lambda _, client: fetch(client, _Exception, sql, parameters)
    ).items():
        exceptions += len(found)
        for exception in found:
            words = exception.text.split(", Stack trace", 1)[0]
            if exception.lasting:
                raise ConsumerError(
                    f"{QUEUE} on {node.name}",
                    expected="a consumer that polls",
                    found=words,
                    remedy=REMEDY,
                )
            log.warning("%s on %s got over: %s", QUEUE, node.name, words)
    return exceptions


def _require_each_message_once(cluster: Cluster, ends: dict[int, Offsets]) -> int:
    """How many messages were no events. Each message is one row of either table."""
    database = cluster.settings.database
    union = " UNION ALL ".join(
        f"SELECT kafka_partition, kafka_offset FROM {database}.{name}" for name in COLUMNS
    )
    sql = (
        "SELECT kafka_partition, count() AS rows, uniqExact(kafka_offset) AS distinct, "
        f"min(kafka_offset) AS first, max(kafka_offset) AS last FROM ({union}) "
        "GROUP BY kafka_partition ORDER BY kafka_partition"
    )
    found = {
        place.kafka_partition: place
        for place in cluster.on_entry(lambda client: fetch(client, _Place, sql))
    }
    for partition, (begin, end) in ends.items():
        if begin == end and partition not in found:
            continue
        wanted = _Place(
            kafka_partition=partition,
            rows=end - begin,
            distinct=end - begin,
            first=begin,
            last=end - 1,
        )
        if found.get(partition) != wanted:
            raise StreamError(
                f"Partition {partition}",
                expected=f"each offset from {begin} to {end - 1} once",
                found=str(found.get(partition, "no row")),
                remedy=REMEDY,
            )
    sql = f"SELECT count() AS rows, 0 AS distinct, 0 AS last FROM {database}.{DEAD_LETTERS}"
    [dead] = cluster.on_entry(lambda client: fetch(client, _Totals, sql))
    return dead.rows


def _require_events(cluster: Cluster, rows: int) -> None:
    sql = (
        "SELECT count() AS rows, uniqExact(id) AS distinct, max(id) AS last "
        f"FROM {cluster.settings.database}.{EVENTS}"
    )
    [totals] = cluster.on_entry(lambda client: fetch(client, _Totals, sql))
    if totals != _Totals(rows=rows, distinct=rows, last=rows):
        raise StreamError(
            EVENTS, expected=f"each event from 1 to {rows} once", found=str(totals), remedy=REMEDY
        )


def _require_same_replicas(cluster: Cluster) -> list[NodeFigures]:
    sql = (
        "SELECT count() AS rows, "
        "toString(sum(cityHash64(id, kind, amount, created_at, kafka_partition, kafka_offset))) "
        f"AS content FROM {cluster.settings.database}.{EVENTS}_local"
    )
    found = {
        node: rows[0]
        for node, rows in cluster.on_each_node(lambda _, client: fetch(client, _Node, sql)).items()
    }
    for shard in {node.shard for node in found}:
        replicas = {node.name: facts for node, facts in found.items() if node.shard == shard}
        if len({facts.content for facts in replicas.values()}) > 1:
            raise StreamError(
                f"Shard {shard}",
                expected="the same events on every replica",
                found="; ".join(f"{name}: {facts}" for name, facts in replicas.items()),
                remedy=REMEDY,
            )
    return [
        NodeFigures(node=node.name, shard=node.shard, replica=node.replica, rows=facts.rows)
        for node, facts in found.items()
    ]


def _ask_kinds(client: Client, database: str) -> list[_Kind]:
    return fetch(
        client,
        _Kind,
        "SELECT kind, count() AS rows, sum(amount) AS amount_sum, min(amount) AS minimum, "
        f"max(amount) AS maximum FROM {database}.{EVENTS} GROUP BY kind ORDER BY kind",
    )


def _figures(found: _Kind) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "rows": found.rows,
        "average_price": average(found.amount_sum, found.rows),
        "minimum_price": str(found.minimum),
        "maximum_price": str(found.maximum),
    }


def _ask_months(cluster: Cluster) -> list[PartitionFigures]:
    sql = (
        "SELECT toString(toYYYYMM(created_at)) AS partition, count() AS rows "
        f"FROM {cluster.settings.database}.{EVENTS} GROUP BY partition ORDER BY partition"
    )
    months = cluster.on_entry(lambda client: fetch(client, _Month, sql))
    return [PartitionFigures(partition=month.partition, rows=month.rows) for month in months]
