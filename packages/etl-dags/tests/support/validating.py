"""The validation of a load of a hundred rows, and rows of it to be damaged."""

from etl_dags.cluster import open_cluster
from etl_dags.demo_tables import LOCAL
from etl_dags.loaded import Loaded
from etl_dags.products import generate_products
from etl_dags.statistics import Statistics
from etl_dags.validation import validate_loaded_data
from support.attempts import AS_OF
from support.running_platform import RunningPlatform

SHARD_01 = ["clickhouse-01", "clickhouse-03"]
SHARD_02 = ["clickhouse-02", "clickhouse-04"]


def validate(rows: int = 100) -> Statistics:
    """Validates what the cluster holds as a load of so many rows."""
    loaded = Loaded(
        rows=rows,
        batches=1,
        seconds=0.1,
        as_of=AS_OF.isoformat(),
        seed=16,
        generated=generate_products(16, AS_OF, 1, rows).figures.generated(),
    )
    with open_cluster() as cluster:
        return validate_loaded_data(cluster, loaded)


def some_id(platform: RunningPlatform, nodes: list[str]) -> int:
    """An id that the nodes hold."""
    found: int = platform.rows(nodes[0], f"SELECT min(id) FROM {LOCAL}")[0][0]
    return found
