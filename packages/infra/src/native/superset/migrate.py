"""Makes Superset's tables, roles and administrator in the database that the environment names.

One process does everything, because importing Superset takes most of the time of each step. The
account gets a password that nobody knows; the platform sets the real one at its start.
"""
# mypy: disable-error-code="import-not-found, import-untyped"

import secrets
import sys
from typing import Any

import flask_migrate
from superset.app import create_app


def put_roles(builder: Any) -> None:
    """Makes the roles of this version, with what they may do."""
    builder.add_permissions(update_perms=True)
    builder.sm.sync_role_definitions()


def add_administrator(manager: Any, password: str) -> None:
    """Makes the account, which must not be there yet."""
    if not manager.add_user(
        *("admin", "Platform", "Administrator", "admin@localhost"),
        manager.find_role("Admin"),
        password=password,
    ):
        sys.exit("Superset did not accept the administrator's account")


if __name__ == "__main__":
    with create_app().app_context() as context:
        flask_migrate.upgrade()
        put_roles(context.app.appbuilder)
        add_administrator(context.app.appbuilder.sm, secrets.token_urlsafe(32))
