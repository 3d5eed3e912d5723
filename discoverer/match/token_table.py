"""Many distinct tokens laid out so that those like one token are found without looking at all of them.

Tokens stand by length and then by their letters, so that those of one length, and of these those with one beginning,
are a run of neighbours. Beside them stand the letters of each as bits (letters.py), and under a key for each token and
each deletion of one of its letters the tokens that have it: two tokens one edit apart share such a key (deletion
neighbourhoods, Garbe 2012). Everything is plain columns of numbers, made once when an index is built and then read from
the file as it stands.
"""

from __future__ import annotations

import math
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from discoverer.match.letters import (
    BITS,
    LETTERS,
    LONGEST,
    OTHER,
    PREFIX,
    Measure,
    Needed,
    letters_of,
    needed,
    step_below,
)

Places = npt.NDArray[np.uint32]
Columns = Mapping[str, bytes | memoryview]

_NUMBER = np.dtype("<u4")
_BITS = np.dtype("<u8")
NOWHERE: Places = np.empty(0, _NUMBER)
_ASCII = 128
# Tokens of one length and initial that are looked at sooner than told apart by their next letters.
FEW = 500
# Runs shorter than this are looked at together.
SHORT_RUN = 4096
_CLASSES = np.full(_ASCII, OTHER, np.uint8)
_CLASSES[[ord(letter) for letter in LETTERS]] = range(len(LETTERS))


def laid_out(tokens: Iterable[str], read_as: Callable[[str], str] = str) -> tuple[list[str], dict[str, bytes]]:
    """Lay distinct tokens out.

    Args:
        tokens: distinct, none of them empty.
        read_as: another reading of a token, under whose keys it is found too; the token itself when there is none.

    Returns:
        The tokens in the order that numbers them, and the columns a TokenTable is made of.
    """
    every = sorted(tokens, key=lambda token: (not token.isascii(), len(token), token))
    plain = every[: sum(token.isascii() for token in every)]
    blocks, starts, bits = array("I"), array("I"), []
    place = 0
    for length, run in groupby(plain, key=len):
        same_length = list(run)
        letters = np.frombuffer("".join(same_length).encode("ascii"), np.uint8).reshape(-1, length)
        blocks.extend((length, place))
        starts.extend((place + np.searchsorted(letters[:, 0], range(_ASCII + 1))).tolist())
        bits.append(_letters_of_each(letters))
        place += len(same_length)
    whole = ((zlib.crc32(token.encode()), place) for place, token in enumerate(every))
    readings = ((place, each) for place, token in enumerate(every) for each in {token, read_as(token)})
    near = ((key, place) for place, each in readings for key in _keys(each))
    return every, {
        "letters": "".join(plain).encode("ascii"),
        "blocks": blocks.tobytes(),
        "starts": starts.tobytes(),
        "bits": b"".join(each.tobytes() for each in bits),
        "others": "\n".join(every[len(plain) :]).encode(),
        **_buckets("whole", whole),
        **_buckets("near", near),
    }


