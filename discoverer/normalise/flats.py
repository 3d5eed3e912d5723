"""Reads flat and house numbers: Flat 2, 14 and 14 Flat 2 and 2/14 and 14-2 are one door (domain.md 6.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from discoverer.normalise.address_words import is_number
from discoverer.normalise.tables import load

_TABLE = load("addresses")
_FLATS = frozenset(_TABLE["flats"]["words"])
_INNER = frozenset(_TABLE["flats"]["inner"])
_FLOORS: dict[str, str] = {
    word: name for name, words in _TABLE["floors"].items() if name not in ("why", "whole") for word in words
}
_NUMBERED_FLOORS = {"0": "ground", "1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth"}
_WHOLE = frozenset(_TABLE["floors"]["whole"])
_AFTER_FLOOR = frozenset({"floor", "fl", "flr", "flat", "flt"})
_LIFTED = _FLATS | frozenset(_FLOORS) | {"floor", "level"}
UNNUMBERED = tuple([word] for word in sorted(_FLATS))  # 'Flat, 48 Test Road': a flat, but not which
_WIDEST_RANGE = 60  # doors; '12-14' is a range, '14-2' and '2-300' are a flat and its house
_NOUGHTS = re.compile(r"^0+(?=[0-9])")
_HOUSE_LETTERS = frozenset("abcd")
_OWN_LETTER = re.compile(r"[a-z]\d{0,3}")  # flat b, flat c9


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers a part of an address begins with.

    Attributes:
        flat: str, '2'; '' when none.
        house: str, '14' or '14a'; '' when none.
        house_end: str, the end of a range; '' when none.
    """

    flat: str = ""
    house: str = ""
    house_end: str = ""


def lift_flats(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Take flats out of a part wherever they stand.

    Args:
        words: list[str], folded.

    Returns:
        (flats found, rooms inside them, the words that are left).
    """
    if _LIFTED.isdisjoint(words):
        return [], [], words
    flats: list[str] = []
    rooms: list[str] = []
    rest: list[str] = []
    place = 0
    while place < len(words):
        found = _floor_at(words, place) or _flat_at(words, place)
        if found is None:
            rest.append(words[place])
            place += 1
            continue
        name, used = found
        (rooms if words[place] in _INNER else flats).append(name)
        place += used
    if len(flats) > 1:  # 'Flat 10 First Floor': the number or letter is the flat, the floor says where it is
        flats = [name for name in flats if not is_floor(name)] or flats[:1]
    return flats, rooms, rest


def is_floor(flat: str) -> bool:
    """Tell whether a flat is known by its floor rather than by a number or letter of its own."""
    return flat in _FLOORS.values()


def _floor_at(words: list[str], place: int) -> tuple[str, int] | None:
    """Read a flat known by its floor: (its name, words used)."""
    name = _FLOORS.get(words[place], "")
    after = words[place + 1 : place + 4]
    if words[place] in ("floor", "level") and after and (numbered := _NUMBERED_FLOORS.get(after[0])):
        return numbered, 2
    if not name:
        return None
    if after[:1] and after[0] in _AFTER_FLOOR:
        flat_too = (
            len(after) > 1 and after[1] in _FLATS and _no_number_of_its_own(after[2:], words[place + 4 : place + 5])
        )
        return name, 3 if flat_too else 2
    return (name, 1) if words[place] in _WHOLE and not (words[place] == "basement" and after) else None


def _no_number_of_its_own(number: list[str], then: list[str]) -> bool:
    """Tell whether the 'flat' of 'ground floor flat' has no number, or the number after it is the house's."""
    return not number or not is_number(number[0]) or bool(then and then[0].isalpha())


def _flat_at(words: list[str], place: int) -> tuple[str, int] | None:
    """Read a flat with a word of its own: (its name, words used)."""
    after = words[place + 1 : place + 5]
    if words[place] not in _FLATS or not after:
        return None
    if after[0] in ("no", "number") and len(after) > 1 and is_number(after[1]):
        return _plain(after[1]), 3
    if is_number(after[0]):
        return _numbered(after)
    if after[0] in _FLOORS and (len(after) == 1 or after[1] == "floor"):
        return _FLOORS[after[0]], min(3, 1 + len(after))
    return (after[0], 2) if _OWN_LETTER.fullmatch(after[0]) else None


def _numbered(after: list[str]) -> tuple[str, int]:
    """Read the number after a flat word: 'flat 2', 'flat 2 b', 'flats 1-6', 'flat 2/1'."""
    number = _plain(after[0])
    if len(after) > 2 and after[1] in ("-", "/") and is_number(after[2]):
        if after[1] == "/" and len(after) > 3 and not is_number(after[3]):
            return number, 3  # 'flt 3/18 high st': flat 3 of number 18
        return f"{number}{after[1]}{_plain(after[2])}", 4
    if len(after) > 1 and after[1] in _HOUSE_LETTERS and number.isdigit():
        return number + after[1], 3
    return number, 2


def _plain(number: str) -> str:
    """Write a number without leading noughts; one digit always stays: '007' is '7', '0b' is '0b'."""
    return _NOUGHTS.sub("", number)


def take_numbers(words: list[str]) -> tuple[Numbers, list[str]]:
    """Take the house number, and a flat written with it, off the front of a part.

    Args:
        words: list[str], folded, flats with a word of their own already lifted.

    Returns:
        (Numbers, the words that are left).
    """
    if not words or not is_number(words[0]):
        return Numbers(), words
    first, rest = _plain(words[0]), words[1:]
    if len(rest) > 2 and rest[0] in "/-" and is_number(rest[1]) and is_number(rest[2]):
        return Numbers(flat=f"{first}{rest[0]}{_plain(rest[1])}", house=_plain(rest[2])), rest[3:]  # Scottish: 2/1, 14
    if len(rest) > 1 and rest[0] in "/-" and is_number(rest[1]):
        return _joined(first, rest[0], _plain(rest[1])), rest[2:]
    if rest and is_number(rest[0]):
        return Numbers(flat=first, house=_plain(rest[0])), rest[1:]
    if len(rest) > 1 and rest[0] in _HOUSE_LETTERS and first.isdigit():
        return Numbers(house=first + rest[0]), rest[1:]
    return Numbers(house=first), rest


def _joined(first: str, mark: str, second: str) -> Numbers:
    """Read two numbers joined by a mark: a range upwards by '-', else the smaller is the flat."""
    low, high = _value(first), _value(second)
    lettered = low == high and first[-1].isalpha() and second[-1].isalpha()  # 14a-14c
    if mark == "-" and (low < high <= low + _WIDEST_RANGE or (lettered and first < second)):
        return Numbers(house=first, house_end=second)
    return Numbers(flat=first, house=second) if low <= high else Numbers(flat=second, house=first)


def _value(number: str) -> int:
    return int(number.rstrip("abcdefghijklmnopqrstuvwxyz"))
