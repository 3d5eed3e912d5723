"""The first stage after reading: every record cleaned, its mentions and events written down.

Records are read twice: once to learn which tokens are names (so that names can be recognised in running text), once to
clean them. Both are done by whoever is free, some records at a time; numbers are given here, in the order of the
records, so that it makes no difference who did what.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from discoverer.codec import encode
from discoverer.match.profiles import EventProfile, PersonProfile, PhoneProfile, PlaceProfile
from discoverer.model import MentionKind, Record, Visibility, most_closed
from discoverer.normalise.names import read_names
from index.beside import around
from index.groups import Groups
from index.mentions import Mention, References, clean, place_identity
from index.people import MENTION_TABLE
from index.progress import Progress
from index.store import Segment, finish, open_for_building
from index.weighty import as_mask, weighs_for
from index.workers import Crew

# Records given to somebody at a time.
BATCH = 500
# A token borne by this many people in fields is taken for a name when it stands in running text.
KNOWN_AFTER = 2

SCHEMA = (
    MENTION_TABLE,
    "CREATE TABLE grp (g INTEGER PRIMARY KEY, kind TEXT, ident TEXT)",
    # A number given at first, and the one that took its place once a more open label met the group.
    "CREATE TABLE moved (old INTEGER PRIMARY KEY, g INT)",
    # Of person mentions, for linking: the id by which the outside knows it, and what its record says around it.
    "CREATE TABLE around (m INTEGER PRIMARY KEY, ident TEXT, body BLOB)",
    "CREATE TABLE event (segment INT, n INT, visibility TEXT, risk INT, latest TEXT, profile BLOB)",
    # Names, by the ranks of the labels from which on they may be known: what changes in the day is read by them too.
    "CREATE TABLE known (token TEXT, rank INT, PRIMARY KEY (token, rank)) WITHOUT ROWID",
)

Known = tuple[frozenset[str], ...]
"""For each label, by rank, the names that whoever reads it may know of."""


class Slice(NamedTuple):
    """Some records of a segment.

    Attributes:
        order: int, of the segment among those of the build.
        path: of its file.
        first, last: int, numbers of records.
    """

    order: int
    path: Path
    first: int
    last: int


class CleanMention(NamedTuple):
    """A mention laid out as a row, but for its number and its group's.

    Attributes:
        row: from its position to 'weighty', as in the table.
        value: bytes, its encoded profile.
        group: identity of its place or number; '' for a person.
        ident: of a person: the id by which the outside knows the mention; else ''.
        around: of a person: what its record says around it, encoded; else b''.
    """

    row: tuple[object, ...]
    value: bytes
    group: str
    ident: str = ""
    around: bytes = b""


class CleanRecord(NamedTuple):
    """A record's mentions, and its events: (visibility, risk, time, encoded profile)."""

    mentions: list[CleanMention]
    events: list[tuple[str, int, str, bytes]]


def write_cleaned(segments: Sequence[Segment], path: Path, on: date, progress: Progress, crew: Crew) -> dict[str, int]:
    """Clean every record of every segment.

    Args:
        segments: in the order that numbers them.
        path: of the file to be made.
        on: the day that counts as today.
        progress: told of every record, twice.
        crew: who does it.

    Returns:
        Counts of mentions, locations and phones.

    Raises:
        BuildError: the disk did not take it, or a process died.
    """
    known = _known_names(segments, progress, crew)
    database = open_for_building(path)
    connection = database.conn
    for statement in SCHEMA:
        connection.execute(statement)
    progress.stage("cleaning and reading text", sum(segment.info.records for segment in segments))
    groups = Groups()
    number = 0
    slices = list(_slices(segments))
    for part, records in zip(slices, crew.run(_cleaned, (known, on), slices), strict=True):
        number = _write(connection, part, records, groups, number)
        progress.advance(len(records))
    connection.executemany("INSERT INTO grp VALUES (?, ?, ?)", groups.rows())
    connection.executemany("INSERT INTO moved VALUES (?, ?)", groups.moves())
    connection.executemany("INSERT INTO known VALUES (?, ?)", _ranked(known))
    counts = {"mentions": number, **groups.counts()}
    finish(database, path)
    return counts


def _slices(segments: Sequence[Segment]) -> Iterator[Slice]:
    """Cut segments into pieces of some records."""
    for order, segment in enumerate(segments):
        for first in range(1, segment.info.records + 1, BATCH):
            yield Slice(order, segment.path, first, min(first + BATCH - 1, segment.info.records))


def _known_names(segments: Sequence[Segment], progress: Progress, crew: Crew) -> Known:
    """Learn which tokens are names from the name fields of every source.

    What is read of an open text must not depend on a closed record.
    """
    progress.stage("learning names", sum(segment.info.records for segment in segments))
    seen: list[Counter[str]] = [Counter() for _ in Visibility]
    slices = list(_slices(segments))
    for part, counted in zip(slices, crew.run(_names_in, None, slices), strict=True):
        for counts, more in zip(seen, counted, strict=True):
            counts.update(more)
        progress.advance(part.last - part.first + 1)
    return tuple(_borne_often(seen[each.rank] for each in label.contained) for label in Visibility)


