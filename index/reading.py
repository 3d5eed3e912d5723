"""One source into one segment; and when it cannot be read, the segment it had before."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from adapters.base import Adapter, RawRow, Shareable, Withholding
from adapters.checks import NO_RULES, Tally, check_ratio, read_rows, tally_for
from discoverer.errors import CheckFailed, IndexUnavailable, SourceUnavailable
from discoverer.labelling import Labelling
from discoverer.model import Reject
from index import filled, refused
from index.carrying import InForce, as_built, carry
from index.laid_out import Laid, lay_out
from index.manifest import Manifest, SegmentEntry, SourceState, hash_file
from index.progress import Progress
from index.store import Segment, SegmentWriter
from index.workers import Crew

ROWS = 500  # rows made into records at a time
# What a fault of an adapter itself raises.
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Made(NamedTuple):
    """What some rows were made into.

    Attributes:
        records: laid out for the store.
        rejects: rows that could not be used.
        tally: what was counted of them.
        filled: how often the records say what.
        silent: int >= 0, rows that gave neither a record nor a reject, but for those withheld.
        withheld: int >= 0, rows that must not be loaded, which are in no count that is kept.
        fell: what the adapter raised after them; '' when nothing.
    """

    records: list[Laid]
    rejects: list[Reject]
    tally: Tally
    filled: Counter[str]
    silent: int = 0
    withheld: int = 0
    fell: str = ""


@dataclass(slots=True)
class _Counted:
    """What was counted of a whole source.

    Attributes:
        rows: int, rows read, but for those withheld in what was taken in.
        silent: int, rows that gave neither a record nor a reject, but for those withheld.
        filled: how often the records say what.
    """

    rows: int = 0
    silent: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    def take_in(self, made: Made) -> None:
        """Add what some rows were made into."""
        self.silent += made.silent
        self.rows -= made.withheld
        self.filled.update(made.filled)


@runtime_checkable
class _Marked(Protocol):
    """An adapter that can say how far its source has come, so that later changes can be asked for."""

    def watermark(self) -> str:
        """Return the mark."""


def segment_path(source: str) -> str:
    """Return where a source's segment stands in a build."""
    return f"segments/{source}.sqlite"


def read_source(
    adapter: Adapter,
    folder: Path,
    read_at: str,
    progress: Progress,
    crew: Crew | None = None,
    labelling: Labelling = NO_RULES,
) -> SegmentEntry:
    """Read a source from start to end into a segment.

    Args:
        adapter: the source.
        folder: the build, with its folder 'segments'.
        read_at: ISO instant now.
        progress: told of every record.
        crew: who makes the rows into records; None: nobody but this process.
        labelling: the rules that close records further than their mapping does.

    Raises:
        SourceError: the source cannot be read or is not believable; nothing of it is left in the build.
        BuildError: the disk did not take it.
    """
    file, counted = segment_path(adapter.name), _Counted()
    watermark = _watermark(adapter)  # before the first row: what changes meanwhile is asked for again, never missed
    writer = SegmentWriter(folder / file, adapter.name, adapter.version)
    try:
        as_at = _fill(writer, _Given(adapter, labelling), progress, crew or Crew(), counted)
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
        rows=counted.rows,
        silent=counted.silent,
        filled=dict(counted.filled),
        watermark=watermark,
        rules=labelling.said_of(adapter.name),
    )


def _watermark(adapter: Adapter) -> str:
    """Return how far a source has come; '' when it cannot tell its changes.

    Raises:
        SourceUnavailable: it can, and could not be asked.
    """
    if not isinstance(adapter, _Marked):
        return ""
    try:
        return adapter.watermark()
    except OSError as error:
        raise SourceUnavailable(
            adapter.name, f"it could not be asked how far it has come ({error}); check that it is there and readable."
        ) from error
    except FAULTS as error:
        raise _fell_over(adapter, 0, _said(error)) from error


class _Given(NamedTuple):
    """What rows are made into records with.

    Attributes:
        adapter: of their source.
        labelling: the rules.
    """

    adapter: Adapter
    labelling: Labelling


