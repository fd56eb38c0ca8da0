"""Stands under supervisord for one of Airflow's components, whose process its parent forks.

It ends when and as that process ends, and passes on what asks it to end. Both are in one process
group, so that a signal that kills the group kills both. Where there is no parent, the component
imports Airflow by itself: that takes longer, and is all that differs.
"""

import contextlib
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

from forked_airflow.protocol import receive_number, send_request


def main(parent: str, words: Sequence[str], alone: list[str]) -> int:
    """Runs `airflow WORDS`, forked by the parent, or else `alone`; gives its exit code."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(parent)
    except (ConnectionRefusedError, FileNotFoundError):
        os.execv(alone[0], alone)  # noqa: S606 - its own arguments
    send_request(connection, words)
    answers = connection.makefile()
    pid = receive_number(answers, "pid")
    if pid is None:
        os.execv(alone[0], alone)  # noqa: S606 - its own arguments
    pidfd = os.pidfd_open(pid)
    _pass_on(pidfd, signal.SIGTERM, signal.SIGINT)
    status = receive_number(answers, "status")
    if status is None:
        # The parent is gone: only that the component has ended can still be seen.
        select.select([pidfd], [], [])
        return 1
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return code
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    return 1


def _pass_on(pidfd: int, *numbers: signal.Signals) -> None:
    """The component decides what they mean to it, and when it ends."""

    def send(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, number)

    for number in numbers:
        signal.signal(number, send)


if __name__ == "__main__":
    separator = sys.argv.index("--")
    sys.exit(main(sys.argv[1], sys.argv[2:separator], sys.argv[separator + 1 :]))
