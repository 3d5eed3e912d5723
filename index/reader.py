"""Reading one published build, through the scope of whoever asks.

`Index` is one opened build, shared by all. `Reader` is an index seen through a scope: every read of keys,
words, counts, mentions and records goes through it, so that what a viewer may not see is not even counted.
"""

from __future__ import annotations

import copy
import gc
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from discoverer.access_masks import REPEATED, Hidden
from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Vocabulary
from discoverer.model import Record, Role, Visibility
from discoverer.normalise.text import words
from index import engines
from index.assemble import ENGINE_FOLDER, PEOPLE_FILE
from index.engine import Engine, Postings
from index.manifest import Manifest
from index.masked import PROTECTED, Masked, without_words
from index.people import DocRow, MentionRow, People
from index.profiles import decode
from index.store import Segment
from index.sync_state import Synced
from index.vocabulary_file import NAMES, WORDS, VocabularyFiles

# A build of so many records is searched all day, or holds one long history; of fewer, the collector is not felt.
MANY = 1_000
# New objects before the collector looks among them for what is no longer used: one search makes about as many.
NEW_OBJECTS = 10_000
# Mentions of a group that are read at once, for whatever is asked of it next; most people have a tenth of it.
FEW_MENTIONS = 200
_NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class Scope:
    """What a viewer may read.

    Attributes:
        labels: the visibility labels, at least one.
        masked: what is kept back of what they read; None: nothing.
    """

    labels: frozenset[Visibility]
    masked: Masked | None = None

    @property
    def hidden(self) -> tuple[str, ...]:
        """What the mask hides, in alphabetical order; nothing where there is none."""
        return tuple(sorted(each.value for each in self.masked.hides)) if self.masked else ()

    @property
    def bare(self) -> Scope:
        """The same without a mask, for what is shown to nobody as it is."""
        return Scope(self.labels)

    @property
    def streets(self) -> Scope:
        """What streets may be suggested from: where safe places are hidden, none that stands in a protected record."""
        hides = self.masked is not None and self.masked.covers(Hidden.SAFE_PLACES)
        return Scope(self.labels - PROTECTED) if hides else self.bare


class PossibleLink(NamedTuple):
    """Two mentions that may be one person and were not joined.

    Attributes:
        mine: the mention of the person asked about; its record is (mine.segment, mine.n).
        other: the other mention; other.grp is the person it is of.
        bits: float, what speaks for it, log2 odds.
        why: str, the reasons in words, those against it last.
    """

    mine: MentionRow
    other: MentionRow
    bits: float
    why: str


class Index:
    """One build, opened; safe to read from several threads.

    Attributes:
        layer: str, name of the layer over it (index/layered.py); '' for none.
        synced: how far its sources have been taken in since, as far as the layer goes at least.
        counts: dict[str, int], records of each source by now, the layer's too.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open a build whose files have been checked against its manifest.

        Raises:
            IndexUnavailable: a part of it cannot be opened.
        """
        self.manifest, self.folder, self.layer = manifest, folder, ""
        self.synced = Synced(manifest.build)
        self.counts = {entry.source: entry.records for entry in manifest.segments}
        self.segments: dict[int, Segment] = {}
        with ExitStack() as opened:  # what is open already is closed when a later part cannot be opened
            for order, entry in enumerate(manifest.segments_with_data):
                self.segments[order] = opened.enter_context(Segment(folder / entry.file))
            self.people = opened.enter_context(closing(People(folder / PEOPLE_FILE)))
            kind = engines.for_reading(manifest.engine)
            self.engine: Engine = opened.enter_context(closing(kind.open(folder / ENGINE_FOLDER)))
            self.words_files = VocabularyFiles(folder)
            self.opened = opened.pop_all()
        if sum(entry.records for entry in manifest.segments) >= MANY:
            _set_aside()
        self._vocabularies: dict[tuple[str, frozenset[Visibility]], Vocabulary] = {}
        self._lock = threading.Lock()

    def vocabulary(self, field: str, labels: frozenset[Visibility]) -> Vocabulary:
        """Return the tokens of one kind (NAMES or WORDS) that these labels bear, made once."""
        with self._lock:
            key = (field, labels)
            if key not in self._vocabularies:
                self._vocabularies[key] = self.words_files.vocabulary(field, labels)
            return self._vocabularies[key]

    def take_over(
        self, people: People, engine: Engine, segments: Mapping[int, Segment], words_files: VocabularyFiles
    ) -> None:
        """Read everything from elsewhere from now on: what lies over a build (index/layered.py)."""
        self.people, self.engine, self.segments, self.words_files = people, engine, dict(segments), words_files
        self._vocabularies, self._lock = {}, threading.Lock()

    def seen_as(self, people: People, engine: Engine) -> Index:
        """Return the same build with its people seen in another way; its files are shared, and closed with this one."""
        seen = copy.copy(self)
        seen.people, seen.engine = people, engine
        return seen

    def close(self) -> None:
        """Close every file."""
        self.opened.close()


