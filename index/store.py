"""The record store: one SQLite file per segment, written once, then only read. The only door to sqlite-utils.

A record's whole body is kept as JSON, so that what is shown is what was read. Running text is indexed by
word in one full-text table per visibility: a search reads only the tables its viewer may read, so that
counts give nothing away. Words are folded by the same function when building and when searching.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue
from types import TracebackType
from typing import Any, TypeVar

from sqlite_utils import Database

from discoverer.codec import decoder, encode, plain
from discoverer.errors import BuildError, IndexUnavailable
from discoverer.model import Record, Reject, Visibility
from discoverer.normalise.text import words
from index import files
from index.laid_out import Laid, lay_out, searchable, storable

BATCH = 1_000  # rows to a bulk insert or look-up: past this, neither gets faster
# Of a published file, what is read where it lies; the rest, if there is more, is copied page by page as SQLite does.
MAPPED_BYTES = 2_000_000_000
CACHE_KIB = 64 * 1024  # page cache while building; keeps the unique index of refs from thrashing

_SCHEMA = (
    "CREATE TABLE record (n INTEGER PRIMARY KEY, ref NOT NULL UNIQUE, kind TEXT, at TEXT, visibility TEXT, body)",
    "CREATE TABLE reject (n INTEGER PRIMARY KEY, body)",
    "CREATE TABLE info (n INTEGER PRIMARY KEY, body)",
    "CREATE TABLE place (place INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
)
# Words only: neither the text (the record holds it) nor positions nor lengths, which nothing asks for.
_TEXT_TABLE = "CREATE VIRTUAL TABLE text_{} USING fts5(words, content='', columnsize=0, detail=none, tokenize='ascii')"

T = TypeVar("T")
_record = decoder(Record)
_reject = decoder(Reject)


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What a segment holds.

    Attributes:
        source: str, the source's name.
        adapter_version: str, the version of the adapter that read it.
        as_at: str, ISO instant the source says it was taken at; '' when it does not say.
        read_at: str, ISO instant it was read.
        records: int >= 0.
        rejects: int >= 0.
        bytes: int > 0, size of the file.
    """

    source: str
    adapter_version: str
    as_at: str
    read_at: str
    records: int
    rejects: int
    bytes: int = 0


_info = decoder(SegmentInfo)


def open_for_building(path: Path) -> Database:
    """Open a new SQLite file that nobody reads yet: nothing is journalled or synced until `finish`.

    Raises:
        BuildError: it exists already or cannot be made.
    """
    if path.exists():
        raise BuildError(f"{path} exists already; a database of a build is written once, so build into a new folder.")
    with writing(path):
        database = Database(sqlite3.connect(path, uri=True))
        for setting in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", f"cache_size=-{CACHE_KIB}"):
            database.conn.execute(f"PRAGMA {setting}").close()
    return database


def finish(database: Database, path: Path) -> None:
    """Commit, close and sync a database made by `open_for_building`.

    Raises:
        BuildError: the disk did not take it.
    """
    try:
        database.conn.commit()
        database.close()
        files.sync_file(path)
    except (sqlite3.Error, OSError) as error:
        raise _not_written(path, error) from error


def open_for_reading(path: Path) -> Database:
    """Open a SQLite file of a published build: read-only, without locks, usable from any one thread at a time.

    Raises:
        IndexUnavailable: it is missing or is no database.
    """
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        database = Database(sqlite3.connect(uri, uri=True, check_same_thread=False))
        database.conn.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}").close()
        database.conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _not_read(path, error) from error
    return database


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn SQLite's errors while a database of a build is written into ours.

    Raises:
        BuildError: the disk did not take it.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: Exception) -> BuildError:
    """Say that a database could not be written."""
    return BuildError(f"{path.name} could not be written ({error}); check the disk has room, then build again.")


def _not_read(path: Path, error: Exception) -> IndexUnavailable:
    """Say that a database could not be read."""
    return IndexUnavailable(f"{path.name} of the index cannot be read ({error}); roll back or build again.")


