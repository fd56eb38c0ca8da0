"""A cluster of servers whose tables replicate themselves, for the tests of this folder."""

import re
from collections.abc import Iterator

import pytest

from etl_dags.cluster import open_cluster
from etl_dags.create_tables import create_demo_tables
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
    return PlatformFolder(home, "etl-dags-replication", "--engine", "server")


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
        for client in running.clients.values():
            client.close()
    finally:
        folder.down()


@pytest.fixture
def tables(platform: RunningPlatform, monkeypatch: pytest.MonkeyPatch) -> RunningPlatform:
    """The platform with the connection to it and with new, empty tables."""
    monkeypatch.setattr("clickhouse_connect.get_client", get_client)
    monkeypatch.setenv("AIRFLOW_CONN_CLICKHOUSE_DEFAULT", platform.connection())
    for node in platform.nodes:
        names = platform.rows(
            node, "SELECT name FROM system.tables WHERE database = currentDatabase()"
        )
        platform.command([node], *(f"DROP TABLE {name}" for (name,) in names))
    with open_cluster() as cluster:
        create_demo_tables(cluster)
    return platform


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Says aloud that nothing was tested."""
    if REASON in config.stash:
        terminalreporter.write_line(
            f"NO CLICKHOUSE SERVER: replication was not tested. {config.stash[REASON]}", red=True
        )
