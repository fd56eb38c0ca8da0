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
WANTED_OF_INSERTS: dict[str, int | str] = {
    # Servers since 21.11 may collect inserts; the client's batches are large already.
    "async_insert": 0,
    # The client sends an insert again when its connection is reset: a replicated table then takes
    # the block for the one that it has. The second name overrides the first where it is known.
    "insert_deduplicate": 1,
    "deduplicate_insert": "enable",
}

DEFAULT_TABLE_SETTINGS = " SETTINGS index_granularity = 8192"


class MissingSettingError(PermanentError):
    """A server lacks a setting that a load cannot do without."""


class _Setting(BaseModel):
    name: str


def insert_settings(client: Client) -> dict[str, int | str]:
    """Settings under which an insert has reached every shard, once, when it ends.

    They are in the server's words: it refuses settings that it does not know. Raises
    MissingSettingError if it cannot do it.
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
    wanted = {name: value for name, value in WANTED_OF_INSERTS.items() if name in known}
    return {foreground: 1} | wanted


def plain(definition: str) -> str:
    """A table's definition without what says nothing: quotes of names, spaces, default settings."""
    unquoted = re.sub(r"\s+", " ", definition.replace("`", "")).replace("( ", "(")
    return unquoted.removesuffix(DEFAULT_TABLE_SETTINGS)
