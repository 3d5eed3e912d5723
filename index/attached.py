"""Who newcomers are, read from the links they have: what was linked before stays as it is until the night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.groups import RANGE
from index.linking_types import JOIN, KEEP, Link
from index.newcomers import Attached, Newcomer
from index.people import MentionRow
from index.resolve import RULES

LATER = "joined to another first; the next build weighs it anew"


def attached(newcomers: Sequence[Newcomer], near: Mapping[int, MentionRow], links: Sequence[Link]) -> Attached:
    """Read who newcomers are from the links they have, the surest first.

    A newcomer that fits two known persons joins the one it fits best, and may be the other.

    Args:
        newcomers: those attached together.
        near: known mentions by number; every link of a newcomer is with one of them or with a newcomer.
        links: of newcomers and of others, which are left out.
    """
    rank_of = {each.number: each.visibility.rank for each in newcomers}
    mine = sorted((each for each in links if {each.first, each.second} & rank_of.keys()), key=_sureness)
    cells: dict[int, int] = {}
    together = {number: number for number in rank_of}
    kept: list[Link] = []
    joined: list[tuple[int, int, int]] = []

    def root(number: int) -> int:
        while together[number] != number:
            number = together[number]
        return number

    for each in mine:
        new, other = (each.first, each.second) if each.first in rank_of else (each.second, each.first)
        if each.level != JOIN:
            kept.append(each)
            continue
        if other in rank_of:
            ends = sorted((root(new), root(other)), key=lambda end: (rank_of[end], end))
            known = {cells[end] for end in ends if end in cells}
            if each.rank > max(rank_of[end] for end in ends) or len(known) > 1:
                kept.append(_later(each))
                continue
            together[ends[1]] = ends[0]
            for group in known:
                cells[ends[0]] = group
            kept.append(each)
            continue
        head, group = root(new), near[other].grp
        open_enough = _rank_of_group(group) <= rank_of[head] and each.rank <= rank_of[head]
        if cells.get(head, group) != group or (not open_enough and head in cells):
            kept.append(_later(each))
        elif open_enough:
            cells[head] = group
            kept.append(each)
        else:
            joined.append((max(each.rank, _rank_of_group(group)), head, group))
            kept.append(each)
    return Attached(
        {number: cells[root(number)] for number in rank_of if root(number) in cells},
        {number: root(number) for number in rank_of if root(number) != number},
        kept,
        joined,
    )


def _sureness(each: Link) -> tuple[object, ...]:
    """Sort links that join before those that do not, people's word and exact rules first, then the weightiest."""
    rule = RULES.index(each.rule) if each.rule in RULES else len(RULES) if each.bits else -1
    return each.level != JOIN, rule, -each.bits, each.first, each.second


def _later(each: Link) -> Link:
    """Return a link that joins as one that is only shown."""
    return each._replace(level=KEEP, why="; ".join(filter(None, (each.why, LATER))))


def _rank_of_group(group: int) -> int:
    """Return the rank of the most open label that knows a group."""
    return (group - 1) // RANGE
