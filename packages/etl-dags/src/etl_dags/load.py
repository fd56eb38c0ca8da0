"""The second task: exactly the run's rows, whatever was there and whatever was cut off before.

Each attempt loads into tables of its own, looks at them, and then puts them in the place of the
published ones. An attempt that was given up, even one that still runs, knows only tables that the
next attempt has dropped, so that it can neither add a row nor publish anything; and nobody reads a
table that is half loaded.
"""

import logging
import time
from datetime import date
from functools import partial

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.insert import InsertContext
from pydantic import BaseModel

from etl_dags.cluster import Cluster, fetch
from etl_dags.cluster_settings import Node
from etl_dags.demo_tables import (
    COLUMNS,
    DISTRIBUTED_STAGING,
    LOCAL_STAGING,
    StagingNames,
    distributed_table,
    drop_table,
    local_table,
    new_staging_names,
)
from etl_dags.dialect import insert_settings
from etl_dags.errors import PipelineError
from etl_dags.generated import NOTHING
from etl_dags.loaded import Loaded
from etl_dags.products import Products, generate_batches
from etl_dags.publication import publish_statements

log = logging.getLogger(__name__)


class IncompleteLoadError(PipelineError):
    """The nodes do not hold all rows that were sent; nothing has been published."""


class _TableName(BaseModel):
    name: str


class _Count(BaseModel):
    rows: int


def load_sample_data(
    cluster: Cluster, rows: int, seed: int, as_of: date, batch_rows: int
) -> Loaded:
    """Loads the products 1 … `rows`; afterwards the tables hold them and nothing else.

    Raises IncompleteLoadError, NodeError, MissingSettingError. Whatever was published before stays
    until every node has all rows.
    """
    started = time.monotonic()
    _drop_staging_of_earlier_attempts(cluster)
    staging = new_staging_names()
    _create_staging(cluster, staging)
    batches = 0
    figures = NOTHING
    context = _insert_context(cluster, staging)
    for products in generate_batches(seed, as_of, rows, batch_rows):
        cluster.on_entry(partial(_insert, context, products))
        batches += 1
        figures += products.figures
        log.info(
            "Batch %d: %d of %d rows sent after %.1f s",
            batches,
            figures.rows,
            rows,
            time.monotonic() - started,
        )
    _require_all_rows(cluster, staging, rows)
    _publish(cluster, staging)
    seconds = round(time.monotonic() - started, 3)
    log.info("Published %d rows after %.1f s", rows, seconds)
    return Loaded(
        rows=rows,
        batches=batches,
        seconds=seconds,
        as_of=as_of.isoformat(),
        seed=seed,
        generated=figures.generated(),
    )


def _drop_staging_of_earlier_attempts(cluster: Cluster) -> None:
    database = cluster.settings.database
    sql = (
        "SELECT name FROM system.tables WHERE database = {database:String} "
        "AND (startsWith(name, {local:String}) OR startsWith(name, {distributed:String}))"
    )
    parameters = {
        "database": database,
        "local": LOCAL_STAGING,
        "distributed": DISTRIBUTED_STAGING,
    }
    found = cluster.on_each_node(lambda _, client: fetch(client, _TableName, sql, parameters))
    for name in sorted({table.name for tables in found.values() for table in tables}):
        log.info("Dropping %s, which an earlier attempt left", name)
        cluster.define(drop_table(database, name, cluster.settings.on_cluster))


def _create_staging(cluster: Cluster, staging: StagingNames) -> None:
    settings = cluster.settings
    local = local_table(settings, staging.local, name=staging.local)
    distributed = distributed_table(
        settings.database, settings.cluster, staging.distributed, staging.local
    )
    cluster.define(local.create(settings.on_cluster))
    cluster.define_on_entry(distributed.create(""))


def _insert_context(cluster: Cluster, staging: StagingNames) -> InsertContext:
    """What all batches' inserts have in common.

    One for all of them, because the client's contexts refer to themselves: each would keep its
    batch in memory until Python looks for cycles.
    """
    return cluster.on_entry(
        lambda client: client.create_insert_context(
            staging.distributed,
            column_names=list(COLUMNS),
            column_type_names=list(COLUMNS.values()),
            database=cluster.settings.database,
            column_oriented=True,
            settings=insert_settings(client),
        )
    )


def _insert(context: InsertContext, products: Products, client: Client) -> None:
    client.insert(data=products.columns(), context=context)


def _require_all_rows(cluster: Cluster, staging: StagingNames, rows: int) -> None:
    """Raises IncompleteLoadError unless each replica has its shard's rows and they add up.

    Where tables replicate themselves, an insert ends when one replica of each shard has the rows.
    A quorum would add a round trip for each batch and month and prove less than is asked here:
    every node has fetched all and counts them, before anything is published. So a replica that is
    down or behind fails the load, and one that loses rows does, too.
    """
    table = f"{cluster.settings.database}.{staging.local}"

    def count(_: Node, client: Client) -> int:
        if cluster.settings.replication == "keeper":
            client.command(f"SYSTEM SYNC REPLICA {table}")
        return fetch(client, _Count, f"SELECT count() AS rows FROM {table}")[0].rows

    counts = cluster.on_each_node(count)
    by_shard: dict[str, set[int]] = {}
    for node, found in counts.items():
        by_shard.setdefault(node.shard, set()).add(found)
    agreed = all(len(found) == 1 for found in by_shard.values())
    if not agreed or sum(sum(found) for found in by_shard.values()) != rows:
        raise IncompleteLoadError(
            table,
            expected=f"{rows} rows over the shards, the same on every replica of a shard",
            found=", ".join(f"{node.name}: {found}" for node, found in counts.items()),
            remedy="The next attempt loads again; if it fails too, see the nodes' logs.",
        )


def _publish(cluster: Cluster, staging: StagingNames) -> None:
    """Puts the tables in the place of those published before, which go."""
    settings = cluster.settings
    cluster.define_on_entry(drop_table(settings.database, staging.distributed, ""))
    for statement in publish_statements(settings, staging):
        cluster.define(statement)
