"""How tasks that write are tried again, and who hears of it when that has not helped."""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from etl_dags.alerts import report_failure
from etl_dags.errors import PermanentError

RETRIES: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "retry_policy": ExceptionRetryPolicy(
        rules=[RetryRule(exception=PermanentError, action=RetryAction.FAIL)]
    ),
    "on_failure_callback": report_failure,
}
"""Arguments of tasks: two more tries after a pause, unless the cause of a failure is permanent."""
