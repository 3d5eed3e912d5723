"""Entries put together into the things that happened, each with why it counts as domestic abuse.

The records of one event are joined by the rules of the policy in force. The source's own flag is shown beside the
rules and is never changed; where they differ it is said (the report: the custody flag is not consistently applied).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from discoverer.model import Record
from discoverer.parts import Entry, Event, Reason
from discoverer.policy.counting import Level
from discoverer.policy.domestic import Sign, cancelled_by, flag_disagrees
from discoverer.policy.events import domestic_level
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.rules import Policy

FLAG = "da_flag"


def events(found: Sequence[Occurrence], entries: Mapping[tuple[str, str], Entry], policy: Policy) -> tuple[Event, ...]:
    """Make the events that are shown, in the order given.

    Args:
        found: occurrences of a hit's records.
        entries: (source, ref) -> the entry of a record.
        policy: by which domestic abuse was recognised.
    """
    return tuple(_event(each, entries, policy) for each in found)


def _event(each: Occurrence, entries: Mapping[tuple[str, str], Entry], policy: Policy) -> Event:
    """Make one event."""
    records = [held.record for held in each.held]
    told = sorted((entries[record.source, record.ref] for record in records), key=lambda entry: entry.at or "9999")
    reasons = tuple(_reason(sign) for sign in each.signs)
    level = domestic_level(each, policy)
    closed = [words for record in records if (words := cancelled_by(record, policy.domestic))] if level is None else []
    differs = [words for record in records if (words := flag_disagrees(record, each.signs, policy.domestic))]
    return Event(
        at=each.at,
        entries=tuple(told),
        domestic=level is Level.CERTAIN,
        reasons=reasons,
        flag="; ".join(_flag(record) for record in records if _flag(record)),
        disagreement="; ".join(differs),
        joined_by=each.joined_by,
        cancelled="; ".join(closed),
    )


def _reason(sign: Sign) -> Reason:
    """Say why an event counts as domestic abuse."""
    return Reason(sign.rule, sign.words, sign.source, sign.ref, sign.suggested)


def _flag(record: Record) -> str:
    """Say what a source's own flag says, as recorded; '' when it has none."""
    codes = [code for code in record.codes if code.codeset == FLAG]
    return "; ".join(
        f"{record.source} flag {code.code or 'blank'}{f': {code.word}' if code.word else ''}" for code in codes
    )
