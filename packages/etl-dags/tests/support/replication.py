"""Tables that replicate themselves: where they meet, and how one of them is damaged."""

import json
import os
import signal

from support.running_platform import PlatformFolder, RunningPlatform

LOCAL = "hw16_demo_products_local"
DISTRIBUTED = "hw16_demo_products"
COLUMNS = "(id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime)"


def zookeeper_paths(platform: RunningPlatform) -> dict[str, str]:
    """The path that each node's published table shares with its replicas."""
    sql = f"SELECT zookeeper_path FROM system.replicas WHERE table = '{LOCAL}'"
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
            f"ReplicatedMergeTree('/clickhouse/tables/{{shard}}/otus_default/{path_name}', "
            "'{replica}') PARTITION BY toYYYYMM(created_at) ORDER BY id",
            f"INSERT INTO {LOCAL} SELECT * FROM rewritten",
            "DROP TABLE rewritten",
        )


def kill_node(folder: PlatformFolder, node: str) -> None:
    """Kills a node's server; `folder.up` starts it again."""
    components = json.loads(folder.run("infra", "status", "--json"))
    [pid] = [component["pid"] for component in components if component["name"] == node]
    os.kill(pid, signal.SIGKILL)
