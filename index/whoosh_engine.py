"""Whoosh behind the engine protocol: the only door to whoosh.

Keys are stored as bare existence postings: no analyser, no lengths, no scores, no stored text. Whoosh
unpickles its table of contents on opening, so a folder is only ever opened after its hashes have been
checked against the manifest (index/versions.py).
"""

from __future__ import annotations

import mmap
import os
import pickle
import struct
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from whoosh import fields, formats, index
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3TermInfo
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import HashWriter, OrderedHashWriter
from whoosh.filedb.structfile import StructFile
from whoosh.reading import TermNotFound
from whoosh.util.numlists import GrowableArray

from discoverer.errors import IndexUnavailable
from index.engine import Postings

# Whoosh spills to disk past this; 50,000 source records need about a quarter of it.
MEMORY_MB = 512
# Lists so short stand beside their term, not in a block of their own: nineteen of twenty keys lead to no more.
INLINED = 4
# Whoosh's number for CRC-32 among the hashes its tables may be made by; its own choice, MD5, takes three times as long.
_CRC32 = 1
_LENGTHS = struct.Struct("!ii")  # of an entry of such a table: its key, its value
_LOCK = "MAIN_WRITELOCK"


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
        for key in set(value):
            yield key.encode("utf-8", "surrogatepass"), 1, 1.0, b""


class _Terms(OrderedHashWriter):  # type: ignore[misc]  # whoosh is untyped
    """Whoosh's table of terms, each entry hashed by CRC-32 and written in one go."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401  # whoosh is untyped
        HashWriter.__init__(self, file, hashtype=_CRC32)
        self.index = GrowableArray("H")
        self._at: int = file.tell()

    def add(self, key: bytes, value: bytes) -> None:
        """Add a term, greater than the last, with what is known of it."""
        hashed = zlib.crc32(key)
        self.index.append(self._at)
        self.buckets[hashed & 255].append((hashed, self._at))
        entry = _LENGTHS.pack(len(key), len(value)) + key + value
        self.dbfile.write(entry)
        self._at += len(entry)


class _FieldWriter(W3FieldWriter):  # type: ignore[misc]  # whoosh is untyped
    """Writes postings that say nothing but which documents carry a key, in Whoosh's own format.

    That format allows for short lists to stand beside their term; Whoosh reads them there, and never writes one.
    """

    def __init__(self, codec: W3Codec, storage: Any, segment: Any) -> None:  # noqa: ANN401  # whoosh is untyped
        self._codec, self._storage, self._segment = codec, storage, segment
        self._tindex = _Terms(self._create_file(W3Codec.TERMS_EXT))
        self._fieldmap: dict[str, int] = {}
        self._tindex.extras["fieldmap"] = self._fieldmap
        self._postfile = self._create_file(W3Codec.POSTS_EXT)
        self._postwriter = None
        self._infield = False
        self.is_closed = False

    def add_postings(self, schema: fields.Schema, lengths: object, items: Iterable[tuple[Any, ...]]) -> None:
        """Write every posting of the one field.

        Args:
            schema: with the field.
            lengths: of documents, which nobody asks for.
            items: (field, term, document number, weight, value) in the order of terms, then of numbers.
        """
        del lengths
        self.start_field("k", schema["k"])
        for term, postings in groupby(items, key=itemgetter(1)):
            numbers = [posting[2] for posting in postings]
            if len(numbers) <= INLINED:
                self._add_inlined(term, numbers)
                continue
            self.start_term(term)
            for number in numbers:
                self.add(number, 1.0, b"", 0)
            self.finish_term()
        self.finish_field()

    def _add_inlined(self, term: bytes, numbers: list[int]) -> None:
        """Write a term with its short list beside it."""
        count = len(numbers)
        known = W3TermInfo._struct.pack(True, count, count, 0, 0, 1.0, numbers[0], numbers[-1])
        listed = pickle.dumps((tuple(numbers), (1.0,) * count, ()), 2)
        self._tindex.add(self._fieldid.to_bytes(2, "big") + term, known + listed)


class _Codec(W3Codec):  # type: ignore[misc]  # whoosh is untyped
    """Whoosh's own codec without what existence postings never need.

    Asking for a document's length costs a look at the disk for every posting, and most lists are too short for
    compressing them to save anything: together they were half of the time to write an index. Most of what was left
    went into blocks of one posting (_FieldWriter).
    """

    length_stats = False

    def __init__(self) -> None:
        super().__init__(compression=0)

    def field_writer(self, storage: Any, segment: Any) -> _FieldWriter:  # noqa: ANN401  # whoosh is untyped
        """Return what writes the postings of a segment."""
        return _FieldWriter(self, storage, segment)


class _MappedFile(StructFile):  # type: ignore[misc]  # whoosh is untyped
    """A file that is read where it lies: a look-up is a dozen short reads all over it."""

    def get(self, position: int, length: int) -> bytes:
        """Return some bytes of the file."""
        found: bytes = self.file[position : position + length]
        return found


class _MappedStorage(FileStorage):  # type: ignore[misc]  # whoosh is untyped
    """Whoosh's folder of files, mapped into memory instead of read through a buffer."""

    def open_file(self, name: str, **options: Any) -> StructFile:  # noqa: ANN401  # whoosh is untyped
        """Open one file; one that is empty cannot be mapped."""
        with Path(self._fpath(name)).open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                return super().open_file(name, **options)
            return _MappedFile(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=name, **options)


class WhooshWriter:
    """Writes one segment, in the order documents are added, so Whoosh's numbers are ours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        created = index.create_in(str(folder), fields.Schema(k=_Keys()))
        self._writer = created.writer(limitmb=MEMORY_MB, codec=_Codec(), compound=False)

    def add(self, keys: Collection[str]) -> None:
        """Add the next document with its keys (see EngineWriter)."""
        self._writer.add_document(k=keys)

    def close(self) -> None:
        """Write the segment and its table of contents, and leave no lock behind."""
        self._writer.commit(merge=False)
        (self._folder / _LOCK).unlink(missing_ok=True)


class WhooshEngine:
    """Reads one finished folder."""

    _reader: Any = None

    def __init__(self, folder: Path) -> None:
        try:
            self._reader = _MappedStorage(str(folder), readonly=True).open_index().reader()
        except Exception as error:  # whatever unpickling makes of a file that is not as it was written
            raise IndexUnavailable(f"The index in {folder.name} cannot be opened ({error}); build again.") from error
        # Whoosh's file objects keep a position, so two threads may not read at once.
        self._lock = threading.Lock()

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key` (see Engine)."""
        term = key.encode("utf-8", "surrogatepass")
        with self._lock:
            try:
                known = self._reader.term_info("k", term)
                inlined = known.is_inlined()
                numbers = known.inlined_postings()[0] if inlined else self._reader.postings("k", term).all_ids()
                return Postings(list(islice(numbers, limit)), known.doc_frequency())
            except TermNotFound:
                return Postings([], 0)
            except Exception as error:  # Whoosh raises no narrower one where a block is not one
                raise IndexUnavailable(f"The index cannot be read ({error}); roll back or build again.") from error

    def any_key_with(self, part: str) -> bool:
        """Tell whether any key has `part` in it (see ShowsParts)."""
        wanted = part.encode("utf-8", "surrogatepass")
        with self._lock:
            try:
                return any(wanted in term for term in self._reader.lexicon("k"))
            except Exception as error:  # Whoosh raises no narrower one where a block is not one
                raise IndexUnavailable(f"The index cannot be read ({error}); roll back or build again.") from error

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
