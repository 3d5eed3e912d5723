"""`make bench TIER=50k`: generate, build and search; print and write one table for each engine, rivals beside them.

python -m tests.figures.bench TIER [--engine whoosh|tantivy|both] [--again] [--keep] [--no-rivals]

Everything is left in out/bench-TIER: the set, a build for each engine, each part of the measurement as soon as it is
done (parts/), and result.json with result.md. A part that was done is not done again (--again: all are). --keep writes
the results and the chart of growth to tests/figures/results too, which are committed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from discoverer.evaluation.labelled import read_queries
from discoverer.evaluation.run import write
from tests.figures import bench_build, bench_rivals, bench_table, growth, key_table_build
from tests.figures.kept_parts import Parts
from tests.figures.machine import machine
from tests.figures.measuring import ROOT, generated

RESULTS = ROOT / "tests" / "figures" / "results"


@dataclass(frozen=True, slots=True)
class Tier:
    """One size.

    Attributes:
        records: int, source records.
        rival_queries: int, at most so many of each type are asked of a rival; 0: no rivals at this size.
        asked: int, queries asked one after another, spread evenly over the generator's mix; through the box, as well as
            by fields, a third of them.
        searches: int, of the open loop.
        warning: str, said first where it takes long.
    """

    records: int
    rival_queries: int = 0
    asked: int = 2_500
    searches: int = 1_200
    warning: str = ""


TIERS = {
    "2k": Tier(2_000, 20, asked=100, searches=40),
    "25k": Tier(25_000, asked=1_500, searches=600),
    "50k": Tier(50_000, 100, asked=1_500, searches=600),
    "1m": Tier(
        1_000_000,
        100,
        warning="One million records: expect an hour for each engine and one to three for the rivals, 25 GB of disk and 10 GB of memory.",
    ),
    "10m": Tier(
        10_000_000,
        warning="Ten million records: expect three hours or more to generate and build by tantivy, far more by Whoosh (so name "
        "ENGINE=tantivy), 150 GB of disk and 12 GB of memory.",
    ),
}


def say(line: str) -> None:
    """Say how far it is; the table goes to the output, this beside it."""
    print(line, file=sys.stderr, flush=True)


def bench(
    tier: str, engines: Sequence[str] = bench_build.ENGINES, *, again: bool = False, rivals: bool = True
) -> dict[str, Any]:
    """Measure one tier, or what is still missing of it, and write result.json and result.md beside the set."""
    size = TIERS[tier]
    if size.warning:
        say(f"{size.warning} What is done already in out/bench-{tier}/parts is not done again.")
    folder = generated(f"bench-{tier}", size.records)
    made_of = sha256((folder / "plan.json").read_bytes() + (folder / "queries.jsonl").read_bytes()).hexdigest()[:16]
    parts = Parts(folder / "parts", again, lasting=size.records > TIERS["50k"].records, say=say)
    found = [one_engine(folder, engine, made_of, size, parts) for engine in engines]
    compared: list[dict[str, Any]] = []
    if rivals and size.rival_queries:
        found += key_table(folder, found, size, parts)
        compared = beside_rivals(folder, made_of, size, parts)
    told = assembled(tier, folder, found, compared)
    write(folder / "result.json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    write(folder / "result.md", "".join(f"{line}\n" for line in bench_table.lines(told)).encode())
    return told


def one_engine(folder: Path, engine: str, made_of: str, size: Tier, parts: Parts) -> dict[str, Any]:
    """Build and search by one engine, or say why not."""
    config = bench_build.config_of(folder, engine)
    why = bench_build.unavailable(config, engine)
    if why:
        say(f"{engine}: {why}.")
        return entry(engine, why)
    build = parts.part(f"build-{engine}", made_of, partial(bench_build.built, config))
    state = folder / f"state-{engine}"
    search = parts.part(
        f"search-{engine}", f"{build['result']['build']} {size.asked}", partial(searched, config, engine, state, size)
    )
    return entry(engine, build=build, search=search)


def entry(engine: str, why: str = "", **parts: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of one engine."""
    return {"engine": engine, "unavailable": why, "build": None, "exchanged": None, "search": None, **parts}


