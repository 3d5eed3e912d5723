"""Taking newcomers for the people they are, by the rules that link a build: the same guards, weights and levels.

Whoever shares a key with a newcomer is looked up in the index as it is, and newcomers and neighbours are linked among
themselves; how rare a name is, is asked of the whole index. What was linked before stays as it is until the night: a
newcomer that fits two known persons joins the one it fits best, and may be the other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Vocabulary
from discoverer.model import Found, MentionKind, Visibility
from index import keys, settling
from index.beside import Around, around
from index.groups import RANGE
from index.linking_gathered import Gathered, Rarity
from index.linking_model import Model
from index.linking_types import JOIN, KEEP, Candidate, Link
from index.mentions import Mention, clean
from index.newcomers import Attached, Newcomer
from index.people import MentionRow
from index.profiles import decode
from index.reader import Reader
from index.resolve import RULES, link
from index.settling import Rulings, There

# A key that more documents carry brings nobody near by itself (index/linking_gathered.py).
MOST_BEARERS = 100
# Known persons looked at for one newcomer, and mentions of each, the most recent first.
MOST_NEAR = 40
MOST_MENTIONS = 20
LATER = "joined to another first; the next build weighs it anew"


class RarityOfIndex(Rarity):
    """How rare tokens are in the whole index, though few of its persons are linked here."""

    def __init__(self, names: Vocabulary, crowded: Collection[str]) -> None:
        """Take what the index knows.

        Args:
            names: name tokens of every label.
            crowded: areas so many persons are in that to share one says nothing.
        """
        self._names, self._everywhere = names, frozenset(crowded)
        super().__init__(())

    def recount(self, gone: Iterable[Gathered], come: Iterable[Gathered]) -> None:
        """Count which end of a name tokens stand at, among those here."""
        super().recount(gone, come)
        self.total = round(math.log2(max(self._names.total, 1)))

    def tells(self, area: str) -> bool:
        """Tell whether sharing an area says anything."""
        return area not in self._everywhere

    def count(self, token: str) -> int:
        """Return how many persons bear a token."""
        return max(self._names.bearers(token), super().count(token))


class Attaching:
    """Attaches the newcomers of one sync."""

    def __init__(
        self,
        reader: Reader,
        model: Model | None,
        rulings: Rulings,
        on: date,
        crowded: Collection[str],
        dead: Callable[[int], bool],
    ) -> None:
        """Take what newcomers are held against.

        Args:
            reader: of all labels, over the index as it was before this sync.
            model: the weights of the build; None: exact rules alone.
            rulings: what people have decided.
            on: the day that counts as today.
            crowded: areas so many persons are in that to share one says nothing.
            dead: tells of a mention whether this sync has taken it out.
        """
        self._reader, self._model, self._rulings = reader, model, rulings
        self._on, self._dead = on, dead
        self._rarity = RarityOfIndex(reader.names, crowded)
        self._mentions: dict[tuple[int, int], list[Mention]] = {}

    def attach(self, newcomers: Sequence[Newcomer]) -> Attached:
        """Return whom newcomers are taken for."""
        if not newcomers:
            return Attached({}, {}, [], [])
        near = self._near(newcomers)
        candidates = [*self._candidates(near), *map(_candidate, newcomers)]
        settled = settling.given(self._rulings.decisions, self._there(near, newcomers)).settled
        linked = link(
            settling.to_link(sorted(candidates, key=lambda each: each.number), settled), settled, self._model,
            rarity=self._rarity,
        )  # fmt: skip
        return _attached(newcomers, {row.m: row for row in near}, linked.links)

    def _near(self, newcomers: Sequence[Newcomer]) -> list[MentionRow]:
        """Return the mentions in fields of whoever shares a key with a newcomer."""
        groups: set[int] = set()
        for newcomer in newcomers:
            groups.update(self._groups_near(newcomer))
        rows = (row for group in sorted(groups) for row in self._reader.members(group, MOST_MENTIONS))
        return [row for row in rows if row.found == Found.FIELD.value and not self._dead(row.m)]

    def _groups_near(self, newcomer: Newcomer) -> list[int]:
        """Return the known persons that share most keys with one newcomer."""
        found: Counter[int] = Counter()
        for key in sorted(keys.person_keys(newcomer.profile)):
            postings = self._reader.look_up(key, MOST_BEARERS + 1)
            if postings.total <= MOST_BEARERS:
                found.update({doc.grp for doc in self._reader.docs(postings.ids) if doc.grp is not None})
        places = [(MentionKind.PHONE, each) for each in newcomer.profile.phones]
        places += [(MentionKind.LOCATION, each) for each in newcomer.around.doors]
        for kind, ident in places:
            found.update(self._holders(kind, ident))
        return [group for group, _ in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MOST_NEAR]]

    def _holders(self, kind: MentionKind, ident: str) -> set[int]:
        """Return the people of the records that name a number or place, unless so many do that it says little."""
        group = self._reader.group_of(kind.value, ident)
        if group is None:
            return set()
        named = self._reader.members(group, MOST_BEARERS + 1)
        if len(named) > MOST_BEARERS:
            return set()
        return {row.grp for row in self._reader.in_records({(row.segment, row.n) for row in named}, "person")}

    def _candidates(self, rows: Iterable[MentionRow]) -> Iterator[Candidate]:
        """Make the candidates that the build linked of mentions."""
        for row in rows:
            profile = decode(row.kind, row.value)
            said = self._said_around((row.segment, row.n), row.position)
            if isinstance(profile, PersonProfile) and said is not None and not profile.text_only:
                record = (row.segment, row.n)
                yield Candidate(
                    row.m, row.visibility, profile, said.doors, said.scenes, said.company, record, said.side
                )

    def _said_around(self, place: tuple[int, int], position: int) -> Around | None:
        """Return what the fields of a record say around one of its people; None when it names nobody there.

        What its texts say is around nobody (index/beside.py), and to read them takes longer than all the rest.
        """
        if place not in self._mentions:
            record = self._reader.records([place]).get(place)
            fields = replace(record, texts=(), orders=()) if record else None
            self._mentions[place] = clean(fields, frozenset(), self._on)[0] if fields else []
        beside = self._mentions[place]
        person = next((each for each in beside if each.position == position), None)
        return around(person, beside) if person and isinstance(person.value, PersonProfile) else None

    def _there(self, near: Sequence[MentionRow], newcomers: Sequence[Newcomer]) -> dict[str, There]:
        """Return the mentions that people spoke of, by id."""
        named = {ident for decision in self._rulings.decisions for ident in decision.pair}
        if not named:
            return {}
        there = {each.ident: There(each.number, each.visibility, each.profile) for each in newcomers}
        here = {row.m for row in near}
        for ident, row in self._reader.people_named(named).items():
            profile = decode(row.kind, row.value)
            if row.m in here and isinstance(profile, PersonProfile):
                there[ident] = There(row.m, Visibility(row.visibility), profile)
        return {ident: each for ident, each in there.items() if ident in named}


def _candidate(newcomer: Newcomer) -> Candidate:
    """Make the candidate of a newcomer."""
    doors, scenes, company, side = newcomer.around
    return Candidate(
        newcomer.number, newcomer.visibility.value, newcomer.profile, doors, scenes, company, newcomer.record, side
    )


def _attached(newcomers: Sequence[Newcomer], near: dict[int, MentionRow], links: Sequence[Link]) -> Attached:
    """Read who newcomers are from the links they have."""
    rank_of = {each.number: each.visibility.rank for each in newcomers}
    mine = sorted((each for each in links if {each.first, each.second} & rank_of.keys()), key=_sureness)
    cells: dict[int, int] = {}
    together = {number: number for number in rank_of}
    kept: list[Link] = []
    joined: list[tuple[int, int, int]] = []

    def root(number: int) -> int:
        while together[number] != number:
            number = together[number]
        return number

    for each in mine:
        new, other = (each.first, each.second) if each.first in rank_of else (each.second, each.first)
        if each.level != JOIN:
            kept.append(each)
            continue
        if other in rank_of:
            ends = sorted((root(new), root(other)), key=lambda end: (rank_of[end], end))
            known = {cells[end] for end in ends if end in cells}
            if each.rank > max(rank_of[end] for end in ends) or len(known) > 1:
                kept.append(_later(each))
                continue
            together[ends[1]] = ends[0]
            for group in known:
                cells[ends[0]] = group
            kept.append(each)
            continue
        head, group = root(new), near[other].grp
        open_enough = _rank_of_group(group) <= rank_of[head] and each.rank <= rank_of[head]
        if cells.get(head, group) != group or (not open_enough and head in cells):
            kept.append(_later(each))
        elif open_enough:
            cells[head] = group
            kept.append(each)
        else:
            joined.append((max(each.rank, _rank_of_group(group)), head, group))
            kept.append(each)
    return Attached(
        {number: cells[root(number)] for number in rank_of if root(number) in cells},
        {number: root(number) for number in rank_of if root(number) != number},
        kept,
        joined,
    )


def _sureness(each: Link) -> tuple[object, ...]:
    """Sort links that join before those that do not, people's word and exact rules first, then the weightiest."""
    rule = RULES.index(each.rule) if each.rule in RULES else len(RULES) if each.bits else -1
    return each.level != JOIN, rule, -each.bits, each.first, each.second


def _later(each: Link) -> Link:
    """Return a link that joins as one that is only shown."""
    return each._replace(level=KEEP, why="; ".join(filter(None, (each.why, LATER))))


def _rank_of_group(group: int) -> int:
    """Return the rank of the most open label that knows a group."""
    return (group - 1) // RANGE
