"""What the live build knows that one about to take its place does not: of a source that cannot be asked just now.

A build reads a source when its turn comes, and syncs go on into the live one until it is published. Where the source
cannot be asked at that moment, what came in meanwhile is taken over from the live build's layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from discoverer.codec import decoder
from discoverer.errors import IndexUnavailable
from discoverer.model import Record
from index import layer_file, versions
from index.layered import Layer
from index.manifest import Manifest
from index.store import Segment
from index.sync_state import SourceSync, last_sync

_record = decoder(Record)


class Ahead:
    """The layer over the live build, where it may be ahead of another build."""

    def __init__(self, state_dir: Path, new: Manifest) -> None:
        """Look at the live build.

        Args:
            state_dir: where the builds are.
            new: manifest of the build that is to take its place.
        """
        self._state, self._new = state_dir, new
        try:
            live = versions.open_verified(versions.builds_of(state_dir) / versions.current(state_dir))
            self._layer = layer_file.in_force(state_dir, live.build) if live.build != new.build else None
        except IndexUnavailable:  # nothing that can be read of it: there is nothing to take over
            live, self._layer = new, None
        self._live = live
        self._said = last_sync(state_dir, live.build)

    def of(self, source: str) -> SourceSync | None:
        """Return how far the live build has come with a source, where that is further than the new one."""
        said = self._said.source(source)
        held = source in [each.source for each in self._live.segments_with_data]
        return said if self._layer and said and held and said.asked_at >= self._new.made_at else None

    def changes(self, source: str) -> Iterator[tuple[str, Record | None]]:
        """Yield every record of a source that the layer holds, by its reference; None: it hides one.

        Raises:
            IndexUnavailable: the layer or the build under it cannot be read.
        """
        if self._layer is None:
            return
        order = [each.source for each in self._live.segments_with_data].index(source)
        entry = self._live.segments_with_data[order]
        with closing(Layer(self._layer)) as layer:
            here = {
                record.ref: record
                for (body,) in layer.rows("SELECT body FROM record WHERE segment = ?", [order])
                for record in (_record(body),)
            }
            gone = sorted(layer.gone(order))
        yield from here.items()
        with Segment(versions.builds_of(self._state) / self._live.build / entry.file) as segment:
            for record in segment.get(gone).values():
                if record.ref not in here:
                    yield record.ref, None
