"""Reads dates of birth as clerks write them (ages are in ages.py).

Days come before months, as in the United Kingdom; the other reading is kept beside it, because the two are
swapped in about one record in seventy (domain.md 6.4). Years of two digits never lie in the future.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from discoverer.normalise.ages import AgeRange, read_age
from discoverer.normalise.tables import load

__all__ = [
    "AgeRange",
    "BirthDate",
    "birth_date_spans",
    "find_birth_dates",
    "find_loose_birth_date",
    "read_age",
    "read_birth_date",
]

_TABLE = load("dates")
_PLACEHOLDERS = frozenset(day for entry in _TABLE["placeholder"] for day in entry["dates"])
_YEAR_ONLY = str(_TABLE["year_only"]["day"])
_MONTHS = {name: number for number, names in enumerate(_TABLE["months"]["names"], 1) for name in names}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ESTIMATE = re.compile(rf"(?<![^\W\d])(?:{'|'.join(_TABLE['estimate']['words'])})(?![^\W\d])\.?|~", re.IGNORECASE)
_OLDEST = 150  # years: 120 for who is registered today (NPCC dictionary DS_034), and old records keep the dead
_LONGEST = 60  # characters; a longer field is no date

_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_SEPARATOR = r"\s*[/.\-\s]\s*"
_YEAR_FIRST = re.compile(rf"(\d{{4}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})")
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}(\d{{4}}|\d{{2}})")
_MONTH_NAMED = re.compile(rf"(\d{{1,2}})?[\s.\-/]*(?:of\s+)?({_MONTH})[\s.,\-/]*(\d{{4}}|\d{{2}})", re.IGNORECASE)
_MONTH_LEADS = re.compile(rf"({_MONTH})[\s.\-]+(\d{{1,2}})[\s.,\-]+(\d{{4}}|\d{{2}})", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(rf"(\d{{1,2}}){_SEPARATOR}(\d{{4}})")
_YEAR_AND_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth, as precise as it was written.

    Attributes:
        raw: str, as written.
        value: 'YYYY' | 'YYYY-MM' | 'YYYY-MM-DD'.
        swapped: 'YYYY-MM-DD' with day and month exchanged, where that is another possible date; '' where not.
        rough: bool, estimated, or known only to the month or year.
    """

    raw: str
    value: str
    swapped: str = ""
    rough: bool = False


@lru_cache(maxsize=131_072)
def read_birth_date(raw: str, on: date) -> BirthDate | None:
    """Read a date of birth.

    Args:
        raw: str, e.g. '03/07/1989', '3 July 89', '030789', '03-JUL-1989', '1989-07-03', '07/1989', '1989'.
        on: today: a birth lies before it, and not more than 150 years.

    Returns:
        BirthDate; None for nothing, placeholders (01/01/1900), impossible dates and dates not in the past. 1 January is
        read as its year alone, rough.
    """
    if len(raw) > _LONGEST:
        return None
    text = "".join(str(unicodedata.decimal(one, one)) for one in unicodedata.normalize("NFKC", raw)).strip()
    bare = _ESTIMATE.sub(" ", text).strip(" ()[].,?*\t\n")
    guessed = bare != text.strip(" ()[].,\t\n")
    bare = _ORDINAL.sub("", _TIME.sub("", bare)).strip()
    for year, month, day, fixed in _readings(bare):
        found = _birth(raw, (_whole_year(year, month, day, on), month, day), on, fixed=fixed, guessed=guessed)
        if found:
            return found
    return None


