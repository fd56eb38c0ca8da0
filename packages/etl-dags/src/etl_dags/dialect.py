"""Where versions of ClickHouse want or say the same thing in different words.

Nothing else depends on the version; what a cluster can do at all is in its settings.
"""

import re

from clickhouse_connect.driver.client import Client
from pydantic import BaseModel

from etl_dags.cluster import fetch
from etl_dags.errors import PermanentError

# By which an insert into a Distributed table ends when every shard has its rows, or fails, instead
# of sending them later; the newer name, since 23.11, first.
FOREGROUND_INSERT = ("distributed_foreground_insert", "insert_distributed_sync")
# Servers since 21.11 may collect inserts; the client's batches are large already.
ASYNCHRONOUS_INSERT = "async_insert"

DEFAULT_TABLE_SETTINGS = " SETTINGS index_granularity = 8192"


class MissingSettingError(PermanentError):
    """A server lacks a setting that a load cannot do without."""


class _Setting(BaseModel):
    name: str


def insert_settings(client: Client) -> dict[str, int]:
    """Settings under which an insert has reached every shard when it ends, in the server's words.

    A server refuses settings that it does not know. Raises MissingSettingError if it cannot do it.
    """
    sql = "SELECT name FROM system.settings"
    known = {setting.name for setting in fetch(client, _Setting, sql)}
    foreground = next((name for name in FOREGROUND_INSERT if name in known), None)
    if foreground is None:
        raise MissingSettingError(
            "Inserts into Distributed tables",
            expected=f"a setting {' or '.join(FOREGROUND_INSERT)}",
            found="neither in system.settings",
            remedy="Use a ClickHouse server that can insert into all shards at once.",
        )
    return {foreground: 1} | ({ASYNCHRONOUS_INSERT: 0} if ASYNCHRONOUS_INSERT in known else {})


def plain(definition: str) -> str:
    """A table's definition without what says nothing: quotes of names, spaces, default settings."""
    unquoted = re.sub(r"\s+", " ", definition.replace("`", "")).replace("( ", "(")
    return unquoted.removesuffix(DEFAULT_TABLE_SETTINGS)
