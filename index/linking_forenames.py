"""Jane and Jade: two forenames a letter apart are two names where several people here bear each, and no slip.

No list holds every name, so what is borne in this index tells: a slip is borne by few, mostly beside the very person
it is a slip of, and far less often than the name that was meant. A real name stands beside surnames, homes and dates of
birth of its own. Where only two people here bear the two forms, each written so again and again, they are two as well:
a slip seldom happens twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from discoverer.match.similarity import likeness
from discoverer.normalise.name_variants import variants
from discoverer.normalise.sounds import heard
from index.guards import SLIPS, Name, TokenPair, names_agree
from index.linking_gathered import Gathered

# Families, told apart by their surname, in which a real name is borne beside a home or date of birth where the other
# is not: two may be two slips of one keyboard, three are a name.
FAMILIES = 3
# Of a name's bearers at most one in so many is written with one and the same slip; invented sets have 1 in 25 to 40.
SLIP_AT_MOST = 16
# A form written so often, and never as the other, is no slip.
STEADY = 2
# One that only sounds alike, or holds the same letters, is written so by many; but not so often.
STEADY_ALIKE = 4
# A token that stands first in this share of the names it begins or ends may be a forename: lists put surnames first.
_MAY_BE_FORENAME = 0.4


class Forenames:
    """Who bears which name in this index, to tell a slip from another name."""

    def __init__(self, said: Mapping[int, Gathered]) -> None:
        """Begin with nobody.

        Args:
            said: component -> what its mentions say; those in it are made known by `renew`.
        """
        self._said = said
        # In how many names a token stands first and last, and in how many components.
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        # The components that ever bore it: those that are no more are passed over when it is asked for.
        self._ever: dict[str, list[int]] = defaultdict(list)
        self._forget()

    def _forget(self) -> None:
        """Forget what holds for the persons of one round only."""
        self._borne: dict[str, int] = {}
        self._beside: dict[str, dict[str, set[str]]] = {}
        self._two: dict[TokenPair, bool] = {}
        self._met: dict[tuple[tuple[Name, ...], tuple[Name, ...]], frozenset[TokenPair]] = {}

    def renew(self, gone: Mapping[int, Gathered], come: Mapping[int, Gathered]) -> None:
        """Note who bears which name where some components were replaced by others.

        Args:
            gone: components that are no more, or other than they were.
            come: those in their place.
        """
        self._forget()
        for rows, sign in ((gone, -1), (come, 1)):
            for root, one in rows.items():
                self._count(root, one.names, sign)

    def _count(self, root: int, names: Iterable[Name], sign: int) -> None:
        """Count one component in (1) or out (-1)."""
        ends: dict[str, None] = {}
        for name in names:
            if len(name) > 1:
                first, last = name[0], name[-1]
                self._counts[first][0] += sign
                self._counts[last][1] += sign
                ends[first] = ends[last] = None
        for token in ends:
            self._counts[token][2] += sign
            if sign > 0:
                self._ever[token].append(root)

    def _bearers(self, token: str) -> int:
        """Return how many components bear a token that may be a forename; 0 for any other."""
        found = self._borne.get(token)
        if found is None:
            first, last, bearers = self._counts.get(token, (0, 0, 0))
            may_be = len(token) > 1 and (first + 1) / (first + last + 2) > _MAY_BE_FORENAME
            found = self._borne[token] = bearers if may_be else 0
        return found

    def two_names(self, first: tuple[Name, ...], second: tuple[Name, ...]) -> frozenset[TokenPair]:
        """Return the tokens of two persons' names that are a letter apart and two forenames here, in order of letter.

        Args:
            first: one person's names.
            second: another's.
        """
        found = self._met.get((first, second))
        if found is None:
            two = frozenset(pair for pair in self._slips(first, second, FAMILIES, _is_slip) if self._are_two(pair))
            found = self._met[first, second] = two
        return found

    def both_steady(
        self, first: Sequence[Name], second: Sequence[Name], mine: Iterable[int], theirs: Iterable[int]
    ) -> bool:
        """Tell whether one forename of two persons differs by a slip, and both are written so again and again.

        Args:
            first: one person's names.
            second: the other's.
            mine: the components, as they were before this round, that make up the one.
            theirs: those of the other.
        """
        for apart, least in ((_is_slip, STEADY), (_is_spelt_otherwise, STEADY_ALIKE)):
            pairs = frozenset(self._slips(first, second, 1, apart))
            if pairs and not names_agree(first, second, pairs):
                one, other = self._written(mine), self._written(theirs)
                if any(min(one[a], other[b]) >= least or min(one[b], other[a]) >= least for a, b in pairs):
                    return True
        return False

    def _written(self, roots: Iterable[int]) -> Counter[str]:
        """Return how many mentions bear each token."""
        found: Counter[str] = Counter()
        for root in roots:
            for member in self._said[root].members:
                found.update({token for name in member.profile.names for token in name})
        return found

    def _slips(
        self, first: Iterable[Name], second: Iterable[Name], bearers: int, apart: Callable[[str, str], bool]
    ) -> Iterator[TokenPair]:
        """Yield the forenames of either a slip apart, as `apart` tells, and each borne by so many."""
        mine, theirs = ({token for name in names for token in (name[0], name[-1])} for names in (first, second))
        for one in mine - theirs:
            if self._bearers(one) >= bearers:
                for other in theirs - mine:
                    if self._bearers(other) >= bearers and apart(one, other):
                        yield (one, other) if one < other else (other, one)

    def _are_two(self, pair: TokenPair) -> bool:
        """Tell whether each of two tokens has bearers of its own in several families, and neither is too rare."""
        if pair not in self._two:
            few, many = sorted(map(self._bearers, pair))
            self._two[pair] = few * SLIP_AT_MOST >= many and all(
                self._families(one, other) >= FAMILIES for one, other in (pair, pair[::-1])
            )
        return self._two[pair]

    def _families(self, token: str, other: str) -> int:
        """Count the surnames beside which a token has a home or date of birth where the other is not borne."""
        beside = self._places(other)
        return sum(not places <= beside.get(surname, set()) for surname, places in self._places(token).items())

    def _places(self, token: str) -> dict[str, set[str]]:
        """Return, for each surname that a token is borne with, the homes and dates of birth it is borne at."""
        if token not in self._beside:
            found: dict[str, set[str]] = defaultdict(set)
            for root in dict.fromkeys(self._ever[token]):
                one = self._said.get(root)
                if one is None:
                    continue
                for name in one.names:
                    if token in (name[0], name[-1]) and len(name) > 1:
                        found[name[-1] if token == name[0] else name[0]].update(one.births, one.homes)
            self._beside[token] = dict(found)
        return self._beside[token]


@lru_cache(maxsize=262_144)
def _is_slip(first: str, second: str) -> bool:
    """Tell whether one token may be written for another by a slip, and is no form or spelling of it."""
    return _may_be_slip(first, second) and not _only_spelt(first, second)


@lru_cache(maxsize=262_144)
def _is_spelt_otherwise(first: str, second: str) -> bool:
    """Tell whether one token may be another spelling of the other, or its letters swapped: Rian or Mishelle."""
    return _may_be_slip(first, second) and _only_spelt(first, second)


def _may_be_slip(first: str, second: str) -> bool:
    """Tell whether two tokens are a slip apart and no known forms of one name."""
    return likeness(first, second).how in SLIPS and second not in variants(first)


def _only_spelt(first: str, second: str) -> bool:
    """Tell whether two tokens sound alike or hold the same letters: spellings of one name, or two letters swapped.

    Names come by telephone: Michelle is written Mishelle by many, and no mother of twins calls them that.
    """
    return sorted(first) == sorted(second) or not set(heard(first)).isdisjoint(heard(second))
