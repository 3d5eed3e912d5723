"""SQLite rows by their keys: some parent rows, each with its child rows, as a whole reading would give them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from adapters.base import Change, RawRow
from adapters.readers.lines import shown
from adapters.readers.sqlite_tables import Database, RowShape, quoted

# A raw key as the database holds it: numbers stay numbers.
RawKey: TypeAlias = tuple[Any, ...]

# Rows looked up in one reading of the database. Between two it is let go of, so that nobody waits to write to it.
TOGETHER = 100

# Rows of one key that names no record, which are looked at within the day: none of them is a record.
MOST_BLANK = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """One table to look rows up in.

    Attributes:
        name: str, the child's name; '' for the parent.
        table: str, the table.
        on: its columns that hold the parent's key.
        order: its columns that put the rows of one parent in order.
    """

    name: str
    table: str
    on: tuple[str, ...]
    order: tuple[str, ...] = ()


def look_up(database: Database, tables: Sequence[Wanted], keys: Sequence[RawKey]) -> Iterator[Change]:
    """Yield the row of every key as it is now, some at a time; of a key without a row, that it is gone.

    Args:
        database: the open database.
        tables: the parent table first.
        keys: raw keys; of one that is blank in part or no text come MOST_BLANK rows, which become rejects.

    Raises:
        SourceUnavailable: the database cannot answer.
    """
    database.connection.text_factory = database.decode
    lookups = [_Lookup(database, wanted) for wanted in tables]
    named = [key for key in keys if _names_a_record(key)]
    batches = [named[start : start + TOGETHER] for start in range(0, len(named), TOGETHER)]
    for some in [*batches, *([key] for key in keys if not _names_a_record(key))]:
        database.all("BEGIN")
        try:
            found = list(_changes(lookups, some))
        finally:
            database.all("COMMIT")
        yield from found


def _changes(lookups: Sequence[_Lookup], keys: Sequence[RawKey]) -> Iterator[Change]:
    """Yield the changes of some keys, read at one moment."""
    by_asked: dict[int, list[tuple[RawKey, RawRow]]] = {}
    for number, key, row, _place in lookups[0].found(keys):
        if _same(keys[number], key):
            by_asked.setdefault(number, []).append((key, row))
    there = list(dict.fromkeys(key for rows in by_asked.values() for key, _row in rows))
    children = [(lookup, lookup.of_parents(there)) for lookup in lookups[1:]]
    for number, asked_key in enumerate(keys):
        found = by_asked.get(number, [])
        rows = [_with_children(key, row, children) for key, row in found]
        bad = [
            each for key in dict.fromkeys(key for key, _row in found) for _, (_, bad) in children for each in bad[key]
        ]
        if rows:
            own = tuple(str(rows[0].values[column] or "") for column in lookups[0].wanted.on)
            yield Change(own, rows[0], (*rows[1:], *bad))
        elif _names_a_record(asked_key):
            yield Change(tuple(map(_text, asked_key)), None)


def _with_children(key: RawKey, row: RawRow, children: Sequence[tuple[_Lookup, _OfParents]]) -> RawRow:
    """Return a parent's row with its child rows."""
    values, where = dict(row.values), row.where
    for lookup, (rows, _bad) in children:
        found = rows.get(key, [])
        values[lookup.wanted.name] = [child.values for child, _place in found]
        places = ",".join(str(place) for _child, place in found)
        where += f" {lookup.wanted.table}:{places}" if found else ""
    return RawRow(where, values, row.fault)


class _OfParents(NamedTuple):
    """The rows of a child table by the key of their parent.

    Attributes:
        rows: those that can be read, each with its place.
        bad: those that cannot.
    """

    rows: dict[RawKey, list[tuple[RawRow, int]]]
    bad: dict[RawKey, list[RawRow]]


