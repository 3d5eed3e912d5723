"""Counting events in a rolling window: what is sure apart from what is only possible.

An event repeats when enough events stand in the window that ends with it, itself included. What is only suggested,
undated, dated too roughly, or linked to a person only possibly, never makes a certain repeat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from discoverer.policy.domestic import Sign
from discoverer.policy.rules import Policy
from discoverer.policy.times import Duration, Span, gap, span_of, window_start

Key = tuple[str, str]
OPENING_CODE = "opening_code"


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
    """

    at: str
    records: tuple[Key, ...]
    doubts: tuple[str, ...] = ()

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


def distinct(events: Iterable[Happening], night: Duration | None) -> list[Happening]:
    """Return events in order of time, undated last, those of one night as one, at the instant of its last.

    Args:
        events: in any order.
        night: how close to the first of a night an event still counts as of it; None: each counts.
    """
    ordered = sorted(events, key=lambda each: (not each.at, each.at, each.records))
    nights: list[list[Happening]] = []
    for event in ordered:
        first = nights[-1][0].span if nights else None
        if night and first and event.span and gap(first, event.span)[0] <= night.longest:
            nights[-1].append(event)
        else:
            nights.append([event])
    return [_as_one(same) for same in nights]


def _as_one(same: Sequence[Happening]) -> Happening:
    """Return the events of one night as one: certain when one of them is, at the instant of its last certain one."""
    if len(same) == 1:
        return same[0]
    sure = [event for event in same if not event.doubts] or list(same)
    records = dict.fromkeys(record for event in reversed(same) for record in event.records)
    doubts = tuple(dict.fromkeys(doubt for event in sure for doubt in event.doubts))
    return Happening(sure[-1].at, tuple(records), doubts)


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
    counts = [
        count_to(event, past, window)
        for event in sorted(past, key=lambda each: each.at, reverse=True)
        if event.span is not None and event.span.last >= since
    ]
    for count in counts:
        if not count.anchor.doubts and len(count.certain) >= threshold:
            return Level.CERTAIN, count
    for count in counts:
        if len(count.certain) + len(count.possible) >= threshold:
            return Level.POSSIBLE, count
    return None
