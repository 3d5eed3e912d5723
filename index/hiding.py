"""Tombstones laid over a build by hand: for a record that is forgotten, and before a build is gone back to."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path

from discoverer.codec import decoder
from discoverer.errors import BuildError, IndexUnavailable
from discoverer.model import Record, Visibility
from index import layer_file, versions
from index.layer_writing import LayerWriter
from index.layered import laid_over
from index.lock import sync_lock
from index.manifest import Manifest
from index.reader import Index, Reader, Scope
from index.store import open_for_reading

_record = decoder(Record)
Ref = tuple[str, str]
"""A source, and the reference of a record there."""


def hide(state_dir: Path, folder: Path, manifest: Manifest, refs: Collection[Ref], on: date) -> int:
    """Take records out of what is found over a build, in a new layer; those it does not hold are passed over.

    Args:
        state_dir: where the layers are.
        folder: of the build, held against its manifest.
        manifest: of the build.
        refs: which.
        on: the day that counts as today.

    Returns:
        How many it held.

    Raises:
        IndexUnavailable: the build or the layer over it cannot be read.
        BuildError: the disk did not take it; what was in force stays so.
    """
    if not refs:
        return 0
    try:
        with sync_lock(state_dir, patient=True), closing(Index(folder, manifest)) as base:
            return _hidden(state_dir, base, refs, on)
    except (sqlite3.Error, OSError) as error:
        raise BuildError(
            f"Nothing was hidden: the layer over build {manifest.build} could not be written ({error}); free some room"
            " or mend its permissions."
        ) from error


def _hidden(state_dir: Path, base: Index, refs: Collection[Ref], on: date) -> int:
    """Write the layer and put it in force. The caller holds the lock of syncing."""
    build = base.manifest.build
    orders = {entry.source: order for order, entry in enumerate(base.manifest.segments_with_data)}
    writer = LayerWriter(base, layer_file.begin(state_dir, build), on)
    try:
        found = sum(writer.take(orders[source], ref, None) for source, ref in sorted(refs) if source in orders)
        if not found:
            writer.abandon()
            return 0
        writer.finish({})
    except BaseException:
        writer.abandon()
        raise
    layer_file.publish(state_dir, build, writer.part)
    return found


def again(state_dir: Path, on: date, within: versions.Within = versions.at_once) -> versions.Within:
    """Return what a build is gone back to within: what is hidden over the live one is hidden over it first.

    Args:
        state_dir: where the builds are.
        on: the day that counts as today.
        within: what the pointer is moved within besides.
    """

    @contextmanager
    def hidden(folder: Path) -> Iterator[None]:
        hide_again(state_dir, folder, versions.open_verified(folder), on)
        with within(folder):
            yield

    return hidden


def hide_again(state_dir: Path, folder: Path, manifest: Manifest, on: date) -> int:
    """Hide over a build that is about to be gone back to whatever was hidden over the live one, or closed there.

    What was only closed is taken out too: the next sync takes it in as it is now.

    Args:
        state_dir: where the builds are; the caller holds the lock of building.
        folder: of the build gone back to.
        manifest: of it.
        on: the day that counts as today.

    Returns:
        How many records that hides.

    Raises:
        as `hide`.
    """
    try:
        live = versions.open_verified(versions.builds_of(state_dir) / versions.current(state_dir))
    except IndexUnavailable:  # nothing that can be read is left of it, which is why it is gone back from
        return 0
    try:
        hidden = dict(_hidden_over(state_dir, live))
    except (sqlite3.Error, IndexUnavailable) as error:
        raise BuildError(
            f"What is hidden over build {live.build} cannot be read ({error}), and going back could show what was"
            " deleted; run 'discoverer build', which needs no layer."
        ) from error
    if not hidden:
        return 0
    closed = _closed_in(state_dir, folder, manifest, [ref for ref, gone in hidden.items() if not gone])
    return hide(state_dir, folder, manifest, hidden.keys() - closed, on)


def _closed_in(state_dir: Path, folder: Path, manifest: Manifest, refs: Collection[Ref]) -> set[Ref]:
    """Return which of some records a build has not open either, as it is by now: they may stay."""
    found = set()
    place = layer_file.in_force(state_dir, manifest.build)
    with ExitStack() as opened:
        index = opened.enter_context(closing(Index(folder, manifest)))
        if place:
            index = opened.enter_context(closing(laid_over(index, place)))
        reader = Reader(index, Scope(frozenset(Visibility)))
        for ref in refs:
            where = reader.place_of(*ref)
            record = reader.records([where])[where] if where else None
            if record is not None and record.words_visibility is not Visibility.OPEN:
                found.add(ref)
    return found


def _hidden_over(state_dir: Path, live: Manifest) -> Iterator[tuple[Ref, bool]]:
    """Yield what the layer over a build hides of it, each with whether it is gone, or only not open any more."""
    place = layer_file.in_force(state_dir, live.build)
    if place is None:
        return
    layer_file.verify(place)
    with closing(sqlite3.connect(f"{place.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as layer:
        for order, entry in enumerate(live.segments_with_data):
            segment = open_for_reading(versions.builds_of(state_dir) / live.build / entry.file)
            now = dict(layer.execute("SELECT ref, body FROM record WHERE segment = ?", (order,)))
            for (n,) in layer.execute("SELECT n FROM gone_record WHERE segment = ?", (order,)):
                rows = segment.conn.execute("SELECT ref FROM record WHERE n = ?", (n,)).fetchall()
                for (ref,) in rows:
                    if ref not in now or _closed(now[ref]):
                        text = ref if isinstance(ref, str) else ref.decode("utf-8", "surrogatepass")
                        yield (entry.source, text), ref not in now
            segment.close()


def _closed(body: bytes) -> bool:
    """Tell whether anything of a record is not open."""
    return _record(body).words_visibility is not Visibility.OPEN
