"""From segments to a searchable index: clean, link, number by importance, write keys and vocabulary.

Reads every record twice: once to learn which tokens are names (so that names can be recognised in running
text), once to clean its mentions. Everything goes through people.sqlite, so memory holds only the grouping.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from discoverer.codec import encode
from discoverer.match.place import plain_words
from discoverer.match.profiles import EventProfile, PersonProfile, PhoneProfile, PlaceProfile, Profile
from discoverer.model import Found, MentionKind, Record, Visibility, most_closed
from discoverer.normalise.names import read_names
from index import engines, resolve, settling
from index.engine import EngineKind
from index.guards import names_agree
from index.households import count_households
from index.keys import document_keys
from index.linking_exact import full_names
from index.linking_model import Model
from index.linking_types import KEEP, side_of
from index.mentions import Mention, References, clean, place_identity
from index.people import INDEXES, LAID_OUT, SCHEMA
from index.profiles import decode, merge
from index.progress import Progress
from index.settling import NO_RULINGS, Rulings
from index.store import BATCH, Segment, finish, open_for_building
from index.weighty import weighs_from

PEOPLE_FILE = "people.sqlite"
VOCABULARY_FILE = "vocabulary.json"
ENGINE_FOLDER = "engine"
# Documents wait here until all are known and importance gives each its number.
_PENDING = (
    "CREATE TEMP TABLE pending (kind TEXT, grp INT, segment INT, n INT, visibility TEXT, risk INT, latest TEXT,"
    " profile BLOB)"
)
# A token borne by this many people in fields is taken for a name when it stands in running text.
KNOWN_AFTER = 2
# More groups than any label knows; the numbers of each begin a range further on.
RANGE = 10**12


def assemble(
    segments: Sequence[Segment],
    out: Path,
    as_at: datetime,
    progress: Progress,
    engine: EngineKind | None = None,
    rulings: Rulings = NO_RULINGS,
    linking: Model | None = None,
) -> dict[str, int]:
    """Write people.sqlite, the engine's folder and vocabulary.json into a build directory.

    Args:
        segments: one per source, in the order that numbers them.
        out: the build directory; none of the three may exist in it.
        as_at: the instant that counts as now.
        progress: told of each stage.
        engine: which engine to write; None: the default one.
        rulings: what people have decided, which stands above the rules of linking.
        linking: the weights people are linked by after the exact rules; None: by those alone.

    Returns:
        Counts for the manifest: mentions, persons, locations, phones, links, possible links, what was made of people's
        decisions, documents.

    Raises:
        BuildError: the disk did not take it.
    """
    database = open_for_building(out / PEOPLE_FILE)
    connection = database.conn
    for statement in (LAID_OUT, *SCHEMA, _PENDING):
        connection.execute(statement)
    known = _known_names(segments, progress)
    groups = _Groups()
    candidates = _write_mentions(connection, segments, known, as_at, groups, progress)
    progress.stage("linking people", None)
    links = _link_people(connection, candidates, groups, rulings, linking, progress)
    for statement in INDEXES:
        connection.execute(statement)
    connection.executemany("UPDATE mention SET grp = ? WHERE grp = ?", groups.moves)
    counts = {
        "mentions": connection.execute("SELECT count(*) FROM mention").fetchone()[0],
        **groups.counts(),
        **links,
        "documents": _write_documents(connection, out, engine or engines.for_building(engines.DEFAULT), progress),
    }
    finish(database, out / PEOPLE_FILE)
    return counts


class _Groups:
    """Numbers the groups: one per distinct place, number or person.

    A number orders equal hits, so it must not tell of mentions out of scope: groups are numbered apart by the most open
    label that knows them, in the order in which that label met them.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last = [rank * RANGE for rank, _ in enumerate(Visibility)]
        self.moves: list[tuple[int, int]] = []  # (new number, old number), in order

    def number(self, kind: str, ident: str, seen_by: Visibility) -> int:
        """Return the group's number, a new one when this label or none so open has met it before."""
        rank = seen_by.rank
        held = self._numbers.get((kind, ident))
        if held is not None and held <= (rank + 1) * RANGE:
            return held
        self._last[rank] += 1
        if held is not None:
            self.moves.append((self._last[rank], held))
        self._numbers[kind, ident] = self._last[rank]
        return self._last[rank]

    def rows(self) -> Iterator[tuple[int, str, str]]:
        """Yield (number, kind, ident)."""
        for (kind, ident), number in self._numbers.items():
            yield number, kind, ident

    def counts(self) -> dict[str, int]:
        """Return how many groups there are of each kind, by its plural."""
        found = Counter(kind for kind, _ in self._numbers)
        return {f"{kind.value}s": found[kind.value] for kind in MentionKind}


