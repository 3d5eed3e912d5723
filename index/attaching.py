"""Taking newcomers for the people they are, by the rules that link a build: the same guards, weights and levels.

Whoever shares a key with a newcomer is looked up in the index as it is, and newcomers and neighbours are linked among
themselves; how rare a name is, is asked of all whom everybody sees. What was linked before stays as it is until the
night: a newcomer that fits two known persons joins the one it fits best, and may be the other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy, deepcopy

from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Vocabulary
from discoverer.model import Found, MentionKind, Visibility
from index import keys, settling
from index.attached import attached
from index.beside import Around, said_around
from index.linking_gathered import Gathered, Rarity
from index.linking_model import Model
from index.linking_types import Candidate
from index.linking_weighed import by_hand
from index.newcomers import NOBODY, Attached, Newcomer
from index.people import MentionRow
from index.profiles import decode
from index.reader import Index, Reader, Scope
from index.resolve import link
from index.settling import Rulings, There

# A key that more documents carry brings nobody near by itself (index/linking_gathered.py).
MOST_BEARERS = 100
# Known persons looked at for one newcomer, those that share most with it, and mentions of each, the most recent first.
MOST_NEAR = 20
MOST_MENTIONS = 20
# So many newcomers at a time and more are weighed by Splink, which takes a second, and its memory, to begin.
MANY = 100


class RarityOfIndex(Rarity):
    """How rare tokens are among all whom everybody sees, though few of them are linked here."""

    def __init__(self, names: Vocabulary, crowded: Collection[str]) -> None:
        """Take what the index knows.

        Args:
            names: name tokens.
            crowded: areas so many persons are in that to share one says nothing.
        """
        self._names, self._everywhere = names, frozenset(crowded)
        super().__init__(())

    def __deepcopy__(self, memo: dict[int, object]) -> RarityOfIndex:
        """Copy the counts of those here; what the index knows is shared, and never changes."""
        same = copy(self)
        beside = {id(self._names): self._names, id(self._everywhere): self._everywhere}
        vars(same).update(deepcopy(vars(self), {**memo, **beside}))
        return same

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
        index: Index,
        model: Model | None,
        rulings: Rulings,
        crowded: Collection[str],
        dead: Callable[[int], bool],
    ) -> None:
        """Take what newcomers are held against.

        Args:
            index: as it was before this sync.
            model: the weights of the build; None: exact rules alone.
            rulings: what people have decided.
            crowded: areas so many persons are in that to share one says nothing.
            dead: tells of a mention whether this sync has taken it out.
        """
        self._people, self._model, self._rulings, self._dead = index.people, model, rulings, dead
        self._reader = Reader(index, Scope(frozenset(Visibility)))
        # Each label by itself: what fewer see must not crowd out what all see.
        self._by_label = [Reader(index, Scope(frozenset({label}))) for label in Visibility]
        # Names are as rare as those whom everybody sees make them: what fewer see must not sway what all see either.
        self._rarity = RarityOfIndex(self._by_label[Visibility.OPEN.rank].names, crowded)

    def attach(self, newcomers: Sequence[Newcomer]) -> Attached:
        """Return whom newcomers are taken for."""
        if not newcomers:
            return NOBODY
        near = self._near(newcomers)
        candidates = [*self._candidates(near), *map(_candidate, newcomers)]
        settled = settling.given(self._rulings.decisions, self._there(near, newcomers)).settled
        linked = link(
            settling.to_link(sorted(candidates, key=lambda each: each.number), settled), settled, self._model,
            by_hand if len(newcomers) < MANY else None, rarity=self._rarity,
        )  # fmt: skip
        cells = self._people.cells_of([row.m for row in near])
        return attached(newcomers, cells, self._people.head, linked.links)

    def _near(self, newcomers: Sequence[Newcomer]) -> list[MentionRow]:
        """Return the mentions in fields of whoever shares a key with a newcomer, label by label."""
        near: dict[int, MentionRow] = {}
        for reader in self._by_label:
            groups = {group for newcomer in newcomers for group in _groups_near(reader, newcomer)}
            near.update((row.m, row) for group in sorted(groups) for row in reader.members(group, MOST_MENTIONS))
        return [row for _, row in sorted(near.items()) if row.found == Found.FIELD.value and not self._dead(row.m)]

    def _candidates(self, rows: Sequence[MentionRow]) -> Iterator[Candidate]:
        """Make the candidates that the build linked of mentions."""
        said = self._said_around(rows)
        for row in rows:
            profile, record = decode(row.kind, row.value), (row.segment, row.n)
            if isinstance(profile, PersonProfile) and not profile.text_only:
                doors, scenes, company, side = said[row.m]
                yield Candidate(row.m, row.visibility, profile, doors, scenes, company, record, side)

    def _said_around(self, rows: Sequence[MentionRow]) -> dict[int, Around]:
        """Return what records say around people, by the number of the mention."""
        wanted = {row.m for row in rows}
        beside: dict[tuple[int, int], list[MentionRow]] = defaultdict(list)
        for row in self._reader.everyone_in({(row.segment, row.n) for row in rows}):
            beside[row.segment, row.n].append(row)
        return {m: said for record in beside.values() for m, said in said_around(record, wanted).items()}

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


def _groups_near(reader: Reader, newcomer: Newcomer) -> list[int]:
    """Return the known persons that share most with one newcomer: the rarer a key, the more it says."""
    found: dict[int, float] = defaultdict(float)
    for key in sorted(keys.person_keys(newcomer.profile)):
        postings = reader.look_up(key, MOST_BEARERS + 1)
        if postings.total <= MOST_BEARERS:
            for group in {doc.grp for doc in reader.docs(postings.ids) if doc.grp is not None}:
                found[group] += math.log2(2 * MOST_BEARERS / postings.total)
    places = [(MentionKind.PHONE, each) for each in newcomer.profile.phones]
    places += [(MentionKind.LOCATION, each) for each in newcomer.around.doors]
    for kind, ident in places:
        holders = _holders(reader, kind, ident)
        for group in holders:
            found[group] += math.log2(2 * MOST_BEARERS / len(holders))
    return sorted(found, key=lambda group: (-found[group], group))[:MOST_NEAR]


def _holders(reader: Reader, kind: MentionKind, ident: str) -> set[int]:
    """Return the people of the records that name a number or place, unless so many do that it says little."""
    group = reader.group_of(kind.value, ident)
    if group is None:
        return set()
    named = reader.members(group, MOST_BEARERS + 1)
    if len(named) > MOST_BEARERS:
        return set()
    return {row.grp for row in reader.in_records({(row.segment, row.n) for row in named}, "person")}


def _candidate(newcomer: Newcomer) -> Candidate:
    """Make the candidate of a newcomer."""
    doors, scenes, company, side = newcomer.around
    return Candidate(
        newcomer.number, newcomer.visibility.value, newcomer.profile, doors, scenes, company, newcomer.record, side
    )
