"""Whether a risk assessment had to be made of a victim: for a crime by a partner or former partner (the report).

Said of one event here, so that a card and the figures cannot differ about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from discoverer.model import Record, RecordKind
from discoverer.policy.events import has_crime

INTIMATE = frozenset({"intimate_current", "intimate_ex"})


class Duty(StrEnum):
    """Whether an assessment had to be made, the weightiest first."""

    MANDATORY = "mandatory"
    BY_WORDS = "by_words"  # mandatory, if the words of a log tell who did it
    NOT_RECORDED = "not_recorded"  # a crime, and nothing says by whom
    DISCRETIONARY = "discretionary"

    @property
    def due(self) -> bool:
        """Whether it had to be made, as far as is known."""
        return self in (Duty.MANDATORY, Duty.BY_WORDS)


def is_crime(record: Record) -> bool:
    """Tell whether a record is about a crime: it bears a crime number, or somebody was arrested for it."""
    return record.kind is RecordKind.CUSTODY or has_crime([record])


def duty_of(crime: bool, stated: Collection[str], suggested: Collection[str]) -> Duty:
    """Judge one event.

    Args:
        crime: any of its records is about a crime.
        stated: relationship classes its records state.
        suggested: those their words suggest; of account only where none is stated.
    """
    if not crime:
        return Duty.DISCRETIONARY
    if stated:
        return Duty.DISCRETIONARY if INTIMATE.isdisjoint(stated) else Duty.MANDATORY
    return Duty.NOT_RECORDED if INTIMATE.isdisjoint(suggested) else Duty.BY_WORDS


def weightiest(duties: Iterable[Duty]) -> Duty | None:
    """Return the weightiest duty of several events; None of none."""
    found = set(duties)
    return next((each for each in Duty if each in found), None)
