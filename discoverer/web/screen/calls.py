"""The calls in hand of each seat in the control room, and what was looked up for each: a new call loses none of them.

They stand in one SQLite file outside builds, so that a server restarted in mid-call gives them back. What was typed is
personal data: the file is its owner's alone; calls are shown for a shift after their last look, and removed by whoever
keeps something next, overwritten on the disk (SQLite's secure_delete). That nothing could be kept never stands in the
way of an answer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from discoverer.clock import iso
from index import files

FILE_NAME = "calls.sqlite"
FILE_MODE = 0o600
KEPT = timedelta(hours=12)
"""How long after its last look a call is kept: a shift."""
MOST_CALLS = 20
"""Calls in hand at one seat; the oldest goes when there are more."""
MOST_LOOKS = 30
PATIENCE = 1.0  # seconds a writer waits for others; each holds the file for milliseconds, and an answer waits for this
_LAYOUT = (
    "CREATE TABLE IF NOT EXISTS call (id INTEGER PRIMARY KEY AUTOINCREMENT, seat TEXT NOT NULL, cli TEXT NOT NULL,"
    " log TEXT NOT NULL, opened TEXT NOT NULL, last TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS look (call INT NOT NULL REFERENCES call ON DELETE CASCADE, address TEXT NOT NULL,"
    " title TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (call, address))",
    "CREATE INDEX IF NOT EXISTS call_seat ON call (seat)",
    "CREATE INDEX IF NOT EXISTS call_last ON call (last)",
)


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing looked up for a call.

    Attributes:
        address: str, of its page, from '/' on.
        title: str, what was asked.
        at: str, ISO.
    """

    address: str
    title: str
    at: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call in hand.

    Attributes:
        id: int >= 1.
        cli: str, the number it came from, as telephony gave it; '' when not known.
        log: str, its incident log; '' when not known yet.
        opened: str, ISO.
        looks: tuple[Looked, ...], the latest first.
    """

    id: int
    cli: str
    log: str
    opened: str
    looks: tuple[Looked, ...]

    @property
    def words(self) -> str:
        """What the call is named by: its log, its number, or that it is new."""
        return " ".join(filter(None, (self.log and f"log {self.log}", self.cli))) or f"call {self.id}"


class Calls:
    """The file of calls in hand; any number of processes may use it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the state; the file is made when the first call is kept."""
        self._path = folder / FILE_NAME

    def opened(self, seat: str, cli: str, log: str, now: datetime) -> int:
        """Return the id of a seat's call from a number or with a log, which is made when there is none.

        A call without a log is never taken for one that has another: whoever rings again has a new log, and officers
        must not be sent to the place of the old one.

        Raises:
            sqlite3.Error, OSError: it could not be kept.
        """
        with self._writing() as base:
            for known, had_cli, had_log in base.execute(
                "SELECT id, cli, log FROM call WHERE seat = ? ORDER BY id DESC", (seat,)
            ):
                if (log and log == had_log) or (cli and cli == had_cli and not had_log):
                    base.execute(
                        "UPDATE call SET log = ?, cli = ? WHERE id = ?", (log or had_log, cli or had_cli, known)
                    )
                    return int(known)
            at = iso(now)
            self._tidied(base, seat, now, room=1)
            made = base.execute(
                "INSERT INTO call (seat, cli, log, opened, last) VALUES (?, ?, ?, ?, ?)", (seat, cli, log, at, at)
            )
            return int(made.lastrowid or 0)

    def looked(self, seat: str, call: int, address: str, title: str, now: datetime) -> None:
        """Keep that something was looked up for a call of this seat; nothing for a call that is not there.

        Raises:
            sqlite3.Error, OSError: it could not be kept.
        """
        with self._writing() as base:
            self._tidied(base, seat, now)
            at = iso(now)
            held = base.execute("UPDATE call SET last = ? WHERE id = ? AND seat = ?", (at, call, seat))
            if held.rowcount:
                base.execute(
                    "INSERT INTO look VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET at = excluded.at, title = excluded.title",
                    (call, address, title, at),
                )
                base.execute(
                    "DELETE FROM look WHERE call = ? AND address NOT IN"
                    " (SELECT address FROM look WHERE call = ? ORDER BY at DESC, rowid DESC LIMIT ?)",
                    (call, call, MOST_LOOKS),
                )

    def closed(self, seat: str, call: int) -> None:
        """Remove a call of this seat with what was looked up for it.

        Raises:
            sqlite3.Error, OSError: it could not be removed.
        """
        with self._writing() as base:
            base.execute("DELETE FROM call WHERE id = ? AND seat = ?", (call, seat))

    def of(self, seat: str, now: datetime) -> tuple[Call, ...]:
        """Return the calls in hand at a seat, the latest opened first.

        Raises:
            sqlite3.Error, OSError: they cannot be read.
        """
        if not self._path.exists():
            return ()
        since = iso(now - KEPT)
        with closing(self._open()) as base:
            rows = base.execute(
                "SELECT id, cli, log, opened FROM call WHERE seat = ? AND last >= ? ORDER BY id DESC", (seat, since)
            ).fetchall()
            return tuple(Call(known, cli, log, at, tuple(_looks(base, known))) for known, cli, log, at in rows)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in a transaction."""
        files.make_directory(self._path.parent)
        if not self._path.exists():
            files.make_file(self._path, FILE_MODE)
        with closing(self._open()) as base, base:
            for statement in _LAYOUT:
                base.execute(statement)
            base.execute("BEGIN IMMEDIATE")
            yield base

    def _open(self) -> sqlite3.Connection:
        """Open the file."""
        base = sqlite3.connect(self._path, timeout=PATIENCE)
        base.execute("PRAGMA secure_delete = ON")
        base.execute("PRAGMA foreign_keys = ON")
        return base

    def _tidied(self, base: sqlite3.Connection, seat: str, now: datetime, room: int = 0) -> None:
        """Remove what is older than a shift, and of this seat what leaves no room: calls without looks first."""
        base.execute("DELETE FROM call WHERE last < ?", (iso(now - KEPT),))
        base.execute(
            "DELETE FROM call WHERE seat = ? AND id NOT IN"
            " (SELECT id FROM call WHERE seat = ? ORDER BY"
            " EXISTS (SELECT 1 FROM look WHERE look.call = call.id) DESC, last DESC, id DESC LIMIT ?)",
            (seat, seat, MOST_CALLS - room),
        )


def _looks(base: sqlite3.Connection, call: int) -> Iterator[Looked]:
    """Yield what was looked up for a call, the latest first."""
    rows = base.execute("SELECT address, title, at FROM look WHERE call = ? ORDER BY at DESC, rowid DESC", (call,))
    yield from (Looked(*row) for row in rows)
