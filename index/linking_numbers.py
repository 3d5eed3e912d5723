"""Values as numbers: equal values have equal numbers, different ones never the same."""

from __future__ import annotations

from collections.abc import Hashable

_TAIL_BITS = 30


class Numbers(dict[Hashable, int]):
    """Numbers values from 0 as they are met."""

    def __missing__(self, value: Hashable) -> int:
        """Give a value the next number."""
        number = self[value] = len(self)
        return number

    def of_two(self, key: str) -> int:
        """Return the number of a key of several tokens, by its first and the rest: few of these make many keys."""
        head, _, tail = key.partition(" ")
        return self[head] << _TAIL_BITS | self[tail]


def either_way(digits: str) -> str:
    """Return a date's digits (YYYYMMDD) with day and month in order of size."""
    return digits[:4] + "".join(sorted((digits[4:6], digits[6:])))
