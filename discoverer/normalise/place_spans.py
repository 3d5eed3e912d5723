"""Finds addresses in running text: a number, words and a street type, and what stands beside them."""

from __future__ import annotations

import re

from discoverer.normalise.address_words import GAZETTEER, short_types
from discoverer.normalise.postcodes import WHOLE_POSTCODE
from discoverer.normalise.tables import load

_FLATS = "|".join(sorted(load("addresses")["flats"]["words"], key=len, reverse=True))
_FLAT_STARTS = "".join(sorted({word[0] for word in load("addresses")["flats"]["words"]}))
_NOT_IN_STREETS = frozenset(load("extract")["not_in_streets"]["words"])
_TYPES = "|".join(sorted((*short_types(), "st"), key=len, reverse=True))
_PLACES = "|".join(sorted((name.replace(" ", r"\s") for name in GAZETTEER), key=len, reverse=True))
_POSTCODE = r"(?P<{name}>[A-Z]{{1,2}}\d[A-Z\d]?(?:\s?\d[A-Z]{{2}})?)(?![\w])"
_DOOR = r"\d{1,4}[A-Z]?(?:\s?[-/]\s?\d{1,4}[A-Z]?)?"
_FLAT = rf"(?:{_FLATS})\s?(?:no\.?\s?)?(?:\d{{1,3}}[A-Z]?|[A-Z])(?!\w)[,\s]{{0,2}}"
_WORD = r"[A-Z][A-Z'’.-]*"
_ADDRESS = re.compile(
    rf"\b(?=[\d{_FLAT_STARTS}])(?<![/.:-])(?:(?:{_FLAT}(?:of\s)?)?{_DOOR}(?!\w)[,\s]{{1,2}}(?:{_FLAT})?(?P<name>(?:{_WORD}\s+){{1,4}}?)"
    rf"(?:{_TYPES})(?!\w)\.?(?:[,\s]{{1,2}}(?:{_PLACES})(?!\w)){{0,2}}(?:[,\s]{{1,2}}{_POSTCODE.format(name='code')})?"
    rf"|(?:{_FLAT})?{_DOOR}(?!\w)[,\s]{{1,2}}(?P<untyped>(?:{_WORD}[,\s]{{1,2}}){{1,4}})(?P<whole>{WHOLE_POSTCODE})(?!\w))",
    re.IGNORECASE,
)
_ALONE = re.compile(rf"(?<!\w){WHOLE_POSTCODE}(?!\w)")


def address_spans(text: str) -> list[tuple[int, int, str, str]]:
    """Find addresses and postcodes in running text.

    Args:
        text: str, any length and case.

    Returns:
        list of (start, end, address as written without its postcode, postcode or district as written), in order; a
        postcode that stands alone has the address ''.
    """
    found: list[tuple[int, int, str, str]] = []
    place = 0
    while match := _ADDRESS.search(text, place):
        name = match["name"] or match["untyped"] or ""
        if _NOT_IN_STREETS.intersection(name.lower().replace(",", " ").split()):
            place = match.start() + 1  # '2 MALES FIGHTING IN THE ROAD': look again inside
            while place < len(text) and text[place].isalnum():
                place += 1
            continue
        code = match["code"] or match["whole"] or ""
        written = text[match.start() : match.end() - len(code)].rstrip(" ,\t\n")
        found.append((match.start(), match.end(), written, code))
        place = match.end()
    spans = [(start, end) for start, end, _, _ in found]
    for match in _ALONE.finditer(text.upper() if text.isascii() else text):
        if not any(start <= match.start() < end for start, end in spans):
            found.append((match.start(), match.end(), "", text[match.start() : match.end()]))
    return sorted(found)
