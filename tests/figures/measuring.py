"""Measuring builds and searches: recall against labelled queries, latency per query type, build rate, memory."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.bulk import read_lines
from discoverer.errors import DiscovererError

Query = dict[str, Any]
# Which named option a query type's text is asked as; other types go through the one box.
FIELD = {
    "phone": "phone",
    "address": "address",
    "address_nopc": "address",
    "name": "name",
    "name_dob": "name",
    "identifier": "id",
}


@dataclass(slots=True)
class Tally:
    """What came of the queries of one type.

    Attributes:
        asked: queries that something in the index answers.
        at1, at10: how many of them had a right record first, among the first ten.
        absent: queries that nothing in the index answers.
        wrong: how many of those had a hit called probable or confirmed.
        seconds: how long each query took.
    """

    asked: int = 0
    at1: int = 0
    at10: int = 0
    absent: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Lay the tally out as one line of a table."""
        share = max(1, self.asked)
        spread = [percentile(self.seconds, part) * 1000 for part in (50, 95, 99)]
        return (
            f"{name:<14}{len(self.seconds):>7,}{self.at1 / share:>8.3f}{self.at10 / share:>8.3f}"
            f"{f'{self.wrong}/{self.absent}':>10}{spread[0]:>9.1f}{spread[1]:>9.1f}{spread[2]:>9.1f}"
        )


HEADINGS = f"{'type':<14}{'n':>7}{'r@1':>8}{'r@10':>8}{'wrong':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"


def percentile(values: Sequence[float], part: int) -> float:
    """Return a percentile of some values; 0 when there are none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def read_queries(path: Path) -> list[Query]:
    """Read labelled queries, one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def as_line(query: Query) -> str:
    """Write a labelled query as the look-up line that asks it."""
    key = FIELD.get(query["type"], "text")
    asked = {"qid": query["qid"], key: query["text"]}
    if query["type"] == "name_dob":
        asked["dob"] = query["dob"]
    return json.dumps(asked)


def tally(app: App, queries: Iterable[Query], *, qualified: bool) -> dict[str, Tally]:
    """Ask every query and hold the answers against what was expected.

    Args:
        app: set up and built.
        queries: labelled queries.
        qualified: expected ids are 'source:ref' rather than bare refs.
    """
    tallies: dict[str, Tally] = defaultdict(Tally)
    for query in queries:
        mine = tallies[query["type"]]
        ((_, reading),) = read_lines([as_line(query)])
        start = time.perf_counter()
        (answer,) = app.lookup(DEMO_VIEWER, [reading])
        mine.seconds.append(time.perf_counter() - start)
        hits = () if isinstance(answer, DiscovererError) else answer.hits
        records = [record for hit in hits for record in hit.records]
        found = list(dict.fromkeys(f"{r.source}:{r.ref}" if qualified else r.ref for r in records))
        wanted = set(query["expected"])
        if wanted:
            mine.asked += 1
            mine.at1 += bool(found) and found[0] in wanted | set(query.get("also_ok", ()))
            mine.at10 += any(each in wanted for each in found[:10])
        else:
            mine.absent += 1
            mine.wrong += any(hit.level != "possible" for hit in hits)
    return dict(tallies)


def print_tallies(title: str, tallies: dict[str, Tally]) -> None:
    """Print a table of tallies, one line per query type."""
    print(f"\n{title}\n{HEADINGS}")
    for name, each in sorted(tallies.items()):
        print(each.row(name))


def timed_build(config: Path) -> Iterator[str]:
    """Build in a process of its own; yield lines that say how fast and how large."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    start = time.perf_counter()
    command = [sys.executable, "-m", "discoverer", "--config", str(config), "build", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    took = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    manifest = json.loads(done.stdout)
    records = sum(entry["records"] for entry in manifest["segments"])
    size = sum(entry["size"] for entry in manifest["files"])
    yield f"build: {records:,} records in {took:.1f} s ({records / took:,.0f} a second), "
    yield f"processor {usage.ru_utime - before:.1f} s, peak memory {usage.ru_maxrss / 1024:,.0f} MB, "
    yield f"index {size / records:,.0f} bytes a record"
    for stage, seconds in manifest["stages"].items():
        yield f"\n  {stage}: {seconds:.1f} s"
