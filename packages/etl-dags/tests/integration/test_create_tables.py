import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import TableDefinitionError, create_demo_tables
from support.running_platform import RunningPlatform

LOCAL = "hw16_demo_products_local"
DISTRIBUTED = "hw16_demo_products"


def create() -> None:
    with open_cluster() as cluster:
        create_demo_tables(cluster)


def test_both_tables_are_on_every_node(tables: RunningPlatform) -> None:
    for node in tables.nodes:
        found = tables.rows(
            node,
            "SELECT name, engine, sorting_key, partition_key FROM system.tables "
            "WHERE database = 'otus_default' ORDER BY name",
        )
        assert found == [
            (DISTRIBUTED, "Distributed", "", ""),
            (LOCAL, "MergeTree", "id", "toYYYYMM(created_at)"),
        ]


def test_tables_that_are_right_are_kept_with_their_rows(tables: RunningPlatform) -> None:
    insert = f"INSERT INTO {LOCAL} VALUES (1, 'a', 'Books', 10, 0)"
    tables.command(["clickhouse-01"], insert)

    create()

    assert tables.rows("clickhouse-01", f"SELECT count() FROM {LOCAL}") == [(1,)]


def test_a_table_that_is_missing_on_one_node_is_made_there(tables: RunningPlatform) -> None:
    tables.command(["clickhouse-03"], f"DROP TABLE {LOCAL}")

    create()

    assert tables.rows("clickhouse-03", f"SELECT count() FROM {LOCAL}") == [(0,)]


@pytest.mark.parametrize(
    ("table", "damage", "found"),
    [
        (LOCAL, f"ALTER TABLE {LOCAL} ADD COLUMN extra UInt8", "`extra` UInt8"),
        (LOCAL, f"ALTER TABLE {LOCAL} MODIFY COLUMN price Decimal(12, 2)", "Decimal(12, 2)"),
        (LOCAL, f"ALTER TABLE {LOCAL} MODIFY TTL created_at + INTERVAL 1 YEAR", "TTL created_at"),
        (
            LOCAL,
            f"CREATE OR REPLACE TABLE {LOCAL} (id UInt32, name String, category String, "
            "price Decimal(10, 2), created_at DateTime) ENGINE = MergeTree ORDER BY id",
            "ENGINE = MergeTree ORDER BY id",
        ),
        (
            DISTRIBUTED,
            f"CREATE OR REPLACE TABLE {DISTRIBUTED} (id UInt32, name String, category String, "
            "price Decimal(10, 2), created_at DateTime) "
            f"ENGINE = Distributed('dwh_test', 'otus_default', '{LOCAL}', rand())",
            "rand()",
        ),
    ],
)
def test_a_table_that_differs_on_one_node_fails_with_both_definitions(
    tables: RunningPlatform, table: str, damage: str, found: str
) -> None:
    tables.command(["clickhouse-04"], damage)

    with pytest.raises(TableDefinitionError) as caught:
        create()

    assert caught.value.subject == f"otus_default.{table} on clickhouse-04"
    assert caught.value.expected.startswith(f"CREATE TABLE otus_default.{table} (`id` UInt32")
    assert found in caught.value.found
