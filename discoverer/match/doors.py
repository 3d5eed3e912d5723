"""Comparing the numbers of two addresses: house, flat and range, however they were read.

Which of two numbers is the flat's is often a guess ('2/14', '14-2', '23/25', '5 Maple Court 12'), and a misspelt street
or flat word can make any reader guess wrongly. So where the readings disagree, every other way to read the same numbers
is tried, at a cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from discoverer.match.similarity import one_slip
from discoverer.normalise.address_words import is_number
from discoverer.normalise.addresses import Address

# An address with more numbers than this is not read again: too many ways to be right by chance.
MOST_NUMBERS = 3
# Doors on one side of a street that one entry spans when its numbers are written as 23/25.
WIDEST_SPAN = 12
_NUMBER = re.compile(r"\d{1,9}")
# The flat that a letter may stand for: B is often, not always, the second.
_LETTERS = {letter: str(place) for place, letter in enumerate("abcdefgh", 1)}
_PIECES = re.compile(r"[a-z0-9]+")


class Door(NamedTuple):
    """One reading of an address's numbers.

    Attributes:
        flat: str, '2', 'b', 'ground', '2/4'; '' when none.
        house: str, '14' or '14a'; '' when none.
        end: str, the end of a range; '' when none.
    """

    flat: str
    house: str
    end: str


class Compared(NamedTuple):
    """How two doors compare.

    Attributes:
        house: str, a rung of the weights' [place] table; '' when neither has a number.
        flat: str, likewise; '' when neither has a flat.
        otherwise: bool, only another reading of the numbers agrees so well.
    """

    house: str
    flat: str
    otherwise: bool


def compare_doors(asked: Address, held: Address, table: dict[str, float]) -> tuple[Compared, Door, Door]:
    """Compare the numbers of two addresses, read as best fits both.

    Args:
        asked: as typed.
        held: as recorded.
        table: the weights' [place] table, in bits.

    Returns:
        (how they compare, the reading of each that was compared).
    """
    mine, theirs = door_of(asked), door_of(held)
    best = _compared(mine, theirs, otherwise=False)
    if best.house in ("house", "house_range", "") and best.flat in ("flat", ""):
        return best, mine, theirs
    a_numbers, h_numbers = numbers_of(asked), numbers_of(held)
    if _bare(a_numbers).isdisjoint(_bare(h_numbers)):
        return best, mine, theirs
    chosen = (best, mine, theirs)
    most = _bits(best, table)
    others = [(other, theirs) for other in readings(mine, a_numbers)]
    others += [(mine, other) for other in readings(theirs, h_numbers)]
    for first, second in others:
        found = _compared(first, second, otherwise=True)
        bits = _bits(found, table)
        if bits > most:
            chosen, most = (found, first, second), bits
    return chosen


def _bits(compared: Compared, table: dict[str, float]) -> float:
    """Add up what a comparison of numbers says, in bits."""
    bits = sum(table[rung] for rung in (compared.house, compared.flat) if rung)
    return bits - table["read_otherwise"] if compared.otherwise else bits


def door_of(address: Address) -> Door:
    """Return an address's numbers as they were read."""
    return Door(address.flat, address.house, address.house_end)


def numbers_of(address: Address) -> tuple[str, ...]:
    """Return every number of an address without leading noughts, in the order flat, house, others."""
    return _numbers_of(door_of(address), address.words)


