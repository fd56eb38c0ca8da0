"""What the launcher must know of a node, from the configuration that the engine reads too."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Interserver:
    """Where a node's peers fetch parts from it, and the account that they show."""

    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True)
class Replication:
    """What a node needs to replicate."""

    interserver: Interserver
    ddl_queue: str
    replicas_folder: str


@dataclass(frozen=True)
class NodeConfig:
    """The parts of a node's configuration that the launcher reads."""

    listen_hosts: list[str]
    data: Path
    replication: Replication | None
    """Absent where the node has no coordination."""


def read_node_config(file: Path) -> NodeConfig:
    """The node's configuration.

    Raises ValueError, naming the file or the element, for a file that is no XML and an element that
    is missing.
    """
    roots = [_root_of(each) for each in [file, *_files_merged_over(file)]]

    def elements(path: str) -> list[ElementTree.Element]:
        """Those of the last file that has any, as merging leaves them."""
        return next((found for root in reversed(roots) if (found := root.findall(path))), [])

    def text(path: str) -> str:
        found = [element.text for element in elements(path) if element.text]
        if not found:
            raise ValueError(f"{file}: expected the element <{path}>, found none")
        return found[0]

    return NodeConfig(
        listen_hosts=[element.text or "" for element in elements("listen_host")],
        data=Path(text("path")),
        replication=Replication(
            Interserver(
                host=text("interserver_http_host"),
                port=int(text("interserver_http_port")),
                user=text("interserver_http_credentials/user"),
                password=text("interserver_http_credentials/password"),
            ),
            ddl_queue=text("distributed_ddl/path"),
            replicas_folder=text("distributed_ddl/replicas_path"),
        )
        if elements("zookeeper")
        else None,
    )


def _root_of(file: Path) -> ElementTree.Element:
    try:
        # A file of the platform or of the image that the node runs in.
        return ElementTree.parse(file).getroot()  # noqa: S314
    except ElementTree.ParseError as cause:
        raise ValueError(f"{file}: expected XML, found {cause}") from cause


def _files_merged_over(file: Path) -> list[Path]:
    """The files that the engine merges over a configuration, the first one first.

    https://clickhouse.com/docs/operations/configuration-files: those of `config.d` beside a
    `config.xml`, by name. Elements that say `remove` or `replace` are beyond what is read here.
    """
    return sorted(file.with_suffix(".d").glob("*.xml"))
