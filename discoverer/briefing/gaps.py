"""What is not known, and what to ask for: absence of records is never absence of abuse.

What was not searched, who was never assessed, which date of birth is missing and whether it is the right person at all
is said in every form; so is what the force expects to be done at the scene.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from discoverer.answer import Hit, HitKind, SourceStatus, State
from discoverer.briefing import aloud
from discoverer.briefing.history import domestic_of_a_year, of_kind
from discoverer.briefing.opened import Opened
from discoverer.briefing.parts import Point, Slot
from discoverer.briefing.people import VICTIM, People, Somebody
from discoverer.briefing.rules import rules
from discoverer.briefing.telling import Teller
from discoverer.model import RiskLevel
from discoverer.wording import day, number_of

_NAMED = 3  # sources that are named aloud; more are counted
_NAME_WORDS = 4


def gaps(teller: Teller, opened: Opened, people: People) -> Iterator[Point]:
    """Yield what is not known, the gravest first."""
    shown = opened.shown
    yield from (teller.point(Slot.GAPS, "stub", words, aloud.aloud(words)) for words in shown.hit.stubs)
    yield from _sources(teller, shown.sources)
    yield from _unassessed(teller, shown.hit, people)
    yield from _doubts(teller, shown.hit)
    for each in people.suspects:
        yield from _birth(teller, each)
    if not people.suspects and any(event.domestic for event in shown.hit.history):
        yield teller.point(Slot.GAPS, "no suspect", "No suspect is named in these records", "suspect not known")
    if shown.hit.history_total > len(shown.hit.history):
        left = number_of(shown.hit.history_total - len(shown.hit.history), "older event")
        yield teller.point(Slot.GAPS, "older", f"{left} not read for this briefing")
    if shown.policy_note:
        yield teller.point(Slot.GAPS, "policy", f"No badges: {shown.policy_note}", "repeat victims not worked out")
    for name in rules()["never_searched"]:
        yield teller.point(Slot.GAPS, "never searched", f"Not searched from here: {name}")


def _sources(teller: Teller, sources: Sequence[SourceStatus]) -> Iterator[Point]:
    """Yield the sources that were not searched, or hold old data: all in one sentence a state, so that it is said."""
    closed = [each for each in sources if each.state is State.NOT_PERMITTED]
    failed = [each for each in sources if each.state is State.FAILED]
    stale = [each for each in sources if each.state is State.STALE]
    for found, said in (
        (closed, "not searched, not permitted"),
        ([each for each in failed if not each.as_at], "not searched, failed"),
        ([each for each in failed if each.as_at], "failed, old data only"),
        (stale, "stale, newer records missing"),
    ):
        if found:
            words = "; ".join(f"{each.name}: {each.words}" for each in found)
            yield teller.point(Slot.GAPS, "not searched", words, f"{_names(found)} {said}")


def _names(found: Sequence[SourceStatus]) -> str:
    """Name sources as one says them, or count them."""
    if len(found) > _NAMED:
        return f"{aloud.number(len(found))} sources"
    said = [aloud.shortened(aloud.aloud(each.name.replace("_", " ")), _NAME_WORDS) or "a source" for each in found]
    return " and ".join(said)


def _unassessed(teller: Teller, hit: Hit, people: People) -> Iterator[Point]:
    """Yield that nobody here was assessed, or that a victim was not; never of a suspect, who has no risk of his own."""
    if not is_anybody_assessed(hit, people):
        words = (
            f"NOT ASSESSED: no risk assessment (DASH) found of anybody on this {of_kind(hit)} in the sources searched"
        )
        yield teller.point(Slot.GAPS, "not assessed", words, "nobody assessed, no DASH found")
        return
    left = [each for each in people.victims if each.part == VICTIM and each.hit.risk.state == "not_assessed"]
    if left:
        words = f"NOT ASSESSED as a victim, in the sources searched: {'; '.join(each.hit.label for each in left)}"
        said = teller.called.by_id(left[0].hit) if len(left) == 1 else f"{aloud.number(len(left))} victims"
        yield teller.point(Slot.GAPS, "not assessed", words, f"{said} not assessed", about=left[0].hit.label)


def is_anybody_assessed(hit: Hit, people: People) -> bool:
    """Tell whether an assessment of any victim told of is held; of a place or number alone it is not theirs."""
    found = [hit.risk.highest, *hit.risk.elsewhere, *(each.hit.risk.highest for each in people.victims)]
    if any(each is not None and each.level != RiskLevel.NOT_ASSESSED.value for each in found):
        return True
    victims = [hit.risk.victims_assessed, *(each.hit.risk.victims_assessed for each in people.suspects)]
    return any(level != RiskLevel.NOT_ASSESSED.value for counted in victims for level in counted)


def _doubts(teller: Teller, hit: Hit) -> Iterator[Point]:
    """Yield whether it may be somebody else, or somebody else may be them."""
    for each in hit.decisions:
        if each.state == "proposed":
            words = f"WHO THIS IS IS DISPUTED: {each.verdict} proposed, not confirmed (decision {each.number})"
            yield teller.point(Slot.GAPS, "doubt", words, "identity disputed", at=each.at)
    if hit.may_be_total:
        words = f"May also be {number_of(hit.may_be_total, 'other person').replace('persons', 'people')}, not joined"
        yield teller.point(Slot.GAPS, "doubt", f"{words} to this one", "may be known under another name too")
    for other in hit.may_be:
        if other.risk == RiskLevel.HIGH.value:
            source, _, ref = other.records[-1].partition(":") if other.records else ("", "", "")
            words = f"May also be {other.label}, a victim assessed HIGH; not joined to this one"
            said = "may also be somebody assessed high risk as a victim"
            yield teller.point(Slot.GAPS, "may be high", words, said, key=(source, ref), about=other.label)
    if hit.records and all(each.found == "text" for each in hit.records):
        yield teller.point(
            Slot.GAPS, "doubt", "Known from running text alone, unverified", "known from text alone, unverified"
        )


def _birth(teller: Teller, each: Somebody) -> Iterator[Point]:
    """Yield that a suspect's date of birth is not known, or that records differ over it."""
    label, name = each.hit.label, teller.called.by_id(each.hit)
    if not each.births:
        yield teller.point(
            Slot.GAPS, "birth", f"DATE OF BIRTH NOT KNOWN: {label}", f"{name} date of birth not known", about=label
        )
    elif len(each.births) > 1:
        words = f"DATES OF BIRTH DIFFER: {label}: {', '.join(map(day, each.births))}"
        yield teller.point(Slot.GAPS, "birth", words, f"{name} dates of birth differ", about=label)


