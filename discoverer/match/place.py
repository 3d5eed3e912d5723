"""Scoring a place: street, house, flat and postcode each say something of their own.

Street and number are scored apart from the postcode, so that either finds the place when the other is
wrong. Flats of one building are neighbours, never one place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.similarity import Closeness, one_slip, word_closeness
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import Address


@dataclass(frozen=True, slots=True)
class PlaceScale:
    """What a place's score is measured against.

    Attributes:
        words: the vocabulary of address words, for rarity.
        weights: the set of weights in force.
    """

    words: Vocabulary
    weights: Weights

    @property
    def prior(self) -> float:
        """Bits of doubt before any evidence: one place in all those indexed."""
        return math.log2(self.words.total + 1)


Feature = Callable[[Address, Address, PlaceScale], Evidence | None]


def plain_words(address: Address) -> tuple[str, ...]:
    """Return an address's words without its numbers and postcode, each once, in written order."""
    return tuple(dict.fromkeys(word for word in address.words if word.isalpha()))


def street(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """Words of the street, building and locality agree, weighted by how rare each is in this index."""
    wanted, there = plain_words(asked), plain_words(held)
    if not wanted or not there:
        return None
    pairs = _pair_words(wanted, there, scale)
    table = scale.weights.place
    districts = _districts(asked)
    bits = sum(pair[3] for pair in pairs)
    missing = [word for word in wanted if word not in {pair[0] for pair in pairs}]
    bits -= sum(
        scale.words.rarity(word) * table["missing_district" if word in districts else "missing_word"]
        for word in missing
    )
    bits -= table["extra_word"] * max(0, len(there) - len(pairs))
    if not pairs:
        return Evidence("words", "none", bits, "no word of the address agrees")
    return Evidence("words", _street_rung(asked, held, pairs, missing), bits, _street_words(pairs, missing))


def _districts(asked: Address) -> set[str]:
    """Return the words that only say where a named street is; where no street is named they are all there is."""
    named = set(asked.street) | set(asked.building.split())
    if not named:
        return set()
    return {word for locality in asked.localities for word in locality.split()} - named


Pair = tuple[str, str, Closeness, float]


def _pair_words(wanted: tuple[str, ...], there: tuple[str, ...], scale: PlaceScale) -> list[Pair]:
    """Pair the words of two addresses, the weightiest agreement first, each word once."""
    options = [
        (a, h, how, scale.weights.token[how] * scale.words.shared_rarity(a, h, how))
        for a in wanted
        for h in there
        if (how := word_closeness(a, h)) is not Closeness.NONE
    ]
    options.sort(key=lambda option: (-option[3], option[0], option[1]))
    taken: list[Pair] = []
    for option in options:
        if all(option[0] != pair[0] and option[1] != pair[1] for pair in taken):
            taken.append(option)
    return taken


def _street_rung(asked: Address, held: Address, pairs: list[Pair], missing: list[str]) -> str:
    """Say how much agrees: 'exact' words, the whole 'street' by exact or close words, or 'part'."""
    if not missing and all(how is Closeness.SAME for _, _, how, _ in pairs):
        return "exact"
    agreed = {pair[0] for pair in pairs}
    street_words = asked.street or tuple(asked.building.split())
    there = set(held.street) | set(held.building.split())
    met = {pair[0] for pair in pairs if pair[1] in there}
    return "street" if street_words and set(street_words) <= agreed & met else "part"


def _street_words(pairs: list[Pair], missing: list[str]) -> str:
    """Say which words agreed, and how the others did."""
    close = [f"{a.upper()} for {h.upper()}" for a, h, how, _ in pairs if how is not Closeness.SAME]
    same = [a.upper() for a, _, how, _ in pairs if how is Closeness.SAME]
    parts = [" ".join(same) + " agrees"] if same else []
    parts += close
    if missing:
        parts.append(f"{' '.join(missing).upper()} not recorded")
    return "address: " + ", ".join(parts)


def house(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """House numbers agree, fall in a range, are neighbours, are one slip apart, or differ."""
    if not asked.house and not held.house:
        return None
    rung, words = _house_rung(asked, held)
    return Evidence("house", rung.removeprefix("house_"), scale.weights.place[rung], words)


def _house_rung(asked: Address, held: Address) -> tuple[str, str]:
    """Place two house numbers on the ladder of the weights' [place] table."""
    if not asked.house or not held.house:
        return "house_missing", "a house number on one side only"
    if asked.house == held.house:
        return "house", f"house number {held.house.upper()} agrees"
    if _in_range(asked, held) or _in_range(held, asked):
        return "house_in_range", "house number lies in the range"
    first, second = _number(asked.house), _number(held.house)
    if first == second:
        return "house_letter", f"neighbouring door: {held.house.upper()}, not {asked.house.upper()}"
    if one_slip(asked.house, held.house) and min(len(asked.house), len(held.house)) > 1:
        return "house_slip", f"house number one digit out: {held.house.upper()}, not {asked.house.upper()}"
    return "house_differs", f"another house number: {held.house.upper()}, not {asked.house.upper()}"


def _number(text: str) -> int:
    """Return the digits a house number begins with, 0 when none."""
    found = re.match(r"\d{1,9}", text)
    return int(found.group()) if found else 0


def _in_range(one: Address, ranged: Address) -> bool:
    """Tell whether a house number lies in the other's range, on the same side of the street."""
    if not ranged.house_end or not one.house:
        return False
    number, low, high = _number(one.house), _number(ranged.house), _number(ranged.house_end)
    return low <= number <= high and number % 2 == low % 2


def flat(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """Flats agree, differ, or stand on one side only."""
    table = scale.weights.place
    if asked.flat == held.flat:
        return Evidence("flat", "same", table["flat"], f"flat {held.flat.upper()} agrees") if held.flat else None
    if asked.flat and held.flat:
        words = f"same building, another flat: {held.flat.upper()}, not {asked.flat.upper()}"
        return Evidence("flat", "differs", table["flat_differs"], words)
    words = "no flat recorded" if asked.flat else f"recorded as flat {held.flat.upper()}"
    return Evidence("flat", "missing", table["flat_missing"], words)


def postcode(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
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


def locality(asked: Address, held: Address, scale: PlaceScale) -> Evidence | None:
    """The same district or town is named; its rarity is already weighed among the words."""
    del scale
    shared = [each for each in asked.localities if each in held.localities]
    return Evidence("locality", "same", 0.0, "") if shared else None


FEATURES: tuple[Feature, ...] = (street, house, flat, postcode, locality)

SAME_DOOR = {("house", "house"), ("house", "in_range")}
AREA_AGREES = {
    ("postcode", "same"),
    ("postcode", "slip"),
    ("postcode", "sector"),
    ("postcode", "outward"),
    ("locality", "same"),
}
STREET_AGREES = {("words", "exact"), ("words", "street")}


def score_place(asked: Address, held: Address, scale: PlaceScale, *, text_only: bool = False) -> Scored:
    """Weigh one place against the address asked for, and say how sure that makes us."""
    evidence = tuple(found for feature in FEATURES if (found := feature(asked, held, scale)) is not None)
    bits = sum(each.bits for each in evidence) - scale.prior - _said_twice(evidence, scale)
    return Scored(bits, evidence, _level(asked, held, evidence, bits, scale.weights, text_only))


def _said_twice(evidence: tuple[Evidence, ...], scale: PlaceScale) -> float:
    """Return the bits that words and postcode say beyond singling out one street in all.

    The words of an address and its postcode imply each other; without this, a neighbour recorded with district and
    postcode would stand before the very door recorded without them.
    """
    agreed = sum(max(0.0, each.bits) for each in evidence if each.feature in ("words", "postcode"))
    return (1.0 - scale.weights.place["implied_share"]) * max(0.0, agreed - scale.prior)


def _level(
    asked: Address, held: Address, evidence: tuple[Evidence, ...], bits: float, weights: Weights, text_only: bool
) -> Level:
    """Decide the level: confirmed is the full address, letter for letter; probable the same door, a little off."""
    rungs = {(each.feature, each.outcome) for each in evidence}
    if ("flat", "differs") in rungs or text_only:
        return Level.POSSIBLE
    if asked.identity and asked.identity == held.identity and asked.postcode:
        return Level.CONFIRMED
    same_door = bool(rungs & SAME_DOOR)
    named = not asked.house and not held.house and bool(asked.building) and asked.building == held.building
    enough = bits >= weights.level["probable"]
    area = bool(rungs & AREA_AGREES) and ("postcode", "differs") not in rungs
    if (same_door or named) and rungs & STREET_AGREES and area and enough:
        return Level.PROBABLE
    if same_door and ("postcode", "same") in rungs and ("words", "none") not in rungs and enough:
        return Level.PROBABLE
    return Level.POSSIBLE
