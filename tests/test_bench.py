"""The benchmark: its clock, its memory watch, its kept parts and its tables by hand; then 2,000 records, all of it."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.errors import IndexUnavailable
from tests.dictionary_engine import DictionaryEngine
from tests.figures import bench, bench_build, bench_rivals, bench_table, growth, kept_parts, measuring, open_loop, scale
from tests.figures.kept_parts import Parts
from tests.figures.memory import watched
from tests.key_table import KeyTable

KEYS = st.text(st.characters() | st.sampled_from(["\x00", "~", "/", "\U0001f600", "\ud800"]), max_size=12)
# A sample of twenty moves by one query or two; the results that are committed are of larger ones.
SLACK = 0.1


def test_searches_arrive_by_the_clock_and_not_by_the_answers() -> None:
    due = open_loop.arrivals(5_000, rate=10.0, seed=1)
    assert due == sorted(due) == open_loop.arrivals(5_000, rate=10.0, seed=1)
    assert due[-1] == pytest.approx(500, rel=0.1)


def test_a_queue_counts_from_when_a_search_should_have_begun() -> None:
    """Ten searches due at once, one thread: each waits for those before it, which timing each alone would not show."""
    timed = open_loop.run(range(10), lambda _: time.sleep(0.01), due=[0.0] * 10, threads=1)
    assert [each.place for each in timed] == list(range(10))
    assert all(each.latency >= 0.01 * (each.place + 1) for each in timed)
    assert all(each.late >= 0.01 * each.place for each in timed)


def test_an_idle_service_is_asked_when_a_search_is_due_and_not_before() -> None:
    began: list[float] = []
    start = time.perf_counter()
    open_loop.run([0, 1], lambda _: began.append(time.perf_counter() - start), due=[0.05, 0.1], threads=2)
    assert began[0] >= 0.05 and began[1] >= 0.1


def test_a_search_that_fails_stops_the_loop_with_its_error() -> None:
    def ask(place: int) -> None:
        if place == 3:
            raise IndexUnavailable("The index is gone.")

    with pytest.raises(IndexUnavailable, match="gone"):
        open_loop.run(range(100), ask, due=[0.01 * place for place in range(100)], threads=2)


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is watched on Linux only")
def test_memory_is_that_of_a_process_and_all_it_started() -> None:
    hold = "import time; held = bytearray(b'x') * 60_000_000; time.sleep(1)"
    both = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; p.wait()"
    with subprocess.Popen([sys.executable, "-c", both]) as process, watched(process.pid) as most:
        process.wait()
    assert 110 < most[0] < 200


@settings(max_examples=30, deadline=None)
@given(documents=st.lists(st.sets(KEYS, max_size=8), max_size=30), limit=st.integers(0, 40))
def test_the_key_table_equals_the_dictionary(
    tmp_path_factory: pytest.TempPathFactory, documents: list[set[str]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("table")
    reference, writer = DictionaryEngine(), KeyTable().writer(folder)
    for keys in documents:
        reference.add(keys)
        writer.add(keys)
    writer.close()
    engine = KeyTable().open(folder)
    for key in {key for keys in documents for key in keys} | {"absent", ""}:
        assert engine.look_up(key, limit) == reference.look_up(key, limit)
    engine.close()


def test_a_folder_without_a_key_table_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="build again"):
        KeyTable().open(tmp_path)


CHANGES = [
    pytest.param("set", "code", False, False, True, id="nothing has changed: not done again"),
    pytest.param("another set", "code", False, True, False, id="what it was measured on has changed"),
    pytest.param("set", "other code", False, False, False, id="the code has changed"),
    pytest.param("set", "other code", False, True, True, id="the code has changed, but the part takes hours"),
    pytest.param("set", "code", True, True, False, id="all was asked for again"),
]


@pytest.mark.parametrize(("made_of", "code", "again", "lasting", "stands"), CHANGES)
def test_a_part_that_was_done_is_done_again_only_where_it_must_be(
    made_of: str, code: str, again: bool, lasting: bool, stands: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for runs, hashed in ((1, "code"), (2, code)):
        monkeypatch.setattr(kept_parts, "code", lambda hashed=hashed: {"commit": "1a2b3c", "hash": hashed})
        parts = Parts(tmp_path, again and runs == 2, lasting, said.append)
        part = parts.part("build", "set" if runs == 1 else made_of, lambda runs=runs: {"run": runs})  # type: ignore[misc]
    assert part["result"] == {"run": 1 if stands else 2}
    if code != "code":
        assert any("the code" in line for line in said)


@pytest.mark.parametrize(
    ("told", "rows", "peak", "rate"),
    [
        pytest.param(2.0, None, None, 50, id="seconds alone: a rate in records"),
        pytest.param({"seconds": 2.0, "rows": 300, "peak": 70}, 300, 70, 150, id="rows and memory: a rate in rows"),
        pytest.param({"seconds": 2.0, "rows": 0, "peak": 70}, None, 70, 50, id="a stage that counts nothing"),
    ],
)
def test_a_stage_is_read_from_the_manifest(told: object, rows: int | None, peak: int | None, rate: float) -> None:
    found = bench_build.stage("linking people", told, records=100)
    assert (found["rows"], found["peak_mb"], found["a_second"]) == (rows, peak, rate)


def summed(r1: float, r10: float, p50: float) -> dict[str, float]:
    return {"n": 10, "r1": r1, "r10": r10, "p50_ms": p50, "p95_ms": 2 * p50, "p99_ms": 3 * p50}


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        pytest.param((0.9, 1.0, 10), (0.8, 1.0, 30), "recall equal or higher; 3.0 times as fast", id="better"),
        pytest.param((0.7, 1.0, 10), (0.8, 1.0, 30), "BEHIND at 1; 3.0 times as fast", id="behind at 1"),
        pytest.param((0.8, 0.9, 10), (0.8, 1.0, 5), "BEHIND at 10; SLOWER, 2.0 times the time", id="behind and slower"),
    ],
)
def test_a_verdict_says_recall_first_and_then_time(
    ours: tuple[float, float, float], theirs: tuple[float, float, float], words: str
) -> None:
    assert bench_rivals.verdict({"ours": summed(*ours), "theirs": summed(*theirs)}) == words


def test_the_chart_holds_only_what_was_run_and_names_the_machine() -> None:
    sizes = {tier: invented(tier, bench.TIERS[tier].records, scale_) for tier, scale_ in (("50k", 1.0), ("1m", 1.3))}
    drawn = growth.chart(list(sizes.values()))
    texts = [each.text or "" for each in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - ours
    assert {"50k", "1m", "whoosh", "tantivy"} <= set(texts) and "10m" not in texts
    assert any("1,000,000 records: 2026-11-27; 2 cores (Test processor)" in text for text in texts)
    assert "No tier" in growth.chart([])


def test_doubling_is_told_per_doubling_whatever_lies_between() -> None:
    """From 50,000 to 1,000,000 the records double 4.3 times; what costs 20 times as much costs twice for each."""
    lines = list(scale.doubling(invented("50k", 50_000, 1.0), invented("1m", 1_000_000, 20.0)))
    assert lines and all(
        "times 2.00 for twice" in line and line.startswith("ok") for line in lines if "index" not in line
    )
    dear = list(scale.doubling(invented("25k", 25_000, 1.0), invented("50k", 50_000, 2.3)))
    assert any(line.startswith("FALLS SHORT") for line in dear)


def test_every_target_is_told_as_met_missed_or_not_run() -> None:
    asked = tomllib.loads(scale.TARGETS.read_text(encoding="utf-8"))["target"]
    lines = list(scale.targets([invented("1m", 1_000_000, 1.0)]))
    assert len(lines) == len(asked)
    assert all(line.startswith("NOT RUN") == ("10m" in line) for line in lines)


def invented(tier: str, records: int, times: float) -> dict[str, Any]:
    """Return what the benchmark tells of one tier, everything that grows being so many times as much."""
    machine = {
        "cores": 2,
        "processor": "Test processor",
        "memory_gib": 24,
        "system": "Linux",
        "python": "3.11",
        "sqlite": "3.40",
        "packages": {},
        "load_before": 0.0,
    }
    build = {
        "seconds": 60 * times,
        "processor_seconds": 60 * times,
        "peak_mb": 900 * times,
        "records": records,
        "records_a_second": 800.0,
        "bytes_a_record": 9_000.0,
    }
    times_of = {f"p{part}_ms": part * times for part in (50, 95, 99)}
    search = {
        "single": {"all": times_of},
        "processor_ms": 20 * times,
        "open_loop": {"types": {"all": times_of}},
    }
    dated = {"date": "2026-11-27T10:00+00:00", "machine": machine}
    engines = [
        {"engine": name, "build": {**dated, "result": build}, "search": {**dated, "result": search}}
        for name in ("whoosh", "tantivy")
    ]
    return {"tier": tier, "records": records, "machine": machine, "engines": engines, "beside": []}


def test_the_committed_tables_are_made_of_the_committed_results() -> None:
    for told in scale.read_results(bench.RESULTS):
        kept = (bench.RESULTS / f"{told['tier']}.md").read_text(encoding="utf-8").splitlines()
        assert kept == list(bench_table.lines(told))
    chart = bench.RESULTS / "growth.svg"
    if chart.exists():
        assert chart.read_text(encoding="utf-8") == growth.chart(growth.read(bench.RESULTS))


@pytest.fixture(scope="module")
def small_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Run the smallest tier, whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "OUT", tmp_path_factory.mktemp("out"))
        yield bench.bench("2k")


def test_the_whole_table_of_two_thousand_records_is_made(small_bench: dict[str, Any]) -> None:
    folder = measuring.ROOT
    engines = {each["engine"]: each for each in small_bench["engines"]}
    assert set(engines) == {*bench_build.ENGINES, "key_table"}
    for name, each in engines.items():
        assert each["unavailable"] or each["search"]["result"]["open_loop"]["searches"] == bench.TIERS["2k"].searches, (
            name
        )
    assert not engines["whoosh"]["unavailable"]
    assert 0.3 < small_bench["set"]["dirty"] / small_bench["set"]["queries"] < 0.5
    text = "\n".join(bench_table.lines(small_bench))
    assert all(f"## Engine: {name}" in text for name in engines)
    assert all(f"**{name}**" in text for name in bench_rivals.NAMES)
    assert str(folder) not in text, "no path of this machine"


def test_an_engine_finds_what_every_other_finds(small_bench: dict[str, Any]) -> None:
    found = {
        each["engine"]: {
            type_: (score["n"], score["r1"], score["r10"], score["wrong"])
            for type_, score in each["search"]["result"]["single"].items()
        }
        for each in small_bench["engines"]
        if each["search"]
    }
    assert len(found) > 1
    assert all(each == found["whoosh"] for each in found.values())


def test_no_rival_finds_more(small_bench: dict[str, Any]) -> None:
    """Ratios only. At 2,000 records a scan of everything is quicker than any index, so times are compared at 50,000."""
    ran = {part["result"]["tool"] for part in small_bench["rivals"] if not part["result"]["failed"]}
    if not ran:
        pytest.skip("the rivals' packages cannot be had here")
    pairs = small_bench["beside"]
    assert {pair["tool"] for pair in pairs} == ran | {bench_rivals.KEY_TABLE}
    assert [
        (pair["tool"], pair["type"], name)
        for pair in pairs
        for name in bench_rivals.REACHED
        if pair["ours"][name] is not None and pair["ours"][name] < pair["theirs"][name] - SLACK
    ] == []


def test_what_was_done_is_not_done_again(small_bench: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    again = bench.bench("2k")
    said = capsys.readouterr().err
    assert "measuring ..." not in said
    assert again["engines"] == small_bench["engines"] and again["beside"] == small_bench["beside"]


@pytest.mark.slow
def test_fifty_thousand_records_are_searched_faster_than_by_what_looks_at_everything() -> None:
    half, whole = bench.bench("25k"), bench.bench("50k")
    assert [line for line in scale.doubling(half, whole) if not line.startswith("ok")] == []
    exhaustive = {"rapidfuzz scan", "Whoosh fuzzy terms"}
    slower = [
        (pair["engine"], pair["tool"], pair["type"])
        for pair in whole["beside"]
        if pair["tool"] in exhaustive and pair["type"] != "phone" and pair["ours"]["p50_ms"] > pair["theirs"]["p50_ms"]
    ]
    assert slower == []
