"""What an older build still holds that a newer one does not: records deleted at their source, or seen by fewer now.

Both are compared where they lie, by SQLite, a reference at a time: ten million of them are never in memory. What has
been taken in since a build was made counts as it stands in the layer over it (index/layer_file.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from discoverer.model import Visibility
from index import layer_file
from index.assemble import PEOPLE_FILE
from index.manifest import Manifest, SegmentEntry

# A label, and another whose readers do not all read it.
_CLOSER = ", ".join(
    f"('{one.value}', '{other.value}')" for one in Visibility for other in Visibility if not other.contains(one)
)
# A layer that holds nothing stands in for one that was never made.
_NO_LAYER = (
    "CREATE TABLE record (segment INT, n INT, ref, visibility TEXT)",
    "CREATE TABLE gone_record (segment INT, n INT)",
    "CREATE TABLE mention (segment INT, n INT, kind TEXT, value BLOB, visibility TEXT)",
)


class Gone(NamedTuple):
    """What a build holds of one source that must not be held any more.

    Attributes:
        source: str, its name.
        deleted: int >= 0, records that are not there any more.
        closed: int >= 0, records of which something is seen by fewer now, each counted once or twice.
    """

    source: str
    deleted: int = 0
    closed: int = 0

    @property
    def words(self) -> str:
        """Say it, without naming any record."""
        counts = [(self.deleted, "deleted at its source"), (self.closed, "seen by fewer now")]
        return f"{self.source}: " + ", ".join(f"{count:,} {what}" for count, what in counts if count)


class Held(NamedTuple):
    """One build, with the layers over it.

    Attributes:
        state_dir: where the layers are.
        folder: of the build.
        manifest: of the build.
    """

    state_dir: Path
    folder: Path
    manifest: Manifest

    def order(self, source: str) -> int:
        """Return the number of a source's segment."""
        return [entry.source for entry in self.manifest.segments_with_data].index(source)

    @property
    def layer(self) -> Path | None:
        """The layer in force. Raises IndexUnavailable."""
        place = layer_file.in_force(self.state_dir, self.manifest.build)
        if place is not None:
            layer_file.verify(place)
        return place

    @property
    def layers(self) -> list[Path]:
        """Every layer that lies over it, those out of force too. Raises IndexUnavailable."""
        found = sorted(layer_file.folder_of(self.state_dir, self.manifest.build).glob("*.sqlite"))
        for place in found:
            layer_file.verify(place)
        return found


def deleted_since(old: Held, new: Held) -> Iterator[Gone]:
    """Yield, for each source, what the files of one build hold that a newer one, as it is by now, does not.

    A source that the newer build could not read and has nothing of tells nothing; one it does not know at all is not
    held any more.

    Raises:
        sqlite3.Error, IndexUnavailable: one of the two cannot be read.
    """
    for entry in old.manifest.segments_with_data:
        now = new.manifest.segment(entry.source)
        if now is None:
            yield Gone(entry.source, deleted=entry.records)
        elif now.file:
            found = _compared(old, entry, new, now)
            if found.deleted or found.closed:
                yield found


class _Side(NamedTuple):
    """Records and their mentions in one file or two, of one source.

    Attributes:
        records, mentions: the tables.
        where: condition on the records, '{}' standing for their table.
        segment: int, number of the source among its mentions.
    """

    records: str
    mentions: str
    where: str
    segment: int


def _compared(old: Held, entry: SegmentEntry, new: Held, now: SegmentEntry) -> Gone:
    """Compare one source."""
    before, after = old.order(entry.source), new.order(entry.source)
    with closing(sqlite3.connect(":memory:", uri=True)) as connection:
        _attach(connection, "new", new.folder / now.file)
        _attach(connection, "new_people", new.folder / PEOPLE_FILE)
        _attach_layer(connection, "fresh", new.layer)
        sides = (
            _Side("new.record", "new_people.mention", "{0}.n NOT IN (SELECT n FROM fresh.gone_record WHERE"
                  f" segment = {after})", after),
            _Side("fresh.record", "fresh.mention", f"{{0}}.segment = {after}", after),
        )  # fmt: skip
        _attach(connection, "old", old.folder / entry.file)
        _attach(connection, "old_people", old.folder / PEOPLE_FILE)
        found = _count(connection, _Side("old.record", "old_people.mention", "TRUE", before), sides)
        for path in old.layers:
            _attach(connection, "laid", path)
            laid = _count(connection, _Side("laid.record", "laid.mention", f"{{0}}.segment = {before}", before), sides)
            found = (found[0] + laid[0], found[1] + laid[1])
            connection.execute("DETACH laid")
    return Gone(entry.source, *found)


def _attach(connection: sqlite3.Connection, name: str, path: Path) -> None:
    """Open a file that nobody writes any more beside the others. Raises sqlite3.Error."""
    connection.execute(f"ATTACH ? AS {name}", (f"{path.resolve().as_uri()}?mode=ro&immutable=1",))


def _attach_layer(connection: sqlite3.Connection, name: str, path: Path | None) -> None:
    """Open a layer, or an empty one where there is none."""
    if path is not None:
        _attach(connection, name, path)
        return
    connection.execute(f"ATTACH ':memory:' AS {name}")
    for statement in _NO_LAYER:
        connection.execute(statement.replace("CREATE TABLE ", f"CREATE TABLE {name}."))


def _count(connection: sqlite3.Connection, old: _Side, now: Iterable[_Side]) -> tuple[int, int]:
    """Count what is not there any more, and what is seen by fewer."""
    sides = list(now)
    missing = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {side.records} AS b WHERE b.ref = a.ref AND {side.where.format('b')})"
        for side in sides
    )
    deleted = _one(connection, f"SELECT count(*) FROM {old.records} AS a WHERE {old.where.format('a')} AND {missing}")
    closed = 0
    for side in sides:
        both = f"{side.where.format('b')} AND {old.where.format('a')}"
        closed += _one(
            connection,
            f"SELECT count(*) FROM {side.records} AS b CROSS JOIN {old.records} AS a ON a.ref = b.ref"
            f" WHERE b.visibility <> '{Visibility.OPEN.value}' AND {_closer('b', 'a')} AND {both}",
        )
        # A mention that still says the same, and that fewer may see.
        closed += _one(
            connection,
            f"SELECT count(DISTINCT b.ref) FROM {side.mentions} AS d CROSS JOIN {side.records} AS b ON b.n = d.n"
            f" CROSS JOIN {old.records} AS a ON a.ref = b.ref"
            f" CROSS JOIN {old.mentions} AS c ON c.segment = {old.segment} AND c.n = a.n AND c.kind = d.kind"
            f" AND c.value = d.value WHERE d.segment = {side.segment} AND d.visibility <> '{Visibility.OPEN.value}'"
            f" AND {both} AND b.visibility = a.visibility AND {_closer('d', 'c')}"
            f" AND NOT EXISTS (SELECT 1 FROM {old.mentions} AS e WHERE e.segment = {old.segment} AND e.n = a.n"
            " AND e.kind = d.kind AND e.value = d.value AND e.visibility = d.visibility)",
        )
    return deleted, closed


def _closer(one: str, other: str) -> str:
    """Write that somebody who sees one row's other does not see it: fewer do, or others do."""
    return f"({one}.visibility, {other}.visibility) IN (VALUES {_CLOSER})"


def _one(connection: sqlite3.Connection, statement: str) -> int:
    """Return the one number that a statement gives."""
    return int(connection.execute(statement).fetchone()[0])
