"""Finds a postcode in an address, whole or in part, mending what keyboards and ears do to it.

Shapes are those of Royal Mail's PAF (domain.md 6.2): outward AN, ANN, AAN, AANN, ANA, AANA; inward NAA. Validated
loosely: a letter PAF does not use is still a postcode somebody wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discoverer.normalise.tables import load

_TABLE = load("addresses")["postcodes"]
_NULL = frozenset(_TABLE["null"])
_AREAS = frozenset(_TABLE["areas"])
_LONDON = frozenset({"E", "EC", "N", "NW", "SE", "SW", "W", "WC"})  # only these have districts such as W1A
# A whole postcode as a pattern, for searching running text in capitals.
WHOLE_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_FULL = re.compile(r"(?<![^\W_])(GIR|[A-Z]{1,2}\d[A-Z\d]?)[ .\-]{0,3}(\d[A-Z]{2})(?![^\W_])", re.ASCII)
_LOOSE = re.compile(r"(?<![^\W_])(?=([A-Z\d]{2,4})[ .\-]{0,2}([A-Z\d]{3})(?![^\W_]))", re.ASCII)  # they may overlap
# A postcode spaced out or spaced wrongly, at the end: 'W S 9 8 X K', 'B2 36XJ', 'B.37-7XL'.
_SPACED = re.compile(
    r"(?<![^\W_])([A-Z])[ .\-]*([A-Z])?[ .\-]*(\d)[ .\-]*([A-Z\d])?[ .\-]*(\d)[ .\-]*([A-Z])[ .\-]*([A-Z])[ .]*$",
    re.ASCII,
)
_SECTOR = re.compile(r"(?<![^\W_])([A-Z]{1,2}\d[A-Z\d]?) (\d)$", re.ASCII)
_OUTWARD = re.compile(r"(?<![^\W_])([A-Z]{1,2}\d[A-Z\d]?)(?![^\W_])", re.ASCII)
_ORDINAL = re.compile(r"\d(?:ST|ND|RD|TH)")
_NOT_A_DISTRICT = re.compile(r"(?:FLAT|FLT|APT|UNIT|ROOM|RM|PLOT|BLOCK|BLK|MOTORWAY|JUNCTION|\bJ\d+)\W*$")
_LETTER_FOR = {"0": "O", "1": "I", "5": "S", "8": "B", "2": "Z"}
_DIGIT_FOR = {letter: digit for digit, letter in _LETTER_FOR.items()} | {"L": "1", "Q": "0"}
_SHAPES = ("AN", "ANN", "AAN", "AANN", "ANA", "AANA")
_MOST_REPAIRS = 2
_INWARD_LETTERS = frozenset("ABDEFGHJLNPQRSTUWXYZ")  # never C I K M O V


@dataclass(frozen=True, slots=True)
class Postcode:
    """A postcode as far as it was given.

    Attributes:
        full: 'B23 6XX' | ''.
        outward: 'B23' | ''.
        sector: 'B23 6' | ''.
        start, end: int, where it stands in the text; both 0 when there is none.
    """

    full: str = ""
    outward: str = ""
    sector: str = ""
    start: int = 0
    end: int = 0


NO_POSTCODE = Postcode()


def read_postcode(text: str) -> tuple[str, str]:
    """Return the postcode in a text, mended where a digit stands for a letter or a letter for a digit.

    Args:
        text: str, a postcode column or a whole address.

    Returns:
        (postcode 'B23 6XX' or '', outward 'B23' or ''); both '' for none and for those that stand for no place.
    """
    found = find_postcode(text)
    return found.full, found.outward


def find_postcode(text: str) -> Postcode:
    """Find the last postcode of a text: a whole one if there is any, else a mended one, else a district."""
    return _find_cached(text) if len(text) <= 200 else _find(text)


@lru_cache(maxsize=65_536)
def _find_cached(text: str) -> Postcode:
    return _find(text)


def _find(text: str) -> Postcode:
    upper = text.upper()
    if len(upper) != len(text):  # a letter such as ß grows: offsets would be wrong
        upper = "".join(one.upper() if len(one.upper()) == 1 else one for one in text)
    if whole := list(_FULL.finditer(upper)):
        return _made(whole[-1].group(1), whole[-1].group(2), whole[-1].start(), whole[-1].end())
    return _mended(upper) or _spaced(upper) or _part(upper)


def _made(outward: str, inward: str, start: int, end: int) -> Postcode:
    """Make a whole postcode; one that stands for no place keeps its span and nothing else."""
    if _area_of(outward) not in _AREAS and (mended := mend(outward, inward)):
        outward, inward = mended
    full = f"{outward} {inward}"
    if full in _NULL:
        return Postcode(start=start, end=end)
    return Postcode(full, outward, full[:-2], start, end)


def _spaced(upper: str) -> Postcode | None:
    """Find a postcode at the end whose parts stand apart or are joined at the wrong place."""
    found = _SPACED.search(upper)
    if found is None:
        return None
    characters = [each or "" for each in found.groups()]
    outward, inward = "".join(characters[:4]), "".join(characters[4:])
    return _made(outward, inward, found.start(), found.end()) if _area_of(outward) in _AREAS else None


def _mended(upper: str) -> Postcode | None:
    """Find the last run that becomes a postcode when letters and digits are put right by place."""
    for found in reversed(list(_LOOSE.finditer(upper))):
        run = found.group(1) + found.group(2)
        if not any(one.isalpha() for one in run) or not any(one.isdigit() for one in run):
            continue
        at_end = not upper[found.end(2) :].strip(" .,")
        if (mended := mend(found.group(1), found.group(2))) and (at_end or found.group(1)[0].isalpha()):
            return _made(*mended, found.start(), found.end(2))
    return None


def mend(outward: str, inward: str) -> tuple[str, str] | None:
    """Put right a postcode's halves by place: a digit slot takes digits, a letter slot letters.

    Args:
        outward: str, upper case, 2 to 4 characters.
        inward: str, upper case, 3 characters.

    Returns:
        (outward, inward) with at most two characters changed and a real area; None when there is none.
    """
    if _ORDINAL.fullmatch(inward):
        return None
    back = _fit(inward, "NAA")
    if back is None or not set(back[0][1:]) <= _INWARD_LETTERS:
        return None
    best: tuple[int, str] | None = None
    for shape in _SHAPES:
        front = _fit(outward, shape)
        if front and _area_of(front[0]) in _AREAS and (best is None or front[1] < best[0]):
            best = (front[1], front[0])
    if best is None or best[0] + back[1] > _MOST_REPAIRS:
        return None
    return best[1], back[0]


def _area_of(outward: str) -> str:
    """Return the letters an outward code begins with; '' for one ending in a letter outside central London."""
    area = outward[:2] if outward[1:2].isalpha() else outward[:1]
    return "" if outward[-1].isalpha() and outward != "GIR" and area not in _LONDON else area


def _fit(text: str, shape: str) -> tuple[str, int] | None:
    """Fit characters to a shape of A (letter) and N (digit); None when they cannot be, else (text, changes)."""
    if len(text) != len(shape):
        return None
    fitted = ""
    for one, slot in zip(text, shape, strict=True):
        right = one.isalpha() if slot == "A" else one.isdigit()
        fitted += one if right else (_LETTER_FOR if slot == "A" else _DIGIT_FOR).get(one, "?")
    return None if "?" in fitted else (fitted, sum(a != b for a, b in zip(fitted, text, strict=True)))


def _part(upper: str) -> Postcode:
    """Find a sector at the end ('B23 6') or a district anywhere ('B23') of a real area."""
    sector = _SECTOR.search(upper.rstrip(" .,"))
    if sector and _is_district(upper, sector):
        return Postcode("", sector.group(1), f"{sector.group(1)} {sector.group(2)}", sector.start(), sector.end())
    for found in reversed(list(_OUTWARD.finditer(upper))):
        if _is_district(upper, found):
            return Postcode("", found.group(1), "", found.start(), found.end())
    return NO_POSTCODE


def _is_district(upper: str, found: re.Match[str]) -> bool:
    """Tell a postcode district from a flat, a motorway or the first half of a vehicle's mark."""
    before, after = upper[max(0, found.start() - 20) : found.start()], upper[found.end(1) : found.end(1) + 24]
    marked = re.fullmatch(r"[A-Z]{2}\d\d", found.group(1)) is not None and re.match(r" ?[A-Z]{3}(?![A-Z])", after)
    junction = re.match(r"\W*(?:J(?:UNCTION|CT|N)?\W?\d|MOTORWAY|(?:NORTH|SOUTH)BOUND)", after)
    return _area_of(found.group(1)) in _AREAS and not marked and not junction and not _NOT_A_DISTRICT.search(before)
