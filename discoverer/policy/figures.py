"""The two figures the force could not give: calls from repeat victims, and victims by level of risk now.

Both are counted over what the viewer may read and nothing else: what is out of scope is in no number, not even among
the exclusions. Every figure has its numerator, its denominator and what was left out of it, each with its reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from discoverer.model import RecordKind, RiskLevel
from discoverer.policy.counting import Happening, Level, count_to, distinct, domestic
from discoverer.policy.duty import duty_of, weightiest
from discoverer.policy.events import SUGGESTED
from discoverer.policy.occurrences import Group, grouped
from discoverer.policy.rules import Policy
from discoverer.policy.times import Span, local_day, span_of, window_start
from discoverer.policy.told import Told, read_told
from discoverer.policy.victims import Named, Victims, one_each
from index.reader import Reader

NO_VICTIM = "no victim named"
UNSURE = "victim known by name alone, so nobody can say who it is"
CANCELLED = "closed as 'not a domestic' or cancelled, and nothing stronger says otherwise"
UNDATED = "not dated to the day"
DEAD = "recorded as deceased"
UNDATED_VICTIM = "victim in events that are not dated to the day"
SCOPE = "Records, people and places outside the scope of whoever asks are in no number, not even among the exclusions."
ONLY_SUGGESTED = "only words suggest domestic abuse"


@dataclass(frozen=True, slots=True)
class Share:
    """The share of domestic abuse calls that came from, or for, a repeat victim.

    Attributes:
        numerator: int, calls whose victim was a repeat victim at that call under the policy.
        denominator: int, calls counted; calls about one event are one call.
        possible: int, of the denominator but not the numerator: repeat only if what is doubtful is so.
        logs: int, logs opened for the calls counted.
        excluded: reason -> int, calls left out of both.
        share: float | None, numerator / denominator; None when there is nothing to divide.
        words: str, what was counted.
    """

    numerator: int
    denominator: int
    possible: int
    logs: int
    excluded: dict[str, int]
    share: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Levels:
    """Distinct victims of domestic abuse by the level of their latest risk assessment.

    Attributes:
        victims: int, all of them.
        high, medium, standard, not_assessed: int, together all of them.
        mandatory_and_missing: int, of not_assessed: victim of a crime by a partner or former one, so a DASH was due.
        mandatory_by_words: int, of not_assessed: a crime, and only the words of a log say partner or former partner.
        discretionary: int, of not_assessed: no crime, or by a family member.
        relationship_not_recorded: int, of not_assessed: a crime, and nothing says by whom.
        dash_names_another: int, of not_assessed: every event of theirs has a DASH, about somebody else or under a name
            that could be somebody else's.
        excluded: reason -> int, people left out.
        words: str, whom it counts.
    """

    victims: int
    high: int
    medium: int
    standard: int
    not_assessed: int
    mandatory_and_missing: int
    mandatory_by_words: int
    discretionary: int
    relationship_not_recorded: int
    dash_names_another: int
    excluded: dict[str, int]
    words: str


@dataclass(frozen=True, slots=True)
class Call:
    """One domestic abuse call, judged under a policy.

    Attributes:
        records: (source, ref) of all that tell of it, the main log first.
        logs: int >= 1, how many of them are logs.
        repeat: whether its victim was a repeat victim at it, and how surely; None when not, or left out.
        left_out: str, why it is in no figure; '' when it is counted.
    """

    records: tuple[tuple[str, str], ...]
    logs: int
    repeat: Level | None
    left_out: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Both figures.

    Attributes:
        share: calls from repeat victims, in the period.
        recent: victims of events in the window of the policy's repeat_victim that ends now.
        ever: victims of any event held.
    """

    share: Share
    recent: Levels
    ever: Levels


@dataclass(frozen=True, slots=True)
class _Event:
    """One occurrence, as the figures count it.

    Attributes:
        members: its records, the main one first.
        level: how surely it is a domestic abuse event; None: it is none, or was closed as none.
        at: str, ISO, when it counts.
        victims: persons who are surely victim in it.
        unsure: int, victims named whom nobody could tell from another of that name.
        apart: why it does not count for a victim, person -> reason.
    """

    members: tuple[Told, ...]
    level: Level | None
    at: str
    victims: frozenset[int]
    unsure: int
    apart: dict[int, str]

    @property
    def span(self) -> Span | None:
        """When it counts, as precisely as is known."""
        return span_of(self.at)

    @property
    def logs(self) -> int:
        """How many logs tell of it."""
        return sum(member.trace.kind is RecordKind.INCIDENT for member in self.members)

    @property
    def happening(self) -> Happening:
        """The event as a clause counts it."""
        doubts = (SUGGESTED,) if self.level is Level.POSSIBLE else ()
        keys = tuple(member.trace.key for member in self.members)
        return Happening(self.at, keys, doubts, frozenset(member.trace.kind for member in self.members))


