"""Runs the checks of Provehouse on the cluster that the pipelines load into, on a schedule."""

from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import dag, task

if TYPE_CHECKING:
    from etl_dags.verification import Summary

# The program is in the workspace that this file is in; in containers there is no workspace.
WORKSPACE = Path(__file__).resolve().parents[3]


@dag(
    dag_id="provehouse_verification",
    description="Verify the ClickHouse cluster: topology, definitions, rows, replicas, access",
    schedule="@hourly",
    catchup=False,
    # Whoever wants it on a schedule says so: it reads all tables.
    is_paused_upon_creation=True,
    max_active_runs=1,
    tags=["clickhouse", "verification"],
    # A verdict stays the same when it is asked for again at once.
    default_args={"retries": 0},
)
def provehouse_verification() -> None:
    """One task: it succeeds when everything that could be checked passed."""

    @task
    def verify_cluster() -> "Summary":
        """Gives the status of each check, and fails where one failed or could not run."""
        from airflow.sdk.exceptions import AirflowSkipException

        from etl_dags.verification import ProgramMissingError, find_program, verify_cluster

        try:
            program = find_program(WORKSPACE)
        except ProgramMissingError as error:
            raise AirflowSkipException(str(error)) from error
        return verify_cluster(program)

    verify_cluster()


provehouse_verification()
