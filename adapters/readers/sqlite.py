"""SQLite databases: a parent table and child tables, merged in the order of their keys; never written to.

SQLite sorts what is not already in order, in a temporary file of its own, so memory stays flat. Every value
comes out as text, as the database shows it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from adapters.base import Fault, RawRow, Row
from adapters.checks import check_columns
from adapters.readers.lines import shown
from adapters.survey import Columns, Survey
from adapters.values import Context, compile_moment
from adapters.vocabulary import ChildSpec, MappingSpec, Moment, SourceSpec
from discoverer.errors import CheckFailed, RowRejected, SchemaDrift, SourceUnavailable
from discoverer.validation import Field, Spec

ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}
"""How a database stores text, by its own name: it sorts text by these bytes."""

LIST_TABLES = """
    SELECT name FROM sqlite_master
    WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'
"""


class SqliteSource(SourceSpec):
    """[source] of a SQLite database.

    Attributes:
        table: the parent table.
        ignore_tables: other tables, decided against by name.
    """

    kind: Literal["sqlite"]
    table: str
    ignore_tables: tuple[str, ...] = ()


class SqliteChild(ChildSpec):
    """[children.<name>] of a SQLite database.

    Attributes:
        table: the child table.
        on: its columns that hold the parent's key, in the key's order; empty: named as the key is.
        order: its columns that put the rows of one parent in order.
    """

    table: str
    on: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


class SqliteHeader(Spec):
    """[header]: a table of one row that says when the extract was taken and how many parent rows it holds."""

    table: str
    taken: Moment | None = None
    count: str = ""
    ignore: tuple[str, ...] = ()


class SqliteMapping(MappingSpec):
    """A mapping of a SQLite database."""

    source: SqliteSource
    children: Mapping[str, SqliteChild] = Field(default_factory=dict)
    header: SqliteHeader | None = None


class _Undecodable(Exception):
    """A value is not UTF-8, so the quick way of reading cannot go on."""


class SqliteReader:
    """Reads the tables of one mapping."""

    def __init__(self, spec: MappingSpec, base: Path) -> None:
        if not isinstance(spec, SqliteMapping):
            raise TypeError("a SQLite reader takes a mapping of a SQLite database")
        self._spec, self._source, self._path = spec, spec.source, base / spec.source.path

    def taken(self) -> str:
        """Return when the header table says the extract was taken (ISO 8601, UTC), '' without one.

        Raises:
            SourceUnavailable: the database cannot be read, or the header's date cannot.
        """
        header = self._spec.header
        if header is None or header.taken is None:
            return ""
        with self._open() as guard:
            row = guard.header(header.table)
        try:
            moment = compile_moment(header.taken, Context((), {}))(row, row)
        except RowRejected as error:
            raise SourceUnavailable(self._source.name, f"table '{header.table}' {error.message}.") from None
        return moment.value if moment else ""

    def survey(self) -> Survey:
        """Look at the tables, their columns and the header's count.

        Raises:
            SourceUnavailable: missing, no database, damaged or cut short.
            SchemaDrift: a table is new or missing.
            CheckFailed: the header counts other rows than there are.
        """
        spec = self._spec
        tables = {"": self._source.table} | {name: child.table for name, child in spec.children.items()}
        with self._open() as guard:
            self._check_tables(guard.tables(), set(tables.values()))
            columns = {}
            for scope, table in tables.items():
                child = spec.children[scope] if scope else None
                used = (*(child.on or self._source.key), *child.order) if child else self._source.key
                columns[scope] = Columns(f"table '{table}'", guard.columns(table), used=used)
            counts = {table: guard.one(f"SELECT count(*) FROM {_named(table)}") for table in tables.values()}
            self._check_header(guard, counts[self._source.table])
        return Survey(columns)

    def rows(self) -> Iterator[RawRow]:
        """Yield the parent rows in the order of their keys, each with its child rows.

        Raises:
            SourceUnavailable: the database is damaged.
        """
        done = 0
        try:
            for row in self._merged(careful=False):
                yield row
                done += 1
        except _Undecodable:
            yield from islice(self._merged(careful=True), done, None)

    def _merged(self, careful: bool) -> Iterator[RawRow]:
        """Walk through parent and child tables side by side, all in key order."""
        source = self._source
        with self._open() as guard:
            parents = _Sorted(guard, source.table, source.key, (), careful)
            children = [
                (name, _Sorted(guard, child.table, child.on or source.key, child.order, careful))
                for name, child in self._spec.children.items()
            ]
            last: tuple[Any, ...] | None = None
            found: dict[str, tuple[list[Row], str]] = {}
            while (parent := parents.take()) is not None:
                key, row = parent
                if key != last:
                    found = {}
                    for name, child in children:
                        yield from child.orphans_before(key, source.table)
                        rows, at, faults = child.matching(key)
                        yield from faults
                        found[name] = rows, at
                    last = key
                values = {**row.values, **{name: rows for name, (rows, _at) in found.items()}}
                where = row.where + "".join([at for _rows, at in found.values()])
                yield RawRow(where, values, row.fault)
            for _name, child in children:
                yield from child.orphans_before(None, source.table)

    def _check_tables(self, have: list[str], mapped: set[str]) -> None:
        header = self._spec.header
        known = mapped | set(self._source.ignore_tables) | ({header.table} if header else set())
        new, gone = [name for name in have if name not in known], sorted(mapped - set(have))
        if header and header.table not in have:
            gone.append(header.table)
        problems = [f"table {name} is new: map it, or name it in ignore_tables" for name in new]
        problems += [f"table {name} is missing: mend the extract, or take it out of the mapping" for name in gone]
        if problems:
            raise SchemaDrift(self._source.name, "; ".join(problems) + ".")

    def _check_header(self, guard: _Guard, count: int) -> None:
        header, source = self._spec.header, self._source
        if header is None:
            return
        have = guard.columns(header.table)
        used = [*(header.taken.columns() if header.taken else ()), *([header.count] if header.count else [])]
        check_columns(source.name, f"table '{header.table}'", have, [*used, *header.ignore], used)
        said = guard.header(header.table)[header.count] if header.count else count
        if str(said) != str(count):
            raise CheckFailed(
                source.name,
                f"table '{header.table}' says {said} rows and table '{source.table}' holds {count}; fetch it again.",
            )

    def _open(self) -> _Guard:
        return _Guard(self._source.name, self._path)


class _Guard:
    """A read-only connection whose faults become sentences.

    Attributes:
        bad: bool, set when `decode` met bytes that are not UTF-8.
    """

    def __init__(self, source: str, path: Path) -> None:
        self.source, self.path, self.bad = source, path, False
        if not path.is_file():
            what = "a folder" if path.is_dir() else "missing"
            raise SourceUnavailable(source, f"{path} is {what}; check 'path' in its mapping and the extract.")
        try:
            self.connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
            self.connection.execute("PRAGMA temp_store = FILE")
        except sqlite3.Error as error:
            raise self.unavailable(error) from None
        try:
            self._check_size()
        except SourceUnavailable:
            self.connection.close()
            raise

    def _check_size(self) -> None:
        """Hold the file's size against the pages it says it has: SQLite reads a page cut short as noughts.

        Raises:
            SourceUnavailable: it is cut short.
        """
        pages = self.one("PRAGMA page_count") * self.one("PRAGMA page_size")
        size = self.path.stat().st_size
        logged = self.path.with_name(f"{self.path.name}-wal").exists()
        if size < pages and not logged:
            raise SourceUnavailable(
                self.source, f"{self.path.name} is cut short: it has {size:,} of {pages:,} bytes; fetch it again."
            )

    def __enter__(self) -> _Guard:
        return self

    def __exit__(self, *_details: object) -> None:
        self.connection.close()

    def unavailable(self, error: sqlite3.Error) -> SourceUnavailable:
        """Translate a fault of the database."""
        advice = "fetch it again" if isinstance(error, sqlite3.DatabaseError) else "check it"
        return SourceUnavailable(self.source, f"{self.path.name} cannot be read ({error}); {advice}.")

    def decode(self, data: bytes) -> str:
        """Decode a value, bytes that are not UTF-8 as escapes."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            self.bad = True
            return data.decode("utf-8", "surrogateescape")

    def all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a small query.

        Raises:
            SourceUnavailable: the database cannot answer it.
        """
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self.unavailable(error) from None

    def one(self, sql: str) -> Any:  # noqa: ANN401 - whatever the database holds
        """Return the first value of a query's first row."""
        return self.all(sql)[0][0]

    def tables(self) -> list[str]:
        """Return the tables and views there are, SQLite's own apart."""
        return [str(row[0]) for row in self.all(LIST_TABLES)]

    def columns(self, table: str) -> list[str]:
        """Return a table's columns."""
        return [str(row[1]) for row in self.all(f"PRAGMA table_info({_named(table)})")]

    def header(self, table: str) -> dict[str, Any]:
        """Return the one row of a header table.

        Raises:
            SourceUnavailable: it holds none, or several.
        """
        found = self.all(f"SELECT * FROM {_named(table)} LIMIT 2")
        if len(found) != 1:
            many = "several rows" if found else "no row"
            raise SourceUnavailable(self.source, f"table '{table}' holds {many} where it should hold one.")
        return {name: _text(value) for name, value in zip(self.columns(table), found[0], strict=True)}


