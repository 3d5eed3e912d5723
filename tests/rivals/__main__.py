"""`make rivals`: make the sets, run Discoverer and every rival that can be run over each, print how they stand.

python -m tests.rivals OUTSIDE [--most N] [--sets A,B] [--tools A,B] [--keep] [--examples FILE]

--keep writes what is committed: results/SET.json for each set that was run, and RESULTS.md of all that stand there.
--examples writes queries that the best rival answers rightly and Discoverer does not.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.rivals.contest import RIVALS, ROOT, Result, Rival, contest, sampled
from tests.rivals.environments import HERE, NoEnvironment, python_of
from tests.rivals.report import keep, overtaken
from tests.rivals.sets import generated
from tests.rivals.table import as_text, failures, standings, table

OUT = Path("out/rivals")
GIVEN = ("gp_practices", "febrl4")
MADE = ("generated", "romanised", "fake_1000", "town_errors", "town_more", "gp_errors")


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
            keep(name, found[name], given.most)
        if given.examples:
            given.examples.write_text("\n".join(overtaken(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
