"""What the run's rows look like, for whoever reads the last task's return value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TypedDict

from etl_dags.cluster_settings import ClusterSettings, Node
from etl_dags.generated import Generated
from etl_dags.loaded import Loaded
from etl_dags.node_facts import CategoryStatistics, NodeFacts


class CategoryFigures(TypedDict):
    """Rows and prices of a category; prices are decimals as text."""

    category: str
    rows: int
    average_price: str
    minimum_price: str
    maximum_price: str


class NodeFigures(TypedDict):
    """Rows of a node."""

    node: str
    shard: str
    replica: str
    rows: int


class PartitionFigures(TypedDict):
    """Rows of a month such as 202511, over all shards."""

    partition: str
    rows: int


class Statistics(TypedDict):
    """The return value of the validation."""

    rows: int
    seed: int
    as_of: str
    cluster: str
    replication: str
    distributed_ddl: bool
    total: int
    average_price: str
    categories: list[CategoryFigures]
    nodes: list[NodeFigures]
    partitions: list[PartitionFigures]
    generated: Generated


def by_shard(facts: Mapping[Node, NodeFacts]) -> dict[str, dict[Node, NodeFacts]]:
    """The nodes' facts by shard."""
    shards: dict[str, dict[Node, NodeFacts]] = {}
    for node, found in facts.items():
        shards.setdefault(node.shard, {})[node] = found
    return shards


def average(price_sum: Decimal, rows: int) -> str:
    """An average price with four decimals, rounded half up, as text."""
    return str((price_sum / rows).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def summarize(
    settings: ClusterSettings,
    loaded: Loaded,
    facts: Mapping[Node, NodeFacts],
    categories: Sequence[CategoryStatistics],
) -> Statistics:
    """The statistics of rows that have been found right; each row counts once."""
    partitions: Counter[str] = Counter()
    for replicas in by_shard(facts).values():
        for partition in next(iter(replicas.values())).partitions:
            partitions[partition.partition] += partition.by_parts
    total = sum(category.rows for category in categories)
    return Statistics(
        rows=loaded["rows"],
        seed=loaded["seed"],
        as_of=loaded["as_of"],
        cluster=settings.cluster,
        replication=settings.replication,
        distributed_ddl=settings.distributed_ddl,
        total=total,
        average_price=average(sum((found.price_sum for found in categories), Decimal(0)), total),
        categories=[
            CategoryFigures(
                category=found.category,
                rows=found.rows,
                average_price=average(found.price_sum, found.rows),
                minimum_price=str(found.minimum_price),
                maximum_price=str(found.maximum_price),
            )
            for found in categories
        ],
        nodes=[
            NodeFigures(
                node=node.name, shard=node.shard, replica=node.replica, rows=found.content.rows
            )
            for node, found in facts.items()
        ],
        partitions=[
            PartitionFigures(partition=partition, rows=rows)
            for partition, rows in sorted(partitions.items())
        ],
        generated=loaded["generated"],
    )
