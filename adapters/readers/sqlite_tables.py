"""SQLite tables: a read-only connection whose faults become sentences, and a table's rows in the order of a key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from adapters.base import Fault, RawRow, Row
from adapters.readers.lines import shown
from discoverer.errors import SourceUnavailable

# How a database stores text, by its own name: it sorts text by these bytes.
ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}

# Seconds to wait for whoever is writing.
PATIENCE = 5.0

LIST_TABLES = """
    SELECT name FROM sqlite_master
    WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_'
"""


class Undecodable(Exception):
    """A value is not UTF-8, so the quick way of reading cannot go on."""


class Database:
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
            self.connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=PATIENCE)
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

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_details: object) -> None:
        self.connection.close()

    def unavailable(self, error: sqlite3.Error) -> SourceUnavailable:
        """Translate a fault of the database."""
        if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return SourceUnavailable(
                self.source,
                f"{self.path.name} is being written to, and was not let go of for {PATIENCE:g} seconds; ask again.",
            )
        return SourceUnavailable(
            self.source, f"{self.path.name} cannot be read ({error}); check its permissions, or fetch it again."
        )

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

    def count(self, table: str) -> int:
        """Return how many rows a table has, by counting them."""
        return int(self.one(f"SELECT count(*) FROM {quoted(table)}"))

    def tables(self) -> list[str]:
        """Return the tables and views there are, SQLite's own apart."""
        return [str(row[0]) for row in self.all(LIST_TABLES)]

    def columns(self, table: str) -> list[str]:
        """Return a table's columns."""
        return [str(row[1]) for row in self.all(f"PRAGMA table_info({quoted(table)})")]

    def header(self, table: str) -> dict[str, Any]:
        """Return the one row of a header table.

        Raises:
            SourceUnavailable: it holds none, or several.
        """
        found = self.all(f"SELECT * FROM {quoted(table)} LIMIT 2")
        if len(found) != 1:
            many = "several rows" if found else "no row"
            raise SourceUnavailable(self.source, f"table '{table}' holds {many} where it should hold one.")
        return {name: _text(value) for name, value in zip(self.columns(table), found[0], strict=True)}


class RowShape:
    """What is selected of a table to make rows of it: rowid, raw key, every column as text.

    Attributes:
        table: str, the table; in the query it is called t.
        names: list[str], its columns.
        width: int, how many cells stand before the columns: the rowid and the key.
        selected: str, what to SELECT.
        has_rowid: bool, the rows have a number of their own, apart from any column.
    """

    def __init__(self, database: Database, table: str, key: Sequence[str]) -> None:
        self.table, self.names, self.width = table, database.columns(table), 1 + len(key)
        self.has_rowid = "rowid" not in self.names and _rows_are_numbered(database, table)
        raw_key = ", ".join(f"t.{quoted(column)}" for column in key)
        texts = ", ".join(f"CAST(t.{quoted(column)} AS TEXT)" for column in self.names)
        self.selected = f"{'t.rowid' if self.has_rowid else 'NULL'}, {raw_key}, {texts}"

    def values(self, cells: tuple[Any, ...]) -> dict[str, Any]:
        """Return the columns of one result."""
        return dict(zip(self.names, cells[self.width :], strict=True))

    def row(self, cells: tuple[Any, ...], place: int, bad: bool) -> RawRow:
        """Make a row of the cells of one result, with its fault if its bytes are not text."""
        values = self.values(cells)
        return RawRow(f"{self.table}:{place}", values, _fault(values) if bad else None)


class SortedTable:
    """The rows of one table in the order of a key, with one row of foresight."""

    def __init__(self, database: Database, table: str, key: Sequence[str], order: Sequence[str], careful: bool) -> None:
        self._database, self._table, self._on = database, table, ",".join(key)
        self._shape = RowShape(database, table, key)
        self._width = self._shape.width
        self._encoding = ENCODINGS[str(database.one("PRAGMA encoding"))]
        database.connection.text_factory = database.decode if careful else str
        by = ", ".join(f"t.{quoted(column)} COLLATE BINARY" for column in key)
        then = "".join(f", t.{quoted(column)}" for column in order)
        sql = f"SELECT {self._shape.selected} FROM {quoted(table)} AS t ORDER BY {by}{then}"
        try:
            self._cursor = database.connection.execute(sql)
        except sqlite3.Error as error:
            raise database.unavailable(error) from None
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
        width = self._width
        while (cells := self._next) is not None and cells[1:width] == key:
            if self._bad:
                faults.append(self._row(cells))
            else:
                rows.append(self._shape.values(cells))
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
        self._database.bad = False
        try:
            found: tuple[Any, ...] | None = self._cursor.fetchone()
        except sqlite3.Error as error:
            if "decode" in str(error):
                raise Undecodable from None
            raise self._database.unavailable(error) from None
        self._bad = self._database.bad
        self._count += 1
        return found

    def _place(self, cells: tuple[Any, ...]) -> int:
        """Return a row's rowid, or its number in this reading where the table has none."""
        return self._count if cells[0] is None else int(cells[0])

    def _row(self, cells: tuple[Any, ...]) -> RawRow:
        """Make a row of the cells of one result."""
        return self._shape.row(cells, self._place(cells), self._bad)

    def _rank(self, key: tuple[Any, ...]) -> tuple[tuple[int, Any], ...]:
        """Return a key that compares as SQLite orders: nothing, numbers, text by its bytes, bytes."""
        return tuple(self._rank_one(part) for part in key)

    def _rank_one(self, part: Any) -> tuple[int, Any]:  # noqa: ANN401 - whatever the database holds
        """Return what sorts one value as the database does: nothing, numbers, text by its bytes, blobs."""
        if part is None:
            return 0, 0
        if isinstance(part, int | float):
            return 1, part
        if isinstance(part, str):
            return 2, part.encode(self._encoding, "surrogatepass")
        return 3, part


def _fault(values: dict[str, Any]) -> Fault:
    """Name the column whose bytes are not UTF-8, and make every value of the row fit to be stored."""
    at_fault = ""
    for name, value in values.items():
        if isinstance(value, str) and shown(value) != value:
            at_fault = at_fault or name
            values[name] = shown(value)
    return Fault(at_fault, str(values.get(at_fault)), "its bytes are not UTF-8; mend the value in the database")


def _rows_are_numbered(database: Database, table: str) -> bool:
    """Tell whether a table's rows have a rowid."""
    try:
        with closing(database.connection.execute(f"SELECT rowid FROM {quoted(table)} LIMIT 1")):
            return True
    except sqlite3.OperationalError:
        return False


def quoted(name: str) -> str:
    """Quote a table or column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever the database holds
    """Return a value as text: numbers as they print, bytes as hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
