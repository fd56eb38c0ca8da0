from typing import Any

from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import (
    PATH_NAME,
    distributed_table,
    drop_table,
    local_table,
    new_staging_names,
)

COLUMNS = (
    "(`id` UInt32, `name` String, `category` String, `price` Decimal(10, 2), `created_at` DateTime)"
)
CLAUSE = " ON CLUSTER `dwh_test`"
PATH = "hw16_demo_products_local_loading_0123456789ab"


def settings(**changes: Any) -> ClusterSettings:
    extra = {"cluster": "dwh_test", "replication": "keeper", "distributed_ddl": True}
    return ClusterSettings.parse("clickhouse_default", "otus_default", extra | changes)


def test_rows_lie_in_a_plain_table_where_the_distributed_one_writes_to_all_replicas() -> None:
    assert local_table(settings(replication="distributed-writes"), PATH).definition == (
        f"CREATE TABLE otus_default.hw16_demo_products_local {COLUMNS} "
        "ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_a_replicated_table_has_its_path_and_replica_by_macros() -> None:
    assert local_table(settings(), PATH).definition == (
        f"CREATE TABLE otus_default.hw16_demo_products_local {COLUMNS} "
        "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') "
        "PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_in_a_replicated_database_the_server_chooses_path_and_replica() -> None:
    assert local_table(settings(replicated_database=True), PATH).definition == (
        f"CREATE TABLE otus_default.hw16_demo_products_local {COLUMNS} "
        "ENGINE = ReplicatedMergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_without_a_uuid_the_path_has_a_name_of_its_own_whatever_the_table_is_called() -> None:
    table = local_table(settings(exchange_tables=False), PATH, name="renamed")

    assert table.definition == (
        f"CREATE TABLE otus_default.renamed {COLUMNS} ENGINE = "
        f"ReplicatedMergeTree('/clickhouse/tables/{{shard}}/otus_default/{PATH}', '{{replica}}') "
        "PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_the_distributed_table_spreads_by_the_hash_of_the_id() -> None:
    assert distributed_table("otus_default", "dwh_test").definition == (
        f"CREATE TABLE otus_default.hw16_demo_products {COLUMNS} ENGINE = "
        "Distributed('dwh_test', 'otus_default', 'hw16_demo_products_local', cityHash64(id))"
    )


def test_a_table_is_made_only_where_there_is_none() -> None:
    table = local_table(settings(replication="distributed-writes"), PATH)

    assert table.create("") == table.definition.replace(
        "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS "
    )


def test_statements_carry_the_cluster_after_the_table() -> None:
    table = local_table(settings(), PATH)

    assert table.create(CLAUSE).startswith(
        f"CREATE TABLE IF NOT EXISTS otus_default.hw16_demo_products_local{CLAUSE} (`id`"
    )
    assert drop_table("d", "a", CLAUSE) == f"DROP TABLE IF EXISTS d.a{CLAUSE}"


def test_no_two_attempts_share_a_staging_table() -> None:
    one, other = new_staging_names(), new_staging_names()

    assert one.local != other.local
    assert one.distributed != other.distributed
    assert PATH_NAME.fullmatch(one.local)
    assert one.distributed.startswith("hw16_demo_products_loading_")
