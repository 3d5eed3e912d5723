"""The tables of a layer while it is written, and the build under it: both in one connection, read as one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from discoverer.model import Visibility
from index.assemble import PEOPLE_FILE
from index.groups import RANGE
from index.people import LAYER, MENTION_COLUMNS, VIEWS, MentionRow


class LayerTables:
    """One layer over one build, open for writing; what stands in the build's own files is only read.

    Attributes:
        connection: the tables of the build are `main`, those of the layer LAYER; both together have no prefix.
        last_built: int >= 0, number of the last mention of the build.
    """

    def __init__(self, build: Path, part: Path) -> None:
        """Open a layer that was begun.

        Args:
            build: folder of the build.
            part: the layer.

        Raises:
            sqlite3.Error: one of the two cannot be opened.
        """
        people = (build / PEOPLE_FILE).resolve()
        self.connection = sqlite3.connect(f"{people.as_uri()}?immutable=1", uri=True)
        self.run(f"ATTACH ? AS {LAYER}", (f"{part.resolve().as_uri()}?mode=rw",))
        # Nobody reads it before it is whole and synced; a half is thrown away.
        # What is taken out is written over: the next layer is a copy of this one, free pages and all.
        settings = ("secure_delete = ON", "journal_mode = OFF", "synchronous = OFF")
        for setting in ("temp_store = MEMORY", *(f"{LAYER}.{each}" for each in settings)):
            self.run(f"PRAGMA {setting}")
        for statement in VIEWS:
            self.run(statement)
        self._counters: dict[str, int] = dict(self.all(f"SELECT name, value FROM {LAYER}.counter"))
        self.last_built = int(self.all("SELECT coalesce(max(m), 0) FROM main.mention")[0][0])

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement. Raises sqlite3.Error."""
        self.connection.execute(statement, values).close()

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for every row. Raises sqlite3.Error."""
        self.connection.executemany(statement, rows).close()

    def all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows. Raises sqlite3.Error."""
        return self.connection.execute(statement, values).fetchall()

    def mentions(self, where: str, values: Sequence[object]) -> list[MentionRow]:
        """Return the mentions, of the build and the layer, of which a condition in SQL holds. Raises sqlite3.Error."""
        return [MentionRow(*row) for row in self.all(f"SELECT {MENTION_COLUMNS} FROM mention WHERE {where}", values)]

    def next(self, name: str, least: int = 0) -> int:
        """Return the next number of one kind of things, greater than `least`."""
        self._counters[name] = max(self._counters.get(name, least), least) + 1
        return self._counters[name]

    def new_group(self, kind: str, ident: str, label: Visibility) -> int:
        """Give a group that nobody knew its number, as the build numbers them (index/groups.py)."""
        low, high = label.rank * RANGE, (label.rank + 1) * RANGE
        name = f"g{label.rank}"
        if name not in self._counters:
            last = self.all("SELECT max(g) FROM main.grp WHERE g > ? AND g <= ?", (low, high))[0][0]
            self._counters[name] = int(last or low)
        g = self.next(name)
        self.run(f"INSERT INTO {LAYER}.grp VALUES (?, ?, ?)", (g, kind, ident))
        return g

    def close(self, *, keep: bool) -> None:
        """Close, with everything written down or nothing. Raises sqlite3.Error."""
        if keep:
            self.many(f"INSERT OR REPLACE INTO {LAYER}.counter VALUES (?, ?)", self._counters.items())
            self.connection.commit()
        self.connection.close()
