"""A real platform for the tests: four ClickHouse nodes without Airflow."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

WORKSPACE = Path(__file__).parents[4]
NODE = WORKSPACE / "node_modules" / ".bin" / "node"
NAME = "etl-dags-tests"


@dataclass(frozen=True)
class RunningPlatform:
    """Its deployment, the administrator's password, and a client for each node."""

    deployment: dict[str, Any]
    password: str
    clients: dict[str, Client]

    @property
    def nodes(self) -> list[str]:
        """Names of the nodes: the first replica of each shard, then the second."""
        return [node["name"] for node in self.deployment["clickhouse"]["nodes"]]

    def replicas_of(self, shard: str) -> list[str]:
        """Names of the nodes of a shard such as 01."""
        nodes = self.deployment["clickhouse"]["nodes"]
        return [node["name"] for node in nodes if node["shard"] == shard]

    def connection(self, **changes: Any) -> str:
        """The Airflow connection to it as JSON, with changes to its fields."""
        clickhouse = self.deployment["clickhouse"]
        first = clickhouse["nodes"][0]
        return json.dumps(
            {
                "conn_type": "clickhouse",
                "host": first["host"],
                "port": first["httpPort"],
                "login": clickhouse["users"]["administrator"],
                "password": self.password,
                "schema": clickhouse["database"],
                "extra": self.extra(),
            }
            | changes
        )

    def extra(self) -> dict[str, Any]:
        """The extra of that connection."""
        clickhouse = self.deployment["clickhouse"]
        capabilities = clickhouse["capabilities"]
        return {
            "cluster": clickhouse["cluster"],
            "replication": capabilities["replication"],
            "distributed_ddl": capabilities["distributedDdl"],
            "nodes": [
                {
                    "name": node["name"],
                    "host": node["host"],
                    "port": node["httpPort"],
                    "native_port": node["nativePort"],
                    "shard": node["shard"],
                    "replica": node["replica"],
                }
                for node in clickhouse["nodes"]
            ],
        }

    def command(self, names: list[str], *statements: str) -> None:
        """Runs statements on some nodes, one after the other."""
        for name in names:
            for statement in statements:
                self.clients[name].command(statement, settings={"mutations_sync": 1})

    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query's answer on one node."""
        return [tuple(row) for row in self.clients[name].query(sql).result_rows]


def _run(home: Path, package: str, *words: str) -> str:
    done = subprocess.run(
        [str(NODE), str(WORKSPACE / "packages" / package / "src" / "cli.ts"), *words],
        env=os.environ | {"PROVEHOUSE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{package} {' '.join(words)} gave {done.returncode}:\n{done.stderr}")
    return done.stdout


def start_platform(home: Path) -> RunningPlatform:
    """Starts a platform in a folder of its own."""
    _run(home, "infra", "up", "--without", "airflow", "--name", NAME)
    deployment = json.loads((home / NAME / "deployment.json").read_text())
    secrets = json.loads(_run(home, "secrets", "export", "--format", "tfvars", "--name", NAME))
    password = secrets["super_user_password"]
    clickhouse = deployment["clickhouse"]
    clients = {
        node["name"]: clickhouse_connect.get_client(
            host=node["host"],
            port=node["httpPort"],
            username=clickhouse["users"]["administrator"],
            password=password,
            database=clickhouse["database"],
            autogenerate_session_id=False,
        )
        for node in clickhouse["nodes"]
    }
    return RunningPlatform(deployment, password, clients)


def stop_platform(home: Path) -> None:
    """Stops it and removes its data."""
    _run(home, "infra", "down", "--purge", "--name", NAME)
