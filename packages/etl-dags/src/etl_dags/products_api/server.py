"""The API over HTTP: `GET /products` by pages, and `GET /health`, both with a bearer token."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Final

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel

from etl_dags.products_api.catalog import HOUR, Catalog, Change, Place
from etl_dags.products_api.faults import FaultSchedule

MOST_OF_A_PAGE: Final = 1000

_bearer = HTTPBearer(auto_error=False)


class Product(BaseModel):
    """A version of a product."""

    id: int
    version: int
    name: str
    category: str
    price: str
    updated_at: datetime


class Page(BaseModel):
    """Some of the changes; where there is a cursor there are more."""

    as_of: datetime
    """What had been published then is what all pages are of."""
    items: list[Product]
    next_cursor: str | None


class Health(BaseModel):
    """What the API has."""

    begin: datetime
    published_until: datetime


def create_app(
    catalog: Catalog, faults: FaultSchedule, token: str, clock: Callable[[], float] = time.time
) -> FastAPI:
    """The application. `clock` gives seconds since 1970."""

    # On the event loop, and so one at a time.
    async def require_token(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> None:
        given = "" if credentials is None else credentials.credentials
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, "wrong or no bearer token", {"WWW-Authenticate": "Bearer"})

    async def meet_fault(request: Request) -> None:
        fault = faults.fault_of(str(request.query_params))
        if fault is not None:
            retry = {"Retry-After": str(fault.retry_after)} if fault.retry_after else None
            raise HTTPException(fault.status, "try again", retry)

    def published() -> int:
        return int(clock()) // HOUR * HOUR

    app = FastAPI(openapi_url=None, dependencies=[Depends(require_token)])

    @app.get("/health")
    def health() -> Health:
        return Health(begin=_time(catalog.begin), published_until=_time(published()))

    @app.get("/products", dependencies=[Depends(meet_fault)])
    def products(
        updated_from: AwareDatetime,
        updated_to: AwareDatetime,
        as_of: AwareDatetime | None = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MOST_OF_A_PAGE)] = MOST_OF_A_PAGE,
    ) -> Page:
        """The changes in [updated_from, updated_to) of what had been published `as_of` an hour."""
        asked = published() if as_of is None else int(as_of.timestamp())
        seen, after = (asked, None) if cursor is None else _decode(cursor)
        if seen > published() or seen % HOUR:
            raise HTTPException(422, "as_of: expected an hour that is over")
        start = int(updated_from.timestamp()) if after is None else after.updated_at
        found = catalog.changes(start, int(updated_to.timestamp()), seen)
        later = (change for change in found if after is None or change.place > after)
        page = list(islice(later, limit + 1))
        more = len(page) > limit
        return Page(
            as_of=_time(seen),
            items=[_product(change) for change in page[:limit]],
            next_cursor=_encode(seen, page[limit - 1].place) if more else None,
        )

    return app


def _product(change: Change) -> Product:
    return Product(
        id=change.id,
        version=change.version,
        name=change.name,
        category=change.category,
        price=f"{change.cents // 100}.{change.cents % 100:02}",
        updated_at=_time(change.updated_at),
    )


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _encode(as_of: int, place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([as_of, *place]).encode()).decode()


def _decode(cursor: str) -> tuple[int, Place]:
    """Raises HTTPException for a text that is no cursor."""
    try:
        as_of, *place = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return int(as_of), Place(*(int(number) for number in place))
    except (ValueError, TypeError) as cause:
        raise HTTPException(400, "cursor: expected one that a page has given") from cause
