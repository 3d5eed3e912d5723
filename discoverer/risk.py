"""The risk headline: highest and latest domestic abuse assessment, whose, who set it, when and how old.

Risk belongs to a victim in relation to a suspect. A suspect's headline counts the victims assessed; a place's
or number's names whose it is. Without an assessment the state is `not_assessed`, never `standard`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from discoverer.answer import Assessed, Risk
from discoverer.clock import age_in_words
from discoverer.held import Held
from discoverer.model import Record, RecordKind, RiskAssessment, RiskLevel
from discoverer.wording import day, name_of, person_at

NOT_ASSESSED = "NOT ASSESSED: no risk assessment found of this hit in the sources searched"


def headline(held: Iterable[Held], now: datetime) -> Risk:
    """Make the risk headline of a hit.

    Args:
        held: each record of the hit, with the hit's positions in it.
        now: the instant that counts as now.
    """
    as_victim: list[tuple[RiskLevel, Assessed]] = []
    as_suspect: list[tuple[RiskLevel, str]] = []
    beside: list[tuple[RiskLevel, Assessed]] = []
    for record, positions in held:
        for assessment in record.assessments:
            if positions is None or assessment.victim in positions:
                as_victim.append((assessment.level, describe(record, assessment, now)))
            elif assessment.suspect in positions:
                as_suspect.append((assessment.level, _victim_identity(record, assessment)))
            else:
                beside.append((assessment.level, describe(record, assessment, now)))
    assessed = [(level, each) for level, each in as_victim if level is not RiskLevel.NOT_ASSESSED]
    victims = _victims(as_suspect)
    if not assessed:
        return Risk("not_assessed", _without_own(victims, beside), victims_assessed=victims)
    highest = max(assessed, key=lambda each: (each[0].rank, each[1].at))[1]
    latest = max(assessed, key=lambda each: (each[1].at, each[0].rank))[1]
    words = [highest.words]
    if latest != highest:
        words.append(f"latest {latest.words}")
    if victims:
        words.append(_victims_words(victims))
    return Risk("assessed", "; ".join(words), highest, latest, victims)


def describe(record: Record, assessment: RiskAssessment, now: datetime) -> Assessed:
    """Put one assessment into words, a downgrade shown as one."""
    victim = name_of(person_at(record, assessment.victim)) or "victim not named"
    suspect = name_of(person_at(record, assessment.suspect))
    at = assessment.at.value if assessment.at else ""
    earlier = _earlier(assessment)
    words = f"{_shout(assessment.level)}: {victim}"
    words += f" as victim of {suspect}" if suspect else " as victim, suspect not named"
    words += f", {day(at) or 'undated'}"
    words += f", {assessment.by}" if assessment.by else ", not recorded who set it"
    age = age_in_words(at, now) if at else ""
    words += f" ({age} ago)" if age else ""
    if earlier:
        change = "DOWNGRADED" if RiskLevel(earlier).rank > assessment.level.rank else "raised"
        words += f", {change} from {earlier.upper()}"
    return Assessed(
        assessment.level.value, victim, suspect, assessment.by, at, age, record.source, record.ref, earlier, words
    )


def record_risk(record: Record) -> str | None:
    """Return the gravest level a record carries; 'not_assessed' for a domestic abuse record without one."""
    if record.assessments:
        return record.gravest.value
    return RiskLevel.NOT_ASSESSED.value if record.kind is RecordKind.DOMESTIC_ABUSE else None


def _earlier(assessment: RiskAssessment) -> str:
    """Return the last graded level before the one in force, if it was another."""
    known = {level.value for level in RiskLevel}
    grades = [change.grade for change in assessment.history if change.grade in known]
    earlier = [grade for grade in grades if grade != assessment.level.value]
    return earlier[-1] if earlier else ""


def _shout(level: RiskLevel) -> str:
    """Write a level in capitals, in words."""
    return level.value.replace("_", " ").upper()


def _victim_identity(record: Record, assessment: RiskAssessment) -> str:
    """Return what tells one victim of a suspect from another: name and date of birth as written."""
    victim = person_at(record, assessment.victim)
    if victim is None or not victim.names:
        return f"{record.source}:{record.ref}"
    return f"{' '.join(sorted(victim.names[0].upper().split()))} {' '.join(victim.dobs[:1])}"


def _victims(found: Sequence[tuple[RiskLevel, str]]) -> dict[str, int]:
    """Count different victims by their gravest level."""
    gravest: dict[str, RiskLevel] = {}
    for level, victim in found:
        gravest[victim] = max(level, gravest.get(victim, level), key=lambda each: each.rank)
    counts: dict[str, int] = defaultdict(int)
    for level in sorted(gravest.values(), key=lambda each: -each.rank):
        counts[level.value] += 1
    return dict(counts)


def _without_own(victims: dict[str, int], beside: Sequence[tuple[RiskLevel, Assessed]]) -> str:
    """Word the headline of a hit that was never assessed as a victim: a child named in a HIGH record says so."""
    words = [NOT_ASSESSED]
    if victims:
        words.append(_victims_words(victims))
    elif beside:
        gravest = max(beside, key=lambda each: (each[0].rank, each[1].at))[1]
        words.append(f"named in a record of {gravest.words}")
    return "; ".join(words)


def _victims_words(victims: dict[str, int]) -> str:
    """Word a suspect's victims: 'victims assessed HIGH: 1, MEDIUM: 2'."""
    levels = ", ".join(f"{_shout(RiskLevel(level))}: {count}" for level, count in victims.items())
    return f"as suspect, victims assessed {levels}"
