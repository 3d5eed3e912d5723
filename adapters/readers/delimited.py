"""Delimited files: a parent file with a header row, and child files joined to it by key columns.

Child files may be in any order: they are first put into a temporary SQLite file (deleted by SQLite itself), so
that memory stays flat. A bad child row, or one whose parent is not there, is a reject of its own.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from adapters.base import Fault, RawRow, Row
from adapters.readers.folder import check_files
from adapters.readers.lines import Lines, known_encoding, shown
from adapters.survey import Columns, Survey
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
from discoverer.errors import SchemaDrift, SourceUnavailable
from discoverer.validation import Field, field_validator

# Child rows or parent keys put into the temporary file at a time.
BATCH = 2_000


class DelimitedSource(SourceSpec):
    """[source] of delimited files.

    Attributes:
        file: the parent file inside the folder `path`; '' when `path` is the file itself.
        encoding: of all its files.
        delimiter: one character between values.
        quote: the character around values that hold a delimiter or line end; '' for none.
        final_newline: the system always ends its files with a line end, so one without it was cut short.
        ignore_files: other files of the folder, decided against by name (or pattern).
    """

    kind: Literal["delimited"]
    file: str = ""
    encoding: str = "utf-8"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    final_newline: bool = False
    ignore_files: tuple[str, ...] = ()

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        """Refuse an encoding that does not exist."""
        return known_encoding(value)


class DelimitedChild(ChildSpec):
    """[children.<name>] of delimited files.

    Attributes:
        file: the child file, in the same folder as the parent file.
        on: its columns that hold the parent's key, in the key's order; empty: named as the key is.
    """

    file: str
    on: tuple[str, ...] = ()


class DelimitedMapping(MappingSpec):
    """A mapping of delimited files."""

    source: DelimitedSource
    children: Mapping[str, DelimitedChild] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of one file: its first line's number, its values, and what is wrong with it."""

    number: int
    values: list[str]
    fault: Fault | None = None
    raw: str = ""


