"""Who it is about, how often and how lately it happened, and how grave it was judged, by whom: of victims alone.

A risk belongs to a victim in relation to a suspect. A suspect is told of by how many of his victims were assessed at
what level, never by a level of his own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from discoverer.answer import Assessed, Hit, HitKind
from discoverer.briefing import aloud
from discoverer.briefing.cited import Key
from discoverer.briefing.parts import Point, Slot
from discoverer.briefing.people import PERSON, SUSPECT, VICTIM, People, Somebody
from discoverer.briefing.rules import limit, rules
from discoverer.briefing.telling import Teller
from discoverer.clock import iso
from discoverer.headlines import victims_words
from discoverer.model import Nature, RiskLevel
from discoverer.parts import Elsewhere, Entry, Event
from discoverer.wording import day, number_of, role_words

_ASIDE = re.compile(r"\([^)]*\)")
_YEAR = timedelta(days=365)
_NEAR = {"location": "place", "phone": "number", "person": "person"}
_VULNERABLE = "vulnerable_victim"
_ENHANCED = "code_enhanced"
_WORKED_OUT = "worked out by the system from records, by the force's policy"


def identities(teller: Teller, people: People, of: HitKind) -> Iterator[Point]:
    """Yield who it is about: name, date of birth, what they are to each other; and how many more.

    Args:
        teller: makes the statements.
        people: whom it is about.
        of: what was asked for.
    """
    for slot, found, more in (
        (Slot.SUSPECT, people.suspects, people.more_suspects),
        (Slot.VICTIM, people.victims, people.more_victims),
    ):
        for each in found:
            yield from _identity(teller, each, slot, of)
            yield from _elsewhere(teller, each, slot, people)
        if more:
            yield teller.point(slot, "more", f"and {more} more, each with a card of their own")


def _identity(teller: Teller, each: Somebody, slot: Slot, of: HitKind) -> Iterator[Point]:
    """Say who somebody is and when they were born, by records that may be passed on where there are such."""
    key, label = _named_in(teller, each.hit)
    # The relationship recorded is what the suspect is to the victim.
    related = each.relationship if each.part == SUSPECT else ""
    held = {HitKind.LOCATION: "recorded there", HitKind.PHONE: "holds the number"}.get(of, "")
    called = " ".join(part for part in (aloud.name(label), held if each.part == PERSON else "") if part)
    said = ", ".join(part for part in (called, _ASIDE.sub("", related).lower().strip()) if part)
    at = next((one.at for one in each.hit.records if (one.source, one.ref) == key), "")
    yield teller.point(
        slot, each.part, f"{label}, {related}" if related else label, said, key=key, at=at, about=label,
        role=", ".join(each.hit.roles), nature=_nature(each.hit, key),
    )  # fmt: skip
    if each.births:
        born = each.births[0]
        yield teller.point(
            slot, "born", f"{label} born {day(born)}", f"born {aloud.said_day(born)}" if each.part == SUSPECT else "",
            key=_key(each.born_in), about=label, nature=Nature.FACT.value,
        )  # fmt: skip


def _named_in(teller: Teller, hit: Hit) -> tuple[Key, str]:
    """Return the record a name stands in, and the name: one that may be passed on before any other."""
    free = [one for one in hit.records if not teller.cited.held_back((one.source, one.ref))]
    fields = [one for one in free if one.found == "field"] or free
    same = [one for one in fields if one.written == hit.label]
    chosen = next(iter((*same, *fields)), None)
    if chosen is None:
        first = hit.records[0] if hit.records else None
        return ((first.source, first.ref) if first else ("", "")), hit.label
    return (chosen.source, chosen.ref), chosen.written or hit.label


def _nature(hit: Hit, key: Key) -> str:
    """Return what kind of statement the record makes of somebody."""
    found = next((one.nature for one in hit.records if (one.source, one.ref) == key), "")
    return found or Nature.FACT.value


def _elsewhere(teller: Teller, each: Somebody, slot: Slot, people: People) -> Iterator[Point]:
    """Yield where else somebody may be and their numbers, for the terminal; of a victim's nothing leaves.

    What is a victim's too is not told as a suspect's, and where some victims were not read, nothing is.
    """
    if slot is Slot.VICTIM:
        for place in _own(each.hit.addresses):
            yield _place(teller, Slot.VICTIM, place, "victim's address", "OTHER ADDRESS")
        return
    theirs = {one.id for victim in people.victims for one in (*victim.hit.addresses, *victim.hit.numbers)}
    if people.more_victims:
        return
    for place in _own(one for one in each.hit.addresses if one.id not in theirs and "home" in one.roles):
        yield _place(teller, Slot.SUSPECT, place, "other address", "OTHER ADDRESS")
    for line in _own(one for one in each.hit.numbers if one.id not in theirs and "own" in one.roles):
        yield _place(teller, Slot.SUSPECT, line, "number", "NUMBER")


def _own(found: Iterable[Elsewhere]) -> list[Elsewhere]:
    """Return their own, known from a field."""
    return [each for each in found if not each.holder and not each.unverified][: limit("addresses")]


def _place(teller: Teller, slot: Slot, each: Elsewhere, rule: str, called: str) -> Point:
    """Tell one address or number."""
    key = (each.source, each.ref)
    record = teller.cited.records.get(key)
    careful = f"; {each.caution}" if each.caution else ""
    return teller.point(
        slot, rule, f"{called} {each.label}, recorded {day(each.last) or 'undated'}{careful}", key=key, at=each.last,
        about=each.label, role="their own", nature=record.nature.value if record else Nature.FACT.value, rule=rule,
    )  # fmt: skip


def happened(teller: Teller, hit: Hit, now: datetime) -> Iterator[Point]:
    """Yield how often in twelve months, what was last, the latest events, and what policies call it."""
    entries = [one for each in hit.history for one in each.entries]
    yield from (_entry(teller, "intelligence", one, "") for one in entries if teller.cited.held_back(_of(one)))
    events = [each for each in hit.history if not all(teller.cited.held_back(_of(one)) for one in each.entries)]
    yield _count(teller, hit, events, now)
    told = [each for each in events if not all(teller.cited.is_intelligence(_of(one)) for one in each.entries)]
    for order, event in enumerate(told[: limit("events")]):
        yield _event(teller, event, now, last=order == 0)
    for each in (event for event in events if event not in told):
        entry = next(one for one in each.entries if not teller.cited.held_back(_of(one)))
        said = f"intelligence held, {aloud.said_day(entry.at, now) or 'undated'}, {entry.grading.split(',')[0]}"
        yield _entry(teller, "intelligence", entry, said)
    for badge in hit.badges:
        key = badge.records[0] if badge.records else ("", "")
        kind = "vulnerable" if badge.kind == _VULNERABLE else "repeat"
        slot = Slot.VICTIM if kind == "vulnerable" or badge.kind == _ENHANCED else Slot.HISTORY
        called = badge.words.partition(": ")[2] if kind == "vulnerable" else badge.kind.replace("_", " ")
        sure = "" if badge.level == "certain" else "possible "
        yield teller.point(
            slot, kind, f"{badge.words} ({badge.policy}@{badge.version}, {badge.clause}; {badge.level})",
            "" if badge.kind == _ENHANCED else f"{sure}{_ASIDE.sub('', called).strip()}",
            key=(key[0], key[1]), at=badge.at, nature=Nature.INFERRED.value, nature_words=_WORKED_OUT,
        )  # fmt: skip
    for over in hit.ended_lately:
        words = over.words if not teller.cited.guarded((over.source, over.ref), over.words) else over.kind
        yield teller.point(
            Slot.HISTORY, "ended", f"ENDED: {words}", key=(over.source, over.ref), at=over.end, about=over.about,
            nature=over.nature,
        )  # fmt: skip


def domestic_of_a_year(events: Iterable[Event], now: datetime) -> list[Event]:
    """Return the domestic abuse events of the last twelve months."""
    first, last = iso(now - _YEAR), iso(now)
    return [each for each in events if each.domestic and first[: len(each.at)] <= each.at <= last[: len(each.at)] > ""]


def _count(teller: Teller, hit: Hit, events: list[Event], now: datetime) -> Point:
    """Say how many domestic abuse events there were in twelve months."""
    found = domestic_of_a_year(events, now)
    # What is not shown is older than what is: only where all of it lies in the year may there be more.
    first = iso(now - _YEAR)
    cut = hit.history_total > len(hit.history) and bool(events) and events[-1].at >= first
    least = "at least " if cut else ""
    undated = sum(each.domestic and not each.at for each in events)
    words = f"{least}{number_of(len(found), 'domestic abuse event')} in 12 months"
    words += f", and {undated} undated" if undated else ""
    said = f"{least}{aloud.number(len(found)) if found else 'no'} domestic abuse event{'' if len(found) == 1 else 's'}"
    key = _of(found[0].entries[0]) if found and found[0].entries else ("", "")
    return teller.point(
        Slot.HISTORY, "count", f"{words}, in the sources searched", f"{said} recorded in twelve months", key=key,
        at=found[0].at if found else "", nature=Nature.INFERRED.value, nature_words=_WORKED_OUT,
    )  # fmt: skip


def _event(teller: Teller, event: Event, now: datetime, *, last: bool) -> Point:
    """Tell one event by its first record that may be told of and is no report of intelligence."""
    told = [each for each in event.entries if not teller.cited.is_intelligence(_of(each))]
    entry = told[0]
    when = aloud.said_day(entry.at, now) or "undated"
    return _entry(
        teller, "last" if last else "event", entry, f"last {when}, {_ungraded(entry.summary)}" if last else ""
    )


def _entry(teller: Teller, kind: str, entry: Entry, said: str) -> Point:
    """Tell one record of a history."""
    key = _of(entry)
    guarded = teller.cited.guarded(key, f"{entry.words} {entry.summary}")
    words = f"{entry.kind.replace('_', ' ')}, {day(entry.at) or 'undated'}" if guarded else entry.words
    role = " and ".join(map(role_words, entry.roles))
    bare = f"last {entry.kind.replace('_', ' ')}" if said else ""
    return teller.point(
        Slot.HISTORY, kind, words, bare if guarded else said, key=key, at=entry.at, role=role, nature=entry.nature
    )


def risks(teller: Teller, hit: Hit, people: People, now: datetime) -> Iterator[Point]:
    """Yield every risk known, each a victim's: whose, in relation to whom, who set it and when; and referrals."""
    told: set[Key] = set()
    for each in _assessments(hit, people):
        if (each.source, each.ref) not in told:
            told.add((each.source, each.ref))
            yield _risk(teller, each, now, "")
    for near in hit.risk.around:
        if (near.assessed.source, near.assessed.ref) not in told and _is_graded(near.assessed):
            told.add((near.assessed.source, near.assessed.ref))
            yield _risk(teller, near.assessed, now, _NEAR.get(near.kind, near.kind))
    for before in hit.risk.previous:
        yield teller.point(
            Slot.HISTORY, "risk before", f"OF SOMEBODY HERE BEFORE: {before.words}", key=(before.source, before.ref),
            at=before.at, about=before.victim, nature=Nature.ASSESSMENT.value,
        )  # fmt: skip
    for somebody in people.suspects:
        yield from _victims(teller, somebody)
    referred = {each.words: each for one in (hit, *(one.hit for one in people.victims)) for each in one.risk.referrals}
    for sent in referred.values():
        at = aloud.said_day(sent.referred, now)
        yield teller.point(
            Slot.HISTORY, "marac" if sent.kind == "MARAC" else "idva", sent.words,
            f"MARAC referral{f' {at}' if at else ''}" if sent.kind == "MARAC" else "", key=(sent.source, sent.ref),
            at=sent.referred, about=sent.victim, nature=Nature.FACT.value,
        )  # fmt: skip