def _fill(writer: SegmentWriter, with_: _Given, progress: Progress, crew: Crew, counted: _Counted) -> str:
    """Give the writer every record and reject, check that the whole is believable, and return its instant."""
    adapter = with_.adapter
    tally = tally_for(adapter)
    made = crew if isinstance(adapter, Shareable) and adapter.shareable else Crew()
    given = 0
    try:
        for batch in made.run(_made, with_, _batches(adapter, counted)):
            given += len(batch.records) + len(batch.rejects)
            writer.take(batch.records)
            for reject in batch.rejects:
                writer.reject(reject)
            tally.take_in(batch.tally)
            counted.take_in(batch)
            progress.advance(len(batch.records) + len(batch.rejects))
            if batch.fell:
                raise _fell_over(adapter, given, batch.fell)
        as_at = adapter.as_at()
    except OSError as error:
        raise SourceUnavailable(
            adapter.name, f"it could not be read to its end ({error}); check that it is there and readable."
        ) from error
    except FAULTS as error:
        raise _fell_over(adapter, given, _said(error)) from error
    writer.settle()
    tally.records, tally.rejects = writer.records, writer.rejects  # keys that stand twice are rejects too
    check_ratio(adapter, tally)
    return as_at


def _fell_over(adapter: Adapter, given: int, error: str) -> SourceUnavailable:
    """Say that an adapter itself is at fault: one source's failure never blocks the others."""
    return SourceUnavailable(
        adapter.name, f"its adapter fell over after {given:,} rows ({error}); tell whoever made it."
    )


def _said(error: Exception) -> str:
    """Name an error and what it says."""
    return f"{type(error).__name__}: {error}"


def _batches(adapter: Adapter, counted: _Counted) -> Iterator[list[RawRow]]:
    """Yield the rows of a source, counted, some at a time; where they break off, first those before the break."""
    batch: list[RawRow] = []
    rows = iter(adapter.rows())
    while True:
        try:
            row = next(rows)
        except StopIteration:
            break
        except Exception:
            yield batch
            raise
        batch.append(row)
        counted.rows += 1
        if len(batch) == ROWS:
            yield batch
            batch = []
    yield batch


def _made(with_: _Given, rows: list[RawRow]) -> Made:
    """Make some rows into records."""
    adapter, labelling = with_
    made = Made([], [], tally_for(adapter), Counter())
    silent = withheld = 0
    try:
        for row in rows:
            before = len(made.records) + len(made.rejects)
            for item in read_rows(adapter, (row,), made.tally, labelling):
                if isinstance(item, Reject):
                    made.rejects.append(item)
                else:
                    made.records.append(lay_out(item))
                    filled.count(item, made.filled)
            if len(made.records) + len(made.rejects) == before:
                hidden = isinstance(adapter, Withholding) and adapter.withholds(row)
                withheld += hidden
                silent += not hidden
    except FAULTS as error:
        return made._replace(silent=silent, withheld=withheld, fell=_said(error))
    return made._replace(silent=silent, withheld=withheld)


def failed_or_carried(
    adapter: Adapter,
    reason: str,
    folder: Path,
    builds: Path,
    kept: Sequence[Manifest],
    labelling: Labelling = NO_RULES,
) -> SegmentEntry:
    """Take over a source's last good segment from the builds kept, marked stale; or mark the source failed.

    A segment is carried only when it still is what its build's manifest says, or a changed file would be given a
    fresh seal. Where the rules have changed meanwhile its records are closed as these say, and what is suppressed by
    now is left out.

    Args:
        adapter: the source's.
        reason: one sentence, why it could not be read.
        folder: the build, with its folder 'segments'.
        builds: where builds stand.
        kept: manifests of the builds to take it from, the best first.
        labelling: the rules in force.
    """
    by_now = InForce(labelling, adapter)
    for manifest in kept:
        entry = manifest.segment(adapter.name)
        if entry is None or not entry.file:
            continue
        old = builds / manifest.build / entry.file
        wrong = _wrong_with(old, entry, manifest)
        if wrong:
            reason = f"{reason} Its data of build {manifest.build} {wrong}."
            continue
        try:
            entry = carry(old, entry, manifest, folder / entry.file, builds.parent, by_now)
        except IndexUnavailable as error:
            entry = as_built(old, entry, folder / entry.file, by_now)
            reason = f"{reason} What was taken in since build {manifest.build} is left out: {error.message}"
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
