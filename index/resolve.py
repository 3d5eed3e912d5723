"""Linking mentions into persons by four exact rules (link, don't merge).

A link joins two mentions when they share a valid PNC or CRO; a full name and full date of birth; a full name
and telephone number; or a full name and flat-level address. A contradicting date of birth, identifier or
generation (senior, junior) blocks it, between the two and between everything already joined to either. Links
are stored as pairs; a person is the component over the links a viewer may see.

What people have settled stands above the rules: two mentions they say are one person are joined though their facts
contradict, and two they say are not are never joined, by whatever chain.

Labels are linked one after another, the most open first, so that nothing a closed mention says can join, part or
keep apart the mentions that more people see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.match.similarity import one_slip
from discoverer.model import Visibility

# Strongest first: links are made in this order, so that the surest joins stand when two would clash.
RULES = ("identifier", "name_and_birth", "name_and_phone", "name_and_address")
# People said so: it is no rule, and stands above them.
DECIDED = "decided"
# Identifiers that say who a person is; an ASN names an arrest.
IDENTIFYING = ("pnc", "cro")
# Years by which a written age may miss: it is often a guess, and made at some other time of the year.
AGE_SLACK = 2


class Candidate(NamedTuple):
    """A person mention as linking sees it.

    Attributes:
        number: int, the mention's number in this build.
        visibility: str, its label.
        profile: its cleaned values.
        doors: canonical addresses with their area.
    """

    number: int
    visibility: str
    profile: PersonProfile
    doors: tuple[str, ...]


class Link(NamedTuple):
    """Two mentions believed to be one person.

    Attributes:
        first, second: int, mention numbers, first < second.
        rule: str, one of RULES or DECIDED.
    """

    first: int
    second: int
    rule: str


class Settled(NamedTuple):
    """What people have ruled and confirmed, as pairs of mention numbers, first < second.

    A ruling counts only for those who may see both its mentions.

    Attributes:
        same: pairs that are one person, whatever their facts say.
        apart: pairs that are two people: no chain of links may join them.
        odd: (one, the other) of those pairs in which the other was named as the one that does not belong: a mention
            that fits both stays with the first.
    """

    same: frozenset[tuple[int, int]] = frozenset()
    apart: frozenset[tuple[int, int]] = frozenset()
    odd: frozenset[tuple[int, int]] = frozenset()


NOTHING_SETTLED = Settled()


@dataclass(slots=True)
class Facts:
    """What is known for certain about a mention or a component, to find contradictions.

    Attributes:
        births: full dates of birth, ISO.
        years: (first, last) birth years that written ages allow.
        identifiers: 'scheme:canonical' of valid identifying numbers.
        generations: 'snr', 'jnr'.
    """

    births: set[str] = field(default_factory=set)
    years: set[tuple[int, int]] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    generations: set[str] = field(default_factory=set)

    def contradicts(self, other: Facts) -> bool:
        """Tell whether the two cannot be one person."""
        return (
            _births_differ(self.births, other.births)
            or _ages_differ(self, other)
            or _identifiers_differ(self.identifiers, other.identifiers)
            or bool(self.generations and other.generations and not self.generations & other.generations)
        )

    def take_in(self, other: Facts) -> None:
        """Add what the other knows."""
        self.births |= other.births
        self.years |= other.years
        self.identifiers |= other.identifiers
        self.generations |= other.generations


def facts_of(profile: PersonProfile) -> Facts:
    """Return what a profile says for certain."""
    return Facts(
        {birth for birth in profile.births if len(birth) == 10},
        set(profile.years),
        {each for each in profile.identifiers if each.partition(":")[0] in IDENTIFYING},
        set(profile.generations),
    )


def _births_differ(first: set[str], second: set[str]) -> bool:
    """Tell whether any date of one is neither a date of the other nor a plain mistyping of it.

    Every date counts: were one agreeing date enough, a chain of slips would carry a person anywhere.
    """
    return not all(_may_be_one(a, b) for a in first for b in second)


def _may_be_one(first: str, second: str) -> bool:
    """Tell whether two dates are one, day and month swapped, or one slip apart within a decade.

    A slip in the decade or century is as likely father and son.
    """
    if first == second or first == f"{second[:4]}-{second[8:]}-{second[5:7]}":
        return True
    return first[:3] == second[:3] and one_slip(first, second)


def _ages_differ(one: Facts, other: Facts) -> bool:
    """Tell whether a written age of one does not allow a date of birth or age of the other, give or take two years."""
    spans = [(int(birth[:4]), int(birth[:4])) for birth in one.births] + list(one.years)
    others = [(int(birth[:4]), int(birth[:4])) for birth in other.births] + list(other.years)
    return any(
        low > high_held + AGE_SLACK or low_held > high + AGE_SLACK
        for low, high in spans
        for low_held, high_held in others
    )


def _identifiers_differ(first: set[str], second: set[str]) -> bool:
    """Tell whether both have a number of one kind and share none of it."""
    for scheme in IDENTIFYING:
        mine = {each for each in first if each.startswith(scheme)}
        theirs = {each for each in second if each.startswith(scheme)}
        if mine and theirs and not mine & theirs:
            return True
    return False


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
    """Return each name of two or more whole tokens, order-free."""
    whole = [tuple(token for token in name if len(token) > 1) for name in profile.names]
    return {" ".join(sorted(tokens)) for tokens in whole if len(set(tokens)) > 1}


class Components:
    """Mentions joined so far, with what each component knows for certain and whom it may never be joined to."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        # More than one only where people joined what contradicts: each then stands for itself.
        self._facts: dict[int, list[Facts]] = {}
        self._barred: dict[int, set[int]] = {}
        self._odd: set[int] = set()

    def add(self, number: int, facts: Facts) -> None:
        """Take in a mention, alone."""
        self._parent[number] = number
        self._facts[number] = [facts]

    def __contains__(self, number: int) -> bool:
        """Tell whether a mention has been taken in."""
        return number in self._parent

    def root(self, number: int) -> int:
        """Return the component's name: its smallest mention number."""
        path = []
        while self._parent[number] != number:
            path.append(number)
            number = self._parent[number]
        for each in path:
            self._parent[each] = number
        return number

    def bar(self, first: int, second: int, odd: int | None = None) -> None:
        """Let no chain of links ever join two mentions.

        Args:
            first: a mention's number.
            second: another's.
            odd: which of them was named as the one that does not belong, where one was.
        """
        self._barred.setdefault(self.root(first), set()).add(second)
        self._barred.setdefault(self.root(second), set()).add(first)
        if odd is not None:
            self._odd.add(self.root(odd))

    def is_odd(self, number: int) -> bool:
        """Tell whether a mention's component holds one that people named as not belonging to others."""
        return self.root(number) in self._odd

    def barred(self, number: int) -> set[int]:
        """Return the components that people said a mention's component is not one person with."""
        return {self.root(each) for each in self._barred.get(self.root(number), ())}

    def contradict(self, first: int, second: int) -> bool:
        """Tell whether what is known of two mentions' components cannot be of one person."""
        mine, theirs = self._facts[self.root(first)], self._facts[self.root(second)]
        return all(one.contradicts(other) for one in mine for other in theirs)

    def join(self, first: int, second: int, decided: bool = False) -> bool:
        """Join two mentions' components unless they contradict or are barred; tell whether they are one now.

        Args:
            first: a mention's number.
            second: another's.
            decided: people said so: contradicting facts do not count, a bar still does.
        """
        a, b = sorted((self.root(first), self.root(second)))
        if a == b:
            return True
        if b in self.barred(a) or (not decided and self.contradict(a, b)):
            return False
        self._take_in(a, self._facts.pop(b))
        if b in self._barred:
            self._barred.setdefault(a, set()).update(self._barred.pop(b))
        if b in self._odd:
            self._odd.add(a)
        self._parent[b] = a
        return True

    def _take_in(self, root: int, others: list[Facts]) -> None:
        """Add facts to a component: to what they agree with, else beside it."""
        mine = self._facts[root]
        for other in others:
            home = next((facts for facts in mine if not facts.contradicts(other)), None)
            if home is None:
                mine.append(other)
            else:
                home.take_in(other)


