"""The windows that were read, in a table beside the products.

With them, and not with Airflow, the watermark is restored, moved and lost.
"""

from datetime import UTC, datetime

from pydantic import BaseModel

from etl_dags.cluster import Cluster, fetch
from etl_dags.dialect import insert_settings
from etl_dags.product_feed.feed_tables import LEDGER, LEDGER_COLUMNS
from etl_dags.product_feed.window import Window


class _Row(BaseModel):
    start: int
    end: int
    read_as_of: int


def read_ledger(cluster: Cluster) -> list[Window]:
    """The windows that were read, as of the latest time of each. Raises NodeError."""
    sql = (
        "SELECT toUnixTimestamp(window_start) AS start, toUnixTimestamp(window_end) AS end, "
        "toUnixTimestamp(max(as_of)) AS read_as_of "
        f"FROM {cluster.settings.database}.{LEDGER} GROUP BY start, end ORDER BY start, end"
    )
    rows = cluster.on_entry(lambda client: fetch(client, _Row, sql))
    return [Window(row.start, row.end, row.read_as_of) for row in rows]


def record(cluster: Cluster, window: Window, changes: int, checksum: int) -> None:
    """Writes that all changes of a window are in the tables. Raises NodeError."""
    times = [datetime.fromtimestamp(seconds, UTC) for seconds in window]
    row = [*times, changes, checksum, datetime.now(UTC)]
    cluster.on_entry(
        lambda client: client.insert(
            LEDGER,
            [row],
            column_names=list(LEDGER_COLUMNS),
            column_type_names=list(LEDGER_COLUMNS.values()),
            database=cluster.settings.database,
            settings=insert_settings(client),
        )
    )
