"""Kafka, as Airflow's connection describes it."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from etl_dags.errors import PermanentError, PipelineError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer
    from confluent_kafka.admin import AdminClient

CONNECTION = "kafka_default"
TIMEOUT_SECONDS = 20.0


class NoKafkaError(PermanentError):
    """The platform has no Kafka, or its Python packages are not installed."""


class KafkaError(PipelineError):
    """Kafka did not do what it was asked for."""


def _config() -> dict[str, Any]:
    config: dict[str, Any] = BaseHook.get_connection(CONNECTION).extra_dejson
    if "sasl.password" not in config:
        raise NoKafkaError(
            f"Connection {CONNECTION}",
            expected="a broker with sasl.username and sasl.password in its extra",
            found=", ".join(sorted(config)) or "nothing",
            remedy="Start the platform with infra:up --with kafka.",
        )
    # What cannot be reached is an error of the call, which says more.
    return {**config, "log_level": 2}


def _packages() -> Any:
    try:
        import confluent_kafka  # noqa: PLC0415
        import confluent_kafka.admin  # noqa: PLC0415
    except ImportError as cause:
        raise NoKafkaError(
            "The Python environment",
            expected="the package confluent-kafka",
            found="none",
            remedy="Start the platform with infra:up --with kafka, which installs it.",
        ) from cause
    return confluent_kafka


def open_admin() -> "AdminClient":
    """A client for topics, offsets and groups. Raises NoKafkaError."""
    return _packages().admin.AdminClient(_config())


def open_producer() -> "Producer":
    """A producer whose messages are in their partition once and in order. Raises NoKafkaError."""
    settings = {"enable.idempotence": True, "linger.ms": 20, "compression.type": "lz4"}
    return _packages().Producer({**_config(), **settings})


def open_reader() -> "Consumer":
    """A consumer that is given its partitions and commits nothing. Raises NoKafkaError."""
    settings = {"group.id": "events_stream_tail", "enable.auto.commit": False}
    return _packages().Consumer({**_config(), **settings})
