"""Who newcomers are, read from the links they have: what was linked before stays as it is until the night.

Newcomers that are one person are so for whoever may know it, and no sooner: a number of a group must not tell of
mentions out of scope, so each takes the cell of whom it is joined to as openly as itself, and what only more closed
labels know is written down as joined from their rank on (index/linking_types.py). However they are joined, newcomers
lead to one person known before: whom else they fit, they may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from index.groups import RANGE
from index.linking_types import JOIN, KEEP, Link
from index.newcomers import Attached, Newcomer
from index.resolve import RULES

LATER = "joined to another first; the next build weighs it anew"
TOP = 10**9
"""A rank past every label's: what is one person for anybody at all."""

Head = Callable[[int, int], int]


def attached(newcomers: Sequence[Newcomer], cells: Mapping[int, int], head: Head, links: Iterable[Link]) -> Attached:
    """Read who newcomers are from the links they have, the surest first.

    Args:
        newcomers: those attached together.
        cells: known mention -> its cell, as the build numbers it.
        head: returns the group that a cell is of for whoever sees as far as a rank; TOP: for anybody.
        links: of newcomers and of others, which are left out.
    """
    return _Attaching({each.number: each.visibility.rank for each in newcomers}, cells, head).read(links)


class _Attaching:
    """One reading of links.

    What is known to more is read first: no closed link keeps an open one from joining.
    """

    def __init__(self, rank_of: Mapping[int, int], cells: Mapping[int, int], head: Head) -> None:
        self._rank_of, self._cells, self._head = rank_of, cells, head
        self._family: dict[int, int] = {}  # newcomer -> the first of those it is one person with for anybody
        self._known: dict[int, int] = {}  # of those: the known person they lead to
        self._same: dict[int, int] = {}  # newcomer -> the one whose cell it shares
        self._cell: dict[int, int] = {}  # of those: the known cell they take
        self._further: dict[int, int] = {}  # of those without: a known cell they are one with for some
        self._joined: list[tuple[int, int, int]] = []
        self._joined_new: list[tuple[int, int, int]] = []

    def read(self, links: Iterable[Link]) -> Attached:
        """Read the links."""
        mine = (each for each in links if each.first in self._rank_of or each.second in self._rank_of)
        kept = [
            each if each.level != JOIN or self._take(each) else _later(each)
            for each in sorted(mine, key=lambda each: (self._known_from(each), *_sureness(each)))
        ]
        roots = {number: _first(self._same, number) for number in self._rank_of}
        return Attached(
            {number: self._cell[root] for number, root in roots.items() if root in self._cell},
            {number: root for number, root in roots.items() if root != number},
            kept,
            self._joined,
            self._joined_new,
        )

    def _known_from(self, link: Link) -> int:
        """Return the rank from which on a link, and both it joins, may be known."""
        return max(link.rank, self._rank_at(link.first), self._rank_at(link.second))

    def _rank_at(self, number: int) -> int:
        """Return the rank from which on a newcomer, or the cell of a known mention, may be known."""
        return self._rank_of[number] if number in self._rank_of else (self._cells[number] - 1) // RANGE

    def _take(self, link: Link) -> bool:
        """Join what a link joins; tell whether it may: it must not make one of two persons known before."""
        one, other = (link.first, link.second) if link.first in self._rank_of else (link.second, link.first)
        ends = sorted({_first(self._family, each) for each in (one, other) if each in self._rank_of})
        known = {self._known[end] for end in ends if end in self._known}
        if other not in self._rank_of:
            known.add(self._head(TOP, self._cells[other]))
        if len(known) > 1 or not self._share(one, other, self._known_from(link)):
            return False
        for end in ends:
            self._family[end] = ends[0]
        self._known.update(dict.fromkeys(ends[:1], *known) if known else {})
        return True

    def _share(self, one: int, other: int, rank: int) -> bool:
        """Let a newcomer and another, or a known mention, be one from a rank on; tell whether they may."""
        mine = _first(self._same, one)
        if other not in self._rank_of:
            return self._share_known(mine, self._cells[other], rank)
        first, second = sorted((mine, _first(self._same, other)), key=lambda each: (self._rank_of[each], each))
        if first in self._cell and second in self._cell:
            return self._is_one(self._cell[first], self._cell[second], rank)
        if first != second and self._rank_of[first] == self._rank_of[second] and second in self._cell:
            first, second = second, first
        if first != second and rank <= self._rank_of[second] and second not in self._cell:
            self._same[second] = first
        elif first != second:
            self._joined_new.append((rank, first, second))
        return True

    def _share_known(self, mine: int, cell: int, rank: int) -> bool:
        """Let newcomers take a known cell where all who see them may know it, or be one with it for those who may."""
        held = self._cell.get(mine, self._further.get(mine))
        if held is not None and not self._is_one(held, cell, rank):
            return False
        if mine not in self._cell and rank <= self._rank_of[mine]:
            self._cell[mine] = cell
        elif mine not in self._cell:
            self._further[mine] = cell
            self._joined.append((rank, mine, cell))
        return True

    def _is_one(self, cell: int, other: int, rank: int) -> bool:
        """Tell whether two cells are one person for those who see as far as a rank."""
        return self._head(rank, cell) == self._head(rank, other)


def _first(above: Mapping[int, int], number: int) -> int:
    """Return where the chain from a number ends."""
    while number in above and above[number] != number:
        number = above[number]
    return number


def _sureness(each: Link) -> tuple[object, ...]:
    """Sort links that join before those that do not, people's word and exact rules first, then the weightiest."""
    rule = RULES.index(each.rule) if each.rule in RULES else len(RULES) if each.bits else -1
    return each.level != JOIN, rule, -each.bits, each.first, each.second


def _later(each: Link) -> Link:
    """Return a link that joins as one that is only shown."""
    return each._replace(level=KEEP, why="; ".join(filter(None, (each.why, LATER))))