def _victims(teller: Teller, each: Somebody) -> Iterator[Point]:
    """Yield how many victims of a suspect were assessed at what level: said of the hit, or where there are several."""
    victims = each.hit.risk.victims_assessed
    if victims:
        counted = ", ".join(f"{aloud.number(count)} {RiskLevel(level).value}" for level, count in victims.items())
        key, label = _named_in(teller, each.hit)
        said = f"victims of {teller.called.by_id(each.hit)} assessed: {counted.replace('_', ' ')}"
        yield teller.point(
            Slot.HISTORY, "serial", f"{label}: {victims_words(victims)}",
            said if each.is_hit or sum(victims.values()) > 1 else "", key=key, about=label,
            nature=Nature.ASSESSMENT.value,
        )  # fmt: skip


def _assessments(hit: Hit, people: People) -> Iterator[Assessed]:
    """Yield the assessments that are told, the gravest first; of each victim the highest and the latest."""
    found = [hit.risk.highest, hit.risk.latest, *hit.risk.elsewhere]
    for each in people.victims:
        found += [each.hit.risk.highest, each.hit.risk.latest]
    graded = [each for each in found if each is not None and _is_graded(each)]
    yield from sorted(graded, key=lambda each: -RiskLevel(each.level).rank)


def _is_graded(each: Assessed) -> bool:
    """Tell whether an assessment gave a level."""
    return RiskLevel(each.level) is not RiskLevel.NOT_ASSESSED


