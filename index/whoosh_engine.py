"""Whoosh behind the engine protocol: the only door to whoosh.

Keys are stored as bare existence postings: no analyser, no lengths, no scores, no stored text. Whoosh
unpickles its table of contents on opening, so a folder is only ever opened after its hashes have been
checked against the manifest (index/versions.py).
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from whoosh import fields, formats, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import TermNotFound

from discoverer.errors import IndexUnavailable
from index.engine import Postings

# Whoosh spills to disk past this; 50,000 source records need about a quarter of it.
MEMORY_MB = 512


class _Keys(fields.FieldType):  # type: ignore[misc]  # whoosh is untyped
    """A field whose terms are given, not analysed."""

    indexed = True
    stored = False
    spelling = False
    unique = False
    vector = None
    column_type = None
    analyzer = None
    scorable = False

    def __init__(self) -> None:
        self.format = formats.Existence()

    def index(self, value: Collection[str], **_: object) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each key once as (term, frequency, weight, no value)."""
        for key in value:
            yield key.encode("utf-8", "surrogatepass"), 1, 1.0, b""


class _Codec(W3Codec):  # type: ignore[misc]  # whoosh is untyped
    """Whoosh's own codec without what existence postings never need.

    Asking for a document's length costs a look at the disk for every posting, and most lists are too short for
    compressing them to save anything: together they were half of the time to write an index.
    """

    length_stats = False

    def __init__(self) -> None:
        super().__init__(compression=0)


class WhooshWriter:
    """Writes one segment, in the order documents are added, so Whoosh's numbers are ours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        created = index.create_in(str(folder), fields.Schema(k=_Keys()))
        self._writer = created.writer(limitmb=MEMORY_MB, codec=_Codec(), compound=False)

    def add(self, keys: Collection[str]) -> None:
        """Add the next document with its keys (see EngineWriter)."""
        self._writer.add_document(k=keys)

    def close(self) -> None:
        """Write the segment and its table of contents."""
        self._writer.commit(merge=False)


class WhooshEngine:
    """Reads one finished folder."""

    _reader: Any = None

    def __init__(self, folder: Path) -> None:
        try:
            self._reader = index.open_dir(str(folder), readonly=True).reader()
        except (index.IndexError, OSError, EOFError, ValueError) as error:
            raise IndexUnavailable(f"The index in {folder.name} cannot be opened ({error}); build again.") from None
        # Whoosh's file objects keep a position, so two threads may not read at once.
        self._lock = threading.Lock()

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key` (see Engine)."""
        term = key.encode("utf-8", "surrogatepass")
        with self._lock:
            try:
                matcher = self._reader.postings("k", term)
            except TermNotFound:
                return Postings([], 0)
            count = self._reader.doc_frequency("k", term)
            return Postings(list(islice(matcher.all_ids(), limit)), count)

    def close(self) -> None:
        """Close Whoosh's files; closing again does nothing."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()


class Whoosh:
    """The engine named "whoosh" in the settings."""

    def writer(self, folder: Path) -> WhooshWriter:
        """Start a new index (see EngineKind)."""
        return WhooshWriter(folder)

    def open(self, folder: Path) -> WhooshEngine:
        """Open a finished index (see EngineKind)."""
        return WhooshEngine(folder)
