"""What a search answers: hits with their records and risk, and the state of every source asked.

These shapes are the JSON contract: fields may be added, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from discoverer.model import Record
from discoverer.parts import Elsewhere, Event, Holder, Linked, MayBe, Statement
from discoverer.policy.badges import Badge
from discoverer.policy.figures import SCOPE, Levels, Share


class HitKind(StrEnum):
    """What was found."""

    PERSON = "person"
    LOCATION = "location"
    PHONE = "phone"
    EVENT = "event"


class State(StrEnum):
    """What one source contributed to an answer."""

    ANSWERED = "answered"
    STALE = "stale"
    FAILED = "failed"
    NOT_PERMITTED = "not_permitted"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source, as every answer shows it.

    Attributes:
        name: str.
        state: State.
        as_at: str, ISO instant its data was taken (or read, when it does not say); '' when it never was.
        records: int >= 0, records indexed; 0 when failed.
        words: str, e.g. 'answered, as at 16/11/2014 02:00 (1 hour old)' or 'STALE since ...: reason'.
        lag: int | None, seconds since which nothing of it is missing, where it is taken in during the day; else None.
    """

    name: str
    state: State
    as_at: str
    records: int
    words: str
    lag: int | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """One risk assessment, as a headline shows it.

    Attributes:
        level: str, RiskLevel value.
        victim, suspect: str, names as written; '' when not recorded.
        by: str, who set it; '' when not recorded.
        at: str, ISO; '' undated.
        age: str, in words at the instant of the answer, e.g. '2 months'; '' undated.
        source, ref: where it stands.
        earlier: str, the level it was changed from, '' when never changed.
        words: str, 'HIGH: Shabana Bibi as victim of Asif Khan, 03/09/2014, Sgt 1042'.
        instrument: str, 'DASH', 'DARA' ...; ticks of different instruments are never compared.
        ticks: int | None, answers of yes, as recorded.
        themes: tuple[str, ...], the gravest themes answered yes, in key words: 'strangulation'.
        grades: tuple[str, ...], every grade in order, with who, when and why; a lowering says DOWNGRADED.
        downgraded: bool, a grade of its history was lowered and not raised to that again.
    """

    level: str
    victim: str
    suspect: str
    by: str
    at: str
    age: str
    source: str
    ref: str
    earlier: str
    words: str
    instrument: str = ""
    ticks: int | None = None
    themes: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    downgraded: bool = False


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral that travels with whoever is asked for (failure pattern F14).

    Attributes:
        kind: 'MARAC' | 'IDVA'.
        referred: str, ISO date; '' when not readable.
        meeting: str, ISO date of the conference; '' when none.
        victim: str, as written.
        source, ref: where it stands.
        words: str, 'MARAC referred 05/09/2018, heard 15/09/2018, 2 months ago'.
    """

    kind: str
    referred: str
    meeting: str
    victim: str
    source: str
    ref: str
    words: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A domestic abuse event of the hit of which no assessment is held.

    Attributes:
        duty: 'mandatory' (a crime between partners or former partners) | 'discretionary' (any other).
        at: str, ISO; '' undated.
        source, ref: the event's main record.
        words: str, why it is mandatory or not.
    """

    duty: str
    at: str
    source: str
    ref: str
    words: str


@dataclass(frozen=True, slots=True)
class Around:
    """The risk known for a number, place or person of a record, of another record. It is the victim's, never theirs.

    Attributes:
        kind: 'phone' | 'location' | 'person'.
        id: str, as `show` takes it.
        label: str, as written, or a number as people say it.
        whose: str, whose the number or place is there ('the victim's'), or a person's part ('as suspect'); '' not said.
        assessed: Assessed, the gravest.
        words: str, 'known for the number 07700 900417 (the victim's): HIGH: ... as victim of ..., see ...'.
    """

    kind: str
    id: str
    label: str
    whose: str
    assessed: Assessed
    words: str


@dataclass(frozen=True, slots=True)
class Risk:
    """The domestic abuse risk headline of a hit. Never a bare level on a suspect, place or number.

    Attributes:
        state: 'assessed' | 'not_assessed'; never 'standard' for want of an assessment.
        headline: str, what to read out.
        highest, latest: Assessed | None, of the person as a victim (of any victim, for a place or number).
        victims_assessed: dict[str, int], for a suspect: level -> number of different victims.
        elsewhere: tuple[Assessed, ...], the gravest assessment of each victim named in its records, of records that
            are not its own: an event's victim may be HIGH on another card.
        referrals: tuple[Referral, ...], to MARAC and IDVA, the latest first.
        missing: tuple[Missing, ...], domestic abuse events without an assessment, the latest first.
        around: tuple[Around, ...], of a record: the risk known for its numbers, places and people, the gravest first.
        previous: tuple[Assessed, ...], of a place or number: those of victims who have since moved or given it up, the
            gravest first; they are in no other field.
        standard_only: int, how many assessments say standard where all do and none was raised or reviewed; else 0.
        loud: bool, the headline is to be seen first: it tells of somebody HIGH, or that the hit was not assessed.
    """

    state: str
    headline: str
    highest: Assessed | None = None
    latest: Assessed | None = None
    victims_assessed: dict[str, int] = field(default_factory=dict)
    elsewhere: tuple[Assessed, ...] = ()
    referrals: tuple[Referral, ...] = ()
    missing: tuple[Missing, ...] = ()
    around: tuple[Around, ...] = ()
    standard_only: int = 0
    previous: tuple[Assessed, ...] = ()
    loud: bool = False


