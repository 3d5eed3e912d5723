"""Persons so far joined by what is weighed for and against, the surest first, each held to the guards.

What the guards refuse, and what is less sure, is kept as a possible link.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from index.guards import Name, another_surname, names_agree, names_clash, supported
from index.linking_model import Model
from index.linking_persons import Persons
from index.linking_rows import Row, filled
from index.linking_small import weighed as weighed_here
from index.linking_types import KEEP, WEIGHED, Candidate, Link, Pair

# Fewer keys in common than this are compared here: Splink takes a second to begin.
SMALL = 20_000
# Names of one person that are compared with another's, and mentions tried as the two ends of a link.
MOST_NAMES = 12
MOST_ENDS = 6
# Bits below even at which two persons would still be thought one but for a date of birth mistyped by years.
MISTAKEN = -3.0

CONTRADICTED = "dates of birth, ages, identifiers or generations contradict each other"
OF_ONE_FAMILY = "other names differ: may be twins or of one family"

Weigh = Callable[[Iterable[Row], Model], Iterator[list[Pair]]]


def by_splink(rows: Iterable[Row], model: Model) -> Iterator[list[Pair]]:
    """Weigh the pairs of many rows with Splink."""
    from index import splink_pairs  # its libraries take a second to come: only where there is much to compare

    yield from splink_pairs.weighed(rows, model.comparisons, min(model.keep, MISTAKEN))


def by_hand(rows: Iterable[Row], model: Model) -> Iterator[list[Pair]]:
    """Weigh the pairs of few rows without it."""
    yield from weighed_here(list(rows), model.comparisons, min(model.keep, MISTAKEN))


class Weighing:
    """One round: rows made, weighed, and joined as far as the guards allow.

    Attributes:
        rank: int, of the label now linked.
    """

    def __init__(
        self,
        persons: Persons,
        model: Model,
        rank: int,
        weigh: Weigh | None = None,
        before: Weighing | None = None,
    ) -> None:
        """Weigh the pairs of persons.

        Args:
            persons: so far; their components are joined further by `join`.
            model: the weights.
            rank: of the label now linked.
            weigh: what compares the rows; None: Splink, unless there are few.
            before: the round before; pairs of two persons whom it left as they were keep what they weighed then.
        """
        components, said = persons.components, persons.said
        self.rank, self._components, self._model, self._said = rank, components, model, said
        rows = persons.rows()
        self._rarity = persons.rarity
        weigh = weigh or (by_hand if sum(len(row.blocks) for row in rows) < SMALL else by_splink)
        found = (
            [pair for batch in weigh(filled(rows, said, self._rarity, persons.values), model) for pair in batch]
            if rows
            else []
        )
        if before:
            found += before.unchanged()
        self._pairs = sorted(found, key=lambda pair: (-round(pair.bits, 3), pair.first, pair.second))
        self._near: dict[int, dict[int, float]] = defaultdict(dict)
        for pair in self._pairs:
            self._near[pair.first][pair.second] = pair.bits
            self._near[pair.second][pair.first] = pair.bits
        self._rows = {root: {root} for root in self._near}
        self._names: dict[int, tuple[Name, ...]] = {root: said[root].names[:MOST_NAMES] for root in self._near}
        two_around = persons.namesakes.two_around
        self._doubtful = {
            root for root in self._near if components.says_nothing(root) and any(map(two_around, said[root].members))
        }
        self._ranks: dict[int, list[tuple[int, float]]] = {}
        # What two roots are to each other, while neither has grown: they are asked for again and again.
        self._two: dict[tuple[int, int, int, int], tuple[bool, bool]] = {}
        self._one: dict[tuple[int, int, int, int], bool] = {}

    def changed(self) -> set[int]:
        """Return the components that this round made of several."""
        return {root for root, rows in self._rows.items() if len(rows) > 1}

    def unchanged(self) -> Iterator[Pair]:
        """Yield the pairs of two persons both of whom this round left as they were."""
        as_they_were = {root for root, rows in self._rows.items() if len(rows) == 1}
        for pair in self._pairs:
            if pair.first in as_they_were and pair.second in as_they_were:
                yield pair

    def join(self, least: float) -> list[Link]:
        """Join the pairs of at least so many bits that no guard refuses; return a link for each.

        What one join settles may free another: who was a rival may be the same person by now. So again until none is.
        """
        links: list[Link] = []
        while found := self._joined_once(least):
            links += found
        return links

    def _joined_once(self, least: float) -> list[Link]:
        """Go once over the pairs, the surest first."""
        links = []
        for pair in self._pairs:
            if pair.bits < least:
                break
            first, second = self._components.root(pair.first), self._components.root(pair.second)
            if first == second or self._refused(pair, first, second):
                continue
            if self._components.join(first, second):
                self._now_one(first, second)
                links.append(self._link(pair, WEIGHED))
        return links

    def _now_one(self, first: int, second: int) -> None:
        """Note that two persons have been joined."""
        root = self._components.root(first)
        other = second if root == first else first
        self._rows[root] |= self._rows.pop(other)
        names = dict.fromkeys((*self._names[root], *self._names.pop(other)))
        self._names[root] = tuple(islice(names, 2 * MOST_NAMES))

    def possible(self) -> Iterator[Link]:
        """Yield a link for every pair that may be one person and was not joined, one for each two persons."""
        met: set[tuple[int, int]] = set()
        for pair in self._pairs:
            if pair.bits < self._model.keep:
                break
            first, second = sorted((self._components.root(pair.first), self._components.root(pair.second)))
            if first == second or (first, second) in met or second in self._components.barred(first):
                continue
            met.add((first, second))
            against = self._refused(pair, first, second)
            if pair.bits < self._model.join[-1] and against in (CONTRADICTED, OF_ONE_FAMILY):
                continue  # brothers, sisters, husbands and wives share a home and a name: that alone is no doubt
            link = self._link(pair, WEIGHED)
            yield link._replace(level=KEEP, why="; ".join(filter(None, (link.why, against))))

    def _refused(self, pair: Pair, first: int, second: int) -> str:
        """Say why two persons must not be joined though much agrees; '' when nothing speaks against it."""
        if second in self._components.barred(first):
            return "people said they are two"
        if self._components.contradict(first, second) or self._components.other_generation(first, second):
            return CONTRADICTED
        if not _agree(self._names[first], self._names[second]) and not self._took_a_name(pair, first, second):
            return OF_ONE_FAMILY
        if self._rests_on_a_slip(pair):
            return "nothing but the name and a date of birth nearly the same"
        if self._of_two_namesakes(pair, first, second):
            return "may be father or son of one name"
        if self._has_rival(pair.first, pair.second, pair.bits) or self._has_rival(pair.second, pair.first, pair.bits):
            return "may as well be another person"
        return "" if self._held_together(first, second) else "held by one link only"

    def _has_rival(self, row: int, other: int, bits: float) -> bool:
        """Tell whether a row is nearly as likely a third person who cannot be the other one."""
        root = self._components.root
        target, own = root(other), root(row)
        least = bits - self._model.margin
        harmless = {target, own}
        for third, weight in self._ranked(row):
            if weight < least:
                return False
            rival = root(third)
            if rival in harmless:
                continue
            if not any(self._differ(rival, target)) or not self._may_be_one(own, rival):
                harmless.add(rival)
            elif self._are_two(rival, target, self._near[other].get(third)):
                return True
        return False

    def _took_a_name(self, pair: Pair, first: int, second: int) -> bool:
        """Tell whether one forename, one date of birth and one home or number outweigh another surname (marriage)."""
        if "birth" not in self._same(pair) or self._same(pair).isdisjoint({"home", "scene", "phone"}):
            return False
        stands = self._rarity.stands
        return any(another_surname(a, b, stands) for a in self._names[first] for b in self._names[second])

    def _same(self, pair: Pair) -> set[str]:
        """Return what a pair shares: 'birth', 'slip', 'phone', 'home', 'scene', 'building', 'area', 'company' ..."""
        found = set()
        for each, at in zip(self._model.comparisons, pair.levels, strict=True):
            level = each.levels[at].name if at >= 0 else ""
            if level == "same":
                found.add(each.name)
            elif level in ("home", "scene", "building", "area", "slip"):
                found.add(level)
        return found

    def _rests_on_a_slip(self, pair: Pair) -> bool:
        """Tell whether two dates of birth that are nearly the same are all there is beside the name."""
        shared = self._same(pair)
        return "slip" in shared and shared == {"slip"}

    def _of_two_namesakes(self, pair: Pair, first: int, second: int) -> bool:
        """Tell whether one says too little to tell which of two namesakes around it is."""
        if not self._same(pair).isdisjoint({"birth", "identifier", "phone"}):
            return False
        return any(
            row in self._doubtful and self._components.says_nothing(root)
            for row, root in ((pair.first, first), (pair.second, second))
        )

    def _may_be_one(self, first: int, second: int) -> bool:
        """Tell whether the guards would let two persons be one."""
        key = (first, second, len(self._rows[first]), len(self._rows[second]))
        found = self._one.get(key)
        if found is None:
            agree = _agree(self._names[first], self._names[second])
            found = self._one[key] = agree and not self._components.contradict(first, second)
        return found

    def _ranked(self, row: int) -> list[tuple[int, float]]:
        """Return a row's pairs, the weightiest first."""
        if row not in self._ranks:
            self._ranks[row] = sorted(self._near[row].items(), key=lambda each: (-each[1], each[0]))
        return self._ranks[row]

    def _are_two(self, rival: int, target: int, bits: float | None) -> bool:
        """Tell whether two persons cannot be one; a date of birth mistyped by years does not make two of one.

        Args:
            rival: a root.
            target: another root.
            bits: what their rows weigh together; None: less than is kept.
        """
        names_differ, facts_differ = self._differ(rival, target)
        mistaken = bits is not None and bits >= MISTAKEN
        return names_differ or (facts_differ and not (mistaken and self._components.mistaken(rival, target)))

    def _differ(self, first: int, second: int) -> tuple[bool, bool]:
        """Tell of two persons whether their names and whether their facts make two of them."""
        key = (first, second, len(self._rows[first]), len(self._rows[second]))
        found = self._two.get(key)
        if found is None:
            clash = _clash(self._names[first], self._names[second])
            found = self._two[key] = clash, self._components.contradict(first, second)
        return found

    def _held_together(self, first: int, second: int) -> bool:
        """Tell whether two clusters of rows are held together by more than one bridge."""
        few, many = sorted((first, second), key=lambda root: (len(self._rows[root]), root))
        if len(self._rows[few]) == 1:
            return True
        pairs = len(self._rows[few]) * len(self._rows[many])
        strong = sum(
            bits >= self._model.keep and self._components.root(third) == many
            for row in self._rows[few]
            for third, bits in self._near[row].items()
        )
        return supported(strong, pairs, self._model.support)

    def _link(self, pair: Pair, rule: str) -> Link:
        """Write a pair of rows as a link of the two mentions that best show why."""
        words = [
            each.levels[at].words
            for each, at in zip(self._model.comparisons, pair.levels, strict=True)
            if at >= 0 and each.levels[at].words
        ]
        first, second = _ends(self._said[pair.first].members, self._said[pair.second].members)
        first, second = sorted((first, second))
        return Link(first, second, rule, bits=round(pair.bits, 1), why="; ".join(words), rank=self.rank)


