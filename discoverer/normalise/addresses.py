"""Reads an address in any United Kingdom layout, on one line or several, with commas or without.

Equivalent writings (Flat 2, 14 = 14 Flat 2 = 2/14 = Flt 2 14) give one identity; flats of one building, and 14 and 14A,
never do. What cannot be placed is still in `words`, so nothing written is lost to a search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discoverer.normalise.address_parts import (
    Part,
    before_and_after_number,
    find_type,
    from_number,
    landmark,
    street_words,
    trimmed,
    with_number_behind,
)
from discoverer.normalise.address_words import BLOCKS, DROPPED, LONGEST, cut, is_place, split_places
from discoverer.normalise.flats import UNNUMBERED, Numbers, is_floor, lift_flats, take_numbers
from discoverer.normalise.postcodes import Postcode, find_postcode, read_postcode
from discoverer.normalise.tables import load
from discoverer.normalise.text import distinct, fold

__all__ = ["Address", "read_address", "read_postcode"]

_PLACEHOLDERS = frozenset(load("addresses")["placeholders"]["phrases"])
_NFA = re.compile(r"\b(?:nfa|no fixed (?:abode|address))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. Every string is folded but `raw` and the postcode's three.

    Attributes:
        raw: str, as written, the postcode's own column included.
        flat: str, '2' | '2b' | 'a' | 'ground' | 'top' ...; '' when none.
        house: str, '14' | '14a'; '' when none.
        house_end: str, the end of a range: '16' of 12-16; '' when none.
        building: str, name of a house, block or landmark, e.g. 'century tower'; '' when none.
        street: tuple[str, ...], its words without the type, e.g. ('hillaires', 'test').
        street_type: str, 'road'; '' when the street has none.
        localities: tuple[str, ...], districts and towns, nearest first, e.g. ('erdington', 'birmingham').
        postcode: 'B23 6XX' | ''.
        outward: 'B23' | ''.
        sector: 'B23 6' | ''.
        beside: bool, the place is beside the one named, not in it: opposite, near, rear of 14 High Street.
        words: tuple[str, ...], every content word but flat and postcode, abbreviations written out, in order.
    """

    raw: str
    flat: str = ""
    house: str = ""
    house_end: str = ""
    building: str = ""
    street: tuple[str, ...] = ()
    street_type: str = ""
    localities: tuple[str, ...] = ()
    postcode: str = ""
    outward: str = ""
    sector: str = ""
    words: tuple[str, ...] = ()
    beside: bool = False

    @property
    def identity(self) -> str:
        """Canonical identity, flats apart: 'flat 2|14|hillaires test road|b236xx'.

        The last part is the postcode, or the localities where there is none: one address written with a postcode and
        without has two identities, joined by `without_area` where only one area has that door. '' unless there is a
        house, building or flat and a street or postcode. A place beside a door has an identity of its own.
        """
        return self._joined(self.flat)

    @property
    def block(self) -> str:
        """The identity without the flat: the same for all flats of a building."""
        return self._joined("")

    @property
    def without_area(self) -> str:
        """The identity without postcode or localities: 'flat 2|14|hillaires test road'.

        Two addresses that share it are one only where no other area has the same door. '' unless there is a house or
        building and a street.
        """
        if self.beside or not (self._door and self._street):
            return ""
        return f"{f'flat {self.flat}' if self.flat else ''}|{self._door}|{self._street}"

    @property
    def _door(self) -> str:
        number = f"{self.house}-{self.house_end}" if self.house_end else self.house
        if number and self.building and not self._street:
            return f"{number} {self.building}"
        return number or self.building

    @property
    def _street(self) -> str:
        return " ".join((*self.street, self.street_type) if self.street_type else self.street)

    def _joined(self, flat: str) -> str:
        if not (self._door or (self.flat and self.street)) or not (self._street or self.postcode):
            return ""
        area = self.postcode.replace(" ", "").lower() or " ".join(self.localities) or self.outward.lower()
        found = f"{f'flat {flat}' if flat else ''}|{self._door}|{self._street}|{area}"
        return f"beside {found}" if self.beside else found


def read_address(text: str, postcode: str = "") -> Address | None:
    """Read an address.

    Args:
        text: str, as written, with or without its postcode.
        postcode: str, the postcode's own column; it wins over one in the text.

    Returns:
        Address; None when there is nothing to look for: blank, 'NFA', 'AS ABOVE', no word, number or postcode.
    """
    return _read_cached(text, postcode) if len(text) <= LONGEST else _read(text, postcode)


@lru_cache(maxsize=131_072)
def _read_cached(text: str, postcode: str) -> Address | None:
    return _read(text, postcode)


def _read(text: str, postcode: str) -> Address | None:
    raw = ", ".join(part for part in (text, postcode) if part.strip())
    inside = find_postcode(text[:LONGEST])
    code = find_postcode(postcode) if postcode.strip() else inside
    code = code if code.outward else inside
    rest = f"{text[: inside.start]},{text[inside.end :]}" if inside.end else text
    if _is_placeholder(rest):
        rest = ""
    draft = _Draft([part for part in cut(_NFA.sub(",", rest)) if part])
    return draft.finish(raw, code)


def _is_placeholder(text: str) -> bool:
    """Tell whether a text without its postcode stands for no address."""
    if len(text) > LONGEST:
        return False
    folded = fold(text)
    return not folded or folded in _PLACEHOLDERS


