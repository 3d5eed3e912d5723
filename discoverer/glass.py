"""Breaking the glass: reading for a while what one's role does not, for a reason, with a supervisor told.

Someone may die while the one person who may read a safe address is asleep, so the way past the rules is open to those
roles whose rules say so; it is never quiet. Each time stands in one SQLite file, outside builds: who, on which log,
why, from when until when, and which supervisor saw it since. It gives labels for minutes and ends by itself.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from discoverer.access import Viewer
from discoverer.clock import iso
from discoverer.errors import GlassUnavailable, UsageError
from discoverer.wording import minute
from index import files
from index.decisions import one_viewer
from index.layouts import layout_of

FILE_MODE = 0o600
PATIENCE = 10.0  # seconds a writer waits for others
FEWEST_LETTERS = 10
"""A reason a supervisor can judge by: 'x' is none, 'child at risk' is."""
LAYOUT = 1
_TABLES = (
    "CREATE TABLE broken (number INTEGER PRIMARY KEY AUTOINCREMENT, viewer TEXT NOT NULL, role TEXT NOT NULL,"
    " log TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL, ended TEXT NOT NULL,"
    " seen_by TEXT NOT NULL, seen_at TEXT NOT NULL)",
    f"PRAGMA user_version = {LAYOUT}",
)
_COLUMNS = "number, viewer, role, log, reason, at, until, ended, seen_by, seen_at"
_one_writer = threading.Lock()
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Broken:
    """One time that somebody broke the glass.

    Attributes:
        number: int >= 1, by which looks made meanwhile name it.
        viewer, role, log, reason: whose it is, on which log ('' when none), and why.
        at, until: str, ISO instants: from when, and when it ends by itself at the latest.
        ended: str, ISO, when it was ended before that; '' when it was not.
        seen_by, seen_at: the supervisor who looked at it since, and when; '' while nobody has.
    """

    number: int
    viewer: str
    role: str
    log: str
    reason: str
    at: str
    until: str
    ended: str
    seen_by: str
    seen_at: str

    def is_open(self, now: datetime) -> bool:
        """Tell whether it gives anything at an instant."""
        return not self.ended and self.at <= iso(now) < self.until

    @property
    def words(self) -> str:
        """It in one line, for whoever is told of it."""
        seen = f", seen by {self.seen_by} {minute(self.seen_at)}" if self.seen_by else ", NOT YET SEEN BY A SUPERVISOR"
        log = f" on {self.log}" if self.log else ""
        when = f"{minute(self.at)} to {minute(self.ended or self.until)}"
        return f"{self.viewer} ({self.role}){log}, {when}: {self.reason}{seen}"


def _unrecorded(broken: Broken) -> None:
    """Write nothing down."""
    del broken


class Glass:
    """The file of every time that the glass was broken."""

    def __init__(self, path: Path) -> None:
        """Take where it is; the file is made the first time."""
        self.path = path

    def break_for(
        self, viewer: Viewer, minutes: int, now: datetime, record: Callable[[Broken], None] = _unrecorded
    ) -> Broken:
        """Break it; whoever has it broken already ends that and begins anew.

        Args:
            viewer: who, with the reason; the log in hand alone is none.
            minutes: int >= 1, after which it ends by itself.
            now: the instant.
            record: writes down elsewhere that it is broken, before it is; what it raises leaves the glass whole.

        Raises:
            UsageError: no reason is given that a supervisor could judge by.
            GlassUnavailable: it could not be written, so that nothing is given.
        """
        if sum(letter.isalnum() for letter in viewer.reason) < FEWEST_LETTERS:
            raise UsageError(
                "Say in a few words why this is needed now, such as 'child at risk there'; a supervisor reads it."
            )
        began, until = iso(now), iso(now + timedelta(minutes=minutes))

        def _break(connection: sqlite3.Connection) -> Broken:
            _end(connection, viewer.name, began)
            row = (viewer.name, viewer.role, viewer.log, viewer.reason, began, until, "", "", "")
            added = connection.execute(f"INSERT INTO broken VALUES (NULL{', ?' * len(row)})", row)
            made = Broken(int(added.lastrowid or 0), *row)
            record(made)
            return made

        return self._write(_break)

    def end(self, name: str, now: datetime) -> bool:
        """End what a viewer has broken; tell whether anything was. Raises GlassUnavailable: it could not be written."""
        return bool(self.open_for(name, now) and self._write(lambda connection: _end(connection, name, iso(now))))

    def open_for(self, name: str, now: datetime) -> Broken | None:
        """Return what a viewer has broken and not ended. Raises GlassUnavailable: it cannot be read."""
        found = self._read("WHERE viewer = ? AND ended = '' ORDER BY number DESC LIMIT 1", (name,))
        return found[0] if found and found[0].is_open(now) else None

    def listed(self) -> tuple[Broken, ...]:
        """Return every time it was broken, those that no supervisor saw first, then the latest first."""
        return tuple(self._read("ORDER BY seen_by <> '', number DESC", ()))

    def unseen(self) -> int:
        """Return how often it was broken since a supervisor last saw it."""
        return len(self._read("WHERE seen_by = ''", ()))

    def saw(self, number: int, viewer: Viewer, now: datetime, record: Callable[[Broken], None] = _unrecorded) -> bool:
        """Note that a supervisor saw one; tell whether it is there. Nobody sees their own off.

        Args:
            number: its.
            viewer: the supervisor.
            now: the instant.
            record: writes that down elsewhere, before it holds.

        Raises:
            UsageError: it is the supervisor's own.
            GlassUnavailable: it could not be written.
        """
        found = self._read("WHERE number = ?", (number,))
        if not found:
            return False
        if one_viewer(found[0].viewer, viewer.name):
            raise UsageError("Nobody sees off their own breaking of the glass; another supervisor must look at it.")
        seen = (viewer.name, iso(now), number)

        def _see(connection: sqlite3.Connection) -> None:
            statement = "UPDATE broken SET seen_by = ?, seen_at = ? WHERE number = ? AND seen_by = ''"
            if connection.execute(statement, seen).rowcount:
                record(found[0])

        self._write(_see)
        return True

    def _read(self, clause: str, values: Sequence[object]) -> list[Broken]:
        """Return the times that a clause names; none where it was never broken."""
        try:
            if not self.path.exists():
                return []
            with self._opened() as connection:
                if not layout_of(connection, LAYOUT):
                    return []
                rows = connection.execute(f"SELECT {_COLUMNS} FROM broken {clause}", tuple(values)).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise GlassUnavailable(
                f"{self.path} cannot be read ({error}), so who broke the glass is not known and nobody reads past "
                "their role; mend its permissions or restore it."
            ) from error
        return [Broken(*row) for row in rows]

    def _write(self, change: Callable[[sqlite3.Connection], Made]) -> Made:
        """Change the file while nobody else does."""
        try:
            with _one_writer:
                files.make_directory(self.path.parent)
                files.make_file(self.path, FILE_MODE)
                with self._opened() as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    if not layout_of(connection, LAYOUT):
                        for statement in _TABLES:
                            connection.execute(statement)
                    made = change(connection)
                    connection.execute("COMMIT")
                    return made
        except (sqlite3.Error, OSError) as error:
            raise GlassUnavailable(
                f"{self.path} could not be written ({error}), so the glass stays whole; make room or mend its modes."
            ) from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file; leaving without a commit takes back what was begun."""
        files.refuse_writable_by_others(self.path)  # they would read whatever they like
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection


def _end(connection: sqlite3.Connection, name: str, at: str) -> int:
    """End what a viewer has broken and not ended; what ended by itself stays as it was."""
    return connection.execute(
        "UPDATE broken SET ended = ? WHERE viewer = ? AND ended = '' AND until > ?", (at, name, at)
    ).rowcount
