"""A sensor that waits for offsets, and not for a time."""

from typing import Any

from airflow.sdk import BaseSensorOperator


class OffsetSensor(BaseSensorOperator):
    """Waits until ClickHouse's nodes have stored every message and said so to Kafka."""

    def poke(self, context: Any) -> bool:  # noqa: ARG002 (Airflow gives it)
        """Whether the group has read the topic to its end."""
        from etl_dags.event_stream.validate import unread_messages  # noqa: PLC0415

        unread = unread_messages()
        self.log.info("%d messages are not stored yet.", unread)
        return unread == 0