@dataclass(frozen=True, slots=True)
class HitRecord:
    """One prior record of a hit.

    Attributes:
        source: str, the source's name.
        ref: str, raw key columns joined with '/'.
        role: str, Role value: the part this person, place or number plays there.
        at: str, ISO 8601 as precise as the source; '' undated.
        risk: str | None, the record's risk level ('high' ...), 'not_assessed' for a domestic abuse record
            without one, None for other records without one.
        kind: str, RecordKind value.
        summary: str, one line.
        nature: str, Nature value.
        found: str, 'field' or 'text' (extracted, unverified).
        written: str, the mention as written there.
        mention: str, of a person, the id of that mention, as `decide` takes it; '' of a place, a number or an event.
    """

    source: str
    ref: str
    role: str
    at: str
    risk: str | None
    kind: str
    summary: str
    nature: str
    found: str
    written: str
    mention: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What people have said of who a hit is: proposed by one, or confirmed by a second.

    Attributes:
        number: int > 0, of the decision.
        verdict: 'same' | 'apart'.
        state: 'proposed' | 'confirmed'.
        mine: str, id of the mention of this hit that was spoken of.
        other: str, id of the other; it may be of this hit too.
        by, at: str, who said so, and when (ISO).
        confirmed_by: str, who confirmed it; '' while nobody has.
        reason: str, as given.
        words: str, 'disputed by demo, 27/11/2026: not the same person as ASIF KHAN [custody:BE/2210/14#0] - brothers'.
        danger: tuple[str, ...], of the other where that is another person: how endangered and how dangerous they are,
            each with date and source; theirs, never the hit's.
    """

    number: int
    verdict: str
    state: str
    mine: str
    other: str
    by: str
    at: str
    confirmed_by: str
    reason: str
    words: str
    danger: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A person, place, number or event that may be what was asked for.

    Attributes:
        kind: HitKind.
        id: str, permanent: a person's earliest mention 'source:ref#position', an E.164 number, a canonical
            address, or 'source:ref' of an event.
        label: str, for a person to read.
        level: Level value: confirmed | probable | possible.
        score: float, match weight in bits (log2 odds), unbounded, one decimal.
        why: tuple[str, ...], the reasons in words, those against among them.
        risk: Risk.
        records: tuple[HitRecord, ...], most recent first, undated last.
        records_total: int, how many there are in all.
        records_read: int, how many of them all else is told from: the most recent, and every one that weighs.
        people_read: int, in how many of them other people, places and numbers are read.
        now: tuple[str, ...], what is dangerous or in force: orders, bail, markers, with dates and source.
        in_force: tuple[Statement, ...], the same and more as values, in the order a card reads them out; a previous
            occupant's and what is not in force yet are among them, marked so.
        lapsed: tuple[Statement, ...], orders and markers that have ended, the latest end first.
        ended_lately: tuple[Statement, ...], of these, warrants that ended within the last months.
        roles: tuple[str, ...], the parts it plays, each with how many records: 'victim 3'.
        history: tuple[Event, ...], the most recent first, undated last.
        history_total: int, how many there are of the records read.
        badges: tuple[Badge, ...], what the policy in force says of it, with clause and records.
        addresses, numbers: tuple[Elsewhere, ...], others to try; never a protected one, never an address by a number.
        linked: tuple[Linked, ...], who else, the weightiest link first.
        lapsed_total, addresses_total, numbers_total, linked_total, holders_total: int, how many of each there are in
            the records read.
        holders: tuple[Holder, ...], of a place who lived there, of a number who held it, the latest first.
        holders_note: str, what to know about them, e.g. that occupants of a hostel are not inferred; '' when nothing.
        last_linked: str, of a number: 'last linked 26 months ago'; '' else.
        decisions: tuple[Said, ...], what people have said of who this is, by number; of a person only.
        may_be: tuple[MayBe, ...], of a person, who they may also be, the likeliest first; nothing of theirs is in any
            other field, but what it adds to a badge makes it 'possible'.
        may_be_total: int.
        instead_of: str, the number typed that this is NOT, where it is a number near that one, or somebody known by
            such a number alone: other people unless the number was misheard; '' of everything else.
        slip: str, of such a number, how it differs, as the weights call it: 'wrong', 'swapped', 'run' ...; else ''.
        stubs: tuple[str, ...], what is to be done because of records that the viewer does not read, where the access
            rules want it known that there are some.
        against: tuple[str, ...], of the reasons, those that speak against it, the weightiest first: 'same building,
            another flat: 2, not 3'.
    """

    kind: HitKind
    id: str
    label: str
    level: str
    score: float
    why: tuple[str, ...]
    risk: Risk
    records: tuple[HitRecord, ...]
    records_total: int
    records_read: int = 0
    people_read: int = 0
    now: tuple[str, ...] = ()
    in_force: tuple[Statement, ...] = ()
    lapsed: tuple[Statement, ...] = ()
    lapsed_total: int = 0
    ended_lately: tuple[Statement, ...] = ()
    roles: tuple[str, ...] = ()
    history: tuple[Event, ...] = ()
    history_total: int = 0
    badges: tuple[Badge, ...] = ()
    addresses: tuple[Elsewhere, ...] = ()
    addresses_total: int = 0
    numbers: tuple[Elsewhere, ...] = ()
    numbers_total: int = 0
    linked: tuple[Linked, ...] = ()
    linked_total: int = 0
    holders: tuple[Holder, ...] = ()
    holders_total: int = 0
    holders_note: str = ""
    last_linked: str = ""
    decisions: tuple[Said, ...] = ()
    may_be: tuple[MayBe, ...] = ()
    may_be_total: int = 0
    instead_of: str = ""
    slip: str = ""
    against: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One person, place, number or record, whole, asked for by its id.

    Attributes:
        asked: str, 'person custody:BE/152/18#0'.
        hit: Hit.
        record: Record | None, of an event: all it says as far as it is in scope, its running texts too.
        build, as_at, sources, policy_note, waiting, masked: as of `Answer`.
    """

    asked: str
    hit: Hit
    record: Record | None
    build: str
    as_at: str
    sources: tuple[SourceStatus, ...]
    policy_note: str = ""
    waiting: str = ""
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncated:
    """That a cap bit.

    Attributes:
        shown: int, hits shown.
        about: int, how many fit, about.
        words: str, what to add to the query.
    """

    shown: int
    about: int
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one search.

    Attributes:
        query: str, as typed.
        read_as: tuple[str, ...], how it was read, in words.
        hits: best first; those with `instead_of` after all others.
        truncated: Truncated | None.
        build: str, the build that answered.
        as_at: str, ISO instant that counts as now.
        sources: every source configured, with its state.
        message: str, 'No trace in the sources searched: ...' when there are no hits, else ''.
        no_trace_of: tuple[str, ...], numbers typed that no source searched holds: '0121 496 0000', 'a number ending in
            960417'; whatever is found beside is not that number.
        near_too: tuple[str, ...], numbers near the one typed that the limit left out of the hits, as people say them.
        policy_note: str, why no badge could be given: the policy cannot be read, or is not in force; '' when it is.
        waiting: str, that a newer build fell short, so that newer data waits; '' when none does.
        stubs: tuple[str, ...], as of a hit, of what was typed for certain and no hit stands for.
        masked: tuple[str, ...], what the viewer's role is not shown of the records it reads ('names', 'safe_places'):
            the same whatever is asked.
    """

    query: str
    read_as: tuple[str, ...]
    hits: tuple[Hit, ...]
    truncated: Truncated | None
    build: str
    as_at: str
    sources: tuple[SourceStatus, ...]
    message: str
    no_trace_of: tuple[str, ...] = ()
    near_too: tuple[str, ...] = ()
    policy_note: str = ""
    waiting: str = ""
    stubs: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FiguresAnswer:
    """Both figures, with all that makes them reproducible.

    Attributes:
        policy, version: str, the policy asked.
        title, owner: str, of that policy.
        period: (first, last), local days 'YYYY-MM-DD', both included.
        build: str, id of the build that answered.
        as_at: str, ISO, the instant that counted as now.
        sources: every source asked, with its state.
        share, recent, ever: the figures.
        scope: str, what was left uncounted altogether.
        notes: tuple[str, ...], which version counted the period and which was in force when, and where the data end.
    """

    policy: str
    version: str
    title: str
    owner: str
    period: tuple[str, str]
    build: str
    as_at: str
    sources: tuple[SourceStatus, ...]
    share: Share
    recent: Levels
    ever: Levels
    scope: str = SCOPE
    notes: tuple[str, ...] = ()
