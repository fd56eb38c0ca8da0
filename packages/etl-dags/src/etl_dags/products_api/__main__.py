"""Serves the API: `python -m etl_dags.products_api config.json`.

The configuration is a file, so that the token is not among the arguments.
"""

import sys
from pathlib import Path

import uvicorn
from pydantic import BaseModel

from etl_dags.products_api.catalog import HOUR, Catalog
from etl_dags.products_api.faults import FaultSchedule
from etl_dags.products_api.server import create_app


class Origin(BaseModel):
    """What the catalogue is a function of; it stays as long as the platform's data."""

    seed: int
    begin_hour: int
    """The first hour, in hours since 1970."""
    products_per_hour: int


class Config(BaseModel):
    """The configuration."""

    host: str
    port: int
    token: str
    origin_file: Path


def main(config_file: str) -> None:
    """Serves until it is ended."""
    config = Config.model_validate_json(Path(config_file).read_text())
    origin = Origin.model_validate_json(config.origin_file.read_text())
    catalog = Catalog(origin.seed, origin.begin_hour * HOUR, origin.products_per_hour)
    app = create_app(catalog, FaultSchedule(origin.seed), config.token)
    uvicorn.run(app, host=config.host, port=config.port, lifespan="off", server_header=False)


if __name__ == "__main__":
    main(sys.argv[1])
