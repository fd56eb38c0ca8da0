"""Loads the products that have changed from an HTTP API, and proves that none is missing."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from etl_dags.retries import RETRIES

if TYPE_CHECKING:
    from etl_dags.product_feed.load import Loaded
    from etl_dags.product_feed.validate import FeedStatistics

# Clients are imported by the tasks: this file is parsed again and again.


@dag(
    dag_id="products_from_api",
    description="Load what the API says has changed, and compare every node with it",
    schedule=CronTriggerTimetable("0 * * * *", timezone="UTC", interval=timedelta(hours=1)),
    # What a run finds unread it reads, however many hours that are.
    catchup=False,
    max_active_runs=1,
    tags=["clickhouse", "api", "incremental"],
    params={
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            pattern=r"^\d{4}-\d\d-\d\dT\d\d:00(:00(\.0+)?)?(Z|\+00:00)$",
            description="Load the changes before this hour of UTC, of what the API had published "
            "then; the last hour that is over when empty.",
        ),
    },
    default_args=RETRIES,
)
def products_from_api() -> None:
    """Tables, changes, validation."""

    @task
    def create_product_tables() -> None:
        """Makes the tables on every node."""
        from etl_dags.cluster import open_cluster
        from etl_dags.product_feed.feed_tables import create_feed_tables

        with open_cluster() as cluster:
            create_feed_tables(cluster)

    @task
    def load_changes(**context: Any) -> "Loaded":
        """Loads what has changed since the last run, or in the hour of a backfill."""
        from etl_dags.cluster import open_cluster
        from etl_dags.product_feed.asked import asked_of
        from etl_dags.product_feed.feed import open_feed
        from etl_dags.product_feed.load import load_changes

        asked = asked_of(context["dag_run"], context["params"]["until"])
        with open_feed() as feed, open_cluster() as cluster:
            return load_changes(cluster, feed, asked)

    @task
    def validate_products(loaded: "Loaded") -> "FeedStatistics":
        """Asks the API again and every node, and fails unless they say the same."""
        from etl_dags.cluster import open_cluster
        from etl_dags.product_feed.feed import open_feed
        from etl_dags.product_feed.validate import validate_products

        with open_feed() as feed, open_cluster() as cluster:
            return validate_products(cluster, feed, loaded)

    loaded = load_changes()
    create_product_tables() >> loaded
    # The type checker takes the task for its function; Airflow passes the value on at run time.
    validate_products(loaded)  # type: ignore[arg-type]


products_from_api()
