"""How tasks that write are tried again."""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from etl_dags.errors import PermanentError

RETRIES: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "retry_policy": ExceptionRetryPolicy(
        rules=[RetryRule(exception=PermanentError, action=RetryAction.FAIL)]
    ),
}
"""Arguments of tasks: two more tries after a pause, unless the cause of a failure is permanent."""
