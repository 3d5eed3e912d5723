"""Building an index: beside the live one, checked, then published by moving one pointer.

lock -> clear remains -> read each source into its segment (a failed one carries its last good segment) ->
assemble -> seal and sync -> manifest -> rename into place -> open with a fresh reader -> audit -> move CURRENT ->
prune. Whatever goes wrong before CURRENT moves leaves the live build serving; so does whatever the audit finds.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from adapters.base import Adapter, Stamped
from discoverer.clock import iso, now
from discoverer.codec import encode
from discoverer.errors import BuildError, BuildHeld, DiscovererError, IndexUnavailable, SourceError, WorkerDied
from discoverer.labelling import Labelling, labelling_of
from discoverer.settings import EXACT, Settings
from index import attempts, audit_report, engines, files, layer_file, retention, versions
from index.assemble import WORK_FOLDER, assemble
from index.attempts import Attempt, Event, Outcome
from index.audit import audit, held_back, told
from index.audit_probes import Replay
from index.audit_report import Report
from index.bounds import read_bounds
from index.decisions import Decisions
from index.engine import EngineKind
from index.linking_model import Model, load
from index.lock import Hold, builder_lock
from index.manifest import (
    Manifest,
    SegmentEntry,
    SourceState,
    describe_files,
    read_entry,
    read_manifest,
    write_manifest,
)
from index.probe import probe
from index.progress import Progress, SilentProgress
from index.reading import failed_or_carried, read_source, segment_path
from index.resuming import left_behind, made_of, settings_hash
from index.settling import read_rulings
from index.stage_clock import StageClock
from index.stages import Kept, Stages
from index.store import Segment, writing
from index.sync import Syncer
from index.uncollected import uncollected
from index.versions import Within
from index.withdrawn import withdrawn
from index.workers import Crew, most_workers

DISTRIBUTION = "discoverer-control-room"

# Why a build is not finished that somebody stopped with Ctrl-C.
STOPPED = "stopped by hand; 'discoverer build' goes on from there within six hours"

Assemble = Callable[[Sequence[Segment], Path, datetime, Progress], dict[str, int]]
Probe = Callable[[Path, Manifest], None]


def build(
    settings: Settings,
    adapters: Sequence[Adapter],
    progress: Progress | None = None,
    *,
    assemble: Assemble | None = None,
    probe: Probe = probe,
    replay: Replay | None = None,
    within: Within | None = None,
    resume: bool = False,
    going_on: Callable[[str], None] | None = None,
) -> Manifest:
    """Read every source, index it and publish the result; the build that was live goes on serving until then.

    Args:
        settings: where, which sources, how many builds to keep.
        adapters: one per source, in the order of the settings.
        progress: told how far it is; None: nobody is.
        assemble: what turns segments into an index; None: `index.assemble`, with what people have decided by then, and
            the weights and the engine the settings name.
        probe: opens the finished build as a reader would and raises what is wrong.
        replay: asks the same searches of the finished build and of the live one, for the audit; None: none are asked.
        within: what the pointer is moved within, under the builder's lock, given the folder of the finished build; what
            it raises before keeps the build from being published. None: what changed at the sources meanwhile is taken
            in first, nobody takes in more until it is live, and builds that hold what is gone by then are condemned.
        resume: go on with the last build that was stopped, where nothing it rests on has changed; else begin anew.
        going_on: told, where it goes on with one, the ISO instant at which that was begun.

    Returns:
        The manifest of the build now live.

    Raises:
        ConfigError: there are no linking weights of the version the settings name, their engine is not installed, or
            the bounds of the audit or the access rules have mistakes.
        BuildLocked: another builder is at work.
        BuildHeld: it was finished and is outside its bounds; it is kept beside the live one, which goes on serving.
        BuildError: it could not be finished; the sentence says why, and what goes on serving.
    """
    state = settings.state_dir
    # What the settings name must be there before anything is written.
    engine, linking = (None, None) if assemble else (engines.for_building(settings.engine), _model(settings))
    bounds, labelling = read_bounds(settings.bounds), labelling_of(settings)
    try:
        files.make_directory(settings.builds_dir)
        with builder_lock(state, "building") as hold:
            whole = made_of(settings, importlib.metadata.version(DISTRIBUTION), adapters, linking, labelling)
            left = left_behind(settings, whole) if resume else None
            _tidy(state, left.build if left else "")
            kept = _gone_on_with(left, going_on) if left else _anew(settings, whole)
            folder = settings.builds_dir / f"{kept.build}{files.BUILDING}" / WORK_FOLDER
            with uncollected(), Crew(settings.workers or most_workers(), folder) as crew:
                clock = StageClock(progress or SilentProgress(), lambda: crew.memory, dict(kept.took))
                within = within or retention.condemning(Syncer(settings, adapters).caught_up)
                ways = _Ways(probe, partial(audit, bounds=bounds, replay=replay), within, hold, labelling)
                builder = _Builder(settings, adapters, clock, crew, kept, ways)
                return builder.run(assemble or builder.assembling(engine, linking))
    except OSError as error:
        raise _not_published(
            state, f"{_where(error)} ({error.strerror}); free some room or mend its permissions"
        ) from error


def _model(settings: Settings) -> Model | None:
    """Return the weights that people are linked by; None: the exact rules alone. Raises ConfigError."""
    return None if settings.linking == EXACT else load(settings.linking, settings.trained_dir)


def _anew(settings: Settings, whole: str) -> Kept:
    """Begin a new build."""
    made_at = now()
    return Kept(versions.new_id(settings.state_dir, made_at), whole, iso(made_at), iso(settings.instant))


def _gone_on_with(left: Kept, going_on: Callable[[str], None] | None) -> Kept:
    """Return a build that was stopped, once whoever asked is told when it was begun."""
    if going_on:
        going_on(left.made_at)
    return left


def _decisions_known(settings: Settings) -> int:
    """Return the last entry of the decisions that the live build knew of; 0 when there is no live build to be read."""
    try:
        live = read_manifest(settings.builds_dir / versions.current(settings.state_dir))
    except IndexUnavailable:
        return 0
    return live.counts.get("decisions_version", 0)


def _where(error: OSError) -> str:
    """Say which file an operating system error is about."""
    return f"{error.filename} could not be used" if error.filename else "a file could not be written"


def _tidy(state_dir: Path, spared: str) -> None:
    """Clear what killed builders left, but for a half that is to go on, and write down that they were killed."""
    last = attempts.as_written(state_dir)
    unpublished = ""
    if last and last.outcome not in (Outcome.PUBLISHED, Outcome.HELD):
        live = versions.current_or_none(state_dir)
        report = audit_report.read(state_dir, last.build)
        held = report is not None and report.held
        unpublished = "" if held or live == last.build else last.build
        if last.outcome is Outcome.RUNNING:
            outcome = Outcome.HELD if held else Outcome.INTERRUPTED if unpublished else Outcome.PUBLISHED
            stopped = "the builder was stopped before it could say so"
            attempts.end(state_dir, last, outcome, told(report.findings) if report and held else stopped, last.sources)
    versions.clear_remains(state_dir, unpublished, spared)


def _not_published(state_dir: Path, reason: str) -> BuildError:
    """Say why a build was not published, and what searches go on with."""
    return BuildError(f"The new build was not published: {reason.rstrip('. ')}; {_serving(state_dir)}.")


def _serving(state_dir: Path) -> str:
    """Say what searches go on with."""
    live = versions.current_or_none(state_dir)
    return f"build {live} goes on serving" if live else "there is no earlier build to search"


class _Ways(NamedTuple):
    """How a finished build comes to be live.

    Attributes:
        probe: opens it as a reader would.
        audit: holds it against what was read and against the live one; given its folder, manifest and that one's id.
        within: what the pointer is moved within.
        hold: the builder's lock.
        labelling: the rules that close records further than their mappings do.
    """

    probe: Probe
    audit: Callable[[Path, Manifest, str], Report]
    within: Within
    hold: Hold
    labelling: Labelling


class _Builder:
    """One attempt to build. The caller holds the lock."""

    def __init__(
        self,
        settings: Settings,
        adapters: Sequence[Adapter],
        clock: StageClock,
        crew: Crew,
        kept: Kept,
        ways: _Ways,
    ) -> None:
        self.settings = settings
        self.adapters = adapters
        self.progress = clock
        self.crew = crew
        self.ways = ways
        self.state = settings.state_dir
        self.id, self.made_at, self.as_at = kept.build, kept.made_at, datetime.fromisoformat(kept.as_at)
        self.folder = settings.builds_dir / f"{self.id}{files.BUILDING}"
        self.stages = Stages(self.folder, kept, clock)
        self.entries: list[SegmentEntry] = []

    def assembling(self, engine: EngineKind | None, linking: Model | None) -> Assemble:
        """Return the assembly that takes in what people have decided by then."""

        def _assemble(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
            rulings = read_rulings(Decisions(self.settings.decisions_file), _decisions_known(self.settings))
            return assemble(segments, out, as_at, progress, engine, rulings, linking, self.crew, self.stages)

        return _assemble

    def run(self, assemble: Assemble) -> Manifest:
        """Build, publish and prune, and write down how it went."""
        attempt = attempts.begin(self.state, self.id)
        try:
            manifest = self._make(assemble)
            self._publish(manifest)
        except BuildHeld as held:
            attempts.end(self.state, attempt, Outcome.HELD, held.message, self._sources())
            self._prune()
            raise
        except BaseException as error:  # written down, cleared away and passed on: nothing is swallowed
            self._failed(attempt, error)
            if isinstance(error, DiscovererError):
                raise _not_published(self.state, error.message) from error
            raise
        attempts.end(self.state, attempt, Outcome.PUBLISHED, self._prune(), self._sources())
        return manifest

    def _make(self, assemble: Assemble) -> Manifest:
        """Write every file of the build beside the live one, synced, and its manifest last."""
        segments_dir = self.folder / "segments"
        for folder in (self.folder, segments_dir, self.folder / WORK_FOLDER):
            if not folder.exists():
                folder.mkdir(mode=files.DIRECTORY_MODE)
        self.stages.write()
        kept = self._kept_manifests()
        for adapter in self.adapters:
            self.entries.append(self._read(adapter, kept))
        self._refuse_if_all_failed()
        counts = self._assemble(assemble)
        self.progress.stage("writing to disk", None)
        shutil.rmtree(self.folder / WORK_FOLDER)
        self.stages.end()
        files.seal_tree(self.folder)
        return self._write_manifest(counts)

    def _kept_manifests(self) -> list[Manifest]:
        """Return the manifests that can be trusted of the builds kept: the live one first, then the newest."""
        live = versions.current_or_none(self.state)
        others = [
            build_id
            for build_id in reversed(versions.list_builds(self.state))
            if build_id not in (live, self.id) and not audit_report.is_held(self.state, build_id)
        ]
        found = []
        for build_id in [live, *others] if live else others:
            try:
                found.append(read_manifest(versions.builds_of(self.state) / build_id))
            except IndexUnavailable:
                continue
        return found

    def _read(self, adapter: Adapter, kept: list[Manifest]) -> SegmentEntry:
        """Read one source, unless that was finished before, or carry what was read of it before."""
        file, stamp = self.folder / segment_path(adapter.name), _stamp(adapter)
        name = f"reading {adapter.name}, {stamp}"
        mark = self.stages.before(name, [file]) if stamp else None
        entry = read_entry(mark.said) if mark else None
        if entry is not None and entry.state is SourceState.FRESH:
            return entry
        self.stages.begin([file])
        self.progress.stage(f"reading {adapter.name}", None)
        try:
            instant, labelling = iso(self.settings.instant), self.ways.labelling
            entry = read_source(adapter, self.folder, instant, self.progress, self.crew, labelling)
        except SourceError as error:
            entry = failed_or_carried(adapter, error.message, self.folder, self.settings.builds_dir, kept, labelling)
        self.stages.finished(name, [file], {}, encode(entry).decode("utf-8"))
        return entry

    def _refuse_if_all_failed(self) -> None:
        """Stop when nothing was read anew: that is no build."""
        if not any(entry.state is SourceState.FRESH for entry in self.entries):
            reasons = " ".join(entry.reason for entry in self.entries)
            raise BuildError(f"no source could be read: {reasons}")

    def _assemble(self, assemble: Assemble) -> dict[str, int]:
        """Check the segments and make the index of them."""
        with ExitStack() as stack:
            segments = [stack.enter_context(Segment(self.folder / entry.file)) for entry in self.entries if entry.file]
            with writing(self.folder / "the index"):
                return assemble(segments, self.folder, self.as_at, self.progress)

    def _write_manifest(self, counts: dict[str, int]) -> Manifest:
        """Hash every file and write the manifest, sealed and synced."""
        listed = describe_files(self.folder)
        self.progress.stop()
        manifest = Manifest(
            build=self.id,
            made_at=self.made_at,
            as_at=iso(self.as_at),
            settings_hash=settings_hash(self.settings),
            engine=self.settings.engine,
            linking=self.settings.linking,
            code_version=importlib.metadata.version(DISTRIBUTION),
            segments=tuple(self.entries),
            counts=counts,
            files=listed,
            stages=dict(self.progress.took),
        )
        return write_manifest(self.folder, manifest)

    def _publish(self, manifest: Manifest) -> None:
        """Rename the build into place, open it as any reader would, audit it, then move the pointer to it.

        Raises:
            BuildHeld: the audit found what is outside its bounds; the build stays where it is, and is not live.
        """
        place = self.settings.builds_dir / self.id
        self.ways.hold.check()
        files.move_directory(self.folder, place)
        self.progress.stage("checking", None)
        self.ways.probe(place, versions.open_verified(place))
        self.progress.stage("auditing", None)
        report = self.ways.audit(place, manifest, versions.current_or_none(self.state))
        cost = self._cost(manifest) if report.held else ""
        audit_report.write(self.state, dataclasses.replace(report, remarks=(*report.remarks, *filter(None, [cost]))))
        if report.held:
            raise held_back(report, _serving(self.state), cost)
        with self.ways.within(place):
            self.ways.hold.check()
            versions.publish(self.state, manifest.build)
        self.progress.stop()

    def _cost(self, manifest: Manifest) -> str:
        """Say what publishing a build that is held back would take along."""
        kept, history = versions.list_builds(self.state), attempts.history(self.state)
        passed = {*withdrawn(history, kept), *(build for build in kept if audit_report.is_held(self.state, build))}
        open_to = [build for build in kept if build not in passed]
        return retention.cost(self.settings.builds_dir, open_to, versions.current_or_none(self.state), manifest)

    def _prune(self) -> str:
        """Remove builds no longer kept; what cannot be removed does not undo a published build, and is said."""
        try:
            for build_id, why in retention.drop(self.settings.builds_dir, self.id, self.settings.sources):
                attempts.note(self.state, Event.REMOVED, build_id, why)
            for build_id in versions.prune(self.state, self.settings.keep_builds, self.settings.keep_held):
                attempts.note(self.state, Event.REMOVED, build_id)
            layer_file.prune(self.state, versions.list_builds(self.state))
        except OSError as error:
            return f"published, but an old build could not be removed ({error}); remove it by hand"
        return ""

    def _failed(self, attempt: Attempt, error: BaseException) -> None:
        """Clear the half build away and write down why; where even that fails, the next build does it.

        What was stopped, by a person or with one of those who worked at it, is left to go on.
        """
        if not self.ways.hold.is_mine():  # another builder is at work: what stands there is its own
            return
        by_hand = isinstance(error, KeyboardInterrupt)
        reason = error.message if isinstance(error, DiscovererError) else f"{type(error).__name__}: {error}"
        reason = STOPPED if by_hand else reason
        outcome = Outcome.INTERRUPTED if by_hand else Outcome.FAILED
        spared = self.id if isinstance(error, KeyboardInterrupt | WorkerDied) else ""
        try:
            unpublished = "" if versions.current_or_none(self.state) == self.id else self.id
            versions.clear_remains(self.state, unpublished, spared)
            attempts.end(self.state, attempt, outcome, reason, self._sources())
        except OSError as second:
            error.add_note(f"It could not be cleared away either ({second}); the next build will do so.")

    def _sources(self) -> dict[str, str]:
        """Say what became of each source."""
        return {entry.source: entry.reason or entry.state.value for entry in self.entries}


def _stamp(adapter: Adapter) -> str:
    """Return what tells a source from itself as it was before; '' when nothing does, and it must be read again."""
    try:
        return adapter.stamp() if isinstance(adapter, Stamped) else ""
    except OSError:
        return ""
