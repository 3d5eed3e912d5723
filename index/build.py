"""Building an index: beside the live one, checked, then published by moving one pointer.

lock -> clear remains -> read each source into its segment (a failed one carries its last good segment) ->
assemble -> seal and sync -> manifest -> rename into place -> open with a fresh reader -> move CURRENT -> prune.
Whatever goes wrong before CURRENT moves leaves the live build serving.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.base import Adapter
from discoverer.clock import iso, now, seconds
from discoverer.errors import BuildError, DiscovererError, IndexUnavailable, SourceError
from discoverer.settings import EXACT, Settings
from index import attempts, engines, files, versions
from index.assemble import assemble
from index.attempts import Attempt, Event, Outcome
from index.decisions import Decisions
from index.linking_model import load
from index.lock import builder_lock
from index.manifest import Manifest, SegmentEntry, SourceState, describe_files, hash_text, read_manifest, write_manifest
from index.probe import probe
from index.progress import Progress, SilentProgress
from index.reading import failed_or_carried, read_source
from index.settling import read_rulings
from index.store import Segment, writing

DISTRIBUTION = "discoverer-control-room"

Assemble = Callable[[Sequence[Segment], Path, datetime, Progress], dict[str, int]]
Probe = Callable[[Path, Manifest], None]


@dataclass(slots=True)
class StageClock:
    """A progress that passes everything on and notes how long each stage took.

    Attributes:
        inner: who watches.
        took: dict[str, float], seconds by stage; a stage met twice is added up.
    """

    inner: Progress
    took: dict[str, float] = field(default_factory=dict)
    _name: str = ""
    _since: float = 0.0

    def stage(self, name: str, total: int | None) -> None:
        """End the stage before, and begin one."""
        self.stop()
        self._name, self._since = name, seconds()
        self.inner.stage(name, total)

    def advance(self, steps: int = 1) -> None:
        """Pass a step on."""
        self.inner.advance(steps)

    def stop(self) -> None:
        """End the present stage."""
        if self._name:
            self.took[self._name] = round(self.took.get(self._name, 0.0) + seconds() - self._since, 3)
        self._name = ""


def build(
    settings: Settings,
    adapters: Sequence[Adapter],
    progress: Progress | None = None,
    *,
    assemble: Assemble | None = None,
    probe: Probe = probe,
) -> Manifest:
    """Read every source, index it and publish the result; the build that was live goes on serving until then.

    Args:
        settings: where, which sources, how many builds to keep.
        adapters: one per source, in the order of the settings.
        progress: told how far it is; None: nobody is.
        assemble: what turns segments into an index; None: `index.assemble`, with what people have decided by then, and
            the weights and the engine the settings name.
        probe: opens the finished build as a reader would and raises what is wrong.

    Returns:
        The manifest of the build now live.

    Raises:
        ConfigError: there are no linking weights of the version the settings name, or their engine is not installed.
        BuildLocked: another builder is at work.
        BuildError: it could not be finished; the sentence says why, and what goes on serving.
    """
    state = settings.state_dir
    assemble = assemble or _assembling(settings)  # what the settings name must be there before anything is written
    try:
        files.make_directory(settings.builds_dir)
        with builder_lock(state, "building"):
            _tidy(state)
            return _Builder(settings, adapters, progress or SilentProgress(), assemble, probe).run()
    except OSError as error:
        raise _not_published(
            state, f"{_where(error)} ({error.strerror}); free some room or mend its permissions"
        ) from error


def _assembling(settings: Settings) -> Assemble:
    """Return the assembly by the weights and engine the settings name, with what people have decided by then."""
    engine = engines.for_building(settings.engine)
    model = None if settings.linking == EXACT else load(settings.linking, settings.trained_dir)

    def _assemble(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
        rulings = read_rulings(Decisions(settings.decisions_file), _decisions_known(settings))
        return assemble(segments, out, as_at, progress, engine, rulings, model)

    return _assemble


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


def _tidy(state_dir: Path) -> None:
    """Clear what earlier builders left when they were killed, and write down that they were."""
    last = attempts.as_written(state_dir)
    unpublished = ""
    if last and last.outcome is not Outcome.PUBLISHED:
        live = _live(state_dir)
        unpublished = "" if live == last.build else last.build
        if last.outcome is Outcome.RUNNING:
            outcome = Outcome.INTERRUPTED if unpublished else Outcome.PUBLISHED
            attempts.end(state_dir, last, outcome, "the builder was stopped before it could say so", last.sources)
    versions.clear_remains(state_dir, unpublished)


def _live(state_dir: Path) -> str:
    """Return the id of the live build, '' when there is none."""
    try:
        return versions.current(state_dir)
    except IndexUnavailable:
        return ""


def _not_published(state_dir: Path, reason: str) -> BuildError:
    """Say why a build was not published, and what searches go on with."""
    live = _live(state_dir)
    serving = f"build {live} goes on serving" if live else "there is no earlier build to search"
    return BuildError(f"The new build was not published: {reason.rstrip('. ')}; {serving}.")


class _Builder:
    """One attempt to build. The caller holds the lock."""

    def __init__(
        self,
        settings: Settings,
        adapters: Sequence[Adapter],
        progress: Progress,
        assemble: Assemble,
        probe: Probe,
    ) -> None:
        self.settings = settings
        self.adapters = adapters
        self.progress = StageClock(progress)
        self.assemble = assemble
        self.probe = probe
        self.state = settings.state_dir
        self.made_at = now()
        self.as_at = settings.instant
        self.id = versions.new_id(self.state, self.made_at)
        self.folder = settings.builds_dir / f"{self.id}{files.BUILDING}"
        self.entries: list[SegmentEntry] = []

    def run(self) -> Manifest:
        """Build, publish and prune, and write down how it went."""
        attempt = attempts.begin(self.state, self.id)
        try:
            manifest = self._make()
            self._publish(manifest)
        except BaseException as error:  # written down, cleared away and passed on: nothing is swallowed
            self._failed(attempt, error)
            if isinstance(error, DiscovererError):
                raise _not_published(self.state, error.message) from error
            raise
        attempts.end(self.state, attempt, Outcome.PUBLISHED, self._prune(), self._sources())
        return manifest

    def _make(self) -> Manifest:
        """Write every file of the build beside the live one, synced, and its manifest last."""
        segments_dir = self.folder / "segments"
        self.folder.mkdir(mode=files.DIRECTORY_MODE)
        segments_dir.mkdir(mode=files.DIRECTORY_MODE)
        kept = self._kept_manifests()
        for adapter in self.adapters:
            self.progress.stage(f"reading {adapter.name}", None)
            self.entries.append(self._read(adapter, kept))
        self._refuse_if_all_failed()
        counts = self._assemble()
        self.progress.stage("writing to disk", None)
        files.seal_tree(self.folder)
        return self._write_manifest(counts)

    def _kept_manifests(self) -> list[Manifest]:
        """Return the manifests that can be trusted of the builds kept: the live one first, then the newest."""
        live = _live(self.state)
        others = [
            build_id for build_id in reversed(versions.list_builds(self.state)) if build_id not in (live, self.id)
        ]
        found = []
        for build_id in [live, *others] if live else others:
            try:
                found.append(read_manifest(versions.builds_of(self.state) / build_id))
            except IndexUnavailable:
                continue
        return found

    def _read(self, adapter: Adapter, kept: list[Manifest]) -> SegmentEntry:
        """Read one source, or carry what was read of it before."""
        try:
            return read_source(adapter, self.folder, iso(self.settings.instant), self.progress)
        except SourceError as error:
            return failed_or_carried(adapter, error.message, self.folder, self.settings.builds_dir, kept)

    def _refuse_if_all_failed(self) -> None:
        """Stop when nothing was read anew: that is no build."""
        if not any(entry.state is SourceState.FRESH for entry in self.entries):
            reasons = " ".join(entry.reason for entry in self.entries)
            raise BuildError(f"no source could be read: {reasons}")

    def _assemble(self) -> dict[str, int]:
        """Check the segments and make the index of them."""
        with ExitStack() as stack:
            segments = [stack.enter_context(Segment(self.folder / entry.file)) for entry in self.entries if entry.file]
            with writing(self.folder / "the index"):
                return self.assemble(segments, self.folder, self.as_at, self.progress)

    def _write_manifest(self, counts: dict[str, int]) -> Manifest:
        """Hash every file and write the manifest, sealed and synced."""
        listed = describe_files(self.folder)
        self.progress.stop()
        manifest = Manifest(
            build=self.id,
            made_at=iso(self.made_at),
            as_at=iso(self.as_at),
            settings_hash=_settings_hash(self.settings),
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
        """Rename the build into place, open it as any reader would, then move the pointer to it."""
        place = self.settings.builds_dir / self.id
        files.move_directory(self.folder, place)
        self.progress.stage("checking", None)
        self.probe(place, versions.open_verified(place))
        versions.publish(self.state, manifest.build)
        self.progress.stop()

    def _prune(self) -> str:
        """Remove builds no longer kept; what cannot be removed does not undo a published build, and is said."""
        try:
            for build_id in versions.prune(self.state, self.settings.keep_builds):
                attempts.note(self.state, Event.REMOVED, build_id)
        except OSError as error:
            return f"published, but an old build could not be removed ({error}); remove it by hand"
        return ""

    def _failed(self, attempt: Attempt, error: BaseException) -> None:
        """Clear the half build away and write down why; where even that fails, the next build does it."""
        reason = error.message if isinstance(error, DiscovererError) else f"{type(error).__name__}: {error}"
        try:
            versions.clear_remains(self.state, "" if _live(self.state) == self.id else self.id)
            attempts.end(self.state, attempt, Outcome.FAILED, reason, self._sources())
        except OSError as second:
            error.add_note(f"It could not be cleared away either ({second}); the next build will do so.")

    def _sources(self) -> dict[str, str]:
        """Say what became of each source."""
        return {entry.source: entry.reason or entry.state.value for entry in self.entries}


def _settings_hash(settings: Settings) -> str:
    """Hash the settings that shape a build; where it stands does not."""
    values = settings.model_dump(mode="json", exclude={"state_dir", "sources_dir"})
    return hash_text(json.dumps(values, sort_keys=True))
