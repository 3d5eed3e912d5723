"""The occurrences of one subject as a policy's clauses count them, each judged once however many clauses ask.

Somebody with two thousand records is asked about by six clauses; what a record says of them does not change between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from discoverer.policy.calls import calls_of, says_one_of
from discoverer.policy.clauses import Repeat
from discoverer.policy.counting import Happening, Level, distinct
from discoverer.policy.events import domestic_level, happening, keys_of
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.parts import Subject
from discoverer.policy.rules import Policy

_Asked = tuple[object, ...]  # what of a clause decides whether an event counts


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a clause counts it, with the occurrence it is."""

    happening: Happening
    occurrence: Occurrence


class Weighed:
    """One subject's occurrences under one policy.

    Attributes:
        subject, policy: as given.
        all: every occurrence, with whether it is surely the subject's: the sure ones first.
    """

    def __init__(
        self, subject: Subject, sure: Sequence[Occurrence], possible: Sequence[Occurrence], policy: Policy
    ) -> None:
        """Take what is to be judged; nothing is judged until it is asked for.

        Args:
            subject: a person, place or number.
            sure: occurrences the subject surely has a part in.
            possible: those that only possible links add; one that shares a record with a sure one is not another.
            policy: the version asked, which may ignore what is only possible.
        """
        self.subject, self.policy = subject, policy
        held = {key for each in sure for key in keys_of(each)} if possible else set()
        unsure = policy.terms.edges.identity_unsure == "possible"
        others = [each for each in possible if unsure and not held & set(keys_of(each))]
        self.all = (*((each, True) for each in sure), *((each, False) for each in others))
        self._counted: dict[_Asked, list[Event]] = {}
        self._distinct: dict[_Asked, list[Happening]] = {}

    @cached_property
    def levels(self) -> dict[int, Level | None]:
        """How surely each occurrence, by its `id`, is domestic abuse; None: it is none."""
        return {id(each): domestic_level(each, self.policy) for each, _ in self.all}

    @cached_property
    def domestic(self) -> list[tuple[Occurrence, bool, Level]]:
        """The occurrences that are, or may be, domestic abuse, with whether they are surely the subject's."""
        judged = ((each, sure, self.levels[id(each)]) for each, sure in self.all)
        return [(each, sure, level) for each, sure, level in judged if level is not None]

    def events(self, clause: Repeat) -> Sequence[Event]:
        """Return every occurrence a clause counts, those of possible links among them as doubtful."""
        asked = _asked(clause)
        if asked not in self._counted:
            self._counted[asked] = list(self._count(clause))
        return self._counted[asked]

    def happenings(self, clause: Repeat) -> list[Happening]:
        """Return what a clause counts, without the occurrences."""
        return [each.happening for each in self.events(clause)]

    def distinct(self, clause: Repeat) -> list[Happening]:
        """Return what a clause counts, the events of one night as one: several clauses count alike."""
        asked = (*_asked(clause), clause.night, clause.apart)
        if asked not in self._distinct:
            self._distinct[asked] = distinct(self.happenings(clause), clause)
        return self._distinct[asked]

    def _count(self, clause: Repeat) -> Iterator[Event]:
        """Yield every occurrence a clause counts."""
        for occurrence, sure, level in self._calls(clause) if clause.calls else self.domestic:
            found = happening(self.subject, occurrence, clause, self.policy, level, unsure=not sure)
            if found is not None:
                yield Event(found, occurrence)

    def _calls(self, clause: Repeat) -> Iterator[tuple[Occurrence, bool, Level]]:
        """Yield every log by itself that is about domestic abuse, or is of the calls that a clause counts with them."""
        for occurrence, sure in self.all:
            for record, call in calls_of(occurrence):
                level = self.levels[id(occurrence)]
                if says_one_of(record, clause.calls):
                    level = Level.CERTAIN
                if level is not None:
                    yield call, sure, level


def _asked(clause: Repeat) -> _Asked:
    """Return what of a clause decides whether an event counts."""
    return clause.roles, clause.logs_only, clause.count, clause.calls
