"""The only reader of the time. Everything else is given an instant.

Sources write local time. It is kept as written, stored in UTC, and the hour that happens twice on the last
Sunday of October is marked ambiguous rather than guessed silently (domain.md 9.2).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the present instant in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def seconds() -> float:
    """Return a steady count of seconds, for measuring how long something takes; it never goes back."""
    return time.perf_counter()


def wait(length: float) -> None:
    """Do nothing for so many seconds; 0 or more."""
    time.sleep(length)


def to_utc(local: datetime) -> tuple[datetime, bool]:
    """Read a naive local time as United Kingdom wall-clock time.

    Args:
        local: datetime without a zone, as a source wrote it.

    Returns:
        (instant in UTC, whether that wall-clock time happened twice). The first of the two is taken.
    """
    first = local.replace(tzinfo=LOCAL, fold=0)
    second = local.replace(tzinfo=LOCAL, fold=1)
    ambiguous = first.utcoffset() != second.utcoffset() and _exists(first)
    return first.astimezone(UTC), ambiguous


def _exists(local: datetime) -> bool:
    """Tell whether a zoned wall-clock time is real (the hour skipped in March is not)."""
    return local.astimezone(UTC).astimezone(LOCAL).replace(tzinfo=None) == local.replace(tzinfo=None)


@lru_cache(maxsize=1_024)
def iso(instant: datetime) -> str:
    """Write an instant as ISO 8601 in UTC to the second: '2014-09-14T22:41:08Z'."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """Read what `iso` wrote, or a bare date 'YYYY-MM-DD' (its first instant, UTC).

    Raises:
        ValueError: the text is neither.
    """
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def age_in_words(earlier: str, later: datetime) -> str:
    """Say how long ago an ISO instant or date was: '14 hours', '3 days', '2 years'.

    Args:
        earlier: ISO 8601 as precise as it is known ('2014', '2014-09', '2014-09-14', '2014-09-14T22:41:08Z').
        later: the instant to measure from.
    """
    padded = earlier if len(earlier) >= 10 else (earlier + "-01-01")[:10]
    gap = max(later - parse_iso(padded), timedelta(0))
    hours = int(gap.total_seconds() // 3600)
    for size, unit in ((24 * 365, "year"), (24 * 30, "month"), (24, "day"), (1, "hour")):
        if hours >= size:
            count = hours // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "under an hour"
