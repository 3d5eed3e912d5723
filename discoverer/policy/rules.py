"""The policy in force: read from files, checked, every version kept so that old answers can be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from discoverer.errors import ConfigError, NotFound
from discoverer.model import Role
from discoverer.policy.clauses import (
    PERSON_ROLES,
    PHONE_ROLES,
    PLACE_ROLES,
    CodeEnhanced,
    Edges,
    MaracRepeat,
    Repeat,
    VulnerableVictim,
)
from discoverer.policy.domestic_rules import DomesticRules, domestic_version
from discoverer.policy.windows import OccurrenceRules
from discoverer.validation import Field, Phrase, Spec, check, model_validator, read_toml

SHIPPED = Path(__file__).parent / "data" / "policy.toml"
_ROLES = {"repeat_location": PLACE_ROLES, "repeat_phone": PHONE_ROLES, "repeat_number": PHONE_ROLES}


class Terms(Spec):
    """One version of a policy, as its owner signed it.

    Attributes:
        id: str, the policy's name, the same in every version.
        version: str, names this version.
        title: str, in words.
        owner: str, who signed it.
        effective_from: date, its first day.
        effective_to: date | None, its last day; None until another takes over.
        domestic: str, version of the rules by which domestic abuse is recognised.
        da_event_if: rules of which one is enough for a domestic abuse event; what only suggests never is.
        occurrence: which records tell of one event.
        edges: what the edge cases count as.
        repeat_victim, repeat_pair, repeat_location, repeat_phone, repeat_number, escalation, marac_repeat,
            vulnerable_victim, code_enhanced: the clauses; one left out gives no badge, but repeat_victim must stand.
    """

    id: str = Field(min_length=1, pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")
    title: Phrase
    owner: Phrase
    effective_from: date
    effective_to: date | None = None
    domestic: str
    da_event_if: tuple[str, ...] = Field(min_length=1)
    occurrence: OccurrenceRules
    edges: Edges
    repeat_victim: Repeat
    repeat_pair: Repeat | None = None
    repeat_location: Repeat | None = None
    repeat_phone: Repeat | None = None
    repeat_number: Repeat | None = None
    escalation: Repeat | None = None
    marac_repeat: MaracRepeat | None = None
    vulnerable_victim: VulnerableVictim | None = None
    code_enhanced: CodeEnhanced | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Terms:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            days = f"ends {self.effective_to}, before it begins on {self.effective_from}"
            raise ValueError(f"version {self.version} {days}; mend the days")
        return self


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that can be asked: one version, with its rules of recognition.

    Attributes:
        terms: what its owner signed.
        domestic: how domestic abuse is recognised.
    """

    terms: Terms
    domestic: DomesticRules

    @property
    def name(self) -> str:
        """How every answer cites it: 'id@version'."""
        return f"{self.terms.id}@{self.terms.version}"


class Policies:
    """Every version of a policy.

    Attributes:
        versions: tuple[Policy, ...], the earliest first.
        where: str, the file or folder, for messages.
    """

    def __init__(self, versions: Iterable[Policy], where: str) -> None:
        self.versions = tuple(sorted(versions, key=lambda each: (each.terms.effective_from, each.terms.version)))
        self.where = where

    def policy_at(self, day: date) -> Policy:
        """Return the version in force on a local day.

        Raises:
            NotFound: none was.
        """
        for policy in self.versions:
            terms = policy.terms
            if terms.effective_from <= day and (terms.effective_to is None or day <= terms.effective_to):
                return policy
        raise NotFound(f"No policy was in force on {day:%d/%m/%Y}; {self._listed()}. Ask for a version by name.")

    def version(self, name: str) -> Policy:
        """Return a version by its name, whatever day it is: '3', or 'wmp-da-repeat-vulnerable@3'.

        Raises:
            NotFound: there is none.
        """
        for policy in self.versions:
            if name in (policy.terms.version, policy.name):
                return policy
        raise NotFound(f"There is no policy version '{name}'; {self._listed()}.")

    def _listed(self) -> str:
        """List the versions for a message."""
        each = (f"{policy.name} from {policy.terms.effective_from:%d/%m/%Y}" for policy in self.versions)
        return f"{self.where} holds {', '.join(each)}"


