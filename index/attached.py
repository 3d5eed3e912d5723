"""Who newcomers are, read from the links they have: what was linked before stays as it is until the night.

Newcomers that are one person are so for whoever may know it, and no sooner: a number of a group must not tell of
mentions out of scope, so each takes the cell of whom it is joined to as openly as itself, and what only more closed
labels know is written down as joined for those who read them (index/linking_types.py). However they are joined,
newcomers lead to one person known before: whom else they fit, they may be. That is so for the readers of each label by
themselves: what those of one know keeps nobody from being joined for those of another who do not read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from discoverer.model import Visibility, most_closed
from index.groups import label_of
from index.linking_types import JOIN, KEEP, Link
from index.newcomers import Attached, Newcomer
from index.resolve import RULES

LATER = "joined to another first; the next build weighs it anew"
Head = Callable[[int, int], int]


def attached(newcomers: Sequence[Newcomer], cells: Mapping[int, int], head: Head, links: Iterable[Link]) -> Attached:
    """Read who newcomers are from the links they have, the surest first.

    Args:
        newcomers: those attached together.
        cells: known mention -> its cell, as the build numbers it.
        head: returns the group that a cell is of for the readers of the label of a rank.
        links: of newcomers and of others, which are left out.
    """
    return _Attaching({each.number: each.visibility for each in newcomers}, cells, head).read(links)


class _Attaching:
    """One reading of links.

    What is known to more is read first: no closed link keeps an open one from joining.
    """

    def __init__(self, labels: Mapping[int, Visibility], cells: Mapping[int, int], head: Head) -> None:
        self._label_of, self._cells, self._head = labels, cells, head
        self._families = {label: _Families() for label in Visibility}
        self._same: dict[int, int] = {}  # newcomer -> the one whose cell it shares
        self._cell: dict[int, int] = {}  # of those: the known cell they take
        self._joined: list[tuple[int, int, int]] = []
        self._joined_new: list[tuple[int, int, int]] = []

    def read(self, links: Iterable[Link]) -> Attached:
        """Read the links."""
        mine = (each for each in links if each.first in self._label_of or each.second in self._label_of)
        kept = [
            each if each.level != JOIN or self._take(each) else _later(each)
            for each in sorted(mine, key=lambda each: (self._known_from(each).rank, *_sureness(each)))
        ]
        roots = {number: _first(self._same, number) for number in self._label_of}
        return Attached(
            {number: self._cell[root] for number, root in roots.items() if root in self._cell},
            {number: root for number, root in roots.items() if root != number},
            kept,
            self._joined,
            self._joined_new,
        )

    def _known_from(self, link: Link) -> Visibility:
        """Return the label from which on a link, and both it joins, may be known."""
        return most_closed(tuple(Visibility)[link.rank], self._label_at(link.first), self._label_at(link.second))

    def _label_at(self, number: int) -> Visibility:
        """Return the label from which on a newcomer, or the cell of a known mention, may be known."""
        return self._label_of[number] if number in self._label_of else label_of(self._cells[number])

    def _take(self, link: Link) -> bool:
        """Join what a link joins; tell whether it may: it must not make one of two persons known before.

        Whoever reads more may find that it does: that is theirs to see, and must not be told to others by its absence.
        """
        one, other = (link.first, link.second) if link.first in self._label_of else (link.second, link.first)
        label = self._known_from(link)
        if len(self._leads_to(one, other, label)) > 1 or not self._share(one, other, label):
            return False
        for each in label.above:
            self._families[each].join(self._newcomers(one, other), sorted(self._leads_to(one, other, each)))
        return True

    def _leads_to(self, one: int, other: int, label: Visibility) -> set[int]:
        """Return the known persons that two lead to, as the readers of a label see them."""
        families = self._families[label]
        known = {families.known[end] for end in families.ends(self._newcomers(one, other)) if end in families.known}
        if other not in self._label_of:
            known.add(self._cells[other])
        return {self._head(label.rank, cell) for cell in known}

    def _newcomers(self, *numbers: int) -> list[int]:
        """Return those that are newcomers."""
        return [each for each in numbers if each in self._label_of]

    def _share(self, one: int, other: int, label: Visibility) -> bool:
        """Let a newcomer and another, or a known mention, be one from a label on; tell whether they may."""
        mine = _first(self._same, one)
        if other not in self._label_of:
            return self._share_known(mine, self._cells[other], label)
        first, second = sorted((mine, _first(self._same, other)), key=lambda each: (self._label_of[each].rank, each))
        if first in self._cell and second in self._cell:
            return self._is_one(self._cell[first], self._cell[second], label)
        if first != second and self._label_of[first] is self._label_of[second] and second in self._cell:
            first, second = second, first
        if first != second and self._label_of[second].contains(label) and second not in self._cell:
            self._same[second] = first
        elif first != second:
            self._joined_new.append((label.rank, first, second))
        return True

    def _share_known(self, mine: int, cell: int, label: Visibility) -> bool:
        """Let newcomers take a known cell where all who see them may know it, or be one with it for those who may."""
        held = self._cell.get(mine)
        if held is not None and not self._is_one(held, cell, label):
            return False
        if held is None and self._label_of[mine].contains(label):
            self._cell[mine] = cell
        elif held is None:
            self._joined.append((label.rank, mine, cell))
        return True

    def _is_one(self, cell: int, other: int, label: Visibility) -> bool:
        """Tell whether two cells are one person for those who read a label."""
        return self._head(label.rank, cell) == self._head(label.rank, other)


class _Families:
    """Newcomers that are one person, and whom they lead to, for the readers of one label.

    Attributes:
        known: first of those that are one -> a cell of the known person they lead to.
    """

    def __init__(self) -> None:
        self.known: dict[int, int] = {}
        self._family: dict[int, int] = {}

    def ends(self, newcomers: Iterable[int]) -> list[int]:
        """Return the first of those that each is one person with."""
        return sorted({_first(self._family, each) for each in newcomers})

    def join(self, newcomers: Sequence[int], known: Iterable[int]) -> None:
        """Let newcomers be one person, who leads to those known."""
        ends = self.ends(newcomers)
        for end in ends:
            self._family[end] = ends[0]
        for each in known:
            self.known[ends[0]] = each


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
