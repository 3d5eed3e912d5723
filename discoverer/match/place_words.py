"""Comparing the words of two addresses, wherever in them they stand.

A word agrees whether it was read as street, building or town: only what is missing is judged by the part it played, so
that a wrong reading costs little.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from discoverer.match.similarity import Closeness, one_slip, word_closeness
from discoverer.match.vocabulary import Vocabulary
from discoverer.normalise.address_words import is_number
from discoverer.normalise.addresses import Address

# Bits that one word missing may claim at most: an unheard-of word is more often misspelt than telling.
RAREST_MISSING = 10.0


class Pair(NamedTuple):
    """Words of the two sides that agree.

    Attributes:
        asked, held: tuple[str, ...], one word each, or two neighbours that the other side runs together.
        how: how they agree.
        rarity: float, bits the agreement may claim at most.
        bits: float, bits it does claim.
    """

    asked: tuple[str, ...]
    held: tuple[str, ...]
    how: Closeness
    rarity: float
    bits: float


class WordsCompared(NamedTuple):
    """How the words of two addresses compare.

    Attributes:
        pairs: words that agree, the weightiest first.
        missing: tuple[str, ...], words asked for and not held.
        extra: tuple[str, ...], words held and not asked for.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def plain_words(address: Address) -> tuple[str, ...]:
    """Return an address's words without its numbers and postcode, each once, in written order."""
    return _plain(address.words)


@lru_cache(maxsize=32_768)
def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that are no numbers; one comparison of two addresses asks for them many times."""
    return tuple(dict.fromkeys(word for word in words if word.isalpha() or not is_number(word)))


def phrases_shared(asked: Address, held: Address) -> tuple[tuple[str, str], ...]:
    """Return the pairs of words of a street or building that stand side by side, in that order, in both addresses.

    'Churchdown Surgery' is more than a surgery somewhere in Churchdown.
    """
    there = set(pairwise(plain_words(held)))
    mine = (pair for pair in pairwise(plain_words(asked)) if "area" not in [part_of(word, asked) for word in pair])
    return tuple(pair for pair in mine if pair in there)


def part_of(word: str, address: Address) -> str:
    """Return the part a word plays in an address: 'street' | 'building' | 'area'.

    A word that is no part of the street nor of a place known by name is taken for a building's or a firm's.
    """
    if word in address.street or word == address.street_type:
        return "street"
    if word in address.building.split():
        return "building"
    return "area" if any(word in locality.split() for locality in address.localities) else "building"


def compare_words(asked: Address, held: Address, words: Vocabulary, table: dict[str, float]) -> WordsCompared:
    """Pair the words of two addresses, the weightiest agreement first, each word once.

    Args:
        asked: as typed.
        held: as recorded.
        words: the vocabulary of address words, for rarity.
        table: the weights' [place] table; 'word_<closeness>' is the share of its rarity an agreement earns.
    """
    wanted, there = plain_words(asked), plain_words(held)
    options = sorted(
        (*_alone(wanted, there, words, table), *_joined(wanted, there, words, table)),
        key=lambda pair: (-pair.bits, pair.asked, pair.held),
    )
    taken: list[Pair] = []
    used_asked: set[str] = set()
    used_held: set[str] = set()
    for pair in options:
        if used_asked.isdisjoint(pair.asked) and used_held.isdisjoint(pair.held):
            taken.append(pair)
            used_asked.update(pair.asked)
            used_held.update(pair.held)
    missing = tuple(word for word in wanted if word not in used_asked)
    return WordsCompared(tuple(taken), missing, tuple(word for word in there if word not in used_held))


def _alone(
    wanted: tuple[str, ...], there: tuple[str, ...], words: Vocabulary, table: dict[str, float]
) -> Iterator[Pair]:
    """Yield the pairs of single words that agree."""
    for a in wanted:
        for h in there:
            if a[0] != h[0] and a[-1] != h[-1]:  # never the same word, and by far the most of them
                continue
            how = word_closeness(a, h)
            if how is not Closeness.NONE:
                rarity = words.shared_rarity(a, h, how)
                yield Pair((a,), (h,), how, rarity, table[f"word_{how}"] * rarity)


def _joined(
    wanted: tuple[str, ...], there: tuple[str, ...], words: Vocabulary, table: dict[str, float]
) -> Iterator[Pair]:
    """Yield the pairs of one word with two neighbours of the other side: 'merseybank' and 'mersey bank'."""
    for one, two, asked_is_one in ((wanted, there, True), (there, wanted, False)):
        for first, second in pairwise(two):
            size = len(first) + len(second)
            for word in one:
                if word[0] == first[0] and abs(len(word) - size) <= 1 and one_slip(word, first + second):
                    how = Closeness.SAME if word == first + second else Closeness.ONE_EDIT
                    share = table[f"word_{how}"] * table["word_joined"]
                    if asked_is_one:
                        rarity = words.rarity(first) + words.rarity(second)
                        yield Pair((word,), (first, second), how, rarity, share * rarity)
                    else:
                        rarity = words.rarity(word)
                        yield Pair((first, second), (word,), how, rarity, share * rarity)


def missing_bits(compared: WordsCompared, asked: Address, held: Address, words: Vocabulary) -> dict[str, float]:
    """Return what is missing on either side, by the part it plays.

    Returns:
        {'missing_street': bits of rarity, ..., 'extra_street': number of words, ...} for street, building and area.
    """
    found = dict.fromkeys(
        (f"{side}_{part}" for side in ("missing", "extra") for part in ("street", "building", "area")), 0.0
    )
    for word in compared.missing:
        found[f"missing_{part_of(word, asked)}"] += min(RAREST_MISSING, words.rarity(word))
    for word in compared.extra:
        found[f"extra_{part_of(word, held)}"] += 1.0
    return found
