"""The second stage: the people of the cleaned mentions linked into persons, links and persons written down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from discoverer.codec import decoder
from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from index import resolve, settling
from index.beside import Around
from index.groups import people_after
from index.linking_model import Model
from index.linking_types import KEEP, Candidate, Linked
from index.people import LINK_TABLES
from index.profiles import decode
from index.progress import Progress
from index.settling import Rulings
from index.store import finish, open_for_building, open_for_reading

SCHEMA = (
    *LINK_TABLES,
    "CREATE TABLE grp (g INTEGER PRIMARY KEY, kind TEXT, ident TEXT)",
    "CREATE TABLE person (m INTEGER PRIMARY KEY, g INT)",
)
_around = decoder(Around)


class _Place(NamedTuple):
    """A mention's number and label, when it was, and the id by which the outside knows it."""

    number: int
    visibility: Visibility
    at: str
    ident: str


def write_linked(
    cleaned: Path, path: Path, rulings: Rulings, linking: Model | None, progress: Progress
) -> dict[str, int]:
    """Link the people of a file of cleaned mentions.

    Args:
        cleaned: what index/cleaning.py wrote.
        path: of the file to be made.
        rulings: what people have decided, which stands above the rules of linking.
        linking: the weights people are linked by after the exact rules; None: by those alone.
        progress: told of each step.

    Returns:
        Counts of links, possible links and persons, and what was made of people's decisions.

    Raises:
        BuildError: the disk did not take it.
    """
    progress.stage("linking people", None)
    known = open_for_reading(cleaned)
    database = open_for_building(path)
    connection = database.conn
    for statement in SCHEMA:
        connection.execute(statement)
    settled, waiting = _settled(known.conn, rulings)
    candidates = settling.to_link(_candidates(known.conn), settled)
    linked = resolve.link(candidates, settled, linking, progress=progress)
    progress.stage("writing persons", None)
    connection.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", linked.links)
    connection.executemany("INSERT INTO ruling VALUES (?, ?, ?)", settling.rulings_of(settled))
    connection.executemany("INSERT INTO beside VALUES (?, ?, ?)", settling.beside(candidates, settled, linked))
    persons = _write_persons(known.conn, connection, linked)
    known.close()
    finish(database, path)
    possible = sum(each.level == KEEP for each in linked.links)
    return {
        "persons": persons,
        "links": len(linked.links) - possible,
        "possible_links": possible,
        "decisions": len(settled.same) + len(settled.apart),
        "decisions_waiting": waiting,
        "decisions_unmet": len(linked.unmet),
        "decisions_version": rulings.version,
    }


def _settled(known: sqlite3.Connection, rulings: Rulings) -> settling.Given:
    """Say what people decided in the numbers of mentions."""
    named = {ident for decision in rulings.decisions for ident in decision.pair}
    there: dict[str, settling.There] = {}
    if named:
        rows = known.execute("SELECT m, visibility, value, ident FROM mention JOIN around USING (m) ORDER BY m")
        for number, visibility, value, ident in rows:
            if ident in named:
                there[ident] = settling.There(number, Visibility(visibility), _person(value))
    return settling.given(rulings.decisions, there)


def _person(value: bytes) -> PersonProfile:
    """Read the profile of a person back."""
    profile = decode("person", value)
    if not isinstance(profile, PersonProfile):
        raise TypeError("only people are linked")
    return profile


def _candidates(known: sqlite3.Connection) -> Iterator[Candidate]:
    """Yield every person mention ready for linking, in order."""
    rows = known.execute("SELECT m, segment, n, visibility, value, body FROM mention JOIN around USING (m) ORDER BY m")
    for number, segment, n, visibility, value, body in rows:
        profile, said = _person(value), _around(body)
        record = None if profile.text_only else (segment, n)
        yield Candidate(number, visibility, profile, said.doors, said.scenes, said.company, record, said.side)


def _places(known: sqlite3.Connection) -> Iterator[_Place]:
    """Yield where every person mention stands, label by label, the most open first."""
    for label in sorted(Visibility, key=lambda each: each.rank):
        rows = known.execute(
            "SELECT m, at, ident FROM mention JOIN around USING (m) WHERE visibility = ? ORDER BY m", [label.value]
        )
        for number, at, ident in rows:
            yield _Place(number, label, at, ident)


def _write_persons(known: sqlite3.Connection, out: sqlite3.Connection, linked: Linked) -> int:
    """Write who the persons are and whom each mention is of; return how many persons there are."""
    # The most open label that knows a cell numbers it and gives its id, whoever else joined it.
    known_to: dict[int, Visibility] = {}
    earliest: dict[int, tuple[str, str]] = {}
    for each in _places(known):
        cell = linked.cells.get(each.number, each.number)
        if known_to.setdefault(cell, each.visibility) is each.visibility:
            # Undated mentions come last, so that a dated one, which later nights cannot undercut, gives the id.
            mine = (each.at or "9999", each.ident)
            earliest[cell] = min(earliest.get(cell, mine), mine)
    groups = people_after(known)
    numbers = {cell: groups.number("person", earliest[cell][1], label) for cell, label in known_to.items()}
    out.executemany("INSERT INTO grp VALUES (?, ?, ?)", groups.rows())
    out.executemany("INSERT INTO person VALUES (?, ?)", _persons_of(known, linked, numbers))
    out.executemany(
        "INSERT INTO joined VALUES (?, ?, ?)",
        ((rank, numbers[cell], numbers[head]) for rank, cell, head in linked.joins),
    )
    return len(numbers)


def _persons_of(known: sqlite3.Connection, linked: Linked, numbers: dict[int, int]) -> Iterable[tuple[int, int]]:
    """Yield (mention, its person)."""
    for (number,) in known.execute("SELECT m FROM around ORDER BY m"):
        yield number, numbers[linked.cells.get(number, number)]
