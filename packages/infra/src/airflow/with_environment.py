"""Replaces itself by a command whose environment is extended from a JSON file.

Secrets reach the command this way without being in an argument or in another component's
environment.
"""

import json
import os
import sys

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        os.environ.update(json.load(file))
    # Set by some machines; without bytecode every Airflow component starts three times slower.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - starting its arguments is what it is for
