from collections.abc import Iterator

import pytest

from etl_dags.cluster import Cluster, open_cluster
from etl_dags.product_feed.change import Change
from etl_dags.product_feed.feed import ApiError, Feed
from etl_dags.product_feed.feed_tables import create_feed_tables
from etl_dags.product_feed.ledger import read_ledger
from etl_dags.product_feed.load import Loaded, load_changes
from etl_dags.product_feed.validate import (
    DifferentFromApiError,
    FeedStatistics,
    validate_products,
)
from etl_dags.product_feed.window import HOUR, Asked, Window
from support.products_server import BEGIN, ProductsServer, products_server
from support.running_platform import RunningPlatform

PER_HOUR = 20


@pytest.fixture
def cluster(tables: RunningPlatform) -> Iterator[Cluster]:  # noqa: ARG001 (it sets the connection)
    with open_cluster() as opened:
        create_feed_tables(opened)
        yield opened


@pytest.fixture
def server() -> Iterator[ProductsServer]:
    with products_server() as serving:
        yield serving


class CutOffFeed(Feed):
    """A feed that gives one small page, and then no more."""

    def pages(self, window: Window, limit: int = 10) -> Iterator[list[Change]]:
        yield next(super().pages(window, limit))
        raise ApiError("The API", expected="a page", found="none", remedy="")


def load(cluster: Cluster, server: ProductsServer, hour: int) -> Loaded:
    server.clock.hours = hour
    with server.client() as client:
        return load_changes(cluster, Feed(client), Asked(BEGIN + hour * HOUR))


def validate(cluster: Cluster, server: ProductsServer, loaded: Loaded) -> FeedStatistics:
    with server.client() as client:
        return validate_products(cluster, Feed(client), loaded)


def test_hour_by_hour_everything_is_there_late_corrections_too(
    cluster: Cluster, server: ProductsServer
) -> None:
    for hour in (10, 11, 12, 15):
        statistics = validate(cluster, server, load(cluster, server, hour))
        assert statistics["rows"] == hour * PER_HOUR
        again = load(cluster, server, hour)
        assert again["inserted"] == 0
        assert len(read_ledger(cluster)) == statistics["windows"]


def test_a_load_that_is_cut_off_leaves_the_watermark_and_the_next_one_ends_it(
    cluster: Cluster, server: ProductsServer
) -> None:
    load(cluster, server, 10)
    before = read_ledger(cluster)
    server.clock.hours = 14
    with server.client() as client, pytest.raises(ApiError):
        load_changes(cluster, CutOffFeed(client), Asked(BEGIN + 14 * HOUR))
    assert read_ledger(cluster) == before

    assert validate(cluster, server, load(cluster, server, 14))["rows"] == 14 * PER_HOUR


def test_products_that_are_gone_from_every_replica_are_named(
    cluster: Cluster, server: ProductsServer, tables: RunningPlatform
) -> None:
    loaded = load(cluster, server, 10)
    for node in tables.nodes:
        tables.command([node], "DELETE FROM products_from_api_local WHERE id IN (3, 8)")

    with pytest.raises(DifferentFromApiError, match=r"198 rows: 3, 8 missing\."):
        validate(cluster, server, loaded)


def test_a_replica_with_another_content_is_named(
    cluster: Cluster, server: ProductsServer, tables: RunningPlatform
) -> None:
    loaded = load(cluster, server, 10)
    node = tables.nodes[0]
    tables.command(
        [node],
        "ALTER TABLE products_from_api_local UPDATE price = price + 1 WHERE id % 2 = 0 "
        "SETTINGS mutations_sync = 1",
    )

    with pytest.raises(DifferentFromApiError, match="the same products on every replica"):
        validate(cluster, server, loaded)
