"""How often Airflow's scheduler looks for work while no run of a DAG is under way.

Run by itself it is `airflow scheduler`.
"""

import sys
import time
from types import SimpleNamespace

from airflow.__main__ import main as airflow
from airflow.configuration import conf
from airflow.jobs import scheduler_job_runner
from airflow.models import DagModel, DagRun
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from sqlalchemy import select

# Airflow's own default: what nobody waits for, such as a schedule, is found so much later.
_LONGEST_SECONDS = 1.0
_IDLE_SECONDS = conf.getfloat("scheduler", "scheduler_idle_sleep_time")

_ACTIVE_RUN = (
    select(DagRun.id)
    .join(DagModel, DagModel.dag_id == DagRun.dag_id)
    .where(DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING]), ~DagModel.is_paused)
    .limit(1)
)


def look_for_work_when_there_is_some() -> None:
    """Has it look after `scheduler_idle_sleep_time` where a run may go on, and else each second.

    To look takes 25 ms of processor time, its own and the database's; to ask for such a run, one.
    """
    # The module uses nothing else of it.
    scheduler_job_runner.time = SimpleNamespace(sleep=_sleep)  # type: ignore[assignment,attr-defined]


def _sleep(seconds: float) -> None:
    """Sleeps, and goes on doing so until there is something to do or something else is due."""
    end = time.monotonic() + _LONGEST_SECONDS
    time.sleep(seconds)
    # What the scheduler does at certain times is due where it would sleep for less.
    while seconds >= _IDLE_SECONDS and time.monotonic() < end and not _has_active_run():
        time.sleep(_IDLE_SECONDS)


def _has_active_run() -> bool:
    with create_session() as session:
        return session.scalar(_ACTIVE_RUN) is not None


if __name__ == "__main__":
    # The folder of this file: nothing that Airflow imports is to be found there.
    del sys.path[0]
    look_for_work_when_there_is_some()
    sys.argv = ["airflow", "scheduler"]
    airflow()  # type: ignore[no-untyped-call]  # Airflow's
