"""Numbers the groups of a build: one per distinct place, number or person.

A number orders equal hits, so it must not tell of mentions out of scope: groups are numbered apart by the most open
label that knows them, in the order in which that label met them.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator

from discoverer.model import MentionKind, Visibility

# More groups than any label knows; the numbers of each begin a range further on.
RANGE = 10**12


class Groups:
    """Gives each place and number its number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last = [rank * RANGE for rank, _ in enumerate(Visibility)]
        self._moved: dict[int, tuple[str, str]] = {}  # a number no longer good -> whose it was

    def begin_after(self, rank: int, last: int) -> None:
        """Let the next number of a rank be the one after this."""
        self._last[rank] = last

    def number(self, kind: str, ident: str, seen_by: Visibility) -> int:
        """Return the group's number, a new one when this label or none so open has met it before."""
        rank = seen_by.rank
        held = self._numbers.get((kind, ident))
        if held is not None and held <= (rank + 1) * RANGE:
            return held
        self._last[rank] += 1
        if held is not None:
            self._moved[held] = (kind, ident)
        self._numbers[kind, ident] = self._last[rank]
        return self._last[rank]

    def counts(self) -> dict[str, int]:
        """Return how many places and numbers there are."""
        found = Counter(kind for kind, _ in self._numbers)
        return {f"{kind.value}s": found[kind.value] for kind in (MentionKind.LOCATION, MentionKind.PHONE)}

    def rows(self) -> Iterator[tuple[int, str, str]]:
        """Yield (number, kind, ident)."""
        for (kind, ident), number in self._numbers.items():
            yield number, kind, ident

    def moves(self) -> Iterator[tuple[int, int]]:
        """Yield (a number given at first, the number that took its place)."""
        for old, whose in self._moved.items():
            yield old, self._numbers[whose]


def people_after(connection: sqlite3.Connection) -> Groups:
    """Return what numbers people, after the places and numbers in the table 'grp'."""
    groups = Groups()
    for rank, _ in enumerate(Visibility):
        last = connection.execute(
            "SELECT max(g) FROM grp WHERE g BETWEEN ? AND ?", (rank * RANGE + 1, (rank + 1) * RANGE)
        ).fetchone()[0]
        moved = connection.execute(
            "SELECT max(old) FROM moved WHERE old BETWEEN ? AND ?", (rank * RANGE + 1, (rank + 1) * RANGE)
        ).fetchone()[0]
        groups.begin_after(rank, max(last or 0, moved or 0, rank * RANGE))
    return groups
