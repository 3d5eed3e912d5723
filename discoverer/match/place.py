"""Scoring a place: street, house, flat and postcode each say something of their own.

Street and number are scored apart from the postcode, so that either finds the place when the other is
wrong. Flats of one building are neighbours, never one place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from discoverer.match.doors import Door, compare_doors, unread_in_common
from discoverer.match.evidence import LEVELS, Evidence, Level, Scored
from discoverer.match.place_words import (
    WordsCompared,
    compare_words,
    missing_bits,
    part_of,
    phrases_shared,
    plain_words,
)
from discoverer.match.profiles import PlaceProfile
from discoverer.match.similarity import Closeness, one_slip
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import Address

__all__ = ["PlaceScale", "likeness", "plain_words", "score_place", "score_writings", "settle"]


class Worded(NamedTuple):
    """What the words of two addresses say, whatever their numbers are.

    Attributes:
        compared: how they compare.
        words, locality: the evidence of them; None where it says nothing.
    """

    compared: WordsCompared
    words: Evidence | None
    locality: Evidence | None


@dataclass(frozen=True)  # not slotted: what is made once is kept in it
class PlaceScale:
    """What a place's score is measured against, made for one search.

    Attributes:
        words: the vocabulary of address words, for rarity.
        weights: the set of weights in force.
    """

    words: Vocabulary
    weights: Weights

    @cached_property
    def prior(self) -> float:
        """Bits of doubt before any evidence: one place in all those indexed."""
        return math.log2(self.words.total + 1)

    @cached_property
    def worded(self) -> dict[tuple[object, ...], Worded]:
        """What this search compared of words already: the doors of one street have the same ones, time after time."""
        return {}


def score_place(asked: Address, held: Address, scale: PlaceScale, *, text_only: bool = False) -> Scored:
    """Weigh one place against the address asked for, and say how sure that makes us.

    Args:
        asked: as typed.
        held: as recorded.
        scale: what it is measured against.
        text_only: bool, the place was only ever found in running text.
    """
    worded = _worded(asked, held, scale)
    found = (
        worded.words,
        *_numbers(asked, held, scale),
        _postcode(asked, held, scale),
        worded.locality,
        _beside(asked, held, scale),
    )
    evidence = tuple([each for each in found if each is not None])
    bits = sum([each.bits for each in evidence]) - scale.prior - _said_twice(evidence, scale)
    return Scored(bits, evidence, _level(asked, held, evidence, bits, scale.weights, text_only))


def _worded(asked: Address, held: Address, scale: PlaceScale) -> Worded:
    """Compare the words of two addresses, once for all that are written in the same words."""
    # All that is read of a held address here and in what is called; a number among its words is no word.
    key = (asked, plain_words(held), held.street, held.street_type, held.building, held.localities)
    known = scale.worded.get(key)
    if known is None:
        compared = compare_words(asked, held, scale.words, scale.weights.place)
        known = Worded(compared, _words(asked, held, compared, scale), _locality(asked, held, compared))
        scale.worded[key] = known
    return known


def likeness(asked: Address, held: Address, scale: PlaceScale) -> float:
    """Weigh how alike two writings of one door are, in bits: the words that agree, less those on one side only.

    Districts and counties say nothing here: the door is the same, so whatever is said of its area is true of both.
    """
    table = scale.weights.place
    compared = _worded(asked, held, scale).compared
    gaps = missing_bits(compared, asked, held, scale.words)
    lost = sum(table[name] * amount for name, amount in gaps.items() if not name.endswith("area"))
    agreed = sum(pair.bits for pair in compared.pairs if any(part_of(word, asked) != "area" for word in pair.asked))
    return agreed + _phrase_bits(asked, held, table) - lost


def _phrase_bits(asked: Address, held: Address, table: dict[str, float]) -> float:
    """Weigh the words that stand side by side on both sides."""
    return min(table["phrase_most"], table["phrase"] * len(phrases_shared(asked, held)))


def score_writings(asked: Address, place: PlaceProfile, scale: PlaceScale) -> Scored:
    """Weigh a place by whichever of its writings fits best."""
    scored = [score_place(asked, held, scale, text_only=place.text_only) for held in place.writings]
    return max(scored, key=lambda each: (-LEVELS.index(each.level), each.bits))


def _words(asked: Address, held: Address, compared: WordsCompared, scale: PlaceScale) -> Evidence | None:
    """Words of the street, building and locality agree, weighted by how rare each is in this index."""
    if not plain_words(asked) or not plain_words(held):
        return None
    table = scale.weights.place
    gaps = missing_bits(compared, asked, held, scale.words)
    bits = sum(pair.bits for pair in compared.pairs) + _phrase_bits(asked, held, table)
    bits -= sum(table[name] * amount for name, amount in gaps.items())
    other_street = _other_street(asked, held, compared)
    if other_street:
        bits -= table["street_differs"]
    if not compared.pairs:
        return Evidence("words", "none", bits, "no word of the address agrees")
    rung = "other" if other_street else _words_rung(asked, held, compared)
    return Evidence("words", rung, bits, _in_words(compared))


def _other_street(asked: Address, held: Address, compared: WordsCompared) -> bool:
    """Tell whether both name a street and no word of either street's name is found on the other side."""
    if not asked.street or not held.street:
        return False
    mine, theirs = set(asked.street), set(held.street)
    return all(mine.isdisjoint(pair.asked) and theirs.isdisjoint(pair.held) for pair in compared.pairs)


