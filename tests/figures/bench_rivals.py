"""What people would otherwise use, beside Discoverer: the same records, the same queries, the same run.

The tools and how they are run are those of tests/rivals. Slow ones are asked a sample; Discoverer is compared with each
on the very queries that it was asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from discoverer.evaluation.labelled import read_queries
from discoverer.evaluation.run import spread
from discoverer.evaluation.scores import found_at, percentile
from tests.figures.measuring import ROOT
from tests.rivals.contest import EVERYTHING, RIVALS, Result, Rival, sampled, theirs
from tests.rivals.sets.generated import export

VENVS = ROOT / "out" / "rivals" / "venvs"
TYPES = (*EVERYTHING, "mixture")
NAMES = ("pg_trgm", "pg_trgm + birth", "SQLite FTS5 trigrams", "rapidfuzz scan", "Whoosh fuzzy terms")
# Asked fewer queries than the others: at a million records one of its searches takes seconds.
SLOWEST = "Whoosh fuzzy terms"
FEWER = 4
HOURS = 3
KEY_TABLE = "SQLite key table"
REACHED = ("r1", "r10")


def chosen() -> list[Rival]:
    """Return the tools, each asked all it can be: a mixture is one text to it."""
    return [
        replace(rival, types=TYPES if rival.types == EVERYTHING else rival.types, seconds=HOURS * 3600)
        for rival in RIVALS
        if rival.name in NAMES
    ]


def exported(original: Path, folder: Path, asked: int) -> Path:
    """Write the generated set in the shape that rivals read, once; of its queries those that Discoverer is asked."""
    if not (folder / "queries.jsonl").exists():
        ours = {query.qid for query in spread(read_queries(original / "queries.jsonl"), asked)}
        export(original, folder, lambda query: query["type"] in TYPES and query["qid"] in ours)
    return folder


def measured(rival: Rival, folder: Path, most: int) -> dict[str, Any]:
    """Run one tool over at most so many queries of each type."""
    with tempfile.TemporaryDirectory() as scratch:
        asked = sampled(folder, most // FEWER if rival.name == SLOWEST else most, Path(scratch) / "asked", TYPES)
        return told(theirs(rival, asked, Path(scratch) / "out", VENVS))


def on_the_set(rival: Rival, original: Path, folder: Path, asked: int, most: int) -> dict[str, Any]:
    """Run one tool over a generated set, which is written in the shape that rivals read where that has not been done."""
    return measured(rival, exported(original, folder, asked), most)


def told(result: Result) -> dict[str, Any]:
    """Return what a tool came to as plain values, each query by itself."""
    return {
        "tool": result.tool,
        "about": dict(result.about),
        "failed": result.failed,
        "seconds": result.seconds,
        "queries": {
            each.query.qid: {
                "type": each.query.type,
                "answerable": bool(each.query.expected),
                "r1": found_at(each, 1),
                "r10": found_at(each, 10),
                "ms": each.seconds * 1000,
            }
            for each in result.outcomes
        },
    }


def summary(queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return recall and times of some queries."""
    answerable = [each for each in queries if each["answerable"]]
    times = [each["ms"] for each in queries]
    return {
        "n": len(queries),
        **{k: sum(each[k] for each in answerable) / len(answerable) if answerable else None for k in REACHED},
        **{f"p{part}_ms": percentile(times, part) for part in (50, 95, 99)},
    }


def beside(engine: str, ours: Mapping[str, Any], rivals: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield, for each tool and type, it and Discoverer by one engine on the same queries.

    Args:
        engine: the engine's name.
        ours: qid -> query_json.
        rivals: as `told` tells them.
    """
    for rival in rivals:
        types = sorted({each["type"] for each in rival["queries"].values()})
        for type_ in types:
            qids = [qid for qid, each in rival["queries"].items() if each["type"] == type_ and qid in ours]
            if qids:
                yield {
                    "engine": engine,
                    "tool": rival["tool"],
                    "type": type_,
                    "ours": summary([ours[qid] for qid in qids]),
                    "theirs": summary([rival["queries"][qid] for qid in qids]),
                }


def verdict(pair: Mapping[str, Any]) -> str:
    """Say in words how Discoverer stands to a tool on one type: recall first, then time."""
    ours, theirs_ = pair["ours"], pair["theirs"]
    parts = []
    for measure, words in (("r1", "at 1"), ("r10", "at 10")):
        mine, other = ours[measure], theirs_[measure]
        if mine is not None and mine < other:
            parts.append(f"BEHIND {words}")
    recall = ", ".join(parts) or "recall equal or higher"
    times = theirs_["p50_ms"] / ours["p50_ms"] if ours["p50_ms"] else 0.0
    speed = (
        f"{times:,.1f} times as fast" if times >= 1 else f"SLOWER, {1 / times:,.1f} times the time" if times else "-"
    )
    return f"{recall}; {speed}"
