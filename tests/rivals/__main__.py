"""`make rivals`: make the sets, run Discoverer and every rival that can be run over each, print how they stand.

python -m tests.rivals OUTSIDE [--most N] [--sets A,B] [--tools A,B] [--keep] [--examples FILE]
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path

from tests.rivals.contest import RIVALS, ROOT, Result, Rival, contest, sampled
from tests.rivals.environments import HERE, NoEnvironment, python_of
from tests.rivals.scoring import as_json
from tests.rivals.sets import generated
from tests.rivals.table import as_markdown, as_text, examples, failures, standings, table

OUT = Path("out/rivals")
RESULTS = HERE / "results"
GIVEN = ("gp_practices", "febrl4")
MADE = ("generated", "romanised", "fake_1000", "town_errors", "town_more", "gp_errors")
EXAMPLES = 15


def make_sets(outside: Path, out: Path) -> None:
    """Make the sets that can be made here; says in a sentence which cannot."""
    generated.make(out)
    try:
        python = python_of(HERE / "sets" / "requirements.txt", OUT / "venvs")
    except NoEnvironment as error:
        print(f"No harder sets: {error}.")
        return
    subprocess.run([python, "-m", "tests.rivals.sets", outside.resolve(), out.resolve()], cwd=ROOT, check=True)


def folders(outside: Path, names: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield the sets that are here."""
    for name in names:
        folder = outside / name if name in GIVEN else OUT / "sets" / name
        if (folder / "queries.jsonl").is_file():
            yield name, folder
        else:
            print(f"{name}: not here, so not measured.")


def measured(name: str, folder: Path, rivals: Sequence[Rival], most: int | None) -> list[Result]:
    """Run one set, printing its table."""
    asked = sampled(folder, most, OUT / "runs" / name)
    original = generated.FIXTURES if name == "generated" else None
    results = list(contest(asked, rivals, OUT / "runs" / name, OUT / "venvs", original))
    for line in (*as_text(table(name, results)), *failures(results), *map(str, standings(name, results))):
        print(line, flush=True)
    return results


def kept(name: str, results: Sequence[Result], most: int | None) -> dict[str, object]:
    """Return what is committed of one set."""
    machine = (
        f"{platform.system()} {platform.machine()}, {cpu_count()} shared cores, Python {platform.python_version()}"
    )
    return {
        "set": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        "queries": "all" if most is None else f"at most {most} a type, evenly spread",
        "tools": [
            {"tool": r.tool, **r.about, "failed": r.failed, "seconds": round(r.seconds, 1), "rows": as_json(r.rows)}
            for r in results
        ],
    }


def report(found: dict[str, list[Result]], most: int | None) -> str:
    """Return RESULTS.md."""
    stands = [each for name, results in found.items() for each in standings(name, results)]
    lines = [
        "# Discoverer beside its rivals",
        "",
        f"Written by `make rivals KEEP=yes` on {datetime.now(UTC).date().isoformat()}; two shared cores. "
        + ("Every query of every set." if most is None else f"At most {most} queries a type, spread evenly."),
        "",
        *(f"- **{result.tool}**: {result.about['note']}; {versions(result)}." for result in notes(found.values())),
        "",
        "## Where Discoverer stands",
        "",
        "```",
        *map(str, stands),
        "```",
        "",
        "## Everything measured",
        "",
        *as_markdown(row for name, results in found.items() for row in table(name, results)),
        "",
        *(f"- {name}: {line}" for name, results in found.items() for line in failures(results)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def versions(result: Result) -> str:
    """Return the versions a tool ran with."""
    return ", ".join(f"{name} {version}" for name, version in result.about["versions"].items())


def notes(sets: Iterable[Sequence[Result]]) -> list[Result]:
    """Return one result of every tool that ran."""
    found: dict[str, Result] = {}
    for results in sets:
        for result in results:
            if result.about:
                found.setdefault(result.tool, result)
    return list(found.values())


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outside", type=Path)
    parser.add_argument("--most", type=int)
    parser.add_argument("--sets", default=",".join((*GIVEN, *MADE)))
    parser.add_argument("--tools", default=",".join(rival.name for rival in RIVALS))
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--examples", type=Path)
    given = parser.parse_args()
    make_sets(given.outside, OUT / "sets")
    rivals = [rival for rival in RIVALS if rival.name in given.tools.split(",")]
    found: dict[str, list[Result]] = {}
    for name, folder in folders(given.outside, given.sets.split(",")):
        found[name] = measured(name, folder, rivals, given.most)
        if given.keep:
            RESULTS.mkdir(exist_ok=True)
            text = json.dumps(kept(name, found[name], given.most), indent=1)
            (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        if given.examples:
            given.examples.write_text("\n".join(behind(found)) + "\n", encoding="utf-8")
    if given.keep:
        (HERE / "RESULTS.md").write_text(report(found, given.most), encoding="utf-8")


def behind(found: dict[str, list[Result]]) -> Iterator[str]:
    """Yield where Discoverer is behind, each with queries that show it."""
    for name, results in found.items():
        for standing in standings(name, results):
            yield str(standing)
            if standing.behind and standing.measure == "r1":
                yield from (f"    {line}" for line in examples(standing, results, EXAMPLES))


if __name__ == "__main__":
    main()