class _Lookup:
    """Rows of one table by key, through its index on the key where it has one."""

    def __init__(self, database: Database, wanted: Wanted) -> None:
        self.wanted, self._database = wanted, database
        self._shape = RowShape(database, wanted.table, wanted.on)
        self._order = [f"t.{quoted(column)}" for column in wanted.order]
        if self._shape.has_rowid:
            self._order.append("t.rowid")

    def of_parents(self, keys: Sequence[RawKey]) -> _OfParents:
        """Return the rows of some parents in their order, those that cannot be read apart."""
        found = _OfParents({}, defaultdict(list))
        asked = set(keys)
        for _number, key, row, place in self.found(list(asked)):
            if key in asked and row.fault is None:
                found.rows.setdefault(key, []).append((row, place))
            elif key in asked:
                found.bad[key].append(row)
        return found

    def found(self, keys: Sequence[RawKey]) -> list[tuple[int, RawKey, RawRow, int]]:
        """Return (which key was asked for, the key as it stands, the row, its place) for every row of some keys."""
        if not keys:
            return []
        width, shape = len(self.wanted.on), self._shape
        asked = ", ".join(f"(?, {', '.join(map(_placeholder, key))})" for key in keys)
        names = ", ".join(["n", *(f"k{number}" for number in range(width))])
        same = " AND ".join(f"t.{quoted(column)} IS asked.k{number}" for number, column in enumerate(self.wanted.on))
        order = ", ".join(["asked.n", *self._order])
        # Of rows without a key there may be any number, and a night reads them all.
        most = -1 if all(map(_names_a_record, keys)) else MOST_BLANK
        # The keys are gone through and the table searched for each, never the other way round: that is CROSS JOIN.
        sql = (
            f"WITH asked({names}) AS (VALUES {asked}) SELECT asked.n, {shape.selected} "
            f"FROM asked CROSS JOIN {quoted(self.wanted.table)} AS t ON {same} ORDER BY {order} LIMIT {most}"
        )
        values = [part for number, key in enumerate(keys) for part in (number, *map(_bound, key))]
        return list(self._read(sql, values))

    def _read(self, sql: str, values: Sequence[Any]) -> Iterator[tuple[int, RawKey, RawRow, int]]:
        """Run a look-up; bytes that are not text give a fault to the row they stand in."""
        database, shape = self._database, self._shape
        try:
            database.bad = False
            cursor = database.connection.execute(sql, values)
            while (cells := cursor.fetchone()) is not None:
                own, bad = cells[1:], database.bad
                database.bad = False
                place = 0 if own[0] is None else int(own[0])
                yield int(cells[0]), own[1 : shape.width], shape.row(own, place, bad), place
        except sqlite3.Error as error:
            raise database.unavailable(error) from None


def _same(asked: RawKey, found: RawKey) -> bool:
    """Tell a key that is kept as another type (5 and '5') from one that is alike to the column alone ('A' and 'a')."""
    return all(
        _text(one) == _text(other) or type(one) is not type(other) for one, other in zip(asked, found, strict=True)
    )


def _names_a_record(key: RawKey) -> bool:
    """Tell whether a raw key can be one of a record: no part blank, or of bytes that are not text."""
    texts = [_text(part) for part in key]
    return all(text.strip() and shown(text) == text for text in texts)


def _is_text(part: Any) -> bool:  # noqa: ANN401 - whatever the database holds
    """Tell whether a part of a key can be given to the database as it came out of it."""
    return not isinstance(part, str) or shown(part) == part


def _placeholder(part: Any) -> str:  # noqa: ANN401 - whatever the database holds
    """Return what stands in a statement for a part of a key: a text of bytes that are none is given as its bytes."""
    return "?" if _is_text(part) else "CAST(? AS TEXT)"


def _bound(part: Any) -> Any:  # noqa: ANN401 - whatever the database holds
    """Return a part of a key as it is given to the database."""
    return part if _is_text(part) else part.encode("utf-8", "surrogateescape")


def _text(part: Any) -> str:  # noqa: ANN401 - whatever the database holds
    """Return a part of a key as the row's own column would show it."""
    if part is None:
        return ""
    return part.decode("utf-8", "surrogateescape") if isinstance(part, bytes) else str(part)
