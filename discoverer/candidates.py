"""Retrieval: from a query's cleaned values to the few hundred documents worth comparing exactly.

Generous and cheap. Each typed token is expanded over the vocabulary; a rare token is looked up alone, common
ones only beside another (a token pair, an area, a house number), so no look-up reads a long list. What is
found is ranked by the rarity it shares with the query, and the best few hundred go on to exact scoring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from discoverer.match.place import plain_words
from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Expansion, Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import Address
from index import keys
from index.reader import Reader

# A token borne by at most this many documents is looked up alone.
RARE = 400
# Readings of one common token that are paired with those of another.
COMMON_READINGS = 6
# Documents read from one list: the lists are in order of importance.
LIST_LIMIT = 400
# Documents that go on to exact scoring.
KEPT = 300


@dataclass(slots=True)
class Pool:
    """Candidates gathered so far.

    Attributes:
        weight: document -> bits shared with the query, a rough lower bound used only for choosing.
        about: int, how many documents the longest cut list held; 0 when none was cut.
    """

    weight: dict[int, float] = field(default_factory=dict)
    about: int = 0

    def take(self, reader: Reader, key: str, bits: float) -> None:
        """Look one key up and add its bits to every document that carries it."""
        found = reader.look_up(key, LIST_LIMIT)
        if found.total > len(found.ids):
            self.about = max(self.about, found.total)
        for number in found.ids:
            self.weight[number] = self.weight.get(number, 0.0) + bits

    def take_best(self, reader: Reader, weighted: Iterator[tuple[str, float]]) -> None:
        """Look several keys up of which a document counts only its best (readings of one token)."""
        best: dict[int, float] = {}
        for key, bits in weighted:
            found = reader.look_up(key, LIST_LIMIT)
            if found.total > len(found.ids):
                self.about = max(self.about, found.total)
            for number in found.ids:
                best[number] = max(best.get(number, 0.0), bits)
        for number, bits in best.items():
            self.weight[number] = self.weight.get(number, 0.0) + bits

    def best(self) -> list[int]:
        """Return the documents to score, best first; ties in order of importance."""
        return sorted(self.weight, key=lambda number: (-self.weight[number], number))[:KEPT]


def people(reader: Reader, asked: PersonProfile, weights: Weights) -> Pool:
    """Gather the person documents a query may mean."""
    pool = Pool()
    for value in (*asked.identifiers, *asked.unverified):
        pool.take(reader, keys.identifier(value), weights.identifier["valid"])
    for value in asked.births:
        for form, rung in _birth_forms(value, alone=not asked.names):
            pool.take(reader, keys.birth(form), weights.birth[rung])
    for tokens in asked.names:
        _names(reader, pool, tokens[: keys.LONGEST_NAME], asked.areas, weights)
    return pool


def _birth_forms(value: str, *, alone: bool) -> Iterator[tuple[str, str]]:
    """Yield a date of birth and the forms a record may hold it in, with the rung each would reach."""
    if len(value) < 10 and not alone:
        return
    yield value, "same"
    if len(value) == 10:
        if int(value[8:]) <= 12 and value[5:7] != value[8:]:
            yield f"{value[:4]}-{value[8:]}-{value[5:7]}", "swapped"
        yield value[:4], "same_year"


def _names(reader: Reader, pool: Pool, tokens: Sequence[str], areas: Sequence[str], weights: Weights) -> None:
    """Gather the people one name may mean."""
    readings = reader.names.expand(tokens, weights)
    for token, meant in zip(tokens, readings, strict=True):
        rare = [each for each in meant if each.bearers <= RARE]
        pool.take_best(reader, _alone(token, rare, reader.names, weights))
        for area in areas:
            pool.take_best(reader, _in_area(token, _common(meant), area, reader.names, weights))
    for first, second in pairwise(tokens):
        pool.take(reader, keys.name(first + second), reader.names.rarity(first + second))
    for a, b in combinations(range(len(tokens)), 2):
        both = (tokens[a], tokens[b])
        pool.take_best(reader, _pairs(both, (_common(readings[a]), _common(readings[b])), reader.names, weights))
        _initials(reader, pool, both, weights)
    if len(tokens) == 1 or not pool.weight:
        for token, meant in zip(tokens, readings, strict=True):
            for each in _common(meant)[:2]:
                pool.take(reader, keys.name(each.token), _bits(token, each, reader.names, weights))


def _common(meant: Sequence[Expansion]) -> list[Expansion]:
    """Return the readings too common to be looked up alone."""
    return [each for each in meant if each.bearers > RARE][:COMMON_READINGS]


def _bits(asked: str, each: Expansion, vocabulary: Vocabulary, weights: Weights) -> float:
    """Weigh one reading of a token."""
    return weights.token[each.closeness] * vocabulary.shared_rarity(asked, each.token, each.closeness)


def _alone(
    asked: str, meant: Sequence[Expansion], vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of rare readings of one name token; one token run together with its neighbour too."""
    yield keys.name(asked), vocabulary.rarity(asked) if asked not in vocabulary else 0.0
    for each in meant:
        yield keys.name(each.token), _bits(asked, each, vocabulary, weights)


def _in_area(
    asked: str, meant: Sequence[Expansion], area: str, vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of common readings of one name token in an area."""
    for each in meant:
        yield keys.name_area(each.token, area), _bits(asked, each, vocabulary, weights) + weights.held["area"]


def _pairs(
    asked: tuple[str, str],
    meant: tuple[Sequence[Expansion], Sequence[Expansion]],
    vocabulary: Vocabulary,
    weights: Weights,
) -> Iterator[tuple[str, float]]:
    """Yield the keys of common readings of two name tokens together."""
    for first in meant[0]:
        for second in meant[1]:
            bits = _bits(asked[0], first, vocabulary, weights) + _bits(asked[1], second, vocabulary, weights)
            yield keys.name_pair(first.token, second.token), bits


def _initials(reader: Reader, pool: Pool, both: tuple[str, str], weights: Weights) -> None:
    """Where one of two tokens is an initial, gather the people it fits beside the other."""
    for letter, token in (both, both[::-1]):
        if len(letter) == 1 and len(token) > 1:
            pool.take(reader, keys.initial(letter, token), reader.names.rarity(token) * weights.token["same"])


def places(reader: Reader, asked: Address, weights: Weights) -> Pool:
    """Gather the place documents an address may mean."""
    pool = Pool()
    table = weights.place
    numbers = keys.house_numbers(asked)
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
    for a, b in combinations(range(len(words)), 2):
        both, common = (words[a], words[b]), (_common(readings[a]), _common(readings[b]))
        pool.take_best(reader, _word_pairs(both, common, reader.words, weights))
    if len(words) == 1 and not numbers:
        for each in _common(readings[0])[:1]:
            pool.take(reader, keys.word(each.token), _bits(words[0], each, reader.words, weights))
    return pool


def _word_keys(
    asked: str, meant: Sequence[Expansion], numbers: Sequence[str], vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of one address word: alone when rare, else beside the house number."""
    for each in meant:
        bits = _bits(asked, each, vocabulary, weights)
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
            bits = _bits(asked[0], first, vocabulary, weights) + _bits(asked[1], second, vocabulary, weights)
            yield keys.word_pair(first.token, second.token), bits
