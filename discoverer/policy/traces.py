"""What of a record tells whether it is about the same event as another: a few strings, cheap to keep in millions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from discoverer.model import Record, RecordKind, Reference, Role
from discoverer.normalise.addresses import Address, read_address
from discoverer.normalise.names import read_names
from discoverer.normalise.references import canonical_reference, read_log_reference
from discoverer.policy.times import Span, span_of

# A crime number shorter than this, or all noughts, is a filler ('N/A', '0000').
SHORTEST_NUMBER = 5


@dataclass(frozen=True, slots=True)
class Trace:
    """What joins a record to others.

    Attributes:
        source, ref: its id.
        kind: what kind of event.
        at: str, ISO, when; '' undated.
        own: its own numbers, 'log log:88/2014-09-02', 'dash ref:da1405512'.
        crimes: crime numbers it bears.
        named: numbers of other records that it names, written as `own`.
        linked: logs it is linked to, written as `own`.
        scenes: where it happened, logs only.
        people: words of the names of its victims and suspects, logs only.
    """

    source: str
    ref: str
    kind: RecordKind
    at: str
    own: tuple[str, ...]
    crimes: tuple[str, ...]
    named: tuple[str, ...]
    linked: tuple[str, ...]
    scenes: tuple[tuple[str, str], ...]
    people: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """Its id: (source, ref)."""
        return self.source, self.ref

    @property
    def span(self) -> Span | None:
        """When it happened, as precisely as is known; None when undated."""
        return span_of(self.at)

    @property
    def rank(self) -> tuple[bool, bool, str, str, str]:
        """Its place among the records of one event: logs first, then the earliest, undated last."""
        return self.kind is not RecordKind.INCIDENT, not self.at, self.at, self.source, self.ref


class Numbers(NamedTuple):
    """The numbers of a record, as `Trace` says."""

    own: tuple[str, ...]
    crimes: tuple[str, ...]
    named: tuple[str, ...]
    linked: tuple[str, ...]


def trace(record: Record, named_schemes: Sequence[str]) -> Trace:
    """Return what joins a record to others.

    Args:
        record: as far as it is in scope.
        named_schemes: the schemes of references that name another record's own number.
    """
    return placed(unplaced(record, named_schemes), record)


def unplaced(record: Record, named_schemes: Sequence[str]) -> Trace:
    """Return what joins a record to others but for who was where, which takes far longer to read. As `trace`."""
    at = record.at.value if record.at else ""
    numbers = numbers_of(record, named_schemes)
    return Trace(record.source, record.ref, record.kind, at, *numbers, scenes=(), people=frozenset())


def placed(one: Trace, record: Record) -> Trace:
    """Return the trace of a record with who was where, where it is a log."""
    if record.kind is not RecordKind.INCIDENT:
        return one
    return replace(one, scenes=_scenes(record), people=_people(record))


def numbers_of(record: Record, named_schemes: Sequence[str]) -> Numbers:
    """Return the numbers a record bears and names, without reading who was where, which takes far longer.

    Args:
        record: as far as it is in scope.
        named_schemes: as for `trace`.
    """
    return _numbers_among(record.references, tuple(named_schemes), is_log=record.kind is RecordKind.INCIDENT)


@lru_cache(maxsize=4_096)
def _numbers_among(references: tuple[Reference, ...], named_schemes: tuple[str, ...], *, is_log: bool) -> Numbers:
    """Return the numbers among the references of a record, which every hit it is of asks for more than once."""
    others = [each for each in references if not each.own]
    return Numbers(
        _numbers(each for each in references if each.own),
        tuple(dict.fromkeys(number for each in others if each.scheme == "crime" and (number := _crime(each.raw)))),
        _numbers(each for each in others if each.scheme in named_schemes),
        _numbers(each for each in others if each.scheme == "linked_log") if is_log else (),
    )


def _numbers(references: Iterable[Reference]) -> tuple[str, ...]:
    """Return references in the form that names one record, each once."""
    found = (_number(each.scheme, each.raw) for each in references)
    return tuple(dict.fromkeys(number for number in found if number))


@lru_cache(maxsize=65_536)
def _number(scheme: str, raw: str) -> str:
    """Return a reference in the form that names one record; '' when it names none for sure."""
    if scheme in ("log", "linked_log"):
        # Quoted with a day that can be read two ways, it is the day before the month, as everywhere in the force.
        log = read_log_reference(raw)
        return f"log {log.canonical[0]}" if log and log.days else ""
    canonical = canonical_reference(raw)
    return f"{scheme} {canonical}" if canonical else ""


@lru_cache(maxsize=65_536)
def _crime(raw: str) -> str:
    """Return a crime number in canonical form; '' for a filler."""
    canonical = canonical_reference(raw).removeprefix("ref:")
    digits = {letter for letter in canonical if letter.isdigit()}
    return canonical if len(canonical) >= SHORTEST_NUMBER and digits - {"0"} else ""


def _scenes(record: Record) -> tuple[tuple[str, str], ...]:
    """Return where a log happened: each door or building with its street, and the area it was written with."""
    found = []
    for place in record.locations:
        if place.role is Role.SCENE and place.holder is None and (address := read_address(place.text, place.postcode)):
            door = address.without_area or address.identity
            if door:
                found.append((door, _area(address)))
    return tuple(dict.fromkeys(found))


def _area(address: Address) -> str:
    """Return the most exact area an address was written with; '' for none."""
    return address.postcode or " ".join(address.localities) or address.outward


def _people(record: Record) -> frozenset[str]:
    """Return the words of the names of a log's victims and suspects."""
    persons = [person for person in record.persons if person.role in (Role.VICTIM, Role.SUSPECT)]
    return frozenset(
        word for person in persons for raw in person.names for name in read_names(raw) for word in name.tokens
    )


def same_place(one: Trace, other: Trace) -> bool:
    """Tell whether two logs happened at one door.

    The door must have been written with the same area, and the people named must not all be others; or else (one with
    its postcode, the other with its district) the same people must be named, and no other postcode.
    """
    return any(_same_scene(mine, theirs, one.people, other.people) for mine in one.scenes for theirs in other.scenes)


def _same_scene(mine: tuple[str, str], theirs: tuple[str, str], people: frozenset[str], others: frozenset[str]) -> bool:
    """Tell whether two scenes are one, given who is named at each."""
    if mine[0] != theirs[0]:
        return False
    if mine[1] == theirs[1]:
        return bool(mine[1]) and not (people and others and people.isdisjoint(others))
    both_postcodes = all(any(sign.isdigit() for sign in area) for area in (mine[1], theirs[1]))
    return not both_postcodes and not people.isdisjoint(others)
