"""The only door to Splink and DuckDB: rows that share a key compared, and their pairs weighed in bits.

Splink blocks and compares in SQL; every level's weight is the model's own, nothing is trained here. It is imported when
first needed: a build without anything to compare does not wait for it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from discoverer.errors import BuildError
from index.linking_levels import LISTED, Comparison, Shared, Spans
from index.linking_pairs import Weighed
from index.linking_ragged import Ragged
from index.linking_rows import Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as arrow

# What DuckDB may take of the machine; past this it goes to disk.
MEMORY = "1GB"
THREADS = 2
MOST_DISK = "10GB"
# Rows whose pairs with as many others are weighed at a time: all those of a million records at once filled the disk.
ROWS_AT_ONCE = 200_000
# Pairs taken over at a time.
BATCH = 20_000
# Half the evidence either way: the weights already count from the prior.
_EVEN = 0.5
# What DuckDB says in what Splink hands on as an error of its own.
_OUT_OF_MEMORY = "Out of Memory Error"


def weighed(rows: Iterable[Table], comparisons: Sequence[Comparison], least: float) -> Iterator[Weighed]:
    """Compare all rows that share a block key, at least one of them fresh; yield the pairs of `least` bits or more.

    Args:
        rows: at least one, in batches.
        comparisons: of the model.
        least: bits below which a pair is not kept.

    Raises:
        BuildError: DuckDB ran out of memory or disk.
    """
    import duckdb
    from splink.internals.exceptions import SplinkException

    with tempfile.TemporaryDirectory(prefix="linking-") as folder:
        connection = duckdb.connect(str(Path(folder) / "pairs.duckdb"))
        try:
            connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}")
            connection.execute(f"SET temp_directory = '{folder}'; SET max_temp_directory_size = '{MOST_DISK}'")
            connection.execute("SET preserve_insertion_order = false")
            _load(connection, rows)
            yield from _predicted(connection, comparisons, least)
        except (duckdb.OutOfMemoryException, SplinkException) as error:
            if isinstance(error, SplinkException) and _OUT_OF_MEMORY not in str(error):
                raise
            raise BuildError(
                f"weighing the pairs of persons took more than {MEMORY} of memory and {MOST_DISK} of disk; set"
                ' linking = "exact", or raise both in index/splink_pairs.py'
            ) from error
        finally:
            connection.close()


def _load(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Write the rows into the table `held`, a batch at a time: while one is written, the next is laid out."""
    into = "CREATE TABLE held AS"
    with ThreadPoolExecutor(max_workers=1) as writer:
        under_way: Future[None] | None = None
        for batch in tables:
            table = _laid_out(batch)
            if under_way:
                under_way.result()
            under_way = writer.submit(_write, connection, into, table)
            into = "INSERT INTO held"
        if under_way:
            under_way.result()


def _write(connection: duckdb.DuckDBPyConnection, into: str, table: arrow.Table) -> None:
    """Write one batch; nobody else may use the connection meanwhile."""
    connection.register("batch", table)
    connection.execute(f"{into} SELECT * FROM batch")
    connection.unregister("batch")


def _laid_out(batch: Table) -> arrow.Table:
    """Lay rows out as the columns of the table."""
    import pyarrow as arrow

    columns: dict[str, arrow.Array] = {
        "unique_id": arrow.array(batch.roots),
        "fresh": arrow.array(batch.fresh),
        "low": arrow.array(batch.low, mask=batch.unknown),
        "high": arrow.array(batch.high, mask=batch.unknown),
        "blocks": _listed(batch.blocks),
    }
    return arrow.table(columns | {name: _listed(batch.columns[name]) for name in LISTED})


def _listed(column: Ragged) -> arrow.ListArray:
    """Return a column of lists as it is; NULL for a row without values."""
    import pyarrow as arrow

    bounds = arrow.array(column.bounds.astype("int32"))
    return arrow.ListArray.from_arrays(bounds, arrow.array(column.values), mask=arrow.array(column.lengths == 0))


