"""Random numbers that can be asked for by their place in the sequence."""

import numpy as np
import numpy.typing as npt

UInt64Array = npt.NDArray[np.uint64]

GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)


def split_mix(seed: int, positions: UInt64Array) -> UInt64Array:
    """The numbers at the given places, counted from 0, of the SplitMix64 sequence of a seed.

    The generator only counts and mixes, so any place is computed alone and all places at once.

    Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014;
    the constants are those of its variant 13, as in Vigna's splitmix64.c.
    """
    # Array arithmetic wraps around at 2^64, as the generator wants.
    z = np.uint64(seed) + (positions + np.uint64(1)) * GOLDEN_GAMMA
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: UInt64Array = z ^ (z >> np.uint64(31))
    return mixed