def _letters_of_each(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the bits of the letters of many tokens of one length, one a row (letters.letters_of, for many)."""
    classes = _CLASSES[letters]
    held = [(classes == each).sum(axis=1, dtype=np.uint16) for each in range(OTHER + 1)]
    bits = np.zeros(len(letters), _BITS)
    for bit, (letter, often) in enumerate(BITS):
        bits |= (held[letter] >= often).astype(_BITS) << np.uint64(bit)
    return bits


def _keys(token: str) -> set[int]:
    """Return the keys of a token and of every deletion of one of its letters."""
    deletions = (token[:place] + token[place + 1 :] for place in range(min(len(token), LONGEST)))
    return {zlib.crc32(each.encode()) for each in (token, *deletions)}


def _buckets(name: str, keyed: Iterator[tuple[int, int]]) -> dict[str, bytes]:
    """Lay places out by their keys: about as many buckets as there are places, those of a bucket side by side."""
    keys, places = array("I"), array("I")
    for key, place in keyed:
        keys.append(key)
        places.append(place)
    many = 1 << max(1, math.ceil(math.log2(max(2, len(keys)))))
    bucket = np.frombuffer(keys, _NUMBER) & np.uint32(many - 1)
    order = np.argsort(bucket, kind="stable")
    ends = np.cumsum(np.bincount(bucket, minlength=many))
    return {
        f"{name}_starts": np.concatenate(([0], ends)).astype(_NUMBER).tobytes(),
        f"{name}_places": np.frombuffer(places, _NUMBER)[order].tobytes(),
    }


class _Run(NamedTuple):
    """Neighbours in a table, from one place up to another, and how many letters they must share to be looked at."""

    start: int
    end: int
    least: int


class TokenTable:
    """Distinct tokens, each known by its place: 0 to len - 1."""

    def __init__(self, columns: Columns) -> None:
        """Take the columns `laid_out` made; they are read where they are and may be a mapped file."""
        self._columns = columns
        self._lengths, self._firsts = np.frombuffer(columns["blocks"], _NUMBER).reshape(-1, 2).T.astype(np.int64)
        self._starts = np.frombuffer(columns["starts"], _NUMBER).reshape(-1, _ASCII + 1).tolist()
        self._bits = np.frombuffer(columns["bits"], _BITS)
        others = bytes(columns["others"]).decode()
        self._others = others.split("\n") if others else []
        self._plain = len(self._bits)
        many = np.diff(self._firsts, append=self._plain)
        self._offsets = np.cumsum(many * self._lengths) - many * self._lengths
        self._block_of = {length: block for block, length in enumerate(self._lengths.tolist())}
        letters = columns["letters"]
        self._blocks = [
            np.frombuffer(letters, f"S{length}", count, offset)
            for length, count, offset in zip(self._lengths.tolist(), many.tolist(), self._offsets.tolist(), strict=True)
        ]
        self._whole = _Buckets(columns, "whole")
        self._near = _Buckets(columns, "near")

    @cached_property
    def _text(self) -> str:
        """All tokens of plain letters, run together."""
        return bytes(self._columns["letters"]).decode("ascii")

    def __len__(self) -> int:
        return self._plain + len(self._others)

    def place_of(self, token: str) -> int:
        """Return the place of a token; -1 when it is not here."""
        for place in self._whole.under(zlib.crc32(token.encode())):
            if self._at(place) == token:
                return place
        return -1

    def _at(self, place: int) -> str:
        """Return the token at a place."""
        if place >= self._plain:
            return self._others[place - self._plain]
        block = bisect_right(self._firsts, place) - 1
        length = self._lengths[block]
        start = self._offsets[block] + (place - self._firsts[block]) * length
        return self._text[start : start + length]

    def texts(self, places: Places) -> list[str]:
        """Return the tokens at places, which are in order."""
        known = places[: np.searchsorted(places, self._plain)].astype(np.int64)
        block = np.searchsorted(self._firsts, known, side="right") - 1
        length = self._lengths[block]
        starts = self._offsets[block] + (known - self._firsts[block]) * length
        text = self._text
        found = [text[start:end] for start, end in zip(starts.tolist(), (starts + length).tolist(), strict=True)]
        return found + [self._others[place - self._plain] for place in places[len(known) :].tolist()]

    def one_edit(self, asked: str) -> list[Places]:
        """Return the places of every token at most one edit away in any reading, and a few more; not in order."""
        return [self._near.places(key) for key in _keys(asked)]

    def all_places(self) -> Places:
        """Return the places of all tokens."""
        return np.arange(len(self), dtype=_NUMBER)

    def others(self) -> Places:
        """Return the places of the tokens with letters outside ASCII: few, and looked at whatever is asked."""
        return np.arange(self._plain, len(self), dtype=_NUMBER)

    def begun(self, start: str) -> list[Places]:
        """Return the places of the longer tokens that begin so; not in order."""
        found = []
        if start.isascii():
            for length, block in self._block_of.items():
                if length > len(start):
                    run = self._blocks[block]
                    edges = np.searchsorted(run, np.array([start, start + "\x7f"], run.dtype))
                    found.append(np.arange(edges[0], edges[1], dtype=_NUMBER) + np.uint32(self._firsts[block]))
        return found

    def sharing(self, asked: str, least: float, measure: Measure) -> Places:
        """Return the places of all that share enough letters to be so alike, in order; not of those one edit away.

        Args:
            asked: a folded token.
            least: float 0 to 1, see letters.needed.
            measure: by what they will be compared.
        """
        if len(asked) > LONGEST:
            return NOWHERE
        bits, uncounted = letters_of(asked)
        runs = [
            run
            for need in needed(len(asked), step_below(least), measure)
            if (block := self._block_of.get(need.length)) is not None
            for run in self._runs(block, asked, need)
        ]
        short = [run for run in runs if run.end - run.start < SHORT_RUN]
        found = [self._share_long(run, bits, uncounted) for run in runs if run.end - run.start >= SHORT_RUN]
        found.append(self._share_short(short, bits, uncounted) if short else NOWHERE)
        return np.sort(np.concatenate(found))

    def _runs(self, block: int, asked: str, need: Needed) -> Iterator[_Run]:
        """Yield the runs of a block that begin with 0, 1, ... PREFIX letters of a token, where they can match."""
        most = min(len(asked), need.length)
        starts, initial = self._starts[block], min(ord(asked[0]), _ASCII - 1)
        edges = [(starts[0], starts[_ASCII]), (starts[initial], starts[initial + 1])]
        shared = need.shared
        if edges[1][1] - edges[1][0] < FEW or not asked.isascii():
            shared = (shared[0], shared[PREFIX])
        else:
            begin = [asked[:size] for size in range(2, PREFIX + 1)]
            needles = np.array([*begin, *(start + "\x7f" for start in begin)], f"S{need.length}")
            run = self._blocks[block][edges[1][0] - starts[0] : edges[1][1] - starts[0]]
            at = (np.searchsorted(run, needles) + edges[1][0]).tolist()
            edges += zip(at[: len(begin)], at[len(begin) :], strict=True)
        edges.append((edges[-1][0], edges[-1][0]))
        for (start, end), (inner, after), least in zip(edges[:-1], edges[1:], shared, strict=True):
            if least <= most:
                yield from (_Run(*part, least) for part in ((start, inner), (after, end)) if part[0] < part[1])

    def _share_long(self, run: _Run, bits: int, uncounted: int) -> Places:
        """Return the places of the tokens of a run that share enough letters with those asked for."""
        shared = np.bitwise_count(self._bits[run.start : run.end] & np.uint64(bits))
        return np.flatnonzero(shared >= max(0, run.least - uncounted)).astype(_NUMBER) + np.uint32(run.start)

    def _share_short(self, runs: Sequence[_Run], bits: int, uncounted: int) -> Places:
        """Do the same for many short runs at once."""
        starts, ends, least = np.array(runs, np.int64).T
        many = ends - starts
        shared = np.bitwise_count(np.concatenate([self._bits[start:end] for start, end, _ in runs]) & np.uint64(bits))
        enough = np.flatnonzero(shared >= np.repeat(least - uncounted, many))
        after = np.cumsum(many)
        run = np.searchsorted(after, enough, side="right")
        places: Places = (enough + (ends - after)[run]).astype(_NUMBER)
        return places


class _Buckets:
    """Places by key; what stands under a key may have another."""

    def __init__(self, columns: Columns, name: str) -> None:
        self._starts = memoryview(columns[f"{name}_starts"]).cast("B").cast("I")
        self._list = memoryview(columns[f"{name}_places"]).cast("B").cast("I")
        self._places = np.frombuffer(columns[f"{name}_places"], _NUMBER)
        self._mask = len(self._starts) - 2

    def under(self, key: int) -> memoryview:
        """Return the places under a key, to be gone through one by one."""
        at = key & self._mask
        return self._list[self._starts[at] : self._starts[at + 1]]

    def places(self, key: int) -> Places:
        """Return the places under a key."""
        at = key & self._mask
        return self._places[self._starts[at] : self._starts[at + 1]]
