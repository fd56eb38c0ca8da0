import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection

from etl_dags import quality_report
from etl_dags.alerts import TelegramChat
from etl_dags.quality_report import (
    NotSoundError,
    ProgramMissingError,
    Summary,
    VerificationError,
    find_metrics,
    find_program,
    report_failed_run,
    report_quality,
)

LINK = "http://airflow.example/log"
TOKEN = "123456:a-token-that-nobody-may-see"
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
            "secrets = [os.environ.get(f'PROVEHOUSE_{name}') for name in "
            "('PASSWORD', 'TELEGRAM_TOKEN')]\n"
            "json.dump([sys.argv[1:], secrets], note)\n"
            f"if {output!r}: open({str(tmp_path / 'verdicts.json')!r}, 'w').write({output!r})\n"
            f"print({said!r}, file=sys.stderr)\nsys.exit({exit_code})\n"
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


def report(program: list[str], chat: TelegramChat | None = None) -> Summary:
    return report_quality(program, Path(program[1]).parent, chat, LINK)


def called(tmp_path: Path) -> tuple[list[str], list[str | None]]:
    words, secrets = json.loads((tmp_path / "called.json").read_text())
    return words, secrets


def test_the_verdicts_are_left_for_prometheus_where_the_platform_has_one(
    stand_in: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = stand_in(0, verdicts(macros="passed"))
    for folder, expected in (("", None), (str(tmp_path), tmp_path / "quality_report.prom")):
        monkeypatch.setenv("PROVEHOUSE_VERDICTS", folder)
        assert find_metrics() == expected
        report_quality(program, tmp_path, None, LINK, find_metrics())
        words, _ = called(tmp_path)
        outputs = [word for word in words if word.startswith("prometheus=")]
        assert outputs == ([] if expected is None else [f"prometheus={expected}"])


def test_the_checks_are_run_on_the_node_of_the_connection_and_the_password_is_no_argument(
    stand_in: Callable[..., list[str]], tmp_path: Path
) -> None:
    summary = report(stand_in(0, verdicts(macros="passed", reader_content="skipped")))

    assert summary["checks"] == {"macros": "passed", "reader-content": "skipped"}
    words, secrets = called(tmp_path)
    assert words == [
        *["watch", "http://ch-01:8123", "--once", "--every", "1h", "--user", "su"],
        *["--report-url", LINK, "--history", str(tmp_path / "history.jsonl")],
        *["--output", f"json={tmp_path / 'verdicts.json'}"],
        *["--output", f"html={tmp_path / 'report.html'}"],
    ]
    assert secrets == [PASSWORD, None]


def test_changes_are_sent_to_the_chat_and_the_token_is_no_argument(
    stand_in: Callable[..., list[str]], tmp_path: Path
) -> None:
    chat = TelegramChat(chat="-1001", token=TOKEN, api="http://127.0.0.1:1")

    report(stand_in(0, verdicts(macros="passed")), chat)

    words, secrets = called(tmp_path)
    assert words[-4:] == ["--telegram-chat", "-1001", "--telegram-api", "http://127.0.0.1:1"]
    assert TOKEN not in " ".join(words)
    assert secrets == [PASSWORD, TOKEN]


def test_a_check_that_failed_fails_the_task_and_is_named(
    stand_in: Callable[..., list[str]],
) -> None:
    program = stand_in(1, verdicts(macros="passed", spread="failed", access="inconclusive"))

    with pytest.raises(NotSoundError) as raised:
        report(program)

    assert "failed: Title of spread: seen of spread; inconclusive: Title of access" in str(raised)
    assert "macros" not in str(raised.value)


def test_a_run_that_was_recorded_is_understood(stand_in: Callable[..., list[str]]) -> None:
    with pytest.raises(NotSoundError, match=r"failed: .*shop\.scratch is there"):
        report(stand_in(1, RECORDED.read_text()))


def test_a_program_that_ends_without_verdicts_fails_the_task_with_what_it_said(
    stand_in: Callable[..., list[str]],
) -> None:
    with pytest.raises(VerificationError, match=r"exit code 2: connection refused\. Look whether"):
        report(stand_in(2, "", "connection refused"))


def test_the_verdicts_of_an_earlier_run_are_not_taken_for_this_one(
    stand_in: Callable[..., list[str]],
) -> None:
    report(stand_in(0, verdicts(macros="passed")))
    with pytest.raises(VerificationError, match="exit code 0"):
        report(stand_in(0, ""))


def test_what_is_no_verdicts_fails_the_task(stand_in: Callable[..., list[str]]) -> None:
    with pytest.raises(VerificationError, match="expected verdicts as JSON"):
        report(stand_in(0, '{"formatVersion": 2}'))


def test_that_there_are_no_verdicts_is_sent_and_what_the_program_has_sent_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(quality_report, "report_failure", sent.append)
    words = {"expected": "it", "found": "another", "remedy": "Look."}
    unsound: Any = {"exception": NotSoundError("The cluster", **words)}
    unknown: Any = {"exception": VerificationError("The cluster", **words)}
    killed: Any = {}

    for context in (unsound, unknown, killed):
        report_failed_run(context)

    assert sent == [unknown, killed]


def test_the_program_is_that_of_the_workspace(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError, match=r"no .*node_modules/.bin/node"):
        find_program(tmp_path)
    for word in ("node_modules/.bin/node", "packages/cli/bin/provehouse.mjs"):
        file = tmp_path / word
        file.parent.mkdir(parents=True)
        file.touch(mode=stat.S_IRWXU)

    assert [Path(word).name for word in find_program(tmp_path)] == ["node", "provehouse.mjs"]


def test_in_a_container_the_program_is_the_one_that_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, program = tmp_path / "node", tmp_path / "provehouse.mjs"
    node.touch(mode=stat.S_IRWXU)
    monkeypatch.setenv("PROVEHOUSE_PROGRAM", f"{node} {program}")
    with pytest.raises(ProgramMissingError, match=r"PROVEHOUSE_PROGRAM names, found no .*mjs"):
        find_program(tmp_path)
    program.touch()
    assert find_program(tmp_path) == [str(node), str(program)]
