"""Date formats of legacy systems to instants: local wall-clock time in, UTC out, as precise as it was written.

A format is read by a regular expression built once, not by `strptime`, which is six times slower; the offset
from UTC is asked of the clock once an hour of the calendar, since it changes on the hour only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from discoverer.clock import LOCAL, parse_iso, to_utc
from discoverer.model import Instant

# The directives a format may hold, each at most once.
PATTERNS = {
    "%d": r"(?P<d>\d{1,2})",
    "%m": r"(?P<m>\d{1,2})",
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%H": r"(?P<H>\d{1,2})",
    "%M": r"(?P<M>[0-5]\d)",
    "%S": r"(?P<S>[0-5]\d)",
    "%b": r"(?P<b>[A-Za-z]{3})",
    "%B": r"(?P<b>[A-Za-z]{3,9})",
    "%z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
}

# What is read when a mapping gives no formats.
ISO = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%Y-%m", "%Y")

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

CLOCK = re.compile(r"([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d))?", re.ASCII)

# Minutes: a clock that goes back further has passed midnight; a smaller step is lines typed out of order.
BACK = 60

Read = Callable[[str], Instant | None]


def format_problem(text: str) -> str:
    """Say what is wrong with a date format, '' when nothing is."""
    found = re.findall(r"%.?", text)
    unknown = [part for part in found if part not in PATTERNS]
    if unknown:
        return f"date format '{text}' has {', '.join(unknown)}; known are {', '.join(PATTERNS)}"
    if len({part.lower() if part in "%y%Y%b%B" else part for part in found}) < len(found):
        return f"date format '{text}' names one part twice"
    letters = {part[1] for part in found}
    month, day = bool(letters & set("mbB")), "d" in letters
    if not letters & set("Yy") or (day and not month) or ("H" in letters) != ("M" in letters):
        return f"date format '{text}' must have a year, a month where it has a day, and hours with minutes"
    if ("H" in letters and not day) or ("S" in letters and "H" not in letters):
        return f"date format '{text}' has a time of day without its day, or seconds without hours"
    return ""


def valid_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return formats as they are. Raises ValueError: some cannot be read; it names all of them at once."""
    problems = [problem for problem in map(format_problem, formats) if problem]
    if problems:
        raise ValueError("; ".join(problems))
    return formats


# A year outside these is a system's way of writing "no date" (0001 in .NET, 9999), not a date.
EARLIEST, LATEST = "1900", "2100"


def compile_formats(formats: Sequence[str]) -> Read:
    """Return a function that reads a text by the first format that fits it.

    Args:
        formats: valid ones (see `format_problem`); empty: ISO 8601.

    Returns:
        str (blanks around it do not matter) -> Instant, or None when no format fits or there is no such day.
    """
    readers = [_compile(text) for text in formats or ISO]

    def read(text: str) -> Instant | None:
        trimmed = text.strip()
        for reader in readers:
            found = reader(trimmed)
            if found is not None and EARLIEST <= found.value[:4] <= LATEST:
                return found if trimmed == text else Instant(found.value, text, found.ambiguous)
        return None

    return read


def _compile(text: str) -> Read:
    """Return the reader of one format, the fastest that does."""
    parts = re.split(r"(%.)", text)
    pattern = re.compile("".join(PATTERNS.get(part) or re.escape(part) for part in parts), re.ASCII)
    groups = pattern.groupindex
    if "z" in groups or "b" in groups or "y" in groups:
        return _by_name(pattern)
    if "H" in groups:
        return _by_hour(pattern)
    return _by_day(pattern)


def _by_hour(pattern: re.Pattern[str]) -> Read:
    """Read the commonest shape, numbers to the minute or second, with as little work as possible."""
    index = pattern.groupindex
    year, month, day, hour, minute = (index[name] for name in "YmdHM")
    second = index.get("S")

    def read(text: str) -> Instant | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        found = utc_hour(match[year], match[month], match[day], match[hour])
        if found is None:
            return None
        return Instant(f"{found[0]}:{match[minute]}:{match[second] if second else '00'}Z", text, found[1])

    return read


