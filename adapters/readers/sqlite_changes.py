"""What changed in a SQLite database since a watermark: the keys of the rows, by a column of theirs or a change table.

Nothing is passed over: the watermark's own number or instant is read again, and `overlap` before it. Where a row
cannot be told (a blank or unreadable stamp), it is among the changes each time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from adapters.changes import ChangesSpec
from adapters.instants import compile_formats
from adapters.readers.sqlite_lookup import RawKey
from adapters.readers.sqlite_tables import Database, quoted
from adapters.watermarks import Watermark, ahead, earlier
from discoverer.clock import LOCAL, iso, now, parse_iso
from discoverer.errors import SourceUnavailable

# A format whose texts sort as their instants do, the year first; any other is read row by row.
SORTED = re.compile(r"[^%]*%Y[^%]*(%m[^%]*(%d[^%]*(%H[^%]*%M[^%]*(%S[^%]*)?)?)?)?")

# The latest stamps looked at for one that is an instant, and not the text a system writes for none.
LATEST = 100


class Way(Protocol):
    """One way in which a database tells what changed.

    Attributes:
        name: str, the column or table, as a watermark names it.
        kinds: tuple[type, ...], what its marks are.
    """

    name: str
    kinds: tuple[type, ...]

    def stands(self, database: Database) -> tuple[str | int | float | None, str]:
        """Return the highest number or latest instant (None when there is none), and what else is marked with it.

        Raises:
            SourceUnavailable: it is no number, or no instant.
        """

    def keys(self, database: Database, since: Watermark) -> Iterable[RawKey]:
        """Return the raw keys of the rows that changed since a watermark, in order, some more than once.

        Raises:
            SourceUnavailable: the watermark lies ahead of the database.
        """


def way_of(source: str, table: str, key: Sequence[str], spec: ChangesSpec) -> Way:
    """Return the way a mapping's [changes] names, for a parent table and its key."""
    if spec.table:
        return ByTable(source, spec.on or tuple(key), spec)
    return ByInstant(source, table, key, spec) if spec.dates else ByNumber(source, table, key, spec)


class ByTable:
    """A change table, with an entry for every change."""

    kinds: tuple[type, ...] = (int,)

    def __init__(self, source: str, key: Sequence[str], spec: ChangesSpec) -> None:
        self.name, self._source, self._spec = f"table {spec.table}", source, spec
        self._table, self._order = quoted(spec.table), quoted(spec.order)
        self._key = ", ".join(map(quoted, key))
        self._entry = ", ".join(map(quoted, (*key, *([spec.operation] if spec.operation else []))))

    def stands(self, database: Database) -> tuple[int | None, str]:
        """Return the number of the last entry, and the hash of what it says."""
        last = database.all(
            f"SELECT {self._order}, {self._entry} FROM {self._table} ORDER BY {self._order} DESC LIMIT 1"
        )
        if not last or last[0][0] is None:
            return None, ""
        number = last[0][0]
        if not isinstance(number, int):
            raise SourceUnavailable(
                self._source,
                f"column {self._spec.order} of {self.name} holds {number!r}, which is no whole number; "
                "keep its entries in order by a number, or take [changes] out of the mapping.",
            )
        return number, _hash(last[0][1:])

    def keys(self, database: Database, since: Watermark) -> Iterable[RawKey]:
        """Return the keys of the entries from the watermark's own on, and of `overlap` entries before it."""
        last, _entry = self.stands(database)
        if since.at is None:
            return database.all(f"SELECT {self._key} FROM {self._table} ORDER BY {self._order}")
        self._check_entry(database, since, last)
        start = _start(database, self._table, self._order, int(since.at), self._spec.rows)
        return database.all(
            f"SELECT {self._key} FROM {self._table} WHERE {self._order} >= ? ORDER BY {self._order}", start
        )

    def _check_entry(self, database: Database, since: Watermark, last: int | None) -> None:
        """See that the entry of a watermark stands there as it did: a restored database has none, or another."""
        there = database.all(f"SELECT {self._entry} FROM {self._table} WHERE {self._order} = ?", since.at)
        if any(_hash(entry) == since.entry for entry in there):
            return
        if there or last is None or last < int(since.at or 0):
            raise ahead(self._source, f"entry {since.at}", self.name)
        raise SourceUnavailable(
            self._source,
            f"{self.name} has lost entry {since.at}, up to which it was read, so others may be lost: build again.",
        )


