"""Entries put together into the things that happened, each with why it counts as domestic abuse.

The records of one event are joined by the rules of the policy in force. The source's own flag is shown beside the
rules and is never changed; where they differ it is said (the report: the custody flag is not consistently applied).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from discoverer.model import Record
from discoverer.parts import Entry, Event, Reason
from discoverer.policy.domestic import Sign, flag_disagrees
from discoverer.policy.domestic_rules import DomesticRules
from discoverer.policy.occurrences import Occurrence

FLAG = "da_flag"


def events(
    found: Sequence[Occurrence], entries: Mapping[tuple[str, str], Entry], rules: DomesticRules
) -> tuple[Event, ...]:
    """Make the events that are shown, in the order given.

    Args:
        found: occurrences of a hit's records.
        entries: (source, ref) -> the entry of a record.
        rules: by which domestic abuse was recognised.
    """
    return tuple(_event(each, entries, rules) for each in found)


def _event(each: Occurrence, entries: Mapping[tuple[str, str], Entry], rules: DomesticRules) -> Event:
    """Make one event."""
    records = [held.record for held in each.held]
    told = sorted((entries[record.source, record.ref] for record in records), key=lambda entry: entry.at or "9999")
    reasons = tuple(_reason(sign) for sign in each.signs)
    differs = [words for record in records if (words := flag_disagrees(record, each.signs, rules))]
    return Event(
        at=each.at,
        entries=tuple(told),
        domestic=any(not sign.suggested for sign in each.signs),
        reasons=reasons,
        flag="; ".join(_flag(record) for record in records if _flag(record)),
        disagreement="; ".join(differs),
        joined_by=each.joined_by,
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
