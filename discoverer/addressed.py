"""From an id to what it names now: every mention id is a valid address of whichever person holds it (deep links live).

A place is known by its canonical address, a number by its digits however they are typed, an event by source and
reference; a place or number may be named by one of its mentions too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from discoverer.answer import HitKind
from discoverer.clock import seconds, wait
from discoverer.errors import NotFound
from discoverer.found import Found
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.normalise.phones import read_phones
from discoverer.typed import refuse_unreadable
from index.people import MentionRow
from index.reader import Reader

STEP = 0.005
"""Seconds; a refusal comes at the end of one. Most take a seventh of it, and on a busy machine as much."""
LONGEST_ID = 2_000
"""Characters; a source's raw keys are joined in it, and no key read so far has a tenth of them."""

_LOOKS_LIKE = {
    HitKind.PERSON: "custody:BE/152/18#0",
    HitKind.LOCATION: "flat 2|14|hillaires test road|b236xx",
    HitKind.PHONE: "07700 900417",
    HitKind.EVENT: "custody:BE/152/18",
}
_SCORED = Scored(0.0, (Evidence("id", "same", 0.0, "asked for by its id"),), Level.CONFIRMED)


@contextmanager
def refused_evenly() -> Iterator[None]:
    """Let NotFound out at the end of a whole step of time only, however long it took to find that there is nothing.

    What is denied takes some millionths of a second longer to be passed over than what is absent to be missed, and
    whoever asks a thousand times can tell; a wait of less than a step nobody feels.
    """
    began = seconds()
    try:
        yield
    except NotFound:
        wait(STEP - (seconds() - began) % STEP)
        raise


def find(reader: Reader, kind: HitKind, ident: str) -> Found:
    """Return what an id names, in the reader's scope.

    Args:
        reader: scoped.
        kind: what it must be.
        ident: as a hit or a link gives it, or a mention of it: 'source:ref#position'.

    Raises:
        UsageError: it is too long for any id, or holds bytes that are not UTF-8.
        NotFound: it names nothing that this viewer may read.
    """
    refuse_unreadable(ident, "The id", LONGEST_ID, "")
    found = _event(reader, ident) if kind is HitKind.EVENT else _group(reader, kind, ident.strip())
    if found is None:
        raise NotFound(
            f"There is no {kind.value} '{ident}' in the sources you may read; an id looks like '{_LOOKS_LIKE[kind]}',"
            f" and a search shows those that are held."
        )
    return found


def _event(reader: Reader, ident: str) -> Found | None:
    """Find a record by 'source:ref'; a mention id names its record."""
    source, _, ref = ident.strip().partition(":")
    place = reader.place_of(source, ref) or reader.place_of(source, ref.rpartition("#")[0])
    return Found(HitKind.EVENT, 0, place, _SCORED, 0, "") if place else None


def _group(reader: Reader, kind: HitKind, ident: str) -> Found | None:
    """Find a person, place or number."""
    row = _mention(reader, kind, ident)
    if row is not None:
        return _holding(reader, kind, row)
    if kind is HitKind.PERSON:
        return None
    group = reader.group_of(kind.value, ident)
    if group is None and kind is HitKind.PHONE:
        numbers = [number.e164 for number in read_phones(ident, "") if number.e164]
        group = next((held for e164 in numbers if (held := reader.group_of("phone", e164)) is not None), None)
    return None if group is None else Found(kind, group, None, _SCORED, 0, "")


def _mention(reader: Reader, kind: HitKind, ident: str) -> MentionRow | None:
    """Return the mention in scope that an id names."""
    written, _, position = ident.rpartition("#")
    source, _, ref = written.partition(":")
    place = reader.place_of(source, ref) if ref and position else None
    if place is None:
        return None
    rows = reader.everyone_in([place])
    return next((row for row in rows if row.kind == kind.value and str(row.position) == position), None)


def _holding(reader: Reader, kind: HitKind, row: MentionRow) -> Found:
    """Return whoever holds a mention now: of people held together only by links out of scope, the part it is in."""
    parts = reader.components(row.grp) if kind is HitKind.PERSON else []
    mine = next((frozenset(part) for part in parts if row.m in part), None) if len(parts) > 1 else None
    return Found(kind, row.grp, None, _SCORED, row.risk, row.at, only=mine)
