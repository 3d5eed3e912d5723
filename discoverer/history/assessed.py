"""What stands beside a hit's own risk assessments: those of its victims elsewhere, referrals, and those never made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from discoverer.answer import Assessed, Missing, Referral
from discoverer.clock import age_in_words
from discoverer.held import Held
from discoverer.history.material import stands_at
from discoverer.lists import named
from discoverer.model import VICTIMS, Record, RiskLevel
from discoverer.normalise.references import canonical_reference
from discoverer.policy.counting import Level
from discoverer.policy.domestic import relationships, suggested_relationships
from discoverer.policy.domestic_rules import DomesticRules
from discoverer.policy.duty import duty_of, is_crime
from discoverer.policy.events import domestic_level
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.rules import Policy
from discoverer.policy.times import read_day
from discoverer.risk import describe, graded_at
from discoverer.wording import day, name_of
from index.people import MentionRow

MARAC, MEETING, IDVA = "MARAC referred", "MARAC date", "IDVA referred"


def gravest_of(rows: Iterable[MentionRow], records: Mapping[tuple[int, int], Record], now: datetime) -> list[Assessed]:
    """Return the gravest assessment of somebody as a victim, over their mentions in scope; [] when there is none.

    Args:
        rows: their mentions.
        records: those of them that were read.
        now: the instant that counts as now.
    """
    found = []
    for row in rows:
        record = records.get((row.segment, row.n))
        for each in record.assessments if record is not None else ():
            if record is not None and each.victim == stands_at(row) and each.level is not RiskLevel.NOT_ASSESSED:
                found.append((each.level.rank, graded_at(record, each), record, each))
    if not found:
        return []
    _, _, record, assessment = max(found, key=lambda each: each[:2])
    return [describe(record, assessment, now)]


def referrals(held: Iterable[Held], now: datetime) -> tuple[Referral, ...]:
    """Return the referrals to MARAC and IDVA in a hit's records, the latest first.

    A child or witness of the record is told too: the flag travels with any search of the family (F14).
    """
    found = []
    for record, _ in held:
        notes = {label: text for label, text in reversed(record.notes) if text}
        victim = name_of(next((person for person in record.persons if person.role in VICTIMS), None))
        for kind, label in (("MARAC", MARAC), ("IDVA", IDVA)):
            if label in notes and not _says_no(notes[label]):
                referred = _iso(read_day(notes[label]))
                meeting = _iso(read_day(notes.get(MEETING, ""))) if kind == "MARAC" else ""
                words = f"{kind} referred {day(referred) or notes[label]}"
                words += f", heard or to be heard {day(meeting)}" if meeting else ""
                words += f", {age_in_words(referred, now)} ago" if referred else ""
                words += f": {victim or 'victim not named'} ({record.source} {record.ref})"
                found.append(Referral(kind, referred, meeting, victim, record.source, record.ref, words))
    return tuple(sorted(found, key=lambda each: (each.referred, each.kind), reverse=True))


def _says_no(written: str) -> bool:
    """Tell whether a note of a referral says that there was none: it begins with a no, and names no day."""
    said = named("not_referred", written)
    return any(written.strip().lower().startswith(word) for word in said) and read_day(written) is None


def _iso(found: date | None) -> str:
    """Write a day as an ISO date; '' when there is none."""
    return found.isoformat() if found else ""


def missing(
    found: Sequence[Occurrence], roles: Mapping[tuple[str, str], Collection[str]], policy: Policy
) -> tuple[Missing, ...]:
    """Return the domestic abuse events without an assessment that ask for one of this hit, the latest first.

    Args:
        found: its events.
        roles: (source, ref) -> the parts the hit plays there; {} for a place, number or event, which ask for all.
        policy: by which domestic abuse and relationships are recognised.
    """
    graded = {number for event in found for each in event.held if _graded(each.record) for number in _own(each.record)}
    owed = []
    for event in found:
        records = [each.record for each in event.held]
        if domestic_level(event, policy) is not Level.CERTAIN or any(_assessed(record, graded) for record in records):
            continue
        if roles and not any(_is_owed(each, roles.get((each.source, each.ref), ())) for each in records):
            continue
        owed.append(_missing(event, records, policy.domestic))
    return tuple(owed)


def _is_owed(record: Record, roles: Collection[str]) -> bool:
    """Tell whether a record asks for an assessment of the hit: its victim, or a caller where no victim is named."""
    if VICTIMS & set(roles):
        return True
    return "caller" in roles and not any(person.role in VICTIMS for person in record.persons)


def _graded(record: Record) -> bool:
    """Tell whether a record holds an assessment that gave a level."""
    return any(each.level is not RiskLevel.NOT_ASSESSED for each in record.assessments)


def _own(record: Record) -> set[str]:
    """Return the numbers a record is known by."""
    own = [each.raw for each in record.references if each.own]
    return {canonical_reference(raw) for raw in (*own, record.ref)} - {""}


def _forms(record: Record) -> list[str]:
    """Return the forms a record names, as written; a filler ('N/A') names none."""
    named = [each.raw for each in record.references if each.scheme == "dash" and not each.own]
    return [raw for raw in named if any(sign in "123456789" for sign in raw)]


def _assessed(record: Record, graded: Collection[str]) -> bool:
    """Tell whether a record holds an assessment, or names one that is held; one that is not shows nobody a level."""
    return _graded(record) or any(canonical_reference(raw) in graded for raw in _forms(record))


def _missing(event: Occurrence, records: Sequence[Record], rules: DomesticRules) -> Missing:
    """Judge whether an assessment had to be made, and say why."""
    crime = any(is_crime(record) for record in records)
    stated = [name for record in records for name in relationships(record, rules)]
    suggested = [name for record in records for name in suggested_relationships(record, rules)]
    duty = "mandatory" if duty_of(crime, stated, suggested).due else "discretionary"
    said = "relationship not recorded"
    if stated:
        said = f"relationship {stated[0].replace('_', ' ')}"
    elif suggested:
        said = f"its words suggest a relationship {suggested[0].replace('_', ' ')}"
    why = ["a crime" if crime else "no crime recorded", said]
    why += [f"it names {raw}, which this history does not hold" for record in records for raw in _forms(record)]
    main = records[0]
    words = f"{duty}: {', '.join(why)} ({main.source} {main.ref})"
    return Missing(duty, event.at, main.source, main.ref, words)