class SegmentWriter:
    """Writes one source's records into a new segment, in source order; one thread, used once.

    A record whose key stands already is kept as a reject, so that nothing is lost and no key names two records.
    """

    def __init__(self, path: Path, source: str, adapter_version: str) -> None:
        """Begin a segment.

        Args:
            path: where; nothing may stand there.
            source: str, the source's name.
            adapter_version: str.

        Raises:
            BuildError: the file cannot be made.
        """
        self._path = path
        self._source = source
        self._version = adapter_version
        self._waiting: list[Laid] = []
        self._rejected: list[bytes] = []
        self.records = 0
        self.rejects = 0
        self._database = open_for_building(path)
        self._connection = self._database.conn
        with writing(path):
            self._make_tables()

    def _make_tables(self) -> None:
        """Lay out the empty tables."""
        for statement in _SCHEMA:
            self._connection.execute(statement)
        for visibility in Visibility:
            self._connection.execute(_TEXT_TABLE.format(visibility.value))

    def add(self, record: Record) -> None:
        """Keep a record. Raises BuildError: the disk did not take it."""
        self.take([lay_out(record)])

    def take(self, laid: Iterable[Laid]) -> None:
        """Keep records that are laid out. Raises BuildError: the disk did not take them."""
        self._waiting += laid
        if len(self._waiting) >= BATCH:
            self.settle()

    def reject(self, reject: Reject) -> None:
        """Keep a row that could not become a record. Raises BuildError: the disk did not take it."""
        self._rejected.append(encode(reject))
        if len(self._rejected) >= BATCH:
            self.settle()

    def settle(self) -> None:
        """Write out what waits, so that `records` and `rejects` count everything given so far. Raises BuildError."""
        with writing(self._path):
            self._flush()

    def close(self, as_at: str, read_at: str) -> SegmentInfo:
        """Index the words, write the counts, sync and close.

        Args:
            as_at: str, ISO instant the source says it was taken at; ''.
            read_at: str, ISO instant it was read.

        Raises:
            BuildError: the disk did not take it.
        """
        self.settle()
        info = SegmentInfo(self._source, self._version, as_at, read_at, self.records, self.rejects)
        with writing(self._path):
            self._index_words()
            self._connection.execute("INSERT INTO info (body) VALUES (?)", [encode(info)])
        finish(self._database, self._path)
        return SegmentInfo(
            self._source, self._version, as_at, read_at, self.records, self.rejects, self._path.stat().st_size
        )

    def refused(self, limit: int) -> list[Reject]:
        """Return the first `limit` rejects so far, for a reading that is about to be abandoned. Raises BuildError."""
        self.settle()
        rows = self._connection.execute("SELECT body FROM reject ORDER BY n LIMIT ?", [limit])
        return [_reject(body) for (body,) in rows]

    def abandon(self) -> None:
        """Close and remove the file: its source turned out not to be usable."""
        self._database.close()
        self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        """Write out the waiting records and rejects."""
        records = self._first_of_each_key(self._waiting)
        self._waiting = []
        self._connection.executemany(
            "INSERT INTO record (n, ref, kind, at, visibility, body) VALUES (?, ?, ?, ?, ?, ?)",
            ((number, *each[:-1]) for number, each in enumerate(records, self.records + 1)),
        )
        self.records += len(records)
        self._connection.executemany("INSERT INTO reject (body) VALUES (?)", [(body,) for body in self._rejected])
        self.rejects += len(self._rejected)
        self._rejected = []

    def _first_of_each_key(self, batch: Sequence[Laid]) -> list[Laid]:
        """Return the records whose key is new; the others become rejects."""
        refs = [record.ref for record in batch]
        standing = dict(_look_up(self._connection, "SELECT ref, body FROM record WHERE ref IN ({})", refs))
        seen = {ref: _record(body).row for ref, body in standing.items()}
        fresh = []
        for ref, record in zip(refs, batch, strict=True):
            if ref in seen:
                self._rejected.append(encode(twice(_record(record.body), seen[ref])))
            else:
                seen[ref] = record.row
                fresh.append(record)
        return fresh

    def _index_words(self) -> None:
        """Index the words of every record, the most recent first, so that the first matches are the ones wanted."""
        self._connection.execute("INSERT INTO place (n) SELECT n FROM record ORDER BY at DESC, n DESC")
        rows = self._connection.execute("SELECT place, body FROM place JOIN record USING (n) ORDER BY place")
        while batch := rows.fetchmany(BATCH):
            found: dict[str, list[tuple[int, str]]] = {}
            for place, body in batch:
                record = _record(body)
                if text := searchable(record):
                    found.setdefault(record.words_visibility.value, []).append((place, text))
            for visibility, texts in found.items():
                self._connection.executemany(f"INSERT INTO text_{visibility} (rowid, words) VALUES (?, ?)", texts)
        self._connection.execute("CREATE UNIQUE INDEX place_by_record ON place (n)")
        for visibility in Visibility:
            name = f"text_{visibility.value}"
            self._connection.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')")


