"""One search over every source: candidates, exact scoring, people reached through numbers and places, hits.

Deterministic: hits stand by level, then score, then risk, then recency, then id.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from discoverer import candidates
from discoverer.answer import HitKind
from discoverer.match.evidence import LEVELS, Evidence, Level, Scored
from discoverer.match.person import Scale, score_person
from discoverer.match.place import PlaceScale, score_place
from discoverer.match.profiles import PersonProfile, PhoneProfile, PlaceProfile
from discoverer.match.weights import Weights
from discoverer.normalise.phones import national, near_numbers
from discoverer.query import Query
from index import keys
from index.people import DocRow, MentionRow
from index.profiles import decode, merge
from index.reader import Reader

# Hits of phones and places whose people are offered too.
SOURCES_OF_PEOPLE = 3
# Records of one number or place whose people are offered; a switchboard has thousands.
RECORDS_OF_PEOPLE = 60
PEOPLE_REACHED = 12
# A number held by more people than this is shared: it says less, and is not called confirmed.
SHARED_FROM = 8
TEXT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A group or event that may be what was asked for, before its records are read.

    Attributes:
        kind: HitKind.
        group: int, the group's number; for an event -1.
        event: (segment, n) of an event, else None.
        scored: its evidence and level.
        risk: int 0 to 3.
        latest: str, ISO.
    """

    kind: HitKind
    group: int
    event: tuple[int, int] | None
    scored: Scored
    risk: int
    latest: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found.

    Attributes:
        found: best first, all that reached the least score.
        about: int, how many fit in all when a list was cut, else 0.
        by_text: bool, found by the words of running text because nothing else was.
    """

    found: tuple[Found, ...]
    about: int
    by_text: bool = False


def search(reader: Reader, query: Query, weights: Weights) -> Results:
    """Find what a query may mean, in the reader's scope."""
    if query.only_text:
        return _by_text(reader, query)
    numbers = _phones(reader, query)
    places, about_places = _places(reader, query, weights)
    events = _events(reader, query)
    people, about_people = _people(reader, query, weights)
    reached = _reached(reader, query, [*numbers, *places, *events], weights)
    found = [*numbers, *places, *events, *_joined(people, reached)]
    kept = [each for each in found if each.scored.bits >= weights.level["possible"] or each.kind is not HitKind.PERSON]
    if not kept and query.text:
        return _by_text(reader, query)
    return Results(tuple(sorted(kept, key=_order)), max(about_places, about_people))


def _order(each: Found) -> tuple[object, ...]:
    """Sort by level, score, risk, recency, then number, so that equal runs give equal answers."""
    recency = tuple(-ord(char) for char in each.latest)
    return LEVELS.index(each.scored.level), -round(each.scored.bits, 1), -each.risk, recency, each.kind, each.group


def _grouped(docs: Iterable[DocRow]) -> dict[int, list[DocRow]]:
    """Gather the documents of each group: one for each label in scope."""
    groups: dict[int, list[DocRow]] = {}
    for doc in docs:
        if doc.grp is not None:
            groups.setdefault(doc.grp, []).append(doc)
    return groups


def _found(kind: HitKind, group: int, docs: Sequence[DocRow], scored: Scored) -> Found:
    """Make the Found of a group."""
    return Found(kind, group, None, scored, max(doc.risk for doc in docs), max(doc.latest for doc in docs))


def _phones(reader: Reader, query: Query) -> list[Found]:
    """Find numbers: whole, by their last digits, or one slip away when the whole number is not held."""
    found: dict[int, Found] = {}
    for e164 in query.phones:
        exact = reader.look_up(keys.phone(e164), 8).ids
        numbers = exact or candidates.slipped_numbers(reader, e164)
        for group, docs in _grouped(reader.docs(numbers)).items():
            found.setdefault(group, _phone_found(group, docs, exact=bool(exact)))
    for digits in query.tails:
        meant = [number for e164 in near_numbers(digits) for number in reader.look_up(keys.phone(e164), 1).ids]
        for group, docs in _grouped(reader.docs(meant)).items():
            found.setdefault(group, _phone_found(group, docs, exact=False))
        ending = reader.docs(reader.look_up(keys.tail(digits), candidates.LIST_LIMIT).ids)
        for group, alike in _grouped(ending).items():
            if _phone_profile(alike).e164.endswith(digits.lstrip("0")):
                found.setdefault(group, _tail_found(group, alike, digits))
    return list(found.values())


