"""Waits after wrong attempts, by name, by address and by both: they grow, end by themselves, and never tell of a name.

By both they are tight, by name alone they are wide: whoever guesses at a name from elsewhere does not soon keep its
owner from their own desk.

An attempt is counted as wrong before it is tried, and taken back when it was right: so that many at once, from any
number of processes, get no more tries than one after another. Names and addresses are kept as salted digests, since
what is typed as a name is now and then a password.
"""

from __future__ import annotations

import hashlib
import ipaddress
import sqlite3

from discoverer.errors import TooManyAttempts
from discoverer.identity.rules import number

DESK, ACCOUNT, ADDRESS = "desk", "account", "address"
Keys = tuple[tuple[str, str], ...]
"""What an attempt is counted against: kind and digest of each."""


def keys_of(connection: sqlite3.Connection, name_key: str, where: str) -> Keys:
    """Return what an attempt is counted against.

    Args:
        connection: to the file of accounts.
        name_key: the name that was typed, brought down to what tells names apart.
        where: address of whoever asks; '' when not known.
    """
    salt = str(connection.execute("SELECT salt FROM salt").fetchone()[0])
    name, place = _digest(salt, name_key), _digest(salt, place_of(where))
    by_name = ((DESK, f"{name} {place}"), (ACCOUNT, name))
    return (*by_name, (ADDRESS, place)) if where else by_name


def place_of(where: str) -> str:
    """Return what of an address attempts are counted by: of IPv6 the network alone, since a machine has all of one.

    Args:
        where: an address; whatever is none stands for itself.

    Returns:
        An IPv4 address as it is, also where it came written as IPv6; else the network.
    """
    try:
        address = ipaddress.ip_address(where)
    except ValueError:
        return where
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    bits = number("waits", "address", "ipv6_network")
    return f"{int(address) >> (128 - bits):x}/{bits}"


def begin(connection: sqlite3.Connection, keys: Keys, at: int) -> None:
    """Count an attempt as wrong, unless a wait lasts.

    Args:
        connection: within a change.
        keys: as of `keys_of`.
        at: seconds since 1970.

    Raises:
        TooManyAttempts: a wait lasts; the attempt is not counted, and must not be tried.
    """
    _forget(connection, at)
    found = {key: _row(connection, key) for key in keys}
    left = max(
        (min(until - at, number("waits", kind, "longest")) for (kind, _), (_, until) in found.items()), default=0
    )
    if left > 0:
        raise TooManyAttempts(left)
    for (kind, digest), (wrong, _) in found.items():
        connection.execute(
            "INSERT INTO wait VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET wrong = excluded.wrong,"
            " last = excluded.last, until = excluded.until, open = 1",
            (kind, digest, wrong + 1, at, at + wait_after(kind, wrong + 1)),
        )


def was_right(connection: sqlite3.Connection, keys: Keys) -> None:
    """Take back an attempt that was right: the name begins anew, and the address has one wrong attempt fewer.

    Not all of them: whoever has an account of their own would clear the address between guesses at another's.
    """
    for kind, digest in keys:
        if kind != ADDRESS:
            connection.execute("DELETE FROM wait WHERE kind = ? AND digest = ?", (kind, digest))
            continue
        # The wait that was begun for this attempt goes; while it lasted, nobody else's was let begin.
        connection.execute(
            "UPDATE wait SET wrong = max(wrong - 1, 0), until = last, open = 0 WHERE kind = ? AND digest = ?",
            (kind, digest),
        )


def end(connection: sqlite3.Connection, name_key: str) -> None:
    """End every wait on a name, wherever it was typed."""
    name = _digest(str(connection.execute("SELECT salt FROM salt").fetchone()[0]), name_key)
    connection.execute(
        "DELETE FROM wait WHERE (kind = ? AND digest = ?) OR (kind = ? AND substr(digest, 1, ?) = ?)",
        (ACCOUNT, name, DESK, len(name), name),
    )


def was_wrong(connection: sqlite3.Connection, keys: Keys) -> None:
    """Leave an attempt counted; it is written all the same, so that being wrong takes no less time than being right."""
    for kind, digest in keys:
        connection.execute("UPDATE wait SET open = 0 WHERE kind = ? AND digest = ?", (kind, digest))


def wait_after(kind: str, wrong: int) -> int:
    """Return the seconds to wait after so many wrong attempts."""
    over = wrong - number("waits", kind, "free")
    if over <= 0:
        return 0
    # No power of two that a machine could choke on: past twenty doublings any first wait is beyond the longest.
    return min(number("waits", kind, "first") << min(over - 1, 20), number("waits", kind, "longest"))


def _row(connection: sqlite3.Connection, key: tuple[str, str]) -> tuple[int, int]:
    """Return (wrong attempts, until when to wait)."""
    found = connection.execute("SELECT wrong, until FROM wait WHERE kind = ? AND digest = ?", key).fetchone()
    return (int(found[0]), int(found[1])) if found else (0, 0)


def _forget(connection: sqlite3.Connection, at: int) -> None:
    """Remove what is long past, and so bound how much stands here."""
    for kind in (DESK, ACCOUNT, ADDRESS):
        connection.execute(
            "DELETE FROM wait WHERE kind = ? AND last <= ? AND until <= ?",
            (kind, at - number("waits", kind, "forget"), at),
        )


def _digest(salt: str, text: str) -> str:
    """Return a digest of what was typed."""
    return hashlib.sha256(f"{salt}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()
