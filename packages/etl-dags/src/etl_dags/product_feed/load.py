"""The task that brings in what changed in a window."""

import logging
import time
from collections.abc import Iterable
from typing import TypedDict

from clickhouse_connect.driver.client import Client

from etl_dags.cluster import Cluster, fetch
from etl_dags.dialect import insert_settings
from etl_dags.errors import PermanentError
from etl_dags.product_feed.change import CHECKSUM, COLUMNS, Change, StoredVersion, newest_versions
from etl_dags.product_feed.feed import Feed
from etl_dags.product_feed.feed_tables import PRODUCTS
from etl_dags.product_feed.ledger import read_ledger, record
from etl_dags.product_feed.window import Asked, iso_time, tells_nothing_new, window_of

log = logging.getLogger(__name__)


class NotPublishedError(PermanentError):
    """A run is asked for what the API has not published."""


class Loaded(TypedDict):
    """What the task hands on; times are as ISO 8601 has them."""

    until: str
    window_start: str
    as_of: str
    changes: int
    """Changes of the window."""
    inserted: int
    """Those of them that the table lacked."""
    retries: int
    """Requests that were tried again."""
    seconds: float


def load_changes(cluster: Cluster, feed: Feed, asked: Asked) -> Loaded:
    """Reads a window page by page and inserts what the table lacks; then the ledger has the window.

    An attempt that is cut off leaves the ledger as it was, and the next reads the window again:
    it inserts the rest. Raises NotPublishedError, the errors of `Feed.pages`, NodeError.
    """
    begin = time.monotonic()
    ledger = read_ledger(cluster)
    newest = feed.newest()
    window = window_of(asked, ledger, newest)
    if window.end <= window.start or (asked.repeated and asked.end > newest):
        raise NotPublishedError(
            "The run's window",
            expected=f"one that the API has published, until {iso_time(newest)}",
            found=f"until {iso_time(asked.end)}",
            remedy="Run again when the hour is over, or ask for an earlier one.",
        )
    log.info("Window: %s to %s as of %s.", *(iso_time(seconds) for seconds in window))
    changes = inserted = checksum = 0
    for page in feed.pages(window):
        lacking = _lacking(cluster, page)
        if lacking:
            _insert(cluster, lacking)
        changes += len(page)
        inserted += len(lacking)
        checksum = (checksum + sum(change.checksum for change in page)) % 2**64
    if inserted or not tells_nothing_new(window, ledger):
        record(cluster, window, changes, checksum)
    seconds = round(time.monotonic() - begin, 3)
    log.info("%d changes, %d of them new, in %.1f s.", changes, inserted, seconds)
    return Loaded(
        until=iso_time(window.end),
        window_start=iso_time(window.start),
        as_of=iso_time(window.as_of),
        changes=changes,
        inserted=inserted,
        retries=feed.retries,
        seconds=seconds,
    )


def _lacking(cluster: Cluster, page: Iterable[Change]) -> list[Change]:
    """The changes that would alter what the table says: rows that it has stay one row."""
    newest = newest_versions(page)
    if not newest:
        return []
    sql = (
        f"SELECT id, version, {CHECKSUM} AS checksum "
        f"FROM {cluster.settings.database}.{PRODUCTS} FINAL WHERE id IN {{ids:Array(UInt32)}}"
    )
    parameters = {"ids": list(newest)}
    found = cluster.on_entry(lambda client: fetch(client, StoredVersion, sql, parameters))
    known = {row.id: row for row in found}
    return [change for change in newest.values() if _alters(change, known.get(change.id))]


def _alters(change: Change, known: StoredVersion | None) -> bool:
    if known is None or known.version != change.version:
        return known is None or known.version < change.version
    return known.checksum != change.checksum


def _insert(cluster: Cluster, changes: list[Change]) -> None:
    def insert(client: Client) -> None:
        client.insert(
            PRODUCTS,
            [change.row() for change in changes],
            column_names=list(COLUMNS),
            column_type_names=list(COLUMNS.values()),
            database=cluster.settings.database,
            settings=insert_settings(client),
        )

    cluster.on_entry(insert)
