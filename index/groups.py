"""Numbers the groups of a build: one per distinct place, number or person.

A number orders equal hits, so it must not tell of mentions out of scope: groups are numbered apart by the most open
label that knows them, in the order in which that label met them. A place or number that two labels know neither of
which contains the other is numbered among those of the label that both contain, though nobody reads it there: all that
this can tell is which of two equal hits comes first.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator

from discoverer.model import MentionKind, Visibility, most_open

# More groups than any label knows; the numbers of each begin a range further on.
RANGE = 10**12


def label_of(number: int) -> Visibility:
    """Return the label among whose groups one is numbered."""
    return tuple(Visibility)[(number - 1) // RANGE]


def numbered_among(held: int | None, seen_by: Visibility) -> Visibility:
    """Return the label among whose groups one is numbered that another label meets.

    Args:
        held: its number so far; None: nobody has met it.
        seen_by: the label that meets it.
    """
    return seen_by if held is None else most_open(label_of(held), seen_by)


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
        """Return the group's number, a new one when none that this label contains has met it before."""
        held = self._numbers.get((kind, ident))
        rank = numbered_among(held, seen_by).rank
        if held is not None and rank == label_of(held).rank:
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
