import logging

import pytest

from etl_dags.cluster import NodeError, open_cluster
from etl_dags.cluster_settings import ClusterSettingsError
from support.running_platform import RunningPlatform


def test_each_node_answers_for_itself(tables: RunningPlatform) -> None:
    with open_cluster() as cluster:
        names = cluster.on_each_node(lambda _, client: client.command("SELECT displayName()"))

    assert {node.name: name for node, name in names.items()} == {
        name: name for name in tables.nodes
    }


def test_it_logs_which_way_statements_and_rows_go(
    tables: RunningPlatform, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "etl_dags"), open_cluster():
        pass

    assert "to each node" in caplog.text
    assert "Distributed writes" in caplog.text
    assert tables.password not in caplog.text


def test_the_servers_say_which_shards_there_are(tables: RunningPlatform) -> None:
    assert tables.nodes
    with open_cluster() as cluster:
        assert [(shard.shard_num, shard.shard_weight) for shard in cluster.shards()] == [
            (1, 1),
            (2, 1),
        ]


def test_a_wrong_password_is_an_error_that_does_not_show_it(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "not-the-password-of-anybody"
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(password=wrong))

    with pytest.raises(NodeError, match="clickhouse_default") as caught, open_cluster():
        pass

    assert wrong not in str(caught.value)


def test_all_nodes_that_fail_are_named(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tables.extra()
    extra["nodes"][1]["port"] = extra["nodes"][3]["port"] = 1
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))

    with pytest.raises(NodeError) as caught, open_cluster():
        pass

    assert caught.value.subject == "clickhouse-02 (127.0.0.1:1), clickhouse-04 (127.0.0.1:1)"


def test_without_nodes_they_are_those_that_the_server_knows(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tables.extra() | {"nodes": [], "distributed_ddl": True}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))

    with open_cluster() as cluster:
        places = [(node.host, node.shard, node.replica) for node in cluster.on_each_node(_ignore)]

    assert places == [
        ("127.0.0.1", "01", "01"),
        ("127.0.0.1", "02", "01"),
        ("127.0.0.1", "01", "02"),
        ("127.0.0.1", "02", "02"),
    ]


def test_a_cluster_that_the_server_does_not_know_is_an_error(
    tables: RunningPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tables.extra() | {"nodes": [], "distributed_ddl": True, "cluster": "elsewhere"}
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", tables.connection(extra=extra))

    with pytest.raises(ClusterSettingsError, match="Cluster elsewhere"), open_cluster():
        pass


def _ignore(*_: object) -> None:
    """Asks a node for nothing."""