class DelimitedReader:
    """Reads the files of one mapping."""

    def __init__(self, spec: MappingSpec, base: Path) -> None:
        if not isinstance(spec, DelimitedMapping):
            raise TypeError("a delimited reader takes a mapping of delimited files")
        self._spec, self._source = spec, spec.source
        path = base / spec.source.path
        self._parent = path / spec.source.file if spec.source.file else path

    def taken(self) -> str:
        """Return '': delimited files do not say when they were taken."""
        return ""

    def survey(self) -> Survey:
        """Look at every file's header and encoding.

        Raises:
            SourceUnavailable: a file is missing, empty, wrongly encoded or cut short.
            SchemaDrift: a header names a column twice, or the folder holds a file nobody mapped.
        """
        files = {"": self._parent} | {name: self._child_path(name) for name in self._spec.children}
        if self._source.file:
            mapped = [path.name for path in files.values()]
            check_files(self._source.name, self._parent.parent, [*mapped, *self._source.ignore_files])
        columns = {}
        for scope, path in files.items():
            whole = self._lines(path).check_encoding()
            names = self._header(path)
            if self._source.final_newline and not whole:
                raise SourceUnavailable(
                    self._source.name, f"{path.name} is cut short: its last line has no line end; fetch it again."
                )
            joined = self._spec.children[scope].on if scope else ()
            columns[scope] = Columns(f"file {path.name}", names, used=joined or self._source.key)
        return Survey(columns)

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows of the parent file in file order, each with its child rows.

        Raises:
            SourceUnavailable: a file cannot be read to its end.
        """
        names = self._header(self._parent)
        children = [(name, self._child_path(name), child) for name, child in self._spec.children.items()]
        with closing(sqlite3.connect("", isolation_level=None)) as spool:
            spool.execute("PRAGMA journal_mode = OFF")
            spool.execute("PRAGMA synchronous = OFF")
            spool.execute("BEGIN")
            joins = []
            for name, path, child in children:
                join = _Join(spool, name, path.name, self._header(path), child.on or self._source.key)
                yield from self._fill(join, path)
                joins.append(join)
            yield from self._parents(spool, names, joins)
            for join in joins:
                yield from join.orphans(self._parent.name)

    def _parents(self, spool: sqlite3.Connection, names: list[str], joins: list[_Join]) -> Iterator[RawRow]:
        """Yield the parent rows, and put the keys of each into the spool for joining."""
        spool.execute("CREATE TABLE parent (k TEXT)")
        keys: list[tuple[str]] = []
        places = [names.index(column) for column in self._source.key if column in names]
        for line in self._table(self._parent):
            where = f"{self._parent.name}:{line.number}"
            if not line.values:
                yield _faulty(where, names, line)
                continue
            values: dict[str, Any] = dict(zip(names, line.values, strict=True))
            if joins:
                key = "\x1f".join([line.values[place] for place in places])
                keys.append((key,))
                for join in joins:
                    values[join.name], at = join.rows(key)
                    where += at
                if len(keys) >= BATCH:
                    spool.executemany("INSERT INTO parent VALUES (?)", keys)
                    keys.clear()
            yield RawRow(where, values, _fault_in(names, line))
        spool.executemany("INSERT INTO parent VALUES (?)", keys)

    def _fill(self, join: _Join, path: Path) -> Iterator[RawRow]:
        """Put a child file's rows aside; yield those that cannot be read."""
        good: list[_Line] = []
        for line in self._table(path):
            if line.fault:
                yield _faulty(f"{path.name}:{line.number}", join.names, line)
                continue
            good.append(line)
            if len(good) >= BATCH:
                join.add(good)
                good.clear()
        join.add(good)
        join.ready()

    def _table(self, path: Path) -> Iterator[_Line]:
        """Yield the rows of one file after its header."""
        lines = self._lines(path)
        reader = self._csv(lines)
        width = len(next(reader, []))
        while True:
            lines.begin()
            start = lines.number + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _Line(start, [], self._unreadable(path, lines, start, error), "".join(lines.raw))
                continue
            if not values:
                continue
            yield self._checked(lines, start, values, width)

    def _checked(self, lines: Lines, start: int, values: list[str], width: int) -> _Line:
        """Return a row, with what is wrong with it when its width is not that of the header."""
        if len(values) != width:
            if not "".join(lines.raw).endswith("\n"):
                raise SourceUnavailable(
                    self._source.name,
                    f"{lines.path.name} line {start} is cut short: it holds {len(values)} of {width} values and "
                    "no line end; fetch the file again.",
                )
            reason = (
                f"it holds {len(values)} values where the header names {width}; look for a delimiter inside a value"
            )
            return _Line(start, [], Fault("", shown("".join(lines.raw)), reason), "".join(lines.raw))
        if lines.bad:
            place = next((n for n, value in enumerate(values) if shown(value) != value), 0)
            fault = lines.fault(str(place), values[place])
            return _Line(start, [shown(value) for value in values], fault)
        return _Line(start, values)

    def _unreadable(self, path: Path, lines: Lines, start: int, error: csv.Error) -> Fault:
        """Return the fault of one row the csv module refuses.

        Raises:
            SourceUnavailable: the row has no end, so the rows after it cannot be told.
        """
        if lines.ended or "field limit" in str(error):
            raise SourceUnavailable(
                self._source.name,
                f"{path.name} line {start}: a quoted value that begins here is never closed, or is longer than "
                f"{csv.field_size_limit():,} characters; the file is cut short or has a stray quote.",
            )
        return Fault("", shown("".join(lines.raw)), f"it is not well quoted ({error}); double a quote inside a value")

    def _header(self, path: Path) -> list[str]:
        """Return the column names of a file. Raises SourceUnavailable when it has none to speak of."""
        lines = self._lines(path)
        try:
            names = next(self._csv(lines), [])
        except csv.Error as error:
            raise SourceUnavailable(self._source.name, f"{path.name} line 1 is no header row ({error}).") from None
        if not any(name.strip() for name in names):
            raise SourceUnavailable(self._source.name, f"{path.name} is empty: it has not even a header row.")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SchemaDrift(self._source.name, f"file {path.name} names a column twice: {', '.join(twice)}.")
        return [shown(name) for name in names]

    def _csv(self, lines: Lines) -> Iterator[list[str]]:
        """Return the rows of an open file, parted as the mapping says."""
        quote = self._source.quote
        return csv.reader(
            lines,
            delimiter=self._source.delimiter,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            strict=True,
        )

    def _lines(self, path: Path) -> Lines:
        """Open a file for reading by line."""
        return Lines(self._source.name, path, self._source.encoding)

    def _child_path(self, name: str) -> Path:
        """Return where the file of some child rows stands."""
        return self._parent.parent / self._spec.children[name].file


