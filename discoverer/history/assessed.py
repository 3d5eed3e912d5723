"""What stands beside a hit's own risk assessments: those of its victims elsewhere, referrals, and those never made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from discoverer.answer import Assessed, Missing, Referral
from discoverer.clock import age_in_words
from discoverer.held import Held
from discoverer.history.material import stands_at
from discoverer.lists import named
from discoverer.model import VICTIMS, Record, RecordKind, RiskLevel
from discoverer.policy.domestic import relationships
from discoverer.policy.domestic_rules import DomesticRules
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.times import read_day
from discoverer.risk import describe
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
                found.append((each.level.rank, describe(record, each, now)))
    return [max(found, key=lambda pair: (pair[0], pair[1].at))[1]] if found else []


def referrals(held: Iterable[Held], now: datetime) -> tuple[Referral, ...]:
    """Return the referrals to MARAC and IDVA in a hit's records, the latest first.

    A child or witness of the record is told too: the flag travels with any search of the family (F14).
    """
    found = []
    for record, _ in held:
        notes = {label: text for label, text in reversed(record.notes) if text}
        victim = name_of(next((person for person in record.persons if person.role in VICTIMS), None))
        for kind, label in (("MARAC", MARAC), ("IDVA", IDVA)):
            if label in notes:
                referred = _iso(read_day(notes[label]))
                meeting = _iso(read_day(notes.get(MEETING, ""))) if kind == "MARAC" else ""
                words = f"{kind} referred {day(referred) or notes[label]}"
                words += f", heard or to be heard {day(meeting)}" if meeting else ""
                words += f", {age_in_words(referred, now)} ago" if referred else ""
                words += f": {victim or 'victim not named'} ({record.source} {record.ref})"
                found.append(Referral(kind, referred, meeting, victim, record.source, record.ref, words))
    return tuple(sorted(found, key=lambda each: (each.referred, each.kind), reverse=True))


def _iso(found: date | None) -> str:
    """Write a day as an ISO date; '' when there is none."""
    return found.isoformat() if found else ""


def missing(
    found: Sequence[Occurrence], roles: Mapping[tuple[str, str], Collection[str]], rules: DomesticRules
) -> tuple[Missing, ...]:
    """Return the domestic abuse events without an assessment that ask for one of this hit, the latest first.

    Args:
        found: its events.
        roles: (source, ref) -> the parts the hit plays there; {} for a place, number or event, which ask for all.
        rules: by which domestic abuse and relationships are recognised.
    """
    owed = []
    for event in found:
        records = [each.record for each in event.held]
        if not any(not sign.suggested for sign in event.signs) or any(_assessed(record) for record in records):
            continue
        if roles and not any(_is_owed(each, roles.get((each.source, each.ref), ())) for each in records):
            continue
        owed.append(_missing(event, records, rules))
    return tuple(owed)


def _is_owed(record: Record, roles: Collection[str]) -> bool:
    """Tell whether a record asks for an assessment of the hit: its victim, or a caller where no victim is named."""
    if VICTIMS & set(roles):
        return True
    return "caller" in roles and not any(person.role in VICTIMS for person in record.persons)


def _assessed(record: Record) -> bool:
    """Tell whether a record is an assessment, holds one, or names one."""
    graded = any(each.level is not RiskLevel.NOT_ASSESSED for each in record.assessments)
    return graded or any(each.scheme == "dash" and not each.own for each in record.references)


def _missing(event: Occurrence, records: Sequence[Record], rules: DomesticRules) -> Missing:
    """Judge whether an assessment had to be made: for a crime between partners or former partners (the report)."""
    crime = any(
        record.kind is RecordKind.CUSTODY or any(each.scheme == "crime" for each in record.references)
        for record in records
    )
    stated = [name for record in records for name in relationships(record, rules)]
    said = [word for record in records for text in record.texts for word in named("intimate", text.text)]
    intimate = any(name.startswith("intimate") for name in stated) or (not stated and bool(said))
    duty = "mandatory" if crime and intimate else "discretionary"
    why = [
        "a crime" if crime else "no crime recorded",
        f"relationship {stated[0].replace('_', ' ')}"
        if stated
        else f"its text says '{said[0]}'"
        if said
        else "relationship not recorded",
    ]
    main = records[0]
    words = f"{duty}: {', '.join(why)} ({main.source} {main.ref})"
    return Missing(duty, event.at, main.source, main.ref, words)
