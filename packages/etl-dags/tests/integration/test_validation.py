from collections import Counter
from datetime import UTC, datetime

import pytest

from etl_dags.cluster import NodeError
from etl_dags.validation_errors import (
    DataError,
    DifferentReplicasError,
    DuplicateIdError,
    EmptyShardError,
    MisplacedRowError,
    MissingIdError,
    ValueOutOfRangeError,
    WrongPartitionError,
    WrongTotalError,
)
from support.attempts import load
from support.content import expected_rows
from support.running_platform import RunningPlatform
from support.validating import SHARD_01, SHARD_02, some_id, validate

LOCAL = "hw16_demo_products_local"
DISTRIBUTED = "hw16_demo_products"


def rewrite(platform: RunningPlatform, nodes: list[str], select: str) -> None:
    """Puts what a query gives in the place of the nodes' rows."""
    for node in nodes:
        platform.command(
            [node],
            f"CREATE TABLE rewritten AS {LOCAL}",
            f"INSERT INTO rewritten {select}",
            f"EXCHANGE TABLES rewritten AND {LOCAL}",
            "DROP TABLE rewritten",
        )


def delete(platform: RunningPlatform, nodes: list[str], id_: int) -> None:
    """Removes a row from the nodes."""
    rewrite(platform, nodes, f"SELECT * FROM {LOCAL} WHERE id != {id_}")


def change(platform: RunningPlatform, nodes: list[str], id_: int, column: str, value: str) -> None:
    """Gives a row another value on the nodes."""
    rewrite(
        platform,
        nodes,
        f"SELECT * REPLACE (if(id = {id_}, {value}, {column}) AS {column}) FROM {LOCAL}",
    )


@pytest.fixture
def loaded(tables: RunningPlatform) -> RunningPlatform:
    load(rows=100, seed=16)
    return tables


def test_gives_the_statistics_of_rows_that_are_right(loaded: RunningPlatform) -> None:
    statistics = validate()

    rows = expected_rows(100, seed=16)
    months = Counter(f"{datetime.fromtimestamp(int(str(row[4])), UTC):%Y%m}" for row in rows)
    categories = Counter(str(row[2]) for row in rows)
    assert statistics["total"] == statistics["rows"] == 100
    assert {found["partition"]: found["rows"] for found in statistics["partitions"]} == months
    assert {found["category"]: found["rows"] for found in statistics["categories"]} == categories
    assert [found["node"] for found in statistics["nodes"]] == loaded.nodes
    assert sum(found["rows"] for found in statistics["nodes"]) == 200


def test_one_row_alone_is_right_although_a_shard_is_empty(tables: RunningPlatform) -> None:
    assert tables.nodes
    load(rows=1, seed=16)

    assert validate(rows=1)["total"] == 1


def test_a_row_that_one_replica_lacks(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_01)
    delete(loaded, ["clickhouse-03"], id_)

    with pytest.raises(DifferentReplicasError, match=r"Shard 01.*clickhouse-03"):
        validate()


def test_a_value_that_differs_on_one_replica(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_02)
    loaded.command(["clickhouse-04"], f"ALTER TABLE {LOCAL} UPDATE name = 'other' WHERE id = {id_}")

    with pytest.raises(DifferentReplicasError, match="Shard 02"):
        validate()


def test_a_row_that_was_moved_to_the_wrong_shard(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_01)
    for node in SHARD_02:
        loaded.command(
            [node], f"INSERT INTO {LOCAL} SELECT * FROM {DISTRIBUTED} WHERE id = {id_} LIMIT 1"
        )
    delete(loaded, SHARD_01, id_)

    with pytest.raises(MisplacedRowError, match=rf"clickhouse-02.*1 others, ids {id_}\."):
        validate()


def test_a_row_that_was_put_on_the_wrong_shard_besides(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_02)
    loaded.command(SHARD_01, f"INSERT INTO {LOCAL} VALUES ({id_}, 'a', 'Books', 10, 1790000000)")

    with pytest.raises(MisplacedRowError, match="clickhouse-01"):
        validate()


def test_a_shard_that_was_emptied(loaded: RunningPlatform) -> None:
    loaded.command(SHARD_02, f"TRUNCATE TABLE {LOCAL}")

    with pytest.raises(EmptyShardError, match=r"Shard 02.*none on clickhouse-02"):
        validate()


def test_a_shard_that_was_emptied_of_few_rows_lacks_ids(tables: RunningPlatform) -> None:
    load(rows=49, seed=16)
    tables.command(SHARD_02, f"TRUNCATE TABLE {LOCAL}")

    with pytest.raises(MissingIdError):
        validate(rows=49)


