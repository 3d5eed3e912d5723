"""Giving records the labels that rules say, as they come from their sources: the one place where rules close anything.

A rule raises the label of a record and of everything it mentions, and never lowers one: what a mapping has closed stays
so. Retrieval then obeys the labels, before anything is ranked or counted (index/reader.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from discoverer.access_rules import Rule, When, rules_in_force
from discoverer.errors import ConfigError
from discoverer.listed import NOBODY, Listed, read_listed
from discoverer.model import Record, Visibility, most_closed
from discoverer.settings import Settings

_ARROW = " -> "


@dataclass(frozen=True, slots=True)
class Labelling:
    """Rules as they are given to records.

    Attributes:
        rules: those in force.
        people: whom the force lists, by name of the list.
    """

    rules: tuple[Rule, ...] = ()
    people: Listed = NOBODY

    def rules_for(self, record: Record) -> Iterator[Rule]:
        """Yield the rules that are about a record, in the order of the file."""
        named = self.people.naming(record) if self.asks_for_people else frozenset[str]()
        return (each for each in self.rules if is_about(each.when, record) and each.when.listed in (None, *named))

    @property
    def asks_for_people(self) -> bool:
        """Whether any rule is about people whom the force lists."""
        return any(each.when.listed for each in self.rules)

    def closed(self, record: Record) -> Record:
        """Return a record with everything in it at least as closed as the rules say."""
        labels = [each.label for each in self.rules_for(record)]
        if not labels:
            return record
        return replace(
            record,
            visibility=most_closed(record.visibility, *labels),
            persons=tuple(replace(each, visibility=most_closed(each.visibility, *labels)) for each in record.persons),
            locations=tuple(
                replace(each, visibility=most_closed(each.visibility, *labels)) for each in record.locations
            ),
            phones=tuple(replace(each, visibility=most_closed(each.visibility, *labels)) for each in record.phones),
        )

    def said_of(self, source: str) -> tuple[str, ...]:
        """Return, as a build keeps them, the rules that may be about records of a source, each once and in order."""
        mine = (each for each in self.rules if each.when.source in (None, source))
        return tuple(sorted({each.said for each in mine}))

    def missing_from(self, source: str, said: Iterable[str]) -> frozenset[Visibility]:
        """Return the labels that records of a source may lack, which were labelled by other rules.

        Args:
            source: its name.
            said: what those were, as `said_of` gave them.
        """
        given: dict[str, list[Visibility]] = {}
        for each in said:
            about, _, label = each.rpartition(_ARROW)
            given.setdefault(about, []).append(Visibility(label))
        found = set()
        for rule in self.rules:
            about, _, _ = rule.said.rpartition(_ARROW)
            closed = most_closed(Visibility.OPEN, *given.get(about, ()))
            if rule.when.source in (None, source) and not closed.contains(rule.label):
                found.add(rule.label)
        return frozenset(found)


def labelling_of(settings: Settings) -> Labelling:
    """Return the rules that the settings put in force, with the lists of people that they ask for.

    Raises:
        ConfigError: one of their files has mistakes, or a rule asks for a list that there is not.
    """
    rules, people = rules_in_force(settings).rule, read_listed(settings.access.people)
    for rule in rules:
        if rule.when.listed is not None and rule.when.listed not in people.lists:
            there = ", ".join(sorted(people.lists)) or "none: the settings name no file of them (people under [access])"
            problem = f"rule {rule.id} asks for the list '{rule.when.listed}'; the lists are {there}."
            raise ConfigError(str(settings.access.rules or "access rules"), [problem])
    return Labelling(rules, people)


def rules_alone(settings: Settings) -> Labelling:
    """Return the rules without the lists, for whoever closes nothing: only the builder reads who is on them."""
    return Labelling(rules_in_force(settings).rule)


def is_about(when: When | None, record: Record) -> bool:
    """Tell whether all that is named is so of a record, but for a list; None names nothing, and is about every one."""
    if when is None:
        return True
    if when.source not in (None, record.source) or when.kind not in (None, record.kind):
        return False
    return all(_fits(codeset, code, record) for codeset, code in when.codes)


def _fits(codeset: str, wanted: str, record: Record) -> bool:
    """Tell whether a record holds a code of a list, by the code or by its word, in whatever letters."""
    mine = (each for each in record.codes if each.codeset == codeset)
    return any(wanted.casefold() in (each.code.strip().casefold(), each.word.strip().casefold()) for each in mine)
