from etl_dags.cluster import Shard
from etl_dags.node_facts import slot_parameters


def test_shards_of_equal_weight_have_a_remainder_each() -> None:
    shards = [Shard(shard_num=1, shard_weight=1), Shard(shard_num=2, shard_weight=1)]

    assert slot_parameters(shards, 1) == {"weights": 2, "slot_start": 0, "slot_end": 1}
    assert slot_parameters(shards, 2) == {"weights": 2, "slot_start": 1, "slot_end": 2}


def test_a_heavier_shard_has_more_remainders() -> None:
    shards = [Shard(shard_num=1, shard_weight=9), Shard(shard_num=2, shard_weight=10)]

    assert slot_parameters(shards, 1) == {"weights": 19, "slot_start": 0, "slot_end": 9}
    assert slot_parameters(shards, 2) == {"weights": 19, "slot_start": 9, "slot_end": 19}


def test_a_shard_that_the_servers_do_not_know_has_none() -> None:
    shards = [Shard(shard_num=1, shard_weight=1)]

    assert slot_parameters(shards, 2) == {"weights": 1, "slot_start": 1, "slot_end": 1}
