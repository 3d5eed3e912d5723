"""The briefings that were given: kept outside builds, never changed, but for what must be forgotten.

One SQLite file with full syncing: a briefing that was acknowledged is on the disk. It holds the exact text and what it
rested on, which is personal data of the records: once a source has deleted one of them, the text and every reference
to it are overwritten, and only fingerprints, who, when and to whom stay. Those are made with a random key kept beside
it (`keyed.py`): without that nobody finds a number by trying all of them. The one of all records together is made
without, and by nobody who does not hold every one of them whole.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from discoverer.answer import HitKind
from discoverer.briefing.keyed import Keyed
from discoverer.briefing.parts import Briefing, Given, Rested
from discoverer.clock import iso, parse_iso
from discoverer.errors import BriefingNotKept, BriefingsUnavailable
from discoverer.wording import minute
from index import files
from index.layouts import layout_of

PATIENCE = 10.0  # seconds a writer waits for others
READING_PATIENCE = 1.0  # seconds a reader does: officers are on their way
TWICE = timedelta(minutes=1)
"""Within this, the same briefing in the same words to the same call sign is one that was sent twice."""
LAYOUT = 2
_TABLES = (
    "CREATE TABLE given (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, ident TEXT NOT NULL,"
    " at TEXT NOT NULL, viewer TEXT NOT NULL, role TEXT NOT NULL, log TEXT NOT NULL, sent_to TEXT NOT NULL,"
    " edited INT NOT NULL, text TEXT NOT NULL, original TEXT NOT NULL, digest TEXT NOT NULL, build TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, cut INT NOT NULL, redacted TEXT NOT NULL)",
    "CREATE TABLE subject (briefing INT NOT NULL REFERENCES given, digest TEXT NOT NULL)",
    "CREATE INDEX subject_digest ON subject (digest)",
    "CREATE TABLE rested (briefing INT NOT NULL REFERENCES given, source TEXT NOT NULL, ref TEXT NOT NULL,"
    " digest TEXT NOT NULL, at TEXT NOT NULL, label TEXT NOT NULL, said TEXT NOT NULL, level TEXT NOT NULL,"
    " standing TEXT NOT NULL)",
    "CREATE INDEX rested_briefing ON rested (briefing)",
    "CREATE INDEX rested_record ON rested (source, ref)",
    f"PRAGMA user_version = {LAYOUT}",
)
# What the first layout had: fingerprints without a key, and no index by record.
_FROM_FIRST = (
    "UPDATE subject SET digest = keyed(digest)",
    "UPDATE rested SET digest = keyed(digest)",
    "UPDATE given SET digest = keyed(digest)",
    *_TABLES[-2:],
)
_COLUMNS = (
    "number, kind, ident, at, viewer, log, sent_to, edited, digest, build, redacted, text, original, cut, fingerprint"
)
_CHUNK = 500  # values of one statement
_HALF = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")
_one_writer = threading.Lock()


@dataclass(frozen=True, slots=True)
class NewlyGiven:
    """A briefing that is being given.

    Attributes:
        briefing: as it was made.
        subjects: what it is about, as `subjects_of` names it; of each only a fingerprint is kept.
        text: exactly what was given.
        original: str, what was made, where the text is not that; else ''.
        edited: bool.
        to: call sign; '' when not said.
        by, role, log: who gives it.
        at: str, ISO.
    """

    briefing: Briefing
    subjects: tuple[str, ...]
    text: str
    original: str
    edited: bool
    to: str
    by: str
    role: str
    log: str
    at: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A briefing that was given, with what it rested on.

    Attributes:
        given: as it is told.
        text, original: as of `NewlyGiven`; '' once redacted.
        rested: the records it rests on; of a forgotten one only that there was one (`ref` '').
        cut: bool, as of `Briefing`.
        fingerprint: str, of all that it rested on.
    """

    given: Given
    text: str
    original: str
    rested: tuple[Rested, ...]
    cut: bool
    fingerprint: str


