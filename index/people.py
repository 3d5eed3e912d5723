"""What joins the segments: mentions, groups, links and documents, in one SQLite file of the build.

Written once by index/assemble.py, then only read. Rows are numbered densely and mean something only within
their build; what the outside sees is a record's reference and a mention's id (source, key, position).
"""

from __future__ import annotations

import re
import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from discoverer.errors import IndexUnavailable
from discoverer.model import Role, Visibility, most_closed
from discoverer.normalise.postcodes import WHOLE_POSTCODE
from discoverer.typed import holds_half
from index.linking_types import JOIN, KEEP
from index.store import BATCH, few_lengths, open_for_reading

LAYOUT = 4  # raised whenever what the tables hold, or what it means, changes
LAID_OUT = f"PRAGMA user_version = {LAYOUT}"
MENTION_TABLE = (
    "CREATE TABLE mention (m INTEGER PRIMARY KEY, segment INT, n INT, position INT, kind TEXT, role TEXT, found TEXT,"
    " visibility TEXT, holder INT, at TEXT, label TEXT, risk INT, weighty INT, grp INT, value BLOB)"
)
# A safe address or number, whatever else closes it.
_PROTECTED = ", ".join(f"'{label.value}'" for label in Visibility.PROTECTED.above)
IS_PROTECTED = f"visibility IN ({_PROTECTED})"
LINK_TABLES = (
    "CREATE TABLE joined (rank INT, cell INT, grp INT)",
    "CREATE TABLE link (first INT, second INT, rule TEXT, level TEXT, bits REAL, why TEXT, rank INT,"
    " PRIMARY KEY (first, second, level)) WITHOUT ROWID",
    # What people had decided when it was built, and who stands beside those they told apart.
    "CREATE TABLE ruling (first INT, second INT, verdict TEXT)",
    "CREATE TABLE beside (first INT, second INT, m INT)",
)
SCHEMA = (
    MENTION_TABLE,
    "CREATE TABLE grp (g INTEGER PRIMARY KEY, kind TEXT, ident TEXT)",
    *LINK_TABLES,
    "CREATE TABLE doc (d INTEGER PRIMARY KEY, kind TEXT, grp INT, segment INT, n INT, visibility TEXT, risk INT,"
    " latest TEXT, profile BLOB)",
    # For taking in what changes in the day: names, by the ranks from which on they may be known, and areas so many
    # persons are in that to share one says nothing.
    "CREATE TABLE known (token TEXT, rank INT, PRIMARY KEY (token, rank)) WITHOUT ROWID",
    "CREATE TABLE crowded (area TEXT PRIMARY KEY) WITHOUT ROWID",
)
INDEXES = (
    "CREATE INDEX mention_by_group ON mention (grp, at DESC)",
    "CREATE INDEX mention_by_record ON mention (segment, n)",
    f"CREATE INDEX mention_protected ON mention (kind, grp) WHERE {IS_PROTECTED}",
    "CREATE INDEX group_by_ident ON grp (kind, ident)",
    "CREATE INDEX link_by_second ON link (second)",
)
DOC_INDEXES = (
    "CREATE INDEX doc_by_group ON doc (grp) WHERE grp IS NOT NULL",
    "CREATE INDEX doc_by_record ON doc (segment, n) WHERE segment IS NOT NULL",
)
# How far apart the numbers of a build's documents are set where others are put in between; more than ever will be.
SPREAD = 1 << 20
LAYER = "fresh"
# What of each table is read where a layer lies over the build.
VIEWS = (
    "CREATE TEMP VIEW mention AS SELECT * FROM main.mention"
    f" WHERE m NOT IN (SELECT m FROM {LAYER}.over_mention) UNION ALL SELECT * FROM {LAYER}.mention",
    "CREATE TEMP VIEW grp AS SELECT * FROM main.grp"
    f" WHERE g NOT IN (SELECT g FROM {LAYER}.grp) UNION ALL SELECT * FROM {LAYER}.grp",
    f"CREATE TEMP VIEW link AS SELECT * FROM main.link WHERE first NOT IN (SELECT m FROM {LAYER}.dead_mention)"
    f" AND second NOT IN (SELECT m FROM {LAYER}.dead_mention) UNION ALL SELECT * FROM {LAYER}.link",
    "CREATE TEMP VIEW joined AS SELECT * FROM main.joined WHERE (rank, cell) NOT IN"
    f" (SELECT rank, cell FROM {LAYER}.joined) UNION ALL SELECT * FROM {LAYER}.joined",
)
# Mentions, to be read by the small index of what is protected: no other mention of a place or number is read.
_AS_IT_IS = ("main.mention INDEXED BY mention_protected WHERE TRUE",)
_LAID_OVER = (
    f"main.mention INDEXED BY mention_protected WHERE m NOT IN (SELECT m FROM {LAYER}.over_mention)",
    f"{LAYER}.mention WHERE TRUE",
)
_POSTCODE = re.compile(WHOLE_POSTCODE, re.IGNORECASE)
MENTION_COLUMNS = "m, segment, n, position, kind, role, found, visibility, holder, at, label, risk, weighty, grp, value"
_DOC = "d, kind, grp, segment, n, visibility, risk, latest, profile"


