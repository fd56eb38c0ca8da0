from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from etl_dags.product_feed.asked import asked_of
from etl_dags.product_feed.window import (
    HOUR,
    OVERLAP,
    Asked,
    Window,
    gapless_until,
    read_so_far,
    tells_nothing_new,
    window_of,
)

OVERLAP_HOURS = OVERLAP // HOUR


def hours(start: float, end: float, as_of: float) -> Window:
    return Window(int(start * HOUR), int(end * HOUR), int(as_of * HOUR))


def until(end: int, *, repeated: bool = False) -> Asked:
    return Asked(end * HOUR, repeated=repeated)


def test_the_first_run_reads_everything() -> None:
    assert window_of(until(100), [], 100 * HOUR) == hours(0, 100, 100)


def test_a_run_goes_on_where_the_gapless_part_ends_and_reads_the_overlap_again() -> None:
    ledger = [hours(0, 100, 100)]

    assert window_of(until(101), ledger, 101 * HOUR) == hours(100 - OVERLAP_HOURS, 101, 101)
    # Hours that no run came for are in the next one's window.
    assert window_of(until(110), ledger, 110 * HOUR) == hours(100 - OVERLAP_HOURS, 110, 110)


def test_hours_that_were_backfilled_ahead_hide_no_hole() -> None:
    ahead = hours(105, 108, 120)

    assert (
        window_of(until(110), [hours(0, 100, 100), ahead], 120 * HOUR).start == hours(97, 0, 0)[0]
    )
    assert window_of(until(110), [ahead], 120 * HOUR).start == 0


def test_a_backfill_reads_its_interval_as_of_now() -> None:
    asked = Asked(51 * HOUR, 50 * HOUR)

    assert window_of(asked, [hours(0, 100, 100)], 100 * HOUR) == hours(50, 51, 100)


def test_no_run_reads_beyond_what_is_published() -> None:
    assert window_of(until(101), [hours(0, 100, 100)], 100 * HOUR).end == 100 * HOUR


def test_a_run_that_is_repeated_reads_as_of_then_but_never_as_of_before_another() -> None:
    assert window_of(until(50, repeated=True), [], 100 * HOUR).as_of == 50 * HOUR
    ledger = [hours(0, 60, 60)]
    assert window_of(until(50, repeated=True), ledger, 100 * HOUR) == hours(46, 50, 60)


def test_the_gapless_part_ends_at_the_first_hole() -> None:
    assert gapless_until(0, [hours(3, 5, 9), hours(0, 2, 9), hours(1, 3, 9)]) == 5 * HOUR
    assert gapless_until(0, [hours(0, 2, 9), hours(3, 5, 9)]) == 2 * HOUR
    assert gapless_until(7, []) == 7


def test_a_window_that_was_read_in_pieces_as_late_tells_nothing_new() -> None:
    ledger = [hours(0, 10, 20), hours(10, 12, 21)]

    assert tells_nothing_new(hours(5, 12, 20), ledger)
    assert not tells_nothing_new(hours(5, 12, 21), ledger)
    assert not tells_nothing_new(hours(5, 13, 20), ledger)


def test_what_was_read_is_read_again_once_and_as_of_what_can_be_in_it() -> None:
    ledger = [hours(0, 10, 10), hours(6, 11, 11), hours(20, 21, 30)]

    assert read_so_far(ledger) == [
        # Settled: what comes now belongs to later hours.
        hours(0, 8, 30),
        hours(8, 11, 11),
        hours(20, 21, 30),
    ]
    assert read_so_far([]) == []


def test_an_earlier_look_at_the_same_hours_changes_nothing() -> None:
    ledger = [hours(0, 10, 30), hours(2, 4, 5), hours(3, 12, 6)]

    assert read_so_far(ledger) == [hours(0, 10, 30), hours(10, 12, 6)]


@dataclass
class Run:
    run_type: str
    run_after: datetime
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
AT_NOON = int(NOON.timestamp())


@pytest.mark.parametrize("run_type", ["manual", "scheduled"])
def test_a_run_is_asked_for_the_hour_that_was_over_when_it_was_due(run_type: str) -> None:
    run = Run(run_type, NOON.replace(minute=17), NOON, NOON)

    assert asked_of(run, None) == Asked(AT_NOON)
    assert asked_of(run, "2026-05-04T10:30:00+02:00") == Asked(AT_NOON - 4 * HOUR, repeated=True)


def test_a_backfill_is_asked_for_its_interval() -> None:
    run = Run("backfill", NOON, NOON.replace(hour=11), NOON)

    assert asked_of(run, None) == Asked(AT_NOON, AT_NOON - HOUR)
