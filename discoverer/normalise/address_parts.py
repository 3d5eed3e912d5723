"""The parts of an address: which of their words can be a street's name, its type, a building or a landmark."""

from __future__ import annotations

from dataclasses import dataclass

from discoverer.normalise.address_words import (
    BLOCKS,
    BUILDINGS,
    DIRECTIONS,
    DROPPED,
    STREET_TYPES,
    WEAK_TYPES,
    is_number,
    is_place,
    split_places,
)
from discoverer.normalise.flats import Numbers
from discoverer.normalise.tables import load


@dataclass(slots=True)
class Part:
    """One part of an address in the making.

    Attributes:
        numbers: the flat and house numbers it begins with.
        words: what follows them.
        type_at: index of the street type in `words`; -1 when none.
        strong: bool, the type is one that only streets have.
    """

    numbers: Numbers
    words: list[str]
    type_at: int = -1
    strong: bool = False

    @property
    def ends_as_building(self) -> bool:
        """Whether the last word names a kind of building or landmark."""
        return bool(self.words) and self.words[-1] in BUILDINGS

    @property
    def weight(self) -> int:
        """How much it looks like the street; 0: not at all."""
        if not self.words or (self.ends_as_building and self.type_at != len(self.words) - 1):
            return 0
        numbered = 4 if self.numbers.house else 0
        if self.type_at < 0:
            return numbered - 1 if numbered else 0
        return numbered + (4 if self.strong else 1) + (2 if self.type_at == len(self.words) - 1 else 0)


_POSITION = load("addresses")["position"]
# Words of position in front of a house number: outside 14 High Street.
_OUTSIDE = frozenset(_POSITION["outside"])
# Phrases that say the place is not the door named after them, the longest first: opposite 14 High Street.
_BESIDE = sorted((phrase.split() for phrase in _POSITION["beside"]), key=len, reverse=True)
_OF = frozenset(_POSITION["of"])


def _beside_at(words: list[str], place: int) -> int:
    """Return how many words from `place` on say that something is beside what follows; 0 for none."""
    return next((len(phrase) for phrase in _BESIDE if words[place : place + len(phrase)] == phrase), 0)


def from_number(words: list[str]) -> tuple[list[str], bool]:
    """Leave out words of position in front of a part: 'no 14', 'outside 14 high street', 'rear of 14 high street'.

    Returns:
        (the words that are left, whether they name what the place is beside rather than the place itself).
    """
    place, beside = 0, False
    while place < len(words):
        size = _beside_at(words, place)
        beside |= size > 0
        size = size or int(words[place] in _OUTSIDE or (place > 0 and words[place] in _OF))
        if not size:
            break
        place += size
    return words[place:], beside


def with_number_behind(words: list[str]) -> list[str]:
    """Put a house number that stands behind the street in front of it: 'hillaires test road 14'."""
    if len(words) > 2 and is_number(words[-1]) and words[-2] in STREET_TYPES and not any(map(is_number, words[:-1])):
        return [words[-1], *words[:-1]]
    return words


def trimmed(words: list[str]) -> list[str]:
    """Leave out words of position at either end; inside a name they stay (Stoke on Trent)."""
    first, last = 0, len(words)
    while first < last and words[first] in DROPPED:
        first += 1
    while last > first and words[last - 1] in DROPPED:
        last -= 1
    return words[first:last]


def before_and_after_number(words: list[str]) -> list[list[str]]:
    """Cut a part before a house number that stands in it: 'century tower | 14 dollery drive'."""
    if not any(map(is_number, words[1:-1])):
        return [words]
    for place in range(1, len(words) - 1):
        block = is_number(words[0]) and words[place - 1] in BLOCKS  # 12 maple court | 12 fir lane
        named = all(not is_number(word) and word not in "/-" for word in words[block:place])
        if is_number(words[place]) and named and find_type(words[place + 1 :])[0] > 0:
            content = [word for word in words[:place] if word not in DROPPED and word not in _FLAT_LEADS]
            if content and words[place - 1] not in _FLAT_LEADS:
                led = _position_before(words, place)
                return [words[:led], words[led:]]
    return [words]


def _position_before(words: list[str], place: int) -> int:
    """Return where the words begin that say what is there is beside the number at `place`; `place` when none do."""
    return next((at for at in range(1, place) if from_number(words[at:place]) == ([], True)), place)


_FLAT_LEADS = frozenset(load("addresses")["flats"]["words"]) | {"no", "number"}


def find_type(words: list[str]) -> tuple[int, bool]:
    """Return (index of the street type, whether only streets have it); (-1, False) when there is none.

    The first type after a name counts, unless another follows it at once (Grove Lane).
    """
    for kinds, strong in ((STREET_TYPES, True), (WEAK_TYPES, False)):
        for place in range(1, len(words)):
            if words[place] in kinds:
                while place + 1 < len(words) and words[place + 1] in kinds:
                    place += 1
                return place, strong
    if len(words) == 1 and words[0] in STREET_TYPES:
        return 0, True
    return -1, False


def street_words(part: Part) -> tuple[list[str], str, list[str]]:
    """Return (words of the street's name, its type, what follows)."""
    words = part.words
    if part.type_at < 0:
        places = split_places(words)
        last = places[-1].split() if len(places) > 1 and is_place(places[-1]) else []
        return words[: len(words) - len(last)], "", last
    name, kind, after = words[: part.type_at], words[part.type_at], words[part.type_at + 1 :]
    if not part.strong and is_place(" ".join(words)):
        return words, "", []
    if after and after[0] in DIRECTIONS.values() and " ".join(after[:2]) not in ("west midlands", "west bromwich"):
        return [*name, after[0]], kind, after[1:]
    return name, kind, after


def landmark(street: list[str]) -> tuple[str, list[str]]:
    """Part a building's or landmark's name from a street run together with it: 'shell garage | slade'."""
    for place in range(len(street) - 2, -1, -1):
        if street[place] in BUILDINGS and len(street) > 2:
            return " ".join(street[: place + 1]), street[place + 1 :]
    return "", street
