"""The third task: fails unless every node holds exactly the rows that it should."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from clickhouse_connect.driver.client import Client

from etl_dags.cluster import Cluster, fetch
from etl_dags.cluster_settings import Node
from etl_dags.demo_tables import DISTRIBUTED, LOCAL
from etl_dags.loaded import Loaded
from etl_dags.node_facts import (
    MISPLACED,
    VALUE_FAULTS,
    CategoryStatistics,
    NodeFacts,
    ask_node,
    first_ids,
    first_missing_ids,
    rule_parameters,
    slot_parameters,
)
from etl_dags.product_rules import period_of
from etl_dags.statistics import Statistics, by_shard, summarize
from etl_dags.validation_errors import (
    DifferentReplicasError,
    DuplicateIdError,
    EmptyShardError,
    MisplacedRowError,
    MissingIdError,
    ValueOutOfRangeError,
    WrongPartitionError,
    WrongTotalError,
)

log = logging.getLogger(__name__)

# With fewer rows a shard may be empty by chance.
ROWS_THAT_REACH_EVERY_SHARD = 50

RELOAD = "Load again; if it comes back, see who else writes to the tables."


def validate_loaded_data(cluster: Cluster, loaded: Loaded) -> Statistics:
    """The statistics of the loaded rows, once every node has been asked and all is right.

    Raises a DataError that names the node, with expected and found; NodeError.
    """
    validation = _Validation(cluster, loaded)
    validation.require_same_replicas()
    validation.require_rows_in_place()
    validation.require_rows_in_every_shard()
    validation.require_each_id_once()
    validation.require_total()
    validation.require_values_in_range()
    validation.require_partitions()
    statistics = summarize(cluster.settings, loaded, validation.facts, validation.categories)
    log.info("All is right: %s", statistics)
    return statistics


class _Validation:
    """What the nodes say, and the requirements for it, each of which raises its own error."""

    def __init__(self, cluster: Cluster, loaded: Loaded) -> None:
        self.cluster = cluster
        self.rows = loaded["rows"]
        self.database = cluster.settings.database
        self.period = period_of(date.fromisoformat(loaded["as_of"]))
        self.rules = rule_parameters(self.rows, self.period)
        self.shards = cluster.shards()
        self.facts = cluster.on_each_node(self._ask)
        self.categories = cluster.on_entry(self._ask_categories)

    def _ask(self, node: Node, client: Client) -> NodeFacts:
        if self.cluster.settings.replication == "keeper":
            client.command(f"SYSTEM SYNC REPLICA {self.database}.{LOCAL}")
        return ask_node(client, self.database, self._parameters(node))

    def _parameters(self, node: Node) -> dict[str, Any]:
        return self.rules | slot_parameters(self.shards, node.shard_number)

    def _ask_categories(self, client: Client) -> list[CategoryStatistics]:
        return fetch(
            client,
            CategoryStatistics,
            "SELECT category, count() AS rows, sum(price) AS price_sum, "
            "min(price) AS minimum_price, max(price) AS maximum_price "
            f"FROM {self.database}.{DISTRIBUTED} GROUP BY category ORDER BY category",
        )

    def _first_ids(self, node: Node, condition: str) -> str:
        parameters = self._parameters(node)
        return self.cluster.on_node(
            node, lambda client: first_ids(client, self.database, condition, parameters)
        )

    def _first_missing_ids(self) -> str:
        table = f"{self.database}.{DISTRIBUTED}"
        return self.cluster.on_entry(lambda client: first_missing_ids(client, table, self.rows))

    def require_same_replicas(self) -> None:
        for shard, replicas in by_shard(self.facts).items():
            contents = {node: facts.content for node, facts in replicas.items()}
            if len({(found.rows, found.content_hash) for found in contents.values()}) > 1:
                raise DifferentReplicasError(
                    f"Shard {shard}",
                    expected="the same rows on every replica",
                    found="; ".join(
                        f"{node.name}: {found.rows} rows with hash {found.content_hash}"
                        for node, found in contents.items()
                    ),
                    remedy=RELOAD,
                )

    def require_rows_in_place(self) -> None:
        for node, facts in self.facts.items():
            if facts.content.misplaced:
                raise MisplacedRowError(
                    f"{LOCAL} on {node.name}",
                    expected=f"only rows that the sharding key gives to shard {node.shard}",
                    found=f"{facts.content.misplaced} others, "
                    f"ids {self._first_ids(node, MISPLACED)}",
                    remedy="Insert through the Distributed table only. " + RELOAD,
                )

    def require_rows_in_every_shard(self) -> None:
        if self.rows < ROWS_THAT_REACH_EVERY_SHARD:
            return
        for node, facts in self.facts.items():
            if facts.content.rows == 0:
                raise EmptyShardError(
                    f"Shard {node.shard}",
                    expected=f"a part of the {self.rows} rows",
                    found=f"none on {node.name}",
                    remedy=RELOAD,
                )

    def require_each_id_once(self) -> None:
        for node, facts in self.facts.items():
            content = facts.content
            if content.distinct_ids != content.rows:
                repeated = (
                    f"id IN (SELECT id FROM {self.database}.{LOCAL} GROUP BY id HAVING count() > 1)"
                )
                raise DuplicateIdError(
                    f"{LOCAL} on {node.name}",
                    expected=f"{content.rows} rows with as many ids",
                    found=f"{content.distinct_ids} ids, "
                    f"repeated: {self._first_ids(node, repeated)}",
                    remedy=RELOAD,
                )
        # A row is on one shard only, as was required before, so that the shards' ids add up.
        wanted = sum(_one_replica(facts).content.wanted_ids for facts in self._shard_facts())
        if wanted != self.rows:
            raise MissingIdError(
                f"{LOCAL} over all shards",
                expected=f"every id from 1 to {self.rows}",
                found=f"{wanted} of them, without {self._first_missing_ids()}",
                remedy=RELOAD,
            )

    def require_total(self) -> None:
        in_shards = sum(_one_replica(facts).content.rows for facts in self._shard_facts())
        distributed = sum(category.rows for category in self.categories)
        if not in_shards == distributed == self.rows:
            raise WrongTotalError(
                f"{DISTRIBUTED}",
                expected=f"{self.rows} rows",
                found=f"{distributed} through it and {in_shards} in the shards",
                remedy=RELOAD,
            )

    def require_values_in_range(self) -> None:
        for node, facts in self.facts.items():
            for column, fault in VALUE_FAULTS.items():
                if count := facts.content.wrong(column):
                    raise ValueOutOfRangeError(
                        f"{LOCAL}.{column} on {node.name}",
                        expected=self._range_of(column),
                        found=f"{count} rows with others, ids {self._first_ids(node, fault)}",
                        remedy=RELOAD,
                    )

    def _range_of(self, column: str) -> str:
        ranges = {
            "category": ", ".join(self.rules["categories"]),
            "price": f"{self.rules['minimum_price']} … {self.rules['maximum_price']}",
            "created_at": f"after {self.period[0]} and up to {self.period[1]} (seconds since 1970)",
        }
        return ranges[column]

    def require_partitions(self) -> None:
        for node, facts in self.facts.items():
            for partition in facts.partitions:
                if partition.by_date != partition.by_parts:
                    raise WrongPartitionError(
                        f"Partition {partition.partition} on {node.name}",
                        expected=f"the {partition.by_date} rows of that month",
                        found=f"{partition.by_parts} rows in its active parts",
                        remedy=RELOAD,
                    )

    def _shard_facts(self) -> list[Mapping[Node, NodeFacts]]:
        return list(by_shard(self.facts).values())


def _one_replica(facts: Mapping[Node, NodeFacts]) -> NodeFacts:
    return next(iter(facts.values()))
