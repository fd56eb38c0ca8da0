"""The checks of Provehouse, run by its program on the cluster behind Airflow's connection."""

import logging
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypedDict

from airflow.sdk import Connection
from pydantic import BaseModel, Field, ValidationError

from etl_dags.alerts import TelegramChat, report_failure
from etl_dags.errors import PermanentError

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

log = logging.getLogger(__name__)

CONNECTION: Final = "clickhouse_default"
INTERVAL: Final = "1h"
"""From one verdict to the next, as the DAG has it."""

PROGRAM: Final = "PROVEHOUSE_PROGRAM"
"""The variable with the words that start the program where there is no workspace (containers)."""

VERDICTS_FOLDER: Final = "PROVEHOUSE_VERDICTS"
"""The variable with the folder of verdicts that Prometheus reads, where the platform has one."""

# What the program ends with when it has judged: all is proven, or something is not.
_JUDGED = (0, 1)


class ProgramMissingError(PermanentError):
    """The machine that runs the task does not have the program."""


class VerificationError(PermanentError):
    """The cluster could not be verified."""


class NotSoundError(PermanentError):
    """A check failed or could not run; the program has sent what is new of that."""


class Summary(TypedDict):
    """What a run of the checks came to."""

    status: str
    checks: dict[str, str]
    """The status of each check."""


class _Finding(BaseModel):
    status: str
    observed: str


class _Verdict(BaseModel):
    check: str
    title: str
    status: str
    findings: list[_Finding]

    @property
    def observed(self) -> str:
        return next((one.observed for one in self.findings if one.status == self.status), "")


class _Run(BaseModel):
    """The part of `docs/verdicts.schema.json` that is used here."""

    format_version: Literal[1] = Field(alias="formatVersion")
    status: str
    verdicts: list[_Verdict]


def find_program(workspace: Path) -> list[str]:
    """The words that start the program: those of the variable, else of a workspace.

    Raises ProgramMissingError where the folder is no workspace, or what they name is absent.
    """
    program = shlex.split(os.environ.get(PROGRAM, "")) or [
        str(workspace / "node_modules/.bin/node"),
        str(workspace / "packages/cli/bin/provehouse.mjs"),
    ]
    missing = [word for word in program if not Path(word).is_file()]
    if missing:
        raise ProgramMissingError(
            "The program provehouse",
            expected="the workspace of Provehouse above the DAGs folder, installed, or the program "
            f"and Node.js that {PROGRAM} names",
            found=f"no {missing[0]}",
            remedy="Run the checks where the workspace is: npx provehouse watch.",
        )
    return program


def find_metrics() -> Path | None:
    """The file in which the platform's Prometheus looks for the verdicts, if it has one."""
    folder = os.environ.get(VERDICTS_FOLDER, "")
    return Path(folder) / "quality_report.prom" if folder else None


def report_quality(
    program: Sequence[str],
    folder: Path,
    chat: TelegramChat | None,
    link: str,
    metrics: Path | None = None,
) -> Summary:
    """Runs all checks that need no contract, logs each verdict, and has changes sent to the chat.

    What was sent before is kept in `folder`, beside the last verdicts and their page, so that each
    change is sent once. `link` is where messages say that the report is. `metrics` is the file that
    gets the verdicts for Prometheus.
    Raises NotSoundError when a check failed or could not run, VerificationError when there are no
    verdicts.
    """
    connection = Connection.get(CONNECTION)
    verdicts = folder / "verdicts.json"
    # Those of an earlier run are not to be taken for this one's.
    verdicts.unlink(missing_ok=True)
    words = [
        *[*program, "watch", f"http://{connection.host}:{connection.port}", "--once"],
        *["--every", INTERVAL, "--user", connection.login or "", "--report-url", link],
        *["--history", str(folder / "history.jsonl")],
        *["--output", f"json={verdicts}", "--output", f"html={folder / 'report.html'}"],
    ]
    if metrics is not None:
        words += ["--output", f"prometheus={metrics}"]
    # Passwords are no words of the command: other users of the machine see those.
    environment = {**os.environ, "PROVEHOUSE_PASSWORD": connection.password or ""}
    if chat is not None:
        words += ["--telegram-chat", chat.chat, "--telegram-api", chat.api]
        environment["PROVEHOUSE_TELEGRAM_TOKEN"] = chat.token
    ended = subprocess.run(  # noqa: S603 - the workspace's own program, without a shell
        words, env=environment, capture_output=True, text=True, check=False
    )
    for line in ended.stderr.splitlines():
        log.info(line)
    if ended.returncode not in _JUDGED or not verdicts.is_file():
        raise VerificationError(
            "The cluster",
            expected="to be verified",
            found=f"exit code {ended.returncode}: {ended.stderr.strip()}",
            remedy=f"Look whether {CONNECTION} leads to a node, with an account that may read.",
        )
    return _judge(ended.returncode, verdicts.read_text())


def report_failed_run(context: "Context") -> None:
    """Sends that there are no verdicts; what the verdicts are, the program has sent."""
    if not isinstance(context.get("exception"), NotSoundError):
        report_failure(context)


def _judge(exit_code: int, output: str) -> Summary:
    try:
        run = _Run.model_validate_json(output)
    except ValidationError as error:
        raise VerificationError(
            "The program provehouse",
            expected="verdicts as JSON",
            found=str(error),
            remedy="Install the workspace again: npm ci.",
        ) from error
    for verdict in run.verdicts:
        log.info("%-12s  %s: %s", verdict.status, verdict.title, verdict.observed)
    if exit_code != 0:
        wrong = [one for one in run.verdicts if one.status in {"failed", "inconclusive"}]
        raise NotSoundError(
            "The cluster",
            expected="every check to pass",
            found="; ".join(f"{one.status}: {one.title}: {one.observed}" for one in wrong)
            or "nothing that could be judged",
            remedy="The log has all verdicts; npx provehouse check shows rows and SQL.",
        )
    return {"status": run.status, "checks": {one.check: one.status for one in run.verdicts}}
