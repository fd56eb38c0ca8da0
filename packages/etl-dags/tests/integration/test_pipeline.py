from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from etl_dags.parameters import ParameterError
from support.content import require_exactly
from support.running_platform import RunningPlatform

RUN = SimpleNamespace(run_after=datetime(2026, 11, 22, 23, 59, tzinfo=UTC))


@pytest.fixture(scope="module")
def call() -> Any:
    """Calls the function of a task of the pipeline."""
    bag = DagBag(dag_folder=Path(__file__).parents[2] / "dags")
    tasks: dict[str, Any] = bag.dags["hw16_data_loading_pipeline"].task_dict
    return lambda task, *arguments, **context: tasks[task].python_callable(*arguments, **context)


def test_the_tasks_one_after_the_other_load_what_the_run_asked_for(
    tables: RunningPlatform, call: Any
) -> None:
    call("create_demo_tables")
    loaded = call("load_sample_data", params={"rows": 60, "seed": 5}, dag_run=RUN)
    statistics = call("validate_loaded_data", loaded)

    assert loaded["as_of"] == statistics["as_of"] == "2026-11-22"
    assert statistics["total"] == 60
    require_exactly(tables, rows=60, seed=5)


def test_a_parameter_out_of_bounds_fails_before_anything_is_touched(
    tables: RunningPlatform, call: Any
) -> None:
    assert tables.nodes
    with pytest.raises(ParameterError, match="rows = 0"):
        call("load_sample_data", params={"rows": 0}, dag_run=RUN)
