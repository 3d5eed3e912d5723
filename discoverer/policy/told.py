"""What the figures keep of a record: a few strings, so that a whole index can be counted without being held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from discoverer.model import Person, Record, RecordKind, RiskLevel, Role
from discoverer.normalise.text import fold
from discoverer.policy.domestic import Sign, cancelled_by, relationships, signs, suggested_relationships
from discoverer.policy.duty import is_crime
from discoverer.policy.events import counted_day, set_apart
from discoverer.policy.rules import Policy
from discoverer.policy.traces import Trace, trace
from index.reader import Reader

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """One record, as the figures need it.

    Attributes:
        place: (segment, n), where it stands in the build.
        trace: what joins it to others.
        signs: that it is about domestic abuse, their words left out.
        cancelled: bool, closed as 'not a domestic' or the like.
        crime: bool, it is about a crime.
        day: str, ISO, when it counts.
        victims: positions of its victims.
        apart: position -> why an event does not count for the victim there.
        levels: (position of the victim, level, when), its risk assessments.
        stated, suggested: relationship classes, as stated and as its words suggest.
    """

    place: Place
    trace: Trace
    signs: tuple[Sign, ...]
    cancelled: bool
    crime: bool
    day: str
    victims: tuple[int, ...]
    apart: dict[int, str]
    levels: tuple[tuple[int, RiskLevel, str], ...]
    stated: frozenset[str]
    suggested: frozenset[str]


def read_told(reader: Reader, policy: Policy) -> tuple[list[Told], set[tuple[Place, int]]]:
    """Read every record in scope that is about domestic abuse, or tells of an event another such record tells of.

    Returns:
        (those records; (place, position) of everybody a record says is dead).
    """
    told: list[Told] = []
    known: set[Place] = set()
    dead: set[tuple[Place, int]] = set()
    schemes = policy.terms.occurrence.named_schemes
    for place, record in reader.every_record():
        dead |= {(place, position) for position in _dead(record, policy)}
        found = signs(record, policy.domestic)
        if found:
            known.add(place)
            told.append(_told(place, record, trace(record, schemes), found, policy))
    keys = {key for each in told for key in _keys(each.trace)}
    for place, record in reader.every_record():
        if place not in known and (record.references or record.kind is RecordKind.INCIDENT):
            one = trace(record, schemes)
            if not keys.isdisjoint(_keys(one)):
                told.append(_told(place, record, one, (), policy))
    return told, dead


def _told(place: Place, record: Record, one: Trace, found: tuple[Sign, ...], policy: Policy) -> Told:
    """Keep what the figures need of a record."""
    victims = [person for person in record.persons if person.role is Role.VICTIM]
    apart = {person.position: why for person in victims if (why := set_apart([record], [(record, person)], policy))}
    short = dict.fromkeys(Sign(sign.rule, "", sign.source, sign.ref, sign.suggested) for sign in found)
    return Told(
        place,
        one,
        tuple(short),
        bool(cancelled_by(record, policy.domestic)),
        is_crime(record),
        counted_day([record], one.at, policy),
        tuple(person.position for person in victims),
        apart,
        tuple(_levels(record)),
        frozenset(relationships(record, policy.domestic)),
        frozenset(suggested_relationships(record, policy.domestic)),
    )


def _levels(record: Record) -> Iterator[tuple[int, RiskLevel, str]]:
    """Yield each risk assessment of a named victim that gave a level."""
    for each in record.assessments:
        if each.victim is not None and each.level is not RiskLevel.NOT_ASSESSED:
            yield each.victim, each.level, each.at.value if each.at else one_day(record)


def one_day(record: Record) -> str:
    """Return when a record is dated; '' when it is not."""
    return record.at.value if record.at else ""


def _keys(one: Trace) -> Iterator[str]:
    """Yield everything by which a record can be joined to another."""
    yield from one.own
    yield from one.named
    yield from one.linked
    yield from (f"crime {crime}" for crime in one.crimes)
    yield from (f"door {door}" for door, _ in one.scenes)


def _dead(record: Record, policy: Policy) -> Iterator[int]:
    """Yield the positions of the people a record says are dead, by a marker on them or beside their name."""
    words = {fold(word) for word in policy.terms.edges.deceased_words}
    marked = [marker.subject for marker in record.markers if fold(marker.word) in words]
    yield from (position for position in marked if position is not None)
    yield from (person.position for person in record.persons if _says(person, words))


def _says(person: Person, words: set[str]) -> bool:
    """Tell whether what stands beside somebody's name says one of these words."""
    return bool(person.note) and not words.isdisjoint(fold(person.note).split())
