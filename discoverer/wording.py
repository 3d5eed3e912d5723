"""Small pieces of wording shared by answers: dates as people say them, names as written."""

from __future__ import annotations

from datetime import datetime

from discoverer.clock import LOCAL, parse_iso
from discoverer.model import Instant, Person, Record


def day(value: str) -> str:
    """Write an ISO date or instant as dd/mm/yyyy (as much of it as is known), local time; '' stays ''."""
    if len(value) > 10:
        return local_time(value).strftime("%d/%m/%Y")
    return "/".join(reversed(value.split("-"))) if value else ""


def local_time(value: str) -> datetime:
    """Return an ISO instant as United Kingdom time."""
    return parse_iso(value).astimezone(LOCAL)


def minute(value: str) -> str:
    """Write an ISO instant as dd/mm/yyyy hh:mm local time; a bare date as the date."""
    if len(value) > 10:
        return local_time(value).strftime("%d/%m/%Y %H:%M")
    return day(value)


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
