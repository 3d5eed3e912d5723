"""uk_address_matcher: a Splink model trained on UK addresses, then a re-ranking by what tells neighbours apart.

It works on batches: the time given for a query is that of the whole batch, its reading of the held addresses included,
shared out evenly. One address alone takes it seconds.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

import duckdb
from uk_address_matcher import AddressMatcher, SplinkStage

from tests.rivals.exchange import MOST, Asked, Held, arguments, best, read_asked, read_held, write

_POSTCODE = re.compile(r"[,\s]*\b([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\s*$", re.IGNORECASE)


def fill(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[str, str]]) -> duckdb.DuckDBPyRelation:
    """Make a table of (id, address) in the columns the matcher asks for, the postcode taken off the end."""
    con.execute(f"CREATE TABLE {name} (unique_id VARCHAR, address_concat VARCHAR, postcode VARCHAR)")
    for id_, raw in rows:
        found = _POSTCODE.search(raw)
        con.execute(f"INSERT INTO {name} VALUES (?, ?, ?)", [id_, _POSTCODE.sub("", raw), found[1] if found else None])
    return con.table(name)


def answered(held: Sequence[Held], queries: Sequence[Asked]) -> Iterator[dict[str, object]]:
    """Match all queries at once, and give each its candidates by their final weight."""
    con = duckdb.connect()
    canonical = fill(con, "canonical", [(str(place), each.raw) for place, each in enumerate(held)])
    messy = fill(con, "messy", [(str(place), each.raw) for place, each in enumerate(queries)])
    stage = SplinkStage(improve_top_n_matches=MOST, final_distinguishability_threshold=None)
    start = time.perf_counter()
    AddressMatcher(
        canonical_addresses=canonical, addresses_to_match=messy, con=con, stages=[stage], show_progress="off"
    ).match()
    seconds = (time.perf_counter() - start) / len(queries)
    found: dict[int, list[tuple[str, float]]] = defaultdict(list)
    if stage.improved_predictions_table:
        rows = con.execute(f"SELECT unique_id_r, unique_id_l, match_weight FROM {stage.improved_predictions_table}")
        for asked, place, weight in rows.fetchall():
            found[int(asked)].append((held[int(place)].id, float(weight)))
    for place, query in enumerate(queries):
        yield {"qid": query.qid, "hits": best(found[place]), "seconds": seconds}


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, _ = arguments()
    write(
        folder,
        answered(read_held(records)["addresses"], read_asked(queries)),
        packages=("uk-address-matcher", "splink", "duckdb"),
        note=f"its own trained weights and re-ranking of the first {MOST}, all queries in one batch",
        threshold=None,
    )


if __name__ == "__main__":
    main()
