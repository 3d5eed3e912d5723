"""Accounts: who may sign in, and as what. A name is one account's, however it is spaced, stopped or capitalised."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from discoverer.access import readable_name
from discoverer.access_rules import OPERATOR
from discoverer.errors import AccountRefused, NotFound
from index.decisions import same_viewer_key

# Letters and figures that are one and the same to an eye in a hurry: 'PC 1O' must not sign beside 'PC 10'.
_ALIKE = str.maketrans("oil", "011")
_COLUMNS = "key, name, role, title, active, password, secret, step, machine_user"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody, or a program, that may be let in.

    Attributes:
        name: str, as it is shown and recorded.
        role: str, the name of one in the access rules; of one they do not know, nothing is read.
        title: str, what they are called beside their name: 'Sgt, D Unit'; '' when nothing.
        active: bool, whether they are let in at all.
        second_factor: bool, whether a code is asked for beside the password.
        program: bool, whether it is a program's: it has no password and comes by tokens alone.
        directory: bool, whether it is of somebody who signs in by the force's directory, and so has no password here.
        machine_user: str, the account of the machine by which the service knows them over its socket; '' when none.
    """

    name: str
    role: str
    title: str
    active: bool
    second_factor: bool
    program: bool = False
    directory: bool = False
    machine_user: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An account with what it is let in by.

    Attributes:
        key: str, what tells names apart.
        account: as others see it.
        password: str, the hash; '' for a program, and for somebody of the directory.
        secret: str, of the second factor; '' when it has none.
        step: int >= 0, the last step of the second factor whose code was used.
    """

    key: str
    account: Account
    password: str
    secret: str
    step: int


def add(connection: sqlite3.Connection, name: str, role: str, title: str, password: str) -> Account:
    """Keep a new account.

    Args:
        connection: within a change.
        name: as typed.
        role: its name.
        title: as typed.
        password: its hash; '' for a program.

    Raises:
        UsageError: the name cannot be read back, or passes for another's.
        AccountRefused: there is one of that name, or of one that looks like it.
    """
    said = readable_name(name, "is to sign in")
    key = same_viewer_key(said)
    for each in everybody(connection):
        if each.key == key or _look(each.key) == _look(key):
            raise AccountRefused(
                f"There is an account '{each.account.name}', which '{said}' can pass for; name another."
            )
    # The title is shown beside the name, and must not pass for anything else either.
    called = readable_name(title, "is to sign in") if title.strip() else ""
    row = (key, said, role, called, 1, password, "", 0, "")
    connection.execute(f"INSERT INTO account VALUES ({', '.join('?' for _ in row)})", row)
    return Account(said, role, called, active=True, second_factor=False, program=not password)


def everybody(connection: sqlite3.Connection) -> list[Kept]:
    """Return every account, by name."""
    theirs = _of_directory(connection)
    rows = connection.execute(f"SELECT {_COLUMNS} FROM account ORDER BY key").fetchall()
    return [_kept(row, str(row[0]) in theirs) for row in rows]


def by_key(connection: sqlite3.Connection, key: str) -> Kept | None:
    """Return the account of a name, brought down to what tells names apart; None when there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE key = ?", (key,)).fetchone()
    return _kept(row, bool(_of_directory(connection, key))) if row else None


def by_machine_user(connection: sqlite3.Connection, user: str) -> Kept | None:
    """Return the account of whoever has an account of the machine; None when there is none, and for ''."""
    row = connection.execute("SELECT key FROM account WHERE machine_user = ?", (user,)).fetchone() if user else None
    return by_key(connection, str(row[0])) if row else None


def named(connection: sqlite3.Connection, name: str) -> Kept:
    """Return the account of a name.

    Raises:
        NotFound: there is none.
    """
    kept = by_key(connection, key_of(name))
    if kept is None:
        raise NotFound("There is no account of that name; 'discoverer users list' shows those there are.")
    return kept


def key_of(typed: str) -> str:
    """Return what tells names apart of whatever was typed as one; no more of it than a name can have."""
    return same_viewer_key(typed[:200])


def change(connection: sqlite3.Connection, key: str, **values: str | int) -> None:
    """Set columns of an account: role, active, password, secret, step, machine_user."""
    for column, value in values.items():
        connection.execute(f"UPDATE account SET {column} = ? WHERE key = ?", (value, key))


def _look(key: str) -> str:
    """Return what a name looks like."""
    return key.translate(_ALIKE)


def _of_directory(connection: sqlite3.Connection, key: str = "") -> set[str]:
    """Return the keys of the accounts of those who sign in by the directory; of one alone where it is named."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'directory'").fetchone():
        return set()  # the file was never used with a directory
    wanted, values = (" WHERE account = ?", (key,)) if key else ("", ())
    return {str(row[0]) for row in connection.execute(f"SELECT account FROM directory{wanted}", values)}


def _kept(row: tuple[object, ...], directory: bool) -> Kept:
    """Make an account of its row, and of whether it is of somebody of the directory."""
    key, name, role, title, active, password, secret, step, user = row
    let_in = bool(active) and role != OPERATOR.name  # no account has that role, whoever wrote it into the file
    program = not password and not directory
    account = Account(str(name), str(role), str(title), let_in, bool(secret), program, directory, str(user))
    return Kept(str(key), account, str(password), str(secret), int(str(step)))
