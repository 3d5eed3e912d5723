"""SQLite databases: a parent table and child tables, merged in the order of their keys; never written to.

SQLite sorts what is not already in order, in a temporary file of its own, so memory stays flat. Every value
comes out as text, as the database shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from adapters.base import RawRow, Row
from adapters.checks import check_columns
from adapters.expressions import Moment
from adapters.readers.sqlite_tables import Database, SortedTable, Undecodable
from adapters.survey import Columns, Survey
from adapters.values import Context, compile_moment
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
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
        with self._open() as database:
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
        spec = self._spec
        tables = {"": self._source.table} | {name: child.table for name, child in spec.children.items()}
        with self._open() as database:
            self._check_tables(database.tables(), set(tables.values()))
            columns = {}
            for scope, table in tables.items():
                child = spec.children[scope] if scope else None
                used = (*(child.on or self._source.key), *child.order) if child else self._source.key
                columns[scope] = Columns(f"table '{table}'", database.columns(table), used=used)
            counts = {table: database.count(table) for table in tables.values()}
            self._check_header(database, counts[self._source.table])
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

    def _check_tables(self, have: list[str], mapped: set[str]) -> None:
        """Hold the tables that are there against those the mapping speaks of."""
        header = self._spec.header
        known = mapped | set(self._source.ignore_tables) | ({header.table} if header else set())
        new, gone = [name for name in have if name not in known], sorted(mapped - set(have))
        if header and header.table not in have:
            gone.append(header.table)
        problems = [f"table {name} is new: map it, or name it in ignore_tables" for name in new]
        problems += [f"table {name} is missing: mend the extract, or take it out of the mapping" for name in gone]
        if problems:
            raise SchemaDrift(self._source.name, "; ".join(problems) + ".")

    def _check_header(self, database: Database, count: int) -> None:
        """Hold the header table, and the count it states, against what is there."""
        header, source = self._spec.header, self._source
        if header is None:
            return
        have = database.columns(header.table)
        used = [*(header.taken.columns() if header.taken else ()), *([header.count] if header.count else [])]
        check_columns(source.name, f"table '{header.table}'", have, [*used, *header.ignore], used)
        said = database.header(header.table)[header.count] if header.count else count
        if str(said) != str(count):
            raise CheckFailed(
                source.name,
                f"table '{header.table}' says {said} rows and table '{source.table}' holds {count}; fetch it again.",
            )

    def _open(self) -> Database:
        """Open the database for reading only."""
        return Database(self._source.name, self._path)
