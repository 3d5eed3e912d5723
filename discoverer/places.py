"""Places found: every candidate weighed in all its writings, then held against the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from discoverer.answer import HitKind
from discoverer.candidates.places import places
from discoverer.found import Found, found_of, grouped, order
from discoverer.match.evidence import Level, Scored
from discoverer.match.place import PlaceScale, likeness, score_writings, settle
from discoverer.match.profiles import PlaceProfile
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import Address
from discoverer.query import Query
from index.people import DocRow
from index.profiles import decode, merge
from index.reader import Reader

# Places weighed exactly; the one meant is hardly ever further down than the first thirty gathered.
WEIGHED = 160
# Places whose mentions are put in the order of how they are written, and how many mentions of each.
LIKEST_OF = 10
LIKEST_AMONG = 60


def find_places(reader: Reader, query: Query, weights: Weights) -> tuple[list[Found], int]:
    """Find places; words that could as well be a name must all agree, exactly.

    Returns:
        (places found; how many fit in all where a list was cut, else 0).
    """
    best: dict[int, Found] = {}
    about = 0
    scale = PlaceScale(reader.words, weights)
    for asked in query.addresses:
        pool = places(reader, asked, weights)
        about = max(about, pool.about)
        candidates = [
            (group, docs, _profile(docs)) for group, docs in grouped(reader.docs(pool.best()[:WEIGHED])).items()
        ]
        scored = [(profile.address, score_writings(asked, profile, scale)) for _, _, profile in candidates]
        for (group, docs, profile), settled in zip(candidates, settle(scored, weights), strict=True):
            if query.loose and settled.outcome("words") != "exact":
                continue
            if settled.bits < weights.level["possible"]:
                continue
            very = _is_sure(settled) and any(is_same_door(asked, held) for held in profile.writings)
            if not very and reader.is_safe_place(group):
                continue  # whoever does not know the address is not helped to find it
            if group not in best or settled.bits > best[group].scored.bits:
                best[group] = replace(found_of(HitKind.LOCATION, group, docs, settled), very=very)
    found = sorted(best.values(), key=order)
    leading = [replace(each, likest=_likest(reader, each, query.addresses, scale)) for each in found[:LIKEST_OF]]
    return [*leading, *found[LIKEST_OF:]], about


def is_exact(scored: Scored) -> bool:
    """Tell whether an address is the very one that was asked for, as far as it was given: its words and its door."""
    against = any(each.bits < 0 for each in scored.evidence)
    return scored.level is not Level.POSSIBLE and scored.outcome("words") == "exact" and not against


def _is_sure(scored: Scored) -> bool:
    """Tell whether a door is the one asked for: all that was said of it agrees, or its postcode, whatever the town."""
    return is_exact(scored) or (scored.level is not Level.POSSIBLE and scored.outcome("postcode") == "same")


def is_same_door(asked: Address, held: Address) -> bool:
    """Tell whether an address says the whole of a door: not some words of its street, nor a range that holds it."""
    if (asked.flat, asked.house, asked.house_end) != (held.flat, held.house, held.house_end):
        return False
    if sorted(asked.street) != sorted(held.street) or asked.street_type not in ("", held.street_type):
        return False
    return bool(held.house and held.street) or bool(held.building and asked.building == held.building)


def _profile(docs: Sequence[DocRow]) -> PlaceProfile:
    """Return the profile of a place over the labels in scope; what one label knows is merged already."""
    known = [decode(doc.kind, doc.profile) for doc in docs]
    profile = merge(known) if len(known) > 1 else known[0]
    if not isinstance(profile, PlaceProfile):
        raise TypeError("not a place")
    return profile


def _likest(reader: Reader, found: Found, asked: Sequence[Address], scale: PlaceScale) -> tuple[int, ...]:
    """Return a place's mentions, those written most like what was asked first; () when they are written alike.

    Several households or firms may share a door: with nothing else to tell them apart, the one whose name was given
    comes first.
    """
    bits: dict[int, float] = {}
    for row in reader.members(found.group, LIKEST_AMONG):
        profile = decode(row.kind, row.value)
        if isinstance(profile, PlaceProfile):
            bits[row.m] = max(round(likeness(each, profile.address, scale), 2) for each in asked)
    if len(set(bits.values())) < 2:
        return ()
    return tuple(sorted(bits, key=lambda m: (-bits[m], m)))
