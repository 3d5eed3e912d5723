"""What is joined already as rows to be compared: lists of keys, made once for each distinct value."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from discoverer.normalise.names import is_common
from index.linking_names import NameKeys, name_keys
from index.linking_types import Candidate

# A value borne by more mentions than this never brings two rows together by itself.
MOST_BEARERS = 100
# Bits by which a name is rarer than one person in this index: the bands its agreement is weighed in.
BANDS = (12, 8, 4, 0)
NAME_KINDS = ("full", "part", "heard", "slip")
# The same for one token alone.
TOKEN_BANDS = (11, 8)
# A token half a community bears earns no more than this many bits, however few of them are held.
COMMON_BITS = 3
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
    """What the mentions of one component say."""

    names: dict[tuple[str, ...], None] = field(default_factory=dict)
    births: dict[str, None] = field(default_factory=dict)
    spans: list[tuple[int, int]] = field(default_factory=list)
    identifiers: dict[str, None] = field(default_factory=dict)
    phones: dict[str, None] = field(default_factory=dict)
    homes: dict[str, None] = field(default_factory=dict)
    scenes: dict[str, None] = field(default_factory=dict)
    areas: dict[str, None] = field(default_factory=dict)
    company: dict[str, None] = field(default_factory=dict)
    members: list[Candidate] = field(default_factory=list)
    fresh: bool = False

    def add(self, candidate: Candidate, fresh: bool) -> None:
        """Take in a mention."""
        profile = candidate.profile
        self.names |= dict.fromkeys(profile.names)
        self.births |= dict.fromkeys(each for each in profile.births if len(each) == 10)
        self.spans += profile.years or [(int(each[:4]), int(each[:4])) for each in profile.births]
        self.identifiers |= dict.fromkeys(
            each for each in (*profile.identifiers, *profile.unverified) if not each.startswith("asn:")
        )
        self.phones |= dict.fromkeys(profile.phones)
        self.homes |= dict.fromkeys(profile.homes)
        self.scenes |= dict.fromkeys(candidate.scenes)
        self.areas |= dict.fromkeys(profile.areas)
        self.company |= dict.fromkeys(candidate.company)
        self.members.append(candidate)
        self.fresh = self.fresh or fresh


class Rarity:
    """How rare tokens are among the rows, in whole bits, so that one record more or less seldom moves anything."""

    def __init__(self, rows: Iterable[Gathered]) -> None:
        counts: Counter[str] = Counter()
        total = 0
        for row in rows:
            total += 1
            counts.update({token for name in row.names for token in name_keys(name).tokens})
        self.total = round(math.log2(max(total, 1)))
        self._bits = {token: self._of(token, count) for token, count in counts.items()}

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
    """Lay components out as rows.

    Args:
        gathered: component -> what its mentions say.
    """
    rarity = Rarity(gathered.values())
    rows = [_row(root, each, rarity) for root, each in gathered.items()]
    _block(rows, gathered)
    return rows


def _row(root: int, said: Gathered, rarity: Rarity) -> Row:
    row = Row(root, said.fresh, len(said.members))
    columns: dict[str, dict[str, None]] = {}

    def put(column: str, value: str) -> None:
        columns.setdefault(column, {})[value] = None

    for name in said.names:
        for kind, key, tokens in _name_values(name_keys(name)):
            put(f"{kind}_{band_of(rarity.over(tokens), BANDS)}", key)
        for kind, key, token in _initial_values(name_keys(name)):
            put(f"{kind}_{band_of(rarity.bits(token), TOKEN_BANDS)}", key)
        for token in name_keys(name).tokens:
            put(f"token_{band_of(rarity.bits(token), TOKEN_BANDS)}", token)
    for birth in said.births:
        put("births", birth)
        for key in _birth_slips(birth):
            put("birth_slips", key)
    for column in ("identifiers", "phones", "areas", "company"):
        for value in getattr(said, column):
            put(column, value)
    for home in said.homes:
        put("homes", home)
        put("places", home)
        put("buildings", home.partition("|")[2])
    for scene in said.scenes:
        put("places", scene)
        put("buildings", scene.partition("|")[2])
    row.columns = {column: list(values) for column, values in columns.items()}
    if said.spans:
        ends = (max(low for low, _ in said.spans), min(high for _, high in said.spans))
        row.years = (min(ends), max(ends))
    return row


def _name_values(keys: NameKeys) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield (kind, key, the tokens that agree where it does)."""
    if keys.full:
        yield "full", keys.full, keys.tokens
    for kind in ("part", "heard", "slip"):
        for key, tokens in getattr(keys, kind):
            yield kind, key, tokens


