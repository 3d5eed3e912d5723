"""From a record as written to its cleaned mentions, those hidden in running text included.

A mention found in text is marked so, and never says more than 'possible' (design: levels). One written
field may hold several people or numbers; each becomes a mention of its own, numbered after the record's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple, TypeVar

from discoverer.match.profiles import PersonProfile, PhoneProfile, PlaceProfile
from discoverer.model import Found, MentionKind, Person, Phone, Record, Role, Visibility, most_closed
from discoverer.normalise.addresses import Address, read_address
from discoverer.normalise.dates import read_age, read_birth_date
from discoverer.normalise.extract import Extracted, extract
from discoverer.normalise.identifiers import read_identifier
from discoverer.normalise.names import Name, read_names
from discoverer.normalise.phones import PhoneNumber, read_phones, read_tail
from discoverer.normalise.references import canonical_reference, read_log_reference
from discoverer.normalise.sexes import read_sexes
from index.keys import areas_of, named_log

T = TypeVar("T")

# Why a number could not be read whole although its digits say whose it may be.
UNFINISHED = frozenset({"no dialling code", "too short", "too long"})
# A reference shorter than this ('12/14') is as likely a flat or a date.
SHORTEST_REFERENCE = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """One cleaned mention of one record.

    Attributes:
        position: int >= 0, unique in the record; the record's own mentions keep theirs.
        kind: person, location or phone.
        role: its part in the record.
        found: field or text.
        visibility: the most closed of its own and its record's.
        holder: int | None, position of the person whose place or number it is; of the second of two people named in
            one field, the position of the field.
        label: str, as written, for a person to read.
        value: the cleaned values; a group's profile is made of its mentions' values.
        risk: int 0 to 3, rank of the risk assessment it takes part in (0: none).
        doors: tuple[str, ...], canonical addresses with their area, for linking; people only.
    """

    position: int
    kind: MentionKind
    role: Role
    found: Found
    visibility: Visibility
    holder: int | None
    label: str
    value: PersonProfile | PlaceProfile | PhoneProfile
    risk: int = 0
    doors: tuple[str, ...] = field(default=())


class References(NamedTuple):
    """The canonical references that lead to a record.

    Attributes:
        own: those of its fields: its own, its crime's, the marks of vehicles; as open as the record.
        said: the vehicle marks and logs that only its texts name; as closed as the record's words.
    """

    own: tuple[str, ...]
    said: tuple[str, ...]


def clean(record: Record, known: frozenset[str], on: date) -> tuple[list[Mention], References]:
    """Clean every mention of a record, and every reference that leads to it.

    Args:
        record: as an adapter made it.
        known: folded tokens known to be names to whoever may see the record's words, for reading text.
        on: today, for two-digit years and limits of age.

    Returns:
        (mentions, the references).
    """
    places = {place.position: read_address(place.text, place.postcode) for place in record.locations}
    found = [*_people(record, places, on), *_places(record, places), *_phones(record, places)]
    own = max(_positions(record), default=-1)
    written = [text.text for text in record.texts if text.read]
    written += [condition for order in record.orders for condition in order.conditions]
    texts = [extract(text, known) for text in written]
    mentions = _numbered([*found, *_from_text(record, found, texts, on)], own)
    own_references = _references(record)
    said = tuple(each for each in _references_said(texts) if each not in own_references)
    return mentions, References(own_references, said)


def _positions(record: Record) -> list[int]:
    """Return the positions of a record's own mentions."""
    people, places = [each.position for each in record.persons], [each.position for each in record.locations]
    return [*people, *places, *(each.position for each in record.phones)]


def _numbered(mentions: list[Mention], last: int) -> list[Mention]:
    """Give the mentions that have no position of their own (-1) the next free ones."""
    out = []
    for mention in mentions:
        if mention.position < 0:
            last += 1
            mention = replace(mention, position=last)
        out.append(mention)
    return out


def _people(record: Record, places: dict[int, Address | None], on: date) -> Iterator[Mention]:
    """Clean the record's people, each with the homes and numbers they hold."""
    risks = _risk_of_people(record)
    for person in record.persons:
        read = [read_names(raw) for raw in person.names]
        names = [found[0] for found in read if found]
        seen_by = most_closed(person.visibility, record.visibility)
        profile, doors = _profile(record, person, names, places, on, seen_by)
        label = " / ".join(person.names) or "name not recorded"
        if not (profile.names or profile.births or profile.identifiers or profile.unverified):
            continue
        risk = risks.get(person.position, 0)
        kind = MentionKind.PERSON
        yield Mention(person.position, kind, person.role, person.found, seen_by, None, label, profile, risk, doors)
        for other in [name for found in read for name in found[1:]]:
            alone = PersonProfile(names=(other.tokens,), areas=profile.areas, homes=profile.homes)
            yield Mention(-1, kind, person.role, person.found, seen_by, person.position, label, alone, risk)


