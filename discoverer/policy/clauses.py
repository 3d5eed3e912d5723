"""The clauses of a policy: who is a repeat or vulnerable victim, and what each edge case counts as. Shapes only."""

from __future__ import annotations

from typing import Literal

from discoverer.model import Role
from discoverer.normalise.text import fold
from discoverer.policy.times import Duration, read_duration
from discoverer.validation import Field, Phrase, Spec, field_validator, model_validator

PERSON_ROLES = frozenset(
    {Role.VICTIM, Role.SUSPECT, Role.CALLER, Role.WITNESS, Role.CHILD, Role.DETAINEE, Role.OCCUPANT, Role.SUBJECT,
     Role.ASSOCIATE, Role.PROTECTED, Role.OTHER, Role.UNKNOWN}
)  # fmt: skip
PLACE_ROLES = frozenset({Role.SCENE, Role.HOME, Role.FREQUENTED})
PHONE_ROLES = frozenset({Role.CALLED_FROM, Role.CALLBACK, Role.OWN})


class Windowed(Spec):
    """What looks back so far, at those who play certain parts.

    Attributes:
        window: str, ISO duration, never ''.
        roles: parts that count; no other does.
    """

    window: str
    roles: tuple[Role, ...] = Field(min_length=1)

    @field_validator("window")
    @classmethod
    def _is_a_length(cls, value: str) -> str:
        if not value:
            raise ValueError("a window is needed; write an ISO duration such as 'P12M'")
        read_duration(value)
        return value

    @property
    def length(self) -> Duration:
        """The window."""
        return read_duration(self.window)


class Repeat(Windowed):
    """So many domestic abuse events within a window.

    Attributes:
        definition: str, which of the definitions of domain guide 3.1 it is, e.g. 'RV2'.
        words: str, what the badge says, e.g. 'REPEAT VICTIM'.
        window: str, ISO duration, rolling: an event repeats when enough stand in the window that ends with it.
        threshold: int 2 to 100, events needed, the current one included.
        roles: parts of the person, place or number that count; no other part does.
        count: 'event', or 'crime': only events that bear a crime number.
        logs_only: bool, only events of which a log is held.
        calls: phrases of a log's codes, summary or text that make it count though nothing says domestic abuse; with
            any, every log counts by itself.
        same_night: str, ISO duration: events this close count once; '' each counts.
        same_event: str, ISO duration: events of different systems this close, neither naming the other, may be one, so
            that the second is only possible; '' each is another.
    """

    definition: Phrase
    words: Phrase
    threshold: int = Field(ge=2, le=100, strict=True)
    count: Literal["event", "crime"] = "event"
    logs_only: bool = False
    calls: tuple[str, ...] = ()
    same_night: str = ""
    same_event: str = ""

    @field_validator("calls")
    @classmethod
    def _says_something(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not fold(phrase) for phrase in value):
            raise ValueError("a phrase of 'calls' has no letter in it, so it would be found in every log; take it out")
        return value

    @field_validator("same_night", "same_event")
    @classmethod
    def _is_a_length_or_not_said(cls, value: str) -> str:
        if value:
            read_duration(value)
        return value

    @model_validator(mode="after")
    def _can_repeat(self) -> Repeat:
        night = self.night
        if night is not None and night.longest * (self.threshold - 1) >= self.length.longest:
            raise ValueError(
                f"a window of {self.window} has no room for {self.threshold} events that same_night = "
                f"'{self.same_night}' does not count once, so nobody could ever repeat; lengthen the window or shorten "
                "the night"
            )
        return self

    @property
    def night(self) -> Duration | None:
        """How close events count once; None when each counts."""
        return read_duration(self.same_night) if self.same_night else None

    @property
    def apart(self) -> Duration | None:
        """How close events of different systems may be one; None when each is another."""
        return read_duration(self.same_event) if self.same_event else None


class MaracRepeat(Windowed):
    """A new event between the same victim and suspect within a window of the last MARAC referral (RV4).

    Attributes:
        definition, words: as of `Repeat`.
        window: str, ISO duration from the last referral.
        roles: parts that count as victim.
        labels: notes that hold the day of a referral.
    """

    definition: Phrase
    words: Phrase
    labels: tuple[Phrase, ...] = Field(min_length=1)


