"""The risk headline: highest and latest domestic abuse assessment, whose, who set it, when and how old.

Risk belongs to a victim in relation to a suspect. A suspect's headline counts the victims assessed; a place's
or number's names whose it is. Without an assessment the state is `not_assessed`, never `standard`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from discoverer import headlines
from discoverer.answer import Assessed, Risk
from discoverer.clock import age_in_words
from discoverer.headlines import NOTHING, Beside, Claim, cited, claims, shout
from discoverer.held import Held
from discoverer.lists import lists
from discoverer.model import Record, RecordKind, RiskAssessment, RiskLevel
from discoverer.policy.times import span_of
from discoverer.wording import day, name_of, person_at, when

WhoIs = Callable[[Record, int | None], int | None]


def _nobody(record: Record, position: int | None) -> int | None:
    """Return nobody: without an index nobody knows who stands at a position of a record."""
    del record, position
    return None


def headline(
    held: Iterable[Held],
    now: datetime,
    beside_it: Beside = NOTHING,
    who: WhoIs = _nobody,
    gone: Collection[int] = (),
) -> Risk:
    """Make the risk headline of a hit.

    Args:
        held: each record of the hit, with the hit's positions in it.
        now: the instant that counts as now.
        beside_it: what its own records do not say.
        who: (record, position) -> the person linked there, by whom victims are counted; None: by what is written.
        gone: the people who lived at a place, or held a number, and do so no more: their risk is told apart.
    """
    previous: list[tuple[RiskLevel, Assessed]] = []
    as_victim: list[tuple[RiskLevel, Assessed]] = []
    as_suspect: list[tuple[RiskLevel, str]] = []
    beside: list[tuple[RiskLevel, Assessed]] = []
    for record, positions in held:
        for assessment in record.assessments:
            if positions is None and who(record, assessment.victim) in gone:
                previous.append((assessment.level, describe(record, assessment, now)))
            elif positions is None or assessment.victim in positions:
                as_victim.append((assessment.level, describe(record, assessment, now)))
            elif assessment.suspect in positions:
                as_suspect.append((assessment.level, _victim_identity(record, assessment, who)))
            else:
                beside.append((assessment.level, describe(record, assessment, now)))
    assessed = [(level, each) for level, each in as_victim if level is not RiskLevel.NOT_ASSESSED]
    victims = _victims(as_suspect)
    named = max(beside, key=lambda each: (each[0].rank, each[1].at))[1] if beside else None
    others = claims(victims, named, beside_it)
    loud = not assessed or any(claim.rank == RiskLevel.HIGH.rank for claim in others)
    if not assessed:
        risk = Risk("not_assessed", headlines.unassessed(others, beside_it), victims_assessed=victims, loud=loud)
        return _beside(_with_previous(risk, previous), beside_it)
    highest = max(assessed, key=lambda each: (each[0].rank, each[1].at))[1]
    latest = max(assessed, key=lambda each: (not _to_come(each[1].at, now), each[1].at, each[0].rank))[1]
    own = Claim(
        RiskLevel(highest.level).rank,
        highest.words if latest == highest else f"{highest.words}; latest {latest.words}",
    )
    standard = _standard_only([each for _, each in assessed])
    said = headlines.assessed(own, others, victims, standard)
    loud = loud or own.rank == RiskLevel.HIGH.rank
    risk = Risk("assessed", said, highest, latest, victims, standard_only=standard, loud=loud)
    return _beside(_with_previous(risk, previous), beside_it)


def _with_previous(risk: Risk, previous: Sequence[tuple[RiskLevel, Assessed]]) -> Risk:
    """Tell the risk of those who have since moved after that of the place, as theirs."""
    graded = [pair for pair in previous if pair[0] is not RiskLevel.NOT_ASSESSED]
    if not graded:
        return risk
    ranked = sorted(graded, key=lambda pair: (pair[0].rank, pair[1].at), reverse=True)
    gravest = ranked[0][1]
    words = f"{risk.headline}; OF SOMEBODY HERE BEFORE, recorded elsewhere or replaced since: {gravest.words}"
    return replace(risk, headline=f"{words}, see {cited(gravest)}", previous=tuple(each for _, each in ranked))


def _beside(risk: Risk, beside_it: Beside) -> Risk:
    """Put what stands beside a hit's own assessments into its risk."""
    return replace(
        risk,
        elsewhere=beside_it.elsewhere,
        referrals=beside_it.referrals,
        missing=beside_it.missing,
        around=beside_it.around,
    )


