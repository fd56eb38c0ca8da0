"""What one task hands to the next about the rows that it has loaded."""

from typing import TypedDict

from etl_dags.generated import Generated


class Loaded(TypedDict):
    """The load's return value, which the validation starts from."""

    rows: int
    batches: int
    seconds: float
    as_of: str
    """The date, as YYYY-MM-DD, that the creation dates end at."""
    seed: int
    generated: Generated
    """What the rows came to while they were made."""
