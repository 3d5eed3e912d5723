"""Scores by group: every kind of group a query belongs to, and the worst group of each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discoverer.evaluation.asking import Outcome, Way
from discoverer.evaluation.labelled import Labelled
from discoverer.evaluation.scores import Cut, Score, by_bits, by_level, score

# A group of fewer answerable queries is printed and never called worst: chance alone could make it so.
LEAST = 30
ALL = "all"
WORST = "worst"


@dataclass(frozen=True, slots=True)
class Table:
    """The groups of one kind.

    Attributes:
        kind: 'type' | 'tier' | 'class' | 'pattern' | 'dirt' | 'spelling'.
        scores: group -> Score; the groups of 'type' include 'all'.
        worst: str, the group of lowest recall at 10, then at 1, among those with LEAST answerable queries; '' when
            none has so many.
        mean: float | None, of the recall at 10 of all answerable queries that have a group of this kind.
    """

    kind: str
    scores: Mapping[str, Score]
    worst: str
    mean: float | None

    @property
    def marked(self) -> str:
        """The worst group where it is to be pointed at: it misses something; '' where none does."""
        lowest = self.scores.get(self.worst)
        return self.worst if lowest and (lowest.r10, lowest.r1) != (1.0, 1.0) else ""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything measured of one set asked one way.

    Attributes:
        name: str, the set's.
        way: Way.
        asked: int, queries asked.
        total: int, queries of the set.
        tables: in the order printed.
        cuts: by the least score of the first hit.
        levels: by its level.
    """

    name: str
    way: Way
    asked: int
    total: int
    tables: tuple[Table, ...]
    cuts: tuple[Cut, ...]
    levels: tuple[Cut, ...]

    def table(self, kind: str) -> Table | None:
        """Return the table of one kind, None when no query has a group of it."""
        return next((table for table in self.tables if table.kind == kind), None)


def board(name: str, way: Way, outcomes: Sequence[Outcome], total: int) -> Board:
    """Measure the outcomes of one set asked one way."""
    groups: dict[str, dict[str, list[Outcome]]] = defaultdict(lambda: defaultdict(list))
    for outcome in outcomes:
        for kind, names in groups_of(outcome.query).items():
            for group in names:
                groups[kind][group].append(outcome)
    tables = tuple(_table(kind, groups[kind], outcomes) for kind in groups_of(_NOBODY) if groups[kind])
    return Board(name, way, len(outcomes), total, tables, tuple(by_bits(outcomes)), tuple(by_level(outcomes)))


def groups_of(query: Labelled) -> dict[str, tuple[str, ...]]:
    """Return the groups a query belongs to, for every kind there is; () for none."""
    return {
        "type": (query.type,),
        "tier": _given(query.tier),
        "class": _given(query.naming),
        "pattern": _given(query.pattern),
        "dirt": tuple(dict.fromkeys(query.dirt)),
        "spelling": _spelling(query),
    }


def _spelling(query: Labelled) -> tuple[str, ...]:
    """Return how a query is spelled; streets apart from names, since the matcher lists no spellings of streets."""
    if query.unseen is None:
        return ()
    what = " street" if query.type.startswith("address") else ""
    return (f"{'unseen' if query.unseen else 'known'}{what}",)


def _given(name: str) -> tuple[str, ...]:
    """Return a group as a tuple, empty when there is none."""
    return (name,) if name else ()


_NOBODY = Labelled("", "", "", {}, frozenset())


def _table(kind: str, groups: Mapping[str, Sequence[Outcome]], outcomes: Sequence[Outcome]) -> Table:
    """Score the groups of one kind."""
    scores = {group: score(groups[group]) for group in sorted(groups)}
    fit = [(each.r10, each.r1, group) for group, each in scores.items() if each.answerable >= LEAST]
    members = {outcome.query.qid: outcome for group in groups.values() for outcome in group}
    mean = score(list(members.values())).r10
    if kind == "type":
        scores = {ALL: score(outcomes), **scores}
    worst = min(((r10 or 0.0, r1 or 0.0, group) for r10, r1, group in fit), default=(0.0, 0.0, ""))[2]
    return Table(kind, scores, worst, mean)
