from etl_dags.errors import PipelineError


def test_an_error_says_what_was_expected_what_was_found_and_what_to_do() -> None:
    error = PipelineError("Shard 01", expected="42 rows", found="none", remedy="Load again.")

    assert str(error) == "Shard 01: expected 42 rows, found none. Load again."