def key_table(folder: Path, found: list[dict[str, Any]], size: Tier, parts: Parts) -> list[dict[str, Any]]:
    """Exchange the engine of the first build for the key table, and search it."""
    built = next((each for each in found if each["build"]), None)
    if built is None:
        return []
    engine, build = built["engine"], built["build"]["result"]["build"]
    state, target = folder / f"state-{engine}", folder / f"state-{key_table_build.NAME}"
    name = key_table_build.NAME
    exchanged = parts.part(f"build-{name}", build, partial(key_table_build.exchange, state, target))
    config = bench_build.config_of(folder, engine)
    search = parts.part(f"search-{name}", f"{build} {size.asked}", partial(searched, config, name, target, size))
    return [entry(name, exchanged=exchanged, search=search)]


def searched(config: Path, engine: str, state: Path, size: Tier) -> dict[str, Any]:
    """Search in a process of its own, so that no engine is warmed, or held up, by what another left in memory."""
    with TemporaryDirectory() as scratch:
        out = Path(scratch) / "search.json"
        command = [
            "-m",
            "tests.figures.bench_search",
            str(config),
            engine,
            str(state),
            str(size.asked),
            str(size.searches),
            str(out),
        ]
        subprocess.run([sys.executable, *command], check=True)
        told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


def beside_rivals(folder: Path, made_of: str, size: Tier, parts: Parts) -> list[dict[str, Any]]:
    """Run every rival over the same set."""
    asked = folder / f"rivals-{made_of}"
    found = []
    for rival in bench_rivals.chosen():
        name = f"rival-{rival.name.replace(' ', '_')}"

        run = partial(bench_rivals.on_the_set, rival, folder, asked, size.asked, size.rival_queries)
        found.append(parts.part(name, f"{made_of} {size.asked} {size.rival_queries}", run))
    return found


def assembled(tier: str, folder: Path, engines: list[dict[str, Any]], rivals: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the parts together; what came of each single query is left in the parts."""
    queries = read_queries(folder / "queries.jsonl")
    most = TIERS[tier].rival_queries
    others = [part["result"] for part in rivals]
    others += [
        {"tool": bench_rivals.KEY_TABLE, "queries": each["search"]["result"]["queries"]}
        for each in engines
        if each["exchanged"]
    ]
    pairs = [
        pair
        for each in engines
        if each["search"] and not each["exchanged"]
        for pair in bench_rivals.beside(each["engine"], each["search"]["result"]["queries"], others)
    ]
    return {
        "tier": tier,
        "records": TIERS[tier].records,
        "machine": machine(),
        "set": {"queries": len(queries), "dirty": sum(bool(query.dirt) for query in queries)},
        "engines": [{**each, "search": without_queries(each["search"])} for each in engines],
        "most": {"others": most, bench_rivals.SLOWEST: most // bench_rivals.FEWER},
        "rivals": [
            {**part, "result": {**part["result"], "queries": len(part["result"]["queries"])}} for part in rivals
        ],
        "beside": pairs,
    }


def without_queries(part: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave what came of each single query out of a part."""
    if part is None:
        return None
    return {**part, "result": {key: value for key, value in part["result"].items() if key != "queries"}}


def keep(tier: str, told: dict[str, Any]) -> None:
    """Write what is committed: the results of the tier, and the chart of all tiers that have been run."""
    RESULTS.mkdir(exist_ok=True)
    write(RESULTS / f"{tier}.json", (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    write(RESULTS / f"{tier}.md", "".join(f"{line}\n" for line in bench_table.lines(told)).encode())
    write(RESULTS / "growth.svg", growth.chart(growth.read(RESULTS)).encode())


def show(tier: str, *, rivals: bool = True) -> dict[str, Any]:
    """Measure one tier with every engine there is, and print its table."""
    told = bench(tier, rivals=rivals)
    print(*bench_table.lines(told), sep="\n", flush=True)
    return told


def main() -> None:
    """Measure what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tier", choices=TIERS)
    parser.add_argument("--engine", choices=(*bench_build.ENGINES, "both"), default="both")
    parser.add_argument("--again", action="store_true", help="measure what was measured before, too")
    parser.add_argument("--keep", action="store_true", help="write the results to tests/figures/results, too")
    parser.add_argument("--no-rivals", action="store_true", help="Discoverer alone")
    given = parser.parse_args()
    engines = bench_build.ENGINES if given.engine == "both" else (given.engine,)
    told = bench(given.tier, engines, again=given.again, rivals=not given.no_rivals)
    print(*bench_table.lines(told), sep="\n", flush=True)
    if given.keep:
        keep(given.tier, told)
    missing = [each["engine"] for each in told["engines"] if each["unavailable"]]
    if given.engine in missing or len(missing) == len(engines):
        sys.exit(f"Not measured: {', '.join(missing)}; the table says why.")


if __name__ == "__main__":
    main()
