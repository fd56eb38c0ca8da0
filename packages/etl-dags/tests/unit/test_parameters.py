from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from etl_dags.parameters import ParameterError, RunParameters, parameter_schemas


def test_everything_has_a_default() -> None:
    parameters = RunParameters.parse({})

    assert (parameters.rows, parameters.seed, parameters.as_of) == (100, 16, None)


def test_values_at_the_bounds_are_taken() -> None:
    assert RunParameters.parse({"rows": 1}).rows == 1
    assert RunParameters.parse({"rows": 10_000_000}).rows == 10_000_000
    assert RunParameters.parse({"as_of": "1971-01-02"}).as_of == date(1971, 1, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", 0),
        ("rows", 10_000_001),
        ("rows", "many"),
        ("rows", 1.5),
        ("rows", None),
        ("seed", -1),
        ("seed", 2**32),
        ("as_of", "1971-01-01"),
        ("as_of", "2106-02-08"),
        ("as_of", "yesterday"),
        ("batch_rows", 0),
        ("batch_rows", 1_000_001),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        RunParameters.parse({name: value})

    assert caught.value.found == f"{name} = {value!r}"
    assert caught.value.__cause__ is not None


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ParameterError, match="rows") as caught:
        RunParameters.parse({"rows": 0, "seed": -1})

    assert caught.value.found == "rows = 0; seed = -1"


def test_a_given_date_is_kept_whenever_the_run_was_due() -> None:
    parameters = RunParameters.parse({"as_of": "2026-02-03"})

    assert parameters.date_for(datetime(2026, 11, 22, tzinfo=UTC)) == date(2026, 2, 3)


def test_without_a_date_it_is_the_day_in_utc_on_which_the_run_was_due() -> None:
    east = timezone(timedelta(hours=5))

    assert RunParameters().date_for(datetime(2026, 11, 22, 2, 0, tzinfo=east)) == date(2026, 11, 21)


def test_the_schemas_carry_bounds_defaults_and_descriptions() -> None:
    schemas = parameter_schemas()

    assert set(schemas) == {"rows", "seed", "as_of", "batch_rows"}
    assert schemas["rows"]["minimum"] == 1
    assert schemas["rows"]["maximum"] == 10_000_000
    assert all("default" in schema and schema["description"] for schema in schemas.values())
