"""Counting events in a rolling window: what is sure apart from what is only possible.

An event repeats when enough events stand in the window that ends with it, itself included. What is only suggested,
undated, dated too roughly, or linked to a person only possibly, never makes a certain repeat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from discoverer.model import RecordKind
from discoverer.policy.clauses import Repeat
from discoverer.policy.domestic import Sign
from discoverer.policy.rules import Policy
from discoverer.policy.times import Duration, Span, gap, local_day, span_of, window_start

Key = tuple[str, str]
OPENING_CODE = "opening_code"
ONE_NIGHT = "may be of one night with another event"
UNLINKED = "may tell of another event that is not linked to it"


class Level(StrEnum):
    """How sure a badge is."""

    CERTAIN = "certain"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as a clause counts it.

    Attributes:
        at: str, ISO, the instant or day it counts on; '' undated.
        records: (source, ref) of the records that tell of it, the main one first.
        doubts: why it is only possible, in words; () when it is certain.
        kinds: the kinds of its records; empty: not known.
    """

    at: str
    records: tuple[Key, ...]
    doubts: tuple[str, ...] = ()
    kinds: frozenset[RecordKind] = frozenset()

    @property
    def span(self) -> Span | None:
        """When it happened, as precisely as is known."""
        return span_of(self.at)


@dataclass(frozen=True, slots=True)
class Count:
    """How many events stand in the window that ends with one of them.

    Attributes:
        anchor: the event the window ends with.
        certain: events that are certain and surely in the window, the anchor included when it is certain.
        possible: events that may be in it besides.
    """

    anchor: Happening
    certain: tuple[Happening, ...]
    possible: tuple[Happening, ...]


def domestic(signs: Iterable[Sign], cancelled: Collection[Key], policy: Policy) -> Level | None:
    """Tell whether an occurrence is a domestic abuse event under a policy; None when it is none.

    Args:
        signs: of all its records.
        cancelled: those of its records that were closed as 'not a domestic' or the like.
        policy: which rules count, and what such a closure does.
    """
    weighed = [sign for sign in signs if sign.suggested or sign.rule in policy.terms.da_event_if]
    if cancelled and policy.terms.edges.cancelled == "exclude":
        return None
    if cancelled and policy.terms.edges.cancelled == "needs_stronger":
        weighed = [sign for sign in weighed if not (_weak(sign) and (sign.source, sign.ref) in cancelled)]
    if any(not sign.suggested for sign in weighed):
        return Level.CERTAIN
    return Level.POSSIBLE if weighed else None


def _weak(sign: Sign) -> bool:
    """Tell whether a closure as 'not a domestic' outweighs a sign of the same record."""
    return sign.suggested or sign.rule == OPENING_CODE


def distinct(events: Iterable[Happening], clause: Repeat) -> list[Happening]:
    """Return events in order of time, undated last, those of one night as one, at the instant of its last.

    What only may be of one night with an event before it, or may be that event told by another system that does not
    say so, is doubtful.

    Args:
        events: in any order.
        clause: how close to the first of a night an event still counts as of it, if at all, and how far apart two
            systems may date one event.
    """
    ordered = sorted(events, key=lambda each: (not each.at, each.at, each.records))
    night = clause.night
    if night is None:
        return [_as_one([event]) for event in ordered]
    nights: list[list[Happening]] = []
    for event in ordered:
        if nights and _of_one_night(nights[-1][0], event, night):
            nights[-1].append(event)
        else:
            nights.append([event])
    return _with_doubts([_as_one(same) for same in nights], night, clause.apart)


def _of_one_night(first: Happening, event: Happening, night: Duration) -> bool:
    """Tell whether an event is of the night of another: surely, or on the same day of which no hour is known.

    Where a day alone is known, two systems that tell of neighbouring days tell of one night; one system does not.
    """
    if first.span is None or event.span is None:
        return False
    least, most = gap(first.span, event.span)
    if least > night.longest or most <= night.longest:
        return most <= night.longest
    if not (_to_the_day(first.span) and _to_the_day(event.span)):
        return False
    one_day = local_day(first.span.first) == local_day(event.span.first)
    exact = _exact(first.span) and _exact(event.span)
    return (one_day or _told_apart(first, event)) and not exact


def _to_the_day(span: Span) -> bool:
    """Tell whether something is dated to the day at the least."""
    return local_day(span.first) == local_day(span.last)


