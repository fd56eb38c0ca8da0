"""Brings the database of a Superset in containers to what its server needs.

That is the tables and roles of this version, the administrator's password, and the secret key that
its content is encrypted with. Repeating it changes nothing.
"""
# mypy: disable-error-code="import-not-found, import-untyped"

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flask_migrate
from encrypt_again import encrypt_again
from migrate import add_administrator, put_roles
from superset.app import create_app

# What an image of somebody's own may lack, by the names that they are imported by.
PACKAGES = {
    "clickhouse_connect": "clickhouse-connect",
    "gevent": "gevent",
    "psycopg2": "psycopg2-binary",
}


def put_administrator(manager: Any, password: str) -> None:
    """Makes the account, or gives the one that is there this password."""
    user = manager.find_user("admin")
    if user is None:
        add_administrator(manager, password)
        return
    user.active = True
    manager.update_user(user)
    manager.reset_password(user.id, password)


def keep_secret_key(file: Path, key: str) -> None:
    """Has what was encrypted with the key in the file, the one before, encrypted with this one."""
    before = file.read_text(encoding="utf-8") if file.exists() else key
    if before != key:
        encrypt_again(before)
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(key, encoding="utf-8")
    draft.replace(file)


def main(administrator_file: str) -> None:
    """Does it. Ends with what the image lacks, if it lacks anything."""
    missing = [package for name, package in PACKAGES.items() if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        sys.exit(f"Expected the Python packages {names} in Superset's image, found none")
    account = json.loads(Path(administrator_file).read_text(encoding="utf-8"))
    with create_app().app_context() as context:
        flask_migrate.upgrade()
        # What makes roles reads the databases, whose passwords are encrypted.
        home = Path(os.environ["SUPERSET_HOME"])
        keep_secret_key(home / "secret-key", os.environ["SUPERSET_SECRET_KEY"])
        put_roles(context.app.appbuilder)
        put_administrator(context.app.appbuilder.sm, account["password"])


if __name__ == "__main__":
    main(sys.argv[1])
