"""Tables that replicate themselves: where they meet, and how one of them is damaged."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from clickhouse_connect.driver.httpclient import HttpClient

from support.running_platform import PlatformFolder, RunningPlatform

LOCAL = "hw16_demo_products_local"
DISTRIBUTED = "hw16_demo_products"
COLUMNS = "(id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime)"


def zookeeper_paths(platform: RunningPlatform) -> dict[str, str]:
    """The path that each node's published table shares with its replicas."""
    sql = (
        "SELECT zookeeper_path FROM system.replicas "
        f"WHERE database = currentDatabase() AND table = '{LOCAL}'"
    )
    return {node: platform.rows(node, sql)[0][0] for node in platform.nodes}


def rewrite(platform: RunningPlatform, nodes: list[str], select: str) -> None:
    """Puts what a query gives in the place of the nodes' rows, behind the replication's back."""
    for node in nodes:
        platform.command(
            [node],
            f"CREATE TABLE rewritten {COLUMNS} ENGINE = MergeTree "
            "PARTITION BY toYYYYMM(created_at) ORDER BY id",
            f"INSERT INTO rewritten {select}",
            f"DROP TABLE {LOCAL}",
        )
        [(path_name,)] = platform.rows(
            node, "SELECT concat('damaged_', toString(rand64())) AS name"
        )
        platform.command(
            [node],
            f"CREATE TABLE {LOCAL} {COLUMNS} ENGINE = "
            f"ReplicatedMergeTree('/clickhouse/tables/{{shard}}/{path_name}', "
            "'{replica}') PARTITION BY toYYYYMM(created_at) ORDER BY id",
            f"INSERT INTO {LOCAL} SELECT * FROM rewritten",
            "DROP TABLE rewritten",
        )


def rows_being_loaded(platform: RunningPlatform) -> int:
    """How many rows the first node holds that are not published yet."""
    sql = "SELECT sum(rows) FROM system.parts WHERE active AND table LIKE '%local_loading%'"
    found: int = platform.rows(platform.nodes[0], sql)[0][0]
    return found


@contextmanager
def killing_a_replica_before(
    folder: PlatformFolder, statement: str, client: type[Any] = HttpClient
) -> Iterator[None]:
    """Kills clickhouse-03 before a client sends the first statement that begins with a word."""
    killed = threading.Event()

    def kill_before(sent: str) -> None:
        if sent.startswith(statement) and not killed.is_set():
            killed.set()
            folder.kill("clickhouse-03")

    send_command, send_rows = client.command, client.insert

    def command(self: Any, sql: str, *arguments: Any, **options: Any) -> Any:
        kill_before(sql)
        return send_command(self, sql, *arguments, **options)

    def insert(self: Any, *arguments: Any, **options: Any) -> Any:
        kill_before("INSERT")
        return send_rows(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "command", command)
        patch.setattr(client, "insert", insert)
        yield
    assert killed.is_set()
