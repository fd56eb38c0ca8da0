"""A ClickHouse cluster whose nodes are each asked for themselves."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any, TypeVar

import clickhouse_connect
from airflow.providers.clickhousedb.hooks.clickhouse import ClickHouseHook
from airflow.sdk import Connection
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from pydantic import BaseModel

from etl_dags.cluster_settings import ClusterSettings, ClusterSettingsError, Node
from etl_dags.errors import PipelineError

log = logging.getLogger(__name__)

# The answer to a statement for all nodes begins when the first has executed it: over HTTP, an error
# of a later one would only break the answer off, without the server's words.
WHOLE_ANSWER = {"wait_end_of_query": 1}

Row = TypeVar("Row", bound=BaseModel)
Answer = TypeVar("Answer")


class NodeError(PipelineError):
    """Some nodes did not answer or refused a statement."""


class _Member(BaseModel):
    """A row of `system.clusters`."""

    host_name: str
    shard_num: int
    replica_num: int


class Shard(BaseModel):
    """A shard and its weight, as `system.clusters` has them."""

    shard_num: int
    shard_weight: int


def fetch(
    client: Client, row: type[Row], sql: str, parameters: Mapping[str, Any] | None = None
) -> list[Row]:
    """The rows of a query's answer. Raises pydantic's error if they are not what was asked for."""
    answer = client.query(sql, parameters=dict(parameters or {}))
    return [row.model_validate(values) for values in answer.named_results()]


class Cluster:
    """A cluster with an open client for each of its nodes; `open_cluster` gives one."""

    def __init__(
        self,
        settings: ClusterSettings,
        entry: Client,
        clients: Mapping[Node, Client],
        pool: ThreadPoolExecutor,
    ) -> None:
        """Takes what is open; whoever opened it closes it."""
        self.settings = settings
        self._entry = entry
        self._clients = clients
        self._pool = pool

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of the cluster."""
        return tuple(self._clients)

    def define(self, statement: str) -> None:
        """Runs a statement that defines tables on all nodes.

        It goes once, with `settings.on_cluster`, where one node brings it to all, else to each.

        Raises NodeError.
        """
        if self.settings.defines_once:
            self.define_on_entry(statement)
        else:
            self.on_each_node(lambda _, client: client.command(statement))

    def define_on_entry(self, statement: str) -> None:
        """Runs a statement that defines tables at the connection's own address.

        A Replicated database brings it to all nodes all the same. Raises NodeError.
        """
        self.on_entry(lambda client: client.command(statement, settings=WHOLE_ANSWER))

    def on_entry(self, action: Callable[[Client], Answer]) -> Answer:
        """What an action gives at the connection's own address. Raises NodeError."""
        try:
            return action(self._entry)
        except ClickHouseError as cause:
            raise _node_error({"The connection's own address": cause}) from cause

    def on_node(self, node: Node, action: Callable[[Client], Answer]) -> Answer:
        """What an action gives on one node. Raises NodeError."""
        try:
            return action(self._clients[node])
        except ClickHouseError as cause:
            raise _node_error({_place(node): cause}) from cause

    def on_each_node(self, action: Callable[[Node, Client], Answer]) -> dict[Node, Answer]:
        """What an action gives on each node, all at once.

        Raises NodeError, after all have ended, naming every node that it failed on.
        """
        return _side_by_side(
            self._pool, self._clients, lambda node: action(node, self._clients[node])
        )

    def shards(self) -> list[Shard]:
        """The shards with their weights, as the servers have them. Raises NodeError."""
        sql = (
            "SELECT DISTINCT shard_num, shard_weight FROM system.clusters "
            "WHERE cluster = {cluster:String} ORDER BY shard_num"
        )
        parameters = {"cluster": self.settings.cluster}
        return self.on_entry(lambda client: fetch(client, Shard, sql, parameters))


