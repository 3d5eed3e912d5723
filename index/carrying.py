"""A source that cannot be read now: what was read of it before, and taken in since, goes into the next build."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

from index import files, layer_file
from index.layered import Layer, LayeredSegment
from index.manifest import Manifest, SegmentEntry
from index.store import Segment, SegmentInfo, SegmentWriter
from index.sync_state import last_sync


def carry(old: Path, entry: SegmentEntry, manifest: Manifest, target: Path, state_dir: Path) -> SegmentEntry:
    """Take a source's segment over from a build, as it is by now.

    Where changes have been taken in since (index/sync.py) they are written into a segment of its own: what came in is
    not lost, and what is gone from the source is in no file.

    Args:
        old: the segment in that build, as it was written.
        entry: of the source in that build's manifest.
        manifest: of that build.
        target: where the segment goes in the build being made.
        state_dir: where the layers are.

    Returns:
        The entry as it is now.

    Raises:
        OSError, BuildError: the disk did not take it.
        IndexUnavailable: what was taken in since cannot be read.
    """
    place = layer_file.in_force(state_dir, manifest.build)
    if place is None:
        files.carry_file(old, target)
        return entry
    order = [each.source for each in manifest.segments_with_data].index(entry.source)
    with closing(Layer(place)) as layer, Segment(old) as built:
        mark = layer.marks().get(entry.source, entry.watermark)
        segment = LayeredSegment(built, order, layer)
        if not (layer.gone(order) or layer.holds(order)):
            files.carry_file(old, target)
            return dataclasses.replace(entry, watermark=mark)
        said = last_sync(state_dir, manifest.build).source(entry.source)
        upto = said.as_at if said else ""
        # Read anew is not as new: a source that says when it was taken is as old as it says, whenever it was asked.
        as_at, read_at = max(entry.as_at, upto), max(entry.read_at, upto)
        info = _written(segment, target, entry, as_at, read_at)
    return dataclasses.replace(
        entry, records=info.records, rejects=info.rejects, read_at=read_at, as_at=as_at, watermark=mark
    )


def _written(segment: LayeredSegment, target: Path, entry: SegmentEntry, as_at: str, read_at: str) -> SegmentInfo:
    """Write what is held of a source by now into a new segment."""
    writer = SegmentWriter(target, entry.source, entry.adapter_version)
    for _, record in segment.records():
        writer.add(record)
    for reject in segment.rejects():
        writer.reject(reject)
    return writer.close(as_at, read_at)