def _exact(span: Span) -> bool:
    """Tell whether an instant is known to the second."""
    return span.first == span.last


def _told_apart(one: Happening, other: Happening) -> bool:
    """Tell whether two events are told by different systems only, so that they may be one."""
    return bool(one.kinds and other.kinds) and one.kinds.isdisjoint(other.kinds)


def _with_doubts(events: Sequence[Happening], night: Duration, apart: Duration | None) -> list[Happening]:
    """Return events with a doubt on each that may be one that is counted already; a log is the last to be doubted."""
    made, spans = list(events), [event.span for event in events]
    farthest = max(night.longest, apart.longest if apart else night.longest)
    counted: set[int] = set()
    for place in sorted(range(len(made)), key=lambda each: (RecordKind.INCIDENT not in made[each].kinds, each)):
        near = (made[other] for other in _near(spans, place, farthest) if other in counted)
        doubt = next((said for other in near if (said := _may_be_one(other, made[place], night, apart))), "")
        if doubt:
            made[place] = replace(made[place], doubts=(*made[place].doubts, doubt))
        elif not made[place].doubts:
            counted.add(place)
    return made


def _near(spans: Sequence[Span | None], place: int, farthest: timedelta) -> Iterator[int]:
    """Yield the places of the events before and after one, as far as they may be this close in time."""
    here = spans[place]
    for others in (range(place - 1, -1, -1), range(place + 1, len(spans))):
        for other in others:
            there = spans[other]
            if here is None or there is None:
                break
            if there.first - here.last > farthest or here.first - there.last > farthest:
                break
            yield other


def _may_be_one(one: Happening, other: Happening, night: Duration, apart: Duration | None) -> str:
    """Say why two events may be one; '' when they are two."""
    if one.span is None or other.span is None:
        return ""
    least = gap(one.span, other.span)[0]
    if least <= night.longest and not (_exact(one.span) and _exact(other.span)):
        return ONE_NIGHT
    return UNLINKED if apart and least <= apart.longest and _told_apart(one, other) else ""


def _as_one(same: Sequence[Happening]) -> Happening:
    """Return the events of one night as one: certain when one of them is, at the instant of its last certain one."""
    if len(same) == 1:
        return same[0]
    sure = [event for event in same if not event.doubts] or list(same)
    records = dict.fromkeys(record for event in reversed(same) for record in event.records)
    doubts = tuple(dict.fromkeys(doubt for event in sure for doubt in event.doubts))
    kinds = frozenset[RecordKind]().union(*(event.kinds for event in same))
    return Happening(sure[-1].at, tuple(records), doubts, kinds)


def count_to(anchor: Happening, events: Iterable[Happening], window: Duration) -> Count:
    """Count the events in the window that ends with one of them.

    Args:
        anchor: dated.
        events: distinct ones, the anchor among them.
        window: its length.
    """
    end = anchor.span
    if end is None:
        return Count(anchor, (), tuple(events))
    surely, perhaps = window_start(end.last, window), window_start(end.first, window)
    certain, possible = [], []
    for event in events:
        span = event.span
        if span is None:
            possible.append(event)
        elif span.first > end.last or span.last < perhaps:
            continue
        elif not event.doubts and span.first >= surely:
            certain.append(event)
        else:
            possible.append(event)
    return Count(anchor, tuple(certain), tuple(possible))


def latest_run(
    events: Sequence[Happening], window: Duration, threshold: int, now: datetime
) -> tuple[Level, Count] | None:
    """Return the latest event not older than the window that reaches a threshold, and how surely; None for none.

    A certain run is wanted before a later possible one. An event after `now` is a mistake of its source and ignored.

    Args:
        events: distinct ones.
        window: rolling, and how long what it shows stands.
        threshold: int >= 1, the event itself included.
        now: the instant that counts as now.
    """
    past = [event for event in events if event.span is None or event.span.first <= now]
    since = window_start(now, window)
    possible: Count | None = None
    for event in sorted(past, key=lambda each: each.at, reverse=True):
        if event.span is None or event.span.last < since:
            continue
        count = count_to(event, past, window)
        if not event.doubts and len(count.certain) >= threshold:
            return Level.CERTAIN, count
        if possible is None and len(count.certain) + len(count.possible) >= threshold:
            possible = count
    return (Level.POSSIBLE, possible) if possible else None
