"""The API, served on a port of this machine while a test runs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn

from etl_dags.product_feed.window import HOUR
from etl_dags.products_api.catalog import Catalog
from etl_dags.products_api.faults import FaultSchedule
from etl_dags.products_api.server import create_app

TOKEN = "of the tests"
BEGIN = 490_000 * HOUR


@dataclass
class Clock:
    """A clock that stands where it is put, in hours after the first of the catalogue."""

    hours: float = 24

    def __call__(self) -> float:
        return BEGIN + self.hours * HOUR


@dataclass
class ProductsServer:
    """The server's address, and what it goes by."""

    port: int
    clock: Clock
    catalog: Catalog = field(default_factory=lambda: Catalog(16, BEGIN, 20))

    def client(self, token: str = TOKEN) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        )


@contextmanager
def products_server() -> Iterator[ProductsServer]:
    """Serves until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ProductsServer(listener.getsockname()[1], Clock())
        app = create_app(server.catalog, FaultSchedule(16), TOKEN, server.clock)
        serving = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield server
        finally:
            serving.should_exit = True
            thread.join()
