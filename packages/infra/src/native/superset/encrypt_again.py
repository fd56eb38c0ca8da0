"""Encrypts what Superset keeps encrypted, such as passwords of databases, with its new secret key.

The key before is SUPERSET_PREVIOUS_SECRET_KEY.
"""

import os

from superset.app import create_app  # type: ignore[import-not-found, unused-ignore]
from superset.utils.encrypt import (  # type: ignore[import-not-found, unused-ignore]
    SecretsMigrator,
)

if __name__ == "__main__":
    with create_app().app_context():
        SecretsMigrator(previous_secret_key=os.environ["SUPERSET_PREVIOUS_SECRET_KEY"]).run()
