"""Which keys several persons hold and how many mentions bear each, counted as columns of numbers: millions of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from index.linking_gathered import MOST_BEARERS
from index.linking_ragged import Ints, Mask, Ragged, empty, of_owners


class Shared(NamedTuple):
    """The keys that persons share with another, at least one of the two fresh, each key once for each person.

    Attributes:
        few: those of at most MOST_BEARERS mentions.
        crowds: those of more.
    """

    few: Ragged
    crowds: Ragged


def shared(keys: Ragged, bearers: Ints, fresh: Mask) -> Shared:
    """Return the keys that are shared.

    Args:
        keys: of each person.
        bearers: how many mentions each person is made of.
        fresh: whether each person is.
    """
    held, owners = _distinct_in_order(keys)
    if not held.size:
        return Shared(empty(keys.rows), empty(keys.rows))
    begins = np.concatenate(([True], held[1:] != held[:-1]))
    starts = np.flatnonzero(begins)
    several = np.diff(starts, append=held.size) > 1
    met = several & np.logical_or.reduceat(fresh[owners], starts)
    of_few = np.add.reduceat(bearers[owners], starts) <= MOST_BEARERS
    key_of = np.cumsum(begins) - 1
    few, crowds = (kept[key_of] for kept in (met & of_few, met & ~of_few))
    return Shared(of_owners(owners[few], held[few], keys.rows), of_owners(owners[crowds], held[crowds], keys.rows))


def _distinct_in_order(keys: Ragged) -> tuple[Ints, Ints]:
    """Return (key, person) of everything held, in order of both, each once."""
    order = np.argsort(keys.values, kind="stable")
    held, owners = keys.values[order], keys.owners[order]
    again = np.zeros(len(held), np.bool_)
    again[1:] = (held[1:] == held[:-1]) & (owners[1:] == owners[:-1])
    return held[~again], owners[~again]
