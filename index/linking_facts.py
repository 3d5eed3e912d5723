"""What is known for certain about mentions, and the components they are joined into.

A component never holds facts that contradict each other, unless people said that they are of one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce

from discoverer.match.profiles import PersonProfile
from discoverer.match.similarity import one_slip

# Identifiers that say who a person is; an ASN names an arrest.
IDENTIFYING = ("pnc", "cro")
# A date given this many times less often than another of the same person is a slip.
SELDOM = 3
# Dates of birth of two people of one name and one house are further apart than this: they are father and son.
ONE_GENERATION = 10
# Years by which a written age may miss: it is often a stranger's guess, and father and son are further apart.
AGE_SLACK = 6


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known for certain about a mention or a component, to find contradictions.

    Attributes:
        births: (full date of birth, ISO; how many mentions give it).
        years: (first, last) birth years that written ages allow.
        identifiers: 'scheme:canonical' of valid identifying numbers.
        generations: 'snr', 'jnr'.
        sexes: 'man', 'woman'.
    """

    births: tuple[tuple[str, int], ...] = ()
    years: frozenset[tuple[int, int]] = frozenset()
    identifiers: frozenset[str] = frozenset()
    generations: frozenset[str] = frozenset()
    sexes: frozenset[str] = frozenset()

    @property
    def says_nothing(self) -> bool:
        """Tell whether nothing is known that tells one of a name from another: sex alone does not."""
        return not (self.births or self.years or self.identifiers or self.generations)

    def contradicts(self, other: Facts) -> bool:
        """Tell whether the two cannot be one person."""
        if self is NOTHING_KNOWN or other is NOTHING_KNOWN:
            return False
        return (
            (bool(self.births and other.births) and _births_differ(self.births, other.births))
            or (bool(self.years or other.years) and _ages_differ(self, other))
            or (
                bool(self.identifiers and other.identifiers)
                and _identifiers_differ(self.identifiers, other.identifiers)
            )
            or bool(self.generations and other.generations and not self.generations & other.generations)
            or self._of_another_sex(other)
        )

    def _of_another_sex(self, other: Facts) -> bool:
        """Tell whether one is written as a man and the other as a woman, and no number or date of birth says it is one.

        A field of sex is mistyped like any other.
        """
        if not self.sexes or not other.sexes or self.sexes & other.sexes:
            return False
        shared_birth = {birth for birth, _ in self.births} & {birth for birth, _ in other.births}
        return not (shared_birth or self.identifiers & other.identifiers)

    def other_generation(self, other: Facts) -> bool:
        """Tell whether one is written senior or junior and the other is not, and nothing else says it is the same one.

        Where somebody is called senior there is a junior of the same name, most often in the same house.
        """
        if not (self.generations or other.generations) or self.generations & other.generations:
            return False
        if self.generations and other.generations:
            return True
        same_birth = any(_may_be_one(a, b) for a, _ in self.births for b, _ in other.births)
        return not (same_birth or self._of_one_age(other) or self.identifiers & other.identifiers)

    def _of_one_age(self, other: Facts) -> bool:
        """Tell whether a written age of one allows what is known of the other: father and son are further apart."""
        if not (self.years or other.years):
            return False
        return any(
            low <= high_held and low_held <= high for low, high in _spans(self) for low_held, high_held in _spans(other)
        )

    def mistaken_for(self, other: Facts) -> bool:
        """Tell whether nothing but a date of birth a few years off speaks against the two being one person."""
        return _years_between(self, other) <= ONE_GENERATION and not (
            self._but_for_births(other) or bool(self.generations ^ other.generations)
        )

    def _but_for_births(self, other: Facts) -> bool:
        """Tell whether identifiers, written ages or sexes contradict each other."""
        return (
            _identifiers_differ(self.identifiers, other.identifiers)
            or _ages_differ(self, other)
            or self._of_another_sex(other)
        )

    def mistyped_from(self, other: Facts) -> bool:
        """Tell whether nothing speaks against the two being one person but a date of birth that one mention gives.

        The two dates lie no more than ten years apart, and nobody is written senior or junior. A date that several
        mentions give is no mistyping: it is a cousin's, or a brother's of one name.
        """
        if self.generations or other.generations or self._but_for_births(other):
            return False
        given = [sum(count for _, count in each.births) for each in (self, other)]
        if min(given) != 1 or _years_between(self, other) > ONE_GENERATION:
            return False
        return all(_one_part_differs(a, b) for a, _ in self.births for b, _ in other.births)

    def with_those(self, other: Facts) -> Facts:
        """Return what both know together."""
        if self is NOTHING_KNOWN or other is NOTHING_KNOWN:
            return other if self is NOTHING_KNOWN else self
        births = dict(self.births)
        for birth, count in other.births:
            births[birth] = births.get(birth, 0) + count
        return Facts(
            tuple(births.items()),
            self.years | other.years,
            self.identifiers | other.identifiers,
            self.generations | other.generations,
            self.sexes | other.sexes,
        )


