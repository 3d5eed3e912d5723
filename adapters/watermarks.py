"""A watermark: where a source stood when it was last asked, as one line of text that only its adapter reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from discoverer.clock import iso, parse_iso
from discoverer.errors import SourceUnavailable

# How far an extract's own instant may seem to go back without being an older extract: the hour that happens twice.
CLOCK_BACK = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Where a source stood.

    Attributes:
        way: str, what of the source it is a mark of, e.g. 'table log_change'.
        at: str | int | float | None, the highest number, or latest instant (ISO 8601, UTC); None: there was none.
        entry: str, what the change table said at that number, as a hash; '' when it has none.
        taken: str, when the source said it was taken (ISO 8601, UTC); '' when it does not say.
        file: int, which file it was; 0 when that cannot be told.
    """

    way: str
    at: str | int | float | None
    entry: str = ""
    taken: str = ""
    file: int = 0

    def text(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))


def read_watermark(source: str, text: str, way: str, kinds: tuple[type, ...]) -> Watermark:
    """Read what `Watermark.text` wrote.

    Args:
        source: its name, for the message.
        text: the line.
        way: what it must be a mark of.
        kinds: what kind of value it may have; a text is an instant.

    Raises:
        SourceUnavailable: it is no watermark, or one of another [changes] section.
    """
    found = _parsed(text)
    if found is None:
        raise SourceUnavailable(source, "there is no watermark to go on from, or none that can be read; build again.")
    if found.way != way or not (found.at is None or isinstance(found.at, kinds)):
        raise SourceUnavailable(
            source, f"its watermark is of {found.way} and its mapping now names {way} under [changes]; build again."
        )
    return found


def _parsed(text: str) -> Watermark | None:
    """Return the watermark a text holds, None when it holds none."""
    try:
        found = Watermark(**json.loads(text))
        for instant in (found.taken, found.at):
            if isinstance(instant, str) and instant:
                earlier(instant)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    texts = all(isinstance(part, str) for part in (found.way, found.entry, found.taken))
    sound = texts and isinstance(found.file, int) and isinstance(found.at, str | int | float | None)
    return found if sound else None


def check_taken(source: str, before: Watermark, taken: str) -> None:
    """Hold the instant a source says it was taken at against the one of its watermark.

    Raises:
        SourceUnavailable: it is an older one.
    """
    if before.taken and taken and earlier(taken) < earlier(before.taken, CLOCK_BACK):
        raise SourceUnavailable(
            source,
            f"it says it was taken at {taken}, and when it was last read at {before.taken}: was it restored from a "
            "backup? Build again.",
        )


def ahead(source: str, mark: object, place: str) -> SourceUnavailable:
    """Return the error of a watermark that lies ahead of its source."""
    return SourceUnavailable(
        source, f"its watermark ({mark}) lies ahead of {place}: was it restored from a backup? Build again."
    )


def earlier(instant: str, span: timedelta = timedelta(0)) -> str:
    """Return an instant (ISO 8601, also in part) some time before, ISO 8601 in UTC: of a date, before its start.

    Raises:
        ValueError: it is none, or there is no time so far back.
        OverflowError: the same.
    """
    padded = instant if len(instant) >= 10 else (instant + "-01-01")[:10]
    return iso(parse_iso(padded) - span)
