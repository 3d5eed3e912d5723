"""The file that says what each role may read and do, and which records are closed to whom: read and checked whole.

Roles name labels (`Visibility`) and acts. Rules give labels to records as they are read from their sources, before
anything is indexed, and can only close a record further than its mapping does. What is read here is data
(discoverer/data/access.toml, or the file that `access.rules` of the settings names); discoverer/roles.py asks it.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from discoverer.access_masks import Mask
from discoverer.model import RecordKind, Visibility, most_closed
from discoverer.settings import Settings
from discoverer.validation import Field, Phrase, Spec, check, field_validator, model_validator, read_toml

SHIPPED = Path(__file__).parent / "data" / "access.toml"
"""What comes with Discoverer."""


class May(StrEnum):
    """What a role may do; closed list."""

    SEARCH = "search"
    LOOKUP = "lookup"
    SHOW = "show"
    BRIEF = "brief"
    DECIDE = "decide"
    FIGURES = "figures"
    REJECTS = "rejects"
    STATUS = "status"
    SOURCES = "sources"
    BUILDS = "builds"
    PUBLISH = "publish"
    EVALUATE = "evaluate"
    TRAIN = "train"
    AUDIT = "audit"
    USERS = "users"
    METRICS = "metrics"
    REVIEW = "review"


CONTENT = frozenset(
    {May.SEARCH, May.LOOKUP, May.SHOW, May.BRIEF, May.DECIDE, May.FIGURES, May.REJECTS, May.EVALUATE, May.TRAIN}
)
"""The acts that show, or learn from, what records say: nobody does them who reads nothing."""


class Role(Spec):
    """What somebody of one role may read and do.

    Attributes:
        name: str, [a-z][a-z_]*, as accounts name it.
        title: str, as people say it.
        reads: the labels whose records it reads; with each all that it contains, and none is named twice.
        may: what it may do.
        reason: 'auto': the log in hand is the reason where there is one, and nothing is asked for; 'required': nothing
            is shown without a log or a reason; 'optional': one is kept where it is given.
        why: str, why so, in one line.
        glass: the labels it reads besides, for a while, by breaking the glass; none: it cannot.
        glass_minutes: int 1 to 240, after which that ends by itself.
    """

    name: str = Field(pattern=r"^[a-z][a-z_]{0,39}$")
    title: Phrase
    reads: tuple[Visibility, ...]
    may: tuple[May, ...]
    reason: Literal["auto", "required", "optional"]
    why: Phrase
    glass: tuple[Visibility, ...] = ()
    glass_minutes: int = Field(default=15, ge=1, le=240, strict=True)

    @property
    def labels(self) -> frozenset[Visibility]:
        """The labels that it reads."""
        return frozenset(self.reads)

    @property
    def behind_glass(self) -> frozenset[Visibility]:
        """The labels that it reads once it has broken the glass."""
        return frozenset((*self.reads, *self.glass))

    def labels_with(self, glass: int) -> frozenset[Visibility]:
        """Return the labels that a viewer of this role reads, with the glass they have broken or 0."""
        return self.behind_glass if glass else self.labels

    @field_validator("reads")
    @classmethod
    def _reads_whole(cls, value: tuple[Visibility, ...]) -> tuple[Visibility, ...]:
        """Refuse labels that no one label stands for: what lies below is read too, and so is what two make together."""
        _refuse_twice(value)
        if value and set(value) != (whole := most_closed(*value)).contained:
            wanted = ", ".join(each.value for each in Visibility if each in whole.contained)
            raise ValueError(
                f"whoever reads {' and '.join(each.value for each in value)} reads {wanted}; name all of them, or fewer"
            )
        return value

    @model_validator(mode="after")
    def _glass_is_whole(self) -> Role:
        if not self.glass:
            return self
        if not self.reads:
            raise ValueError(f"{self.name} reads nothing, so there is no glass for it to break; take glass out")
        if twice := sorted(each.value for each in self.glass if each in self.reads):
            raise ValueError(f"{self.name} reads {', '.join(twice)} without breaking anything; take it out of glass")
        self._reads_whole((*self.reads, *self.glass))
        return self

    @field_validator("may")
    @classmethod
    def _named_once(cls, value: tuple[May, ...]) -> tuple[May, ...]:
        _refuse_twice(value)
        return value

    @model_validator(mode="after")
    def _reads_what_it_shows(self) -> Role:
        shown = [each.value for each in self.may if each in CONTENT]
        if shown and not self.reads:
            raise ValueError(
                f"{self.name} reads nothing, so it may not {', '.join(shown)}; take them out, or let it read"
            )
        return self


class When(Spec):
    """Which records a rule is about: those of which everything given here is so; at least one thing is.

    Attributes:
        source: str, the source's name.
        kind: the kind of event.
        handling: str, a handling code or its word, as the record holds it.
        sensitivity: str, a sensitivity code or its word.
        marking: str, a security marking.
        listed: str, a list of people of the force's own (settings `access.people`): the record names one of them.
    """

    source: Phrase | None = None
    kind: RecordKind | None = None
    handling: Phrase | None = None
    sensitivity: Phrase | None = None
    marking: Phrase | None = None
    listed: Phrase | None = None

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if not self.model_fields_set:
            raise ValueError(
                "a rule must say which records it is about; give at least one of: " + ", ".join(CONDITIONS)
            )
        return self

    @property
    def is_whole_source(self) -> bool:
        """Tell whether it is about everything of a source."""
        return self.source is not None and self.model_fields_set == {"source"}

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """(codeset, code or word) of each code that a record must hold."""
        named = (("handling", self.handling), ("sensitivity", self.sensitivity), ("marking", self.marking))
        return tuple((codeset, code) for codeset, code in named if code is not None)


CONDITIONS = tuple(When.model_fields)


class Rule(Spec):
    """Records that fewer may see than their mapping says.

    Attributes:
        id: str, what `access explain` calls it.
        when: which records.
        label: what they are closed to at least.
        why: str, in one line.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    when: When
    label: Visibility
    why: Phrase

    @field_validator("label")
    @classmethod
    def _closes(cls, value: Visibility) -> Visibility:
        if value is Visibility.OPEN:
            raise ValueError("a rule only closes records further, so 'open' would do nothing; name another label")
        return value

    @property
    def said(self) -> str:
        """The rule as a build keeps it: what it is about and its label, whatever it is called."""
        given = self.when.model_dump(mode="json", exclude_none=True)
        about = " ".join(f"{name}={value!r}" for name, value in sorted(given.items()))
        return f"{about} -> {self.label.value}"


