"""Father and son: a mention that says no more than a name is neither, where two of that name are known around it.

Where only one of the two is in the index, nothing can tell: that join is made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from discoverer.match.profiles import PersonProfile
from index.linking_facts import Components
from index.linking_gathered import Gathered, crowded
from index.linking_names import pair_keys
from index.linking_types import Candidate


class Namesakes:
    """Who bears which name where, to find father and son where a mention may be of either."""

    def __init__(self, components: Components) -> None:
        """Begin with nobody.

        Args:
            components: whose mentions are noted by `renew`.
        """
        self._components = components
        # The components that say more than a name.
        self._known: dict[int, Gathered] = {}
        # Those that ever bore a name: those that are no more are passed over when it is asked for.
        self._ever: dict[str, list[int]] = defaultdict(list)
        self._areas: Counter[str] = Counter()
        self._mentions = 0
        self._crowded: set[str] = set()
        # Who of those stands where, name by name, put together when a name is first asked for since the last renewal:
        # to go over all who bear a common name for each that may be one of them grows with the square of their number.
        self._standing: dict[str, dict[str, list[int]]] = {}
        # What was asked since the last renewal: a person's mentions mostly say the same.
        self._asked: dict[tuple[tuple[object, ...], ...], bool] = {}

    def renew(self, gone: Iterable[int], come: Mapping[int, Gathered], new: Iterable[Candidate]) -> None:
        """Note the components that say more than a name, where some were replaced by others.

        Args:
            gone: components noted before that are no more, or other than they were.
            come: those in their place.
            new: the mentions never noted before.
        """
        self._asked.clear()
        self._standing.clear()
        for root in gone:
            self._known.pop(root, None)
        for root, said in come.items():
            if any(each.births or each.identifiers or each.generations for each in self._components.facts(root)):
                self._known[root] = said
                for key in _all_called(said):
                    self._ever[key].append(root)
        for candidate in new:
            self._mentions += 1
            self._areas.update(candidate.profile.areas)
        self._crowded = crowded(self._areas, self._mentions)

    def two_around(self, candidate: Candidate) -> bool:
        """Tell whether two people who bear a mention's name and cannot be one are known around it, as last renewed."""
        profile = candidate.profile
        says = (profile.names, profile.areas, profile.homes, candidate.scenes)
        found = self._asked.get(says)
        if found is None:
            found = self._asked[says] = self._are_two_around(candidate)
        return found

    def _are_two_around(self, candidate: Candidate) -> bool:
        """Tell what `two_around` does, once for all mentions that say the same."""
        here = set(_around(candidate)) - self._crowded
        standing = [self._standing_of(key) for key in _called(candidate.profile)]
        near = {root for of_name in standing for place in here for root in of_name.get(place, ())}
        return any(
            all(one.contradicts(other) and not one.mistyped_from(other) for one in mine for other in theirs)
            for mine, theirs in combinations(map(self._components.facts, near), 2)
        )

    def _standing_of(self, key: str) -> dict[str, list[int]]:
        """Return, for each place that tells anything, those known of one name who stand there."""
        found = self._standing.get(key)
        if found is None:
            found = self._standing[key] = defaultdict(list)
            for root in dict.fromkeys(self._ever.get(key, ())):
                members = self._known[root].members if root in self._known else ()
                for place in {each for member in members for each in _around(member)} - self._crowded:
                    found[place].append(root)
        return found


def _around(candidate: Candidate) -> Iterator[str]:
    """Yield the areas, homes and scenes of a mention."""
    yield from candidate.profile.areas
    yield from candidate.profile.homes
    yield from candidate.scenes


def _all_called(said: Gathered) -> set[str]:
    """Return the keys of every two names of a component."""
    return {key for name in said.names for key in pair_keys(name)}


def _called(profile: PersonProfile) -> Iterable[str]:
    """Return the keys of every two names of a person: 'Andrew Jordan Lewis' is called Andrew Lewis too."""
    return dict.fromkeys(key for name in profile.names for key in pair_keys(name))
