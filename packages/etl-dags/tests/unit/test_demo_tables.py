from etl_dags.demo_tables import (
    distributed_table,
    drop_table,
    exchange_tables,
    local_table,
    new_staging_names,
)

COLUMNS = (
    "(`id` UInt32, `name` String, `category` String, `price` Decimal(10, 2), `created_at` DateTime)"
)
CLAUSE = " ON CLUSTER `dwh_test`"


def test_rows_lie_in_a_plain_table_where_the_distributed_one_writes_to_all_replicas() -> None:
    assert local_table("otus_default", "distributed-writes").definition == (
        f"CREATE TABLE otus_default.hw16_demo_products_local {COLUMNS} "
        "ENGINE = MergeTree PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_a_replicated_table_has_its_path_and_replica_by_macros() -> None:
    assert local_table("otus_default", "keeper").definition == (
        f"CREATE TABLE otus_default.hw16_demo_products_local {COLUMNS} "
        "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') "
        "PARTITION BY toYYYYMM(created_at) ORDER BY id"
    )


def test_the_distributed_table_spreads_by_the_hash_of_the_id() -> None:
    assert distributed_table("otus_default", "dwh_test").definition == (
        f"CREATE TABLE otus_default.hw16_demo_products {COLUMNS} ENGINE = "
        "Distributed('dwh_test', 'otus_default', 'hw16_demo_products_local', cityHash64(id))"
    )


def test_a_table_is_made_only_where_there_is_none() -> None:
    table = local_table("otus_default", "distributed-writes")

    assert table.create("") == table.definition.replace(
        "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS "
    )


def test_statements_carry_the_cluster_after_the_table() -> None:
    table = local_table("otus_default", "keeper")

    assert table.create(CLAUSE).startswith(
        f"CREATE TABLE IF NOT EXISTS otus_default.hw16_demo_products_local{CLAUSE} (`id`"
    )
    assert exchange_tables("d", "a", "b", CLAUSE) == f"EXCHANGE TABLES d.a AND d.b{CLAUSE}"
    assert drop_table("d", "a", CLAUSE) == f"DROP TABLE IF EXISTS d.a{CLAUSE}"


def test_no_two_attempts_share_a_staging_table() -> None:
    one, other = new_staging_names(), new_staging_names()

    assert one.local != other.local
    assert one.distributed != other.distributed
    assert one.local.startswith("hw16_demo_products_local_loading_")
    assert one.distributed.startswith("hw16_demo_products_loading_")
