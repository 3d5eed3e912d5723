"""What is committed of a run: results/SET.json, and RESULTS.md written from all of them."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

from tests.rivals.contest import Result
from tests.rivals.environments import HERE
from tests.rivals.scoring import Row, as_json
from tests.rivals.table import as_markdown, examples, failures, standings, table

RESULTS = HERE / "results"
REPORT = HERE / "RESULTS.md"
EXAMPLES = 15


@dataclass(frozen=True, slots=True)
class Kept:
    """One set's results as committed.

    Attributes:
        set: str, its name.
        date: str, ISO 8601, when it was run.
        machine: str, what kind of machine ran it.
        queries: str, which queries were asked, in words.
        results: of every tool.
    """

    set: str
    date: str
    machine: str
    queries: str
    results: tuple[Result, ...]


def keep(name: str, results: Sequence[Result], most: int | None) -> None:
    """Write one set's results, and the report of all sets anew."""
    RESULTS.mkdir(exist_ok=True)
    machine = (
        f"{platform.system()} {platform.machine()}, {cpu_count()} shared cores, Python {platform.python_version()}"
    )
    told = {
        "set": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        "queries": "all" if most is None else f"at most {most} a type",
        "tools": [_told(result) for result in results],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    REPORT.write_text("\n".join(report(read_kept(RESULTS))) + "\n", encoding="utf-8")


def _told(result: Result) -> dict[str, Any]:
    """Return one tool's result as plain values."""
    return {
        "tool": result.tool,
        "about": dict(result.about),
        "failed": result.failed,
        "seconds": round(result.seconds, 1),
        "rows": as_json(result.rows),
    }


def read_kept(folder: Path) -> list[Kept]:
    """Read every committed result, by the name of its set."""
    found = []
    for path in sorted(folder.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        results = tuple(
            Result(
                each["tool"],
                {type_: Row(**row) for type_, row in each["rows"].items()},
                each["about"],
                each["failed"],
                each["seconds"],
            )
            for each in told["tools"]
        )
        found.append(Kept(told["set"], told["date"], told["machine"], told["queries"], results))
    return found


def report(sets: Sequence[Kept]) -> Iterator[str]:
    """Yield the lines of RESULTS.md."""
    yield "# Discoverer beside its rivals"
    yield ""
    yield "Written by `make rivals KEEP=yes`; where the sets come from and how each tool was set up stands in the scripts."
    yield "*absent, claimed*: of the queries that nothing held answers, those with a hit over the tool's usual threshold"
    yield "(for Discoverer: probable or above). Times are those of a shared machine, and of a whole batch shared out evenly"
    yield "for Splink and uk_address_matcher."
    yield ""
    yield from (f"- {each.set}: {each.date}, queries asked: {each.queries}; {each.machine}" for each in sets)
    yield ""
    yield from (f"- **{tool}**: {_about(about)}" for tool, about in _tools(sets).items())
    yield ""
    yield "## Where Discoverer stands"
    yield ""
    yield "```"
    yield from (str(standing) for each in sets for standing in standings(each.set, each.results))
    yield "```"
    yield ""
    yield "## Everything measured"
    yield ""
    yield from as_markdown(row for each in sets for row in table(each.set, each.results))
    failed = [f"- {each.set}: {line}" for each in sets for line in failures(each.results)]
    if failed:
        yield ""
        yield from failed


def _tools(sets: Iterable[Kept]) -> dict[str, Mapping[str, Any]]:
    """Return what each tool says of itself, as first met."""
    found: dict[str, Mapping[str, Any]] = {}
    for result in (result for each in sets for result in each.results):
        if result.about:
            found.setdefault(result.tool, result.about)
    return found


def _about(about: Mapping[str, Any]) -> str:
    """Write what a tool says of itself."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    threshold = "none" if about["threshold"] is None else about["threshold"]
    return f"{about['note']}; {versions}; threshold: {threshold}."


def overtaken(found: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Yield how Discoverer stands, each recall at 1 with queries that the best rival answers rightly and it does not."""
    for name, results in found.items():
        for standing in standings(name, results):
            yield str(standing)
            if standing.measure == "r1":
                yield from (f"    {line}" for line in examples(standing, results, EXAMPLES))
