"""The part a person, place or number plays in an occurrence, how old people were, and who the other party is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from discoverer.held import Held
from discoverer.model import SUSPECTS, Found, Location, Person, Phone, Record, Role
from discoverer.normalise.ages import AgeRange, read_age
from discoverer.normalise.dates import read_birth_date
from discoverer.normalise.names import read_names
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.times import local_day, span_of

GROWN_UP = 16  # years: the definition of domestic abuse of 2013 (domain guide 2.10)

SubjectKind = Literal["person", "location", "phone"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose badges are asked for.

    Attributes:
        kind: 'person' | 'location' | 'phone'.
        positions: (source, ref) -> the subject's mention positions in that record; a record that is not here is asked
            by the positions it is held with. For a place or number give them: a record held as a whole says only that
            it may play any part in it.
    """

    kind: SubjectKind
    positions: Mapping[tuple[str, str], Collection[int]] = field(default_factory=dict)

    def stands_at(self, held: Held) -> Collection[int] | None:
        """Return the subject's positions in a record; None when they are not known."""
        return self.positions.get((held.record.source, held.record.ref), held.positions)


class Party(NamedTuple):
    """Somebody else in a record.

    Attributes:
        key: str, the same for the same person.
        name: str, as written.
        sure: bool, the key is more than a name.
        loose: str, the words of the name, in order of the alphabet.
        births: full dates of birth known of them.
    """

    key: str
    name: str
    sure: bool
    loose: str
    births: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """Whether no date of birth is known, so that it may be another person of the name after all."""
        return not self.births


PartyOf = Callable[[Record, Person], Party]


def written_party(record: Record, person: Person) -> Party:
    """Identify somebody by what is written alone: sure with a full date of birth, else by the name, unsurely."""
    name = person.names[0] if person.names else ""
    tokens = " ".join(sorted({token for read in read_names(name)[:1] for token in read.tokens}))
    day = local_day(span.last) if record.at and (span := span_of(record.at.value)) else date.max
    births = [birth.value for raw in person.dobs if (birth := read_birth_date(raw, day)) and len(birth.value) == 10]
    if tokens and births:
        return Party(f"{tokens}|{births[0]}", name, True, tokens, frozenset(births))
    return Party(tokens, name, False, tokens)


def parts(subject: Subject, held: Held) -> Iterator[tuple[Person | Location | Phone, bool]]:
    """Yield the subject's mentions in a record, each with whether it is sure that it is the subject's."""
    where = subject.stands_at(held)
    record = held.record
    if where is None and subject.kind == "person":
        return
    for mention in _mentions(subject.kind, record):
        if where is None or mention.position in where:
            yield mention, where is not None and mention.found is not Found.TEXT


def _mentions(kind: SubjectKind, record: Record) -> tuple[Person, ...] | tuple[Location, ...] | tuple[Phone, ...]:
    """Return a record's mentions of one kind."""
    if kind == "person":
        return record.persons
    return record.locations if kind == "location" else record.phones


def roles_in(subject: Subject, occurrence: Occurrence) -> dict[Role, bool]:
    """Return the parts a subject plays in an occurrence, each with whether that is sure."""
    found: dict[Role, bool] = {}
    for held in occurrence.held:
        for mention, sure in parts(subject, held):
            found[mention.role] = found.get(mention.role, False) or sure
    return found


def suspects(occurrence: Occurrence, subject: Subject) -> Iterator[tuple[Record, Person]]:
    """Yield the suspects an occurrence names, the subject apart."""
    for held in occurrence.held:
        mine = subject.stands_at(held) or ()
        for person in held.record.persons:
            if person.role in SUSPECTS and person.names and person.position not in mine:
                yield held.record, person


def age_at(person: Person, record: Record) -> AgeRange | None:
    """Return how old somebody was at a record's instant, by date of birth or else the age written; None: unknown."""
    on = local_day(span.last) if record.at and (span := span_of(record.at.value)) else None
    if on is None:
        return read_age(person.age)
    ages = []
    for raw in person.dobs:
        birth = read_birth_date(raw, on)
        born = span_of(birth.value) if birth and not birth.rough else None
        if born:
            ages.append(_years(local_day(born.first), on))
    if ages:
        return AgeRange("", min(ages), max(ages))
    return read_age(person.age)


def _years(born: date, on: date) -> int:
    """Return whole years from one day to another."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