def _words_rung(asked: Address, held: Address, compared: WordsCompared) -> str:
    """Say how much agrees: 'exact' words, the whole 'street' by exact or close words, or 'part'."""
    if not compared.missing and all(pair.how is Closeness.SAME for pair in compared.pairs):
        return "exact"
    street = set(asked.street or asked.building.split())
    there = {*held.street, *held.building.split()}
    met = {word for pair in compared.pairs if not there.isdisjoint(pair.held) for word in pair.asked}
    return "street" if street and street <= met else "part"


def _in_words(compared: WordsCompared) -> str:
    """Say which words agreed, and how the others did."""
    same = [" ".join(pair.asked) for pair in compared.pairs if pair.asked == pair.held]
    close = [(" ".join(pair.asked), " ".join(pair.held)) for pair in compared.pairs if pair.asked != pair.held]
    parts = [f"{' '.join(same).upper()} agrees"] if same else []
    parts += [f"{asked.upper()} for {held.upper()}" for asked, held in close]
    if compared.missing:
        parts.append(f"{' '.join(compared.missing).upper()} not in the address recorded")
    return "address: " + ", ".join(parts)


def _numbers(asked: Address, held: Address, scale: PlaceScale) -> list[Evidence]:
    """House numbers and flats agree, are near each other or differ, however they were read."""
    table = scale.weights.place
    compared, mine, theirs = compare_doors(asked, held, table)
    found = []
    if compared.house:
        words = _house_words(compared.house, mine, theirs)
        found.append(Evidence("house", compared.house.removeprefix("house_"), table[compared.house], words))
    if compared.flat:
        words = _flat_words(compared.flat, mine, theirs)
        found.append(Evidence("flat", compared.flat.removeprefix("flat_"), table[compared.flat], words))
    if unread := unread_in_common(asked, held, mine, theirs):
        bits = table["number_digit"] * sum(map(len, unread))
        found.append(Evidence("number", "same", bits, f"the number {' and '.join(unread).upper()} agrees"))
    if compared.otherwise:
        words = "when its numbers are read otherwise"
        found.append(Evidence("reading", "otherwise", -table["read_otherwise"], words))
    return found


_HOUSE_WORDS = {
    "house": "house number {theirs} agrees",
    "house_range": "house numbers {theirs}-{end} agree",
    "house_range_end": "house number {theirs} agrees, the end of its range differs",
    "house_in_range": "house number lies in the range",
    "house_letter": "neighbouring door: {theirs}, not {mine}",
    "house_slip": "house number one digit out: {theirs}, not {mine}",
    "house_differs": "another house number: {theirs}, not {mine}",
}
_FLAT_WORDS = {
    "flat": "flat {theirs} agrees",
    "flat_unheld": "no flat recorded",
    "flat_unsaid": "recorded as flat {theirs}",
    "flat_unasked": "recorded as flat {theirs}",
    "flat_otherwise": "recorded as flat {theirs}, not {mine}",
    "flat_letter": "recorded as flat {theirs}: it may be {mine}",
}


def _house_words(rung: str, asked: Door, held: Door) -> str:
    """Say how two house numbers compare."""
    words = _HOUSE_WORDS.get(rung, "a house number on one side only")
    return words.format(theirs=held.house.upper(), mine=asked.house.upper(), end=held.end.upper())


def _flat_words(rung: str, asked: Door, held: Door) -> str:
    """Say how two flats compare."""
    words = _FLAT_WORDS.get(rung, "same building, another flat: {theirs}, not {mine}")
    return words.format(theirs=held.flat.upper(), mine=asked.flat.upper())


