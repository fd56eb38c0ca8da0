import pytest

from etl_dags.validation_errors import (
    DifferentReplicasError,
    DuplicateIdError,
    MisplacedRowError,
    MissingIdError,
    ValueOutOfRangeError,
)
from support.attempts import load
from support.replication import DISTRIBUTED, LOCAL, rewrite
from support.running_platform import PlatformFolder, RunningPlatform
from support.validating import SHARD_01, SHARD_02, some_id, validate

# A Replicated database gives what is done to one of its tables to all nodes, and how rows come from
# one replica to another is the same in every database.
one_by_one = pytest.mark.parametrize("platform", ["atomic"], indirect=True, scope="session")


@pytest.fixture
def loaded(tables: RunningPlatform) -> RunningPlatform:
    load(rows=100, seed=16)
    return tables


def test_gives_the_statistics_of_rows_that_are_right(loaded: RunningPlatform) -> None:
    statistics = validate()

    assert statistics["replication"] == "keeper"
    assert statistics["total"] == statistics["rows"] == 100
    assert [found["node"] for found in statistics["nodes"]] == loaded.nodes
    assert sum(found["rows"] for found in statistics["nodes"]) == 200
    assert sum(found["rows"] for found in statistics["partitions"]) == 100


@one_by_one
def test_waits_for_the_rows_of_a_replica_that_was_down(
    folder: PlatformFolder, loaded: RunningPlatform
) -> None:
    folder.kill("clickhouse-03")
    try:
        loaded.command(
            ["clickhouse-01"],
            f"INSERT INTO {DISTRIBUTED} SELECT toUInt32(number), 'a', 'Books', "
            "toDecimal64(10, 2), toDateTime(1795305600) FROM numbers(101, 20)",
        )
    finally:
        folder.up()

    statistics = validate(rows=120)

    rows = {found["node"]: found["rows"] for found in statistics["nodes"]}
    assert statistics["total"] == 120
    assert rows["clickhouse-03"] == rows["clickhouse-01"]


@one_by_one
def test_a_row_that_one_replica_lacks(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_01)
    rewrite(loaded, ["clickhouse-03"], f"SELECT * FROM {LOCAL} WHERE id != {id_}")

    with pytest.raises(DifferentReplicasError, match=r"Shard 01.*clickhouse-03"):
        validate()


@one_by_one
@pytest.mark.parametrize(
    "columns",
    [
        "id, 'other', category, price, created_at",
        "id, name, category, toDecimal64(10.01, 2), created_at",
        "id, name, category, price, toDateTime(1795305600)",
    ],
)
def test_a_value_that_differs_on_one_replica(loaded: RunningPlatform, columns: str) -> None:
    id_ = some_id(loaded, SHARD_02)
    rewrite(
        loaded,
        ["clickhouse-04"],
        f"SELECT * FROM {LOCAL} WHERE id != {id_} "
        f"UNION ALL SELECT {columns} FROM {LOCAL} WHERE id = {id_}",
    )

    with pytest.raises(DifferentReplicasError, match="Shard 02"):
        validate()


def test_a_row_that_was_put_on_the_wrong_shard_besides(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_02)
    loaded.command(
        ["clickhouse-01"],
        f"INSERT INTO {LOCAL} SELECT * FROM {DISTRIBUTED} WHERE id = {id_} LIMIT 1",
    )

    with pytest.raises(MisplacedRowError, match=rf"1 others, ids {id_}\."):
        validate()


def test_an_id_that_occurs_twice(loaded: RunningPlatform) -> None:
    loaded.command(
        ["clickhouse-01"],
        f"INSERT INTO {DISTRIBUTED} SELECT 7, 'a', 'Books', toDecimal64(10, 2), 1790000000",
    )

    with pytest.raises(DuplicateIdError, match=r"repeated: 7\."):
        validate()


@one_by_one
def test_an_id_that_is_missing_on_all_replicas(loaded: RunningPlatform) -> None:
    id_ = some_id(loaded, SHARD_02)
    rewrite(loaded, SHARD_02, f"SELECT * FROM {LOCAL} WHERE id != {id_}")

    with pytest.raises(MissingIdError, match=rf"found 99 of them, without {id_}\."):
        validate()


@one_by_one
@pytest.mark.parametrize(
    ("column", "columns"),
    [
        ("category", "id, name, 'Toys', price, created_at"),
        ("price", "id, name, category, toDecimal64(9.99, 2), created_at"),
        ("created_at", "id, name, category, price, toDateTime(1795305600 + 1)"),
    ],
)
def test_a_value_that_no_product_may_have(
    loaded: RunningPlatform, column: str, columns: str
) -> None:
    id_ = some_id(loaded, SHARD_01)
    rewrite(
        loaded,
        SHARD_01,
        f"SELECT * FROM {LOCAL} WHERE id != {id_} "
        f"UNION ALL SELECT {columns} FROM {LOCAL} WHERE id = {id_}",
    )

    with pytest.raises(ValueOutOfRangeError, match=rf"{LOCAL}\.{column}.*1 rows.*ids {id_}\."):
        validate()
