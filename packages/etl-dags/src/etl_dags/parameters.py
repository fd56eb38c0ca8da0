"""What a run of the pipeline can be asked for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema

from etl_dags.errors import PermanentError

# A DateTime counts seconds since 1970 in 32 bits; a period of 365 days must fit in before the date.
EARLIEST = date(1971, 1, 2)
LATEST = date(2106, 2, 7)


class ParameterError(PermanentError):
    """A run was given a parameter that it cannot use."""


class RunParameters(BaseModel):
    """The parameters of a run; their JSON schema is what Airflow checks a trigger against."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rows: int = Field(100, ge=1, le=10_000_000, description="Products to load, with ids from 1 on.")
    seed: int = Field(
        16, ge=0, le=2**32 - 1, description="The same seed and date give the same content."
    )
    as_of: Annotated[
        Annotated[date, Field(ge=EARLIEST, le=LATEST)] | None,
        WithJsonSchema({"type": ["null", "string"], "format": "date"}),
    ] = Field(
        None,
        description="Creation dates lie in the 365 days before it; today in UTC when empty.",
    )
    batch_rows: int = Field(
        200_000, ge=1, le=1_000_000, description="Rows that one insert sends; bounds the memory."
    )

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """The parameters that a run was given.

        Raises ParameterError naming every parameter that is out of its bounds.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as cause:
            faults = cause.errors(include_url=False)
            raise ParameterError(
                "Parameters of the run",
                expected="; ".join(f"{_path(fault)}: {fault['msg']}" for fault in faults),
                found="; ".join(f"{_path(fault)} = {fault['input']!r}" for fault in faults),
                remedy="Trigger the DAG with values in these bounds.",
            ) from cause

    def date_for(self, run_after: datetime) -> date:
        """The date that the run's creation dates end at.

        Without one in the parameters it comes from the time that the run was due, so that every
        attempt of a task gives the same date, whatever the clock says by then.
        """
        return self.as_of or run_after.astimezone(UTC).date()


def _path(fault: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in fault["loc"])


def parameter_schemas() -> dict[str, dict[str, Any]]:
    """The JSON schema of each parameter by its name, with default and description."""
    schemas: dict[str, dict[str, Any]] = RunParameters.model_json_schema()["properties"]
    return schemas
