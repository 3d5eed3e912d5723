"""Father and son: a mention that says no more than a name is neither, where two of that name are known around it.

Where only one of the two is in the index, nothing can tell: that join is made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import combinations

from discoverer.match.profiles import PersonProfile
from index.linking_facts import Components, Facts
from index.linking_names import name_keys
from index.linking_rows import crowded
from index.linking_types import Candidate


class Namesakes:
    """Who bears which name where, to find father and son where a mention may be of either."""

    def __init__(self, seen: Iterable[Candidate], components: Components) -> None:
        """Note the components that say more than a name.

        Args:
            seen: all mentions so far.
            components: as they are joined so far.
        """
        self._around: dict[int, set[str]] = defaultdict(set)
        self._facts: dict[int, list[Facts]] = {}
        self._bearers: dict[str, set[int]] = defaultdict(set)
        areas: Counter[str] = Counter()
        mentions = 0
        for candidate in seen:
            mentions += 1
            root = components.root(candidate.number)
            facts = components.facts(root)
            areas.update(candidate.profile.areas)
            if any(each.births or each.identifiers or each.generations for each in facts):
                self._around[root].update(_around(candidate))
                self._facts[root] = facts
                for key in _called(candidate.profile):
                    self._bearers[key].add(root)
        self._crowded = crowded(areas, mentions)

    def two_around(self, candidate: Candidate) -> bool:
        """Tell whether two people who bear a mention's name and cannot be one are known around it."""
        here = set(_around(candidate)) - self._crowded
        near = [
            self._facts[root]
            for key in _called(candidate.profile)
            for root in self._bearers.get(key, ())
            if not self._around[root].isdisjoint(here)
        ]
        return any(
            all(one.contradicts(other) and not one.mistyped_from(other) for one in mine for other in theirs)
            for mine, theirs in combinations(near, 2)
        )


def _around(candidate: Candidate) -> Iterator[str]:
    """Yield the areas, homes and scenes of a mention."""
    yield from candidate.profile.areas
    yield from candidate.profile.homes
    yield from candidate.scenes


def _called(profile: PersonProfile) -> Iterable[str]:
    """Return the keys of every two names of a person: 'Andrew Jordan Lewis' is called Andrew Lewis too."""
    return dict.fromkeys(key for name in profile.names for key in _pair_keys(name))


@lru_cache(maxsize=131_072)
def _pair_keys(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of every two tokens of one name."""
    return tuple(pair.part for pair in name_keys(name).pairs)