# Shared by all who say nothing for certain.
NOTHING_KNOWN = Facts()


def facts_of(profile: PersonProfile) -> Facts:
    """Return what a profile says for certain."""
    births, identifiers = profile.births, profile.identifiers
    if births:
        births = tuple(birth for birth in births if len(birth) == 10)
    if identifiers:
        identifiers = tuple(each for each in identifiers if each.partition(":")[0] in IDENTIFYING)
    if not (births or profile.years or identifiers or profile.generations or profile.sexes):
        return NOTHING_KNOWN
    return _facts(births, profile.years, identifiers, profile.generations, profile.sexes)


@lru_cache(maxsize=131_072)
def _facts(
    births: tuple[str, ...],
    years: tuple[tuple[int, int], ...],
    identifiers: tuple[str, ...],
    generations: tuple[str, ...],
    sexes: tuple[str, ...],
) -> Facts:
    """Return facts, the same ones for the same values: many mentions say the same."""
    return Facts(
        tuple(dict.fromkeys((birth, 1) for birth in births)),
        frozenset(years),
        frozenset(identifiers),
        frozenset(generations),
        frozenset(sexes),
    )


def _births_differ(first: tuple[tuple[str, int], ...], second: tuple[tuple[str, int], ...]) -> bool:
    """Tell whether any date of one is neither a date of the other nor a plain mistyping of it.

    Every date counts that is not plainly a slip itself: were one agreeing date enough, a chain of slips would carry a
    person anywhere.
    """
    if len(first) == len(second) == 1 and first[0][0] == second[0][0]:  # as mostly
        return False
    return not all(_may_be_one(a, b) for a in _told(first) for b in _told(second))


def _years_between(one: Facts, other: Facts) -> int:
    """Return how many years all dates of birth of two lie apart; 0 for fewer than two dates."""
    years = [int(birth[:4]) for birth, _ in (*one.births, *other.births)]
    return max(years, default=0) - min(years, default=0)


def _one_part_differs(first: str, second: str) -> bool:
    """Tell whether two dates differ in the day, the month or the year alone: whoever mistypes keeps the rest."""
    return sum(a != b for a, b in zip(first.split("-"), second.split("-"), strict=True)) <= 1


def _told(births: tuple[tuple[str, int], ...]) -> list[str]:
    """Return the dates a component goes by: those given at least a third as often as the one given most."""
    if len(births) == 1:
        return [births[0][0]]
    most = max((count for _, count in births), default=0)
    return [birth for birth, count in births if count * SELDOM >= most]


def _may_be_one(first: str, second: str) -> bool:
    """Tell whether two dates are one, day and month swapped, or one slip apart and at most ten years.

    A slip that takes them further apart is as likely father and son.
    """
    if first == second or first == f"{second[:4]}-{second[8:]}-{second[5:7]}":
        return True
    return abs(int(first[:4]) - int(second[:4])) <= ONE_GENERATION and one_slip(first, second)


def _ages_differ(one: Facts, other: Facts) -> bool:
    """Tell whether a written age of one does not allow a date of birth or age of the other, give or take six years."""
    if not (one.years or other.years):
        return False  # dates of birth are held against each other by themselves
    return any(
        low > high_held + AGE_SLACK or low_held > high + AGE_SLACK
        for low, high in _spans(one)
        for low_held, high_held in _spans(other)
    )


def _spans(facts: Facts) -> list[tuple[int, int]]:
    """Return the birth years that are known or allowed by ages, as (first, last)."""
    return [(int(birth[:4]), int(birth[:4])) for birth in _told(facts.births)] + list(facts.years)


def _identifiers_differ(first: frozenset[str], second: frozenset[str]) -> bool:
    """Tell whether both have a number of one kind and share none of it."""
    if not first or not second:
        return False
    for scheme in IDENTIFYING:
        mine = {each for each in first if each.startswith(scheme)}
        theirs = {each for each in second if each.startswith(scheme)}
        if mine and theirs and not mine & theirs:
            return True
    return False


