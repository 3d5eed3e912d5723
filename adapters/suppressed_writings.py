"""Every writing of an identifier of the suppression list in running text: found too often rather than once too seldom.

Search reads identifiers so that few texts are taken for one; here a life may depend on none being passed over, and a
text that holds year, serial and check letter of a listed number in that order is of that person, whatever stands
between them: a stroke of any width, a dash, a line's end, what HTML or an address of the web writes for them.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

_BETWEEN = "[^A-Z0-9]{0,3}"
"""What may stand between two characters."""
_LIKE = {"0": "[0O]", "O": "[0O]", "1": "[1IL]", "I": "[1I]", "L": "[1L]"}
_FIGURES = str.maketrans("OIL", "011")
_FEWEST = 4
"""Figures of a serial at the least: '79, 1 Test Road' holds a year, a serial and a letter too."""
_PNC = re.compile(r"(\d\d)(\d\d)/0*(\d+)([A-Z])")
_CRO = re.compile(r"0*(\d+)/(\d\d)([A-Z])")
_SF = re.compile(r"SF(\d\d)/0*(\d+)([A-Z])")
_ASN = re.compile(r"(\d\d[A-Z\d]{6,7})(\d{11})([A-Z])")


def plain_text(text: str) -> str:
    """Return a text in capitals of one width, with what HTML and addresses of the web write for a character undone."""
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text)
    return unicodedata.normalize("NFKC", text).upper()


def compact(text: str) -> str:
    """Return the letters and figures of a text alone, in capitals, with figures for the letters that look like them."""
    return re.sub("[^A-Z0-9]", "", plain_text(text)).translate(_FIGURES)


def core_of(identifier: str) -> str:
    """Return what stays of an identifier in every writing of it, as `compact` writes it: no year, no noughts before.

    Args:
        identifier: in its canonical form, '1979/0123456T'.
    """
    if found := _PNC.fullmatch(identifier):
        return compact(found[3] + found[4])
    if found := _SF.fullmatch(identifier):
        return compact(found[2] + found[3])
    if found := _CRO.fullmatch(identifier):
        return compact(found[1] + found[2] + found[3])
    if found := _ASN.fullmatch(identifier):
        return compact(found[2].lstrip("0") + found[3])
    return compact(identifier)


def pattern_of(identifier: str) -> str:
    """Return an expression for every writing of an identifier in a text as `plain_text` writes it.

    Args:
        identifier: in its canonical form: of the PNC, a CRO or an arrest number, or a vehicle's mark.
    """
    if found := _PNC.fullmatch(identifier):
        century, year, serial, letter = found.groups()
        return f"(?<![0-9])(?:{_spelled(century)}{_BETWEEN})?{_spelled(year)}{_BETWEEN}{_serial(serial, letter)}"
    if found := _SF.fullmatch(identifier):
        return f"{_spelled(f'SF{found[1]}')}{_BETWEEN}{_serial(found[2], found[3])}"
    if found := _CRO.fullmatch(identifier):
        serial, year, letter = found.groups()
        return f"(?<![0-9]){_serial(serial)}{_BETWEEN}{_spelled(year + letter)}"
    if found := _ASN.fullmatch(identifier):
        serial = _serial(found[2].lstrip("0"), found[3], fewest=0)  # what stands before is long enough
        return f"(?<![0-9]){_spelled(found[1])}{_BETWEEN}{serial}"
    return f"(?<![A-Z0-9]){_spelled(identifier)}(?![A-Z0-9])"


def _serial(serial: str, letter: str = "", fewest: int = _FEWEST) -> str:
    """Return an expression for a serial, any noughts before it and its check letter after it.

    Args:
        serial: its figures without noughts before them.
        letter: its check letter; '' where that does not follow at once.
        fewest: figures it must be written with.
    """
    needed = max(0, fewest - len(serial))
    return f"(?:[0O]{_BETWEEN}){{{needed},}}{_spelled(serial + letter)}"


def _spelled(text: str) -> str:
    """Return an expression for characters in a row, whatever stands between them."""
    return _BETWEEN.join(_LIKE.get(char, re.escape(char)) for char in text)
