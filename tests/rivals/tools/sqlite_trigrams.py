"""SQLite's full-text index FTS5 with its trigram tokeniser: any trigram of the query, ordered by BM25.

A date of birth is a column of its own, asked for in the same question: it agrees by the trigrams it shares.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

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

SIZE = 3  # letters of a trigram
# With less detail the index is smaller, and BM25 takes twice as long: it then reads every row's text again.
TABLE = "CREATE VIRTUAL TABLE {field} USING fts5(value, dob, id UNINDEXED, tokenize = 'trigram', detail = 'full')"


def trigrams(text: str) -> list[str]:
    """Return the distinct trigrams of a text, in order."""
    return list(dict.fromkeys(text[place : place + SIZE] for place in range(len(text) - SIZE + 1)))


def any_of(column: str, text: str) -> Iterator[str]:
    """Yield, where a text has trigrams, the part of a question that asks a column for any of them."""
    found = [f'"{each}"' for each in trigrams(text)]
    if found:
        yield f"{column} : ({' OR '.join(found)})"


class Trigrams:
    """A database with every field in a table of its own."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "trigrams.sqlite")
        self.connection.execute("PRAGMA journal_mode = OFF")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.execute("PRAGMA cache_size = -65536")

    def hold(self, field: str, values: Iterable[Held]) -> None:
        """Fill one table, and merge what its index consists of."""
        self.connection.execute(TABLE.format(field=field))
        rows = ((each.text, each.dob, each.id) for each in values)
        self.connection.executemany(f"INSERT INTO {field} (value, dob, id) VALUES (?, ?, ?)", rows)
        self.connection.execute(f"INSERT INTO {field} ({field}) VALUES ('optimize')")
        self.connection.commit()

    def ask(self, query: Asked) -> list[tuple[str, float]]:
        """Return the best records."""
        parts = [*any_of("value", query.text), *any_of("dob", query.dob)]
        if not parts:
            return []
        sql = f"SELECT id, -rank FROM {query.field} WHERE {query.field} MATCH ? ORDER BY rank LIMIT ?"
        return self.connection.execute(sql, (" OR ".join(parts), 2 * MOST)).fetchall()


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, _ = arguments()
    asked = read_asked(queries)
    with tempfile.TemporaryDirectory() as data:
        tables = Trigrams(Path(data))
        with indexing() as indexed:
            for field, values in read_held(records, fields_of(asked)).items():
                tables.hold(field, values)
            indexed.bytes = size_of(Path(data))
        write(
            folder,
            answered(asked, tables.ask),
            packages=(),
            others={"SQLite": sqlite3.sqlite_version},
            note="FTS5 with the trigram tokeniser, any trigram of the query, BM25",
            threshold=None,
            indexed=indexed,
        )


if __name__ == "__main__":
    main()
