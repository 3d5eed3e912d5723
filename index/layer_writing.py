"""Writing a layer: changes of records taken in one by one, then everything worked out anew that they touch.

A record that changed is taken out and put in again; a mention of it that still says the same keeps its number and the
person it is of. Whatever is known of a touched person, place or number is gathered from all mentions again, by the
functions of the build.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from discoverer.codec import decoder, encode
from discoverer.match.profiles import PersonProfile, Profile
from discoverer.model import MentionKind, Record, Reject, Visibility
from index.assemble import PEOPLE_FILE
from index.beside import Around
from index.cleaning import CleanMention, Known, clean_record, known_names
from index.documents import document_of
from index.groups import RANGE
from index.households import households
from index.keys import document_keys
from index.linking_types import Link
from index.people import LAYER, VIEWS
from index.profiles import decode, merge
from index.reader import Index
from index.store import lay_out, searchable, storable
from index.vocabulary_file import tokens_of

# Mentions of a number past which the households that share it are not counted again before the night.
MOST_CALLS = 500
_MENTION = "m, segment, n, position, kind, role, found, visibility, holder, at, label, risk, weighty, grp, value"
_around = decoder(Around)
_record = decoder(Record)


class Held(NamedTuple):
    """A mention as it is held: what of it may stay when its record changes."""

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


class Newcomer(NamedTuple):
    """A person mention of a field that nobody knows yet.

    Attributes:
        number: of the mention.
        visibility: its label.
        ident: the id by which the outside knows it.
        profile: its cleaned values.
        around: what its record says around it.
        record: (segment, n).
    """

    number: int
    visibility: Visibility
    ident: str
    profile: PersonProfile
    around: Around
    record: tuple[int, int]


class Attached(NamedTuple):
    """Whom newcomers are taken for.

    Attributes:
        cells: mention -> the known group it joins; a newcomer left out is a person of its own.
        together: newcomer -> the newcomer it is one person with, whoever came first; those left out stand alone.
        links: every link that has a newcomer at one end.
        joined: (rank, mention of a newcomer, a known group it is one person with for those who see that far).
    """

    cells: dict[int, int]
    together: dict[int, int]
    links: list[Link]
    joined: list[tuple[int, int, int]]


class LayerWriter:
    """Writes one layer over a build; used once, by one thread, while the lock of syncing is held.

    Attributes:
        part: Path, where it is written.
        known: names the build knew, by rank of visibility.
        newcomers: persons put in that are still to be attached.
    """

    def __init__(self, base: Index, part: Path, on: date, known: Known | None = None) -> None:
        """Open a layer that was begun.

        Args:
            base: the build without any layer.
            part: the layer, a copy of the one in force.
            on: the day that counts as today.
            known: names the build knew; None: they are read from it.
        """
        self._base, self._on, self.part = base, on, part
        path = (base.folder / PEOPLE_FILE).resolve()
        self._connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
        self._run(f"ATTACH ? AS {LAYER}", (f"{part.resolve().as_uri()}?mode=rw",))
        for setting in ("temp_store = MEMORY", f"{LAYER}.journal_mode = OFF", f"{LAYER}.synchronous = OFF"):
            self._run(f"PRAGMA {setting}")
        for statement in VIEWS:
            self._run(statement)
        self.known = known if known is not None else known_names(self._connection)
        self._counters: dict[str, int] = dict(self._all(f"SELECT name, value FROM {LAYER}.counter"))
        self._last_built = int(self._all("SELECT coalesce(max(m), 0) FROM main.mention")[0][0])
        self._touched: set[int] = set()
        self._lessened: set[int] = set()
        self._gone: set[int] = set()
        self.newcomers: list[Newcomer] = []

    def _run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement."""
        self._connection.execute(statement, values).close()

    def _all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._connection.execute(statement, values).fetchall()

    def _next(self, name: str, least: int = 0) -> int:
        """Return the next number of its kind."""
        self._counters[name] = max(self._counters.get(name, least), least) + 1
        return self._counters[name]

    def take(self, order: int, ref: str, record: Record | None) -> bool:
        """Take in one record as it is now; None: there is none. Return whether that changed anything.

        Args:
            order: of its segment.
            ref: its reference there.
            record: as the adapter makes it.
        """
        held = self._held(order, ref)
        if record is None and held is None:
            return False
        if record is not None and held is not None and _says(held[1]) == _says(record):
            return False
        before = self._take_out(order, held[0]) if held else {}
        kept = self._put_in(order, record, before) if record else set()
        self._bury([row for row in before.values() if row.m not in kept])
        return True

    def reject(self, order: int, reject: Reject) -> None:
        """Keep a row that could not become a record, unless it is kept already."""
        body = encode(reject)
        if not self._all(f"SELECT 1 FROM {LAYER}.reject WHERE segment = ? AND body = ?", (order, body)):
            self._run(f"INSERT INTO {LAYER}.reject (segment, body) VALUES (?, ?)", (order, body))

    def _held(self, order: int, ref: str) -> tuple[int, Record] | None:
        """Return the record of this reference as it is held, with its number."""
        rows = self._all(f"SELECT n, body FROM {LAYER}.record WHERE segment = ? AND ref = ?", (order, storable(ref)))
        if rows:
            return int(rows[0][0]), _record(rows[0][1])
        segment = self._base.segments[order]
        n = segment.number_of(ref)
        if n is None or self._all(f"SELECT 1 FROM {LAYER}.gone_record WHERE segment = ? AND n = ?", (order, n)):
            return None
        return n, segment.get([n])[n]

    def _take_out(self, order: int, n: int) -> dict[int, Held]:
        """Take a record out, with its words and events; return its mentions by position, still to be buried."""
        where = (order, n)
        rows = [Held(*row) for row in self._all(f"SELECT {_MENTION} FROM mention WHERE segment = ? AND n = ?", where)]
        segment = self._base.segments[order]
        if n <= segment.info.records:
            place = segment.places_of([n]).get(n, 0)
            self._run(f"INSERT INTO {LAYER}.gone_record VALUES (?, ?, ?)", (*where, place))
        else:
            r, body = self._all(f"SELECT r, body FROM {LAYER}.record WHERE segment = ? AND n = ?", where)[0]
            self._words(_record(body), r, "delete")
            self._run(f"DELETE FROM {LAYER}.record WHERE r = ?", (r,))
        self._run(f"DELETE FROM {LAYER}.mention WHERE segment = ? AND n = ?", where)
        self._run(
            f"INSERT OR IGNORE INTO {LAYER}.over_mention SELECT m FROM main.mention WHERE segment = ? AND n = ?", where
        )
        self._hide_documents("segment = ? AND n = ?", where)
        self._touched.update(row.grp for row in rows)
        return {row.position: row for row in rows}

    def _bury(self, rows: Iterable[Held]) -> None:
        """Let mentions be no more, and the links that rest on them."""
        for row in rows:
            if row.m <= self._last_built:
                self._run(f"INSERT OR IGNORE INTO {LAYER}.dead_mention VALUES (?)", (row.m,))
            self._run(f"DELETE FROM {LAYER}.link WHERE first = ? OR second = ?", (row.m, row.m))
            self._lessened.add(row.grp)
            self._gone.add(row.m)

    def is_gone(self, m: int) -> bool:
        """Tell whether a mention was taken out by this writer."""
        return m in self._gone

    def _put_in(self, order: int, record: Record, before: dict[int, Held]) -> set[int]:
        """Put a record in; return the numbers of mentions that were there before and stay."""
        n = self._next(f"n{order}", self._base.segments[order].info.records)
        laid = lay_out(record)
        r = self._next("r")
        self._run(
            f"INSERT INTO {LAYER}.record VALUES (?, ?, ?, ?, ?, ?, ?)",
            (r, order, n, laid.ref, laid.at, laid.visibility, laid.body),
        )
        self._words(record, r)
        cleaned = clean_record(record, self.known, self._on)
        kept = {self._mention(order, n, each, before) for each in cleaned.mentions}
        for label, risk, latest, profile in cleaned.events:
            self._document("event", None, (order, n), label, risk, latest, profile)
        return kept

    def _words(self, record: Record, r: int, what: str = "") -> None:
        """Put the words of a record into the index of words, or take them out ('delete')."""
        text, table = searchable(record), f"text_{record.words_visibility.value}"
        if text and what:
            self._run(f"INSERT INTO {LAYER}.{table} ({table}, rowid, words) VALUES (?, ?, ?)", (what, r, text))
        elif text:
            self._run(f"INSERT INTO {LAYER}.{table} (rowid, words) VALUES (?, ?)", (r, text))

    def _mention(self, order: int, n: int, mention: CleanMention, before: dict[int, Held]) -> int:
        """Put in one mention, as the one it was where it still says the same; return its number."""
        position, kind, role, found, visibility, holder, at, label, risk, weighty = mention.row
        old = before.get(int(str(position)))
        same = old is not None and (old.kind, old.role, old.visibility, old.value) == (
            kind, role, visibility, mention.value,
        )  # fmt: skip
        m = old.m if old is not None and same else self._next("m", self._last_built)
        group: int | None = None
        if mention.group:
            group = self._group(str(kind), mention.group, Visibility(str(visibility)))
        elif old is not None and same:
            group = old.grp
        else:
            group = self._newcomer(m, order, n, mention)
        self._run(
            f"INSERT INTO {LAYER}.mention VALUES ({', '.join('?' * 15)})",
            (m, order, n, position, kind, role, found, visibility, holder, at, label, risk, weighty, group,
             mention.value),
        )  # fmt: skip
        if group is not None:
            self._touched.add(group)
        return m

    def _newcomer(self, m: int, order: int, n: int, mention: CleanMention) -> int | None:
        """Note a person that is to be attached; one that only text names stands alone, and is given its group."""
        profile, label = decode(MentionKind.PERSON.value, mention.value), Visibility(str(mention.row[4]))
        if not isinstance(profile, PersonProfile):
            raise TypeError("only people are attached")
        if profile.text_only:
            return self._new_group(MentionKind.PERSON.value, mention.ident, label)
        self.newcomers.append(Newcomer(m, label, mention.ident, profile, _around(mention.around), (order, n)))
        return None

    def _new_group(self, kind: str, ident: str, label: Visibility) -> int:
        """Give a group that nobody knew its number."""
        low, high = label.rank * RANGE, (label.rank + 1) * RANGE
        name = f"g{label.rank}"
        if name not in self._counters:
            last = self._all("SELECT max(g) FROM main.grp WHERE g > ? AND g <= ?", (low, high))[0][0]
            self._counters[name] = int(last or low)
        g = self._next(name)
        self._run(f"INSERT INTO {LAYER}.grp VALUES (?, ?, ?)", (g, kind, ident))
        return g

    def _group(self, kind: str, ident: str, label: Visibility) -> int:
        """Return the number of a place or number; one that only more closed labels knew is numbered anew.

        A number must not tell of mentions out of scope (index/groups.py); all its mentions are given the new one.
        """
        rows = self._all("SELECT g FROM grp WHERE kind = ? AND ident = ?", (kind, ident))
        if rows and int(rows[0][0]) <= (label.rank + 1) * RANGE:
            return int(rows[0][0])
        new = self._new_group(kind, ident, label)
        for (old,) in rows:
            self._run(f"INSERT OR REPLACE INTO {LAYER}.grp VALUES (?, ?, '')", (old, kind))
            moved = [Held(*row) for row in self._all(f"SELECT {_MENTION} FROM mention WHERE grp = ?", (old,))]
            for row in moved:
                self._run(
                    f"INSERT OR IGNORE INTO {LAYER}.over_mention SELECT m FROM main.mention WHERE m = ?", (row.m,)
                )
                self._run(
                    f"INSERT OR REPLACE INTO {LAYER}.mention VALUES ({', '.join('?' * 15)})", row._replace(grp=new)
                )
            self._touched.update((int(old), new))
        return new

    def attach(self, attached: Attached) -> None:
        """Give every newcomer its person, and write its links down."""
        groups: dict[int, int] = dict(attached.cells)
        for each in sorted(self.newcomers, key=lambda each: (each.visibility.rank, each.number)):
            first = attached.together.get(each.number, each.number)
            if each.number not in groups:
                groups[each.number] = groups[first] if first in groups else self._person(each)
            groups.setdefault(first, groups[each.number])
        for m, group in groups.items():
            self._run(f"UPDATE {LAYER}.mention SET grp = ? WHERE m = ?", (group, m))
            self._touched.add(group)
        self._connection.executemany(
            f"INSERT OR REPLACE INTO {LAYER}.link VALUES (?, ?, ?, ?, ?, ?, ?)", attached.links
        )
        for rank, m, group in attached.joined:
            self._join(rank, groups[m], group)
        self.newcomers = []

    def _person(self, newcomer: Newcomer) -> int:
        """Give a person that nobody knew a number."""
        return self._new_group(MentionKind.PERSON.value, newcomer.ident, newcomer.visibility)

    def _join(self, rank: int, one: int, other: int) -> None:
        """Let two groups be one for whoever sees as far as a rank; the one known to more keeps its number."""
        for furthest in range(rank, len(Visibility)):
            heads = dict(self._all("SELECT cell, grp FROM joined WHERE rank = ?", (furthest,)))
            keeps, joins = sorted((int(heads.get(one, one)), int(heads.get(other, other))))
            if keeps == joins:
                continue
            for cell in (joins, *(cell for cell, head in heads.items() if head == joins)):
                self._run(f"DELETE FROM {LAYER}.joined WHERE rank = ? AND cell = ?", (furthest, cell))
                self._run(f"INSERT INTO {LAYER}.joined VALUES (?, ?, ?)", (furthest, cell, keeps))

    def finish(self, marks: dict[str, str]) -> None:
        """Work out what was touched, write down how far each source is taken in, and close.

        Args:
            marks: source -> watermark; those left out stay as they were.

        Raises:
            sqlite3.Error: the disk did not take it.
        """
        for group in sorted(self._touched):
            self._gather(group)
        for group in sorted(self._lessened):
            self._name_again(group)
        self._connection.executemany(f"INSERT OR REPLACE INTO {LAYER}.counter VALUES (?, ?)", self._counters.items())
        self._connection.executemany(f"INSERT OR REPLACE INTO {LAYER}.mark VALUES (?, ?)", marks.items())
        self._run(f"INSERT OR REPLACE INTO {LAYER}.info VALUES ('build', ?)", (self._base.manifest.build,))
        self._connection.commit()
        self._connection.close()

    def abandon(self) -> None:
        """Close without keeping anything."""
        self._connection.close()
        self.part.unlink(missing_ok=True)

    def _gather(self, group: int) -> None:
        """Make the documents of one group anew."""
        old = self._hide_documents("grp = ?", (group,))
        rows = self._all(
            "SELECT grp, visibility, kind, risk, at, value FROM mention WHERE grp = ? ORDER BY visibility, at DESC, m",
            (group,),
        )
        for label, found in groupby(rows, key=lambda row: str(row[1])):
            members = list(found)
            shared = self._households(group, label, old) if members[0][2] == MentionKind.PHONE.value else 0
            kind, _, _, risk, latest, profile = document_of(members, shared)
            self._document(kind, group, None, label, risk, latest, profile)

    def _hide_documents(self, where: str, values: Sequence[object]) -> list[tuple[str, Profile]]:
        """Take documents out of what is found; return their labels and what they said."""
        gone: list[tuple[str, Profile]] = []
        for d, kind, label, data in self._all(
            f"SELECT d, kind, visibility, profile FROM main.doc WHERE {where}"
            f" AND d NOT IN (SELECT d FROM {LAYER}.over_doc)",
            values,
        ):
            profile = decode(kind, data)
            self._run(f"INSERT INTO {LAYER}.over_doc VALUES (?)", (d,))
            self._connection.executemany(
                f"INSERT INTO {LAYER}.gone_posting VALUES (?, ?)", [(key, d) for key in _keys(label, profile)]
            )
            gone.append((label, profile))
        for d, kind, label, data in self._all(
            f"SELECT d, kind, visibility, profile FROM {LAYER}.doc WHERE {where}", values
        ):
            self._run(f"DELETE FROM {LAYER}.posting WHERE d = ?", (d,))
            self._run(f"DELETE FROM {LAYER}.doc WHERE d = ?", (d,))
            gone.append((label, decode(kind, data)))
        return gone

    def _document(
        self,
        kind: str,
        group: int | None,
        record: tuple[int, int] | None,
        label: str,
        risk: int,
        latest: str,
        data: bytes,
    ) -> None:
        """Write one document, its keys, and the tokens that the build does not know."""
        d = -self._next("d")
        segment, n = record or (None, None)
        self._run(
            f"INSERT INTO {LAYER}.doc VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (d, kind, group, segment, n, label, risk, latest, data),
        )
        profile = decode(kind, data)
        self._connection.executemany(
            f"INSERT INTO {LAYER}.posting VALUES (?, ?)", [(key, d) for key in _keys(label, profile)]
        )
        field, tokens = tokens_of(profile)
        held = self._base.words_files.lexicons(field, [Visibility(label)]) if field else []
        new = [token for token in tokens if not any(lexicon.bearers(token) for lexicon in held)]
        self._connection.executemany(
            f"INSERT OR IGNORE INTO {LAYER}.token VALUES (?, ?, ?, 1)", [(label, field, token) for token in new]
        )

    def _households(self, group: int, label: str, old: Collection[tuple[str, Profile]]) -> int:
        """Count the unrelated households that share a number, as the build does (index/households.py)."""
        calls = self._all(
            "SELECT segment, n, holder FROM mention WHERE grp = ? AND visibility = ? AND holder IS NOT NULL LIMIT ?",
            (group, label, MOST_CALLS + 1),
        )
        if len(calls) > MOST_CALLS:
            return max((getattr(profile, "households", 0) for seen, profile in old if seen == label), default=0)
        holders: dict[int | None, list[bytes]] = defaultdict(list)
        for place in calls:
            for person, value in self._all(
                "SELECT grp, value FROM mention WHERE segment = ? AND n = ? AND position = ? AND kind = 'person'"
                " AND visibility = ?",
                (*place, label),
            ):
                holders[person].append(value)
        profiles = (merge([decode("person", each) for each in dict.fromkeys(values)]) for values in holders.values())
        return households(each for each in profiles if isinstance(each, PersonProfile))

    def _name_again(self, group: int) -> None:
        """Give a person another id where the mention that gave it is gone: it must not name what is deleted."""
        rows = self._all(
            "SELECT visibility, at, segment, n, position FROM mention WHERE grp = ? AND kind = 'person'", (group,)
        )
        named = {
            (Visibility(label).rank, at or "9999", self._ident(int(segment), int(n), position))
            for label, at, segment, n, position in rows
        }
        ident = self._all("SELECT ident FROM grp WHERE g = ?", (group,))
        if named and ident and ident[0][0] not in {each for _, _, each in named}:
            new = min(named)[2]
            self._run(f"INSERT OR REPLACE INTO {LAYER}.grp VALUES (?, 'person', ?)", (group, new))

    def _ident(self, order: int, n: int, position: int) -> str:
        """Return the id of a mention."""
        segment = self._base.segments[order]
        rows = self._all(f"SELECT ref FROM {LAYER}.record WHERE segment = ? AND n = ?", (order, n))
        ref = rows[0][0] if rows else segment.get([n])[n].ref
        return f"{segment.info.source}:{ref}#{position}"


def _says(record: Record) -> bytes:
    """Return all that a record says, but for where its rows stand."""
    return encode(replace(record, row=""))


def _keys(label: str, profile: Profile) -> list[str]:
    """Return the keys of a document, as the build writes them."""
    return [f"{label}/{key}" for key in document_keys(profile)]