@lru_cache(maxsize=100_000)
def utc_hour(year: str, month: str, day: str, hour: str) -> tuple[str, bool] | None:
    """Return ('2014-09-14T22', happened twice) for a local hour; None when there is no such day or hour."""
    try:
        instant, ambiguous = to_utc(datetime(int(year), int(month), int(day), int(hour)))  # noqa: DTZ001 - local
    except (ValueError, OverflowError):
        return None
    return f"{instant.year:04d}-{instant.month:02d}-{instant.day:02d}T{instant.hour:02d}", ambiguous


def _by_day(pattern: re.Pattern[str]) -> Read:
    """Read a date as precise as its format: a day, a month or a year."""

    def read(text: str) -> Instant | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        parts = match.groupdict()
        value = _day(parts["Y"], parts.get("m"), parts.get("d"))
        return Instant(value, text) if value else None

    return read


@lru_cache(maxsize=100_000)
def _day(year: str, month: str | None, day: str | None) -> str:
    """Return a date as precise as its parts; '' when there is no such day."""
    try:
        whole = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return whole.isoformat()[: 10 if day else 7 if month else 4]


def _by_name(pattern: re.Pattern[str]) -> Read:
    """Read the rarer shapes: month names, two-digit years (1969 to 2068, as POSIX has it), written offsets."""

    def read(text: str) -> Instant | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        parts = match.groupdict()
        year = parts.get("Y") or _century(parts["y"])
        month = parts.get("m") or _month(parts.get("b"))
        if month == "0" or not EARLIEST <= year <= LATEST:
            return None
        if "H" not in parts:
            value = _day(year, month, parts.get("d"))
            return Instant(value, text) if value else None
        found = utc_hour(year, str(month), parts["d"], parts["H"])
        if found is None:
            return None
        clock = f"{parts['M']}:{parts.get('S') or '00'}"
        if "z" in parts:
            value = _with_offset(
                int(year), int(str(month)), int(parts["d"]), f"{int(parts['H']):02d}:{clock}", parts["z"]
            )
            return Instant(value, text)
        return Instant(f"{found[0]}:{clock}Z", text, found[1])

    return read


def _century(two: str) -> str:
    """Complete a year of two digits as strptime does: 69 to 99 are 19xx."""
    return f"{'19' if int(two) >= 69 else '20'}{two}"


def _month(name: str | None) -> str | None:
    """Return a month's number for its name, '0' for a word that is none, None for no word at all."""
    if name is None:
        return None
    short = name[:3].lower()
    return str(MONTHS.index(short) + 1) if short in MONTHS else "0"


def _with_offset(year: int, month: int, day: int, clock: str, offset: str) -> str:
    """Return the UTC instant of a local time that names its own offset."""
    whole = f"{year:04d}-{month:02d}-{day:02d}T{clock}{'+00:00' if offset == 'Z' else offset}"
    return datetime.fromisoformat(whole).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall_clock(instant: Instant) -> str:
    """Return an instant as local time, as precise as it is: '2014', '2014-09-14' or '2014-09-14T23:41:08'."""
    if len(instant.value) <= 10:
        return instant.value
    return parse_iso(instant.value).astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S")


def follow(start: Instant, clocks: Sequence[str]) -> list[Instant | None]:
    """Date a run of clock times ('23:41', '00:05') that begins at an instant and goes on over midnight.

    Args:
        start: when the run began; its local day is the first clock time's day.
        clocks: times of day in the order they were written; '' for none.

    Returns:
        One instant for each clock time; None where it is '' or no time of day, or the start is only a date in part.
    """
    if len(start.value) < 10:
        return [None] * len(clocks)
    began = datetime.fromisoformat(wall_clock(start))
    day, last = began.date(), began.hour * 60 + began.minute
    made: list[Instant | None] = []
    for clock in clocks:
        match = CLOCK.fullmatch(clock.strip())
        if match is None:
            made.append(None)
            continue
        minutes = int(match[1]) * 60 + int(match[2])
        if last - minutes > BACK:
            day += timedelta(days=1)
        last = minutes
        found = utc_hour(str(day.year), str(day.month), str(day.day), match[1])
        made.append(Instant(f"{found[0]}:{match[2]}:{match[3] or '00'}Z", clock, found[1]) if found else None)
    return made
