"""Taking in what changed at the sources since the build read them, without a rebuild (`discoverer sync`).

Every source that can tell is asked what changed since it was asked last; what did is put into a new layer over the live
build, and the layer put in force. A source that cannot be asked leaves the others as they are. Where a source has been
taken in up to is written down only once what it gave is in force, so that nothing is ever passed over: at worst it is
read twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from adapters.base import Adapter, TracksChanges
from discoverer.clock import iso, now
from discoverer.errors import BuildError, IndexUnavailable, SourceError, SourceUnavailable
from discoverer.labelling import labelling_of
from discoverer.model import Record, Reject
from discoverer.settings import EXACT, Settings
from index import files, layer_file, versions
from index.ahead import Ahead
from index.asking import changed_rows, stands_at
from index.attaching import Attaching
from index.bounds import read_bounds
from index.carrying import withholds
from index.cleaning import Known
from index.decisions import Decisions
from index.layer_writing import LayerWriter, says_the_same
from index.layered import Layer, laid_over
from index.linking_model import Model, load
from index.lock import sync_lock
from index.reader import Index
from index.settling import read_rulings
from index.sync_state import SourceSync, Synced, last_sync, write_sync

# A layer that was written whole and cannot be read so: no room would mend it.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Syncer:
    """Takes changes in, again and again; the build stays open from one time to the next."""

    def __init__(self, settings: Settings, adapters: Sequence[Adapter]) -> None:
        """Take the settings and a source's adapter each; nothing is opened yet."""
        self._settings, self._adapters = settings, adapters
        self._state = settings.state_dir
        self._base: Index | None = None
        self._known: Known | None = None

    def __enter__(self) -> Syncer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the build."""
        if self._base is not None:
            self._base.close()
        self._base, self._known = None, None

    def once(self) -> Synced:
        """Ask every source what changed, and put that in force over the live build.

        Returns:
            How far each source has been taken in.

        Raises:
            BuildLocked: another process is at it.
            IndexUnavailable: there is no build to lay anything over.
            ConfigError: its engine or its linking weights are not there.
            BuildError: the disk did not take it; what was in force stays so.
        """
        build = versions.current(self._state)
        with _writing(self._state, build), sync_lock(self._state):
            if self._base is None or self._base.manifest.build != versions.current(self._state):
                self.close()
                self._base = versions.open_current(self._state, Index)
            return self._take_in(self._base)

    @contextmanager
    def caught_up(self, folder: Path) -> Iterator[Synced]:
        """Take into a finished build what changed while it was made, and let nobody else take anything in meanwhile.

        Args:
            folder: of the build, about to be published; where it is, the block publishes it.

        Raises:
            as `once`.
        """
        manifest = versions.open_verified(folder)
        with ExitStack() as opened:
            with _writing(self._state, manifest.build):
                opened.enter_context(sync_lock(self._state, patient=True))
            if any(entry.watermark for entry in manifest.segments):
                base = opened.enter_context(closing(Index(folder, manifest)))
                yield self._take_in(base, Ahead(self._state, manifest))
            else:  # no source of it can be asked
                yield Synced(manifest.build)

    def _take_in(self, base: Index, ahead: Ahead | None = None) -> Synced:
        """Ask every source, and put what changed in force over a build. The caller holds the lock."""
        build = base.manifest.build
        with _writing(self._state, build):
            files.make_directory(layer_file.layers_of(self._state))
            with _Round(self._settings, base, self._known, ahead) as held:
                found = held.ask(self._adapters)
                self._known = held.known if base is self._base else self._known
                return found


@contextmanager
def _writing(state: Path, build: str) -> Iterator[None]:
    """Turn what the disk did not take into one sentence, which says what is in force then.

    Raises:
        BuildError: it did not take it.
    """
    before = layer_file.name_in_force(state, build)
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise BuildError(
                f"What changed was not taken in: the layer over build {build} is damaged ({error}); run 'discoverer"
                " build', which needs no layer."
            ) from error
        now = layer_file.name_in_force(state, build)
        raise BuildError(
            f"What changed was not taken in: the layer over build {build} could not be written ({error}); what was in"
            " force stays so. Free some room or mend its permissions."
            if now == before
            else f"What changed is in force, as layer {now} over build {build}, but what goes with it could not be"
            f" written ({error}): free some room or mend its permissions. It is put right when it is asked again."
        ) from error


class _Round:
    """One time of asking. The caller holds the lock."""

    def __init__(self, settings: Settings, base: Index, known: Known | None, ahead: Ahead | None) -> None:
        self._ahead = ahead
        self._settings, self._base, self._state = settings, base, settings.state_dir
        self._build = base.manifest.build
        self._before = layer_file.in_force(self._state, self._build)
        self._index = laid_over(base, self._before) if self._before else base
        self._writer: LayerWriter | None = None
        self._orders = {entry.source: order for order, entry in enumerate(base.manifest.segments_with_data)}
        self._said = last_sync(self._state, self._build)
        self._taken: set[tuple[int, str]] = set()
        self._bounds, self._labelling = read_bounds(settings.bounds), labelling_of(settings)
        self.known = known

    def __enter__(self) -> _Round:
        return self

    def __exit__(self, *_: object) -> None:
        if self._index is not self._base:
            self._index.close()
        if self._writer is not None:
            self._writer.abandon()

    def ask(self, adapters: Sequence[Adapter]) -> Synced:
        """Ask every source and put in force what changed."""
        marks = self._marks()
        sources = tuple(self._ask(adapter, marks) for adapter in adapters)
        layer = self._before.name if self._before else ""
        if self._writer is not None:
            layer = self._put_in_force(self._writer, {each.source: each.watermark for each in sources})
            self._writer = None
        found = Synced(self._build, layer, sources)
        write_sync(self._state, found)
        return found

    def _marks(self) -> dict[str, str]:
        """Return up to where each source has been taken in: by the build, by the layer, or since, with no change."""
        marks = {entry.source: entry.watermark for entry in self._base.manifest.segments}
        if self._before:
            with closing(Layer(self._before)) as layer:
                marks.update(layer.marks())
        if self._said.layer == (self._before.name if self._before else ""):
            marks.update({each.source: each.watermark for each in self._said.sources if each.watermark})
        return marks

    def _ask(self, adapter: Adapter, marks: dict[str, str]) -> SourceSync:
        """Ask one source what changed and take it in."""
        before = self._said.source(adapter.name) or SourceSync(adapter.name, tells=False)
        since = marks.get(adapter.name, "")
        entry = self._base.manifest.segment(adapter.name)
        if entry is None or not entry.file:
            return SourceSync(adapter.name, tells=False, reason="the build holds nothing of it; build again.")
        if not isinstance(adapter, TracksChanges) or not since:
            return SourceSync(adapter.name, tells=False)
        before = replace(before, tells=True, deletions=adapter.tells_deletions)
        began, taken, reason, mark, as_at = iso(now()), before.taken, "", since, ""
        order, gone = self._orders[adapter.name], dict[str, None]()
        try:
            if entry.adapter_version != adapter.version:
                raise SourceUnavailable(adapter.name, "its mapping has changed since the build; build again.")
            if self._labelling.said_of(adapter.name) != entry.rules:
                raise SourceUnavailable(adapter.name, "the access rules have changed since the build; build again.")
            mark, as_at = stands_at(adapter)
            for ref, there, rejects in changed_rows(adapter, since, self._labelling):
                gone.pop(ref, None)
                if there or rejects:
                    taken += self._take(order, ref, there, rejects)
                else:
                    gone[ref] = None
        except SourceError as error:
            reason = error.message
        too_many = self._too_many(order, gone)
        taken += 0 if too_many else sum(self._take(order, ref, (), ()) for ref in gone)
        reason = reason or too_many
        if not reason:
            return replace(before, asked_at=began, as_at=as_at or began, watermark=mark, taken=taken, reason="")
        return self._taken_over(adapter, replace(before, watermark=since, taken=taken, reason=reason))

    def _too_many(self, order: int, gone: Collection[str]) -> str:
        """Say that more is gone from a source at once than the audit of a build would let go; '' when it is not so.

        A table that is emptied to be filled anew must not take away the history of everybody in it within seconds.
        """
        segment = self._index.segments[order]
        bound = self._bounds.lost
        if not bound.is_passed(len(gone), segment.count):
            return ""
        lost = sum(segment.number_of(ref) is not None for ref in gone)
        if not bound.is_passed(lost, segment.count):
            return ""
        return (
            f"{segment.info.source}: {lost:,} of its {segment.count:,} records are gone at once, where at most"
            f" {bound.share:.1%} may go: they are searched until a build without them is published; look whether it was"
            " emptied by mistake."
        )

    def _taken_over(self, adapter: Adapter, sync: SourceSync) -> SourceSync:
        """Take over from the live build what it knows of a source that cannot be asked, but for what it told itself.

        What was allowed when it came in there and is suppressed by now is taken for gone.
        """
        ahead = self._ahead.of(sync.source) if self._ahead else None
        if ahead is None or self._ahead is None:
            return sync
        order, taken = self._orders[sync.source], sync.taken
        try:
            changes = [each for each in self._ahead.changes(sync.source) if (order, each[0]) not in self._taken]
        except IndexUnavailable as error:
            return replace(sync, reason=f"{sync.reason} What the build before knew of it is lost: {error.message}")
        for ref, record in changes:
            known = None if record is None or withholds(adapter, record) else self._labelling.closed(record)
            taken += self._changed(order, ref, known)
        return replace(sync, asked_at=ahead.asked_at, as_at=ahead.as_at, watermark=ahead.watermark, taken=taken)

    def _take(self, order: int, ref: str, there: Sequence[Record], rejects: Sequence[Reject]) -> int:
        """Take in what a row is now; return how many records that changed."""
        for reject in rejects:
            segment = self._index.segments[order]
            if not segment.has_reject(reject):
                self._writing().reject(order, reject)
        now_there: dict[str, Record | None] = {ref: None, **{record.ref: record for record in there}}
        self._taken.update((order, each) for each in now_there)
        return sum(self._changed(order, each, record) for each, record in now_there.items())

    def _changed(self, order: int, ref: str, record: Record | None) -> bool:
        """Take in one record, if it says anything new."""
        if self._writer is None:
            segment = self._index.segments[order]
            n = segment.number_of(ref)
            held = segment.get([n])[n] if n is not None else None
            if says_the_same(held, record):
                return False
        return self._writing().take(order, ref, record)

    def _writing(self) -> LayerWriter:
        """Return what writes the next layer, begun when first wanted."""
        if self._writer is None:
            part = layer_file.begin(self._state, self._build)
            self._writer = LayerWriter(self._base, part, self._settings.instant.date(), self.known)
            self.known = self._writer.known
        return self._writer

    def _put_in_force(self, writer: LayerWriter, marks: dict[str, str]) -> str:
        """Attach the newcomers, finish the layer and let readers find it; return its name."""
        if writer.newcomers:
            rulings = read_rulings(Decisions(self._settings.decisions_file), self._decisions_known())
            crowded = self._base.people.crowded()
            attaching = Attaching(self._index, self._model(), rulings, crowded, writer.is_gone)
            writer.attach(attaching.attach(writer.newcomers))
        writer.finish({source: mark for source, mark in marks.items() if mark})
        return layer_file.publish(self._state, self._build, writer.part).name

    def _decisions_known(self) -> int:
        """Return the last of people's decisions that the build knew of."""
        return self._base.manifest.counts.get("decisions_version", 0)

    def _model(self) -> Model | None:
        """Return the weights that the build linked people by; None: the exact rules alone."""
        version = self._base.manifest.linking
        return None if version in ("", EXACT) else load(version, self._settings.trained_dir)