class Figures:
    """Counts what one viewer may read, under one policy."""

    def __init__(self, reader: Reader, policy: Policy) -> None:
        """Read every record once or twice and join them into events; memory holds only what is domestic abuse."""
        self._policy = policy
        told, dead = read_told(reader, policy)
        self._victims = Victims(reader, told, dead)
        by_key = {each.trace.key: each for each in told}
        groups = grouped((each.trace for each in told), policy.terms.occurrence)
        signed = [group for group in groups if any(by_key[each.key].signs for each in group.members)]
        self._events = [event for group in signed if (event := self._event(group, by_key)) is not None]

    def _event(self, group: Group, by_key: dict[tuple[str, str], Told]) -> _Event | None:
        """Make one event of its records; None when no rule that the policy counts says it is domestic abuse."""
        members = tuple(by_key[trace.key] for trace in group.members)
        signs = [sign for member in members for sign in member.signs]
        if domestic(signs, (), self._policy) is None:
            return None
        cancelled = [member.trace.key for member in members if member.cancelled]
        apart: dict[int, str] = {}
        named: list[Named] = []
        for member in members:
            for position in member.victims:
                found = self._victims.at(member.place, position)
                named += found
                if position in member.apart:
                    apart |= {each.person: member.apart[position] for each in found if each.person is not None}
        victims, unsure = one_each(named)
        historic = self._policy.terms.edges.historic == "event"
        at = next((each.day for each in members if each.day != each.trace.at), group.at) if historic else group.at
        return _Event(members, domestic(signs, cancelled, self._policy), at, victims, unsure, apart)

    def count(self, first: date, last: date, now: datetime) -> Counted:
        """Count both figures.

        Args:
            first: local day the period begins with.
            last: local day it ends with, included.
            now: the instant that counts as now.
        """
        since = window_start(now, self._policy.terms.repeat_victim.length)
        length = self._policy.terms.repeat_victim.length.words
        return Counted(
            self._share(first, last, now),
            self._levels(since, now, f"victim of a domestic abuse event in the {length} to now"),
            self._levels(None, now, "victim of any domestic abuse event held"),
        )

    def calls(self, first: date, last: date, now: datetime) -> Iterator[Call]:
        """Yield every domestic abuse call of a period, judged; calls about one event are one call.

        Args:
            first: local day the period begins with.
            last: local day it ends with, included.
            now: the instant that counts as now; what was opened after it is a mistake of its source.
        """
        histories = self._histories()
        for event in self._events:
            if event.logs and _opened_in(event.span, first, last, now):
                why = self._left_out(event)
                people = [] if why else self._counted(event)
                found = {self._repeats(event, histories[person]) for person in people}
                repeat = next((level for level in Level if level in found), None)  # certain before possible
                yield Call(event.happening.records, event.logs, repeat, why)

    def _share(self, first: date, last: date, now: datetime) -> Share:
        """Count the calls of a period by whether their victim was a repeat victim."""
        clause = self._policy.terms.repeat_victim
        judged = list(self.calls(first, last, now))
        excluded = Counter(call.left_out for call in judged if call.left_out)
        excluded[UNDATED] = sum(
            event.logs > 0 and event.level is Level.CERTAIN and not _dated(event) for event in self._events
        )
        counted = [call for call in judged if not call.left_out]
        repeat = sum(call.repeat is Level.CERTAIN for call in counted)
        return Share(
            numerator=repeat,
            denominator=len(counted),
            possible=sum(call.repeat is Level.POSSIBLE for call in counted),
            logs=sum(call.logs for call in counted),
            excluded=_said(excluded),
            share=repeat / len(counted) if counted else None,
            words=f"{clause.definition}: {clause.threshold} or more events in {clause.length.words} to the call",
        )

    def _repeats(self, event: _Event, history: Sequence[Happening]) -> Level | None:
        """Tell whether somebody was a repeat victim at an event of theirs, and how surely; None when not."""
        clause = self._policy.terms.repeat_victim
        key = event.members[0].trace.key
        anchor = next(each for each in history if key in each.records)
        count = count_to(anchor, history, clause.length)
        if len(count.certain) >= clause.threshold:
            return Level.CERTAIN
        return Level.POSSIBLE if len(count.certain) + len(count.possible) >= clause.threshold else None

    def _left_out(self, event: _Event) -> str:
        """Say why a call is in neither numerator nor denominator; '' when it is counted."""
        if event.level is None:
            return CANCELLED
        if event.level is Level.POSSIBLE:
            return ONLY_SUGGESTED
        if event.victims and not self._counted(event):
            return next(iter(event.apart.values()))
        if event.victims or self._policy.terms.edges.unnamed_victim == "not_repeat":
            return ""
        return UNSURE if event.unsure else NO_VICTIM

    def _counted(self, event: _Event) -> list[int]:
        """Return the victims for whom an event counts."""
        return [person for person in sorted(event.victims) if person not in event.apart]

    def _histories(self) -> dict[int, list[Happening]]:
        """Return each victim's events, those of one night as one."""
        found: dict[int, list[Happening]] = defaultdict(list)
        for event in self._events:
            if event.level is not None:
                for person in self._counted(event):
                    found[person].append(event.happening)
        clause = self._policy.terms.repeat_victim
        return {person: distinct(events, clause) for person, events in found.items()}

    def _levels(self, since: datetime | None, now: datetime, words: str) -> Levels:
        """Count distinct victims by their latest level."""
        mine: dict[int, list[_Event]] = defaultdict(list)
        doubtful: dict[str, set[int]] = defaultdict(set)
        unsure = 0
        for event in self._events:
            if event.level is None or not _within(event.span, since, now):
                continue
            if event.span is None and since is not None:
                doubtful[UNDATED_VICTIM] |= event.victims
                continue
            unsure += event.unsure if event.level is Level.CERTAIN else 0
            for person in event.victims:
                if event.level is Level.POSSIBLE:
                    doubtful[ONLY_SUGGESTED].add(person)
                elif person in event.apart:
                    doubtful[event.apart[person]].add(person)
                else:
                    mine[person].append(event)
        excluded = Counter({why: len(people - mine.keys()) for why, people in doubtful.items()})
        excluded[UNSURE] += unsure
        if self._policy.terms.edges.deceased == "exclude":
            dead = mine.keys() & self._victims.dead
            excluded[DEAD] += len(dead)
            mine = {person: events for person, events in mine.items() if person not in dead}
        return self._by_level(mine, now, excluded, words)

    def _by_level(self, mine: dict[int, list[_Event]], now: datetime, excluded: Counter[str], words: str) -> Levels:
        """Count victims by the level of their latest assessment, and those without one by whether one was due."""
        levels = Counter(self._victims.level(person, now) for person in mine)
        due = Counter(
            _due(events)
            for person, events in mine.items()
            if self._victims.level(person, now) is RiskLevel.NOT_ASSESSED
        )
        return Levels(
            len(mine),
            levels[RiskLevel.HIGH],
            levels[RiskLevel.MEDIUM],
            levels[RiskLevel.STANDARD],
            levels[RiskLevel.NOT_ASSESSED],
            due["mandatory"],
            due["by_words"],
            due["discretionary"],
            due["not_recorded"],
            due["another"],
            _said(excluded),
            words,
        )


