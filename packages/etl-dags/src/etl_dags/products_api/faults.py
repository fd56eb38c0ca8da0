"""Faults of an API as they are met in the field, on a schedule that is the same each time."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

# Of so many different requests one is answered with each of the faults, the first time it comes.
_OF: Final = 16
RETRY_AFTER_SECONDS: Final = 1


@dataclass(frozen=True)
class Fault:
    """An answer instead of the one that was asked for."""

    status: int
    retry_after: int | None = None


FAULTS: Final = (Fault(500), Fault(503), Fault(429, RETRY_AFTER_SECONDS))


class FaultSchedule:
    """Gives some requests a fault the first time they come, and never twice in a row."""

    def __init__(self, seed: int, remembered: int = 10_000) -> None:
        """Takes how many requests it remembers: those forgotten are new to it."""
        self._seed = seed
        self._remembered = remembered
        self._seen: OrderedDict[str, None] = OrderedDict()

    def fault_of(self, request: str) -> Fault | None:
        """The fault that a request is answered with now, if there is one."""
        if request in self._seen:
            self._seen.move_to_end(request)
            return None
        self._seen[request] = None
        if len(self._seen) > self._remembered:
            self._seen.popitem(last=False)
        digest = hashlib.blake2b(f"{self._seed} {request}".encode(), digest_size=8).digest()
        place = int.from_bytes(digest) % _OF
        return FAULTS[place] if place < len(FAULTS) else None
