"""By what a briefing is found again: every id its subject has, for a person that of each of their mentions.

Who is who may change by the next build, and a record may have to be forgotten with its id: any other mention still
finds the briefing. Of each only a fingerprint is kept, made with a key (`keyed.py`), which gives nothing away.
"""

from __future__ import annotations

from discoverer.answer import HitKind
from discoverer.briefing.opened import Opened

MOST = 2_000  # mentions of one person; the most recent


def subjects_of(opened: Opened) -> tuple[str, ...]:
    """Return what a hit is known by: 'phone|+447700900417'."""
    hit, found = opened.shown.hit, opened.found
    ids = [hit.id]
    if hit.kind is HitKind.PERSON:
        rows = [row for row in opened.reader.members(found.group, MOST) if found.only is None or row.m in found.only]
        records = opened.reader.records((row.segment, row.n) for row in rows)
        named = ((records.get((row.segment, row.n)), row.position) for row in rows)
        ids += [f"{record.source}:{record.ref}#{position}" for record, position in named if record is not None]
    return tuple(dict.fromkeys(f"{hit.kind.value}|{each}" for each in ids))
