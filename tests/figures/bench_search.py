"""The second half of the benchmark, in a process of its own for each engine.

python -m tests.figures.bench_search CONFIG ENGINE STATE SEARCHES OUT.json

Every query is asked alone, by named fields and through the box; then so many SEARCHES, in the generator's mix, arrive by
an open loop while others are still being answered.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.bulk import FIELDS
from discoverer.errors import UsageError
from discoverer.evaluation.asking import Outcome, Way
from discoverer.evaluation.board import board
from discoverer.evaluation.labelled import Labelled, LabelledSet, read_queries
from discoverer.evaluation.run import measure, spread
from discoverer.evaluation.scores import found_at, percentile
from discoverer.settings import load
from index.progress import SilentProgress
from tests.figures import key_table_build, open_loop

RATE = 10.0
"""Searches a second: the bursts of a force (2,500 an hour at peak, 5 to 10 a second)."""
THREADS = 4
SEED = 20_141_116
LATE = 0.001  # seconds: a search begun later than this found all threads busy


def main(config: Path, engine: str, state: Path, searches: int, out: Path) -> None:
    """Measure one engine's build and write what came of it."""
    if engine == key_table_build.NAME:
        key_table_build.register()
    settings = load(config).model_copy(update={"state_dir": state.resolve(), "engine": engine})
    with App(settings) as app:
        found = LabelledSet(config.parent.name, app, read_queries(config.parent / "queries.jsonl"), qualified=True)
        told = {**alone(found), "open_loop": together(app, found.queries, searches)}
    told["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.write_text(json.dumps(told), encoding="utf-8")


def alone(found: LabelledSet) -> dict[str, Any]:
    """Ask every query, one after another; by fields and by the box, and each query's own outcome in its usual way."""
    asked = {way: (each, outcomes) for way in Way for each, outcomes in measure(found, SilentProgress(), ways=(way,))}
    usual = [outcome for outcome in asked[Way.FIELDS][1]]
    usual += [outcome for outcome in asked[Way.BOX][1] if not outcome.query.fields]
    everything = board(found.name, Way.FIELDS, usual, len(usual)).table("type")
    box = asked[Way.BOX][0].table("type")
    return {
        "single": {type_: asdict(score) for type_, score in (everything.scores if everything else {}).items()},
        "box": {type_: asdict(score) for type_, score in (box.scores if box else {}).items()},
        "queries": {outcome.query.qid: query_json(outcome) for outcome in usual},
    }


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
        with suppress(UsageError):  # what cannot be read is refused, and counted where queries are asked alone
            if query.fields:
                app.search_fields(DEMO_VIEWER, **{FIELDS[key]: value for key, value in query.fields.items()})
            else:
                app.search(DEMO_VIEWER, query.box)

    return ask


def percentiles(times: Sequence[float]) -> Mapping[str, float]:
    """Return the count and the percentiles of some times in ms."""
    return {"n": len(times), **{f"p{part}_ms": percentile(times, part) for part in (50, 95, 99)}}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
