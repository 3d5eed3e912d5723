"""The state of every source and of the live build, in words: answered, stale, failed, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from discoverer.answer import SourceStatus, State
from discoverer.clock import age_in_words, parse_iso
from discoverer.policy.times import local_day
from discoverer.wording import minute, moment, undated_reading
from index import attempts, audit_report
from index.attempts import Attempt, Event
from index.manifest import Manifest, SegmentEntry, SourceState
from index.sync_state import SourceSync, Synced

_SECONDS_MATTER = 3_600  # a lag below this is told in seconds


def of_sources(
    configured: Sequence[str],
    manifest: Manifest,
    attempt: Attempt | None,
    now: datetime,
    carried_for: timedelta | None = None,
    synced: Synced | None = None,
    counts: Mapping[str, int] | None = None,
) -> tuple[SourceStatus, ...]:
    """Return the state of every source configured, then of those the build holds besides.

    Args:
        configured: names of sources, in the order of the settings.
        manifest: of the live build.
        attempt: the last attempt to build; None: there was none.
        now: the instant that counts as now.
        carried_for: how long what was read before stands in for a source that cannot be read; None: for ever.
        synced: how far each source was taken in since the build was made; None: it is read as it was.
        counts: records of each source by now; None: as the build was made.
    """
    found = {
        entry.source: _since_synced(
            _source_status(entry, now, carried_for), synced.source(entry.source) if synced else None, now, carried_for
        )
        for entry in manifest.segments
    }
    if counts:
        found = {name: replace(each, records=counts.get(name, each.records)) for name, each in found.items()}
    return (
        *(found[name] if name in found else missing(name, attempt) for name in configured),
        *(found[name] for name in found if name not in configured),
    )


def of_live(state_dir: Path, live: str, attempt: Attempt | None) -> str:
    """Say that a newer build was held back, or that a person made the live one so; '' when it is the last one built.

    Args:
        state_dir: where the history is.
        live: id of the live build.
        attempt: the last attempt to build; None: there was none.
    """
    held = ""
    if attempt is not None and attempt.outcome is attempts.Outcome.HELD and attempt.build > live:
        held = f"Build {attempt.build} was held back and waits for a person: 'discoverer builds' says why."
    return " ".join(filter(None, (held, _made_live(state_dir, live))))


def _made_live(state_dir: Path, live: str) -> str:
    """Say that a person made the live build so."""
    ways = {Event.ROLLED_BACK: "gone back to", Event.CHOSEN: "published by hand"}
    moved = [each for each in attempts.history(state_dir) if each.event in (Event.PUBLISHED, *ways)]
    by_hand = next((each for each in reversed(moved) if each.event in ways), None)
    if by_hand is None or by_hand.build != live or moved[-1].build != live:
        return ""
    how = f"{ways[by_hand.event]} at {minute(by_hand.at)}"
    return f"It was {how}, {by_hand.reason}; the next build takes its place."


def _source_status(entry: SegmentEntry, now: datetime, carried_for: timedelta | None) -> SourceStatus:
    """Say what one source of a build contributes."""
    as_at = entry.as_at or entry.read_at
    if entry.state is SourceState.FAILED:
        return SourceStatus(entry.source, State.FAILED, "", 0, f"FAILED, not searched: {_own(entry)}")
    dated = f"as at {minute(as_at)} ({age_in_words(as_at, now)} old)"
    age = dated if entry.as_at else undated_reading(entry.read_at)
    if entry.state is SourceState.STALE:
        if carried_for is not None and now - parse_iso(entry.read_at) > carried_for:
            return SourceStatus(
                entry.source, State.FAILED, as_at, entry.records, _too_old(entry, age, now, carried_for)
            )
        words = f"STALE since {minute(entry.read_at)}, {age}: {_own(entry)}"
        return SourceStatus(entry.source, State.STALE, as_at, entry.records, words)
    return SourceStatus(entry.source, State.ANSWERED, as_at, entry.records, f"answered, {age}")


def _own(told: SegmentEntry | SourceSync) -> str:
    """Return why a source cannot be read, without its name before it: that begins the row already."""
    return told.reason.removeprefix(f"{told.source}: ")


def _too_old(entry: SegmentEntry, age: str, now: datetime, carried_for: timedelta) -> str:
    """Say that what was read of a source is too old to stand in for it, and that it is searched all the same."""
    hours = int(carried_for.total_seconds() // 3600)
    return (
        f"FAILED since {minute(entry.read_at)}, {age_in_words(entry.read_at, now)} ago, longer than the {hours} hours"
        f" that old data may stand in for it; what was read then is still searched, {age}, and whatever came since is"
        f" missing: {_own(entry)}"
    )


def _since_synced(
    status: SourceStatus, sync: SourceSync | None, now: datetime, carried_for: timedelta | None
) -> SourceStatus:
    """Say how far a source has been taken in since the build, and why no further where it cannot be asked now."""
    if sync is None or not sync.tells:
        return status
    if not sync.asked_at:
        state = State.FAILED if status.state is State.FAILED else State.STALE
        again = "" if _own(sync) in status.words else f"; could not be asked since: {_own(sync)}"
        return replace(status, state=state, words=f"{status.words}{again}")
    lag = max(0, round((now - parse_iso(sync.as_at)).total_seconds()))
    found = replace(status, as_at=sync.as_at, lag=lag)
    upto = f"{moment(sync.as_at)} ({_lag_words(sync.as_at, lag, now)})"
    if not sync.reason:
        but = "" if sync.deletions else ", but for deletions, which the next build sees"
        return replace(found, state=State.ANSWERED, words=f"answered, with all there was at {upto}{but}")
    if carried_for is not None and lag > carried_for.total_seconds():
        hours = int(carried_for.total_seconds() // 3600)
        words = f"FAILED since {upto}, longer than {hours} hours; what it held then is still searched: {_own(sync)}"
        return replace(found, state=State.FAILED, words=words)
    return replace(found, state=State.STALE, words=f"STALE since {upto}: {_own(sync)}")


def _lag_words(as_at: str, lag: int, now: datetime) -> str:
    """Say how long ago that was: in seconds where they are what matters, else as people count."""
    return f"{lag:,} s ago" if lag < _SECONDS_MATTER else f"{age_in_words(as_at, now)} ago"


def waiting(state_dir: Path, live: str, attempt: Attempt | None, unsaid: Collection[str] = ()) -> str:
    """Say once that a build begun after the live one fell short, so that every source is older than it could be.

    Args:
        state_dir: where the reports of audits are.
        live: id of the live build.
        attempt: the last attempt to build; None: there was none.
        unsaid: sources of which nothing may be told.

    Returns:
        One sentence; '' when no newer data waits.
    """
    if attempt is None or attempt.build <= live or not _fell_short(attempt):
        return ""
    report = audit_report.read(state_dir, attempt.build) if attempt.outcome is attempts.Outcome.HELD else None
    causes = [each.source for each in report.findings] if report else _not_fresh(attempt)
    about = ", ".join(dict.fromkeys(each for each in causes if each and each not in unsaid))
    named = f" ({about})" if about else ""
    return f"Newer data waits: the build begun {minute(attempt.started_at)} {_ended(attempt)}{named}."


def _not_fresh(attempt: Attempt) -> list[str]:
    """Return the sources that an attempt could not read anew."""
    return [name for name, said in attempt.sources.items() if said != SourceState.FRESH.value]


def last_attempt(attempt: Attempt) -> str:
    """Say how the last attempt to build went: published is not said bare where it lacks a fresh source."""
    lacks = _not_fresh(attempt) if attempt.outcome is attempts.Outcome.PUBLISHED else []
    without = f", without a fresh {' and '.join(lacks)}" if lacks else ""
    because = f": {attempt.reason}" if attempt.reason else ""
    return f"Last attempt to build: {attempt.outcome.value}{without}, begun {minute(attempt.started_at)}{because}"


def unbuilt(name: str, attempt: Attempt | None) -> SourceStatus:
    """Say that nothing was ever built, and why where a build was tried; before the first, nothing has failed."""
    if attempt is not None:
        return missing(name, attempt)
    return SourceStatus(name, State.FAILED, "", 0, "not built yet; run 'discoverer build'")


def missing(name: str, attempt: Attempt | None) -> SourceStatus:
    """Say that the live build was made without a configured source, and why."""
    words = "FAILED, not searched: it is in no build yet"
    if attempt is None or not _fell_short(attempt):
        return SourceStatus(name, State.FAILED, "", 0, f"{words}; run 'discoverer build'")
    told = attempt.sources.get(name, SourceState.FRESH.value)
    why = attempt.reason if told == SourceState.FRESH.value else told.removeprefix(f"{name}: ")
    begun = f"the build begun {minute(attempt.started_at)} {_ended(attempt)}"
    again = "run 'discoverer build' again"
    return SourceStatus(name, State.FAILED, "", 0, f"{words}; {begun}: {why or again}")


def _fell_short(attempt: Attempt) -> bool:
    """Tell whether an attempt ended without a build."""
    return attempt.outcome in (attempts.Outcome.FAILED, attempts.Outcome.INTERRUPTED, attempts.Outcome.HELD)


def _ended(attempt: Attempt) -> str:
    """Say how an attempt ended without a build."""
    words = {attempts.Outcome.HELD: "was held back", attempts.Outcome.INTERRUPTED: "was stopped"}
    return words.get(attempt.outcome, attempt.outcome.value)


def data_end(sources: Sequence[SourceStatus], now: datetime) -> date:
    """Return the local day that the latest source was taken on, or today's where none says; never after today."""
    taken = [local_day(parse_iso(each.as_at)) for each in sources if each.as_at]
    return min(max(taken, default=local_day(now)), local_day(now))
