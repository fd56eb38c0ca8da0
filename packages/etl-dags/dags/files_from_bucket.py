"""Loads the files that land in a bucket, each once, and proves that bucket and tables agree."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import Param, dag, task

from etl_dags.bucket_files.file_sensor import FileSensor
from etl_dags.retries import RETRIES

if TYPE_CHECKING:
    from etl_dags.bucket_files.land import Landed
    from etl_dags.bucket_files.load import Loaded
    from etl_dags.bucket_files.plan import Plan
    from etl_dags.bucket_files.validate import FileStatistics

# Clients and numpy are imported by the tasks: this file is parsed again and again.


@dag(
    dag_id="files_from_bucket",
    description="Wait for files in a bucket, load each of them once, and compare",
    schedule=None,
    catchup=False,
    # Two runs would read the same files.
    max_active_runs=1,
    tags=["clickhouse", "storage", "files"],
    params={
        "rows": Param(
            1000,
            type="integer",
            minimum=1,
            maximum=1_000_000,
            description="Products that the files are to have in all, with ids from 1 on.",
        ),
        "seed": Param(
            16,
            type="integer",
            minimum=0,
            maximum=2**32 - 1,
            description="The same seed gives the same files.",
        ),
        "late_files": Param(
            0,
            type="integer",
            minimum=0,
            maximum=6,
            description="Files, from the first on, that come only with the next run.",
        ),
        "wait_seconds": Param(
            60,
            type="integer",
            minimum=1,
            maximum=3600,
            description="How long the files are waited for; then the run goes on without those "
            "that have not come.",
        ),
    },
    default_args=RETRIES,
)
def files_from_bucket() -> None:
    """Plan, files, tables, wait, load, validation."""

    @task
    def plan_files(**context: Any) -> "Plan":
        """Says which files are to come: those that the bucket lacks."""
        from etl_dags.bucket_files.bucket import open_bucket
        from etl_dags.bucket_files.plan import LANDING, plan_files

        keys = [file.key for file in open_bucket().files(LANDING)]
        asked = context["params"]
        return plan_files(asked["rows"], asked["seed"], asked["late_files"], keys)

    @task
    def land_files(plan: "Plan") -> "Landed":
        """Stands for whoever sends the files, while the sensor waits."""
        from etl_dags.bucket_files.bucket import open_bucket
        from etl_dags.bucket_files.land import land_files
        from etl_dags.cluster import open_cluster

        with open_cluster() as cluster:
            return land_files(cluster, open_bucket(), plan)

    @task
    def create_file_tables() -> None:
        """Makes the tables on every node."""
        from etl_dags.bucket_files.file_tables import create_file_tables
        from etl_dags.cluster import open_cluster

        with open_cluster() as cluster:
            create_file_tables(cluster)

    @task
    def load_files() -> "Loaded":
        """Loads what the ledger does not have, and puts what is broken into quarantine."""
        from etl_dags.bucket_files.bucket import open_bucket
        from etl_dags.bucket_files.load import load_files
        from etl_dags.cluster import open_cluster

        with open_cluster() as cluster:
            return load_files(cluster, open_bucket())

    @task
    def validate_files(plan: "Plan", missing: list[str], loaded: "Loaded") -> "FileStatistics":
        """Compares bucket, ledger and every node, and fails unless they agree."""
        from etl_dags.bucket_files.bucket import open_bucket
        from etl_dags.bucket_files.validate import validate_files
        from etl_dags.cluster import open_cluster

        with open_cluster() as cluster:
            return validate_files(cluster, open_bucket(), plan, missing, loaded)

    plan = plan_files()
    wait_for_files = FileSensor(task_id="wait_for_files", plan_task="plan_files", poke_interval=0.5)
    loaded = load_files()
    # The type checker takes a task for its function; Airflow passes the values on at run time.
    land_files(plan)  # type: ignore[arg-type]
    plan >> wait_for_files
    [create_file_tables(), wait_for_files] >> loaded
    validate_files(plan, wait_for_files.output, loaded)  # type: ignore[arg-type]


files_from_bucket()
