"""How soon Airflow notices that a process which it watches has ended.

It waits until one of the process's sockets has something to say. They close a moment before the
process can be seen to have ended, and where nothing more comes it waits to the end of its time:
mostly a second, and ten when a triggerer is stopped.
"""

import time
from typing import Any

from airflow.sdk.execution_time.supervisor import WatchedSubprocess

_LONGEST_WAIT_SECONDS = 0.2


def notice_ends_soon() -> None:
    """Has it look five times a second while it waits.

    It waits no shorter for that: after each wait a triggerer asks the database for its triggers.
    """
    wait = getattr(WatchedSubprocess, "_service_subprocess", None)
    if wait is None:
        # Another version, which waits in another way.
        return

    def wait_in_parts(
        process: WatchedSubprocess, max_wait_time: float, *words: Any, **named: Any
    ) -> Any:
        end = time.monotonic() + max_wait_time
        while True:
            began = time.monotonic()
            part = min(end - began, _LONGEST_WAIT_SECONDS)
            exit_code = wait(process, part, *words, **named)
            now = time.monotonic()
            something_was_said = now - began < part
            # A triggerer learns that it has to stop while it waits.
            stop_requested = getattr(process, "stop", False)
            if exit_code is not None or now >= end or something_was_said or stop_requested:
                return exit_code

    WatchedSubprocess._service_subprocess = wait_in_parts  # type: ignore[assignment,method-assign]
