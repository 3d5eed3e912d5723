"""Bits fitted to pairs of which it is known, or expected, how many are one person: a logistic regression.

The levels of a pair add up to the log odds that it is one person, so a regression on them gives their bits as linking
adds them up: two levels that tell the same (a home and its area, a surname and a home) share what they tell, which
counting each by itself would count twice. It starts from the old bits and is drawn to them, so that a level which few
pairs tell of moves little.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from index.training_types import Bits, Group, Key

# Natural log odds in one bit.
NATURAL = math.log(2.0)
# Steps after which the fit is good enough, or is not going to be.
MOST_STEPS = 25
# The furthest that one level moves in one step, and the shortest step worth taking; both in natural log odds.
LONGEST_STEP = 3.0
SHORTEST_STEP = 1e-4


def likely(odds: float) -> float:
    """Return the share of pairs that are one person at so many natural log odds."""
    return 1.0 / (1.0 + math.exp(-odds)) if odds > -700.0 else 0.0


def odds_of(levels: Iterable[Key], bits: Bits) -> float:
    """Return the natural log odds that levels add up to."""
    return NATURAL * sum(bits[key] for key in levels)


def fitted(
    groups: Sequence[Group], free: Collection[Key], old: Bits, drawn: float, start: Bits | None = None
) -> dict[Key, float]:
    """Fit bits to pairs.

    Args:
        groups: the pairs.
        free: the levels that may move; the others keep their bits.
        old: bits of all levels.
        drawn: > 0, how strongly each level is drawn to its old bits: as many pairs, four times over, that could be
            either way.
        start: where to begin; None: at the old bits.

    Returns:
        Bits of every level.
    """
    keys = [key for key in old if key in set(free)]
    bits = {**old, **{key: (start or old)[key] for key in keys}}
    for _ in range(MOST_STEPS):
        step = _step(groups, keys, bits, old, drawn)
        longest = max(map(abs, step), default=0.0)
        scale = min(1.0, LONGEST_STEP / longest) if longest else 1.0
        for key, by in zip(keys, step, strict=True):
            bits[key] += scale * by / NATURAL
        if longest < SHORTEST_STEP:
            break
    return bits


def _step(groups: Sequence[Group], keys: Sequence[Key], bits: Bits, old: Bits, drawn: float) -> list[float]:
    """Return one step of Newton's method, in natural log odds, one value for each key."""
    place = {key: at for at, key in enumerate(keys)}
    uphill = [-drawn * NATURAL * (bits[key] - old[key]) for key in keys]
    bend = [[drawn if row == column else 0.0 for column in range(len(keys))] for row in range(len(keys))]
    for group in groups:
        share = likely(odds_of(group.levels, bits))
        told, missed = group.pairs * share * (1.0 - share), group.same - group.pairs * share
        here = [place[key] for key in group.levels if key in place]
        for row in here:
            uphill[row] += missed
            for column in here:
                bend[row][column] += told
    return solved(bend, uphill)


def solved(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """Solve a system of linear equations of at most a few dozen unknowns by elimination.

    Args:
        matrix: shape (n, n), symmetric and positive definite.
        values: shape (n,).

    Returns:
        Shape (n,).
    """
    size = len(values)
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for at in range(size):
        for below in rows[at + 1 :]:
            factor = below[at] / rows[at][at]
            if factor:
                for column in range(at, size + 1):
                    below[column] -= factor * rows[at][column]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][column] * found[column] for column in range(at + 1, size))
        found[at] = (rows[at][size] - known) / rows[at][at]
    return found


def counted(groups: Iterable[Group]) -> dict[Key, tuple[int, float]]:
    """Return, for every level, how many pairs it holds for and how many of them are one person."""
    pairs: dict[Key, int] = defaultdict(int)
    same: dict[Key, float] = defaultdict(float)
    for group in groups:
        for key in group.levels:
            pairs[key] += group.pairs
            same[key] += group.same
    return {key: (count, same[key]) for key, count in pairs.items()}
