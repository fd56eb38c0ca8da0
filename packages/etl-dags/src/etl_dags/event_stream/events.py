"""The events of a stream: each depends on the seed and its id alone."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from etl_dags.split_mix import UInt64Array, split_mix

KINDS: Final = ("view", "search", "cart", "order", "refund")
# 2026-01-01 in seconds since 1970; an event a second from then on.
FIRST_SECOND: Final = 1_767_225_600
_HIGHEST_CENTS: Final = 100_000
_NUMBERS_PER_EVENT: Final = 2


def generate_messages(seed: int, ids: UInt64Array) -> Iterator[bytes]:
    """The events with those ids, which count from 1, each as a message's value in JSON."""
    kinds, cents = (
        split_mix(seed, ids * np.uint64(_NUMBERS_PER_EVENT) + np.uint64(column))
        for column in range(_NUMBERS_PER_EVENT)
    )
    amounts = cents % np.uint64(_HIGHEST_CENTS) + np.uint64(1)
    places = kinds % np.uint64(len(KINDS))
    for id_, place, amount in zip(ids.tolist(), places.tolist(), amounts.tolist(), strict=True):
        yield (
            f'{{"id":{id_},"kind":"{KINDS[place]}",'
            f'"amount":"{amount // 100}.{amount % 100:02}","created_at":{FIRST_SECOND + id_}}}'
        ).encode()


def partition_of(event_id: int, partitions: int) -> int:
    """The partition that an event belongs to, so that each has a sequence of its own."""
    return (event_id - 1) % partitions


def ids_of_partition(partition: int, partitions: int, after: int, up_to: int) -> Iterator[int]:
    """The ids of a partition's events above one id, up to another, in their order."""
    first = after + 1 + (partition - partition_of(after + 1, partitions)) % partitions
    yield from range(first, up_to + 1, partitions)
