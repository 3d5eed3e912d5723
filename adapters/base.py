"""The adapter protocol: rows of one legacy source in, canonical records out; nothing is cleaned here.

Reading (bytes to rows) and mapping (rows to records) are two methods, so that each can be tried with a literal.
Two loudnesses, decided by altitude: structural trouble fails the source; one bad row is a reject and is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from discoverer.model import Record, Reject

# One raw row as written: column name to str | None | list[str] (several values) | list[Row] (child rows).
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a reader found wrong with one row it could nevertheless show.

    Attributes:
        column: str, the raw column at fault; '' when it is the whole row.
        value: str, the value at fault, as read.
        reason: str, one sentence.
    """

    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as a source wrote it, with its child rows.

    Attributes:
        where: str, where it stands, e.g. 'dash_forms.csv:17 dash_people.csv:44,45'; unique within one reading.
        values: Row, the raw columns.
        fault: Fault | None, set when the row itself cannot be read; `records` then raises RowRejected with it.
    """

    where: str
    values: Row
    fault: Fault | None = None


@runtime_checkable
class Adapter(Protocol):
    """One legacy source.

    Attributes:
        name: str, [a-z][a-z0-9_]*, permanent: part of every record's id.
        version: str, changes whenever the same rows would give other records.
    """

    @property
    def name(self) -> str:
        """The source's permanent name."""

    @property
    def version(self) -> str:
        """What changes when the adapter's output changes."""

    def as_at(self) -> str:
        """Return the instant the source says it was taken at (ISO 8601, UTC), '' when it does not say.

        Raises:
            SourceUnavailable: the source cannot be read.
        """

    def rows(self) -> Iterator[RawRow]:
        """Read the source lazily from its start, in an order that is the same every time.

        Raises:
            SourceUnavailable, SchemaDrift: before row 1 wherever the format allows it to be known.
            CheckFailed: a count the source states differs from what it holds.
        """

    def records(self, row: RawRow) -> Iterator[Record]:
        """Turn one row into 0..n records; pure, no reading or writing.

        Raises:
            RowRejected: the row cannot be used; it says which column, value and why.
        """


@runtime_checkable
class Shareable(Protocol):
    """An adapter that other processes can be given, with its rows, to make them into records; optional.

    Attributes:
        shareable: bool, it and its rows can be pickled, and its module imported anywhere.
    """

    shareable: bool


@runtime_checkable
class Withholding(Protocol):
    """An adapter from whose source something must never be loaded; optional."""

    def withholds(self, row: RawRow) -> bool:
        """Tell whether a row must not be loaded: it gives no record and no reject, and is in no count."""

    def withholds_kept(self, kept: Record | Reject) -> bool:
        """Tell the same of what was made of a row before, when it may have been allowed still."""


@runtime_checkable
class Stamped(Protocol):
    """An adapter whose source can be told to be the very one that was read before; optional."""

    def stamp(self) -> str:
        """Return what changes whenever the source may have; '' when that cannot be told.

        Raises:
            OSError: the source cannot be looked at.
        """


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is new, changed or deleted, or may be: whoever takes it in holds it against what it has.

    Attributes:
        key: tuple[str, ...], the raw key columns, exactly as `Record.key` would hold them.
        row: RawRow | None, the row as it is now; None when it is deleted (or restricted away) at the source.
        beside: tuple[RawRow, ...], what a whole reading would give besides: rows that have the same key, after the
            first, and child rows that cannot be read.
    """

    key: tuple[str, ...]
    row: RawRow | None
    beside: tuple[RawRow, ...] = ()


@runtime_checkable
class TracksChanges(Protocol):
    """An adapter whose source may be able to say what changed within the day; optional.

    Attributes:
        tells_deletions: bool, False: deletions are seen by the night alone.
    """

    @property
    def tells_deletions(self) -> bool:
        """Whether a row deleted at the source is told as a change."""

    def watermark(self) -> str:
        """Return where the source stands now, an opaque text of one line; '' when it cannot tell changes at all.

        Taken before a reading begins, so that whatever is committed meanwhile is read again.

        Raises:
            SourceUnavailable, SchemaDrift: as for `rows`.
        """

    def changes(self, since: str) -> Iterator[Change]:
        """Yield every row that changed since a watermark; rows that did not may be among them.

        Raises:
            SourceUnavailable: it cannot be read, or the watermark is not of this source as it stands: build again.
            SchemaDrift: a column or table is new or missing.
        """