@lru_cache(maxsize=32_768)
def _numbers_of(door: Door, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the numbers of a door and of the words of its address; the address asked for is met at every candidate."""
    flats = [piece for piece in _PIECES.findall(door.flat) if piece[0].isdigit() or len(piece) == 1]
    own = [each for each in (door.house, door.end) if each]
    others = [word.lstrip("0") for word in words if word[0].isdigit() and word not in own and is_number(word)]
    return tuple(each for each in (*flats, *own, *others) if each)


def unread_in_common(asked: Address, held: Address, mine: Door, theirs: Door) -> tuple[str, ...]:
    """Return the numbers that both addresses hold beside those of the door: of a box, a site, a foreign postcode."""
    shared = set(numbers_of(asked)).intersection(numbers_of(held))
    if not shared:
        return ()
    used = {mine.house, mine.end, theirs.house, theirs.end, *_PIECES.findall(mine.flat), *_PIECES.findall(theirs.flat)}
    return tuple(sorted(shared - used))


@lru_cache(maxsize=65_536)
def readings(door: Door, numbers: tuple[str, ...]) -> tuple[Door, ...]:
    """Return the other ways to read an address's numbers, at most a dozen."""
    if not 0 < len(numbers) <= MOST_NUMBERS:
        return ()
    return tuple(dict.fromkeys(other for other in _readings(door, numbers) if other != door))


def _readings(door: Door, numbers: tuple[str, ...]) -> Iterator[Door]:
    """Yield every way to read one to three numbers."""
    floor = next((piece for piece in _PIECES.findall(door.flat) if piece.isalpha() and len(piece) > 1), "")
    if len(numbers) == 1:
        number = numbers[0]
        yield Door("", number, "")
        yield Door(number, "", "")
        if number[:-1].isdigit() and number[-1].isalpha():
            yield Door(number[-1], number[:-1], "")
        if floor:
            yield Door(floor, number, "")
        return
    for first, second in permutations(numbers, 2):
        rest = [each for each in numbers if each not in (first, second)]
        if not rest:
            yield Door(first, second, "")
            if len(first) == 1 and first.isalpha() and second.isdigit():
                yield Door("", second + first, "")
        if _spans(first, second):
            yield Door(rest[0] if rest else floor, first, second)
    if len(numbers) == MOST_NUMBERS:
        for house in numbers:
            yield Door("/".join(each for each in numbers if each != house), house, "")


def _spans(first: str, second: str) -> bool:
    """Tell whether two numbers can be the ends of one entry's range: 23/25."""
    return first.isdigit() and second.isdigit() and 0 < int(second) - int(first) <= WIDEST_SPAN


def _bare(numbers: tuple[str, ...]) -> set[str]:
    """Return the digits of numbers, and letters that stand alone, to tell at a glance that nothing is shared."""
    return {match.group() if (match := _NUMBER.match(each)) else each for each in numbers}


def _compared(asked: Door, held: Door, *, otherwise: bool) -> Compared:
    house, flat = _house_rung(asked, held), _flat_rung(asked.flat, held.flat)
    # Who asks for a street and no house leaves out the flat with it, once and not twice.
    return Compared(house, "flat_unasked" if (house, flat) == ("house_unsaid", "flat_unsaid") else flat, otherwise)


def _house_rung(asked: Door, held: Door) -> str:
    """Place two house numbers on the ladder of the weights' [place] table."""
    if not asked.house or not held.house:
        return "house_unheld" if asked.house else "house_unsaid" if held.house else ""
    if asked.house == held.house:
        if not (asked.end and held.end):
            return "house"
        return "house_range" if asked.end == held.end else "house_range_end"
    if _in_range(asked, held) or _in_range(held, asked):
        return "house_in_range"
    if number_in(asked.house) == number_in(held.house):
        return "house_letter"
    if one_slip(asked.house, held.house) and min(len(asked.house), len(held.house)) > 1:
        return "house_slip"
    return "house_differs"


def _flat_rung(asked: str, held: str) -> str:
    """Place two flats on their ladder; one known by its floor may be another's number, 9 may be c9."""
    if asked == held:
        return "flat" if held else ""
    if not asked or not held:
        return "flat_unheld" if asked else "flat_unsaid"
    if _LETTERS.get(asked) == held or _LETTERS.get(held) == asked:
        return "flat_letter"
    numbered = [any(char.isdigit() for char in each) or len(each) == 1 for each in (asked, held)]
    same_number = all(numbered) and _digits(asked) == _digits(held) != ""
    return "flat_otherwise" if same_number or numbered[0] != numbered[1] else "flat_differs"


def _digits(flat: str) -> str:
    """Return a flat's digits: c9 and 9 may be one flat, as 2b and 2 may."""
    return "".join(char for char in flat if char.isdigit())


def number_in(text: str) -> int:
    """Return the digits a house number begins with, 0 when none."""
    found = _NUMBER.match(text)
    return int(found.group()) if found else 0


def _in_range(one: Door, ranged: Door) -> bool:
    """Tell whether a house number lies in the other's range, on the same side of the street."""
    if not ranged.end or not one.house:
        return False
    number, low, high = number_in(one.house), number_in(ranged.house), number_in(ranged.end)
    return low <= number <= high and number % 2 == low % 2
