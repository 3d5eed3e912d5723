"""One search over every source: candidates, exact scoring, people reached through numbers and places, hits.

Deterministic: hits stand by level, then score, then risk, then recency, then kind and number; numbers near one typed,
and the people known by them alone, after all others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from discoverer.answer import HitKind
from discoverer.candidates.people import people
from discoverer.candidates.pool import LIST_LIMIT
from discoverer.found import Found, found_of, grouped, standing
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.person import Scale, score_person
from discoverer.match.profiles import PersonProfile
from discoverer.match.weights import Weights
from discoverer.meant import people_meant
from discoverer.namesakes import Weighed, told_apart
from discoverer.numbers import find_numbers
from discoverer.places import find_places
from discoverer.query import Query
from discoverer.reached import holders_of, people_reached
from discoverer.texts import by_name_in_text, by_text
from index import keys
from index.people import DocRow
from index.profiles import decode, merge
from index.reader import Reader

# References that many records may bear.
VAGUE = ("logno:", "vrm:", "names:")
# Mentions read of a person who has to be taken apart.
MOST_MENTIONS = 5_000


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found.

    Attributes:
        found: best first, all that reached the least score.
        about: int, how many fit in all where a list was cut, else 0.
        missing: tuple[str, ...], numbers typed of which there is no trace in scope, as people say them.
    """

    found: tuple[Found, ...]
    about: int
    missing: tuple[str, ...] = ()


def search(reader: Reader, query: Query, weights: Weights, limit: int) -> Results:
    """Find what a query may mean, in the reader's scope.

    Args:
        reader: scoped.
        query: as read.
        weights: in force.
        limit: int >= 1, how many will be shown; those are held to the links in scope.
    """
    if query.only_text:
        return Results(*by_text(reader, query))
    scale = Scale(reader.names, weights, holders_of(reader, query.phones))
    numbers, about_numbers, missing = find_numbers(reader, query, weights)
    places, about_places = find_places(reader, query, weights)
    events, about_events = _events(reader, query, weights)
    people, about_people = _people(reader, query, scale)
    reached, about_reached = people_reached(reader, query, [*numbers, *places, *events], scale)
    meant = people_meant(reader, query, scale)
    texts = by_name_in_text(reader, query, people, weights)
    holders = _joined(_joined(people, meant), reached)
    if query.either and not (query.person.births or query.person.identifiers or query.phones):
        holders = _behind(holders, places, weights)
    found = [*numbers, *places, *events, *texts, *holders]
    kept = [each for each in found if each.kind is not HitKind.PERSON or _worth_showing(each, weights)]
    if not kept and query.text:
        in_texts, about_texts = by_text(reader, query)
        # Every word typed stands in a text that is found so, the digits of the number too.
        return Results(in_texts, about_texts, () if in_texts else missing)
    about = max(about_numbers, about_places, about_events, about_people, about_reached)
    shown = _apart(reader, query, sorted(kept, key=standing), scale, limit)
    return Results(tuple(shown), about, missing)


def _worth_showing(person: Found, weights: Weights) -> bool:
    """Tell whether a person may be who was asked for; a first letter alone, beside words that disagree, says nobody."""
    scored = person.scored
    other = any(each.bits > 0 for each in scored.evidence if each.feature != "name")
    return scored.bits >= weights.level["possible"] and (other or scored.outcome("name") != "initials")


def _apart(reader: Reader, query: Query, found: list[Found], scale: Scale, limit: int) -> list[Found]:
    """Take apart the people to be shown whom only links out of scope hold together, and judge each part alone."""
    parted: list[Found] = []
    for each in found[:limit]:
        parts = reader.components(each.group) if each.kind is HitKind.PERSON else []
        if len(parts) < 2:
            parted.append(each)
            continue
        rows = {row.m: row for row in reader.members(each.group, MOST_MENTIONS)}
        for part in parts:
            mine = [rows[m] for m in part if m in rows]
            profile = merge([decode("person", row.value) for row in mine]) if mine else None
            if isinstance(profile, PersonProfile):
                scored = score_person(query.person, profile, scale)
                risk, latest = max(row.risk for row in mine), max(row.at for row in mine)
                parted.append(replace(each, scored=scored, risk=risk, latest=latest, only=frozenset(part)))
    return [*sorted(parted, key=standing), *found[limit:]]


