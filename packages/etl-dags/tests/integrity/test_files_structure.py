from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from etl_dags.bucket_files.file_sensor import FileSensor

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def pipeline() -> DAG:
    found: DAG = DagBag(dag_folder=DAGS).dags["files_from_bucket"]
    return found


def test_files_are_waited_for_while_they_land_and_loaded_then(pipeline: DAG) -> None:
    assert {task.task_id: task.upstream_task_ids for task in pipeline.tasks} == {
        "plan_files": set(),
        "land_files": {"plan_files"},
        "wait_for_files": {"plan_files"},
        "create_file_tables": set(),
        "load_files": {"create_file_tables", "wait_for_files"},
        "validate_files": {"plan_files", "wait_for_files", "load_files"},
    }
    assert isinstance(pipeline.get_task("wait_for_files"), FileSensor)


def test_it_runs_when_asked_and_never_beside_itself(pipeline: DAG) -> None:
    assert pipeline.timetable.can_be_scheduled is False
    assert pipeline.max_active_runs == 1


def test_every_task_is_retried_twice(pipeline: DAG) -> None:
    assert {task.retries for task in pipeline.tasks} == {2}


@pytest.mark.parametrize(
    ("name", "value"),
    [("rows", 0), ("rows", 1_000_001), ("seed", -1), ("late_files", 7), ("wait_seconds", 0)],
)
def test_what_is_out_of_bounds_is_refused(pipeline: DAG, name: str, value: int) -> None:
    with pytest.raises(ParamValidationError):
        pipeline.params.get_param(name).resolve(value)