def _predicted(
    connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], least: float
) -> Iterator[Weighed]:
    """Let Splink block, compare and weigh; yield the pairs kept."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(each) for each in comparisons],
        blocking_rules_to_generate_predictions=[block_on("blocks", arrays_to_explode=["blocks"])],
        probability_two_random_records_match=_EVEN,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["fresh"],
    )
    linker = Linker(
        DuckDBAPI(connection=connection).register(connection.table("held")), settings, log_level=logging.ERROR
    )
    parts = -(-_rows_in(connection) // ROWS_AT_ONCE)
    predicted = linker.inference.predict(
        threshold_match_weight=least,
        num_chunks_left=parts if parts > 1 else None,
        num_chunks_right=parts if parts > 1 else None,
        warning_mode="never",
    ).physical_name
    # Splink gives every comparison's own bits back without carrying the columns along: they tell which level held.
    weights = ", ".join(f"mw_{each.name}" for each in comparisons)
    found = connection.sql(
        "SELECT least(unique_id_l, unique_id_r), greatest(unique_id_l, unique_id_r), match_weight, "
        f"{weights} FROM {predicted} WHERE fresh_l OR fresh_r"
    )
    for batch in found.to_arrow_reader(BATCH) if found else ():
        first, second, bits, *weights_of = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        levels = [_levels(each, given) for each, given in zip(comparisons, weights_of, strict=True)]
        yield Weighed(first.astype("int64"), second.astype("int64"), bits, np.stack(levels, axis=1))


def _rows_in(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many rows there are."""
    return int(connection.execute("SELECT count(*) FROM held").fetchall()[0][0])


def _nudged(comparison: Comparison) -> list[float]:
    """Return the bits of each level, no two the same and none 0, so that they can be told apart again."""
    taken: set[float] = {0.0}
    found = []
    for level in comparison.levels:
        bits = round(level.bits, 3)
        while bits in taken:
            bits = round(bits - 1e-4, 5)
        taken.add(bits)
        found.append(bits)
    return found


def _places(comparison: Comparison) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return the bits of every level in order, 0 for none, and the place of each; -1 for no bits."""
    bits = np.array([*_nudged(comparison), 0.0])
    places = np.array([*range(len(bits) - 1), -1], np.int8)
    order = np.argsort(bits)
    return bits[order], places[order]


def _levels(comparison: Comparison, given: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the places of the levels that held, by the bits that a comparison gave each pair."""
    bits, places = _places(comparison)
    # Splink gives them back but for the last digits: halfway to the next is another level.
    return places[np.searchsorted((bits[1:] + bits[:-1]) / 2, given)]


def _comparison(comparison: Comparison) -> dict[str, object]:
    """Write a comparison as Splink reads it."""
    levels: list[Mapping[str, object]] = []
    if comparison.absent:
        silent = " OR ".join(_nothing(comparison.absent.columns, side) for side in "lr")
        if comparison.unless:
            silent += f" OR ({comparison.unless}_l IS NOT NULL AND {comparison.unless}_r IS NOT NULL)"
        levels.append({"sql_condition": silent, "label_for_charts": "absent", "is_null_level": True})
    for level, bits in zip(comparison.levels, _nudged(comparison), strict=True):
        # Only the ratio of the two counts.
        m, u = (_EVEN, _EVEN / 2**bits) if bits >= 0 else (_EVEN * 2**bits, _EVEN)
        sql = _sql(level.condition) if level.condition else "ELSE"
        levels.append({"sql_condition": sql, "label_for_charts": level.name, "m_probability": m, "u_probability": u})
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _nothing(columns: Iterable[str], side: str) -> str:
    return "(" + " AND ".join(f"{column}_{side} IS NULL" for column in columns) + ")"


def _sql(condition: Shared | Spans) -> str:
    """Write a condition as SQL over the columns of two rows."""
    if isinstance(condition, Spans):
        slack = condition.slack
        return f"(low_l <= high_r + {slack} AND low_r <= high_l + {slack})"
    return "(" + " OR ".join(f"list_has_any({mine}_l, {theirs}_r)" for mine, theirs in condition.columns) + ")"
