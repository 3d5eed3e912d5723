"""Persons so far as rows to be compared: columns of values as numbers, made once for each distinct name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from index.linking_blocks import Row, rows_of
from index.linking_gathered import MOST_BEARERS, Gathered, Rarity, crowded
from index.linking_names import NameKeys, name_keys
from index.linking_numbers import Numbers, either_way

__all__ = [
    "BANDS", "MOST_BEARERS", "NAME_KINDS", "TOKEN_BANDS", "Gathered", "Rarity", "Row", "band_of", "crowded", "filled",
    "rows_of",
]  # fmt: skip

# Bits by which a name is rarer than one person in this index: the bands its agreement is weighed in.
BANDS = (12, 7, 4, 0)
NAME_KINDS = ("full", "part", "heard", "slip")
# The same for one token alone.
TOKEN_BANDS = (11, 8)
# Distinct names and dates of which the columns are kept at a time.
HELD = 40_000
_SAID = ("identifiers", "phones", "areas", "company", "homes")

Columns = dict[str, Sequence[int]]


def band_of(rarity: int, bands: Sequence[int]) -> int:
    """Return the band of a rarity: 0 the rarest, len(bands) the commonest."""
    return next((at for at, least in enumerate(bands) if rarity >= least), len(bands))


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
    """Fills in the columns of rows; what a name or a date gives is worked out once for many who bear it."""

    def __init__(self, rarity: Rarity) -> None:
        self._rarity = rarity
        self._numbers = Numbers()
        self._by_name: dict[tuple[str, ...], Columns] = {}
        self._by_birth: dict[str, tuple[int, ...]] = {}

    def row(self, row: Row, said: Gathered) -> Row:
        """Return one row with its columns."""
        names = [self._of_name(name) for name in said.names]
        columns = dict(names[0]) if len(names) == 1 else _merged(names)
        numbers, births = self._numbers, said.births
        if births:
            columns["births"] = [numbers[birth] for birth in births]
            columns["birth_slips"] = _distinct([slip for birth in births for slip in self._slips(birth)])
        for column in _SAID:
            values = [numbers[value] for value in getattr(said, column) if column != "areas" or self._rarity.tells(value)]
            if values:
                columns[column] = values
        places = dict.fromkeys((*said.homes, *said.scenes))
        if places:
            columns["places"] = [numbers[place] for place in places]
            columns["buildings"] = _distinct([numbers[place.partition("|")[2]] for place in places])
        return replace(row, columns=columns, years=_years(said.spans))

    def _of_name(self, name: tuple[str, ...]) -> Columns:
        """Return the columns of everything one name says."""
        found = self._by_name.get(name)
        if found is None:
            if len(self._by_name) >= HELD:
                self._by_name.clear()
            listed: dict[str, dict[int, None]] = defaultdict(dict)
            for column, key in self._name_columns(name_keys(name)):
                listed[column][self._numbers.of_two(key)] = None
            found = self._by_name[name] = {column: tuple(values) for column, values in listed.items()}
        return found

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

    def _slips(self, birth: str) -> tuple[int, ...]:
        """Return a date's forms that meet those of a date one slip away: a digit masked, day and month in one order."""
        found = self._by_birth.get(birth)
        if found is None:
            digits = birth.replace("-", "")
            masked = (f"{digits[:at]}.{digits[at + 1 :]}" for at in range(3, 8))
            found = tuple(self._numbers[form] for form in (*masked, either_way(digits)))
            self._by_birth[birth] = found
        return found


def _distinct(values: Sequence[int]) -> Sequence[int]:
    return values if len(values) == 1 else list(dict.fromkeys(values))


def _merged(parts: Iterable[Columns]) -> Columns:
    """Return the columns of several names as one."""
    listed: dict[str, dict[int, None]] = defaultdict(dict)
    for part in parts:
        for column, values in part.items():
            listed[column].update(dict.fromkeys(values))
    return {column: list(values) for column, values in listed.items()}


def _years(spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the (first, last) birth year that all of some spans allow, or that lie between them; None for no span."""
    if not spans:
        return None
    ends = (max(low for low, _ in spans), min(high for _, high in spans))
    return min(ends), max(ends)
