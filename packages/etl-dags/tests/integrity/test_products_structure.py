from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, CronTriggerTimetable
from airflow.sdk.exceptions import ParamValidationError

DAGS = Path(__file__).parents[2] / "dags"


@pytest.fixture(scope="module")
def pipeline() -> DAG:
    found: DAG = DagBag(dag_folder=DAGS).dags["products_from_api"]
    return found


def test_tables_come_before_changes_and_changes_before_validation(pipeline: DAG) -> None:
    assert {task.task_id: task.upstream_task_ids for task in pipeline.tasks} == {
        "create_product_tables": set(),
        "load_changes": {"create_product_tables"},
        "validate_products": {"load_changes"},
    }


def test_it_runs_every_hour_for_what_is_unread_and_never_beside_itself(pipeline: DAG) -> None:
    assert isinstance(pipeline.timetable, CronTriggerTimetable)
    assert pipeline.timetable.expression == "0 * * * *"
    assert pipeline.timetable.interval == timedelta(hours=1)
    assert pipeline.catchup is False
    assert pipeline.max_active_runs == 1


def test_every_task_is_retried_twice(pipeline: DAG) -> None:
    assert {task.retries for task in pipeline.tasks} == {2}


@pytest.mark.parametrize("until", [None, "2026-05-04T12:00:00Z", "2026-05-04T12:00:00+00:00"])
def test_an_hour_is_taken(pipeline: DAG, until: str | None) -> None:
    assert pipeline.params.get_param("until").resolve(until) == until


@pytest.mark.parametrize("until", ["soon", "2026-05-04T12:30:00Z", "2026-05-04T12:00:00", 12])
def test_what_is_no_whole_hour_of_utc_is_refused(pipeline: DAG, until: object) -> None:
    with pytest.raises(ParamValidationError):
        pipeline.params.get_param("until").resolve(until)