def _phone_profile(docs: Sequence[DocRow]) -> PhoneProfile:
    """Return the profile of a number."""
    profile = merge([decode(doc.kind, doc.profile) for doc in docs])
    if not isinstance(profile, PhoneProfile):
        raise TypeError("not a number")
    return profile


def _phone_found(group: int, docs: Sequence[DocRow], *, exact: bool) -> Found:
    """Judge a number found whole, or one slip away."""
    profile = _phone_profile(docs)
    spoken = national(profile.e164)
    if not exact:
        evidence = Evidence("phone", "slip", 3.0, f"one digit wrong, dropped, doubled or swapped: {spoken}")
        return _found(HitKind.PHONE, group, docs, Scored(3.0, (evidence,), Level.POSSIBLE))
    evidence_list = [Evidence("phone", "same", 20.0, f"number {spoken} agrees")]
    level = Level.CONFIRMED
    if profile.holders > SHARED_FROM:
        words = f"shared number: held by {profile.holders} different people"
        evidence_list.append(Evidence("phone", "shared", -math.log2(profile.holders), words))
        level = Level.PROBABLE
    if profile.assumed or profile.text_only:
        reason = "dialling code assumed from the area" if profile.assumed else "found only in text, unverified"
        evidence_list.append(Evidence("phone", "unverified", -3.0, reason))
        level = Level.PROBABLE if profile.assumed else Level.POSSIBLE
    bits = sum(each.bits for each in evidence_list)
    return _found(HitKind.PHONE, group, docs, Scored(bits, tuple(evidence_list), level))


def _tail_found(group: int, docs: Sequence[DocRow], digits: str) -> Found:
    """Judge a number found by its last digits."""
    bits = len(digits) * math.log2(10) - 16.0
    evidence = Evidence("phone", "tail", bits, f"number ends in {digits}")
    return _found(HitKind.PHONE, group, docs, Scored(bits, (evidence,), Level.POSSIBLE))


def _places(reader: Reader, query: Query, weights: Weights) -> tuple[list[Found], int]:
    """Find places; words that could as well be a name must all agree, exactly."""
    best: dict[int, Found] = {}
    about = 0
    scale = PlaceScale(reader.words, weights)
    for asked in query.addresses:
        pool = candidates.places(reader, asked, weights)
        about = max(about, pool.about)
        for group, docs in _grouped(reader.docs(pool.best())).items():
            profile = merge([decode(doc.kind, doc.profile) for doc in docs])
            if not isinstance(profile, PlaceProfile):
                continue
            scored = score_place(asked, profile.address, scale, text_only=profile.text_only)
            if query.loose and scored.outcome("words") != "exact":
                continue
            if scored.bits < weights.level["possible"]:
                continue
            if group not in best or scored.bits > best[group].scored.bits:
                best[group] = _found(HitKind.LOCATION, group, docs, scored)
    return list(best.values()), about


def _people(reader: Reader, query: Query, weights: Weights) -> tuple[list[Found], int]:
    """Find people by name, date of birth and identifier."""
    asked = query.person
    pool = candidates.people(reader, asked, weights)
    scale = Scale(reader.names, weights, _holders(reader, query.phones))
    found = [
        _found(HitKind.PERSON, group, docs, score_person(asked, _person(docs), scale))
        for group, docs in _grouped(reader.docs(pool.best())).items()
    ]
    return found, pool.about


def _person(docs: Sequence[DocRow]) -> PersonProfile:
    """Return the profile of a person over the labels in scope."""
    profile = merge([decode(doc.kind, doc.profile) for doc in docs])
    if not isinstance(profile, PersonProfile):
        raise TypeError("not a person")
    return profile


def _holders(reader: Reader, phones: Sequence[str]) -> int:
    """Return how many people hold the most shared of the numbers asked for; at least 1."""
    numbers = [number for e164 in phones for number in reader.look_up(keys.phone(e164), 8).ids]
    profiles = [decode(doc.kind, doc.profile) for doc in reader.docs(numbers)]
    return max((each.holders for each in profiles if isinstance(each, PhoneProfile)), default=1) or 1


def _events(reader: Reader, query: Query) -> list[Found]:
    """Find records by their reference or a vehicle they name."""
    found: dict[tuple[int, int], Found] = {}
    for reference in query.references:
        hits = reader.look_up(keys.reference(reference), candidates.LIST_LIMIT)
        vague = reference.startswith(("logno:", "vrm:")) or hits.total > 1
        words = f"names vehicle {reference[4:]}" if reference.startswith("vrm:") else "reference agrees"
        for doc in reader.docs(hits.ids):
            level = Level.POSSIBLE if vague else Level.CONFIRMED
            bits = 20.0 - math.log2(hits.total + 1)
            scored = Scored(bits, (Evidence("reference", "same", bits, words),), level)
            place = (int(doc.segment or 0), int(doc.n or 0))
            found.setdefault(place, Found(HitKind.EVENT, doc.d, place, scored, doc.risk, doc.latest))
    return list(found.values())


