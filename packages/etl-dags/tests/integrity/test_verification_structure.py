from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).parents[2] / "dags"


def test_the_verification_waits_until_somebody_wants_it_and_is_never_repeated() -> None:
    bag = DagBag(dag_folder=DAGS)
    verification = bag.dags["provehouse_verification"]

    assert verification.is_paused_upon_creation is True
    assert verification.catchup is False
    assert verification.max_active_runs == 1
    assert [task.task_id for task in verification.tasks] == ["verify_cluster"]
    assert verification.tasks[0].retries == 0
