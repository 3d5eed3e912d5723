"""Letters and digits that look alike: what a scanner or a hurried finger makes of a name (data/lookalikes.toml).

Records of paper times were scanned, and 0, 1 and 5 stand in them for o, l and s. A word of letters with such digits
among them is read as the name it stands for, alike in a record and in what is asked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice, product

from discoverer.normalise.name_variants import is_listed
from discoverer.normalise.tables import load

_TABLE = load("lookalikes")
_LETTERS = {entry["written"]: tuple(entry["letters"]) for entry in _TABLE["digit"]}
_RUNS = {entry["written"]: entry["read"] for entry in _TABLE["run"]}
_ANY_RUN = re.compile("|".join(map(re.escape, _RUNS)))
_DIGIT = re.compile(r"\d")
_VOWELS = frozenset("aeiouy")
# A word with fewer letters, or with less than this many to a digit, is no name: 'b23', '2nd', 'flat12'.
_LEAST_LETTERS = 3
_LETTERS_TO_A_DIGIT = 2
# Readings of one word that are held against the known names.
_READINGS = 32


def without_digits(token: str) -> str:
    """Read the digits inside one folded name token as the letters they look like: 'l1onel' is 'lionel'.

    Of several readings the first known name is taken; failing that a 1 is l after a vowel or another 1, and else i.

    Args:
        token: one folded word.

    Returns:
        The token itself when it is mostly digits, or holds a digit that looks like no letter.
    """
    digits = _DIGIT.findall(token)
    letters = len(token) - len(digits)
    if not digits or letters < max(_LEAST_LETTERS, _LETTERS_TO_A_DIGIT * len(digits)):
        return token
    if any(digit not in _LETTERS for digit in digits):
        return token
    choices = [_LETTERS.get(char, (char,)) for char in token]
    readings = ("".join(reading) for reading in islice(product(*choices), _READINGS))
    return next((reading for reading in readings if is_listed(reading)), None) or _likeliest(token)


def _likeliest(token: str) -> str:
    """Read each digit by what stands before it: few names have a vowel twice, many a double l."""
    out = ""
    before = ""
    for char in token:
        options = _LETTERS.get(char, (char,))
        out += options[-1] if before == char or out[-1:] in _VOWELS else options[0]
        before = char
    return out


@lru_cache(maxsize=131_072)
def as_scanned(token: str) -> str:
    """Read the letters of one folded token that run together as a scanner reads them: 'ernma' is 'emma'."""
    return _ANY_RUN.sub(lambda match: _RUNS[match.group()], token)
