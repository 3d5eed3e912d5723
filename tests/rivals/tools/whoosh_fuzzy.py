"""Whoosh's own fuzzy terms: every word of a query exactly and within a slip or two, ordered by BM25F."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from whoosh import fields, index, query
from whoosh.analysis import SpaceSeparatedTokenizer

from tests.rivals.exchange import (
    MOST,
    Asked,
    Held,
    answered,
    arguments,
    fields_of,
    indexing,
    read_asked,
    read_held,
    size_of,
    write,
)

ONE_SLIP, TWO_SLIPS = 4, 8  # letters from which a word may have one slip, or two
MEMORY_MB = 512
SCHEMA = fields.Schema(
    id=fields.STORED, text=fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False), birth=fields.ID
)


def terms(asked: Asked) -> Iterator[query.Query]:
    """Yield what is asked for: each word exactly and, where it is long enough, fuzzily; the date of birth exactly."""
    for word in asked.text.split():
        yield query.Term("text", word)
        if len(word) >= ONE_SLIP and (asked.field == "phones" or not word.isdigit()):
            yield query.FuzzyTerm("text", word, maxdist=2 if len(word) >= TWO_SLIPS else 1, prefixlength=0)
    if asked.dob:
        yield query.Term("birth", asked.dob)


class Terms:
    """An index on the disk of one field."""

    def __init__(self, folder: Path, values: Iterable[Held]) -> None:
        folder.mkdir()
        made = index.create_in(str(folder), SCHEMA)
        writer = made.writer(limitmb=MEMORY_MB)
        for each in values:
            writer.add_document(id=each.id, text=each.text, birth=each.dob or None)
        writer.commit(optimize=True)
        self.searcher = made.searcher()

    def ask(self, asked: Asked) -> list[tuple[str, float]]:
        """Return the best records."""
        found = self.searcher.search(query.Or(list(terms(asked))), limit=2 * MOST)
        return [(hit["id"], float(hit.score)) for hit in found]


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, _ = arguments()
    asked = read_asked(queries)
    with tempfile.TemporaryDirectory() as data:
        with indexing() as indexed:
            held = read_held(records, fields_of(asked))
            tables = {field: Terms(Path(data) / field, values) for field, values in held.items()}
            indexed.bytes = size_of(Path(data))
        write(
            folder,
            answered(asked, lambda query: tables[query.field].ask(query)),
            packages=("Whoosh",),
            note=f"every word as a Term and a FuzzyTerm (one slip from {ONE_SLIP} letters, two from {TWO_SLIPS}), BM25F",
            threshold=None,
            indexed=indexed,
        )


if __name__ == "__main__":
    main()
