"""Taking apart what was typed: first what can only be one thing, then the rest as an address, a name or both."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from discoverer.match.profiles import PersonProfile
from discoverer.normalise.address_words import is_place
from discoverer.normalise.addresses import Address, read_address, read_postcode
from discoverer.normalise.dates import (
    AgeRange,
    BirthDate,
    find_birth_dates,
    find_loose_birth_date,
    read_age,
    read_birth_date,
    year_of_birth,
)
from discoverer.normalise.identifiers import Identifier, find_identifiers, read_identifier
from discoverer.normalise.names import read_names
from discoverer.normalise.phones import find_phones, national, read_beginning, read_phones, read_tail
from discoverer.normalise.references import (
    LogReference,
    canonical_reference,
    read_log_reference,
    read_system_reference,
)
from discoverer.normalise.text import fold, words
from discoverer.phrases import HOUSE, name_and_district, name_then_place, place_then_name, says_beside, without_role
from discoverer.wording import day
from index.keys import areas_of

# Numbers looked up in one search; a pasted list of more belongs in `lookup`.
MOST_NUMBERS = 20
_AGE = re.compile(
    r"\(\s*\d{1,3}\s*\)|\b(?:aged?|about|approx\.?|mid|early|late)\s+\d{1,3}s?\b|\b\d{1,3}\s*(?:yrs?|years?)(?:\s+old)?\b|\b\d0s\b",
    re.I,
)
# Words that only say what follows them; read as part of a name they would count against whoever has it.
_SOURCE = re.compile(r"^\s*[a-z][a-z0-9_]*:(?=\S)")
"""The name of a source before a reference, as our own answers write ids: 'custody:BE/152/18'."""
_LABEL = re.compile(
    r"\b(?:(?:pnc|cro|asn|vrm|(?:vehicle\s+)?reg(?:istration)?|tel(?:ephone)?|phone|mob(?:ile)?|crime|custody|log|incident"
    r"|ref(?:erence)?)(?:\s*(?:no|num|number|id|ref(?:erence)?|mark))?|number|no|dob|d\W?o\W?b|date\s+of\s+birth|born(?:\s+on)?)"
    r"[\s.:#-]*$",
    re.I,
)
_COLON_LABEL = re.compile(r"^\s*(?:name|address|postcode|caller|victim|suspect)\s*:", re.I)
_YEAR = re.compile(r"(?P<words>[^\d]*[^\W\d][^\d]*?)\s+(?P<year>(?:19|20)\d\d)\s*")
# No house has six figures or more, and what could be a date of birth has been taken before.
_LOCAL = re.compile(
    r"(?<![\w/.-])(?:0\d{2,4}[ -]?\d{2,6}|[2-9]\d{2}[ -]?\d{4}|[2-9]\d{3} \d{4}|[2-9]\d{2} \d{3}|\d{6,9})(?![\w/.-])"
)
_LAST_AGE = re.compile(r"(?P<words>[^\d]*[^\W\d_][^\d]*?)[\s,]+(?P<age>\d{2})\s*")
_PART = re.compile(
    r"\s*(?:(?:tel(?:ephone)?|phone|mob(?:ile)?|number|no|cli)\b[\s.:]*)*"
    r"(?:(?P<begins>(?:start|beg[ia]n)\w*(?:\s+(?:with|in))?)|(?P<ends>(?:end|last)\w*(?:\s+(?:with|in|by))?))?"
    r"[\s.:]*(?P<digits>[\s\d.*()+-]+)",
    re.I,
)
_SAYS_LOG = re.compile(r"log|inc|of|\d-\d", re.I)


class Box:
    """What was typed, being taken apart: what is read is added to the attributes and taken out of `rest`.

    Attributes:
        rest: str, what is not read yet.
        on: date, today.
        person, addresses, phones, tails, beginnings, references, loose, either, read_as: as of the query made of them.
    """

    def __init__(self, raw: str, on: date) -> None:
        self.rest = raw
        self.on = on
        self.person = PersonProfile()
        self.addresses: tuple[Address, ...] = ()
        self.phones: tuple[str, ...] = ()
        self.tails: tuple[str, ...] = ()
        self.beginnings: tuple[str, ...] = ()
        self.references: tuple[str, ...] = ()
        self.loose = False
        self.either = False
        self.read_as: tuple[str, ...] = ()

    def take_apart(self) -> None:
        """Read everything, step by step."""
        for step in STEPS:
            step(self)

    def _cut(self, raw: str) -> None:
        """Take what was read out of the rest, and the words that only labelled it."""
        before, _, after = self.rest.partition(raw)
        self.rest = f"{_LABEL.sub(' ', before)} {after}"

    def _say(self, words_read: str) -> None:
        """Note how something was read."""
        self.read_as += (words_read,)

    def take_identifiers(self) -> None:
        """Read PNC, CRO and arrest numbers and vehicle marks."""
        for found in find_identifiers(self.rest):
            self._add_identifier(found)
            self._cut(found.raw)

    def _add_identifier(self, found: Identifier) -> None:
        """Add an identifier; a vehicle mark is a reference to the events that name it."""
        if found.scheme == "vrm":
            self.references += (f"vrm:{found.canonical}",)
            self._say(f"vehicle {found.canonical}")
            return
        value = f"{found.scheme}:{found.canonical}"
        if found.valid:
            self.person = replace(self.person, identifiers=(*self.person.identifiers, value))
        else:
            self.person = replace(self.person, unverified=(*self.person.unverified, value))
        doubt = "" if found.valid else " (check letter wrong or unknown)"
        self._say(f"{found.scheme.upper()} {found.canonical}{doubt}")

    def take_named_log(self) -> None:
        """Read a log reference that says it is one: 'log 2731', '2731 of 140914'."""
        found = read_log_reference(self.rest)
        if found is not None and _SAYS_LOG.search(found.raw):
            self._add_log(found)
            self._cut(found.raw)

    def take_log(self) -> None:
        """Read a log reference that only looks like one: '2731 14/09/14'."""
        found = read_log_reference(self.rest)
        if found is not None:
            self._add_log(found)
            self._cut(found.raw)

    def _add_log(self, found: LogReference) -> None:
        """Add a log reference."""
        references = found.canonical or (f"logno:{found.number}",)
        self.references += references
        days = " or ".join(day(each) for each in found.days)
        self._say(f"log {found.number} of {days}" if days else f"log {found.number} of any day")

    def take_phones(self) -> None:
        """Read whole telephone numbers."""
        for found in find_phones(self.rest):
            if found.e164:
                self._add_number(found.e164, assumed=found.assumed)
                self._cut(found.raw)

    def _add_number(self, e164: str, *, assumed: bool) -> None:
        """Add a whole number, once; beyond MOST_NUMBERS say that it was not looked up."""
        if e164 in self.phones:
            return
        if len(self.phones) >= MOST_NUMBERS:
            self._say(f"NOT LOOKED UP: phone {national(e164)} (at most {MOST_NUMBERS} numbers at once)")
            return
        self.person = replace(self.person, phones=(*self.person.phones, e164))
        self.phones += (e164,)
        self._say(f"phone {national(e164)}{' (dialling code assumed)' if assumed else ''}")

    def take_birth_dates(self) -> None:
        """Read dates of birth."""
        for found in find_birth_dates(self.rest, self.on):
            self._add_birth(found)
            self._cut(found.raw)

    def _add_birth(self, found: BirthDate) -> None:
        """Add a date of birth."""
        self.person = replace(self.person, births=(*self.person.births, found.value))
        self._say(f"date of birth {day(found.value)}{' (year only)' if found.rough else ''}")

    def take_system_reference(self) -> None:
        """Read another system's reference."""
        if raw := read_system_reference(self.rest):
            self.references += (canonical_reference(raw),)
            self._say(f"reference {raw.upper()}")
            # 'B23 6/14' may be a flat, and stays to be read as one, unless a word before it ('crime') says what it is.
            if raw[0].isalpha() or _LABEL.search(self.rest.partition(raw)[0]):
                self._cut(raw)

    def take_age(self) -> None:
        """Read an age in words."""
        if (match := _AGE.search(self.rest)) and (age := read_age(match.group())):
            self._add_age(age)
            self._cut(match.group())

    def _add_age(self, age: AgeRange) -> None:
        """Add an age as the birth years it allows."""
        years = (self.on.year - age.high - 1, self.on.year - age.low)
        self.person = replace(self.person, years=(years,))
        self._say(f"age {age.low}" if age.low == age.high else f"age {age.low} to {age.high}")

    def take_year(self) -> None:
        """Read a year that follows words without any other figure as a year of birth: 'asif khan 1985'."""
        found = _YEAR.fullmatch(self.rest)
        if found and (birth := read_birth_date(found["year"], self.on)):
            self._add_birth(birth)
            self.rest = found["words"]

    def take_part(self) -> None:
        """Read the last or first digits of a number, when nothing else is left."""
        found = _PART.fullmatch(self.rest)
        if found and self._add_part(found["digits"], begins=bool(found["begins"]), ends=bool(found["ends"])):
            self.rest = " "

    def _add_part(self, text: str, *, begins: bool = False, ends: bool = False) -> bool:
        """Add a number remembered in part; tell whether it was one.

        One written from its dialling code on may be its beginning or, unless it is said to begin so, its end.
        """
        first = (
            "" if ends else read_beginning(text if text.strip().startswith(("0", "+")) or not begins else f"0{text}")
        )
        if first:
            self.beginnings += (first,)
            self._say(f"phone beginning 0{first}")
        last = "" if begins else read_tail(text)
        if last:
            self._add_tail(last)
        return bool(first or last)

    def take_loose_birth_date(self) -> None:
        """Read a date of birth that only a name beside it tells: 'asif khan 030785', 'asif khan born july 1985'."""
        found = find_loose_birth_date(self.rest, self.on)
        if found is None:
            return
        birth, span = found
        others = self.rest.replace(span, " ")
        if re.search(r"[^\W\d_]", others) and not _says_place(others, least=1):
            self._add_birth(birth)
            self._cut(span)

    def take_local(self) -> None:
        """Read a telephone number without its code, or its beginning, beside other words: '496 0123 erdington'."""
        found = _LOCAL.search(self.rest)
        if found and self._add_part(found.group()):
            self._cut(found.group())

    def take_last_age(self) -> None:
        """Read two figures after a name as an age or a year of birth, whichever fits: 'asif khan 41'."""
        found = _LAST_AGE.fullmatch(self.rest)
        if found and not _says_place(found["words"]) and (age := read_age(found["age"])):
            self._add_age(age)
            born = year_of_birth(int(found["age"]), self.on)
            self.person = replace(self.person, years=(*self.person.years, (born, born)))
            self._say(f"or born {born}")
            self.rest = found["words"]

    def take_bare_number(self) -> None:
        """Read up to five digits alone as a log number of any day: '2731'."""
        if re.fullmatch(r"\s*\d{1,5}\s*", self.rest):
            self._add_log(LogReference(self.rest.strip(), int(self.rest), ()))
            self.rest = " "

    def _add_tail(self, digits: str) -> None:
        """Add a number remembered in part."""
        self.tails += (digits,)
        self._say(f"phone ending {digits}")

    def take_words(self) -> None:
        """Read what is left as an address, a name, or both."""
        rest = _COLON_LABEL.sub("", self.rest).strip(" ,;")
        if not words(rest):
            return
        if says_beside(rest):
            self._take_address_first(rest)
            return
        if (cut := name_then_place(rest)) and self.add_name(without_role(cut.name)):
            self._add_place(cut.place)
            return
        postcode, outward = read_postcode(rest)
        house = HOUSE.search(_without_code(rest, postcode, outward))
        if house and not re.search(r"[^\W\d_]", rest[: house.start()]):
            self._take_address_first(rest)
        elif house:
            self._take_name_first(rest, house.start())
        else:
            self._take_words_alone(rest, postcode, outward)

    def _take_name_first(self, rest: str, start: int) -> None:
        """Read an address with words before its number: a name, or that of a building."""
        named = self.add_name(without_role(rest[:start].strip(" ,;")))
        self.add_address(rest[start:] if named else rest)
        if named and (other := read_address(rest)) is not None:
            self.addresses += (other,)

    def _take_address_first(self, rest: str) -> None:
        """Read an address, and the name that may follow it.

        Where the name may be a town instead, the whole is looked up as an address, and the name as of that house.
        """
        cut = place_then_name(rest)
        if cut is None or not self.add_name(without_role(cut.name)):
            self.add_address(rest)
            return
        self.add_address(cut.place)
        if not cut.sure and (whole := read_address(rest)) is not None:
            self.addresses = (whole,)
            self.either = True

    def _take_words_alone(self, rest: str, postcode: str, outward: str) -> None:
        """Read words without a house number: a name, a street, a district, or several of these."""
        cut = None if postcode or outward else name_and_district(rest)
        if cut and self.add_name(without_role(cut.name)):
            if not cut.sure:
                self.add_name(rest)
            self.person = replace(self.person, areas=(fold(cut.place),))
            self._say(f"area {cut.place.upper()}")
            address = read_address(rest)
            self.addresses, self.loose = ((address,) if address else ()), True
            return
        address = read_address(rest)
        placed = address is not None and bool(address.street_type or postcode)
        named = self.add_name(without_role(_without_code(rest, postcode, outward)))
        if placed:
            self._add_place(rest)
            self.either = named
        elif named and address is not None:
            self.addresses, self.loose = (address,), True
            if outward:
                self.person = replace(self.person, areas=areas_of(address))
                self._say(f"area {outward}")

    def _add_place(self, text: str) -> None:
        """Read words that say where: an address, or a district alone as the area of the person asked for."""
        if is_place(fold(text)):
            self.person = replace(self.person, areas=(fold(text),))
            self._say(f"area {text.upper()}")
        else:
            self.add_address(text)

    def add_name(self, text: str) -> bool:
        """Read a name; tell whether there was one."""
        names = read_names(text)
        if not names:
            return False
        self.person = replace(
            self.person,
            names=(*self.person.names, *(name.tokens for name in names)),
            generations=tuple(name.generation for name in names if name.generation),
        )
        self._say("name " + " and ".join(" ".join(name.tokens).upper() for name in names))
        return True

    def add_birth(self, text: str) -> bool:
        """Read a date of birth or an age; tell whether it was one."""
        birth = read_birth_date(text, self.on)
        if birth is not None:
            self._add_birth(birth)
            return True
        age = read_age(text)
        if age is not None:
            self._add_age(age)
        return age is not None

    def add_address(self, text: str) -> bool:
        """Read an address; tell whether it was one."""
        address = read_address(text)
        if address is None:
            return False
        homes = (address.without_area,) if address.without_area else self.person.homes
        self.person = replace(self.person, areas=areas_of(address), homes=homes)
        self.addresses += (address,)
        self._say(f"address {_spoken(address)}")
        return True

    def add_phone(self, text: str) -> bool:
        """Read a number or the end of one; tell whether it was one."""
        numbers = [number for number in read_phones(text) if number.e164]
        for number in numbers:
            self._add_number(number.e164, assumed=number.assumed)
        return bool(numbers) or self._add_part(text)

    def add_ident(self, text: str) -> bool:
        """Read an identifier or reference; tell whether it was one."""
        log = read_log_reference(text)
        if log is not None and log.days:
            self._add_log(log)
            return True
        found = read_identifier(text)
        if found is not None:
            self._add_identifier(found)
        reference = canonical_reference(_SOURCE.sub("", text))
        if reference:
            self.references += (reference,)
            self._say(f"reference {text.strip().upper()}")
        return found is not None or bool(reference)


