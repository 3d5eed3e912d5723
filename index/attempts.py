"""What became of the attempts to build: the last one whole, and a line of history for each event.

Both lie outside the builds, so that a failed or killed build is seen for what it was.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from discoverer.clock import iso, now
from discoverer.codec import decoder, encode
from index import files
from index.lock import held


class Outcome(StrEnum):
    """How an attempt stands."""

    RUNNING = "running"
    PUBLISHED = "published"
    HELD = "held"  # it is finished, and outside its bounds
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # it was killed, or the machine stopped


class Event(StrEnum):
    """What can stand in the history; closed list."""

    STARTED = "started"
    PUBLISHED = "published"
    HELD = "held"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CHOSEN = "chosen"  # a person publishes it, whatever its audit or age; written down before it is done
    ROLLED_BACK = "rolled_back"  # likewise
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last attempt to build.

    Attributes:
        build: str, the id it had or would have had.
        outcome: how it stands.
        started_at: str, ISO instant.
        ended_at: str, ISO instant; '' while running or when killed.
        reason: str, one sentence when it failed, was held back, or something was left undone; '' when all went well.
        sources: dict[str, str], what became of each source: 'fresh', or why it was not.
    """

    build: str
    outcome: Outcome
    started_at: str
    ended_at: str = ""
    reason: str = ""
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history.

    Attributes:
        event: what happened.
        build: str, to which build.
        at: str, ISO instant.
        reason: str, why; ''.
    """

    event: Event
    build: str
    at: str
    reason: str = ""


_attempt = decoder(Attempt)
_entry = decoder(Entry)


def attempt_file(state_dir: Path) -> Path:
    """Return where the last attempt is written down."""
    return state_dir / "last_attempt.json"


def history_file(state_dir: Path) -> Path:
    """Return where the history is written down, one JSON object a line."""
    return state_dir / "builds.jsonl"


def begin(state_dir: Path, build: str) -> Attempt:
    """Write down that a build begins. Raises OSError."""
    attempt = Attempt(build, Outcome.RUNNING, iso(now()))
    _write(state_dir, attempt)
    note(state_dir, Event.STARTED, build)
    return attempt


def end(state_dir: Path, attempt: Attempt, outcome: Outcome, reason: str, sources: dict[str, str]) -> None:
    """Write down how an attempt ended. Raises OSError.

    The history comes first: killed between the two, the next builder ends the attempt again, and a line too many
    is better than one too few.
    """
    note(state_dir, Event(outcome.value), attempt.build, reason)
    ended = "" if outcome is Outcome.INTERRUPTED else iso(now())
    _write(state_dir, dataclasses.replace(attempt, outcome=outcome, ended_at=ended, reason=reason, sources=sources))


def last(state_dir: Path) -> Attempt | None:
    """Return the last attempt, or None when there was none or its file cannot be read.

    An attempt that calls itself running while nobody holds the lock was interrupted, and is returned so.
    """
    attempt = as_written(state_dir)
    if attempt is None or attempt.outcome is not Outcome.RUNNING or held(state_dir):
        return attempt
    attempt = as_written(state_dir) or attempt  # it may have ended between the two looks
    if attempt.outcome is Outcome.RUNNING:
        return dataclasses.replace(attempt, outcome=Outcome.INTERRUPTED)
    return attempt


def as_written(state_dir: Path) -> Attempt | None:
    """Return the last attempt as its builder left it; None when there was none or its file cannot be read."""
    try:
        return _attempt(attempt_file(state_dir).read_bytes())
    except (OSError, ValueError):
        return None


def note(state_dir: Path, event: Event, build: str, reason: str = "") -> None:
    """Add a line to the history. Raises OSError."""
    files.append_line(history_file(state_dir), encode(Entry(event, build, iso(now()), reason)))


def history(state_dir: Path) -> list[Entry]:
    """Return the history, oldest first; a line a crash left half written is passed over."""
    try:
        lines = history_file(state_dir).read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(_entry(line))
        except ValueError:
            continue
    return found


def _write(state_dir: Path, attempt: Attempt) -> None:
    """Write the last attempt down."""
    files.write_file(attempt_file(state_dir), encode(attempt))
