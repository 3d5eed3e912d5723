"""Runs tools over one labelled set, and keeps what each came to; a tool that fails is said to have failed."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from discoverer.evaluation.asking import Outcome, Way
from discoverer.evaluation.labelled import Labelled, LabelledSet, opened, read_queries
from discoverer.evaluation.run import measure
from discoverer.match.weights import load
from index.progress import SilentProgress
from tests.rivals.environments import HERE, NoEnvironment, python_of
from tests.rivals.scoring import Row, outcomes_of, rows

ROOT = HERE.parent.parent
DISCOVERER = "Discoverer"
ADDRESSES, NAMES = ("address", "address_nopc"), ("name", "name_dob")
EVERYTHING = (*ADDRESSES, *NAMES, "phone")


@dataclass(frozen=True, slots=True)
class Rival:
    """One way to run one tool.

    Attributes:
        name: str, as the tables call it.
        module: str, its script in tests/rivals/tools; its packages stand in a .txt of that name.
        types: the query types it is made for; it is not asked others.
        way: str, handed to the script; '' for the usual.
        quick: bool, whether continuous integration runs it.
        seconds: int, how long it may take over one set.
    """

    name: str
    module: str
    types: tuple[str, ...] = EVERYTHING
    way: str = ""
    quick: bool = False
    seconds: int = 1_800


RIVALS = (
    Rival("pg_trgm", "pg_trgm", quick=True),
    Rival("pg_trgm + birth", "pg_trgm", types=("name_dob",), way="dob", quick=True),
    Rival("tantivy", "tantivy_terms", quick=True),
    Rival("rapidfuzz scan", "rapidfuzz_scan", quick=True),
    Rival("SQLite FTS5 trigrams", "sqlite_trigrams", quick=True),
    Rival("Whoosh fuzzy terms", "whoosh_fuzzy"),
    Rival("Splink", "splink_scan", types=NAMES),
    Rival("logic-v2", "logic_v2", types=NAMES),
    Rival("uk_address_matcher", "uk_addresses", types=ADDRESSES),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one tool came to on one set.

    Attributes:
        tool: str, its name.
        rows: by query type.
        about: dict of versions, note and threshold; empty when it failed.
        failed: str, its last line when it failed or could not be run; '' when it did not.
        seconds: float, how long all of it took, indexing included.
        outcomes: what came of each query.
    """

    tool: str
    rows: Mapping[str, Row] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""
    seconds: float = 0.0
    outcomes: Sequence[Outcome] = ()


def sampled(folder: Path, most: int | None, out: Path, types: Sequence[str] = EVERYTHING) -> Path:
    """Write a set with at most so many queries of these types each, spread evenly, to `out`; its records are linked to."""
    by_type: dict[str, list[str]] = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        type_ = json.loads(line)["type"]
        if type_ in types:
            by_type.setdefault(type_, []).append(line)
    out.mkdir(parents=True, exist_ok=True)
    kept = [line for lines in by_type.values() for line in spread(lines, most)]
    (out / "queries.jsonl").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    records = out / "records.jsonl"
    records.unlink(missing_ok=True)
    records.symlink_to((folder / "records.jsonl").resolve())
    return out


def spread(lines: Sequence[str], most: int | None) -> Sequence[str]:
    """Return at most so many, spread evenly; always the same ones."""
    if most is None or most >= len(lines):
        return lines
    return [lines[place * len(lines) // most] for place in range(most)]


def contest(
    folder: Path, rivals: Iterable[Rival], out: Path, venvs: Path, original: Path | None = None
) -> Iterator[Result]:
    """Run Discoverer and then each rival over one set.

    Args:
        folder: records.jsonl and queries.jsonl.
        rivals: which.
        out: where their files go, a folder each.
        venvs: where their environments stand.
        original: the generator's folder that a set was exported from; Discoverer reads its sources, not the export.
    """
    yield ours(folder, original)
    for rival in rivals:
        yield theirs(rival, folder, out / rival.name.replace(" ", "_"), venvs)


def ours(folder: Path, original: Path | None = None) -> Result:
    """Run Discoverer, in this process, over a set or over the generator's folder that a set was exported from."""
    start = time.perf_counter()
    # An index of its own each time: one kept from before would measure yesterday's code.
    with TemporaryDirectory() as state, opened(original or folder, SilentProgress(), Path(state) / "state") as found:
        result = answers(found, read_queries(folder / "queries.jsonl"))
    return replace(result, seconds=time.perf_counter() - start)


def answers(found: LabelledSet, queries: Iterable[Labelled]) -> Result:
    """Ask Discoverer by named fields the queries of an open set that are among these."""
    wanted = {query.qid for query in queries}
    asked = replace(found, queries=tuple(query for query in found.queries if query.qid in wanted))
    ((_, outcomes),) = measure(asked, SilentProgress(), ways=(Way.FIELDS,))
    about = {"versions": {"weights": load().version}, "note": "named fields, in-process", "threshold": "probable"}
    return Result(DISCOVERER, rows(outcomes, has_threshold=True), about, outcomes=outcomes)


def theirs(rival: Rival, folder: Path, out: Path, venvs: Path) -> Result:
    """Run one rival over the queries it is made for, in an environment and a process of its own."""
    lines = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    mine = [line for line in lines if json.loads(line)["type"] in rival.types]
    if not mine:
        return Result(rival.name)
    out.mkdir(parents=True, exist_ok=True)
    queries = out / "queries.jsonl"
    queries.write_text("".join(f"{line}\n" for line in mine), encoding="utf-8")
    start = time.perf_counter()
    try:
        python = python_of(HERE / "tools" / f"{rival.module}.txt", venvs)
        start = time.perf_counter()
        run(python, rival, folder / "records.jsonl", queries, out)
        outcomes, about = outcomes_of(out, read_queries(queries))
    except (NoEnvironment, Failed, ValueError) as error:
        return Result(rival.name, failed=str(error), seconds=time.perf_counter() - start)
    measured = rows(outcomes, has_threshold=about["threshold"] is not None)
    return Result(rival.name, measured, about, seconds=time.perf_counter() - start, outcomes=outcomes)


class Failed(Exception):
    """A rival stopped; says its last line."""


def run(python: Path, rival: Rival, records: Path, queries: Path, out: Path) -> None:
    """Run a rival's script.

    Raises:
        Failed: it ended with an error, or ran too long.
    """
    for name in ("results.jsonl", "about.json"):
        (out / name).unlink(missing_ok=True)
    command = [
        str(python),
        "-W",
        "ignore",
        "-m",
        f"tests.rivals.tools.{rival.module}",
        str(records),
        str(queries),
        str(out),
    ]
    command += [rival.way] if rival.way else []
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=rival.seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"stopped after {rival.seconds:,} seconds") from None
    if done.returncode:
        raise Failed(next(iter(done.stderr.strip().splitlines()[-1:]), f"exit code {done.returncode}"))
