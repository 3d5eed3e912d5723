"""What is dangerous or in force at the instant of the answer: orders, bail, warrants and markers, in words.

Word, dates and source, never a bare code. An order concerns everyone its record names, the protected as much as the
bound. What has ended is kept apart; a marker without an end that is years old is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache

from discoverer.clock import LOCAL, iso
from discoverer.held import Held
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.lists import lists, named, window
from discoverer.model import Instant, Marker, Order, Record, Role
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.wording import day, name_of, person_at, when

# What a condition of bail or of an order forbids (domain guide 1.4): whom to contact, where to go.
_PERSON = re.compile(
    r"\bNOT TO (?:CONTACT|COMMUNICATE WITH|APPROACH|INTERFERE WITH|HARASS|MOLEST)(?: OR \w+)? (?P<who>.+?)"
    r"(?=,|\.|;| DIRECTLY| EITHER| BY ANY| IN ANY| OR INDIRECTLY| OR ATTEND| OR ENTER| NOR |$)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\bNOT TO (?:ENTER|ATTEND|GO TO|VISIT|RETURN TO|GO WITHIN [\w ]*?OF|COME WITHIN [\w ]*?OF)(?: OR \w+)? "
    r"(?P<where>.+?)(?=\.|;|,? EXCEPT| UNLESS|$)",
    re.IGNORECASE,
)


def live_words(found: Iterable[Statement]) -> tuple[str, ...]:
    """Return the words of what is live, a previous occupant's left out, once each."""
    live = (Standing.IN_FORCE, Standing.OLD)
    return tuple(
        dict.fromkeys(each.words for each in found if each.standing in live and each.whose is not Whose.PREVIOUS)
    )


