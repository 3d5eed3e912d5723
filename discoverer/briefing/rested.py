"""What a briefing rests on: each record as it was then, so that what changed since can be told and corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from discoverer.answer import Hit
from discoverer.briefing.cited import Cited, Key
from discoverer.briefing.parts import Point, Rested
from discoverer.briefing.people import People
from discoverer.codec import encode
from discoverer.model import Record
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.risk import record_risk

# What begins and ends: that it did is told to whoever was briefed.
TOPICS = (Topic.ORDER, Topic.WANTED, Topic.CUSTODY, Topic.WEAPON, Topic.ACTION, Topic.MARKER)
_LIVE = (Standing.IN_FORCE, Standing.OLD)


def keys_of(hit: Hit, people: People) -> Iterator[Key]:
    """Yield the records that a briefing of a hit may cite."""
    for each in (hit, *(one.hit for one in people.everyone)):
        yield from ((record.source, record.ref) for record in each.records)
        yield from ((said.source, said.ref) for said in (*each.in_force, *each.ended_lately))
        yield from ((entry.source, entry.ref) for event in each.history for entry in event.entries)
        yield from ((place.source, place.ref) for place in (*each.addresses, *each.numbers))
        risk = each.risk
        graded = (risk.highest, risk.latest, *risk.elsewhere, *risk.previous, *(one.assessed for one in risk.around))
        yield from ((one.source, one.ref) for one in graded if one is not None)
        yield from ((one.source, one.ref) for one in risk.referrals)
        yield from ((one.source, one.ref) for one in risk.missing)
        yield from ((key[0], key[1]) for badge in each.badges for key in badge.records)


def live(cited: Cited, hit: Hit, people: People) -> dict[tuple[Key, str], Statement]:
    """Return what is in force for everyone told of: (record, what) -> the statement."""
    return {
        ((each.source, each.ref), standing_key(cited, each)): each
        for one in (hit, *(one.hit for one in people.everyone))
        for each in one.in_force
        if each.topic in TOPICS and each.standing in _LIVE and each.whose is not Whose.PREVIOUS
    }


def standing_key(cited: Cited, each: Statement) -> str:
    """Return what makes two statements of one record the same; of one that must not be passed on without its kind."""
    kind = "" if cited.held_back((each.source, each.ref)) else each.kind
    return f"{each.topic.value}|{kind}|{each.start}"


def rested_on(cited: Cited, hit: Hit, people: People, points: Sequence[Point]) -> tuple[Rested, ...]:
    """Return the records of everyone told of and those cited, each as it is now, the most recent first."""
    standing: dict[Key, list[str]] = {}
    for key, what in live(cited, hit, people):
        standing.setdefault(key, []).append(what)
    own = {
        (record.source, record.ref) for one in (hit, *(one.hit for one in people.everyone)) for record in one.records
    }
    wanted = own | {(each.source, each.ref) for each in points if each.source}
    found = [_rested(record, standing.get(key, [])) for key, record in cited.records.items() if key in wanted]
    return tuple(sorted(found, key=lambda each: (each.at, each.source, each.ref), reverse=True))


def _rested(record: Record, standing: Iterable[str]) -> Rested:
    """Note one record."""
    return Rested(
        source=record.source,
        ref=record.ref,
        at=record.at.value if record.at else "",
        label=record.words_visibility.value,
        said=digest(encode(replace(record, row="")))[:32],  # where it stands in its source says nothing of anybody
        level=record_risk(record) or "",
        standing=tuple(sorted(standing)),
    )


def fingerprint(found: Iterable[Rested]) -> str:
    """Return one fingerprint of all the records and what they said."""
    return digest(encode([(each.source, each.ref, each.said) for each in found]))


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
