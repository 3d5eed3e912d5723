"""What the history of one answer is made from, read in bulk: the records of its hits and everyone in them.

One answer has ten hits whose records overlap; each record and each set of mentions is read once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from discoverer.found import Found
from discoverer.held import Held
from discoverer.model import Record
from index.people import MentionRow
from index.reader import Reader

Place = tuple[int, int]
"""(segment, n) of a record."""


class Depth(NamedTuple):
    """How much of a history is read.

    Attributes:
        records: int, the most recent records listed and made into entries; those that weigh are always read (what
            weighs: index/weighty.py).
        linked: int, of how many of them the other people, addresses and numbers are read.
        events: int, how many events are shown.
        people: int, how many linked people, addresses, numbers and holders are shown.
        lapsed: int, how many orders, markers and warrants that have ended are shown.
    """

    records: int
    linked: int
    events: int
    people: int
    lapsed: int


SEARCH = Depth(records=200, linked=40, events=25, people=12, lapsed=25)
SHOW = Depth(records=200, linked=200, events=50, people=40, lapsed=25)
WHOLE = Depth(records=100_000, linked=2_000, events=100_000, people=1_000, lapsed=100_000)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose history it is: a person, place or number found, and its mentions.

    Attributes:
        found: as the search found it.
        rows: tuple[MentionRow, ...], its mentions, the likest first, then the most recent; undated last.
        held: tuple[Held, ...], its records in that order, with its positions in each.
        near: tuple[Place, ...], the records whose other mentions are read.
    """

    found: Found
    rows: tuple[MentionRow, ...]
    held: tuple[Held, ...]
    near: tuple[Place, ...]

    @property
    def mine(self) -> frozenset[int]:
        """The numbers of its mentions that were read."""
        return frozenset(row.m for row in self.rows)


@dataclass(slots=True)
class Material:
    """Records and mentions of one answer.

    Attributes:
        records: place -> Record, as far as it is in scope.
        mentions: place -> every mention in scope there, of the records near a subject.
        places: (source, ref) -> place.
        people: place -> position -> the person who stands there, of records whose mentions are not read whole.
    """

    records: dict[Place, Record]
    mentions: dict[Place, list[MentionRow]] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    people: dict[Place, dict[int, int]] = field(default_factory=dict)

    def add(self, records: dict[Place, Record], rows: Iterable[MentionRow]) -> None:
        """Add records and the mentions of some records."""
        self.records.update(records)
        self.places.update({(record.source, record.ref): place for place, record in records.items()})
        gathered: dict[Place, list[MentionRow]] = defaultdict(list)
        for row in rows:
            gathered[row.segment, row.n].append(row)
        self.mentions.update(gathered)

    def add_people(self, rows: Iterable[MentionRow]) -> None:
        """Note who stands where, of people alone."""
        for row in rows:
            self.people.setdefault((row.segment, row.n), {}).setdefault(row.position, row.grp)

    def group_at(self, record: Record, position: int | None) -> int | None:
        """Return the person who stands at a position of a record; None when nobody in scope does."""
        where = self.places.get((record.source, record.ref))
        if position is None or where is None:
            return None
        if where in self.people:
            return self.people[where].get(position)
        rows = self.mentions.get(where, [])
        return next((row.grp for row in rows if row.position == position and row.kind == "person"), None)


def rows_of(reader: Reader, found: Found, depth: Depth) -> list[MentionRow]:
    """Read a group's mentions: the most recent, and every one that weighs, however old."""
    recent = reader.members(found.group, depth.records if found.only is None else depth.records + len(found.only))
    rows = {row.m: row for row in (*recent, *reader.weighty_members(found.group))}
    mine = [row for row in rows.values() if found.only is None or row.m in found.only]
    likest = {m: place for place, m in enumerate(found.likest)}
    mine.sort(key=lambda row: (likest.get(row.m, len(likest)), row.m))
    mine.sort(key=lambda row: row.at, reverse=True)
    return mine


def read(reader: Reader, found: Collection[Found], depth: Depth) -> tuple[Material, list[Subject]]:
    """Read what the histories of these are made from.

    Returns:
        (the material; one subject for each found, in order; an event's holds its record whole).
    """
    rows = {order: rows_of(reader, each, depth) for order, each in enumerate(found) if each.event is None}
    wanted = [(row.segment, row.n) for each in rows.values() for row in each]
    wanted += [each.event for each in found if each.event is not None]
    records = reader.records(wanted)
    material = Material({})
    subjects = []
    for order, each in enumerate(found):
        kept = tuple(row for row in rows.get(order, []) if (row.segment, row.n) in records)
        subjects.append(_subject(each, kept, records, depth))
    near = {place for subject in subjects for place in subject.near}
    material.add(records, reader.everyone_in(near))
    return material, subjects


def _subject(found: Found, rows: tuple[MentionRow, ...], records: dict[Place, Record], depth: Depth) -> Subject:
    """Make a subject of the rows in scope."""
    if found.event is not None:
        return Subject(found, (), (Held(records[found.event], None),), (found.event,))
    places = list(dict.fromkeys((row.segment, row.n) for row in rows))
    weighty = list(dict.fromkeys((row.segment, row.n) for row in rows if row.weighty))
    near = dict.fromkeys((*places[: depth.linked], *weighty[: depth.linked]))
    whole = found.kind.value != "person"
    return Subject(found, rows, held_of(rows, records, whole=whole), tuple(near))


def held_of(rows: Iterable[MentionRow], records: dict[Place, Record], *, whole: bool) -> tuple[Held, ...]:
    """Return each record that was read once, with the subject's positions in it (None: the record as a whole)."""
    positions: dict[Place, set[int]] = {}
    for row in rows:
        if (row.segment, row.n) in records:
            positions.setdefault((row.segment, row.n), set()).add(stands_at(row))
    return tuple(Held(records[where], None if whole else frozenset(mine)) for where, mine in positions.items())


def stands_at(row: MentionRow) -> int:
    """Return the position of the record's own mention: the second of two people in one field stands where it does."""
    return row.holder if row.kind == "person" and row.holder is not None else row.position
