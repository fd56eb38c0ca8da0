"""The tables of the demo products as SQL; nothing here talks to a server."""

import re
from dataclasses import dataclass
from uuid import uuid4

from etl_dags.cluster_settings import ClusterSettings

LOCAL = "hw16_demo_products_local"
DISTRIBUTED = "hw16_demo_products"
# Where an attempt loads before its tables take the place of the published ones.
LOCAL_STAGING = f"{LOCAL}_loading_"
DISTRIBUTED_STAGING = f"{DISTRIBUTED}_loading_"

COLUMNS = {
    "id": "UInt32",
    "name": "String",
    "category": "String",
    "price": "Decimal(10, 2)",
    "created_at": "DateTime",
}
SHARDING_KEY = "cityHash64(id)"
LAYOUT = "PARTITION BY toYYYYMM(created_at) ORDER BY id"

# What a table's path in coordination ends with where there is no {uuid}: the same on all nodes, and
# never again that of another table.
PATH_NAME = re.compile(rf"{LOCAL_STAGING}[0-9a-f]{{12}}")


@dataclass(frozen=True)
class Table:
    """A table with the products' columns."""

    database: str
    name: str
    engine: str

    @property
    def qualified_name(self) -> str:
        """The name with its database."""
        return f"{self.database}.{self.name}"

    @property
    def definition(self) -> str:
        """The definition as ClickHouse writes it in `system.tables`, without default settings."""
        columns = ", ".join(f"`{name}` {type_}" for name, type_ in COLUMNS.items())
        return f"CREATE TABLE {self.qualified_name} ({columns}) ENGINE = {self.engine}"

    def create(self, on_cluster: str) -> str:
        """The statement that makes the table if there is none; it leaves any other as it is."""
        head = f"CREATE TABLE {self.qualified_name}"
        return self.definition.replace(
            head, f"CREATE TABLE IF NOT EXISTS {self.qualified_name}{on_cluster}", 1
        )


def local_table(settings: ClusterSettings, path_name: str, name: str = LOCAL) -> Table:
    """The table that holds a node's rows.

    `path_name`, from `new_staging_names`, is its own in coordination where it has no {uuid}.
    """
    engine = "MergeTree"
    if settings.replication == "keeper":
        engine = f"ReplicatedMergeTree{path_and_replica(settings, path_name)}"
    return Table(settings.database, name, f"{engine} {LAYOUT}")


def path_and_replica(settings: ClusterSettings, path_name: str) -> str:
    """What a replicated engine is given: its path in coordination, and the replica's name."""
    if settings.replicated_database:
        # The server fills in its default_replica_path and default_replica_name, and by default
        # refuses others: https://clickhouse.com/docs/engines/database-engines/replicated
        return ""
    # Only ON CLUSTER gives the replicas the same {uuid}, which stays when tables are exchanged.
    own = (
        "{uuid}/{shard}"
        if settings.exchange_tables
        else f"{{shard}}/{settings.database}/{path_name}"
    )
    return f"('/clickhouse/tables/{own}', '{{replica}}')"


def distributed_table(
    database: str, cluster: str, name: str = DISTRIBUTED, over: str = LOCAL
) -> Table:
    """The table that spreads rows over the shards and reads them all."""
    return Table(
        database, name, f"Distributed('{cluster}', '{database}', '{over}', {SHARDING_KEY})"
    )


@dataclass(frozen=True)
class StagingNames:
    """Names of the tables that one attempt loads into; the next attempt drops what begins so."""

    local: str
    distributed: str

    @property
    def loaded(self) -> str:
        """The local table on its way to the published name."""
        return f"{self.local}_loaded"

    @property
    def replaced(self) -> str:
        """The table that was published before."""
        return f"{self.local}_replaced"


def new_staging_names() -> StagingNames:
    """Names that no other attempt has, so that one that was given up cannot write to them."""
    attempt = uuid4().hex[:12]
    return StagingNames(f"{LOCAL_STAGING}{attempt}", f"{DISTRIBUTED_STAGING}{attempt}")


def drop_table(database: str, name: str, on_cluster: str) -> str:
    """The statement that removes a table.

    In an Atomic database it does so at once, and the files go some minutes later; in others it
    waits for the queries on the table to end.
    """
    return f"DROP TABLE IF EXISTS {database}.{name}{on_cluster}"
