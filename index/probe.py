"""Opening a finished build as any reader would, before it is published."""

from __future__ import annotations

from pathlib import Path

from discoverer.errors import BuildError
from discoverer.model import Visibility
from discoverer.normalise.references import canonical_reference
from index import keys
from index.manifest import Manifest, SegmentEntry
from index.reader import Index, Reader, Scope
from index.store import Segment


def probe(folder: Path, manifest: Manifest) -> None:
    """Hold a build against its manifest: every segment's count, and its first and last record found by reference.

    Raises:
        BuildError: a count differs, or a record cannot be found.
        IndexUnavailable: a part of the build cannot be opened.
    """
    probe_segments(folder, manifest)
    index = Index(folder, manifest)
    try:
        reader = Reader(index, Scope(frozenset(Visibility)))
        for order, segment in index.segments.items():
            for number in {1, segment.count} if segment.count else ():
                _find(reader, order, number)
    finally:
        index.close()


def _find(reader: Reader, segment: int, number: int) -> None:
    """Find one record by its own reference through the engine."""
    record = reader.records([(segment, number)])[segment, number]
    reference = canonical_reference(record.ref)
    found = reader.look_up(keys.reference(reference), 1_000) if reference else None
    if found is not None and not any((doc.segment, doc.n) == (segment, number) for doc in reader.docs(found.ids)):
        raise BuildError(
            f"{record.source} {record.ref} is in the build and is not found by its reference; build again."
        )


def probe_segments(folder: Path, manifest: Manifest) -> None:
    """Open a finished build's segments afresh and hold what is there against what the manifest says.

    Raises:
        BuildError: a count differs, or a record cannot be found by its own reference.
        IndexUnavailable: a segment cannot be opened.
    """
    for entry in manifest.segments:
        if not entry.file:
            continue
        with Segment(folder / entry.file) as segment:
            wrong = _wrong_with(segment, entry)
        if wrong:
            raise BuildError(f"{entry.file} {wrong}; build again, and check the disk if it happens twice.")


def _wrong_with(segment: Segment, entry: SegmentEntry) -> str:
    """Say what is wrong with a segment; '' when nothing is."""
    count = segment.count
    if count != entry.records or segment.info.records != entry.records:
        return f"holds {count:,} records where {entry.records:,} were read"
    ends = segment.get([1, count]) if count else {}
    if len(ends) != min(count, 2):
        return "has gaps in its numbering"
    for number, record in ends.items():
        if segment.number_of(record.ref) != number:
            return f"does not find its record {record.ref} again"
    return ""
