"""Sources that change under one's hands, and all that an index holds of them, for tests of taking changes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.base import Change, RawRow
from adapters.checks import Checks
from discoverer.codec import encode
from discoverer.errors import SourceUnavailable
from discoverer.model import Record, Visibility
from index.keys import document_keys
from index.people import LAYER, SPREAD
from index.profiles import decode
from index.reader import Index, Reader, Scope

EVERYTHING = Scope(frozenset(Visibility))


@dataclass
class Feed:
    """A source of records that tells what changed.

    Attributes:
        held: dict[str, Record], by reference.
        log: references in the order in which they changed.
        down: str, why it cannot be asked; '' when it can.
        written: everything that ever was written, as its records say it.
    """

    name: str
    held: dict[str, Record] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    down: str = ""
    written: set[bytes] = field(default_factory=set)
    version: str = "v1"
    checks: Checks = field(default_factory=lambda: Checks(min_rows=0))
    tells_deletions: bool = True

    def put(self, record: Record) -> None:
        """Write a record, or write it again."""
        self.held[record.ref] = record
        self.written.add(encode(record))
        self.log.append(record.ref)

    def delete(self, ref: str) -> None:
        """Take a record away."""
        del self.held[ref]
        self.log.append(ref)

    def as_at(self) -> str:
        """Return nothing: it does not say."""
        return ""

    def rows(self) -> Iterator[RawRow]:
        """Yield one row a record."""
        self._refuse()
        for ref in list(self.held):
            yield RawRow(f"{self.name}:{ref}", {"REF": ref})

    def records(self, row: RawRow) -> Iterator[Record]:
        """Return the record of a row."""
        yield self.held[row.values["REF"]]

    def watermark(self) -> str:
        """Return how many changes there were."""
        self._refuse()
        return f"at {len(self.log)}"

    def changes(self, since: str) -> Iterator[Change]:
        """Yield what changed, and the one before again."""
        self._refuse()
        for ref in self.log[max(0, int(since.removeprefix("at ")) - 1) :]:
            record = self.held.get(ref)
            key = record.key if record else tuple(ref.split("/"))
            yield Change(key, RawRow(f"{self.name}:{ref}", {"REF": ref}) if record else None)

    def _refuse(self) -> None:
        if self.down:
            raise SourceUnavailable(self.name, self.down)


def held_in(index: Index) -> dict[str, Any]:
    """Return everything an index holds but how people are put together: it must be the same however it came in."""
    reader = Reader(index, EVERYTHING)
    records = {place: replace(record, row="") for place, record in reader.every_record()}
    ref = {place: f"{record.source}:{record.ref}" for place, record in records.items()}
    mentions = sorted(
        (ref[row.segment, row.n], row.position, row.kind, row.role, row.visibility, row.label, row.risk, row.value)
        for row in reader.everyone_in(set(ref))
    )
    return {
        "records": {ref[place]: encode(record) for place, record in records.items()},
        "mentions": mentions,
        "found": _found(index, reader, ref),
        "words": {word: _words(reader, ref, word) for word in ("knife", "shouting", "bail")},
    }


def _found(index: Index, reader: Reader, ref: dict[tuple[int, int], str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what every key of a place, number or event leads to, and how many."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for doc in reader.docs(_numbers(index)):
        for key in document_keys(decode(doc.kind, doc.profile)):
            if doc.kind == "person" or key in found:
                continue
            postings = reader.look_up(key, 1_000)
            docs = [each for each in reader.docs(postings.ids) if each.kind != "person"]
            assert len(reader.docs(postings.ids)) == len(postings.ids) == postings.total
            found[key] = sorted(
                (each.kind, each.visibility, each.risk, each.latest,
                 reader.ident(each.grp) if each.grp is not None else ref[each.segment or 0, each.n or 0])
                for each in docs
            )  # fmt: skip
    return found


def _numbers(index: Index) -> list[int]:
    """Return the number of every document."""
    built = [int(str(d)) for (d,) in index.people._rows("SELECT d FROM main.doc")]
    if not index.layer:
        return built
    return [d * SPREAD for d in built] + [int(str(d)) for (d,) in index.people._rows(f"SELECT d FROM {LAYER}.doc")]


def _words(reader: Reader, ref: dict[tuple[int, int], str], word: str) -> tuple[list[str], int]:
    """Return which records hold a word, and how many."""
    found, total = reader.search_text([word], 1_000)
    return sorted(ref[segment, n] for segment, n, _ in found), total


def persons_in(index: Index) -> set[frozenset[str]]:
    """Return who is one person: ids of mentions."""
    reader = Reader(index, EVERYTHING)
    rows = [row for row in reader.everyone_in({place for place, _ in reader.every_record()}) if row.kind == "person"]
    groups: dict[int, set[str]] = {}
    for row in rows:
        record = reader.records([(row.segment, row.n)])[row.segment, row.n]
        groups.setdefault(row.grp, set()).add(f"{record.source}:{record.ref}#{row.position}")
    return {frozenset(group) for group in groups.values()}
