"""The task that brings the topic up to a number of events."""

import logging
import re
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from etl_dags.errors import PermanentError
from etl_dags.event_stream.events import generate_messages, ids_of_partition
from etl_dags.event_stream.kafka import (
    TIMEOUT_SECONDS,
    KafkaError,
    open_admin,
    open_producer,
    open_reader,
)
from etl_dags.event_stream.topic import PARTITIONS, TOPIC, Offsets, offsets
from etl_dags.split_mix import UInt64Array

if TYPE_CHECKING:
    from confluent_kafka import Message

log = logging.getLogger(__name__)

_BATCH = 10_000
# Messages that are no events may lie behind the last event.
_TAIL = 100
_SENT_WITHIN_SECONDS = 120.0


class OtherStreamError(PermanentError):
    """The topic holds other events than the run is asked for."""


class Produced(TypedDict):
    """What the task hands on."""

    rows: int
    """Events in the topic, with ids from 1 on."""
    seed: int
    sent: int
    """Those of them that this attempt has sent."""
    seconds: float


def produce_events(rows: int, seed: int) -> Produced:
    """Sends what the topic lacks of the events 1 … `rows`, each to its partition.

    An attempt goes on after the last event of each partition, so that one that was cut off or is
    repeated leaves no event out and sends none twice. Raises OtherStreamError, KafkaError.
    """
    begin = time.monotonic()
    last = {
        partition: _last_event(partition, place, seed)
        for partition, place in offsets(open_admin()).items()
    }
    if max(last.values()) > rows:
        raise OtherStreamError(
            f"Topic {TOPIC}",
            expected=f"at most {rows} events",
            found=f"an event with the id {max(last.values())}",
            remedy="Ask for as many or more, or remove the topic and the tables.",
        )
    ids = {
        partition: np.fromiter(ids_of_partition(partition, PARTITIONS, after, rows), np.uint64)
        for partition, after in last.items()
    }
    sent = _send(ids, seed)
    seconds = time.monotonic() - begin
    log.info("Sent %d events in %.1f s; the topic has %d.", sent, seconds, rows)
    return Produced(rows=rows, seed=seed, sent=sent, seconds=seconds)


def _last_event(partition: int, place: Offsets, seed: int) -> int:
    """The id of a partition's last event, 0 where it has none. Raises OtherStreamError."""
    from confluent_kafka import TopicPartition  # noqa: PLC0415

    if place.end == place.begin:
        return 0
    reader = open_reader()
    try:
        start = max(place.begin, place.end - _TAIL)
        reader.assign([TopicPartition(TOPIC, partition, start)])
        messages = reader.consume(place.end - start, timeout=TIMEOUT_SECONDS)
    finally:
        reader.close()
    found = {id_: value for message in messages if (id_ := _id_in(value := message.value() or b""))}
    if len(messages) < place.end - start or not found:
        raise KafkaError(
            f"Partition {partition} of {TOPIC}",
            expected=f"{place.end - start} messages, events among them",
            found=f"{len(messages)} messages with {len(found)} events",
            remedy="See that the broker runs, and run again.",
        )
    last = max(found)
    [wanted] = generate_messages(seed, np.array([last], np.uint64))
    if found[last] != wanted:
        raise OtherStreamError(
            f"Partition {partition} of {TOPIC}",
            expected=f"{wanted.decode()} of the seed {seed}",
            found=found[last].decode(),
            remedy="Use the seed that it was made with, or remove the topic and the tables.",
        )
    return last


def _id_in(value: bytes) -> int:
    """The id of the event in a message, 0 where there is none."""
    found = re.match(rb'\{"id":(\d+),', value)
    return int(found[1]) if found else 0


def _send(ids: Mapping[int, UInt64Array], seed: int) -> int:
    """Sends the events with those ids, which are given by partition; gives how many they are."""
    producer = open_producer()
    failures: deque[str] = deque(maxlen=1)

    def delivered(error: object, _: "Message") -> None:
        if error is not None:
            failures.append(str(error))

    for partition, wanted in ids.items():
        for start in range(0, len(wanted), _BATCH):
            for value in generate_messages(seed, wanted[start : start + _BATCH]):
                producer.produce(TOPIC, value, partition=partition, on_delivery=delivered)
            left = producer.flush(_SENT_WITHIN_SECONDS)
            if left or failures:
                raise KafkaError(
                    f"Partition {partition} of {TOPIC}",
                    expected="all messages to be taken",
                    found=failures[0] if failures else f"{left} that were not",
                    remedy="See that the broker runs; the next attempt goes on after the last one.",
                )
    return sum(len(wanted) for wanted in ids.values())
