"""Encrypts what Superset keeps encrypted, such as passwords of databases, with its new secret key.

As a program it takes the key before from SUPERSET_PREVIOUS_SECRET_KEY. Superset's own
`re-encrypt-secrets` finds nothing to do in 6.1.0: https://github.com/apache/superset/issues/39391.
"""
# mypy: disable-error-code="import-not-found, import-untyped"

import os
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Column, Table, select, type_coerce
from sqlalchemy.engine import Connection
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy_utils import EncryptedType
from superset.app import create_app
from superset.extensions import db


def previously(column: Column[Any], key: str) -> ColumnElement[Any]:
    """The column as a key before reads it."""
    encrypted: Any = column.type
    return type_coerce(column, EncryptedType(encrypted.underlying_type, key)).label(column.name)


def encrypt_table_again(connection: Connection, table: Table, previous_key: str) -> None:
    """Does it in one table, unless the new key reads all that is in it."""
    encrypted = [column for column in table.columns if isinstance(column.type, EncryptedType)]
    if not encrypted:
        return
    keys = list(table.primary_key.columns)
    try:
        connection.execute(select(*encrypted)).all()
    except ValueError:
        before = [previously(column, previous_key) for column in encrypted]
        for row in connection.execute(select(*keys, *before)).mappings().all():
            statement = table.update().values({column: row[column.name] for column in encrypted})
            for key in keys:
                statement = statement.where(key == row[key.name])
            connection.execute(statement)


def encrypt_again(previous_key: str) -> None:
    """Does it in all tables of the application whose context this is, or in none."""
    with db.engine.begin() as connection:
        for table in Model.metadata.sorted_tables:
            encrypt_table_again(connection, table, previous_key)


if __name__ == "__main__":
    with create_app().app_context():
        encrypt_again(os.environ["SUPERSET_PREVIOUS_SECRET_KEY"])