def _opened_in(span: Span | None, first: date, last: date, now: datetime) -> bool:
    """Tell whether a call was surely opened in a period, and not after now."""
    return span is not None and first <= local_day(span.first) and local_day(span.last) <= last and span.first <= now


def _dated(event: _Event) -> bool:
    """Tell whether an event is dated to the day."""
    span = event.span
    return span is not None and local_day(span.first) == local_day(span.last)


def _within(span: Span | None, since: datetime | None, now: datetime) -> bool:
    """Tell whether an event may lie between two instants; an undated one may."""
    return span is None or (span.first <= now and (since is None or span.last >= since))


def _due(events: Sequence[_Event]) -> str:
    """Say whether a DASH was due for a victim who has none: for any crime by a partner or former partner it was."""
    unassessed = [event for event in events if not any(member.levels for member in event.members)]
    duty = weightiest(
        duty_of(
            any(member.crime for member in event.members),
            frozenset[str]().union(*(member.stated for member in event.members)),
            frozenset[str]().union(*(member.suggested for member in event.members)),
        )
        for event in unassessed
    )
    return duty.value if duty else "another"


def _said(excluded: Counter[str]) -> dict[str, int]:
    """Return exclusions that there are, the most first."""
    return {why: count for why, count in sorted(excluded.items(), key=lambda each: (-each[1], each[0])) if count}
