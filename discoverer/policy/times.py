"""Windows of time as a policy writes them, and instants as precise as a record knows them.

A window of years, months, weeks or days is counted in local dates, its first day included: twelve months before
18/11/2018 begin on 18/11/2017. A window of hours or minutes is counted on the clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from discoverer.clock import LOCAL, parse_iso

_ISO = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?)?"
)
_DAY = timedelta(days=1)
# Fillers such as 31/12/9999 stand at the ends of time, and must not stop a count.
_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time.

    Attributes:
        text: str, as written, e.g. 'P12M'.
        months, days, minutes: int >= 0, not all 0.
    """

    text: str
    months: int
    days: int
    minutes: int

    @property
    def words(self) -> str:
        """The length in words: '12 months', '12 hours', '60 minutes'."""
        hours, minutes = divmod(self.minutes, 60) if self.minutes > 60 else (0, self.minutes)
        parts = ((self.months, "month"), (self.days, "day"), (hours, "hour"), (minutes, "minute"))
        return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)

    @property
    def longest(self) -> timedelta:
        """The length at its longest: a month has 31 days."""
        return timedelta(days=self.months * 31 + self.days, minutes=self.minutes)


@lru_cache(maxsize=256)
def read_duration(text: str) -> Duration:
    """Read an ISO 8601 duration: 'P12M', 'P1Y', 'P28D', 'PT60M', 'PT12H'.

    Raises:
        ValueError: it is none, or it is no time at all.
    """
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(
            f"'{text}' is not an ISO duration; write P and a count: 'P12M' months, 'P28D' days, 'PT60M' minutes"
        )
    part = {name: int(value or 0) for name, value in found.groupdict().items()}
    read = Duration(
        text,
        part["years"] * 12 + part["months"],
        part["weeks"] * 7 + part["days"],
        part["hours"] * 60 + part["minutes"],
    )
    if not (read.months or read.days or read.minutes):
        raise ValueError(f"'{text}' is no time at all; a window must be longer than nothing")
    if read.months > 1200 or read.days > 36_500:
        raise ValueError(f"'{text}' is longer than a hundred years; write a shorter window")
    return read


@dataclass(frozen=True, slots=True)
class Span:
    """When something happened, as precisely as it is known.

    Attributes:
        first, last: datetime, UTC, the earliest and latest instant it may be.
    """

    first: datetime
    last: datetime


@lru_cache(maxsize=65_536)
def span_of(value: str) -> Span | None:
    """Return the span of an ISO value ('2014', '2014-09', '2014-09-14', '2014-09-14T22:41:08Z'); None for ''."""
    if not value:
        return None
    if len(value) > 10:
        moment = parse_iso(value)
        return Span(moment, moment)
    year, month, day = (*(int(part) for part in value.split("-")), 0, 0)[:3]
    last_month = month or 12
    begins, ends = date(year, month or 1, day or 1), date(year, last_month, day or monthrange(year, last_month)[1])
    return Span(span_of_day(begins).first, span_of_day(ends).last)


def span_of_day(day: date) -> Span:
    """Return a whole local day as a span."""
    last = _midnight(day + _DAY) - timedelta(seconds=1) if day < _LAST.date() else _LAST
    return Span(_midnight(day), last)


def _midnight(day: date) -> datetime:
    """Return the first instant of a local day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC) if day > _FIRST.date() else _FIRST


@lru_cache(maxsize=65_536)
def local_day(moment: datetime) -> date:
    """Return the local date of an instant."""
    return moment.astimezone(LOCAL).date() if moment > _FIRST + _DAY else moment.date()


@lru_cache(maxsize=16_384)
def window_start(end: datetime, length: Duration) -> datetime:
    """Return the first instant of the window of this length that ends at an instant; never before the year 1."""
    minutes = timedelta(minutes=length.minutes)
    begin = end - minutes if end - _FIRST > minutes else _FIRST
    if not (length.months or length.days):
        return begin
    day = local_day(begin)
    year, month = divmod(day.year * 12 + day.month - 1 - length.months, 12)
    if year < 1:
        return _FIRST
    whole = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    days = timedelta(days=length.days)
    return _midnight(whole - days) if whole - date.min > days else _FIRST


def gap(one: Span, other: Span) -> tuple[timedelta, timedelta]:
    """Return how far apart two spans are at the least and at the most."""
    least = max(one.first - other.last, other.first - one.last, timedelta(0))
    return least, max(one.last, other.last) - min(one.first, other.first)


def read_day(text: str) -> date | None:
    """Read the first day in a note: '04/09/2014', '4.9.14' (this century), '2014-09-04'; None when there is none."""
    if found := _YEAR_FIRST.search(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in found.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
