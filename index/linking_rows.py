"""Persons so far as rows to be compared: columns of values as numbers, made once for each distinct name."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from index.linking_blocks import HELD, Row
from index.linking_gathered import Gathered, Rarity
from index.linking_names import NameKeys, name_keys
from index.linking_numbers import Numbers, either_way

# Bits by which a name is rarer than one person in this index: the bands its agreement is weighed in.
BANDS = (12, 7, 4, 0)
NAME_KINDS = ("full", "part", "heard", "slip")
# The same for one token alone.
TOKEN_BANDS = (11, 8)
# Kind of agreement -> its column for each band.
_COLUMNS = {
    kind: tuple(f"{kind}_{band}" for band in range(len(bands) + 1))
    for kinds, bands in ((NAME_KINDS, BANDS), (("whole", "initial", "token"), TOKEN_BANDS))
    for kind in kinds
}
Columns = dict[str, Sequence[int]]


def band_of(rarity: int, bands: Sequence[int]) -> int:
    """Return the band of a rarity: 0 the rarest, len(bands) the commonest."""
    for at, least in enumerate(bands):
        if rarity >= least:
            return at
    return len(bands)


def filled(
    rows: Iterable[Row], gathered: Mapping[int, Gathered], rarity: Rarity, values: Values | None = None
) -> Iterator[Row]:
    """Yield rows with their columns.

    Args:
        rows: from `rows_of`.
        gathered: all that they were made of.
        rarity: of the names among them.
        values: the numbers of what earlier rows held, kept to be used again; None: none were.
    """
    filling = _Filling(rarity, values or Values())
    for row in rows:
        yield filling.row(row, gathered[row.root])


class _Pair(NamedTuple):
    """Two tokens of a name, and the numbers of their keys."""

    tokens: tuple[str, str]
    part: Sequence[int]
    heard: Sequence[int]
    slip: Sequence[int]


class _Spelt(NamedTuple):
    """One name as numbers: what it says however rare its tokens are.

    Attributes:
        tokens: its whole tokens, with the number of each.
        full: of all of them; none where there is no such key.
        pairs: every two tokens.
        letters: (whole or initial, the number, the whole token).
    """

    tokens: tuple[tuple[str, Sequence[int]], ...]
    full: Sequence[int]
    pairs: tuple[_Pair, ...]
    letters: tuple[tuple[str, int, str], ...]


class Values:
    """The numbers of values, names and dates taken apart; kept from round to round."""

    def __init__(self) -> None:
        self.numbers = Numbers()
        self._spelt: dict[tuple[str, ...], _Spelt] = {}
        self._births: dict[str, Sequence[int]] = {}

    def spelt(self, name: tuple[str, ...]) -> _Spelt:
        """Return a name as numbers."""
        found = self._spelt.get(name)
        if found is None:
            if len(self._spelt) >= HELD:
                self._spelt.clear()
            found = self._spelt[name] = self._taken_apart(name_keys(name))
        return found

    def _taken_apart(self, keys: NameKeys) -> _Spelt:
        def of(*values: str) -> array[int]:
            return array("q", map(self.numbers.of_two, values))

        letters = (("whole", keys.initial), ("initial", keys.initials))
        return _Spelt(
            tuple((token, of(token)) for token in keys.tokens),
            of(keys.full) if keys.full else (),
            tuple(_Pair(pair.tokens, of(pair.part), of(*pair.heard), of(*pair.slip)) for pair in keys.pairs),
            tuple((kind, self.numbers.of_two(key), token) for kind, found in letters for key, token in found),
        )

    def slips(self, birth: str) -> Sequence[int]:
        """Return a date's forms that meet those of a date one slip away: a digit masked, day and month in one order."""
        found = self._births.get(birth)
        if found is None:
            digits = birth.replace("-", "")
            masked = (f"{digits[:at]}.{digits[at + 1 :]}" for at in range(3, 8))
            found = self._births[birth] = array("q", (self.numbers[form] for form in (*masked, either_way(digits))))
        return found


class _Filling:
    """Fills in the columns of rows; what a name gives is worked out once for many who bear it."""

    def __init__(self, rarity: Rarity, values: Values) -> None:
        self._rarity = rarity
        self._values = values
        self._by_name: dict[tuple[str, ...], Columns] = {}

    def row(self, row: Row, said: Gathered) -> Row:
        """Return one row with its columns."""
        names = [self._of_name(name) for name in said.names]
        columns = dict(names[0]) if len(names) == 1 else _merged(chain.from_iterable(each.items() for each in names))
        numbers, births = self._values.numbers, said.births
        if births:
            columns["births"] = [numbers[birth] for birth in births]
            slips = [self._values.slips(birth) for birth in births]
            columns["birth_slips"] = slips[0] if len(slips) == 1 else list(dict.fromkeys(chain(*slips)))
        areas = [area for area in said.areas if self._rarity.tells(area)]
        homes = said.homes
        places = dict.fromkeys((*homes, *said.scenes))
        for column, values in (
            ("identifiers", said.identifiers), ("phones", said.phones), ("areas", areas), ("company", said.company),
            ("homes", homes), ("places", places), ("buildings", dict.fromkeys(map(_building, places))),
        ):  # fmt: skip
            if values:
                columns[column] = [numbers[value] for value in values]
        return Row(row.root, row.fresh, row.bearers, columns, _years(said.spans), row.blocks)

    def _of_name(self, name: tuple[str, ...]) -> Columns:
        """Return the columns of everything one name says."""
        found = self._by_name.get(name)
        if found is None:
            if len(self._by_name) >= HELD:
                self._by_name.clear()
            found = self._by_name[name] = _merged(self._name_columns(self._values.spelt(name)))
        return found

    def _name_columns(self, name: _Spelt) -> Iterator[tuple[str, Sequence[int]]]:
        """Yield (column, numbers) of everything one name says, by how rare the tokens are that would agree."""
        bits, least = self._rarity.bits, self._rarity.total
        rare = {token: bits(token) for token, _ in name.tokens}
        if name.full:
            yield _COLUMNS["full"][band_of(sum(rare.values()) - least, BANDS)], name.full
        for pair in name.pairs:
            one, other = pair.tokens
            band = band_of(rare[one] + rare[other] - least, BANDS)
            yield _COLUMNS["part"][band], pair.part
            yield _COLUMNS["heard"][band], pair.heard
            yield _COLUMNS["slip"][band], pair.slip
        bands = {token: band_of(each, TOKEN_BANDS) for token, each in rare.items()}
        for kind, number, token in name.letters:
            yield _COLUMNS[kind][bands[token]], (number,)
        for token, numbers in name.tokens:
            yield _COLUMNS["token"][bands[token]], numbers


def _building(place: str) -> str:
    """Return a place without its flat."""
    return place.partition("|")[2]


def _merged(parts: Iterable[tuple[str, Sequence[int]]]) -> Columns:
    """Return columns given in parts, each value once; a column given once is left as it is."""
    listed: dict[str, Sequence[int]] = {}
    for column, values in parts:
        if values:
            before = listed.get(column)
            listed[column] = values if before is None else array("q", dict.fromkeys(chain(before, values)))
    return listed


def _years(spans: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the (first, last) birth year that all of some spans allow, or that lie between them; None for no span."""
    if not spans:
        return None
    ends = (max(low for low, _ in spans), min(high for _, high in spans))
    return min(ends), max(ends)