class Vulnerable(Spec):
    """One reason for which a victim is vulnerable; any of what it lists is enough.

    Attributes:
        id: str, names the clause in the badge.
        definition: str, which definition of domain guide 3.1 it is, e.g. 'VV2'.
        words: str, what the badge says.
        age_below: int, years at the event; 0 for no limit.
        age_from: int, years at the event; 0 for no limit.
        answers: numbers of DASH questions answered yes about them.
        markers: words of markers on them.
        qualifiers: words or codes of qualifiers of a log in which they are victim; these only suggest.
        notes: words in a note with one of `labels`.
        labels: of those notes.
        child_named: bool, a child is named in a record in which they are victim.
        events: int, so many domestic abuse events as victim within the window of repeat_victim; 0 for none.
    """

    id: Phrase
    definition: Phrase
    words: Phrase
    age_below: int = Field(default=0, ge=0, le=120, strict=True)
    age_from: int = Field(default=0, ge=0, le=120, strict=True)
    answers: tuple[int, ...] = ()
    markers: tuple[Phrase, ...] = ()
    qualifiers: tuple[Phrase, ...] = ()
    notes: tuple[Phrase, ...] = ()
    labels: tuple[Phrase, ...] = ()
    child_named: bool = False
    events: int = Field(default=0, ge=0, le=100, strict=True)

    @model_validator(mode="after")
    def _says_something(self) -> Vulnerable:
        asked = (self.age_below, self.age_from, self.answers, self.markers, self.qualifiers, self.notes, self.events)
        if not any(asked) and not self.child_named:
            raise ValueError(f"clause '{self.id}' asks nothing; give it ages, answers, markers, notes or events")
        if self.notes and not self.labels:
            raise ValueError(f"clause '{self.id}' reads notes, so it needs labels")
        if unknown := [number for number in self.answers if not 1 <= number <= 27]:
            raise ValueError(f"clause '{self.id}' asks question {unknown[0]}, and a DASH has 1 to 27")
        return self


class VulnerableVictim(Windowed):
    """Who is a vulnerable victim: the union of the clauses.

    Attributes:
        window: str, ISO duration: how far back an event or answer says so still.
        roles: parts that count as victim.
        any_of: the clauses.
    """

    any_of: tuple[Vulnerable, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> VulnerableVictim:
        ids = [clause.id for clause in self.any_of]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"clause {', '.join(twice)} stands twice; give each clause a name of its own")
        return self


class CodeEnhanced(Windowed):
    """Every victim of a domestic abuse crime has the enhanced entitlement of the Victims' Code (VV5).

    Attributes:
        definition, words, window, roles: as of `Repeat`.
    """

    definition: Phrase
    words: Phrase


class Edges(Spec):
    """What the edge cases of domain guide 3.2 count as. Every one must be decided.

    Attributes:
        historic: 'report' counts old abuse on the day it was told, 'event' on the day a note of `event_labels` says.
        event_labels: notes that hold the day of the event; needed with 'event'.
        counter_allegation: 'both' counts each of the two as victim where a record says so, 'neither' drops an event in
            which one person is victim and suspect.
        under_16: an event whose victim is younger counts: 'count', or 'apart', not towards repeat victim.
        child_to_parent: an event whose suspect is under 16: 'count' or 'apart'.
        unnamed_victim: a call without a named victim, in the share of calls from repeat victims: 'excluded', or
            'not_repeat', kept in the denominator.
        cancelled: a log closed as 'not a domestic' counts: 'count', 'exclude', or 'needs_stronger', only when more
            than its opening code and words says it was one (a closing code, a qualifier, a DASH, another record).
        deceased: who is recorded as dead, among victims by level now: 'exclude' or 'count'.
        deceased_words: words of markers and notes that say so.
        unnamed_caller: who rings of domestic abuse and names no victim: 'possible' counts the event as possibly theirs,
            'ignore' does not.
        identity_unsure: what only possible links add: 'possible' gives a badge that says possible, 'ignore' none.
    """

    historic: Literal["report", "event"]
    event_labels: tuple[Phrase, ...] = ()
    counter_allegation: Literal["both", "neither"]
    under_16: Literal["count", "apart"]
    child_to_parent: Literal["count", "apart"]
    unnamed_victim: Literal["excluded", "not_repeat"]
    cancelled: Literal["count", "exclude", "needs_stronger"]
    deceased: Literal["exclude", "count"]
    deceased_words: tuple[Phrase, ...] = ()
    unnamed_caller: Literal["possible", "ignore"] = "ignore"
    identity_unsure: Literal["possible", "ignore"]

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Edges:
        if self.historic == "event" and not self.event_labels:
            raise ValueError("historic = 'event' needs event_labels, the notes that hold the day of the event")
        if self.deceased == "exclude" and not self.deceased_words:
            raise ValueError("deceased = 'exclude' needs deceased_words, which say that somebody is dead")
        return self