def _profile(
    record: Record,
    person: Person,
    names: list[Name],
    places: dict[int, Address | None],
    on: date,
    seen_by: Visibility,
) -> tuple[PersonProfile, tuple[str, ...]]:
    """Clean one person's values; a home or number that fewer may see than the person is left out."""
    births = [read for raw in person.dobs if (read := read_birth_date(raw, on)) is not None]
    ids = [known for each in person.identifiers if (known := read_identifier(each.raw, each.scheme)) is not None]
    homes = [
        address
        for place in record.locations
        if place.holder == person.position and seen_by.contains(place.visibility)
        if (address := places[place.position]) is not None
    ]
    # Someone whose home is not recorded is looked for where the record's own place is.
    scenes = [
        address
        for place in record.locations
        if place.holder is None and seen_by.contains(place.visibility)
        if (address := places[place.position]) is not None
    ]
    numbers = [
        number.e164
        for phone in record.phones
        if phone.holder == person.position and seen_by.contains(phone.visibility)
        for number in read_phones(phone.text, _area_of(record, phone, places))
        if number.e164
    ]
    profile = PersonProfile(
        names=_distinct(name.tokens for name in names),
        generations=_distinct(name.generation for name in names if name.generation),
        births=_distinct(birth.value for birth in births),
        years=_years(person, record, on) if not births else (),
        identifiers=_distinct(f"{each.scheme}:{each.canonical}" for each in ids if each.valid),
        unverified=_distinct(f"{each.scheme}:{each.canonical}" for each in ids if not each.valid),
        phones=_distinct(numbers),
        homes=_distinct(home.without_area for home in homes if home.without_area),
        areas=_distinct(area for place in homes or scenes for area in areas_of(place)),
        sexes=read_sexes(person.sex, person.names),
    )
    return profile, _distinct(home.identity for home in homes if home.identity)


def _distinct(values: Iterable[T]) -> tuple[T, ...]:
    """Return values once each, in order."""
    return tuple(dict.fromkeys(values))


def _years(person: Person, record: Record, on: date) -> tuple[tuple[int, int], ...]:
    """Turn a written age into the birth years it allows at the time of the record."""
    age = read_age(person.age)
    if age is None:
        return ()
    year = int(record.at.value[:4]) if record.at else on.year
    return ((year - age.high - 1, year - age.low),)


def _risk_of_people(record: Record) -> dict[int, int]:
    """Return position -> rank of the gravest assessment a person takes part in."""
    ranks: dict[int, int] = {}
    for assessment in record.assessments:
        for position in (assessment.victim, assessment.suspect):
            if position is not None:
                ranks[position] = max(ranks.get(position, 0), assessment.level.rank)
    return ranks


def _places(record: Record, places: dict[int, Address | None]) -> Iterator[Mention]:
    """Clean the record's locations."""
    for place in record.locations:
        address = places[place.position]
        if address is not None:
            label = place.text if place.postcode in place.text else f"{place.text} {place.postcode}".strip()
            yield Mention(
                place.position,
                MentionKind.LOCATION,
                place.role,
                place.found,
                most_closed(place.visibility, record.visibility),
                place.holder,
                label,
                PlaceProfile(address, place.found is Found.TEXT),
                record.gravest.rank,
            )


def _phones(record: Record, places: dict[int, Address | None]) -> Iterator[Mention]:
    """Clean the record's numbers; a field may hold several.

    What is no whole number (one digit too many, no dialling code known) is kept by its digits as written, never sure.
    """
    for phone in record.phones:
        numbers = read_phones(phone.text, _area_of(record, phone, places))
        values = [PhoneProfile(number.e164, assumed=number.assumed) for number in numbers if number.e164]
        values += [PhoneProfile(digits, assumed=True) for each in numbers if not each.e164 and (digits := _part(each))]
        for order, value in enumerate(values):
            yield _phone_mention(record, phone, value, phone.position if order == 0 else -1)


def _part(number: PhoneNumber) -> str:
    """Return the digits of what is no whole number, '' for words, placeholders and numbers of nobody."""
    return read_tail(number.raw) if number.reason in UNFINISHED else ""


def _area_of(record: Record, phone: Phone, places: dict[int, Address | None]) -> str:
    """Return the postcode that tells a local number's dialling code: its own, its holder's home or the record's place.

    A place that fewer may see than the number says nothing.
    """
    if phone.area:
        return phone.area
    open_enough = [place for place in record.locations if phone.visibility.contains(place.visibility)]
    nearest = sorted(open_enough, key=lambda place: place.holder != phone.holder)
    found = (places[place.position] for place in nearest)
    return next((code for each in found if each and (code := each.postcode or each.outward)), "")


def _phone_mention(record: Record, phone: Phone, value: PhoneProfile, position: int) -> Mention:
    """Make the mention of one number."""
    return Mention(
        position,
        MentionKind.PHONE,
        phone.role,
        phone.found,
        most_closed(phone.visibility, record.visibility),
        phone.holder,
        phone.text,
        value,
        record.gravest.rank,
    )


