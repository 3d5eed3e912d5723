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
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from discoverer.match.letters import BITS, LETTERS, LONGEST, OTHER, Measure, letters_of, needed, step_below

Places = npt.NDArray[np.uint32]
Columns = Mapping[str, bytes | memoryview]

_NUMBER = np.dtype("<u4")
_BITS = np.dtype("<u8")
NOWHERE: Places = np.empty(0, _NUMBER)
_ASCII = 128
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


class TokenTable:
    """Distinct tokens, each known by its place: 0 to len - 1."""

    def __init__(self, columns: Columns) -> None:
        """Take the columns `laid_out` made; they are read where they are and may be a mapped file."""
        self._columns = columns
        blocks = np.frombuffer(columns["blocks"], _NUMBER).reshape(-1, 2).tolist()
        self._starts = np.frombuffer(columns["starts"], _NUMBER).reshape(-1, _ASCII + 1).tolist()
        self._bits = np.frombuffer(columns["bits"], _BITS)
        others = bytes(columns["others"]).decode()
        self._others = others.split("\n") if others else []
        self._plain = len(self._bits)
        self._firsts = [first for _, first in blocks]
        self._edges = np.array([*self._firsts, self._plain], _NUMBER)
        self._block_of = {length: at for at, (length, _) in enumerate(blocks)}
        self._blocks = self._runs(blocks)
        self._whole = _Buckets(columns, "whole")
        self._near = _Buckets(columns, "near")

    def _runs(self, blocks: Sequence[Sequence[int]]) -> list[npt.NDArray[np.bytes_]]:
        """Return the tokens of each length as an array over the column of letters."""
        letters = memoryview(self._columns["letters"])
        runs, at = [], 0
        for (length, first), end in zip(blocks, self._edges[1:].tolist(), strict=True):
            size = (end - first) * length
            runs.append(np.frombuffer(letters[at : at + size], f"S{length}"))
            at += size
        return runs

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
        return bytes(self._blocks[block][place - self._firsts[block]]).decode("ascii")

    def texts(self, places: Places) -> list[str]:
        """Return the tokens at places, which are in order."""
        found: list[str] = []
        edges = np.searchsorted(places, self._edges).tolist()
        for block, (start, end) in enumerate(pairwise(edges)):
            if start < end:
                run = self._blocks[block][places[start:end] - np.uint32(self._firsts[block])]
                found += run.astype(np.str_).tolist()
        return found + [self._others[place - self._plain] for place in places[edges[-1] :].tolist()]

    def one_edit(self, asked: str) -> list[Places]:
        """Return the places of every token at most one edit away in any reading, and a few more; not in order."""
        return [self._near.places(key) for key in _keys(asked)]

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

    def sharing(self, asked: str, least: float, measure: Measure) -> list[Places]:
        """Return the places of every token that shares enough letters to be so alike; those one edit away may miss.

        Args:
            asked: a folded token.
            least: float 0 to 1, see letters.needed.
            measure: by what they will be compared.
        """
        if len(asked) > LONGEST:
            return []
        bits, uncounted = letters_of(asked)
        initial = min(ord(asked[0]), _ASCII - 1)
        found = []
        for need in needed(len(asked), step_below(least), measure):
            block = self._block_of.get(need.length)
            if block is None:
                continue
            starts = self._starts[block]
            if need.other <= min(len(asked), need.length):
                found.append(self._share(starts[0], starts[_ASCII], bits, need.other - uncounted))
            if need.same < need.other:
                found.append(self._share(starts[initial], starts[initial + 1], bits, need.same - uncounted))
        return found

    def _share(self, start: int, end: int, bits: int, least: int) -> Places:
        """Return the places of a run of tokens that share so many letters with those asked for."""
        shared = np.bitwise_count(self._bits[start:end] & np.uint64(bits))
        return np.flatnonzero(shared >= max(0, least)).astype(_NUMBER) + np.uint32(start)


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
