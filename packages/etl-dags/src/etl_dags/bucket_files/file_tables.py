"""The tables of the pipeline as SQL, and the task that makes them.

A row has the SHA-256 of its file and its place in it. Both are in the sorting key of a
ReplacingMergeTree, and the id, which the shard follows from, is theirs alone: a file that is loaded
twice is there once when parts are merged, and two rows of a file stay two, however alike they are.
"""

from typing import Final, NamedTuple

from etl_dags.cluster import Cluster
from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import path_and_replica

PRODUCTS: Final = "files_from_bucket"
LEDGER: Final = "files_from_bucket_ledger"

FILE_COLUMNS: Final = {
    "id": "UInt64",
    "name": "String",
    "category": "String",
    "price": "Decimal(10, 2)",
    "created_at": "DateTime",
}
"""What a file has to have."""
COLUMNS: Final = {**FILE_COLUMNS, "file_sha256": "LowCardinality(String)", "file_row": "UInt64"}
LEDGER_COLUMNS: Final = {
    "key": "String",
    "etag": "String",
    "size": "UInt64",
    "sha256": "String",
    "state": "String",
    "row_count": "UInt64",
    "checksum": "UInt64",
    "extra_columns": "String",
    "reason": "String",
    "recorded_at": "DateTime",
}
CHECKSUM: Final = "cityHash64(file_row, id, name, category, price, created_at)"
"""Of a row, so that the sum over a file says whether a table has it."""


class _Layout(NamedTuple):
    columns: dict[str, str]
    version: str
    """The column by which the engine chooses among rows of one key; empty where they are alike."""
    order_by: str
    sharding_key: str


TABLES: Final = {
    PRODUCTS: _Layout(COLUMNS, "", "(id, file_sha256, file_row)", "cityHash64(id)"),
    LEDGER: _Layout(LEDGER_COLUMNS, "recorded_at", "key", "cityHash64(key)"),
}


def statements(settings: ClusterSettings) -> list[str]:
    """The statements, in their order, that make what is not there."""
    return [statement for name in TABLES for statement in _statements(settings, name)]


def _statements(settings: ClusterSettings, name: str) -> list[str]:
    """The statements for the table that holds rows, and the one that spreads them."""
    layout = TABLES[name]
    columns = ", ".join(f"{column} {type_}" for column, type_ in layout.columns.items())
    local = f"{name}_local"
    engine, arguments = "ReplacingMergeTree", [layout.version]
    if settings.replication == "keeper":
        engine = f"Replicated{engine}"
        arguments.insert(0, path_and_replica(settings, local).strip("()"))
    listed = ", ".join(filter(None, arguments))
    database = settings.database
    spread = f"Distributed('{settings.cluster}', '{database}', '{local}', {layout.sharding_key})"
    head = f"CREATE TABLE IF NOT EXISTS {database}"
    return [
        f"{head}.{local}{settings.on_cluster} ({columns}) "
        f"ENGINE = {engine}{listed and f'({listed})'} ORDER BY {layout.order_by}",
        f"{head}.{name}{settings.on_cluster} ({columns}) ENGINE = {spread}",
    ]


def create_file_tables(cluster: Cluster) -> None:
    """Makes the tables on every node where there are none.

    That they are what they must be, verification compares. Raises NodeError.
    """
    for statement in statements(cluster.settings):
        cluster.define(statement)
