"""Makes Superset's tables, roles and administrator in the database that the environment names.

One process does everything, because importing Superset takes most of the time of each step. The
account gets a password that nobody knows; the platform sets the real one at its start.
"""
# mypy: disable-error-code="import-not-found, import-untyped"

import secrets
import sys

import flask_migrate
from superset.app import create_app

if __name__ == "__main__":
    with create_app().app_context() as context:
        flask_migrate.upgrade()
        context.app.appbuilder.add_permissions(update_perms=True)
        manager = context.app.appbuilder.sm
        manager.sync_role_definitions()
        if not manager.add_user(
            *("admin", "Platform", "Administrator", "admin@localhost"),
            manager.find_role("Admin"),
            password=secrets.token_urlsafe(32),
        ):
            sys.exit("Superset did not accept the administrator's account")
