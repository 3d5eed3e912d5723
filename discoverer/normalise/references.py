"""References people quote: log numbers with their date, and the numbers of other systems.

A log number restarts every day, so it is only a key with its date (domain.md 1.1): '2731 of 140914',
'2731/140914', 'LOG 2731-2014-09-14' and '2731/2014-09-14' are one log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = (
    r"(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2}(?:\d{2})?|\d{8}|\d{6}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{'|'.join(_MONTHS)})[a-z]*\s+\d{{2}}(?:\d{{2}})?)"
)
_LOG = re.compile(
    rf"(?:\b(?:inc|incident|log)\W*(?:no\W*)?)?\b(?P<number>\d{{1,5}})(?:\s*(?:of|/|-)\s*|\s+){_DATE}\b", re.I
)
_NAMED_MONTH = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>[a-z]{3})[a-z]*\s+(?P<year>\d{2,4})", re.I
)
_BARE_LOG = re.compile(r"\b(?:inc|incident|log)\W*(?:no\W*)?(?P<number>\d{1,5})\b", re.I)
# Letters somewhere, or three parts with a long serial in the middle: '2/14' is a flat and '03/07/89' a date.
_SYSTEM = re.compile(r"\b(?=[a-z0-9/]*\d)(?=[0-9/]*[a-z]|\d{1,4}/\d{4,8}/)[a-z0-9]{1,6}(?:/[a-z0-9]{1,8}){1,3}\b", re.I)


@dataclass(frozen=True, slots=True)
class LogReference:
    """A quoted log number.

    Attributes:
        raw: str, as written.
        number: int, the running number of that day.
        days: tuple[str, ...], ISO dates it may mean, the likelier first; () when quoted without a date.
    """

    raw: str
    number: int
    days: tuple[str, ...]

    @property
    def canonical(self) -> tuple[str, ...]:
        """The forms the index holds: 'log:2731/2014-09-14' for each day it may mean."""
        return tuple(f"log:{self.number}/{day}" for day in self.days)


def read_log_reference(text: str) -> LogReference | None:
    """Read the first log reference in a text; None when there is none."""
    for found in _LOG.finditer(text):
        if days := _days(found["date"]):
            return LogReference(found.group().strip(), int(found["number"]), days)
    if bare := _BARE_LOG.search(text):
        return LogReference(bare.group().strip(), int(bare["number"]), ())
    return None


def read_system_reference(text: str) -> str:
    """Return the first number that looks like another system's ('DA/14/05512', 'BE/2210/14'), else ''."""
    found = _SYSTEM.search(text)
    return found.group() if found else ""


def canonical_reference(raw: str) -> str:
    """Return the form the index holds of any reference: letters and digits only, 'ref:da1405512'; '' for none."""
    kept = re.sub(r"[^a-z0-9]", "", raw.lower())
    return f"ref:{kept}" if kept else ""


def _days(text: str) -> tuple[str, ...]:
    """Return the ISO dates a quoted date may mean: day-month order first, then the swapped reading."""
    if "-" in text:
        return _valid(text[:4], text[5:7], text[8:])
    if named := _NAMED_MONTH.fullmatch(text):
        year = _century(named["year"])
        return _valid(year, f"{_MONTHS.index(named['month'].lower()) + 1:02}", named["day"].zfill(2))
    parts = text.split("/") if "/" in text else [text[:2], text[2:4], text[4:]]
    day, month, year = parts
    year = _century(year)
    return tuple(dict.fromkeys(_valid(year, month, day) + _valid(year, day, month)))


def _century(year: str) -> str:
    """Return a year of two or four digits as four: no log is older than 1970."""
    if len(year) == 4:
        return year
    return f"20{year}" if int(year) < 70 else f"19{year}"


def _valid(year: str, month: str, day: str) -> tuple[str, ...]:
    """Return the ISO date as a one-element tuple, or () when there is no such day."""
    try:
        return (date(int(year), int(month), int(day)).isoformat(),)
    except ValueError:
        return ()
