import threading

import pytest

from etl_dags.cluster import NodeError, open_cluster
from etl_dags.load import IncompleteLoadError, load_sample_data
from etl_dags.products import generate_products
from support.attempts import AS_OF, load, requests_seen_by
from support.content import content_by_node, require_exactly, staging_tables
from support.interrupted_load import (
    require_repeatable_before_each_request,
    require_repeatable_in_a_batch,
    require_that_given_up_adds_nothing,
)
from support.running_platform import RunningPlatform
from support.sent_twice import first_insert_sent_twice


def inserts_with_rows(platform: RunningPlatform) -> int:
    """How many inserts the first node executes that have received rows."""
    sql = (
        "SELECT count() FROM system.processes "
        "WHERE query LIKE 'INSERT INTO%loading%' AND is_initial_query AND read_rows > 0"
    )
    found: int = platform.rows(platform.nodes[0], sql)[0][0]
    return found


def test_every_replica_holds_its_part_and_nothing_is_left_over(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)

    require_exactly(tables, rows=100, seed=16)
    assert staging_tables(tables) == []


def test_it_says_what_was_loaded(tables: RunningPlatform) -> None:
    with open_cluster() as cluster:
        loaded = load_sample_data(cluster, rows=100, seed=7, as_of=AS_OF, batch_rows=30)

    assert loaded["seconds"] > 0
    assert {**loaded, "seconds": 0.0} == {
        "rows": 100,
        "batches": 4,
        "seconds": 0.0,
        "as_of": "2026-11-22",
        "seed": 7,
        "generated": generate_products(7, AS_OF, 1, 100).figures.generated(),
    }
    require_exactly(tables, rows=100, seed=7)


def test_a_single_row_is_loaded(tables: RunningPlatform) -> None:
    load(rows=1, seed=16)

    require_exactly(tables, rows=1, seed=16)


def test_a_repeated_load_changes_nothing(tables: RunningPlatform) -> None:
    load(rows=100, seed=16)
    first = content_by_node(tables)
    load(rows=100, seed=16, batch_rows=9)

    assert content_by_node(tables) == first


def test_a_smaller_load_leaves_none_of_the_larger(tables: RunningPlatform) -> None:
    load(rows=500, seed=16)
    load(rows=60, seed=17)

    require_exactly(tables, rows=60, seed=17)


@pytest.mark.parametrize("exchange_tables", [True, False])
def test_killed_before_any_request_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch, exchange_tables: bool
) -> None:
    extra = tables.extra() | {"exchange_tables": exchange_tables}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))
    require_repeatable_before_each_request(tables)


def test_killed_in_the_middle_of_a_batch_and_repeated_it_leaves_exactly_its_rows(
    tables: RunningPlatform,
) -> None:
    require_repeatable_in_a_batch(tables, lambda: inserts_with_rows(tables) > 0)


def test_an_attempt_that_was_given_up_but_still_runs_can_add_nothing(
    tables: RunningPlatform,
) -> None:
    require_that_given_up_adds_nothing(tables, lambda: inserts_with_rows(tables) > 0)


def test_rows_that_a_replica_loses_during_the_load_are_noticed_before_it_is_published(
    tables: RunningPlatform,
) -> None:
    load(rows=100, seed=16)
    published = content_by_node(tables)
    loading = (
        "SELECT name FROM system.tables WHERE database = currentDatabase() "
        "AND name LIKE '%local_loading%' AND total_rows > 0"
    )
    lock = threading.RLock()
    asking = False

    def lose_rows(_: str) -> None:
        """Empties one node's table as soon as the attempt has rows in it."""
        nonlocal asking
        with lock:
            if asking:
                return
            asking = True
            for (name,) in tables.rows("clickhouse-03", loading):
                tables.command(["clickhouse-03"], f"TRUNCATE TABLE {name}")
            asking = False

    with (
        pytest.raises(IncompleteLoadError, match=r"expected 50 rows.*clickhouse-03: 0"),
        requests_seen_by(lose_rows),
    ):
        load(rows=50, seed=17)

    assert content_by_node(tables) == published


def test_a_batch_that_the_client_sends_a_second_time_fails_the_load_before_it_is_published(
    tables: RunningPlatform,
) -> None:
    load(rows=100, seed=16)
    published = content_by_node(tables)

    with pytest.raises(IncompleteLoadError, match="expected 60 rows"), first_insert_sent_twice():
        load(rows=60, seed=17, batch_rows=30)

    assert content_by_node(tables) == published
    load(rows=60, seed=17)
    require_exactly(tables, rows=60, seed=17)


def test_without_a_node_it_fails_by_the_node_and_keeps_what_was_published(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(rows=100, seed=16)
    published = content_by_node(tables)
    extra = tables.extra()
    extra["nodes"][2]["port"] = 1
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))

    with pytest.raises(NodeError, match=r"clickhouse-03 \(127\.0\.0\.1:1\)"):
        load(rows=50, seed=17)

    assert content_by_node(tables) == published


def test_a_table_that_is_missing_on_a_node_fails_the_load_before_anything_is_sent(
    tables: RunningPlatform,
) -> None:
    tables.command(["clickhouse-04"], "DROP TABLE hw16_demo_products_local")

    with pytest.raises(NodeError, match="clickhouse-04"):
        load(rows=50, seed=17)
