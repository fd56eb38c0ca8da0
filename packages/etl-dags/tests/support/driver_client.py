"""What the package uses of clickhouse-connect's client, over the native protocol.

It serves servers that clickhouse-connect cannot talk to.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import clickhouse_driver
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from clickhouse_driver.errors import Error, ServerException

PARAMETER = re.compile(r"\{(?P<name>\w+):(?P<type>\w+(?:\([^{}]*\))?)\}")
TAKEN_OPTIONS = ("host", "port", "password", "database")
# A statement that hangs fails its test, and not minutes later.
TIMEOUT_SECONDS = 60
ESCAPED = str.maketrans({"\\": r"\\", "'": r"\'"})


@dataclass(frozen=True)
class DriverResult:
    """A query's answer."""

    column_names: Sequence[str]
    result_rows: Sequence[tuple[Any, ...]]

    def named_results(self) -> Iterator[dict[str, Any]]:
        """The rows by the columns' names."""
        return (dict(zip(self.column_names, row, strict=True)) for row in self.result_rows)


@dataclass(frozen=True)
class DriverInsertContext:
    """What several inserts have in common."""

    statement: str
    column_oriented: bool


class DriverClient:
    """A client of one node; `get_client` gives one."""

    def __init__(self, driver: clickhouse_driver.Client) -> None:
        self._driver = driver

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> DriverResult:
        """A query's answer. Raises DatabaseError, OperationalError."""
        with _translated():
            rows, columns = self._driver.execute(
                with_literals(sql, parameters or {}), with_column_types=True
            )
        return DriverResult([name for name, _ in columns], rows)

    def command(self, sql: str, settings: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Runs a statement. Raises DatabaseError, OperationalError.

        The settings that statements are given are HTTP's alone.
        """
        with _translated():
            self._driver.execute(sql)

    def set(self, settings: Mapping[str, Any]) -> None:
        """Gives the connection settings, in statements that servers refuse for unknown ones.

        The driver would leave out those and miswrite signed ones for old servers.
        """
        for name, value in settings.items():
            self.command(f"SET {name} = {value}")

    def create_insert_context(
        self,
        table: str,
        *,
        column_names: Sequence[str],
        database: str,
        column_oriented: bool,
        settings: Mapping[str, Any],
        **_: Any,
    ) -> DriverInsertContext:
        """What inserts into a table have in common; the server says the columns' types itself."""
        self.set(settings)
        statement = f"INSERT INTO {database}.{table} ({', '.join(column_names)}) VALUES"
        return DriverInsertContext(statement, column_oriented)

    def insert(self, data: Sequence[Sequence[Any]], context: DriverInsertContext) -> None:
        """Sends rows. Raises DatabaseError, OperationalError."""
        with _translated():
            self._driver.execute(context.statement, data, columnar=context.column_oriented)

    def close(self) -> None:
        """Ends the connection."""
        self._driver.disconnect()


def get_client(*, username: str, **options: Any) -> Client:
    """A client that is connected, as clickhouse-connect's function of that name gives one.

    Raises DatabaseError, OperationalError.
    """
    known = {name: options[name] for name in TAKEN_OPTIONS if name in options}
    client = DriverClient(
        clickhouse_driver.Client(user=username, send_receive_timeout=TIMEOUT_SECONDS, **known)
    )
    client.command("SELECT 1")
    client.set(options.get("settings", {}))
    return cast("Client", client)


def with_literals(sql: str, parameters: Mapping[str, Any]) -> str:
    """A query with its parameters, such as {rows:UInt32}, written out."""
    return PARAMETER.sub(lambda found: _literal(parameters[found["name"]], found["type"]), sql)


def _literal(value: Any, type_: str) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_literal(element, 'String') for element in value)}]"
    if isinstance(value, int):
        return str(value)
    quoted = f"'{value.translate(ESCAPED)}'"
    return quoted if type_ == "String" else f"CAST({quoted} AS {type_})"


@contextmanager
def _translated() -> Iterator[None]:
    """Turns the driver's errors into clickhouse-connect's."""
    try:
        yield
    except ServerException as cause:
        said = cause.message.partition(" Stack trace:")[0]
        raise DatabaseError(said, code=cause.code) from cause
    except (Error, EOFError, OSError) as cause:
        raise OperationalError(str(cause)) from cause
