"""The rivals: their scorer by hand-computed rows, each quick one on ten people, and how they fare on the invented set."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from discoverer.app import App
from discoverer.evaluation.labelled import LabelledSet, read_queries
from tests.figures import bench_rivals
from tests.rivals.contest import RIVALS, ROOT, Result, Rival, answers, sampled, theirs
from tests.rivals.environments import HERE, NoEnvironment, python_of
from tests.rivals.exchange import digits, fold
from tests.rivals.report import REPORT, RESULTS, read_kept, report
from tests.rivals.scoring import outcomes_of, rows
from tests.rivals.sets import generated
from tests.rivals.sets.layout import half_of, query, record, write_lines, write_set
from tests.rivals.table import as_markdown, as_text, failures, standings, table

VENVS = ROOT / "out" / "rivals" / "venvs"
QUICK = [rival for rival in RIVALS if rival.quick]
# What the benchmark of scale is held against: the quick ones, and one that is quick on ten people only.
SCALED = [rival for rival in RIVALS if rival.name in bench_rivals.NAMES]
CI_QUERIES = 25  # of each type
# A sample's recall moves by this much for one query or two; the committed results are of whole sets.
SLACK = 0.08

TEN = [
    record("1", names=["Shabana Bibi"], dob="1989-07-03", addresses=["Flat 2, 14 Hillaires Test Road, B23 6XX"]),
    record("2", names=["Shabnam Bibi"], dob="1971-01-02", addresses=["Flat 3, 14 Hillaires Test Road, B23 6XX"]),
    record("3", names=["Graeme Reid"], dob="1980-05-06", addresses=["17 Thornfold Test Road, Erdington"]),
    record("4", names=["Małgorzata Kowalska"], dob="1990-11-30", addresses=["3 Cobb Test Street, Walsall"]),
    record("5", names=["Siobhán O’Neill"], dob="1965-02-14", addresses=["55 Cobb Test Street, Walsall"]),
    record("6", names=["John Murphy"], dob="1950-01-01", addresses=["9 Withyridge Test Close, Northfield"]),
    record("7", names=["John Murphy"], dob="1982-08-09", addresses=["41 Withyridge Test Close, Northfield"]),
    record("8", names=["Axmed Cali Nuur"], dob="1977-03-21", addresses=["6 Spindle Test Way, Shard End"]),
    record("9", names=["Harpreet Kaur Gill"], dob="1993-12-12", addresses=["80 Brindle Test Lane, Willenhall"]),
    {**record("10", names=["Wei Li"]), "phones": ["07700 900417"]},
]
OBVIOUS = [
    query("name", "name", "shabana BIBI", ["1"], "ten"),
    query("slip", "name", "Greame Reid", ["3"], "ten"),
    query("accents", "name", "SIOBHAN ONEILL", ["5"], "ten"),
    query("birth", "name_dob", "John Murphy", ["7"], "ten", dob="1982-08-09"),
    query("address", "address", "flat 2, 14 Hilaires Test Road, B23 6XX", ["1"], "ten"),
    query("no postcode", "address_nopc", "55 Cobb Test St, Walsall", ["5"], "ten"),
    query("phone", "phone", "+44 (0)7700 900417", ["10"], "ten"),
]

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return what runs a rival over records and queries; where its packages cannot be had, the test says so."""

    def running(rival: Rival, records: Iterable[Any], queries: Iterable[Any]) -> Result:
        try:
            python_of(HERE / "tools" / f"{rival.module}.txt", VENVS)
        except NoEnvironment as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        folder = tmp_path_factory.mktemp(rival.module)
        write_lines(folder / "records.jsonl", records)
        write_lines(folder / "queries.jsonl", queries)
        return theirs(rival, folder, folder / "out", VENVS)

    return running


MIXED = [
    query("name and street", "mixture", "bibi shabana hilaires", ["1"], "ten"),
    query("name and birth", "mixture", "john murphy 09/08/1982", ["7"], "ten"),
    query("name and number", "mixture", "wei li 07700 900417", ["10"], "ten"),
]


