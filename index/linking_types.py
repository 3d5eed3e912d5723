"""The values linking takes and gives."""

from __future__ import annotations

from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.model import SUSPECTS, VICTIMS, Role

# People said so: it is no rule, and stands above them.
DECIDED = "decided"
# Evidence weighed against each other, by Splink and a model.
WEIGHED = "weighed"
# A link that joins, and one that is only shown.
JOIN, KEEP = "join", "keep"


class Candidate(NamedTuple):
    """A person mention as linking sees it.

    Attributes:
        number: int, the mention's number in this build.
        visibility: str, its label.
        profile: its cleaned values.
        doors: canonical addresses with their area.
        scenes: addresses without their area of the record's own places, as open as the mention.
        company: full names of the other people of its record, as open as the mention.
        record: which record it stands in; None: not known.
        side: 'victim' or 'suspect' of it; '' for any other part.
    """

    number: int
    visibility: str
    profile: PersonProfile
    doors: tuple[str, ...]
    scenes: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    record: tuple[int, int] | None = None
    side: str = ""


def side_of(role: Role) -> str:
    """Return the side of somebody in a record: 'victim', 'suspect', or '' for any other part."""
    return "victim" if role in VICTIMS else "suspect" if role in SUSPECTS else ""


class Link(NamedTuple):
    """Two mentions that are, or may be, one person.

    Attributes:
        first, second: int, mention numbers, first < second; the link rests on their records.
        rule: str, an exact rule, DECIDED or WEIGHED.
        level: str, JOIN: it counts; KEEP: it is shown as possible and never joins.
        bits: float, what was weighed; 0.0 where a rule or people joined.
        why: str, the reasons in words.
        rank: int, of the label from which on it is known: what it rests on may be as closed as that.
    """

    first: int
    second: int
    rule: str
    level: str = JOIN
    bits: float = 0.0
    why: str = ""
    rank: int = 0


class Pair(NamedTuple):
    """Two rows and what comparing them gave.

    Attributes:
        first, second: int, the rows' roots, first < second.
        bits: float, all levels together.
        levels: for each comparison the place of its level; -1: one of the two says nothing.
    """

    first: int
    second: int
    bits: float
    levels: tuple[int, ...]


class Settled(NamedTuple):
    """What people have ruled and confirmed, as pairs of mention numbers, first < second.

    A ruling counts only for those who may see both its mentions.

    Attributes:
        same: pairs that are one person, whatever their facts say.
        apart: pairs that are two people: no chain of links may join them.
        odd: (one, the other) of those pairs in which the other was named as the one that does not belong: a mention
            that fits both stays with the first.
    """

    same: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    odd: frozenset[tuple[int, int]] = frozenset()


NOTHING_SETTLED = Settled()


class Linked(NamedTuple):
    """Mentions linked into persons.

    Attributes:
        links: in order of label, rule and mention.
        cells: mention number -> its person as those see it who may see no more than it, named by the first mention of
            the most open label in it.
        joins: (rank of visibility, cell, the cell it is one person with for those who see that far), where another.
        unmet: pairs settled as the same that another ruling keeps apart: people contradict each other.
    """

    links: list[Link]
    cells: dict[int, int]
    joins: list[tuple[int, int, int]]
    unmet: list[tuple[int, int]]
