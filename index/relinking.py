"""Working out how people stand together once decisions made since the build are taken in, for one scope.

Only the groups that those decisions touch are looked at: their mentions in scope are linked again by the rules of the
build with the decisions above them (index/resolve.py), so that what is left of a group that was parted holds together
by links alone. The next build does the same for everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from discoverer.codec import encode
from discoverer.match.profiles import PersonProfile, PlaceProfile
from discoverer.model import Visibility
from index.people import DocRow, MentionRow
from index.profiles import decode, merge
from index.reader import Index
from index.regrouped import SPREAD, Regrouping, most_open_first
from index.resolve import DECIDED, RULES, Candidate, Components, Facts, Settled, link
from index.settling import to_link

Links = list[tuple[int, int, str]]
# Past every number that a build gives a group (index/assemble.py numbers them apart by label).
NEW_NUMBERS = 10**12 * (len(Visibility) + 1)
# A whole group is read, however large.
EVERYONE = 10**9


def relink(index: Index, labels: Collection[Visibility], groups: Collection[int], settled: Settled) -> Regrouping:
    """Put the mentions of some groups together and apart as decisions say.

    Args:
        index: as built.
        labels: of the viewer; nothing else is looked at.
        groups: those that decisions touch.
        settled: every decision that holds, in mention numbers; those outside the groups count for nothing.
    """
    rows = {
        row.m: row for group in sorted(set(groups)) for row in index.people.members(group, labels, EVERYONE)
    }  # fmt: skip
    links = _links(index, labels, rows, settled)
    components = Components()
    for m in sorted(rows):
        components.add(m, Facts())
    for first, second, _ in links:
        components.join(first, second)
    parts: dict[int, list[MentionRow]] = defaultdict(list)
    for m in sorted(rows):
        parts[components.root(m)].append(rows[m])
    return _regrouping(index, list(parts.values()), links)


def _links(index: Index, labels: Collection[Visibility], rows: dict[int, MentionRow], settled: Settled) -> Links:
    """Link mentions by the exact rules and decisions, then by whatever other links the build made between them."""
    candidates = to_link(_candidates(index, labels, rows.values()), settled)
    links: Links = [(*each[:2], str(each[2])) for each in link(candidates, settled).links]
    others = [each for each in index.people.links_among(rows) if each[2] not in (*RULES, DECIDED)]
    here = [pair for pair in settled.apart if pair[0] in rows and pair[1] in rows]
    return links + _further(rows, links, others, here)


def _further(numbers: Iterable[int], links: Links, others: Links, apart: Sequence[tuple[int, int]]) -> Links:
    """Return those other links that lead nobody to both sides of two who were told apart.

    A set of mentions whose links lead to both sides says too little to tell which of them it is: it joins neither.
    """
    parts, blobs = Components(), Components()
    for number in sorted(numbers):
        parts.add(number, Facts())
    for first, second, _ in links:
        parts.join(first, second)
    for first, second in apart:
        parts.bar(first, second)
    told = {parts.root(each) for pair in apart for each in pair}
    free = [each for each in others if parts.root(each[0]) not in told and parts.root(each[1]) not in told]
    for root in {parts.root(number) for number in numbers}:
        blobs.add(root, Facts())
    for first, second, _ in free:
        blobs.join(parts.root(first), parts.root(second))
    sides: dict[int, set[int]] = defaultdict(set)
    for first, second, _ in others:
        for one, other in ((parts.root(first), parts.root(second)), (parts.root(second), parts.root(first))):
            if one not in told and other in told:
                sides[blobs.root(one)].add(other)
    torn = {blob for blob, told_apart in sides.items() if any(parts.barred(side) & told_apart for side in told_apart)}
    kept = []
    for each in sorted(others):
        ends = [parts.root(number) for number in each[:2]]
        between = [end for end in ends if end not in told]
        lost = len(between) == 1 and blobs.root(between[0]) in torn
        if not lost and not (len(between) == 0 and ends[1] in parts.barred(ends[0])):
            kept.append(each)
    return [each for each in kept if parts.join(*each[:2])]


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
            yield Candidate(row.m, row.visibility, profile, _open_enough(row, doors[row.segment, row.n, row.position]))


def _open_enough(row: MentionRow, doors: Iterable[str]) -> tuple[str, ...]:
    """Return the doors that whoever sees a mention may see, as index/mentions.py gives them to it."""
    mine = Visibility(row.visibility).rank
    parted = (each.partition(" ") for each in doors)
    return tuple(dict.fromkeys(door for label, _, door in parted if Visibility(label).rank <= mine))


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
