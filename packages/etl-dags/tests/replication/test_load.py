import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from clickhouse_driver.connection import Connection

from etl_dags.cluster import NodeError, open_cluster
from etl_dags.demo_tables import new_staging_names
from etl_dags.dialect import insert_settings
from etl_dags.publication import publish_statements
from support.attempts import load
from support.content import content_by_node, demand_exactly, staging_tables
from support.interrupted_load import (
    demand_repeatable_before_each_request,
    demand_repeatable_in_a_batch,
    demand_that_given_up_adds_nothing,
)
from support.replication import LOCAL, kill_node, zookeeper_paths
from support.running_platform import PlatformFolder, RunningPlatform


@pytest.fixture
def mended(folder: PlatformFolder, tables: RunningPlatform) -> Iterator[RunningPlatform]:
    """The tables of a platform that is made whole again after the test."""
    yield tables
    folder.up()


def paths_in_coordination(platform: RunningPlatform) -> set[str]:
    """What coordination keeps for tables of the database in both shards."""
    folders = [f"/clickhouse/tables/{shard}/otus_default" for shard in ("01", "02")]
    return {
        f"{folder}/{name}"
        for folder in folders
        for (name,) in platform.rows(
            "clickhouse-01", f"SELECT name FROM system.zookeeper WHERE path = '{folder}'"
        )
    }


def rows_being_loaded(platform: RunningPlatform) -> int:
    """How many rows the first node holds that are not published yet."""
    sql = "SELECT sum(rows) FROM system.parts WHERE active AND table LIKE '%local_loading%'"
    found: int = platform.rows(platform.nodes[0], sql)[0][0]
    return found


def publish_nothing(statement: str) -> None:
    """Sends one of the statements that publish, for an attempt that has no tables."""
    with open_cluster() as cluster:
        statements = publish_statements(cluster.settings, new_staging_names())
        [found] = [sql for sql in statements if sql.startswith(statement)]
        cluster.define(found)


@contextmanager
def killing_a_replica_before(folder: PlatformFolder, statement: str) -> Iterator[None]:
    """Kills clickhouse-03 before the first query that begins with a word leaves the process."""
    send = Connection.send_query
    killed = threading.Event()

    def send_query(connection: Connection, query: str, *arguments: Any, **options: Any) -> Any:
        if query.startswith(statement) and not killed.is_set():
            killed.set()
            kill_node(folder, "clickhouse-03")
        return send(connection, query, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "send_query", send_query)
        yield
    assert killed.is_set()


@pytest.mark.parametrize(("rows", "batch_rows"), [(1000, 200_000), (100_000, 30_000)])
def test_every_replica_holds_its_part_and_nothing_is_left_over(
    tables: RunningPlatform, rows: int, batch_rows: int
) -> None:
    load(rows=rows, seed=16, batch_rows=batch_rows)

    demand_exactly(tables, rows=rows, seed=16)
    assert staging_tables(tables) == []
    assert paths_in_coordination(tables) == set(zookeeper_paths(tables).values())


def test_replicas_hold_the_same_content(tables: RunningPlatform) -> None:
    load(rows=1000, seed=16)

    content = content_by_node(tables)
    assert content["clickhouse-01"] == content["clickhouse-03"]
    assert content["clickhouse-02"] == content["clickhouse-04"]
    assert content["clickhouse-01"] != content["clickhouse-02"]


def test_inserts_end_when_every_shard_has_the_rows(tables: RunningPlatform) -> None:
    assert tables.nodes
    with open_cluster() as cluster:
        assert 1 in cluster.on_entry(insert_settings).values()


def test_a_repeated_load_changes_nothing_but_the_tables_path(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)
    content, paths = content_by_node(tables), zookeeper_paths(tables)
    load(rows=100, seed=16, batch_rows=9)

    assert content_by_node(tables) == content
    assert set(paths.values()).isdisjoint(zookeeper_paths(tables).values())


def test_a_smaller_load_leaves_none_of_the_larger(tables: RunningPlatform) -> None:
    load(rows=500, seed=16)
    load(rows=60, seed=17)

    demand_exactly(tables, rows=60, seed=17)


def test_killed_before_any_request_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    def demand_no_other_paths() -> None:
        assert paths_in_coordination(tables) == set(zookeeper_paths(tables).values())

    demand_repeatable_before_each_request(tables, demand_no_other_paths)


def test_killed_in_the_middle_of_a_batch_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    demand_repeatable_in_a_batch(tables, lambda: rows_being_loaded(tables) > 0)


def test_an_attempt_that_was_given_up_but_still_runs_can_add_nothing(
    tables: RunningPlatform,
) -> None:
    demand_that_given_up_adds_nothing(tables, lambda: rows_being_loaded(tables) > 0)


def test_publishing_tables_that_are_gone_touches_nothing(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)

    with pytest.raises(NodeError, match="doesn't exist"):
        publish_nothing("RENAME")

    demand_exactly(tables, rows=100, seed=16)
    assert staging_tables(tables) == []


def test_a_node_that_died_between_two_renamings_is_right_after_the_next_load(
    tables: RunningPlatform,
) -> None:
    load(rows=100, seed=16)
    tables.command(["clickhouse-03"], f"RENAME TABLE {LOCAL} TO {LOCAL}_loading_died_replaced")

    load(rows=60, seed=17)

    demand_exactly(tables, rows=60, seed=17)
    assert staging_tables(tables) == []
    paths = zookeeper_paths(tables)
    assert paths["clickhouse-03"] == paths["clickhouse-01"]


def test_a_replica_that_dies_before_it_has_the_rows_fails_the_load(
    folder: PlatformFolder, mended: RunningPlatform
) -> None:
    load(rows=100, seed=16)
    published = content_by_node(mended)

    with (
        pytest.raises(NodeError, match="clickhouse-03"),
        killing_a_replica_before(folder, "INSERT"),
    ):
        load(rows=50, seed=17)

    folder.up()
    assert content_by_node(mended) == published
    load(rows=50, seed=18)
    demand_exactly(mended, rows=50, seed=18)
    assert staging_tables(mended) == []


def test_a_replica_that_dies_before_the_renaming_follows_when_it_is_back(
    folder: PlatformFolder, mended: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(rows=100, seed=16)
    # Otherwise the servers wait three minutes for it.
    extra = mended.extra() | {"session_settings": {"distributed_ddl_task_timeout": 5}}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", mended.connection(extra=extra))

    with (
        pytest.raises(NodeError, match="1 unfinished hosts"),
        killing_a_replica_before(folder, "RENAME"),
    ):
        load(rows=50, seed=17)

    folder.up()
    # It has no more to do when it has executed a later statement.
    publish_nothing("DROP")
    demand_exactly(mended, rows=50, seed=17)
    load(rows=60, seed=18)
    demand_exactly(mended, rows=60, seed=18)
    assert staging_tables(mended) == []


def test_a_replica_that_is_down_fails_the_load_and_keeps_what_was_published(
    folder: PlatformFolder, mended: RunningPlatform
) -> None:
    load(rows=100, seed=16)
    kill_node(folder, "clickhouse-03")

    with pytest.raises(NodeError, match="clickhouse-03"):
        load(rows=50, seed=17)

    folder.up()
    demand_exactly(mended, rows=100, seed=16)
