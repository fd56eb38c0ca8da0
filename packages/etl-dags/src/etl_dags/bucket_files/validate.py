"""The last task: fails unless bucket, ledger and tables agree."""

import logging
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypedDict

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from etl_dags.bucket_files.bucket import Bucket, StoredFile
from etl_dags.bucket_files.file_tables import CHECKSUM, LEDGER, PRODUCTS
from etl_dags.bucket_files.ledger import Entry, read_ledger
from etl_dags.bucket_files.load import Loaded
from etl_dags.bucket_files.plan import AS_OF, LANDING, Plan, range_of
from etl_dags.cluster import Cluster, fetch
from etl_dags.generated import NOTHING, Generated
from etl_dags.merge import merge_tables
from etl_dags.products import generate_products
from etl_dags.statistics import CategoryFigures, NodeFigures, PartitionFigures, average
from etl_dags.validation_errors import DataError

log = logging.getLogger(__name__)

REMEDY: Final = "docs/files-from-bucket.md says how a file is loaded again."
_SHOWN: Final = 3


class FilesError(DataError):
    """Bucket, ledger and tables do not agree."""


class _Content(BaseModel):
    file_sha256: str
    rows: int
    checksum: int


class _Node(BaseModel):
    rows: int
    content: int


class _Category(BaseModel):
    category: str
    rows: int
    price_sum: Decimal
    minimum: Decimal
    maximum: Decimal


class FileStatistics(TypedDict):
    """The return value of the validation."""

    rows: int
    seed: int
    total: int
    files: int
    """Entries of the ledger."""
    loaded: int
    duplicates: int
    quarantined: int
    late: int
    """Files that did not come in time."""
    unread: int
    """Files that came after this run had looked."""
    new_files: int
    """Those that this run has read."""
    categories: list[CategoryFigures]
    nodes: list[NodeFigures]
    partitions: list[PartitionFigures]
    generated: Generated


def validate_files(
    cluster: Cluster, bucket: Bucket, plan: Plan, missing: list[str], loaded: Loaded
) -> FileStatistics:
    """The statistics, once each file of the ledger is in the bucket and its rows once in the table.

    Rows that were inserted twice are merged first, so that whoever counts rows counts products.
    Raises FilesError with expected and found; BucketError, NodeError.
    """
    merge_tables(cluster, [f"{LEDGER}_local"])
    ledger = read_ledger(cluster)
    stored = bucket.files(LANDING)
    _require_in_bucket(ledger.values(), stored)
    _require_in_table(cluster, ledger.values())
    nodes = _require_same_replicas(cluster)
    states = Counter(entry.state for entry in ledger.values())
    kinds = cluster.on_entry(lambda client: _categories(client, cluster.settings.database))
    log.info("%s of %d files; every replica has their rows.", dict(states), len(ledger))
    return FileStatistics(
        rows=plan["rows"],
        seed=plan["seed"],
        total=sum(found.rows for found in kinds),
        files=len(ledger),
        loaded=states["loaded"],
        duplicates=states["duplicate"],
        quarantined=states["quarantined"],
        late=len(missing),
        unread=len({file.key for file in stored} - ledger.keys()),
        new_files=loaded["loaded"] + loaded["duplicate"] + loaded["quarantined"],
        categories=[_figures(found) for found in kinds],
        nodes=nodes,
        # The table has none: a file's rows are of a whole year.
        partitions=[],
        generated=generated_by(stored, plan["seed"]),
    )


def _require_in_bucket(entries: Iterable[Entry], stored: Iterable[StoredFile]) -> None:
    there = {file.key: file.etag for file in stored}
    wrong = [
        f"{entry.key} with {there.get(entry.key, 'nothing')}"
        for entry in entries
        if there.get(entry.key) != entry.etag
    ]
    if wrong:
        raise FilesError(
            "The bucket",
            expected="each file of the ledger with the ETag that it was read with",
            found=_listed(wrong),
            remedy=f"Put the file back; another content needs a name of its own. {REMEDY}",
        )


