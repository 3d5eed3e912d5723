"""tantivy behind the engine protocol: the only door to tantivy.

Keys are bytes that are neither analysed, stored, measured nor scored. tantivy writes several segments when memory is
full, merges them as it likes and does not keep the order of documents, so each carries its number as a column, and a
look-up asks for the smallest of that column. It wants to write lock files where it opens an index: a published build
is nobody's to write, so it is opened through links in a folder of its own, gone as soon as all is open.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import tantivy

from discoverer.errors import BuildError, IndexUnavailable
from index.engine import Postings

# What documents may take before tantivy writes a segment of them; 50,000 source records need a tenth of it. A look-up
# asks every segment, so fewer and larger ones answer sooner.
MEMORY_BYTES = 1_000_000_000
# The writer's threads: two are no faster here, since one thread of Python feeds them, and double the segments.
THREADS = 1
# tantivy silently drops a term above 65,530 bytes; far longer than any real key, and a digest keeps all apart.
LONGEST = 1_024
# No UTF-8 begins with this byte, so a digest is never taken for a key.
DIGEST = b"\xff"
# Where tantivy writes, below the folder of the index.
_WRITING = "writing"
# A thread of tantivy that watches a folder may make one more lock file in it while it is being emptied.
_TRIES = 5


def _schema() -> tantivy.Schema:
    """Return the two fields: the keys as terms, the number as a column."""
    builder = tantivy.SchemaBuilder()
    builder.add_bytes_field("k", stored=False, indexed=True)
    builder.add_unsigned_field("n", stored=False, indexed=False, fast=True)
    return builder.build()


def _term(key: str) -> bytes:
    """Return a key as the term it is indexed as."""
    term = key.encode("utf-8", "surrogatepass")
    return term if len(term) <= LONGEST else DIGEST + hashlib.sha256(term).digest()


@contextmanager
def _writing() -> Iterator[None]:
    """Turn tantivy's errors while an index is written into ours. Raises BuildError."""
    try:
        yield
    except (ValueError, OSError) as error:  # tantivy raises ValueError for everything, a full disk too
        raise BuildError(
            f"the tantivy index could not be written ({error}); check the disk has room, then build again."
        ) from error


class TantivyWriter:
    """Writes as many segments as memory asks for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._beside = folder / _WRITING
        self._beside.mkdir(parents=True)
        self._schema = _schema()
        self._next = 0
        with _writing():
            index = tantivy.Index(self._schema, path=str(self._beside), reuse=False)
            self._writer = index.writer(heap_size=MEMORY_BYTES, num_threads=THREADS)

    def add(self, keys: Collection[str]) -> None:
        """Add the next document with its keys (see EngineWriter)."""
        values = {"n": self._next, "k": [_term(key) for key in set(keys)]}
        with _writing():
            self._writer.add_document(tantivy.Document.from_dict(values, self._schema))
        self._next += 1

    def close(self) -> None:
        """Write the last segment, wait for segments being merged, and take all but locks to where it belongs."""
        with _writing():
            self._writer.commit()
            self._writer.wait_merging_threads()
        for path in self._beside.iterdir():
            if path.suffix != ".lock":
                path.rename(self._folder / path.name)
        _remove(self._beside)


class TantivyEngine:
    """Reads one finished folder; tantivy's searcher may be asked from any thread."""

    def __init__(self, folder: Path) -> None:
        try:
            # Once the searcher is there every file is open, and the index itself, which watches its folder, is let go.
            with _linked(folder) as beside:
                index = tantivy.Index.open(str(beside))
                self._schema = index.schema
                self._searcher: tantivy.Searcher | None = index.searcher()
                del index
        except (ValueError, OSError) as error:
            raise IndexUnavailable(f"The index in {folder.name} cannot be opened ({error}); build again.") from None

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key` (see Engine)."""
        searcher = self._searcher
        if searcher is None:
            raise IndexUnavailable("The index has been closed; open it again.")
        term = _term(key)
        query = tantivy.Query.term_query(self._schema, "k", term, "basic")
        most = max(min(limit, searcher.num_docs), 1)  # tantivy sets aside room for as many, and panics at none
        try:
            if not searcher.doc_freq("k", term):  # most keys stand under one label alone; nothing is ever deleted
                return Postings([], 0)
            found = searcher.search(query, most, count=True, order_by_field="n", order=tantivy.Order.Asc)
        except (ValueError, OSError) as error:
            raise IndexUnavailable(f"The index cannot be read ({error}); build again.") from error
        return Postings([number for number, _ in found.hits][:limit], found.count)  # type: ignore[attr-defined]  # not in its stub

    def any_key_with(self, part: str) -> bool:
        """Tell whether any key has `part` in it (see ShowsParts). Keys kept as a digest are not seen into."""
        if self._searcher is None:
            raise IndexUnavailable("The index has been closed; open it again.")
        pattern = f"(?s).*{_escaped(part)}.*"
        try:
            query = tantivy.Query.regex_query(self._schema, "k", pattern)
            return bool(self._searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]  # not in its stub
        except (ValueError, OSError) as error:
            raise IndexUnavailable(f"The index cannot be read ({error}); build again.") from error

    def close(self) -> None:
        """Let go of tantivy's files; closing again does nothing."""
        self._searcher = None


def _escaped(part: str) -> str:
    """Write text for tantivy's regular expressions, which take every sign but letters and digits escaped."""
    return "".join(letter if letter.isalnum() or letter.isspace() else f"\\{letter}" for letter in part)


@contextmanager
def _linked(folder: Path) -> Iterator[Path]:
    """Lend a folder that may be written to, with a link to every file of an index. Raises OSError."""
    beside = Path(mkdtemp(prefix="index-"))
    try:
        for path in folder.iterdir():
            (beside / path.name).symlink_to(path.absolute())
        yield beside
    finally:
        _remove(beside)


def _remove(folder: Path) -> None:
    """Remove a folder that tantivy has written in."""
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


class Tantivy:
    """The engine named "tantivy" in the settings."""

    def writer(self, folder: Path) -> TantivyWriter:
        """Start a new index (see EngineKind)."""
        return TantivyWriter(folder)

    def open(self, folder: Path) -> TantivyEngine:
        """Open a finished index (see EngineKind)."""
        return TantivyEngine(folder)
