"""One source into one segment; and when it cannot be read, the segment it had before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from adapters.base import Adapter
from adapters.checks import check_ratio, read, tally_for
from discoverer.errors import CheckFailed, IndexUnavailable, SourceUnavailable
from discoverer.model import Reject
from index import files, refused
from index.manifest import Manifest, SegmentEntry, SourceState, hash_file
from index.progress import Progress
from index.store import Segment, SegmentWriter

STEP = 500  # records between two signs of progress


def segment_path(source: str) -> str:
    """Return where a source's segment stands in a build."""
    return f"segments/{source}.sqlite"


def read_source(adapter: Adapter, folder: Path, read_at: str, progress: Progress) -> SegmentEntry:
    """Read a source from start to end into a segment.

    Args:
        adapter: the source.
        folder: the build, with its folder 'segments'.
        read_at: ISO instant now.
        progress: told of every record.

    Raises:
        SourceError: the source cannot be read or is not believable; nothing of it is left in the build.
        BuildError: the disk did not take it.
    """
    file = segment_path(adapter.name)
    writer = SegmentWriter(folder / file, adapter.name, adapter.version)
    try:
        as_at = _fill(writer, adapter, progress)
    except CheckFailed:
        refused.keep(folder.parent.parent, adapter.name, writer.refused(refused.MOST_KEPT))
        writer.abandon()
        raise
    except BaseException:  # a half segment is never left, whatever stopped it
        writer.abandon()
        raise
    refused.clear(folder.parent.parent, adapter.name)
    info = writer.close(as_at, read_at)
    return SegmentEntry(
        source=adapter.name,
        state=SourceState.FRESH,
        file=file,
        adapter_version=info.adapter_version,
        as_at=as_at,
        read_at=read_at,
        records=info.records,
        rejects=info.rejects,
    )


def _fill(writer: SegmentWriter, adapter: Adapter, progress: Progress) -> str:
    """Give the writer every record and reject, check that the whole is believable, and return its instant."""
    tally = tally_for(adapter)
    given = 0
    try:
        for given, item in enumerate(read(adapter, tally), 1):
            if isinstance(item, Reject):
                writer.reject(item)
            else:
                writer.add(item)
            if given % STEP == 0:
                progress.advance(STEP)
        as_at = adapter.as_at()
    except OSError as error:
        raise SourceUnavailable(
            adapter.name, f"it could not be read to its end ({error}); check that it is there and readable."
        ) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A fault of the adapter itself: one source's failure never blocks the others.
        raise SourceUnavailable(
            adapter.name,
            f"its adapter fell over after {given:,} rows ({type(error).__name__}: {error}); tell whoever made it.",
        ) from error
    progress.advance(given % STEP)
    writer.settle()
    tally.records, tally.rejects = writer.records, writer.rejects  # keys that stand twice are rejects too
    check_ratio(adapter, tally)
    return as_at


def failed_or_carried(
    adapter: Adapter, reason: str, folder: Path, builds: Path, kept: Sequence[Manifest]
) -> SegmentEntry:
    """Take over a source's last good segment from the builds kept, marked stale; or mark the source failed.

    A segment is carried only when it still is what its build's manifest says, or a changed file would be given a
    fresh seal.

    Args:
        adapter: the source's.
        reason: one sentence, why it could not be read.
        folder: the build, with its folder 'segments'.
        builds: where builds stand.
        kept: manifests of the builds to take it from, the best first.
    """
    for manifest in kept:
        entry = manifest.segment(adapter.name)
        if entry is None or not entry.file:
            continue
        old = builds / manifest.build / entry.file
        wrong = _wrong_with(old, entry, manifest)
        if wrong:
            reason = f"{reason} Its data of build {manifest.build} {wrong}."
            continue
        files.carry_file(old, folder / entry.file)
        if entry.adapter_version != adapter.version:
            reason = f"{reason} Its mapping has changed since it was read; what is searched follows the old one."
        return dataclasses.replace(entry, state=SourceState.STALE, reason=reason)
    return SegmentEntry(adapter.name, SourceState.FAILED, reason=reason)


def _wrong_with(old: Path, entry: SegmentEntry, live: Manifest) -> str:
    """Say why a segment of the live build cannot be carried; '' when it can."""
    listed = {file.path: file.sha256 for file in live.files}
    try:
        if old.is_symlink() or hash_file(old) != listed.get(entry.file):
            return "is not as it was written and was left out"
        with Segment(old) as segment:
            return "" if segment.info.source == entry.source else "belongs to another source and was left out"
    except (OSError, IndexUnavailable):
        return "cannot be read and was left out"