class Components:
    """Mentions joined so far, with what each component knows for certain and whom it may never be joined to."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        # More than one only where what contradicts was joined, by people or forgiven: each then stands for itself.
        self._facts: dict[int, list[Facts]] = {}
        self._barred: dict[int, set[int]] = {}
        self._opposed: dict[int, set[int]] = {}
        self._odd: set[int] = set()
        self._forgiven: set[int] = set()

    def add(self, number: int, facts: Facts) -> None:
        """Take in a mention, alone."""
        self._parent[number] = number
        self._facts[number] = [facts]

    def __contains__(self, number: int) -> bool:
        """Tell whether a mention has been taken in."""
        return number in self._parent

    def root(self, number: int) -> int:
        """Return the component's name: its smallest mention number."""
        parent = self._parent
        above = parent[number]
        if parent[above] == above:  # as nearly always
            return above
        path = []
        while parent[number] != number:
            path.append(number)
            number = parent[number]
        for each in path:
            parent[each] = number
        return number

    @property
    def anyone_apart(self) -> bool:
        """bool: people, or records that name both, tell any two apart."""
        return bool(self._barred or self._opposed)

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

    def oppose(self, first: int, second: int) -> None:
        """Let no rule or weight join two mentions that one record tells apart; people may, who know better."""
        self._opposed.setdefault(self.root(first), set()).add(second)
        self._opposed.setdefault(self.root(second), set()).add(first)

    def opposed(self, number: int) -> set[int]:
        """Return the components that some record tells a mention's component apart from."""
        opposed = self._opposed.get(self.root(number)) if self._opposed else None
        return {self.root(each) for each in opposed} if opposed else set()

    def apart(self, number: int) -> set[int]:
        """Return the components that people, or a record that names both, tell a mention's component apart from."""
        return self.barred(number) | self.opposed(number)

    def is_odd(self, number: int) -> bool:
        """Tell whether a mention's component holds one that people named as not belonging to others."""
        return self.root(number) in self._odd

    def barred(self, number: int) -> set[int]:
        """Return the components that people said a mention's component is not one person with."""
        barred = self._barred.get(self.root(number)) if self._barred else None
        return {self.root(each) for each in barred} if barred else set()

    def facts(self, number: int) -> list[Facts]:
        """Return what is known of a mention's component; several only where what contradicts was joined."""
        return self._facts[self.root(number)]

    def says_nothing(self, number: int) -> bool:
        """Tell whether nothing is known for certain of a mention's component."""
        return all(each.says_nothing for each in self.facts(number))

    def other_generation(self, first: int, second: int) -> bool:
        """Tell whether one of two components is written senior or junior and nothing says that the other is too."""
        mine, theirs = self.facts(first), self.facts(second)
        if len(mine) == len(theirs) == 1:  # as nearly always
            return mine[0].other_generation(theirs[0])
        return all(one.other_generation(other) for one in mine for other in theirs)

    def mistaken(self, first: int, second: int) -> bool:
        """Tell whether only a date of birth a few years off speaks against two components being one person."""
        return any(one.mistaken_for(other) for one in self.facts(first) for other in self.facts(second))

    def mistyped(self, first: int, second: int) -> bool:
        """Tell whether only a date of birth that one mention gives speaks against two components being one person."""
        return self._all(first).mistyped_from(self._all(second))

    def _all(self, number: int) -> Facts:
        """Return what is known of a mention's component, taken together though it contradicts."""
        return reduce(Facts.with_those, self.facts(number))

    def contradict(self, first: int, second: int) -> bool:
        """Tell whether what is known of two mentions' components cannot be of one person.

        Where a date of birth was forgiven, all dates still lie within ten years: no chain of them leads further.
        """
        mine, theirs = self.facts(first), self.facts(second)
        if len(mine) == len(theirs) == 1:  # as nearly always
            if mine[0].contradicts(theirs[0]):
                return True
        elif all(one.contradicts(other) for one in mine for other in theirs):
            return True
        if not self._forgiven or self._forgiven.isdisjoint({self.root(first), self.root(second)}):
            return False
        return _years_between(self._all(first), self._all(second)) > ONE_GENERATION

    def join(self, first: int, second: int, decided: bool = False, forgiven: bool = False) -> bool:
        """Join two mentions' components unless they contradict or are barred; tell whether they are one now.

        Args:
            first: a mention's number.
            second: another's.
            decided: people said so: contradicting facts do not count, a bar still does.
            forgiven: a date of birth is taken for mistyped: the same.
        """
        a, b = sorted((self.root(first), self.root(second)))
        if a == b:
            return True
        if (self._barred and b in self.barred(a)) or (not decided and self._opposed and b in self.opposed(a)):
            return False
        if not (decided or forgiven) and self.contradict(a, b):
            return False
        self._take_in(a, self._facts.pop(b))
        for apart in (self._barred, self._opposed):
            if b in apart:
                apart.setdefault(a, set()).update(apart.pop(b))
        if b in self._odd:
            self._odd.add(a)
        if forgiven or b in self._forgiven:
            self._forgiven.add(a)
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
                mine[mine.index(home)] = home.with_those(other)
