"""Lists of numbers, one for each row, held as two columns: millions of short lists without a value of Python each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
# Below this a row and a value fit into one number side by side.
_HALF = 1 << 31


class Ragged(NamedTuple):
    """Lists of different lengths.

    Attributes:
        values: those of all rows, one row after another.
        bounds: where each row's values begin, and where the last row's end; one more than there are rows.
    """

    values: Ints
    bounds: Ints

    @property
    def rows(self) -> int:
        """int: how many lists there are."""
        return len(self.bounds) - 1

    @property
    def lengths(self) -> Ints:
        """How many values each row has."""
        return np.diff(self.bounds)

    @property
    def owners(self) -> Ints:
        """The row of every value."""
        return np.repeat(np.arange(self.rows, dtype=np.int64), self.lengths)

    def taken(self, rows: Ints) -> Ragged:
        """Return the lists of some rows, in the order asked for."""
        starts, lengths = self.bounds[:-1][rows], self.lengths[rows]
        bounds = bounds_of(lengths)
        places = np.repeat(starts - bounds[:-1], lengths) + np.arange(bounds[-1])
        return Ragged(self.values[places], bounds)

    def through(self, others: Ragged) -> Ragged:
        """Return, for each row of others, the lists of all the rows that it names, one after another."""
        found = self.taken(others.values)
        return Ragged(found.values, found.bounds[others.bounds])

    def mapped(self, values: Ints) -> Ragged:
        """Return the same lists with another value for each of `values`."""
        return Ragged(values, self.bounds)

    def kept(self, mask: Mask) -> Ragged:
        """Return the lists with those of their values that a mask keeps."""
        return Ragged(self.values[mask], np.concatenate(([0], np.cumsum(mask)))[self.bounds])

    def beside(self, *others: Ragged) -> Ragged:
        """Return each row's list with those of others behind it."""
        everyone = (self, *others)
        owners = np.concatenate([each.owners for each in everyone])
        return of_owners(owners, np.concatenate([each.values for each in everyone]), self.rows)

    def crossed(self, other: Ragged) -> tuple[Ints, Ints, Ints]:
        """Return the places of every value of a row with every value of the same row of another.

        Returns:
            (row, place in this one's values, place in the other's values) of every two, in order of the first two.
        """
        owners = self.owners
        many = other.lengths[owners]
        begins = np.cumsum(many) - many
        mine = np.repeat(np.arange(len(owners)), many)
        theirs = np.arange(int(many.sum())) - np.repeat(begins - other.bounds[:-1][owners], many)
        return np.repeat(owners, many), mine, theirs

    def distinct(self) -> Ragged:
        """Return each value of a row once, in order of size."""
        if not len(self.values) or int(self.lengths.max()) < 2:
            return self
        owners, values = self.owners, self.values
        if int(values.min()) >= 0 and int(values.max()) < _HALF:
            both = np.sort(owners << 31 | values)
            both = both[np.concatenate(([True], both[1:] != both[:-1]))]
            return of_owners(both >> 31, both & (_HALF - 1), self.rows, in_order=True)
        order = np.lexsort((values, owners))
        owners, values = owners[order], values[order]
        first = np.concatenate(([True], (owners[1:] != owners[:-1]) | (values[1:] != values[:-1])))
        return of_owners(owners[first], values[first], self.rows, in_order=True)


def bounds_of(lengths: Ints) -> Ints:
    """Return where lists of some lengths begin, one after another, and where the last one ends."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def of_owners(owners: Ints, values: Ints, rows: int, *, in_order: bool = False) -> Ragged:
    """Return values as lists.

    Args:
        owners: the row of each value.
        values: as many.
        rows: how many rows there are.
        in_order: the owners stand in order; otherwise those of one row keep the order they have.
    """
    if not in_order:
        values = values[np.argsort(owners, kind="stable")]
    return Ragged(values, bounds_of(np.bincount(owners, minlength=rows)))


def numbered(lists: Sequence[Sequence[Any]], number: Callable[[Any], int]) -> Ragged:
    """Return lists of anything as lists of numbers.

    Args:
        lists: one for each row.
        number: gives each value its number.
    """
    bounds = bounds_of(np.fromiter(map(len, lists), np.int64, count=len(lists)))
    values = np.fromiter(map(number, chain.from_iterable(lists)), np.int64, count=int(bounds[-1]))
    return Ragged(values, bounds)


def chained(first: Ragged, second: Ragged) -> Ragged:
    """Return the rows of one, and behind them those of another."""
    return Ragged(
        np.concatenate((first.values, second.values)),
        np.concatenate((first.bounds, second.bounds[1:] + first.bounds[-1])),
    )


def empty(rows: int = 0) -> Ragged:
    """Return so many lists without a value."""
    return Ragged(np.empty(0, np.int64), np.zeros(rows + 1, np.int64))
