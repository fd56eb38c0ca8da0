"""An insert whose answer is cut off, so that the client sends it a second time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import ProtocolError


@contextmanager
def first_insert_sent_twice() -> Iterator[None]:
    """Lets the first insert be executed, and resets its connection instead of answering."""
    send = urllib3.HTTPConnectionPool.urlopen
    inserts = 0

    def urlopen(*arguments: Any, **options: Any) -> Any:
        nonlocal inserts
        response = send(*arguments, **options)
        # Only the rows of inserts are produced while they are sent.
        if not isinstance(options["body"], (bytes, str, type(None))):
            inserts += 1
            if inserts == 1:
                raise ProtocolError("Connection aborted.") from ConnectionResetError()
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(urllib3.HTTPConnectionPool, "urlopen", urlopen)
        yield
    assert inserts > 1
