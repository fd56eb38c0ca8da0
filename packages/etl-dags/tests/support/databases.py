"""Databases of the engines that tables which replicate themselves may lie in."""

from copy import deepcopy
from typing import Any, Literal

from support.running_platform import RunningPlatform, connect, connect_over_http

DatabaseEngine = Literal["atomic", "replicated", "ordinary"]

ENGINES: dict[DatabaseEngine, str] = {
    "atomic": "Atomic",
    "replicated": "Replicated('/clickhouse/databases/of_tests', '{shard}', '{replica}')",
    # As those of old servers: it cannot exchange tables and knows no {uuid}.
    "ordinary": "Ordinary",
}
CAPABILITIES: dict[DatabaseEngine, dict[str, bool]] = {
    "atomic": {},
    "replicated": {"replicatedDatabase": True},
    "ordinary": {"exchangeTables": False},
}


def with_database(platform: RunningPlatform, engine: DatabaseEngine) -> RunningPlatform:
    """The platform with a database of an engine, which is made on all nodes, as its own."""
    deployment: dict[str, Any] = deepcopy(platform.deployment)
    clickhouse = deployment["clickhouse"]
    clickhouse["database"] = f"of_{engine}"
    clickhouse["capabilities"] |= CAPABILITIES[engine]
    platform.clients[platform.nodes[0]].command(
        f"CREATE DATABASE IF NOT EXISTS {clickhouse['database']} "
        f"ON CLUSTER {clickhouse['cluster']} "
        f"ENGINE = {ENGINES[engine]}",
        settings={"allow_deprecated_database_ordinary": 1},
    )
    return connect(deployment, platform.password, "httpPort", connect_over_http)


def empty(platform: RunningPlatform) -> None:
    """Removes all tables of the platform's database."""
    for node in platform.nodes:
        names = platform.rows(
            node, "SELECT name FROM system.tables WHERE database = currentDatabase()"
        )
        # A Replicated database has none left after the first node.
        platform.command([node], *(f"DROP TABLE IF EXISTS {name}" for (name,) in names))