def _reached(reader: Reader, query: Query, origins: Sequence[Found], weights: Weights) -> dict[int, Found]:
    """Find the people of the numbers, places and events found: possible, whoever they are."""
    best: dict[int, Found] = {}
    leading = [each for each in sorted(origins, key=_order) if not query.loose][:SOURCES_OF_PEOPLE]
    scale = Scale(reader.names, weights, _holders(reader, query.phones))
    for origin in leading:
        mentions, holders = _mentions_at(reader, origin)
        groups = _groups_by_nearness(mentions, holders)
        for group, (words, bits, risk, latest) in groups.items():
            reason = Evidence("through", origin.kind, bits + min(0.0, origin.scored.bits), words)
            profile = _profile_of(reader, group)
            if profile is None:
                continue
            scored = score_person(query.person, profile, scale)
            scored = Scored(scored.bits + reason.bits, (*scored.evidence, reason), scored.level)
            if group not in best or scored.bits > best[group].scored.bits:
                best[group] = Found(HitKind.PERSON, group, None, scored, risk, latest)
    return best


def _mentions_at(reader: Reader, origin: Found) -> tuple[list[MentionRow], set[tuple[int, int, int]]]:
    """Return the people mentions in an origin's records, and which of them hold the number or place itself."""
    if origin.event is not None:
        return reader.in_records([origin.event], "person"), set()
    rows, _ = reader.members(origin.group, RECORDS_OF_PEOPLE)
    holders = {(row.segment, row.n, row.holder) for row in rows if row.holder is not None}
    return reader.in_records({(row.segment, row.n) for row in rows}, "person"), holders


Near = tuple[str, float, int, str]


def _groups_by_nearness(mentions: Sequence[MentionRow], holders: Collection[tuple[int, int, int]]) -> dict[int, Near]:
    """Return group -> (words, bits, risk, latest) of the people reached, the nearest few."""
    near: dict[int, Near] = {}
    for row in mentions:
        holds = (row.segment, row.n, row.position) in holders
        words = "recorded as theirs" if holds else f"named as {row.role} in a record with it"
        bits = 12.0 if holds else (6.0 if row.found == "field" else 2.0)
        mine = (words, bits, row.risk, row.at)
        if row.grp not in near or mine[1:] > near[row.grp][1:]:
            near[row.grp] = mine
    nearest = sorted(near.items(), key=lambda item: (-item[1][1], -item[1][2], item[1][3], item[0]))
    return dict(nearest[:PEOPLE_REACHED])


def _profile_of(reader: Reader, group: int) -> PersonProfile | None:
    """Return a person's profile from their mentions in scope."""
    rows, _ = reader.members(group, RECORDS_OF_PEOPLE)
    if not rows:
        return None
    profile = merge([decode("person", row.value) for row in rows])
    return profile if isinstance(profile, PersonProfile) else None


def _joined(people: Sequence[Found], reached: dict[int, Found]) -> list[Found]:
    """Put people found by name together with people reached: one entry each, the reasons of both."""
    out: dict[int, Found] = {each.group: each for each in people}
    for group, other in reached.items():
        mine = out.get(group)
        if mine is None:
            out[group] = replace(other, scored=replace(other.scored, level=_no_surer(other.scored.level)))
        else:
            through = other.scored.evidence[-1]
            scored = mine.scored
            out[group] = replace(
                mine,
                scored=Scored(scored.bits + max(0.0, through.bits), (*scored.evidence, through), scored.level),
            )
    return list(out.values())


def _no_surer(level: Level) -> Level:
    """Hold a person reached only through a number or place at possible, unless a valid identifier says more."""
    return level if level is Level.CONFIRMED else Level.POSSIBLE


def _by_text(reader: Reader, query: Query) -> Results:
    """Find records whose running text holds every word asked for."""
    places, total = reader.search_text(query.text, TEXT_LIMIT)
    words = f"every word stands in its text: {' '.join(query.text).upper()}"
    scored = Scored(0.0, (Evidence("text", "all", 0.0, words),), Level.POSSIBLE)
    found = tuple(Found(HitKind.EVENT, order, place, scored, 0, "") for order, place in enumerate(places))
    return Results(found, total if total > len(found) else 0, by_text=True)
