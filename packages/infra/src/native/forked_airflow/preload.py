"""The modules that Airflow's components share, imported once."""

import gc
import importlib
import os
import threading

# What the commands import when they are run, and what their tasks need first.
_MODULES = (
    "airflow.__main__",
    "airflow.api_fastapi.app",
    "airflow.api_fastapi.core_api.app",
    "airflow.api_fastapi.execution_api.app",
    "airflow.cli.commands.api_server_command",
    "airflow.cli.commands.dag_processor_command",
    "airflow.cli.commands.scheduler_command",
    "airflow.cli.commands.triggerer_command",
    "airflow.dag_processing.manager",
    "airflow.dag_processing.processor",
    "airflow.jobs.dag_processor_job_runner",
    "airflow.jobs.scheduler_job_runner",
    "airflow.jobs.triggerer_job_runner",
    "airflow.models",
    "airflow.providers.celery.cli.celery_command",
    "airflow.providers.celery.executors.celery_executor",
    "airflow.providers.clickhousedb.hooks.clickhouse",
    "airflow.providers.fab.auth_manager.fab_auth_manager",
    "airflow.providers.standard.operators.bash",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "alembic.autogenerate",
    "alembic.command",
    "celery.bin.celery",
    "clickhouse_connect",
    "flower.command",
    "numpy",
    "uvicorn",
)

# A component makes hundreds of thousands of objects at its start that it keeps; with the usual
# thresholds the api-server spends a fifth of that time looking for garbage among them.
_COLLECTION_THRESHOLDS = (50_000, 20, 100)


class ThreadsError(Exception):
    """An import has started threads, which a forked process would not have."""


def preload() -> None:
    """Imports what the components need. Raises ThreadsError when it could not be forked after."""
    # numpy's library of linear algebra would start a thread for each core as soon as it is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # What is imported stays: looking for garbage in it takes a fifth of the time.
    gc.disable()
    for module in _MODULES:
        importlib.import_module(module)
    # Those of libraries, too, which Python does not know.
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise ThreadsError(
            f"expected one thread after the imports, found {threads}, of which Python knows {names}"
        )
    # Otherwise each component's first collection would copy the pages that they share.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTION_THRESHOLDS)
    gc.enable()
