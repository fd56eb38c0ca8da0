import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import httpx
import pytest

from etl_dags.cluster_settings import ClusterSettings
from etl_dags.product_feed.change import Change, newest_versions
from etl_dags.product_feed.feed import ApiError, Feed, NoApiError, TokenRefusedError, open_feed
from etl_dags.product_feed.feed_tables import statements
from etl_dags.product_feed.figures import generated_by
from etl_dags.product_feed.window import HOUR, Window
from support.products_server import BEGIN, ProductsServer, products_server

WINDOW = Window(0, BEGIN + 24 * HOUR, BEGIN + 24 * HOUR)
EMPTY: dict[str, object] = {"as_of": "2026-01-01T00:00:00Z", "items": [], "next_cursor": None}


@pytest.fixture(scope="module")
def server() -> Iterator[ProductsServer]:
    with products_server() as serving:
        yield serving


def answering(*answers: httpx.Response | Exception) -> tuple[Feed, list[float]]:
    """A feed whose API gives these answers, the last for ever, and the pauses that it makes."""
    pauses: list[float] = []
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://api")
    return Feed(client, patience=0.2, sleep=pauses.append), pauses


def change(id_: int, version: int, price: str = "1.50") -> Change:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    return Change(
        id=id_, version=version, name="n", category="Home", price=Decimal(price), updated_at=at
    )


def test_a_window_is_read_whole_through_every_fault(server: ProductsServer) -> None:
    pauses: list[float] = []
    with server.client() as client:
        feed = Feed(client, sleep=pauses.append)
        assert feed.newest() == BEGIN + 24 * HOUR
        pages = list(feed.pages(WINDOW, limit=10))

    found = [(one.id, one.version, one.cents) for page in pages for one in page]
    wanted = server.catalog.changes(*WINDOW)
    assert found == [(one.id, one.version, one.cents) for one in wanted]
    # What the server refuses it refuses once, and says of one kind when to come again.
    assert feed.retries == len(pauses) > 5
    assert 1.0 in pauses


def test_a_pause_is_as_long_as_the_api_asks_for() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    refused = (httpx.Response(429, headers={"Retry-After": after}) for after in ("7", soon))
    feed, pauses = answering(*refused, httpx.Response(200, json=EMPTY))

    feed.newest()
    assert pauses[0] == 7
    assert 60 < pauses[1] <= 90


def test_without_a_word_of_the_api_pauses_are_short_and_bounded() -> None:
    faults: tuple[httpx.Response | Exception, ...] = (
        httpx.ConnectError("refused"),
        httpx.Response(503),
        httpx.Response(500),
    )
    feed, pauses = answering(*faults, httpx.Response(200, json=EMPTY))

    feed.newest()
    assert len(pauses) == 3
    assert all(0 <= pause <= 5 for pause in pauses)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(500), ApiError, "found status 500"),
        (httpx.ConnectError("refused"), ApiError, "found ConnectError: refused"),
        (httpx.Response(422, text="as_of"), ApiError, "found status 422: as_of"),
        (httpx.Response(200, text="{"), ApiError, "found a page with"),
        (httpx.Response(401), TokenRefusedError, "expected the API to take its token, found"),
    ],
)
def test_what_does_not_get_well_is_an_error_with_its_cause(
    answer: httpx.Response | Exception, error: type[Exception], words: str
) -> None:
    feed, _ = answering(answer)

    with pytest.raises(error, match=words):
        feed.newest()


def test_a_wrong_token_is_said_at_once_and_never_shown(server: ProductsServer) -> None:
    with server.client("secret-of-nobody") as client:
        feed = Feed(client)
        with pytest.raises(TokenRefusedError) as refused:
            list(feed.pages(WINDOW))

    assert "secret-of-nobody" not in str(refused.value)
    assert feed.retries == 0


def test_a_platform_without_the_api_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(NoApiError, match=r"found no such connection\. .*infra:up --with api"),
        open_feed(),
    ):
        pass
    monkeypatch.setenv("AIRFLOW_CONN_API_DEFAULT", "http://127.0.0.1:1")
    with pytest.raises(NoApiError, match="found one without them"), open_feed():
        pass


def test_of_a_product_the_highest_version_stays_in_whatever_order_they_come() -> None:
    one, two, three = change(1, 1), change(1, 2), change(1, 3)

    for order in ([one, two, three], [three, one, two]):
        assert newest_versions(order) == {1: three}


@pytest.mark.parametrize(
    "alter",
    [
        lambda one: one.model_copy(update={"version": 2}),
        lambda one: one.model_copy(update={"price": Decimal("1.51")}),
        lambda one: one.model_copy(update={"name": "m"}),
        lambda one: one.model_copy(update={"category": "Books"}),
        lambda one: one.model_copy(update={"updated_at": one.updated_at + timedelta(seconds=1)}),
    ],
)
def test_the_checksum_is_of_every_field(alter: Callable[[Change], Change]) -> None:
    assert alter(change(1, 1)).checksum != change(1, 1).checksum


def test_the_figures_are_in_the_format_of_contracts() -> None:
    figures = generated_by([change(1, 1), change(2, 3, "2.05")])

    assert figures["rows"] == 2
    assert figures["groups"] == [{"group": "Home", "rows": 2, "sum": "3.55"}]
    assert figures["months"] == [{"month": "202605", "rows": 2}]
    assert figures["checksums"]["price"] == str(1 * 150 + 2 * 205)
    assert figures["checksums"]["category"] == str(3 * zlib.crc32(b"Home"))


def settings(*, replication: str, replicated_database: bool = False) -> ClusterSettings:
    return ClusterSettings.model_validate(
        {
            "database": "d",
            "cluster": "c",
            "replication": replication,
            "distributed_ddl": True,
            "replicated_database": replicated_database,
        }
    )


def test_versions_of_a_product_meet_in_one_shard_and_the_highest_replaces_the_others() -> None:
    made = statements(settings(replication="keeper"))

    [local] = [statement for statement in made if "d.products_from_api_local ON" in statement]
    assert (
        "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)"
        in local
    )
    assert local.endswith("ORDER BY id")
    [spread] = [statement for statement in made if "d.products_from_api ON" in statement]
    assert "cityHash64(id)" in spread


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        (settings(replication="distributed-writes"), " ReplacingMergeTree(version)"),
        (
            settings(replication="keeper", replicated_database=True),
            " ReplicatedReplacingMergeTree(version)",
        ),
    ],
)
def test_the_engine_is_that_of_the_cluster(given: ClusterSettings, engine: str) -> None:
    assert engine in statements(given)[0]
