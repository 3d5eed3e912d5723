"""Opening a finished build as any reader would, before it is published."""

from __future__ import annotations

from pathlib import Path

from discoverer.errors import BuildError
from discoverer.model import Visibility
from discoverer.normalise.references import canonical_reference
from index import keys
from index.build import probe_segments
from index.manifest import Manifest
from index.reader import Index, Reader, Scope


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
