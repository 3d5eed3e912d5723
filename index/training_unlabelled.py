"""Learning without labels: dates of birth and ages judge what names, numbers and places say.

Plain expectation-maximisation asks only that pairs fall into two kinds, and in an index with few duplicates the two
kinds it finds are households and strangers. Here dates of birth and ages anchor it: they are held by the person, not by
the house, and next to nothing else is known of a pair that agrees in them by chance. So

- only pairs that were brought together by something else than a date of birth or an identifier are looked at, or the
  choice of pairs would decide how many of them agree;
- pairs that an exact rule would have joined by the very thing that judges them are left out (two full names, or two
  identifiers): of those only the ones that do not agree are left;
- how often dates and ages agree by chance, and are mistyped, is estimated along; but what two dates of birth that
  differ say is kept: father and son, sisters, agree in all but this, and without labels they pass for errors;
- names, numbers, places and company are fitted together to what dates and ages say (index/training_fit.py), each
  pair counting as one person as far as all it shows says so, until that no longer changes.

What identifiers say cannot be learnt so, and is kept.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from index.training_fit import NATURAL, counted, fitted, likely, odds_of
from index.training_guards import refuse_collapse, refuse_without_anchor, too_few
from index.training_types import Bits, Group, Key

JUDGES = ("birth", "age")
JUDGED = ("name", "phone", "place", "company")
AGREEING: tuple[Key, ...] = (("birth", "same"), ("birth", "slip"))
UNKNOWABLE: tuple[Key, ...] = (("birth", "differs"), ("identifier", "same"), ("identifier", "differs"))
CANNOT_TELL = "kept: cannot be told without labels"
# How strongly bits are drawn to the configured ones (index/training_fit.py). Linking favours precision. Trained on one
# invented set of 50,000 records and tried on another, 100 kept 0.9993 of the pairs joined right (untrained 0.9994) and
# 4 only 0.9988, though it found 0.847 of those wanted where 100 found 0.830 (untrained 0.844), with the weights of that
# day. It was chosen on that other set, so a third must show what it is worth.
DRAWN = 100.0
# Rounds after which the estimate stands still, or will not.
MOST_ROUNDS = 200
STILL = 1e-3  # natural log odds


class Estimate(NamedTuple):
    """What was learnt without labels.

    Attributes:
        bits: of every level.
        groups: the pairs learnt from, with how many are expected to be one person.
        kept: level -> why its bits were kept.
    """

    bits: dict[Key, float]
    groups: list[Group]
    kept: dict[Key, str]


def estimated(patterns: Mapping[tuple[Key, ...], int], old: Bits) -> Estimate:
    """Estimate bits from pairs without labels.

    Args:
        patterns: the levels that hold -> how many pairs they hold for.
        old: bits of all levels.

    Raises:
        TrainingRefused: too few dates of birth agree, or the estimate collapsed.
    """
    judged = {levels: pairs for levels, pairs in patterns.items() if _can_be_judged(levels)}
    agreeing = sum(pairs for levels, pairs in judged.items() if not set(AGREEING).isdisjoint(levels))
    refuse_without_anchor(agreeing)
    bits = dict(old)
    groups = _expected(judged, bits)
    kept = _kept(groups, old)
    free = [key for key in old if key not in kept]
    for _ in range(MOST_ROUNDS):
        found = _judged_anew(groups, free, old, bits) | _judges_anew(groups, free)
        moved = max((abs(found[key] - bits[key]) for key in free), default=0.0)
        bits.update(found)
        groups = _expected(judged, bits)
        if moved * NATURAL < STILL:
            break
    with_dates = [group for group in groups if any(key[0] == "birth" for key in group.levels)]
    everyone = sum(group.pairs for group in groups)
    refuse_collapse(sum(each.same for each in groups) / everyone, sum(each.same for each in with_dates), agreeing)
    return Estimate(bits, groups, kept)


def _can_be_judged(levels: Iterable[Key]) -> bool:
    """Tell whether dates of birth or ages judge a pair, and no exact rule has made use of them."""
    held = dict(levels)
    full = held["name"].startswith("full_")
    return "identifier" not in held and ("age" in held or ("birth" in held and not full))


def _expected(judged: Mapping[tuple[Key, ...], int], bits: Bits) -> list[Group]:
    """Return the pairs with how many of them are expected to be one person."""
    return [Group(levels, pairs, pairs * likely(odds_of(levels, bits))) for levels, pairs in judged.items()]


def _kept(groups: Iterable[Group], old: Bits) -> dict[Key, str]:
    """Say of which levels too little is known to move them."""
    numbers = counted(groups)
    found = {key: CANNOT_TELL if key in UNKNOWABLE else too_few(*numbers.get(key, (0, 0.0))) for key in old}
    return {key: why for key, why in found.items() if why}


def _judged_anew(groups: Iterable[Group], free: Iterable[Key], old: Bits, bits: Bits) -> dict[Key, float]:
    """Fit what names, numbers, places and company say to what is expected of the pairs."""
    together: dict[tuple[Key, ...], list[float]] = defaultdict(lambda: [0, 0.0])
    for group in groups:
        held = together[tuple(key for key in group.levels if key[0] in JUDGED)]
        held[0] += group.pairs
        held[1] += group.same
    keys = [key for key in free if key[0] in JUDGED]
    fit = fitted([Group(levels, int(n), same) for levels, (n, same) in together.items()], keys, old, DRAWN, bits)
    return {key: fit[key] for key in keys}


def _judges_anew(groups: Iterable[Group], free: Iterable[Key]) -> dict[Key, float]:
    """Count how often dates and ages agree in one person and in two; a pair more at each level keeps 0 away."""
    same: dict[Key, float] = defaultdict(lambda: 1.0)
    others: dict[Key, float] = defaultdict(lambda: 1.0)
    alike: dict[str, float] = defaultdict(lambda: 3.0)
    unlike: dict[str, float] = defaultdict(lambda: 3.0)
    for group in groups:
        for key in group.levels:
            if key[0] in JUDGES:
                same[key] += group.same
                others[key] += group.pairs - group.same
                alike[key[0]] += group.same
                unlike[key[0]] += group.pairs - group.same
    return {
        key: math.log2(same[key] / alike[key[0]]) - math.log2(others[key] / unlike[key[0]])
        for key in free
        if key[0] in JUDGES
    }
