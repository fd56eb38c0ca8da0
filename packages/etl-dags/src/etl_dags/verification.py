"""The checks of Provehouse, run by its program on the cluster behind Airflow's connection."""

import logging
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypedDict

from airflow.sdk import Connection
from pydantic import BaseModel, Field, ValidationError

from etl_dags.errors import PermanentError

log = logging.getLogger(__name__)

CONNECTION = "clickhouse_default"

# What the program ends with when it has judged: all is proven, or something is not.
_JUDGED = (0, 1)


class ProgramMissingError(PermanentError):
    """The machine that runs the task does not have the program."""


class VerificationError(PermanentError):
    """The cluster could not be verified, or is not as it must be."""


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
    """The words that start the program of a workspace.

    Raises ProgramMissingError where the folder is no workspace, such as in a container.
    """
    program = [
        str(workspace / "node_modules/.bin/node"),
        str(workspace / "packages/cli/bin/provehouse.mjs"),
    ]
    missing = [word for word in program if not Path(word).is_file()]
    if missing:
        raise ProgramMissingError(
            "The program provehouse",
            expected="the workspace of Provehouse above the DAGs folder, installed",
            found=f"no {missing[0]}",
            remedy="Run the checks where the workspace is: npx provehouse watch.",
        )
    return program


def verify_cluster(program: Sequence[str]) -> Summary:
    """Runs all checks that need no contract, and logs each verdict.

    Raises VerificationError when one failed or could not run, or the program could not.
    """
    connection = Connection.get(CONNECTION)
    url = f"http://{connection.host}:{connection.port}"
    words = [*program, "check", url, "--user", connection.login or "", "--json"]
    # The password is no word of the command: other users of the machine see those.
    environment = {**os.environ, "PROVEHOUSE_PASSWORD": connection.password or ""}
    ended = subprocess.run(  # noqa: S603 - the workspace's own program, without a shell
        words, env=environment, capture_output=True, text=True, check=False
    )
    for line in ended.stderr.splitlines():
        log.info(line)
    if ended.returncode not in _JUDGED:
        raise VerificationError(
            "The cluster",
            expected="to be verified",
            found=f"exit code {ended.returncode}: {ended.stderr.strip()}",
            remedy=f"Look whether {CONNECTION} leads to a node, with an account that may read.",
        )
    return _judge(ended.returncode, ended.stdout)


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
        raise VerificationError(
            "The cluster",
            expected="to be as it must be",
            found="; ".join(f"{one.status}: {one.title}: {one.observed}" for one in wrong)
            or "nothing that could be judged",
            remedy="The log has all verdicts; npx provehouse check shows rows and SQL.",
        )
    return {"status": run.status, "checks": {one.check: one.status for one in run.verdicts}}