def orders_and_markers(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return a statement for each order and marker of a hit's records, those that have ended too, once each.

    Args:
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
    """
    found: dict[str, Statement] = {}
    for record, mine in held:
        # An order is shown to everyone its record names: it concerns either party, and who else stands between.
        made = [order_statement(record, order, mine, now, standpoint) for order in record.orders]
        made += [
            _marker(record, marker, mine, now, standpoint)
            for marker in record.markers
            if _concerns(bound_by(record, marker.subject), mine)
        ]
        for each in made:
            found.setdefault(each.words, each)
    return list(found.values())


def bound_by(record: Record, subject: int | None) -> int | None:
    """Return whom an order binds or a marker is about: as recorded, or else the only one arrested; None: not known.

    Words name only whom the record names; this decides on whose card it stands, and as whose.
    """
    if subject is not None:
        return subject
    arrested = [person.position for person in record.persons if person.role is Role.DETAINEE]
    return arrested[0] if len(arrested) == 1 else None


def _concerns(subject: int | None, positions: Collection[int] | None) -> bool:
    """Tell whether a marker is about the hit: a place's or number's record counts whole."""
    return positions is None or subject is None or subject in positions


def standing(start: Instant | None, end: Instant | None, now: datetime) -> Standing:
    """Tell how a span with open ends stands to an instant; a bare date is a whole day on the wall clock."""
    if end is not None and end.value < _as_precise(end.value, now):
        return Standing.ENDED
    begun = start is None or start.value <= _as_precise(start.value, now)
    return Standing.IN_FORCE if begun else Standing.NOT_BEGUN


def _as_precise(value: str, now: datetime) -> str:
    """Write the present as precisely as a value is: an instant in UTC, a date or part of one in local time."""
    return iso(now) if len(value) > 10 else today(now).isoformat()[: len(value)]


@lru_cache(maxsize=64)
def today(now: datetime) -> date:
    """Return the day on the wall clock."""
    return now.astimezone(LOCAL).date()


def _days_left(end: Instant | None, now: datetime) -> int | None:
    """Return the whole days until an end known to the day; None when it has none, or has passed."""
    if end is None or len(end.value) < 10:
        return None
    last = date.fromisoformat(end.value[:10]) if len(end.value) == 10 else today(datetime.fromisoformat(end.value))
    days = (last - today(now)).days
    return days if days >= 0 and standing(None, end, now) is Standing.IN_FORCE else None


def _expires(days: int | None) -> str:
    """Say when an end comes."""
    if days is None:
        return ""
    return ("expires today", "expires tomorrow")[days] if days < 2 else f"expires in {days:,} days"


def order_statement(
    record: Record, order: Order, mine: Collection[int] | None, now: datetime, standpoint: Standpoint = PLAIN
) -> Statement:
    """Put one order into words: 'BAIL from 05/09/2014 to 19/09/2014, expires in 3 days, on ASIF KHAN: not to ...'."""
    days = _days_left(order.end, now)
    persons = [match["who"].strip() for text in order.conditions for match in _PERSON.finditer(text)]
    protects = tuple(dict.fromkeys((*order.protects, *persons)))
    places = tuple(
        dict.fromkeys(match["where"].strip() for text in order.conditions for match in _PLACE.finditer(text))
    )
    how = standing(order.start, order.end, now)
    bound = bound_by(record, order.subject)
    about = name_of(person_at(record, order.subject))
    return Statement(
        topic=Topic.WANTED if order.kind == "warrant" else Topic.ORDER,
        kind=order.kind,
        standing=how,
        words=_order_words(record, order, how, _expires(days)),
        about=about,
        whose=standpoint.whose(record, bound, mine),
        source=record.source,
        ref=record.ref,
        nature=record.nature.value,
        start=order.start.value if order.start else "",
        end=order.end.value if order.end else "",
        days_left=days,
        expires=_expires(days),
        protects=protects,
        places=places,
        conditions=order.conditions,
        issued_by=order.issued_by,
    )


def _order_words(record: Record, order: Order, how: Standing, expires: str) -> str:
    """Word an order with its dates, whom it binds and protects, its conditions and its source."""
    words = order.kind.replace("_", " ").upper()
    words += " OUTSTANDING" if order.kind == "warrant" and how is Standing.IN_FORCE else ""
    words += " ENDED," if how is Standing.ENDED else " NOT YET IN FORCE," if how is Standing.NOT_BEGUN else ""
    words += f" from {when(order.start)}" if order.start else ""
    words += f" to {when(order.end)}" if order.end else ", no end recorded"
    words += f", {expires}" if expires else ""
    subject = name_of(person_at(record, order.subject))
    words += f", on {subject}" if subject else "" if order.subject is not None else ", on whom is not recorded"
    if order.protects:
        words += f", protects {', '.join(order.protects)}"
    words += f", issued by {order.issued_by}" if order.issued_by else ""
    if order.conditions:
        words += f": {'; '.join(order.conditions)}"
    return f"{words} ({record.source} {record.ref})"


def _marker(
    record: Record, marker: Marker, mine: Collection[int] | None, now: datetime, standpoint: Standpoint
) -> Statement:
    """Put one marker into words: 'WEAPONS ASIF KHAN, marked 01/05/2011 (custody BE/2210/14): knife'."""
    how = standing(marker.marked, marker.ends, now)
    if how is Standing.IN_FORCE and marker.ends is None and _is_old(marker.marked, now):
        how = Standing.OLD
    words = marker.word.upper() or f"marker {marker.code} (force list: not defined)"
    marked = bound_by(record, marker.subject)
    subject = name_of(person_at(record, marker.subject))
    words += f" {subject}" if subject else ""
    words += f", marked {when(marker.marked)}"
    words += _ending(marker, how)
    words += f" ({record.source} {record.ref})"
    words += f": {marker.note}" if marker.note else ""
    asked = named("actions", f"{marker.word} {marker.note}")
    words += "".join(f". {action_words(each)}" for each in asked)
    return Statement(
        topic=_topic(marker, asked),
        kind=marker.word or f"code {marker.code}",
        standing=how,
        words=words,
        about=subject,
        whose=standpoint.whose(record, marked, mine),
        source=record.source,
        ref=record.ref,
        nature=record.nature.value,
        start=marker.marked.value if marker.marked else "",
        end=marker.ends.value if marker.ends else "",
        days_left=_days_left(marker.ends, now),
        expires=_expires(_days_left(marker.ends, now)),
    )


def _topic(marker: Marker, asked: Collection[str]) -> Topic:
    """Sort a marker: what asks for an action, weapons, the rest."""
    if asked:
        return Topic.ACTION
    return Topic.WEAPON if marker.word.lower() in lists()["weapons"] else Topic.MARKER


def action_words(name: str) -> str:
    """Say what a marker means and what it asks for."""
    entry = lists()["actions"][name]
    return f"Means: {entry['meaning']}. Do: {entry['action']}"


def _is_old(marked: Instant | None, now: datetime) -> bool:
    """Tell whether an open-ended marker was set longer ago than the force's limit."""
    limit = str(today(now).year - window("old_marker_years")) + today(now).isoformat()[4:]
    return marked is not None and marked.value < limit[: len(marked.value)]


def _ending(marker: Marker, how: Standing) -> str:
    """Say how a marker ends."""
    if how is Standing.ENDED and marker.ends:
        return f", EXPIRED {day(marker.ends.value)}"
    if how is Standing.OLD:
        return f", no end date, over {window('old_marker_years')} years old: may no longer hold"
    return f", to {when(marker.ends)}" if marker.ends else ""
