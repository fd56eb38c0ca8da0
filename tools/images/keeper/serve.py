"""Starts ZooKeeper as the Keeper that a keeper_config.xml describes.

Only what such a file says about the ensemble is taken over: ports, members and the data's folder
(https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#sc_configuration).
"""

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

JAVA = "/usr/bin/java"
LIBRARIES = Path("/usr/share/java")
# All of them together would bring several ways of logging, which exclude each other.
PATTERNS = (
    "zookeeper",
    "zookeeper-jute",
    "slf4j-api",
    "slf4j-log4j12",
    "log4j-1.2",
    "netty-*",
    "metrics-core",
    "snappy-java",
    "jackson-*",
    "commons-*",
)
DATA = Path("/var/lib/clickhouse-keeper")


def text_of(element: ElementTree.Element, path: str) -> str:
    """The text of the element at `path`, or an error that names it."""
    text = element.findtext(path)
    if text is None:
        sys.exit(f"{sys.argv[1]}: expected an element {path}, found none")
    return text.strip()


def settings_of(keeper: ElementTree.Element) -> list[str]:
    """The lines of a zoo.cfg."""
    lines = [
        "tickTime=1000",
        "initLimit=20",
        "syncLimit=10",
        f"dataDir={DATA}/zookeeper",
        f"clientPort={text_of(keeper, 'tcp_port')}",
        "4lw.commands.whitelist=*",
        "admin.enableServer=false",
    ]
    servers = keeper.findall("raft_configuration/server")
    for server in servers if len(servers) > 1 else []:
        port = int(text_of(server, "port"))
        # ZooKeeper elects its leader over a port of its own.
        lines.append(
            f"server.{text_of(server, 'id')}={text_of(server, 'hostname')}:{port}:{port + 1}"
        )
    return lines


def main(config: str) -> None:
    """Writes ZooKeeper's configuration and replaces this process by it."""
    # The configuration is the platform's own, and no parser is installed that distrusts it.
    keeper = ElementTree.parse(config).getroot().find("keeper_server")  # noqa: S314
    if keeper is None:
        sys.exit(f"{config}: expected an element keeper_server, found none")
    data = DATA / "zookeeper"
    data.mkdir(parents=True, exist_ok=True)
    (data / "myid").write_text(text_of(keeper, "server_id"))
    settings = DATA / "zoo.cfg"
    settings.write_text("\n".join(settings_of(keeper)) + "\n")
    classes = [str(jar) for pattern in PATTERNS for jar in LIBRARIES.glob(f"{pattern}.jar")]
    os.execv(  # noqa: S606 - the server takes the place of this process
        JAVA,
        [
            JAVA,
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            ":".join(["/usr/lib/provehouse", *classes]),
            "org.apache.zookeeper.server.quorum.QuorumPeerMain",
            str(settings),
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1])