class Stub(Spec):
    """That a record is there which some roles do not read is told to them, in one sentence, and nothing else of it.

    Attributes:
        id: str, what `access roles` calls it.
        roles: the roles that it is for, by name.
        labels: of the records it is about, for those of the roles that do not read them.
        when: which of these; None: every one.
        words: str, what is said: 'contact the duty inspector before officers arrive'.
        why: str, in one line.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    roles: tuple[str, ...] = Field(min_length=1)
    labels: tuple[Visibility, ...] = Field(min_length=1)
    when: When | None = None
    words: Phrase
    why: Phrase

    @field_validator("when")
    @classmethod
    def _asks_no_list(cls, value: When | None) -> When | None:
        """Refuse what only the builder could tell, who alone reads the lists."""
        if value is not None and value.listed is not None:
            raise ValueError("a stub cannot ask for a list; let a rule close what names its people, and name its label")
        return value


class AccessRules(Spec):
    """One version of who may read and do what.

    Attributes:
        id, version: str, its name, 'control-room' and '1'.
        role: every role.
        rule: every rule, the order says nothing.
        mask: every mask: what some roles are not shown of the records they read.
        stub: every stub: which records it is told of that they are there.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,59}$")
    role: tuple[Role, ...] = Field(min_length=1)
    rule: tuple[Rule, ...] = ()
    mask: tuple[Mask, ...] = ()
    stub: tuple[Stub, ...] = ()

    @property
    def name(self) -> str:
        """Its id and version: 'control-room@1'."""
        return f"{self.id}@{self.version}"

    @field_validator("role")
    @classmethod
    def _roles_once(cls, value: tuple[Role, ...]) -> tuple[Role, ...]:
        _refuse_twice([each.name for each in value])
        if any(each.name == OPERATOR.name for each in value):
            raise ValueError(f"'{OPERATOR.name}' is whoever runs commands on the machine; give the role another name")
        return value

    @field_validator("rule")
    @classmethod
    def _rules_once(cls, value: tuple[Rule, ...]) -> tuple[Rule, ...]:
        _refuse_twice([each.id for each in value])
        return value

    @model_validator(mode="after")
    def _are_for_roles(self) -> AccessRules:
        _refuse_twice([each.id for each in self.mask])
        _refuse_twice([each.id for each in self.stub])
        names = {each.name for each in self.role}
        for what, found in (("mask", self.mask), ("stub", self.stub)):
            if unknown := sorted({role for each in found for role in each.roles} - names):
                raise ValueError(
                    f"a {what} is for {', '.join(unknown)}, and there is no such role; name roles of this file"
                )
        return self

    def masks_for(self, role: str) -> tuple[Mask, ...]:
        """Return the masks on what a role reads."""
        return tuple(each for each in self.mask if role in each.roles)

    def role_named(self, name: str) -> Role | None:
        """Return a role; None when there is none of that name."""
        return next((each for each in self.role if each.name == name), None)

    def closed_to(self, source: str) -> Visibility:
        """Return the label that everything of a source has at least; open where no rule closes it as a whole."""
        whole = [each.label for each in self.rule if each.when.is_whole_source and each.when.source == source]
        return most_closed(Visibility.OPEN, *whole)


def _refuse_twice(names: tuple[str, ...] | list[str]) -> None:
    """Refuse what stands twice in a list. Raises ValueError."""
    twice = sorted({str(name) for name, count in Counter(names).items() if count > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands twice; name each once")


OPERATOR = Role(
    name="operator",
    title="Operator at the machine",
    reads=(),
    may=(May.STATUS, May.SOURCES, May.BUILDS, May.PUBLISH, May.USERS),
    reason="optional",
    why="Keeps the service running on a bad morning, by the commands of its own machine: builds and rules, no content.",
)
"""Whoever runs a command on the machine itself, where people have accounts. It is in no file, and no account has it."""


def read_access(path: Path | None = None) -> AccessRules:
    """Read and check roles and rules.

    Args:
        path: a force's own file; None: the one that comes with Discoverer.

    Raises:
        ConfigError: it is not there, or has mistakes; with every mistake at once.
    """
    return _shipped() if path is None else check(AccessRules, read_toml(path), str(path))


@cache
def _shipped() -> AccessRules:
    """Read what comes with Discoverer, once."""
    return check(AccessRules, read_toml(SHIPPED), str(SHIPPED))


def rules_in_force(settings: Settings) -> AccessRules:
    """Return the roles and rules of the settings; where they switch access control on by nothing, no record is closed.

    Without an `[access]` section there is one viewer on one machine, and records are as open as their mappings say.

    Raises:
        ConfigError: the file has mistakes; all of them are said.
    """
    found = read_access(settings.access.rules)
    return found if settings.access.is_on else found.model_copy(update={"rule": ()})
