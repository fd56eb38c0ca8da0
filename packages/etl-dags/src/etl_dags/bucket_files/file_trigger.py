"""What waits for files while no task runs: a coroutine of the triggerer."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from etl_dags.bucket_files.bucket import (
    BucketPlace,
    StoredFile,
    missing_files,
    open_hook,
    stored_file,
)


class FileTrigger(BaseTrigger):
    """Asks the bucket until it has all files, or until a time; says which are missing.

    Airflow's own S3KeyTrigger neither ends at a time with what it has nor says what it lacks.
    """

    def __init__(
        self,
        place: Sequence[str],
        prefix: str,
        expected: list[str],
        until: float,
        poke_interval: float,
    ) -> None:
        """Takes the keys that are expected below a prefix, and a time in seconds since 1970.

        The place is a `BucketPlace`, or a list of its parts, which is what the triggerer has of it.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.place = BucketPlace(*place)
        self.prefix = prefix
        self.expected = expected
        self.until = until
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments, from which the triggerer makes it again."""
        names = ("prefix", "expected", "until", "poke_interval")
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"place": list(self.place), **{name: getattr(self, name) for name in names}},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """One event: what is missing, or why the bucket could not be asked."""
        try:
            missing = await self._wait()
        except Exception as error:
            yield _event({"error": f"{type(error).__name__}: {error}"})
        else:
            yield _event({"missing": missing})

    async def _wait(self) -> list[str]:
        async with await open_hook().get_async_conn() as client:
            while True:
                missing = missing_files(self.expected, await self._stored(client))
                if not missing or time.time() >= self.until:
                    return missing
                self.log.info("%d files have not come yet.", len(missing))
                await asyncio.sleep(self.poke_interval)

    async def _stored(self, client: Any) -> list[StoredFile]:
        pages = client.get_paginator("list_objects_v2")
        return [
            stored_file(found, self.place.prefix)
            async for page in pages.paginate(
                Bucket=self.place.name, Prefix=self.place.prefix + self.prefix
            )
            for found in page.get("Contents", [])
        ]


def _event(payload: dict[str, Any]) -> TriggerEvent:
    return TriggerEvent(payload)  # type: ignore[no-untyped-call]
