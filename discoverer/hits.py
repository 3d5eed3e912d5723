"""From what was found to what is shown: records with roles and dates, risk, what is in force, the reasons.

However many records a hit has, those that hold an assessment, an order or a marker are always read; only the
list of records is cut to the most recent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from discoverer.answer import Hit, HitKind, HitRecord
from discoverer.found import Found
from discoverer.held import Held
from discoverer.inforce import in_force
from discoverer.match.evidence import Scored
from discoverer.model import Nature, Record, Role
from discoverer.normalise.phones import national
from discoverer.risk import headline, record_risk
from index.people import MentionRow
from index.reader import Reader

# Records listed with one hit; how many there are in all is always said.
MOST_RECORDS = 200

Records = dict[tuple[int, int], Record]


def hit_of(reader: Reader, found: Found, now: datetime) -> Hit:
    """Read a found group's or event's records and make the hit that is shown.

    Args:
        reader: scoped.
        found: what the search found.
        now: the instant that counts as now.
    """
    if found.event is not None:
        return _event(reader, found.event, found.scored, now)
    recent = reader.members(found.group, MOST_RECORDS if found.only is None else MOST_RECORDS + len(found.only))
    rows = {row.m: row for row in (*recent, *reader.weighty_members(found.group))}
    mine = [row for row in rows.values() if found.only is None or row.m in found.only]
    records = reader.records((row.segment, row.n) for row in mine)
    likest = {m: place for place, m in enumerate(found.likest)}
    mine = [row for row in mine if (row.segment, row.n) in records]
    mine.sort(key=lambda row: (likest.get(row.m, len(likest)), row.m))
    mine.sort(key=lambda row: row.at, reverse=True)
    held = _held(mine, records, whole=found.kind is not HitKind.PERSON)
    return Hit(
        kind=found.kind,
        id=_ident(reader, found, mine, records),
        label=_label(found.kind, mine, reader.ident(found.group)),
        level=found.scored.level.value,
        score=round(found.scored.bits, 1),
        why=_why(found.scored),
        risk=headline(held, now),
        records=_records(mine, records)[:MOST_RECORDS],
        records_total=reader.count_records(found.group, found.only),
        now=in_force(held, now),
    )


def _why(scored: Scored) -> tuple[str, ...]:
    """Return the reasons in words, the weightiest first."""
    ranked = sorted(scored.evidence, key=lambda each: -each.bits)
    return tuple(dict.fromkeys(each.words for each in ranked if each.words))


def _held(rows: Sequence[MentionRow], records: Records, *, whole: bool) -> list[Held]:
    """Return each record once with the hit's positions in it (None: the record as a whole)."""
    positions: dict[tuple[int, int], set[int]] = {}
    for row in rows:
        # The second of two people named in one field stands where the field stands.
        stands_at = row.holder if row.kind == "person" and row.holder is not None else row.position
        positions.setdefault((row.segment, row.n), set()).add(stands_at)
    return [Held(records[where], None if whole else frozenset(mine)) for where, mine in positions.items()]


def _records(rows: Sequence[MentionRow], records: Records) -> tuple[HitRecord, ...]:
    """List each record once, with the first role the hit plays in it."""
    shown: dict[tuple[int, int], HitRecord] = {}
    for row in rows:
        place = (row.segment, row.n)
        if place not in shown:
            shown[place] = _hit_record(records[place], row.role, row.found, row.label)
    return tuple(shown.values())


def _hit_record(record: Record, role: str, found: str, written: str) -> HitRecord:
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
    )


def _ident(reader: Reader, found: Found, rows: Sequence[MentionRow], records: Records) -> str:
    """Return a hit's permanent id: a person's earliest mention in scope, a number, a canonical address."""
    if found.kind is not HitKind.PERSON:
        return reader.ident(found.group)
    earliest = reader.earliest(found.group, found.only)
    named = {**reader.records((row.segment, row.n) for row in earliest), **records}
    return min(_mention_id(named[row.segment, row.n], row) for row in earliest)


def _mention_id(record: Record, row: MentionRow) -> str:
    """Return a mention's id: source, raw key, position."""
    return f"{record.source}:{record.ref}#{row.position}"


def _label(kind: HitKind, rows: Sequence[MentionRow], ident: str) -> str:
    """Name a hit: a number as people say it, a place or person as written in a field of the gravest record.

    The gravest first, since the name that stands in a risk assessment was taken down with the most care.
    """
    if kind is HitKind.PHONE:
        return national(ident)
    best = max(rows, key=lambda row: (row.found == "field", row.risk, len(row.label), row.at))
    return best.label


def _event(reader: Reader, where: tuple[int, int], scored: Scored, now: datetime) -> Hit:
    """Make the hit of one record."""
    record = reader.records([where])[where]
    held = [Held(record, None)]
    return Hit(
        kind=HitKind.EVENT,
        id=f"{record.source}:{record.ref}",
        label=f"{record.source} {record.ref}" + (f": {record.summary}" if record.summary else ""),
        level=scored.level.value,
        score=round(scored.bits, 1),
        why=_why(scored),
        risk=headline(held, now),
        records=(_hit_record(record, Role.OTHER.value, "field", record.summary),),
        records_total=1,
        now=in_force(held, now),
    )