class MentionRow(NamedTuple):
    """One mention of the build; `value` is its encoded profile. Fields as in index/mentions.py.

    `weighty` is 0 when its record need not be read for its own sake (index/weighty.py); as the file keeps it, it has a
    bit for the rank of every label whose readers may know that it must.
    """

    m: int
    segment: int
    n: int
    position: int
    kind: str
    role: str
    found: str
    visibility: str
    holder: int | None
    at: str
    label: str
    risk: int
    weighty: int
    grp: int
    value: bytes


class DocRow(NamedTuple):
    """One document of the engine: what one visibility label knows of one group, or one record (an event).

    Attributes:
        d: int, its number in the engine.
        kind: 'person' | 'location' | 'phone' | 'event'.
        grp: int | None, the group; None for an event.
        segment, n: int | None, the record of an event.
        visibility: label.
        risk: int 0 to 3, rank of the gravest assessment its mentions take part in.
        latest: str, ISO instant of its latest mention; '' undated.
        profile: bytes, encoded.
    """

    d: int
    kind: str
    grp: int | None
    segment: int | None
    n: int | None
    visibility: str
    risk: int
    latest: str
    profile: bytes


class People:
    """Reads people.sqlite; any thread may ask, one at a time."""

    def __init__(self, path: Path, layer: Path | None = None) -> None:
        """Open the file.

        Args:
            path: of people.sqlite.
            layer: of the layer that lies over it (index/layer_file.py); None: it is read as it is.

        Raises:
            IndexUnavailable: one is missing or damaged, or another version of Discoverer laid it out.
        """
        self._path = path
        self._connection = open_for_reading(path).conn
        self._lock = threading.Lock()
        self._check_layout()
        self._sides: tuple[str, ...] = _AS_IT_IS
        self._layered, self._hidden = False, frozenset[int]()
        if layer:
            self._lay_over(layer)
        self._joined: list[dict[int, int]] = [{} for _ in Visibility]
        self._parts: list[dict[int, list[int]]] = [{} for _ in Visibility]
        for rank, cell, group in self._rows("SELECT rank, cell, grp FROM joined ORDER BY rank, cell"):
            self._joined[int(str(rank))][int(str(cell))] = int(str(group))
            self._parts[int(str(rank))].setdefault(int(str(group)), []).append(int(str(cell)))

    def _check_layout(self) -> None:
        """Refuse a file that is not laid out as this version reads it."""
        layout = int(str(self._rows("PRAGMA user_version")[0][0]))
        if layout != LAYOUT:
            self._connection.close()
            raise IndexUnavailable(
                f"{self._path.name} of the index has layout {layout}, and this version of Discoverer reads {LAYOUT};"
                " run 'discoverer build' to make an index that it can read."
            )

    def _lay_over(self, layer: Path) -> None:
        """Let every statement read the tables of the layer as if they were one with the build's."""
        self._rows("PRAGMA temp_store = MEMORY")
        self._rows(f"ATTACH ? AS {LAYER}", [f"{layer.resolve().as_uri()}?mode=ro&immutable=1"])
        for statement in VIEWS:
            self._rows(statement)
        self._sides, self._layered = _LAID_OVER, True
        self._hidden = frozenset(int(str(d)) for (d,) in self._rows(f"SELECT d FROM {LAYER}.over_doc"))

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Run one statement, with SQLite's errors turned into ours."""
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            message = f"{self._path.name} of the index cannot be read ({error}); roll back or build again."
            raise IndexUnavailable(message) from None

    def _listed(self, statement: str, values: Sequence[object]) -> Iterator[tuple[object, ...]]:
        """Run a statement with '({})' standing for a list of values, a batch at a time."""
        for start in range(0, len(values), BATCH):
            batch = few_lengths(values[start : start + BATCH])
            yield from self._rows(statement.format(",".join("?" * len(batch))), batch)

    def _seen(self, group: int, labels: Collection[Visibility]) -> tuple[str, tuple[int, ...]]:
        """Write, as SQL text and its values, which mentions are this group's for whoever may see these labels."""
        cells = (group, *self._parts[_furthest(labels)].get(group, ()))
        return f"grp IN ({', '.join('?' * len(cells))}) AND visibility IN ({_labels(labels)})", cells

    def _mentions(self, rows: Iterable[tuple[object, ...]], labels: Collection[Visibility]) -> list[MentionRow]:
        """Make rows of mentions, each with the group it is of for whoever may see these labels."""
        furthest = _furthest(labels)
        joined = self._joined[furthest]
        found = list(map(MentionRow._make, rows))
        for place, row in enumerate(found):
            if row.weighty or row.grp in joined:
                weighty = row.weighty >> furthest & 1
                found[place] = row._replace(weighty=weighty, grp=joined.get(row.grp, row.grp))
        return found

    def docs(self, numbers: Collection[int], labels: Collection[Visibility]) -> list[DocRow]:
        """Return the documents of these engine numbers that have these labels, in no particular order."""
        joined = self._joined[_furthest(labels)]
        found = self._docs_laid_over(numbers, labels) if self._layered else self._docs_of("main", numbers, labels)
        return [row._replace(grp=joined[row.grp]) if row.grp in joined else row for row in found]

    def _docs_of(self, side: str, numbers: Collection[int], labels: Collection[Visibility]) -> Iterator[DocRow]:
        """Yield the documents of these numbers of the build ('main') or of the layer."""
        statement = f"SELECT {_DOC} FROM {side}.doc WHERE d IN ({{}}) AND visibility IN ({_labels(labels)})"
        yield from map(DocRow._make, self._listed(statement, list(numbers)))

    def _docs_laid_over(self, numbers: Collection[int], labels: Collection[Visibility]) -> Iterator[DocRow]:
        """Yield the documents of numbers that the engine of a build and its layer gave (index/layered.py)."""
        built = self._docs_of("main", [number // SPREAD for number in numbers if number % SPREAD == 0], labels)
        yield from (doc._replace(d=doc.d * SPREAD) for doc in built if doc.d not in self._hidden)
        yield from self._docs_of(LAYER, [number for number in numbers if number % SPREAD], labels)

    def members(self, group: int, labels: Collection[Visibility], limit: int) -> list[MentionRow]:
        """Return a group's mentions with these labels, most recent first, at most `limit`."""
        seen, cells = self._seen(group, labels)
        statement = f"SELECT {MENTION_COLUMNS} FROM mention WHERE {seen} ORDER BY at DESC, m LIMIT ?"
        rows = self._rows(statement, (*cells, limit))
        return self._mentions(rows, labels)

    def weighty_members(self, group: int, labels: Collection[Visibility]) -> list[MentionRow]:
        """Return a group's mentions with these labels in records that weigh, however old."""
        seen, cells = self._seen(group, labels)
        weighty = f"weighty >> {_furthest(labels)} & 1"
        rows = self._rows(
            f"SELECT {MENTION_COLUMNS} FROM mention WHERE {seen} AND {weighty} ORDER BY at DESC, m", cells
        )
        return self._mentions(rows, labels)

    def earliest(self, group: int, labels: Collection[Visibility], only: frozenset[int] | None) -> list[MentionRow]:
        """Return a group's mentions (of `only`, where given) of its earliest instant; undated when none is dated."""
        seen, cells = self._seen(group, labels)
        dates = self._rows(f"SELECT m, at FROM mention WHERE {seen}", cells)
        mine = [(str(at), int(str(m))) for m, at in dates if only is None or m in only]
        first = min((at for at, _ in mine if at), default="")
        return sorted(self.mentions_numbered([m for at, m in mine if at == first], labels))

    def places_of(self, group: int, labels: Collection[Visibility]) -> list[tuple[int, int, int]]:
        """Return (mention number, segment, n) of every mention of a group with these labels."""
        seen, cells = self._seen(group, labels)
        rows = self._rows(f"SELECT m, segment, n FROM mention WHERE {seen}", cells)
        return [(int(str(m)), int(str(segment)), int(str(n))) for m, segment, n in rows]

    def parts_of(self, group: int, labels: Collection[Visibility]) -> list[tuple[int, tuple[int, int], str]]:
        """Return (mention number, (segment, n), role) of every mention of a group with these labels."""
        seen, cells = self._seen(group, labels)
        rows = self._rows(f"SELECT m, segment, n, role FROM mention WHERE {seen}", cells)
        return [(int(str(m)), (int(str(segment)), int(str(n))), str(role)) for m, segment, n, role in rows]

    def in_records(
        self, records: Collection[tuple[int, int]], kind: str | None, labels: Collection[Visibility]
    ) -> list[MentionRow]:
        """Return the mentions of one kind, or of every kind, in these (segment, n) records."""
        return self._standing_in(records, f"kind = '{kind}'" if kind else "TRUE", labels)

    def contacts_in(self, records: Collection[tuple[int, int]], labels: Collection[Visibility]) -> list[MentionRow]:
        """Return the places and numbers that a field of these (segment, n) records gives somebody as theirs."""
        return self._standing_in(records, "kind != 'person' AND found = 'field' AND holder IS NOT NULL", labels)

    def _standing_in(
        self, records: Collection[tuple[int, int]], which: str, labels: Collection[Visibility]
    ) -> list[MentionRow]:
        """Return those mentions in these (segment, n) records of which a condition in SQL holds, in order."""
        marks = _labels(labels)
        found: list[MentionRow] = []
        for segment in sorted({each[0] for each in records}):
            numbers = [n for at, n in records if at == segment]
            statement = (
                f"SELECT {MENTION_COLUMNS} FROM mention WHERE segment = {segment} AND {which}"
                f" AND visibility IN ({marks}) AND n IN ({{}}) ORDER BY m"
            )
            found += self._mentions(self._listed(statement, numbers), labels)
        return found

    def people_as(self, roles: Collection[Role], labels: Collection[Visibility]) -> Iterator[MentionRow]:
        """Yield every mention of a person in one of these parts, a batch at a time, in the order of their numbers."""
        named = ", ".join(f"'{role.value}'" for role in roles)
        statement = (
            f"SELECT {MENTION_COLUMNS} FROM mention WHERE m > ? AND kind = 'person' AND role IN ({named})"
            f" AND visibility IN ({_labels(labels)}) ORDER BY m LIMIT {BATCH}"
        )
        last = -1
        while found := self._mentions(self._rows(statement, (last,)), labels):
            yield from found
            last = found[-1].m

    def of_groups(self, groups: Collection[int], labels: Collection[Visibility], recent: int) -> list[MentionRow]:
        """Return mentions with these labels of many groups: of each the most recent, and every one that weighs.

        Args:
            groups: as the viewer knows them.
            labels: of the viewer.
            recent: int >= 0, at most how many of the most recent for every cell of a group.
        """
        parts = self._parts[_furthest(labels)]
        cells = list(dict.fromkeys(cell for group in groups for cell in (group, *parts.get(group, ()))))
        ranked = (  # numbers alone: the rows of a place with thousands of mentions are not carried along
            "SELECT m AS mine, weighty AS weighs, row_number() OVER (PARTITION BY grp ORDER BY at DESC, m) AS place"
            f" FROM mention WHERE grp IN ({{}}) AND visibility IN ({_labels(labels)})"
        )
        wanted = f"place <= {int(recent)} OR weighs >> {_furthest(labels)} & 1"
        statement = f"SELECT {MENTION_COLUMNS} FROM ({ranked}) CROSS JOIN mention ON m = mine WHERE {wanted}"
        return self._mentions(self._listed(statement, cells), labels)

    def protected_groups(self, groups: Collection[int]) -> set[int]:
        """Return those of these places and numbers that a protected record holds too, a place however much is written.

        A door without its area may be the protected one with it, and a postcode may stand in the town that is written.
        """
        found: set[int] = set()
        for side in self._sides:
            statement = (
                f"SELECT DISTINCT grp FROM {side} AND kind IN ('location', 'phone') AND grp IN ({{}})"
                f" AND {IS_PROTECTED}"
            )
            found |= {int(str(group)) for (group,) in self._listed(statement, list(groups))}
        for group, ident in self.idents(groups).items():
            door, _, area = ident.rpartition("|")
            if door and any(_may_be_one_area(area, other) for other in self._protected_doors.get(door, ())):
                found.add(group)
        return found

    @cached_property
    def _protected_doors(self) -> dict[str, set[str]]:
        """The areas with which protected records write each door."""
        doors: dict[str, set[str]] = {}
        groups: set[int] = set()
        for side in self._sides:
            rows = self._rows(f"SELECT DISTINCT grp FROM {side} AND kind = 'location' AND {IS_PROTECTED}")
            groups |= {int(str(group)) for (group,) in rows}
        for ident in self.idents(groups).values():
            door, _, area = ident.rpartition("|")
            doors.setdefault(door, set()).add(area)
        return doors

    def idents(self, groups: Collection[int]) -> dict[int, str]:
        """Return the ids by which the outside knows these groups."""
        rows = self._listed("SELECT g, ident FROM grp WHERE g IN ({})", list(groups))
        return {int(str(group)): str(ident) for group, ident in rows}

    def group_of(self, kind: str, ident: str) -> int | None:
        """Return the place or number known by an id, None when there is none; whether it is in scope is not asked."""
        if holds_half(ident):  # no id holds half of a character, and SQLite refuses it
            return None
        rows = self._rows("SELECT g FROM grp WHERE kind = ? AND ident = ?", (kind, ident))
        return int(str(rows[0][0])) if rows else None

    def links_among(
        self, mentions: Collection[int], labels: Collection[Visibility] = tuple(Visibility)
    ) -> list[tuple[int, int, str]]:
        """Return the links that count whose two ends are both among these mentions, as (first, second, rule).

        Args:
            mentions: their numbers.
            labels: of the viewer; a link that rests on what is more closed than all of them is left out.
        """
        wanted = set(mentions)
        statement = (
            "SELECT first, second, rule FROM link WHERE first IN ({})"
            f" AND level = '{JOIN}' AND rank IN ({_known_to(labels)})"
        )
        rows = self._listed(statement, sorted(wanted))
        return [(int(str(a)), int(str(b)), str(rule)) for a, b, rule in rows if b in wanted]

    def rulings(self) -> list[tuple[int, int, str]]:
        """Return what people had decided when it was built: (first mention, second, verdict), in scope or not."""
        rows = self._rows("SELECT first, second, verdict FROM ruling")
        return [(int(str(first)), int(str(second)), str(verdict)) for first, second, verdict in rows]

    def beside(self, pair: tuple[int, int]) -> list[int]:
        """Return mentions of the people to look at again when these two are not told apart any more."""
        rows = self._rows("SELECT m FROM beside WHERE first = ? AND second = ?", pair)
        return [int(str(m)) for (m,) in rows]

    def place_of(self, risk: int, latest: str) -> int:
        """Return the number that a document of this risk and recency would have been given: how many stand before it.

        Documents are numbered by falling risk, then by falling recency.
        """
        return place_among(self._rows, risk, latest) * (SPREAD if self._layered else 1)

    def links(self, labels: Collection[Visibility]) -> list[tuple[int, int, str]]:
        """Return all links that count and are known to these labels, as (first, second, rule)."""
        rows = self._rows(
            f"SELECT first, second, rule FROM link WHERE level = '{JOIN}' AND rank IN ({_known_to(labels)})"
        )
        return [(int(str(a)), int(str(b)), str(rule)) for a, b, rule in rows]

    def people_in_fields(self, labels: Collection[Visibility]) -> list[MentionRow]:
        """Return the person mentions of fields that have these labels, in order."""
        statement = (
            f"SELECT {MENTION_COLUMNS} FROM mention WHERE kind = 'person' AND found = 'field'"
            f" AND visibility IN ({_labels(labels)}) ORDER BY m"
        )
        return self._mentions(self._rows(statement), labels)

    def possible_links(
        self, mentions: Collection[int], labels: Collection[Visibility]
    ) -> list[tuple[int, int, float, str]]:
        """Return the links of these mentions that are only possible, as (mine, the other mention, bits, why)."""
        found: dict[tuple[int, int], tuple[int, int, float, str]] = {}
        for mine, other in (("first", "second"), ("second", "first")):
            statement = (
                f"SELECT {mine}, {other}, bits, why FROM link WHERE {mine} IN ({{}})"
                f" AND level = '{KEEP}' AND rank IN ({_known_to(labels)})"
            )
            for a, b, bits, why in self._listed(statement, sorted(mentions)):
                found[int(str(a)), int(str(b))] = (int(str(a)), int(str(b)), float(str(bits)), str(why))
        return list(found.values())

    def mentions_numbered(self, numbers: Collection[int], labels: Collection[Visibility]) -> list[MentionRow]:
        """Return the mentions of these numbers that have these labels, in no particular order."""
        statement = f"SELECT {MENTION_COLUMNS} FROM mention WHERE m IN ({{}}) AND visibility IN ({_labels(labels)})"
        return self._mentions(self._listed(statement, sorted(numbers)), labels)

    def cells_of(self, mentions: Collection[int]) -> dict[int, int]:
        """Return the cell of mentions, whatever it is joined with for those who see further."""
        rows = self._listed("SELECT m, grp FROM mention WHERE m IN ({})", sorted(mentions))
        return {int(str(m)): int(str(cell)) for m, cell in rows}

    def head(self, rank: int, cell: int) -> int:
        """Return the group that a cell is of for whoever sees as far as a rank, or further than any label."""
        return self._joined[min(rank, len(self._joined) - 1)].get(cell, cell)

    def crowded(self) -> frozenset[str]:
        """Return the areas so many persons are in that to share one says nothing."""
        return frozenset(str(area) for (area,) in self._rows("SELECT area FROM main.crowded"))

    def ident(self, group: int) -> str:
        """Return the id by which the outside knows a group."""
        return str(self._rows("SELECT ident FROM grp WHERE g = ?", (group,))[0][0])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def place_among(rows: Callable[[str, Sequence[object]], list[tuple[Any, ...]]], risk: int, latest: str) -> int:
    """Return how many documents of a build stand before one of this risk and recency.

    Args:
        rows: runs a statement on its people.sqlite, `main`.
        risk: rank, 0 to 3.
        latest: ISO instant; '' undated.
    """
    last = int(rows("SELECT coalesce(max(d), -1) FROM main.doc", ())[0][0])

    def _stands(d: int) -> tuple[int, tuple[int, ...]]:
        held, when = rows("SELECT risk, latest FROM main.doc WHERE d = ?", (d,))[0]
        return _importance(int(held), str(when))

    return bisect_right(range(last + 1), _importance(risk, latest), key=_stands)


def _importance(risk: int, latest: str) -> tuple[int, tuple[int, ...]]:
    """Return what sorts a graver risk first, then what is more recent; undated last."""
    return -risk, (*(-ord(char) for char in latest), 1)


def _furthest(labels: Collection[Visibility]) -> int:
    """Return the rank of the label that stands for all of these: whoever reads it reads them."""
    return most_closed(*labels).rank


def _known_to(labels: Collection[Visibility]) -> str:
    """Write, as SQL text, the ranks of whatever whoever reads these labels may know."""
    return ", ".join(sorted(str(label.rank) for label in most_closed(*labels).contained))


def _labels(labels: Collection[Visibility]) -> str:
    """Write visibility labels as SQL text; they are a closed list, never anyone's input."""
    return ", ".join(f"'{label.value}'" for label in labels)


def _may_be_one_area(one: str, other: str) -> bool:
    """Tell whether one door may lie in both areas, as identities write them: not where two whole postcodes differ."""
    return one == other or not (_POSTCODE.fullmatch(one) and _POSTCODE.fullmatch(other))