# The order matters: what can be only one thing goes first, so that nothing after it misreads it.
STEPS = (
    Box.take_identifiers,  # first: '03/9900012X' would do as another system's reference
    Box.take_named_log,  # before numbers: '2731 of 140914' says what it is
    Box.take_phones,  # before a bare log: '01392 281100' could be log 1392 of 28/11/2000
    Box.take_log,  # before dates: the day of '2731 14/09/14' is the log's, and nobody was born on it
    Box.take_birth_dates,  # before the end of a number: '1999-11-29' is nothing but digits too
    Box.take_system_reference,  # before words: 'BE/2210/14' would do as flat 14 of number 2210
    Box.take_loose_birth_date,  # before a year alone, and the ends of numbers, which six figures may be too
    Box.take_age,  # before a year: '35 years khan 1985' has no lone year until the age is out
    Box.take_year,  # before words: the year of 'asif khan 1985' would do as a house number
    Box.take_part,  # before words: so would the end of a number, when nothing else is left
    Box.take_local,  # before words: no house has so many figures
    Box.take_last_age,  # before words: a house number has a street after it
    Box.take_bare_number,  # before words: '2731' alone would do as a house number
    Box.take_words,  # last: an address, a name, or both, of whatever nothing else has claimed
)


def _says_place(text: str, least: int = 2) -> bool:
    """Tell whether words beside a number make it a house's: a street type, 'flat', or fewer words than `least`."""
    address = read_address(text)
    return len(words(text)) < least or bool(HOUSE.search(text)) or (address is not None and bool(address.street_type))


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
        "beside" if address.beside else "",
        f"flat {address.flat}" if address.flat else "",
        address.building,
        f"{address.house}-{address.house_end}" if address.house_end else address.house,
        " ".join((*address.street, address.street_type)).strip(),
        " ".join(address.localities),
        address.postcode or address.outward,
    ]
    return " ".join(part for part in parts if part).upper() or address.raw
