"""Asks Superset whether it serves; ends with 1 when it does not."""

import sys
import urllib.request

URL = "http://127.0.0.1:8088/health"


def main() -> int:
    """The exit code."""
    try:
        with urllib.request.urlopen(URL, timeout=4) as answer:
            text = answer.read().decode()
    except OSError as error:
        text = str(error)
    sys.stdout.write(f"{text}\n")
    return 0 if text == "OK" else 1


if __name__ == "__main__":
    sys.exit(main())
