"""The tables of the pipeline as SQL, and the task that makes them.

A product is one row: its id chooses the shard and is the sorting key of a ReplacingMergeTree, which
keeps the highest version. So the table has no partitions by time: versions of a product meet only
within one. The ledger says which windows were read; it is what the next run goes on from.
"""

from typing import Final, NamedTuple

from etl_dags.cluster import Cluster
from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import path_and_replica
from etl_dags.product_feed.change import COLUMNS

PRODUCTS: Final = "products_from_api"
LEDGER: Final = "products_from_api_windows"
LEDGER_COLUMNS: Final = {
    "window_start": "DateTime",
    "window_end": "DateTime",
    "as_of": "DateTime",
    "changes": "UInt64",
    "checksum": "UInt64",
    "loaded_at": "DateTime",
}


class _Layout(NamedTuple):
    columns: dict[str, str]
    version: str
    order_by: str
    sharding_key: str


TABLES: Final = {
    PRODUCTS: _Layout(COLUMNS, "version", "id", "cityHash64(id)"),
    LEDGER: _Layout(
        LEDGER_COLUMNS, "as_of", "(window_start, window_end)", "cityHash64(window_start)"
    ),
}


def statements(settings: ClusterSettings) -> list[str]:
    """The statements, in their order, that make what is not there."""
    return [statement for name in TABLES for statement in _statements(settings, name)]


def _statements(settings: ClusterSettings, name: str) -> list[str]:
    """The statements for the table that holds rows, and the one that spreads them."""
    layout = TABLES[name]
    columns = ", ".join(f"{column} {type_}" for column, type_ in layout.columns.items())
    local = f"{name}_local"
    engine = f"ReplacingMergeTree({layout.version})"
    if settings.replication == "keeper":
        place = path_and_replica(settings, local).removesuffix(")")
        comma = ", " if place else "("
        engine = f"ReplicatedReplacingMergeTree{place}{comma}{layout.version})"
    database = settings.database
    spread = f"Distributed('{settings.cluster}', '{database}', '{local}', {layout.sharding_key})"
    head = f"CREATE TABLE IF NOT EXISTS {database}"
    return [
        f"{head}.{local}{settings.on_cluster} ({columns}) ENGINE = {engine} "
        f"ORDER BY {layout.order_by}",
        f"{head}.{name}{settings.on_cluster} ({columns}) ENGINE = {spread}",
    ]


def create_feed_tables(cluster: Cluster) -> None:
    """Makes the tables on every node where there are none.

    That they are what they must be, verification compares. Raises NodeError.
    """
    for statement in statements(cluster.settings):
        cluster.define(statement)