class _Draft:
    """An address in the making: parts are read in turn, the street is chosen, the rest falls into place."""

    def __init__(self, parts: list[list[str]]) -> None:
        self.flats: list[str] = []
        self.rooms: list[str] = []
        self.content: list[str] = []
        self.beside = False
        self.parts: list[Part] = []
        for words in parts:
            for piece in before_and_after_number(words):
                self._add(piece)

    def _add(self, words: list[str]) -> None:
        """Read one part: flats anywhere, numbers in front, then words with or without a street type."""
        flats, rooms, words = lift_flats(words)
        self.flats += flats
        self.rooms += rooms
        bare = trimmed(words)
        if bare in UNNUMBERED:
            return
        if len(bare) == 1 and len(bare[0]) == 1 and bare[0].isalpha():  # 'B, 40 Test Road', 'D at 22 Test Way'
            self.flats += [] if self.flats else bare
            return
        words, beside = from_number(words)
        self.beside |= beside
        numbers, rest = take_numbers(with_number_behind(words))
        rest = [word for word in rest if word not in "/-"]
        self.content += [number for number in (numbers.house, numbers.house_end) if number]
        self.content += [word for word in rest if word not in DROPPED]
        kept = trimmed(rest)
        if kept or numbers.house or numbers.flat:
            type_at, strong = find_type(kept)
            self.parts.append(Part(numbers, kept, type_at, strong))

    def finish(self, raw: str, code: Postcode) -> Address | None:
        """Put the address together; None when nothing of it can be looked for."""
        if not self.content and not self.flats and not code.outward:
            return None
        chosen = self._street_at()
        street, kind, after = street_words(self.parts[chosen]) if chosen >= 0 else ([], "", [])
        building, before = self._building(chosen)
        if chosen >= 0 and not building and not self.parts[chosen].numbers.house:
            building, street = landmark(street)
        flat, house, house_end = self._numbers(chosen, building)
        places = [*split_places(after), *before]
        return Address(
            raw=raw, flat=flat, house=house, house_end=house_end, building=building,
            street=tuple(street), street_type=kind, localities=distinct(tuple(places)),
            postcode=code.full, outward=code.outward, sector=code.sector, words=distinct(tuple(self.content)),
            beside=self.beside,
        )  # fmt: skip

    def _street_at(self) -> int:
        """Return which part is the street; -1 when none is."""
        best, best_weight = -1, 0
        lone = first = False
        for place, part in enumerate(self.parts):
            if not part.words:
                lone, first = bool(part.numbers.house), place == 0
                continue
            weight = part.weight
            if weight and not part.numbers.house and all(map(is_place, split_places(part.words))):
                weight = 0
            elif lone and not part.numbers.house:
                weight += 3 if weight else 2 * (first and not part.ends_as_building)
            weight += part.strong and weight > 0
            if weight > best_weight:
                best, best_weight = place, weight
            lone = False
        return best

    def _building(self, chosen: int) -> tuple[str, list[str]]:
        """Return the building's name and the places among the parts that are not the street."""
        named = [
            (place, part)
            for place, part in enumerate(self.parts)
            if part.words and place != chosen and (place < chosen or chosen < 0)
        ]
        places: list[str] = []
        building = ""
        for place, part in named:
            phrase = " ".join(part.words)
            only = chosen < 0 and len([each for each in self.parts if each.words]) == 1
            first = place == named[0][0] and not only
            if not is_place(phrase) and (chosen >= 0 or part.ends_as_building or part.numbers.house or first):
                building = phrase if chosen >= 0 or not building else building
                places += [] if building == phrase else [phrase]
            else:
                places += split_places(part.words)
        after = [part.words for place, part in enumerate(self.parts) if 0 <= chosen < place and part.words]
        return building, places + [phrase for words in after for phrase in split_places(words)]

    def _numbers(self, chosen: int, building: str) -> tuple[str, str, str]:
        """Return (flat, house, end of its range): the number nearest the street is the house's."""
        flats = self.flats + [part.numbers.flat for part in self.parts if part.numbers.flat]
        numbered = [(place, part.numbers) for place, part in enumerate(self.parts) if part.numbers.house]
        own = [numbers for place, numbers in numbered if place == chosen]
        before = [numbers for place, numbers in numbered if chosen < 0 or place <= chosen]
        house = (own or before or [numbers for _, numbers in numbered] or [Numbers()])[-1]
        if not own and not flats and house.house and self._numbers_a_block(house, building):
            flats, house = [house.house], Numbers()
        elif all(map(is_floor, flats)):  # '12 1st Floor, Maple Court, 93 Fir Lane': the number is the flat
            flats = [numbers.house for numbers in before if numbers is not house][:1] or flats
        return "/".join(distinct((*flats, *self.rooms))), house.house, house.house_end

    def _numbers_a_block(self, number: Numbers, building: str) -> bool:
        """Tell whether a number leads a block's name (5, Maple Court, Fir Lane) and so is a flat in it."""
        if building.split(" ")[-1] not in BLOCKS:
            return False
        for part, after in zip(self.parts, [*self.parts[1:], None], strict=True):
            if part.numbers is number:
                led = part if part.words else after
                return led is not None and " ".join(led.words) == building
        return False
