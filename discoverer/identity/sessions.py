"""Sessions: who is signed in, by a random token of which only the digest is kept.

A session ends when nothing was asked in it for a while, when it is as old as it may be, on signing out, and with every
change of what it was let in by: password, role, second factor, deactivation.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass

from discoverer.identity.rules import number, rules

TOKEN_BYTES = 32  # 256 random bits: nobody guesses one, and so a plain digest of it is enough


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in.

    Attributes:
        digest: str, of the token.
        account: str, the key of the account's name.
        began, seen, confirmed: int, seconds since 1970: when it began, when last something was asked in it (to the
            minute), when a password was last typed for it.
    """

    digest: str
    account: str
    began: int
    seen: int
    confirmed: int


def new_token() -> str:
    """Return a random token that can stand in a cookie or a header."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return what of a token is kept."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(connection: sqlite3.Connection, account: str, at: int) -> str:
    """Begin a session, and end those of the account that are one too many.

    Args:
        connection: within a change.
        account: the key of its name.
        at: seconds since 1970.

    Returns:
        The token, which is shown once.
    """
    _remove_old(connection, at)
    token = new_token()
    connection.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?)", (digest_of(token), account, at, at, at))
    connection.execute(
        "DELETE FROM session WHERE account = ? AND rowid NOT IN (SELECT rowid FROM session WHERE account = ?"
        " ORDER BY began DESC, rowid DESC LIMIT ?)",
        (account, account, number("sessions", "most")),
    )
    return token


def find(connection: sqlite3.Connection, token: str) -> Session | None:
    """Return the session of a token, over or not; None when there is none."""
    row = connection.execute(
        "SELECT digest, account, began, seen, confirmed FROM session WHERE digest = ?", (digest_of(token),)
    ).fetchone()
    return Session(str(row[0]), str(row[1]), int(row[2]), int(row[3]), int(row[4])) if row else None


def is_over(session: Session, role: str, at: int) -> bool:
    """Tell whether a session is past either of its limits, which are those of the role now."""
    idle, absolute = (number("sessions", "roles", role, which) for which in ("idle", "absolute"))
    return at - session.seen >= idle or at - session.began >= absolute


def is_to_touch(session: Session, at: int) -> bool:
    """Tell whether 'last seen' is old enough to be written again."""
    return at - session.seen >= number("sessions", "touch")


def touch(connection: sqlite3.Connection, session: Session, at: int) -> None:
    """Write that something was asked in a session; one that was ended meanwhile stays ended."""
    connection.execute("UPDATE session SET seen = max(seen, ?) WHERE digest = ?", (at, session.digest))


def confirm(connection: sqlite3.Connection, token: str, at: int) -> None:
    """Write that the password was typed anew for a session."""
    connection.execute("UPDATE session SET confirmed = ?, seen = ? WHERE digest = ?", (at, at, digest_of(token)))


def end(connection: sqlite3.Connection, token: str) -> None:
    """End one session; nothing where there is none."""
    connection.execute("DELETE FROM session WHERE digest = ?", (digest_of(token),))


def end_all(connection: sqlite3.Connection, account: str) -> int:
    """End every session of an account; return how many."""
    return int(connection.execute("DELETE FROM session WHERE account = ?", (account,)).rowcount)


def _remove_old(connection: sqlite3.Connection, at: int) -> None:
    """Remove sessions that are over for every role."""
    longest = max(number("sessions", "roles", role, "absolute") for role in rules()["sessions"]["roles"])
    connection.execute("DELETE FROM session WHERE began <= ?", (at - longest,))