def twice(record: Record, first: str) -> Reject:
    """Make the reject of a record whose key stands already.

    Args:
        record: it.
        first: the row that has the key too; '' when that is not known.
    """
    reason = f"the key stands twice: {first or 'an earlier row'} has it too; mend the source, or widen its key."
    return Reject(record.source, record.row, "", record.ref[:10_000], reason, plain(record))


def few_lengths(values: Sequence[Any]) -> Sequence[Any]:
    """Repeat the last of some values up to a power of two of them: lists of few lengths, whose statements SQLite keeps.

    In a list of values one given twice counts once, and to read a statement costs as much as to run it on a few rows.
    """
    wanted = 1 << max(0, len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (wanted - len(values))] if values else values


def _look_up(connection: sqlite3.Connection, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Run a statement with '({})' standing for a list of values, a batch of them at a time."""
    for start in range(0, len(values), BATCH):
        batch = few_lengths(values[start : start + BATCH])
        yield from connection.execute(statement.format(",".join("?" * len(batch))), batch)


class Segment:
    """One source's records in one build, read-only. Any number of threads may read at once.

    Attributes:
        path: Path, the file.
        info: SegmentInfo.
    """

    def __init__(self, path: Path) -> None:
        """Open a segment.

        Raises:
            IndexUnavailable: it is missing, damaged, or was never finished.
        """
        self.path = path
        self._idle: LifoQueue[Database] = LifoQueue()
        with self._connection() as connection:
            found = connection.execute("SELECT body FROM info").fetchone()
            if found is None:
                raise IndexUnavailable(f"{path.name} of the index was never finished; roll back or build again.")
            stored = _info(found[0])
        self.info = SegmentInfo(
            stored.source, stored.adapter_version, stored.as_at, stored.read_at, stored.records, stored.rejects,
            path.stat().st_size,
        )  # fmt: skip

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to one reader at a time; as many exist as ever read at once."""
        try:
            database = self._idle.get_nowait()
        except Empty:
            database = open_for_reading(self.path)
        try:
            yield database.conn
        except (sqlite3.Error, ValueError) as error:  # ValueError: a body is not the JSON of a record
            raise _not_read(self.path, error) from error
        finally:
            self._idle.put(database)

    def __enter__(self) -> Segment:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections nobody is using; reading again opens new ones."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    @property
    def count(self) -> int:
        """How many records the table really holds (the manifest says how many it should)."""
        with self._connection() as connection:
            return int(connection.execute("SELECT count(*) FROM record").fetchone()[0])

    def records(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, Record]]:
        """Yield (n, record) in source order; n is 1, 2, 3 ... without gaps.

        Args:
            first: n of the first wanted.
            last: n of the last wanted; None: all of them.

        Raises:
            IndexUnavailable: the file is damaged.
        """
        end = self.info.records if last is None else last
        with self._connection() as connection:
            rows = connection.execute("SELECT n, body FROM record WHERE n BETWEEN ? AND ? ORDER BY n", (first, end))
            while batch := rows.fetchmany(BATCH):
                for number, body in batch:
                    yield number, _record(body)

    def get(self, numbers: Sequence[int]) -> dict[int, Record]:
        """Return the records of these numbers; a number that names none is left out."""
        with self._connection() as connection:
            rows = _look_up(connection, "SELECT n, body FROM record WHERE n IN ({})", numbers)
            return {number: _record(body) for number, body in rows}

    def number_of(self, ref: str, labels: Collection[Visibility] = tuple(Visibility)) -> int | None:
        """Return the number of the record with this ref, its raw key columns joined with '/'; None when there is none.

        Args:
            ref: as cited.
            labels: those the viewer may read; a record with another is passed over without being read, so that it
                takes no longer than one that is not there.
        """
        marks = ", ".join("?" for _ in labels)
        with self._connection() as connection:
            found = connection.execute(
                f"SELECT n FROM record WHERE ref = ? AND visibility IN ({marks})", [storable(ref), *labels]
            ).fetchone()
        return int(found[0]) if found else None

    def apart_from(self, other: Path, limit: int) -> tuple[int, list[tuple[int, str]]]:
        """Tell how many of these records another segment holds none of the same ref of.

        Args:
            other: the file of the other segment.
            limit: int >= 0, how many to name.

        Returns:
            (how many, (n, ref) of the last `limit` of them, in source order).
        """
        lacking = "FROM main.record AS mine WHERE NOT EXISTS (SELECT 1 FROM other.record WHERE ref = mine.ref)"
        with self._connection() as connection:
            connection.execute("ATTACH DATABASE ? AS other", [f"{other.resolve().as_uri()}?mode=ro&immutable=1"])
            try:
                total = int(connection.execute(f"SELECT count(*) {lacking}").fetchone()[0])
                named = f"SELECT n, ref {lacking} ORDER BY n DESC LIMIT ?"
                rows = connection.execute(named, [limit if total else 0]).fetchall()
            finally:
                connection.execute("DETACH DATABASE other")
        return total, [(n, ref if isinstance(ref, str) else ref.decode("utf-8", "replace")) for n, ref in rows[::-1]]

    def rejects(self, limit: int = -1) -> list[Reject]:
        """Return the first `limit` rejects in the order they were met; -1: all of them."""
        with self._connection() as connection:
            rows = connection.execute("SELECT body FROM reject ORDER BY n LIMIT ?", [limit])
            return [_reject(body) for (body,) in rows]

    def search_text(
        self, wanted: Sequence[str], visibilities: Collection[Visibility], limit: int
    ) -> tuple[list[int], int]:
        """Find the records whose summary and texts hold every one of these words.

        Args:
            wanted: words in any form; they are folded as the texts were. None left after folding finds nothing.
            visibilities: the labels the viewer may read; records with another are neither found nor counted.
            limit: int >= 0, how many to return.

        Returns:
            (numbers, at most `limit`, most recent first and undated last; how many records fit in all).
        """
        query = match_query(wanted)
        tables = [f"text_{visibility.value}" for visibility in Visibility if visibility in visibilities]
        if not query or not tables:
            return [], 0
        with self._connection() as connection:
            total = sum(_count(connection, table, query) for table in tables)
            inner = " UNION ALL ".join(f"SELECT rowid FROM {table} WHERE {table} MATCH :query" for table in tables)
            rows = connection.execute(
                f"SELECT n FROM ({inner} ORDER BY 1 LIMIT :limit) AS hit JOIN place ON place.place = hit.rowid "
                "ORDER BY place.place",
                {"query": query, "limit": limit},
            )
            return [number for (number,) in rows], total

    def places_of(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return where the words of these records are: number -> place."""
        with self._connection() as connection:
            return dict(_look_up(connection, "SELECT n, place FROM place WHERE n IN ({})", numbers))

    def count_at(self, places: Collection[int], wanted: Sequence[str], visibilities: Collection[Visibility]) -> int:
        """Count the records at these places whose summary and texts hold every one of these words.

        Args:
            places: from `places_of`.
            wanted: words in any form, as for `search_text`.
            visibilities: the labels the viewer may read.
        """
        query = match_query(wanted)
        if not query or not places:
            return 0
        listed = json.dumps(list(places))
        tables = [f"text_{visibility.value}" for visibility in visibilities]
        where = "rowid IN (SELECT value FROM json_each(?))"
        with self._connection() as connection:
            found = [
                connection.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH ? AND {where}", [query, listed])
                for table in tables
            ]
            return sum(int(each.fetchone()[0]) for each in found)

    def has_reject(self, reject: Reject) -> bool:
        """Tell whether a row is kept as this very reject."""
        with self._connection() as connection:
            return connection.execute("SELECT 1 FROM reject WHERE body = ?", [encode(reject)]).fetchone() is not None


def match_query(wanted: Iterable[str]) -> str:
    """Write words, in any form, as what the index of words is asked for; '' when none is left after folding."""
    return " ".join(f'"{word}"' for word in _distinct_words(wanted))


def _distinct_words(wanted: Iterable[str]) -> list[str]:
    """Fold the words asked for, each kept once."""
    return list(dict.fromkeys(word for text in wanted for word in words(text)))


def _count(connection: sqlite3.Connection, table: str, query: str) -> int:
    """Count the records of one visibility that fit."""
    return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH ?", [query]).fetchone()[0])