class ByNumber:
    """A column of the parent table whose numbers only grow."""

    kinds: tuple[type, ...] = (int, float)

    def __init__(self, source: str, table: str, key: Sequence[str], spec: ChangesSpec) -> None:
        self.name, self._source, self._spec = f"column {spec.column}", source, spec
        self._table, self._column = quoted(table), quoted(spec.column)
        self._key = ", ".join(map(quoted, key))

    def stands(self, database: Database) -> tuple[int | float | None, str]:
        """Return the highest number; a text sorts after every number, so one is seen."""
        highest = database.one(f"SELECT max({self._column}) FROM {self._table}")
        if highest is not None and not isinstance(highest, int | float):
            raise SourceUnavailable(
                self._source,
                f"{self.name} holds {highest!r}, which is no number; give its 'dates' under [changes], or mend it.",
            )
        return highest, ""

    def keys(self, database: Database, since: Watermark) -> Iterable[RawKey]:
        """Return the keys of the rows from the watermark on, of `overlap` before, and of those without a number."""
        highest, _more = self.stands(database)
        at, column = since.at, self._column
        if at is None:
            return database.all(f"SELECT {self._key} FROM {self._table}")
        if highest is None or highest + self._spec.rows < _number(at):
            raise ahead(self._source, at, self.name)
        start = _start(database, self._table, column, _number(at), self._spec.rows)
        return database.all(f"SELECT {self._key} FROM {self._table} WHERE {column} >= ? OR {column} IS NULL", start)


class ByInstant:
    """A column of the parent table that says when its row last changed, in local time."""

    kinds: tuple[type, ...] = (str,)

    def __init__(self, source: str, table: str, key: Sequence[str], spec: ChangesSpec) -> None:
        self.name, self._source, self._spec = f"column {spec.column}", source, spec
        self._table, self._column = quoted(table), quoted(spec.column)
        self._key = ", ".join(map(quoted, key))
        self._read = compile_formats(spec.dates)
        self._format = spec.dates[0] if len(spec.dates) == 1 and SORTED.fullmatch(spec.dates[0]) else ""

    def stands(self, database: Database) -> tuple[str | None, str]:
        """Return the latest instant that is not still to come: a row stamped by a wrong clock must not hide others."""
        present = iso(now())
        if self._format:
            found = database.all(
                f"SELECT {self._column} FROM {self._table} WHERE {self._column} <= ? "
                f"ORDER BY {self._column} DESC LIMIT {LATEST}",
                self._local(present),
            )
        else:
            found = database.all(f"SELECT {self._column} FROM {self._table}")
        instants = [instant for (stamp,) in found if (instant := self._instant(stamp)) and instant <= present]
        if not instants and any(str(stamp or "").strip() for (stamp,) in found):
            raise SourceUnavailable(
                self._source,
                f"{self.name} holds {found[0][0]!r}, which is no date written as {', '.join(self._spec.dates)}; "
                "mend it, or add its format to 'dates' under [changes].",
            )
        return max(instants, default=None), ""

    def keys(self, database: Database, since: Watermark) -> Iterable[RawKey]:
        """Return the keys of the rows from a span before the watermark on, and of those whose stamp tells nothing."""
        latest, _more = self.stands(database)
        if since.at is None:
            return database.all(f"SELECT {self._key} FROM {self._table}")
        start = earlier(str(since.at), self._spec.span)
        if latest is None or latest < start[: len(latest)]:
            raise ahead(self._source, since.at, self.name)
        if self._format:
            # What sorts before every year is blank, or begins with a blank; what sorts after is read in any case.
            return database.all(
                f"SELECT {self._key} FROM {self._table} WHERE {self._column} >= ? OR {self._column} < '1' "
                f"OR {self._column} IS NULL",
                self._local(start),
            )
        rows = database.all(f"SELECT {self._column}, {self._key} FROM {self._table}")
        told = ((self._instant(row[0]), row[1:]) for row in rows)
        return [key for instant, key in told if instant is None or instant >= start[: len(instant)]]

    def _instant(self, stamp: Any) -> str | None:  # noqa: ANN401 - whatever the database holds
        """Return the instant of a stamp (ISO 8601, UTC, or a date), None when it is none."""
        found = self._read(stamp) if isinstance(stamp, str) else None
        return found.value if found else None

    def _local(self, instant: str) -> str:
        """Write an instant as the column would."""
        return parse_iso(instant).astimezone(LOCAL).strftime(self._format)


def _start(database: Database, table: str, column: str, at: float, rows: int) -> Any:  # noqa: ANN401 - a number, or nothing
    """Return the number to read from: that of so many rows before `at`, and no higher than so many below it."""
    found = database.all(
        f"SELECT {column} FROM {table} WHERE {column} <= ? ORDER BY {column} DESC LIMIT 1 OFFSET ?", at, rows
    )
    lowest = found[0][0] if found else database.one(f"SELECT min({column}) FROM {table}")
    return at - rows if lowest is None else min(lowest, at - rows)


def _number(at: str | float) -> float:
    """Return the number of a watermark of numbers."""
    return float(at) if isinstance(at, str) else at


def _hash(entry: Sequence[Any]) -> str:
    """Return what tells one entry of a change table from another under the same number."""
    return hashlib.sha256(repr(tuple(entry)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
