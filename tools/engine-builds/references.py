"""Where the code names an address: calls, jumps and data, all by their distance from the code."""

import numpy as np
from library import Library

_WORDS_AT_ONCE = 1 << 17
_BITS_32 = (1 << 32) - 1


def references(library: Library, target: int) -> list[int]:
    """The addresses, in order, of the 4 bytes that hold the distance to a target.

    The distance counts from the end of those 4 bytes, as in calls and in `lea register, [rip + …]`.
    What happens to look like a distance is among them.
    """
    found: list[int] = []
    ahead = np.arange(_WORDS_AT_ONCE, dtype=np.uint32) * np.uint32(4)
    for shift in range(4):
        words = library.words(library.text, shift)
        first = library.text.address + shift
        for start in range(0, len(words), _WORDS_AT_ONCE):
            some = words[start : start + _WORDS_AT_ONCE]
            # Sums wrap at 32 bits, as the processor's do.
            distance = np.uint32((target - first - 4 * start - 4) & _BITS_32)
            hits = np.flatnonzero(some + ahead[: len(some)] == distance)
            found.extend(first + 4 * (start + int(hit)) for hit in hits)
    return sorted(found)
