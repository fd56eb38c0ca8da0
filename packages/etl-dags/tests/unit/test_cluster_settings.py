from typing import Any

import pytest

from etl_dags.cluster_settings import ClusterSettings, ClusterSettingsError

NODE = {
    "name": "clickhouse-02",
    "host": "127.0.0.1",
    "port": 8124,
    "native_port": 9001,
    "shard": "02",
    "replica": "01",
}
EXTRA = {
    "cluster": "dwh_test",
    "distributed_ddl": False,
    "replication": "distributed-writes",
    "nodes": [NODE],
}


def parse(**changes: Any) -> ClusterSettings:
    return ClusterSettings.parse("clickhouse_default", "otus_default", EXTRA | changes)


def test_reads_a_cluster_with_its_nodes() -> None:
    settings = parse()

    assert (settings.cluster, settings.database) == ("dwh_test", "otus_default")
    assert settings.nodes[0].name == "clickhouse-02"
    assert settings.nodes[0].shard_number == 2
    assert settings.on_cluster == ""


def test_needs_no_nodes_where_on_cluster_works() -> None:
    settings = parse(nodes=[], distributed_ddl=True, replication="keeper")

    assert settings.nodes == ()
    assert settings.on_cluster == " ON CLUSTER `dwh_test`"


def test_tables_can_be_exchanged_unless_the_connection_says_otherwise() -> None:
    assert parse().exchange_tables is True
    assert parse(exchange_tables=False).exchange_tables is False


def test_a_replicated_database_needs_neither_nodes_nor_on_cluster() -> None:
    settings = parse(nodes=[], replicated_database=True, replication="keeper")

    assert settings.defines_once
    assert settings.on_cluster == ""


def test_a_replicated_database_takes_no_on_cluster_where_other_databases_do() -> None:
    assert parse(replicated_database=True, distributed_ddl=True).on_cluster == ""


def test_refuses_a_replicated_database_that_could_not_exchange_tables() -> None:
    with pytest.raises(ClusterSettingsError, match="a Replicated database exchanges tables"):
        parse(replicated_database=True, exchange_tables=False)


def test_leaves_the_keys_of_the_hook_alone() -> None:
    assert parse(secure=True, connect_timeout=3, client_name="x").secure is True


@pytest.mark.parametrize("field", ["cluster", "distributed_ddl", "replication"])
def test_names_a_field_that_is_missing(field: str) -> None:
    extra = {name: value for name, value in EXTRA.items() if name != field}

    with pytest.raises(ClusterSettingsError, match="clickhouse_default") as caught:
        ClusterSettings.parse("clickhouse_default", "otus_default", extra)

    assert caught.value.found == f"{field}: Field required"


def test_names_the_field_of_a_node_that_is_missing() -> None:
    with pytest.raises(ClusterSettingsError) as caught:
        parse(nodes=[{name: value for name, value in NODE.items() if name != "port"}])

    assert caught.value.found == "nodes.0.port: Field required"


@pytest.mark.parametrize("schema", [None, "", "otus; DROP TABLE x"])
def test_requires_a_plain_database_name_as_the_schema(schema: str | None) -> None:
    with pytest.raises(ClusterSettingsError) as caught:
        ClusterSettings.parse("clickhouse_default", schema, EXTRA)

    assert caught.value.found.startswith("database: ")


def test_refuses_a_cluster_name_that_would_break_a_statement() -> None:
    with pytest.raises(ClusterSettingsError, match="cluster: "):
        parse(cluster="dwh`test")


def test_says_what_to_do_where_neither_nodes_nor_on_cluster_reach_every_node() -> None:
    with pytest.raises(ClusterSettingsError, match="list every node with name, host, port"):
        parse(nodes=[])


def test_refuses_replicated_tables_without_on_cluster() -> None:
    with pytest.raises(ClusterSettingsError, match="keeper needs distributed_ddl"):
        parse(replication="keeper")


def test_shows_no_value_of_the_extra() -> None:
    with pytest.raises(ClusterSettingsError) as caught:
        parse(cluster=7, password="hunter2-hunter2")

    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"
