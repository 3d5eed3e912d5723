"""A build read together with the layer that lies over it: what changed since, and what is gone, as if it were one.

`laid_over` gives an `Index` like any other. The files of the build are shared with whoever has it open; of the layer
one connection is opened, and stays good when a newer layer has taken its place.
"""

from __future__ import annotations

import copy
import sqlite3
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from discoverer.codec import decoder, encode
from discoverer.errors import IndexUnavailable
from discoverer.match.lexicon import Lexicon, columns_of
from discoverer.match.vocabulary import Vocabulary
from discoverer.model import Record, Reject, Visibility
from index import layer_file
from index.assemble import PEOPLE_FILE
from index.engine import Engine, Postings
from index.laid_out import storable
from index.layer_file import LAYOUT
from index.people import SPREAD, People
from index.reader import Index
from index.store import BATCH, Segment, match_query, open_for_reading
from index.vocabulary_file import NAMES, VocabularyFiles

_record = decoder(Record)
_reject = decoder(Reject)


class Layer:
    """One layer, open; any thread may ask, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open a layer.

        Raises:
            IndexUnavailable: it is missing or damaged, or another version of Discoverer laid it out.
        """
        layer_file.verify(path)
        self.path = path
        self._connection = open_for_reading(path).conn
        self._lock = threading.Lock()
        layout = self.rows("PRAGMA user_version")[0][0]
        if layout != LAYOUT:
            self.close()
            raise IndexUnavailable(
                f"{path.name} was laid over the index by another version of Discoverer; run 'discoverer build'."
            )
        self._gone: dict[int, dict[int, int]] = defaultdict(dict)
        for segment, n, place in self.rows("SELECT segment, n, place FROM gone_record"):
            self._gone[segment][n] = place
        self._hides = bool(self.rows("SELECT 1 FROM gone_posting LIMIT 1"))
        self._tokens: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self._more: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        tokens = self.rows("SELECT visibility, field, token, bearers, known FROM token WHERE bearers != 0")
        for label, field, token, bearers, known in tokens:
            (self._more if known else self._tokens)[field, label][token] = bearers

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement. Raises IndexUnavailable."""
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise IndexUnavailable(
                f"{self.path.name}, laid over the index, cannot be read ({error}); run 'discoverer build'."
            ) from None

    def gone(self, segment: int) -> dict[int, int]:
        """Return the records of a segment that are not to be read from it: number -> place among its words."""
        return self._gone.get(segment, {})

    def holds(self, segment: int) -> bool:
        """Tell whether it holds records or rejects of a segment."""
        tables = ("record", "reject")
        return any(self.rows(f"SELECT 1 FROM {each} WHERE segment = ? LIMIT 1", [segment]) for each in tables)

    def count(self, segment: int) -> int:
        """Return how many records of a segment it holds."""
        return int(self.rows("SELECT count(*) FROM record WHERE segment = ?", [segment])[0][0])

    @property
    def build(self) -> str:
        """The id of the build it was written over; '' where it does not say."""
        return "".join(str(build) for (build,) in self.rows("SELECT value FROM info WHERE name = 'build'"))

    def marks(self) -> dict[str, str]:
        """Return up to where each source has been taken in."""
        return dict(self.rows("SELECT source, watermark FROM mark"))

    def postings(self, key: str, limit: int) -> tuple[set[int], Postings]:
        """Return the documents of the build that a key leads to no longer, and those of the layer it leads to."""
        gone = {d for (d,) in self.rows("SELECT d FROM gone_posting WHERE key = ?", [key])} if self._hides else set()
        here = [d for (d,) in self.rows("SELECT d FROM posting WHERE key = ? ORDER BY d", [key])]
        return gone, Postings(here[:limit], len(here))

    def lexicon(self, field: str, label: Visibility) -> Lexicon | None:
        """Return the tokens of one kind and label that the build does not know; None when there are none."""
        tokens = {token: count for token, count in self._tokens[field, label.value].items() if count > 0}
        return Lexicon(columns_of(tokens, names=field == NAMES), 0) if tokens else None

    def more(self, field: str, labels: Iterable[Visibility]) -> Counter[str]:
        """Return how many documents more bear each token that the build knows; '': how many more there are."""
        counts: Counter[str] = Counter()
        for label in labels:
            counts.update(self._more[field, label.value])
        return counts

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


class LayeredSegment(Segment):
    """One source's records: those of the build that still are what they were, and those of the layer."""

    def __init__(self, segment: Segment, order: int, layer: Layer) -> None:
        """Take a segment of an open build; its file is shared, and closed by whoever opened it."""
        vars(self).update(vars(segment))
        self._built, self._order, self._layer, self._gone = segment, order, layer, layer.gone(order)

    @property
    def count(self) -> int:
        """How many records there are."""
        return super().count - len(self._gone) + self._layer.count(self._order)

    def records(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, Record]]:
        """Yield (n, record) of the build's in source order, then of the layer's; there are gaps."""
        for n, record in super().records(first, None if last is None else min(last, self.info.records)):
            if n not in self._gone:
                yield n, record
        where, values = "segment = ? AND n >= ?", [self._order, first]
        if last is not None:
            where, values = f"{where} AND n <= ?", [*values, last]
        for n, body in self._layer.rows(f"SELECT n, body FROM record WHERE {where} ORDER BY n", values):
            yield n, _record(body)

    def get(self, numbers: Sequence[int]) -> dict[int, Record]:
        """Return the records of these numbers; a number that names none, or no longer any, is left out."""
        found = super().get([n for n in numbers if n <= self.info.records and n not in self._gone])
        fresh = [n for n in numbers if n > self.info.records]
        for start in range(0, len(fresh), BATCH):
            batch = fresh[start : start + BATCH]
            marks = ",".join("?" * len(batch))
            rows = self._layer.rows(
                f"SELECT n, body FROM record WHERE segment = ? AND n IN ({marks})", [self._order, *batch]
            )
            found.update((n, _record(body)) for n, body in rows)
        return found

    def number_of(self, ref: str, labels: Collection[Visibility] = tuple(Visibility)) -> int | None:
        """Return the number of the record with this ref and one of these labels, or None."""
        marks = ", ".join("?" for _ in labels)
        statement = f"SELECT n FROM record WHERE segment = ? AND ref = ? AND visibility IN ({marks})"
        rows = self._layer.rows(statement, [self._order, storable(ref), *labels])
        if rows:
            return int(rows[0][0])
        n = super().number_of(ref, labels)
        return None if n in self._gone else n

    def rejects(self, limit: int = -1) -> list[Reject]:
        """Return the first `limit` rejects, those met since the build first; -1: all of them."""
        rows = self._layer.rows("SELECT body FROM reject WHERE segment = ? ORDER BY r DESC", [self._order])
        fresh = [_reject(body) for (body,) in rows]
        if 0 <= limit <= len(fresh):
            return fresh[:limit]
        return fresh + super().rejects(limit if limit < 0 else limit - len(fresh))

    def has_reject(self, reject: Reject) -> bool:
        """Tell whether a row is kept as this very reject."""
        where = [self._order, encode(reject)]
        rows = self._layer.rows("SELECT 1 FROM reject WHERE segment = ? AND body = ?", where)
        return bool(rows) or super().has_reject(reject)

    def search_text(
        self, wanted: Sequence[str], visibilities: Collection[Visibility], limit: int
    ) -> tuple[list[int], int]:
        """Find the records whose summary and texts hold every one of these words, the most recent first."""
        built, total = super().search_text(wanted, visibilities, limit + len(self._gone))
        fresh = self._search_layer(wanted, visibilities)
        total += len(fresh) - self._built.count_at(self._gone.values(), wanted, visibilities)
        # The most recent of each: whoever asks puts them in order together, and cuts then.
        return [*fresh[:limit], *[n for n in built if n not in self._gone][:limit]], total

    def _search_layer(self, wanted: Sequence[str], visibilities: Collection[Visibility]) -> list[int]:
        """Return the numbers of the layer's records that hold these words, the most recent first."""
        query = match_query(wanted)
        if not query:
            return []
        found: list[tuple[str, int]] = []
        for label in visibilities:
            table = f"text_{label.value}"
            found += self._layer.rows(
                f"SELECT at, n FROM {table} JOIN record ON r = {table}.rowid WHERE {table} MATCH ? AND segment = ?",
                [query, self._order],
            )
        return [n for _, n in sorted(found, reverse=True)]


