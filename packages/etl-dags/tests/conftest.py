"""Airflow's home for the tests: a folder of their own, which goes with them."""

import os
import tempfile

import pytest

_home = tempfile.TemporaryDirectory(prefix="etl-dags-airflow-")

# Before anything imports Airflow, which writes to its home at once.
os.environ.update(
    AIRFLOW_HOME=_home.name,
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="True",
)


def pytest_unconfigure(config: pytest.Config) -> None:  # noqa: ARG001 - the hook's signature
    """Removes the folder."""
    _home.cleanup()
