"""Did you mean: the holders of identifiers one slip away from the one asked for, where a check letter says so."""

from __future__ import annotations

from dataclasses import replace

from discoverer.answer import HitKind
from discoverer.candidates.pool import LIST_LIMIT
from discoverer.found import Found, found_of, grouped
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.person import Scale, score_person
from discoverer.match.profiles import PersonProfile
from discoverer.normalise.identifiers import misspellings, read_identifier, repair
from discoverer.query import Query
from index import keys
from index.profiles import decode, merge
from index.reader import Reader


def people_meant(reader: Reader, query: Query, scale: Scale) -> dict[int, Found]:
    """Find the holders of identifiers one slip away from those asked for: possible, never more.

    One with a wrong check letter is held against the valid ones it may be meant for, a valid one against those with a
    wrong check letter that a clerk may have made of it.

    Args:
        reader: scoped.
        query: as read.
        scale: of this search, so that a number many hold counts here as it does anywhere.

    Returns:
        group -> the person, the nearness last among the reasons; holders of the very identifier are not among them.
    """
    found: dict[int, Found] = {}
    for asked in (*query.person.identifiers, *query.person.unverified):
        for near, words in _near(asked).items():
            docs = reader.docs(reader.look_up(keys.identifier(near), LIST_LIMIT).ids)
            for group, alike in grouped(docs).items():
                profile = merge([decode(doc.kind, doc.profile) for doc in alike])
                if not isinstance(profile, PersonProfile) or _holds(query.person, profile):
                    continue
                scored = score_person(_without_identifiers(query.person), profile, scale)
                nearness = Evidence("identifier", "near", scale.weights.identifier["near"], words)
                evidence = (*scored.evidence, nearness)
                scored = Scored(scored.bits + nearness.bits, evidence, Level.POSSIBLE)
                found.setdefault(group, found_of(HitKind.PERSON, group, alike, scored))
    return found


def _near(asked: str) -> dict[str, str]:
    """Return what 'scheme:canonical' may be meant for: each as 'scheme:canonical', with the words that say so."""
    scheme, _, number = asked.partition(":")
    read = read_identifier(number, scheme)
    if read is None or read.scheme != scheme:
        return {}
    name = scheme.upper()
    meant = {each: f"did you mean {name} {each.canonical}? {number} has a wrong check letter" for each in repair(read)}
    for each in misspellings(read):
        meant[each] = f"recorded as {name} {each.canonical}, which has a wrong check letter: {number} may be meant"
    return {f"{scheme}:{each.canonical}": words for each, words in meant.items()}


def _holds(asked: PersonProfile, held: PersonProfile) -> bool:
    """Tell whether somebody holds one of the very identifiers asked for."""
    wanted = {*asked.identifiers, *asked.unverified}
    return bool(wanted & {*held.identifiers, *held.unverified})


def _without_identifiers(asked: PersonProfile) -> PersonProfile:
    """Leave the identifiers out of what was asked: the one in doubt must not count as another person's number."""
    return replace(asked, identifiers=(), unverified=())
