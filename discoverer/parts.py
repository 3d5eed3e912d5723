"""The parts of a hit: statements in force, dated events, tenures, people and places linked to it, who it may also be.

Like `answer.py`, these shapes are the JSON contract: fields may be added, never renamed. Every part says where it
stands (source and reference), so that it can be opened with `show event`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a statement is about, in the order a card reads them out."""

    ORDER = "order"
    WANTED = "wanted"
    CUSTODY = "custody"
    WEAPON = "weapon"
    CHILD = "child"
    CONTACT = "contact"
    ACTION = "action"
    MARKER = "marker"


class Standing(StrEnum):
    """How a statement stands at the instant of the answer."""

    IN_FORCE = "in_force"
    OLD = "old"  # may hold no longer: open-ended and older than the force's limit, or something since may have ended it
    NOT_BEGUN = "not_begun"
    ENDED = "ended"


class Whose(StrEnum):
    """How the hit stands to whoever a statement is about."""

    OWN = "own"
    OTHER_PARTY = "other_party"
    CURRENT = "current_occupant"
    PREVIOUS = "previous_occupant"
    UNKNOWN = "unknown_occupant"
    LINKED = "linked"
    PLACE = "place"


class Tenure(StrEnum):
    """Whether somebody lives at a place, or holds a number, now."""

    CURRENT = "current"
    PREVIOUS = "previous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is dangerous, in force or to be known, with what supports it.

    Attributes:
        topic: Topic.
        kind: str, e.g. 'bail', 'non_molestation', 'weapons', 'codeword', 'in_custody', 'released'.
        standing: Standing.
        words: str, what to read out, dates and source in it.
        about: str, whom it binds, marks or names, as written; '' when not recorded.
        whose: Whose, how the hit stands to them.
        start, end: str, ISO as precise as recorded; '' when not.
        days_left: int | None, whole days on the wall clock until it ends; 0: today; None: no end, or ended.
        expires: str, 'expires today', 'expires in 5 days'; '' with no end.
        protects: tuple[str, ...], persons protected.
        places: tuple[str, ...], places not to be entered.
        conditions: tuple[str, ...], as written.
        issued_by: str, court or force.
        reach: str, of an order in somebody else's record: how it reaches the hit, by name or by a number both bear.
        party: str, of the other party in somebody else's record: which party, of what record and when.
        nature: str, Nature value: of the record, or 'inferred' where text was read for it.
        source, ref: where it stands.
    """

    topic: Topic
    kind: str
    standing: Standing
    words: str
    about: str
    whose: Whose
    source: str
    ref: str
    nature: str
    start: str = ""
    end: str = ""
    days_left: int | None = None
    expires: str = ""
    protects: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    issued_by: str = ""
    reach: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in a history, with every part the hit plays in it.

    Attributes:
        at: str, ISO as precise as the source; '' undated.
        source, ref, kind, summary: of the record.
        roles: tuple[str, ...], Role values, each once: one person may be victim and suspect of one record.
        nature: str, Nature value; 'inferred' where the hit is only named in running text.
        nature_words: str, e.g. 'allegation', 'officer's assessment', 'intelligence'.
        grading: str, of intelligence, in plain English by its own scheme, its age and conditions; else ''.
        conditions: str, on the handling of intelligence, to be read before its content; '' when none.
        grades: str, the response grades in order, a lowering said; '' when one or none.
        outcome: str, result or disposal, as written.
        risk: str | None, as in `HitRecord`.
        found: 'field' or 'text'.
        written: str, the mention as written there.
        words: str, the entry on one line.
    """

    at: str
    source: str
    ref: str
    kind: str
    summary: str
    roles: tuple[str, ...]
    nature: str
    nature_words: str
    grading: str
    conditions: str
    grades: str
    outcome: str
    risk: str | None
    found: str
    written: str
    words: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an event counts as domestic abuse.

    Attributes:
        rule: str, the rule of the policy that fired.
        words: str, what it read.
        source, ref: where that stands.
        suggested: bool, the system inferred it from running text; nobody recorded it so.
    """

    rule: str
    words: str
    source: str
    ref: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence: the records that tell of it, joined because they are duplicates or cite one another.

    Attributes:
        at: str, ISO, when it happened; '' undated.
        entries: tuple[Entry, ...], the earliest first.
        domestic: bool, a rule made it domestic abuse.
        reasons: tuple[Reason, ...], which rules, and what they rest on.
        flag: str, the source's own flag or code as recorded, e.g. 'custody flag: not domestic abuse'; '' when none.
        disagreement: str, that the flag and the rules differ, in words; '' when they agree.
        joined_by: tuple[str, ...], why its records are one event; () for one record.
        cancelled: str, with what words it was closed as none, where the policy takes that for stronger; '' when not.
    """

    at: str
    entries: tuple[Entry, ...]
    domestic: bool = False
    reasons: tuple[Reason, ...] = ()
    flag: str = ""
    disagreement: str = ""
    joined_by: tuple[str, ...] = ()
    cancelled: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another address or number to try.

    Attributes:
        kind: 'location' | 'phone'.
        id: str, as `show` takes it.
        label: str, as written, or a number as people say it.
        roles: tuple[str, ...], Role values of the place or number.
        holder: str, whose it is when not the hit's own; '' when its own.
        first, last: str, ISO of the first and last record; '' undated.
        records: int >= 1.
        institution: str, the word that marks it as one (hospital, hostel ...); '' when none.
        unverified: bool, known only from running text.
        caution: str, what to know before it is used, e.g. a safe-contact note; '' when nothing.
        source, ref: the latest record that holds it.
        words: str, on one line.
    """

    kind: str
    id: str
    label: str
    roles: tuple[str, ...]
    holder: str
    first: str
    last: str
    records: int
    institution: str
    unverified: bool
    caution: str
    source: str
    ref: str
    words: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody else in the records of a hit.

    Attributes:
        id: str, as `show person` takes it.
        label: str, as written.
        relations: tuple[str, ...], e.g. 'victim of this suspect', 'child', 'same household'.
        relationship: str, as recorded, with its class: 'EX-PARTNER (intimate_ex)'; '' when not recorded.
        roles: tuple[str, ...], Role values they play there.
        risk: str, the gravest level they were assessed at as victim in the records shared; '' when none.
        first, last: str, ISO; '' undated.
        records: tuple[str, ...], 'source:ref', the most recent first, at most 5.
        records_total: int.
        words: str, on one line.
        danger: tuple[str, ...], of a victim or suspect: wanted, in custody, orders, weapons and violence markers,
            each with date and source; theirs, never the hit's.
    """

    id: str
    label: str
    relations: tuple[str, ...]
    relationship: str
    roles: tuple[str, ...]
    risk: str
    first: str
    last: str
    records: tuple[str, ...]
    records_total: int
    words: str
    danger: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MayBe:
    """Somebody a person may also be, and was not joined to: nothing of theirs is counted as this person's.

    Attributes:
        id: str, as `show person` takes it.
        label: str, as written.
        why: str, what speaks for it and, last, what against.
        bits: float, what was weighed, log2 odds, one decimal.
        risk: str, the gravest level the other was assessed at as a victim; '' when never.
        danger: tuple[str, ...], the other's gravest assessment, victims as a suspect, and what is in force on them.
        records: tuple[str, ...], 'source:ref' of the two records the likeness rests on, this person's first.
        words: str, on one line.
    """

    id: str
    label: str
    why: str
    bits: float
    risk: str
    danger: tuple[str, ...]
    records: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody recorded at a place or as holding a number, by date.

    Attributes:
        id: str, as `show person` takes it.
        label: str, as written.
        tenure: Tenure.
        first, last: str, ISO of the records that say so; '' undated.
        records: int >= 1.
        source, ref: the latest of them.
        words: str, why the tenure is judged so, e.g. 'previous: recorded at another address since 02/11/2018'.
        roles: tuple[str, ...], Role values of the records that say so.
    """

    id: str
    label: str
    tenure: Tenure
    first: str
    last: str
    records: int
    source: str
    ref: str
    words: str
    roles: tuple[str, ...] = ()
