"""Reads vehicle registration marks in every United Kingdom pattern, folding 0/O and 1/I by place.

Patterns are the DVLA's: current (2001 on), prefix (1983), suffix (1963), dateless and Northern Irish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from discoverer.normalise.tables import load

_TABLE = load("identifiers")
_NOT_A_MARK = frozenset(word.upper() for word in _TABLE["not_a_mark"]["words"])
_CUES = "|".join(sorted(map(re.escape, _TABLE["cues"]["vrm"]), key=len, reverse=True))

# A: letter but I, which no dated pattern uses; L: any letter; 9: digit. In this order, so that one mark has one
# canonical form whichever way 0 and O, 1 and I were typed.
_SHAPES = (
    "AA99AAA",  # current
    *(f"A{'9' * digits}AAA" for digits in (3, 2, 1)),  # prefix
    *(f"AAA{'9' * digits}A" for digits in (3, 2, 1)),  # suffix
    *(f"{'L' * letters}{'9' * digits}" for letters in (3, 2, 1) for digits in (4, 3, 2, 1)),  # dateless, Northern Irish
    *(f"{'9' * digits}{'L' * letters}" for letters in (3, 2, 1) for digits in (4, 3, 2, 1)),
)
_SHORTEST, _LONGEST = 3, 7
_PUT_RIGHT = {"A": str.maketrans("0", "O"), "L": str.maketrans("01", "OI"), "9": str.maketrans("OI", "01")}
_ALLOWED = {
    "A": frozenset("ABCDEFGHJKLMNOPQRSTUVWXYZ"),
    "L": frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "9": frozenset("0123456789"),
}

_UNCUED = re.compile(
    r"\b(?=[A-Z][A-Z0]{0,2} ?[\dOI]{2})(?<!/)(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-HJ-NPR-TV-Y]\d{2,3} ?[A-HJ-PR-Z]{3}"
    # A current mark with 0 for O or 1 for I somewhere: 'BO88 T0E'.
    r"|[A-Z][A-Z0](?:\d[\dOI]|[OI]\d) ?(?=[A-Z\d]?[A-Z])[A-Z0][A-Z01]{2}"
    r"|[A-Z]{3} ?\d{2,3}[A-HJ-NPR-TV-Y])(?![\w/])"
)
# A postcode as typed, which 'GU24 0JE' is more often than a mark with a 0 for its O.
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}")
_ANY = re.compile(r"(?<![\w/])(?=[A-Z\d]{0,4} ?\d)[A-Z\d]{1,4}(?: ?[A-Z\d]{1,4})?(?![\w/])", re.IGNORECASE)
_SAYS_SO = re.compile(rf"\b(?=[RIVNP])(?:{_CUES})[\s:.\-]{{1,3}}", re.IGNORECASE)


def _shaped(compact: str) -> str:
    """Return a compact mark with letters and digits put right by place; '' when no pattern fits."""
    if not _SHORTEST <= len(compact) <= _LONGEST:
        return ""
    for shape in _SHAPES:
        if len(shape) == len(compact):
            mended = [one.translate(_PUT_RIGHT[slot]) for one, slot in zip(compact, shape, strict=True)]
            if all(one in _ALLOWED[slot] for one, slot in zip(mended, shape, strict=True)):
                return "".join(mended)
    return ""


def _compact(text: str) -> str:
    """Return the letters A-Z and digits of a text, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def is_mark(text: str) -> bool:
    """Tell whether a text has the shape of a United Kingdom mark, spaces and 0/O, 1/I aside."""
    return bool(_shaped(_compact(text)))


def read_mark(text: str) -> str:
    """Return the canonical form of a mark: 'BD51SMR'; what fits no pattern keeps its letters and digits."""
    compact = _compact(text)
    return _shaped(compact) or compact


def find_marks(text: str) -> Iterator[tuple[int, str, str]]:
    """Find marks in running text: the dated patterns anywhere, the dateless only after a cue such as VRM or REG.

    Yields:
        (start, the span as written, canonical form), in order of start within each pattern.
    """
    seen: set[int] = set()
    for cue in _SAYS_SO.finditer(text):
        found = _ANY.match(text, cue.end())
        if found and is_mark(found.group()):
            seen.add(found.start())
            yield found.start(), found.group(), read_mark(found.group())
    for found in _UNCUED.finditer(text.upper() if text.isascii() else text):
        words = re.findall(r"[A-Z]+", found.group())
        mark = read_mark(found.group())
        if mark != _compact(found.group()) and _POSTCODE.fullmatch(found.group()):
            continue
        if found.start() not in seen and not _NOT_A_MARK.intersection(words):
            yield found.start(), text[found.start() : found.end()], mark
