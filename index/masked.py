"""Records and mentions as whoever reads through a mask gets them: pseudonyms, whom to ask, or nothing.

A pseudonym is a keyed digest of the value as cleaned: the same value has the same one in every record, nobody without
the key makes or tests one, and nothing of the value is in it, its length neither. It joins rows, and no more: how often
one stands, and beside whom, is still told, and whoever knows a name can search for it and learn its pseudonym, which is
recorded as every look is.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from discoverer.access_masks import Hidden
from discoverer.lists import named
from discoverer.match.profiles import PersonProfile, PhoneProfile, PlaceProfile
from discoverer.model import SUSPECTS, GradeChange, Location, Person, Phone, Record, Visibility
from discoverer.normalise.addresses import Address, read_address
from discoverer.normalise.phones import read_phones
from discoverer.normalise.text import fold
from index.masked_values import (
    plain_age,
    plain_code,
    plain_grade,
    plain_instrument,
    plain_marker,
    plain_notes,
    plain_order,
    plain_references,
    plain_sex,
    plain_words,
)
from index.people import MentionRow
from index.profiles import decode
from index.struck_out import struck_out

SAFE = "protected address, held and not shown: ask {}"
"""What stands instead of a safe place."""
_PSEUDONYM = re.compile(r"Person [A-Z2-7]{8}")
BETWEEN = " / "
"""What stands between the names of one label (index/mentions.py)."""
PSEUDONYMS = frozenset({Hidden.NAMES, Hidden.NUMBERS, Hidden.PLACES})
"""What is told by another name, made with the key."""
PROTECTED = frozenset({Visibility.PROTECTED, Visibility.SEALED})
"""The labels of safe places."""
_KEPT = ("institution", "no_address")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")
_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Masked:
    """A mask that is put on.

    Attributes:
        hides: what is kept back.
        key: bytes, of the pseudonyms.
        contact: str, whom to ask about safe places; '' where they are not hidden.
    """

    hides: frozenset[Hidden]
    key: bytes = field(repr=False)
    contact: str = ""

    @property
    def instead(self) -> str:
        """What stands instead of a safe place."""
        return SAFE.format(self.contact)

    def covers(self, *what: Hidden) -> bool:
        """Tell whether any of this is kept back."""
        return not self.hides.isdisjoint(what)

    def row(self, row: MentionRow, *, safe: bool) -> MentionRow:
        """Return a mention with what may be shown of how it was written; its value, by which it is matched, stays.

        Args:
            row: as the build holds it.
            safe: whether some protected record holds the place or number.
        """
        if row.kind == "person" and self.covers(Hidden.NAMES):
            return row._replace(label=BETWEEN.join(map(self.person, row.label.split(BETWEEN))))
        if row.kind == "phone" and self.covers(Hidden.NUMBERS):
            profile = decode(row.kind, row.value)
            return row._replace(label=self.number(profile.e164 if isinstance(profile, PhoneProfile) else row.label))
        if row.kind == "location":
            if self.covers(Hidden.SAFE_PLACES) and (safe or row.visibility in PROTECTED):
                return row._replace(label=self.instead)
            if self.covers(Hidden.PLACES):
                profile = decode(row.kind, row.value)
                address = profile.address if isinstance(profile, PlaceProfile) else None
                return row._replace(label=self.place(address, row.label))
        return row

    def record(self, record: Record) -> Record:
        """Return a record with what may be shown of it."""
        if self.covers(Hidden.WORDS):
            record = _plain(record)
        if self.covers(Hidden.SAFE_PLACES):
            record = self._without_safe_places(record)
        if self.covers(Hidden.IDENTIFIERS, Hidden.WORDS):
            record = replace(record, references=plain_references(record))
        if self.covers(Hidden.NAMES):
            record = self._officers(record)
        return replace(
            record,
            persons=tuple(map(self._person, record.persons)),
            locations=tuple(map(self._location, record.locations)),
            phones=tuple(map(self._phone, record.phones)),
        )

    def person(self, name: str) -> str:
        """Return a name's pseudonym; nobody's name ('name not recorded') is left as it is."""
        said = " ".join(sorted(fold(name).split()))
        if said in ("", "name not recorded"):
            return "name not readable" if name.strip() and not said else name
        return f"Person {self._pseudonym('person', said)}"

    def officer(self, by: str) -> str:
        """Return the pseudonym of who wrote or set something: that nobody is recorded is said, and who is not."""
        return f"Officer {self._pseudonym('officer', ' '.join(fold(by).split()))}" if by.strip() else by

    def number(self, e164: str) -> str:
        """Return a number's pseudonym."""
        return f"Number {self._pseudonym('phone', e164)}"

    def place(self, address: Address | None, written: str) -> str:
        """Return a place's pseudonym with its postcode's district, and what kind of place it is where that is said."""
        said = (address.identity or " ".join(address.words)) if address else fold(written)
        district = f", {address.outward}" if address and address.outward else ""
        kinds = [word for name in _KEPT for word in named(name, written)]
        return f"Place {self._pseudonym('location', said)}{district}{f' ({kinds[0]})' if kinds else ''}"

    def _pseudonym(self, kind: str, value: str) -> str:
        """Return its eight letters and figures."""
        return _pseudonym(self.key, f"{kind}\0{value}")

    def _person(self, person: Person) -> Person:
        """Return a person with what may be shown."""
        if self.covers(Hidden.NAMES):
            person = replace(person, names=tuple(map(self.person, person.names)))
        if self.covers(Hidden.WORDS):  # a suspect's note says what they are to the victim
            note = plain_words(person.note) if person.role in SUSPECTS else ""
            person = replace(person, note=note, age=plain_age(person.age), sex=plain_sex(person.sex))
        if self.covers(Hidden.BIRTHS):
            years = (year.group() for born in person.dobs if (year := _YEAR.search(born)) is not None)
            person = replace(person, dobs=tuple(years))
        return replace(person, identifiers=()) if self.covers(Hidden.IDENTIFIERS) else person

    def _location(self, place: Location) -> Location:
        """Return a place with what may be shown."""
        if not self.covers(Hidden.PLACES) or place.text == self.instead:
            return place
        written = f"{place.text} {place.postcode}".strip()
        return replace(place, text=self.place(read_address(place.text, place.postcode), written), postcode="")

    def _phone(self, phone: Phone) -> Phone:
        """Return a number with what may be shown."""
        if not self.covers(Hidden.NUMBERS):
            return phone
        read = [each.e164 for each in read_phones(phone.text, phone.area) if each.e164]
        return replace(phone, text=", ".join(map(self.number, read)) or "number not readable", area="")

    def _officers(self, record: Record) -> Record:
        """Return a record that names none of those who wrote it."""

        def _by(changes: tuple[GradeChange, ...]) -> tuple[GradeChange, ...]:
            return tuple(replace(each, by=self.officer(each.by)) for each in changes)

        return replace(
            record,
            texts=tuple(replace(each, by=self.officer(each.by)) for each in record.texts),
            grades=_by(record.grades),
            assessments=tuple(
                replace(each, by=self.officer(each.by), history=_by(each.history)) for each in record.assessments
            ),
        )

    def _without_safe_places(self, record: Record) -> Record:
        """Return a record that names no safe place, in its free words neither, as far as these write it alike."""
        safe = [each for each in record.locations if each.visibility in PROTECTED]
        if not safe:
            return record
        doors = {_door(each) for each in safe} - {""}
        kept = tuple(
            replace(each, text=self.instead, postcode="")
            if each.visibility in PROTECTED or _door(each) in doors
            else each
            for each in record.locations
        )
        return replace(struck_out(record, safe, self.instead), locations=kept)


