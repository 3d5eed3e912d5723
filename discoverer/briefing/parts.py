"""The parts of a briefing: statements in radio order, each with what it rests on and where it may be told.

These shapes are the JSON contract of the briefing: fields may be added, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from discoverer.answer import HitKind, SourceStatus


class Slot(StrEnum):
    """The parts of a briefing, in radio order (domain guide 5.2)."""

    PLACE = "place"
    HAZARDS = "hazards"
    SUSPECT = "suspect"
    VICTIM = "victim"
    HISTORY = "history"
    GAPS = "gaps"
    ASK = "ask"


class Form(StrEnum):
    """Where a statement may be told: said on the air, read in the car, pasted into the log."""

    RADIO = "radio"
    TERMINAL = "terminal"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Point:
    """One statement of a briefing.

    Attributes:
        slot: Slot.
        kind: str, what it is of, as `briefing.toml` ranks it: 'weapons', 'wanted', 'not searched' ...
        words: str, as it is written.
        said: str, as it is said aloud, digits and dates in words; '' when nothing of it is said.
        source, ref: what it rests on; '' for a gap or something to ask for.
        at: str, ISO, of the record or of what it tells; '' undated.
        about: str, whom or what it is of, as written; '' when not recorded.
        role: str, the part they play in that record: 'arrested person'; '' when not recorded.
        nature: str, Nature value; '' for a gap or something to ask for.
        nature_words: str, 'allegation', or of intelligence its grading and handling.
        withheld_from: tuple[Form, ...], forms that must not hold it.
        why_not: str, why it is withheld; '' when it is not.
    """

    slot: Slot
    kind: str
    words: str
    said: str = ""
    source: str = ""
    ref: str = ""
    at: str = ""
    about: str = ""
    role: str = ""
    nature: str = ""
    nature_words: str = ""
    withheld_from: tuple[Form, ...] = ()
    why_not: str = ""

    @property
    def may_be_said(self) -> bool:
        """Whether it may be broadcast."""
        return Form.RADIO not in self.withheld_from and bool(self.said)


@dataclass(frozen=True, slots=True)
class Rested:
    """One record that a briefing rests on, as it was then.

    Attributes:
        source, ref: the record.
        at: str, ISO; '' undated.
        label: str, Visibility value: who may see it.
        said: str, a fingerprint of all that the viewer could read in it.
        level: str, the gravest risk level it holds; '' when none.
        standing: tuple[str, ...], what it put in force: 'order|bail|2018-09-06'.
    """

    source: str
    ref: str
    at: str
    label: str
    said: str
    level: str
    standing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Briefing:
    """What officers on their way are told of a person, place, number or record.

    Attributes:
        kind, id, label: of the hit, as `show` names it; the label may name what must leave no screen.
        log: str, the log in hand; '' when none.
        points: tuple[Point, ...], in radio order; those withheld too.
        spoken: str, at most 90 words, to be read out.
        spoken_words: int, how many words that is, each digit said counted.
        left_out: int, how many statements that may be said are not in it.
        written: str, for the terminal in the car, one line a statement.
        plain: str, to be pasted into the log.
        withheld: tuple[Point, ...], those that some form must not hold.
        rested_on: tuple[Rested, ...].
        fingerprint: str, of all of them; with `as_at` it says which briefing was shown when one is given.
        cut: bool, that older records were not read, so that one not among these need not be new.
        build, as_at, sources: as of `Answer`.
        since: tuple[str, ...], what changed since this was last briefed, or why that is not known; () when nothing did,
            or never briefed.
        title: str, what stands above a form that is printed, copied or shown to others: never a protected place, a
            summary or a name that is withheld. This is the one to print, not `label`.
    """

    kind: HitKind
    id: str
    label: str
    log: str
    points: tuple[Point, ...]
    spoken: str
    spoken_words: int
    left_out: int
    written: str
    plain: str
    withheld: tuple[Point, ...]
    rested_on: tuple[Rested, ...]
    fingerprint: str
    cut: bool
    build: str
    as_at: str
    sources: tuple[SourceStatus, ...]
    since: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """That a briefing was given.

    Attributes:
        number: int > 0.
        kind, id: of what.
        at: str, ISO, when it was given ("briefed at").
        by, log: who gave it, and the log in hand then.
        to: str, call sign; '' when not said.
        edited: bool, its text is not the one that was made; both are kept.
        digest: str, a fingerprint of the text given, made with the key of this set-up; it stays when the text must go.
        build: str, the build it was made from.
        redacted: str, ISO, when its text was removed because a record it rests on was deleted; '' while it stands.
        words: str, 'briefed 18/11/2018 02:10 to BE12 by demo, edited'.
    """

    number: int
    kind: str
    id: str
    at: str
    by: str
    log: str
    to: str
    edited: bool
    digest: str
    build: str
    redacted: str
    words: str


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since somebody or something was last briefed.

    Attributes:
        last: Given | None, the last briefing; None: never briefed.
        changes: tuple[str, ...], a sentence each, the gravest first; () when nothing changed.
        flag: bool, whether whoever was briefed must be told.
        words: str, in one line.
    """

    last: Given | None
    changes: tuple[str, ...]
    flag: bool
    words: str