class Linked(NamedTuple):
    """Mentions linked into persons.

    Attributes:
        links: in order of label, rule and mention.
        cells: mention number -> its person as those see it who may see no more than it, named by the first mention of
            the most open label in it.
        joins: (rank of visibility, cell, the cell it is one person with for those who see that far), where another.
        unmet: pairs settled as the same that another ruling keeps apart: people contradict each other.
    """

    links: list[Link]
    cells: dict[int, int]
    joins: list[tuple[int, int, int]]
    unmet: list[tuple[int, int]]


def link(candidates: Iterable[Candidate], settled: Settled = NOTHING_SETTLED) -> Linked:
    """Link mentions into persons, one label after another.

    Args:
        candidates: person mentions found in fields; those from text say too little to be linked.
        settled: what people have ruled; rulings on mentions that are not candidates are left out.
    """
    layers: list[list[Candidate]] = [[] for _ in Visibility]
    for candidate in candidates:
        layers[Visibility(candidate.visibility).rank].append(candidate)
    components = Components()
    blocks: list[dict[str, list[Candidate]]] = [defaultdict(list) for _ in RULES]
    links: dict[tuple[int, int], Link] = {}
    cells: dict[int, int] = {}
    joins: list[tuple[int, int, int]] = []
    unmet: list[tuple[int, int]] = []
    for rank, layer in enumerate(layers):
        for candidate in layer:
            components.add(candidate.number, facts_of(candidate.profile))
        unmet += _settle(layer, components, settled, links)
        _link_layer(layer, components, blocks, links)
        heads: dict[int, int] = {}
        for cell in dict.fromkeys(cells.values()):
            head = heads.setdefault(components.root(cell), cell)
            if head != cell:
                joins.append((rank, cell, head))
        for candidate in layer:
            cells[candidate.number] = heads.setdefault(components.root(candidate.number), candidate.number)
    return Linked(list(links.values()), cells, joins, unmet)


