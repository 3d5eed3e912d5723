"""What a search has found before its records are read, and the order it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import neg

from discoverer.answer import HitKind
from discoverer.match.evidence import LEVELS, Scored
from index.people import DocRow


@dataclass(frozen=True, slots=True)
class Found:
    """A group or event that may be what was asked for, before its records are read.

    Attributes:
        kind: HitKind.
        group: int, the group's number; of an event its order among those found.
        event: (segment, n) of an event, else None.
        scored: its evidence and level.
        risk: int 0 to 3.
        latest: str, ISO.
        likest: tuple[int, ...], mentions of a place, those written most like what was asked first: stands between
            mentions of one date.
        only: the mentions of the group this is about, where links out of scope held it together; None: all.
        instead_of: str, the number typed that this is not: a number near it, or somebody known by such a number alone;
            '' of everything else.
        very: bool, of a place: its whole door was asked for, to the letter.
    """

    kind: HitKind
    group: int
    event: tuple[int, int] | None
    scored: Scored
    risk: int
    latest: str
    only: frozenset[int] | None = None
    likest: tuple[int, ...] = ()
    instead_of: str = ""
    very: bool = False


def order(each: Found) -> tuple[object, ...]:
    """Sort by level, score, risk, recency, then number, so that equal runs give equal answers."""
    recency = tuple(map(neg, map(ord, each.latest)))
    return LEVELS.index(each.scored.level), -round(each.scored.bits, 1), -each.risk, recency, each.kind, each.group


def standing(each: Found) -> tuple[object, ...]:
    """Sort what was asked for before other people's: the numbers near one typed, then whoever is known by them alone.

    Strangers between the cards of the right person have been taken for that person.
    """
    return bool(each.instead_of), bool(each.instead_of) and each.kind is HitKind.PERSON, order(each)


def grouped(docs: Iterable[DocRow]) -> dict[int, list[DocRow]]:
    """Gather the documents of each group: one for each label in scope."""
    groups: dict[int, list[DocRow]] = {}
    for doc in docs:
        if doc.grp is not None:
            groups.setdefault(doc.grp, []).append(doc)
    return groups


def found_of(kind: HitKind, group: int, docs: Sequence[DocRow], scored: Scored) -> Found:
    """Make the Found of a group."""
    return Found(kind, group, None, scored, max(doc.risk for doc in docs), max(doc.latest for doc in docs))
