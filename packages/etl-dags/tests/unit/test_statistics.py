from decimal import Decimal

from etl_dags.cluster_settings import ClusterSettings, Node
from etl_dags.generated import NOTHING
from etl_dags.loaded import Loaded
from etl_dags.node_facts import CategoryStatistics, Content, NodeFacts, Partition
from etl_dags.statistics import average, summarize

GENERATED = NOTHING.generated()
LOADED = Loaded(rows=3, batches=1, seconds=0.1, as_of="2026-11-22", seed=16, generated=GENERATED)


def node(name: str, shard: str, replica: str) -> Node:
    return Node(name=name, host="127.0.0.1", port=8123, shard=shard, replica=replica)


def facts(rows: int, *partitions: tuple[str, int]) -> NodeFacts:
    return NodeFacts(
        Content(
            rows=rows,
            content_hash=1,
            distinct_ids=rows,
            wanted_ids=rows,
            misplaced=0,
            wrong_category=0,
            wrong_price=0,
            wrong_created_at=0,
        ),
        [Partition(partition=name, by_date=count, by_parts=count) for name, count in partitions],
    )


NODES = {
    node("a", "01", "01"): facts(1, ("202511", 1)),
    node("b", "02", "01"): facts(2, ("202510", 1), ("202511", 1)),
    node("c", "01", "02"): facts(1, ("202511", 1)),
    node("d", "02", "02"): facts(2, ("202510", 1), ("202511", 1)),
}
SETTINGS = ClusterSettings(
    database="otus_default",
    cluster="dwh_test",
    replication="distributed-writes",
    distributed_ddl=False,
    nodes=tuple(NODES),
)
CATEGORIES = [
    CategoryStatistics(
        category="Books",
        rows=2,
        price_sum=Decimal("30.01"),
        minimum_price=Decimal("10.00"),
        maximum_price=Decimal("20.01"),
    ),
    CategoryStatistics(
        category="Home",
        rows=1,
        price_sum=Decimal("70.00"),
        minimum_price=Decimal("70.00"),
        maximum_price=Decimal("70.00"),
    ),
]


def test_each_row_counts_once_in_the_partitions_and_once_per_replica_in_the_nodes() -> None:
    statistics = summarize(SETTINGS, LOADED, NODES, CATEGORIES)

    assert statistics["partitions"] == [
        {"partition": "202510", "rows": 1},
        {"partition": "202511", "rows": 2},
    ]
    assert [found["rows"] for found in statistics["nodes"]] == [1, 2, 1, 2]
    assert statistics["total"] == 3


def test_prices_are_decimals_as_text() -> None:
    statistics = summarize(SETTINGS, LOADED, NODES, CATEGORIES)

    assert statistics["average_price"] == "33.3367"
    assert statistics["categories"][0] == {
        "category": "Books",
        "rows": 2,
        "average_price": "15.0050",
        "minimum_price": "10.00",
        "maximum_price": "20.01",
    }


def test_it_says_which_run_and_which_cluster_it_is_of() -> None:
    statistics = summarize(SETTINGS, LOADED, NODES, CATEGORIES)

    assert (statistics["rows"], statistics["seed"], statistics["as_of"]) == (3, 16, "2026-11-22")
    assert (statistics["cluster"], statistics["replication"]) == ("dwh_test", "distributed-writes")
    assert statistics["distributed_ddl"] is False
    assert statistics["generated"] == GENERATED


def test_an_average_is_rounded_half_up() -> None:
    assert average(Decimal("0.0001"), 2) == "0.0001"
