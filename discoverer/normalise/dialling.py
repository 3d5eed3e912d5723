"""Dialling codes: which codes a local number may have in a postcode district, and which codes were replaced.

Facts in data/phones.toml; the numbering plan is Ofcom's (domain.md 6.3).
"""

from __future__ import annotations

import re
from functools import lru_cache

from discoverer.normalise.tables import load

_TABLE = load("phones")
_DISTRICT = re.compile(r"([A-Z]{1,2})(?:(\d[A-Z\d]?)(?: ?\d[A-Z]{0,2})?)?$")
_RENUMBERED: tuple[tuple[str, str], ...] = tuple((entry["old"], entry["new"]) for entry in _TABLE["renumbered"])
_CODES: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
for _entry in _TABLE["local"]:
    for _area in _entry["areas"]:
        _CODES.setdefault(_area, []).append((int(_entry["digits"]), tuple(_entry["codes"])))


@lru_cache(maxsize=8192)
def codes_for(area: str, digits: int) -> tuple[str, ...]:
    """Return the dialling codes a local number of so many digits may have in a place.

    Args:
        area: a postcode or its beginning, 'B23 6XX', 'B23', 'WV'; anything else knows no code.
        digits: how many local digits were written, 5 to 8.

    Returns:
        tuple[str, ...] with the leading 0, those of the exact district first, e.g. ('0121',); () when none fits.
    """
    found = _DISTRICT.match(area.upper().strip())
    if not found:
        return ()
    letters, number = found.group(1), found.group(2) or ""
    codes: list[str] = []
    for district in dict.fromkeys((letters + number, letters)):
        codes += [code for size, listed in _CODES.get(district, ()) if size == digits for code in listed]
    return tuple(dict.fromkeys(codes))


def renumbered(number: str) -> str:
    """Return a national number (with its 0) under the code that replaced its own: 01203 to 024 76."""
    for old, new in _RENUMBERED:
        if number.startswith(old) and len(number) == 11:
            return new + number[len(old) :]
    return number
