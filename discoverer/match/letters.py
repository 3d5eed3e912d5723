"""How many letters two tokens must share to be alike: what a pass over the letters of many tokens may leave out.

A token's letters, whatever their order, fit into 64 bits, and two such sets are compared in a nanosecond. What they
share is at least what any alignment of the two tokens can match, so a token that shares too few is no match, and
nothing that matches is ever lost: the exact comparison is only spared what it would have turned down.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER = 26  # the class of anything else
# What each of the 64 bits says: that a token has a letter of this class at least so often.
BITS = (
    *((letter, often) for letter in range(OTHER) for often in (1, 2)),
    *((OTHER, often) for often in (1, 2, 3, 4)),
    *((LETTERS.index(letter), 3) for letter in "aeilnors"),
)
# The longest token that is looked for among others than its one-letter neighbours; longer ones are no words.
LONGEST = 40
# Letters at the start that Jaro-Winkler counts twice, each for a tenth of what is missing, if so much is alike.
PREFIX = 4
BOOST = 0.1
BOOST_FROM = 0.7
# Likeness is asked for in steps, so that what must be shared is worked out once for all that are asked alike.
STEPS = 128
# Address words two edits apart are alike when both have so many letters, and Jaro-Winkler is at least so much.
LONG_WORD = 7
WORD_NEAR = 0.86
WORD_ALIKE = 0.90


class Measure(StrEnum):
    """By what two tokens are alike: names as written or as heard (letters and edits together), or address words."""

    WRITTEN = "written"
    HEARD = "heard"
    WORD = "word"


class Needed(NamedTuple):
    """What tokens of one length must share with the token asked for.

    Attributes:
        length: int, of those tokens.
        shared: PREFIX + 1 ints, letters shared by those that begin with 0, 1, ... PREFIX letters of it, never more for
            a longer beginning; more than there are: none can match.
    """

    length: int
    shared: tuple[int, ...]


def class_of(char: str) -> int:
    """Return the class of a letter: 0 to 25 for a-z, OTHER for anything else."""
    place = LETTERS.find(char)
    return place if place >= 0 else OTHER


def letters_of(token: str) -> tuple[int, int]:
    """Return the bits of a token's letters, and how many of its letters they do not count.

    Letters outside ASCII are left out: the tokens this is held against have none.
    """
    held = Counter(class_of(char) for char in token if char.isascii())
    bits = sum(1 << bit for bit, (letter, often) in enumerate(BITS) if held[letter] >= often)
    return bits, held.total() - bits.bit_count()


def step_below(likeness: float) -> float:
    """Return the next lower likeness that `needed` is worked out for."""
    return int(likeness * STEPS) / STEPS


# Less than either of NEAR: a name near as written may owe its likeness to what is heard, and the other way about.
LOOKED_AT = 0.82
# Jaro-Winkler that names reach, as written and as heard, before they are looked at again; of independent
# transliterations 0.82 finds 89 in a hundred, 0.86 84.
NEAR = {Measure.WRITTEN: 0.82, Measure.HEARD: 0.86}


@lru_cache(maxsize=4096)
def needed(length: int, least: float, measure: Measure) -> tuple[Needed, ...]:
    """Say what tokens must share with one of a given length to be so alike and more than one edit away.

    Args:
        length: int, letters of the token asked for.
        least: float 0 to 1, the least likeness that counts (for a word: none is asked).
        measure: by what they are compared.

    Returns:
        One for each length that can match, in order.
    """
    found = []
    for other in range(1, LONGEST + 1):
        shared = tuple(_least_shared(length, other, prefix, least, measure) for prefix in range(PREFIX + 1))
        if shared[-1] <= min(length, other):
            found.append(Needed(other, shared))
    return tuple(found)


def _least_shared(first: int, second: int, prefix: int, least: float, measure: Measure) -> int:
    """Return the fewest shared letters with which two lengths can be so alike; one more than there are: never."""
    shared = min(first, second) + 1
    while shared > 1:
        winkler = _jaro_winkler_at_most(first, second, shared - 1, prefix)
        if measure is Measure.WORD:
            can = _word_can(first, second, shared - 1, winkler)
        else:
            can = winkler >= LOOKED_AT and _alike_at_most(first, second, shared - 1, winkler) >= least
        if not can:
            break
        shared -= 1
    return shared


def _alike_at_most(first: int, second: int, shared: int, winkler: float) -> float:
    """Return the most that likeness can be of two names more than one edit apart."""
    longer = max(first, second)
    return (winkler + min(shared / longer, 1 - 2 / longer)) / 2


def _word_can(first: int, second: int, shared: int, winkler: float) -> bool:
    """Tell whether two words of an address more than one edit apart can be similar."""
    two_edits = min(first, second) >= LONG_WORD and shared >= max(first, second) - 2
    return winkler >= WORD_ALIKE or (two_edits and winkler >= WORD_NEAR)


def _jaro_winkler_at_most(first: int, second: int, shared: int, prefix: int) -> float:
    """Return the most that Jaro-Winkler can say of two lengths that share so many letters, all in order."""
    jaro = (shared / first + shared / second + 1) / 3
    return jaro + BOOST * prefix * (1 - jaro) if jaro > BOOST_FROM else jaro
