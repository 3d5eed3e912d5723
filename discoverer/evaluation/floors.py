"""Floors: recorded figures that must not fall again, each with its reason and date.

A floors file has one table for each group, named by way, kind and group; 'all' is every query of the set and 'worst'
the worst group of the kind. Shares are the least allowed; wrong, wrong_bound, must_not and times the most.

    [fields.type.phone]
    r1 = 1.0
    wrong = 0
    date = 2026-11-23
    why = "every number that is held is found first"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from discoverer.errors import ConfigError, FloorsBroken
from discoverer.evaluation.board import WORST, Board
from discoverer.evaluation.scores import Score
from discoverer.validation import Field, Spec, check, read_toml

LEAST = ("r1", "r5", "r10", "mrr", "candidates", "ranking")
MOST = ("wrong", "wrong_bound", "must_not", "refused", "p50_ms", "p95_ms", "p99_ms")
_TINY = 1e-9  # what adding floats may lose


class _Group(Spec):
    """The floors of one group."""

    why: str = Field(min_length=1)
    date: date
    r1: float | None = Field(default=None, ge=0, le=1)
    r5: float | None = Field(default=None, ge=0, le=1)
    r10: float | None = Field(default=None, ge=0, le=1)
    mrr: float | None = Field(default=None, ge=0, le=1)
    candidates: float | None = Field(default=None, ge=0, le=1)
    ranking: float | None = Field(default=None, ge=0, le=1)
    wrong: int | None = Field(default=None, ge=0)
    wrong_bound: float | None = Field(default=None, ge=0, le=1)
    must_not: int | None = Field(default=None, ge=0)
    refused: int | None = Field(default=None, ge=0)
    p50_ms: float | None = Field(default=None, ge=0)
    p95_ms: float | None = Field(default=None, ge=0)
    p99_ms: float | None = Field(default=None, ge=0)


class _File(Spec):
    """A floors file: way -> kind -> group."""

    fields: dict[str, dict[str, _Group]] = Field(default_factory=dict)
    box: dict[str, dict[str, _Group]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Floor:
    """One figure that must be reached, or not be passed.

    Attributes:
        way: 'fields' | 'box'.
        kind, group: str, the table and its row; group may be 'worst'.
        metric: one of LEAST or MOST.
        figure: float, the least or the most allowed.
    """

    way: str
    kind: str
    group: str
    metric: str
    figure: float


def read_floors(path: Path) -> tuple[Floor, ...]:
    """Read a floors file.

    Raises:
        ConfigError: with every mistake at once; a file without a floor is one.
    """
    held = check(_File, read_toml(path), str(path))
    found = tuple(_floors(held))
    if not found:
        raise ConfigError(str(path), ["it holds no floor, so it would hold nothing up."])
    return found


def _floors(held: _File) -> Iterator[Floor]:
    """Yield every floor of a file."""
    for way, kinds in (("fields", held.fields), ("box", held.box)):
        for kind, groups in kinds.items():
            for group, wanted in groups.items():
                for metric in (*LEAST, *MOST):
                    figure = getattr(wanted, metric)
                    if figure is not None:
                        yield Floor(way, kind, group, metric, figure)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one floor.

    Attributes:
        floor: Floor.
        where: str, set, way, group and metric in words.
        got: float | None; None when no answerable query belongs to the group.
        holds: bool.
    """

    floor: Floor
    where: str
    got: float | None
    holds: bool

    @property
    def words(self) -> str:
        """What was asked and what was got, of which group."""
        bound = "at least" if self.floor.metric in LEAST else "at most"
        got = "nothing of that group was asked" if self.got is None else f"{written(self.got)} was got"
        return f"{self.where}: {bound} {written(self.floor.figure)} was asked, {got}."


def judge(floors: Iterable[Floor], boards: Sequence[Board]) -> list[Judged]:
    """Hold boards against floors.

    A floor of a way that was not asked is not looked at; one of a group that no query belongs to is broken.
    """
    ways = {board.way.value: board for board in boards}
    return [_judged(floor, ways[floor.way]) for floor in floors if floor.way in ways]


def hold(floors: Iterable[Floor], boards: Sequence[Board], where: str) -> None:
    """Refuse boards that break a floor.

    Raises:
        FloorsBroken: with a sentence for each.
    """
    broken = [each.words for each in judge(floors, boards) if not each.holds]
    if broken:
        raise FloorsBroken(where, broken)


def _judged(floor: Floor, board: Board) -> Judged:
    """Hold a board against one floor."""
    name, score = _score(floor, board)
    got: float | None = None if score is None else getattr(score, floor.metric)
    if got is None:
        holds = False
    elif floor.metric in LEAST:
        holds = got >= floor.figure - _TINY
    else:
        holds = got <= floor.figure + _TINY
    return Judged(floor, f"{board.name}, {floor.way}, {floor.kind} {name}, {floor.metric}", got, holds)


def _score(floor: Floor, board: Board) -> tuple[str, Score | None]:
    """Return the group a floor means, in words, and its score."""
    table = board.table(floor.kind)
    if table is None:
        return floor.group, None
    if floor.group == WORST:
        return f"{table.worst or 'worst'} (the worst)", table.scores.get(table.worst)
    return floor.group, table.scores.get(floor.group)


def written(figure: float) -> str:
    """Write a figure as short as it is exact to four places."""
    return f"{figure:.4f}".rstrip("0").rstrip(".") or "0"
