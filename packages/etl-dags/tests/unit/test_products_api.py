from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from etl_dags.products_api.catalog import CORRECTED_WITHIN_HOURS, HOUR, LATE_BY_HOURS, Catalog
from etl_dags.products_api.faults import Fault, FaultSchedule
from support.products_server import BEGIN, TOKEN, ProductsServer, products_server

END = BEGIN + 48 * HOUR
LATER = END + 12 * HOUR


@pytest.fixture(scope="module")
def server() -> Iterator[ProductsServer]:
    with products_server() as serving:
        yield serving


def text(hours: float) -> str:
    return datetime.fromtimestamp(BEGIN + hours * HOUR, UTC).isoformat()


def ask(server: ProductsServer, token: str = TOKEN, **query: Any) -> httpx.Response:
    """The answer, after the faults that come first."""
    with server.client(token) as client:
        while True:
            answer = client.get("/products", params=query)
            if answer.status_code not in (429, 500, 503):
                return answer


def test_a_change_depends_on_seed_and_hour_alone() -> None:
    whole = list(Catalog(16, BEGIN, 20).changes(BEGIN, END, LATER))

    pieces = Catalog(16, BEGIN, 20)
    hours = [
        change
        for hour in reversed(range(48))
        for change in pieces.changes(BEGIN + hour * HOUR, BEGIN + (hour + 1) * HOUR, LATER)
    ]
    assert sorted(hours, key=lambda change: change.place) == whole
    assert list(Catalog(17, BEGIN, 20).changes(BEGIN, END, LATER)) != whole


def test_ids_have_no_gap_and_versions_of_a_product_come_one_after_the_other() -> None:
    changes = list(Catalog(16, BEGIN, 20).changes(0, END, LATER))

    assert {change.id for change in changes} == set(range(1, 48 * 20 + 1))
    versions: Counter[int] = Counter()
    first: dict[int, int] = {}
    for change in changes:
        versions[change.id] += 1
        assert change.version == versions[change.id]
        made = first.setdefault(change.id, change.updated_at // HOUR)
        assert change.updated_at // HOUR - made <= CORRECTED_WITHIN_HOURS
    assert {1, 2, 3} == set(versions.values())


def test_some_corrections_and_no_others_are_published_hours_after_their_own() -> None:
    changes = list(Catalog(16, BEGIN, 20).changes(0, END, LATER))

    late = {
        change: change.published_at // HOUR - change.updated_at // HOUR - 1 for change in changes
    }
    assert set(late.values()) == set(range(LATE_BY_HOURS + 1))
    assert all(change.version > 1 for change, hours in late.items() if hours)
    visible = set(Catalog(16, BEGIN, 20).changes(0, END, END))
    assert {change for change in changes if change.published_at <= END} == visible


def test_pages_have_each_change_once_whatever_is_published_meanwhile(
    server: ProductsServer,
) -> None:
    server.clock.hours = 10
    query: dict[str, Any] = {"updated_from": text(0), "updated_to": text(20), "limit": 30}
    pages = [ask(server, **query).json()]
    server.clock.hours = 24
    while cursor := pages[-1]["next_cursor"]:
        pages.append(ask(server, **query, cursor=cursor).json())

    places = [(one["id"], one["version"]) for page in pages for one in page["items"]]
    wanted = server.catalog.changes(BEGIN, BEGIN + 20 * HOUR, BEGIN + 10 * HOUR)
    assert places == [(change.id, change.version) for change in wanted]
    assert len(pages) > 3
    assert len({page["as_of"] for page in pages}) == 1


def test_what_was_published_then_is_read_again_later(server: ProductsServer) -> None:
    changes = list(server.catalog.changes(BEGIN, BEGIN + 20 * HOUR, LATER))
    late = next(one for one in changes if one.published_at - one.updated_at > HOUR)
    hour = (late.updated_at - BEGIN) // HOUR + 1
    server.clock.hours = hour
    query = {"updated_from": text(0), "updated_to": text(hour)}
    before = ask(server, **query).json()
    server.clock.hours = 24

    assert ask(server, **query, as_of=text(hour)).json() == before
    assert len(ask(server, **query).json()["items"]) > len(before["items"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"as_of": text(25)}, 422),
        ({"as_of": text(3.5)}, 422),
        ({"cursor": "none"}, 400),
        ({"limit": 0}, 422),
        ({"updated_from": "2025-01-01T00:00:00"}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    server: ProductsServer, query: dict[str, Any], status: int
) -> None:
    server.clock.hours = 24
    asked = {"updated_from": text(0), "updated_to": text(1), **query}

    assert ask(server, **asked).status_code == status


@pytest.mark.parametrize("path", ["/health", "/products"])
def test_nobody_gets_in_without_the_token(server: ProductsServer, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": f"Basic {TOKEN}"}):
        answer = httpx.get(
            f"http://127.0.0.1:{server.port}{path}", headers=headers, trust_env=False
        )
        assert answer.status_code == 401
        assert TOKEN not in answer.text


def test_health_says_what_is_there(server: ProductsServer) -> None:
    server.clock.hours = 5.5
    with server.client() as client:
        answer = client.get("/health").json()

    assert datetime.fromisoformat(answer["begin"]).timestamp() == BEGIN
    assert datetime.fromisoformat(answer["published_until"]).timestamp() == BEGIN + 5 * HOUR


def test_a_request_meets_its_fault_the_first_time_alone() -> None:
    schedule = FaultSchedule(16)
    first = [schedule.fault_of(f"page {number}") for number in range(200)]

    assert {fault.status for fault in first if fault} == {429, 500, 503}
    assert 10 < sum(fault is not None for fault in first) < 80
    assert [schedule.fault_of(f"page {number}") for number in range(200)] == [None] * 200
    again = FaultSchedule(16)
    assert [again.fault_of(f"page {number}") for number in range(200)] == first


def test_the_schedule_remembers_no_more_than_it_may() -> None:
    schedule = FaultSchedule(16, remembered=2)
    faulty = next(f"{n}" for n in range(100) if FaultSchedule(16).fault_of(f"{n}") is not None)

    assert isinstance(schedule.fault_of(faulty), Fault)
    for other in ("one", "another"):
        schedule.fault_of(other)
    assert isinstance(schedule.fault_of(faulty), Fault)