def _known_names(segments: Sequence[Segment], progress: Progress) -> list[frozenset[str]]:
    """Learn which tokens are names from the name fields of every source.

    Returns:
        For each rank of visibility, the names that whoever sees so far may know of: what is read of an open text must
        not depend on a closed record.
    """
    progress.stage("learning names", sum(segment.info.records for segment in segments))
    seen: list[Counter[str]] = [Counter() for _ in Visibility]
    for segment in segments:
        for _, record in segment.records():
            progress.advance()
            for person in record.persons:
                rank = most_closed(person.visibility, record.visibility).rank
                for raw in person.names:
                    for name in read_names(raw):
                        seen[rank].update(token for token in name.tokens if len(token) > 2)
    known, total = [], Counter[str]()
    for counts in seen:
        total.update(counts)
        known.append(frozenset(token for token, count in total.items() if count >= KNOWN_AFTER))
    return known


def _write_mentions(
    connection: sqlite3.Connection,
    segments: Sequence[Segment],
    known: Sequence[frozenset[str]],
    as_at: datetime,
    groups: _Groups,
    progress: Progress,
) -> list[tuple[resolve.Candidate, str, str]]:
    """Clean every record and write its mentions and event; return people for linking, with time and id."""
    progress.stage("cleaning and reading text", sum(segment.info.records for segment in segments))
    today = as_at.date()
    people: list[tuple[resolve.Candidate, str, str]] = []
    rows: list[tuple[object, ...]] = []
    events: list[tuple[object, ...]] = []
    number = 0
    for order, segment in enumerate(segments):
        for n, record in segment.records():
            progress.advance()
            mentions, references = clean(record, known[record.words_visibility.rank], today)
            at = record.at.value if record.at else ""
            weighs = weighs_from(record)
            weighty = 0 if weighs is None else weighs.rank + 1
            for mention in mentions:
                number += 1
                group = _group_of(mention, groups)
                rows.append(_mention_row((number, order, n), at, weighty, mention, group))
                if mention.kind is MentionKind.PERSON:
                    ident = f"{record.source}:{record.ref}#{mention.position}"
                    people.append((_candidate(number, mention, mentions, (order, n)), at, ident))
            events += _event_rows(order, n, at, record, references)
            if len(rows) >= BATCH:
                _flush(connection, rows, events)
    _flush(connection, rows, events)
    return people


def _flush(connection: sqlite3.Connection, rows: list[tuple[object, ...]], events: list[tuple[object, ...]]) -> None:
    """Write out the waiting rows."""
    connection.executemany(f"INSERT INTO mention VALUES ({', '.join('?' * 15)})", rows)
    connection.executemany("INSERT INTO pending VALUES ('event', NULL, ?, ?, ?, ?, ?, ?)", events)
    rows.clear()
    events.clear()


def _group_of(mention: Mention, groups: _Groups) -> int | None:
    """Return the group of a place or number; people are grouped once all are known."""
    if isinstance(mention.value, PlaceProfile):
        return groups.number("location", place_identity(mention.value.address), mention.visibility)
    if isinstance(mention.value, PhoneProfile):
        return groups.number("phone", mention.value.e164, mention.visibility)
    return None