def _settle(
    layer: Sequence[Candidate],
    components: Components,
    settled: Settled,
    links: dict[tuple[int, int], Link],
) -> list[tuple[int, int]]:
    """Apply the rulings whose more closed mention is of this label; return the pairs that another ruling forbids.

    Bars first: they stand against whatever is joined later, by a ruling too.
    """
    mine = {candidate.number for candidate in layer}

    def due(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return sorted(pair for pair in pairs if mine.intersection(pair) and all(each in components for each in pair))

    for first, second in due(settled.apart):
        odd = next((end for end, other in ((first, second), (second, first)) if (other, end) in settled.odd), None)
        components.bar(first, second, odd)
    unmet = []
    for first, second in due(settled.same):
        if components.join(first, second, decided=True):
            links[first, second] = Link(first, second, DECIDED)
        else:
            unmet.append((first, second))
    return unmet


def _link_layer(
    layer: Sequence[Candidate],
    components: Components,
    blocks: Sequence[dict[str, list[Candidate]]],
    links: dict[tuple[int, int], Link],
) -> None:
    """Link the mentions of one label to each other and to the more open ones linked before."""
    touched: list[dict[str, int]] = [{} for _ in RULES]
    for candidate in layer:
        for number, value in rule_keys(candidate):
            blocks[number][value].append(candidate)
            touched[number].setdefault(value, candidate.number)
    mine = {candidate.number for candidate in layer}
    for rule, by_value, values in zip(RULES, blocks, touched, strict=True):
        for value in sorted(values, key=values.__getitem__):
            for first, second in _pairs(by_value[value], components):
                if (first in mine or second in mine) and components.join(first, second):
                    links.setdefault((first, second), Link(first, second, rule))


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

    facts: Facts = field(default_factory=Facts)
    members: list[Candidate] = field(default_factory=list)
    roots: set[int] = field(default_factory=set)

    def take_in(self, candidate: Candidate, facts: Facts, root: int) -> None:
        """Add a mention."""
        self.facts.take_in(facts)
        self.members.append(candidate)
        self.roots.add(root)


def _compatible(block: Sequence[Candidate], components: Components) -> list[list[Candidate]]:
    """Split a block into parts within which nobody contradicts anybody and nobody is told apart from anybody."""
    roots = {each.number: components.root(each.number) for each in block}
    here = set(roots.values())
    told_apart = {each.number for each in block if components.barred(each.number) & here}
    odd = [each for each in block if each.number in told_apart and components.is_odd(each.number)]
    if 0 < len(odd) < len(block):  # without them the others are who they were before
        others = [each for each in block if each not in odd]
        return [*_compatible(others, components), *_compatible(odd, components)]
    parts: list[_Part] = []
    silent: list[Candidate] = []
    for candidate in sorted(block, key=lambda each: (each.number not in told_apart, each.number)):
        facts, root, barred = facts_of(candidate.profile), roots[candidate.number], components.barred(candidate.number)
        homes = [
            part for part in parts if root in part.roots or not (barred & part.roots or part.facts.contradicts(facts))
        ]
        says_nothing = not (facts.births or facts.years or facts.identifiers or facts.generations)
        if candidate.number not in told_apart and (says_nothing or (told_apart and len(homes) > 1)):
            silent.append(candidate)
            continue
        if not homes:
            parts.append(_Part())
            homes = parts[-1:]
        homes[0].take_in(candidate, facts, root)
    if len(parts) < 2:
        everyone = [*(parts[0].members if parts else ()), *silent]
        return [sorted(everyone, key=lambda each: each.number)] if everyone else []
    return [sorted(part.members, key=lambda each: each.number) for part in parts] + [[each] for each in silent]
