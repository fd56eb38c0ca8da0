"""Merging, where a table's engine makes one row of several: whoever counts then counts right."""

from collections.abc import Sequence

from clickhouse_connect.driver.client import Client

from etl_dags.cluster import Cluster
from etl_dags.cluster_settings import Node


def merge_tables(cluster: Cluster, names: Sequence[str]) -> None:
    """Merges every part of the local tables into one, on every node. Raises NodeError."""
    tables = [f"{cluster.settings.database}.{name}" for name in names]
    replicated = cluster.settings.replication == "keeper"

    def merge(node: Node, client: Client) -> None:
        for table in tables:
            if replicated:
                client.command(f"SYSTEM SYNC REPLICA {table}")
            # With Keeper one replica of each shard merges, and the others do the same.
            if not replicated or node in first_of_shards:
                client.command(f"OPTIMIZE TABLE {table} FINAL")

    first_of_shards = {
        node.shard: node
        for node in sorted(cluster.nodes, key=lambda node: node.replica, reverse=True)
    }.values()

    def wait(_: Node, client: Client) -> None:
        for table in tables:
            client.command(f"SYSTEM SYNC REPLICA {table}")

    cluster.on_each_node(merge)
    if replicated:
        cluster.on_each_node(wait)