def _risk(teller: Teller, each: Assessed, now: datetime, near: str) -> Point:
    """Tell one assessment: of the victim, in relation to the suspect; `near` is by what it is known, when beside it."""
    key = each.source, each.ref
    victim, suspect = teller.called.by_name(each.victim, key), teller.called.by_name(each.suspect, key)
    victim = aloud.name(each.victim) if victim == SUSPECT else victim
    suspect = aloud.name(each.suspect) if suspect == VICTIM else suspect
    whom = f" from {suspect}" if each.suspect else ", suspect not named"
    said = f"known for the {near}: " if near else ""
    said += f"{each.level} risk to {victim}{whom}, {aloud.said_day(each.at, now) or 'undated'}"
    said += f", {aloud.officer(each.by)}" if each.by else ""
    doubts = ("" if each.by else "not recorded who set it", "downgraded since" if each.downgraded else "")
    kind = "standard risk" if RiskLevel(each.level) is RiskLevel.STANDARD and not each.downgraded else "risk"
    words = f"KNOWN FOR THE {near.upper()}: {each.words}" if near else each.words
    return teller.point(
        Slot.HISTORY, kind, words, said, key=key, at=each.at, about=each.victim, nature=Nature.ASSESSMENT.value,
        doubt=", ".join(filter(None, doubts)),
    )  # fmt: skip


def _ungraded(summary: str) -> str:
    """Leave out how urgent an event was graded, with which its summary may begin."""
    first, _, rest = summary.partition(" ")
    return rest if rest and first in rules()["grade_words"] else summary


def _of(entry: Entry) -> Key:
    """Return the record of an entry."""
    return entry.source, entry.ref


def _key(written: str) -> Key:
    """Return 'source:ref' parted."""
    source, _, ref = written.partition(":")
    return source, ref


def of_kind(hit: Hit) -> str:
    """Say what a hit is."""
    return {HitKind.LOCATION: "place", HitKind.PHONE: "number", HitKind.EVENT: "record"}.get(hit.kind, "person")
