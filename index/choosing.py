"""A person publishes a build that is kept, one that was held back or an older one: the audit advises, people decide."""

from __future__ import annotations

from pathlib import Path

from discoverer.errors import BuildError, NotFound, UsageError
from index import attempts, audit_report, versions
from index.attempts import Event, Outcome
from index.lock import Hold, builder_lock
from index.manifest import Manifest
from index.probe import probe
from index.versions import Within, at_once


def publish_chosen(state_dir: Path, build: str, words: str, within: Within = at_once) -> Manifest:
    """Make a kept build the live one, once it is as it was made and opens.

    Who does so, and why, is written down before the pointer moves: stopped in between, the old build is live and the
    next try goes on.

    Args:
        state_dir: where the builds are.
        build: the id of one that is kept.
        words: who publishes it and why, for the history.
        within: what the pointer is moved within, under the builder's lock, given the folder of the build.

    Returns:
        Its manifest.

    Raises:
        NotFound: no such build is kept.
        UsageError: it is live already.
        BuildLocked: a builder is at work.
        IndexUnavailable: it is not as it was made, or cannot be opened; the live one stays.
        BuildError: the disk did not take it.
    """
    kept = versions.list_builds(state_dir)
    if build not in kept:
        listed = ", ".join(kept) or "none; run 'discoverer build' first"
        raise NotFound(f"No build '{build}' is kept; kept are {listed}.")
    try:
        with builder_lock(state_dir, "publishing a build") as hold:
            return _publish(state_dir, build, words, within, hold)
    except OSError as error:
        raise BuildError(
            f"Build {build} was not published: {error.filename or state_dir} could not be written ({error.strerror}); "
            "mend its permissions or make room, and see with 'discoverer status' which build is live."
        ) from error


def _publish(state_dir: Path, build: str, words: str, within: Within, hold: Hold) -> Manifest:
    """Move the pointer; the caller holds the lock."""
    if versions.current_or_none(state_dir) == build:
        raise UsageError(f"Build {build} is live already; nothing was changed.")
    folder = versions.builds_of(state_dir) / build
    manifest = versions.open_verified(folder)
    probe(folder, manifest)
    attempts.note(state_dir, Event.CHOSEN, build, words)
    audit_report.release(state_dir, build, words)
    with within(folder):
        hold.check()
        versions.publish(state_dir, build)
    last = attempts.as_written(state_dir)
    if last is not None and last.build == build:
        attempts.end(state_dir, last, Outcome.PUBLISHED, words, last.sources)
    return manifest
