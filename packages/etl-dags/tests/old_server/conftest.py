"""A cluster of ClickHouse servers of the version that the machine has, spoken to natively."""

import re
from collections.abc import Iterator

import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import create_demo_tables
from support.databases import empty
from support.driver_client import get_client
from support.running_platform import (
    PlatformFolder,
    PlatformStartError,
    RunningPlatform,
    start_platform,
)

# How the platform's command says that this machine has no server, or nothing to coordinate it.
NO_SERVER = re.compile(r"expected (a clickhouse server|java and zookeeper), found none", re.I)
REASON = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> PlatformFolder:
    home = tmp_path_factory.mktemp("platforms")
    return PlatformFolder(home, "etl-dags-old-server", "--engine", "server")


@pytest.fixture(scope="session")
def platform(folder: PlatformFolder, pytestconfig: pytest.Config) -> Iterator[RunningPlatform]:
    try:
        try:
            running = start_platform(folder, "nativePort", get_client)
        except PlatformStartError as error:
            if not NO_SERVER.search(str(error)):
                raise
            pytestconfig.stash[REASON] = str(error)
            pytest.skip(str(error))
        yield running
        running.close()
    finally:
        folder.down()


@pytest.fixture
def tables(platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch) -> RunningPlatform:
    """The platform with the connection to it and with new, empty tables."""
    monkeypatch.setattr("clickhouse_connect.get_client", get_client)
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", platform.connection())
    empty(platform)
    with open_cluster() as cluster:
        create_demo_tables(cluster)
    return platform


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Says aloud that nothing was tested."""
    if REASON in config.stash:
        terminalreporter.write_line(
            f"NO CLICKHOUSE SERVER: old servers were not tested. {config.stash[REASON]}", red=True
        )
