from types import SimpleNamespace
from typing import Any, cast

import pytest
from clickhouse_connect.driver.client import Client

from etl_dags.dialect import MissingSettingError, insert_settings, plain

MODERN = "CREATE TABLE d.t (`id` UInt32, `price` Decimal(10, 2)) ENGINE = MergeTree ORDER BY id"
OLD = "CREATE TABLE d.t ( id UInt32,  price Decimal(10, 2)) ENGINE = MergeTree ORDER BY id"


def server_that_knows(*settings: str) -> Client:
    def query(_: str, **__: Any) -> Any:
        rows = [{"name": name} for name in ("max_threads", *settings)]
        return SimpleNamespace(named_results=lambda: rows)

    return cast("Client", SimpleNamespace(query=query))


def test_a_server_is_told_only_settings_that_it_knows() -> None:
    assert insert_settings(server_that_knows("insert_distributed_sync")) == {
        "insert_distributed_sync": 1
    }


def test_the_newer_name_goes_first_and_inserts_are_not_collected() -> None:
    client = server_that_knows(
        "insert_distributed_sync", "distributed_foreground_insert", "async_insert"
    )

    assert insert_settings(client) == {"distributed_foreground_insert": 1, "async_insert": 0}


def test_blocks_that_are_sent_again_are_deduplicated_whatever_the_users_profile_says() -> None:
    old = server_that_knows("insert_distributed_sync", "insert_deduplicate")
    new = server_that_knows("insert_distributed_sync", "insert_deduplicate", "deduplicate_insert")

    assert insert_settings(old) == {"insert_distributed_sync": 1, "insert_deduplicate": 1}
    assert insert_settings(new) == insert_settings(old) | {"deduplicate_insert": "enable"}


def test_a_server_that_inserts_only_in_the_background_is_refused() -> None:
    with pytest.raises(MissingSettingError, match="neither in system"):
        insert_settings(server_that_knows("async_insert"))


def test_versions_write_the_same_definition_in_their_own_way() -> None:
    settings = " SETTINGS index_granularity = 8192"

    assert plain(MODERN) == plain(OLD) == plain(MODERN + settings) == plain(OLD + settings)


@pytest.mark.parametrize(
    "other",
    [
        MODERN.replace("UInt32", "UInt64"),
        MODERN.replace("`id`", "`id2`"),
        MODERN.replace("ORDER BY id", "ORDER BY tuple()"),
        MODERN + " SETTINGS index_granularity = 1024",
        MODERN + " TTL toDate(id)",
    ],
)
def test_definitions_that_differ_stay_different(other: str) -> None:
    assert plain(other) != plain(MODERN)
