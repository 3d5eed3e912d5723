"""Which records tell of one event, and what shows it: a crime number, a record's own number, a linked log, one door.

To cite a record is not to tell of the same event: a log of September that quotes one of March is another call. So what
comes later is joined to what it cites only within the window of its own kind: an arrest within a year, a form within
weeks, a call within the night. And it is joined to one event only, so that it makes no bridge between two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from discoverer.model import RecordKind
from discoverer.policy.times import Duration, gap
from discoverer.policy.traces import Trace, same_place
from discoverer.policy.windows import OccurrenceRules

_CALLS_AND_FORMS = (RecordKind.INCIDENT, RecordKind.DOMESTIC_ABUSE)


class Join(NamedTuple):
    """Two records that tell of one event.

    Attributes:
        first, second: int, their places in what was given.
        words: str, what shows it.
    """

    first: int
    second: int
    words: str


def joins(ordered: Sequence[Trace], rules: OccurrenceRules) -> Iterator[Join]:
    """Yield every pair of records that tell of one event.

    Args:
        ordered: distinct records, logs first and in order of time.
        rules: the windows.
    """
    yield from _cited(ordered, rules)
    yield from _linked(ordered, rules.length("linked_log"))
    yield from _duplicates(ordered, rules.length("same_place"))


def _cited(ordered: Sequence[Trace], rules: OccurrenceRules) -> Iterator[Join]:
    """Join each record to the event before it of which it bears a number, and undated ones to the latest."""
    before = _Before(ordered, rules)
    for number in sorted(range(len(ordered)), key=lambda each: (not ordered[each].at, ordered[each].at, each)):
        yield from before.joined(number)
        before.add(number)


class _Before:
    """The records met so far, in order of time, by the numbers they can be cited by."""

    def __init__(self, ordered: Sequence[Trace], rules: OccurrenceRules) -> None:
        """Begin with none."""
        self._ordered, self._rules = ordered, rules
        self._owners: dict[str, list[int]] = defaultdict(list)
        self._namers: dict[str, list[int]] = defaultdict(list)
        self._bearers: dict[str, dict[RecordKind, int]] = defaultdict(dict)

    def add(self, number: int) -> None:
        """Add a record; of the bearers of a crime number the latest of each kind is kept."""
        each = self._ordered[number]
        for own in each.own:
            self._owners[own].append(number)
        for name in each.named:
            self._namers[name].append(number)
        for crime in each.crimes:
            self._bearers[crime][each.kind] = number

    def joined(self, number: int) -> Iterator[Join]:
        """Yield the joins of a record to those before it: what one names of the other weighs more than a crime number.

        Of several it names, those that may tell of one event with the latest are joined.
        """
        each = self._ordered[number]
        named = {other for name in each.named for other in self._owners.get(name, ())}
        named |= {other for own in each.own for other in self._namers.get(own, ())}
        near = sorted(other for other in named if self._is_of_one(other, number, "named"))
        if near:
            latest = self._latest(near)
            for other in near:
                if other == latest or self._is_of_one(*self._in_time(other, latest), "named"):
                    yield Join(number, other, self._names(number, other))
            return
        bearing = {other for crime in each.crimes for other in self._bearers.get(crime, {}).values()}
        near = sorted(other for other in bearing if self._is_of_one(other, number, "same_crime"))
        if near:
            first = self._latest(near)
            words = f"one crime number: {_cite(self._ordered[first])} and {_cite(each)}"
            yield Join(first, number, words)

    def _latest(self, numbers: Iterable[int]) -> int:
        """Return the latest of some records, a dated one before an undated."""
        return max(numbers, key=lambda number: (self._ordered[number].at, -number))

    def _in_time(self, one: int, other: int) -> tuple[int, int]:
        """Return two records in order of time, undated last."""
        early, late = sorted((one, other), key=lambda each: (not self._ordered[each].at, self._ordered[each].at, each))
        return early, late

    def _is_of_one(self, early: int, late: int, window: str) -> bool:
        """Tell whether a later record may be of the event of an earlier one, by its kind; an undated one may."""
        one, other = self._ordered[early], self._ordered[late]
        return is_near(one, other, self._within(one.kind, other.kind, window), dated=False)

    def _within(self, earlier: RecordKind, later: RecordKind, window: str) -> Duration:
        """Return how long after a record one of another kind may be of its event."""
        if later is RecordKind.INCIDENT or (later is earlier and later in _CALLS_AND_FORMS):
            return self._rules.length("linked_log")
        return self._rules.length("form" if later is RecordKind.DOMESTIC_ABUSE else window)

    def _names(self, one: int, other: int) -> str:
        """Word which of two records names the other."""
        mine, theirs = self._ordered[one], self._ordered[other]
        if set(mine.named) & set(theirs.own):
            return f"{_cite(mine)} names {_cite(theirs)}"
        return f"{_cite(theirs)} names {_cite(mine)}"


def _linked(ordered: Sequence[Trace], within: Duration) -> Iterator[Join]:
    """Join a log to those it is linked to, of one night."""
    owners: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(ordered):
        for own in each.own:
            owners[own].append(number)
    for number, each in enumerate(ordered):
        for name in each.linked:
            for owner in owners.get(name, ()):
                if owner != number and is_near(each, ordered[owner], within, dated=True):
                    words = f"{_cite(each)} is linked to {_cite(ordered[owner])}, opened within {within.words}"
                    yield Join(number, owner, words)


def _duplicates(ordered: Sequence[Trace], within: Duration) -> Iterator[Join]:
    """Join logs of one door opened within the window of each other, for sure."""
    at_door: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(ordered):
        if each.kind is RecordKind.INCIDENT and each.at:
            for door in dict.fromkeys(door for door, _ in each.scenes):
                at_door[door].append(number)
    for numbers in at_door.values():
        for place, number in enumerate(numbers):  # logs stand in order of time
            one = ordered[number]
            for other in numbers[place + 1 :]:
                if not is_near(one, ordered[other], within, dated=True):
                    break
                if _surely_near(one, ordered[other], within) and same_place(one, ordered[other]):
                    words = f"{_cite(one)} and {_cite(ordered[other])}: one place within {within.words}"
                    yield Join(number, other, words)


def close_logs(traces: Iterable[Trace], rules: OccurrenceRules) -> list[Trace]:
    """Return the logs opened within the hour of another: of no other log does it matter where it happened.

    Args:
        traces: of distinct records, with or without who was where.
        rules: the windows.
    """
    within = rules.length("same_place").longest
    logs = [(span, each) for each in traces if each.kind is RecordKind.INCIDENT and (span := each.span) is not None]
    logs.sort(key=lambda log: log[0].first)
    found: dict[tuple[str, str], Trace] = {}
    longest = logs[:1]  # of those begun already, the one that may have ended last
    for before, after in pairwise(logs):
        longest = [max(*longest, before, key=lambda log: log[0].last)]
        for span, each in (before, *longest):
            if after[0].first - span.last <= within:
                found |= {each.key: each, after[1].key: after[1]}
    return list(found.values())


def is_near(one: Trace, other: Trace, within: Duration, *, dated: bool) -> bool:
    """Tell whether two records may be this close; undated ones only where a date is not needed."""
    if one.span is None or other.span is None:
        return not dated
    return gap(one.span, other.span)[0] <= within.longest


def _surely_near(one: Trace, other: Trace, within: Duration) -> bool:
    """Tell whether two records are this close however their dates are read."""
    return one.span is not None and other.span is not None and gap(one.span, other.span)[1] <= within.longest


def _cite(each: Trace) -> str:
    """Cite a record."""
    return f"{each.source} {each.ref}"
