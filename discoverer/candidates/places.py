"""The places a query may mean: looked up by postcode, house number and the words of the address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from discoverer.candidates.pool import RARE, Pool, bits_of, common
from discoverer.match.place import plain_words
from discoverer.match.vocabulary import Expansion, Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import Address
from index import keys
from index.reader import Reader


def places(reader: Reader, asked: Address, weights: Weights) -> Pool:
    """Gather the place documents an address may mean."""
    pool = Pool()
    table = weights.place
    numbers = keys.door_numbers(asked)
    if asked.postcode:
        pool.take(reader, keys.postcode(asked.postcode), table["postcode"])
        for number in numbers:
            pool.take(reader, keys.house_postcode(number, asked.postcode), table["house"])
    elif asked.sector:
        pool.take(reader, keys.sector(asked.sector), table["sector"])
    words = plain_words(asked)[: keys.LONGEST_ADDRESS]
    readings = reader.words.expand(words, weights)
    for word, meant in zip(words, readings, strict=True):
        pool.take_best(reader, _word_keys(word, meant, numbers, reader.words, weights))
    _every_number(reader, pool, readings, numbers, weights)
    for a, b in combinations(range(len(words)), 2):
        both, often = (words[a], words[b]), (common(readings[a]), common(readings[b]))
        pool.take_best(reader, _word_pairs(both, often, reader.words, weights))
    if len(words) == 1 and not numbers:
        for each in common(readings[0])[:1]:
            pool.take(reader, keys.word(each.token), bits_of(words[0], each, reader.words, weights))
    return pool


def _every_number(
    reader: Reader, pool: Pool, readings: Sequence[Sequence[Expansion]], numbers: Sequence[str], weights: Weights
) -> None:
    """Put the places that bear every number beside the rarest word first: one flat of a tower of hundreds."""
    rarest = min((meant[0] for meant in readings if meant), key=lambda each: each.bearers, default=None)
    if rarest is not None and len(numbers) > 1:
        for number in numbers:
            pool.take(reader, keys.house_word(number, rarest.token), weights.place["flat"])


def _word_keys(
    asked: str, meant: Sequence[Expansion], numbers: Sequence[str], vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of one address word: alone when rare, else beside the house number."""
    for each in meant:
        bits = bits_of(asked, each, vocabulary, weights)
        if each.bearers <= RARE:
            yield keys.word(each.token), bits
        for number in numbers:
            yield keys.house_word(number, each.token), bits + weights.place["house"]


def _word_pairs(
    asked: tuple[str, str],
    meant: tuple[Sequence[Expansion], Sequence[Expansion]],
    vocabulary: Vocabulary,
    weights: Weights,
) -> Iterator[tuple[str, float]]:
    """Yield the keys of common readings of two address words together."""
    for first in meant[0][:2]:
        for second in meant[1][:2]:
            bits = bits_of(asked[0], first, vocabulary, weights) + bits_of(asked[1], second, vocabulary, weights)
            yield keys.word_pair(first.token, second.token), bits
