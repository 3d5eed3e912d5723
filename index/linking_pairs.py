"""Weighed pairs as columns, in the order they are joined in: millions of them, of which few are ever looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.linking_levels import Comparison
from index.linking_ragged import Ints
from index.linking_types import Pair

# Places of levels and a bit for 'says nothing' fit into this many bits.
_LEVEL_BITS = 6


class Weighed(NamedTuple):
    """Pairs of rows and what comparing them gave.

    Attributes:
        first, second: the rows' roots, first < second.
        bits: all levels together.
        levels: for each pair and comparison the place of its level; -1: one of the two says nothing.
    """

    first: Ints
    second: Ints
    bits: NDArray[np.float64]
    levels: NDArray[np.int8]

    def pairs(self) -> Iterator[Pair]:
        """Yield the pairs one by one."""
        columns = (self.first.tolist(), self.second.tolist(), self.bits.tolist(), self.levels.tolist())
        for first, second, bits, levels in zip(*columns, strict=True):
            yield Pair(first, second, bits, tuple(levels))

    def taken(self, places: Ints | NDArray[np.bool_]) -> Weighed:
        """Return some of them."""
        return Weighed(self.first[places], self.second[places], self.bits[places], self.levels[places])


def of_pairs(pairs: Sequence[Pair], comparisons: int) -> Weighed:
    """Return pairs as columns.

    Args:
        pairs: any number.
        comparisons: int >= 1, how many each was compared by.
    """
    return Weighed(
        np.array([pair.first for pair in pairs], np.int64),
        np.array([pair.second for pair in pairs], np.int64),
        np.array([pair.bits for pair in pairs], np.float64),
        np.array([pair.levels for pair in pairs], np.int8).reshape(-1, comparisons),
    )


class Pairs:
    """The pairs of one round, the surest first, and of every row those it is of."""

    def __init__(self, batches: Iterable[Weighed], comparisons: Sequence[Comparison]) -> None:
        """Put pairs in order.

        Args:
            batches: as they were weighed; each pair once.
            comparisons: of the model; the bits are added up again as its file has them: a pair on a threshold must not
                fall below it by the way it was reckoned.
        """
        held = [of_pairs([], len(comparisons)), *batches]
        columns = Weighed(*(np.concatenate(column) for column in zip(*held, strict=True)))
        columns = columns._replace(bits=_added_up(columns.levels, comparisons))
        self._weighed = columns.taken(np.lexsort((columns.second, columns.first, -columns.bits)))
        first, second, bits, _ = self._weighed
        ends, others, weights = np.concatenate((first, second)), np.concatenate((second, first)), np.tile(bits, 2)
        order = np.lexsort((others, -weights, ends))
        self._others, self._weights = others[order], weights[order]
        self._rows, starts = np.unique(ends[order], return_index=True)
        self._bounds = np.append(starts, len(ends))

    def rows(self) -> list[int]:
        """Return the rows that are of any pair, in order."""
        found: list[int] = self._rows.tolist()
        return found

    def of_at_least(self, least: float) -> Iterator[Pair]:
        """Yield the pairs of so many bits, the surest first."""
        return self._weighed.taken(np.arange(np.searchsorted(-self._weighed.bits, -least, side="right"))).pairs()

    def near(self, row: int) -> list[tuple[int, float]]:
        """Return (other row, bits) of the pairs of a row, the surest first."""
        at = int(np.searchsorted(self._rows, row))
        if at >= len(self._rows) or self._rows[at] != row:
            return []
        start, end = self._bounds[at : at + 2].tolist()
        return list(zip(self._others[start:end].tolist(), self._weights[start:end].tolist(), strict=True))

    def without(self, rows: Collection[int]) -> Weighed:
        """Return the pairs that none of some rows is of."""
        gone = np.fromiter(rows, np.int64, count=len(rows))
        first, second, *_ = self._weighed
        return self._weighed.taken(~(np.isin(first, gone) | np.isin(second, gone)))


def _added_up(levels: NDArray[np.int8], comparisons: Sequence[Comparison]) -> NDArray[np.float64]:
    """Return the bits of the levels of pairs together; those that agree alike are added up once."""
    codes = np.zeros(len(levels), np.int64)
    for column in levels.T:
        codes = codes << _LEVEL_BITS | (column.astype(np.int64) + 1)
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    found = []
    for held in levels[first].tolist():
        bits = (each.levels[at].bits for each, at in zip(comparisons, held, strict=True) if at >= 0)
        found.append(round(sum(bits), 3) + 0.0)  # never -0.0
    return np.array(found, np.float64)[which]