def ask(teller: Teller, opened: Opened, people: People) -> Iterator[Point]:
    """Yield what to ask for: a supervisor at high risk or repeat abuse, an assessment that is due, a referral."""
    hit = opened.shown.hit
    why = _supervisor(hit, people)
    if why:
        yield teller.point(Slot.ASK, "supervisor", f"Supervisor to attend: {', '.join(why)}", "supervisor")
    missing = hit.risk.missing
    owed = [each for each in missing if each.duty == "mandatory"]
    if missing or (not is_anybody_assessed(hit, people) and domestic_of_a_year(hit.history, opened.now)):
        first = next(iter((*owed, *missing)), None)
        words = "DASH due" + (f": {first.words}" if first else ": domestic abuse and nobody assessed")
        key = (first.source, first.ref) if first else ("", "")
        yield teller.point(Slot.ASK, "dash", words, "DASH due", key=key, at=first.at if first else "")
    if any(each.kind == "marac_repeat" and each.level == "certain" for each in hit.badges):
        yield teller.point(Slot.ASK, "marac", "MARAC repeat: to be referred again", "MARAC repeat referral")
    if hit.kind is HitKind.PERSON and any(each.is_hit and not each.births for each in people.everyone):
        yield teller.point(Slot.ASK, "birth", f"Date of birth of {hit.label}", "date of birth")


def _supervisor(hit: Hit, people: People) -> list[str]:
    """Return why a supervisor is expected; [] when none is."""
    risk, high = hit.risk, RiskLevel.HIGH.value
    found = [risk.highest, *risk.elsewhere, *(each.assessed for each in risk.around)]
    found += [each.hit.risk.highest for each in people.victims]
    victims = [risk.victims_assessed, *(each.hit.risk.victims_assessed for each in people.suspects)]
    grave = any(each is not None and each.level == high for each in found) or any(high in each for each in victims)
    why = ["a victim assessed as high risk"] if grave else []
    why += [str(rules()["supervisor"][each.kind]) for each in hit.badges if _calls(each.kind, each.level)]
    return list(dict.fromkeys(why))


def _calls(kind: str, level: str) -> bool:
    """Tell whether a badge calls for a supervisor."""
    return level == "certain" and kind in rules()["supervisor"]
