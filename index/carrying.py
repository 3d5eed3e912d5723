"""A source that cannot be read now: what was read of it before, and taken in since, goes into the next build."""

from __future__ import annotations

import dataclasses
from collections import Counter
from contextlib import closing
from pathlib import Path

from adapters.base import Adapter, Withholding
from discoverer.labelling import Labelling
from discoverer.model import Record, Reject
from index import files, filled, layer_file
from index.layered import Layer, LayeredSegment
from index.manifest import Manifest, SegmentEntry
from index.store import Segment, SegmentWriter
from index.sync_state import last_sync


@dataclasses.dataclass(frozen=True, slots=True)
class InForce:
    """What holds by now for records that were read before.

    Attributes:
        labelling: the rules: where others gave the records their labels, these close them besides.
        adapter: the source's, which may withhold by now what it gave then.
    """

    labelling: Labelling
    adapter: Adapter

    def leaves(self, entry: SegmentEntry) -> bool:
        """Tell whether a segment may be taken over as it is: made by the same list, and closed by the same rules."""
        if isinstance(self.adapter, Withholding) and self.adapter.version != entry.adapter_version:
            return False
        if self.labelling.asks_for_people:  # who is listed by now was perhaps not, when these were closed
            return False
        return not self.labelling.missing_from(entry.source, entry.rules)

    def withholds(self, kept: Record | Reject) -> bool:
        """Tell whether something must not be taken over."""
        return withholds(self.adapter, kept)


def withholds(adapter: Adapter, kept: Record | Reject) -> bool:
    """Tell whether an adapter gives nothing any more of what it gave before, since it is suppressed."""
    return isinstance(adapter, Withholding) and adapter.withholds_kept(kept)


def carry(
    old: Path,
    entry: SegmentEntry,
    manifest: Manifest,
    target: Path,
    state_dir: Path,
    by_now: InForce,
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
        by_now: what holds for its records in this build.

    Returns:
        The entry as it is now.

    Raises:
        OSError, BuildError: the disk did not take it.
        IndexUnavailable: what was taken in since cannot be read.
    """
    place = layer_file.in_force(state_dir, manifest.build)
    if place is None:
        return as_built(old, entry, target, by_now)
    order = [each.source for each in manifest.segments_with_data].index(entry.source)
    with closing(Layer(place)) as layer, Segment(old) as built:
        mark = layer.marks().get(entry.source, entry.watermark)
        segment = LayeredSegment(built, order, layer)
        if not (layer.gone(order) or layer.holds(order)):
            return dataclasses.replace(as_built(old, entry, target, by_now), watermark=mark)
        said = last_sync(state_dir, manifest.build).source(entry.source)
        upto = said.as_at if said else ""
        # Read anew is not as new: a source that says when it was taken is as old as it says, whenever it was asked.
        as_at, read_at = max(entry.as_at, upto), max(entry.read_at, upto)
        entry = dataclasses.replace(entry, read_at=read_at, as_at=as_at, watermark=mark)
        return _written(segment, target, entry, by_now)


def as_built(old: Path, entry: SegmentEntry, target: Path, by_now: InForce) -> SegmentEntry:
    """Take a source's segment over from a build as it was built, but for what holds for its records by now.

    Raises:
        OSError, BuildError: the disk did not take it.
        IndexUnavailable: it cannot be read.
    """
    if by_now.leaves(entry):
        files.carry_file(old, target)
        return entry
    with Segment(old) as built:
        return _written(built, target, entry, by_now)


def _written(segment: LayeredSegment | Segment, target: Path, entry: SegmentEntry, by_now: InForce) -> SegmentEntry:
    """Write what is held of a source by now into a new segment, and return its entry.

    What is withheld is in no count of it either, nor in those of the reading that it once was in.
    """
    withheld, said = 0, Counter[str]()
    writer = SegmentWriter(target, entry.source, entry.adapter_version)
    for _, record in segment.records():
        if by_now.withholds(record):
            withheld += 1
            continue
        writer.add(by_now.labelling.closed(record))
        filled.count(record, said)
    for reject in segment.rejects():
        if by_now.withholds(reject):
            withheld += 1
        else:
            writer.reject(reject)
    info = writer.close(entry.as_at, entry.read_at)
    rules = tuple(sorted({*entry.rules, *by_now.labelling.said_of(entry.source)}))
    if withheld:
        entry = dataclasses.replace(entry, rows=max(0, entry.rows - withheld), filled=dict(said))
    return dataclasses.replace(entry, records=info.records, rejects=info.rejects, rules=rules)
