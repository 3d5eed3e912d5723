"""The people a query may mean: looked up by identifier, date of birth and the tokens of the name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, pairwise

from discoverer.candidates.pool import RARE, Pool, bits_of, common
from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Expansion, Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.names import may_be_initials
from index import keys
from index.reader import Reader

# Two tokens run together are looked up only as names this like them.
JOINED_SHARE = 0.5
# Rare readings of one token that are paired with the common ones of another.
RARE_READINGS = 8
# A wrong digit that moves a birth by more years than this makes nobody's date of birth.
CENTURY = 100


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
    """Yield a date of birth and the forms a record may hold it in, with the rung each would reach.

    Beside a name every mistyping of the date is looked up too: a day of birth is shared by few, so a badly damaged
    name is found by it.
    """
    if len(value) < 10 and not alone:
        return
    yield value, "same"
    if len(value) < 10:
        return
    if int(value[8:]) <= 12 and value[5:7] != value[8:]:
        yield f"{value[:4]}-{value[8:]}-{value[5:7]}", "swapped"
    yield value[:4], "same_year"
    if not alone:
        yield value[:7], "same_month"
        yield from ((slip, "one_slip") for slip in slips(value))


def slips(value: str) -> Iterator[str]:
    """Yield the dates one wrong digit, or one or ten years, away from a date of birth 'YYYY-MM-DD'."""
    year, month, day = value.split("-")
    digits = [place for place in range(len(value)) if value[place] != "-"]
    wrong = {value[:place] + digit + value[place + 1 :] for place in digits for digit in "0123456789"}
    wrong |= {f"{int(year) + off:04}-{month}-{day}" for off in (-10, -1, 1, 10)}
    for each in sorted(wrong - {value}):
        try:
            date.fromisoformat(each)
        except ValueError:
            continue
        if abs(int(each[:4]) - int(year)) <= CENTURY:
            yield each


def _names(reader: Reader, pool: Pool, tokens: Sequence[str], areas: Sequence[str], weights: Weights) -> None:
    """Gather the people one name may mean."""
    joined = [first + second for first, second in pairwise(tokens)]
    readings = reader.names.expand(tokens, weights)
    for token, meant in zip(tokens, readings, strict=True):
        rare = [each for each in meant if each.bearers <= RARE]
        pool.take_best(reader, _alone(token, rare, reader.names, weights))
        for area in areas:
            pool.take_best(reader, _in_area(token, common(meant), area, reader.names, weights))
    for token, meant in zip(joined, reader.names.expand(joined, weights, least=JOINED_SHARE), strict=True):
        alike = [each for each in meant if each.bearers <= RARE]
        pool.take_best(reader, _alone(token, alike, reader.names, weights))
    for a, b in combinations(range(len(tokens)), 2):
        both = (tokens[a], tokens[b])
        pool.take_best(reader, _pairs(both, (readings[a], readings[b]), reader.names, weights))
        _initials(reader, pool, both, weights)
    if len(tokens) == 1 or not pool.weight:
        for token, meant in zip(tokens, readings, strict=True):
            for each in common(meant)[:2]:
                pool.take(reader, keys.name(each.token), bits_of(token, each, reader.names, weights))


def _alone(
    asked: str, meant: Sequence[Expansion], vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of rare readings of one name token; one token run together with its neighbour too."""
    yield keys.name(asked), vocabulary.rarity(asked) if asked not in vocabulary else 0.0
    for each in meant:
        yield keys.name(each.token), bits_of(asked, each, vocabulary, weights)


def _in_area(
    asked: str, meant: Sequence[Expansion], area: str, vocabulary: Vocabulary, weights: Weights
) -> Iterator[tuple[str, float]]:
    """Yield the keys of common readings of one name token in an area."""
    for each in meant:
        yield keys.name_area(each.token, area), bits_of(asked, each, vocabulary, weights) + weights.held["area"]


def _pairs(
    asked: tuple[str, str],
    meant: tuple[Sequence[Expansion], Sequence[Expansion]],
    vocabulary: Vocabulary,
    weights: Weights,
) -> Iterator[tuple[str, float]]:
    """Yield the keys of two name tokens together where one reading at least is common, with what that one adds.

    A rare reading is looked up alone as well: beside it a common one counts only itself, so that Amit Mehta comes
    before everybody else called Mehta.
    """
    often = (common(meant[0]), common(meant[1]))
    rare = ([each for each in side if each.bearers <= RARE][:RARE_READINGS] for side in meant)
    rare_first, rare_second = rare
    for first in often[0]:
        for second in (*often[1], *rare_second):
            mine = bits_of(asked[0], first, vocabulary, weights)
            more = bits_of(asked[1], second, vocabulary, weights) if second.bearers > RARE else 0.0
            yield keys.name_pair(first.token, second.token), mine + more
    for first in rare_first:
        for second in often[1]:
            yield keys.name_pair(first.token, second.token), bits_of(asked[1], second, vocabulary, weights)


def _initials(reader: Reader, pool: Pool, both: tuple[str, str], weights: Weights) -> None:
    """Where one of two tokens is an initial, or initials run together, gather the people they fit beside the other."""
    for letters, token in (both, both[::-1]):
        if len(token) > 1 and (len(letters) == 1 or may_be_initials(letters)):
            bits = reader.names.rarity(token) * weights.token["same"]
            pool.take_best(reader, ((keys.initial(letter, token), bits) for letter in dict.fromkeys(letters)))
