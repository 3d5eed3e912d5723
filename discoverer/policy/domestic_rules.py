"""How domestic abuse is recognised, as data: the shape of data/domestic.toml, checked."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from discoverer.errors import ConfigError
from discoverer.model import RecordKind, Role
from discoverer.normalise.text import fold
from discoverer.validation import Field, Phrase, Spec, check, model_validator, read_toml

FOLDER = Path(__file__).parent / "data"
FLAG = "flag"  # the id of the rule that reads a source's own flag

Reads = Literal["kind", "assessment", "reference", "code", "relationship", "order", "note", "summary", "text"]
# What a rule must say, by what it reads: one of these lists at least.
_NEEDS: dict[str, tuple[str, ...]] = {
    "kind": ("kinds",),
    "assessment": (),
    "reference": ("schemes",),
    "code": ("codes", "words"),
    "relationship": ("classes", "words"),
    "order": ("kinds",),
    "note": ("labels",),
    "summary": ("words",),
    "text": ("words",),
}
_ALSO: dict[str, tuple[str, ...]] = {"code": ("codesets",), "relationship": ("roles",), "note": ("words",)}


class Rule(Spec):
    """One way in which a record shows that it is about domestic abuse.

    Attributes:
        id: str, names the rule in every sign it gives and in the policies that count it.
        reads: which part of a record it looks at.
        kinds: kinds of record, or of order.
        schemes: of references to another record.
        codesets, codes: lists of codes, and the codes in them.
        words: meanings of codes, words of a note, phrases of a text; compared folded, whole words only.
        beside: phrases of which one must stand in the same text; () when the words alone are enough.
        unless: phrases that are taken out of a text before it is read.
        classes: relationship classes (domain guide 2.10).
        roles: whose note is read for a relationship.
        labels: of notes.
        suggested: bool, what it finds is a suggestion for a person to check, never a certainty.
        only_while_open: bool, once closing codes stand, what it finds only suggests.
        reason: str, why it is a rule.
    """

    id: str = Field(min_length=1)
    reads: Reads
    kinds: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    codesets: tuple[str, ...] = ()
    codes: tuple[Phrase, ...] = ()
    words: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    labels: tuple[Phrase, ...] = ()
    suggested: bool = False
    only_while_open: bool = False
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _says_what_it_reads(self) -> Rule:
        needed = _NEEDS[self.reads]
        if needed and not any(getattr(self, name) for name in needed):
            raise ValueError(f"rule '{self.id}' reads '{self.reads}', so it needs {' or '.join(needed)}")
        for name in _ALSO.get(self.reads, ()):
            if not getattr(self, name):
                raise ValueError(f"rule '{self.id}' reads '{self.reads}', so it needs {name}")
        if self.reads == "kind" and (unknown := set(self.kinds) - {kind.value for kind in RecordKind}):
            raise ValueError(f"rule '{self.id}' names kinds of record there are not: {', '.join(sorted(unknown))}")
        blank = [word for word in (*self.words, *self.beside, *self.unless) if not fold(word)]
        if blank:
            raise ValueError(f"rule '{self.id}' holds a phrase without a letter: '{blank[0]}'")
        return self


class Relationship(Spec):
    """Relationships as written, and the class they count in.

    Attributes:
        group: intimate_current | intimate_ex | family.
        words: as written, compared folded.
        reason: str, why they stand there.
    """

    group: Literal["intimate_current", "intimate_ex", "family"]
    words: tuple[Phrase, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)


class Closure(Spec):
    """How a closed log says that it was no domestic, or nothing at all.

    Attributes:
        labels: notes that are read.
        words: phrases; compared folded, whole words only.
        reason: str.
    """

    labels: tuple[Phrase, ...] = Field(min_length=1)
    words: tuple[Phrase, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)


class DomesticRules(Spec):
    """One version of the rules by which domestic abuse is recognised.

    Attributes:
        version: str, by which a policy names it.
        about: str, where the rules come from.
        rule: the rules, in the order their signs are given.
        relationship: relationships as written and their class.
        cancelled: closures as 'not a domestic' and the like.
    """

    version: str = Field(min_length=1)
    about: str
    rule: tuple[Rule, ...] = Field(min_length=1)
    relationship: tuple[Relationship, ...] = Field(min_length=1)
    cancelled: Closure

    @model_validator(mode="after")
    def _each_once(self) -> DomesticRules:
        ids = [rule.id for rule in self.rule]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"rule {', '.join(twice)} stands twice; give each rule a name of its own")
        return self

    @cached_property
    def classes(self) -> dict[str, str]:
        """Each relationship as written, folded, with its class."""
        return {fold(word): entry.group for entry in self.relationship for word in entry.words}

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of its rules."""
        return tuple(rule.id for rule in self.rule)


@cache
def read_domestic(path: Path) -> DomesticRules:
    """Read one file of rules.

    Raises:
        ConfigError: with every mistake at once.
    """
    return check(DomesticRules, read_toml(path), path.name)


def domestic_version(version: str, folder: Path | None = None) -> DomesticRules:
    """Return the rules of this version: from a file 'domestic*.toml' of `folder`, else from those shipped.

    Raises:
        ConfigError: there is no such version, or a file has mistakes.
    """
    known = []
    for place in (folder, FOLDER):
        for path in sorted(place.glob("domestic*.toml")) if place else ():
            rules = read_domestic(path)
            if rules.version == version:
                return rules
            known.append(rules.version)
    held = ", ".join(sorted(set(known)))
    problem = f"'domestic' names version '{version}' of the rules of recognition; those held are {held}."
    raise ConfigError("the policy", [problem])