def _standard_only(assessed: Sequence[Assessed]) -> int:
    """Count the assessments where all say standard and nobody but the first officer ever graded one (F12)."""
    alike = all(each.level == RiskLevel.STANDARD.value and len(each.grades) < 2 for each in assessed)
    return len(assessed) if alike else 0


def victim_of(record: Record, assessment: RiskAssessment) -> str:
    """Name the victim of an assessment as written."""
    return name_of(person_at(record, assessment.victim)) or "victim not named"


def graded_at(record: Record, assessment: RiskAssessment) -> str:
    """Return when an assessment was made, ISO; '' undated. A form that dates no grade was graded on its own day."""
    dated = assessment.at or record.at
    return dated.value if dated else ""


def describe(record: Record, assessment: RiskAssessment, now: datetime) -> Assessed:
    """Put one assessment into words, a downgrade shown as one."""
    victim = victim_of(record, assessment)
    suspect = name_of(person_at(record, assessment.suspect))
    at = graded_at(record, assessment)
    to_come = _to_come(at, now)
    earlier, changed = _change(assessment)
    words = f"{shout(assessment.level)}: {victim}"
    words += f" as victim of {suspect}" if suspect else " as victim, suspect not named"
    words += f", {day(at) or 'undated'}"
    words += ", A DATE TO COME, to be checked" if to_come else ""
    words += f", {assessment.by}" if assessment.by else ", not recorded who set it"
    age = age_in_words(at, now) if at and not to_come else ""
    words += f" ({age} ago)" if age else ""
    words += changed
    grades, lowered = _grade_history(assessment)
    return Assessed(
        assessment.level.value, victim, suspect, assessment.by, at, age, record.source, record.ref, earlier, words,
        assessment.instrument, assessment.ticks, _themes(assessment), grades, lowered,
    )  # fmt: skip


def _to_come(at: str, now: datetime) -> bool:
    """Tell whether an instant is a mistake of its source: it lies after now however it is read."""
    span = span_of(at)
    return span is not None and span.first > now


def _themes(assessment: RiskAssessment) -> tuple[str, ...]:
    """Return the gravest themes answered yes, in key words, in the order they are to be said."""
    yes = {number for number, answer in assessment.answers if answer == "yes"}
    return tuple(word for number, word in lists()["themes"].items() if int(number) in yes)


def _grade_history(assessment: RiskAssessment) -> tuple[tuple[str, ...], bool]:
    """Word every grade in order, with who set it, when and why; tell whether the last is below an earlier one."""
    known = {level.value: level for level in RiskLevel}
    words: list[str] = []
    highest = before = RiskLevel.NOT_ASSESSED
    for change in assessment.history:
        level = known.get(change.grade)
        said = shout(level) if level else change.grade
        lowered = level is not None and level.rank < before.rank
        parts = [f"DOWNGRADED to {said}" if lowered else said, when(change.at), change.by, change.reason]
        words.append(", ".join(part for part in parts if part))
        before = level or before
        highest = max(highest, before, key=lambda each: each.rank)
    return tuple(words), assessment.level.rank < highest.rank


def record_risk(record: Record) -> str | None:
    """Return the gravest level a record carries; 'not_assessed' for a domestic abuse record without one."""
    if record.assessments:
        return record.gravest.value
    return RiskLevel.NOT_ASSESSED.value if record.kind is RecordKind.DOMESTIC_ABUSE else None


def _change(assessment: RiskAssessment) -> tuple[str, str]:
    """Return the level an assessment was changed from, and the words that say so; ('', '') when never changed.

    What was once graded higher is a downgrade, though it was raised again a little since; a first grade is no rise.
    """
    known = {level.value: level for level in RiskLevel if level is not RiskLevel.NOT_ASSESSED}
    others = [
        known[change.grade]
        for change in assessment.history
        if change.grade in known and change.grade != assessment.level.value
    ]
    if not others:
        return "", ""
    last, highest = others[-1], max(others, key=lambda level: level.rank)
    if highest.rank < assessment.level.rank:
        return last.value, f", raised from {shout(last)}"
    again = f", raised again from {shout(last)}" if last.rank < assessment.level.rank else ""
    return highest.value, f", DOWNGRADED from {shout(highest)}{again}"


def _victim_identity(record: Record, assessment: RiskAssessment, who: WhoIs) -> str:
    """Return what tells one victim of a suspect from another: the person linked, else name and birth as written."""
    linked = who(record, assessment.victim)
    if linked is not None:
        return f"person {linked}"
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
