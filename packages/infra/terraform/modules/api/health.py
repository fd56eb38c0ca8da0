"""Asks the API, with its token, what it has published; ends with 1 when it does not say."""

import json
import sys
import urllib.request
from pathlib import Path


def main(config_file: str) -> int:
    """The exit code."""
    config = json.loads(Path(config_file).read_text())
    url = f"http://127.0.0.1:{config['port']}/health"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {config['token']}"})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - the scheme is given above
            health = json.load(answer)
    except (OSError, ValueError) as error:
        sys.stdout.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{health}\n")
    return 0 if "published_until" in health else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
