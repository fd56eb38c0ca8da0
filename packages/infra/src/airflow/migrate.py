"""Brings Airflow's database to this version and its administrator's account to what is asked for.

Repeating it changes nothing. One process does everything, because importing Airflow takes most of
the time of each step.
"""

import json
import os
import sys
from pathlib import Path

from airflow.cli.cli_parser import get_parser
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

# The account is found by its address, so that it can be given another name.
EMAIL = "admin@localhost"


def run(*words: str) -> None:
    """Runs an `airflow` command in this process."""
    arguments = get_parser().parse_args(words)
    arguments.func(arguments)


def put_administrator(username: str, password: str) -> None:
    """Makes the account, or gives the one that is there this name and password."""
    with get_application_builder() as builder:
        manager = builder.sm
        user = manager.find_user(email=EMAIL)
        if user is None:
            role = manager.find_role("Admin")
            if not manager.add_user(
                username, "Platform", "Administrator", EMAIL, role, password=password
            ):
                sys.exit("Airflow did not accept the administrator's account")
            return
        user.username = username
        manager.update_user(user)
        manager.reset_password(user.id, password)


if __name__ == "__main__":
    account = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    run("db", "migrate")
    run("sync-perm")
    put_administrator(account["username"], account["password"])
    if "," in os.environ.get("AIRFLOW__CORE__FERNET_KEY", ""):
        # What users have added is still encrypted with the key before.
        run("rotate-fernet-key")
