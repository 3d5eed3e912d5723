"""The risk known for the number, place and people of a record, of records that are not it: whose, always.

A silent call holds a number and nothing else; that it is the number of a victim assessed HIGH stands in a form (failure
pattern F4). What is known of a number or place is never the caller's own: it names the victim it belongs to. Of people
never assessed the latest records are asked about too: a name in the text of last night's call is linked with nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from discoverer.answer import Around, Assessed
from discoverer.history.beyond import Beyond
from discoverer.history.linked import Other
from discoverer.history.material import Material, Place, Subject, stands_at
from discoverer.lists import named
from discoverer.model import VICTIMS, Record, RiskAssessment, RiskLevel
from discoverer.normalise.phones import national
from discoverer.risk import describe, victim_of
from discoverer.wording import number_of, role_words
from index.people import MentionRow
from index.reader import Reader

# Of somebody never assessed, the latest records whose numbers and places are asked about.
LATEST = 3
# A number or place at which more victims were assessed than this says nothing of one person: a refuge, a surgery.
MOST_VICTIMS = 3
_Found = tuple[int, Record, RiskAssessment, MentionRow]


@dataclass(slots=True)
class Beside:
    """What other records say of the numbers and places of the records found.

    Attributes:
        rows: number or place -> its mentions in records that weigh.
        records: place -> Record.
        ids: number or place -> the id `show` takes.
    """

    rows: dict[int, list[MentionRow]] = field(default_factory=dict)
    records: dict[Place, Record] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)


def read(reader: Reader, subjects: Iterable[Subject], material: Material) -> Beside:
    """Read what other records say of the numbers and places of every record among the hits.

    Args:
        reader: scoped.
        subjects: the hits; only records are asked about, and the latest of people never assessed.
        material: with everybody and everything named in them.
    """
    events = {event for each in subjects for event in _asked_about(each, material)}
    groups = {row.grp for event in events for row in _marks(material.mentions.get(event, ()))}
    if not groups:
        return Beside()
    rows: dict[int, list[MentionRow]] = {}
    for row in reader.of_groups(groups, 0):
        rows.setdefault(row.grp, []).append(row)
    places = {(row.segment, row.n) for found in rows.values() for row in found}
    records = {place: material.records[place] for place in places if place in material.records}
    records |= reader.records(places - records.keys())
    return Beside(rows, records, reader.idents(groups))


def _asked_about(subject: Subject, material: Material) -> list[Place]:
    """Return the records whose numbers and places are asked about for a hit."""
    if subject.found.event is not None:
        return [subject.found.event]
    if subject.found.kind.value != "person" or any(held.record.assessments for held in subject.held):
        return []
    latest = sorted({(row.at, (row.segment, row.n)) for row in subject.rows}, reverse=True)
    return [place for _, place in latest if place in material.records][:LATEST]


def _marks(rows: Iterable[MentionRow]) -> Iterator[MentionRow]:
    """Yield the numbers and places of a record; an institution's, or no address, says nothing of who is there."""
    for row in rows:
        vague = row.kind == "location" and (named("institution", row.label) or named("no_address", row.label))
        if row.kind != "person" and not vague:
            yield row


def around(
    subject: Subject, met: Sequence[Other], material: Material, beside: Beside, beyond: Beyond, ids: Mapping[int, str],
    now: datetime,
) -> tuple[Around, ...]:  # fmt: skip
    """Return the risk known for a record's numbers, places and people, the gravest first.

    Of somebody never assessed, that for the numbers and places of their latest records.

    Args:
        subject: a hit.
        met: the people of its records.
        material: with everybody and everything named in it.
        beside: what other records say of its numbers and places.
        beyond: what other records say of its people.
        ids: person -> the id `show` takes.
        now: the instant that counts as now.
    """
    event, asked = subject.found.event, _asked_about(subject, material)
    found: list[Around] = []
    for group, row in {row.grp: row for place in asked for row in _marks(material.mentions.get(place, ()))}.items():
        other = list(_assessments(beside.rows.get(group, ()), beside.records, asked))
        if not other:
            continue
        ident = beside.ids[group]
        says_itself = row.kind == "phone" and ":" not in ident  # else it is a mention's, and the number kept back
        label = national(ident) if says_itself else row.label
        if event is not None or _victims(other) <= MOST_VICTIMS:
            found += _gravest(row.kind, beside.ids[group], label, other, now)
    if event is not None:
        found += [each for person in met for each in _of_person(person, beyond, event, ids[person.group], now)]
    order = ("high", "medium", "standard")
    return tuple(sorted(found, key=lambda each: (order.index(each.assessed.level), each.kind)))