def _set_aside() -> None:
    """Take what lives as long as the service out of the rounds of Python's garbage collector, once for every build.

    One search in ten waited for a round over all of it, which took as long as the search: it made the slowest 5 %.
    What a build opened before left behind is let go first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


class Reader:
    """An index seen through a scope; cheap to make, one per request."""

    def __init__(self, index: Index, scope: Scope) -> None:
        self._index = index
        self.labels = scope.labels
        self.masked = scope.masked
        self._ordered = sorted(scope.labels)
        self._safe: dict[int, bool] = {}  # groups, and whether a protected record holds them
        self._looked_up: dict[tuple[str, int], Postings] = {}  # one search asks for many keys more than once
        self._whole: dict[int, list[MentionRow]] = {}  # every mention in scope of a group, where that was read already

    @property
    def names(self) -> Vocabulary:
        """Name tokens this viewer may know of."""
        return self._index.vocabulary(NAMES, self.labels)

    @property
    def words(self) -> Vocabulary:
        """Address words this viewer may know of."""
        return self._index.vocabulary(WORDS, self.labels)

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the documents in scope that carry a key, the most important first, and how many there are."""
        if (key, limit) not in self._looked_up:
            self._looked_up[key, limit] = self._postings(key, limit)
        return self._looked_up[key, limit]

    def _postings(self, key: str, limit: int) -> Postings:
        """Look a key up under each label in scope."""
        if len(self._ordered) == 1:
            return self._index.engine.look_up(f"{self._ordered[0]}/{key}", limit)
        found = [self._index.engine.look_up(f"{label}/{key}", limit) for label in self._ordered]
        return Postings(sorted(id for each in found for id in each.ids)[:limit], sum(each.total for each in found))

    def docs(self, numbers: Collection[int]) -> list[DocRow]:
        """Return documents found by `look_up`."""
        return self._index.people.docs(numbers, self.labels)

    def members(self, group: int, limit: int) -> list[MentionRow]:
        """Return a group's mentions in scope, most recent first, at most `limit`."""
        if group in self._whole:
            return self._whole[group][:limit]
        found = self._shown(self._index.people.members(group, self.labels, limit))
        if len(found) < limit:
            self._whole[group] = list(found)
        return found

    def weighty_members(self, group: int) -> list[MentionRow]:
        """Return a group's mentions in scope whose records weigh, however old (index/weighty.py)."""
        if group in self._whole:
            return [row for row in self._whole[group] if row.weighty]
        return self._shown(self._index.people.weighty_members(group, self.labels))

    def earliest(self, group: int, only: frozenset[int] | None) -> list[MentionRow]:
        """Return the earliest dated mentions in scope of a group (undated ones when none is dated)."""
        if group not in self._whole:
            return self._shown(self._index.people.earliest(group, self.labels, only))
        mine = [row for row in self._whole[group] if only is None or row.m in only]
        first = min((row.at for row in mine if row.at), default="")
        return sorted(row for row in mine if row.at == first)

    def parts_of(self, group: int, only: frozenset[int] | None) -> set[tuple[tuple[int, int], str]]:
        """Return every record in scope of a group, or of some of its mentions: ((segment, n), role), once each."""
        if group in self._whole:
            return {((r.segment, r.n), r.role) for r in self._whole[group] if only is None or r.m in only}
        found = self._index.people.parts_of(group, self.labels)
        return {(place, role) for m, place, role in found if only is None or m in only}

    def components(self, group: int) -> list[dict[int, tuple[int, int]]]:
        """Split a person's mentions by the links in scope, the component of the most mentions first.

        Returns:
            For each component, mention number -> (segment, n).
        """
        places = self._places_of(group)
        roots = _joined(places, self._index.people.links_among(places, self.labels)) if len(places) > 1 else {}
        parts: dict[int, dict[int, tuple[int, int]]] = {}
        for m, place in places.items():
            parts.setdefault(roots.get(m, m), {})[m] = place
        return sorted(parts.values(), key=lambda part: (-len(part), min(part)))

    def _places_of(self, group: int) -> dict[int, tuple[int, int]]:
        """Return where every mention in scope of a group stands, by its number."""
        self.members(group, FEW_MENTIONS)
        if group in self._whole:
            return {row.m: (row.segment, row.n) for row in self._whole[group]}
        return {m: (segment, n) for m, segment, n in self._index.people.places_of(group, self.labels)}

    def possible_links(self, group: int) -> list[PossibleLink]:
        """Return whom a person may also be, and was not joined to, the likeliest first.

        Both mentions of each link are in scope, and so is what it rests on.
        """
        places = self._places_of(group)
        found = [each for each in self._index.people.possible_links(places, self.labels) if each[1] not in places]
        if not found:
            return []
        numbers = {m for mine, other, _, _ in found for m in (mine, other)}
        rows = self._shown(self._index.people.mentions_numbered(numbers, self.labels))
        ends = {each.m: each for each in rows}
        told = not self.hides(*REPEATED)  # the reasons of a link name what agrees
        links = [
            PossibleLink(ends[mine], ends[other], bits, why if told else "")
            for mine, other, bits, why in found
            if mine in ends and other in ends
        ]
        return sorted(links, key=lambda link: (-link.bits, link.mine.m, link.other.m))

    def people_in_fields(self) -> list[tuple[MentionRow, tuple[tuple[str, ...], ...]]]:
        """Return every person mention in scope that stands in a field, with its names as cleaned."""
        rows = self._shown(self._index.people.people_in_fields(self.labels))
        values = ((row, decode("person", row.value)) for row in rows)
        return [(row, value.names) for row, value in values if isinstance(value, PersonProfile)]

    def links(self) -> list[tuple[int, int, str]]:
        """Return all links that count and rest on nothing out of scope, as (first mention, second, rule)."""
        return self._index.people.links(self.labels)

    def in_records(self, records: Collection[tuple[int, int]], kind: str) -> list[MentionRow]:
        """Return the mentions in scope of one kind in these (segment, n) records."""
        return self._shown(self._index.people.in_records(records, kind, self.labels))

    def everyone_in(self, records: Collection[tuple[int, int]]) -> list[MentionRow]:
        """Return the mentions in scope of every kind in these (segment, n) records, for showing what was found."""
        return self._shown(self._index.people.in_records(records, None, self.labels))

    def contacts_in(self, records: Collection[tuple[int, int]]) -> list[MentionRow]:
        """Return the places and numbers in scope that a field of these records, (segment, n), says are somebody's."""
        return self._shown(self._index.people.contacts_in(records, self.labels))

    def of_groups(self, groups: Collection[int], recent: int) -> list[MentionRow]:
        """Return mentions in scope of many groups: of each at most so many recent ones, and every one that weighs."""
        return self._shown(self._index.people.of_groups(groups, self.labels, recent))

    def kept_back(self, groups: Collection[int]) -> set[int]:
        """Return those of these places and numbers that some record protects, in scope or not.

        What one record protects is never offered as somebody's other address or number, whoever else wrote it down. It
        is the one answer that a record out of scope changes, and on purpose. Listed, the address goes to whoever looks
        her up, or him, and need know nothing of it: refuge addresses given away like that have got women killed. Left
        out, it is missed only by somebody who has read it in an open record already, and who can then guess that it is
        protected, not by whom or for whom. Nothing says that anything was left out: it is in no count, and an address
        may be missing for other reasons (confidential, no address, beyond those that are read). Still to be seen, in
        its own place, is the open record itself: only its source can close that.
        """
        return self._index.people.protected_groups(groups)

    def idents(self, groups: Collection[int]) -> dict[int, str]:
        """Return the ids by which the outside knows these groups.

        Of a place or number whose own id, which says it, is kept back, the id of its earliest mention, which names it
        as well.
        """
        found = self._index.people.idents(groups)
        kept_back = self._telling(found) if self.masked else ()
        return {group: self._mention_of(group) if group in kept_back else ident for group, ident in found.items()}

    def group_of(self, kind: str, ident: str) -> int | None:
        """Return the place or number known by an id; None when none is in scope."""
        group = self._index.people.group_of(kind, ident)
        # Where there is none, as much is asked, and nothing of it kept: nobody can tell by the clock that there is one
        # out of scope.
        held = self._index.people.members(_NO_GROUP if group is None else group, self.labels, 1)
        return group if held else None

    def ident(self, group: int) -> str:
        """Return the id by which the outside knows a group."""
        return self.idents([group])[group] if self.masked else self._index.people.ident(group)

    def records(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Record]:
        """Return the records in scope of these (segment, n).

        A record's free words may repeat what any of its mentions says; out of scope they are left out.
        """
        by_segment: dict[int, list[int]] = {}
        for segment, n in dict.fromkeys(wanted):
            by_segment.setdefault(segment, []).append(n)
        return {
            (segment, n): self._seen(record)
            for segment, numbers in by_segment.items()
            for n, record in self._index.segments[segment].get(numbers).items()
            if record.visibility in self.labels
        }

    def every_record(self) -> Iterator[tuple[tuple[int, int], Record]]:
        """Yield ((segment, n), record) of every record in scope, source by source; few are in memory at once."""
        for order, segment in self._index.segments.items():
            for n, record in segment.records():
                if record.visibility in self.labels:
                    yield (order, n), self._seen(record)

    def people_as(self, roles: Collection[Role]) -> Iterator[MentionRow]:
        """Yield every mention in scope of a person in one of these parts; few are in memory at once."""
        for row in self._index.people.people_as(roles, self.labels):
            yield from self._shown([row])

    def _seen(self, record: Record) -> Record:
        """Return a record as far as it is in scope: its mentions, and free words that give away no more."""
        if record.words_visibility not in self.labels:
            record = replace(
                without_words(record),
                persons=tuple(person for person in record.persons if person.visibility in self.labels),
                locations=tuple(place for place in record.locations if place.visibility in self.labels),
                phones=tuple(phone for phone in record.phones if phone.visibility in self.labels),
            )
        return self.masked.record(record) if self.masked else record

    @property
    def bare(self) -> Reader:
        """The same without a mask: for what must be right whoever asks, and is shown to nobody as it is."""
        return self if self.masked is None else Reader(self._index, Scope(self.labels))

    def hides(self, *what: Hidden) -> bool:
        """Tell whether any of this is kept back from the viewer."""
        return self.masked is not None and self.masked.covers(*what)

    def is_safe_place(self, group: int) -> bool:
        """Tell whether a place is one that the viewer is not shown: a protected record holds it."""
        if not self.hides(Hidden.SAFE_PLACES):
            return False
        if group not in self._safe:
            # Of what the viewer reads: that a record they do not read holds it too is not to be told by this.
            self._safe[group] = bool(self._index.people.members(group, self.labels & PROTECTED, 1))
        return self._safe[group]

    def _shown(self, rows: list[MentionRow]) -> list[MentionRow]:
        """Return mentions as the viewer may see them."""
        if self.masked is None:
            return rows
        mask = self.masked
        return [mask.row(row, safe=row.kind == "location" and self.is_safe_place(row.grp)) for row in rows]

    def _telling(self, idents: Mapping[int, str]) -> set[int]:
        """Return the places and numbers whose ids would say what is kept back; a person's says nothing."""
        kinds = {row.grp: row.kind for row in self._index.people.of_groups(idents, self.labels, 1)}
        by_kind = {"phone": self.hides(Hidden.NUMBERS), "location": self.hides(Hidden.PLACES)}
        return {
            group
            for group, kind in kinds.items()
            if by_kind.get(kind) or (kind == "location" and self.is_safe_place(group))
        }

    def _mention_of(self, group: int) -> str:
        """Return the id of the earliest mention in scope of a place or number."""
        first = min(self._index.people.earliest(group, self.labels, None), key=lambda row: row[1:4])
        record = self._index.segments[first.segment].get([first.n])[first.n]
        return f"{record.source}:{record.ref}#{first.position}"

    def place_of(self, source: str, ref: str) -> tuple[int, int] | None:
        """Return where the record of a source with this ref stands, as (segment, n); None when none is in scope."""
        for order, segment in self._index.segments.items():
            n = segment.number_of(ref, self.labels) if segment.info.source == source else None
            if n is not None and self.records([(order, n)]):
                return order, n
        return None

    def people_named(self, idents: Collection[str]) -> dict[str, MentionRow]:
        """Return the person mentions in scope of these ids ('source:ref#position'); one that names none is left out."""
        orders = {segment.info.source: order for order, segment in self._index.segments.items()}
        named: dict[tuple[int, int, str], str] = {}
        for ident in idents:
            source, _, rest = ident.partition(":")
            ref, _, position = rest.rpartition("#")
            n = self._index.segments[orders[source]].number_of(ref, self.labels) if source in orders else None
            if n is not None:
                named[orders[source], n, position] = ident
        rows = self.in_records({where[:2] for where in named}, "person")
        found = ((named.get((row.segment, row.n, str(row.position))), row) for row in rows)
        return {ident: row for ident, row in found if ident is not None}

    def search_text(self, wanted: Sequence[str], limit: int) -> tuple[list[tuple[int, int, str]], int]:
        """Find records in scope whose texts hold all these words.

        Returns:
            ((segment, n, instant) of at most `limit`, the most recent of all sources first; how many fit in all).
        """
        found: list[tuple[int, int]] = []
        total = 0
        for order, segment in self._index.segments.items():
            numbers, count = segment.search_text(wanted, self.labels, limit)
            found += [(order, n) for n in numbers]
            total += count
        records = self.records(found)
        if self.hides(Hidden.SAFE_PLACES):  # no text leads to a safe place by the words that it is not shown with
            records = {place: record for place, record in records.items() if _holds(record, wanted)}
            total -= len(found) - len(records)
        dated = [(*place, record.at.value if record.at else "") for place, record in records.items()]
        return sorted(dated, key=lambda each: each[2], reverse=True)[:limit], total


def _holds(record: Record, wanted: Sequence[str]) -> bool:
    """Tell whether what is shown of a record's summary and texts holds all these words."""
    said = {word for text in (record.summary, *(each.text for each in record.texts)) for word in words(text)}
    return said.issuperset(word for each in wanted for word in words(each))


def _joined(mentions: Iterable[int], links: Iterable[tuple[int, int, str]]) -> dict[int, int]:
    """Return mention -> one mention of its component; the links were allowed when made, and are not judged again."""
    roots = {m: m for m in mentions}
    for first, second, _ in links:
        one, other = _root(roots, first), _root(roots, second)
        if one != other:
            roots[max(one, other)] = min(one, other)
    return {m: _root(roots, m) for m in roots}


def _root(roots: dict[int, int], m: int) -> int:
    """Return where the chain from a mention ends, and make it shorter for whoever asks next."""
    while roots[m] != m:
        roots[m] = roots[roots[m]]
        m = roots[m]
    return m
