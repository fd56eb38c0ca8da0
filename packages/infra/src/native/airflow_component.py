"""Stands under supervisord for one of Airflow's components, whose process its parent forks.

It ends when and as that process ends. Both are in one process group, so that signals to the group,
as supervisord sends them, reach the component itself. Where there is no parent, the component
imports Airflow by itself: that takes longer, and is all that differs.
"""

import os
import select
import signal
import socket
import sys
from collections.abc import Sequence

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
    # The component hears them, too, and decides when it ends.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
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


if __name__ == "__main__":
    separator = sys.argv.index("--")
    sys.exit(main(sys.argv[1], sys.argv[2:separator], sys.argv[separator + 1 :]))
