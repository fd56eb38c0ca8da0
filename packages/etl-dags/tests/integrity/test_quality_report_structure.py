from datetime import timedelta
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parents[2] / "dags"


def test_the_report_waits_until_somebody_wants_it_and_is_never_repeated() -> None:
    bag = DagBag(dag_folder=DAGS)
    report = bag.dags["quality_report"]

    assert report.is_paused_upon_creation is True
    assert report.catchup is False
    assert report.max_active_runs == 1
    assert [task.task_id for task in report.tasks] == ["report_quality"]
    assert report.tasks[0].retries == 0
    assert report.tasks[0].execution_timeout == timedelta(hours=1)
    assert report.tasks[0].has_on_failure_callback


def test_a_failure_of_any_other_dag_is_reported() -> None:
    bag = DagBag(dag_folder=DAGS)
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]

    assert [task.task_id for task in tasks if not task.has_on_failure_callback] == []