class _Join:
    """The rows of one child file in the temporary file, found by their parent's key."""

    def __init__(self, spool: sqlite3.Connection, name: str, file: str, names: list[str], on: tuple[str, ...]) -> None:
        self.name, self.file, self.names, self.on = name, file, names, on
        self._spool = spool
        self._places = [names.index(column) for column in on if column in names]
        self._table = f'"child {name}"'
        columns = ", ".join(f"v{number}" for number in range(len(names)))
        spool.execute(f"CREATE TABLE {self._table} (k, line, {columns})")
        self._insert = f"INSERT INTO {self._table} VALUES (?, ?{', ?' * len(names)})"
        self._select = f"SELECT line, {columns} FROM {self._table} WHERE k = ? ORDER BY rowid"

    def add(self, lines: list[_Line]) -> None:
        """Put rows aside."""
        rows = (("\x1f".join([line.values[p] for p in self._places]), line.number, *line.values) for line in lines)
        self._spool.executemany(self._insert, rows)

    def ready(self) -> None:
        """Make the rows quick to find, once all are there."""
        self._spool.execute(f'CREATE INDEX "by key {self.name}" ON {self._table} (k)')

    def rows(self, key: str) -> tuple[list[Row], str]:
        """Return the child rows of one parent in file order, and where they stand (' people.csv:4,5')."""
        found = self._spool.execute(self._select, (key,)).fetchall()
        if not found:
            return [], ""
        names = self.names
        at = ",".join([str(row[0]) for row in found])
        return [dict(zip(names, row[1:], strict=True)) for row in found], f" {self.file}:{at}"

    def orphans(self, parent: str) -> Iterator[RawRow]:
        """Yield the child rows whose key no parent has, each as a row with a fault."""
        self._spool.execute("CREATE INDEX IF NOT EXISTS parents ON parent (k)")
        found = self._spool.execute(
            f"SELECT * FROM {self._table} AS child WHERE NOT EXISTS (SELECT 1 FROM parent WHERE parent.k = child.k)"
        )
        column = ",".join(self.on)
        for key, line, *values in found:
            fault = Fault(column, key.replace("\x1f", "/"), f"no row of {parent} has this key")
            yield RawRow(f"{self.file}:{line}", dict(zip(self.names, values, strict=True)), fault)


def _fault_in(names: list[str], line: _Line) -> Fault | None:
    """Return a row's fault with the name of its column in place of its number."""
    fault = line.fault
    return fault and Fault(names[int(fault.column)] if fault.column else "", fault.value, fault.reason)


def _faulty(where: str, names: list[str], line: _Line) -> RawRow:
    """Return a row that could not be read, as whole as it could be."""
    values = dict(zip(names, line.values, strict=True)) if line.values else {"line": shown(line.raw)}
    return RawRow(where, values, _fault_in(names, line))
