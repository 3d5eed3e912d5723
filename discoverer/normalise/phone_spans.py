"""Finds what reads like a telephone number in running text, without reading it.

Five patterns stand before the slow library: it is asked only about what they find.
"""

from __future__ import annotations

import re

from discoverer.normalise.tables import load

_CUES = "|".join(sorted(map(re.escape, load("phones")["cues"]["words"]), key=len, reverse=True))
# A digit, a +, a bracket or a letter O begins every number: looked for first, because most characters are none of them.
_START = r"(?<![\w+/.])(?=[\d+(Oo])"
_GAP = r"[ ().\-]{0,2}"
_SECOND = r"(?:\s?/\s?\d{1,5}(?![\d/]))?(?i:\s?(?:ext?n?\.?|x)\s?\d{1,6}(?!\w))?"
_IN_TEXT = re.compile(
    rf"{_START}(?:"
    # United Kingdom: +44, 0044, 44 or 0, then nine or ten digits; never a date with dashes or dots.
    r"(?!\d\d[-.]\d\d[-.]\d)(?:(?:\+|00|OO|oo) ?44 ?(?:\(0\) ?|0)?|44|\(?[0Oo])"
    rf"[1-35789](?:{_GAP}[\dOo]){{8,9}}(?![\dOo]){_SECOND}"
    # Slashes between the groups of a number from the United Kingdom.
    r"|0[1-35789]\d{1,3}[-./ ]\d{3,4}/\d{3,4}(?![\d/])"
    # Foreign, with its + or 00.
    rf"|(?:\+|00)(?!44)[1-9](?:{_GAP}\d){{7,13}}(?!\d)"
    # A mobile number without its 0.
    r"|7[1-57-9]\d\d ?\d{3} ?\d{3}(?![\w/])"
    # A local number: only after a word that says it is one.
    r"|(?P<local>[2-9]\d{2}[ -]?\d{4}|[2-9]\d{5}|[2-9]\d{3}[ -]\d{4})(?![\w/])"
    r")"
)
_SAYS_SO = re.compile(
    rf"(?<!\w)(?:{_CUES})\b[^\w\n]{{0,3}}(?:(?:no|num|number|is|on|me on|back on)\b[^\w\n]{{0,3}})?$", re.IGNORECASE
)
_LONGEST_CUE = 32  # characters before a local number in which its cue stands


def phone_spans(text: str) -> list[str]:
    """Return the parts of running text that read like telephone numbers, as written and in order.

    Args:
        text: str, any length.

    Returns:
        list of spans for `read_phones`; a local number ('TEL 496 0123') needs its area to be read.
    """
    found: list[str] = []
    for match in _IN_TEXT.finditer(text):
        start = match.start()
        if match["local"] is None or _SAYS_SO.search(text[max(0, start - _LONGEST_CUE) : start]):
            found.append(match.group())
    return found
