from collections.abc import Iterator

import pytest

from etl_dags.cluster import NodeError, open_cluster
from etl_dags.demo_tables import new_staging_names
from etl_dags.dialect import insert_settings
from etl_dags.publication import publish_statements
from support.attempts import load
from support.content import content_by_node, require_exactly, staging_tables
from support.interrupted_load import (
    require_repeatable_before_each_request,
    require_repeatable_in_a_batch,
    require_that_given_up_adds_nothing,
)
from support.replication import (
    LOCAL,
    killing_a_replica_before,
    rows_being_loaded,
    zookeeper_paths,
)
from support.running_platform import PlatformFolder, RunningPlatform
from support.sent_twice import first_insert_sent_twice

# What costs the most is not repeated on databases that only old servers have.
current = pytest.mark.parametrize(
    "platform", ["atomic", "replicated"], indirect=True, scope="session"
)


# A node that is down is noticed before anything is asked of a database.
any_database = pytest.mark.parametrize("platform", ["atomic"], indirect=True, scope="session")


@pytest.fixture
def recovering(folder: PlatformFolder, tables: RunningPlatform) -> Iterator[RunningPlatform]:
    """The tables of a platform whose nodes all run again after the test."""
    yield tables
    folder.recover()


def publishing_word(platform: RunningPlatform) -> str:
    """What the statement begins with that publishes a table."""
    return "EXCHANGE" if platform.extra()["exchange_tables"] else "RENAME"


def publish_nothing(statement: str) -> None:
    """Sends one of the statements that publish, for an attempt that has no tables."""
    with open_cluster() as cluster:
        statements = publish_statements(cluster.settings, new_staging_names())
        [found] = [sql for sql in statements if sql.startswith(statement)]
        cluster.define(found)


@pytest.mark.parametrize(("rows", "batch_rows"), [(1000, 200_000), (100_000, 30_000)])
def test_every_replica_holds_its_part_and_nothing_is_left_over(
    tables: RunningPlatform, rows: int, batch_rows: int
) -> None:
    load(rows=rows, seed=16, batch_rows=batch_rows)

    require_exactly(tables, rows=rows, seed=16)
    assert staging_tables(tables) == []


def test_replicas_hold_the_same_content(tables: RunningPlatform) -> None:
    load(rows=1000, seed=16)

    content = content_by_node(tables)
    assert content["clickhouse-01"] == content["clickhouse-03"]
    assert content["clickhouse-02"] == content["clickhouse-04"]
    assert content["clickhouse-01"] != content["clickhouse-02"]


def test_inserts_end_when_every_shard_has_the_rows(tables: RunningPlatform) -> None:
    assert tables.nodes
    with open_cluster() as cluster:
        assert cluster.on_entry(insert_settings)["distributed_foreground_insert"] == 1


def test_a_batch_that_the_client_sends_a_second_time_is_there_once(
    tables: RunningPlatform,
) -> None:
    with first_insert_sent_twice():
        load(rows=3000, seed=16, batch_rows=1000)

    require_exactly(tables, rows=3000, seed=16)


def test_a_repeated_load_changes_nothing_but_the_tables_path(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)
    content, paths = content_by_node(tables), zookeeper_paths(tables)
    load(rows=100, seed=16, batch_rows=9)

    assert content_by_node(tables) == content
    assert set(paths.values()).isdisjoint(zookeeper_paths(tables).values())


def test_a_smaller_load_leaves_none_of_the_larger(tables: RunningPlatform) -> None:
    load(rows=500, seed=16)
    load(rows=60, seed=17)

    require_exactly(tables, rows=60, seed=17)


@current
def test_killed_before_any_request_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    require_repeatable_before_each_request(tables)


@current
def test_killed_in_the_middle_of_a_batch_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    require_repeatable_in_a_batch(tables, lambda: rows_being_loaded(tables) > 0)


@current
def test_an_attempt_that_was_given_up_but_still_runs_can_add_nothing(
    tables: RunningPlatform,
) -> None:
    require_that_given_up_adds_nothing(tables, lambda: rows_being_loaded(tables) > 0)


def test_publishing_tables_that_are_gone_touches_nothing(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)

    with pytest.raises(NodeError, match=r"UNKNOWN_TABLE"):
        publish_nothing(publishing_word(tables))

    require_exactly(tables, rows=100, seed=16)
    assert staging_tables(tables) == []


@pytest.mark.parametrize("platform", ["ordinary"], indirect=True, scope="session")
def test_a_node_that_died_between_two_renamings_is_right_after_the_next_load(
    tables: RunningPlatform,
) -> None:
    load(rows=100, seed=16)
    tables.command(["clickhouse-03"], f"RENAME TABLE {LOCAL} TO {LOCAL}_loading_died_replaced")

    load(rows=60, seed=17)

    require_exactly(tables, rows=60, seed=17)
    assert staging_tables(tables) == []
    paths = zookeeper_paths(tables)
    assert paths["clickhouse-03"] == paths["clickhouse-01"]


@current
def test_a_replica_that_dies_before_it_has_the_rows_fails_the_load(
    folder: PlatformFolder, recovering: RunningPlatform
) -> None:
    load(rows=100, seed=16)
    published = content_by_node(recovering)

    with (
        pytest.raises(NodeError, match="clickhouse-03"),
        killing_a_replica_before(folder, "INSERT"),
    ):
        load(rows=50, seed=17)

    folder.up()
    assert content_by_node(recovering) == published
    load(rows=50, seed=18)
    require_exactly(recovering, rows=50, seed=18)
    assert staging_tables(recovering) == []


def test_a_replica_that_dies_before_the_publication_follows_when_it_is_back(
    folder: PlatformFolder, recovering: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(rows=100, seed=16)
    # Otherwise the servers wait three minutes for it.
    extra = recovering.extra() | {"session_settings": {"distributed_ddl_task_timeout": 5}}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", recovering.connection(extra=extra))

    with (
        pytest.raises(NodeError, match="is not finished on 1 of 4 hosts"),
        killing_a_replica_before(folder, publishing_word(recovering)),
    ):
        load(rows=50, seed=17)

    folder.up()
    # It has no more to do when it has executed a later statement.
    publish_nothing("DROP")
    require_exactly(recovering, rows=50, seed=17)
    load(rows=60, seed=18)
    require_exactly(recovering, rows=60, seed=18)
    assert staging_tables(recovering) == []


@any_database
def test_a_replica_that_is_down_fails_the_load_and_keeps_what_was_published(
    folder: PlatformFolder, recovering: RunningPlatform
) -> None:
    load(rows=100, seed=16)
    folder.kill("clickhouse-03")

    with pytest.raises(NodeError, match="clickhouse-03"):
        load(rows=50, seed=17)

    folder.up()
    require_exactly(recovering, rows=100, seed=16)
