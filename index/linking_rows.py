"""Persons so far as rows to be compared: columns of values as numbers, put together for many rows at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from index.linking_blocks import Blocks
from index.linking_columns import Members, Said
from index.linking_gathered import Gathered, Rarity
from index.linking_ragged import Ints, Mask, Ragged, of_owners
from index.linking_spelt import LETTER_BITS, Lettered, both

# Bits by which a name is rarer than one person in this index: the bands its agreement is weighed in.
BANDS = (12, 7, 4, 0)
NAME_KINDS = ("full", "part", "heard", "slip")
# The same for one token alone.
TOKEN_BANDS = (11, 8)
# Rows of which the columns are made at a time: those of all together would not fit into memory.
BATCH = 50_000


def bands_of(rarity: Ints, bands: Sequence[int]) -> Ints:
    """Return the bands of rarities: 0 the rarest, len(bands) the commonest."""
    return np.asarray(len(bands) - np.searchsorted(bands[::-1], rarity, side="right"), np.int64)


@dataclass(slots=True)
class Row:
    """One person so far as it is compared.

    Attributes:
        root: int, the component.
        fresh: bool, it is to be compared with all others.
        columns: column -> values as numbers; a column without any is left out.
        years: (first, last) birth year allowed, None: nothing known.
        blocks: keys, as numbers, that bring it together with others.
    """

    root: int
    fresh: bool
    columns: Mapping[str, Sequence[int]]
    years: tuple[int, int] | None
    blocks: Sequence[int]


class Table(NamedTuple):
    """Rows with their columns.

    Attributes:
        roots: the component of each.
        fresh: whether it is to be compared with all others.
        low, high: the birth years allowed.
        unknown: whether nothing is known of these.
        blocks: the keys that bring each together with others.
        columns: column -> its values for each.
    """

    roots: Ints
    fresh: Mask
    low: Ints
    high: Ints
    unknown: Mask
    blocks: Ragged
    columns: dict[str, Ragged]

    def rows(self) -> Iterator[Row]:
        """Yield the rows one by one: for few of them."""
        listed = {name: _lists(column) for name, column in self.columns.items()}
        alike = zip(self.roots.tolist(), self.fresh.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
        blocks, unknown = _lists(self.blocks), self.unknown.tolist()
        for place, (root, fresh, low, high) in enumerate(alike):
            columns = {name: lists[place] for name, lists in listed.items() if lists[place]}
            yield Row(root, fresh, columns, None if unknown[place] else (low, high), blocks[place])


class Rows(NamedTuple):
    """Persons that share a key with another, at least one of the two fresh; their columns are made batch by batch.

    Attributes:
        said: what their mentions say.
        members: the persons.
        blocks: the keys that they share.
    """

    said: Said
    members: Members
    blocks: Ragged

    def chosen(self, kept: Mask) -> Rows:
        """Return the rows that have a key left when only some are kept."""
        blocks = self.blocks.kept(kept)
        left = np.flatnonzero(blocks.lengths)
        return Rows(self.said, self.members.taken(left), blocks.taken(left))

    def tables(self, rarity: Rarity) -> Iterator[Table]:
        """Yield the rows with their columns, so many at a time.

        Args:
            rarity: of the names among all persons.
        """
        filling = _Filling(self.said, rarity)
        for start in range(0, len(self.members.roots), BATCH):
            places = np.arange(start, min(start + BATCH, len(self.members.roots)))
            yield filling.table(self.members.taken(places), self.blocks.taken(places))


def rows_of(gathered: Mapping[int, Gathered]) -> Rows:
    """Return the rows of persons that share a key with another, at least one of the two fresh.

    Args:
        gathered: component -> what its mentions say, of all persons.
    """
    blocks = Blocks()
    blocks.replace((), gathered, [member for one in gathered.values() for member in one.members])
    return Rows(blocks.said, *blocks.sharing([root for root, one in gathered.items() if one.fresh]))


class _Filling:
    """Fills in the columns of rows."""

    def __init__(self, said: Said, rarity: Rarity) -> None:
        self._said = said
        self._names, self._tokens = said.names, said.names.tokens
        listed = self._tokens.listed
        self._bits = np.fromiter(map(rarity.bits, listed), np.int64, count=len(listed))
        self._total = rarity.total
        self._tells = said.telling(rarity.tells)

    def table(self, members: Members, blocks: Ragged) -> Table:
        """Return rows with their columns."""
        said = self._said
        columns = {column: said.of(column, members) for column in ("identifiers", "phones", "homes", "company")}
        areas = said.of("areas", members)
        columns["areas"] = areas.kept(self._tells[areas.values])
        columns["places"] = columns["homes"].beside(said.of("scenes", members)).distinct()
        columns["buildings"] = columns["places"].mapped(said.buildings[columns["places"].values]).distinct()
        columns["births"] = said.of("births", members)
        columns["birth_slips"] = said.slips.through(columns["births"]).distinct()
        columns |= self._name_columns(said.of("names", members))
        return Table(members.roots, members.fresh, *said.years(members), blocks, columns)

    def _name_columns(self, names: Ragged) -> dict[str, Ragged]:
        """Return the columns of everything that names say, by how rare the tokens are that would agree."""
        tokens, bits = self._tokens, self._bits
        pairs = self._names.pairs(names)
        rarity = bits[pairs.one] + bits[pairs.other] - self._total
        part = both(tokens.word[pairs.one], tokens.word[pairs.other])
        columns = self._full(names)
        # What a slip or another form leaves of two tokens is as rare as they are.
        for kind, (places, keys) in (
            ("part", (np.arange(len(part)), part)), ("heard", tokens.heard(pairs)), ("slip", tokens.slips(pairs)),
        ):  # fmt: skip
            columns |= _banded(kind, pairs.owners[places], keys, bands_of(rarity[places], BANDS), BANDS, names.rows)
        for kind, lettered in (("whole", self._names.initial(names)), ("initial", self._names.initials(names))):
            columns |= self._lettered(kind, lettered, names.rows)
        whole = self._names.whole(names).distinct()
        bands = bands_of(bits[whole.values], TOKEN_BANDS)
        return columns | _banded("token", whole.owners, tokens.word[whole.values], bands, TOKEN_BANDS, names.rows)

    def _full(self, names: Ragged) -> dict[str, Ragged]:
        """Return the columns of names with all their tokens."""
        full, tokens = self._names.full(names)
        rarity = np.add.reduceat(np.append(self._bits[tokens.values], 0), tokens.bounds[:-1]) if names.rows else full
        said = full > 0
        bands = bands_of(rarity[said] - self._total, BANDS)
        return _banded("full", names.owners[said], full[said], bands, BANDS, names.rows)

    def _lettered(self, kind: str, lettered: Lettered, rows: int) -> dict[str, Ragged]:
        """Return the columns of tokens with a letter each."""
        keys = self._tokens.word[lettered.token] << LETTER_BITS | lettered.letter
        bands = bands_of(self._bits[lettered.token], TOKEN_BANDS)
        columns = _banded(kind, lettered.owners, keys, bands, TOKEN_BANDS, rows)
        return {name: column.distinct() for name, column in columns.items()}


def _banded(kind: str, owners: Ints, keys: Ints, bands: Ints, limits: Sequence[int], rows: int) -> dict[str, Ragged]:
    """Return keys of one kind as a column for each band."""
    found = {}
    for band in range(len(limits) + 1):
        mask = bands == band
        found[f"{kind}_{band}"] = of_owners(owners[mask], keys[mask], rows)
    return found


def _lists(column: Ragged) -> list[list[int]]:
    """Return a column as lists."""
    values, bounds = column.values.tolist(), column.bounds.tolist()
    return [values[start:end] for start, end in pairwise(bounds)]
