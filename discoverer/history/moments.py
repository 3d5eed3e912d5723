"""Instants that a source wrote into a note: '15/11/2014 14:05', '15.11.14', '2014-11-15T14:05:00Z'."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from discoverer.clock import iso, to_utc

_SEPARATORS = re.compile(r"(?<=\d)[.-](?=\d)")
# By the clock first: a day alone is the last resort, and its century is that of the systems read (2000 on).
_CLOCKS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H%M",
    "%d/%m/%y %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%d/%m/%y %H%M",
)
_DAYS = ("%d/%m/%Y", "%d/%m/%y")


@lru_cache(maxsize=4_096)
def read_moment(written: str) -> str:
    """Read an instant or day as people and systems write it, local time unless it names a zone.

    Returns:
        ISO as precise as it was written ('2014-11-15T14:05:00Z', '2014-11-15'); '' when it cannot be read.
    """
    text = " ".join(written.split())
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _day_first(_SEPARATORS.sub("/", text))
    return found.date().isoformat() if len(text) <= 10 else _utc(found)


def _day_first(text: str) -> str:
    """Read what begins with the day."""
    for form in (*_CLOCKS, *_DAYS):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - a wall clock, made UTC below
        except ValueError:
            continue
        return found.date().isoformat() if form in _DAYS else _utc(found)
    return ""


def _utc(found: datetime) -> str:
    """Write an instant in UTC."""
    return iso(found if found.tzinfo else to_utc(found)[0])
