"""The last task: fails unless every node holds exactly what the API says."""

import logging
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypedDict

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from etl_dags.cluster import Cluster, fetch
from etl_dags.errors import PipelineError
from etl_dags.generated import MODULUS, Generated
from etl_dags.merge import merge_tables
from etl_dags.product_feed.change import CHECKSUM, Change, StoredVersion, newest_versions
from etl_dags.product_feed.feed import Feed
from etl_dags.product_feed.feed_tables import PRODUCTS, TABLES
from etl_dags.product_feed.figures import generated_by
from etl_dags.product_feed.ledger import read_ledger
from etl_dags.product_feed.load import Loaded
from etl_dags.product_feed.window import read_so_far
from etl_dags.statistics import CategoryFigures, NodeFigures, PartitionFigures, average

log = logging.getLogger(__name__)

REMEDY: Final = (
    "If no other run loads meanwhile, backfill the hours in which these were changed; "
    "docs/products-from-api.md says how."
)
_SHOWN: Final = 5


class DifferentFromApiError(PipelineError):
    """The tables do not hold what the API says; a run that loads meanwhile is a cause that goes."""


class _Content(BaseModel):
    rows: int
    content: int


class FeedStatistics(TypedDict):
    """The return value of the validation."""

    rows: int
    until: str
    windows: int
    """Rows of the ledger."""
    changes: int
    inserted: int
    retries: int
    total: int
    categories: list[CategoryFigures]
    nodes: list[NodeFigures]
    partitions: list[PartitionFigures]
    generated: Generated


def validate_products(cluster: Cluster, feed: Feed, loaded: Loaded) -> FeedStatistics:
    """The statistics, once every replica has the newest version of each product, and no other row.

    The API is asked again for all that the ledger says was read. Versions that a newer one replaces
    are merged away first, so that whoever counts rows counts products. Raises DifferentFromApiError
    with expected and found, the errors of `Feed.pages`, NodeError.
    """
    merge_tables(cluster, [f"{name}_local" for name in TABLES])
    ledger = read_ledger(cluster)
    changes = (
        change for window in read_so_far(ledger) for page in feed.pages(window) for change in page
    )
    expected = newest_versions(changes)
    nodes = _require_on_each_node(cluster, expected)
    log.info("%d products of %d windows are on every replica.", len(expected), len(ledger))
    return FeedStatistics(
        rows=len(expected),
        until=loaded["until"],
        windows=len(ledger),
        changes=loaded["changes"],
        inserted=loaded["inserted"],
        retries=loaded["retries"] + feed.retries,
        total=len(expected),
        categories=_categories(expected),
        nodes=nodes,
        # The table has none: see feed_tables.
        partitions=[],
        generated=generated_by(expected.values()),
    )


def _require_on_each_node(cluster: Cluster, expected: Mapping[int, Change]) -> list[NodeFigures]:
    sql = (
        f"SELECT count() AS rows, sum(toUInt64({CHECKSUM})) AS content "
        f"FROM {cluster.settings.database}.{PRODUCTS}_local"
    )
    found = {
        node: rows[0]
        for node, rows in cluster.on_each_node(
            lambda _, client: fetch(client, _Content, sql)
        ).items()
    }
    for shard in sorted({node.shard for node in found}):
        replicas = {node.name: facts for node, facts in found.items() if node.shard == shard}
        if len({facts.content for facts in replicas.values()}) > 1:
            raise DifferentFromApiError(
                f"Shard {shard} of {PRODUCTS}",
                expected="the same products on every replica",
                found="; ".join(f"{name}: {facts}" for name, facts in replicas.items()),
                remedy=REMEDY,
            )
    shards = {node.shard: facts for node, facts in found.items()}.values()
    rows, content = (
        sum(facts.rows for facts in shards),
        sum(facts.content for facts in shards) % MODULUS,
    )
    wanted = sum(change.checksum for change in expected.values()) % MODULUS
    if (rows, content) != (len(expected), wanted):
        raise DifferentFromApiError(
            PRODUCTS,
            expected=f"the {len(expected)} products that the API has",
            found=cluster.on_entry(lambda client: _differences(client, cluster, expected)),
            remedy=REMEDY,
        )
    return [
        NodeFigures(node=node.name, shard=node.shard, replica=node.replica, rows=facts.rows)
        for node, facts in found.items()
    ]


def _differences(client: Client, cluster: Cluster, expected: Mapping[int, Change]) -> str:
    sql = (
        f"SELECT id, version, {CHECKSUM} AS checksum "
        f"FROM {cluster.settings.database}.{PRODUCTS} ORDER BY id"
    )
    rows = fetch(client, StoredVersion, sql)
    known = {row.id: row for row in rows}
    times = Counter(row.id for row in rows)
    both = expected.keys() & known.keys()
    kinds = {
        "missing": [id_ for id_ in expected if id_ not in known],
        "of another version": [id_ for id_ in both if known[id_].version != expected[id_].version],
        "with another content": [
            id_
            for id_ in both
            if known[id_].version == expected[id_].version
            and known[id_].checksum != expected[id_].checksum
        ],
        "unknown to the API": [id_ for id_ in known if id_ not in expected],
        "more than once": [id_ for id_, count in times.items() if count > 1],
    }
    said = [f"{_listed(ids)} {kind}" for kind, ids in kinds.items() if ids]
    return f"{len(rows)} rows: {'; '.join(said) or 'the same by now'}"


def _listed(ids: list[int]) -> str:
    shown = ", ".join(str(id_) for id_ in sorted(ids)[:_SHOWN])
    return shown if len(ids) <= _SHOWN else f"{shown} and {len(ids) - _SHOWN} more"


def _categories(expected: Mapping[int, Change]) -> list[CategoryFigures]:
    prices: dict[str, list[Decimal]] = {}
    for change in expected.values():
        prices.setdefault(change.category, []).append(change.price)
    return [
        CategoryFigures(
            category=category,
            rows=len(found),
            average_price=average(sum(found, Decimal(0)), len(found)),
            minimum_price=str(min(found)),
            maximum_price=str(max(found)),
        )
        for category, found in sorted(prices.items())
    ]
