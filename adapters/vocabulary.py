"""The closed vocabulary of a mapping file: what an analyst can say, and nothing else (see docs/mapping.md).

No word of it computes: a mapping names columns, joins them, looks codes up and says what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from adapters.expressions import UP, Expression, Moment, Several, When
from discoverer.model import Nature, RecordKind, Role
from discoverer.validation import Field, Spec, field_validator, model_validator

# Parts of a mapping that describe the file and not what its rows say.
FRAME = ("source", "children", "header", "trailer", "changes")

# Which roles a place and a number can have; the others are those of people.
PLACE_ROLES = (Role.SCENE, Role.HOME, Role.FREQUENTED)
NUMBER_ROLES = (Role.CALLED_FROM, Role.CALLBACK, Role.OWN)
PERSON_ROLES = tuple(role for role in Role if role not in (*PLACE_ROLES, *NUMBER_ROLES))


def _a_persons(value: object) -> object:
    """Refuse what is no role of a person; the message names those that are."""
    if value not in PERSON_ROLES:
        raise ValueError(f"'{value}' is no role of a person; valid names: {', '.join(sorted(PERSON_ROLES))}")
    return value


class Section(Spec):
    """What every section shares: the child rows it applies to ('' = the row itself) and a condition."""

    each: str = ""
    when: When | None = None


class RecordSpec(Spec):
    """[record]: when, in one line, who may see it (the most closed of several), and where its area code comes from."""

    at: Moment | None = None
    summary: Expression | None = None
    visibility: Several | None = None
    area: Expression | None = None


class AliasSpec(Section):
    """Other names of a person, in child rows."""

    name: Several
    dob: Several | None = None


class PersonSpec(Section):
    """[[person]]: one person for each row it applies to."""

    role: Expression | None = None
    name: Several | None = None
    alias: Several | None = None
    aliases: AliasSpec | None = None
    dob: Several | None = None
    age: Expression | None = None
    sex: Expression | None = None
    pnc: Several | None = None
    cro: Several | None = None
    asn: Several | None = None
    nominal: Several | None = None
    vrm: Several | None = None
    id: Several | None = None
    phone: Several | None = None
    address: Several | None = None
    postcode: Expression | None = None
    note: Expression | None = None
    visibility: Several | None = None
    contact_visibility: Several | None = None


class FieldsSpec(Spec):
    """[fields]: the flat form, one person a row."""

    name: Several | None = None
    dob: Several | None = None
    address: Several | None = None
    postcode: Expression | None = None
    phone: Several | None = None
    role: Expression | None = None
    sex: Expression | None = None
    age: Expression | None = None
    pnc: Several | None = None
    cro: Several | None = None
    asn: Several | None = None
    id: Several | None = None
    at: Moment | None = None
    text: Several | None = None


class LocationSpec(Section):
    """[[location]]: a place of the record, or of the first person with the role `holder`."""

    role: Expression | None = None
    text: Several | None = None
    postcode: Expression | None = None
    holder: Role | None = None
    visibility: Several | None = None

    _people = field_validator("holder", mode="before")(_a_persons)


class PhoneSpec(Section):
    """[[phone]]: a number of the record, or of the first person with the role `holder`."""

    role: Expression | None = None
    text: Several
    area: Expression | None = None
    holder: Role | None = None
    visibility: Several | None = None

    _people = field_validator("holder", mode="before")(_a_persons)


class GradeSpec(Section):
    """[[grade]] and an assessment's history: one change of grade for each row."""

    grade: Expression
    at: Moment | None = None
    by: Expression | None = None
    reason: Expression | None = None


class AnswersSpec(Spec):
    """Numbered yes/no columns: prefix 'Q', digits 2, count 27 is Q01 to Q27; a blank is not answered."""

    prefix: str
    digits: int = Field(default=2, ge=1, le=4)
    count: int = Field(default=27, ge=1, le=200)
    yes: tuple[str, ...] = ("Y",)
    no: tuple[str, ...] = ("N",)

    def columns(self) -> Iterator[str]:
        """Yield the columns in the order of their numbers."""
        for number in range(1, self.count + 1):
            yield f"{self.prefix}{number:0{self.digits}d}"


class AssessmentSpec(Section):
    """[[assessment]]: of the first person with the role `victim`, in relation to the first with `suspect`."""

    level: Expression
    instrument: Expression | None = None
    at: Moment | None = None
    by: Expression | None = None
    victim: Role = Role.VICTIM
    suspect: Role = Role.SUSPECT
    answers: AnswersSpec | None = None
    ticks: Expression | None = None
    history: tuple[GradeSpec, ...] = ()

    _people = field_validator("victim", "suspect", mode="before")(_a_persons)


class ConditionsSpec(Section):
    """An order's conditions in child rows: rows of one `group` are the lines of one condition."""

    text: Expression
    group: Expression | None = None
    sep: str = " "


class OrderSpec(Section):
    """[[order]]: bail, an order or a notice that binds `subject` and protects the people with the role `protects`."""

    kind: Expression
    start: Moment | None = None
    end: Moment | None = None
    subject: Role | None = None
    protects: Role | None = None
    conditions: ConditionsSpec | None = None
    issued_by: Expression | None = None

    _people = field_validator("subject", "protects", mode="before")(_a_persons)


