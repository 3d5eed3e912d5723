"""Which records tell of one event: the windows a policy sets, checked."""

from __future__ import annotations

from discoverer.policy.times import Duration, read_duration
from discoverer.validation import Field, Spec, field_validator


class OccurrenceRules(Spec):
    """When two records are taken to tell of the same thing that happened. Every length is an ISO duration.

    Attributes:
        same_crime: an arrest, and what it follows under one crime number.
        named: an arrest, and what it follows that is named in one of the two.
        form: a domestic abuse form, and what it follows that is named in one of the two or bears its crime number.
        named_schemes: whose own numbers count: 'log', 'dash', 'custody' ...
        linked_log: a log and what it is linked to, cites or shares a crime number with: that may be last month's call,
            which is another event. A form after a form, too.
        same_place: two logs of one place, neither linked to the other: the second call about one thing.
    """

    same_crime: str = "P1Y"
    named: str = "P1Y"
    form: str = "P28D"
    named_schemes: tuple[str, ...] = Field(default=("log", "dash", "custody"), min_length=1)
    linked_log: str = "PT12H"
    same_place: str = "PT60M"

    @field_validator("same_crime", "named", "form", "linked_log", "same_place")
    @classmethod
    def _is_a_length(cls, value: str) -> str:
        read_duration(value)
        return value

    def length(self, name: str) -> Duration:
        """Return one of its windows by name."""
        return read_duration(str(getattr(self, name)))
