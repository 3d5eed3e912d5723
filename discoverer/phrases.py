"""Where the name ends and the place begins in words typed into one box."""

from __future__ import annotations

import re
from typing import NamedTuple

from discoverer.normalise.address_words import is_place, short_types
from discoverer.normalise.addresses import read_address
from discoverer.normalise.names import is_title
from discoverer.normalise.postcodes import find_postcode
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

_TABLE = load("box")
_ROLES = frozenset(_TABLE["role"]["words"])
_TYPES = short_types() | {"st"}
_NO_SURNAME = _TYPES - frozenset(_TABLE["surname_types"]["words"])
_WORD = re.compile(r"[^\W\d_][\w'\u2019.-]*|\d\w*")
LONGEST_NAME = 4
LONGEST_DISTRICT = 3


def _phrase(words: list[str]) -> str:
    """Write folded phrases as one pattern, the longest first, with anything but letters and digits between words."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(r"[\W_]+".join(map(re.escape, phrase.split())) for phrase in longest_first)


_FLATS = load("addresses")["flats"]
_SURE = set(_FLATS["words"]) - set(_FLATS["names"])
HOUSE = re.compile(
    rf"\b(?:(?:{_phrase([*_SURE])})(?![^\W\d_])|(?:{_phrase(_FLATS['names'])})(?:[\W_]*\d|[\W_]+[a-z]\b)|\d)", re.I
)
"""Where a house or flat begins in what was typed: its number, or a word such as flat. Nobody is called one of them,
but Flatley, Unity and Roomi are names, and so is Room where neither number nor letter follows."""
_BESIDE = re.compile(rf"(?:{_phrase(load('addresses')['position']['beside'])})\b", re.I)
_BETWEEN = re.compile(rf"[\s,;]+(?:{_phrase(_TABLE['between']['words'])})\b[\s:,]+", re.I)
_OF = rf"(?:[\W_]+(?:{_phrase(load('addresses')['position']['of'])})\b)*"
# What says that something is beside a place belongs to the place: 'opposite 14 test road' is not number 14.
_JOINING = re.compile(
    rf"[\s,;]+(?:(?:{_phrase(_TABLE['joining']['words'])})\b[\s:,]+|(?P<beside>{_BESIDE.pattern}{_OF}[\s:,]+))", re.I
)


class Cut(NamedTuple):
    """Words cut in two.

    Attributes:
        name: str, those that may name a person.
        place: str, those that say where.
        sure: bool, nothing that follows or leads the name can be part of the place.
    """

    name: str
    place: str
    sure: bool


def says_beside(text: str) -> bool:
    """Tell whether words begin with 'opposite', 'rear of' and the like, with something after it: a place follows."""
    found = _BESIDE.match(text)
    return found is not None and bool(text[found.end() :].strip())


def without_role(text: str) -> str:
    """Leave out words such as 'informant' in front of a name, where a name of two words, or a title, is left."""
    rest = text.strip(" ,;:")
    while True:
        first, _, after = rest.partition(" ")
        left = [fold(word) for word in after.split()]
        if fold(first) not in _ROLES or not (len(left) > 1 or (left and is_title(left[0]))):
            return rest
        rest = after.strip(" ,;:")


def name_then_place(text: str) -> Cut | None:
    """Cut 'asif khan living at 14 hillaires test road' and 'asif khan of erdington'; None where it cannot."""
    if found := _BETWEEN.search(text):
        return _cut(text[: found.start()], text[found.end() :])
    for found in _JOINING.finditer(text):
        place = text[found.end() :]
        before, beside = text[: found.start()], found["beside"] or ""
        if HOUSE.match(place) or _says_where(place) or (beside and not _says_where(before)):
            return _cut(before, f"{beside}{place}")
    return None


def _cut(name: str, place: str) -> Cut | None:
    """Make a cut of two parts if there are letters in the name, no number, and something in the place."""
    said = re.search(r"[^\W\d_]", name) and not re.search(r"\d", name)
    return Cut(name.strip(" ,;"), place.strip(" ,;"), sure=True) if said and place.strip(" ,;") else None


def _says_where(text: str) -> bool:
    """Tell whether words name a street, a postcode or a known district."""
    address = read_address(text)
    return is_place(fold(text)) or (address is not None and bool(address.street_type or address.outward))


def place_then_name(text: str) -> Cut | None:
    """Cut '14 hillaires test road b23 asif khan', and without the postcode; None when no name follows the place.

    After a postcode the cut is sure; after a street type the words may as well be a town that nobody has listed.
    """
    code = find_postcode(text)
    if code.outward and _may_be_name(text[code.end :]):
        return Cut(text[code.end :].strip(" ,;"), text[: code.end].strip(" ,;"), sure=True)
    spans = [found.span() for found in _WORD.finditer(text)]
    words = [fold(text[start:end]) for start, end in spans]
    for place, word in enumerate(words):
        if word not in _TYPES or place == 0:
            continue
        after = place + 1
        after += _district_at(words[after:])
        if after < len(words) and _may_be_name(text[spans[after][0] :]):
            start = spans[after][0]
            return Cut(text[start:].strip(" ,;"), text[:start].strip(" ,;"), sure=False)
    return None


def _district_at(words: list[str]) -> int:
    """Return how many words at the start are known districts and towns."""
    for size in range(min(LONGEST_DISTRICT, len(words)), 0, -1):
        if is_place(" ".join(words[:size])):
            return size + _district_at(words[size:])
    return 0


def _may_be_name(text: str) -> bool:
    """Tell whether words may be a person's name: two to four, no number, no known place and no certain street type."""
    words = [fold(word) for word in _WORD.findall(text)]
    plain = all(word and not re.search(r"\d", word) for word in words)
    return 2 <= len(words) <= LONGEST_NAME and plain and not _district_at(words) and not _NO_SURNAME & set(words)


def name_and_district(text: str) -> Cut | None:
    """Cut 'asif khan kings norton' and 'kings norton asif khan'.

    Sure when the district is of two words or more; Aston and Shirley are names too.
    """
    spans = [found.span() for found in _WORD.finditer(text)]
    words = [fold(text[start:end]) for start, end in spans]
    for size in range(min(LONGEST_DISTRICT, len(words) - 1), 0, -1):
        rest = len(words) - size
        if rest < (1 if size > 1 else 2):
            continue
        if is_place(" ".join(words[-size:])) and not _has_type(words[:-size]):
            start = spans[rest][0]
            return Cut(text[:start].strip(" ,;"), text[start:].strip(" ,;"), sure=size > 1)
        if is_place(" ".join(words[:size])) and not _has_type(words[size:]):
            start = spans[size][0]
            return Cut(text[start:].strip(" ,;"), text[:start].strip(" ,;"), sure=size > 1)
    return None


def _has_type(words: list[str]) -> bool:
    """Tell whether words hold a street type after another word."""
    return bool(_TYPES & set(words[1:]))
