"""What a legacy record says, in POLE terms (person, object, location, event): frozen, typed, as written.

Adapters make these; nothing here is cleaned or compared. A `Record` is one event of one source with its
mentions. Positions tie things together inside one record: a home address or a number names the person
mention that holds it, an assessment names its victim and suspect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class RecordKind(StrEnum):
    """What kind of event a record is."""

    INCIDENT = "incident"
    INTELLIGENCE = "intelligence"
    DOMESTIC_ABUSE = "domestic_abuse"
    CUSTODY = "custody"
    OTHER = "other"


class MentionKind(StrEnum):
    """What a mention is a mention of."""

    PERSON = "person"
    LOCATION = "location"
    PHONE = "phone"


class Role(StrEnum):
    """The part a person, place or number plays in one record; closed list."""

    # people
    VICTIM = "victim"
    SUSPECT = "suspect"
    CALLER = "caller"
    WITNESS = "witness"
    CHILD = "child"
    DETAINEE = "detainee"
    OCCUPANT = "occupant"
    SUBJECT = "subject"
    ASSOCIATE = "associate"
    PROTECTED = "protected"
    OTHER = "other"
    UNKNOWN = "unknown"
    # places
    SCENE = "scene"
    HOME = "home"
    FREQUENTED = "frequented"
    # numbers
    CALLED_FROM = "called_from"
    CALLBACK = "callback"
    OWN = "own"


# The parts that people play against each other, said once for all: who was harmed or is protected; who is accused; and
# whose warrants and arrests matter to a victim. The subject of a report is not accused by it, and may be wanted.
VICTIMS = frozenset({Role.VICTIM, Role.PROTECTED})
SUSPECTS = frozenset({Role.SUSPECT, Role.DETAINEE})
SOUGHT = SUSPECTS | {Role.SUBJECT}


class Found(StrEnum):
    """Where a mention stood: in a field of its own, or in running text (extracted, unverified)."""

    FIELD = "field"
    TEXT = "text"


class Visibility(StrEnum):
    """Who may see a record or mention; postings, vocabulary and counts are kept apart by it.

    The labels are a lattice, not a line: protected places and people and specially handled intelligence are seen by
    different people, and what is both (sealed) only by whoever reads both. Whoever reads a label reads all it contains.
    """

    OPEN = "open"
    RESTRICTED = "restricted"
    PROTECTED = "protected"
    INTELLIGENCE = "intelligence"
    SEALED = "sealed"

    @cached_property
    def rank(self) -> int:
        """The label's number: 0 for the most open, and greater than that of every other label it contains.

        It sorts labels and names them in files. Of two labels neither of which contains the other it says nothing:
        ask `contains`.
        """
        return list(Visibility).index(self)

    @cached_property
    def below(self) -> tuple[Visibility, ...]:
        """The labels that it contains and that no other label it contains does."""
        return tuple(Visibility(each) for each in _BELOW[self.value])

    @cached_property
    def contained(self) -> frozenset[Visibility]:
        """The labels that whoever reads this one reads: itself, and all below it."""
        return frozenset({self}).union(*(each.contained for each in self.below))

    @cached_property
    def above(self) -> tuple[Visibility, ...]:
        """The labels whose readers read this one: itself, and all that contain it, in order of rank."""
        return tuple(each for each in Visibility if self in each.contained)

    def contains(self, other: Visibility) -> bool:
        """Tell whether whoever reads this label reads another."""
        return other in self.contained


_BELOW = {
    "open": (),
    "restricted": ("open",),
    "protected": ("restricted",),
    "intelligence": ("restricted",),
    "sealed": ("protected", "intelligence"),
}


def most_closed(*labels: Visibility) -> Visibility:
    """Return the most open label whose readers read all of these (their join); at least one is given."""
    return (
        min((each for each in Visibility if each.contained.issuperset(labels)), key=lambda each: each.rank)
        if len(labels) > 1
        else labels[0]
    )


def most_open(*labels: Visibility) -> Visibility:
    """Return the most closed label that the readers of every one of these read (their meet); at least one is given."""
    return max(frozenset.intersection(*(each.contained for each in labels)), key=lambda each: each.rank)


class Nature(StrEnum):
    """What kind of statement a record makes (Data Protection Act 2018 s.38: facts apart from assessments)."""

    FACT = "fact"
    ALLEGATION = "allegation"
    ASSESSMENT = "assessment"
    INTELLIGENCE = "intelligence"
    INFERRED = "inferred"


class RiskLevel(StrEnum):
    """A domestic abuse risk level; `not_assessed` is a state of its own and never `standard`."""

    HIGH = "high"
    MEDIUM = "medium"
    STANDARD = "standard"
    NOT_ASSESSED = "not_assessed"

    @cached_property
    def rank(self) -> int:
        """0 when not assessed, 3 when high."""
        return len(RiskLevel) - 1 - list(RiskLevel).index(self)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment or date as precise as its source.

    Attributes:
        value: str, ISO 8601: 'YYYY', 'YYYY-MM', 'YYYY-MM-DD' (local date) or 'YYYY-MM-DDTHH:MM:SSZ' (UTC).
        local: str, as the source wrote it, e.g. '14/09/2014 23:41:08'.
        ambiguous: bool, the wall-clock time happened twice (October) and the first was taken.
    """

    value: str
    local: str
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class WrittenId:
    """An identifier as written.

    Attributes:
        scheme: 'pnc' | 'cro' | 'asn' | 'nominal' | 'vrm' | 'other', what the column is for.
        raw: str, never empty.
    """

    scheme: str
    raw: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as one record writes them.

    Attributes:
        position: int >= 0, unique among all mentions of the record.
        role: their part in this record.
        names: tuple[str, ...], as written, the main one first; aliases, maiden names after it; may be empty.
        dobs: tuple[str, ...], dates of birth as written (aliases may have their own), e.g. '03/07/1989'.
        age: str, as written, e.g. 'ABOUT 35'; '' when none.
        sex: str, as written; '' when none.
        identifiers: PNC, CRO and the like.
        found: field or text.
        visibility: who may see this mention (at least as closed as its record).
        columns: str, the raw columns it came from, e.g. 'SURNAME,FORENAMES'.
        note: str, something to show beside the name, e.g. the relationship 'ex-partner'; '' when none.
    """

    position: int
    role: Role
    names: tuple[str, ...] = ()
    dobs: tuple[str, ...] = ()
    age: str = ""
    sex: str = ""
    identifiers: tuple[WrittenId, ...] = ()
    found: Found = Found.FIELD
    visibility: Visibility = Visibility.OPEN
    columns: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place as one record writes it.

    Attributes:
        position: int >= 0, unique among all mentions of the record.
        role: scene, home, frequented ...
        text: str, as written, without or with a postcode; may be '' when only a postcode is known.
        postcode: str, as written in a column of its own; '' when none.
        holder: int | None, the position of the person whose place it is; None: the record's own.
        found, visibility, columns: as for a person.
    """

    position: int
    role: Role
    text: str
    postcode: str = ""
    holder: int | None = None
    found: Found = Found.FIELD
    visibility: Visibility = Visibility.OPEN
    columns: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number as one record writes it.

    Attributes:
        position: int >= 0, unique among all mentions of the record.
        role: called_from, callback, own ...
        text: str, as written; may hold several numbers ('07700900123/124').
        area: str, a postcode or district that tells the local dialling code of a number without one; '' when none.
        holder: int | None, the position of the person whose number it is; None: the record's own.
        found, visibility, columns: as for a person.
    """

    position: int
    role: Role
    text: str
    area: str = ""
    holder: int | None = None
    found: Found = Found.FIELD
    visibility: Visibility = Visibility.OPEN
    columns: str = ""


@dataclass(frozen=True, slots=True)
class GradeChange:
    """One entry of a grade history.

    Attributes:
        grade: str, the grade set, as the source's mapping names it (a RiskLevel value, or a response grade).
        at: when, if known.
        by: str, who set it; '' when not recorded.
        reason: str, why; '' when not recorded.
    """

    grade: str
    at: Instant | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RiskAssessment:
    """A domestic abuse risk assessment: of a victim, in relation to a suspect.

    Attributes:
        level: the level now in force; the history holds every earlier one.
        instrument: str, 'DASH', 'DASH RIC', 'DARA'; tick counts are only comparable within one.
        at: when the level now in force was set.
        by: str, who set it.
        victim, suspect: int | None, positions of the person mentions.
        answers: tuple[(theme number 1-27, 'yes' | 'no')], only the questions answered.
        ticks: int | None, number of yes answers, as recorded.
        history: oldest first, with the first grade.
    """

    level: RiskLevel
    instrument: str = "DASH"
    at: Instant | None = None
    by: str = ""
    victim: int | None = None
    suspect: int | None = None
    answers: tuple[tuple[int, str], ...] = ()
    ticks: int | None = None
    history: tuple[GradeChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """Bail, a court order or a notice that binds someone between two dates.

    Attributes:
        kind: str, 'bail' | 'dvpn' | 'dvpo' | 'dapo' | 'non_molestation' | 'restraining' | 'occupation' | 'warrant' ...
        start, end: from and to; None when not recorded.
        subject: int | None, position of the person it binds.
        protects: tuple[str, ...], the persons and places protected, as written.
        conditions: tuple[str, ...], one text per condition, lines joined.
        issued_by: str, court or force; '' when not recorded.
    """

    kind: str
    start: Instant | None = None
    end: Instant | None = None
    subject: int | None = None
    protects: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    issued_by: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A warning signal. Shown as word, date and source, never as a bare code (domain.md 2.1).

    Attributes:
        code: str, as written, e.g. 'WE'.
        word: str, its meaning in this source, e.g. 'weapons'; '' when the force's list does not define it.
        marked: when it was set; None when not recorded.
        ends: when it lapses; None when open-ended.
        note: str, free text beside it.
        subject: int | None, position of the person or place it attaches to; None: the record's main person.
    """

    code: str
    word: str = ""
    marked: Instant | None = None
    ends: Instant | None = None
    note: str = ""
    subject: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A number by which this or another record is known.

    Attributes:
        scheme: str, 'log' | 'linked_log' | 'crime' | 'custody' | 'dash' | 'intelligence' | 'marac' ...
        raw: str, as written.
        own: bool, it names this record itself, not another.
    """

    scheme: str
    raw: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value with its list: the same letters mean different things by era (domain.md, Era).

    Attributes:
        codeset: str, e.g. 'opening', 'closing', 'qualifier', 'grade', 'evaluation_source', 'handling', 'da_flag'.
        code: str, as written.
        word: str, its plain meaning by the source's mapping; '' when not defined there.
        era: str, e.g. '5x5x5', '3x5x2'; '' when the list has only one.
    """

    codeset: str
    code: str
    word: str = ""
    era: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of running text, searchable, and read for mentions.

    Attributes:
        text: str, as written.
        at: when it was written, if known.
        by: str, the operator or officer; '' when not recorded.
        read: bool, whether mentions are extracted from it.
    """

    text: str
    at: Instant | None = None
    by: str = ""
    read: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical event of one source, with its mentions.

    Attributes:
        source: str, the source's name.
        key: tuple[str, ...], the raw key columns; with the source name it is the record's id for ever.
        kind: what kind of event.
        at: when it happened or was written down; None when undated.
        summary: str, one line for a list, e.g. 'P1 concern for safety'.
        nature: what kind of statement it makes.
        persons, locations, phones: its mentions.
        assessments, orders, markers, references, codes, grades, texts, notes: what else it says; `notes` are
            (label, text) pairs such as ('codeword', 'MAPLE').
        visibility: who may see the record.
        row: str, where its rows stand in the source, e.g. 'dash_forms.csv:17 dash_people.csv:44,45'.
    """

    source: str
    key: tuple[str, ...]
    kind: RecordKind = RecordKind.OTHER
    at: Instant | None = None
    summary: str = ""
    nature: Nature = Nature.FACT
    persons: tuple[Person, ...] = ()
    locations: tuple[Location, ...] = ()
    phones: tuple[Phone, ...] = ()
    assessments: tuple[RiskAssessment, ...] = ()
    orders: tuple[Order, ...] = ()
    markers: tuple[Marker, ...] = ()
    references: tuple[Reference, ...] = ()
    codes: tuple[Code, ...] = ()
    grades: tuple[GradeChange, ...] = ()
    texts: tuple[Text, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    visibility: Visibility = Visibility.OPEN
    row: str = ""

    @property
    def ref(self) -> str:
        """The raw key columns joined with '/': how people and programs cite the record."""
        return "/".join(self.key)

    @property
    def gravest(self) -> RiskLevel:
        """The gravest level of its assessments; not assessed when it has none."""
        return max(
            (each.level for each in self.assessments), key=lambda level: level.rank, default=RiskLevel.NOT_ASSESSED
        )

    @property
    def words_visibility(self) -> Visibility:
        """Who may see its free words, which may repeat what any of its mentions says: as closed as the most closed."""
        labels = [self.visibility]
        labels += [person.visibility for person in self.persons]
        labels += [place.visibility for place in self.locations]
        labels += [phone.visibility for phone in self.phones]
        return most_closed(*labels)


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not become a record, kept whole.

    Attributes:
        source: str, the source's name.
        row: str, where it stands in the source.
        column: str, the column at fault; '' when the whole row.
        value: str, the value at fault, as read (at most 10,000 characters).
        reason: str, one sentence.
        raw: dict[str, object], the row as read, for whoever mends it.
    """

    source: str
    row: str
    column: str
    value: str
    reason: str
    raw: dict[str, object] = field(default_factory=dict)
