"""How gunicorn serves Superset: https://superset.apache.org/docs/configuration/configuring-superset."""

import os

#: Its requests wait for databases side by side.
workers = 1
worker_class = "gevent"
worker_connections = 1000
timeout = 120
#: A socket by which nobody controls it.
control_socket_disable = True


def worker_exit(_server: object, _worker: object) -> None:
    """Ends the worker at once: to take its modules apart takes seconds, and it keeps nothing."""
    os._exit(0)
