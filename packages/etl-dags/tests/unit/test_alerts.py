import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from etl_dags.alerts import TelegramChat, report_failure, send

TOKEN = "123456:a-token-that-nobody-may-see"


@dataclass
class BotApi:
    """A stand-in of the Bot API on loopback."""

    address: str = ""
    status: int = 200
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def bot_api() -> Iterator[BotApi]:
    api = BotApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            api.got.append((self.path, json.loads(body)))
            self.send_response(api.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    api.address = f"http://127.0.0.1:{server.server_port}"
    yield api
    server.shutdown()
    thread.join()
    server.server_close()


def connect(monkeypatch: pytest.MonkeyPatch, api: str, **fields: Any) -> None:
    parts = {"host": "-1001", "password": TOKEN, "extra": json.dumps({"api": api}), **fields}
    connection = Connection(conn_id="telegram_default", conn_type="telegram", **parts)
    monkeypatch.setattr(Connection, "get", lambda _: connection)


def test_a_message_goes_to_the_chat_of_the_connection(
    monkeypatch: pytest.MonkeyPatch, bot_api: BotApi
) -> None:
    connect(monkeypatch, bot_api.address)

    assert send("x" * 5000)

    [(path, message)] = bot_api.got
    assert path == f"/bot{TOKEN}/sendMessage"
    assert message["chat_id"] == "-1001"
    assert message["text"] == "x" * 4095 + "…"


@pytest.mark.parametrize("status", [400, 503])
def test_a_message_that_is_refused_fails_nothing_and_the_token_is_in_no_log(
    monkeypatch: pytest.MonkeyPatch,
    bot_api: BotApi,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    bot_api.status = status
    connect(monkeypatch, bot_api.address)

    with caplog.at_level(logging.INFO):
        assert not send("hello")

    assert f"did not take the message: status {status}" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("api", ["http://127.0.0.1:1", "http://[half-an-address"])
def test_a_bot_api_that_does_not_answer_fails_nothing_and_the_token_is_in_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, api: str
) -> None:
    connect(monkeypatch, api)

    with caplog.at_level(logging.DEBUG, "etl_dags"):
        assert not send("hello")

    assert "did not take the message" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(("absent", "named"), [("host", "chat"), ("password", "token")])
def test_a_connection_that_lacks_something_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, absent: str, named: str
) -> None:
    connect(monkeypatch, "http://127.0.0.1:1", **{absent: None})

    assert not send("hello")
    assert f"telegram_default has no {named}" in caplog.text


def test_without_the_connection_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: str) -> Connection:
        raise AirflowNotFoundException

    monkeypatch.setattr(Connection, "get", refuse)

    with caplog.at_level(logging.INFO):
        assert not send("hello")

    assert "there is no connection telegram_default" in caplog.text


def test_a_failure_is_sent_with_its_task_its_reason_and_its_log(
    monkeypatch: pytest.MonkeyPatch, bot_api: BotApi
) -> None:
    connect(monkeypatch, bot_api.address)
    task = SimpleNamespace(dag_id="orders", task_id="load", run_id="run 7", try_number=3)
    task.log_url = "http://airflow.example/log"

    context: Any = {"task_instance": task, "exception": ValueError("no rows")}
    report_failure(context)
    killed: Any = {"task_instance": task}
    report_failure(killed)

    head = "orders has failed: task load, run run 7, try 3."
    assert [message["text"] for _, message in bot_api.got] == [
        f"{head}\nno rows\nLog: http://airflow.example/log",
        f"{head}\nit was ended from outside\nLog: http://airflow.example/log",
    ]


def test_the_token_is_not_in_what_is_printed_of_a_chat() -> None:
    assert TOKEN not in repr(TelegramChat(chat="1", token=TOKEN, api="http://127.0.0.1:1"))
