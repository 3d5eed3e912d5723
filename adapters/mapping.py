"""A mapping file as an adapter: a reader for its bytes, and its sections compiled to functions once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from adapters.base import Change, RawRow, Row
from adapters.changes import ChangesSpec
from adapters.checks import Checks, check_columns
from adapters.expressions import When
from adapters.sections import Draft, Step, flat_sections, location_step, person_step, phone_step
from adapters.statements import (
    assessment_maker,
    code_maker,
    gather,
    grade_maker,
    marker_maker,
    note_maker,
    order_maker,
    reference_maker,
    text_maker,
)
from adapters.suppressed import NOTHING, Suppressed
from adapters.survey import Survey
from adapters.values import Context, compile_moment, compile_text, compile_visibility, compile_when
from adapters.vocabulary import MappingSpec, RejectSpec, Section, columns_used
from discoverer.errors import RowRejected, SourceUnavailable
from discoverer.model import Record, Reject

# Number of the mapping format; raise it when the same mapping file would give other records.
FORMAT = "1"

S = TypeVar("S", bound=Section)
F = TypeVar("F")


class Reader(Protocol):
    """What turns one source's bytes into rows."""

    def taken(self) -> str:
        """Return the instant the source says it was taken at (ISO 8601, UTC), '' when it does not say."""

    def survey(self) -> Survey:
        """Look the whole source over without keeping any of it.

        Raises:
            SourceUnavailable: missing, unreadable, truncated, wrongly encoded or unsafe.
            CheckFailed: a count the source states differs from what it holds.
        """

    def rows(self) -> Iterator[RawRow]:
        """Yield every row; one that cannot be read has a fault."""


@runtime_checkable
class TellsChanges(Protocol):
    """A reader whose source can be asked what changed within the day; optional."""

    def glance(self) -> Survey:
        """Look at the columns only.

        Raises:
            SourceUnavailable, SchemaDrift: as for `survey`.
        """

    def watermark(self) -> str:
        """Return where the source stands, one line; '' when the mapping does not say how it tells changes."""

    def changes(self, since: str) -> Iterator[Change]:
        """Yield the rows that changed since a watermark, each as `rows` would give it.

        Raises:
            SourceUnavailable: see `adapters.base.TracksChanges.changes`.
        """


