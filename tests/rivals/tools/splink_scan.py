"""Splink, every query against everybody: its own comparisons for names and dates, term frequencies, its default m.

Trained by expectation-maximisation on a set with few duplicates it collapses, so m stays as Splink supplies it and u is
estimated from random pairs. A name is asked as written and surname first, since its comparisons know two columns. It
works on batches: the time given for a query is that of the whole batch, shared out evenly.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator

from tests.rivals.exchange import MOST, Asked, Held, arguments, best, read_asked, read_held, write

THRESHOLD = 3.17  # bits: the match probability of 0.9 of its tutorial
LEAST = -25.0  # bits; what is further off is not kept, which costs no recall and saves gigabytes
COLUMNS = "unique_id VARCHAR, forename VARCHAR, middle VARCHAR, surname VARCHAR, dob VARCHAR"


def row(id_: str, name: str, dob: str) -> tuple[str, str | None, str | None, str | None, str | None]:
    """Return a person in columns: first word, last word, what is between them, and the date of birth."""
    words = name.split()
    forename = words[0] if len(words) > 1 else None
    return id_, forename, " ".join(words[1:-1]) or None, words[-1] if words else None, dob or None


def backwards(name: str) -> str:
    """Return a name with its last word first and its first word last."""
    words = name.split()
    return " ".join([words[-1], *words[1:-1], words[0]]) if len(words) > 1 else name


def answered(held: Sequence[Held], queries: Sequence[Asked]) -> Iterator[dict[str, object]]:
    """Compare every query with everybody, twice, and keep its best."""
    con = duckdb.connect()
    for table, rows in {
        "held": [row(str(place), each.text, each.dob) for place, each in enumerate(held)],
        "asked": [row(f"q{place}", each.text, each.dob) for place, each in enumerate(queries)],
        "backwards": [row(f"q{place}", backwards(each.text), each.dob) for place, each in enumerate(queries)],
    }.items():
        con.execute(f"CREATE TABLE {table} ({COLUMNS})")
        con.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", rows)
    found: dict[int, list[tuple[str, float]]] = defaultdict(list)
    start = time.perf_counter()
    for table in ("asked", "backwards"):
        for qid, held_at, weight in weighed(con, table, len(held), any(query.dob for query in queries)):
            found[int(qid[1:])].append((held[int(held_at)].id, weight))
    seconds = (time.perf_counter() - start) / len(queries)
    for place, query in enumerate(queries):
        yield {"qid": query.qid, "hits": best(found[place]), "seconds": seconds}


def weighed(con: duckdb.DuckDBPyConnection, table: str, people: int, births: bool) -> list[tuple[str, str, float]]:
    """Return (query, record, bits) of the best pairs of every query."""
    api = DuckDBAPI(connection=con)
    comparisons: list[Any] = [
        cl.NameComparison("forename").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("middle", [0.88]),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
    ]
    if births:
        comparisons.append(cl.DateOfBirthComparison("dob", input_is_string=True))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[{"blocking_rule": "1=1"}],
        probability_two_random_records_match=1 / people,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    frames = [api.register(con.table(each), dataset_display_name=f"{each}_for_{table}") for each in ("held", table)]
    linker = Linker(frames, settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    predicted = linker.inference.predict(threshold_match_weight=LEAST, warning_mode="never").physical_name
    swap = f"source_dataset_l = '{table}_for_{table}'"
    rows: list[tuple[str, str, float]] = con.execute(
        f"""SELECT CASE WHEN {swap} THEN unique_id_l ELSE unique_id_r END AS asked,
                   CASE WHEN {swap} THEN unique_id_r ELSE unique_id_l END AS place, match_weight
        FROM {predicted}
        QUALIFY row_number() OVER (PARTITION BY asked ORDER BY match_weight DESC) <= {2 * MOST}"""
    ).fetchall()
    return rows


def main() -> None:
    """Answer the queries of one set; those with a date of birth and those without are models of their own."""
    logging.disable(logging.WARNING)
    records, queries, folder, _ = arguments()
    names, asked = read_held(records)["names"], read_asked(queries)
    parts = [[each for each in asked if bool(each.dob) is with_dob] for with_dob in (False, True)]
    write(
        folder,
        (result for part in parts if part for result in answered(names, part)),
        packages=("splink", "duckdb"),
        note="NameComparison of first and last word with term frequencies, DateOfBirthComparison, default m, estimated u",
        threshold=THRESHOLD,
    )


if __name__ == "__main__":
    main()
