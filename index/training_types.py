"""The values that training takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from index.linking_model import Model

# (comparison, level), as a file of weights names them.
Key = tuple[str, str]
Bits = Mapping[Key, float]


class Group(NamedTuple):
    """Pairs of persons that were compared alike.

    Attributes:
        levels: the levels that held, one of each comparison that says something.
        pairs: int >= 1, how many such pairs there are.
        same: float 0 to pairs, how many of them are one person: counted, or expected.
    """

    levels: tuple[Key, ...]
    pairs: int
    same: float


@dataclass(frozen=True, slots=True)
class Level:
    """What training found of one level.

    Attributes:
        key: (comparison, level).
        old, new: bits.
        pairs: int >= 0, pairs of persons it rests on.
        same: float 0 to pairs, those of them that are one person: counted, or expected.
        why: why the bits were kept or held; '' where they are what was found.
    """

    key: Key
    old: float
    new: float
    pairs: int
    same: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """What one training found.

    Attributes:
        levels: every level of the weights, in the order of the file.
        labelled: it learnt from labelled pairs.
        pairs: int, pairs of persons it learnt from.
        share: 0 to 1, how many of them are one person: counted, or expected.
    """

    levels: tuple[Level, ...]
    labelled: bool
    pairs: int
    share: float


def bits_of(model: Model) -> dict[Key, float]:
    """Return the bits of every level of a model."""
    return {(each.name, level.name): level.bits for each in model.comparisons for level in each.levels}
