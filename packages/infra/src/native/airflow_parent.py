"""Imports Airflow once and forks its components, which saves each the imports and their memory.

A component is started by `airflow_component.py`, which asks here for its process.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from forked_airflow.ending import Ending
from forked_airflow.fork_server import listen, serve
from forked_airflow.protocol import Request


def main(words: Sequence[str]) -> None:
    """Serves until it is ended; in a forked process, runs the component that was asked for."""
    parser = argparse.ArgumentParser(prog="airflow_parent", description=__doc__)
    parser.add_argument("environment", type=Path, help="JSON file with Airflow's environment")
    parser.add_argument("socket", type=Path, help="where components ask for their process")
    options = parser.parse_args(words)
    os.environ.update(json.loads(options.environment.read_text()))
    # Set by some machines; without bytecode the imports take three times as long.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    ending = Ending()
    # Airflow reads its settings when it is imported.
    from forked_airflow.preload import preload  # noqa: PLC0415
    from forked_airflow.signatures import read_signatures_once  # noqa: PLC0415
    from forked_airflow.watched_processes import notice_ends_soon  # noqa: PLC0415

    notice_ends_soon()
    read_signatures_once()
    preload()
    from forked_airflow.execution_api import serve_newest_version  # noqa: PLC0415
    from forked_airflow.idle_scheduler import look_for_work_when_there_is_some  # noqa: PLC0415

    serve_newest_version()
    look_for_work_when_there_is_some()
    _run(serve(listen(options.socket)), ending)


def _run(request: Request, ending: Ending) -> None:
    """Becomes `airflow WORDS`, as if this process had been started for it."""
    from airflow import settings  # noqa: PLC0415
    from airflow.__main__ import main as airflow  # noqa: PLC0415
    from setproctitle import setproctitle  # noqa: PLC0415

    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    setproctitle(f"airflow {' '.join(request.words)}")
    # The folder of this file: nothing that a DAG imports is to be found there.
    del sys.path[0]
    # Connections are not shared across a fork.
    settings.dispose_orm(do_log=False)
    settings.configure_orm()  # type: ignore[no-untyped-call]  # Airflow's
    sys.argv = ["airflow", *request.words]
    with ending.of_this_process():
        airflow()  # type: ignore[no-untyped-call]  # Airflow's


if __name__ == "__main__":
    main(sys.argv[1:])
