"""A file as ClickHouse reads it: what is in it, and how its rows come into the table.

The address of the bucket and the keys are those of a named collection: queries and logs have none.
"""

import re
from typing import Final, NamedTuple

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError
from pydantic import BaseModel

from etl_dags.bucket_files.bucket import plain_etag
from etl_dags.bucket_files.file_tables import CHECKSUM, COLUMNS, FILE_COLUMNS, PRODUCTS
from etl_dags.cluster import Row
from etl_dags.dialect import insert_settings
from etl_dags.errors import PermanentError
from etl_dags.product_rules import CATEGORIES, MAXIMUM_PRICE, MINIMUM_PRICE

COLLECTION: Final = "platform_bucket"
FORMATS: Final = {"parquet": "Parquet", "csv": "CSVWithNames", "jsonl": "JSONEachRow"}
"""ClickHouse's name of a format, by the end of a file's name."""

READING: Final = {
    # A row's number is its place in the file only where one thread reads a text.
    "input_format_parallel_parsing": 0,
    "date_time_input_format": "best_effort",
    "session_timezone": "UTC",
    # A column that is missing is NULL, which no product has.
    "input_format_parquet_allow_missing_columns": 1,
    "input_format_skip_unknown_fields": 1,
    # What is wrong with a file is to be said, and not passed over.
    "input_format_allow_errors_num": 0,
    "input_format_allow_errors_ratio": 0,
}

# What ClickHouse calls content that is not what its format or its type wants; with any other error
# the file may be good: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
_FAULTS_OF_CONTENT: Final = {
    "CANNOT_CONVERT_TYPE",
    "CANNOT_EXTRACT_TABLE_STRUCTURE",
    "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
    "CANNOT_PARSE_BOOL",
    "CANNOT_PARSE_DATE",
    "CANNOT_PARSE_DATETIME",
    "CANNOT_PARSE_ESCAPE_SEQUENCE",
    "CANNOT_PARSE_INPUT_ASSERTION_FAILED",
    "CANNOT_PARSE_NUMBER",
    "CANNOT_PARSE_QUOTED_STRING",
    "CANNOT_PARSE_TEXT",
    "CANNOT_READ_ALL_DATA",
    "ARGUMENT_OUT_OF_BOUND",
    "DECIMAL_OVERFLOW",
    "INCORRECT_DATA",
    "TYPE_MISMATCH",
    "UNKNOWN_TYPE",
    "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
}
_LONGEST_REASON: Final = 400
# By these it means several files, or decodes them.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._=/-]")
_FIGURES: Final = (
    f"SELECT count() AS rows, sum({CHECKSUM}) AS checksum, "
    "if(rows = 0, 0, max(file_row) + 1) AS numbered, "
    "countIf(NOT is_product) AS wrong, minIf(file_row, NOT is_product) AS first_wrong, "
    "any(etag) AS etag"
)


class BrokenFileError(Exception):
    """The file is not what it must be; says why."""


class UnnumberedRowsError(PermanentError):
    """The engine does not say which row of a file is which."""


class FileFacts(NamedTuple):
    """What a good file has."""

    rows: int
    checksum: int
    extra_columns: list[str]
    etag: str


class _Read(BaseModel):
    rows: int
    checksum: int
    numbered: int
    wrong: int
    first_wrong: int
    etag: str


class _Column(BaseModel):
    name: str


def inspect_file(client: Client, key: str) -> FileFacts:
    """Reads a whole file and stores nothing.

    Raises BrokenFileError; ClickHouse's error where the file could not be read.
    """
    source = file_source(key)
    try:
        described = _read(client, _Column, f"DESCRIBE TABLE {source.bare}", key)
        columns = [column.name for column in described]
        if missing := [name for name in FILE_COLUMNS if name not in columns]:
            raise BrokenFileError(f"It has no column {', '.join(missing)}.")
        [found] = _read(client, _Read, f"{_FIGURES} FROM ({source.rows})", key)
    except DatabaseError as error:
        if error.name not in _FAULTS_OF_CONTENT:
            raise
        raise BrokenFileError(reason_of(str(error))) from None
    if found.rows == 0:
        raise BrokenFileError("It has no row.")
    if found.wrong:
        raise BrokenFileError(
            f"{found.wrong} of {found.rows} rows are no products; the first is row "
            f"{found.first_wrong + 1}."
        )
    if found.numbered != found.rows:
        raise UnnumberedRowsError(
            key,
            expected=f"its {found.rows} rows to be numbered from 0 on",
            found=f"numbers up to {found.numbered - 1}",
            remedy="Use a ClickHouse server whose s3() has _row_number.",
        )
    extra = [name for name in columns if name not in FILE_COLUMNS]
    return FileFacts(found.rows, found.checksum, extra, plain_etag(found.etag))


def _read(client: Client, row: type[Row], sql: str, key: str) -> list[Row]:
    answer = client.query(sql, parameters={"key": key}, settings=READING)
    return [row.model_validate(values) for values in answer.named_results()]


def insert_file(client: Client, database: str, key: str, sha256: str) -> None:
    """Inserts a file's rows, which is done when every shard has them."""
    client.command(
        f"INSERT INTO {database}.{PRODUCTS} ({', '.join(COLUMNS)}) "
        f"SELECT {', '.join(FILE_COLUMNS)}, {{sha256:String}} AS file_sha256, file_row "
        f"FROM ({file_source(key).rows})",
        parameters={"key": key, "sha256": sha256},
        settings={**READING, **insert_settings(client)},
    )


class FileSource(NamedTuple):
    """A file in SQL."""

    bare: str
    """The table function, by which ClickHouse finds out the columns."""
    rows: str
    """A query: the columns, the place in the file, and whether it is a product."""


def file_source(key: str) -> FileSource:
    """Raises BrokenFileError for a name that ClickHouse would read as something else."""
    if found := _UNSAFE.search(key):
        raise BrokenFileError(
            f"Its name has {found[0]!r}; expected letters, digits, and . _ - = / alone."
        )
    head = (
        f"s3({COLLECTION}, filename = {{key:String}}, format = '{FORMATS[key.rpartition('.')[2]]}'"
    )
    structure = ", ".join(f"{name} Nullable({type_})" for name, type_ in FILE_COLUMNS.items())
    categories = ", ".join(f"'{name}'" for name in CATEGORIES)
    values = ", ".join(f"assumeNotNull(file.{name}) AS {name}" for name in FILE_COLUMNS)
    return FileSource(
        bare=f"{head})",
        rows=f"SELECT {values}, toUInt64(assumeNotNull(file._row_number)) AS file_row, "
        "file._etag AS etag, "
        f"ifNull(file.id > 0 AND file.name != '' AND file.category IN ({categories}) "
        f"AND file.price BETWEEN {MINIMUM_PRICE} AND {MAXIMUM_PRICE} "
        "AND file.created_at IS NOT NULL, 0) AS is_product "
        f"FROM {head}, structure = '{structure}') AS file",
    )


def reason_of(words: str) -> str:
    """What ClickHouse says of a file, in one line without what is said of the server."""
    # An error that has come by way of another is behind it.
    said = words.rpartition("DB::Exception: ")[2]
    said = re.split(r":? \(in file/uri |\.? \([A-Z_]+\)", said, maxsplit=1)[0]
    return re.sub(r"\s+", " ", said).strip().removesuffix(".")[:_LONGEST_REASON] + "."
