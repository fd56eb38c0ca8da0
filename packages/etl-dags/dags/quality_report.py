"""Runs the checks of Provehouse on the cluster that the pipelines load into, on a schedule."""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import dag, task

if TYPE_CHECKING:
    from etl_dags.quality_report import Summary

# The program is in the workspace that this file is in; containers have the program alone.
WORKSPACE = Path(__file__).resolve().parents[3]


def report_failed_run(context: Any) -> None:
    """Sends that there are no verdicts."""
    from etl_dags.quality_report import report_failed_run

    report_failed_run(context)


@dag(
    dag_id="quality_report",
    description="Verify the ClickHouse cluster, and send which verdicts have changed",
    schedule="@hourly",
    catchup=False,
    # Whoever wants it on a schedule says so: it reads all tables.
    is_paused_upon_creation=True,
    max_active_runs=1,
    tags=["clickhouse", "verification"],
    default_args={
        # A verdict stays the same when it is asked for again at once.
        "retries": 0,
        # One that hangs is ended, and said, before the next is due twice.
        "execution_timeout": timedelta(hours=1),
        "on_failure_callback": report_failed_run,
    },
)
def quality_report() -> None:
    """One task: it succeeds when everything that could be checked passed."""

    @task
    def report_quality(**context: Any) -> "Summary":
        """Gives the status of each check, and fails where one failed or could not run."""
        from airflow.sdk.exceptions import AirflowSkipException

        from etl_dags.alerts import find_chat
        from etl_dags.quality_report import (
            ProgramMissingError,
            find_metrics,
            find_program,
            report_quality,
        )

        try:
            program = find_program(WORKSPACE)
        except ProgramMissingError as error:
            raise AirflowSkipException(str(error)) from error
        folder = Path(os.environ["AIRFLOW_HOME"]) / "quality-report"
        folder.mkdir(exist_ok=True)
        link = context["task_instance"].log_url
        return report_quality(program, folder, find_chat(), link, find_metrics())

    report_quality()


quality_report()
