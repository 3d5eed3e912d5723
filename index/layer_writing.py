"""Writing a layer: changes of records taken in one by one, then everything worked out anew that they touch.

A record that changed is taken out and put in again; a mention of it that still says the same keeps its number and the
person it is of. Whatever is known of a touched person, place or number is gathered from all mentions again, by the
functions of the build.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from discoverer.codec import decoder, encode
from discoverer.match.profiles import PersonProfile
from discoverer.model import MentionKind, Record, Reject, Visibility
from index.beside import Around
from index.cleaning import CleanMention, Known, clean_record, known_names
from index.groups import label_of, numbered_among
from index.laid_out import lay_out, searchable, storable
from index.layer_documents import LayerDocuments
from index.layer_tables import LayerTables
from index.newcomers import Attached, Newcomer
from index.people import LAYER, MentionRow
from index.profiles import decode
from index.reader import Index

_around = decoder(Around)
_record = decoder(Record)


class LayerWriter:
    """Writes one layer over a build; used once, by one thread, while the lock of syncing is held.

    Attributes:
        part: Path, where it is written.
        known: names the build knew, by rank of visibility.
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
        try:
            self._tables = LayerTables(base.folder, part)
            self.known = known if known is not None else known_names(self._tables.connection)
        except BaseException:  # nobody is given it, so nobody could abandon it
            part.unlink(missing_ok=True)
            raise
        self._documents = LayerDocuments(self._tables, base.words_files)
        self._touched: set[int] = set()
        self._lessened: set[int] = set()
        self._gone: set[int] = set()
        self._unsaid: set[str] = set()
        self._waiting: dict[int, Newcomer] = {}

    @property
    def newcomers(self) -> list[Newcomer]:
        """Persons put in that are still to be attached."""
        return list(self._waiting.values())

    def take(self, order: int, ref: str, record: Record | None) -> bool:
        """Take in one record as it is now; None: there is none. Return whether that changed anything.

        Args:
            order: of its segment.
            ref: its reference there.
            record: as the adapter makes it.
        """
        held = self._held(order, ref)
        if says_the_same(held[1] if held else None, record):
            return False
        before = self._take_out(order, held[0]) if held else {}
        kept = self._put_in(order, record, before) if record else set()
        self._bury([row for row in before.values() if row.m not in kept])
        return True

    def reject(self, order: int, reject: Reject) -> None:
        """Keep a row that could not become a record, unless it is kept already."""
        body = encode(reject)
        if not self._tables.all(f"SELECT 1 FROM {LAYER}.reject WHERE segment = ? AND body = ?", (order, body)):
            self._tables.run(f"INSERT INTO {LAYER}.reject (segment, body) VALUES (?, ?)", (order, body))

    def _held(self, order: int, ref: str) -> tuple[int, Record] | None:
        """Return the record of this reference as it is held, with its number."""
        rows = self._tables.all(
            f"SELECT n, body FROM {LAYER}.record WHERE segment = ? AND ref = ?", (order, storable(ref))
        )
        if rows:
            return int(rows[0][0]), _record(rows[0][1])
        segment = self._base.segments[order]
        n = segment.number_of(ref)
        if n is None or self._tables.all(f"SELECT 1 FROM {LAYER}.gone_record WHERE segment = ? AND n = ?", (order, n)):
            return None
        return n, segment.get([n])[n]

    def _take_out(self, order: int, n: int) -> dict[int, MentionRow]:
        """Take a record out, with its words and events; return its mentions by position, still to be buried."""
        where = (order, n)
        rows = self._tables.mentions("segment = ? AND n = ?", where)
        segment = self._base.segments[order]
        if n <= segment.info.records:
            place = segment.places_of([n]).get(n, 0)
            self._tables.run(f"INSERT INTO {LAYER}.gone_record VALUES (?, ?, ?)", (*where, place))
        else:
            r, body = self._tables.all(f"SELECT r, body FROM {LAYER}.record WHERE segment = ? AND n = ?", where)[0]
            self._words(_record(body), r, "delete")
            self._tables.run(f"DELETE FROM {LAYER}.record WHERE r = ?", (r,))
        self._tables.run(f"DELETE FROM {LAYER}.mention WHERE segment = ? AND n = ?", where)
        self._tables.run(
            f"INSERT OR IGNORE INTO {LAYER}.over_mention SELECT m FROM main.mention WHERE segment = ? AND n = ?", where
        )
        self._documents.hide("segment = ? AND n = ?", where)
        self._touched.update(row.grp for row in rows if row.m not in self._waiting)
        return {row.position: row for row in rows}

    def _bury(self, rows: Iterable[MentionRow]) -> None:
        """Let mentions be no more, and the links that rest on them."""
        for row in rows:
            if row.m <= self._tables.last_built:
                self._tables.run(f"INSERT OR IGNORE INTO {LAYER}.dead_mention VALUES (?)", (row.m,))
            self._tables.run(f"DELETE FROM {LAYER}.link WHERE first = ? OR second = ?", (row.m, row.m))
            self._gone.add(row.m)
            if self._waiting.pop(row.m, None) is None:  # else its record changed again before it was attached
                self._lessened.add(row.grp)

    def is_gone(self, m: int) -> bool:
        """Tell whether a mention was taken out by this writer."""
        return m in self._gone

    def _put_in(self, order: int, record: Record, before: dict[int, MentionRow]) -> set[int]:
        """Put a record in; return the numbers of mentions that were there before and stay."""
        n = self._tables.next(f"n{order}", self._base.segments[order].info.records)
        laid = lay_out(record)
        r = self._tables.next("r")
        self._tables.run(
            f"INSERT INTO {LAYER}.record VALUES (?, ?, ?, ?, ?, ?, ?)",
            (r, order, n, laid.ref, laid.at, laid.visibility, laid.body),
        )
        self._words(record, r)
        cleaned = clean_record(record, self.known, self._on)
        kept = {self._mention(order, n, each, before) for each in cleaned.mentions}
        for label, risk, latest, profile in cleaned.events:
            self._documents.write("event", None, (order, n), label, risk, latest, profile)
        return kept

    def _words(self, record: Record, r: int, what: str = "") -> None:
        """Put the words of a record into the index of words, or take them out ('delete')."""
        text, table = searchable(record), f"text_{record.words_visibility.value}"
        if text and what:
            self._unsaid.add(table)
            self._tables.run(f"INSERT INTO {LAYER}.{table} ({table}, rowid, words) VALUES (?, ?, ?)", (what, r, text))
        elif text:
            self._tables.run(f"INSERT INTO {LAYER}.{table} (rowid, words) VALUES (?, ?)", (r, text))

    def _mention(self, order: int, n: int, mention: CleanMention, before: dict[int, MentionRow]) -> int:
        """Put in one mention, as the one it was where it still says the same; return its number."""
        position, kind, role, found, visibility, holder, at, label, risk, weighty = mention.row
        old = before.get(int(str(position)))
        says = (kind, role, visibility, mention.value)
        same = old is not None and (old.kind, old.role, old.visibility, old.value) == says
        same = same and old is not None and old.m not in self._waiting
        m = old.m if old is not None and same else self._tables.next("m", self._tables.last_built)
        group: int | None = None
        if mention.group:
            group = self._group(str(kind), mention.group, Visibility(str(visibility)))
        elif old is not None and same:
            group = old.grp
        else:
            group = self._newcomer(m, order, n, mention)
        self._tables.run(
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
            return self._tables.new_group(MentionKind.PERSON.value, mention.ident, label)
        self._waiting[m] = Newcomer(m, label, mention.ident, profile, _around(mention.around), (order, n))
        return None

    def _group(self, kind: str, ident: str, label: Visibility) -> int:
        """Return the number of a place or number; one that only more closed labels knew is numbered anew.

        A number must not tell of mentions out of scope (index/groups.py); all its mentions are given the new one.
        """
        rows = self._tables.all("SELECT g FROM grp WHERE kind = ? AND ident = ?", (kind, ident))
        held = int(rows[0][0]) if rows else None
        among = numbered_among(held, label)
        if held is not None and among is label_of(held):
            return held
        new = self._tables.new_group(kind, ident, among)
        for (old,) in rows:
            self._tables.run(f"INSERT OR REPLACE INTO {LAYER}.grp VALUES (?, ?, '')", (old, kind))
            for row in self._tables.mentions("grp = ?", (old,)):
                self._tables.run(
                    f"INSERT OR IGNORE INTO {LAYER}.over_mention SELECT m FROM main.mention WHERE m = ?", (row.m,)
                )
                self._tables.run(
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
            self._tables.run(f"UPDATE {LAYER}.mention SET grp = ? WHERE m = ?", (group, m))
            self._touched.add(group)
        self._tables.many(f"INSERT OR REPLACE INTO {LAYER}.link VALUES (?, ?, ?, ?, ?, ?, ?)", attached.links)
        for rank, m, group in attached.joined:
            self._join(rank, groups[m], group)
        for rank, m, other in attached.joined_new:
            self._join(rank, groups[m], groups[other])
        self._waiting = {}

    def _person(self, newcomer: Newcomer) -> int:
        """Give a person that nobody knew a number."""
        return self._tables.new_group(MentionKind.PERSON.value, newcomer.ident, newcomer.visibility)

    def _join(self, rank: int, one: int, other: int) -> None:
        """Let two groups be one for whoever sees as far as a rank; the one known to more keeps its number."""
        for furthest in (label.rank for label in tuple(Visibility)[rank].above):
            heads = dict(self._tables.all("SELECT cell, grp FROM joined WHERE rank = ?", (furthest,)))
            keeps, joins = sorted((int(heads.get(one, one)), int(heads.get(other, other))))
            if keeps == joins:
                continue
            for cell in (joins, *(cell for cell, head in heads.items() if head == joins)):
                self._tables.run(f"DELETE FROM {LAYER}.joined WHERE rank = ? AND cell = ?", (furthest, cell))
                self._tables.run(f"INSERT INTO {LAYER}.joined VALUES (?, ?, ?)", (furthest, cell, keeps))

    def finish(self, marks: dict[str, str]) -> None:
        """Work out what was touched, write down how far each source is taken in, and close.

        Args:
            marks: source -> watermark; those left out stay as they were.

        Raises:
            sqlite3.Error: the disk did not take it.
        """
        for group in sorted(self._touched):
            self._documents.gather(group)
        for group in sorted(self._touched | self._lessened):
            self._name_again(group)
        for table in sorted(self._unsaid):  # words taken out leave it once its parts are put together
            self._tables.run(f"INSERT INTO {LAYER}.{table} ({table}) VALUES ('optimize')")
        self._tables.many(f"INSERT OR REPLACE INTO {LAYER}.mark VALUES (?, ?)", marks.items())
        self._tables.run(f"INSERT OR REPLACE INTO {LAYER}.info VALUES ('build', ?)", (self._base.manifest.build,))
        self._tables.close(keep=True)

    def abandon(self) -> None:
        """Close without keeping anything."""
        self._tables.close(keep=False)
        self.part.unlink(missing_ok=True)

    def _name_again(self, group: int) -> None:
        """Give a person another id where the mention that gave it is gone or seen by fewer: it must not tell of it.

        The id comes from a mention that the most open label still sees. A group of which nothing is left has no name.
        """
        which = "SELECT visibility, at, segment, n, position, kind FROM mention WHERE grp"
        rows = self._tables.all(f"{which} = ?", (group,))
        if not rows:  # whoever sees others joined to it knows them by its name
            rows = self._tables.all(f"{which} IN (SELECT cell FROM joined WHERE grp = ?)", (group,))
        held = self._tables.all("SELECT kind, ident FROM grp WHERE g = ?", (group,))
        if not rows:
            for kind, _ in held:
                self._tables.run(f"INSERT OR REPLACE INTO {LAYER}.grp VALUES (?, ?, '')", (group, kind))
            return
        named = {
            (Visibility(label).rank, at or "9999", self._ident(int(segment), int(n), position))
            for label, at, segment, n, position, kind in rows
            if kind == MentionKind.PERSON.value
        }
        openest = min((rank for rank, _, _ in named), default=0)
        if named and held and held[0][1] not in {each for rank, _, each in named if rank == openest}:
            new = min(named)[2]
            self._tables.run(f"INSERT OR REPLACE INTO {LAYER}.grp VALUES (?, 'person', ?)", (group, new))

    def _ident(self, order: int, n: int, position: int) -> str:
        """Return the id of a mention."""
        segment = self._base.segments[order]
        rows = self._tables.all(f"SELECT ref FROM {LAYER}.record WHERE segment = ? AND n = ?", (order, n))
        ref = rows[0][0] if rows else segment.get([n])[n].ref
        return f"{segment.info.source}:{ref}#{position}"


def says_the_same(held: Record | None, record: Record | None) -> bool:
    """Tell whether a record says what is held of it, wherever its rows stand; None: there is none."""
    if held is None or record is None:
        return held is record
    return encode(replace(held, row="")) == encode(replace(record, row=""))
