"""The tables of the demo products as SQL; nothing here talks to a server."""

from dataclasses import dataclass
from uuid import uuid4

from etl_dags.cluster_settings import Replication

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

# The table's {uuid} keeps the path its own when tables are exchanged or made again, and only
# ON CLUSTER gives the replicas the same one.
REPLICATED = "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')"


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


def local_table(database: str, replication: Replication, name: str = LOCAL) -> Table:
    """The table that holds a node's rows."""
    engine = REPLICATED if replication == "keeper" else "MergeTree"
    return Table(database, name, f"{engine} {LAYOUT}")


def distributed_table(
    database: str, cluster: str, name: str = DISTRIBUTED, over: str = LOCAL
) -> Table:
    """The table that spreads rows over the shards and reads them all."""
    return Table(
        database, name, f"Distributed('{cluster}', '{database}', '{over}', {SHARDING_KEY})"
    )


@dataclass(frozen=True)
class StagingNames:
    """Names of the tables that one attempt loads into."""

    local: str
    distributed: str


def new_staging_names() -> StagingNames:
    """Names that no other attempt has, so that one that was given up cannot write to them."""
    attempt = uuid4().hex[:12]
    return StagingNames(f"{LOCAL_STAGING}{attempt}", f"{DISTRIBUTED_STAGING}{attempt}")


def exchange_tables(database: str, one: str, other: str, on_cluster: str) -> str:
    """The statement that swaps two tables' names in one step."""
    return f"EXCHANGE TABLES {database}.{one} AND {database}.{other}{on_cluster}"


def drop_table(database: str, name: str, on_cluster: str) -> str:
    """The statement that removes a table at once, without waiting for the queries on it to end.

    Its files go some minutes later.
    """
    return f"DROP TABLE IF EXISTS {database}.{name}{on_cluster}"
