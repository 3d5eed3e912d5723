"""What is dangerous or in force at the instant of the answer: orders, bail and markers, in words.

A first list for every hit: word, dates and source, never a bare code; what has ended is left to the history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from discoverer.clock import LOCAL, iso
from discoverer.held import Held
from discoverer.model import Instant, Marker, Order, Record
from discoverer.wording import name_of, person_at, when


def in_force(held: Iterable[Held], now: datetime) -> tuple[str, ...]:
    """Return one sentence for each order in force and each live marker of a hit's records, once each.

    Args:
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
    """
    found: list[str] = []
    for record, positions in held:
        # An order is shown to everyone its record names: it concerns either party, and who else stands between.
        found += [_order(record, order) for order in record.orders if _binds(order.start, order.end, now)]
        found += [
            _marker(record, marker)
            for marker in record.markers
            if _binds(marker.marked, marker.ends, now) and _concerns(marker.subject, positions)
        ]
    return tuple(dict.fromkeys(found))


def _concerns(subject: int | None, positions: Collection[int] | None) -> bool:
    """Tell whether a marker is about the hit: a place's or number's record counts whole."""
    return positions is None or subject is None or subject in positions


def _binds(start: Instant | None, end: Instant | None, now: datetime) -> bool:
    """Tell whether a span with open ends covers an instant; a bare date is a whole day on the wall clock."""
    return (start is None or start.value <= _as_precise(start.value, now)) and (
        end is None or end.value >= _as_precise(end.value, now)
    )


def _as_precise(value: str, now: datetime) -> str:
    """Write the present as precisely as a value is: an instant in UTC, a date or part of one in local time."""
    return iso(now) if len(value) > 10 else now.astimezone(LOCAL).date().isoformat()[: len(value)]


def _order(record: Record, order: Order) -> str:
    """Word an order: 'BAIL to 19/09/2014 on ASIF KHAN: not to ... (custody BE/2210/14)'."""
    words = order.kind.replace("_", " ").upper()
    words += f" to {when(order.end)}" if order.end else ", no end recorded"
    subject = name_of(person_at(record, order.subject))
    words += f" on {subject}" if subject else ""
    if order.protects:
        words += f", protects {', '.join(order.protects)}"
    if order.conditions:
        words += f": {'; '.join(order.conditions)}"
    return f"{words} ({record.source} {record.ref})"


def _marker(record: Record, marker: Marker) -> str:
    """Word a marker: 'WEAPONS marked 2011 (custody BE/2210/14): knife'."""
    words = marker.word.upper() or f"marker {marker.code} (force list: not defined)"
    subject = name_of(person_at(record, marker.subject))
    words += f" {subject}" if subject else ""
    words += f", marked {when(marker.marked)} ({record.source} {record.ref})"
    return f"{words}: {marker.note}" if marker.note else words