def _require_in_table(cluster: Cluster, entries: Iterable[Entry]) -> None:
    wanted = {
        entry.sha256: (entry.row_count, entry.checksum)
        for entry in entries
        if entry.state == "loaded"
    }
    names = {entry.sha256: entry.key for entry in entries if entry.state == "loaded"}
    found = _contents(cluster)
    if any(rows > wanted.get(sha256, (rows, 0))[0] for sha256, (rows, _) in found.items()):
        # It costs as much as the whole table has.
        log.info("Rows of a file are there more than once: parts are merged.")
        merge_tables(cluster, [f"{PRODUCTS}_local"])
        found = _contents(cluster)
    wrong = [
        f"{found.get(sha256, (0, 0))[0]} rows of {names.get(sha256, f'a file {sha256}')}, "
        f"which has {wanted.get(sha256, (0, 0))[0]}"
        for sha256 in sorted(wanted.keys() | found.keys())
        if wanted.get(sha256) != found.get(sha256)
    ]
    if wrong:
        raise FilesError(
            PRODUCTS,
            expected="the rows of each loaded file once, and no other",
            found=_listed(wrong),
            remedy=REMEDY,
        )


def _contents(cluster: Cluster) -> dict[str, tuple[int, int]]:
    sql = (
        f"SELECT file_sha256, count() AS rows, sum({CHECKSUM}) AS checksum "
        f"FROM {cluster.settings.database}.{PRODUCTS} GROUP BY file_sha256"
    )
    rows = cluster.on_entry(lambda client: fetch(client, _Content, sql))
    return {row.file_sha256: (row.rows, row.checksum) for row in rows}


def _require_same_replicas(cluster: Cluster) -> list[NodeFigures]:
    sql = (
        f"SELECT count() AS rows, sum(cityHash64(file_sha256, {CHECKSUM})) AS content "
        f"FROM {cluster.settings.database}.{PRODUCTS}_local"
    )
    found = {
        node: rows[0]
        for node, rows in cluster.on_each_node(lambda _, client: fetch(client, _Node, sql)).items()
    }
    for shard in sorted({node.shard for node in found}):
        replicas = {node.name: facts for node, facts in found.items() if node.shard == shard}
        if len({facts.content for facts in replicas.values()}) > 1:
            raise FilesError(
                f"Shard {shard} of {PRODUCTS}",
                expected="the same rows on every replica",
                found="; ".join(f"{name}: {facts}" for name, facts in replicas.items()),
                remedy="See the nodes' logs.",
            )
    return [
        NodeFigures(node=node.name, shard=node.shard, replica=node.replica, rows=facts.rows)
        for node, facts in found.items()
    ]


def generated_by(stored: Iterable[StoredFile], seed: int) -> Generated:
    """The figures of the products that the producer put into the files that are there.

    Neither a table nor the ledger is asked. Raises OtherFilesError for files of another seed.
    """
    figures = NOTHING
    for file in stored:
        if found := range_of(file.key, seed):
            count = found.last - found.first + 1
            figures += generate_products(seed, AS_OF, found.first, count).figures
    return figures.generated()


def _categories(client: Client, database: str) -> list[_Category]:
    return fetch(
        client,
        _Category,
        "SELECT category, count() AS rows, sum(price) AS price_sum, min(price) AS minimum, "
        f"max(price) AS maximum FROM {database}.{PRODUCTS} GROUP BY category ORDER BY category",
    )


def _figures(found: _Category) -> CategoryFigures:
    return CategoryFigures(
        category=found.category,
        rows=found.rows,
        average_price=average(found.price_sum, found.rows),
        minimum_price=str(found.minimum),
        maximum_price=str(found.maximum),
    )


def _listed(words: list[str]) -> str:
    shown = "; ".join(words[:_SHOWN])
    return shown if len(words) <= _SHOWN else f"{shown} and {len(words) - _SHOWN} more"
