"""Which keys several persons hold and how many mentions bear each, counted as columns of numbers: millions of them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.linking_gathered import MOST_BEARERS, Gathered


class Shared(NamedTuple):
    """The keys that persons share with another, at least one of the two fresh; persons without any are left out.

    Attributes:
        few: component -> those of at most MOST_BEARERS mentions.
        crowds: component -> those of more.
    """

    few: dict[int, array[int]]
    crowds: dict[int, array[int]]


def shared(keys: Mapping[int, array[int]], gathered: Mapping[int, Gathered]) -> Shared:
    """Return the keys that are shared.

    Args:
        keys: component -> its keys, each once.
        gathered: component -> what its mentions say, of all of them.
    """
    held = np.frombuffer(bytearray().join(keys.values()), np.int64)
    if not held.size:
        return Shared({}, {})
    owners = np.repeat(
        np.arange(len(keys), dtype=np.int32), np.fromiter(map(len, keys.values()), np.int64, count=len(keys))
    )
    bearers = np.fromiter((len(gathered[root].members) for root in keys), np.int64, count=len(keys))
    fresh = np.fromiter((gathered[root].fresh for root in keys), np.bool_, count=len(keys))
    order = np.argsort(held)
    in_order, owners_in_order = held[order], owners[order]
    begins = np.concatenate(([True], in_order[1:] != in_order[:-1]))
    starts = np.flatnonzero(begins)
    several = np.diff(starts, append=held.size) > 1
    met = several & np.logical_or.reduceat(fresh[owners_in_order], starts)
    of_few = np.add.reduceat(bearers[owners_in_order], starts) <= MOST_BEARERS
    key_of = np.cumsum(begins) - 1
    roots = list(keys)
    return Shared(
        _by_person(_in_place(met & of_few, key_of, order), held, owners, roots),
        _by_person(_in_place(met & ~of_few, key_of, order), held, owners, roots),
    )


def _in_place(kept: NDArray[np.bool_], key_of: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for everything held whether its key is kept.

    Args:
        kept: for every distinct key.
        key_of: the distinct key of everything held, in order of the keys.
        order: the place of each of those as held.
    """
    found = np.empty(len(order), np.bool_)
    found[order] = kept[key_of]
    return found


def _by_person(
    kept: NDArray[np.bool_], held: NDArray[np.int64], owners: NDArray[np.int32], roots: list[int]
) -> dict[int, array[int]]:
    """Return what is kept of everything held, by person."""
    keys = array("q", held[kept].tobytes())
    counts = np.bincount(owners[kept], minlength=len(roots))
    ends = np.cumsum(counts)
    places = np.flatnonzero(counts)
    bounds = zip(places.tolist(), (ends - counts)[places].tolist(), ends[places].tolist(), strict=True)
    return {roots[place]: keys[start:end] for place, start, end in bounds}
