import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection

from etl_dags.verification import (
    ProgramMissingError,
    VerificationError,
    find_program,
    verify_cluster,
)

PASSWORD = "a password that nobody may see"
RECORDED = Path(__file__).parents[3] / "verify/examples/verdicts.json"


@pytest.fixture(autouse=True)
def _connection(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(
        conn_id="clickhouse_default", host="ch-01", port=8123, login="su", password=PASSWORD
    )
    monkeypatch.setattr(Connection, "get", lambda _: connection)


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., list[str]]:
    """Writes a program that notes how it was called and ends in one way."""

    def write(exit_code: int, output: str, said: str = "") -> list[str]:
        program = tmp_path / "provehouse.py"
        program.write_text(
            "import json, os, sys\n"
            f"note = open({str(tmp_path / 'called.json')!r}, 'w')\n"
            "json.dump([sys.argv[1:], os.environ['PROVEHOUSE_PASSWORD']], note)\n"
            f"print({output!r})\nprint({said!r}, file=sys.stderr)\nsys.exit({exit_code})\n"
        )
        return [sys.executable, str(program)]

    return write


def verdicts(**statuses: str) -> str:
    found: list[dict[str, Any]] = [
        {
            "check": check.replace("_", "-"),
            "title": f"Title of {check}",
            "status": status,
            "findings": [{"status": status, "expected": "it", "observed": f"seen of {check}"}],
        }
        for check, status in statuses.items()
    ]
    return json.dumps({"formatVersion": 1, "status": "as it is", "verdicts": found})


def test_the_checks_are_run_on_the_node_of_the_connection_and_the_password_is_no_argument(
    stand_in: Callable[..., list[str]], tmp_path: Path
) -> None:
    summary = verify_cluster(stand_in(0, verdicts(macros="passed", reader_content="skipped")))

    assert summary["checks"] == {"macros": "passed", "reader-content": "skipped"}
    words, password = json.loads((tmp_path / "called.json").read_text())
    assert words == ["check", "http://ch-01:8123", "--user", "su", "--json"]
    assert password == PASSWORD


def test_a_check_that_failed_fails_the_task_and_is_named(
    stand_in: Callable[..., list[str]],
) -> None:
    program = stand_in(1, verdicts(macros="passed", spread="failed", access="inconclusive"))

    with pytest.raises(VerificationError) as raised:
        verify_cluster(program)

    assert "failed: Title of spread: seen of spread; inconclusive: Title of access" in str(raised)
    assert "macros" not in str(raised.value)


def test_a_run_that_was_recorded_is_understood(stand_in: Callable[..., list[str]]) -> None:
    with pytest.raises(VerificationError, match=r"failed: .*shop\.scratch is there"):
        verify_cluster(stand_in(1, RECORDED.read_text()))


def test_a_cluster_that_cannot_be_asked_fails_the_task_with_what_the_program_said(
    stand_in: Callable[..., list[str]],
) -> None:
    with pytest.raises(VerificationError, match=r"exit code 2: connection refused\. Look whether"):
        verify_cluster(stand_in(2, "", "connection refused"))


def test_what_is_no_verdicts_fails_the_task(stand_in: Callable[..., list[str]]) -> None:
    with pytest.raises(VerificationError, match="expected verdicts as JSON"):
        verify_cluster(stand_in(0, '{"formatVersion": 2}'))


def test_the_program_is_that_of_the_workspace(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError, match=r"no .*node_modules/.bin/node"):
        find_program(tmp_path)
    for word in ("node_modules/.bin/node", "packages/cli/bin/provehouse.mjs"):
        file = tmp_path / word
        file.parent.mkdir(parents=True)
        file.touch(mode=stat.S_IRWXU)

    assert [Path(word).name for word in find_program(tmp_path)] == ["node", "provehouse.mjs"]
