"""A record as the store keeps it: apart from the store, so that others can lay it out."""

from __future__ import annotations

from typing import NamedTuple

from discoverer.codec import encode
from discoverer.model import Record
from discoverer.normalise.text import fold


def storable(text: str) -> str | bytes:
    """Return `text` as SQLite can hold it: as it is, or as bytes when a lone surrogate keeps it from being UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def searchable(record: Record) -> str:
    """Return the words of a record's summary, running texts and conditions, folded and parted by spaces."""
    conditions = (condition for order in record.orders for condition in order.conditions)
    return fold(" ".join((record.summary, *(text.text for text in record.texts), *conditions)))


class Laid(NamedTuple):
    """A record as the store keeps it.

    Attributes:
        ref: its reference, as SQLite can hold it.
        kind, at, visibility: of the record; at is '' when undated.
        body: bytes, the whole record.
        row: str, where it stands in its source.
    """

    ref: str | bytes
    kind: str
    at: str | bytes
    visibility: str
    body: bytes
    row: str


def lay_out(record: Record) -> Laid:
    """Lay a record out for `SegmentWriter.take`: apart from it, so that others can do it."""
    at = record.at.value if record.at else ""
    return Laid(
        storable(record.ref), record.kind.value, storable(at), record.visibility.value, encode(record), record.row
    )
