"""What retrieval brought to be compared, noted while one search runs, so that it can be measured apart from ranking."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from index.people import DocRow, MentionRow
from index.reader import Index, Reader, Scope

# The kinds of mention a group may hold.
_KINDS = ("person", "location", "phone")


class Gathered:
    """Every group and record one search read in order to compare it, whatever became of it afterwards."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._records: set[tuple[int, int]] = set()

    def reader(self, index: Index, scope: Scope) -> Reader:
        """Return a reader that notes here what is read through it."""
        return _NotingReader(index, scope, self)

    def note_docs(self, docs: Iterable[DocRow]) -> None:
        """Note documents: the group of each, or the record of one that is an event."""
        for doc in docs:
            if doc.grp is not None:
                self._groups.add(doc.grp)
            elif doc.segment is not None and doc.n is not None:
                self._records.add((doc.segment, doc.n))

    def note_mentions(self, rows: Iterable[MentionRow]) -> None:
        """Note the groups of mentions."""
        self._groups.update(row.grp for row in rows)

    def note_records(self, records: Iterable[tuple[int, int]]) -> None:
        """Note records found by the words of their text."""
        self._records.update(records)

    def holds(self, reader: Reader, wanted: Collection[tuple[str, str]]) -> bool:
        """Tell whether any of these records, or a group that one of them mentions, was brought to be compared.

        Args:
            reader: of the same build and scope; what it reads is not noted.
            wanted: (source, ref) of records.
        """
        places = {place for source, ref in wanted if (place := reader.place_of(source, ref)) is not None}
        if places & self._records:
            return True
        return any(row.grp in self._groups for kind in _KINDS for row in reader.in_records(places, kind))


class _NotingReader(Reader):
    """A reader that notes what is read in order to be compared."""

    def __init__(self, index: Index, scope: Scope, gathered: Gathered) -> None:
        super().__init__(index, scope)
        self._gathered = gathered

    def docs(self, numbers: Collection[int]) -> list[DocRow]:
        """Return documents as a reader does, and note them."""
        found = super().docs(numbers)
        self._gathered.note_docs(found)
        return found

    def in_records(self, records: Collection[tuple[int, int]], kind: str) -> list[MentionRow]:
        """Return mentions of records as a reader does, and note their groups."""
        found = super().in_records(records, kind)
        self._gathered.note_mentions(found)
        return found

    def search_text(self, wanted: Sequence[str], limit: int) -> tuple[list[tuple[int, int, str]], int]:
        """Find records by their words as a reader does, and note them."""
        found, total = super().search_text(wanted, limit)
        self._gathered.note_records((segment, n) for segment, n, _ in found)
        return found, total
