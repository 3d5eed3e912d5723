"""A few rows compared without Splink: the same levels by the same conditions, for sets so small that it would not pay.

tests/test_linking.py holds the two to the same pairs, bits and levels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

from index.linking_levels import Absent, Comparison, Shared, Spans
from index.linking_rows import Row
from index.linking_types import Pair


def pairs_in_blocks(rows: Iterable[Row]) -> set[tuple[int, int]]:
    """Return the places of every two rows that share a block key, at least one of them fresh."""
    blocks: dict[int, list[int]] = defaultdict(list)
    held = list(rows)
    for place, row in enumerate(held):
        for key in dict.fromkeys(row.blocks):
            blocks[key].append(place)
    return {
        (a, b) for members in blocks.values() for a, b in combinations(members, 2) if held[a].fresh or held[b].fresh
    }


def weighed(rows: Sequence[Row], comparisons: Sequence[Comparison], least: float) -> list[Pair]:
    """Compare all rows that share a block key, at least one of them fresh; return the pairs of `least` bits or more."""
    found = []
    for a, b in sorted(pairs_in_blocks(rows)):
        one, other = sorted((rows[a], rows[b]), key=lambda row: row.root)
        levels = tuple(_level(each, one, other) for each in comparisons)
        bits = sum(each.levels[at].bits for each, at in zip(comparisons, levels, strict=True) if at >= 0)
        if bits >= least:
            found.append(Pair(one.root, other.root, bits, levels))
    return found


def _level(comparison: Comparison, one: Row, other: Row) -> int:
    """Return the place of the level that holds, -1 where one of the two says nothing."""
    if comparison.absent and (_absent(comparison.absent, one) or _absent(comparison.absent, other)):
        return -1
    if comparison.unless and one.columns.get(comparison.unless) and other.columns.get(comparison.unless):
        return -1
    for place, level in enumerate(comparison.levels):
        if level.condition is None or _holds(level.condition, one, other):
            return place
    raise ValueError(f"the last level of {comparison.name} must take what is left")


def _absent(absent: Absent, row: Row) -> bool:
    return not any(row.years if column == "low" else row.columns.get(column) for column in absent.columns)


def _holds(condition: Shared | Spans, one: Row, other: Row) -> bool:
    if isinstance(condition, Spans):
        (low, high), (low_held, high_held) = one.years or (0, 0), other.years or (0, 0)
        return low <= high_held + condition.slack and low_held <= high + condition.slack
    return any(
        not set(one.columns.get(mine, ())).isdisjoint(other.columns.get(theirs, ()))
        for mine, theirs in condition.columns
    )