@contextmanager
def open_cluster(connection_id: str = "clickhouse_default") -> Iterator[Cluster]:
    """The cluster that an Airflow connection describes, with clients that are closed afterwards.

    Raises ClusterSettingsError if it does not say enough, NodeError if a node does not answer.
    """
    connection = ClickHouseHook.get_connection(connection_id)
    settings = ClusterSettings.parse(connection_id, connection.schema, connection.extra_dejson)
    with ExitStack() as resources:
        entry = resources.enter_context(closing(_connect_entry(connection_id)))
        nodes = settings.nodes or _discover_nodes(settings, connection, entry)
        pool = resources.enter_context(ThreadPoolExecutor(max_workers=len(nodes)))

        def connect(node: Node) -> Client:
            client = _connect(settings, connection, node)
            # At once, because another node may not answer.
            resources.callback(client.close)
            return client

        clients = _side_by_side(pool, nodes, connect)
        log.info(
            "Cluster %s: %d nodes (%s); statements that define tables go %s; replicas get rows %s.",
            settings.cluster,
            len(nodes),
            "from the connection" if settings.nodes else "found in system.clusters",
            _way_of_statements(settings),
            "by replicated tables"
            if settings.replication == "keeper"
            else "by Distributed writes to all of them",
        )
        yield Cluster(settings, entry, clients, pool)


def _way_of_statements(settings: ClusterSettings) -> str:
    if settings.replicated_database:
        return "once, to its Replicated database"
    return "once, ON CLUSTER" if settings.distributed_ddl else "to each node"


def _connect_entry(connection_id: str) -> Client:
    hook = ClickHouseHook(
        clickhouse_conn_id=connection_id,
        # A session admits one query at a time, and would lock out an attempt that follows.
        client_kwargs={"autogenerate_session_id": False},
    )
    try:
        return hook.get_client()
    except ClickHouseError as cause:
        raise _node_error({f"Connection {connection_id}": cause}) from cause


def _connect(settings: ClusterSettings, connection: Connection, node: Node) -> Client:
    return clickhouse_connect.get_client(
        host=node.host,
        port=node.port,
        username=connection.login or "",
        password=connection.password or "",
        database=settings.database,
        secure=settings.secure,
        verify=settings.verify,
        autogenerate_session_id=False,
    )


def _discover_nodes(
    settings: ClusterSettings, connection: Connection, entry: Client
) -> tuple[Node, ...]:
    """The nodes as the server knows them, each expected at the connection's own HTTP port."""
    members = fetch(
        entry,
        _Member,
        "SELECT host_name, shard_num, replica_num FROM system.clusters "
        "WHERE cluster = {cluster:String} ORDER BY replica_num, shard_num",
        {"cluster": settings.cluster},
    )
    if not members:
        raise ClusterSettingsError(
            f"Cluster {settings.cluster}",
            expected="its nodes in system.clusters",
            found="none",
            remedy="Correct cluster in the connection's extra, or the server's remote_servers.",
        )
    return tuple(
        Node(
            name=member.host_name,
            host=member.host_name,
            port=connection.port or 8123,
            shard=f"{member.shard_num:02d}",
            replica=f"{member.replica_num:02d}",
        )
        for member in members
    )


def _place(node: Node) -> str:
    return f"{node.name} ({node.host}:{node.port})"


def _side_by_side(
    pool: ThreadPoolExecutor, nodes: Iterable[Node], action: Callable[[Node], Answer]
) -> dict[Node, Answer]:
    futures = {node: pool.submit(action, node) for node in nodes}
    failures: dict[str, ClickHouseError] = {}
    for node, future in futures.items():
        error = future.exception()
        if isinstance(error, ClickHouseError):
            failures[_place(node)] = error
    if failures:
        raise _node_error(failures) from next(iter(failures.values()))
    return {node: future.result() for node, future in futures.items()}


def _node_error(failures: Mapping[str, ClickHouseError]) -> NodeError:
    return NodeError(
        ", ".join(failures),
        expected="an answer",
        found="; ".join(str(error) for error in failures.values()),
        remedy="See that the node runs and knows the user; its log says more.",
    )
