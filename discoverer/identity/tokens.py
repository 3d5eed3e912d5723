"""Tokens for programs such as telephony: each for a few acts, up to a day, shown once, kept as a digest."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from discoverer.access import readable_name
from discoverer.clock import LOCAL, to_utc
from discoverer.errors import AccountRefused, NotFound
from discoverer.identity.rules import number
from discoverer.identity.sessions import digest_of, new_token

SCOPES = ("search", "lookup", "show", "brief", "call", "status")
"""What a token may be for; there is none for everything."""
PREFIX = "discoverer_"
"""Every token begins so, and is seen for what it is where it was left lying."""


@dataclass(frozen=True, slots=True)
class Token:
    """A program's token, without its secret.

    Attributes:
        number: int >= 1.
        account: str, the name of its account.
        name: str, what it is for: 'telephony'.
        scopes: frozenset[str], some of SCOPES.
        ends: date, the last day on which it counts.
        revoked: bool.
    """

    number: int
    account: str
    name: str
    scopes: frozenset[str]
    ends: date
    revoked: bool


def add(connection: sqlite3.Connection, account: str, name: str, scopes: Collection[str], ends: date, at: int) -> str:
    """Keep a new token.

    Args:
        connection: within a change.
        account: the key of its account's name.
        name: what it is for, as typed.
        scopes: some of SCOPES.
        ends: the last day on which it counts, by the clock on the wall.
        at: seconds since 1970.

    Returns:
        The token, which is shown once.

    Raises:
        UsageError: the name cannot be read back.
        AccountRefused: no scope, one there is not, or a day that is past or too far away.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise AccountRefused(f"Say what the token is for, one or more of {', '.join(SCOPES)}.")
    longest = number("tokens", "longest_days")
    today = datetime.fromtimestamp(at, UTC).astimezone(LOCAL).date()
    if not today <= ends <= today + timedelta(days=longest):
        raise AccountRefused(
            f"A token ends today at the earliest and in {longest} days at the latest; give such a day."
        )
    token = PREFIX + new_token()
    row = (
        digest_of(token),
        account,
        readable_name(name, "uses the token"),
        " ".join(sorted(set(scopes))),
        at,
        _end(ends),
    )
    connection.execute(
        "INSERT INTO token (digest, account, name, scopes, made, ends, revoked) VALUES (?, ?, ?, ?, ?, ?, 0)", row
    )
    return token


def find(connection: sqlite3.Connection, token: str, at: int) -> tuple[str, frozenset[str]] | None:
    """Return (key of the account's name, scopes) of a token that counts; None when it does not."""
    row = connection.execute(
        "SELECT account, scopes FROM token WHERE digest = ? AND revoked = 0 AND ends > ?", (digest_of(token), at)
    ).fetchone()
    return (str(row[0]), frozenset(str(row[1]).split()) & frozenset(SCOPES)) if row else None


def listed(connection: sqlite3.Connection) -> list[Token]:
    """Return every token, by number."""
    rows = connection.execute(
        "SELECT number, account.name, token.name, scopes, ends, revoked FROM token JOIN account ON account = key"
        " ORDER BY number"
    ).fetchall()
    return [
        Token(int(one), str(account), str(name), frozenset(str(scopes).split()), _last_day(int(ends)), bool(revoked))
        for one, account, name, scopes, ends, revoked in rows
    ]


def revoke(connection: sqlite3.Connection, number: int) -> None:
    """Let a token count no more, for ever.

    Raises:
        NotFound: there is none of that number.
    """
    if not connection.execute("UPDATE token SET revoked = 1 WHERE number = ?", (number,)).rowcount:
        raise NotFound(f"There is no token {number}; 'discoverer users token list' shows those there are.")


def revoke_all(connection: sqlite3.Connection, account: str) -> int:
    """Let no token of an account count any more; return how many did."""
    found = connection.execute("UPDATE token SET revoked = 1 WHERE account = ? AND revoked = 0", (account,))
    return int(found.rowcount)


def _end(day: date) -> int:
    """Return the first second after a day here, since 1970."""
    return int(to_utc(datetime.combine(day + timedelta(days=1), time()))[0].timestamp())


def _last_day(end: int) -> date:
    """Return the day that `_end` was made of."""
    return datetime.fromtimestamp(end - 1, UTC).astimezone(LOCAL).date()
