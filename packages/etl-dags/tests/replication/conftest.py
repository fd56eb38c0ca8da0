"""A cluster whose tables replicate themselves, with databases of several engines."""

from collections.abc import Iterator

import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import create_demo_tables
from support.databases import ENGINES, empty, with_database
from support.running_platform import (
    PlatformFolder,
    RunningPlatform,
    connect_over_http,
    start_platform,
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> PlatformFolder:
    home = tmp_path_factory.mktemp("platforms")
    flags = ("--engine", "chdb", "--replication", "keeper", "--coordinators", "1")
    return PlatformFolder(home, "etl-dags-replication", *flags)


@pytest.fixture(scope="session")
def cluster(folder: PlatformFolder) -> Iterator[RunningPlatform]:
    try:
        running = start_platform(folder, "httpPort", connect_over_http)
        yield running
        running.close()
    finally:
        folder.down()


@pytest.fixture(scope="session", params=ENGINES)
def platform(request: pytest.FixtureRequest, cluster: RunningPlatform) -> Iterator[RunningPlatform]:
    """The cluster with a database of its own for each engine."""
    running = with_database(cluster, request.param)
    yield running
    running.close()


@pytest.fixture
def tables(platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch) -> RunningPlatform:
    """The platform with the connection to it and with new, empty tables."""
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", platform.connection())
    empty(platform)
    with open_cluster() as cluster:
        create_demo_tables(cluster)
    return platform
