"""Traces of a record in files: where any of its values stands, in whatever way a file may hold it.

Every file is read from its first byte to its last, so that free pages, journals and leftovers are seen as well as rows.
What bytes do not show is asked for besides: values that a database parts over pages, words that its index of words
shortens, keys that an engine packs (index/engine.py), tokens that the vocabulary runs together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from discoverer.errors import IndexUnavailable
from discoverer.model import Visibility
from discoverer.normalise.text import fold
from index import engines, files
from index.assemble import ENGINE_FOLDER
from index.engine import ShowsParts
from index.manifest import Manifest
from index.vocabulary_file import NAMES, WORDS, VocabularyFiles

CHUNK = 8 * 1024 * 1024
_SQLITE = b"SQLite format 3\0"
# Values of so many bytes may be parted over pages of a database.
_LONG = 400


class Needle(NamedTuple):
    """One value that is looked for.

    Attributes:
        what: str, what it is, as it may be told: 'a word of it'.
        text: str, itself; never printed.
        forms: the bytes it may stand as, ASCII letters small.
    """

    what: str
    text: str
    forms: tuple[bytes, ...]


class Trace(NamedTuple):
    """One place where something of a record stands.

    Attributes:
        path: of the file.
        where: str, the place in it: 'table mention', 'the index of words', 'bytes of no row'.
        what: str, which of its values.
    """

    path: Path
    where: str
    what: str


def needle(what: str, text: str) -> Needle:
    """Return a value with every form it may stand in: as written, folded, escaped for JSON, in UTF-8 and UTF-16."""
    found: dict[bytes, None] = {}
    for each in filter(None, dict.fromkeys((text, text.lower(), text.upper(), fold(text)))):
        for form in (each, json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1]):
            for coded in _coded(form):
                found[coded.lower()] = None
    return Needle(what, text, tuple(found))


def _coded(form: str) -> tuple[bytes, ...]:
    """Return a text in every coding; of plain letters one piece stands in both kinds of UTF-16."""
    wide = form.encode("utf-16-le", "surrogatepass")
    if form.isascii():
        return form.encode("ascii"), wide[:-1]
    return form.encode("utf-8", "surrogatepass"), wide, form.encode("utf-16-be", "surrogatepass")


def raw(what: str, text: str) -> Needle:
    """Return a value that stands only as it is, such as a piece of an encoded record."""
    return Needle(what, text, (text.encode("utf-8", "surrogatepass").lower(),))


def traces_in(path: Path, needles: Sequence[Needle]) -> Iterator[Trace]:
    """Yield where a file holds any of these values.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        database = stream.read(len(_SQLITE)) == _SQLITE
    wanted = needles_in(path, needles)
    if not database:
        for each in wanted:
            yield Trace(path, "its bytes", each.what)
        return
    # What is no whole database was read as bytes.
    with suppress(sqlite3.Error, UnicodeDecodeError), closing(_opened(path)) as connection:
        seen: set[str] = set()
        for table, each in _in_tables(connection, needles, {*wanted}):
            seen.add(each.text)
            yield Trace(path, f"table {table}", each.what)
        for table, each in _in_words(connection, needles):
            seen.add(each.text)
            yield Trace(path, f"the index of words {table}", each.what)
        wanted = [each for each in wanted if each.text not in seen]
    for each in wanted:
        yield Trace(path, "bytes of no row", each.what)


def needles_in(path: Path, needles: Sequence[Needle]) -> list[Needle]:
    """Return those of some values that stand in the bytes of a file. Raises OSError."""
    left, found = list(needles), []
    longest = max((len(form) for each in needles for form in each.forms), default=1)
    tail = b""
    with path.open("rb") as stream:
        while left and (chunk := stream.read(CHUNK)):
            text = tail + chunk.lower()
            here = [each for each in left if any(form in text for form in each.forms)]
            found += here
            left = [each for each in left if each not in here]
            tail = text[-(longest - 1) :] if longest > 1 else b""
    return found


def stands_in(value: object, each: Needle) -> bool:
    """Tell whether a value of a row holds one that is looked for."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if not isinstance(value, bytes):
        return False
    small = value.lower()
    return any(form in small for form in each.forms)


def _opened(path: Path) -> sqlite3.Connection:
    """Open a database without writing anything beside it, nor reading what is beside it."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    return connection


