import json

import numpy as np

from etl_dags.cluster_settings import ClusterSettings
from etl_dags.event_stream.events import (
    FIRST_SECOND,
    KINDS,
    generate_messages,
    ids_of_partition,
    partition_of,
)
from etl_dags.event_stream.stream_tables import statements
from etl_dags.event_stream.topic import Offsets, lag_of


def ids(*wanted: int) -> np.ndarray:
    return np.array(wanted, np.uint64)


def test_an_event_depends_on_seed_and_id_alone() -> None:
    alone = list(generate_messages(16, ids(7)))

    assert list(generate_messages(16, ids(5, 7)))[1:] == alone
    assert list(generate_messages(17, ids(7))) != alone
    event = json.loads(alone[0])
    assert event["id"] == 7
    assert event["kind"] in KINDS
    assert event["created_at"] == FIRST_SECOND + 7
    assert 0.01 <= float(event["amount"]) <= 1000


def test_after_any_event_each_later_one_is_in_one_partition_in_order() -> None:
    for after in range(9):
        parts = {p: list(ids_of_partition(p, 4, after, 20)) for p in range(4)}
        assert sorted(id_ for part in parts.values() for id_ in part) == list(range(after + 1, 21))
        for partition, part in parts.items():
            assert part == sorted(part)
            assert {partition_of(id_, 4) for id_ in part} <= {partition}


def test_what_a_group_has_not_begun_to_read_counts_from_the_first_offset_on() -> None:
    ends = {0: Offsets(0, 10), 1: Offsets(5, 9), 2: Offsets(0, 0)}

    assert lag_of(ends, {0: 10}) == 4
    assert lag_of(ends, {0: 8, 1: 9}) == 2


def test_what_is_read_twice_meets_its_double_in_one_shard_and_one_replicated_table() -> None:
    settings = ClusterSettings(
        database="d", cluster="c", replication="keeper", distributed_ddl=True, nodes=()
    )

    made = statements(settings)

    assert [statement for statement in made if "IF NOT EXISTS d." not in statement] == []
    [local] = [statement for statement in made if "d.events_stream_local ON" in statement]
    assert "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')" in local
    assert local.endswith("ORDER BY (kafka_partition, kafka_offset)")
    [spread] = [statement for statement in made if "d.events_stream ON" in statement]
    assert "cityHash64(kafka_partition, kafka_offset)" in spread


def test_a_message_is_read_as_it_is_and_goes_to_one_of_both_tables() -> None:
    settings = ClusterSettings(
        database="d", cluster="c", replication="keeper", distributed_ddl=True, nodes=()
    )

    made = statements(settings)

    [queue] = [statement for statement in made if "d.events_stream_queue ON" in statement]
    assert "(message String)" in queue
    assert "kafka_format = 'RawBLOB'" in queue
    events, letters = (statement for statement in made if "MATERIALIZED VIEW" in statement)
    reason = letters.rpartition(" message, ")[2].partition(" AS reason")[0]
    assert reason.startswith("multiIf(NOT isValidJSON(message)")
    assert events.endswith(f"WHERE {reason} = ''")
    assert letters.endswith("WHERE reason != ''")
