"""A real platform for the tests: four ClickHouse nodes without Airflow."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import clickhouse_connect
from clickhouse_connect.driver.client import Client

WORKSPACE = Path(__file__).parents[4]
NODE = WORKSPACE / "node_modules" / ".bin" / "node"

Interface = Literal["httpPort", "nativePort"]
GetClient = Callable[..., Client]


class PlatformStartError(Exception):
    """The platform's own command failed; the message is what it said."""


@dataclass(frozen=True)
class RunningPlatform:
    """Its deployment, the administrator's password, and a client for each node."""

    deployment: dict[str, Any]
    password: str
    interface: Interface
    """Where the nodes are spoken to."""
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
                "port": first[self.interface],
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
            "exchange_tables": capabilities["exchangeTables"],
            "replicated_database": capabilities["replicatedDatabase"],
            "nodes": [
                {
                    "name": node["name"],
                    "host": node["host"],
                    "port": node[self.interface],
                    "native_port": node["nativePort"],
                    "shard": node["shard"],
                    "replica": node["replica"],
                }
                for node in clickhouse["nodes"]
            ],
        }

    def close(self) -> None:
        """Ends the connections."""
        for client in self.clients.values():
            client.close()

    def command(self, names: list[str], *statements: str) -> None:
        """Runs statements on some nodes, one after the other."""
        for name in names:
            for statement in statements:
                self.clients[name].command(statement)

    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query's answer on one node."""
        return [tuple(row) for row in self.clients[name].query(sql).result_rows]


class PlatformFolder:
    """A folder of its own in which a platform is started, and started again."""

    def __init__(self, home: Path, name: str, *flags: str) -> None:
        self.name = name
        self._home = home
        self._flags = flags
        self._is_whole = True

    def up(self) -> dict[str, Any]:
        """Starts what does not run; gives the deployment. Raises PlatformStartError."""
        self.run("infra", "up", "--without", "airflow", *self._flags)
        self._is_whole = True
        deployment: dict[str, Any] = json.loads(
            (self._home / self.name / "deployment.json").read_text()
        )
        return deployment

    def kill(self, node: str) -> None:
        """Kills a node's server (kill -9); `up` starts it again. Raises PlatformStartError."""
        components = json.loads(self.run("infra", "status", "--json"))
        [pid] = [component["pid"] for component in components if component["name"] == node]
        self._is_whole = False
        os.kill(pid, signal.SIGKILL)

    def recover(self) -> None:
        """Starts what was killed and not started since. Raises PlatformStartError."""
        if not self._is_whole:
            self.up()

    def down(self) -> None:
        """Stops it and removes its data. Raises PlatformStartError."""
        self.run("infra", "down", "--purge")

    def run(self, package: str, *words: str) -> str:
        """The output of a command about the platform. Raises PlatformStartError."""
        cli = WORKSPACE / "packages" / package / "src" / "cli.ts"
        done = subprocess.run(
            [str(NODE), str(cli), *words, "--name", self.name],
            env=os.environ | {"PROVEHOUSE_HOME": str(self._home)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            command = f"{package} {' '.join(words)}"
            raise PlatformStartError(f"{command} gave {done.returncode}:\n{done.stderr}")
        return done.stdout


def start_platform(
    folder: PlatformFolder, interface: Interface, get_client: GetClient
) -> RunningPlatform:
    """Starts a platform and connects to its nodes. Raises PlatformStartError."""
    deployment = folder.up()
    secrets = json.loads(folder.run("secrets", "export", "--format", "tfvars"))
    return connect(deployment, secrets["super_user_password"], interface, get_client)


def connect(
    deployment: dict[str, Any], password: str, interface: Interface, get_client: GetClient
) -> RunningPlatform:
    """Connects to the deployment's database on each node."""
    clickhouse = deployment["clickhouse"]
    clients = {
        node["name"]: get_client(
            host=node["host"],
            port=node[interface],
            username=clickhouse["users"]["administrator"],
            password=password,
            database=clickhouse["database"],
        )
        for node in clickhouse["nodes"]
    }
    return RunningPlatform(deployment, password, interface, clients)


def connect_over_http(**place: Any) -> Client:
    """A client of a node whose statements have ended when they are answered."""
    return clickhouse_connect.get_client(
        **place, autogenerate_session_id=False, settings={"mutations_sync": 1}
    )
