"""Starts ZooKeeper as the Keeper that a keeper_config.xml describes.

Only what such a file says of ports, members, sessions and four-letter words is taken over
(https://zookeeper.apache.org/doc/current/zookeeperAdmin.html#sc_configuration).
"""

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

JAVA = "/opt/java/bin/java"
OPTIONS = "/usr/lib/provehouse/java.options"
JARS = "/opt/zookeeper/*"
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
        f"4lw.commands.whitelist={text_of(keeper, 'four_letter_word_white_list')}",
        "admin.enableServer=false",
    ]
    shortest = keeper.findtext("coordination_settings/min_session_timeout_ms")
    if shortest is not None:
        lines.append(f"minSessionTimeout={shortest.strip()}")
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
    server = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    os.execv(  # noqa: S606 - the server takes the place of this process
        JAVA, [JAVA, f"@{OPTIONS}", "-classpath", JARS, server, str(settings)]
    )


if __name__ == "__main__":
    main(sys.argv[1])
