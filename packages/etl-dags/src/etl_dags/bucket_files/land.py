"""The task that stands for whoever sends files: it puts into the bucket what the plan says."""

import csv
import io
import json
import logging
import time
from datetime import UTC, datetime
from typing import Final, TypedDict

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.external import ExternalData

from etl_dags.bucket_files.bucket import Bucket
from etl_dags.bucket_files.file_tables import FILE_COLUMNS
from etl_dags.bucket_files.plan import AS_OF, LANDING, Plan, PlannedFile
from etl_dags.cluster import Cluster
from etl_dags.products import generate_products

log = logging.getLogger(__name__)

EXTRA_COLUMN: Final = "coupon"


class Landed(TypedDict):
    """What the task hands on."""

    files: int
    """Those that this attempt has put there."""
    seconds: float


def land_files(cluster: Cluster, bucket: Bucket, plan: Plan) -> Landed:
    """Puts the files into the bucket that are not late and not there.

    A file is there whole or not at all, and one that is there is left as it is. Raises BucketError,
    NodeError.
    """
    begin = time.monotonic()
    there = {file.key for file in bucket.files(LANDING)}
    lacking = [file for file in plan["files"] if file["key"] not in there and not file["late"]]
    for file in lacking:
        bucket.put(file["key"], content_of(file, plan["seed"], cluster))
    seconds = round(time.monotonic() - begin, 3)
    log.info("%d files landed in %.1f s.", len(lacking), seconds)
    return Landed(files=len(lacking), seconds=seconds)


def content_of(file: PlannedFile, seed: int, cluster: Cluster) -> bytes:
    """The bytes of a file. Raises NodeError."""
    ending = file["key"].rpartition(".")[2]
    rows = _rows(file, seed)
    if ending == "jsonl":
        content = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
    else:
        content = _as_csv(rows)
        if ending == "parquet":
            columns = [*rows[0]]
            as_csv = content
            content = cluster.on_entry(lambda client: _as_parquet(client, as_csv, columns))
    return cut_off(content, ending) if file["cut_off"] else content


def _rows(file: PlannedFile, seed: int) -> list[dict[str, object]]:
    count = file["last"] - file["first"] + 1
    products = generate_products(seed, AS_OF, file["first"], count)
    rows: list[dict[str, object]] = [
        {
            "id": id_,
            "name": name,
            "category": category,
            "price": f"{price:.2f}",
            "created_at": f"{datetime.fromtimestamp(created_at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        for id_, name, category, price, created_at in zip(*products.columns(), strict=True)
    ]
    if file["extra_column"]:
        return [{**row, EXTRA_COLUMN: f"C{row['id']}"} for row in rows]
    return rows


def _as_csv(rows: list[dict[str, object]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0]], quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _as_parquet(client: Client, content: bytes, columns: list[str]) -> bytes:
    """A node writes the format: no package of Python is needed for it."""
    structure = [f"{name} {FILE_COLUMNS.get(name, 'String')}" for name in columns]
    rows = ExternalData(file_name="rows", data=content, fmt="CSVWithNames", structure=structure)
    return client.raw_query(
        "SELECT * FROM rows",
        fmt="Parquet",
        external_data=rows,
        # By one thread, which gives the same bytes each time.
        settings={"date_time_input_format": "best_effort", "max_threads": 1},
    )


def cut_off(content: bytes, ending: str) -> bytes:
    """What arrives of a file when its transmission ends in the middle of a row."""
    middle = len(content) // 2
    return content[: middle if ending == "parquet" else content.rfind(b'"', 0, middle)]
