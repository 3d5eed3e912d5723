"""What was asked: one box, or named options, as one `Query`; and what is refused as no question.

How a box is taken apart stands in box.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from discoverer.box import Box
from discoverer.errors import UsageError
from discoverer.match.profiles import PersonProfile
from discoverer.normalise.addresses import Address
from discoverer.normalise.text import words
from discoverer.typed import refuse_unreadable

LONGEST = 2_000
_TEXT = re.compile(r"^\s*text\s*:\s*", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, cleaned by the same code as the records.

    Attributes:
        raw: str, as typed.
        person: PersonProfile, names, births, identifiers and held values asked for; blank where not asked.
        addresses: tuple[Address, ...], readings of the address asked for.
        phones: tuple[str, ...], E.164 numbers.
        tails: tuple[str, ...], last digits of numbers remembered in part.
        beginnings: tuple[str, ...], first digits of such numbers, without country code or leading 0.
        references: tuple[str, ...], canonical references.
        text: tuple[str, ...], words to look for in running text.
        only_text: bool, nothing else was asked for ('text:').
        loose: bool, the words could be a name or a place, so both were tried.
        either: bool, the words are an address by their form, and were tried as a name too: 'mandy lane b23 6xx'.
        read_as: tuple[str, ...], how it was read, in words.
    """

    raw: str
    person: PersonProfile = field(default_factory=PersonProfile)
    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    only_text: bool = False
    loose: bool = False
    either: bool = False
    read_as: tuple[str, ...] = ()


def check_readable(text: str) -> None:
    """Refuse what is too long to be a question, or no text.

    Raises:
        UsageError: more than LONGEST characters, or bytes that are not UTF-8.
    """
    refuse_unreadable(text, "The query", LONGEST, ", best the key facts alone")


def read_box(text: str, on: date) -> Query:
    """Read one box.

    Args:
        text: as typed.
        on: today, for two-digit years.

    Raises:
        UsageError: it is empty, too long, or holds only placeholders such as UNKNOWN.
    """
    check_readable(text)
    if not words(text):
        raise UsageError(
            "The query is empty; type a telephone number, an address, a name, a date of birth or a log number."
        )
    if marked := _TEXT.match(text):
        return _text_only(text, text[marked.end() :])
    box = Box(text, on)
    box.take_apart()
    return _finished(_query_of(text, box), "")


def read_fields(
    on: date, *, name: str = "", dob: str = "", address: str = "", phone: str = "", ident: str = ""
) -> Query:
    """Read named options; blank ones were not asked.

    Raises:
        UsageError: all are blank, one is too long, or none can be read.
    """
    given = [value for value in (name, dob, address, phone, ident) if value.strip()]
    for value in given:
        check_readable(value)
    if not given:
        raise UsageError("Nothing was asked; give at least one of phone, name, dob, address or id.")
    raw = " ".join(given)
    box = Box(raw, on)
    unread = [
        label
        for label, value, read in (
            ("phone", phone, box.add_phone),
            ("name", name, box.add_name),
            ("date of birth", dob, box.add_birth),
            ("address", address, box.add_address),
            ("id", ident, box.add_ident),
        )
        if value.strip() and not read(value)
    ]
    return _finished(_query_of(raw, box), " and ".join(unread))


def _text_only(raw: str, wanted: str) -> Query:
    """Make the query of 'text: ...'."""
    found = words(wanted)
    if not found:
        raise UsageError("'text:' needs the words to look for after it, e.g. text: knife door.")
    return Query(raw, text=found, only_text=True, read_as=(f"words in text: {' '.join(found)}",))


def _query_of(raw: str, box: Box) -> Query:
    """Make the query of what a box was read as."""
    return Query(
        raw,
        person=box.person,
        addresses=box.addresses,
        phones=box.phones,
        tails=box.tails,
        beginnings=box.beginnings,
        references=box.references,
        text=words(raw),
        loose=box.loose,
        either=box.either,
        read_as=box.read_as,
    )


def _finished(query: Query, unread: str) -> Query:
    """Refuse a query that says nothing; note what could not be read."""
    person = query.person
    says = person.names or person.births or person.years or person.identifiers or person.unverified
    numbers = (*query.phones, *query.tails, *query.beginnings)
    held = (person.names, person.identifiers, person.unverified, query.addresses, numbers)
    if says and not any((*held, query.references)) and not any(len(birth) == 10 for birth in person.births):
        raise UsageError("A year of birth or an age alone fits too many people; add a name, an area or the whole date.")
    if not (says or query.addresses or numbers or query.references) and unread == "phone":
        raise UsageError("A telephone number needs six digits or more; type more of it, or what else is known.")
    if not (says or query.addresses or numbers or query.references):
        raise UsageError(
            "Nothing in the query can be looked up (only placeholders such as UNKNOWN, or too little); "
            "type a telephone number, an address, a name, a date of birth or a log number."
        )
    notes = (*query.read_as, f"NOT READ: {unread}") if unread else query.read_as
    return replace(query, read_as=notes)
