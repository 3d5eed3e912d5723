"""What a decision about who is who is: its values, and what can be told from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility


class Verdict(StrEnum):
    """What a decision says of two mentions."""

    SAME = "same"
    APART = "apart"


class Act(StrEnum):
    """What one entry does to a decision, and the state it is in from then on."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step in the life of a decision.

    Attributes:
        act: what was done.
        at: str, ISO instant.
        viewer, role, log: str, who did it, as what, with which incident log in hand ('' when none).
        reason: str, never blank.
    """

    act: Act
    at: str
    viewer: str
    role: str
    log: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with everything that was ever done about it.

    Attributes:
        number: int > 0, its own for ever.
        verdict: same or apart.
        first, second: str, the two mention ids 'source:ref#position', as they were named: of two who are told apart
            the second is the one that does not belong, and what fits both stays with the first.
        visibility: label of the more closed of the two when it was proposed: who may not see both may not see it.
        entries: oldest first; the first proposed it.
        seen: who stood in each of the two places when it was proposed; None where that was not kept.
    """

    number: int
    verdict: Verdict
    first: str
    second: str
    visibility: Visibility
    entries: tuple[Entry, ...]
    seen: tuple[PersonProfile | None, PersonProfile | None]

    @property
    def state(self) -> Act:
        """The last thing that was done."""
        return self.entries[-1].act

    @property
    def stands(self) -> bool:
        """Whether it is proposed or confirmed."""
        return self.state in (Act.PROPOSED, Act.CONFIRMED)

    @property
    def holds(self) -> bool:
        """Whether it is confirmed, and so decides."""
        return self.state is Act.CONFIRMED

    @property
    def pair(self) -> tuple[str, str]:
        """The two mention ids."""
        return self.first, self.second

    @property
    def words(self) -> str:
        """What it says, as a clause."""
        link = "is the same person as" if self.verdict is Verdict.SAME else "is not the same person as"
        return f"{self.first} {link} {self.second}"


class Proposed(NamedTuple):
    """A decision that was asked for.

    Attributes:
        decision: as it stands.
        anew: bool, False when the same viewer had said the very same before, so that nothing was added.
    """

    decision: Decision
    anew: bool