def _readings(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield what a date text may mean: (year digits, month or 0, day or 0, day and month cannot be swapped)."""
    if text.isdigit():
        yield from _digits_alone(text)
    elif found := _YEAR_FIRST.fullmatch(text):
        yield found[1], int(found[2]), int(found[3]), False
        yield found[1], int(found[3]), int(found[2]), True
    elif found := _DAY_FIRST.fullmatch(text):
        yield found[3], int(found[2]), int(found[1]), False
        yield found[3], int(found[1]), int(found[2]), True
    elif found := _MONTH_LEADS.fullmatch(text):
        yield found[3], _MONTHS[found[1].lower()], int(found[2]), True
    elif found := _MONTH_NAMED.fullmatch(text):
        yield found[3], _MONTHS[found[2].lower()], int(found[1] or 0), True
    elif found := _YEAR_AND_MONTH.fullmatch(text):
        yield found[1], int(found[2]), 0, True
    elif found := _MONTH_AND_YEAR.fullmatch(text):
        yield found[2], int(found[1]), 0, True


def _digits_alone(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Yield readings of a date typed without separators: ddmmyy, ddmmyyyy, yyyymmdd, yyyy."""
    if len(text) == 4:
        yield text, 0, 0, True
    elif len(text) in (6, 8):
        yield text[4:], int(text[2:4]), int(text[:2]), False
        if len(text) == 8:
            yield text[:4], int(text[4:6]), int(text[6:]), False
        yield text[4:], int(text[:2]), int(text[2:4]), True


def _whole_year(digits: str, month: int, day: int, on: date) -> int:
    """Return the year; of two digits, the latest one that is not in the future."""
    year = int(digits)
    if len(digits) > 2:
        return year
    year += on.year - on.year % 100
    return year - 100 if (year, month, day) >= (on.year, on.month, on.day) else year


def _birth(raw: str, parts: tuple[int, int, int], on: date, *, fixed: bool, guessed: bool) -> BirthDate | None:
    """Make a BirthDate of a year, month and day (0 where unknown), if it is possible."""
    year, month, day = parts
    if not on.year - _OLDEST <= year <= on.year or not 0 <= month <= 12:
        return None
    if not day:
        value = f"{year:04}-{month:02}" if month else f"{year:04}"
        return None if value > on.isoformat() else BirthDate(raw, value, rough=True)
    value = _iso(year, month, day, on)
    if not value or value in _PLACEHOLDERS:
        return None
    if value[5:] == _YEAR_ONLY:
        return BirthDate(raw, value[:4], rough=True)
    swapped = "" if fixed or day == month else _iso(year, day, month, on)
    return BirthDate(raw, value, swapped, guessed)


def _iso(year: int, month: int, day: int, on: date) -> str:
    """Return a date before `on` as ISO 8601; '' when there is no such day or it is not past."""
    try:
        found = date(year, month, day)
    except ValueError:
        return ""
    return found.isoformat() if found < on else ""


_CUE = "|".join(
    re.escape(cue).replace(r"\ ", r"[\s.]*") for cue in sorted(_TABLE["cues"]["words"], key=len, reverse=True)
)
_FULL = (
    r"\d{1,2}\s?/\s?\d{1,2}\s?/\s?(?:\d{4}|\d{2})|\d{1,2}[.\-]\d{1,2}[.\-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[\s\-](?:of\s)?(?:{_MONTH})[\s,\-]+(?:\d{{4}}|\d{{2}})"
)
# Every date begins with a digit: dates are found first, and their cue, if any, before them.
_IN_TEXT = re.compile(
    rf"(?<![\w/.\-])(?=\d)(?:(?P<full>{_FULL})|\d{{8}}|\d{{6}}|(?:19|20)\d\d)(?![\w/]|[.\-]\d)", re.IGNORECASE
)
_SAYS_SO = re.compile(rf"(?<![^\W\d])(?:{_CUE})[\s.:\-]{{0,4}}$", re.IGNORECASE)
_LONGEST_CUE = 20  # characters before a date in which its cue stands


def birth_date_spans(text: str, *, cued: bool = False) -> list[tuple[int, int]]:
    """Return where dates that may be of birth stand in running text.

    Args:
        text: str, any length.
        cued: only those after a cue such as DOB or BORN; otherwise also every full date.

    Returns:
        list of (start, end), in order, not overlapping.
    """
    return [
        found.span()
        for found in _IN_TEXT.finditer(text)
        if (found["full"] and not cued) or _SAYS_SO.search(text[max(0, found.start() - _LONGEST_CUE) : found.start()])
    ]


def find_birth_dates(text: str, on: date) -> tuple[BirthDate, ...]:
    """Find dates of birth in a text that is about a person, such as what was typed into the search box.

    Full dates are taken with or without a cue; six or eight digits and bare years only after DOB or BORN.

    Args:
        text: str, any length.
        on: today.

    Returns:
        tuple[BirthDate, ...], in order; `raw` is the span as written, without its cue.
    """
    read = (read_birth_date(text[start:end], on) for start, end in birth_date_spans(text))
    return tuple(dict.fromkeys(found for found in read if found))


def year_of_birth(short: int, on: date) -> int:
    """Return the latest year that two figures (0 to 99) may be a year of birth: 85 is 1985, and 12 is 2012."""
    this_century = on.year - on.year % 100 + short
    return this_century if this_century <= on.year else this_century - 100


_YEARS = r"(?:19|20)\d\d"
_LOOSE = re.compile(
    rf"(?<![\w/.\-])(?:(?:{_CUE})[\s.:\-]{{0,4}}(?:in\s+)?)?(?P<date>(?:(?:{'|'.join(_TABLE['estimate']['words'])})\.?\s*)?"
    rf"(?:\d{{8}}|\d{{6}}|\d{{1,2}} \d{{1,2}} (?:\d{{4}}|\d{{2}})|\d{{1,2}}/{_YEARS}"
    rf"|(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?[\s,]+{_YEARS}|(?:{_MONTH})[\s,]+{_YEARS}))(?![\w/]|[.\-]\d)"
    rf"|(?<!\w)(?:{_CUE})[\s.:\-]{{0,4}}(?:in\s+)?'?(?P<guess>(?:(?:{'|'.join(_TABLE['estimate']['words'])})\.?\s*)?(?:{_YEARS}|(?P<short>\d\d)))(?![\w/.\-])"
    rf"|(?<!\w)(?P<about>(?:c|ca|circa|est|abt|about)\.?\s*{_YEARS})(?!\w)",
    re.IGNORECASE,
)


def find_loose_birth_date(text: str, on: date) -> tuple[BirthDate, str] | None:
    """Find a date of birth in a form that only says so beside a person's name: '030785', '07/1985', 'born 85'.

    Args:
        text: str, what was typed about a person; running text is too full of such figures.
        on: today.

    Returns:
        (the date, the span it stands in with its cue); None when there is none.
    """
    for found in _LOOSE.finditer(text):
        written = found["date"] or found["guess"] or found["about"]
        if found["short"]:
            if not found.group()[1].isalpha():  # 'b23' and 'b. 23' are a postcode district
                continue
            written = str(year_of_birth(int(found["short"]), on))
        if read := read_birth_date(written, on):
            return read, found.group()
    return None
