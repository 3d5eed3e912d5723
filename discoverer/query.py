"""Reading what was typed: one box, or named options, into one `Query`; and saying how it was read.

The box is read by taking away what can only be one thing (identifiers, numbers, log references, dates), and
reading the rest as an address, a name, or, where it could be either, both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from discoverer.errors import UsageError
from discoverer.match.profiles import PersonProfile
from discoverer.normalise.addresses import Address, read_address, read_postcode
from discoverer.normalise.dates import AgeRange, BirthDate, find_birth_dates, read_age, read_birth_date
from discoverer.normalise.identifiers import Identifier, find_identifiers, read_identifier
from discoverer.normalise.names import read_names
from discoverer.normalise.phones import find_phones, national, read_phones, read_tail
from discoverer.normalise.references import (
    LogReference,
    canonical_reference,
    read_log_reference,
    read_system_reference,
)
from discoverer.normalise.text import words
from discoverer.wording import day
from index.keys import areas_of

LONGEST = 2_000
_AGE = re.compile(
    r"\b(?:aged?|about|approx\.?|mid|early|late)\s+\d{1,3}s?\b|\b\d{1,3}\s*(?:yrs?|years?)(?:\s+old)?\b|\b\d0s\b", re.I
)
# Words that only say what follows them; read as part of a name they would count against whoever has it.
_LABEL = re.compile(
    r"\b(?:(?:pnc|cro|asn|vrm|(?:vehicle\s+)?reg(?:istration)?|tel(?:ephone)?|phone|mob(?:ile)?|crime|custody|log|incident"
    r"|ref(?:erence)?)(?:\s*(?:no|num|number|id|ref(?:erence)?|mark))?|number|no|dob|d\W?o\W?b|date\s+of\s+birth|born(?:\s+on)?)"
    r"[\s.:#-]*$",
    re.I,
)
_COLON_LABEL = re.compile(r"^\s*(?:name|address|postcode|caller|victim|suspect)\s*:", re.I)
# A date that does not exist (31/02/1989) is no age of 31.
_DATE_LIKE = re.compile(r"\d\s*[/.]\s*\d|\d{4}|\d\D+\d+\D+\d")
_YEAR = re.compile(r"(?P<words>[^\d]*[^\W\d][^\d]*?)\s+(?P<year>(?:19|20)\d\d)\s*")
_TEXT = re.compile(r"^\s*text\s*:\s*", re.I)
_HOUSE = re.compile(r"\b(?:flat|flt|apt|apartment|unit|room|rm|\d)", re.I)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, cleaned by the same code as the records.

    Attributes:
        raw: str, as typed.
        person: PersonProfile, names, births, identifiers and held values asked for; blank where not asked.
        addresses: tuple[Address, ...], readings of the address asked for.
        phones: tuple[str, ...], E.164 numbers.
        tails: tuple[str, ...], digits of numbers remembered in part.
        references: tuple[str, ...], canonical references.
        text: tuple[str, ...], words to look for in running text.
        only_text: bool, nothing else was asked for ('text:').
        loose: bool, the words could be a name or a place, so both were tried.
        read_as: tuple[str, ...], how it was read, in words.
    """

    raw: str
    person: PersonProfile = field(default_factory=PersonProfile)
    addresses: tuple[Address, ...] = ()
    phones: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    only_text: bool = False
    loose: bool = False
    read_as: tuple[str, ...] = ()


def check_length(text: str) -> None:
    """Refuse what is too long to be a question.

    Raises:
        UsageError: more than LONGEST characters.
    """
    if len(text) > LONGEST:
        message = f"The query is {len(text):,} characters long; type at most {LONGEST:,}, best the key facts alone."
        raise UsageError(message)


def read_box(text: str, on: date) -> Query:
    """Read one box.

    Args:
        text: as typed.
        on: today, for two-digit years.

    Raises:
        UsageError: it is empty, too long, or holds only placeholders such as UNKNOWN.
    """
    check_length(text)
    if not words(text):
        raise UsageError(
            "The query is empty; type a telephone number, an address, a name, a date of birth or a log number."
        )
    if marked := _TEXT.match(text):
        return _text_only(text, text[marked.end() :])
    box = _Box(text, on)
    box.take_identifiers()
    box.take_log_reference(sure=True)
    box.take_phones()
    box.take_log_reference(sure=False)
    box.take_birth_dates()
    box.take_system_reference()
    box.take_age()
    box.take_year()
    box.take_tail()
    box.take_words()
    return _finished(box.query, "")


def read_fields(
    on: date, *, name: str = "", dob: str = "", address: str = "", phone: str = "", ident: str = ""
) -> Query:
    """Read named options; blank ones were not asked.

    Raises:
        UsageError: all are blank, one is too long, or none can be read.
    """
    given = [value for value in (name, dob, address, phone, ident) if value.strip()]
    for value in given:
        check_length(value)
    if not given:
        raise UsageError("Nothing was asked; give at least one of phone, name, dob, address or id.")
    box = _Box(" ".join(given), on)
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
    return _finished(box.query, " and ".join(unread))


