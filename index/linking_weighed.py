"""Persons so far joined by what is weighed for and against, the surest first, each held to the guards.

What the guards refuse, and what is less sure, is kept as a possible link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from index.linking_doubts import FAMILY, MISTAKEN, ONE_RECORD, Doubts
from index.linking_model import Model
from index.linking_pairs import Pairs, Weighed, of_pairs
from index.linking_persons import Persons
from index.linking_rows import Table
from index.linking_small import weighed as weighed_here
from index.linking_types import KEEP, WEIGHED, Candidate, Link, Pair

# Fewer keys in common than this are compared here: Splink takes a second to begin.
SMALL = 20_000
# Mentions tried as the two ends of a link.
MOST_ENDS = 6

# A pair, and the time at which it was last looked at and refused.
_Refused = tuple[Pair, int]
NEVER = -1

Weigh = Callable[[Iterable[Table], Model], Iterator[Weighed]]


def by_splink(rows: Iterable[Table], model: Model) -> Iterator[Weighed]:
    """Weigh the pairs of many rows with Splink."""
    from index import splink_pairs  # its libraries take a second to come: only where there is much to compare

    yield from splink_pairs.weighed(rows, model.comparisons, min(model.keep, MISTAKEN))


def by_hand(rows: Iterable[Table], model: Model) -> Iterator[Weighed]:
    """Weigh the pairs of few rows without it."""
    few = [row for table in rows for row in table.rows()]
    yield of_pairs(weighed_here(few, model.comparisons, min(model.keep, MISTAKEN)), len(model.comparisons))


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
        self.rank, self._components, self._model, self._said = rank, persons.components, model, persons.said
        found = _weighed(persons, model, weigh)
        if before:
            found.append(before.unchanged())
        self._pairs = Pairs(found, model.comparisons)
        self._doubts = Doubts(persons, model, self._pairs)

    def changed(self) -> set[int]:
        """Return the components that this round made of several."""
        return set(self._doubts.rows)

    def unchanged(self) -> Weighed:
        """Return the pairs of two persons both of whom this round left as they were."""
        return self._pairs.without({row for rows in self._doubts.rows.values() for row in rows})

    def join(self, least: float) -> list[Link]:
        """Join the pairs of at least so many bits that no guard refuses; return a link for each.

        What one join settles may free another: who was a rival may be the same person by now. So again until none is.
        """
        links: list[Link] = []
        waiting: list[_Refused] = [(pair, NEVER) for pair in self._pairs.of_at_least(least)]
        while waiting:
            found, waiting = self._joined_once(waiting)
            if not found:
                break
            links += found
        return links

    def _joined_once(self, waiting: Sequence[_Refused]) -> tuple[list[Link], list[_Refused]]:
        """Go once over pairs, the surest first; return the links made, and the pairs still refused.

        Args:
            waiting: the pairs, each with the time at which it was refused: what has not changed since is still refused.
        """
        links: list[Link] = []
        refused: list[_Refused] = []
        root = self._components.root
        for pair, looked_at in waiting:
            first, second = root(pair.first), root(pair.second)
            if first == second:
                continue
            if looked_at != NEVER and not self._doubts.changed_since(looked_at, pair, first, second):
                refused.append((pair, looked_at))
            elif self._doubts.against(pair, first, second):
                refused.append((pair, self._doubts.now))
            else:
                mistyped = self._components.contradict(first, second)
                if self._components.join(first, second, forgiven=mistyped):
                    self._doubts.now_one(first, second)
                    links.append(self._link(pair, mistyped))
        return links, refused

    def possible(self) -> Iterator[Link]:
        """Yield a link for every pair that may be one person and was not joined, one for each two persons."""
        met: set[tuple[int, int]] = set()
        for pair in self._pairs.of_at_least(self._model.keep):
            first, second = self._components.root(pair.first), self._components.root(pair.second)
            both = (min(first, second), max(first, second))
            if first == second or both in met or second in self._components.barred(first):
                continue
            met.add(both)
            against = self._doubts.against(pair, first, second)
            if against == ONE_RECORD or (pair.bits < self._model.join[-1] and against in FAMILY):
                continue
            link = self._link(pair)
            yield link._replace(level=KEEP, why="; ".join(filter(None, (link.why, against))))

    def _link(self, pair: Pair, mistyped: bool = False) -> Link:
        """Write a pair of rows as a link of the two mentions that best show why.

        Args:
            pair: the two.
            mistyped: they were joined though their dates of birth contradict: the link shows them where its two
                mentions give them, and never a date of another record.
        """
        words = [
            each.levels[at].words
            for each, at in zip(self._model.comparisons, pair.levels, strict=True)
            if at >= 0 and each.levels[at].words
        ]
        first, second = (self._said[each].members for each in (pair.first, pair.second))
        if mistyped:
            first, second = ([one for one in each if one.profile.births] or each for each in (first, second))
        one, other = sorted(_ends(first, second), key=lambda each: each.number)
        if mistyped:
            given = [", ".join(each.profile.births) for each in (one, other)]
            words.append("though dates of birth differ" + (f": {' and '.join(given)}" if all(given) else ""))
        return Link(one.number, other.number, WEIGHED, bits=round(pair.bits, 1), why="; ".join(words), rank=self.rank)


def _weighed(persons: Persons, model: Model, weigh: Weigh | None) -> list[Weighed]:
    """Return the pairs of all persons that share a key, with Splink unless there are few."""
    rows = persons.rows()
    keys = len(rows.blocks.values)
    if not keys:
        return []
    return list((weigh or (by_hand if keys < SMALL else by_splink))(rows.tables(persons.rarity), model))


def _ends(first: Sequence[Candidate], second: Sequence[Candidate]) -> tuple[Candidate, Candidate]:
    """Return the two mentions, one of each, that have most in common."""
    if len(first) == len(second) == 1:
        return first[0], second[0]
    return min(
        ((mine, theirs) for mine in first[:MOST_ENDS] for theirs in second[:MOST_ENDS]),
        key=lambda ends: (-_in_common(*ends), ends[0].number, ends[1].number),
    )


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
