"""The keys that bring persons so far together to be compared, kept from round to round.

A value that too many mentions bear is no key alone, but beside another (a piece of the name, an area, a date of
birth); where even that is borne by too many it brings nobody together. Keys are numbers, made for all persons at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from index.linking_columns import AREA_BITS, VALUE_BITS, Members, Said, members_of
from index.linking_gathered import Gathered
from index.linking_ragged import Ints, Mask, Ragged, bounds_of, chained, empty, of_owners
from index.linking_shared import shared
from index.linking_spelt import LETTER_BITS, Lettered, Owned, both, joined
from index.linking_types import Candidate

# Persons whose keys are made at a time.
AT_A_TIME = 200_000

# The kinds of keys. What is borne by too many counts beside what else is said (by the first), or a piece of the name.
_NAME, _TOKEN, _IDENTIFIER, _PHONE, _PLACE, _BIRTH, _WITH, _INITIAL, _BESIDE, _BESIDE_IDENTIFIER = range(10)
_SAID_BESIDE = (_NAME, _TOKEN)
_PIECE_BESIDE = (_IDENTIFIER, _PHONE, _PLACE)
_KIND_BITS = 4
# 2**64 over the golden ratio: spreads numbers in a row evenly.
_SPREAD = 0x9E3779B97F4A7C15
_KIND = (1 << _KIND_BITS) - 1


class Blocks:
    """The keys of every person so far, kept from round to round."""

    def __init__(self) -> None:
        self.said = Said()
        self._place: dict[int, int] = {}
        self._members = Members(np.empty(0, np.int64), empty(), np.empty(0, np.bool_))
        self._keys = empty()

    def replace(self, gone: Collection[int], come: Mapping[int, Gathered], new: Sequence[Candidate]) -> None:
        """Take in persons.

        Args:
            gone: components that are no more, or other than they were.
            come: component -> what its mentions say, of those that are new or other than before.
            new: the mentions never taken in before.
        """
        self._place.update((each.number, place) for place, each in enumerate(new, len(self._place)))
        self.said.add(new)
        left = np.flatnonzero(~np.isin(self._members.roots, np.fromiter(gone, np.int64, count=len(gone))))
        members = members_of(come, self._place)
        self._keys = chained(self._keys.taken(left), _lone_keys(self.said, members))
        self._members = self._members.taken(left).followed_by(members)

    def sharing(self, fresh: Collection[int]) -> tuple[Members, Ragged]:
        """Return the persons that share a key with another, at least one of the two fresh, and the keys they share.

        Args:
            fresh: the components to be compared, with one another and with the rest.
        """
        is_fresh = np.isin(self._members.roots, np.fromiter(fresh, np.int64, count=len(fresh)))
        members = self._members._replace(fresh=is_fresh)
        bearers = members.mentions.lengths
        alone, crowds = shared(self._keys, bearers, is_fresh)
        crowded = np.flatnonzero(crowds.lengths)
        found = _beside(self.said, members.taken(crowded), crowds.taken(crowded))
        beside = shared(of_owners(crowded[found.owners], found.values, crowds.rows, in_order=True), bearers, is_fresh)
        blocks = alone.beside(beside.few)
        meeting = np.flatnonzero(blocks.lengths)
        return members.taken(meeting), blocks.taken(meeting)


def is_of_birth_or_identifier(keys: Ints) -> Mask:
    """Tell of keys whether a date of birth or an identifier is what each brings persons together by."""
    return np.isin(keys & _KIND, (_BIRTH, _IDENTIFIER, _BESIDE_IDENTIFIER))


def of_an_even_share(keys: Ints, share: float) -> Mask:
    """Tell which keys are of an even share of all, the same ones every time (Knuth's multiplicative hashing).

    Args:
        keys: of `Blocks.sharing`.
        share: 0 to 1, of all keys.
    """
    if share >= 1.0:
        return np.ones(len(keys), np.bool_)
    return keys.astype(np.uint64) * np.uint64(_SPREAD) < np.uint64(int(share * 2**64))


def _key(kind: int, values: Ints) -> Ints:
    return values << _KIND_BITS | kind


def _lone_keys(said: Said, members: Members) -> Ragged:
    """Return the values of persons that may bring them together with others, each with its kind."""
    parts = []
    for start in range(0, len(members.roots), AT_A_TIME):
        some = members.taken(np.arange(start, min(start + AT_A_TIME, len(members.roots))))
        owners, keys = joined([*_of_values(said, some), *_of_names(said, some)])
        parts.append(of_owners(owners, keys, len(some.roots)))
    if not parts:
        return empty()
    lengths = np.concatenate([part.lengths for part in parts])
    return Ragged(np.concatenate([part.values for part in parts]), bounds_of(lengths))


def _of_values(said: Said, members: Members) -> Iterator[Owned]:
    """Yield (person, key) of numbers and places, and of dates and company beside a piece of the name."""
    for kind, column in ((_IDENTIFIER, "identifiers"), (_PHONE, "phones"), (_PLACE, "homes"), (_PLACE, "scenes")):
        found = said.of(column, members)
        yield found.owners, _key(kind, found.values)
    pieces = said.names.pieces(said.of("names", members))
    births = said.of("births", members)
    for kind, found in ((_BIRTH, births.mapped(said.either_way[births.values])), (_WITH, said.of("company", members))):
        owners, mine, theirs = found.crossed(pieces)
        yield owners, _key(kind, found.values[mine] << VALUE_BITS | pieces.values[theirs])


def _of_names(said: Said, members: Members) -> Iterator[Owned]:
    """Yield (person, key) of every two tokens, of one that stands alone, and of one with a letter in an area."""
    names, tokens = said.of("names", members), said.names.tokens
    pairs = said.names.pairs(names)
    yield pairs.owners, _key(_NAME, both(tokens.word[pairs.one], tokens.word[pairs.other]))
    places, heard = tokens.heard(pairs)
    yield pairs.owners[places], _key(_NAME, heard)
    owners, token = said.names.alone(names)
    yield owners, _key(_TOKEN, tokens.word[token])
    areas = said.of("areas", members)
    yield _in_area(said.names.initials(names), areas)
    # Whoever says when he was born is not also looked for by a letter that is not written.
    initial = said.names.initial(names)
    silent = (said.of("births", members).lengths == 0)[initial.owners]
    yield _in_area(Lettered(*(column[silent] for column in initial)), areas)


def _in_area(lettered: Lettered, areas: Ragged) -> Owned:
    """Return (person, key) of tokens with a letter, in each area of the person."""
    beside = areas.taken(lettered.owners)
    at = beside.owners
    letter = lettered.token[at] << LETTER_BITS | lettered.letter[at]
    return lettered.owners[at], _key(_INITIAL, letter << AREA_BITS | beside.values)


def _beside(said: Said, members: Members, crowds: Ragged) -> Ragged:
    """Return keys that too many bear, each beside what else is said."""
    kinds = crowds.values & _KIND
    numbers = np.unique(crowds.values, return_inverse=True)[1]
    areas = said.of("areas", members)
    others = areas.mapped(said.area_values[areas.values]).beside(
        *(said.of(column, members) for column in ("births", "phones", "company", "homes"))
    )
    pieces = said.names.pieces(said.of("names", members))
    parts = []
    for which, beside in ((_SAID_BESIDE, others), (_PIECE_BESIDE, pieces)):
        mask = np.isin(kinds, which)
        mine, found = (
            crowds.mapped(numbers).kept(mask),
            np.where(kinds[mask] == _IDENTIFIER, _BESIDE_IDENTIFIER, _BESIDE),
        )
        rows, first, second = mine.crossed(beside)
        parts.append((rows, (mine.values[first] << VALUE_BITS | beside.values[second]) << _KIND_BITS | found[first]))
    return of_owners(*joined(parts), crowds.rows)