def _mention_row(
    place: tuple[int, int, int], at: str, weighty: int, mention: Mention, group: int | None
) -> tuple[object, ...]:
    """Lay a mention out as a row, at its place: its number, the segment and n of its record."""
    return (
        *place, mention.position, mention.kind.value, mention.role.value, mention.found.value,
        mention.visibility.value, mention.holder, at, mention.label, mention.risk, weighty, group,
        encode(mention.value),
    )  # fmt: skip


def _candidate(number: int, mention: Mention, beside: Sequence[Mention], record: tuple[int, int]) -> resolve.Candidate:
    """Make a person mention ready for linking, with what its record says around it and is no more closed than it."""
    if not isinstance(mention.value, PersonProfile):
        raise TypeError("only people are linked")
    if mention.value.text_only:
        return resolve.Candidate(number, mention.visibility.value, mention.value, mention.doors)
    around = [
        each
        for each in beside
        if each is not mention and each.visibility.rank <= mention.visibility.rank and each.found is Found.FIELD
    ]
    scenes = [
        each.value.address.without_area
        for each in around
        if isinstance(each.value, PlaceProfile) and each.holder is None and each.value.address.without_area
    ]
    people = [each.value for each in around if isinstance(each.value, PersonProfile)]
    return resolve.Candidate(
        number,
        mention.visibility.value,
        mention.value,
        mention.doors,
        tuple(dict.fromkeys(scenes)),
        company_of(mention.value, people),
        record,
        side_of(mention.role),
    )


def company_of(person: PersonProfile, others: Iterable[PersonProfile]) -> tuple[str, ...]:
    """Return the full names of the other people of a person's record, in order.

    Who may be the same person written twice is no company: it would vouch for any namesake.

    Args:
        person: one of a record.
        others: who else stands in its fields, as open as the person.
    """
    found = {
        name
        for other in others
        if not (person.names and names_agree(person.names, other.names))
        for name in full_names(other)
    }
    return tuple(sorted(found - full_names(person)))


def _event_rows(segment: int, n: int, at: str, record: Record, references: References) -> Iterator[tuple[object, ...]]:
    """Lay out a record as event documents, their numbers still to come: what its words say apart where fewer see it."""
    known: dict[Visibility, tuple[str, ...]] = {record.visibility: references.own}
    if references.said:
        known[record.words_visibility] = (*known.get(record.words_visibility, ()), *references.said)
    for seen_by, canonical in known.items():
        yield segment, n, seen_by.value, record.gravest.rank, at, encode(EventProfile(canonical))


def _link_people(
    connection: sqlite3.Connection,
    people: list[tuple[resolve.Candidate, str, str]],
    groups: _Groups,
    rulings: Rulings,
    linking: Model | None,
    progress: Progress,
) -> dict[str, int]:
    """Link people, write the links and the groups, and count the links and what was made of people's decisions."""
    named = {ident for decision in rulings.decisions for ident in decision.pair}
    known = {
        ident: settling.There(each.number, Visibility(each.visibility), each.profile)
        for each, _, ident in people
        if ident in named
    }
    settled, waiting = settling.given(rulings.decisions, known)
    candidates = settling.to_link((candidate for candidate, _, _ in people), settled)
    linked = resolve.link(candidates, settled, linking, progress=progress)
    connection.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", linked.links)
    connection.executemany("INSERT INTO ruling VALUES (?, ?, ?)", settling.rulings_of(settled))
    connection.executemany("INSERT INTO beside VALUES (?, ?, ?)", settling.beside(candidates, settled, linked))
    # The most open label that knows a cell numbers it and gives its id, whoever else joined it.
    known_to: dict[int, Visibility] = {}
    earliest: dict[int, tuple[str, str]] = {}
    for candidate, at, ident in sorted(people, key=lambda each: Visibility(each[0].visibility).rank):
        cell, label = linked.cells.get(candidate.number, candidate.number), Visibility(candidate.visibility)
        if known_to.setdefault(cell, label) is label:
            # Undated mentions come last, so that a dated one, which later nights cannot undercut, gives the id.
            mine = (at or "9999", ident)
            earliest[cell] = min(earliest.get(cell, mine), mine)
    numbers = {cell: groups.number("person", earliest[cell][1], label) for cell, label in known_to.items()}
    connection.executemany(
        "UPDATE mention SET grp = ? WHERE m = ?",
        ((numbers[linked.cells.get(each.number, each.number)], each.number) for each, _, _ in people),
    )
    connection.executemany(
        "INSERT INTO joined VALUES (?, ?, ?)",
        ((rank, numbers[cell], numbers[head]) for rank, cell, head in linked.joins),
    )
    connection.executemany("INSERT INTO grp VALUES (?, ?, ?)", groups.rows())
    possible = sum(each.level == KEEP for each in linked.links)
    return {
        "links": len(linked.links) - possible,
        "possible_links": possible,
        "decisions": len(settled.same) + len(settled.apart),
        "decisions_waiting": waiting,
        "decisions_unmet": len(linked.unmet),
        "decisions_version": rulings.version,
    }