def _in_tables(
    connection: sqlite3.Connection, needles: Sequence[Needle], standing: Collection[Needle]
) -> Iterator[tuple[str, Needle]]:
    """Yield which tables hold which values: those that stand in the bytes, and any that lie over several pages."""
    for table, column in _columns(connection):
        name, place = _quoted(table), _quoted(column)
        # Of what does not stand in the bytes as a whole only long values are read.
        length = "" if standing else f" WHERE length({place}) > {_LONG}"
        left = list(needles)
        for (value,) in connection.execute(f"SELECT {place} FROM {name}{length}"):
            for each in [each for each in left if stands_in(value, each)]:
                left.remove(each)
                yield table, each
            if not left:
                break


def _columns(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield every column of every ordinary table that holds rows; what indexes of words keep is asked for apart."""
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    virtual = [_text(name) for name, sql in tables if _text(sql).upper().startswith("CREATE VIRTUAL")]
    for name, sql in tables:
        table = _text(name)
        if table in virtual or any(table.startswith(f"{each}_") for each in virtual) or sql is None:
            continue
        for row in connection.execute(f"PRAGMA table_info({_quoted(table)})").fetchall():
            yield table, _text(row[1])


def _in_words(connection: sqlite3.Connection, needles: Sequence[Needle]) -> Iterator[tuple[str, Needle]]:
    """Yield which indexes of words hold which values as a word: they keep only what differs from the word before."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%fts5%'").fetchall()
    for (name,) in tables:
        table = _text(name)
        connection.execute(f"CREATE VIRTUAL TABLE temp.{_quoted(f'{table}_v')} USING fts5vocab(main, '{table}', 'row')")
        for each in needles:
            words = fold(each.text).split()
            if words and all(
                connection.execute(f"SELECT 1 FROM temp.{_quoted(f'{table}_v')} WHERE term = ?", (word,)).fetchone()
                for word in words
            ):
                yield table, each


def in_engine(build: Path, manifest: Manifest, needles: Sequence[Needle]) -> Iterator[Trace]:
    """Yield which values stand in the keys of a build's engine.

    Raises:
        IndexUnavailable: it cannot be read.
    """
    folder = build / ENGINE_FOLDER
    with closing(engines.for_reading(manifest.engine).open(folder)) as engine:
        if not isinstance(engine, ShowsParts):
            raise IndexUnavailable(f"The engine {manifest.engine} cannot tell what its keys hold; remove that build.")
        for each in needles:
            parts = {fold(each.text), each.text, each.text.lower()} - {""}
            if any(engine.any_key_with(part) for part in sorted(parts)):
                yield Trace(folder, "keys of the engine", each.what)


def in_vocabulary(build: Path, needles: Sequence[Needle]) -> Iterator[Trace]:
    """Yield which values are tokens of a build's vocabulary.

    Raises:
        IndexUnavailable: it cannot be read.
    """
    vocabulary = VocabularyFiles(build)
    lexicons = [each for field in (NAMES, WORDS) for each in vocabulary.lexicons(field, tuple(Visibility))]
    for each in needles:
        words = fold(each.text).split()
        if words and any(all(lexicon.bearers(word) for word in words) for lexicon in lexicons):
            yield Trace(build, "the vocabulary", each.what)


def every_file(folder: Path) -> list[Path]:
    """Return every file below a folder, links apart, each file once however many names it has. Raises OSError."""
    found: dict[tuple[int, int], Path] = {}
    for path in files.tree_files(folder):
        if not path.is_symlink() and path.is_file():
            state = path.stat()
            found.setdefault((state.st_dev, state.st_ino), path)
    return list(found.values())


def unlike(needles: Iterable[Needle], value: object) -> list[Needle]:
    """Return those of some values that another record's value does not hold too."""
    return [each for each in needles if not stands_in(value, each)]


def _text(value: bytes | str | None) -> str:
    """Return a name of the schema as text."""
    return value.decode("utf-8") if isinstance(value, bytes) else value or ""


def _quoted(name: str) -> str:
    """Write a name for SQL."""
    return '"' + name.replace('"', '""') + '"'
