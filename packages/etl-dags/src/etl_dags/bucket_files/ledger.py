"""What became of each file, in a table beside the rows.

With the rows, and not with Airflow, the ledger is restored, moved and lost.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from etl_dags.bucket_files.bucket import StoredFile
from etl_dags.bucket_files.file_tables import LEDGER, LEDGER_COLUMNS
from etl_dags.cluster import Cluster, fetch
from etl_dags.dialect import insert_settings

State = Literal["loaded", "duplicate", "quarantined"]


class Entry(BaseModel):
    """What became of a file."""

    key: str
    etag: str
    size: int
    sha256: str
    state: State
    row_count: int = 0
    """Those that the table has of it."""
    checksum: int = 0
    extra_columns: str = ""
    """Columns of the file that the table has not."""
    reason: str = ""
    """Why it is not loaded."""


def read_ledger(cluster: Cluster) -> dict[str, Entry]:
    """The entries by key. Raises NodeError."""
    names = ", ".join(Entry.model_fields)
    sql = f"SELECT {names} FROM {cluster.settings.database}.{LEDGER} FINAL ORDER BY key"
    return {entry.key: entry for entry in cluster.on_entry(lambda c: fetch(c, Entry, sql))}


def record(cluster: Cluster, entry: Entry) -> None:
    """Writes down what became of a file. Raises NodeError."""
    row = [*entry.model_dump().values(), datetime.now(UTC)]
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


def unread_files(stored: Iterable[StoredFile], ledger: dict[str, Entry]) -> list[StoredFile]:
    """The files to look at: without an entry, or not loaded and replaced since.

    One that takes the place of a loaded file is none of them: its rows would be there besides those
    of the other, and nobody could say where these come from. The validation names it.
    """
    return [
        file
        for file in stored
        if (entry := ledger.get(file.key)) is None
        or (entry.etag != file.etag and entry.state != "loaded")
    ]
