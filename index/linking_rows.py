"""What is joined already as rows to be compared: lists of keys, made once for each distinct value."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from discoverer.match.profiles import PersonProfile
from discoverer.normalise.names import is_common
from index.linking_names import NameKeys, name_keys
from index.linking_types import Candidate

T = TypeVar("T")

# A value borne by more mentions than this never brings two rows together by itself.
MOST_BEARERS = 100
# Bits by which a name is rarer than one person in this index: the bands its agreement is weighed in.
BANDS = (12, 7, 4, 0)
NAME_KINDS = ("full", "part", "heard", "slip")
# The same for one token alone.
TOKEN_BANDS = (11, 8)
# A token half a community bears earns no more than this many bits, however few of them are held.
COMMON_BITS = 3
# An area that more than one row in so many is in tells nobody apart.
MOST_OF_AREA = 32
# Distinct names of which the keys are kept at a time.
NAMES_HELD = 20_000
# Letters of a token that stand beside a value too common to bring rows together alone.
PIECE = 3


@dataclass(slots=True)
class Row:
    """One person so far: a component of mentions, as it is compared.

    Attributes:
        root: int, the component.
        fresh: bool, it holds a mention of the label now linked.
        bearers: int, mentions in it.
        columns: column -> values; a column without any is left out.
        years: (first, last) birth year allowed, None: nothing known.
        blocks: keys that bring it together with others.
    """

    root: int
    fresh: bool = False
    bearers: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    blocks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Gathered:
    """What the mentions of one component say: put together when asked for, since all at once would not fit into memory.

    Attributes:
        members: the mentions.
        fresh: bool, one of them is of the label now linked.
    """

    members: list[Candidate] = field(default_factory=list)
    fresh: bool = False

    def add(self, candidate: Candidate, fresh: bool) -> None:
        """Take in a mention."""
        self.members.append(candidate)
        self.fresh = self.fresh or fresh

    def _of(self, each: Callable[[Candidate], Iterable[T]]) -> tuple[T, ...]:
        if len(self.members) == 1:
            return tuple(each(self.members[0]))
        return tuple(dict.fromkeys(chain.from_iterable(map(each, self.members))))

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """Distinct names as tokens."""
        return self._of(lambda member: member.profile.names)

    @property
    def births(self) -> tuple[str, ...]:
        """Distinct full dates of birth."""
        return self._of(lambda member: (each for each in member.profile.births if len(each) == 10))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Distinct spans of birth years that ages or dates of birth allow."""
        return self._of(_spans_of)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Distinct identifiers of a person, those with a wrong check letter too."""
        return self._of(lambda member: _identifiers_of(member.profile))

    @property
    def phones(self) -> tuple[str, ...]:
        """Distinct telephone numbers."""
        return self._of(lambda member: member.profile.phones)

    @property
    def homes(self) -> tuple[str, ...]:
        """Distinct homes."""
        return self._of(lambda member: member.profile.homes)

    @property
    def scenes(self) -> tuple[str, ...]:
        """Distinct places of their records."""
        return self._of(lambda member: member.scenes)

    @property
    def areas(self) -> tuple[str, ...]:
        """Distinct postcode districts and localities."""
        return self._of(lambda member: member.profile.areas)

    @property
    def company(self) -> tuple[str, ...]:
        """Distinct names of other people of their records."""
        return self._of(lambda member: member.company)


def _spans_of(member: Candidate) -> tuple[tuple[int, int], ...]:
    profile = member.profile
    return profile.years or tuple((int(each[:4]), int(each[:4])) for each in profile.births)


def _identifiers_of(profile: PersonProfile) -> Iterator[str]:
    return (each for each in (*profile.identifiers, *profile.unverified) if not each.startswith("asn:"))


def crowded(areas: Mapping[str, int], total: int) -> set[str]:
    """Return the areas in which so many of all are that to share one says nothing: a town's own name.

    Args:
        areas: area -> how many are in it.
        total: int >= 0, of all.
    """
    return {area for area, count in areas.items() if count > MOST_BEARERS and count * MOST_OF_AREA > total}


class Rarity:
    """How rare tokens are among the rows, in whole bits, so that one record more or less seldom moves anything."""

    def __init__(self, rows: Iterable[Gathered]) -> None:
        counts: Counter[str] = Counter()
        areas: Counter[str] = Counter()
        self._ends: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        total = 0
        for row in rows:
            total += 1
            areas.update(row.areas)
            counts.update({token for name in row.names for token in name_keys(name).tokens})
            for name in row.names:
                if len(name) > 1:
                    self._ends[name[0]][0] += 1
                    self._ends[name[-1]][1] += 1
        self.total = round(math.log2(max(total, 1)))
        self._crowded = crowded(areas, total)
        self._bits = {token: self._of(token, count) for token, count in counts.items()}

    def stands(self, token: str) -> float:
        """Return how often a token stands first in a name rather than last, from 0 (a surname) to 1; 0.5: unknown."""
        first, last = self._ends.get(token, (0, 0))
        return (first + 1) / (first + last + 2)

    def tells(self, area: str) -> bool:
        """Tell whether sharing an area says anything: not of a town where one row in thirty-two is."""
        return area not in self._crowded

    def _of(self, token: str, count: int) -> int:
        bits = max(0, self.total - round(math.log2(count)))
        return min(bits, COMMON_BITS) if is_common(token) else bits

    def bits(self, token: str) -> int:
        """Return how rare one token is; 0: all bear it."""
        return self._bits.get(token, self.total)

    def over(self, tokens: Iterable[str]) -> int:
        """Return by how many bits tokens together are rarer than one row of all; negative: many bear them."""
        return sum(self._bits.get(token, self.total) for token in tokens) - self.total


def band_of(rarity: int, bands: Sequence[int]) -> int:
    """Return the band of a rarity: 0 the rarest, len(bands) the commonest."""
    return next((at for at, least in enumerate(bands) if rarity >= least), len(bands))


def rows_of(gathered: Mapping[int, Gathered]) -> list[Row]:
    """Lay components out as rows: those that share a block key with another, at least one of the two fresh.

    Args:
        gathered: component -> what its mentions say.

    Returns:
        Rows without their columns, which `filled` fills in one by one: together they would not fit into memory.
    """
    rows = [Row(root, said.fresh, len(said.members)) for root, said in gathered.items()]
    _block(rows, gathered)
    return _shared(rows)


def filled(rows: Iterable[Row], gathered: Mapping[int, Gathered], rarity: Rarity) -> Iterator[Row]:
    """Yield rows with their columns.

    Args:
        rows: from `rows_of`.
        gathered: all that they were made of.
        rarity: of the names among them.
    """
    filling = _Filling(rarity)
    for row in rows:
        yield filling.row(row, gathered[row.root])


class _Filling:
    """Fills in the columns of rows; what a name gives is worked out once for many who bear it."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity
        self._by_name: dict[tuple[str, ...], list[tuple[str, str]]] = {}

    def row(self, row: Row, said: Gathered) -> Row:
        """Return one row with its columns."""
        columns: dict[str, dict[str, None]] = defaultdict(dict)
        for name in said.names:
            for column, key in self._of_name(name):
                columns[column][key] = None
        for column, key in _other_columns(said):
            if column != "areas" or self._rarity.tells(key):
                columns[column][key] = None
        listed = {column: list(values) for column, values in columns.items()}
        return replace(row, columns=listed, years=_years(said.spans))

    def _of_name(self, name: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return (column, key) of everything one name says."""
        values = self._by_name.get(name)
        if values is None:
            if len(self._by_name) >= NAMES_HELD:
                self._by_name.clear()
            values = self._by_name[name] = list(self._name_columns(name_keys(name)))
        return values

    def _name_columns(self, keys: NameKeys) -> Iterator[tuple[str, str]]:
        """Yield (column, key) of everything one name says, by how rare the tokens are that would agree."""
        rarity = self._rarity
        if keys.full:
            yield f"full_{band_of(rarity.over(keys.tokens), BANDS)}", keys.full
        for pair in keys.pairs:
            band = band_of(rarity.over(pair.tokens), BANDS)
            yield f"part_{band}", pair.part
            yield from ((f"heard_{band}", key) for key in pair.heard)
            yield from ((f"slip_{band}", key) for key in pair.slip)
        for kind, values in (("whole", keys.initial), ("initial", keys.initials)):
            for key, token in values:
                yield f"{kind}_{band_of(rarity.bits(token), TOKEN_BANDS)}", key
        for token in keys.tokens:
            yield f"token_{band_of(rarity.bits(token), TOKEN_BANDS)}", token


def _years(spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the (first, last) birth year that all of some spans allow, or that lie between them; None for no span."""
    if not spans:
        return None
    ends = (max(low for low, _ in spans), min(high for _, high in spans))
    return min(ends), max(ends)


def _other_columns(said: Gathered) -> Iterator[tuple[str, str]]:
    """Yield (column, value) of everything but names."""
    for birth in said.births:
        yield "births", birth
        for key in _birth_slips(birth):
            yield "birth_slips", key
    for column in ("identifiers", "phones", "areas", "company", "homes"):
        for value in getattr(said, column):
            yield column, value
    for place in dict.fromkeys((*said.homes, *said.scenes)):
        yield "places", place
        yield "buildings", place.partition("|")[2]


def _birth_slips(birth: str) -> Iterator[str]:
    """Yield a date's forms that meet those of a date one slip away: a digit masked, day and month in one order."""
    digits = birth.replace("-", "")
    yield from (f"{digits[:at]}.{digits[at + 1 :]}" for at in range(3, 8))
    yield _either_way(digits)


def _either_way(digits: str) -> str:
    """Return a date's digits with day and month in order of size."""
    return digits[:4] + "".join(sorted((digits[4:6], digits[6:])))


def _shared(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that share a block key with another, one of the two fresh; keys that bring nobody together go."""
    bearers = Counter(key for row in rows for key in row.blocks)
    fresh = {key for row in rows if row.fresh for key in row.blocks}
    for row in rows:
        row.blocks = [key for key in row.blocks if bearers[key] > 1 and key in fresh]
    return [row for row in rows if row.blocks]


def _block(rows: Sequence[Row], gathered: Mapping[int, Gathered]) -> None:
    """Give every row the keys that bring it together with others.

    A value that too many mentions bear is no key alone, but beside another (a piece of the name, an area, a date of
    birth); where even that is borne by too many it brings nobody together.
    """
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        row.blocks = list(dict.fromkeys(_lone_keys(gathered[row.root])))
        for key in row.blocks:
            counts[key] += row.bearers
    together: dict[str, int] = defaultdict(int)
    crowded: dict[int, list[str]] = {}
    for row in rows:
        many = [key for key in row.blocks if counts[key] > MOST_BEARERS]
        if many:
            row.blocks = [key for key in row.blocks if counts[key] <= MOST_BEARERS]
            crowded[row.root] = [f"{key}/{more}" for key in many for more in _beside(key, gathered[row.root])]
            for key in crowded[row.root]:
                together[key] += row.bearers
    for row in rows:
        row.blocks += [key for key in crowded.get(row.root, ()) if together[key] <= MOST_BEARERS]


def _lone_keys(said: Gathered) -> Iterator[str]:
    """Yield the values of a row that may bring it together with others, each with its kind."""
    yield from (f"id:{value}" for value in said.identifiers)
    yield from (f"phone:{value}" for value in said.phones)
    yield from (f"place:{value}" for value in (*said.homes, *said.scenes))
    pieces, births, areas = _pieces(said), said.births, said.areas
    for birth in births:
        date = _either_way(birth.replace("-", ""))
        yield from (f"birth:{date}:{piece}" for piece in pieces)
    for other in said.company:
        yield from (f"with:{other}:{piece}" for piece in pieces)
    for name in said.names:
        yield from _name_blocks(name)
        keys = name_keys(name)
        letters = (*keys.initials, *(keys.initial if not births else ()))
        yield from (f"initial:{key}:{area}" for key, _ in letters for area in areas)


@lru_cache(maxsize=65_536)
def _name_blocks(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of one name: every two tokens, as they stand and as heard; the token of a name of one."""
    keys = name_keys(name)
    pairs = (key for pair in keys.pairs for key in (pair.part, *pair.heard))
    alone = [f"token:{token}" for token in keys.tokens] if not keys.pairs else []
    return (*dict.fromkeys(f"name:{key}" for key in pairs), *alone)


def _pieces(said: Gathered) -> tuple[str, ...]:
    """Return the beginnings of a row's names."""
    found = [_beginnings(name) for name in said.names]
    return found[0] if len(found) == 1 else tuple(dict.fromkeys(chain.from_iterable(found)))


@lru_cache(maxsize=131_072)
def _beginnings(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the beginnings of one name's tokens."""
    return tuple(dict.fromkeys(token[:PIECE] for token in name_keys(name).tokens))


def _beside(key: str, said: Gathered) -> Iterator[str]:
    """Yield what stands beside a value that too many bear."""
    if key.startswith(("name:", "token:")):
        yield from said.areas
        yield from said.births
        yield from said.phones
        yield from said.company
        yield from said.homes
    elif key.startswith(("id:", "phone:", "place:")):
        yield from _pieces(said)
