"""Gives, as JSON, the hash of the password on standard input as Airflow's login checks it."""

import importlib.metadata
import json
import sys

from werkzeug.security import generate_password_hash

if __name__ == "__main__":
    json.dump(
        {
            "password_hash": generate_password_hash(sys.stdin.read()),
            "flower_version": importlib.metadata.version("flower"),
        },
        sys.stdout,
    )
