"""Small pieces of wording shared by answers: dates as people say them, names as written."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from discoverer.clock import LOCAL, parse_iso
from discoverer.model import Instant, Person, Record


@lru_cache(maxsize=65_536)
def day(value: str) -> str:
    """Write an ISO date or instant as dd/mm/yyyy (as much of it as is known), local time; '' stays ''."""
    if len(value) > 10:
        return local_time(value).strftime("%d/%m/%Y")
    return "/".join(reversed(value.split("-"))) if value else ""


def local_time(value: str) -> datetime:
    """Return an ISO instant as United Kingdom time."""
    return parse_iso(value).astimezone(LOCAL)


@lru_cache(maxsize=65_536)
def minute(value: str) -> str:
    """Write an ISO instant as dd/mm/yyyy hh:mm local time; a bare date as the date."""
    if len(value) > 10:
        return local_time(value).strftime("%d/%m/%Y %H:%M")
    return day(value)


def moment(value: str) -> str:
    """Write an ISO instant as dd/mm/yyyy hh:mm:ss local time."""
    return local_time(value).strftime("%d/%m/%Y %H:%M:%S")


def undated_reading(read_at: str) -> str:
    """Say when a source was read that does not say when it was taken: the one must not pass for the other."""
    return f"read {minute(read_at)}, it does not say when it was taken"


def when(instant: Instant | None) -> str:
    """Write an instant as a date; 'undated' when there is none."""
    return day(instant.value) if instant else "undated"


def name_of(person: Person | None) -> str:
    """Return a person's main name as written, in capitals only if written so; '' when none."""
    return person.names[0] if person and person.names else ""


def person_at(record: Record, position: int | None) -> Person | None:
    """Return the person mention at a position of a record; None when there is none."""
    return next((person for person in record.persons if person.position == position), None)


def number_of(count: int, noun: str) -> str:
    """Write '1 record', '2 records'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


# How a part in a record is said to a person; roles not named here are said as they are.
ROLE_WORDS = {
    "called_from": "called from",
    "callback": "number given for calling back",
    "own": "own number",
    "detainee": "arrested person",
    "subject": "subject of the report",
    "frequented": "place frequented",
    "scene": "place of the event",
    "unknown": "role not recorded",
}


def role_words(role: str) -> str:
    """Say the part a person, place or number plays in a record."""
    return ROLE_WORDS.get(role, role.replace("_", " "))


def span_words(first: str, last: str) -> str:
    """Say when something was recorded: '03/09/2018', '03/09/2018 to 17/11/2018', 'undated'."""
    if not last:
        return "undated"
    return day(last) if day(first) == day(last) or not first else f"{day(first)} to {day(last)}"
