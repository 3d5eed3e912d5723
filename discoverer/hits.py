"""From what was found to what is shown: records with roles and dates, risk, what is in force, the reasons.

However many records a hit has, those that weigh (index/weighty.py) are always read; only the list of records is cut
to the most recent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from discoverer.access_masks import REPEATED, Hidden
from discoverer.answer import Hit, HitKind, HitRecord
from discoverer.found import Found
from discoverer.history.material import SEARCH, Depth, Subject
from discoverer.history.story import Part, Story
from discoverer.match.evidence import Evidence, Scored
from discoverer.model import Nature, Record, Role
from discoverer.normalise.phones import national
from discoverer.policy.rules import Policy
from discoverer.risk import record_risk
from index.people import MentionRow
from index.reader import Reader

Records = dict[tuple[int, int], Record]
OF_NO_PLACE = frozenset(
    ["name", "birth_date", "age", "sexed_name", "generation", "identifier", "phone", "id", "reference", "text"]
)
"""Reasons that never name a place."""


def hits_of(
    reader: Reader, found: Sequence[Found], now: datetime, policy: Policy, depth: Depth = SEARCH
) -> tuple[Hit, ...]:
    """Read the records of everything found, at once, and make the hits that are shown.

    Args:
        reader: scoped.
        found: what the search found, in order.
        now: the instant that counts as now.
        policy: in force, by which domestic abuse, repeats and events are told.
        depth: how much of each history is read and shown.
    """
    story = Story(reader, found, policy, now, depth)
    idents = [_ident(reader, part.subject, story.material.records) for part in story.parts]
    whole = [part.subject.found for part in story.parts]
    called = zip(whole, idents, strict=True)
    story.call({each.group: ident for each, ident in called if each.event is None and each.only is None})
    return tuple(_hit(reader, part, ident, story, depth) for part, ident in zip(story.parts, idents, strict=True))


def _hit(reader: Reader, part: Part, ident: str, story: Story, depth: Depth) -> Hit:
    """Make one hit."""
    subject = part.subject
    found, records = subject.found, story.material.records
    event = found.event is not None
    return Hit(
        kind=found.kind,
        id=ident,
        label=_event_label(subject) if event else _label(reader, found.kind, subject.rows, ident),
        level=found.scored.level.value,
        score=round(found.scored.bits, 1),
        why=_why(reader, found.scored),
        records=_event_records(subject) if event else _records(subject.rows, records)[: depth.records],
        instead_of=found.instead_of,
        slip=found.scored.outcome("phone") if found.instead_of else "",
        against=_against(reader, found.scored),
        **story.told(part),
    )


def _why(reader: Reader, scored: Scored) -> tuple[str, ...]:
    """Return the reasons in words, the weightiest first."""
    return _reasons(reader, sorted(scored.evidence, key=lambda each: -each.bits))


def _against(reader: Reader, scored: Scored) -> tuple[str, ...]:
    """Return the reasons against in words, the weightiest first."""
    return _reasons(reader, sorted((each for each in scored.evidence if each.bits < 0), key=lambda each: each.bits))


def _reasons(reader: Reader, ranked: Iterable[Evidence]) -> tuple[str, ...]:
    """Return reasons in words, each once; where what these may name is kept back, what agrees and how well alone."""
    every, of_places = reader.hides(*REPEATED), reader.hides(Hidden.SAFE_PLACES)
    told = (
        f"{each.feature}: {each.outcome}".replace("_", " ")
        if every or (of_places and each.feature not in OF_NO_PLACE)
        else each.words
        for each in ranked
        if each.words
    )
    return tuple(dict.fromkeys(told))


def _records(rows: Sequence[MentionRow], records: Records) -> tuple[HitRecord, ...]:
    """List each record once, with the first role the hit plays in it."""
    shown: dict[tuple[int, int], HitRecord] = {}
    for row in rows:
        place = (row.segment, row.n)
        if place not in shown:
            record = records[place]
            mention = _mention_id(record, row) if row.kind == HitKind.PERSON.value else ""
            shown[place] = _hit_record(record, row.role, row.found, row.label, mention)
    return tuple(shown.values())


def _hit_record(record: Record, role: str, found: str, written: str, mention: str = "") -> HitRecord:
    """Make one line of a hit's records."""
    return HitRecord(
        source=record.source,
        ref=record.ref,
        role=role,
        at=record.at.value if record.at else "",
        risk=record_risk(record),
        kind=record.kind.value,
        summary=record.summary,
        nature=Nature.INFERRED.value if found == "text" else record.nature.value,
        found=found,
        written=written,
        mention=mention,
    )


def _ident(reader: Reader, subject: Subject, records: Records) -> str:
    """Return a hit's permanent id: a person's earliest mention in scope, a number, a canonical address, a record."""
    found = subject.found
    if found.event is not None:
        return f"{subject.held[0].record.source}:{subject.held[0].record.ref}"
    if found.kind is not HitKind.PERSON:
        return reader.ident(found.group)
    earliest = reader.earliest(found.group, found.only)
    named = {
        **reader.records((row.segment, row.n) for row in earliest if (row.segment, row.n) not in records),
        **records,
    }
    return min(_mention_id(named[row.segment, row.n], row) for row in earliest)


def _mention_id(record: Record, row: MentionRow) -> str:
    """Return a mention's id: source, raw key, position."""
    return f"{record.source}:{record.ref}#{row.position}"


def _label(reader: Reader, kind: HitKind, rows: Sequence[MentionRow], ident: str) -> str:
    """Name a hit: a number as people say it, a place or person as written in a field of the gravest record.

    The gravest first, since the name that stands in a risk assessment was taken down with the most care.
    """
    if kind is HitKind.PHONE and not reader.hides(Hidden.NUMBERS):
        return national(ident)
    best = max(rows, key=lambda row: (row.found == "field", row.risk, len(row.label), row.at))
    return best.label


def number_said(reader: Reader, group: int) -> str:
    """Return a number as people say it, or its pseudonym where it is kept back."""
    if reader.hides(Hidden.NUMBERS):
        return next((row.label for row in reader.members(group, 1)), "")
    return national(reader.ident(group))


def _event_label(subject: Subject) -> str:
    """Name a record: its source, reference and summary."""
    record = subject.held[0].record
    return f"{record.source} {record.ref}" + (f": {record.summary}" if record.summary else "")


def _event_records(subject: Subject) -> tuple[HitRecord, ...]:
    """List the one record of an event."""
    record = subject.held[0].record
    return (_hit_record(record, Role.OTHER.value, "field", record.summary),)
