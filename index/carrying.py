"""A source that cannot be read now: what was read of it before, and taken in since, goes into the next build."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

from discoverer.labelling import Labelling
from index import files, layer_file
from index.layered import Layer, LayeredSegment
from index.manifest import Manifest, SegmentEntry
from index.store import Segment, SegmentWriter
from index.sync_state import last_sync


def carry(
    old: Path,
    entry: SegmentEntry,
    manifest: Manifest,
    target: Path,
    state_dir: Path,
    labelling: Labelling = Labelling(),  # noqa: B008 - frozen
) -> SegmentEntry:
    """Take a source's segment over from a build, as it is by now.

    Where changes have been taken in since (index/sync.py) they are written into a segment of its own: what came in is
    not lost, and what is gone from the source is in no file.

    Args:
        old: the segment in that build, as it was written.
        entry: of the source in that build's manifest.
        manifest: of that build.
        target: where the segment goes in the build being made.
        state_dir: where the layers are.
        labelling: the rules in force: where others gave its records their labels, these close them besides.

    Returns:
        The entry as it is now.

    Raises:
        OSError, BuildError: the disk did not take it.
        IndexUnavailable: what was taken in since cannot be read.
    """
    place = layer_file.in_force(state_dir, manifest.build)
    if place is None:
        return as_built(old, entry, target, labelling)
    order = [each.source for each in manifest.segments_with_data].index(entry.source)
    with closing(Layer(place)) as layer, Segment(old) as built:
        mark = layer.marks().get(entry.source, entry.watermark)
        segment = LayeredSegment(built, order, layer)
        if not (layer.gone(order) or layer.holds(order)):
            return dataclasses.replace(as_built(old, entry, target, labelling), watermark=mark)
        said = last_sync(state_dir, manifest.build).source(entry.source)
        upto = said.as_at if said else ""
        # Read anew is not as new: a source that says when it was taken is as old as it says, whenever it was asked.
        as_at, read_at = max(entry.as_at, upto), max(entry.read_at, upto)
        entry = dataclasses.replace(entry, read_at=read_at, as_at=as_at, watermark=mark)
        return _written(segment, target, entry, labelling)


def as_built(old: Path, entry: SegmentEntry, target: Path, labelling: Labelling) -> SegmentEntry:
    """Take a source's segment over from a build as it was built, its records closed as the rules in force say.

    Raises:
        OSError, BuildError: the disk did not take it.
        IndexUnavailable: it cannot be read.
    """
    if not labelling.missing_from(entry.source, entry.rules):
        files.carry_file(old, target)
        return entry
    with Segment(old) as built:
        return _written(built, target, entry, labelling)


def _written(
    segment: LayeredSegment | Segment, target: Path, entry: SegmentEntry, labelling: Labelling
) -> SegmentEntry:
    """Write what is held of a source by now into a new segment, and return its entry."""
    writer = SegmentWriter(target, entry.source, entry.adapter_version)
    for _, record in segment.records():
        writer.add(labelling.closed(record))
    for reject in segment.rejects():
        writer.reject(reject)
    info = writer.close(entry.as_at, entry.read_at)
    rules = tuple(sorted({*entry.rules, *labelling.said_of(entry.source)}))
    return dataclasses.replace(entry, records=info.records, rejects=info.rejects, rules=rules)
