"""`make figures AREA=scale`: what force scale was asked to be, each line printed with how it was measured.

Measured here: 50,000 records with every engine and rival, and 25,000 beside them, which says what doubling costs; then the
tests of what must not go wrong. What takes hours (`make bench TIER=1m KEEP=yes`, TIER=10m) was run by hand, and its
committed results are read from tests/figures/results/ and printed with their date and machine.
"""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.figures import bench, bench_rivals
from tests.figures.machine import in_words
from tests.figures.measuring import ROOT, run

TARGETS = Path(__file__).parent / "targets" / "scale.toml"
RESULTS = Path(__file__).parent / "results"
DOUBLING = 2.2
"""Twice the records must cost less than this many times as much."""
TESTS = (
    ("every engine answers as the dictionary does", ("test_engine.py",), ""),
    ("a build killed at each stage resumes and ends as one that was not", ("test_resuming.py", "test_kills.py"), ""),
    ("a disk that fills in the middle", ("test_build.py",), "disk"),
    ("a worker that dies", ("test_resuming.py",), "worker"),
    (
        "an engine that is not installed, a build by the other engine",
        ("test_engine.py", "test_reader.py"),
        "installed or made",
    ),
    ("a large vocabulary is expanded as by the full scan", ("test_vocabulary.py",), ""),
    ("the benchmark itself, with 2,000 records", ("test_bench.py",), ""),
)
"""What is tested, by which files of tests/ and, of those, by which names (an expression for -k)."""
Told = Mapping[str, Any]


def main() -> None:
    """Print every figure of the area, and every target at the end."""
    half, whole = bench.show("25k"), bench.show("50k")
    said = [*doubling(half, whole), *standing(whole)]
    print("\ntests:")
    for title, names, words in TESTS:
        files = [f"tests/{name}" for name in names if (ROOT / "tests" / name).exists()]
        if files:
            run(title, sys.executable, "-m", "pytest", "-q", *files, *(("-k", words) if words else ()))
        else:
            print(f"{title}: NOT HERE ({', '.join(names)})", flush=True)
    kept = read_results(RESULTS)
    for smaller, larger in pairwise(kept):
        said += doubling(smaller, larger)
    for tier in kept:
        if tier["tier"] != whole["tier"]:
            said += ["", f"{tier['records']:,} records, run by hand: {in_words(tier['machine'])}", *standing(tier)]
    print("", *said, "", *targets(kept), sep="\n", flush=True)


def read_results(folder: Path) -> list[dict[str, Any]]:
    """Read the committed results, the smallest tier first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda told: int(told["records"]))


def measured(told: Told) -> dict[str, Told]:
    """Return engine -> what is told of it, for those that were built and searched."""
    return {each["engine"]: each for each in told["engines"] if each["build"] and each["search"]}


def costs(engine: Told) -> dict[str, float]:
    """Return what grows with the number of records: what a build takes, and what a search takes."""
    build, search = engine["build"]["result"], engine["search"]["result"]
    return {
        "build, seconds": build["seconds"],
        "build, processor seconds": build["processor_seconds"],
        "build, peak memory": build["peak_mb"],
        "index, bytes": build["bytes_a_record"] * build["records"],
        "search, processor time": search["processor_ms"],
        "search, p50": search["single"]["all"]["p50_ms"],
        "search, p95": search["single"]["all"]["p95_ms"],
    }


def doubling(smaller: Told, larger: Told) -> Iterator[str]:
    """Yield, for each engine, by how much each cost grows when the records double, between two sizes."""
    times = larger["records"] / smaller["records"]
    less, more = measured(smaller), measured(larger)
    for engine in less.keys() & more.keys():
        before, after = costs(less[engine]), costs(more[engine])
        for name, cost in after.items():
            growth = (cost / before[name]) ** (1 / math.log2(times)) if before[name] else math.inf
            sizes = f"{smaller['records']:,} to {larger['records']:,} records"
            yield f"{mark(growth < DOUBLING)} {engine}: {name} times {growth:.2f} for twice the records ({sizes}; under {DOUBLING})"


def standing(told: Told) -> Iterator[str]:
    """Yield how each engine stands to each rival on each type: at least its recall, and less than its time."""
    for pair in told["beside"]:
        ours, theirs = pair["ours"], pair["theirs"]
        recall = all(ours[name] is None or ours[name] >= theirs[name] for name in bench_rivals.REACHED)
        holds = recall and ours["p50_ms"] <= theirs["p50_ms"]
        yield (
            f"{mark(holds)} {told['tier']} {pair['engine']} beside {pair['tool']}, {pair['type']} (n {ours['n']:,}): "
            f"{bench_rivals.verdict(pair)}"
        )


def figure(engine: Told, name: str) -> float:
    """Return the figure that a target is about."""
    build = engine["build"]["result"]
    if name == "build_minutes":
        return float(build["seconds"]) / 60
    if name == "peak_gib":
        return float(build["peak_mb"]) / 1024
    return max(float(score[name]) for score in engine["search"]["result"]["single"].values())


def targets(kept: Sequence[Told]) -> Iterator[str]:
    """Yield a line for each target: what was asked and, where the tier has been run, what was got, when."""
    tiers = {told["tier"]: measured(told) for told in kept}
    for target in tomllib.loads(TARGETS.read_text(encoding="utf-8"))["target"]:
        asked = f"{target['tier']} {target['engine']}: {target['figure']} at most {target['most']:g}"
        engine = tiers.get(target["tier"], {}).get(target["engine"])
        if engine is None:
            yield f"NOT RUN     {asked}"
            continue
        got = figure(engine, target["figure"])
        yield f"{mark(got <= target['most'])} {asked}, got {got:,.1f} ({engine['search']['date'][:10]})"


def mark(holds: bool) -> str:
    """Return the first word of a line."""
    return "ok         " if holds else "FALLS SHORT"


if __name__ == "__main__":
    main()
