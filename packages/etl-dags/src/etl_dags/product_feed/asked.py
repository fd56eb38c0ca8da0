"""What a run of Airflow is asked for."""

from datetime import datetime
from typing import Protocol

from etl_dags.product_feed.window import HOUR, Asked


class Run(Protocol):
    """The fields of Airflow's run that say so."""

    run_type: str
    run_after: datetime
    data_interval_start: datetime | None
    data_interval_end: datetime | None


def asked_of(run: Run, until: str | None) -> Asked:
    """A backfill is asked for its interval; any other run for all up to an hour.

    That is the one given, else the last that was over when the run was due, so that each attempt
    reads the same.
    """
    if run.run_type == "backfill" and run.data_interval_start and run.data_interval_end:
        start = int(run.data_interval_start.timestamp())
        return Asked(int(run.data_interval_end.timestamp()), start)
    if until is not None:
        return Asked(_hour(datetime.fromisoformat(until)), repeated=True)
    return Asked(_hour(run.run_after))


def _hour(time: datetime) -> int:
    return int(time.timestamp()) // HOUR * HOUR
