"""Asks a Kafka broker how far a topic and a group of consumers go, or sends messages to the topic.

Reads JSON from the standard input, so that no password is among the arguments: the address, the
account, the topic and, to send messages, those: `{…, "messages": [{"partition": 0, "text": "…"}]}`.
Answers with JSON: the partitions with their offsets, of which the topic has none where it is not
there, or the place of each message in the order in which they were given.
"""

import json
import sys
from typing import NotRequired, TypedDict

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

_TIMEOUT_SECONDS = 20.0


class Place(TypedDict):
    """Where a message is."""

    partition: int
    offset: int


class Offsets(TypedDict):
    """Of a partition: the first offset, that of the next message, and what the group has stored."""

    partition: int
    begin: int
    end: int
    committed: int | None


class Outgoing(TypedDict):
    """A message to be sent."""

    partition: int
    text: str


class Request(TypedDict):
    """What is read."""

    address: str
    user: str
    password: str
    topic: str
    group: NotRequired[str]
    messages: NotRequired[list[Outgoing]]


def settings_of(request: Request) -> dict[str, object]:
    """The settings of a client that says nothing by itself."""
    return {
        "bootstrap.servers": request["address"],
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": request["user"],
        "sasl.password": request["password"],
        "log_level": 0,
    }


def offsets(request: Request) -> list[Offsets]:
    """How far each partition goes. Raises KafkaException."""
    topic, group = request["topic"], request.get("group", "")
    admin = AdminClient(settings_of(request))
    known = admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
    if topic not in known:
        return []
    places = [TopicPartition(topic, number) for number in sorted(known[topic].partitions)]

    def ask(spec: OffsetSpec) -> dict[int, int]:
        answers = admin.list_offsets(dict.fromkeys(places, spec), request_timeout=_TIMEOUT_SECONDS)
        return {place.partition: future.result().offset for place, future in answers.items()}

    begin, end = ask(OffsetSpec.earliest()), ask(OffsetSpec.latest())
    asked = ConsumerGroupTopicPartitions(group, places)
    answer = admin.list_consumer_group_offsets([asked], request_timeout=_TIMEOUT_SECONDS)
    # A partition of which the group has stored nothing has a negative offset.
    committed = {
        place.partition: place.offset
        for place in answer[group].result().topic_partitions
        if place.offset >= 0
    }
    return [
        Offsets(
            partition=number, begin=begin[number], end=end[number], committed=committed.get(number)
        )
        for number in sorted(begin)
    ]


def send(request: Request, messages: list[Outgoing]) -> list[Place]:
    """Sends messages and gives the place of each. Raises KafkaException for what is not taken."""
    producer = Producer({**settings_of(request), "enable.idempotence": True})
    places: list[Place | None] = [None] * len(messages)
    failures: list[KafkaException] = []

    for number, outgoing in enumerate(messages):

        def delivered(error: object, message: Message, number: int = number) -> None:
            if error is not None:
                failures.append(KafkaException(error))
            else:
                places[number] = Place(partition=message.partition(), offset=message.offset())

        value = outgoing["text"].encode()
        producer.produce(
            request["topic"], value, partition=outgoing["partition"], on_delivery=delivered
        )
    producer.flush(_TIMEOUT_SECONDS)
    if failures:
        raise failures[0]
    taken = [place for place in places if place is not None]
    if len(taken) < len(messages):
        raise TimeoutError(f"{len(taken)} of {len(messages)} messages were taken")
    return taken


def main() -> int:
    """Does what the input says; 0 when the broker did it."""
    request: Request = json.load(sys.stdin)
    try:
        messages = request.get("messages")
        answer = offsets(request) if messages is None else send(request, messages)
    except (KafkaException, TimeoutError) as error:
        print(error, file=sys.stderr)  # noqa: T201 (it is the program's answer)
        return 1
    print(json.dumps(answer))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
