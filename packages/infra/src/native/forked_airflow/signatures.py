"""How often FastAPI, which Airflow's api-server is made with, reads the signature of a function."""

import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any

from fastapi.dependencies import utils

_Read = Callable[[Callable[..., Any]], inspect.Signature]


def read_signatures_once() -> None:
    """Has it remember them.

    It would read all of them again wherever a router is included in another one, which is a
    quarter of the api-server's start. Call it before anything is imported that has routes.
    """
    read: _Read | None = getattr(utils, "_get_signature", None)
    # Another version reads them in another way.
    if read is not None:
        utils._get_signature = _remembering(read)  # type: ignore[assignment]


def _remembering(read: _Read) -> _Read:
    remembered = functools.cache(read)

    def signature(call: Callable[..., Any]) -> inspect.Signature:
        # Not everything that can be called has a hash.
        return remembered(call) if isinstance(call, Hashable) else read(call)

    return signature
