"""What keeps training from running away: few pairs, large changes, levels out of order, and a wrong idea of all.

An index without labels lets an estimate drift: in a set with few duplicates, plain expectation-maximisation ends up
calling households, or one street, one person. Each guard here is a plain rule with a sentence that is printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from discoverer.errors import TrainingRefused
from index.linking_levels import NO_NAME, ORDERS
from index.training_types import Bits, Key

# Fewer pairs than this at a level, or fewer of them one person, or two, and chance decides: ten give a weight a
# standard error of about half a bit.
FEWEST_PAIRS = 50
FEWEST_EITHER_WAY = 10
# Bits by which a level may change in one training, twice as telling or half: more is more often a fault of the index (a
# placeholder taken for a date, a switchboard for a number) than of the weights. Whoever trusts it trains again.
MOST_CHANGE = 1.0
# Pairs whose dates of birth agree, without which nothing anchors what is learnt without labels.
FEWEST_AGREEING = 50
# How many times more, or fewer, pairs may come out as one person than have dates of birth that agree.
MOST_TIMES = 2.0
# Shares of all pairs at which nearly none, or nearly all, are said to be one person.
NEARLY_NONE, NEARLY_ALL = 0.0005, 0.95
# What a level weighs that may not move, where others are put in order around it.
_UNMOVED = 1e12

FEW = f"kept: fewer than {FEWEST_PAIRS} pairs"
ONE_SIDED = f"kept: fewer than {FEWEST_EITHER_WAY} pairs of one person, or of two"
HELD_TO_CHANGE = f"held: at most {MOST_CHANGE:g} bit of change in one training"
HELD_TO_ORDER = "held: never above what agrees better, nor below what agrees worse"


def too_few(pairs: int, same: float) -> str:
    """Say why a level keeps its bits; '' where enough is known of it.

    Args:
        pairs: int >= 0, it holds for.
        same: 0 to pairs, of them one person.
    """
    if pairs < FEWEST_PAIRS:
        return FEW
    return ONE_SIDED if min(same, pairs - same) < FEWEST_EITHER_WAY else ""


def bounded(old: float, new: float) -> float:
    """Return new bits, no further from the old ones than one training may take them."""
    return max(old - MOST_CHANGE, min(old + MOST_CHANGE, new))


def in_order(bits: Bits, kept: Mapping[Key, str], pairs: Mapping[Key, int]) -> dict[Key, float]:
    """Return bits of which none stand above what agrees better: those that would are given their common mean.

    No name in common stands below every name; where it may not move, names stop falling at it.

    Args:
        bits: of all levels.
        kept: the levels that may not move.
        pairs: how many pairs each level rests on: what it weighs in a mean.
    """
    found = dict(bits)
    for order in ORDERS:
        weights = [_UNMOVED if key in kept else float(max(pairs.get(key, 0), 1)) for key in order]
        found.update(zip(order, _falling([bits[key] for key in order], weights), strict=True))
    names = [key for key in found if key[0] == NO_NAME[0] and key != NO_NAME]
    if NO_NAME not in kept:
        found[NO_NAME] = min(found[key] for key in (*names, NO_NAME))
    else:
        found.update({key: max(found[key], found[NO_NAME]) for key in names if key not in kept})
    return found


def _falling(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Return the values nearest to some that never rise: neighbours that do are pooled (Barlow and others, 1972)."""
    pools: list[tuple[float, float, int]] = []  # (mean, weight, how many)
    for value, weight in zip(values, weights, strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-1][0] > pools[-2][0]:
            (mean, heavy, count), (before, heavier, counted) = pools.pop(), pools.pop()
            total = heavy + heavier
            pools.append(((mean * heavy + before * heavier) / total, total, count + counted))
    return [mean for mean, _, count in pools for _ in range(count)]


def refuse_without_anchor(agreeing: int) -> None:
    """Refuse to learn without labels from an index in which hardly any two dates of birth agree.

    Args:
        agreeing: int >= 0, pairs of persons whose dates of birth are the same or a slip apart.

    Raises:
        TrainingRefused: they are too few.
    """
    if agreeing < FEWEST_AGREEING:
        raise TrainingRefused(
            f"the dates of birth of only {agreeing} pairs of persons agree, and {FEWEST_AGREEING} are needed to learn"
            " without labels, so nothing was written; train on a larger index, or give labelled pairs with --truth."
        )


def refuse_collapse(share: float, found: float, agreeing: int) -> None:
    """Refuse an estimate that has run away from what the dates of birth show.

    Args:
        share: 0 to 1, of all pairs that came out as one person.
        found: of the pairs that both have dates of birth, how many came out as one person.
        agreeing: int >= 1, of the same pairs, how many have dates that agree.

    Raises:
        TrainingRefused: nearly none or nearly all of the pairs came out as one person, or far more or fewer than agree.
    """
    if not NEARLY_NONE <= share <= NEARLY_ALL:
        raise TrainingRefused(
            f"the estimate collapsed: {share:.2%} of the pairs came out as one person, so nothing was written;"
            " give labelled pairs with --truth."
        )
    if not agreeing / MOST_TIMES <= found <= agreeing * MOST_TIMES:
        raise TrainingRefused(
            f"the estimate ran away: {found:,.0f} pairs came out as one person where the dates of birth of {agreeing:,}"
            " agree, so nothing was written; give labelled pairs with --truth."
        )
