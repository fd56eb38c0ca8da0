"""What only an old server shows: its dialect, and statements ON CLUSTER as it executes them."""

import pytest

from etl_dags.cluster import NodeError, open_cluster
from etl_dags.create_tables import TableDefinitionError, create_demo_tables
from etl_dags.dialect import insert_settings
from support.attempts import load
from support.content import content_by_node, require_exactly, staging_tables
from support.driver_client import DriverClient
from support.interrupted_load import require_repeatable_in_a_batch
from support.replication import (
    COLUMNS,
    LOCAL,
    killing_a_replica_before,
    rows_being_loaded,
    zookeeper_paths,
)
from support.running_platform import PlatformFolder, RunningPlatform
from support.validating import validate


def test_it_loads_and_validates_what_the_run_asked_for(tables: RunningPlatform) -> None:
    load(rows=1000, seed=16, batch_rows=300)
    statistics = validate(rows=1000)

    assert statistics["replication"] == "keeper"
    assert statistics["total"] == 1000
    require_exactly(tables, rows=1000, seed=16)
    assert staging_tables(tables) == []


def test_inserts_end_when_every_shard_has_the_rows(tables: RunningPlatform) -> None:
    assert tables.nodes
    with open_cluster() as cluster:
        assert cluster.on_entry(insert_settings)["insert_distributed_sync"] == 1


def test_a_repeated_load_changes_nothing_but_the_tables_path(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)
    content, paths = content_by_node(tables), zookeeper_paths(tables)
    load(rows=100, seed=16, batch_rows=9)

    assert content_by_node(tables) == content
    assert set(paths.values()).isdisjoint(zookeeper_paths(tables).values())


def test_killed_in_the_middle_of_a_batch_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    require_repeatable_in_a_batch(tables, lambda: rows_being_loaded(tables) > 0)


def test_a_table_that_differs_on_one_node_fails_with_both_definitions(
    tables: RunningPlatform,
) -> None:
    engine = "MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"
    tables.command(
        ["clickhouse-04"],
        f"DROP TABLE {LOCAL}",
        f"CREATE TABLE {LOCAL} {COLUMNS} ENGINE = {engine}",
    )

    with (
        pytest.raises(TableDefinitionError, match=engine.replace("(", r"\(").replace(")", r"\)")),
        open_cluster() as cluster,
    ):
        create_demo_tables(cluster)


def test_a_replica_that_dies_before_the_renaming_follows_when_it_is_back(
    folder: PlatformFolder, tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(rows=100, seed=16)
    # Otherwise the servers wait three minutes for it.
    extra = tables.extra() | {"session_settings": {"distributed_ddl_task_timeout": 5}}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))
    try:
        with (
            pytest.raises(NodeError, match="1 unfinished hosts"),
            killing_a_replica_before(folder, "RENAME", DriverClient),
        ):
            load(rows=50, seed=17)
    finally:
        folder.up()

    # It has executed what it missed before it executes these.
    load(rows=60, seed=18)
    require_exactly(tables, rows=60, seed=18)
    assert staging_tables(tables) == []