@pytest.mark.parametrize("rival", list(dict.fromkeys((*QUICK, *SCALED))), ids=lambda rival: rival.name)
def test_a_quick_rival_gives_the_obvious_answers(rival: Rival, run: Run) -> None:
    asked = [each for each in OBVIOUS if each["type"] in rival.types]
    if not rival.way and rival.module == "pg_trgm":
        asked = [each for each in asked if each["type"] != "name_dob"]  # it does not look at the date of birth
    result = run(rival, TEN, asked)
    assert not result.failed
    first = {each.query.qid: each.records[0] for each in result.outcomes}
    assert first == {each["qid"]: each["expected"][0] for each in asked}
    assert set(result.about["versions"]) and result.seconds > 0


@pytest.mark.parametrize("rival", [each for each in SCALED if not each.way], ids=lambda rival: rival.name)
def test_a_mixture_is_held_against_all_that_a_record_says(rival: Rival, run: Run) -> None:
    result = run(replace(rival, types=("mixture",)), TEN, MIXED)
    assert not result.failed
    first = {each.query.qid: each.records[0] for each in result.outcomes}
    assert first == {each["qid"]: each["expected"][0] for each in MIXED}
    assert result.about["indexed"]["seconds"] >= 0  # a scan of ten people indexes nothing, in no time


def test_a_rival_that_crashes_is_reported_with_its_last_line(run: Run) -> None:
    scan = next(rival for rival in RIVALS if rival.module == "rapidfuzz_scan")
    result = run(scan, [{"id": "1"}], OBVIOUS)
    assert result.rows == {}
    assert result.failed == "KeyError: 'names'"
    assert list(failures([result])) == ["rapidfuzz scan FAILED: KeyError: 'names'"]
    assert list(table("ten", [result])) == []


def test_a_rival_that_runs_too_long_is_stopped(run: Run) -> None:
    result = run(replace(QUICK[0], seconds=0), TEN, OBVIOUS)
    assert (result.rows, result.failed) == ({}, "stopped after 0 seconds")


def test_packages_that_cannot_be_had_are_said_in_a_sentence(tmp_path: Path) -> None:
    wanted = tmp_path / "tool.txt"
    wanted.write_text(f"nothing @ {(tmp_path / 'nothing-1-py3-none-any.whl').as_uri()}\n", encoding="utf-8")
    with pytest.raises(NoEnvironment, match=r"the packages of tool\.txt cannot be installed here: ERROR: .+"):
        python_of(wanted, tmp_path / "venvs")


# What a rival wrote for five queries: right at once, right at two, acceptable at once, never, and something for nothing.
ASKED = [
    query("a", "name", "Wei Li", ["1"], "t"),
    query("b", "name", "Li Wei", ["1"], "t"),
    {**query("c", "name", "W Li", ["1"], "t"), "also_ok": ["2"]},
    query("d", "name", "Wai Lee", ["1"], "t"),
    query("e", "name", "Nobody", [], "t"),
]
WRITTEN = {
    "a": [("1", 0.9), ("2", 0.2)],
    "b": [("3", 0.5), ("1", 0.4)],
    "c": [("2", 0.8)],
    "d": [],
    "e": [("3", 0.3)],
}


def written(folder: Path, threshold: float | None, leave_out: str = "") -> Path:
    """Write those results as a rival does."""
    hits = ((qid, each) for qid, each in WRITTEN.items() if qid != leave_out)
    lines = ({"qid": qid, "hits": each, "seconds": 0.01 * n} for n, (qid, each) in enumerate(hits, 1))
    write_lines(folder / "results.jsonl", lines)
    about: dict[str, Any] = {"versions": {}, "note": "", "threshold": threshold}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    write_lines(folder / "queries.jsonl", ASKED)
    return folder