def _write_documents(connection: sqlite3.Connection, out: Path, engine: EngineKind, progress: Progress) -> int:
    """Make the documents of groups, number all documents by importance, write their keys and the vocabulary."""
    _gather_groups(connection, progress)
    connection.execute(
        "INSERT INTO doc SELECT row_number() OVER"
        " (ORDER BY risk DESC, latest DESC, kind, coalesce(grp, 0), segment, n, visibility) - 1, * FROM pending"
    )
    connection.execute("DROP TABLE pending")
    count = int(connection.execute("SELECT count(*) FROM doc").fetchone()[0])
    progress.stage("writing keys", count)
    writer = engine.writer(out / ENGINE_FOLDER)
    vocabulary = _Vocabulary()
    for kind, visibility, data in connection.execute("SELECT kind, visibility, profile FROM doc ORDER BY d"):
        profile = decode(kind, data)
        writer.add([f"{visibility}/{key}" for key in document_keys(profile)])
        vocabulary.add(visibility, profile)
        progress.advance()
    progress.stage("writing the index", None)
    writer.close()
    vocabulary.write(out / VOCABULARY_FILE)
    return count


def _gather_groups(connection: sqlite3.Connection, progress: Progress) -> None:
    """Make one document of what each visibility label knows of each group."""
    total = connection.execute("SELECT count(DISTINCT grp) FROM mention").fetchone()[0]
    progress.stage("gathering persons, places and numbers", total)
    households = count_households(connection)
    rows = connection.execute(
        "SELECT grp, visibility, kind, risk, at, value FROM mention ORDER BY grp, visibility, at DESC, m"
    )
    waiting: list[tuple[object, ...]] = []
    for (group, visibility), found in groupby(rows, key=lambda row: (row[0], row[1])):
        progress.advance()
        members = list(found)
        kind = members[0][2]
        profile = merge([decode(kind, data) for data in dict.fromkeys(member[5] for member in members)])
        if isinstance(profile, PhoneProfile):
            profile = replace(profile, households=households[group, visibility])
        risk, latest = max(member[3] for member in members), max(member[4] for member in members)
        waiting.append((kind, group, visibility, risk, latest, encode(profile)))
    connection.executemany("INSERT INTO pending VALUES (?, ?, NULL, NULL, ?, ?, ?, ?)", waiting)


class _Vocabulary:
    """Counts, apart for each visibility label, how many documents bear each token."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self._totals: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, visibility: str, profile: Profile) -> None:
        """Count one document."""
        if isinstance(profile, PersonProfile):
            field, tokens = "name", {token for name in profile.names for token in name}
        elif isinstance(profile, PlaceProfile):
            field, tokens = "place", {word for address in profile.writings for word in plain_words(address)}
        else:
            return
        self._totals[visibility][field] += 1
        self._counts[visibility][field].update(tokens)

    def write(self, path: Path) -> None:
        """Write {label: {field: {"total": int, "tokens": {token: count}}}} as JSON."""
        path.write_bytes(
            encode(
                {
                    label: {
                        field: {"total": self._totals[label][field], "tokens": dict(sorted(tokens.items()))}
                        for field, tokens in sorted(fields.items())
                    }
                    for label, fields in sorted(self._counts.items())
                }
            )
        )
