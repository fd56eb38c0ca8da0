"""The topic of the stream: made, checked, and asked how far it goes."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from etl_dags.errors import PermanentError
from etl_dags.event_stream.kafka import TIMEOUT_SECONDS, open_admin

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

log = logging.getLogger(__name__)

TOPIC: Final = "events_stream"
PARTITIONS: Final = 4
# The tables keep what the topic forgets, but the offsets are compared from the first on.
SETTINGS: Final = {"retention.ms": "-1", "cleanup.policy": "delete"}


class TopicError(PermanentError):
    """The topic is not what the pipeline needs."""


class Offsets(NamedTuple):
    """Of a partition: its first offset, and the one that its next message gets."""

    begin: int
    end: int


def create_topic() -> None:
    """Makes the topic where there is none, and requires that one that is there is the same.

    Raises TopicError with what was expected and found; NoKafkaError.
    """
    from confluent_kafka import KafkaError, KafkaException  # noqa: PLC0415
    from confluent_kafka.admin import NewTopic  # noqa: PLC0415

    admin = open_admin()
    topic = NewTopic(TOPIC, PARTITIONS, 1, config=SETTINGS)
    try:
        admin.create_topics([topic], request_timeout=TIMEOUT_SECONDS)[TOPIC].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
    found = _settings(admin)
    wanted = {"partitions": str(PARTITIONS), **SETTINGS}
    if found != wanted:
        raise TopicError(
            f"Topic {TOPIC}",
            expected=_listed(wanted),
            found=_listed(found),
            remedy="If its messages are not needed, remove the topic and run again.",
        )
    log.info("Topic %s has %s.", TOPIC, _listed(found))


def _settings(admin: "AdminClient") -> dict[str, str]:
    from confluent_kafka.admin import ConfigResource, ResourceType  # noqa: PLC0415

    resource = ConfigResource(ResourceType.TOPIC, TOPIC)
    configs = admin.describe_configs([resource], request_timeout=TIMEOUT_SECONDS)
    entries = configs[resource].result()
    return {
        "partitions": str(len(_partitions(admin))),
        **{name: entries[name].value for name in SETTINGS},
    }


def _partitions(admin: "AdminClient") -> list[int]:
    described = admin.list_topics(TOPIC, timeout=TIMEOUT_SECONDS)
    return sorted(described.topics[TOPIC].partitions)


def offsets(admin: "AdminClient") -> dict[int, Offsets]:
    """How far each partition goes."""
    from confluent_kafka import TopicPartition  # noqa: PLC0415
    from confluent_kafka.admin import OffsetSpec  # noqa: PLC0415

    partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]

    def ask(spec: OffsetSpec) -> dict[int, int]:
        answers = admin.list_offsets(
            dict.fromkeys(partitions, spec), request_timeout=TIMEOUT_SECONDS
        )
        return {place.partition: future.result().offset for place, future in answers.items()}

    begin, end = ask(OffsetSpec.earliest()), ask(OffsetSpec.latest())
    return {number: Offsets(begin[number], end[number]) for number in range(PARTITIONS)}


def committed_offsets(admin: "AdminClient", group: str) -> dict[int, int]:
    """The offset that a group of consumers goes on from, for each partition that has one."""
    from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition  # noqa: PLC0415

    partitions = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
    asked = ConsumerGroupTopicPartitions(group, partitions)
    answers = admin.list_consumer_group_offsets([asked], request_timeout=TIMEOUT_SECONDS)
    found = answers[group].result().topic_partitions
    return {place.partition: place.offset for place in found if place.offset >= 0}


def lag_of(ends: Mapping[int, Offsets], committed: Mapping[int, int]) -> int:
    """The messages that a group has not read yet."""
    return sum(
        place.end - committed.get(partition, place.begin) for partition, place in ends.items()
    )


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
