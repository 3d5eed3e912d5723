"""Records told as things that happened: a log, its DASH, the arrest and the second caller are one occurrence.

Two records are joined only by what they say themselves (a shared crime number, one naming the other's own number, a
linked log, the same door within the hour) and only within the windows of the policy. What joined them is said. The
result does not depend on the order in which the records are given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from discoverer.held import Held
from discoverer.policy.domestic import Sign, signs
from discoverer.policy.joins import close_logs, joins
from discoverer.policy.rules import Policy
from discoverer.policy.traces import Trace, placed, unplaced
from discoverer.policy.windows import OccurrenceRules


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened, told by one or more records.

    Attributes:
        at: str, ISO, when its main record says it happened, else the earliest that says; '' undated.
        held: its records, the main one (the earliest log) first.
        signs: why it is taken for domestic abuse, over all its records; () when nothing says so.
        joined_by: what shows that its records tell of one thing, in words; () for a single record.
    """

    at: str
    held: tuple[Held, ...]
    signs: tuple[Sign, ...]
    joined_by: tuple[str, ...]


class Group(NamedTuple):
    """Records that tell of one thing.

    Attributes:
        members: the main one first.
        joined_by: what joined them, in words.
    """

    members: tuple[Trace, ...]
    joined_by: tuple[str, ...]

    @property
    def at(self) -> str:
        """When the main record says it happened, else the earliest that says; '' undated."""
        return self.members[0].at or min((each.at for each in self.members if each.at), default="")


class Told(NamedTuple):
    """What one record says of itself, by the rules of one policy.

    Attributes:
        trace: what joins it to others.
        signs: why it is taken for domestic abuse.
        placed: bool, who was where is read too; it is of logs opened within the hour of another alone.
    """

    trace: Trace
    signs: tuple[Sign, ...]
    placed: bool = False


Known = dict[tuple[str, str], Told]
"""(source, ref) -> what was read of a record, for the hits of one answer: its records are read once, by one policy."""


def occurrences(held: Iterable[Held], rules: Policy, known: Known | None = None) -> tuple[Occurrence, ...]:
    """Collapse records into the things that happened, most recent first, undated last.

    Args:
        held: records of a hit, or of many; a record given twice is held once, with all its positions.
        rules: the policy in force, whose windows and rules of recognition are used.
        known: what was read before, of the same records as the same viewer sees them, by the same policy; added to.
    """
    whole = _once_each(held)
    told = {} if known is None else known
    for key, each in whole.items():
        if key not in told:
            made = unplaced(each.record, rules.terms.occurrence.named_schemes)
            told[key] = Told(made, signs(each.record, rules.domestic))
    for one in close_logs((told[key].trace for key in whole), rules.terms.occurrence):
        if not told[one.key].placed:
            told[one.key] = told[one.key]._replace(trace=placed(one, whole[one.key].record), placed=True)
    return tuple(
        Occurrence(
            at=group.at,
            held=tuple(whole[member.key] for member in group.members),
            signs=tuple(sign for member in group.members for sign in told[member.key].signs),
            joined_by=group.joined_by,
        )
        for group in grouped((told[key].trace for key in whole), rules.terms.occurrence)
    )


def only_possible(
    held: Iterable[Held], possible: Iterable[Held], rules: Policy, known: Known | None = None
) -> tuple[Occurrence, ...]:
    """Return the things that happened of which only possible records tell, most recent first, undated last.

    A log that possibly names somebody, and the DASH that surely does and cites it, are one event, and a sure one.

    Args:
        held: records the subject surely stands in.
        possible: records the subject possibly stands in.
        rules: as for `occurrences`.
        known: as for `occurrences`.
    """
    sure = tuple(held)
    own = {(record.source, record.ref) for record, _ in sure}
    together = occurrences((*sure, *possible), rules, known)
    return tuple(each for each in together if not any((record.source, record.ref) in own for record, _ in each.held))


def _once_each(held: Iterable[Held]) -> dict[tuple[str, str], Held]:
    """Return each record once, with every position any of them gives it (None: the record as a whole)."""
    found: dict[tuple[str, str], Held] = {}
    for record, positions in held:
        key = (record.source, record.ref)
        if key in found:
            before = found[key].positions
            both: Collection[int] | None = None
            if before is not None and positions is not None:
                both = frozenset(before) | frozenset(positions)
            found[key] = Held(record, both)
        else:
            found[key] = Held(record, positions)
    return found


def grouped(traces: Iterable[Trace], rules: OccurrenceRules) -> list[Group]:
    """Group records by the events they tell of, most recent first, undated last.

    Args:
        traces: of distinct records, in any order.
        rules: the windows.
    """
    ordered = sorted(traces, key=lambda each: each.rank)
    roots = list(range(len(ordered)))
    reasons: list[tuple[int, str]] = []

    def root(number: int) -> int:
        while roots[number] != number:
            roots[number] = roots[roots[number]]
            number = roots[number]
        return number

    for first, second, words in joins(ordered, rules):
        reasons.append((first, words))
        low, high = sorted((root(first), root(second)))
        roots[high] = low
    members: dict[int, list[Trace]] = defaultdict(list)
    for number, each in enumerate(ordered):
        members[root(number)].append(each)
    said: dict[int, set[str]] = defaultdict(set)
    for number, words in reasons:
        said[root(number)].add(words)
    groups = [Group(tuple(found), tuple(sorted(said[number]))) for number, found in members.items()]
    groups.sort(key=lambda group: group.members[0].key)
    return sorted(groups, key=lambda group: group.at, reverse=True)
