"""The people of the numbers, places and events found: offered as possible, unless an identifier says more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from discoverer.answer import HitKind
from discoverer.candidates.pool import LIST_LIMIT
from discoverer.found import Found, order
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.person import Scale, score_person
from discoverer.match.phone import FURTHER, SLIP_WORDS
from discoverer.match.profiles import PersonProfile, PhoneProfile
from discoverer.match.weights import Weights
from discoverer.query import Query
from index import keys
from index.people import MentionRow
from index.profiles import decode, merge
from index.reader import Reader

# Hits of phones and places whose people are offered too.
SOURCES_OF_PEOPLE = 3
# Records of one number or place whose people are offered; a switchboard has thousands.
RECORDS_OF_PEOPLE = 60
PEOPLE_REACHED = 12


def holders_of(reader: Reader, phones: Sequence[str]) -> int:
    """Return how many households hold the most shared of the numbers asked for; at least 1."""
    numbers = [number for e164 in phones for number in reader.look_up(keys.phone(e164), LIST_LIMIT).ids]
    profiles = [decode(doc.kind, doc.profile) for doc in reader.docs(numbers)]
    return max((each.households for each in profiles if isinstance(each, PhoneProfile)), default=1) or 1


class Near(NamedTuple):
    """Someone reached through a number, place or event.

    Attributes:
        bits: float, how near they stand to it.
        risk: int 0 to 3.   at: str, ISO, of the mention that reached them.
        words: str, how they are reached.
    """

    bits: float
    risk: int
    at: str
    words: str


def people_reached(
    reader: Reader, query: Query, origins: Sequence[Found], scale: Scale
) -> tuple[dict[int, Found], int]:
    """Find the people of the numbers, places and events found: possible, or confirmed by a valid identifier.

    Whoever bears nothing of a name asked for stands behind the number, place or event that led to them.

    Returns:
        (group -> the person, the nearest reason last; how many there are in all where a cap cut them, else 0).
    """
    best: dict[int, Found] = {}
    about = 0
    leading = [] if query.loose else sorted(_leading(origins), key=order)[:SOURCES_OF_PEOPLE]
    for origin in leading:
        near, total = _near(reader, origin, scale.weights)
        about = max(about, total if total > len(near) else 0)
        for group, nearest in near.items():
            profile = _profile_of(reader, group)
            if profile is None:
                continue
            scored = score_person(query.person, profile, scale)
            own = any(each.bits > 0 for each in scored.evidence)
            reason = Evidence("through", origin.kind, nearest.bits, f"{nearest.words}{_but(origin)}")
            bits = scored.bits + reason.bits
            if scored.outcome("name") in ("", "none"):
                bits = min(bits, origin.scored.bits - scale.weights.reached["behind"])
            scored = Scored(bits, (*scored.evidence, reason), _no_surer(scored.level))
            if group not in best or bits > best[group].scored.bits:
                aside = "" if own else origin.instead_of
                best[group] = Found(HitKind.PERSON, group, None, scored, nearest.risk, nearest.at, instead_of=aside)
    return best, about


def _no_surer(level: Level) -> Level:
    """Hold a person reached only through a number or place at possible, unless a valid identifier says more."""
    return level if level is Level.CONFIRMED else Level.POSSIBLE


def _leading(origins: Sequence[Found]) -> list[Found]:
    """Return what leads to people: no number beside the very one asked for, and none further off than one slip."""
    whole = any(each.scored.outcome("phone") == "same" for each in origins)
    away = SLIP_WORDS.keys() if whole else FURTHER
    return [each for each in origins if each.scored.outcome("phone") not in away]


def _but(origin: Found) -> str:
    """Say what does not agree about the place or number a person is reached through."""
    near = SLIP_WORDS.keys()
    against = [each.words for each in origin.scored.evidence if (each.bits < 0 or each.outcome in near) and each.words]
    return f", but {'; '.join(against)}" if against else ""


def _near(reader: Reader, origin: Found, weights: Weights) -> tuple[dict[int, Near], int]:
    """Return the people nearest to an origin, and how many there are in all."""
    if origin.event is not None:
        mentions, holders = reader.in_records([origin.event], "person"), set()
    else:
        rows = reader.members(origin.group, RECORDS_OF_PEOPLE)
        holders = {(row.segment, row.n, row.holder) for row in rows if row.holder is not None}
        mentions = reader.in_records({(row.segment, row.n) for row in rows}, "person")
    near: dict[int, Near] = {}
    for row in mentions:
        mine = _how_near(row, (row.segment, row.n, row.position) in holders, weights)
        if row.grp not in near or mine > near[row.grp]:
            near[row.grp] = mine
    nearest = sorted(near.items(), key=lambda item: (-item[1].bits, -item[1].risk, item[0]))
    return dict(nearest[:PEOPLE_REACHED]), len(near)


def _how_near(row: MentionRow, holds: bool, weights: Weights) -> Near:
    """Judge how near one mention stands to a number, place or event of its record."""
    table = weights.reached
    if holds:
        return Near(table["holder"], row.risk, row.at, "recorded as theirs")
    if row.found == "field":
        role = "" if row.role == "unknown" else f" as {row.role}"
        return Near(table["same_record"], row.risk, row.at, f"named{role} in a record with it")
    return Near(table["same_text"], row.risk, row.at, "named in the text of a record with it")


def _profile_of(reader: Reader, group: int) -> PersonProfile | None:
    """Return a person's profile from their mentions in scope."""
    rows = reader.members(group, RECORDS_OF_PEOPLE)
    if not rows:
        return None
    profile = merge([decode("person", row.value) for row in rows])
    return profile if isinstance(profile, PersonProfile) else None