class LayeredEngine:
    """Leads from keys to documents as an engine does.

    The numbers of the build are spread, so that those of the layer stand among them by their importance.
    """

    def __init__(self, engine: Engine, layer: Layer) -> None:
        """Take the engine of an open build; it is closed by whoever opened it."""
        self._engine, self._layer = engine, layer

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key`, at most `limit`, and how many there are."""
        gone, here = self._layer.postings(key, limit)
        built = self._engine.look_up(key, limit + len(gone))
        ids = [d * SPREAD for d in built.ids if d not in gone]
        return Postings(sorted([*here.ids, *ids])[:limit], built.total - len(gone) + here.total)

    def close(self) -> None:
        """Do nothing: neither is this one's."""


class LayeredVocabulary(VocabularyFiles):
    """The vocabulary of a build and of the layer over it."""

    def __init__(self, files: VocabularyFiles, layer: Layer) -> None:
        """Take the vocabulary of an open build."""
        vars(self).update(vars(files))
        self._layer = layer

    def vocabulary(self, field: str, labels: Iterable[Visibility]) -> Vocabulary:
        """Return the tokens of one kind that some labels bear."""
        labels = sorted(labels, key=lambda label: label.rank)
        fresh = (self._layer.lexicon(field, label) for label in labels)
        found = [*self.lexicons(field, labels), *(each for each in fresh if each is not None)]
        more = self._layer.more(field, labels)
        documents = more.pop("", 0)
        return Vocabulary.over(found, names=field == NAMES, more=more, documents=documents)


def laid_over(index: Index, path: Path) -> Index:
    """Return a build as it is with a layer over it; closing it leaves the build open.

    Args:
        index: the build, open for as long as this is read.
        path: of the layer.

    Raises:
        IndexUnavailable: the layer cannot be read.
    """
    with ExitStack() as opened:
        layer = opened.enter_context(closing(Layer(path)))
        if layer.build != index.manifest.build:
            raise IndexUnavailable(f"{path} lies over another build than its own; run 'discoverer build'.")
        people = opened.enter_context(closing(People(index.folder / PEOPLE_FILE, path)))
        segments = {order: LayeredSegment(segment, order, layer) for order, segment in index.segments.items()}
        seen = copy.copy(index)
        seen.take_over(
            people, LayeredEngine(index.engine, layer), segments, LayeredVocabulary(index.words_files, layer)
        )
        seen.layer = path.name
        # Of the manifest, not counted anew: a layer comes every few seconds, over millions of records.
        seen.counts = {
            entry.source: entry.records - len(layer.gone(order)) + layer.count(order)
            for order, entry in enumerate(index.manifest.segments_with_data)
        }
        seen.opened = opened.pop_all()
    return seen
