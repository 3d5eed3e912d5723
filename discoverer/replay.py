"""The searches by which a new build is tried: records of the live one, asked for as a call handler would.

Each record is asked for by its reference, its first telephone number, its first person with a date of birth and its
first address; both builds answer through the real search with the same scope. What is asked leaves the process in no
report: only the record's reference does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from discoverer.errors import UsageError
from discoverer.found import Found
from discoverer.match.evidence import LEVELS
from discoverer.match.weights import Weights
from discoverer.model import Record, Visibility
from discoverer.query import read_fields
from discoverer.reread import reread
from discoverer.search import search
from index.audit_probes import Asked, Chosen, Replay
from index.reader import Index, Reader, Scope


def replay_with(weights: Weights, on: date) -> Replay:
    """Return what asks for records in two builds.

    Args:
        weights: in force.
        on: today, for two-digit years.
    """

    def _replay(new: Index, old: Index, chosen: Sequence[Chosen], first: int) -> list[Asked]:
        scope = Scope(frozenset(Visibility))
        ours, theirs = Reader(new, scope), Reader(old, scope)
        asked = []
        for record, by, fields in _questions(theirs, chosen):
            before = _found(theirs, record, fields, first, weights, on)
            after = _found(ours, record, fields, first, weights, on) if before else 0
            asked.append(Asked(record, by, before, after))
        return asked

    return _replay


def _questions(reader: Reader, chosen: Sequence[Chosen]) -> Iterator[tuple[Chosen, str, Mapping[str, str]]]:
    """Yield each record with the ways in which it can be asked for, by what the live build holds of it."""
    for each in chosen:
        place = reader.place_of(each.source, each.ref)
        record = reader.records([place]).get(place) if place else None
        if record is not None:
            for by, fields in _ways(record):
                yield each, by, fields


def _ways(record: Record) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield in which ways a record can be asked for."""
    yield "reference", {"ident": record.ref}
    if record.phones:
        yield "telephone number", {"phone": record.phones[0].text}
    person = next((person for person in record.persons if person.names and person.dobs), None)
    if person is not None:
        yield "name and date of birth", {"name": person.names[0], "dob": person.dobs[0]}
    if record.locations:
        place = record.locations[0]
        yield "address", {"address": f"{place.text} {place.postcode}".strip()}


def _found(reader: Reader, record: Chosen, fields: Mapping[str, str], first: int, weights: Weights, on: date) -> int:
    """Tell how surely a record is found, 1 the surest; 0 when no hit among the first holds it, or it is no question."""
    place = reader.place_of(record.source, record.ref)
    if place is None:
        return 0
    try:
        query = reread(reader, read_fields(on, **fields), weights)
    except UsageError:
        return 0
    mine: dict[int, set[int]] = defaultdict(set)
    for row in reader.everyone_in([place]):
        mine[row.grp].add(row.m)
    hits = [hit for hit in search(reader, query, weights, first).found[:first] if _holds(hit, place, mine)]
    return min((1 + LEVELS.index(hit.scored.level) for hit in hits), default=0)


def _holds(hit: Found, place: tuple[int, int], mine: Mapping[int, set[int]]) -> bool:
    """Tell whether a hit holds a record: as an event, or by one of its mentions."""
    if hit.event is not None:
        return hit.event == place
    members = mine.get(hit.group, set())
    return bool(members if hit.only is None else members & hit.only)