class MappedAdapter:
    """One source read by its mapping file; holds no row.

    Attributes:
        spec: the mapping.
        checks: what the source must look like.
        shareable: bool, other processes can be given it.
        version: the hash of the mapping file with the number of the mapping format, and of what is suppressed.
    """

    shareable = True

    def __init__(
        self, spec: MappingSpec, reader: Reader, digest: str, place: Path, suppressed: Suppressed = NOTHING
    ) -> None:
        self.spec = spec
        self.version = "-".join(filter(None, (FORMAT, digest, suppressed.digest)))
        self._suppressed = suppressed
        self.checks = Checks(spec.checks.min_rows, spec.checks.max_rejects, spec.checks.fill)
        self._reader = reader
        self._records = _Records(spec)
        self._changes: ChangesSpec | None = getattr(spec, "changes", None)
        deleted = self._changes.deleted if self._changes else None
        self._gone = _marked(deleted)
        self._place = place
        self._made_of = (spec, reader, digest, place, suppressed)

    def __reduce__(self) -> tuple[type[MappedAdapter], tuple[MappingSpec, Reader, str, Path, Suppressed]]:
        """Say what it is made of, so that another process can make it again: compiled functions cannot be sent."""
        return MappedAdapter, self._made_of

    @property
    def name(self) -> str:
        """The source's permanent name."""
        return self.spec.source.name

    def stamp(self) -> str:
        """Return where the source's files lie, how large they are and when they were last written, as a hash.

        Raises:
            OSError: they cannot be looked at.
        """
        files = sorted(self._place.rglob("*")) if self._place.is_dir() else [self._place]
        log = self._place.with_name(f"{self._place.name}-wal")  # what was written to a database and is not in it yet
        files += [log] if log.exists() and log.stat().st_size else []
        seen = [(str(each), each.stat().st_size, each.stat().st_mtime_ns, each.stat().st_ino) for each in files]
        return hashlib.sha256(repr(seen).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def as_at(self) -> str:
        """Return the instant the source says it was taken at (ISO 8601, UTC), '' when it does not say.

        Raises:
            SourceUnavailable: the source cannot be read.
        """
        return self._reader.taken()

    def rows(self) -> Iterator[RawRow]:
        """Look the source over, hold its columns against the mapping, then yield its rows.

        Raises:
            SourceUnavailable, SchemaDrift, CheckFailed: see `adapters.base.Adapter.rows`.
        """
        self._check_columns(self._reader.survey())
        yield from self._reader.rows()

    def records(self, row: RawRow) -> Iterator[Record]:
        """Turn one row into its record; one that is suppressed gives none, and no reject either.

        Raises:
            RowRejected: the row cannot be used; it says which column, value and why.
        """
        if self.withholds(row):
            return
        if row.fault:
            raise RowRejected(row.fault.column, row.fault.value, row.fault.reason)
        if not self._gone(row.values):
            yield self._records.make(row)

    def withholds(self, row: RawRow) -> bool:
        """Tell whether a row is suppressed; see `adapters.base.Withholding`."""
        return bool(self._suppressed) and self._suppressed.covers(row, self.spec.source.key)

    def withholds_kept(self, kept: Record | Reject) -> bool:
        """Tell whether a record or a reject made before is suppressed by now; see `adapters.base.Withholding`."""
        return bool(self._suppressed) and self._suppressed.covers_kept(kept, self.spec.source.key)

    @property
    def tells_deletions(self) -> bool:
        """Whether a row deleted at the source is told as a change; False: the night alone sees it."""
        return self._changes is not None and self._changes.tells_deletions

    def watermark(self) -> str:
        """Return where the source stands now, '' when it cannot tell changes; see `adapters.base.TracksChanges`.

        Raises:
            SourceUnavailable: it cannot be read, or not by the column or table of [changes].
            SchemaDrift: a column or table is new or missing.
        """
        if self._changes is None or not isinstance(self._reader, TellsChanges):
            return ""
        self._check_columns(self._reader.glance())
        return self._reader.watermark()

    def changes(self, since: str) -> Iterator[Change]:
        """Yield every row that changed since a watermark, a row marked as deleted without its values.

        Raises:
            SourceUnavailable: it cannot be read, tells no changes, or is not the source of the watermark.
            SchemaDrift: a column or table is new or missing.
        """
        if self._changes is None or not isinstance(self._reader, TellsChanges):
            raise SourceUnavailable(
                self.name, "it cannot tell what changed, as its mapping has no [changes]; it is read every night."
            )
        self._check_columns(self._reader.glance())
        for change in self._reader.changes(since):
            gone = change.row is not None and not change.row.fault and self._gone(change.row.values)
            yield Change(change.key, None, change.beside) if gone else change

    @cached_property
    def _used(self) -> dict[str, set[str]]:
        """Columns the mapping looks at, by child name ('' for the row itself)."""
        used: dict[str, set[str]] = defaultdict(set)
        used[""].update(self.spec.source.key)
        for scope, column in columns_used(self.spec):
            used[scope].add(column)
        return used

    def _check_columns(self, survey: Survey) -> None:
        """Hold the columns of the source against the mapping, the row's own and every child's.

        Raises:
            SchemaDrift: a column is new or missing.
        """
        spec = self.spec
        for scope, found in survey.columns.items():
            child = spec.children.get(scope)
            ignored = set(child.ignore if child else spec.ignore.columns)
            optional = set(child.optional if child else spec.source.optional)
            used = self._used[scope] | set(found.used)
            needed = sorted(used - optional) if found.some_rows else ()
            check_columns(self.name, found.place, found.names, used | ignored | optional, needed)


class _Records:
    """The sections of one mapping, compiled: a row's values to its record."""

    def __init__(self, spec: MappingSpec) -> None:
        context = Context(frozenset(spec.null), spec.lists)
        source, record = spec.source, spec.record
        people, texts = list(spec.person), list(spec.text)
        moment = record.at
        if spec.fields:
            person, more = flat_sections(spec.fields)
            people, texts, moment = [person, *people], [*more, *texts], moment or spec.fields.at
        self._source, self._key = source, source.key
        self._rejects = [_refusal(part) for part in spec.reject]
        self._at, self._summary = compile_moment(moment, context), compile_text(record.summary, context)
        self._visibility, self._area = (
            compile_visibility(record.visibility, context),
            compile_text(record.area, context),
        )
        self._steps: list[Step] = [person_step(part, context) for part in people]
        self._steps += [location_step(part, context) for part in spec.location]
        self._steps += [phone_step(part, context) for part in spec.phone]
        self._assessments = _all(assessment_maker, spec.assessment, context)
        self._orders = _all(order_maker, spec.order, context)
        self._markers = _all(marker_maker, spec.marker, context)
        self._references = _all(reference_maker, spec.reference, context)
        self._codes = _all(code_maker, spec.code, context)
        self._grades = _all(grade_maker, spec.grade, context)
        self._texts = _all(text_maker, tuple(texts), context)
        self._notes = _all(note_maker, spec.note, context)

    def make(self, raw: RawRow) -> Record:
        """Return the record of one row.

        Raises:
            RowRejected: a value cannot be used, the key is blank, or the mapping refuses the row.
        """
        row = raw.values
        for refuse in self._rejects:
            refuse(row)
        key = self._key_of(row)
        draft = Draft(self._visibility(row, row), self._area(row, row))
        for step in self._steps:
            step(draft, row)
        locations, phones = draft.places()
        return Record(
            source=self._source.name,
            key=key,
            kind=self._source.record,
            at=self._at(row, row),
            summary=self._summary(row, row),
            nature=self._source.nature,
            persons=tuple(draft.persons),
            locations=locations,
            phones=phones,
            assessments=gather(self._assessments, draft, row),
            orders=gather(self._orders, draft, row),
            markers=gather(self._markers, draft, row),
            references=gather(self._references, draft, row),
            codes=gather(self._codes, draft, row),
            grades=gather(self._grades, draft, row),
            texts=gather(self._texts, draft, row),
            notes=gather(self._notes, draft, row),
            visibility=draft.visibility,
            row=raw.where,
        )

    def _key_of(self, row: Row) -> tuple[str, ...]:
        """Return the raw key columns of a row. Raises RowRejected when one is blank."""
        key = []
        for column in self._key:
            value = row.get(column)
            if not isinstance(value, str) or not value.strip():
                raise RowRejected(column, "" if value is None else str(value), "it is part of the key and is blank")
            key.append(value)
        return tuple(key)


def _marked(deleted: When | None) -> Callable[[Row], bool]:
    """Return a function telling whether a row is marked as deleted; never without a condition."""
    if deleted is None:
        return lambda _row: False
    holds = compile_when(deleted)
    return lambda row: holds(row, row)


def _refusal(spec: RejectSpec) -> Callable[[Row], None]:
    """Return a function that raises RowRejected for the rows a [[reject]] section names."""
    holds, column = compile_when(spec.when), spec.when.column

    def refuse(row: Row) -> None:
        if holds(row, row):
            raise RowRejected(column, str(row.get(column) or ""), spec.reason, keep=spec.keep)

    return refuse


def _all(maker: Callable[[S, Context], F], specs: tuple[S, ...], context: Context) -> list[F]:
    """Compile every section of one kind."""
    return [maker(spec, context) for spec in specs]
