"""Loads demo products into a ClickHouse cluster and proves that they are where they should be."""

from typing import TYPE_CHECKING, Any

from airflow.sdk import Param, dag, task

from etl_dags.parameters import RunParameters, parameter_schemas
from etl_dags.retries import RETRIES

if TYPE_CHECKING:
    from etl_dags.loaded import Loaded
    from etl_dags.statistics import Statistics

# Clients and numpy are imported by the tasks: this file is parsed again and again.


@dag(
    dag_id="hw16_data_loading_pipeline",
    description="Load demo products into the cluster and validate them on every node",
    schedule=None,
    catchup=False,
    # Two runs would replace each other's rows.
    max_active_runs=1,
    tags=["hw16", "clickhouse", "data-loading", "demo"],
    params={
        name: Param(schema.pop("default"), **schema) for name, schema in parameter_schemas().items()
    },
    default_args=RETRIES,
)
def hw16_data_loading_pipeline() -> None:
    """Tables, rows, validation."""

    @task
    def create_demo_tables() -> None:
        """Makes both tables on every node, or requires those there to be the same."""
        from etl_dags.cluster import open_cluster
        from etl_dags.create_tables import create_demo_tables

        with open_cluster() as cluster:
            create_demo_tables(cluster)

    @task
    def load_sample_data(**context: Any) -> "Loaded":
        """Loads exactly the run's rows through a Distributed table."""
        from etl_dags.cluster import open_cluster
        from etl_dags.load import load_sample_data

        parameters = RunParameters.parse(context["params"])
        with open_cluster() as cluster:
            return load_sample_data(
                cluster,
                rows=parameters.rows,
                seed=parameters.seed,
                as_of=parameters.date_for(context["dag_run"].run_after),
                batch_rows=parameters.batch_rows,
            )

    @task
    def validate_loaded_data(loaded: "Loaded") -> "Statistics":
        """Asks every node for its rows and fails unless all are right."""
        from etl_dags.cluster import open_cluster
        from etl_dags.validation import validate_loaded_data

        with open_cluster() as cluster:
            return validate_loaded_data(cluster, loaded)

    loaded = load_sample_data()
    create_demo_tables() >> loaded
    # The type checker takes the task for its function; Airflow passes the value on at run time.
    validate_loaded_data(loaded)  # type: ignore[arg-type]


hw16_data_loading_pipeline()
