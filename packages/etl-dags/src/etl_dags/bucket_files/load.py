"""The task that loads: each file of the bucket once, and what is broken not at all."""

import hashlib
import logging
import time
from collections import Counter
from typing import Final, TypedDict

from etl_dags.bucket_files.bucket import Bucket, BucketError, Digest, StoredFile
from etl_dags.bucket_files.ledger import Entry, read_ledger, record, unread_files
from etl_dags.bucket_files.plan import LANDING
from etl_dags.bucket_files.read_file import BrokenFileError, insert_file, inspect_file
from etl_dags.cluster import Cluster

log = logging.getLogger(__name__)

_OF_NOTHING: Final = hashlib.sha256().hexdigest()


class Loaded(TypedDict):
    """What the task hands on: the files that this attempt has read, by what became of them."""

    loaded: int
    duplicate: int
    quarantined: int
    rows: int
    seconds: float


def load_files(cluster: Cluster, bucket: Bucket) -> Loaded:
    """Loads the files that the ledger does not have, one after the other.

    A file is read once without storing anything, and is inserted when that has gone well; then the
    ledger has it. An attempt that is cut off in between inserts the same rows again, which are one
    when parts are merged. Raises BucketError, NodeError.
    """
    begin = time.monotonic()
    ledger = read_ledger(cluster)
    known = {entry.sha256: entry.key for entry in ledger.values() if entry.state == "loaded"}
    states: Counter[str] = Counter()
    rows = 0
    for file in unread_files(bucket.files(LANDING), ledger):
        entry = _load(cluster, bucket, file, known)
        record(cluster, entry)
        states[entry.state] += 1
        rows += entry.row_count
        if entry.state == "loaded":
            known[entry.sha256] = entry.key
        log.info("%s: %s, %d rows. %s", file.key, entry.state, entry.row_count, entry.reason)
    seconds = round(time.monotonic() - begin, 3)
    log.info("%d files, %d rows, in %.1f s.", states.total(), rows, seconds)
    return Loaded(
        loaded=states["loaded"],
        duplicate=states["duplicate"],
        quarantined=states["quarantined"],
        rows=rows,
        seconds=seconds,
    )


def _load(cluster: Cluster, bucket: Bucket, file: StoredFile, known: dict[str, str]) -> Entry:
    digest = bucket.digest(file.key)
    _require_unchanged(file, digest.etag)
    entry = Entry(**file._asdict(), sha256=digest.sha256, state="quarantined")
    if (first := known.get(digest.sha256)) is not None:
        reason = f"It has the same content as {first}."
        return entry.model_copy(update={"state": "duplicate", "reason": reason})
    try:
        _require_whole(file.key, digest)
        facts = cluster.on_entry(lambda client: inspect_file(client, file.key))
    except BrokenFileError as broken:
        log.warning("%s is broken: %s", file.key, broken)
        return entry.model_copy(update={"reason": str(broken)})
    _require_unchanged(file, facts.etag)
    database = cluster.settings.database
    cluster.on_entry(lambda client: insert_file(client, database, file.key, digest.sha256))
    return entry.model_copy(
        update={
            "state": "loaded",
            "row_count": facts.rows,
            "checksum": facts.checksum,
            "extra_columns": ", ".join(facts.extra_columns),
        }
    )


def _require_whole(key: str, digest: Digest) -> None:
    if digest.sha256 == _OF_NOTHING:
        raise BrokenFileError("It is empty.")
    if not digest.ends_a_line and not key.endswith(".parquet"):
        # A text that ends within its last value is one that ClickHouse reads.
        raise BrokenFileError("Its last line has no end: it may have been cut off.")


def _require_unchanged(file: StoredFile, etag: str) -> None:
    if etag != file.etag:
        raise BucketError(
            file.key,
            expected=f"the content with the ETag {file.etag}",
            found=f"another with {etag}",
            remedy="The next try reads what is there then.",
        )
