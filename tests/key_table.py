"""A third engine, for comparison: one SQLite table of (key, document), which serves the very keys the others serve."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection
from pathlib import Path

from discoverer.errors import IndexUnavailable
from index.engine import Postings

FILE = "keys.sqlite"
BATCH = 100_000  # pairs held before they are written
_PENDING = "CREATE TABLE pending (key BLOB, doc INT)"
_TABLE = "CREATE TABLE posting (key BLOB, doc INT, PRIMARY KEY (key, doc)) WITHOUT ROWID"


def _encoded(key: str) -> bytes:
    """Return a key as bytes, half characters included."""
    return key.encode("utf-8", "surrogatepass")


class KeyTableWriter:
    """Collects pairs as they come; sorts them once at the end, since a tree filled in order is dense and quickly made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / FILE, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -262144",
            "BEGIN",
            _PENDING,
            _TABLE,
        ):
            self._connection.execute(statement)
        self._pairs: list[tuple[bytes, int]] = []
        self._next = 0

    def add(self, keys: Collection[str]) -> None:
        """Add the next document (see EngineWriter)."""
        self._pairs += [(_encoded(key), self._next) for key in set(keys)]
        self._next += 1
        if len(self._pairs) >= BATCH:
            self._write()

    def _write(self) -> None:
        """Write the pairs held."""
        self._connection.executemany("INSERT INTO pending VALUES (?, ?)", self._pairs)
        self._pairs.clear()

    def close(self) -> None:
        """Sort the pairs into their table."""
        self._write()
        self._connection.execute("INSERT INTO posting SELECT key, doc FROM pending ORDER BY key, doc")
        self._connection.execute("DROP TABLE pending")
        self._connection.execute("COMMIT")
        self._connection.execute("VACUUM")
        self._connection.close()


class KeyTableEngine:
    """Reads one finished table; each thread by a connection of its own."""

    def __init__(self, folder: Path) -> None:
        """Open the table. Raises IndexUnavailable: it is not there."""
        self._path = folder / FILE
        if not self._path.is_file():
            raise IndexUnavailable(f"There is no {FILE} in {folder.name}; build again.")
        self._here = threading.local()
        self._opened: list[sqlite3.Connection] = []

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._here, "connection", None)
        if found is None:
            address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
            found = self._here.connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._opened.append(found)
        return found

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key` (see Engine); only long lists are counted apart."""
        asked = _encoded(key)
        try:
            ask = self._connection().execute
            rows = ask("SELECT doc FROM posting WHERE key = ? ORDER BY doc LIMIT ?", (asked, limit)).fetchall()
            total = len(rows)
            if total == limit:
                (total,) = ask("SELECT count(*) FROM posting WHERE key = ?", (asked,)).fetchone()
        except sqlite3.Error as error:
            raise IndexUnavailable(f"{self._path.name} cannot be read ({error}); build again.") from error
        return Postings([doc for (doc,) in rows], total)

    def close(self) -> None:
        """Close every connection."""
        while self._opened:
            self._opened.pop().close()


class KeyTable:
    """The engine that measurements call "key_table"; settings do not know it."""

    def writer(self, folder: Path) -> KeyTableWriter:
        """Start a new table (see EngineKind)."""
        return KeyTableWriter(folder)

    def open(self, folder: Path) -> KeyTableEngine:
        """Open a finished table (see EngineKind)."""
        return KeyTableEngine(folder)
