"""The mentions of a build as linking saw them, to learn from: those that everybody may see, and no others.

Weights decide how open mentions are joined. Were they learnt from closed ones too, what a closed record says could be
felt in what everybody sees; so neither the weights nor what is printed of a training rests on any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from discoverer.match.profiles import PersonProfile, PlaceProfile
from discoverer.model import Found, Role, Visibility
from index.beside import company_of
from index.decisions import Verdict
from index.linking_types import Candidate, Settled, side_of
from index.people import MentionRow
from index.profiles import decode
from index.reader import Index, Reader, Scope

OPEN = Scope(frozenset({Visibility.OPEN}))


def candidates_of(index: Index) -> list[Candidate]:
    """Return the open person mentions of fields as the build linked them, in their order."""
    reader = Reader(index, OPEN)
    people = [row for row, _ in reader.people_in_fields()]
    places = reader.in_records({(row.segment, row.n) for row in people}, "location")
    rows = sorted([*people, *places], key=lambda row: (row.segment, row.n, row.m))
    found: list[Candidate] = []
    for _, beside in groupby(rows, key=lambda row: (row.segment, row.n)):
        found += _of_record([(row, decode(row.kind, row.value)) for row in beside])
    return sorted(found, key=lambda each: each.number)


def _of_record(beside: list[tuple[MentionRow, object]]) -> Iterator[Candidate]:
    """Yield the candidates of one record, with what it says around them."""
    people = [(row, value) for row, value in beside if isinstance(value, PersonProfile)]
    places = [(row, value.address) for row, value in beside if isinstance(value, PlaceProfile)]
    scenes = (
        address.without_area
        for row, address in places
        if row.holder is None and row.found == Found.FIELD.value and address.without_area
    )
    here = tuple(dict.fromkeys(scenes))
    for row, profile in people:
        doors = (address.identity for place, address in places if place.holder == row.position and address.identity)
        company = company_of(profile, (value for other, value in people if other is not row))
        side = side_of(Role(row.role))
        yield Candidate(
            row.m, row.visibility, profile, tuple(dict.fromkeys(doors)), here, company, (row.segment, row.n), side
        )


def settled_in(index: Index, candidates: Iterable[Candidate]) -> Settled:
    """Return what people had ruled of these mentions when the build was made."""
    there = {each.number for each in candidates}
    rulings = [(a, b, verdict) for a, b, verdict in index.people.rulings() if a in there and b in there]
    apart = frozenset((a, b) for a, b, verdict in rulings if verdict == Verdict.APART.value)
    return Settled(
        frozenset((a, b) for a, b, verdict in rulings if verdict == Verdict.SAME.value),
        frozenset((min(pair), max(pair)) for pair in apart),
        apart,
    )