def _initial_values(keys: NameKeys) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, key, the whole token) of a whole token beside another's first letter."""
    for key, token in keys.initial:
        yield "whole", key, token
    for key, token in keys.initials:
        yield "initial", key, token


def _birth_slips(birth: str) -> Iterator[str]:
    """Yield a date's forms that meet those of a date one slip away: a digit masked, day and month in one order."""
    digits = birth.replace("-", "")
    yield from (f"{digits[:at]}.{digits[at + 1 :]}" for at in range(3, 8))
    yield digits[:4] + "".join(sorted((digits[4:6], digits[6:])))


def shared_blocks(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that share a block key with another, one of the two fresh; keys that bring nobody together go."""
    bearers: dict[str, int] = {}
    fresh: set[str] = set()
    for row in rows:
        for key in dict.fromkeys(row.blocks):
            bearers[key] = bearers.get(key, 0) + 1
            if row.fresh:
                fresh.add(key)
    for row in rows:
        row.blocks = [key for key in dict.fromkeys(row.blocks) if bearers[key] > 1 and key in fresh]
    return [row for row in rows if row.blocks]


def _block(rows: Sequence[Row], gathered: Mapping[int, Gathered]) -> None:
    """Give every row the keys that bring it together with others."""
    alone: list[list[tuple[str, tuple[str, ...]]]] = []
    counts: Counter[str] = Counter()
    for row in rows:
        said = gathered[row.root]
        keys = list(_lone_keys(row, said))
        alone.append(keys)
        for key, _ in keys:
            counts[key] += row.bearers
    for row, keys in zip(rows, alone, strict=True):
        row.blocks = [key for key, _ in keys if counts[key] <= MOST_BEARERS]
        crowded = [f"{key}/{more}" for key, beside in keys if counts[key] > MOST_BEARERS for more in beside]
        row.blocks += crowded
    together = Counter(key for row in rows for key in row.blocks if "/" in key for _ in range(row.bearers))
    for row in rows:
        row.blocks = [key for key in row.blocks if "/" not in key or together[key] <= MOST_BEARERS]


def _lone_keys(row: Row, said: Gathered) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (key, pieces that stand beside it where too many bear it)."""
    names = [name_keys(name) for name in said.names]
    pieces = tuple(dict.fromkeys(token[:PIECE] for keys in names for token in keys.tokens))
    around = (
        *said.areas,
        *(f"b{birth}" for birth in said.births),
        *(f"p{each}" for each in said.phones),
        *said.company,
    )
    for value in said.identifiers:
        yield f"id:{value}", pieces
    for value in said.phones:
        yield f"phone:{value}", pieces
    for value in dict.fromkeys((*said.homes, *said.scenes)):
        yield f"place:{value}", pieces
    for value in said.births:
        digits = value.replace("-", "")
        for piece in pieces:
            yield f"birth:{digits[:4]}{''.join(sorted((digits[4:6], digits[6:])))}:{piece}", ()
    for value in said.company:
        for piece in pieces:
            yield f"with:{value}:{piece}", ()
    for keys in names:
        for key, _ in (*keys.part, *keys.heard):
            yield f"name:{key}", around
        for key, _ in (*keys.initials, *(keys.initial if not said.births else ())):
            for area in said.areas:
                yield f"initial:{key}:{area}", ()
        for token in keys.tokens:
            if len(keys.tokens) == 1:
                yield f"token:{token}", around
