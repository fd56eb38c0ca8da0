"""A sensor that waits for files, for a bounded time, without holding a worker."""

import time
from datetime import timedelta
from typing import Any, Final

from airflow.sdk import BaseSensorOperator

from etl_dags.bucket_files.plan import LANDING

# The triggerer ends a wait in time; this ends it where there is no triggerer.
_GRACE: Final = timedelta(minutes=2)


class FileSensor(BaseSensorOperator):
    """Waits until the planned files are there; gives the keys of those that did not come in time.

    They are no error: the next run finds them.
    """

    def __init__(self, *, plan_task: str, **arguments: Any) -> None:
        """Takes the task that says which files are to come."""
        super().__init__(**arguments)
        self.plan_task = plan_task

    def execute(self, context: Any) -> Any:
        """The keys that are missing: none where all are there, else what the trigger says."""
        from etl_dags.bucket_files.bucket import (  # noqa: PLC0415
            bucket_place,
            missing_files,
            open_bucket,
        )
        from etl_dags.bucket_files.file_trigger import FileTrigger  # noqa: PLC0415

        plan = context["ti"].xcom_pull(task_ids=self.plan_task)
        expected = [file["key"] for file in plan["files"]]
        if not missing_files(expected, open_bucket().files(LANDING)):
            return []
        seconds = context["params"]["wait_seconds"]
        self.defer(
            trigger=FileTrigger(
                place=bucket_place(),
                prefix=LANDING,
                expected=expected,
                until=time.time() + seconds,
                poke_interval=self.poke_interval,
            ),
            method_name="resume",
            timeout=timedelta(seconds=seconds) + _GRACE,
        )
        return None

    def resume(self, context: Any, event: dict[str, Any]) -> list[str]:  # noqa: ARG002 (Airflow gives it)
        """What the trigger has found. Raises BucketError."""
        from etl_dags.bucket_files.bucket import BucketError  # noqa: PLC0415

        if "error" in event:
            raise BucketError(
                "The bucket",
                expected="an answer to the triggerer",
                found=event["error"],
                remedy="See that the S3 server runs and takes the keys: the next try goes on.",
            )
        missing: list[str] = event["missing"]
        for key in missing:
            self.log.warning("%s has not come in time: the next run looks for it.", key)
        return missing