def _borne_often(counted: Iterable[Counter[str]]) -> frozenset[str]:
    """Return the tokens that many bear, all counts together."""
    total = Counter[str]()
    for counts in counted:
        total.update(counts)
    return frozenset(token for token, count in total.items() if count >= KNOWN_AFTER)


def _ranked(known: Known) -> list[tuple[str, int]]:
    """Return every known name with the rank of each label that may know it where none below that one may."""
    found = []
    for label in Visibility:
        below = frozenset[str]().union(*(known[each.rank] for each in label.below))
        found += [(token, label.rank) for token in known[label.rank] - below]
    return sorted(found)


def known_names(people: sqlite3.Connection) -> Known:
    """Return the names that a build knew, from its people.sqlite."""
    rows = people.execute("SELECT token, rank FROM known").fetchall()
    new: list[set[str]] = [set() for _ in Visibility]
    for token, rank in rows:
        new[rank].add(token)
    return tuple(frozenset[str]().union(*(new[each.rank] for each in label.contained)) for label in Visibility)


def _names_in(_: None, part: Slice) -> list[Counter[str]]:
    """Count, for each label, by rank, the name tokens of some records' fields."""
    seen: list[Counter[str]] = [Counter() for _ in Visibility]
    for record in _records_of(part):
        for person in record.persons:
            rank = most_closed(person.visibility, record.visibility).rank
            for raw in person.names:
                for name in read_names(raw):
                    seen[rank].update(token for token in name.tokens if len(token) > 2)
    return seen


def _cleaned(shared: tuple[Known, date], part: Slice) -> list[CleanRecord]:
    """Clean some records."""
    known, on = shared
    return [clean_record(record, known, on) for record in _records_of(part)]


def _records_of(part: Slice) -> list[Record]:
    """Read some records, whoever asks: workers have opened nothing yet."""
    with Segment(part.path) as segment:
        return [record for _, record in segment.records(part.first, part.last)]


def clean_record(record: Record, known: Known, on: date) -> CleanRecord:
    """Clean one record and lay it out for the tables.

    Args:
        record: as an adapter made it.
        known: names, by rank of visibility.
        on: the day that counts as today.
    """
    mentions, references = clean(record, known[record.words_visibility.rank], on)
    at = record.at.value if record.at else ""
    weighty = as_mask(weighs_for(record))
    rows = [_mention(record, each, mentions, at, weighty) for each in mentions]
    return CleanRecord(rows, list(_events(at, record, references)))


def _mention(record: Record, mention: Mention, mentions: Sequence[Mention], at: str, weighty: int) -> CleanMention:
    """Lay a mention out."""
    row = (
        mention.position, mention.kind.value, mention.role.value, mention.found.value, mention.visibility.value,
        mention.holder, at, mention.label, mention.risk, weighty,
    )  # fmt: skip
    value = encode(mention.value)
    match mention.value:
        case PlaceProfile():
            return CleanMention(row, value, place_identity(mention.value.address))
        case PhoneProfile():
            return CleanMention(row, value, mention.value.e164)
        case PersonProfile():
            ident = f"{record.source}:{record.ref}#{mention.position}"
            return CleanMention(row, value, "", ident, encode(around(mention, mentions)))


def _events(at: str, record: Record, references: References) -> Iterator[tuple[str, int, str, bytes]]:
    """Lay a record out as event documents: what its words say apart where fewer see it."""
    known: dict[Visibility, tuple[str, ...]] = {record.visibility: references.own}
    if references.said:
        known[record.words_visibility] = (*known.get(record.words_visibility, ()), *references.said)
    for seen_by, canonical in known.items():
        yield seen_by.value, record.gravest.rank, at, encode(EventProfile(canonical))


def _write(
    connection: sqlite3.Connection, part: Slice, records: Iterable[CleanRecord], groups: Groups, number: int
) -> int:
    """Write some records down; return the number of the last mention."""
    mentions: list[tuple[object, ...]] = []
    people: list[tuple[int, str, bytes]] = []
    events: list[tuple[object, ...]] = []
    for n, record in enumerate(records, part.first):
        for each in record.mentions:
            number += 1
            kind, visibility = str(each.row[1]), Visibility(str(each.row[4]))
            group = groups.number(kind, each.group, visibility) if each.group else None
            mentions.append((number, part.order, n, *each.row, group, each.value))
            if kind == MentionKind.PERSON.value:
                people.append((number, each.ident, each.around))
        events += ((part.order, n, *event) for event in record.events)
    connection.executemany(f"INSERT INTO mention VALUES ({', '.join('?' * 15)})", mentions)
    connection.executemany("INSERT INTO around VALUES (?, ?, ?)", people)
    connection.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", events)
    return number
