"""The bucket, as Airflow's connection describes it."""

import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException

from etl_dags.errors import PermanentError, PipelineError

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

CONNECTION: Final = "storage_default"
# Of other names nothing is said: servers keep drafts beside the objects.
ENDINGS: Final = (".parquet", ".csv", ".jsonl")
_REFUSED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_CHUNK_BYTES: Final = 4 * 1024**2


class NoBucketError(PermanentError):
    """The platform has no bucket, or its Python packages are not installed."""


class KeysRefusedError(PermanentError):
    """The bucket does not take the keys."""


class BucketError(PipelineError):
    """The bucket did not do what it was asked for."""


class StoredFile(NamedTuple):
    """An object of the bucket."""

    key: str
    etag: str
    """Changes with the content; that of a long object is no hash of it."""
    size: int


class Digest(NamedTuple):
    """What an object's bytes come to, and the ETag that they had."""

    sha256: str
    etag: str
    ends_a_line: bool


def open_hook() -> "S3Hook":
    """Airflow's hook for the bucket of the connection. Raises NoBucketError."""
    try:
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook  # noqa: PLC0415
    except ImportError as cause:
        raise NoBucketError(
            "The Python environment",
            expected="the package apache-airflow-providers-amazon",
            found="none",
            remedy="Start the platform with infra:up --with storage, which installs it.",
        ) from cause
    return S3Hook(aws_conn_id=CONNECTION)


class BucketPlace(NamedTuple):
    """Which bucket it is, and what stands before every key that is used of it."""

    name: str
    prefix: str


def bucket_place() -> BucketPlace:
    """The bucket of the connection. Raises NoBucketError."""
    try:
        extra = BaseHook.get_connection(CONNECTION).extra_dejson
    except AirflowException as cause:
        raise NoBucketError(
            f"Connection {CONNECTION}",
            expected="one of the type aws that leads to a bucket",
            found="none",
            remedy="Start the platform with infra:up --with storage.",
        ) from cause
    place = extra.get("service_config", {}).get("s3", {})
    name = place.get("bucket_name")
    if not isinstance(name, str):
        raise NoBucketError(
            f"Connection {CONNECTION}",
            expected='"service_config": {"s3": {"bucket_name": …}} in its extra',
            found=", ".join(sorted(extra)) or "nothing",
            remedy="Say there which bucket it is.",
        )
    return BucketPlace(name, place.get("prefix", ""))


class Bucket:
    """A bucket with a client of S3; `open_bucket` gives one. Keys are those below its prefix."""

    def __init__(self, client: Any, place: BucketPlace) -> None:
        """Takes a client of boto3."""
        self._client = client
        self._name = place.name
        self._prefix = place.prefix

    def files(self, prefix: str) -> list[StoredFile]:
        """The files in formats that are read whose keys begin so, by key. Raises BucketError."""
        pages = self._client.get_paginator("list_objects_v2")
        with _asking(f"The files below {prefix}"):
            return sorted(
                stored_file(found, self._prefix)
                for page in pages.paginate(Bucket=self._name, Prefix=self._prefix + prefix)
                for found in page.get("Contents", [])
                if found["Key"].endswith(ENDINGS)
            )

    def digest(self, key: str) -> Digest:
        """Reads an object and hashes its bytes. Raises BucketError."""
        with _asking(key):
            answer = self._client.get_object(Bucket=self._name, Key=self._prefix + key)
            sha256 = hashlib.sha256()
            end = b""
            for chunk in answer["Body"].iter_chunks(_CHUNK_BYTES):
                sha256.update(chunk)
                end = chunk[-1:]
        return Digest(sha256.hexdigest(), plain_etag(answer["ETag"]), end == b"\n")

    def put(self, key: str, content: bytes) -> None:
        """Writes an object, in parts where it is long: it is there whole or not at all.

        Raises BucketError.
        """
        with _asking(key):
            self._client.upload_fileobj(io.BytesIO(content), self._name, self._prefix + key)


def open_bucket() -> Bucket:
    """The bucket that Airflow's connection leads to. Raises NoBucketError."""
    return Bucket(open_hook().get_conn(), bucket_place())


def stored_file(found: Mapping[str, Any], prefix: str) -> StoredFile:
    """An object of a listing of S3, its key without the prefix of the place."""
    return StoredFile(found["Key"].removeprefix(prefix), plain_etag(found["ETag"]), found["Size"])


def missing_files(expected: Iterable[str], stored: Iterable[StoredFile]) -> list[str]:
    """The keys that are expected and not there, in their order."""
    there = {file.key for file in stored}
    return [key for key in expected if key not in there]


def plain_etag(etag: str) -> str:
    """An ETag without its quotes, which not every answer has."""
    return etag.strip('"')


@contextmanager
def _asking(subject: str) -> Iterator[None]:
    """Tells the client's errors in the words of the pipelines."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        if isinstance(error, ClientError) and _status(error) in _REFUSED:
            raise KeysRefusedError(
                subject,
                expected="the bucket to take the keys",
                found=str(error),
                remedy=f"Give {CONNECTION} the keys that the bucket has: infra:restart does.",
            ) from None
        raise BucketError(
            subject,
            expected="the bucket to answer",
            found=f"{type(error).__name__}: {error}",
            remedy="See that the S3 server runs: the next try goes on.",
        ) from None


def _status(error: Any) -> object:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
