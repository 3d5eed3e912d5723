"""What people decided, laid over the build that is being read: at once, for everybody in scope, and undone as quickly.

A proposed decision is only shown. A confirmed one that the build does not know of yet, or that was undone since, puts
the people it touches together or apart anew (index/relinking.py). All that holds is taken in together, never one after
another, so that the order in which it was decided makes no difference.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from discoverer.answer import Said
from discoverer.errors import DecisionsUnavailable
from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from discoverer.wording import day
from index.decisions import Decision, Decisions, Verdict
from index.manifest import Manifest
from index.people import MentionRow
from index.profiles import decode
from index.reader import Index, Reader, Scope
from index.regrouped import Regrouped, RegroupedEngine
from index.relinking import relink
from index.resolve import Settled
from index.settling import There, as_decided, given, rulings_of

# Scopes and versions of the store kept in mind for one build.
REMEMBERED = 8


class Placed(NamedTuple):
    """A decision that stands, with the two mentions it speaks of where they are now.

    Attributes:
        decision: proposed or confirmed.
        first, second: the mentions of its ids, in that order, each with the group it is of.
    """

    decision: Decision
    first: MentionRow
    second: MentionRow

    @property
    def together(self) -> bool:
        """Whether the two are of one person now."""
        return self.first.grp == self.second.grp


@dataclass(frozen=True, slots=True)
class View:
    """A build as people have decided, for one scope.

    Attributes:
        index: read it as the build itself.
        placed: the decisions that stand and whose mentions are both in scope and as they were then, by number.
        marks: group -> those of them that speak of it.
    """

    index: Index
    placed: tuple[Placed, ...]
    marks: dict[int, list[Placed]]

    def said(self, group: int, only: Collection[int] | None = None) -> tuple[Said, ...]:
        """Return what people have said of a person.

        Args:
            group: of the person.
            only: the mentions of the group this is about; None: all.
        """
        return tuple(
            told for each in self.marks.get(group, ()) if (told := _said(each, group, only)) is not None
        )  # fmt: skip

    def others(self, group: int) -> dict[int, int]:
        """Return who else the decisions about a person speak of: number -> that person's group."""
        ends = {each.decision.number: {each.first.grp, each.second.grp} - {group} for each in self.marks.get(group, ())}
        return {number: found.pop() for number, found in ends.items() if found}


class Decided:
    """The decisions, ready to be laid over any build; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Take where the decisions are kept; nothing is read until it is asked for."""
        self.store = Decisions(path)
        self._views: WeakKeyDictionary[Index, dict[tuple[int, frozenset[Visibility]], View]] = WeakKeyDictionary()
        self._rows: WeakKeyDictionary[Index, dict[frozenset[Visibility], dict[str, MentionRow | None]]]
        self._rows = WeakKeyDictionary()
        self._lock = threading.Lock()

    def trouble(self, manifest: Manifest | None) -> str:
        """Say why what people decided cannot be told, the live build known or not; '' when it can."""
        try:
            self.store.version(manifest.counts.get("decisions_version", 0) if manifest else 0)
        except DecisionsUnavailable as error:
            return error.message
        return ""

    def over(self, index: Index, scope: Scope) -> View:
        """Return a build as people have decided up to this moment.

        Raises:
            DecisionsUnavailable: the decisions cannot be read, or are fewer than the build was made with.
            IndexUnavailable: the build cannot be read.
        """
        version = self.store.version(index.manifest.counts.get("decisions_version", 0))
        with self._lock:
            views = self._views.setdefault(index, {})
            if (version, scope.labels) not in views:
                made = self._view(index, scope)
                while len(views) >= REMEMBERED:
                    views.pop(next(iter(views)))
                views[version, scope.labels] = made
            return views[version, scope.labels]

    def bearing(self, index: Index, scope: Scope, decisions: Iterable[Decision]) -> list[Decision]:
        """Return those decisions that bear on what a scope sees: both mentions are in it, and as they were then.

        No other may change an answer or be named in one: whoever may not see a mention gets the same answer as if it
        were in no source, and a decision does not follow a place in a record to a stranger.
        """
        with self._lock:
            return self._bearing(index, scope, decisions)[0]

    def _bearing(
        self, index: Index, scope: Scope, decisions: Iterable[Decision]
    ) -> tuple[list[Decision], dict[str, MentionRow], dict[str, There]]:
        """Return the decisions that bear, and the mentions in scope that all of those with its labels name."""
        mine = [each for each in decisions if each.visibility in scope.labels]
        rows = self._find(index, scope, {ident for each in mine for ident in each.pair})
        there = {ident: There(row.m, Visibility(row.visibility), profile_of(row)) for ident, row in rows.items()}
        return [each for each in mine if as_decided(each, there)], rows, there

    def _view(self, index: Index, scope: Scope) -> View:
        """Lay everything that stands over a build."""
        standing, rows, there = self._bearing(index, scope, (each for each in self.store.all() if each.stands))
        settled = given((each for each in standing if each.holds), there, one_scope=True).settled
        # Never the very index: what is kept for a key must not keep the key alive.
        seen = index.seen_as(index.people, index.engine)
        families = _touched(index, scope.labels, settled)
        if families:
            anew = relink(index, scope.labels, families, settled)
            seen = index.seen_as(Regrouped(index.people, anew), RegroupedEngine(index.engine, anew))
        now = {row.m: row for row in seen.people.mentions_numbered([row.m for row in rows.values()], scope.labels)}
        placed = tuple(Placed(each, now[rows[each.first].m], now[rows[each.second].m]) for each in standing)
        marks: dict[int, list[Placed]] = {}
        for each in placed:
            for group in dict.fromkeys((each.first.grp, each.second.grp)):
                marks.setdefault(group, []).append(each)
        return View(seen, placed, marks)

    def _find(self, index: Index, scope: Scope, idents: Collection[str]) -> dict[str, MentionRow]:
        """Return the mentions in scope of these ids; each is looked for once in a build."""
        known = self._rows.setdefault(index, {}).setdefault(scope.labels, {})
        missing = [ident for ident in idents if ident not in known]
        if missing:
            found = Reader(index, scope.bare).people_named(missing)
            known.update((ident, found.get(ident)) for ident in missing)
        return {ident: row for ident in idents if (row := known[ident]) is not None}


