"""The first task: both tables on every node, as they are meant to be."""

import logging
import re
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

PATH_AND_REPLICA = re.compile(r"ReplicatedMergeTree\('[^']*', '[^']*'\)")


class TableDefinitionError(PermanentError):
    """A table exists but is not what the pipeline needs."""


class _Definition(BaseModel):
    create_table_query: str


def create_demo_tables(cluster: Cluster) -> None:
    """Makes the tables where there are none, and requires that those there are the same.

    Raises TableDefinitionError naming the node, with the definition expected and found; NodeError.
    """
    settings = cluster.settings
    for table in (
        local_table(settings, new_staging_names().local),
        distributed_table(settings.database, settings.cluster),
    ):
        cluster.define(table.create(settings.on_cluster))
        cluster.on_each_node(partial(_require_same, table, settings.replicated_database))
        log.info("%s is on every node: %s", table.qualified_name, table.definition)


def _require_same(table: Table, chosen_path: bool, node: Node, client: Client) -> None:
    definitions = fetch(
        client,
        _Definition,
        "SELECT create_table_query FROM system.tables "
        "WHERE database = {database:String} AND name = {name:String}",
        {"database": table.database, "name": table.name},
    )
    found = [definition.create_table_query for definition in definitions]
    if [_comparable(definition, chosen_path) for definition in found] != [
        _comparable(table.definition, chosen_path)
    ]:
        raise TableDefinitionError(
            f"{table.qualified_name} on {node.name}",
            expected=table.definition,
            found=found[0] if found else "no such table",
            remedy="If its rows are not needed, drop the table on every node and run again.",
        )


def _comparable(definition: str, chosen_path: bool) -> str:
    """What a definition says, without the part of a path that every table has for itself.

    `chosen_path` says that the server chooses the path and writes it into the definition.
    """
    said = PATH_NAME.sub("…", plain(definition))
    return PATH_AND_REPLICA.sub("ReplicatedMergeTree", said) if chosen_path else said