class MarkerSpec(Section):
    """[[marker]]: a warning signal."""

    code: Expression
    word: Expression | None = None
    marked: Moment | None = None
    ends: Moment | None = None
    note: Expression | None = None
    subject: Role | None = None

    _people = field_validator("subject", mode="before")(_a_persons)


class ReferenceSpec(Section):
    """[[reference]]: a number this (`own`) or another record is known by."""

    scheme: str
    text: Several
    own: bool = False


class CodeSpec(Section):
    """[[code]]: a coded value with the list and the era it belongs to."""

    codeset: str
    code: Expression
    word: Expression | None = None
    era: Expression | None = None


class TextSpec(Section):
    """[[text]]: running text; `clock` is a time of day that goes on from the instant `follows`."""

    text: Several
    at: Moment | None = None
    clock: Expression | None = None
    follows: Moment | None = None
    by: Expression | None = None
    read: bool = True

    @model_validator(mode="after")
    def _clock_follows(self) -> TextSpec:
        """Refuse half of a running clock."""
        if (self.clock is None) != (self.follows is None) or (self.clock and self.at):
            raise ValueError("'clock' and 'follows' stand together, and without 'at'")
        if self.follows and any(not name.startswith(UP) for name in self.follows.columns()):
            raise ValueError(f"'follows' is a column of the parent row; write it with '{UP}' before it")
        return self


class NoteSpec(Section):
    """[[note]]: a labelled piece of information to show."""

    label: str
    text: Several


class RejectSpec(Spec):
    """[[reject]]: rows that must not become records; keep = false also keeps their content out of the rejects."""

    when: When
    reason: str
    keep: bool = True


class IgnoreSpec(Spec):
    """[ignore]: columns decided against by name."""

    columns: tuple[str, ...] = ()


class ChecksSpec(Spec):
    """[checks]: what the source must look like to be believed."""

    min_rows: int = Field(default=1, ge=0)
    max_rejects: float = Field(default=0.01, ge=0, le=1)
    fill: Mapping[str, float] = Field(default_factory=dict)


class ChildSpec(Spec):
    """What every [children.<name>] shares.

    Attributes:
        ignore: its columns decided against by name.
        optional: its columns that some extracts do not hold at all.
    """

    ignore: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class SourceSpec(Spec):
    """What every [source] shares.

    Attributes:
        name: permanent; part of every record's id.
        kind: the reader.
        path: where it lies, relative to the mapping file.
        key: the raw columns that name a record.
        record, nature: what kind of event it is and what kind of statement it makes.
        optional: columns that some extracts do not hold at all.
    """

    name: str
    kind: str
    path: str = Field(min_length=1)
    key: tuple[str, ...] = Field(min_length=1)
    record: RecordKind = RecordKind.OTHER
    nature: Nature = Nature.FACT
    optional: tuple[str, ...] = ()

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        """Refuse a name that could not be part of a record id for ever."""
        if not re.fullmatch(r"[a-z][a-z0-9_]*", value, re.ASCII):
            raise ValueError(f"write '{value}' in small letters, digits and underlines, a letter first")
        return value


class MappingSpec(Spec):
    """A whole mapping file; each reader adds the options of its own format."""

    source: SourceSpec
    children: Mapping[str, ChildSpec] = Field(default_factory=dict)
    record: RecordSpec = RecordSpec()
    fields: FieldsSpec | None = None
    person: tuple[PersonSpec, ...] = ()
    location: tuple[LocationSpec, ...] = ()
    phone: tuple[PhoneSpec, ...] = ()
    assessment: tuple[AssessmentSpec, ...] = ()
    order: tuple[OrderSpec, ...] = ()
    marker: tuple[MarkerSpec, ...] = ()
    reference: tuple[ReferenceSpec, ...] = ()
    code: tuple[CodeSpec, ...] = ()
    grade: tuple[GradeSpec, ...] = ()
    text: tuple[TextSpec, ...] = ()
    note: tuple[NoteSpec, ...] = ()
    reject: tuple[RejectSpec, ...] = ()
    ignore: IgnoreSpec = IgnoreSpec()
    null: Mapping[str, str] = Field(default_factory=dict)
    lists: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    checks: ChecksSpec = ChecksSpec()


def columns_used(spec: Spec, each: str = "") -> Iterator[tuple[str, str]]:
    """Yield (child name or '' for the row itself, column) for every column a part of a mapping looks at."""
    scope = spec.each if isinstance(spec, Section) and spec.each else each
    if isinstance(spec, Expression | When | AnswersSpec):
        for name in spec.columns():
            yield ("", name.removeprefix(UP)) if name.startswith(UP) else (scope, name)
        return
    skipped = FRAME if isinstance(spec, MappingSpec) else ()
    for name in type(spec).model_fields:
        value = getattr(spec, name) if name not in skipped else None
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Spec):
                yield from columns_used(part, scope)