class _Sorted:
    """The rows of one table in the order of a key, with one row of foresight."""

    def __init__(self, guard: _Guard, table: str, key: Sequence[str], order: Sequence[str], careful: bool) -> None:
        self._guard, self._table, self._on = guard, table, ",".join(key)
        self._names = guard.columns(table)
        self._width = 1 + len(key)
        self._encoding = ENCODINGS[str(guard.one("PRAGMA encoding"))]
        guard.connection.text_factory = guard.decode if careful else str
        by = ", ".join(f"{_named(column)} COLLATE BINARY" for column in key)
        then = "".join(f", {_named(column)}" for column in order)
        raw_key = ", ".join(_named(column) for column in key)
        texts = ", ".join(f"CAST({_named(column)} AS TEXT)" for column in self._names)
        rowid = "rowid" if self._has_rowid() else "NULL"
        sql = f"SELECT {rowid}, {raw_key}, {texts} FROM {_named(table)} ORDER BY {by}{then}"
        try:
            self._cursor = guard.connection.execute(sql)
        except sqlite3.Error as error:
            raise guard.unavailable(error) from None
        self._count = 0
        self._bad = False
        self._next = self._fetch()

    def take(self) -> tuple[tuple[Any, ...], RawRow] | None:
        """Return the next (key, row) and move on; None after the last."""
        cells = self._next
        if cells is None:
            return None
        found = cells[1 : self._width], self._row(cells)
        self._next = self._fetch()
        return found

    def matching(self, key: tuple[Any, ...]) -> tuple[list[Row], str, list[RawRow]]:
        """Return the rows of one key, where they stand (' log_text:4,5'), and those of them that cannot be read."""
        rows: list[Row] = []
        places: list[str] = []
        faults: list[RawRow] = []
        width, names = self._width, self._names
        while (cells := self._next) is not None and cells[1:width] == key:
            if self._bad:
                faults.append(self._row(cells))
            else:
                rows.append(dict(zip(names, cells[width:], strict=True)))
                places.append(str(self._place(cells)))
            self._next = self._fetch()
        return rows, f" {self._table}:{','.join(places)}" if places else "", faults

    def orphans_before(self, key: tuple[Any, ...] | None, parent: str) -> Iterator[RawRow]:
        """Yield, each with a fault, the rows that sort before a key, or all that are left for None."""
        while (cells := self._next) is not None and (key is None or cells[1 : self._width] != key):
            own = cells[1 : self._width]
            if key is not None and self._rank(own) > self._rank(key):
                return
            row = self._row(cells)
            fault = row.fault or Fault(self._on, "/".join(map(str, own)), f"no row of {parent} has this key")
            yield RawRow(row.where, row.values, fault)
            self._next = self._fetch()

    def _fetch(self) -> tuple[Any, ...] | None:
        """Return the next row's cells: rowid, raw key, every column as text."""
        self._guard.bad = False
        try:
            found: tuple[Any, ...] | None = self._cursor.fetchone()
        except sqlite3.Error as error:
            if "decode" in str(error):
                raise _Undecodable from None
            raise self._guard.unavailable(error) from None
        self._bad = self._guard.bad
        self._count += 1
        return found

    def _place(self, cells: tuple[Any, ...]) -> int:
        """Return a row's rowid, or its number in this reading where the table has none."""
        return self._count if cells[0] is None else int(cells[0])

    def _row(self, cells: tuple[Any, ...]) -> RawRow:
        values = dict(zip(self._names, cells[self._width :], strict=True))
        return RawRow(f"{self._table}:{self._place(cells)}", values, self._fault(values) if self._bad else None)

    def _fault(self, values: dict[str, Any]) -> Fault:
        """Name the column whose bytes are not UTF-8, and make every value of the row fit to be stored."""
        at_fault = ""
        for name, value in values.items():
            if isinstance(value, str) and shown(value) != value:
                at_fault = at_fault or name
                values[name] = shown(value)
        return Fault(at_fault, str(values.get(at_fault)), "its bytes are not UTF-8; mend the value in the database")

    def _has_rowid(self) -> bool:
        try:
            with closing(self._guard.connection.execute(f"SELECT rowid FROM {_named(self._table)} LIMIT 1")):
                return "rowid" not in self._names
        except sqlite3.OperationalError:
            return False

    def _rank(self, key: tuple[Any, ...]) -> tuple[tuple[int, Any], ...]:
        """Return a key that compares as SQLite orders: nothing, numbers, text by its bytes, bytes."""
        return tuple(self._rank_one(part) for part in key)

    def _rank_one(self, part: Any) -> tuple[int, Any]:  # noqa: ANN401 - whatever the database holds
        if part is None:
            return 0, 0
        if isinstance(part, int | float):
            return 1, part
        if isinstance(part, str):
            return 2, part.encode(self._encoding, "surrogatepass")
        return 3, part


def _named(name: str) -> str:
    """Quote a table or column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever the database holds
    """Return a value as text: numbers as they print, bytes as hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