def _postcode(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """Postcodes agree, agree in part, are one slip apart, or differ."""
    table = scale.weights.place
    if asked.postcode and held.postcode:
        if asked.postcode == held.postcode:
            return Evidence("postcode", "same", table["postcode"], f"postcode {held.postcode} agrees")
        if one_slip(asked.postcode, held.postcode):
            words = f"postcode one character out: {held.postcode}, not {asked.postcode}"
            return Evidence("postcode", "slip", table["postcode_slip"], words)
    if asked.sector and asked.sector == held.sector:
        return Evidence("postcode", "sector", table["sector"], f"postcode sector {held.sector} agrees")
    if not asked.outward or not held.outward:
        return None
    if asked.outward == held.outward:
        return Evidence("postcode", "outward", table["outward"], f"postcode district {held.outward} agrees")
    words = f"another postcode district: {held.outward}, not {asked.outward}"
    return Evidence("postcode", "differs", table["outward_differs"], words)


def _locality(asked: Address, held: Address, compared: WordsCompared) -> Evidence | None:
    """A district or town of the two agrees, if only nearly; its rarity is already weighed among the words."""
    theirs = {word for place in held.localities for word in place.split()}
    met = {word for pair in compared.pairs if not theirs.isdisjoint(pair.held) for word in pair.asked}
    agrees = any(met.issuperset(word for word in place.split() if len(word) > 1) for place in asked.localities)
    return Evidence("locality", "same", 0.0, "") if agrees and met else None


def _beside(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """One of the two is beside the door that the other is: opposite, near or behind it."""
    if asked.beside == held.beside:
        return None
    words = "recorded as beside it, not in it" if held.beside else "asked as beside it, not in it"
    return Evidence("beside", "differs", -scale.weights.place["beside"], words)


def _said_twice(evidence: tuple[Evidence, ...], scale: PlaceScale) -> float:
    """Return the bits that words and postcode say beyond singling out one street in all.

    The words of an address and its postcode imply each other; without this, a neighbour recorded with district and
    postcode would stand before the very door recorded without them.
    """
    agreed = sum(max(0.0, each.bits) for each in evidence if each.feature in ("words", "postcode"))
    return (1.0 - scale.weights.place["implied_share"]) * max(0.0, agreed - scale.prior)


SAME_DOOR = {("house", "house"), ("house", "range")}
AREA_AGREES = {
    ("postcode", "same"),
    ("postcode", "slip"),
    ("postcode", "sector"),
    ("postcode", "outward"),
    ("locality", "same"),
}
STREET_AGREES = {("words", "exact"), ("words", "street")}
# What argues for another door than the one asked for, however much else agrees.
AGAINST = {
    ("house", "in_range"),
    ("house", "range_end"),
    ("house", "letter"),
    ("house", "slip"),
    ("house", "differs"),
    ("flat", "differs"),
    ("flat", "otherwise"),
    ("flat", "letter"),
    ("flat", "unsaid"),
    ("flat", "unasked"),
    ("flat", "unheld"),
    ("reading", "otherwise"),
    ("words", "other"),
    ("words", "none"),
    ("postcode", "differs"),
}


def _level(
    asked: Address, held: Address, evidence: tuple[Evidence, ...], bits: float, weights: Weights, text_only: bool
) -> Level:
    """Decide the level: confirmed is the full address, letter for letter; probable the same door, a little off."""
    rungs = {(each.feature, each.outcome) for each in evidence}
    if text_only or asked.beside or held.beside:
        return Level.POSSIBLE
    if asked.postcode and asked.postcode == held.postcode and asked.identity and asked.identity == held.identity:
        return Level.CONFIRMED
    if rungs & AGAINST or bits < weights.level["probable"]:
        return Level.POSSIBLE
    same_door = bool(rungs & SAME_DOOR)
    if same_door and ("postcode", "same") in rungs:
        return Level.PROBABLE
    if _other_type(asked, held):
        return Level.POSSIBLE
    area = bool(rungs & AREA_AGREES) or not (asked.outward or asked.localities)
    named = bool(asked.building) and bool(asked.street or ("postcode", "same") in rungs)
    unnumbered = bool(asked.flat) and asked.house == held.house
    door = same_door or (("words", "exact") in rungs and (named or unnumbered))
    return Level.PROBABLE if door and area and rungs & STREET_AGREES else Level.POSSIBLE


def _other_type(asked: Address, held: Address) -> bool:
    """Tell whether both name a type of street and the two are not one, if only misspelt: a road and a lane."""
    mine, theirs = asked.street_type, held.street_type
    return bool(mine and theirs) and not one_slip(mine, theirs)


def settle(scored: Sequence[tuple[Address, Scored]], weights: Weights) -> list[Scored]:
    """Hold the places found for one address against each other: it means one place, so two that differ are not both it.

    Args:
        scored: (address, its score and level), in any order.
        weights: in force.

    Returns:
        The scores in the same order; whatever another place outscores, or equals with another flat, house or postcode,
        is no more than possible.
    """
    settled = []
    for place, (address, mine) in enumerate(scored):
        beaten = mine.level is not Level.POSSIBLE and any(
            _beats(theirs, mine, weights) and (_two_places(address, other) or _says_more(theirs, mine))
            for at, (other, theirs) in enumerate(scored)
            if at != place
        )
        settled.append(replace(mine, level=Level.POSSIBLE) if beaten else mine)
    return settled


def _beats(theirs: Scored, mine: Scored, weights: Weights) -> bool:
    """Tell whether another place argues that this is not the one meant: clearly better, or as good and as sure."""
    lead = theirs.bits - mine.bits
    if lead >= weights.place["clear_lead"]:
        return True
    return mine.level is theirs.level is Level.PROBABLE and lead > -weights.place["clear_lead"]


def _says_more(theirs: Scored, mine: Scored) -> bool:
    """Tell whether another place bears every word asked for, and this one does not: another district's street."""
    return theirs.outcome("words") == "exact" != mine.outcome("words")


def _two_places(one: Address, other: Address) -> bool:
    """Tell whether two addresses cannot be one door: another house, flat or postcode."""
    if one.house != other.house or one.flat != other.flat:
        return True
    return bool(one.postcode and other.postcode and one.postcode != other.postcode)
