"""The tables of the stream as SQL, and the task that makes them.

On each node a table of the engine Kafka takes part in one group of consumers, and its view inserts
through a Distributed table: which node reads a partition is Kafka's choice and changes, and where a
row belongs is not. A message that is read twice is one row in the end: its partition and offset
choose the shard and are the sorting key of a ReplacingMergeTree.

The queue takes a message as it is, so that each is one row: the format JSONEachRow makes events of
what lacks their fields, two rows of one place of two events in one message, and none of a blank
one. The views tell events from what is none.
"""

from typing import Final

from etl_dags.cluster import Cluster
from etl_dags.cluster_settings import ClusterSettings
from etl_dags.demo_tables import path_and_replica
from etl_dags.event_stream.topic import TOPIC

EVENTS: Final = "events_stream"
DEAD_LETTERS: Final = "events_stream_dead_letters"
QUEUE: Final = "events_stream_queue"
GROUP: Final = "events_stream"
SHARDING_KEY: Final = "cityHash64(kafka_partition, kafka_offset)"

PLACE: Final = "kafka_partition UInt32, kafka_offset UInt64"
EVENT_COLUMNS: Final = "id UInt64, kind String, amount Decimal(10, 2), created_at DateTime"
COLUMNS: Final = {
    EVENTS: f"{EVENT_COLUMNS}, {PLACE}",
    DEAD_LETTERS: f"{PLACE}, message String, reason String",
}
PARTITION_BY: Final = {EVENTS: "PARTITION BY toYYYYMM(created_at) ", DEAD_LETTERS: ""}
_READ_PLACE: Final = "toUInt32(_partition) AS kafka_partition, toUInt64(_offset) AS kafka_offset"
# A field that a message lacks, or has with another type, is NULL, and no default.
_EVENT: Final = (
    "JSONExtract(message, 'Tuple(id Nullable(UInt64), kind Nullable(String), "
    "amount Nullable(Decimal(10, 2)), created_at Nullable(UInt32))') AS event"
)
_REASON: Final = (
    "multiIf(NOT isValidJSON(message) OR JSONType(message) != 'Object', "
    "'It is not one object of JSON.', "
    "isNull(event.id), 'It has no whole number as id.', "
    "isNull(event.kind), 'It has no text as kind.', "
    "isNull(event.amount), 'It has no decimal number as amount.', "
    "isNull(event.created_at), 'It has no seconds since 1970 as created_at.', '')"
)
SELECTED: Final = {
    EVENTS: f"WITH {_EVENT} SELECT assumeNotNull(event.id) AS id, "
    "assumeNotNull(event.kind) AS kind, assumeNotNull(event.amount) AS amount, "
    f"toDateTime(assumeNotNull(event.created_at)) AS created_at, {_READ_PLACE} "
    f"FROM {{queue}} WHERE {_REASON} = ''",
    DEAD_LETTERS: f"WITH {_EVENT} SELECT {_READ_PLACE}, message, {_REASON} AS reason "
    "FROM {queue} WHERE reason != ''",
}


def statements(settings: ClusterSettings) -> list[str]:
    """The statements, in their order, that make what is not there."""
    return [
        *(statement for name in COLUMNS for statement in _stored(settings, name)),
        _create(settings, QUEUE, f"(message String) ENGINE = {_kafka_engine()}"),
        *(_view(settings, name) for name in COLUMNS),
    ]


def _create(settings: ClusterSettings, name: str, rest: str) -> str:
    return f"CREATE TABLE IF NOT EXISTS {settings.database}.{name}{settings.on_cluster} {rest}"


def _stored(settings: ClusterSettings, name: str) -> list[str]:
    """The statements for the table that holds rows, and the one that spreads them."""
    local = f"{name}_local"
    engine = "ReplacingMergeTree"
    if settings.replication == "keeper":
        engine = f"ReplicatedReplacingMergeTree{path_and_replica(settings, local)}"
    layout = f"{PARTITION_BY[name]}ORDER BY (kafka_partition, kafka_offset)"
    spread = f"Distributed('{settings.cluster}', '{settings.database}', '{local}', {SHARDING_KEY})"
    return [
        _create(settings, local, f"({COLUMNS[name]}) ENGINE = {engine} {layout}"),
        _create(settings, name, f"({COLUMNS[name]}) ENGINE = {spread}"),
    ]


def _kafka_engine() -> str:
    """The address and the account are those of the named collection, and not in the definition.

    Settings: https://clickhouse.com/docs/engines/table-engines/integrations/kafka
    """
    return (
        "Kafka(platform_kafka) SETTINGS "
        f"kafka_topic_list = '{TOPIC}', kafka_group_name = '{GROUP}', "
        "kafka_format = 'RawBLOB', "
        "kafka_flush_interval_ms = 1000, kafka_max_block_size = 65536"
    )


def _view(settings: ClusterSettings, name: str) -> str:
    database = settings.database
    selected = SELECTED[name].format(queue=f"{database}.{QUEUE}")
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.{name}_view{settings.on_cluster} "
        f"TO {database}.{name} AS {selected}"
    )


def create_stream_tables(cluster: Cluster) -> None:
    """Makes the tables and views on every node where there are none.

    That they are what they must be, verification compares. Raises NodeError.
    """
    for statement in statements(cluster.settings):
        cluster.define(statement)