def _person(docs: Sequence[DocRow]) -> PersonProfile:
    """Return the profile of a person over the labels in scope; what one label knows is merged already."""
    known = [decode(doc.kind, doc.profile) for doc in docs]
    profile = merge(known) if len(known) > 1 else known[0]
    if not isinstance(profile, PersonProfile):
        raise TypeError("not a person")
    return profile


def _people(reader: Reader, query: Query, scale: Scale) -> tuple[list[Found], int]:
    """Find people by name, date of birth and identifier."""
    asked = query.person
    pool = people(reader, asked, scale.weights)
    found = []
    for group, docs in grouped(reader.docs(pool.best())).items():
        profile = _person(docs)
        found.append(Weighed(found_of(HitKind.PERSON, group, docs, score_person(asked, profile, scale)), profile))
    return told_apart(found), pool.about


def _events(reader: Reader, query: Query, weights: Weights) -> tuple[list[Found], int]:
    """Find records by their reference or a vehicle they name."""
    found: dict[tuple[int, int], Found] = {}
    about = 0
    named = [keys.named_log(reference) for reference in query.references if reference.startswith("log:")]
    for reference in (*query.references, *named):
        hits = reader.look_up(keys.reference(reference), LIST_LIMIT)
        about = max(about, hits.total if hits.total > len(hits.ids) else 0)
        vague = reference.startswith(VAGUE) or hits.total > 1
        words = _reference_words(reference)
        level = Level.POSSIBLE if vague else Level.CONFIRMED
        prior = weights.event["named"] if reference in named else weights.event["reference"]
        bits = prior - math.log2(hits.total + 1)
        for doc in reader.docs(hits.ids):
            scored = Scored(bits, (Evidence("reference", "same", bits, words),), level)
            place = (int(doc.segment or 0), int(doc.n or 0))
            found.setdefault(place, Found(HitKind.EVENT, doc.d, place, scored, doc.risk, doc.latest))
    return list(found.values()), about


def _reference_words(reference: str) -> str:
    """Say how a record is known by a reference in canonical form."""
    scheme, _, number = reference.partition(":")
    if scheme == "vrm":
        return f"names vehicle {number}"
    return f"names log {number}" if scheme == "names" else "reference agrees"


def _behind(people: Sequence[Found], places: Sequence[Found], weights: Weights) -> list[Found]:
    """Hold people behind a street that bears the very words taken for their name: 'Dog Lane, Bewdley'.

    A street whose words are only like them says nothing: Ellie Green is not Green Street.
    """
    streets = [place.scored.bits for place in places if place.scored.outcome("words") == "exact"]
    if not streets:
        return list(people)
    most = max(streets) - weights.reached["behind"]
    held: list[Found] = []
    for each in people:
        lost = min(0.0, most - each.scored.bits)
        reason = Evidence("either", "place", lost, "the same words are an address that is held")
        scored = Scored(each.scored.bits + lost, (*each.scored.evidence, reason), Level.POSSIBLE)
        held.append(replace(each, scored=scored))
    return held


def _joined(people: Sequence[Found], reached: dict[int, Found]) -> list[Found]:
    """Put people found by name together with people found another way: one entry each, the reasons of both."""
    out: dict[int, Found] = {each.group: each for each in people}
    for group, other in reached.items():
        mine = out.get(group)
        if mine is None:
            out[group] = other
        else:
            through = other.scored.evidence[-1]
            scored = mine.scored
            out[group] = replace(
                mine,
                scored=Scored(scored.bits + max(0.0, through.bits), (*scored.evidence, through), scored.level),
            )
    return list(out.values())