@lru_cache(maxsize=262_144)
def _agree(first: tuple[Name, ...], second: tuple[Name, ...]) -> bool:
    """Tell what `names_agree` does, once for all persons of the same names."""
    return names_agree(first, second)


@lru_cache(maxsize=262_144)
def _clash(first: tuple[Name, ...], second: tuple[Name, ...]) -> bool:
    """Tell what `names_clash` does, once for all persons of the same names."""
    return names_clash(first, second)


def _ends(first: Sequence[Candidate], second: Sequence[Candidate]) -> tuple[int, int]:
    """Return the two mentions, one of each, that have most in common."""
    _, a, b = min(
        (-_in_common(mine, theirs), mine.number, theirs.number)
        for mine in first[:MOST_ENDS]
        for theirs in second[:MOST_ENDS]
    )
    return a, b


def _in_common(first: Candidate, second: Candidate) -> int:
    """Count the values two mentions share, those that tell most counted most."""
    one, other = first.profile, second.profile
    shared = (
        (8, one.identifiers, other.identifiers),
        (4, one.births, other.births),
        (3, one.phones, other.phones),
        (2, one.names, other.names),
        (2, one.homes + first.scenes, other.homes + second.scenes),
        (1, first.company, second.company),
        (1, one.areas, other.areas),
    )
    return sum(worth for worth, mine, theirs in shared if not set(mine).isdisjoint(theirs))
