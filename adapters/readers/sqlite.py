"""SQLite databases: a parent table and child tables, merged in the order of their keys; never written to.

SQLite sorts what is not already in order, in a temporary file of its own, so memory stays flat. Every value
comes out as text, as the database shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from adapters.base import Change, RawRow, Row
from adapters.changes import ChangesSpec
from adapters.checks import check_columns
from adapters.expressions import Moment
from adapters.readers.sqlite_changes import Way, way_of
from adapters.readers.sqlite_lookup import Wanted, look_up
from adapters.readers.sqlite_tables import Database, SortedTable, Undecodable
from adapters.survey import Columns, Survey
from adapters.values import Context, compile_moment
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
from adapters.watermarks import Watermark, check_taken, read_watermark
from discoverer.errors import CheckFailed, RowRejected, SchemaDrift, SourceUnavailable
from discoverer.validation import Field, Spec


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
    changes: ChangesSpec | None = None


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
        with self._open() as database:
            return self._taken(database)

    def _taken(self, database: Database) -> str:
        """Return when the header table says the extract was taken, '' without one."""
        header = self._spec.header
        if header is None or header.taken is None:
            return ""
        row = database.header(header.table)
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
        with self._open() as database:
            survey = self._look(database)
            tables = [self._source.table, *(child.table for child in self._spec.children.values())]
            counts = {table: database.count(table) for table in tables}
            self._check_count(database, counts[self._source.table])
        return survey

    def glance(self) -> Survey:
        """Look at the tables and their columns only: within the day, a count may lag behind its rows.

        Raises:
            SourceUnavailable: missing, no database, damaged or cut short.
            SchemaDrift: a table is new or missing, or a column of the header or the change table.
        """
        with self._open() as database:
            return self._look(database)

    def watermark(self) -> str:
        """Return where the database stands, '' when its mapping does not say how it tells changes.

        Raises:
            SourceUnavailable: it cannot be read, or not by the column or table of [changes].
        """
        way = self._way()
        if way is None:
            return ""
        with self._open() as database:
            database.connection.text_factory = database.decode
            at, entry = way.stands(database)
            taken = self._taken(database)
        return Watermark(way.name, at, entry, taken, self._file()).text()

    def changes(self, since: str) -> Iterator[Change]:
        """Yield the rows that changed since a watermark, read by their keys.

        Raises:
            SourceUnavailable: it cannot be read, tells no changes, or is not the database of the watermark.
        """
        source, way = self._source, self._way()
        if way is None:
            raise SourceUnavailable(
                source.name, "it cannot tell what changed, as its mapping has no [changes]; it is read every night."
            )
        mark = read_watermark(source.name, since, way.name, way.kinds)
        tables = [Wanted("", source.table, source.key)]
        for name, child in self._spec.children.items():
            tables.append(Wanted(name, child.table, child.on or source.key, child.order))
        with self._open() as database:
            database.connection.text_factory = database.decode
            self._check_same(database, mark)
            keys = list(dict.fromkeys(way.keys(database, mark)))
            yield from look_up(database, tables, keys)

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
        except Undecodable:
            yield from islice(self._merged(careful=True), done, None)

    def _merged(self, careful: bool) -> Iterator[RawRow]:
        """Walk through parent and child tables side by side, all in key order."""
        source = self._source
        with self._open() as database:
            parents = SortedTable(database, source.table, source.key, (), careful)
            children = [
                (name, SortedTable(database, child.table, child.on or source.key, child.order, careful))
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

    def _look(self, database: Database) -> Survey:
        """Return the columns of the tables, those of the header and the change table checked here."""
        spec, source, changes = self._spec, self._source, self._spec.changes
        tables = {"": source.table} | {name: child.table for name, child in spec.children.items()}
        self._check_tables(database.tables(), set(tables.values()))
        columns = {}
        for scope, table in tables.items():
            child = spec.children[scope] if scope else None
            used = (*(child.on or source.key), *child.order) if child else source.key
            used = (*used, *changes.of_parent()) if changes and not scope else used
            columns[scope] = Columns(f"table '{table}'", database.columns(table), used=used)
        if header := spec.header:
            used = (*(header.taken.columns() if header.taken else ()), *([header.count] if header.count else []))
            self._check_columns(database, header.table, used, header.ignore)
        if changes and changes.table:
            used = (changes.order, *(changes.on or source.key), *([changes.operation] if changes.operation else []))
            self._check_columns(database, changes.table, used, changes.ignore)
        return Survey(columns)

    def _check_tables(self, have: list[str], mapped: set[str]) -> None:
        """Hold the tables that are there against those the mapping speaks of."""
        header, changes = self._spec.header, self._spec.changes
        needed = (
            mapped | ({header.table} if header else set()) | ({changes.table} if changes and changes.table else set())
        )
        new = [name for name in have if name not in needed | set(self._source.ignore_tables)]
        gone = sorted(needed - set(have))
        problems = [f"table {name} is new: map it, or name it in ignore_tables" for name in new]
        problems += [f"table {name} is missing: mend the extract, or take it out of the mapping" for name in gone]
        if problems:
            raise SchemaDrift(self._source.name, "; ".join(problems) + ".")

    def _check_columns(self, database: Database, table: str, used: tuple[str, ...], ignored: tuple[str, ...]) -> None:
        """Hold the columns of a table that is none of the rows' against those the mapping speaks of."""
        check_columns(self._source.name, f"table '{table}'", database.columns(table), [*used, *ignored], used)

    def _check_count(self, database: Database, count: int) -> None:
        """Hold the count the header states against what is there."""
        header, source = self._spec.header, self._source
        if header is None:
            return
        said = database.header(header.table)[header.count] if header.count else count
        if str(said) != str(count):
            raise CheckFailed(
                source.name,
                f"table '{header.table}' says {said} rows and table '{source.table}' holds {count}; fetch it again.",
            )

    def _check_same(self, database: Database, since: Watermark) -> None:
        """See that the database is the one of a watermark, or a later copy of it.

        Raises:
            SourceUnavailable: it is an earlier one; or another file, of which nothing says that it is a later one.
        """
        taken = self._taken(database)
        check_taken(self._source.name, since, taken)
        marked = bool(since.entry) or since.at is None  # an entry of a change table is known again in whatever file
        if not marked and since.file not in (0, self._file()) and taken <= since.taken:
            raise SourceUnavailable(
                self._source.name,
                f"{self._path.name} is another file than the one last read, and does not say it was taken later: was "
                "it restored from a backup? Build again.",
            )

    def _file(self) -> int:
        """Return which file the database is, apart from its name; 0 when that cannot be told."""
        try:
            return self._path.stat().st_ino
        except OSError:
            return 0

    def _way(self) -> Way | None:
        """Return how the database tells what changed; made anew, since what it holds cannot be sent to a process."""
        changes, source = self._spec.changes, self._source
        return way_of(source.name, source.table, source.key, changes) if changes else None

    def _open(self) -> Database:
        """Open the database for reading only."""
        return Database(self._source.name, self._path)
