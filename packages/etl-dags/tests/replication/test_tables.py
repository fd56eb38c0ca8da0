import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import TableDefinitionError, create_demo_tables
from support.replication import COLUMNS, DISTRIBUTED, LOCAL, zookeeper_paths
from support.running_platform import RunningPlatform

# A Replicated database has no table that only one node has, or lacks.
one_by_one = pytest.mark.parametrize(
    "platform", ["atomic", "ordinary"], indirect=True, scope="session"
)
at_once = pytest.mark.parametrize("platform", ["replicated"], indirect=True, scope="session")


def create() -> None:
    with open_cluster() as cluster:
        create_demo_tables(cluster)


def test_both_tables_are_on_every_node(tables: RunningPlatform) -> None:
    for node in tables.nodes:
        assert tables.rows(
            node,
            "SELECT name, engine, sorting_key, partition_key FROM system.tables "
            "WHERE database = currentDatabase() ORDER BY name",
        ) == [
            (DISTRIBUTED, "Distributed", "", ""),
            (LOCAL, "ReplicatedMergeTree", "id", "toYYYYMM(created_at)"),
        ]


def test_the_nodes_of_a_shard_are_replicas_of_one_another(tables: RunningPlatform) -> None:
    paths = zookeeper_paths(tables)

    assert paths["clickhouse-01"] == paths["clickhouse-03"]
    assert paths["clickhouse-02"] == paths["clickhouse-04"]
    assert paths["clickhouse-01"] != paths["clickhouse-02"]
    for node in tables.nodes:
        assert tables.rows(
            node,
            "SELECT is_readonly, total_replicas, active_replicas FROM system.replicas "
            "WHERE database = currentDatabase()",
        ) == [(0, 2, 2)]


def test_tables_that_are_right_are_kept_with_their_rows(tables: RunningPlatform) -> None:
    paths = zookeeper_paths(tables)
    tables.command(["clickhouse-01"], f"INSERT INTO {LOCAL} SELECT 1, 'a', 'Books', 10, 0")

    create()

    assert zookeeper_paths(tables) == paths
    assert tables.rows("clickhouse-01", f"SELECT count() FROM {LOCAL}") == [(1,)]


def test_a_table_that_is_made_again_has_a_path_that_none_had_before(
    tables: RunningPlatform,
) -> None:
    before = set(zookeeper_paths(tables).values())
    tables.command(tables.nodes, f"DROP TABLE IF EXISTS {LOCAL}")

    create()

    assert before.isdisjoint(zookeeper_paths(tables).values())


@one_by_one
def test_a_table_that_is_missing_on_one_node_is_made_there(tables: RunningPlatform) -> None:
    tables.command(["clickhouse-03"], f"DROP TABLE {LOCAL}")

    create()

    assert tables.rows("clickhouse-03", f"SELECT count() FROM {LOCAL}") == [(0,)]


@pytest.mark.parametrize(
    ("table", "definition"),
    [
        (LOCAL, f"{COLUMNS} ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"),
        (
            LOCAL,
            f"{COLUMNS} ENGINE = ReplicatedMergeTree('/clickhouse/tables/{{shard}}/elsewhere', "
            "'{replica}') PARTITION BY toYYYYMM(created_at) ORDER BY id",
        ),
        (
            DISTRIBUTED,
            f"{COLUMNS} ENGINE = Distributed('dwh_test', 'otus_default', '{LOCAL}', rand())",
        ),
        (
            DISTRIBUTED,
            f"{COLUMNS.replace('UInt32', 'UInt64')} ENGINE = "
            f"Distributed('dwh_test', 'otus_default', '{LOCAL}', cityHash64(id))",
        ),
    ],
)
@one_by_one
def test_a_table_that_differs_on_one_node_fails_with_both_definitions(
    tables: RunningPlatform, table: str, definition: str
) -> None:
    tables.command(["clickhouse-04"], f"DROP TABLE {table}", f"CREATE TABLE {table} {definition}")

    with pytest.raises(TableDefinitionError) as caught:
        create()

    name = f"{tables.deployment['clickhouse']['database']}.{table}"
    assert caught.value.subject == f"{name} on clickhouse-04"
    assert caught.value.expected.startswith(f"CREATE TABLE {name} (`id` UInt32")
    assert definition.partition("ENGINE = ")[2] in caught.value.found
    # In an Atomic database its path would stay for minutes.
    tables.command(["clickhouse-04"], f"DROP TABLE {table} SYNC")


@pytest.mark.parametrize(
    "layout", ["PARTITION BY toYYYYMM(created_at) ORDER BY (id, name)", "ORDER BY id"]
)
@at_once
def test_a_table_whose_path_the_server_chose_is_compared_in_all_else(
    tables: RunningPlatform, layout: str
) -> None:
    tables.command(
        ["clickhouse-01"],
        f"DROP TABLE {LOCAL}",
        f"CREATE TABLE {LOCAL} {COLUMNS} ENGINE = ReplicatedMergeTree {layout}",
    )

    with pytest.raises(TableDefinitionError) as caught:
        create()

    assert "ENGINE = ReplicatedMergeTree PARTITION" in caught.value.expected
    assert f"'{{replica}}') {layout}" in caught.value.found
