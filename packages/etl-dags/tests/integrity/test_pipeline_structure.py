from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG, RetryAction
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization

from etl_dags.cluster_settings import ClusterSettingsError
from etl_dags.validation_errors import WrongTotalError

DAGS = Path(__file__).parents[2] / "dags"
DAG_ID = "hw16_data_loading_pipeline"


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=DAGS)


@pytest.fixture(scope="module")
def pipeline(bag: DagBag) -> DAG:
    found: DAG = bag.dags[DAG_ID]
    return found


def with_conf(pipeline: DAG, conf: dict[str, Any]) -> ParamsDict:
    """The pipeline's parameters as a trigger with this conf sets them."""
    params = deepcopy(pipeline.params)
    params.update(conf)
    return params


def test_every_dag_file_imports(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert DAG_ID in bag.dags


def test_every_dag_survives_its_serialization(pipeline: DAG) -> None:
    restored: Any = DagSerialization.from_dict(DagSerialization.to_dict(pipeline))

    assert set(restored.task_ids) == set(pipeline.task_ids)


def test_tables_come_before_rows_and_rows_before_validation(pipeline: DAG) -> None:
    assert {task.task_id: task.upstream_task_ids for task in pipeline.tasks} == {
        "create_demo_tables": set(),
        "load_sample_data": {"create_demo_tables"},
        "validate_loaded_data": {"load_sample_data"},
    }


def test_it_runs_only_when_triggered_and_never_beside_itself(pipeline: DAG) -> None:
    assert pipeline.schedule is None
    assert pipeline.catchup is False
    assert pipeline.max_active_runs == 1


def test_its_tags_are_those_of_the_reference(pipeline: DAG) -> None:
    assert pipeline.tags == {"hw16", "clickhouse", "data-loading", "demo"}


def test_every_task_is_retried_twice_and_soon(pipeline: DAG) -> None:
    for task in pipeline.tasks:
        assert task.retries == 2
        assert task.retry_delay <= timedelta(seconds=10)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (WrongTotalError("t", expected="1", found="2", remedy=""), RetryAction.FAIL),
        (ClusterSettingsError("c", expected="1", found="2", remedy=""), RetryAction.FAIL),
        (ConnectionError("gone"), RetryAction.DEFAULT),
    ],
)
def test_only_what_repeating_may_cure_is_retried(
    pipeline: DAG, error: Exception, action: RetryAction
) -> None:
    for task in pipeline.tasks:
        assert task.retry_policy is not None
        decision = task.retry_policy.evaluate(error, try_number=1, max_tries=3)
        assert decision.action is action


@pytest.mark.parametrize(
    "conf",
    [{}, {"rows": 1}, {"rows": 10_000_000}, {"seed": 7, "as_of": "2026-11-22"}, {"as_of": None}],
)
def test_a_valid_conf_is_taken(pipeline: DAG, conf: dict[str, Any]) -> None:
    params = with_conf(pipeline, conf)

    assert params.validate() == params.dump()
    assert params.dump()["rows"] == conf.get("rows", 100)


@pytest.mark.parametrize(
    "conf",
    [
        {"rows": 0},
        {"rows": 10_000_001},
        {"rows": "100"},
        {"rows": None},
        {"seed": -1},
        {"as_of": 20261122},
        {"as_of": "soon"},
        {"batch_rows": 0},
    ],
)
def test_a_conf_out_of_bounds_is_refused(pipeline: DAG, conf: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError, match=f"Invalid input for param {next(iter(conf))}"):
        with_conf(pipeline, conf)
