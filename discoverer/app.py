"""The composition root: settings in, the few methods that command line, page and API share out.

Whatever shows what a record says (search, search_fields, lookup, rejects) takes a viewer, reads only through that
viewer's scope, and records the look before it returns. status and sources tell of builds and never of a person, and
rollback writes who asked for it into the history of builds; build is the nightly job's and shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from adapters.registry import load_adapters
from discoverer.access import Viewer, scope_of
from discoverer.answer import Answer, Hit, SourceStatus, State, Truncated
from discoverer.audit import record_look
from discoverer.clock import age_in_words, iso, seconds
from discoverer.errors import DiscovererError, IndexUnavailable, NotFound, SourceUnavailable
from discoverer.gathered import Gathered
from discoverer.hits import hit_of
from discoverer.match.weights import Weights, load
from discoverer.model import Reject, Visibility
from discoverer.query import Query, read_box, read_fields
from discoverer.search import Results, search
from discoverer.settings import Settings
from discoverer.wording import minute
from index import attempts, refused, versions
from index.attempts import Attempt, Event
from index.build import build
from index.live import LiveIndex
from index.manifest import Manifest, SegmentEntry, SourceState, read_manifest
from index.progress import Progress
from index.reader import Index, Reader, Scope

DEFAULT_LIMIT = 10
MOST_HITS = 100


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the service.

    Attributes:
        manifest: the live build's, None when there is none.
        problem: str, why there is none or why it is not the newest; '' when all is well.
        weights: str, version of the match weights in force.
        attempt: the last attempt to build, None when there was none.
        sources: every source configured, with its state.
    """

    manifest: Manifest | None
    problem: str
    weights: str
    attempt: Attempt | None
    sources: tuple[SourceStatus, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A search made in order to measure it.

    Attributes:
        answer: as shown to whoever asks, or why the query was refused.
        gathered: bool, whether retrieval brought any wanted record to be compared, wherever it ranked.
        seconds: float > 0, from reading the query to the look on the disk.
    """

    answer: Answer | DiscovererError
    gathered: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class MappedSource:
    """A source configured, and the mapping it is read by.

    Attributes:
        status: what it contributes to the live build.
        version: str, of its mapping.
    """

    status: SourceStatus
    version: str


class App:
    """One Discoverer, set up; safe to use from several threads."""

    def __init__(self, settings: Settings, weights: Weights | None = None) -> None:
        """Take the settings; nothing is opened until it is asked for.

        Args:
            settings: checked.
            weights: None: the set in force.
        """
        self.settings = settings
        self.weights = weights or load()
        self._live = LiveIndex(settings.state_dir)

    def __enter__(self) -> App:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files of the build that is open; whoever asks again opens it again."""
        self._live.close()

    def build(self, progress: Progress) -> Manifest:
        """Read every source into a new build and publish it.

        Raises:
            ConfigError: the mappings have mistakes.
            BuildError: it could not be finished; the live build goes on serving.
        """
        return build(self.settings, load_adapters(self.settings), progress)

    def rollback(self, viewer: Viewer) -> Manifest:
        """Make the build before the live one the live one; when no live one can be told, the newest sound one.

        Returns:
            The manifest of the build now live.

        Raises:
            BuildError: a builder is at work, or the disk did not take it.
            IndexUnavailable: there is no build to go back to.
        """
        state = self.settings.state_dir
        build_id = versions.rollback(state, f"asked for by {viewer.name}")
        return read_manifest(versions.builds_of(state) / build_id)

    def search(self, viewer: Viewer, text: str, limit: int = DEFAULT_LIMIT) -> Answer:
        """Search by one box.

        Raises:
            UsageError: it cannot be read.
            IndexUnavailable: there is nothing to search.
            LookNotRecorded: the look could not be recorded, so there is no answer.
        """
        return self._answer(viewer, read_box(text, self._now().date()), limit, "search")

    def search_fields(self, viewer: Viewer, limit: int = DEFAULT_LIMIT, **fields: str) -> Answer:
        """Search by named options: name, dob, address, phone, ident. Raises as `search`."""
        return self._answer(viewer, read_fields(self._now().date(), **fields), limit, "search")

    def lookup(
        self, viewer: Viewer, queries: Iterable[Callable[[datetime], Query]], limit: int = DEFAULT_LIMIT
    ) -> Iterator[Answer | DiscovererError]:
        """Search many times; a query that fails yields its error and the rest go on.

        Args:
            viewer: who asks.
            queries: each reads its query, given the instant that counts as now; it may raise UsageError.
            limit: int 1 to MOST_HITS, hits for each.

        Raises:
            IndexUnavailable, LookNotRecorded: nothing can be answered any more.
        """
        for read in queries:
            try:
                query = read(self._now())
            except DiscovererError as error:
                yield error
                continue
            yield self._answer(viewer, query, limit, "lookup")

    def trial(self, viewer: Viewer, read: Callable[[datetime], Query], wanted: Iterable[tuple[str, str]]) -> Trial:
        """Search as `lookup` does, and say besides how long it took and whether retrieval gathered a wanted record.

        Args:
            viewer: who asks; the look is recorded like any.
            read: reads the query, as for `lookup`.
            wanted: (source, ref) of records.

        Raises:
            IndexUnavailable, LookNotRecorded: nothing can be answered any more.
        """
        gathered = Gathered()
        began = seconds()
        try:
            query = read(self._now())
        except DiscovererError as error:
            return Trial(error, False, seconds() - began)
        answer = self._answer(viewer, query, DEFAULT_LIMIT, "evaluate", gathered.reader)
        took = seconds() - began
        sought = frozenset(wanted)
        shown = any((record.source, record.ref) in sought for hit in answer.hits for record in hit.records)
        with self._live.reading() as index:
            return Trial(answer, shown or gathered.holds(Reader(index, scope_of(viewer)), sought), took)

    @contextmanager
    def everything(self) -> Iterator[tuple[Reader, str]]:
        """Lend a reader of all labels and the version people were linked by, to measure linking; no viewer is given it.

        Raises:
            IndexUnavailable: there is nothing to read.
        """
        with self._live.reading() as index:
            yield Reader(index, Scope(frozenset(Visibility))), index.manifest.linking

    def unheld(self, viewer: Viewer, wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return those of (source, ref) that name no record this viewer may read, in the order given.

        Raises:
            IndexUnavailable: there is nothing to read.
        """
        with self._live.reading() as index:
            reader = Reader(index, scope_of(viewer))
            return [each for each in dict.fromkeys(wanted) if reader.place_of(*each) is None]

    def rejects(self, viewer: Viewer, source: str, limit: int) -> list[Reject]:
        """Return the first rows of a source that could not become records: of its last reading, believed or not.

        Raises:
            NotFound: no such source.
            IndexUnavailable: there is nothing to read.
            SourceUnavailable: the live build holds nothing of it, which is not the same as no reject.
        """
        self._known(source)
        refused_rows = refused.read(self.settings.state_dir, source, limit)
        if refused_rows is not None:
            record_look(self.settings.audit_dir, viewer, "rejects", source, (), "")
            return refused_rows
        with self._live.reading() as index:
            entry = index.manifest.segment(source)
            for segment in index.segments.values():
                if segment.info.source == source:
                    record_look(self.settings.audit_dir, viewer, "rejects", source, (), index.manifest.build)
                    return segment.rejects(limit)
        reason = entry.reason.removeprefix(f"{source}: ") if entry else "run 'discoverer build'."
        raise SourceUnavailable(source, f"the live build holds nothing of it, so no rejects either: {reason}")

    def status(self, viewer: Viewer) -> Status:
        """Say what is live, how the last build went, and the state of every source."""
        del viewer
        attempt = attempts.last(self.settings.state_dir)
        try:
            with self._live.reading() as index:
                manifest, trouble = index.manifest, self._live.trouble
        except IndexUnavailable as error:
            nothing = tuple(_missing(name) for name in self.settings.sources)
            return Status(None, error.message, self.weights.version, attempt, nothing)
        problem = trouble or _rolled_back(self.settings.state_dir, manifest.build)
        return Status(manifest, problem, self.weights.version, attempt, self._sources(manifest))

    def sources(self, viewer: Viewer) -> tuple[MappedSource, ...]:
        """List every source configured, with its mapping and its state.

        Raises:
            ConfigError: the mappings have mistakes; all of them are said.
        """
        adapters = load_adapters(self.settings)
        states = {each.name: each for each in self.status(viewer).sources}
        return tuple(MappedSource(states[each.name], each.version) for each in adapters)

    def _known(self, source: str) -> None:
        """Refuse a source that is not configured."""
        if source not in self.settings.sources:
            raise NotFound(f"There is no source '{source}'; the sources are {', '.join(self.settings.sources)}.")

    def _now(self) -> datetime:
        """Return the instant that counts as now."""
        return self.settings.instant

    def _answer(
        self,
        viewer: Viewer,
        query: Query,
        limit: int,
        action: str,
        reading: Callable[[Index, Scope], Reader] = Reader,
    ) -> Answer:
        """Search through one kind of reader, read the hits, record the look, and only then return."""
        limit = max(1, min(limit, MOST_HITS))
        now = self._now()
        with self._live.reading() as index:
            manifest = index.manifest
            reader = reading(index, scope_of(viewer))
            results = search(reader, query, self.weights, limit)
            hits = tuple(hit_of(reader, found, now) for found in results.found[:limit])
        sources = self._sources(manifest)
        answer = Answer(
            query=query.raw,
            read_as=query.read_as,
            hits=hits,
            truncated=_truncated(query, results, hits),
            build=manifest.build,
            as_at=iso(now),
            sources=sources,
            message="" if hits else _no_trace(sources),
        )
        record_look(self.settings.audit_dir, viewer, action, query.raw, hits, manifest.build)
        return answer

    def _sources(self, manifest: Manifest) -> tuple[SourceStatus, ...]:
        """Return the state of every source configured."""
        found = []
        for name in self.settings.sources:
            entry = manifest.segment(name)
            found.append(_source_status(entry, self._now()) if entry else _missing(name))
        left = [entry for entry in manifest.segments if entry.source not in self.settings.sources]
        found += [_source_status(entry, self._now()) for entry in left]
        late = _since_failed(attempts.last(self.settings.state_dir), manifest)
        return tuple(replace(each, words=each.words + late) for each in found)


def _rolled_back(state_dir: Path, live: str) -> str:
    """Say that the live build is one gone back to; '' when it is the last one built."""
    moved = [each for each in attempts.history(state_dir) if each.event in (Event.PUBLISHED, Event.ROLLED_BACK)]
    if not moved or moved[-1].event is not Event.ROLLED_BACK or moved[-1].build != live:
        return ""
    return f"It was gone back to at {minute(moved[-1].at)}, {moved[-1].reason}; the next build takes its place."


def _source_status(entry: SegmentEntry, now: datetime) -> SourceStatus:
    """Say what one source of a build contributes."""
    as_at = entry.as_at or entry.read_at
    if entry.state is SourceState.FAILED:
        return SourceStatus(entry.source, State.FAILED, "", 0, f"FAILED, not searched: {entry.reason}")
    if entry.as_at:
        age = f"as at {minute(as_at)} ({age_in_words(as_at, now)} old)"
    else:
        age = f"read {minute(as_at)}, it does not say when it was taken"
    if entry.state is SourceState.STALE:
        words = f"STALE since {minute(entry.read_at)}, {age}: {entry.reason}"
        return SourceStatus(entry.source, State.STALE, as_at, entry.records, words)
    return SourceStatus(entry.source, State.ANSWERED, as_at, entry.records, f"answered, {age}")


def _since_failed(attempt: Attempt | None, manifest: Manifest) -> str:
    """Say that a build begun after the live one failed, so that its data is older than the night meant it to be."""
    if attempt is None or attempt.build <= manifest.build:
        return ""
    if attempt.outcome not in (attempts.Outcome.FAILED, attempts.Outcome.INTERRUPTED):
        return ""
    return f"; the build begun {minute(attempt.started_at)} {attempt.outcome.value}, see status"


def _missing(name: str) -> SourceStatus:
    """Say that a configured source is in no build."""
    return SourceStatus(
        name, State.FAILED, "", 0, "FAILED, not searched: it is in no build yet; run 'discoverer build'"
    )


def _truncated(query: Query, results: Results, hits: tuple[Hit, ...]) -> Truncated | None:
    """Say that a cap bit, if one did."""
    about = max(results.about, len(results.found))
    if about <= len(hits):
        return None
    person = query.person
    asked = {
        "a name": bool(person.names),
        "a date of birth": bool(person.births),
        "an area": bool(person.areas or query.addresses),
        "a telephone number": bool(query.phones),
    }
    wanted = [what for what, given in asked.items() if not given]
    words = f"about {about:,} fit; showing {len(hits)}."
    words += f" Add {' or '.join(wanted)}." if wanted else ""
    return Truncated(len(hits), about, words)


def _no_trace(sources: tuple[SourceStatus, ...]) -> str:
    """Word an empty answer: never 'no history'."""
    listed = "; ".join(f"{each.name}: {each.words}" for each in sources)
    return f"No trace in the sources searched. {listed}."
