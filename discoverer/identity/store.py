"""The file of accounts: one SQLite file of its own, closed to everybody but its owner.

It is apart from everything else so that whoever reads the index never reads a password's hash, and so that it is backed
up and restored by itself. A file that is missing, empty or broken is an error, never 'there are no accounts'.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from discoverer.errors import AccountsUnavailable
from index import files
from index.layouts import layout_of

FILE_MODE = 0o600
PATIENCE = 10.0  # seconds one waits for others; each holds the file for milliseconds
LAYOUT = 2
_ONE_EACH = "CREATE UNIQUE INDEX account_machine_user ON account (machine_user) WHERE machine_user != ''"
_SINCE_1 = (
    "ALTER TABLE account ADD COLUMN machine_user TEXT NOT NULL DEFAULT ''",
    _ONE_EACH,
    "PRAGMA user_version = 2",
)
"""What brings a file of layout 1 up, in which nobody was known by their account of the machine."""
_TABLES = (
    "CREATE TABLE account (key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, title TEXT NOT NULL,"
    " active INT NOT NULL, password TEXT NOT NULL, secret TEXT NOT NULL, step INT NOT NULL,"
    " machine_user TEXT NOT NULL DEFAULT '')",
    _ONE_EACH,
    "CREATE TABLE session (digest TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account, began INT NOT NULL,"
    " seen INT NOT NULL, confirmed INT NOT NULL)",
    "CREATE INDEX session_account ON session (account)",
    "CREATE TABLE token (number INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, account TEXT NOT NULL"
    " REFERENCES account, name TEXT NOT NULL, scopes TEXT NOT NULL, made INT NOT NULL, ends INT NOT NULL,"
    " revoked INT NOT NULL)",
    "CREATE TABLE wait (kind TEXT NOT NULL, digest TEXT NOT NULL, wrong INT NOT NULL, last INT NOT NULL,"
    " until INT NOT NULL, open INT NOT NULL, PRIMARY KEY (kind, digest))",
    "CREATE TABLE salt (salt TEXT NOT NULL)",
    f"PRAGMA user_version = {LAYOUT}",
)
_one_writer = threading.Lock()


class AccountsFile:
    """The file; several threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Take where it is; it is made by the first account."""
        self.path = path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file to be read.

        Raises:
            AccountsUnavailable: it is missing, broken, of a later version, or others may write it.
        """
        try:
            files.refuse_writable_by_others(self.path)  # they would be whoever they like
            with self._open() as connection:
                if layout_of(connection, LAYOUT) == 1:
                    connection.execute("BEGIN IMMEDIATE")
                    _bring_up(connection)
                    connection.execute("COMMIT")
                self._refuse_layout(connection)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnavailable(
                f"{self.path} cannot be read ({error}), so nobody can be let in; mend its permissions, restore it from"
                " its backup, or make the first account with 'discoverer users add'."
            ) from error

    @contextmanager
    def writing(self, make: bool = False, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        """Open the file to be changed, while nobody else changes it; an error inside takes back what was begun.

        Args:
            make: whether to make the file where there is none.
            lasting: whether it must be on the disk when this ends; a power cut may take back what need not be.

        Raises:
            AccountsUnavailable: as `reading`, or it could not be written.
        """
        try:
            # One thread at a time: closing a file just made would drop the lock that another thread holds on it.
            with _one_writer:
                if make:
                    files.make_directory(self.path.parent)
                    files.make_file(self.path, FILE_MODE)
                files.refuse_writable_by_others(self.path)  # they would be whoever they like
                with self._open() as connection:
                    connection.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
                    connection.execute("BEGIN IMMEDIATE")
                    self._lay_out(connection, make)
                    yield connection
                    connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnavailable(
                f"{self.path} could not be written ({error}), so nothing was changed and nobody was let in; make room,"
                " mend its permissions, or restore it from its backup."
            ) from error

    def _lay_out(self, connection: sqlite3.Connection, make: bool) -> None:
        """Lay out the tables of a file just made."""
        _bring_up(connection)
        if make and not layout_of(connection, LAYOUT):
            for statement in _TABLES:
                connection.execute(statement)
            connection.execute("INSERT INTO salt VALUES (?)", (secrets.token_hex(32),))
        self._refuse_layout(connection)

    @staticmethod
    def _refuse_layout(connection: sqlite3.Connection) -> None:
        """Refuse a file that this version cannot read. Raises sqlite3.DatabaseError."""
        if not layout_of(connection, LAYOUT):
            raise sqlite3.DatabaseError("nothing was ever kept in it")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file; leaving without a commit takes back what was begun."""
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA secure_delete = ON")  # a hash that was replaced stands in no free page
            yield connection


def _bring_up(connection: sqlite3.Connection) -> None:
    """Bring a file of layout 1 up, within a change; another process may have done so while this one waited."""
    if layout_of(connection, LAYOUT) == 1:
        for statement in _SINCE_1:
            connection.execute(statement)
