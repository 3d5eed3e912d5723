"""The second half of the benchmark, in a process of its own for each engine.

python -m tests.figures.bench_search CONFIG ENGINE STATE ASKED SEARCHES OUT.json

So many queries as ASKED are asked one after another by named fields, fewer of them through the box as well; then so many
SEARCHES arrive by an open loop while others are still being answered. All are in the generator's mix.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.bulk import FIELDS
from discoverer.evaluation.asking import Outcome, Way
from discoverer.evaluation.board import board
from discoverer.evaluation.labelled import Labelled, LabelledSet, read_queries
from discoverer.evaluation.run import measure, spread
from discoverer.evaluation.scores import found_at, percentile
from discoverer.query import Query, read_box, read_fields
from discoverer.settings import load
from index.progress import SilentProgress
from tests.figures import key_table_build, open_loop

RATE = 10.0
"""Searches a second: the bursts of a force (2,500 an hour at peak, 5 to 10 a second)."""
THREADS = 4
SEED = 20_141_116
BOX_FEWER = 3
"""The share of the queries with named fields that is asked through the box as well: a third."""
LATE = 0.001  # seconds: a search begun later than this found all threads busy


def main(config: Path, engine: str, state: Path, asked: int, searches: int, out: Path) -> None:
    """Measure one engine's build and write what came of it."""
    if engine == key_table_build.NAME:
        key_table_build.register()
    settings = load(config).model_copy(update={"state_dir": state.resolve(), "engine": engine})
    with App(settings) as app:
        found = LabelledSet(config.parent.name, app, read_queries(config.parent / "queries.jsonl"), qualified=True)
        told = {**alone(found, asked), "open_loop": together(app, found.queries, searches)}
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write_text(json.dumps(told), encoding="utf-8")


def alone(found: LabelledSet, most: int) -> dict[str, Any]:
    """Ask queries one after another in their usual way: by the fields they name, else through the box; some of all by the box.

    Returns:
        processor_ms: float, processor time of a search in its usual way, the mean; unlike the times of day it hardly changes
            where other work keeps the machine busy. The check whether a right record was gathered is in it.
        single, box: by type, the scores of the usual way and of the box.
        queries: what came of each query in its usual way.
    """
    queries = spread(found.queries, most)
    began = time.process_time()
    fielded = asked(found, [query for query in queries if query.fields], Way.FIELDS)
    rest = asked(found, [query for query in queries if not query.fields], Way.BOX)
    processor = time.process_time() - began
    box = asked(found, spread([query for query in queries if query.fields], most // BOX_FEWER), Way.BOX)
    usual = [*fielded, *rest]
    return {
        "single": scores(usual),
        "box": scores([*box, *rest]),
        "processor_ms": processor * 1000 / max(1, len(usual)),
        "queries": {outcome.query.qid: query_json(outcome) for outcome in usual},
    }


def asked(found: LabelledSet, queries: Sequence[Labelled], way: Way) -> list[Outcome]:
    """Ask some queries one way."""
    if not queries:
        return []
    ((_, outcomes),) = measure(replace(found, queries=tuple(queries)), SilentProgress(), ways=(way,))
    return outcomes


def scores(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the scores by type, those of all first."""
    table = board("", Way.FIELDS, outcomes, len(outcomes)).table("type")
    return {type_: asdict(score) for type_, score in (table.scores if table else {}).items()}


def query_json(outcome: Outcome) -> dict[str, Any]:
    """Return what the comparison with other tools needs of one query."""
    return {
        "type": outcome.query.type,
        "answerable": bool(outcome.query.expected),
        "r1": found_at(outcome, 1),
        "r10": found_at(outcome, 10),
        "ms": outcome.seconds * 1000,
    }


def together(app: App, queries: Sequence[Labelled], searches: int) -> dict[str, Any]:
    """Ask a sample of the queries, in their own mix, as they arrive by a Poisson clock."""
    work = spread(queries, searches)
    ask = asking(app)
    due = open_loop.arrivals(len(work), RATE, SEED)
    timed = open_loop.run(work, ask, due=due, threads=THREADS)
    by_type: dict[str, list[float]] = defaultdict(list)
    for each in timed:
        by_type[work[each.place].type].append(each.latency * 1000)
        by_type["all"].append(each.latency * 1000)
    return {
        "rate": RATE,
        "threads": THREADS,
        "searches": len(timed),
        "late": sum(each.late > LATE for each in timed),
        "latest_ms": max((each.late for each in timed), default=0.0) * 1000,
        "types": {type_: percentiles(times) for type_, times in sorted(by_type.items())},
    }


def asking(app: App) -> Callable[[Labelled], None]:
    """Return what asks one query in its usual way: by the fields it names, else through the box."""

    def ask(query: Labelled) -> None:
        def read(now: datetime) -> Query:
            if query.fields:
                return read_fields(now.date(), **{FIELDS[key]: value for key, value in query.fields.items()})
            return read_box(query.box, now.date())

        # A query that cannot be read is refused, which is an answer too; counted where queries are asked alone.
        list(app.lookup(DEMO_VIEWER, [read]))

    return ask


def percentiles(times: Sequence[float]) -> Mapping[str, float]:
    """Return the count and the percentiles of some times in ms."""
    return {"n": len(times), **{f"p{part}_ms": percentile(times, part) for part in (50, 95, 99)}}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), Path(sys.argv[6]))
