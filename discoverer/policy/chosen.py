"""Which policy answers today, and what is said when none does: a faulty policy file must not take search away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from discoverer.errors import ConfigError, NotFound
from discoverer.policy.rules import SHIPPED, Policies, Policy, read_policies
from discoverer.wording import number_of

_WITHOUT = "no badge is given meanwhile"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The policy that an answer is made by.

    Attributes:
        policy: by which domestic abuse is recognised and records are one event.
        note: str, why no badge can be given, in one line; '' when the policy is in force.
    """

    policy: Policy
    note: str


class PolicyBook:
    """The policy of the settings, read once; its mistakes are kept for whoever asks for it by name."""

    def __init__(self, place: Path | None) -> None:
        """Read it.

        Args:
            place: a file or folder; None: the one that comes with the program.
        """
        self._place = place
        self._fault: ConfigError | None = None
        try:
            self._policies = read_policies(place or SHIPPED)
        except ConfigError as error:
            self._fault, self._policies = error, read_policies(SHIPPED)

    def policies(self) -> Policies:
        """Return every version.

        Raises:
            ConfigError: the file has mistakes; all of them are said.
        """
        if self._fault is not None:
            raise self._fault
        return self._policies

    def on(self, day: date) -> Chosen:
        """Return what answers on a local day: where no version is in force, the last one before, or the first."""
        versions = self._policies.versions
        before = [policy for policy in versions if policy.terms.effective_from <= day]
        nearest = before[-1] if before else versions[0]
        if self._fault is not None:
            mistakes = number_of(len(self._fault.problems), "mistake")
            told = f"'discoverer policy check {self._place}' explains {'it' if mistakes.startswith('1 ') else 'them'}"
            return Chosen(nearest, f"POLICY not read: {mistakes} in {self._place}; {told}; {_WITHOUT}.")
        try:
            return Chosen(self._policies.policy_at(day), "")
        except NotFound:
            ended = nearest.terms.effective_to
            when = (
                f"{nearest.name} begins on {nearest.terms.effective_from:%d/%m/%Y}"
                if ended is None or nearest.terms.effective_from > day
                else f"{nearest.name} ended on {ended:%d/%m/%Y}"
            )
            where = self._policies.where
            return Chosen(nearest, f"POLICY not in force on {day:%d/%m/%Y}: {when} ({where}); {_WITHOUT}.")

    def words(self, day: date) -> str:
        """Say which policy answers on a local day, for `status`."""
        chosen = self.on(day)
        where = str(self._place) if self._place else "built in"
        return chosen.note or f"{where} ({chosen.policy.name})"


def period_notes(policies: Policies, policy: Policy, period: tuple[date, date], data_end: date) -> tuple[str, ...]:
    """Say by which version a period was counted, where another was in force, and where the data end.

    Args:
        policies: every version.
        policy: the one counted by.
        period: first and last local day, both included.
        data_end: the local day that the sources reach to.
    """
    first, last = period
    terms = policy.terms
    until = f" to {terms.effective_to:%d/%m/%Y}" if terms.effective_to else ""
    notes = [f"All of it is counted by version {terms.version}, in force from {terms.effective_from:%d/%m/%Y}{until}."]
    for other in policies.versions:
        begins, ends = max(first, other.terms.effective_from), min(last, other.terms.effective_to or last)
        if other is not policy and begins <= ends:
            days = f"{begins:%d/%m/%Y} to {ends:%d/%m/%Y}"
            notes.append(
                f"From {days} version {other.terms.version} was in force; "
                f"--policy-version {other.terms.version} counts by it."
            )
    if first < policies.versions[0].terms.effective_from:
        notes.append(f"Before {policies.versions[0].terms.effective_from:%d/%m/%Y} no version was in force.")
    if last > data_end:
        missing = (last - max(data_end, first - timedelta(days=1))).days
        notes.append(
            f"The data end on {data_end:%d/%m/%Y}: "
            f"the last {number_of(missing, 'day')} of the period hold no calls yet."
        )
    return tuple(notes)
