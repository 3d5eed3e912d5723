"""The values by which a record is known again in a file: those that no other record held says too.

A name that a namesake bears, or a number that somebody else rang from, proves nothing when it is found; it is left out.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from discoverer.codec import decoder, encode
from discoverer.model import Record, Reject
from discoverer.normalise.text import fold, words
from index import layer_file, versions
from index.laid_out import storable
from index.store import BATCH
from index.traces import Needle, needle, raw, stands_in

# Shorter values stand in files by chance.
LEAST_LETTERS = 6
LEAST_DIGITS = 9
LEAST_REFERENCE = 6
# Values of one record that are looked for, the most telling first: each costs its time in every file.
MOST = 16
GIVEN = "a value given"
KINDS = (GIVEN, "its reference", "a number", "an identifier", "a name", "an address", "a word")

_record = decoder(Record)
_reject = decoder(Reject)


# What a damaged file raises, in SQLite or as a body that is no record.
_NO_DATABASE = (sqlite3.Error, ValueError)


def by_name(source: str, ref: str, records: Sequence[Record]) -> list[Needle]:
    """Return what names one record and no other: its id, and its source and key as they are encoded."""
    keys = {record.key for record in records} or {tuple(ref.split("/"))}
    encoded = (encode({"source": source, "key": key})[1:-1].decode("utf-8", "surrogatepass") for key in sorted(keys))
    return [raw("its id", f"{source}:{ref}#"), *(raw("its key", each) for each in encoded)]


def by_value(ref: str, records: Sequence[Record], also: Sequence[str]) -> list[Needle]:
    """Return what a record says that may be its alone.

    Args:
        ref: its reference.
        records: as it is held, perhaps in several versions.
        also: values that whoever asks wants looked for too.
    """
    found: dict[str, Needle] = {}
    reference = [("its reference", ref)] if len(ref) >= LEAST_REFERENCE else []
    for what, text in (*reference, *((GIVEN, each) for each in also), *_said(records)):
        made = _number(what, text) if what == "a number" else needle(what, text)
        found.setdefault(made.text.lower(), made)
    return list(found.values())


def _said(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yield the values of a record, each with what it is."""
    for record in records:
        for person in record.persons:
            for name in person.names:
                yield from (("a name", token) for token in words(name) if len(token) >= LEAST_LETTERS)
            yield from (("an identifier", each.raw) for each in person.identifiers if len(each.raw) >= LEAST_LETTERS)
        for phone in record.phones:
            digits = re.sub(r"\D", "", phone.text)
            if len(digits) >= LEAST_DIGITS:
                yield "a number", phone.text
        for place in record.locations:
            yield from (("an address", word) for word in words(place.text) if len(word) >= LEAST_LETTERS)
        free = [record.summary, *(text.text for text in record.texts), *(text for _, text in record.notes)]
        free += [condition for order in record.orders for condition in order.conditions]
        yield from (("a word", word) for text in free for word in words(text) if len(word) >= LEAST_LETTERS)


def _number(what: str, text: str) -> Needle:
    """Return a telephone number as it is written, and by the last digits that every way of writing it ends in."""
    digits = re.sub(r"\D", "", text)[-LEAST_DIGITS:]
    written = needle(what, text)
    return Needle(what, digits, (*written.forms, *needle(what, digits).forms))


def of_it_alone(needles: Sequence[Needle], state_dir: Path, source: str, ref: str) -> list[Needle]:
    """Return those that no other record held anywhere says, by KINDS and the longest first; of what is not given MOST.

    Raises:
        sqlite3.Error: what is held cannot be read.
    """
    left = list(needles)
    for path in holding(state_dir):
        for body, _ in others(path, source, ref):
            left = [each for each in left if not says(body, each)]
        if not left:
            break
    found = sorted(left, key=lambda each: (KINDS.index(each.what), -len(each.text)))
    given = [each for each in found if each.what == GIVEN]
    return given + found[len(given) :][:MOST]


def says(body: bytes, each: Needle) -> bool:
    """Tell whether an encoded record says a value, however it writes it."""
    if stands_in(body, each):
        return True
    if each.what == "a number":
        return each.text in re.sub(rb"[^0-9\"]", b"", body).decode("ascii")
    folded = fold(each.text)
    return bool(folded) and (not body.isascii() or " " in folded) and folded in fold(body.decode("utf-8", "replace"))


def holding(state_dir: Path) -> list[Path]:
    """Return every file that records are held in: segments of every build, half ones too, and layers.

    A segment that stands in several builds under one inode is given once.
    """
    builds = versions.builds_of(state_dir)
    found = [*sorted(builds.glob("*/segments/*.sqlite")), *sorted(layer_file.layers_of(state_dir).glob("*/*.sqlite*"))]
    return list({(path.stat().st_dev, path.stat().st_ino): path for path in found}.values())


def records_in(path: Path, source: str, ref: str) -> list[Record]:
    """Return a record as one file holds it, in every version; [] where the file is no whole database."""
    try:
        with closing(_opened(path)) as connection:
            rows = connection.execute("SELECT body FROM record WHERE ref = ?", (storable(ref),)).fetchall()
            return [record for record in (_record(body) for (body,) in rows) if record.source == source]
    except _NO_DATABASE:
        return []


def sources_of(path: Path, ref: str) -> set[str]:
    """Return the sources whose record of this reference a file holds."""
    try:
        with closing(_opened(path)) as connection:
            rows = connection.execute("SELECT body FROM record WHERE ref = ?", (storable(ref),)).fetchall()
            return {_record(body).source for (body,) in rows}
    except _NO_DATABASE:
        return set()


def others(path: Path, source: str, ref: str) -> Iterator[tuple[bytes, Callable[[], Record | None]]]:
    """Yield what all other records and rejects of a file say, encoded, each with what reads the record; None: none."""
    own = encode({"source": source})[1:-1]
    # What was never finished, or is damaged, is read as far as it goes: nobody goes by what it says.
    with suppress(*_NO_DATABASE), closing(_opened(path)) as connection:
        rows = connection.execute("SELECT ref, body FROM record")
        while batch := rows.fetchmany(BATCH):
            said = [body for held, body in batch if held != storable(ref) or own not in body]
            yield from ((body, partial(_whole, body)) for body in said)
        for (body,) in connection.execute("SELECT body FROM reject"):
            reject = _reject(body)
            if (reject.source, reject.value) != (source, ref):
                yield body, _no_record


def _whole(body: bytes) -> Record | None:
    """Return a record as it was encoded; None where it is damaged."""
    with suppress(ValueError):
        return _record(body)
    return None


def _no_record() -> None:
    """Return nothing: a reject is no record."""


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file of records without writing anything beside it. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
