"""What the nodes hold, and what they should."""

from etl_dags.demo_tables import COLUMNS, LOCAL
from etl_dags.node_facts import CONTENT_HASH
from etl_dags.products import generate_products
from support.attempts import AS_OF
from support.running_platform import RunningPlatform

Rows = list[tuple[object, ...]]


def expected_rows(rows: int, seed: int) -> Rows:
    """The rows of a run in the order of their ids."""
    return list(zip(*generate_products(seed, AS_OF, 1, rows).columns(), strict=True))


def rows_on(platform: RunningPlatform, node: str) -> Rows:
    """All rows of a node in the order of their ids, moments in seconds."""
    columns = ", ".join(COLUMNS).replace("created_at", "toUnixTimestamp(created_at)")
    return platform.rows(node, f"SELECT {columns} FROM {LOCAL} ORDER BY id")


def require_exactly(platform: RunningPlatform, rows: int, seed: int) -> None:
    """Fails unless every replica holds its shard's rows and the shards hold the run's rows."""
    whole: Rows = []
    for shard in ("01", "02"):
        first, *others = [rows_on(platform, node) for node in platform.replicas_of(shard)]
        assert all(other == first for other in others)
        whole += first
    assert sorted(whole, key=lambda row: str(row[0]).zfill(10)) == expected_rows(rows, seed)


def staging_tables(platform: RunningPlatform) -> list[str]:
    """Names of tables on any node in which attempts load."""
    sql = (
        "SELECT name FROM system.tables "
        "WHERE database = currentDatabase() AND name LIKE '%loading%'"
    )
    return [row[0] for node in platform.nodes for row in platform.rows(node, sql)]


def content_by_node(platform: RunningPlatform) -> dict[str, int]:
    """Sum of the hashes of a node's rows."""
    sql = f"SELECT {CONTENT_HASH} FROM {LOCAL}"
    return {node: platform.rows(node, sql)[0][0] for node in platform.nodes}