class Store:
    """The file of briefings given."""

    def __init__(self, path: Path) -> None:
        """Take where it is; the file is made by the first briefing given."""
        self.path = path
        self._keyed = Keyed(path.with_suffix(".key"))

    def add(self, new: NewlyGiven) -> Given:
        """Keep a briefing that is given; one sent twice is kept once.

        Raises:
            BriefingNotKept: it could not be written.
        """
        made = new.briefing

        def _add(connection: sqlite3.Connection) -> int:
            if before := _sent_before(connection, new):
                return before
            row = (
                made.kind.value, made.id, new.at, new.by, new.role, new.log, new.to, int(new.edited), new.text,
                new.original, self._keyed.of_text(new.text), made.build, made.fingerprint, int(made.cut), "",
            )  # fmt: skip
            kept = [_storable(each) for each in row]
            marks = ", ".join("?" for _ in row)
            number = int(connection.execute(f"INSERT INTO given VALUES (NULL, {marks})", kept).lastrowid or 0)
            connection.executemany(
                "INSERT INTO subject VALUES (?, ?)", [(number, self._keyed.of_text(each)) for each in new.subjects]
            )
            connection.executemany(
                "INSERT INTO rested VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._row(number, each) for each in made.rested_on],
            )
            return number

        number = self._write(_add, "The briefing was not kept", "say again that it was given")
        return self._kept([number])[0].given

    def last(self, subjects: Sequence[str], labels: Collection[str]) -> Kept | None:
        """Return the last briefing about any of these that rests on nothing but what bears these labels.

        Args:
            subjects: as `subjects_of` names them.
            labels: Visibility values of whoever asks.

        Raises:
            BriefingsUnavailable: the file cannot be read.
        """
        with self._asking() as connection:
            marked = [self._keyed.of_text(each) for each in subjects] if connection is not None else []
        numbers: set[int] = set()
        for start in range(0, len(marked), _CHUNK):
            some = marked[start : start + _CHUNK]
            marks = ", ".join("?" for _ in some)
            rows = self._read(f"SELECT DISTINCT briefing FROM subject WHERE digest IN ({marks})", some)
            numbers |= {int(str(row[0])) for row in rows}
        for number in sorted(numbers, reverse=True):
            kept = self._kept([number])[0]
            if all(each.label in labels for each in kept.rested):
                return kept
        return None

    def redact(self, is_gone: Callable[[str, str], bool], at: str) -> int:
        """Overwrite the text of every briefing that rests on a record that is gone, and all that names that record.

        Args:
            is_gone: (source, ref) -> whether its source has deleted it.
            at: str, ISO, now.

        Returns:
            How many briefings lost their text.

        Raises:
            BriefingsUnavailable: the file cannot be read.
            BriefingNotKept: it could not be written, so that the text still stands.
        """
        named = self._read("SELECT DISTINCT source, ref FROM rested WHERE ref <> ''", ())
        gone = [(str(source), str(ref)) for source, ref in named if is_gone(str(source), _as_held(str(ref)))]
        if not gone:
            return 0

        def _overwrite(connection: sqlite3.Connection) -> int:
            struck: set[int] = set()
            for source, ref in gone:
                rows = connection.execute("SELECT briefing FROM rested WHERE source = ? AND ref = ?", (source, ref))
                struck |= {int(row[0]) for row in rows.fetchall()}
                connection.execute(
                    "UPDATE rested SET source = '', ref = '', at = '', said = '', level = '', standing = '[]'"
                    " WHERE source = ? AND ref = ?",
                    (source, ref),
                )
            # The id may be the record's, and so may the log in hand; the fingerprints by which it is found stay.
            connection.executemany(
                "UPDATE given SET text = '', original = '', ident = '', log = '',"
                " redacted = CASE redacted WHEN '' THEN ? ELSE redacted END WHERE number = ?",
                [(at, number) for number in struck],
            )
            return len(struck)

        return self._write(_overwrite, "What was briefed of a deleted record still stands", "run it again")

    def _row(self, number: int, each: Rested) -> tuple[object, ...]:
        """Return the row of one record that a briefing rests on; the fingerprint stays when its id must go."""
        key = each.source, _storable(each.ref), self._keyed.of_text(f"{each.source}:{each.ref}")
        return number, *key, each.at, each.label, each.said, each.level, json.dumps(each.standing)

    def _kept(self, numbers: Sequence[int]) -> list[Kept]:
        """Read briefings whole, in this order."""
        found = []
        for number in numbers:
            row = self._read(f"SELECT {_COLUMNS} FROM given WHERE number = ?", (number,))[0]
            rested = self._read(
                "SELECT source, ref, at, label, said, level, standing FROM rested WHERE briefing = ? ORDER BY rowid",
                (number,),
            )
            found.append(_kept(row, rested))
        return found

    def _read(self, statement: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        """Run a statement that reads; [] when no briefing was ever given."""
        with self._asking() as connection:
            return connection.execute(statement, tuple(values)).fetchall() if connection is not None else []

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file to be read; None: no briefing was ever given. Say what to do where it or its key cannot be."""
        try:
            if not self.path.exists() or not self.path.stat().st_size:
                if self._keyed.exists():
                    raise OSError("it is gone, and the key beside it says that briefings were given")
                yield None
                return
            with self._open(READING_PATIENCE) as connection:
                if 0 < layout_of(connection, LAYOUT) < LAYOUT:
                    connection.execute("BEGIN IMMEDIATE")
                    self._lay_out(connection)
                    connection.execute("COMMIT")
                yield connection if layout_of(connection, LAYOUT) else None
        except (sqlite3.Error, OSError) as error:
            raise BriefingsUnavailable(
                f"{self.path} cannot be read ({error}), so what was briefed before is not known; mend its permissions "
                "or restore it and the key beside it from their backup."
            ) from error

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        """Lay out the tables of a file that has none, or bring those of the first layout to this one."""
        layout = layout_of(connection, LAYOUT)
        if layout < LAYOUT:
            self._keyed.make_key()
            connection.create_function("keyed", 1, self._keyed.of_digest)
        for statement in {0: _TABLES, 1: _FROM_FIRST}.get(layout, ()):
            connection.execute(statement)

    def _write(self, add: Callable[[sqlite3.Connection], int], failed: str, then: str) -> int:
        """Change the file while nobody else does; say what failed, and what to do, where that cannot be."""
        try:
            with _one_writer:
                files.make_directory(self.path.parent)
                files.make_file(self.path, files.private_mode(self.path.parent))
                with self._open() as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    self._lay_out(connection)
                    done = add(connection)
                    connection.execute("COMMIT")
                    return done
        except (sqlite3.Error, OSError) as error:
            raise BriefingNotKept(
                f"{failed}: {self.path} could not be written ({error}); make room or mend its permissions, then {then}."
            ) from error

    @contextmanager
    def _open(self, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
        """Open the file; leaving without a commit takes back what was begun."""
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")  # the folder too, so that power loss brings nothing back
            connection.execute("PRAGMA secure_delete = ON")  # what is overwritten stands in no free page
            yield connection


def _sent_before(connection: sqlite3.Connection, new: NewlyGiven) -> int:
    """Return the number under which the same was given a moment ago; 0 when it was not."""
    since = iso(parse_iso(new.at) - TWICE)
    found = connection.execute(
        "SELECT number FROM given"
        " WHERE at >= ? AND fingerprint = ? AND text = ? AND log = ? AND sent_to = ? AND viewer = ?",
        [_storable(each) for each in (since, new.briefing.fingerprint, new.text, new.log, new.to, new.by)],
    ).fetchone()
    return int(found[0]) if found else 0


def _storable(value: object) -> object:
    """Write half of a character, left by a broken export, as its escape: a database takes none."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def _as_held(ref: str) -> str:
    """Return a reference as a record bears it, from what `_storable` made of it."""
    return _HALF.sub(lambda match: chr(int(match[1], 16)), ref)


def _kept(row: Sequence[object], rested: Sequence[Sequence[object]]) -> Kept:
    """Make a briefing of its rows."""
    number, kind, ident, at, viewer, log, to, edited, marked, build, redacted, text, original, cut, whole = row
    changed = bool(edited)
    words = f"briefed {minute(str(at))}{f' to {to}' if to else ''} by {viewer}{', edited' if changed else ''}"
    words += f"; its text was removed {minute(str(redacted))} with a record deleted since" if redacted else ""
    given = Given(
        int(str(number)), str(HitKind(str(kind)).value), str(ident), str(at), str(viewer), str(log), str(to), changed,
        str(marked), str(build), str(redacted), words,
    )  # fmt: skip
    records = tuple(
        Rested(source, ref, when, label, said, level, tuple(json.loads(standing)))
        for source, ref, when, label, said, level, standing in (map(str, each) for each in rested)
    )
    return Kept(given, str(text), str(original), records, bool(cut), str(whole))