def test_an_id_that_occurs_twice(loaded: RunningPlatform) -> None:
    loaded.command(
        ["clickhouse-01"], f"INSERT INTO {DISTRIBUTED} VALUES (7, 'a', 'Books', 10, 1790000000)"
    )

    with pytest.raises(DuplicateIdError, match=r"repeated: 7\."):
        validate()


def test_an_id_that_is_missing_on_all_replicas(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_02)
    delete(loaded, SHARD_02, id_)

    with pytest.raises(MissingIdError, match=rf"found 99 of them, without {id_}\."):
        validate()


def test_an_id_in_the_place_of_another(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_01)
    delete(loaded, SHARD_01, id_)
    loaded.command(
        ["clickhouse-01"], f"INSERT INTO {DISTRIBUTED} VALUES (900, 'a', 'Books', 10, 1790000000)"
    )

    with pytest.raises(MissingIdError, match=rf"without {id_}\."):
        validate()


def test_a_row_more_than_were_loaded(loaded: RunningPlatform) -> None:
    loaded.command(
        ["clickhouse-01"], f"INSERT INTO {DISTRIBUTED} VALUES (101, 'a', 'Books', 10, 1790000000)"
    )

    with pytest.raises(WrongTotalError, match="101 through it and 101 in the shards"):
        validate()


def test_a_distributed_table_that_does_not_show_all_rows(loaded: RunningPlatform) -> None:
    loaded.command(
        ["clickhouse-01"],
        f"CREATE OR REPLACE TABLE {DISTRIBUTED} AS {LOCAL} "
        f"ENGINE = Distributed('dwh_test', 'otus_default', 'empty', cityHash64(id))",
        f"CREATE TABLE empty AS {LOCAL} ENGINE = MergeTree ORDER BY id",
    )
    loaded.command(
        ["clickhouse-02", "clickhouse-03", "clickhouse-04"],
        f"CREATE TABLE empty AS {LOCAL} ENGINE = MergeTree ORDER BY id",
    )

    with pytest.raises(WrongTotalError, match="0 through it and 100 in the shards"):
        validate()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "'Toys'"),
        ("category", "''"),
        ("price", "toDecimal64('9.99', 2)"),
        ("price", "toDecimal64('1000.01', 2)"),
        # Midnight UTC at the start of 2026-11-22 and 365 days before it, a second beyond each.
        ("created_at", "toDateTime(1795305600 + 1)"),
        ("created_at", "toDateTime(1795305600 - 365 * 86400)"),
    ],
)
def test_a_value_that_no_product_may_have(loaded: RunningPlatform, column: str, value: str) -> None:
    change(loaded, SHARD_01, some_id(loaded, SHARD_01), column, value)

    with pytest.raises(ValueOutOfRangeError, match=rf"{LOCAL}\.{column}.*1 rows.*ids \d+\."):
        validate()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("category", "'Sports'"),
        ("price", "toDecimal64('10.00', 2)"),
        ("price", "toDecimal64('1000.00', 2)"),
        ("created_at", "toDateTime(1795305600)"),
        ("created_at", "toDateTime(1795305600 - 365 * 86400 + 1)"),
    ],
)
def test_a_value_at_the_edge_is_right(loaded: RunningPlatform, column: str, value: str) -> None:
    change(loaded, SHARD_01, some_id(loaded, SHARD_01), column, value)

    assert validate()["total"] == 100


def test_rows_that_lie_in_the_wrong_partition(loaded: RunningPlatform) -> None:
    loaded.command(
        ["clickhouse-03"],
        f"CREATE TABLE moved AS {LOCAL} "
        "ENGINE = MergeTree PARTITION BY toYYYYMM(created_at + INTERVAL 20 DAY) ORDER BY id",
        f"INSERT INTO moved SELECT * FROM {LOCAL}",
        f"EXCHANGE TABLES moved AND {LOCAL}",
    )

    with pytest.raises(WrongPartitionError, match=r"Partition \d{6} on clickhouse-03"):
        validate()


def test_a_node_that_does_not_answer(
    loaded: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = loaded.extra()
    extra["nodes"][3]["port"] = 1
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", loaded.connection(extra=extra))

    with pytest.raises(NodeError, match="clickhouse-04"):
        validate()


def test_every_data_error_tells_expected_and_found(loaded: RunningPlatform) -> None:
    loaded.command(SHARD_02, f"TRUNCATE TABLE {LOCAL}")

    with pytest.raises(DataError) as caught:
        validate()

    assert caught.value.expected == "a part of the 100 rows"
    assert caught.value.found == "none on clickhouse-02"
