"""`make figures AREA=linking`: one person, one history - every target with what was asked and got.

On 50,000 generated records, of a seed that no weight was fitted on, linked by the weights that come with Discoverer
(`linking` in its settings; not the default yet): by all links and by the exact rules alone. On the labelled set of
Splink's makers, where it is laid beside the project: against a Splink model tuned for that very set, in the same run.
Then the two figures a force is asked for, the patterns, the decisions and how fast a long history is shown. What is
counted is left in out/linking/.
"""

from __future__ import annotations

import csv
import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from discoverer.codec import encode
from discoverer.evaluation.linking import Pairs, lines, measure_linking, pairwise
from discoverer.evaluation.run import write
from discoverer.match.profiles import PersonProfile
from discoverer.normalise.dates import read_birth_date
from discoverer.normalise.names import read_names
from discoverer.settings import LINKING
from index.linking_model import load
from index.linking_types import Candidate
from index.progress import SilentProgress
from index.resolve import link
from tests.figures import show_speed
from tests.figures.measuring import OUT, generated, run, timed_build

RECORDS = 50_000
GENERATED = "linking-50k"
LABELLED = "fake_1000"
# Bits from which the tuned Splink joins, every half tried: it is shown at its best.
THRESHOLDS = [half / 2 for half in range(-8, 25)]
Rows = list[dict[str, str]]
PATTERNS = ("F05", "F08", "F09", "F10", "F11", "F12", "F13", "F16")
PERIOD = ("--from", "2018-01-01", "--to", "2018-12-31")


def judged(what: str, got: float, asked: float, *, least: bool = True) -> str:
    """Say whether one target is met."""
    holds = got >= asked if least else got <= asked
    return (
        f"{'ok         ' if holds else 'FALLS SHORT'} {what}: asked {'>=' if least else '<='} {asked:g}, got {got:.4f}"
    )


def on_generated() -> list[str]:
    """Measure the generated set; return a line for each target."""
    folder = generated(GENERATED, RECORDS)
    settings = folder / "discoverer.toml"
    if "linking =" not in (written := settings.read_text(encoding="utf-8")):
        settings.write_text(f'{written}linking = "{LINKING}"\n', encoding="utf-8")
    print("".join(timed_build(settings)), flush=True)
    figures = measure_linking(folder, SilentProgress())
    write(OUT / "linking" / "generated.json", encode(figures))
    print(*lines(figures), sep="\n", flush=True)
    numbers: dict[str, Any] = figures
    return [
        judged("generated, precision", numbers["precision"], 0.999),
        judged("generated, recall over linkable mentions", numbers["recall"], 0.95),
        judged("generated, twins put together", numbers["twins_merged"], 0, least=False),
        judged("generated, father and son put together", numbers["namesakes_merged"], 0, least=False),
    ]


def candidate(number: int, row: Mapping[str, str], today: date) -> Candidate:
    """Clean one row of the labelled set: its town is an area, its address of electronic mail a number to be reached by."""
    names = [name.tokens for name in read_names(f"{row['first_name']} {row['surname']}".strip())]
    birth = read_birth_date(row["dob"], today)
    profile = PersonProfile(
        names=tuple(names),
        births=(birth.value,) if birth else (),
        phones=(row["email"].lower(),) if row["email"] else (),
        areas=(row["city"].lower(),) if row["city"] else (),
    )
    return Candidate(number, "open", profile, ())


def f1(pairs: Pairs) -> float:
    """Return the harmonic mean of precision and recall."""
    total = pairs.precision + pairs.recall
    return 2 * pairs.precision * pairs.recall / total if total else 0.0


def components(numbers: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return number -> its component over some pairs."""
    parent = {number: number for number in numbers}

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for first, second in pairs:
        parent[root(first)] = root(second)
    return {number: root(number) for number in parent}


def tuned(rows: Rows, truth: Mapping[int, str]) -> tuple[float, Pairs]:
    """Return the best that plain Splink does with comparisons made for this set: (threshold in bits, pairs)."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE held (unique_id INT, first_name TEXT, surname TEXT, dob TEXT, city TEXT, email TEXT)"
    )
    columns = ("first_name", "surname", "dob", "city", "email")
    values = [(number, *(row[column] or None for column in columns)) for number, row in enumerate(rows)]
    connection.executemany("INSERT INTO held VALUES (?, ?, ?, ?, ?, ?)", values)
    comparisons: list[Any] = [
        cl.ForenameSurnameComparison("first_name", "surname"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "city"), block_on("surname"), block_on("email"), block_on("dob"),
        ],
    )  # fmt: skip
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register(connection.table("held")), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("dob", "surname")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("first_name", "surname"), block_on("dob"), block_on("email")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    name = linker.inference.predict(threshold_match_weight=min(THRESHOLDS)).physical_name
    found = connection.execute(f"SELECT unique_id_l, unique_id_r, match_weight FROM {name}").fetchall()
    tried = [
        (least, pairwise(components(truth, ((a, b) for a, b, bits in found if bits >= least)), truth))
        for least in THRESHOLDS
    ]
    return max(tried, key=lambda each: f1(each[1]))


def on_labelled(path: Path) -> list[str]:
    """Measure the labelled set against the tuned Splink; return a line for its target."""
    with path.open(encoding="utf-8", newline="") as file:
        rows: Rows = list(csv.DictReader(file))
    truth = {number: row["cluster"] for number, row in enumerate(rows)}
    people = [candidate(number, row, date(2025, 1, 1)) for number, row in enumerate(rows)]
    ours = pairwise(link(people, model=load(LINKING)).cells, truth)
    exact = pairwise(link(people).cells, truth)
    least, theirs = tuned(rows, truth)
    for name, pairs in (("weighed", ours), ("exact rules", exact), (f"tuned Splink at {least:g} bits", theirs)):
        print(f"  {LABELLED}, {name}: F1 {f1(pairs):.4f}, precision {pairs.precision:.4f}, recall {pairs.recall:.4f}")
    write(
        OUT / "linking" / f"{LABELLED}.json",
        encode({"weighed": asdict(ours), "exact": asdict(exact), "splink": asdict(theirs)}),
    )
    return [judged(f"{LABELLED}, F1 against tuned Splink's {f1(theirs):.4f}", f1(ours), f1(theirs) - 0.01)]


def histories() -> None:
    """Count what a force is asked for, and run what shows the patterns, the decisions and the speed."""
    config = str(OUT / GENERATED / "discoverer.toml")
    counted = [sys.executable, "-m", "discoverer", "--config", config, "policy", "figures", *PERIOD]
    print(subprocess.run(counted, check=True, capture_output=True, text=True).stdout, flush=True)
    for pattern in PATTERNS:
        run(f"pattern {pattern}", sys.executable, "-m", "pytest", "-q", "-k", pattern)
    run("who decides", sys.executable, "-m", "pytest", "-q", "tests/test_decisions.py", "tests/test_resolve.py")
    show_speed.main()


def main(data: Path) -> None:
    """Measure every set and print the targets."""
    logging.disable(logging.WARNING)
    (OUT / "linking").mkdir(parents=True, exist_ok=True)
    labelled = data / LABELLED / f"{LABELLED}.csv"
    outcomes = on_labelled(labelled) if labelled.is_file() else [f"not measured: there is no {labelled}"]
    print(*on_generated(), *outcomes, sep="\n", flush=True)
    histories()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
