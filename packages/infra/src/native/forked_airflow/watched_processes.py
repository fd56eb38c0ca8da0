"""How soon Airflow notices that a process which it watches has ended.

It waits until one of the process's sockets has something to say. They close a moment before the
process can be seen to have ended, and where nothing more comes it waits to the end of its time:
mostly a second, and ten when a triggerer is stopped.
"""

from typing import Any

from airflow.sdk.execution_time.supervisor import WatchedSubprocess

_LONGEST_WAIT_SECONDS = 0.2


def notice_ends_soon() -> None:
    """Has it look five times a second; those who wait longer wait again."""
    wait = getattr(WatchedSubprocess, "_service_subprocess", None)
    if wait is None:
        # Another version, which waits in another way.
        return

    def wait_briefly(
        process: WatchedSubprocess, max_wait_time: float, *words: Any, **named: Any
    ) -> Any:
        return wait(process, min(max_wait_time, _LONGEST_WAIT_SECONDS), *words, **named)

    WatchedSubprocess._service_subprocess = wait_briefly  # type: ignore[assignment,method-assign]
