"""Evidence: one agreement or contradiction, its weight in bits and its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How sure we are that a hit is what was asked for, surest first."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    POSSIBLE = "possible"


LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a match.

    Attributes:
        feature: str, the feature that found it, e.g. 'birth_date'.
        outcome: str, the rung of the feature's ladder, e.g. 'swapped'.
        bits: float, match weight (log2 odds); negative argues against.
        words: str, what a call handler reads: 'date of birth agrees with day and month swapped'.
    """

    feature: str
    outcome: str
    bits: float
    words: str


@dataclass(frozen=True, slots=True)
class Scored:
    """All the evidence about one candidate.

    Attributes:
        bits: float, sum of the evidence less the prior, unbounded.
        evidence: in the order the features stand.
        level: how sure.
    """

    bits: float
    evidence: tuple[Evidence, ...]
    level: Level

    def outcome(self, feature: str) -> str:
        """Return the rung a feature reached, '' when it said nothing."""
        return next((each.outcome for each in self.evidence if each.feature == feature), "")
