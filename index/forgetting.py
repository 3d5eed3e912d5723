"""Forgetting one record: whether its source still holds it, hiding it, and proving that nothing of it is left.

The index forgets what a source has deleted, at the next sync and from every file at the next build; nothing is
forgotten here that its source still holds, since the next build would bring it back. What must be kept by law is told
apart: who looked at what, and what people decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters.base import Adapter, TracksChanges
from adapters.checks import read_rows, tally_for
from discoverer.errors import IndexUnavailable, NotFound, SourceError, SourceUnavailable, StillHeld, UsageError
from discoverer.labelling import labelling_of
from discoverer.model import Record, Visibility
from discoverer.settings import Settings
from index import hiding, needles, traces, versions
from index.citing import citing
from index.decision_types import Decision
from index.decisions import Decisions
from index.live import LiveIndex
from index.manifest import read_manifest
from index.proving import Proof, Proving, is_kept
from index.reader import Index, Reader, Scope
from index.sync import Syncer
from index.traces import Needle


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record that is to be forgotten.

    Attributes:
        source: str, its source.
        ref: str, its reference there.
        records: as it is held now, in every version; none where it is held no more.
        needles: what is looked for.
        shared: tuple[str, ...], values given that other records held say too: they prove nothing, and are left out.
        cited_by: tuple[str, ...], records that cite it and all may see, 'custody BE/152/18': where any does, its
            reference is theirs too, and is left out.
    """

    source: str
    ref: str
    records: tuple[Record, ...]
    needles: tuple[Needle, ...]
    shared: tuple[str, ...] = ()
    cited_by: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its id: 'source:ref'."""
        return f"{self.source}:{self.ref}"


class Before(StrEnum):
    """How a record stood before it was hidden; closed list."""

    FOUND = "found"  # searches found it
    HIDDEN = "hidden"  # the live build holds it, and a sync or an earlier `forget` had hidden it
    ABSENT = "absent"  # the live build does not hold it


class Forgetting:
    """Forgets records of one set-up."""

    def __init__(self, settings: Settings, adapters: Sequence[Adapter]) -> None:
        """Take the settings and a source's adapter each."""
        self._settings, self._adapters = settings, adapters
        self._state = settings.state_dir

    def want(self, named: str, also: Sequence[str] = ()) -> Wanted:
        """Find the record that is named, unless its source still holds it.

        Args:
            named: 'source:ref', or a reference that only one source has.
            also: values that are to be looked for besides those the record is known by.

        Raises:
            NotFound: nothing knows it, and nobody ever looked at it.
            UsageError: several sources have a record of this reference.
            StillHeld: its source holds it.
            SourceError: its source cannot be asked.
        """
        source, ref = self._named(named)
        self._refuse_if_held(source, ref)
        held = [each for path in needles.holding(self._state) for each in needles.records_in(path, source, ref)]
        records = tuple(dict.fromkeys(held))
        cited = citing(self._state, source, ref, self._settings.instant.date())
        values = [each for each in needles.by_value(ref, records, also) if each.what != "its reference" or not cited]
        alone = needles.of_it_alone(values, self._state, source, ref)
        shared = {each.text: None for each in values if each.what == needles.GIVEN and each not in alone}
        named_by = (*needles.by_name(source, ref, records), *alone)
        open_to_all = tuple(name for name, seen in cited.items() if seen)
        wanted = Wanted(source, ref, records, named_by, tuple(shared), open_to_all)
        if not records and not self._was_known(wanted) and not self._stands_anywhere(wanted):
            raise NotFound(
                f"Nothing is known of '{wanted.id}': no source, build or layer holds it and no look or decision names"
                " it; check the reference, written as 'source:ref'."
            )
        return wanted

    def hide(self, wanted: Wanted) -> Before:
        """Take a record out of what is found, by what its source says or by a tombstone; return how it stood before.

        Raises:
            BuildError: the disk did not take it, or others are at it.
            IndexUnavailable: the live build cannot be read.
        """
        build = versions.current_or_none(self._state)
        if not build:
            return Before.ABSENT
        before = self._stood(wanted.source, wanted.ref)
        folder = versions.builds_of(self._state) / build
        with Syncer(self._settings, self._adapters).caught_up(folder):  # it waits for whoever is at it
            pass
        refs = {(wanted.source, wanted.ref)}
        hiding.hide(self._state, folder, versions.open_verified(folder), refs, self._settings.instant.date())
        return before

    def prove(self, wanted: Wanted) -> Proof:
        """Look through every file below the folder of the state. Raises OSError: one cannot be read."""
        return Proving(self._settings).prove(wanted.id, wanted.needles)

    def _named(self, named: str) -> tuple[str, str]:
        """Read 'source:ref', or find the one source that has a reference."""
        source, colon, ref = named.strip().partition(":")
        if colon and ref and source in self._sources():
            return source, ref.rpartition("#")[0] or ref
        paths = needles.holding(self._state)
        having = sorted(set().union(*(needles.sources_of(path, named.strip()) for path in paths), set()))
        if len(having) == 1:
            return having[0], named.strip()
        if having:
            raise UsageError(
                f"'{named}' is a reference in {' and '.join(having)}; write which, as '{having[0]}:{named}'."
            )
        raise NotFound(
            f"No build or layer holds a record '{named}'; write 'source:ref', the source one of"
            f" {', '.join(sorted(self._sources()))}."
        )

    def _sources(self) -> set[str]:
        """Return the sources of the settings, and those of every build that can be read."""
        found = set(self._settings.sources)
        for build in versions.list_builds(self._state):
            try:
                found.update(entry.source for entry in read_manifest(versions.builds_of(self._state) / build).segments)
            except IndexUnavailable:
                continue
        return found

    def _refuse_if_held(self, source: str, ref: str) -> None:
        """Ask the source whether it still has the record. Raises StillHeld, SourceError."""
        for adapter in self._adapters:
            if adapter.name == source:
                held = self._at_source(adapter, ref)
                if held is not None:
                    raise StillHeld(f"{source}:{ref}", held.words_visibility.value)

    def _at_source(self, adapter: Adapter, ref: str) -> Record | None:
        """Return a record as its source holds it now; None where it does not.

        A source that cannot be read to its end does not show that it lacks the record; that it told of the deletion
        itself, and a sync hid the record by it, does.

        Raises:
            SourceUnavailable: it cannot be read, and nothing else shows what became of the record.
        """
        try:
            made = read_rows(adapter, adapter.rows(), tally_for(adapter), labelling_of(self._settings))
            return next((each for each in made if isinstance(each, Record) and each.ref == ref), None)
        except SourceError as error:
            tells = isinstance(adapter, TracksChanges) and adapter.tells_deletions
            if not tells:
                raise
            if versions.current_or_none(self._state) and self._stood(adapter.name, ref) is Before.HIDDEN:
                return None
            said = error.message.removeprefix(f"{adapter.name}: ")
            also = "or run 'discoverer sync', which hides what the source's own change table says is deleted."
            raise SourceUnavailable(adapter.name, f"{said.rstrip('. ')}; {also}") from error

    def _stood(self, source: str, ref: str) -> Before:
        """Tell how a record stands in the live build, as it is by now."""
        everything = Scope(frozenset(Visibility))
        with closing(LiveIndex(self._state)) as live, live.reading() as index:
            if Reader(index, everything).place_of(source, ref) is not None:
                return Before.FOUND
            folder, manifest = index.folder, index.manifest
        with closing(Index(folder, manifest)) as built:
            held = Reader(built, everything).place_of(source, ref) is not None
        return Before.HIDDEN if held else Before.ABSENT

    def _was_known(self, wanted: Wanted) -> bool:
        """Tell whether a look showed the record, or a decision names it."""
        if any(_names(ident, wanted.id) for each in self._decisions() for ident in each.pair):
            return True
        logs = sorted(self._settings.audit_dir.glob("*.jsonl"))
        return any(_names(ident, wanted.id) for path in logs for ident in _shown_in(path, wanted.id))

    def _decisions(self) -> Sequence[Decision]:
        """Return what people decided."""
        file = self._settings.decisions_file
        return Decisions(file).all() if file.exists() else ()

    def _stands_anywhere(self, wanted: Wanted) -> bool:
        """Tell whether any file but those kept by law holds what names the record."""
        names = [each for each in wanted.needles if each.what in ("its id", "its key")]
        paths = (path for path in traces.every_file(self._state) if not is_kept(self._settings, path))
        return any(traces.needles_in(path, names) for path in paths)


def _names(ident: str, record: str) -> bool:
    """Tell whether an id is that of a record or of one of its mentions."""
    return ident == record or ident.startswith(f"{record}#")


def _shown_in(path: Path, record: str) -> Iterator[str]:
    """Yield the ids that were shown by looks that name a record at all; a line a crash left half is passed over."""
    with path.open("rb") as lines:
        for line in lines:
            if record.encode("utf-8", "surrogatepass") in line:
                with suppress(ValueError, KeyError, TypeError):
                    yield from (str(each["id"]) for each in json.loads(line)["shown"])
