"""What speaks against two persons so far being one though much agrees: the guards, asked of every pair to be joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import count, islice

from index.guards import FULL_NAME, Name, another_surname, longest, names_agree, names_clash, supported
from index.linking_model import Model
from index.linking_pairs import Pairs
from index.linking_persons import Persons
from index.linking_phones import Phones
from index.linking_types import Pair

# Names of one person that are compared with another's.
MOST_NAMES = 12
# Bits below even at which two persons would still be thought one but for a date of birth mistyped by years.
MISTAKEN = -3.0
# Rows of which the near ones are kept at hand.
HELD = 200_000

CONTRADICTED = "dates of birth, ages, sexes, identifiers or generations contradict each other"
OF_ONE_FAMILY = "other names differ: may be twins or of one family"
ONE_RECORD = "one record names one of them as the victim and the other as the suspect"
TWO_FORMS = "each forename is written so again and again: may be twins"
# What brothers, sisters, husbands and wives share: refused for this, two near each other are no doubt worth showing.
FAMILY = (CONTRADICTED, OF_ONE_FAMILY, TWO_FORMS)

Names = tuple[Name, ...]


class Doubts:
    """What is known of the persons of one round, and of those joined in it, to tell two from one.

    Attributes:
        rows: root -> the persons, as they were before this round, that it is made of by now; of two or more.
        now: int, how many joins have been noted.
    """

    def __init__(self, persons: Persons, model: Model, pairs: Pairs) -> None:
        """Begin with the persons as they are.

        Args:
            persons: so far.
            model: the weights.
            pairs: all that were weighed.
        """
        self._persons, self._model = persons, model
        self._components, self._said = persons.components, persons.said
        self._pairs = pairs
        near = pairs.rows()
        self.rows: dict[int, set[int]] = {}
        self._doubtful = {root for root in near if self._is_doubtful(root)}
        self._joined_names: dict[int, Names] = {}
        self._forenames = persons.forenames
        self._near: dict[int, dict[int, float]] = {}
        self._born_with: dict[int, list[tuple[int, float]]] = {}
        self._sames: dict[tuple[int, ...], frozenset[str]] = {}
        # What two persons are to each other, asked for again and again. A root that grows is another person: `_person`.
        self._person: dict[int, int] = {}
        self._others = count(max(near, default=0) + 1)
        self.now = 0
        self._joined_at: dict[int, int] = {}
        self._two: dict[int, dict[int, tuple[bool, bool]]] = defaultdict(dict)
        self._one: dict[int, dict[int, bool]] = defaultdict(dict)

    @cached_property
    def _phones(self) -> Phones:
        return Phones(self._said.values())

    def _is_doubtful(self, root: int) -> bool:
        """Tell whether a person says nothing for certain and may be either of two namesakes."""
        two_around = self._persons.namesakes.two_around
        return self._components.says_nothing(root) and any(map(two_around, self._said[root].members))

    def now_one(self, first: int, second: int) -> None:
        """Note that two persons have been joined."""
        root = self._components.root(first)
        other = second if root == first else first
        names = dict.fromkeys((*self._names(root), *self._names(other)))
        self.rows[root] = self._rows(root) | self._rows(other)
        self.rows.pop(other, None)
        self._person[root] = next(self._others)
        self._joined_names[root] = tuple(islice(names, 2 * MOST_NAMES))
        self.now += 1
        self._joined_at[root] = self.now

    def _names(self, root: int) -> Names:
        """Return the names of a person by now."""
        return self._joined_names.get(root) or self._said[root].names[:MOST_NAMES]

    def _rows(self, root: int) -> set[int]:
        """Return the persons, as they were before this round, that one is made of by now."""
        return self.rows.get(root) or {root}

    def changed_since(self, then: int, pair: Pair, first: int, second: int) -> bool:
        """Tell whether anything that `against` looks at has changed since a time: the two, or who may be a rival.

        Args:
            then: an earlier `now`.
            pair: two rows, of the one and of the other.
            first: the root of the one.
            second: of the other.
        """
        joined_at, root = self._joined_at, self._components.root
        if joined_at.get(first, 0) > then or joined_at.get(second, 0) > then:
            return True
        return any(joined_at.get(root(third), 0) > then for row in pair[:2] for third in self._near_to(row))

    def against(self, pair: Pair, first: int, second: int) -> str:
        """Say why two persons must not be joined though much agrees; '' when nothing speaks against it.

        Args:
            pair: two rows, of the one and of the other.
            first: the root of the one.
            second: of the other.
        """
        if second in self._components.barred(first):
            return "people said they are two"
        if second in self._components.opposed(first):
            return ONE_RECORD
        if self._components.other_generation(first, second):
            return CONTRADICTED
        mistyped = self._components.contradict(first, second)
        if mistyped and not self._mistyped(pair, first, second):
            return CONTRADICTED
        if not self._names_agree(first, second) and not self._took_a_name(pair, first, second):
            return OF_ONE_FAMILY
        if self._forenames.both_steady(self._names(first), self._names(second), self._rows(first), self._rows(second)):
            return TWO_FORMS
        if self._same(pair) == {"slip"}:
            return "nothing but the name and a date of birth nearly the same"
        if self._of_two_namesakes(pair, first, second):
            return "may be father or son of one name"
        ends = ((pair.first, pair.second), (pair.second, pair.first))
        if any(self._has_rival(row, other, pair.bits, mistyped) for row, other in ends):
            return "may as well be another person"
        return "" if self._held_together(first, second) else "held by one link only"

    def _mistyped(self, pair: Pair, first: int, second: int) -> bool:
        """Tell whether a date of birth may be forgiven: one name, and a number or identifier of one person alone.

        Two cousins of one name share a house, and its telephone too; a number that people of other names have, or one
        of a place (with an area code), is no person's own.
        """
        if not (self._is_named(pair, "full", "part") and self._components.mistyped(first, second)):
            return False
        if "identifier" in self._same(pair):
            return True
        mine, theirs = (self._said[each].phones for each in (pair.first, pair.second))
        return any(self._phones.is_own(phone) for phone in mine if phone in theirs)

    def _is_named(self, pair: Pair, *kinds: str) -> bool:
        """Tell whether the names of a pair agree in one of some ways: 'full', 'part', 'slip', 'heard', 'initial' ..."""
        return any(
            at >= 0 and each.name == "name" and each.levels[at].name.startswith(kinds)
            for each, at in zip(self._model.comparisons, pair.levels, strict=True)
        )

    def _has_rival(self, row: int, other: int, bits: float, strictly: bool) -> bool:
        """Tell whether a row is nearly as likely a third person who cannot be the other one.

        One of the very same date of birth is a rival however little else agrees: 'Abdirahman Ahmed' may be Ali or Suad.

        Args:
            row: a row.
            other: the one it would be joined to.
            bits: what the two weigh.
            strictly: whom another date of birth keeps from the other is a rival though it may be mistyped.
        """
        root, person = self._components.root, self._person
        target, own = root(other), root(row)
        known = self._two[person.get(target, target)]
        harmless = {target, own}
        for third in self._rivals(row, bits - self._model.margin):
            rival = root(third)
            if rival in harmless:
                continue
            differ = known.get(person.get(rival, rival)) or self._differ(rival, target)
            if not (differ[0] or differ[1]) or not self._may_be_one(own, rival):
                harmless.add(rival)
            elif self._are_two(rival, target, differ, None if strictly else self._near_to(other).get(third)):
                if not self._named_in_full(own, rival, target):
                    return True
                harmless.add(rival)
        return False

    def _named_in_full(self, own: int, rival: int, target: int) -> bool:
        """Tell whether only their names make two of a rival and a target, and a person bears both.

        Susan Collins may be Sue Collins and Susen Collins both, though these two are not alike; Mohammed Raza is
        either Mohammed Hasan or Mohammed Husain Raza.
        """
        most = longest(self._names(own))
        others = (longest(self._names(each)) for each in (rival, target))
        in_full = most >= FULL_NAME and all(FULL_NAME <= each <= most for each in others)
        return in_full and not self._components.contradict(rival, target)

    def _took_a_name(self, pair: Pair, first: int, second: int) -> bool:
        """Tell whether one forename, one date of birth and one home or number outweigh another surname (marriage)."""
        if "birth" not in self._same(pair) or self._same(pair).isdisjoint({"home", "scene", "phone"}):
            return False
        stands = self._persons.rarity.stands
        return any(another_surname(a, b, stands) for a in self._names(first) for b in self._names(second))

    def _same(self, pair: Pair) -> frozenset[str]:
        """Return what a pair shares: 'birth', 'slip', 'phone', 'home', 'scene', 'building', 'area', 'company' ..."""
        shared = self._sames.get(pair.levels)
        if shared is None:
            found = set()
            for each, at in zip(self._model.comparisons, pair.levels, strict=True):
                level = each.levels[at].name if at >= 0 else ""
                if level == "same":
                    found.add(each.name)
                elif level in ("home", "scene", "building", "area", "slip"):
                    found.add(level)
            shared = self._sames[pair.levels] = frozenset(found)
        return shared

    def _of_two_namesakes(self, pair: Pair, first: int, second: int) -> bool:
        """Tell whether one says too little to tell which of two namesakes around it is."""
        if not self._same(pair).isdisjoint({"birth", "identifier", "phone"}):
            return False
        return any(
            row in self._doubtful and self._components.says_nothing(root)
            for row, root in ((pair.first, first), (pair.second, second))
        )

    def _may_be_one(self, first: int, second: int) -> bool:
        """Tell whether the guards would let two persons be one."""
        person = self._person
        known, other = self._one[person.get(first, first)], person.get(second, second)
        found = known.get(other)
        if found is None:
            agree = self._names_agree(first, second)
            found = known[other] = agree and not self._components.contradict(first, second)
        return found

    def _names_agree(self, first: int, second: int) -> bool:
        """Tell whether two persons may be of one name: not Jane and Jade where both are borne here."""
        mine, theirs = self._names(first), self._names(second)
        if not _agree(mine, theirs):
            return False
        two = self._forenames.two_names(mine, theirs)
        return not two or names_agree(mine, theirs, two)

    def _names_clash(self, first: int, second: int) -> bool:
        """Tell whether two persons cannot be of one name, though each were misspelt."""
        mine, theirs = self._names(first), self._names(second)
        two = self._forenames.two_names(mine, theirs)
        return names_clash(mine, theirs, two) if two else _clash(mine, theirs)

    def _rivals(self, row: int, least: float) -> Iterator[int]:
        """Yield the rows that weigh at least so much with a row, the weightiest first; then those of its date of birth.

        Args:
            row: a row.
            least: bits.
        """
        for third, weight in self._near_to(row).items():
            if weight < least:
                break
            yield third
        for third, weight in self._born_beside(row):
            if weight < least:
                yield third

    def _near_to(self, row: int) -> dict[int, float]:
        """Return the rows that a row was weighed with and what each weighs, the weightiest first."""
        found = self._near.get(row)
        if found is None:
            if len(self._near) >= HELD:
                self._near.clear()
            found = self._near[row] = dict(self._pairs.near(row))
        return found

    def _born_beside(self, row: int) -> list[tuple[int, float]]:
        """Return those of the rows near to one that share a date of birth with it, the weightiest first."""
        found = self._born_with.get(row)
        if found is None:
            births, said = set(self._said[row].births), self._said
            near = self._near_to(row).items() if births else ()
            found = [each for each in near if not births.isdisjoint(said[each[0]].births)]
            self._born_with[row] = found
        return found

    def _are_two(self, rival: int, target: int, differ: tuple[bool, bool], bits: float | None) -> bool:
        """Tell whether two persons cannot be one; a date of birth mistyped by years does not make two of one.

        Args:
            rival: a root.
            target: another root.
            differ: whether their names and whether their facts make two of them.
            bits: what their rows weigh together; None: less than is kept.
        """
        names_differ, facts_differ = differ
        mistaken = bits is not None and bits >= MISTAKEN
        return names_differ or (facts_differ and not (mistaken and self._components.mistaken(rival, target)))

    def _differ(self, first: int, second: int) -> tuple[bool, bool]:
        """Tell of two persons whether their names and whether their facts make two of them, and keep it."""
        found = self._names_clash(first, second), self._components.contradict(first, second)
        person = self._person
        self._two[person.get(second, second)][person.get(first, first)] = found
        return found

    def _held_together(self, first: int, second: int) -> bool:
        """Tell whether two clusters of rows are held together by more than one bridge."""
        few, many = sorted((first, second), key=lambda root: (len(self._rows(root)), root))
        if len(self._rows(few)) == 1:
            return True
        pairs = len(self._rows(few)) * len(self._rows(many))
        strong = sum(
            bits >= self._model.keep and self._components.root(third) == many
            for row in self._rows(few)
            for third, bits in self._near_to(row).items()
        )
        return supported(strong, pairs, self._model.support)


@lru_cache(maxsize=262_144)
def _agree(first: Names, second: Names) -> bool:
    """Tell what `names_agree` does, once for all persons of the same names."""
    return names_agree(first, second)


@lru_cache(maxsize=262_144)
def _clash(first: Names, second: Names) -> bool:
    """Tell what `names_clash` does, once for all persons of the same names."""
    return names_clash(first, second)
