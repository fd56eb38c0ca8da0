from typing import Any

from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import PATH_NAME, StagingNames
from etl_dags.publication import publish_statements

STAGING = StagingNames("hw16_demo_products_local_loading_0123456789ab", "unused")
ON_CLUSTER = " ON CLUSTER `dwh_test`"
LOCAL = "otus_default.hw16_demo_products_local"


def statements(**changes: Any) -> tuple[str, ...]:
    extra = {"cluster": "dwh_test", "replication": "keeper", "distributed_ddl": True}
    settings = ClusterSettings.parse("clickhouse_default", "otus_default", extra | changes)
    return publish_statements(settings, STAGING)


def test_tables_are_exchanged_in_one_step_where_the_database_can() -> None:
    assert statements() == (
        f"EXCHANGE TABLES {LOCAL} AND {LOCAL}_loading_0123456789ab{ON_CLUSTER}",
        f"DROP TABLE IF EXISTS {LOCAL}_loading_0123456789ab{ON_CLUSTER}",
    )


def test_a_replicated_database_exchanges_them_without_on_cluster() -> None:
    assert statements(replicated_database=True) == (
        f"EXCHANGE TABLES {LOCAL} AND {LOCAL}_loading_0123456789ab",
        f"DROP TABLE IF EXISTS {LOCAL}_loading_0123456789ab",
    )


def test_tables_are_renamed_beginning_with_the_attempts_own_where_it_cannot() -> None:
    _, rename, drop = statements(exchange_tables=False)

    assert rename == (
        f"RENAME TABLE {LOCAL}_loading_0123456789ab TO {LOCAL}_loading_0123456789ab_loaded, "
        f"{LOCAL} TO {LOCAL}_loading_0123456789ab_replaced, "
        f"{LOCAL}_loading_0123456789ab_loaded TO {LOCAL}{ON_CLUSTER}"
    )
    assert drop == f"DROP TABLE IF EXISTS {LOCAL}_loading_0123456789ab_replaced{ON_CLUSTER}"


def test_a_node_that_lost_its_published_table_gets_one_with_another_path_before() -> None:
    create, *_ = statements(exchange_tables=False)

    assert create.startswith(f"CREATE TABLE IF NOT EXISTS {LOCAL}{ON_CLUSTER} (")
    path = PATH_NAME.search(create)
    assert path is not None
    assert path.group() != STAGING.local
