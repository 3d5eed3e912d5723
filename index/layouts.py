"""Which layout the tables of a file of our own have: of decisions, briefings, broken glass and accounts alike."""

from __future__ import annotations

import sqlite3


def layout_of(connection: sqlite3.Connection, newest: int) -> int:
    """Return the layout of the tables; 0 for a file in which nothing was ever written.

    Args:
        connection: to the file.
        newest: int >= 1, the latest layout that this version reads.

    Raises:
        sqlite3.DatabaseError: a later version of Discoverer laid it out, or it is no database.
    """
    layout = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if layout > newest:
        raise sqlite3.DatabaseError(f"it has layout {layout}, and this version reads {newest}")
    return layout
