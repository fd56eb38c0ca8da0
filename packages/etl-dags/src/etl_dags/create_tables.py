"""The first task: both tables on every node, as they are meant to be."""

import logging
from functools import partial

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from etl_dags.cluster import Cluster, fetch
from etl_dags.cluster_settings import Node
from etl_dags.demo_tables import (
    PATH_NAME,
    Table,
    distributed_table,
    local_table,
    new_staging_names,
)
from etl_dags.dialect import plain
from etl_dags.errors import PermanentError

log = logging.getLogger(__name__)


class TableDefinitionError(PermanentError):
    """A table exists but is not what the pipeline needs."""


class _Definition(BaseModel):
    create_table_query: str


def create_demo_tables(cluster: Cluster) -> None:
    """Makes the tables where there are none, and demands that those there are be the same.

    Raises TableDefinitionError naming the node, with the definition expected and found; NodeError.
    """
    settings = cluster.settings
    for table in (
        local_table(settings, new_staging_names().local),
        distributed_table(settings.database, settings.cluster),
    ):
        cluster.define(table.create(settings.on_cluster))
        cluster.on_each_node(partial(_demand, table))
        log.info("%s is on every node: %s", table.qualified_name, table.definition)


def _demand(table: Table, node: Node, client: Client) -> None:
    definitions = fetch(
        client,
        _Definition,
        "SELECT create_table_query FROM system.tables "
        "WHERE database = {database:String} AND name = {name:String}",
        {"database": table.database, "name": table.name},
    )
    found = [definition.create_table_query for definition in definitions]
    if [_comparable(definition) for definition in found] != [_comparable(table.definition)]:
        raise TableDefinitionError(
            f"{table.qualified_name} on {node.name}",
            expected=table.definition,
            found=found[0] if found else "no such table",
            remedy="If its rows are not needed, drop the table on every node and run again.",
        )


def _comparable(definition: str) -> str:
    """What a definition says, without the part of a path that every table has for itself."""
    return PATH_NAME.sub("…", plain(definition))
