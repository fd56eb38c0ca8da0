"""What a component and the parent of Airflow's components say to each other.

They speak over a socket, a JSON object a line. The component sends the words of its `airflow`
command along with its standard input, output and error; the parent answers with the pid of the
process that it forked for them, and with that process's wait status once it has ended.
"""

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

_LONGEST_REQUEST = 65536
_STANDARD_STREAMS = (0, 1, 2)


@dataclass(frozen=True)
class Request:
    """The words of an `airflow` command, and the file descriptors that are to be its streams."""

    words: tuple[str, ...]
    streams: tuple[int, ...]


def send_request(connection: socket.socket, words: Sequence[str]) -> None:
    """Asks the parent for a process that runs `airflow WORDS` with the streams of this one."""
    message = json.dumps({"words": list(words)}).encode() + b"\n"
    socket.send_fds(connection, [message], _STANDARD_STREAMS)


def receive_request(connection: socket.socket) -> Request | None:
    """What a component asks for; nothing when it is gone, or only wanted to see who answers."""
    line, streams, _, _ = socket.recv_fds(connection, _LONGEST_REQUEST, len(_STANDARD_STREAMS))
    return Request(tuple(json.loads(line)["words"]), tuple(streams)) if line else None


def send_number(connection: socket.socket, name: str, number: int) -> None:
    """Sends a pid or a wait status."""
    connection.sendall(json.dumps({name: number}).encode() + b"\n")


def receive_number(lines: TextIO, name: str) -> int | None:
    """The number of that name; nothing when the other side is gone."""
    try:
        line = lines.readline()
    except ConnectionResetError:
        return None
    return int(json.loads(line)[name]) if line else None
