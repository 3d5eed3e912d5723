"""Values as numbers: equal values have equal numbers, different ones never the same."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from discoverer.errors import BuildError

T = TypeVar("T", bound=Hashable)


class Numbers(dict[T, int], Generic[T]):
    """Numbers values from 1 as they are met; 0 stands for nothing."""

    def __init__(self, bits: int) -> None:
        """Begin with none.

        Args:
            bits: of the largest number that keys have room for.
        """
        super().__init__()
        self._most = (1 << bits) - 1

    def __missing__(self, value: T) -> int:
        """Give a value the next number. Raises BuildError: there are more values than numbers."""
        if len(self) >= self._most:
            raise BuildError(f"linking met more than {self._most:,} different values of one kind; build fewer records")
        number = self[value] = len(self) + 1
        return number


def either_way(digits: str) -> str:
    """Return a date's digits (YYYYMMDD) with day and month in order of size."""
    return digits[:4] + "".join(sorted((digits[4:6], digits[6:])))