def profile_of(row: MentionRow) -> PersonProfile:
    """Return who a person mention is of.

    Raises:
        TypeError: it is no person.
    """
    value = decode(row.kind, row.value)
    if not isinstance(value, PersonProfile):
        raise TypeError(f"mention {row.m} is no person")
    return value


def _touched(index: Index, labels: Collection[Visibility], settled: Settled) -> list[frozenset[int]]:
    """Return the groups, as built, that decisions made or undone since the build touch: those touched together."""
    held = set(rulings_of(settled))
    changed = held ^ set(index.people.rulings())
    rows = {row.m: row for row in index.people.mentions_numbered({m for pair in changed for m in pair[:2]}, labels)}
    # A decision of which one end is out of scope holds for others only: it was never taken in for this viewer.
    mine = [pair for pair in changed if pair[0] in rows and pair[1] in rows]
    families: list[frozenset[int]] = []
    for first, second, verdict in mine:
        touched = {rows[first].grp, rows[second].grp}
        if verdict == Verdict.APART and (first, second, verdict) not in held:
            beside = index.people.beside((min(first, second), max(first, second)))
            touched |= {row.grp for row in index.people.mentions_numbered(beside, labels)}
        met = [family for family in families if family & touched]
        families = [family for family in families if family not in met] + [frozenset(touched).union(*met)]
    return families


def _said(placed: Placed, group: int, only: Collection[int] | None) -> Said | None:
    """Word a decision for the card of one person; None when it speaks of another part of the group."""
    decision, first, second = placed
    ends = ((first, decision.first, decision.second), (second, decision.second, decision.first))
    mine = [(ident, other) for row, ident, other in ends if row.grp == group and (only is None or row.m in only)]
    called = {ident: f"{row.label or 'name not recorded'} [{ident}]" for row, ident, _ in ends}
    if not mine:
        return None
    proposed, confirmed = decision.entries[0], decision.entries[-1] if decision.holds else None
    return Said(
        number=decision.number,
        verdict=decision.verdict.value,
        state=decision.state.value,
        mine=mine[0][0],
        other=mine[0][1],
        by=proposed.viewer,
        at=proposed.at,
        confirmed_by=confirmed.viewer if confirmed else "",
        reason=proposed.reason,
        words=_words(decision, [(called[one], called[other]) for one, other in mine], placed.together),
    )


def _words(decision: Decision, mine: list[tuple[str, str]], together: bool) -> str:
    """Say who says what of whom, by name and id, and why; both mentions are named where both are of this hit."""
    proposed = decision.entries[0]
    by = f"{proposed.viewer}, {day(proposed.at)}"
    (ident, other), both = mine[0], len(mine) == 2
    apart = decision.verdict is Verdict.APART
    if decision.holds:
        second = decision.entries[-1]
        link = "not the same person" if apart else "the same person"
        what = f"{ident} and {other} are {link}" if both else f"{link} as {other}"
        words = f"{what}: said by {by}, confirmed by {second.viewer}, {day(second.at)}"
        if apart == together:
            words += f" (CANNOT BE MET: another decision {'holds them together' if apart else 'keeps them apart'})"
    elif apart:
        what = f"{ident} and {other} are not the same person" if both else f"not the same person as {other}"
        words = f"disputed by {by}: {what}"
    else:
        what = f"{ident} and {other} are said to be" if both else "said to be"
        words = f"{what} the same person{'' if both else f' as {other}'} by {by}"
    return f"{words} - {proposed.reason}"