@lru_cache(maxsize=32_768)
def _pseudonym(key: bytes, value: str) -> str:
    """Return eight letters and figures of a value: among a million values, some pair is alike one time in three."""
    made = hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(made).decode("ascii")[:_LETTERS]


def _door(place: Location) -> str:
    """Return a place's door without its area; '' when it is none."""
    address = read_address(place.text, place.postcode)
    return address.without_area if address else ""


def names_behind(row: MentionRow) -> tuple[str, ...]:
    """Return a person's names to be compared, never to be shown: as written, or as cleaned where a mask is put on."""
    written = tuple(row.label.split(BETWEEN))
    if not any(map(_PSEUDONYM.fullmatch, written)):
        return written
    profile = decode(row.kind, row.value)
    return tuple(" ".join(name) for name in profile.names) if isinstance(profile, PersonProfile) else ()


def _plain(record: Record) -> Record:
    """Return a record without free words, and with no more of its other values than is surely none."""
    bare = without_words(record)
    return replace(
        bare,
        notes=tuple(plain_notes(record.notes)),
        codes=tuple(map(plain_code, bare.codes)),
        markers=tuple(map(plain_marker, bare.markers)),
        orders=tuple(map(plain_order, bare.orders)),
        grades=tuple(map(plain_grade, bare.grades)),
        assessments=tuple(
            replace(
                each,
                instrument=plain_instrument(each.instrument),
                history=tuple(map(plain_grade, each.history)),
            )
            for each in bare.assessments
        ),
    )


def without_words(record: Record) -> Record:
    """Return a record without its free words: what it is, when, who and how grave stay."""
    return replace(
        record,
        summary="",
        texts=(),
        notes=(),
        orders=tuple(replace(order, protects=(), conditions=()) for order in record.orders),
        markers=tuple(replace(marker, note="") for marker in record.markers),
        assessments=tuple(
            replace(each, history=tuple(replace(change, reason="") for change in each.history))
            for each in record.assessments
        ),
    )
