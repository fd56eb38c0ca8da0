"""The API, as Airflow's connection describes it: its changes, page by page, through its faults."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException
from pydantic import AwareDatetime, BaseModel, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_random_exponential

from etl_dags.errors import PermanentError, PipelineError
from etl_dags.product_feed.change import Change
from etl_dags.product_feed.window import Window, iso_time

log = logging.getLogger(__name__)

CONNECTION: Final = "api_default"
PAGE: Final = 1000
# How long a request is tried again before the task fails, which Airflow then repeats.
PATIENCE_SECONDS: Final = 60.0
_TIMEOUT_SECONDS: Final = 10.0
_TEMPORARY: Final = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_backoff = wait_random_exponential(multiplier=0.2, max=5)


class NoApiError(PermanentError):
    """The platform has no API."""


class TokenRefusedError(PermanentError):
    """The API does not take the token."""


class ApiError(PipelineError):
    """The API did not answer as it should."""


class _TemporaryFault(Exception):  # noqa: N818 (it never leaves this module)
    """An answer, or none, after which the request is worth another try."""

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class _Page(BaseModel):
    as_of: AwareDatetime
    items: list[Change]
    next_cursor: str | None


class Feed:
    """The API's changes; `open_feed` gives one."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        patience: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Takes a client that knows the API's address and token; whoever opened it closes it."""
        self.retries = 0
        self._client = client
        self._retrying = Retrying(
            retry=retry_if_exception_type(_TemporaryFault),
            wait=_wait,
            stop=stop_after_delay(patience),
            sleep=sleep,
            before_sleep=self._tell,
            reraise=True,
        )

    def newest(self) -> int:
        """The hour up to which the API has published, in seconds since 1970. Raises as `pages`."""
        nothing = iso_time(0)
        return int(self._page({"updated_from": nothing, "updated_to": nothing}).as_of.timestamp())

    def pages(self, window: Window, limit: int = PAGE) -> Iterator[list[Change]]:
        """The changes of a window, in the API's order.

        Raises TokenRefusedError; ApiError when the API does not get well in time, or says something
        else than it should.
        """
        query: dict[str, str | int] = {
            "updated_from": iso_time(window.start),
            "updated_to": iso_time(window.end),
            "as_of": iso_time(window.as_of),
            "limit": limit,
        }
        cursor: str | None = None
        while True:
            page = self._page(query if cursor is None else {**query, "cursor": cursor})
            yield page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _page(self, query: dict[str, Any]) -> _Page:
        try:
            return self._retrying(self._ask, query)
        except _TemporaryFault as fault:
            raise _api_error(str(fault), "See that it runs: the next try goes on.") from None

    def _ask(self, query: dict[str, Any]) -> _Page:
        try:
            answer = self._client.get("/products", params=query)
        except httpx.TransportError as error:
            raise _TemporaryFault(f"{type(error).__name__}: {error}") from None
        if answer.status_code in _TEMPORARY:
            raise _TemporaryFault(f"status {answer.status_code}", _retry_after(answer))
        if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise TokenRefusedError(
                f"Connection {CONNECTION}",
                expected="the API to take its token",
                found=f"status {answer.status_code}",
                remedy="Give the connection the token that the API has: infra:restart does.",
            )
        if answer.status_code != HTTPStatus.OK:
            raise _api_error(f"status {answer.status_code}: {answer.text[:200]}", "See its log.")
        try:
            return _Page.model_validate_json(answer.content)
        except ValidationError as cause:
            faults = "; ".join(
                f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in cause.errors()[:3]
            )
            raise _api_error(f"a page with {faults}", "See its log.") from None

    def _tell(self, state: RetryCallState) -> None:
        self.retries += 1
        fault = state.outcome.exception() if state.outcome else None
        pause = state.next_action.sleep if state.next_action else 0
        log.warning("The API: %s; trying again in %.1f s.", fault, pause)


@contextmanager
def open_feed() -> Iterator[Feed]:
    """The API that Airflow's connection leads to. Raises NoApiError."""
    try:
        connection = BaseHook.get_connection(CONNECTION)
    except AirflowException:
        connection = None
    if connection is None or not (connection.host and connection.port and connection.password):
        raise NoApiError(
            f"Connection {CONNECTION}",
            expected="an address, and the token as its password",
            found="no such connection" if connection is None else "one without them",
            remedy="Start the platform with infra:up --with api.",
        )
    with httpx.Client(
        base_url=f"{connection.schema or 'http'}://{connection.host}:{connection.port}",
        headers={"Authorization": f"Bearer {connection.password}"},
        timeout=_TIMEOUT_SECONDS,
        # The address is the API's own: no proxy of the environment stands before it.
        trust_env=False,
    ) as client:
        yield Feed(client)


def _wait(state: RetryCallState) -> float:
    """What the API asks for (RFC 9110, 10.2.3), else a random part of a span that doubles."""
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.retry_after if isinstance(fault, _TemporaryFault) else None
    return _backoff(state) if asked is None else asked


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds, from a number of them or a date."""
    text = answer.headers.get("Retry-After")
    if text is None:
        return None
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _api_error(found: str, remedy: str) -> ApiError:
    return ApiError("The API", expected="a page of products", found=found, remedy=remedy)