def read_policies(place: Path = SHIPPED) -> Policies:
    """Read every version in a file, or in the files of a folder.

    Args:
        place: a TOML file with one or more [[policy]] tables, or a folder of such files; files named 'domestic*.toml'
            beside them hold rules of recognition.

    Raises:
        ConfigError: with every mistake of every file at once.
    """
    problems: list[str] = []
    policies: list[Policy] = []
    folder = place if place.is_dir() else place.parent
    for path in _files(place):
        prefix = f"{path.name}: " if place.is_dir() else ""
        found, faults = _read_file(path, folder)
        policies += found
        problems += [f"{prefix}{fault}" for fault in faults]
    problems += _overlaps([policy.terms for policy in policies])
    if problems:
        raise ConfigError(str(place), problems)
    return Policies(policies, place.name)


def _files(place: Path) -> Sequence[Path]:
    """Return the policy files of a place."""
    if not place.is_dir():
        return (place,)
    files = sorted(path for path in place.glob("*.toml") if not path.name.startswith("domestic"))
    if not files:
        raise ConfigError(str(place), ["there is no policy file (*.toml) in it; write one, or name a file."])
    return files


def _read_file(path: Path, folder: Path) -> tuple[list[Policy], list[str]]:
    """Read the versions of one file, and every mistake in it."""
    try:
        data = read_toml(path)
    except ConfigError as error:
        return [], list(error.problems)
    tables = data.get("policy")
    extra = sorted(set(data) - {"policy"})
    problems = [f"'{name}' is not a known name; versions stand in [[policy]] tables." for name in extra]
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        return [], [*problems, "'policy' is missing; write each version as a [[policy]] table."]
    policies = []
    for number, table in enumerate(tables, 1):
        found, faults = _read_version(table, folder)
        named = f"version {table['version']}" if isinstance(table.get("version"), str) else f"policy {number}"
        problems += [f"{named}: {fault}" for fault in faults]
        policies += [found] if found else []
    return policies, problems


def _read_version(table: dict[str, Any], folder: Path) -> tuple[Policy | None, list[str]]:
    """Read one version, and every mistake in it."""
    try:
        terms = check(Terms, table, "the policy")
    except ConfigError as error:
        return None, list(error.problems)
    try:
        domestic = domestic_version(terms.domestic, folder)
    except ConfigError as error:
        return None, list(error.problems)
    problems = [
        f"'da_event_if' names rule '{name}', and the rules are {', '.join(domestic.ids)}."
        for name in terms.da_event_if
        if name not in domestic.ids
    ]
    problems += _wrong_roles(terms)
    return (None if problems else Policy(terms, domestic)), problems


def _wrong_roles(terms: Terms) -> list[str]:
    """Return a sentence for every role that a clause's subject cannot have."""
    problems = []
    for name in Terms.model_fields:
        roles: tuple[Role, ...] = getattr(getattr(terms, name), "roles", ())
        allowed = _ROLES.get(name, PERSON_ROLES)
        wrong = [role.value for role in roles if role not in allowed]
        if wrong:
            valid = ", ".join(sorted(role.value for role in allowed))
            problems.append(f"'{name}.roles' holds {', '.join(wrong)}, which it cannot count; valid roles: {valid}.")
    return problems


def _overlaps(all_terms: Sequence[Terms]) -> list[str]:
    """Return a sentence for each two versions in force on one day, each version that stands twice, each second id."""
    problems = []
    if len(ids := sorted({terms.id for terms in all_terms})) > 1:
        problems.append(
            f"the versions are of {len(ids)} policies ({', '.join(ids)}); keep one policy to a file or folder."
        )
    by_name: dict[str, list[Terms]] = defaultdict(list)
    for terms in all_terms:
        by_name[terms.version].append(terms)
    problems += [
        f"version {name} stands {len(same)} times; give each its own." for name, same in by_name.items() if same[1:]
    ]
    ordered = sorted(all_terms, key=lambda terms: (terms.effective_from, terms.version))
    for earlier, later in combinations(ordered, 2):  # one version may lie within another, and the next too
        if earlier.effective_to is None or earlier.effective_to >= later.effective_from:
            ends = f"ends {earlier.effective_to}" if earlier.effective_to else "has no end"
            begins = f"version {later.version} begins {later.effective_from}"
            problems.append(
                f"version {earlier.version} {ends} and {begins}, so both are in force at once; end the first earlier."
            )
    return problems
