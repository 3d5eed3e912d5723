"""Occurrences as a policy's clauses count them for one subject, every edge case decided by the policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from discoverer.model import SUSPECTS, Person, Record, RecordKind, Role
from discoverer.policy.clauses import Repeat
from discoverer.policy.counting import Happening, Key, Level, domestic
from discoverer.policy.domestic import cancelled_by
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.parts import GROWN_UP, Subject, age_at, parts, roles_in
from discoverer.policy.rules import Policy
from discoverer.policy.times import read_day

SUGGESTED = "only words suggest domestic abuse"
UNSURE = "only possibly the same person"
RANG = "they rang, and no victim is named"
IN_TEXT = "named only in running text"
NO_POSITION = "its part in the record is not known"


def keys_of(occurrence: Occurrence) -> tuple[Key, ...]:
    """Return (source, ref) of an occurrence's records, the main one first."""
    return tuple((held.record.source, held.record.ref) for held in occurrence.held)


def counted_day(records: Iterable[Record], at: str, policy: Policy) -> str:
    """Return the instant or day an event counts on: when it was told, or the day a note says it happened."""
    edges = policy.terms.edges
    if edges.historic == "event":
        for record in records:
            for label, text in record.notes:
                if label in edges.event_labels and (day := read_day(text)):
                    return day.isoformat()
    return at


def domestic_level(occurrence: Occurrence, policy: Policy) -> Level | None:
    """Tell whether an occurrence is a domestic abuse event under a policy, and how surely; None when it is none."""
    if not occurrence.signs:
        return None  # whatever it was closed with
    cancelled = [
        (held.record.source, held.record.ref) for held in occurrence.held if cancelled_by(held.record, policy.domestic)
    ]
    return domestic(occurrence.signs, cancelled, policy)


def set_apart(records: Iterable[Record], victims: Collection[tuple[Record, Person]], policy: Policy) -> str:
    """Say why an event does not count towards a repeat victim by the ages in it; '' when it counts.

    Args:
        records: of the event.
        victims: the mentions of the victim that is asked about.
        policy: what an event with a victim, or a suspect, under 16 counts as. An age that is not known counts.
    """
    edges = policy.terms.edges
    if edges.under_16 == "apart" and _all_young(victims):
        return "victim under 16"
    if edges.child_to_parent == "apart":
        suspects = [(record, person) for record in records for person in record.persons if person.role in SUSPECTS]
        if _all_young(suspects):
            return "suspect under 16"
    return ""


def _all_young(people: Collection[tuple[Record, Person]]) -> bool:
    """Tell whether everybody whose age is known is surely under 16, and somebody's is."""
    ages = [age for record, person in people if (age := age_at(person, record)) is not None]
    return bool(ages) and all(age.high < GROWN_UP for age in ages)


def victims_in(subject: Subject, occurrence: Occurrence, roles: Collection[Role]) -> list[tuple[Record, Person]]:
    """Return the mentions of a subject in an occurrence in one of these parts."""
    return [
        (held.record, mention)
        for held in occurrence.held
        for mention, _ in parts(subject, held)
        if isinstance(mention, Person) and mention.role in roles
    ]


def happening(
    subject: Subject, occurrence: Occurrence, clause: Repeat, policy: Policy, level: Level, *, unsure: bool = False
) -> Happening | None:
    """Return an occurrence as one clause counts it for a subject; None when it does not count it.

    Args:
        subject: a person, place or number.
        occurrence: any that the subject has a part in.
        clause: whose roles, kinds of event and windows are meant.
        policy: the version asked.
        level: how surely the occurrence is domestic abuse under it.
        unsure: the subject is linked to the occurrence only possibly.
    """
    roles = roles_in(subject, occurrence)
    records = [held.record for held in occurrence.held]
    mine = [role for role in roles if role in clause.roles]
    rang = not mine and _may_be_the_victim(roles, clause, records, policy)
    if rang:
        mine = [Role.CALLER]
    if not mine:
        return None
    if clause.logs_only and not any(record.kind is RecordKind.INCIDENT for record in records):
        return None
    if clause.count == "crime" and not has_crime(records):
        return None
    if subject.kind == "person":
        if policy.terms.edges.counter_allegation == "neither" and SUSPECTS & set(roles):
            return None
        if set_apart(records, victims_in(subject, occurrence, mine), policy):
            return None
    doubts = [SUGGESTED] if level is Level.POSSIBLE else []
    doubts += [UNSURE] if unsure else []
    doubts += [RANG] if rang else []
    if not any(roles[role] for role in mine):
        doubts.append(IN_TEXT if subject.kind == "person" else NO_POSITION)
    kinds = frozenset(record.kind for record in records)
    return Happening(counted_day(records, occurrence.at, policy), keys_of(occurrence), tuple(doubts), kinds)


def _may_be_the_victim(roles: Collection[Role], clause: Repeat, records: Iterable[Record], policy: Policy) -> bool:
    """Tell whether somebody rang of what counts for victims, and no victim is named whom they rang for."""
    if policy.terms.edges.unnamed_caller == "ignore" or Role.CALLER not in roles or Role.VICTIM not in clause.roles:
        return False
    named = (person for record in records for person in record.persons if person.names)
    return not any(person.role in (Role.VICTIM, Role.PROTECTED) for person in named)


def has_crime(records: Iterable[Record]) -> bool:
    """Tell whether a record bears a crime number."""
    return any(
        reference.scheme == "crime" and reference.raw.strip() for record in records for reference in record.references
    )
