from collections.abc import Iterator

import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import create_demo_tables
from support.running_platform import (
    PlatformFolder,
    RunningPlatform,
    connect_over_http,
    start_platform,
)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    flags = ("--engine", "chdb", "--replication", "distributed-writes")
    folder = PlatformFolder(tmp_path_factory.mktemp("platforms"), "etl-dags-tests", *flags)
    try:
        running = start_platform(folder, "httpPort", connect_over_http)
        yield running
        running.close()
    finally:
        folder.down()


@pytest.fixture
def tables(platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch) -> RunningPlatform:
    """The platform with the connection to it and with new, empty tables."""
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", platform.connection())
    for node in platform.nodes:
        names = platform.rows(
            node, "SELECT name FROM system.tables WHERE database = currentDatabase()"
        )
        platform.command([node], *(f"DROP TABLE {name}" for (name,) in names))
    with open_cluster() as cluster:
        create_demo_tables(cluster)
    return platform
