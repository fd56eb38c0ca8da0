"""What an Airflow connection says of the cluster behind it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from etl_dags.errors import PermanentError

Replication = Literal["keeper", "distributed-writes"]
Port = Annotated[int, Field(ge=1, le=65535)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
ClusterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]
TwoDigits = Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


class ClusterSettingsError(PermanentError):
    """A connection does not say enough of its cluster, or contradicts itself."""


class Node(BaseModel):
    """One ClickHouse node; `shard` and `replica` are its numbers in the cluster, two digits."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    host: str
    port: Port
    """Of the HTTP interface."""
    shard: TwoDigits
    replica: TwoDigits

    @property
    def shard_number(self) -> int:
        """The shard as `system.clusters` counts it."""
        return int(self.shard)


class ClusterSettings(BaseModel):
    """The `extra` of the connection, with its schema as the database."""

    # Other keys of a connection's extra belong to the hook, and may be secret.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database: Identifier
    cluster: ClusterName
    replication: Replication
    """How replicas get the same rows: the tables do it, or a Distributed table writes to all."""
    distributed_ddl: bool
    """Whether `ON CLUSTER` works."""
    exchange_tables: bool = True
    """Whether two tables can be swapped in one step and have a {uuid}: in Atomic databases."""
    replicated_database: bool = False
    """Whether the database is Replicated: it brings statements to all nodes, and refuses
    `ON CLUSTER` and paths that it has not chosen."""
    nodes: tuple[Node, ...] = ()
    secure: bool = False
    verify: bool = True

    @model_validator(mode="after")
    def _needs_a_way_to_reach_every_node(self) -> Self:
        if not self.nodes and not self.defines_once:
            raise ValueError(
                "nodes are needed where distributed_ddl is false: list every node with name, host, "
                "port, shard and replica, or set distributed_ddl if ON CLUSTER works"
            )
        if self.replication == "keeper" and not self.defines_once:
            raise ValueError(
                "replication by keeper needs distributed_ddl: the replicas of a table find each "
                "other by the path that only ON CLUSTER or a Replicated database gives to all of "
                "them"
            )
        if self.replicated_database and not self.exchange_tables:
            raise ValueError(
                "exchange_tables must not be false where replicated_database is true: a Replicated "
                "database exchanges tables, and does not rename several in one statement"
            )
        return self

    @property
    def defines_once(self) -> bool:
        """Whether a statement that defines tables goes to one node and reaches all."""
        return self.distributed_ddl or self.replicated_database

    @property
    def on_cluster(self) -> str:
        """The clause of statements that define tables; empty where they need none."""
        if self.replicated_database or not self.distributed_ddl:
            return ""
        return f" ON CLUSTER `{self.cluster}`"

    @classmethod
    def parse(cls, connection_id: str, schema: str | None, extra: Mapping[str, Any]) -> Self:
        """The settings in a connection.

        Raises ClusterSettingsError naming every field that is missing or wrong, never a value that
        may be secret.
        """
        try:
            return cls.model_validate({**extra, "database": schema})
        except ValidationError as cause:
            faults = cause.errors(include_url=False, include_input=False, include_context=False)
            wrong = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'extra'}: {fault['msg']}"
                for fault in faults
            )
            raise ClusterSettingsError(
                f"Connection {connection_id}",
                expected="the database as its schema, and cluster, replication, distributed_ddl "
                "and nodes in its extra",
                found=wrong,
                remedy="Correct the connection in Airflow (Admin → Connections).",
            ) from cause
