"""Runs one ClickHouse node from the embedded library until it is asked to stop.

`--examine LIBRARY` says instead, as JSON, whether the library is a build that can replicate.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from build_table import UnknownBuildError, examine
from engine import give_terminal, load, serve
from node_config import read_node_config
from wiring import wire_replication


def main(words: Sequence[str]) -> int:
    """Serves until SIGTERM; gives 1, with the reason on stderr, when the node ends by itself."""
    parser = argparse.ArgumentParser(prog="embedded_node", description=__doc__)
    parser.add_argument("library", type=Path, help="libchdb.so")
    parser.add_argument("--examine", action="store_true", help="only say what the library is")
    parser.add_argument("--config", type=Path, help="the node's configuration file")
    parser.add_argument("--http-port", type=int)
    parser.add_argument("--tcp-port", type=int)
    options = parser.parse_args(words)
    if options.examine:
        return _say_what_it_is(options.library)
    return _run(options.library, options.config, options.http_port, options.tcp_port)


def _say_what_it_is(library: Path) -> int:
    try:
        answer = {"version": examine(library).version}
    except UnknownBuildError as error:
        answer = {"reason": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _run(library: Path, config_file: Path, http_port: int, tcp_port: int) -> int:
    try:
        config = read_node_config(config_file)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    engine = load(library)
    try:
        wiring = wire_replication(library, config, http_port) if config.replication else None
    except UnknownBuildError as error:
        sys.stderr.write(f"The embedded engine cannot replicate: {error}.\n")
        return 1
    give_terminal()
    last_words = serve(
        engine,
        [
            f"--config-file={config_file}",
            f"--path={config.data}",
            *(f"--listen_host={host}" for host in config.listen_hosts[:1] if wiring is None),
            f"--http_port={http_port}",
            f"--tcp_port={tcp_port}",
        ],
    )
    sys.stderr.write(f"{last_words}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
