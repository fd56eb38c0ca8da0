"""Asks one Airflow component of this container whether it does its work; ends with 1 when not.

Runs every few seconds, so it does not import Airflow, which takes seconds of processor time.
"""

import base64
import json
import os
import socket
import sys
import urllib.request

OLDEST_HEARTBEAT_SECONDS = 30


def ask(path: str, account: str | None = None) -> dict[str, dict[str, object]]:
    """The JSON that this container answers with at a port and path."""
    request = urllib.request.Request(f"http://127.0.0.1:{path}")
    if account is not None:
        token = base64.b64encode(account.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    # The scheme is always the one above.
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        answered: dict[str, dict[str, object]] = json.load(answer)
        return answered


def check_api_server() -> str | None:
    """It answers, and its database answers it."""
    status = ask("8080/api/v2/monitor/health")["metadatabase"]["status"]
    return None if status == "healthy" else f"the metadata database is {status}"


def check_flower() -> str | None:
    """It answers those who log in, and its broker answers it."""
    ask("5555/api/queues/length", os.environ["AIRFLOW__CELERY__FLOWER_BASIC_AUTH"])
    return None


def check_worker() -> str | None:
    """The worker of this host takes messages from the broker and answers them."""
    # Imported here, because no other check needs the time that it takes.
    from celery import Celery  # type: ignore[import-untyped]  # noqa: PLC0415

    worker = f"celery@{socket.gethostname()}"
    broker = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    # A broker that hangs would be waited for until this check is killed, which says nothing.
    broker.conf.broker_transport_options = {"socket_timeout": 5, "max_retries": 0}
    answers = broker.control.inspect(destination=[worker], timeout=5).ping() or {}
    return None if worker in answers else f"{worker} did not answer a ping"


def check_heartbeat(job_type: str) -> str | None:
    """A job of this host has written a heartbeat into the metadata database lately."""
    import psycopg2  # type: ignore[import-untyped]  # noqa: PLC0415

    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg2.connect(url, connect_timeout=5) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM now() - max(latest_heartbeat)) FROM job "
            "WHERE job_type = %s AND hostname = %s AND state = 'running'",
            (job_type, socket.gethostname()),
        )
        row = cursor.fetchone()
    age = None if row is None else row[0]
    if age is None:
        return f"there is no running {job_type} of this host"
    if age > OLDEST_HEARTBEAT_SECONDS:
        return f"the last heartbeat of the {job_type} is {age:.0f} s old"
    return None


CHECKS = {"api-server": check_api_server, "flower": check_flower, "worker": check_worker}


def main(component: str) -> str | None:
    """What is wrong with the component, or None."""
    try:
        check = CHECKS.get(component)
        return check_heartbeat(component) if check is None else check()
    # Whatever it is, the component does not do its work.
    except Exception as error:
        # Errors of drivers may repeat the URL with its password.
        return f"{component}: {type(error).__name__}"


if __name__ == "__main__":
    problem = main(sys.argv[1])
    sys.stdout.write(f"{problem or 'healthy'}\n")
    sys.exit(0 if problem is None else 1)