def _from_text(record: Record, fields: list[Mention], texts: list[Extracted], on: date) -> Iterator[Mention]:
    """Clean what the record's running texts mention and its fields do not, as closed as the record's most closed."""
    seen_by = record.words_visibility
    met: set[object] = {_sameness(mention.value) for mention in fields}
    field_names = [set(name) for each in fields if isinstance(each.value, PersonProfile) for name in each.value.names]
    area = next((phone.area for phone in record.phones if phone.area), "")
    area = area or next((place.postcode for place in record.locations if place.postcode), "")
    for text in texts:
        for kind, label, value in _spans(text, area, on):
            same = _sameness(value)
            if same not in met and not _named_in(field_names, value):
                met.add(same)
                yield Mention(-1, kind, Role.UNKNOWN, Found.TEXT, seen_by, None, label, value, 0)


def _named_in(fields: list[set[str]], value: object) -> bool:
    """Tell whether a name found in text is already, whole or in part, the name of someone in a field."""
    if not isinstance(value, PersonProfile) or value.births or value.identifiers or value.unverified:
        return False
    return any(set(name) <= held for name in value.names for held in fields)


Span = tuple[MentionKind, str, PersonProfile | PlaceProfile | PhoneProfile]


def _spans(found: Extracted, area: str, on: date) -> Iterator[Span]:
    """Clean what one text holds. A date of birth or identifier beside a single name is taken to be theirs."""
    births = _distinct(read.value for raw in found.birth_dates if (read := read_birth_date(raw, on)) is not None)
    ids = [known for scheme, raw in found.identifiers if (known := read_identifier(raw, scheme)) is not None]
    facts = PersonProfile(
        births=births,
        identifiers=_distinct(f"{each.scheme}:{each.canonical}" for each in ids if each.valid),
        unverified=_distinct(f"{each.scheme}:{each.canonical}" for each in ids if not each.valid),
        text_only=True,
    )
    names = [(raw, name) for raw in found.names for name in read_names(raw)]
    for raw, name in names:
        base = facts if len(names) == 1 else PersonProfile(text_only=True)
        yield MentionKind.PERSON, raw, replace(base, names=(name.tokens,))
    if len(names) != 1 and (facts.identifiers or facts.unverified or facts.births):
        yield MentionKind.PERSON, _unnamed(found), facts
    for raw in found.phones:
        for number in read_phones(raw, area):
            if number.e164:
                yield MentionKind.PHONE, raw, PhoneProfile(number.e164, assumed=number.assumed, text_only=True)
    for raw, code in found.addresses:
        address = read_address(raw, code)
        if address is not None:
            yield MentionKind.LOCATION, f"{raw} {code}".strip(), PlaceProfile(address, text_only=True)


def _unnamed(found: Extracted) -> str:
    """Label somebody of whom a text holds no name: a bare date has been taken for one."""
    ids = [f"{scheme.upper()} {raw}" for scheme, raw in found.identifiers]
    return f"name not recorded, {', '.join((*ids, *(f'born {raw}' for raw in found.birth_dates)))}"


def _sameness(value: PersonProfile | PlaceProfile | PhoneProfile) -> object:
    """Return what makes two mentions of one record say the same thing."""
    if isinstance(value, PhoneProfile):
        return value.e164
    if isinstance(value, PlaceProfile):
        return place_identity(value.address)
    return value.names, value.births, value.identifiers, value.unverified


def place_identity(address: Address) -> str:
    """Return the identity a place groups by: its canonical address, or all its words when it has none."""
    return address.identity or f"words {' '.join(address.words)}|{address.postcode or address.outward}".lower()


def _references(record: Record) -> tuple[str, ...]:
    """Return the canonical references in a record's fields: its own, its crime's, the vehicles it names."""
    found = [canonical_reference(record.ref)]
    for reference in record.references:
        if reference.scheme == "log" and reference.own:
            log = read_log_reference(reference.raw)
            found += [*log.canonical[:1], f"logno:{log.number}"] if log else []
        elif reference.scheme == "vrm":
            found += _vehicle(reference.raw)
        elif reference.scheme == "linked_log":
            found += _named_log(reference.raw)
        elif len(reference.raw) >= SHORTEST_REFERENCE:
            found.append(canonical_reference(reference.raw))
    return _distinct(each for each in found if each)


def _references_said(texts: list[Extracted]) -> tuple[str, ...]:
    """Return the vehicle marks and logs that running texts name, in canonical form."""
    found = [mark for text in texts for raw in text.vehicles for mark in _vehicle(raw)]
    found += [name for text in texts for raw in text.log_refs for name in _named_log(raw)]
    return _distinct(found)


def _named_log(raw: str) -> list[str]:
    """Return the form under which a record that names another log with its day is found."""
    log = read_log_reference(raw)
    return [named_log(each) for each in log.canonical[:1]] if log else []


def _vehicle(raw: str) -> list[str]:
    """Return the canonical form of a vehicle registration mark."""
    mark = read_identifier(raw, "vrm")
    return [f"vrm:{mark.canonical}"] if mark else []
