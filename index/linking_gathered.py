"""What the mentions of one person so far say, and how rare the names among all persons are."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from discoverer.normalise.names import is_common
from index.linking_names import whole_tokens
from index.linking_types import Candidate

T = TypeVar("T")

# A value borne by more mentions than this never brings two rows together by itself.
MOST_BEARERS = 100
# A token half a community bears earns no more than this many bits, however few of them are held.
COMMON_BITS = 3
# An area that more than one row in so many is in tells nobody apart.
MOST_OF_AREA = 32


@dataclass(slots=True)
class Gathered:
    """What the mentions of one component say: put together when asked for, since all at once would not fit into memory.

    Attributes:
        members: the mentions.
        fresh: bool, one of them is of the label now linked.
    """

    members: list[Candidate] = field(default_factory=list)
    fresh: bool = False
    _names: tuple[tuple[str, ...], ...] | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, candidate: Candidate, fresh: bool) -> None:
        """Take in a mention."""
        self.members.append(candidate)
        self._names = None
        self.fresh = self.fresh or fresh

    def _of(self, each: Callable[[Candidate], tuple[T, ...]]) -> tuple[T, ...]:
        if len(self.members) == 1:
            return each(self.members[0])
        return tuple(dict.fromkeys(chain.from_iterable(map(each, self.members))))

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Distinct names as tokens, kept: every pass over the persons asks for them."""
        if self._names is None:
            self._names = self._of(names_of)
        return self._names

    @property
    def births(self) -> tuple[str, ...]:
        """Distinct full dates of birth."""
        return self._of(births_of)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Distinct spans of birth years that ages or dates of birth allow."""
        return self._of(spans_of)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Distinct identifiers of a person, those with a wrong check letter too."""
        return self._of(identifiers_of)

    @property
    def phones(self) -> tuple[str, ...]:
        """Distinct telephone numbers."""
        return self._of(phones_of)

    @property
    def homes(self) -> tuple[str, ...]:
        """Distinct homes."""
        return self._of(homes_of)

    @property
    def scenes(self) -> tuple[str, ...]:
        """Distinct places of their records."""
        return self._of(scenes_of)

    @property
    def areas(self) -> tuple[str, ...]:
        """Distinct postcode districts and localities."""
        return self._of(areas_of)

    @property
    def company(self) -> tuple[str, ...]:
        """Distinct names of other people of their records."""
        return self._of(company_of)


names_of = attrgetter("profile.names")
phones_of = attrgetter("profile.phones")
homes_of = attrgetter("profile.homes")
areas_of = attrgetter("profile.areas")
scenes_of = attrgetter("scenes")
company_of = attrgetter("company")


def births_of(member: Candidate) -> tuple[str, ...]:
    """Return the full dates of birth of a mention."""
    births = member.profile.births
    return tuple(each for each in births if len(each) == 10) if births else births


def spans_of(member: Candidate) -> tuple[tuple[int, int], ...]:
    """Return the spans of birth years that its age or dates of birth allow."""
    profile = member.profile
    return profile.years or tuple((int(each[:4]), int(each[:4])) for each in profile.births)


def identifiers_of(member: Candidate) -> tuple[str, ...]:
    """Return the identifiers of its person, those with a wrong check letter too."""
    profile = member.profile
    if not (profile.identifiers or profile.unverified):
        return ()
    return tuple(each for each in (*profile.identifiers, *profile.unverified) if not each.startswith("asn:"))


def crowded(areas: Mapping[str, int], total: int) -> set[str]:
    """Return the areas in which so many of all are that to share one says nothing: a town's own name.

    Args:
        areas: area -> how many are in it.
        total: int >= 0, of all.
    """
    return {area for area, count in areas.items() if count > MOST_BEARERS and count * MOST_OF_AREA > total}


class Rarity:
    """How rare tokens are among the rows, in whole bits, so that one record more or less seldom moves anything.

    Attributes:
        total: int, the bits by which one row is rarer than all.
    """

    def __init__(self, rows: Iterable[Gathered]) -> None:
        """Count the rows.

        Args:
            rows: all there are.
        """
        self._counts: Counter[str] = Counter()
        self._areas: Counter[str] = Counter()
        self._ends: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._rows = 0
        # Worked out when asked for.
        self._bits: dict[str, int] = {}
        self.recount((), rows)

    def recount(self, gone: Iterable[Gathered], come: Iterable[Gathered]) -> None:
        """Count again where some rows were replaced by others.

        Args:
            gone: rows counted before, as they were then.
            come: the rows in their place.
        """
        for rows, sign in ((gone, -1), (come, 1)):
            for row in rows:
                self._count(row, sign)
        self.total = round(math.log2(max(self._rows, 1)))
        self._crowded = crowded(self._areas, self._rows)
        self._bits.clear()

    def _count(self, row: Gathered, sign: int) -> None:
        """Count one row in (1) or out (-1)."""
        self._rows += sign
        for area in row.areas:
            self._areas[area] += sign
        names = row.names
        held = whole_tokens(names[0]) if len(names) == 1 else {token for name in names for token in whole_tokens(name)}
        for token in held:
            self._counts[token] += sign
        for name in names:
            if len(name) > 1:
                self._ends[name[0]][0] += sign
                self._ends[name[-1]][1] += sign

    def stands(self, token: str) -> float:
        """Return how often a token stands first in a name rather than last, from 0 (a surname) to 1; 0.5: unknown."""
        first, last = self._ends.get(token, (0, 0))
        return (first + 1) / (first + last + 2)

    def tells(self, area: str) -> bool:
        """Tell whether sharing an area says anything: not of a town where one row in thirty-two is."""
        return area not in self._crowded

    def bits(self, token: str) -> int:
        """Return how rare one token is; 0: all bear it."""
        found = self._bits.get(token)
        if found is None:
            found = self._bits[token] = self._of(token)
        return found

    def count(self, token: str) -> int:
        """Return how many rows bear a token; 0 when none."""
        return self._counts.get(token, 0)

    def _of(self, token: str) -> int:
        count = self.count(token)
        if not count:
            return self.total
        bits = max(0, self.total - round(math.log2(count)))
        return min(bits, COMMON_BITS) if is_common(token) else bits

    def over(self, tokens: Iterable[str]) -> int:
        """Return by how many bits tokens together are rarer than one row of all; negative: many bear them."""
        return sum(map(self.bits, tokens)) - self.total
