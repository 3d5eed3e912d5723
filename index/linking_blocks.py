"""The keys that bring persons so far together to be compared, kept from round to round.

A value that too many mentions bear is no key alone, but beside another (a piece of the name, an area, a date of
birth); where even that is borne by too many it brings nobody together. Keys are numbers: as words they would not fit
into memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from index.linking_gathered import Gathered
from index.linking_names import name_keys
from index.linking_numbers import Numbers, either_way
from index.linking_shared import shared

# Letters of a token that stand beside a value too common to bring rows together alone.
PIECE = 3
# Distinct names and dates of which the keys, and the columns, are kept at a time.
HELD = 100_000

# The kinds of keys. What is borne by too many counts beside what else is said (by the first), or a piece of the name.
_NAME, _TOKEN, _IDENTIFIER, _PHONE, _PLACE, _BIRTH, _WITH, _INITIAL, _BESIDE, _BESIDE_IDENTIFIER = range(10)
_SAID_BESIDE = (_NAME, _TOKEN)
_PIECE_BESIDE = (_IDENTIFIER, _PHONE, _PLACE)
_KIND_BITS, _PART_BITS = 4, 29


@dataclass(slots=True)
class Row:
    """One person so far: a component of mentions, as it is compared.

    Attributes:
        root: int, the component.
        fresh: bool, it holds a mention of the label now linked.
        bearers: int, mentions in it.
        columns: column -> values as numbers; a column without any is left out.
        years: (first, last) birth year allowed, None: nothing known.
        blocks: keys, as numbers, that bring it together with others.
    """

    root: int
    fresh: bool = False
    bearers: int = 0
    columns: dict[str, Sequence[int]] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    blocks: Sequence[int] = ()


class _Called(NamedTuple):
    """What one name gives.

    Attributes:
        keys: of every two tokens, as they stand and as heard; of the token of a name of one.
        pieces: the beginnings of its tokens.
        initials: a token with an initial written beside it.
        letters: the same, and a token with the first letter of another.
    """

    keys: tuple[int, ...]
    pieces: tuple[int, ...]
    initials: tuple[int, ...]
    letters: tuple[int, ...]


def _key(kind: int, first: int, second: int = 0) -> int:
    return (first << _PART_BITS | second) << _KIND_BITS | kind


class Blocks:
    """The keys of every person so far."""

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._beside = Numbers()
        self._keys: dict[int, array[int]] = {}
        self._called: dict[tuple[str, ...], _Called] = {}
        self._dates: dict[str, int] = {}

    def replace(self, gone: Iterable[int], come: Mapping[int, Gathered]) -> None:
        """Take in persons.

        Args:
            gone: components that are no more.
            come: component -> what its mentions say, of those that are new or other than before.
        """
        for root in gone:
            self._keys.pop(root, None)
        for root, said in come.items():
            self._keys[root] = array("q", dict.fromkeys(self._lone_keys(said)))

    def rows(self, gathered: Mapping[int, Gathered]) -> list[Row]:
        """Return the persons that share a key with another, at least one of the two fresh.

        Args:
            gathered: component -> what its mentions say, of all that were taken in.
        """
        alone, crowds = shared(self._keys, gathered)
        both = {root: array("q", dict.fromkeys(self._both(keys, gathered[root]))) for root, keys in crowds.items()}
        beside = shared(both, gathered).few
        found = []
        for root, said in gathered.items():
            blocks, more = alone.get(root), beside.get(root)
            if more:
                blocks = blocks + more if blocks else more
            if blocks:
                found.append(Row(root, said.fresh, len(said.members), blocks=blocks))
        return found

    def _both(self, keys: Iterable[int], said: Gathered) -> Iterator[int]:
        """Yield keys that too many bear, each beside what else is said."""
        others: list[int] | None = None
        pieces: Sequence[int] | None = None
        for key in keys:
            kind = key & ((1 << _KIND_BITS) - 1)
            if kind in _SAID_BESIDE:
                if others is None:
                    values = (*said.areas, *said.births, *said.phones, *said.company, *said.homes)
                    others = [self._numbers[value] for value in values]
                beside: Sequence[int] = others
            elif kind in _PIECE_BESIDE:
                if pieces is None:
                    pieces = self._pieces(said)
                beside = pieces
            else:
                continue
            if beside:
                number, kind = self._beside[key], _BESIDE_IDENTIFIER if kind == _IDENTIFIER else _BESIDE
                for other in beside:
                    yield _key(kind, number, other)

    def _lone_keys(self, said: Gathered) -> Iterator[int]:
        """Yield the values of a row that may bring it together with others, each with its kind."""
        numbers, births = self._numbers, said.births
        for value in said.identifiers:
            yield _key(_IDENTIFIER, numbers[value])
        for value in said.phones:
            yield _key(_PHONE, numbers[value])
        for value in (*said.homes, *said.scenes):
            yield _key(_PLACE, numbers[value])
        company = said.company
        if births or company:
            pieces = self._pieces(said)
            for birth in births:
                date = self._date(birth)
                for piece in pieces:
                    yield _key(_BIRTH, date, piece)
            for other in company:
                number = numbers[other]
                for piece in pieces:
                    yield _key(_WITH, number, piece)
        areas = [numbers[area] for area in said.areas]
        for name in said.names:
            called = self._of_name(name)
            yield from called.keys
            for letter in called.initials if births else called.letters:
                for area in areas:
                    yield _key(_INITIAL, letter, area)

    def _of_name(self, name: tuple[str, ...]) -> _Called:
        """Return what one name gives."""
        found = self._called.get(name)
        if found is None:
            if len(self._called) >= HELD:
                self._called.clear()
            found = self._called[name] = self._made_of(name)
        return found

    def _made_of(self, name: tuple[str, ...]) -> _Called:
        numbers, keys = self._numbers, name_keys(name)
        pairs = dict.fromkeys(key for pair in keys.pairs for key in (pair.part, *pair.heard))
        alone = keys.tokens if not keys.pairs else ()
        initials = [numbers[key] for key, _ in keys.initials]
        return _Called(
            (*(_key(_NAME, numbers[key]) for key in pairs), *(_key(_TOKEN, numbers[token]) for token in alone)),
            tuple(dict.fromkeys(numbers[token[:PIECE]] for token in keys.tokens)),
            tuple(initials),
            tuple(dict.fromkeys((*initials, *(numbers[key] for key, _ in keys.initial)))),
        )

    def _pieces(self, said: Gathered) -> Sequence[int]:
        """Return the beginnings of a row's names."""
        found = [self._of_name(name).pieces for name in said.names]
        return found[0] if len(found) == 1 else tuple(dict.fromkeys(chain.from_iterable(found)))

    def _date(self, birth: str) -> int:
        """Return the number of a date with day and month in order of size."""
        found = self._dates.get(birth)
        if found is None:
            found = self._dates[birth] = self._numbers[either_way(birth.replace("-", ""))]
        return found


def is_of_birth_or_identifier(key: int) -> bool:
    """Tell whether a date of birth or an identifier is what a key brings persons together by.

    Args:
        key: one of a row's `blocks`.
    """
    return key & ((1 << _KIND_BITS) - 1) in (_BIRTH, _IDENTIFIER, _BESIDE_IDENTIFIER)


def rows_of(gathered: Mapping[int, Gathered]) -> list[Row]:
    """Lay components out as rows: those that share a block key with another, at least one of the two fresh.

    Args:
        gathered: component -> what its mentions say.

    Returns:
        Rows without their columns, which `filled` fills in one by one: together they would not fit into memory.
    """
    blocks = Blocks()
    blocks.replace((), gathered)
    return blocks.rows(gathered)