def _text_only(raw: str, wanted: str) -> Query:
    """Make the query of 'text: ...'."""
    found = words(wanted)
    if not found:
        raise UsageError("'text:' needs the words to look for after it, e.g. text: knife door.")
    return Query(raw, text=found, only_text=True, read_as=(f"words in text: {' '.join(found)}",))


def _finished(query: Query, unread: str) -> Query:
    """Refuse a query that says nothing; note what could not be read."""
    person = query.person
    says = person.names or person.births or person.years or person.identifiers or person.unverified
    if not (says or query.addresses or query.phones or query.tails or query.references):
        raise UsageError(
            "Nothing in the query can be looked up (only placeholders such as UNKNOWN, or too little); "
            "type a telephone number, an address, a name, a date of birth or a log number."
        )
    notes = (*query.read_as, f"NOT READ: {unread}") if unread else query.read_as
    return replace(query, read_as=notes, text=words(query.raw))


class _Box:
    """A query in the making: what is read is added to `query` and taken out of `rest`."""

    def __init__(self, raw: str, on: date) -> None:
        self.query = Query(raw)
        self.rest = raw
        self.on = on

    def _cut(self, raw: str) -> None:
        """Take what was read out of the rest, and the words that only labelled it."""
        before, _, after = self.rest.partition(raw)
        self.rest = f"{_LABEL.sub(' ', before)} {after}"

    def _say(self, words_read: str) -> None:
        """Note how something was read."""
        self.query = replace(self.query, read_as=(*self.query.read_as, words_read))

    def take_identifiers(self) -> None:
        """Read PNC, CRO and arrest numbers and vehicle marks."""
        for found in find_identifiers(self.rest):
            self._add_identifier(found)
            self._cut(found.raw)

    def _add_identifier(self, found: Identifier) -> None:
        """Add an identifier; a vehicle mark is a reference to the events that name it."""
        if found.scheme == "vrm":
            self.query = replace(self.query, references=(*self.query.references, f"vrm:{found.canonical}"))
            self._say(f"vehicle {found.canonical}")
            return
        value = f"{found.scheme}:{found.canonical}"
        person = self.query.person
        if found.valid:
            person = replace(person, identifiers=(*person.identifiers, value))
        else:
            person = replace(person, unverified=(*person.unverified, value))
        self.query = replace(self.query, person=person)
        doubt = "" if found.valid else " (check letter wrong or unknown)"
        self._say(f"{found.scheme.upper()} {found.canonical}{doubt}")

    def take_log_reference(self, *, sure: bool) -> None:
        """Read a log reference; before numbers are read, only one that says it is one."""
        found = read_log_reference(self.rest)
        says_so = found is not None and re.search(r"log|inc|of|\d-\d", found.raw, re.I) is not None
        if found is None or (sure and not says_so):
            return
        self._add_log(found)
        self._cut(found.raw)

    def _add_log(self, found: LogReference) -> None:
        """Add a log reference."""
        references = found.canonical or (f"logno:{found.number}",)
        self.query = replace(self.query, references=(*self.query.references, *references))
        days = " or ".join(day(each) for each in found.days)
        self._say(f"log {found.number} of {days}" if days else f"log {found.number} of any day")

    def take_phones(self) -> None:
        """Read whole telephone numbers."""
        for found in find_phones(self.rest):
            if found.e164:
                self._add_number(found.e164, assumed=found.assumed)
                self._cut(found.raw)

    def _add_number(self, e164: str, *, assumed: bool) -> None:
        """Add a whole number."""
        person = replace(self.query.person, phones=(*self.query.person.phones, e164))
        self.query = replace(self.query, phones=(*self.query.phones, e164), person=person)
        self._say(f"phone {national(e164)}{' (dialling code assumed)' if assumed else ''}")

    def take_birth_dates(self) -> None:
        """Read dates of birth."""
        for found in find_birth_dates(self.rest, self.on):
            self._add_birth(found)
            self._cut(found.raw)

    def _add_birth(self, found: BirthDate) -> None:
        """Add a date of birth."""
        person = replace(self.query.person, births=(*self.query.person.births, found.value))
        self.query = replace(self.query, person=person)
        self._say(f"date of birth {day(found.value)}{' (year only)' if found.rough else ''}")

    def take_system_reference(self) -> None:
        """Read another system's reference."""
        if raw := read_system_reference(self.rest):
            self.query = replace(self.query, references=(*self.query.references, canonical_reference(raw)))
            self._say(f"reference {raw.upper()}")
            # 'B23 6/14' may be a flat: what might be an address stays to be read as one too.
            if raw[0].isalpha():
                self._cut(raw)

    def take_age(self) -> None:
        """Read an age in words."""
        if (match := _AGE.search(self.rest)) and (age := read_age(match.group())):
            self._add_age(age)
            self._cut(match.group())

    def _add_age(self, age: AgeRange) -> None:
        """Add an age as the birth years it allows."""
        years = (self.on.year - age.high - 1, self.on.year - age.low)
        self.query = replace(self.query, person=replace(self.query.person, years=(years,)))
        self._say(f"age {age.low}" if age.low == age.high else f"age {age.low} to {age.high}")

    def take_year(self) -> None:
        """Read a year that follows words without any other figure as a year of birth: 'asif khan 1985'."""
        found = _YEAR.fullmatch(self.rest)
        if found and (birth := read_birth_date(found["year"], self.on)):
            self._add_birth(birth)
            self.rest = found["words"]

    def take_tail(self) -> None:
        """Read the last digits of a number, when nothing but digits is left."""
        if re.fullmatch(r"[\s\d.*-]+", self.rest) and (digits := read_tail(self.rest)):
            self._add_tail(digits)
            self.rest = " "

    def _add_tail(self, digits: str) -> None:
        """Add a number remembered in part."""
        self.query = replace(self.query, tails=(*self.query.tails, digits))
        self._say(f"phone ending {digits}")

    def take_words(self) -> None:
        """Read what is left as an address, a name, or both."""
        rest = _COLON_LABEL.sub("", self.rest).strip(" ,;")
        if not words(rest):
            return
        postcode, outward = read_postcode(rest)
        if house := _HOUSE.search(_without_code(rest, postcode, outward)):
            before = rest[: house.start()].strip(" ,;")
            named = bool(before) and self.add_name(before)
            self.add_address(rest[house.start() :] if named else rest, replace_areas=True)
            if named:
                self._add_address_reading(rest)
            return
        address = read_address(rest)
        placed = address is not None and bool(address.street_type or postcode)
        named = self.add_name(_without_code(rest, postcode, outward))
        if placed:
            self.add_address(rest)
        elif named and address is not None:
            self._add_areas(address if outward else None)
            self.query = replace(self.query, addresses=(address,), loose=True)
            if outward:
                self._say(f"area {outward}")

    def _add_address_reading(self, text: str) -> None:
        """Add another reading of the address: the words before the number may be a building's name."""
        if (other := read_address(text)) is not None:
            self.query = replace(self.query, addresses=(*self.query.addresses, other))

    def _add_areas(self, address: Address | None) -> None:
        """Ask for a person of this area."""
        if address is not None:
            person = replace(self.query.person, areas=areas_of(address))
            self.query = replace(self.query, person=person)

    def add_name(self, text: str) -> bool:
        """Read a name; tell whether there was one."""
        names = read_names(text)
        if not names:
            return False
        person = self.query.person
        person = replace(
            person,
            names=(*person.names, *(name.tokens for name in names)),
            generations=tuple(name.generation for name in names if name.generation),
        )
        self.query = replace(self.query, person=person)
        self._say("name " + " and ".join(" ".join(name.tokens).upper() for name in names))
        return True

    def add_birth(self, text: str) -> bool:
        """Read a date of birth or an age; tell whether it was one."""
        birth = read_birth_date(text, self.on)
        if birth is not None:
            self._add_birth(birth)
            return True
        age = None if _DATE_LIKE.search(text) else read_age(text)
        if age is not None:
            self._add_age(age)
        return age is not None

    def add_address(self, text: str, *, replace_areas: bool = True) -> bool:
        """Read an address; tell whether it was one."""
        address = read_address(text)
        if address is None:
            return False
        if replace_areas:
            self._add_areas(address)
        if address.without_area:
            person = replace(self.query.person, homes=(address.without_area,))
            self.query = replace(self.query, person=person)
        self.query = replace(self.query, addresses=(*self.query.addresses, address))
        self._say(f"address {_spoken(address)}")
        return True

    def add_phone(self, text: str) -> bool:
        """Read a number or the end of one; tell whether it was one."""
        numbers = [number for number in read_phones(text) if number.e164]
        for number in numbers:
            self._add_number(number.e164, assumed=number.assumed)
        if not numbers and (digits := read_tail(text)):
            self._add_tail(digits)
            return True
        return bool(numbers)

    def add_ident(self, text: str) -> bool:
        """Read an identifier or reference; tell whether it was one."""
        log = read_log_reference(text)
        if log is not None and log.days:
            self._add_log(log)
            return True
        found = read_identifier(text)
        if found is not None:
            self._add_identifier(found)
        reference = canonical_reference(text)
        if reference:
            self.query = replace(self.query, references=(*self.query.references, reference))
            self._say(f"reference {text.strip().upper()}")
        return found is not None or bool(reference)


def _without_code(text: str, postcode: str, outward: str) -> str:
    """Take the postcode, however it is spaced, out of a text."""
    code = postcode or outward
    if not code:
        return text
    spaced = r"\s*".join(re.escape(char) for char in code.replace(" ", ""))
    return re.sub(rf"\b{spaced}\b", " ", text, flags=re.I)


def _spoken(address: Address) -> str:
    """Say an address as it was read."""
    parts = [
        f"flat {address.flat}" if address.flat else "",
        address.building,
        f"{address.house}-{address.house_end}" if address.house_end else address.house,
        " ".join((*address.street, address.street_type)).strip(),
        " ".join(address.localities),
        address.postcode or address.outward,
    ]
    return " ".join(part for part in parts if part).upper() or address.raw
