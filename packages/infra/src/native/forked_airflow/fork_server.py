"""Forks a process for each component that asks, and reports its end."""

import contextlib
import os
import selectors
import signal
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from forked_airflow.protocol import Request, receive_request, send_number

# Who connects has its request ready.
_LONGEST_SILENCE_SECONDS = 1
# struct ucred of unix(7): pid, user and group of who is at the other end of a socket.
_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True)
class _Child:
    connection: socket.socket
    pid: int
    pidfd: int
    group: int


def listen(file: Path) -> socket.socket:
    """A socket that components connect to; only this user can reach it."""
    file.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(file))
    file.chmod(0o600)
    listener.listen(16)
    return listener


def serve(listener: socket.socket) -> Request:
    """Serves for ever in the parent; returns in each process that it forks what that is to run."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        # One event at a time: it may make the others void.
        (key, _), *_ = selector.select()
        child: _Child | None = key.data
        if child is None:
            connection, _ = listener.accept()
            request = _fork(connection, selector)
            if request is not None:
                selector.close()
                listener.close()
                return request
        elif key.fd == child.pidfd:
            _report(child, selector)
        else:
            _end(child, selector)


def _fork(connection: socket.socket, selector: selectors.BaseSelector) -> Request | None:
    """Gives the request in the forked process, and nothing in the parent."""
    connection.settimeout(_LONGEST_SILENCE_SECONDS)
    try:
        request = receive_request(connection)
    except (TimeoutError, ConnectionResetError):
        request = None
    if request is None:
        connection.close()
        return None
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    group, _, _ = _CREDENTIALS.unpack(credentials)
    pid = os.fork()
    # Both do it, so that it is done whichever runs first; the component may be gone by now.
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(pid, group)
    if pid == 0:
        for other in {key.data for key in selector.get_map().values()} - {None}:
            _close(other)
        connection.close()
        return request
    for stream in request.streams:
        os.close(stream)
    child = _Child(connection, pid, os.pidfd_open(pid), group)
    selector.register(child.pidfd, selectors.EVENT_READ, child)
    selector.register(connection, selectors.EVENT_READ, child)
    with contextlib.suppress(BrokenPipeError):
        send_number(connection, "pid", pid)
    return None


def _report(child: _Child, selector: selectors.BaseSelector) -> None:
    _, status = os.waitpid(child.pid, 0)
    with contextlib.suppress(BrokenPipeError):
        send_number(child.connection, "status", status)
    _forget(child, selector)


def _end(child: _Child, selector: selectors.BaseSelector) -> None:
    """Ends what was forked for a component that is gone: nobody supervises it any more."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.group, signal.SIGKILL)
    signal.pidfd_send_signal(child.pidfd, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    _forget(child, selector)


def _forget(child: _Child, selector: selectors.BaseSelector) -> None:
    selector.unregister(child.pidfd)
    selector.unregister(child.connection)
    _close(child)


def _close(child: _Child) -> None:
    os.close(child.pidfd)
    child.connection.close()
