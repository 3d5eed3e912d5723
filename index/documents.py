"""The third stage: what joins the segments in one file, and a document of everything that can be found.

Documents are numbered by importance, the gravest and most recent first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from discoverer.codec import encode
from discoverer.match.profiles import PhoneProfile
from index.households import count_households
from index.linking_gathered import MOST_BEARERS, MOST_OF_AREA
from index.people import DOC_INDEXES, INDEXES, LAID_OUT, SCHEMA
from index.profiles import decode, merge
from index.progress import Progress
from index.store import finish, open_for_building
from index.workers import Crew

# Documents wait here until all are known and importance gives each its number.
_PENDING = (
    "CREATE TEMP TABLE pending (kind TEXT, grp INT, segment INT, n INT, visibility TEXT, risk INT, latest TEXT,"
    " profile BLOB)"
)
# As linking tells them (index/linking_gathered.py), over the persons that everybody sees.
_CROWDED = (
    "INSERT INTO crowded SELECT area FROM (SELECT each.value AS area, count(*) AS persons"
    " FROM doc, json_each(CAST(doc.profile AS TEXT), '$.areas') AS each WHERE doc.kind = 'person'"
    " AND doc.visibility = 'open' GROUP BY each.value)"
    f" WHERE persons > {MOST_BEARERS}"
    f" AND persons * {MOST_OF_AREA} > (SELECT count(*) FROM doc WHERE kind = 'person' AND visibility = 'open')"
)
# Groups gathered at a time.
BATCH = 1_000

Member = tuple[int, str, str, int, str, bytes]
"""(group, label, kind, risk, time, encoded value) of a mention."""


def write_documents(cleaned: Path, linked: Path, path: Path, progress: Progress, crew: Crew) -> dict[str, int]:
    """Write people.sqlite.

    Args:
        cleaned: what index/cleaning.py wrote.
        linked: what index/persons.py wrote.
        path: of the file to be made.
        progress: told of every group.
        crew: who gathers what is known of each.

    Returns:
        The count of documents.

    Raises:
        BuildError: the disk did not take it, or a process died.
    """
    progress.stage("bringing mentions and persons together", None)
    database = open_for_building(path)
    connection = database.conn
    for statement in (LAID_OUT, *SCHEMA, _PENDING):
        connection.execute(statement)
    _bring_together(connection, cleaned, linked)
    for statement in INDEXES:
        connection.execute(statement)
    _gather_groups(connection, progress, crew)
    connection.execute(
        "INSERT INTO doc SELECT row_number() OVER"
        " (ORDER BY risk DESC, latest DESC, kind, coalesce(grp, 0), segment, n, visibility) - 1, * FROM pending"
    )
    connection.execute("DROP TABLE pending")
    for statement in (*DOC_INDEXES, _CROWDED):
        connection.execute(statement)
    count = int(connection.execute("SELECT count(*) FROM doc").fetchone()[0])
    finish(database, path)
    return {"documents": count}


def _bring_together(connection: sqlite3.Connection, cleaned: Path, linked: Path) -> None:
    """Copy the mentions with their groups, the links and the events from the files of the stages before."""
    for name, place in (("cleaned", cleaned), ("linked", linked)):
        connection.execute(f"ATTACH ? AS {name}", [f"{place.resolve().as_uri()}?mode=ro&immutable=1"])
    connection.execute(
        "INSERT INTO mention SELECT m, segment, n, position, kind, role, found, visibility, holder, at, label, risk,"
        " weighty, coalesce(person.g, moved.g, grp), value FROM cleaned.mention"
        " LEFT JOIN linked.person USING (m) LEFT JOIN cleaned.moved ON old = grp ORDER BY m"
    )
    for table in ("joined", "link", "ruling", "beside"):
        connection.execute(f"INSERT INTO {table} SELECT * FROM linked.{table}")
    for name in ("cleaned", "linked"):
        connection.execute(f"INSERT INTO grp SELECT * FROM {name}.grp")
    connection.execute("INSERT INTO known SELECT * FROM cleaned.known")
    connection.execute("INSERT INTO pending SELECT 'event', NULL, * FROM cleaned.event")
    connection.commit()
    for name in ("cleaned", "linked"):
        connection.execute(f"DETACH {name}")


def _gather_groups(connection: sqlite3.Connection, progress: Progress, crew: Crew) -> None:
    """Make one document of what each visibility label knows of each group."""
    total = connection.execute("SELECT count(DISTINCT grp) FROM mention").fetchone()[0]
    progress.stage("gathering persons, places and numbers", total)
    households = count_households(connection)
    for documents in crew.run(_gathered, None, _batches(connection, households)):
        connection.executemany("INSERT INTO pending VALUES (?, ?, NULL, NULL, ?, ?, ?, ?)", documents)
        progress.advance(len(documents))


def _batches(
    connection: sqlite3.Connection, households: dict[tuple[int, str], int]
) -> Iterator[list[tuple[list[Member], int]]]:
    """Yield, some groups at a time, the mentions that one label knows of a group, and how many households share it."""
    rows: Iterable[Member] = connection.execute(
        "SELECT grp, visibility, kind, risk, at, value FROM mention ORDER BY grp, visibility, at DESC, m"
    )
    batch = []
    for (group, visibility), found in groupby(rows, key=lambda row: (row[0], row[1])):
        batch.append((list(found), households.get((group, visibility), 0)))
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _gathered(_: None, batch: list[tuple[list[Member], int]]) -> list[tuple[object, ...]]:
    """Make the documents of some groups: (kind, group, label, risk, latest, encoded profile)."""
    return [document_of(members, households) for members, households in batch]


def document_of(members: Sequence[Member], households: int) -> tuple[str, int, str, int, str, bytes]:
    """Make one document of the mentions that one label knows of a group.

    Args:
        members: at least one, the most recent first.
        households: int >= 0, unrelated households that share a number; of anything else 0.

    Returns:
        (kind, group, label, risk, latest, encoded profile).
    """
    group, visibility, kind, *_ = members[0]
    profile = merge([decode(kind, data) for data in dict.fromkeys(member[5] for member in members)])
    if isinstance(profile, PhoneProfile):
        profile = replace(profile, households=households)
    risk, latest = max(member[3] for member in members), max(member[4] for member in members)
    return kind, group, visibility, risk, latest, encode(profile)
