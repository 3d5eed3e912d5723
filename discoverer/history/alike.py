"""Who a person may also be: likely, not sure, or refused by a guard. Shown beside them, never merged into them.

What the other holds (a high risk, an order, a warrant) is said, since it may be this person's; it stands in none of
this person's counts, and makes a badge only 'possible'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from discoverer.headlines import victims_words
from discoverer.held import Held
from discoverer.history.custody import custody
from discoverer.history.household import household
from discoverer.history.material import Material, Place, Subject, held_of
from discoverer.history.wanted import served, wanted
from discoverer.inforce import live_words, orders_and_markers
from discoverer.lists import window
from discoverer.model import Record
from discoverer.parts import MayBe, Topic
from discoverer.risk import headline
from index.people import MentionRow
from index.reader import PossibleLink, Reader

# Of each person, the most recent records read for events; those that weigh are all read, for orders and risk.
RECENT = 60
_DANGERS = (Topic.ORDER, Topic.WANTED, Topic.CUSTODY, Topic.WEAPON, Topic.ACTION, Topic.MARKER)


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody a person may also be.

    Attributes:
        group: int.
        link: the likeliest between the two.
        held: their records that were read, the most recent first.
        rows: their mentions there.
    """

    group: int
    link: PossibleLink
    held: tuple[Held, ...]
    rows: tuple[MentionRow, ...]


@dataclass(slots=True)
class Likenesses:
    """Who the people of one answer may also be.

    Attributes:
        of: person -> those they may also be, the likeliest first, at most the limit.
        totals: person -> how many there are.
        records: place -> Record, of those and of what the likenesses rest on.
    """

    of: dict[int, list[Alike]] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)
    records: dict[Place, Record] = field(default_factory=dict)

    @property
    def groups(self) -> set[int]:
        """Everybody anyone of the answer may also be."""
        return {each.group for found in self.of.values() for each in found}

    @property
    def held(self) -> list[Held]:
        """Every record of anybody anyone of the answer may also be."""
        return [held for found in self.of.values() for each in found for held in each.held]


def read(reader: Reader, subjects: Iterable[Subject], known: Mapping[Place, Record]) -> Likenesses:
    """Read who the people of an answer may also be, and their records, at once.

    Args:
        reader: scoped.
        subjects: the hits; only people may be somebody else.
        known: records read already.
    """
    found = Likenesses()
    nearest: dict[int, list[PossibleLink]] = {}
    for subject in subjects:
        if subject.found.kind.value == "person":
            links = _nearest(reader, subject)
            nearest[subject.found.group] = links[: window("may_be")]
            found.totals[subject.found.group] = len(links)
    links = [link for each in nearest.values() for link in each]
    rows = reader.of_groups({link.other.grp for link in links}, RECENT) if links else []
    places = {(row.segment, row.n) for row in (*rows, *(end for link in links for end in (link.mine, link.other)))}
    found.records = {place: known[place] for place in places if place in known}
    found.records.update(reader.records(places - known.keys()))
    for group, mine in nearest.items():
        found.of[group] = [_alike(link, rows, found.records) for link in mine]
    return found


def _nearest(reader: Reader, subject: Subject) -> list[PossibleLink]:
    """Return the likeliest link to each person somebody may also be.

    Two whom one record tells apart (a suspect and the victim of his surname) are no doubt.
    """
    only = subject.found.only
    best: dict[int, PossibleLink] = {}
    for link in reader.possible_links(subject.found.group):
        apart = (link.mine.segment, link.mine.n) == (link.other.segment, link.other.n)
        if not apart and (only is None or link.mine.m in only):
            best.setdefault(link.other.grp, link)
    return list(best.values())


def _alike(link: PossibleLink, rows: Iterable[MentionRow], records: dict[Place, Record]) -> Alike:
    """Gather the records of somebody."""
    theirs = [row for row in rows if row.grp == link.other.grp and (row.segment, row.n) in records]
    theirs.sort(key=lambda row: row.at, reverse=True)
    return Alike(link.other.grp, link, held_of(theirs, records, whole=False), tuple(theirs))


def shown(found: Sequence[Alike], material: Material, ids: Mapping[int, str], now: datetime) -> tuple[MayBe, ...]:
    """Put people somebody may also be into words.

    Args:
        found: in the order to be shown.
        material: their records, and those their likeness rests on.
        ids: group -> the id `show person` takes.
        now: the instant that counts as now.
    """
    return tuple(_shown(each, material, ids[each.group], now) for each in found)


def _shown(each: Alike, material: Material, ident: str, now: datetime) -> MayBe:
    """Put one person somebody may also be into words."""
    rows = each.rows or (each.link.other,)
    label = max(rows, key=lambda row: (row.found == "field", row.risk, len(row.label))).label
    places = [(end.segment, end.n) for end in (each.link.mine, each.link.other)]
    ends = [material.records[place] for place in places if place in material.records]
    cited = " and ".join(f"{record.source} {record.ref}" for record in ends)
    risk, danger = _danger(each.held, material, now)
    words = f"{label}: {each.link.why or 'much agrees'} ({cited})"
    return MayBe(
        id=ident,
        label=label,
        why=each.link.why,
        bits=each.link.bits,
        risk=risk,
        danger=danger,
        records=tuple(f"{record.source}:{record.ref}" for record in ends),
        words="; ".join((words, *danger)),
    )


def _danger(held: Sequence[Held], material: Material, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Return the gravest level somebody is assessed at as a victim, and what is dangerous or in force, in words."""
    risk = headline(held, now, who=material.group_at)
    said = [risk.highest.words] if risk.highest else []
    said += [victims_words(risk.victims_assessed)] if risk.victims_assessed else []
    found = [
        *served(orders_and_markers(held, now), held),
        *wanted(held, now),
        *custody(held, now),
        *household(held, now),
    ]
    found = [each for each in found if each.topic in _DANGERS]
    found.sort(key=lambda each: _DANGERS.index(each.topic))
    return risk.highest.level if risk.highest else "", (*said, *live_words(found))
