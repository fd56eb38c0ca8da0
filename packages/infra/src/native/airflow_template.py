"""Migrates the database that the settings name and adds the administrator's account.

One process does both, because importing Airflow takes most of the time of either. The account gets
a password that nobody knows; the platform sets the real one at its start.
"""

import secrets

from airflow.cli.cli_parser import get_parser


def run(*words: str) -> None:
    """Runs an `airflow` command in this process."""
    arguments = get_parser().parse_args(words)
    arguments.func(arguments)


if __name__ == "__main__":
    run("db", "migrate")
    run("sync-perm")
    run(
        *("users", "create", "--role", "Admin", "--username", "admin"),
        *("--firstname", "Platform", "--lastname", "Administrator"),
        *("--email", "admin@localhost", "--password", secrets.token_urlsafe(32)),
    )