def _assessments(
    rows: Iterable[MentionRow], records: Mapping[Place, Record], but: Collection[Place]
) -> Iterator[_Found]:
    """Yield the assessments of records that hold a number or place, each with its mention there."""
    for row in rows:
        record = records.get((row.segment, row.n))
        if record is not None and (row.segment, row.n) not in but:
            for each in record.assessments:
                if each.level is not RiskLevel.NOT_ASSESSED:
                    yield each.level.rank, record, each, row


def _victims(found: Iterable[_Found]) -> int:
    """Count the victims of some assessments by their names."""
    return len({victim_of(record, each).upper() for _, record, each, _ in found})


def _gravest(kind: str, ident: str, label: str, found: Sequence[_Found], now: datetime) -> Iterator[Around]:
    """Yield the gravest assessment known for a number or place, whose it is there, and how many other victims."""
    if not found:
        return
    _, record, assessment, row = max(found, key=lambda each: (each[0], each[2].at.value if each[2].at else ""))
    said = describe(record, assessment, now)
    victims = _victims(found)
    what = "number" if kind == "phone" else "place"
    whose = _whose(row, record, assessment)
    words = f"known for the {what} {label}{f' ({whose})' if whose else ''}: {said.words}, see {said.source} {said.ref}"
    if victims > 1:
        words += f"; and {number_of(victims - 1, 'other victim')} assessed with it"
    yield Around(kind, ident, label, whose, said, words)


def _whose(row: MentionRow, record: Record, assessment: RiskAssessment) -> str:
    """Say whose a number or place is in the record that tells of the risk; '' when it does not say."""
    if row.holder is None:
        return ""
    if row.holder == assessment.victim:
        return "the victim's"
    if row.holder == assessment.suspect:
        return "the suspect's"
    role = next((person.role.value for person in record.persons if person.position == row.holder), "")
    return f"held there by a {role_words(role)}" if role and role != "unknown" else ""


def _of_person(other: Other, beyond: Beyond, but: Place, ident: str, now: datetime) -> Iterator[Around]:
    """Yield the gravest assessment of somebody of the record as a suspect, and as a victim unless they are one here.

    The victims of the record itself are told by `beyond.assessed`.
    """
    as_victim: list[tuple[int, Assessed]] = []
    as_suspect: list[tuple[int, Assessed]] = []
    for row in beyond.rows.get(other.group, ()):
        record = beyond.records.get((row.segment, row.n))
        for each in record.assessments if record is not None and (row.segment, row.n) != but else ():
            if record is not None and each.level is not RiskLevel.NOT_ASSESSED:
                if each.victim == stands_at(row):
                    as_victim.append((each.level.rank, describe(record, each, now)))
                elif each.suspect == stands_at(row):
                    as_suspect.append((each.level.rank, describe(record, each, now)))
    label = max(other.rows, key=lambda row: len(row.label)).label
    here = " and ".join(role_words(role) for role in other.roles) or "named here"
    named_victim = bool(VICTIMS & other.roles.keys())
    for found, part in ((() if named_victim else as_victim, "victim"), (as_suspect, "suspect")):
        if found:
            said = max(found, key=lambda each: (each[0], each[1].at))[1]
            words = f"known for {label} ({here}) as {part}: {said.words}, see {said.source} {said.ref}"
            yield Around("person", ident, label, f"as {part}", said, words)