@pytest.mark.parametrize(
    ("threshold", "claimed"),
    [
        pytest.param(None, None, id="a tool without a threshold claims nothing that could be counted"),
        pytest.param(0.3, 1, id="a hit at the threshold is claimed"),
        pytest.param(0.31, 0, id="a hit under the threshold is not"),
    ],
)
def test_the_scorer_agrees_with_a_hand(threshold: float | None, claimed: int | None, tmp_path: Path) -> None:
    folder = written(tmp_path, threshold)
    outcomes, about = outcomes_of(folder, read_queries(folder / "queries.jsonl"))
    (row,) = rows(outcomes, has_threshold=about["threshold"] is not None).values()
    # At 1: a and, being acceptable, c. At 10: a and b. Reciprocal ranks: 1, 1/2, 0, 0. Times: 10 to 50 ms.
    assert (row.n, row.answerable, row.r1, row.r10, row.mrr) == (5, 4, 0.5, 0.5, 0.375)
    assert (row.absent, row.claimed) == (1, claimed)
    assert row.p50_ms == pytest.approx(30)
    assert row.p95_ms == pytest.approx(48)


def test_results_for_some_queries_only_are_no_results(tmp_path: Path) -> None:
    folder = written(tmp_path, None, leave_out="c")
    with pytest.raises(ValueError, match="4 results, 4 of them distinct, for 5 queries"):
        outcomes_of(folder, read_queries(folder / "queries.jsonl"))


@pytest.mark.parametrize(
    ("clean", "raw", "folded"),
    [
        pytest.param(fold, "Siobhán  O’Neill", "siobhan oneill", id="accents, apostrophes and blanks"),
        pytest.param(fold, "Małgorzata-Łucja", "malgorzata lucja", id="letters without a decomposition, hyphens"),
        pytest.param(digits, "+44 (0)7700 900417", "07700900417", id="country code"),
        pytest.param(digits, "O7700 9OO417", "07700900417", id="letters for noughts"),
        pytest.param(digits, "0121 440 4417", "01214404417", id="44 within a number stays"),
    ],
)
def test_what_rivals_are_given_is_folded(clean: Callable[[str], str], raw: str, folded: str) -> None:
    assert clean(raw) == folded


def test_a_set_is_split_in_halves_that_share_its_records(tmp_path: Path) -> None:
    asked = [query(f"q{n}", "name", "x", ["1"], "t") for n in range(100)]
    write_set(tmp_path / "set", TEN, asked)
    halves = [read_queries(tmp_path / f"set-{half}" / "queries.jsonl") for half in ("dev", "held")]
    assert sorted(each.qid for half in halves for each in half) == sorted(each["qid"] for each in asked)
    assert all(half_of(each.qid) == name for name, half in zip(("dev", "held"), halves, strict=True) for each in half)
    assert min(map(len, halves)) > 30


def test_discoverer_beside_the_quick_rivals_on_the_invented_set(
    small: App, tmp_path: Path, run: Run, record_property: Callable[[str, object], None]
) -> None:
    generated.make(tmp_path)
    folder = sampled(tmp_path / "generated", CI_QUERIES, tmp_path / "sample")
    lines = {name: list(_lines(folder / name)) for name in ("records.jsonl", "queries.jsonl")}
    whole = LabelledSet("generated", small, read_queries(folder / "queries.jsonl"), qualified=True)
    results = [answers(whole, whole.queries)]
    results += [run(rival, lines["records.jsonl"], lines["queries.jsonl"]) for rival in QUICK]
    assert not list(failures(results))
    stands = list(standings("generated", results))
    text = (*as_text(table("generated", results)), *map(str, stands))
    record_property("scoreboard", "\n".join(text))
    assert {each.type for each in stands} == {"name", "name_dob", "address", "address_nopc", "phone"}
    assert [str(each) for each in stands if each.ours < each.theirs - SLACK] == []
    markdown = list(as_markdown(table("generated", results)))
    assert all(any(result.tool in line for line in markdown) for result in results)


def test_the_committed_report_is_made_of_the_committed_results() -> None:
    sets = read_kept(RESULTS)
    assert {each.set for each in sets} >= {"gp_practices", "febrl4", "romanised", "town_errors"}
    assert REPORT.read_text(encoding="utf-8").splitlines() == list(report(sets))


def _lines(path: Path) -> Iterable[Any]:
    """Read JSON objects, one a line."""
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())
