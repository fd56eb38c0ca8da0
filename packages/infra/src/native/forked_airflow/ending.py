"""How a forked process ends: as soon as it has cleaned up after itself.

The interpreter would take apart all that was imported, and for that copy the memory that the
process shares with the others, which takes a second.
"""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Ending:
    """Ends one process after everything that is registered later has been called in it.

    Make it before anything is imported whose clean-up counts.
    """

    def __init__(self) -> None:
        self._pid: int | None = None
        self._code = 0
        atexit.register(self._end)

    @contextmanager
    def of_this_process(self) -> Iterator[None]:
        """Has this process end so, with the exit code that what is run within comes to."""
        self._pid = os.getpid()
        try:
            yield
        except SystemExit as error:
            self._code = error.code if isinstance(error.code, int) else int(error.code is not None)
            raise
        except BaseException:
            self._code = 1
            raise

    def _end(self) -> None:
        # What it has forked itself ends in its own way.
        if os.getpid() == self._pid:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self._code)
