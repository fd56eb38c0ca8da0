"""Brings events by way of Kafka into a ClickHouse cluster and proves that each is there once."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import Param, dag, task

from etl_dags.event_stream.offset_sensor import OffsetSensor
from etl_dags.retries import RETRIES

if TYPE_CHECKING:
    from etl_dags.event_stream.produce import Produced
    from etl_dags.event_stream.validate import StreamStatistics

# Clients and numpy are imported by the tasks: this file is parsed again and again.


@dag(
    dag_id="events_stream",
    description="Send events to Kafka, and wait until ClickHouse has read each of them",
    schedule=None,
    catchup=False,
    # Two runs would send the same events.
    max_active_runs=1,
    tags=["clickhouse", "kafka", "stream"],
    params={
        "rows": Param(
            1000,
            type="integer",
            minimum=1,
            maximum=10_000_000,
            description="Events that the topic is to have, with ids from 1 on.",
        ),
        "seed": Param(
            16,
            type="integer",
            minimum=0,
            maximum=2**32 - 1,
            description="The same seed gives the same events.",
        ),
    },
    default_args=RETRIES,
)
def events_stream() -> None:
    """Topic, tables, events, offsets, validation."""

    @task
    def create_topic() -> None:
        """Makes the topic, or requires the one that is there to be the same."""
        from etl_dags.event_stream.topic import create_topic

        create_topic()

    @task
    def create_stream_tables() -> None:
        """Makes the tables and the views that read the topic, on every node."""
        from etl_dags.cluster import open_cluster
        from etl_dags.event_stream.stream_tables import create_stream_tables

        with open_cluster() as cluster:
            create_stream_tables(cluster)

    @task
    def produce_events(**context: Any) -> "Produced":
        """Sends the events that the topic lacks."""
        from etl_dags.event_stream.produce import produce_events

        return produce_events(context["params"]["rows"], context["params"]["seed"])

    @task
    def validate_events(produced: "Produced", **context: Any) -> "StreamStatistics":
        """Asks the topic and every node, and fails unless all is right."""
        from etl_dags.cluster import open_cluster
        from etl_dags.event_stream.validate import validate_events

        with open_cluster() as cluster:
            return validate_events(cluster, produced, since=context["dag_run"].start_date)

    wait_for_offsets = OffsetSensor(task_id="wait_for_offsets", poke_interval=1, timeout=600)
    produced = produce_events()
    # The type checker takes the task for its function; Airflow passes the value on at run time.
    validated = validate_events(produced)  # type: ignore[arg-type]
    create_topic() >> create_stream_tables() >> produced >> wait_for_offsets >> validated


events_stream()
