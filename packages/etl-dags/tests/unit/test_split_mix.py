import numpy as np

from etl_dags.split_mix import split_mix


def test_gives_the_numbers_of_the_reference_implementation() -> None:
    numbers = split_mix(1234567, np.arange(5, dtype=np.uint64))

    assert numbers.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_gives_each_place_the_same_number_whatever_else_is_asked_for() -> None:
    together = split_mix(16, np.arange(1_000, dtype=np.uint64))
    alone = split_mix(16, np.array([777, 3], dtype=np.uint64))

    assert alone.tolist() == [together[777], together[3]]
