"""Reads ages as callers and clerks give them: '35', 'ABOUT 35', 'MID 30S', '30-35', '18 MONTHS'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

_TABLE = load("dates")
_PARTS = {word: (int(entry["from"]), int(entry["to"])) for entry in _TABLE["age"] for word in entry["words"]}
_STAGES = {word: (int(entry["low"]), int(entry["high"])) for entry in _TABLE["stage"] for word in entry["words"]}
_ABOUT = frozenset(_TABLE["about"]["words"])
_SLACK = int(_TABLE["about"]["years"])
_OLDEST = 120
_LONGEST = 60

_DECADE = re.compile(r"\b(\d)0 ?s\b")
_RANGE = re.compile(r"\b(\d{1,3})(?: to | or | and | )(\d{1,3})\b")
_MONTHS = re.compile(r"\b(\d{1,2}) ?(?:months?|mths?|mnths?|mos?|weeks?|wks?|days?)\b")
_LIMIT = re.compile(r"\b(under|below|over|above) (\d{1,3})\b")
_NUMBER = re.compile(r"(?<!\d)(\d{1,3})(?!\d)")


@dataclass(frozen=True, slots=True)
class AgeRange:
    """An age as it was given.

    Attributes:
        raw: str, as written, e.g. 'MID 30S'.
        low: int >= 0, youngest whole years it may mean.
        high: int >= low, <= 120, oldest.
    """

    raw: str
    low: int
    high: int


# An impossible date (31/02/1989) is a date mistyped, not an age.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE_LIKE = re.compile(
    rf"\d\s*[/.]\s*\d|\d-\d+-\d|\d{{4}}|\b\d{{1,2}}\W+(?:\d{{1,2}}|{_MONTH})\W+\d{{2}}\b", re.IGNORECASE
)


@lru_cache(maxsize=16_384)
def read_age(raw: str) -> AgeRange | None:
    """Read an age as the range of whole years it may mean.

    Args:
        raw: str, as written.

    Returns:
        AgeRange; None when there is no age from 0 to 120 in it.
    """
    if len(raw) > _LONGEST:
        return None
    folded = fold(raw.replace("+", " plus "))
    found = None if _DATE_LIKE.search(raw) else _range_of(folded)
    if found is None:
        return None
    low, high = found
    return AgeRange(raw, max(0, low), min(high, _OLDEST)) if 0 <= low <= high and low <= _OLDEST else None


def _range_of(folded: str) -> tuple[int, int] | None:
    """Return (low, high) years for a folded age text; None when it holds none."""
    if found := _DECADE.search(folded):
        return _decade(int(found[1]) * 10, folded)
    if found := _MONTHS.search(folded):
        years = int(found[1]) // 12 if "mo" in found[0] or "mt" in found[0] or "mn" in found[0] else 0
        return years, years
    if found := _LIMIT.search(folded):
        limit = int(found[2])
        return (0, max(0, limit - 1)) if found[1] in ("under", "below") else (limit, _OLDEST)
    if (found := _RANGE.search(folded)) and int(found[1]) < int(found[2]):
        return int(found[1]), int(found[2])
    if found := _NUMBER.search(folded):
        return _years(int(found[1]), folded)
    return next((span for stage, span in _STAGES.items() if re.search(rf"\b{stage}\b", folded)), None)


def _decade(start: int, folded: str) -> tuple[int, int]:
    """Return the years of a decade, or of its early, middle or late part."""
    words = folded.split()
    first, last = next((_PARTS[word] for word in words if word in _PARTS), (0, 9))
    start = start or 1
    return start + first, start + last


def _years(age: int, folded: str) -> tuple[int, int] | None:
    """Return an exact age, or the range round one that was a guess."""
    if age > _OLDEST:
        return None
    words = set(re.findall(r"[a-z]+", folded))
    if "plus" in words:
        return age, _OLDEST
    if not words & _ABOUT:
        return age, age
    slack = max(_SLACK, age // 10)
    return max(0, age - slack), min(_OLDEST, age + slack)
