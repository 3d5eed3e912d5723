"""From what was found to what is shown: records with roles and dates, risk, what is in force, the reasons.

A person is shown only as far as the links the viewer may see hold their mentions together; mentions that hang
on a link through a record out of scope are left to a hit of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from discoverer.answer import Hit, HitKind, HitRecord
from discoverer.inforce import in_force
from discoverer.match.evidence import Scored
from discoverer.model import Nature, Record
from discoverer.normalise.phones import national
from discoverer.risk import headline, record_risk
from discoverer.search import Found
from index.people import MentionRow
from index.reader import Reader

# Records shown with one hit; how many there are in all is always said.
MOST_RECORDS = 200


def hit_of(reader: Reader, found: Found, now: datetime, *, found_by: Sequence[str] = ()) -> Hit:
    """Read a found group's or event's records and make the hit that is shown.

    Args:
        reader: scoped.
        found: what the search found.
        now: the instant that counts as now.
        found_by: extra reasons to show.
    """
    if found.event is not None:
        return _event(reader, found.event, found.scored, now)
    rows, total = reader.members(found.group, MOST_RECORDS)
    if found.kind is HitKind.PERSON:
        rows = _held_together(reader, rows)
        total = total if total > MOST_RECORDS else len(rows)
    records = reader.records((row.segment, row.n) for row in rows)
    rows = [row for row in rows if (row.segment, row.n) in records]
    held = _held(rows, records, whole=found.kind is not HitKind.PERSON)
    return Hit(
        kind=found.kind,
        id=_ident(reader, found, rows, records),
        label=_label(found.kind, rows, reader.ident(found.group)),
        level=found.scored.level.value,
        score=round(found.scored.bits, 1),
        why=(*_why(found.scored), *found_by),
        risk=headline(held, now),
        records=_records(rows, records),
        records_total=total,
        now=in_force(held, now),
    )


def _why(scored: Scored) -> tuple[str, ...]:
    """Return the reasons in words, the weightiest first."""
    ranked = sorted(scored.evidence, key=lambda each: -each.bits)
    return tuple(dict.fromkeys(each.words for each in ranked if each.words))


def _held_together(reader: Reader, rows: list[MentionRow]) -> list[MentionRow]:
    """Keep the mentions joined, by links in scope, to the most recent one of the largest component."""
    parent = {row.m: row.m for row in rows}

    def _root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for first, second, _ in reader.links_among(parent):
        parent[max(_root(first), _root(second))] = min(_root(first), _root(second))
    sizes: dict[int, int] = {}
    for row in rows:
        sizes[_root(row.m)] = sizes.get(_root(row.m), 0) + 1
    if len(sizes) < 2:
        return rows
    largest = max(sizes, key=lambda each: (sizes[each], -each))
    return [row for row in rows if _root(row.m) == largest]


def _held(
    rows: Sequence[MentionRow], records: dict[tuple[int, int], Record], *, whole: bool
) -> list[tuple[Record, set[int] | None]]:
    """Return each record once with the hit's positions in it (None: the record as a whole)."""
    positions: dict[tuple[int, int], set[int]] = {}
    for row in rows:
        positions.setdefault((row.segment, row.n), set()).add(row.position)
    return [(records[place], None if whole else mine) for place, mine in positions.items()]


def _records(rows: Sequence[MentionRow], records: dict[tuple[int, int], Record]) -> tuple[HitRecord, ...]:
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


def _ident(reader: Reader, found: Found, rows: Sequence[MentionRow], records: dict[tuple[int, int], Record]) -> str:
    """Return a hit's permanent id: a person's earliest mention in scope, a number, a canonical address."""
    if found.kind is not HitKind.PERSON:
        return reader.ident(found.group)
    dated = min((row.at for row in rows if row.at), default="")
    earliest = [row for row in rows if row.at == dated]
    return min(_mention_id(records[row.segment, row.n], row) for row in earliest)


def _mention_id(record: Record, row: MentionRow) -> str:
    """Return a mention's id: source, raw key, position."""
    return f"{record.source}:{record.ref}#{row.position}"


def _label(kind: HitKind, rows: Sequence[MentionRow], ident: str) -> str:
    """Name a hit: a number as people say it, a place or person as most fully written in a field."""
    if kind is HitKind.PHONE:
        return national(ident)
    best = max(rows, key=lambda row: (row.found == "field", row.risk, len(row.label), row.at))
    return best.label


def _event(reader: Reader, place: tuple[int, int], scored: Scored, now: datetime) -> Hit:
    """Make the hit of one record."""
    record = reader.records([place])[place]
    held: list[tuple[Record, set[int] | None]] = [(record, None)]
    return Hit(
        kind=HitKind.EVENT,
        id=f"{record.source}:{record.ref}",
        label=f"{record.source} {record.ref}" + (f": {record.summary}" if record.summary else ""),
        level=scored.level.value,
        score=round(scored.bits, 1),
        why=_why(scored),
        risk=headline(held, now),
        records=(_hit_record(record, "", "field", record.summary),),
        records_total=1,
        now=in_force(held, now),
    )
