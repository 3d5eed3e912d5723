"""Working out how people stand together once decisions made since the build are taken in, for one scope.

Only the groups that those decisions touch are looked at: their mentions in scope are linked again by the rules of the
build with the decisions above them (index/resolve.py), so that what is left of a group that was parted holds together
by links alone. Links that were weighed are kept where they join nobody told apart; the next build weighs them anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from discoverer.codec import encode
from discoverer.match.profiles import PersonProfile, PlaceProfile
from discoverer.model import Found, Role, Visibility
from index.linking_types import side_of
from index.people import SPREAD, DocRow, MentionRow
from index.profiles import decode, merge
from index.reader import Index
from index.regrouped import Regrouping, most_open_first
from index.resolve import DECIDED, RULES, Candidate, Components, Facts, Settled, link
from index.settling import to_link

Links = list[tuple[int, int, str]]
# Past every number that a build gives a group (index/assemble.py numbers them apart by label).
NEW_NUMBERS = 10**12 * (len(Visibility) + 1)
# A whole group is read, however large.
EVERYONE = 10**9


def relink(
    index: Index, labels: Collection[Visibility], families: Sequence[Collection[int]], settled: Settled
) -> Regrouping:
    """Put the mentions of some groups together and apart as decisions say.

    Args:
        index: as built.
        labels: of the viewer; nothing else is looked at.
        families: groups that decisions touch, those that they touch together; no group is in two. Nothing is joined
            across families: what the build saw in between, and kept them apart for, is not looked at here.
        settled: every decision that holds, in mention numbers; those outside the groups count for nothing.
    """
    rows: dict[int, MentionRow] = {}
    links: Links = []
    for groups in families:
        mine = {row.m: row for group in sorted(groups) for row in index.people.members(group, labels, EVERYONE)}
        links += _links(index, labels, mine, settled)
        rows.update(mine)
    components = Components()
    for m in sorted(rows):
        components.add(m, Facts())
    for first, second, _ in links:
        components.join(first, second)
    parts: dict[int, list[MentionRow]] = defaultdict(list)
    for m in sorted(rows):
        parts[components.root(m)].append(rows[m])
    told_apart = tuple(sorted(settled.apart))
    return replace(_regrouping(index, list(parts.values()), links), apart=told_apart)


def _links(index: Index, labels: Collection[Visibility], rows: dict[int, MentionRow], settled: Settled) -> Links:
    """Link mentions by the exact rules and decisions, then by whatever other links the build made between them."""
    candidates = to_link(_candidates(index, labels, rows.values()), settled)
    links: Links = [(each.first, each.second, each.rule) for each in link(candidates, settled).links]
    others = [each for each in index.people.links_among(rows, labels) if each[2] not in (*RULES, DECIDED)]
    return links + _further(rows, links, others, settled)


def _further(numbers: Collection[int], links: Links, others: Links, settled: Settled) -> Links:
    """Return those other links that join nobody who was told apart.

    Those of a mention named as not belonging come last, so that what leads to both stays with the other.
    """
    parts = Components()
    for number in sorted(numbers):
        parts.add(number, Facts())
    for first, second, _ in links:
        parts.join(first, second)
    for stays, odd in sorted(settled.odd):
        if stays in parts and odd in parts:
            parts.bar(stays, odd, odd)
    ranked = sorted(others, key=lambda each: (parts.is_odd(each[0]) or parts.is_odd(each[1]), each))
    return [each for each in ranked if parts.join(*each[:2])]


def _candidates(index: Index, labels: Collection[Visibility], rows: Collection[MentionRow]) -> Iterator[Candidate]:
    """Make the candidates that linking saw: each mention's cleaned values, and the doors of its homes in its record."""
    doors: dict[tuple[int, int, int | None], list[str]] = defaultdict(list)
    for place in index.people.in_records({(row.segment, row.n) for row in rows}, "location", labels):
        value = decode(place.kind, place.value)
        if isinstance(value, PlaceProfile) and value.address.identity:
            doors[place.segment, place.n, place.holder].append(f"{place.visibility} {value.address.identity}")
    for row in rows:
        profile = decode(row.kind, row.value)
        if isinstance(profile, PersonProfile):
            mine = _open_enough(row, doors[row.segment, row.n, row.position])
            # Text says too little to be linked, and takes no side in a record.
            side = "" if row.found == Found.TEXT.value else side_of(Role(row.role))
            yield Candidate(row.m, row.visibility, profile, mine, record=(row.segment, row.n), side=side)


def _open_enough(row: MentionRow, doors: Iterable[str]) -> tuple[str, ...]:
    """Return the doors that whoever sees a mention may see, as index/mentions.py gives them to it."""
    mine = Visibility(row.visibility)
    parted = (each.partition(" ") for each in doors)
    return tuple(dict.fromkeys(door for label, _, door in parted if mine.contains(Visibility(label))))


def _regrouping(index: Index, parts: Sequence[list[MentionRow]], links: Links) -> Regrouping:
    """Give each part a number (that of its first mention's group, else a new one) and all that goes with it."""
    members: dict[int, tuple[int, ...]] = {}
    docs: list[DocRow] = []
    idents: dict[int, str] = {}
    groups: dict[int, list[MentionRow]] = defaultdict(list)
    for order, part in enumerate(parts):
        number = part[0].grp if part[0].grp not in members else NEW_NUMBERS + order
        members[number] = tuple(row.m for row in part)
        docs += _docs(number, part)
        idents[number] = _ident(index, part)
        for row in part:
            groups[row.grp].append(row)
    placed = [
        doc._replace(d=index.people.place_of(doc.risk, doc.latest) * SPREAD - SPREAD + place)
        for place, doc in enumerate(docs, 1)
    ]
    gone = [doc for group, rows in groups.items() for doc in _docs(group, rows)]
    return Regrouping(members, frozenset(groups), tuple(links), tuple(placed), tuple(gone), idents)


def _docs(group: int, part: Sequence[MentionRow]) -> Iterator[DocRow]:
    """Yield what each label knows of a group, as the build would have gathered it; their numbers still to come."""
    recent = sorted(sorted(part, key=lambda row: row.m), key=lambda row: row.at, reverse=True)
    by_label = sorted(recent, key=lambda row: row.visibility)
    for label, found in groupby(by_label, key=lambda row: row.visibility):
        rows = list(found)
        profile = merge([decode(row.kind, row.value) for row in rows])
        risk, latest = max(row.risk for row in rows), max(row.at for row in rows)
        yield DocRow(0, "person", group, None, None, label, risk, latest, encode(profile))


def _ident(index: Index, part: Sequence[MentionRow]) -> str:
    """Return the id of the earliest mention of the most open label."""
    first = most_open_first(part)[0]
    equal = [row for row in part if (row.visibility, row.at) == (first.visibility, first.at)]
    return min(mention_id(index, row) for row in equal)


def mention_id(index: Index, row: MentionRow) -> str:
    """Return a mention's id: source, raw key, position."""
    record = index.segments[row.segment].get([row.n])[row.n]
    return f"{record.source}:{record.ref}#{row.position}"
