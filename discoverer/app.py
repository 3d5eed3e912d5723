"""The composition root: settings in, the few methods that command line, page and API share out.

Every method that takes a viewer is refused to those whose role may not do it, before anything is read
(discoverer/permitted.py). Whatever shows what a record says (search, search_fields, lookup, show, figures, rejects)
reads only through that viewer's scope, and records the look before it returns. reading suggests streets through that
scope, and tells of nobody; status, sources and policies tell of builds and rules and never of a person; rollback writes
who asked for it into the history of builds; build shows nothing. What else is done with builds stands in publishing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from adapters.registry import load_mappings
from discoverer import states
from discoverer.access import Viewer
from discoverer.access_rules import May
from discoverer.addressed import find, refused_evenly
from discoverer.answer import Answer, FiguresAnswer, Hit, HitKind, Shown, SourceStatus
from discoverer.answering import no_trace, truncated
from discoverer.app_types import MappedSource, Status, Trial
from discoverer.audit import record_look, set_up
from discoverer.briefing.desk import Briefings
from discoverer.briefing.opened import Opened
from discoverer.clock import iso, seconds
from discoverer.decided import Decided
from discoverer.deciding import Desk, Listed, Outcome
from discoverer.errors import ConfigError, DiscovererError, IndexUnavailable, NotFound, SourceUnavailable, UsageError
from discoverer.explaining import Explaining
from discoverer.gathered import Gathered
from discoverer.glass_desk import GlassDesk
from discoverer.history.material import SHOW, WHOLE, Depth
from discoverer.hits import hits_of, number_said
from discoverer.match.weights import Weights, load
from discoverer.model import Reject, Visibility
from discoverer.permitted import Permitted, permitted
from discoverer.policy.chosen import PolicyBook, period_notes
from discoverer.policy.figures import Figures
from discoverer.policy.rules import Policies, Policy
from discoverer.policy.times import local_day
from discoverer.publishing import Publishing
from discoverer.query import Query, read_box, read_fields
from discoverer.reread import reread
from discoverer.said import with_said
from discoverer.search import search
from discoverer.settings import Settings
from discoverer.stubs import Behind
from discoverer.suggesting import Reading, Suggesting
from index import attempts, refused, versions
from index.attempts import Attempt
from index.bounds import read_bounds
from index.decisions import Act, Verdict
from index.live import LiveIndex
from index.manifest import Manifest
from index.progress import Progress
from index.reader import Index, Reader, Scope

DEFAULT_LIMIT = 10
MOST_HITS = 100


class App:
    """One Discoverer, set up; safe to use from several threads."""

    def __init__(self, settings: Settings, weights: Weights | None = None) -> None:
        """Take the settings; nothing is opened until it is asked for, and a faulty policy only gives no badges.

        Args:
            settings: checked.
            weights: None: the set in force.

        Raises:
            ConfigError: the auditors' key that the settings name cannot be used.
        """
        set_up(settings)
        self.settings = settings
        self.weights = weights or load()
        self.permitted = Permitted(settings)
        self.glass = GlassDesk(settings, self.permitted)
        self._book = PolicyBook(settings.policy)
        self.builds = Publishing(settings, self.weights, self.permitted)
        self._live = LiveIndex(settings.state_dir)
        self._decided = Decided(settings.decisions_file)
        self._suggesting = Suggesting()
        self.explaining = Explaining(settings, self._live, self.permitted)
        self.briefings = Briefings(settings, self._opened, self._live, self.permitted)

    def __enter__(self) -> App:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files of the build that is open; whoever asks again opens it again."""
        self._live.close()

    def build(
        self, progress: Progress, *, resume: bool = False, going_on: Callable[[str], None] | None = None
    ) -> Manifest:
        """Read every source into a new build and publish it. Raises as `Publishing.build`."""
        made = self.builds.build(progress, resume=resume, going_on=going_on)
        self.briefings.tidy()
        return made

    @permitted(May.PUBLISH)
    def rollback(self, viewer: Viewer) -> Manifest:
        """Make the build before the live one the live one, and return its manifest. Raises as `Publishing.rollback`."""
        return self.builds.rollback(viewer)

    @permitted(May.SEARCH)
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
        self.permitted.refuse(viewer, May.SEARCH)  # no decorator: it could not speak of the fields by name
        return self._answer(viewer, read_fields(self._now().date(), **fields), limit, "search")

    @permitted(May.SEARCH)
    def reading(self, viewer: Viewer, text: str) -> Reading:
        """Say how what is typed so far is read, and suggest places; no look at anybody. Raises IndexUnavailable."""
        with self._live.reading() as index:
            scope = self.permitted.scope(viewer, index.manifest)
            return self._suggesting.read(index, scope, text, self._now().date(), self.weights)

    @permitted(May.LOOKUP)
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

    @permitted(May.EVALUATE)
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
            scope = self.permitted.scope(viewer, index.manifest)
            seen = self._decided.over(index, scope).index
            return Trial(answer, shown or gathered.holds(Reader(seen, scope), sought), took)

    @contextmanager
    def everything(self) -> Iterator[tuple[Reader, str]]:
        """Lend a reader of all labels and the version people were linked by, to measure linking; no viewer is given it.

        Raises:
            IndexUnavailable: there is nothing to read.
        """
        with self._live.reading() as index:
            yield Reader(index, Scope(frozenset(Visibility))), index.manifest.linking

    @permitted(May.EVALUATE)
    def unheld(self, viewer: Viewer, wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return those of (source, ref) that name no record this viewer may read, in the order given.

        Raises:
            IndexUnavailable: there is nothing to read.
        """
        with self._live.reading() as index:
            reader = Reader(index, self.permitted.scope(viewer, index.manifest))
            return [each for each in dict.fromkeys(wanted) if reader.place_of(*each) is None]

    @permitted(May.STATUS)
    def policies(self, viewer: Viewer) -> Policies:
        """Return every version of the policy; it says nothing of any person. Raises ConfigError: it has mistakes."""
        del viewer
        return self._book.policies()

    @permitted(May.STATUS)
    def policy(self, viewer: Viewer, version: str = "") -> Policy:
        """Return a version of the policy by name, or the one in force now. Raises NotFound."""
        policies = self.policies(viewer)
        return policies.version(version) if version else policies.policy_at(local_day(self._now()))

    @permitted(May.FIGURES)
    def figures(self, viewer: Viewer, first: date, last: date, version: str = "") -> FiguresAnswer:
        """Count the calls of a period from repeat victims, and the victims by level of risk now.

        Args:
            viewer: who asks; what they may not read is in no number.
            first: local day the period begins with.
            last: local day it ends with, included.
            version: str, of the policy; '' the one in force now.

        Raises:
            UsageError: the period ends before it begins.
            NotFound: there is no such version, or none in force.
            IndexUnavailable: there is nothing to read.
            LookNotRecorded: the look could not be recorded, so there is no answer.
        """
        if last < first:
            raise UsageError(f"The period ends on {last}, before it begins on {first}; swap the two days.")
        policy, now = self.policy(viewer, version), self._now()
        with self._live.reading() as index:
            manifest = index.manifest
            scope = self.permitted.scope(viewer, manifest).bare  # numbers say nothing of anybody, and must be right
            reader = Reader(self._decided.over(index, scope).index, scope)
            counted = Figures(reader, policy).count(first, last, now)
        asked = f"{policy.name} {first} to {last}"
        record_look(self.settings.audit_dir, viewer, "figures", asked, (), manifest.build)
        terms, sources = policy.terms, self._sources(viewer, index)
        return FiguresAnswer(
            policy=terms.id,
            version=terms.version,
            title=terms.title,
            owner=terms.owner,
            period=(first.isoformat(), last.isoformat()),
            build=manifest.build,
            as_at=iso(now),
            sources=sources,
            share=counted.share,
            recent=counted.recent,
            ever=counted.ever,
            notes=period_notes(self.policies(viewer), policy, (first, last), states.data_end(sources, now)),
        )

    @permitted(May.SHOW)
    def show(self, viewer: Viewer, kind: HitKind, ident: str, *, whole: bool = False, reveal: bool = False) -> Shown:
        """Show one person, place, number or record by an id, which may be that of any of its mentions.

        Args:
            viewer: who asks.
            kind: what the id must name.
            ident: as a hit or a link gives it.
            whole: every event and link; else the most recent.
            reveal: show what a mask keeps back too, as far as a reason lifts it; recorded as that.

        Raises:
            NotPermitted: no reason is given to reveal for.
            NotFound: it names nothing that this viewer may read.
            IndexUnavailable: there is nothing to read.
            LookNotRecorded: the look could not be recorded, so nothing is shown.
        """
        reveal = reveal and self.permitted.may_reveal(viewer)
        if reveal:
            viewer = self.permitted.revealing(viewer)
        with self._opened(viewer, kind, ident, WHOLE if whole else SHOW) as opened:
            shown = opened.shown
        self._record(viewer, "reveal" if reveal else "show", shown.asked, (shown.hit,), shown)
        return shown

    @contextmanager
    def _opened(
        self, viewer: Viewer, kind: HitKind, ident: str, depth: Depth, at: datetime | None = None
    ) -> Iterator[Opened]:
        """Lend what a viewer may read of what an id names. No look is recorded: whoever shows any of it does so."""
        now = at or self._now()
        with self._live.reading() as index:
            scope = self.permitted.scope(viewer, index.manifest)
            view = self._decided.over(index, scope)
            reader = Reader(view.index, scope)
            with refused_evenly():
                found = find(reader, kind, ident)
            chosen = self._book.on(local_day(now))
            hits = hits_of(reader, [found], now, chosen.policy, depth)
            behind = Behind(view.index, scope, self.permitted.roles.stubs_for(viewer))
            (hit,) = behind.told([found], with_said(view, reader, [found], hits, chosen, now))
            record = reader.records([found.event])[found.event] if found.event else None
            asked, build, sources = f"{kind.value} {ident}", index.manifest.build, self._sources(viewer, index, now)
            shown = Shown(
                asked,
                hit,
                record,
                build,
                iso(now),
                sources,
                chosen.note,
                self._waiting(viewer, build),
                scope.hidden,
            )
            yield Opened(reader, found, shown, chosen.policy, now)

    @permitted(May.DECIDE)
    def decide(self, viewer: Viewer, verdict: Verdict, idents: tuple[str, str], reason: str) -> Outcome:
        """Say that two mentions are, or are not, one person: shown at once, in force once a second viewer confirms it.

        Raises:
            UsageError, DecisionRefused: it cannot be said like this; the sentence says what can.
            NotFound: an id names nobody whom this viewer may read.
            DecisionNotKept, LookNotRecorded: it could not be written, so it was not made.
        """
        with self._desk(viewer) as desk:
            return desk.propose(verdict, idents, reason)

    @permitted(May.DECIDE)
    def settle(self, viewer: Viewer, act: Act, number: int, reason: str) -> Outcome:
        """Confirm, withdraw or reject a decision. Raises as `decide`; NotFound when there is none for this viewer."""
        with self._desk(viewer) as desk:
            return desk.settle(act, number, reason)

    @permitted(May.DECIDE)
    def decisions(self, viewer: Viewer) -> tuple[Listed, ...]:
        """Return every decision that this viewer may see, those undone and those that wait too.

        Raises:
            DecisionsUnavailable: they cannot be read.
            LookNotRecorded: the look could not be recorded, so nothing is shown.
        """
        with self._desk(viewer) as desk:
            found = desk.listed()
            desk.record("list")
        return found

    @contextmanager
    def _desk(self, viewer: Viewer) -> Iterator[Desk]:
        """Lend the live build to one who decides."""
        with self._live.reading() as index, refused_evenly():

            def _record(asked: str) -> None:
                record_look(self.settings.audit_dir, viewer, "decide", asked, (), index.manifest.build)

            yield Desk(self._decided, index, viewer, self.permitted.scope(viewer, index.manifest), _record)

    @permitted(May.REJECTS)
    def rejects(self, viewer: Viewer, source: str, limit: int) -> list[Reject]:
        """Return the first rows of a source that could not become records: of its last reading, believed or not.

        Raises:
            NotFound: no such source.
            NotPermitted: it is closed to this viewer as a whole.
            IndexUnavailable: there is nothing to read.
            SourceUnavailable: the live build holds nothing of it, which is not the same as no reject.
        """
        self._known(source)
        self.permitted.refuse_source(viewer, source)
        refused_rows = refused.read(self.settings.state_dir, source, limit)
        if refused_rows is not None:
            record_look(self.settings.audit_dir, viewer, "rejects", source, (), "")
            return self.permitted.rejects(viewer, refused_rows)
        with self._live.reading() as index:
            entry = index.manifest.segment(source)
            for segment in index.segments.values():
                if segment.info.source == source:
                    record_look(self.settings.audit_dir, viewer, "rejects", source, (), index.manifest.build)
                    return self.permitted.rejects(viewer, segment.rejects(limit))
        reason = entry.reason.removeprefix(f"{source}: ") if entry else "run 'discoverer build'."
        raise SourceUnavailable(source, f"the live build holds nothing of it, so no rejects either: {reason}")

    @permitted(May.STATUS)
    def status(self, viewer: Viewer) -> Status:
        """Say what is live, how the last build went, and the state of every source."""
        attempt, policy = self._last_attempt(viewer), self._book.words(local_day(self._now()))
        unread = self._bounds_trouble()
        try:
            with self._live.reading() as index:
                manifest, trouble = index.manifest, self._live.trouble
        except IndexUnavailable as error:
            unbuilt = (states.unbuilt(name, attempt) for name in self.settings.sources)
            nothing = self.permitted.seen(viewer, unbuilt)
            problem = " ".join(filter(None, (error.message, self._decided.trouble(None), unread)))
            return Status(None, problem, self.weights.version, attempt, nothing, policy)
        trouble = trouble or states.of_live(self.settings.state_dir, manifest.build, attempt)
        said = (self._decided.trouble(manifest), trouble, self.permitted.trouble(manifest), unread)
        problem, sources = " ".join(filter(None, said)), self._sources(viewer, index)
        shown = self.permitted.manifest(viewer, manifest)
        return Status(shown, problem, self.weights.version, attempt, sources, policy, index.layer)

    def _bounds_trouble(self) -> str:
        """Say what the next build will refuse about the bounds; searches do not need them. '' when they are sound."""
        try:
            read_bounds(self.settings.bounds)
        except ConfigError as error:
            return f"The next build will be refused: {error.message}"
        return ""

    @permitted(May.SOURCES)
    def sources(self, viewer: Viewer) -> tuple[MappedSource, ...]:
        """List every source configured, with its mapping and its state.

        Raises:
            ConfigError: the mappings have mistakes; all of them are said.
        """
        adapters = load_mappings(self.settings)
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
            scope = self.permitted.scope(viewer, manifest)
            view = self._decided.over(index, scope)
            reader = reading(view.index, scope)
            query = reread(reader, query, self.weights)
            results = search(reader, query, self.weights, limit)
            shown = results.found[:limit]
            chosen = self._book.on(local_day(now))
            hits = with_said(view, reader, shown, hits_of(reader, shown, now, chosen.policy), chosen, now)
            behind = Behind(view.index, scope, self.permitted.roles.stubs_for(viewer))
            hits, stubs = behind.told(shown, hits), behind.typed(query, self.weights, shown)
            near = [each for each in results.found[limit:] if each.instead_of and each.kind is HitKind.PHONE]
            near_too = tuple(number_said(reader, each.group) for each in near)
        sources = self._sources(viewer, index)
        answer = Answer(
            query=query.raw,
            read_as=query.read_as,
            hits=hits,
            truncated=truncated(query, results, hits),
            build=manifest.build,
            as_at=iso(now),
            sources=sources,
            message="" if hits else no_trace(sources),
            no_trace_of=results.missing,
            near_too=near_too,
            policy_note=chosen.note,
            waiting=self._waiting(viewer, manifest.build),
            masked=scope.hidden,
            stubs=stubs,
        )
        self._record(viewer, action, query.raw, hits, answer)
        return answer

    def _record(self, viewer: Viewer, action: str, asked: str, hits: Sequence[Hit], of: Answer | Shown) -> None:
        """Write a look down before it is shown, and what was kept back. Raises LookNotRecorded."""
        record_look(self.settings.audit_dir, viewer, action, asked, hits, of.build, masked=of.masked)

    @permitted(May.STATUS)
    def waiting(self, viewer: Viewer) -> str:
        """Say that newer data waits since a newer build fell short; '' when none does."""
        return self._waiting(viewer, versions.current_or_none(self.settings.state_dir))

    def _waiting(self, viewer: Viewer, build: str) -> str:
        """Say it of a build that is searched."""
        closed = self.permitted.closed(viewer, self.settings.sources)
        return states.waiting(self.settings.state_dir, build, self._last_attempt(viewer), closed)

    def _last_attempt(self, viewer: Viewer) -> Attempt | None:
        """Return the last attempt to build, as a viewer may know it."""
        return self.permitted.attempt(viewer, attempts.last(self.settings.state_dir))

    def _sources(self, viewer: Viewer, index: Index, at: datetime | None = None) -> tuple[SourceStatus, ...]:
        """Return the state of every source configured, as a viewer may know it."""
        attempt, carried_for = self._last_attempt(viewer), self.settings.carried_for
        configured, now = self.settings.sources, at or self._now()
        found = states.of_sources(configured, index.manifest, attempt, now, carried_for, index.synced, index.counts)
        return self.permitted.seen(viewer, found)
