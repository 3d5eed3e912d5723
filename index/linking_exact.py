"""The four exact rules: mentions that share a valid PNC or CRO, or a full name and one value more.

Mentions of one label are linked in the order of the rules, the surest first, so that the surest joins stand when two
would clash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

from discoverer.match.profiles import PersonProfile
from index.linking_facts import IDENTIFYING, NOTHING_KNOWN, Components, Facts, facts_of
from index.linking_types import Candidate, Link

# Strongest first: links are made in this order, so that the surest joins stand when two would clash.
RULES = ("identifier", "name_and_birth", "name_and_phone", "name_and_address")
# What a reader is told of each.
WORDS = {
    "identifier": "same PNC or CRO number",
    "name_and_birth": "same full name and date of birth",
    "name_and_phone": "same full name and phone",
    "name_and_address": "same full name and address",
}


def rule_keys(candidate: Candidate) -> Iterator[tuple[int, str]]:
    """Yield (rule number, value) for every exact rule a mention can be linked by."""
    profile = candidate.profile
    for each in profile.identifiers:
        if each.partition(":")[0] in IDENTIFYING:
            yield 0, each
    for name in full_names(profile):
        for birth in profile.births:
            if len(birth) == 10:
                yield 1, f"{name}|{birth}"
        for phone in profile.phones:
            yield 2, f"{name}|{phone}"
        for door in candidate.doors:
            yield 3, f"{name}|{door}"


def full_names(profile: PersonProfile) -> set[str]:
    """Return each name of two or more whole tokens, order-free; 'J Marin-Radu' leaves the forename open."""
    return {full for name in profile.names if (full := _full(name))}


@lru_cache(maxsize=65_536)
def _full(name: tuple[str, ...]) -> str:
    """Return the whole tokens of a name in order of letter; '' where it leaves the forename or surname open."""
    if not name or len(name[0]) < 2 or len(name[-1]) < 2:
        return ""
    tokens = sorted(token for token in name if len(token) > 1)
    return " ".join(tokens) if len(set(tokens)) > 1 else ""


class ExactRules:
    """The blocks of the four rules, filled label by label."""

    def __init__(self) -> None:
        self._blocks: list[dict[str, list[Candidate]]] = [defaultdict(list) for _ in RULES]

    def link(
        self, layer: Sequence[Candidate], components: Components, links: dict[tuple[int, int], Link], rank: int
    ) -> None:
        """Link the mentions of one label to each other and to the more open ones linked before.

        Args:
            layer: its mentions, each already in `components`.
            components: joined further in place.
            links: added to in place.
            rank: of the label.
        """
        if not layer:
            return
        touched: list[dict[str, int]] = [{} for _ in RULES]
        for candidate in layer:
            for number, value in rule_keys(candidate):
                self._blocks[number][value].append(candidate)
                touched[number].setdefault(value, candidate.number)
        mine = {candidate.number for candidate in layer}
        for rule, by_value, values in zip(RULES, self._blocks, touched, strict=True):
            for value in sorted(values, key=values.__getitem__):
                if len(by_value[value]) < 2:
                    continue
                for first, second in _pairs(by_value[value], components):
                    if (first in mine or second in mine) and components.join(first, second):
                        links.setdefault((first, second), Link(first, second, rule, why=WORDS[rule], rank=rank))


def _pairs(block: Sequence[Candidate], components: Components) -> Iterator[tuple[int, int]]:
    """Yield the pairs that hold one block together, whichever labels a viewer may see.

    Mentions of one label form a chain; the first of each label is paired with the first of every other. Where
    the block holds people who contradict each other (father and son of one name) or whom people told apart, a
    mention that says too little to tell which of them it means is joined to neither; but where people named the one
    that does not belong, it stays with the other.
    """
    for part in _compatible(block, components):
        firsts: dict[str, int] = {}
        last: dict[str, int] = {}
        for candidate in part:
            label = candidate.visibility
            if label in last:
                yield last[label], candidate.number
            firsts.setdefault(label, candidate.number)
            last[label] = candidate.number
        yield from ((min(pair), max(pair)) for pair in combinations(firsts.values(), 2))


@dataclass(slots=True)
class _Part:
    """Members of a block that may be one person.

    Attributes:
        facts: what they say for certain.
        members: in the order they were met.
        roots: the components they are of.
    """

    facts: Facts = NOTHING_KNOWN
    members: list[Candidate] = field(default_factory=list)
    roots: set[int] = field(default_factory=set)

    def take_in(self, candidate: Candidate, facts: Facts, root: int) -> None:
        """Add a mention."""
        self.facts = self.facts.with_those(facts)
        self.members.append(candidate)
        self.roots.add(root)


def _compatible(block: Sequence[Candidate], components: Components) -> list[list[Candidate]]:
    """Split a block into parts within which nobody contradicts anybody and nobody is told apart from anybody."""
    roots = {each.number: components.root(each.number) for each in block}
    here = set(roots.values())
    told_apart: set[int] = set()
    if components.anyone_apart:
        told_apart = {each.number for each in block if components.apart(each.number) & here}
    odd = [each for each in block if each.number in told_apart and components.is_odd(each.number)]
    if 0 < len(odd) < len(block):  # without them the others are who they were before
        others = [each for each in block if each not in odd]
        return [*_compatible(others, components), *_compatible(odd, components)]
    parts: list[_Part] = []
    silent: list[Candidate] = []
    for candidate in sorted(block, key=lambda each: (each.number not in told_apart, each.number)):
        facts, root, barred = facts_of(candidate.profile), roots[candidate.number], components.apart(candidate.number)
        homes = [
            part
            for part in parts
            if root in part.roots
            or not (barred & part.roots or part.facts.contradicts(facts) or part.facts.other_generation(facts))
        ]
        if candidate.number not in told_apart and (facts.says_nothing or (told_apart and len(homes) > 1)):
            silent.append(candidate)
            continue
        if not homes:
            parts.append(_Part())
            homes = parts[-1:]
        homes[0].take_in(candidate, facts, root)
    if len(parts) < 2:
        everyone = parts[0] if parts else _Part()
        marked = bool(everyone.facts.generations)  # who is called senior has a junior of his name: silence is neither
        others = [each for each in silent if marked and roots[each.number] not in everyone.roots]
        everyone.members += [each for each in silent if each not in others]
        return [sorted(part, key=lambda each: each.number) for part in (everyone.members, others) if part]
    alone = [[each] for each in silent]
    return [sorted(part.members, key=lambda each: each.number) for part in parts] + alone
