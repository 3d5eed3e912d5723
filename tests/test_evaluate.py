"""The scoreboard: every metric worked out by hand beside what must not count, folders read or refused, floors held."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.errors import UsageError
from discoverer.evaluation import chart, linking, scoreboard
from discoverer.evaluation.asking import Outcome, Shown, Way
from discoverer.evaluation.board import LEAST, Board, board
from discoverer.evaluation.labelled import Labelled, is_unseen, made_of, read_queries
from discoverer.evaluation.run import refuse_places, spread
from discoverer.evaluation.scores import by_bits, by_level, percentile, score, upper_bound
from tests.conftest import SMALL
from tests.setups import complaint, run

ROOT = Path(__file__).resolve().parent.parent


def query(expected: str = "a", also_ok: str = "", must_not: str = "", **more: Any) -> Labelled:  # noqa: ANN401
    """Return a query whose right answers are single letters."""
    held = {"qid": "1", "type": "name", "box": "?", "fields": {"name": "?"}, **more}
    return Labelled(expected=frozenset(expected), also_ok=frozenset(also_ok), must_not=frozenset(must_not), **held)


def shown(*hits: str) -> tuple[Shown, ...]:
    """Return hits written '+ab': + stands for probable, ! for confirmed, ? for possible; each letter is a record."""
    levels = {"!": "confirmed", "+": "probable", "?": "possible"}
    return tuple(Shown(levels[hit[0]], 10.0 - place, tuple(hit[1:])) for place, hit in enumerate(hits))


def outcome(asked: Labelled, *hits: str, gathered: bool = True, seconds: float = 0.0) -> Outcome:
    """Return what came of a query."""
    return Outcome(asked, shown(*hits), gathered, seconds)


ONE = [
    pytest.param(query(), ["?a"], (1, 1, 1, 1, 0, 0), id="found first"),
    pytest.param(query(), ["?b", "?a"], (0, 1, 1, 1 / 2, 0, 0), id="found second"),
    pytest.param(query(), ["?bcdef", "?a"], (0, 0, 1, 1 / 6, 0, 0), id="records count, not hits"),
    pytest.param(query(), ["?b", "?bc", "?bca"], (0, 1, 1, 1 / 3, 0, 0), id="a record shown twice counts once"),
    pytest.param(query(), ["?bcdefghijka"], (0, 0, 0, 1 / 11, 0, 0), id="near miss: the eleventh"),
    pytest.param(query(), [], (0, 0, 0, 0, 0, 0), id="nothing shown"),
    pytest.param(query(also_ok="b"), ["?b", "?a"], (1, 1, 1, 1 / 2, 0, 0), id="also right: at 1"),
    pytest.param(query(also_ok="b"), ["?b"], (1, 0, 0, 0, 0, 0), id="also right: at 1 only"),
    pytest.param(query(also_ok="b"), ["?c", "?b"], (0, 0, 0, 0, 0, 0), id="near miss: also right, but second"),
    pytest.param(query(), ["+a", "+b"], (1, 1, 1, 1, 1, 0), id="wrong: a second hit called probable"),
    pytest.param(query(), ["!b"], (0, 0, 0, 0, 1, 0), id="wrong: called confirmed"),
    pytest.param(query(), ["?a", "?b"], (1, 1, 1, 1, 0, 0), id="near miss: only possible is not wrong"),
    pytest.param(query(), ["+ba"], (0, 1, 1, 1 / 2, 0, 0), id="near miss: a right record in it"),
    pytest.param(query(also_ok="b"), ["+b", "+a"], (1, 1, 1, 1 / 2, 0, 0), id="near miss: acceptable is not wrong"),
    pytest.param(query(must_not="z"), ["+az"], (1, 1, 1, 1, 0, 1), id="forbidden, in a right hit above possible"),
    pytest.param(query(must_not="z"), ["+a", "?z"], (1, 1, 1, 1, 0, 0), id="near miss: forbidden, but only possible"),
    pytest.param(query(""), ["?b"], (None, None, None, None, 0, 0), id="absent, and nothing called probable"),
    pytest.param(query(""), ["+b"], (None, None, None, None, 1, 0), id="absent, and somebody called probable"),
    pytest.param(
        query("", also_ok="b"), ["+b"], (None, None, None, None, 0, 0), id="absent, with an acceptable record"
    ),
]


@pytest.mark.parametrize(("asked", "hits", "figures"), ONE)
def test_one_query_counts_as_worked_out_by_hand(asked: Labelled, hits: list[str], figures: tuple[Any, ...]) -> None:
    got = score([outcome(asked, *hits)])
    assert (got.r1, got.r5, got.r10, got.mrr, got.wrong, got.must_not) == figures


def test_a_group_is_the_mean_of_its_answerable_queries_and_its_counts_are_of_all() -> None:
    many = [
        outcome(query(), "?a"),
        outcome(query(), "?b", "?a"),
        outcome(query(), "+b"),
        outcome(query(), gathered=False),
        outcome(query(""), "+c"),
    ]
    got = score(many)
    assert (got.n, got.answerable, got.r1, got.r10, got.mrr) == (5, 4, 1 / 4, 2 / 4, 1.5 / 4)
    assert (got.candidates, got.ranking, got.wrong) == (3 / 4, 2 / 3, 2)


BOUNDS = [
    pytest.param(0, 10, 1 - 0.05 ** (1 / 10), id="none of ten: the closed form"),
    pytest.param(0, 3_000, 1 - 0.05 ** (1 / 3_000), id="none of 3,000: about three in 3,000"),
    pytest.param(1, 20, 0.2161, id="one of twenty"),
    pytest.param(5, 100, 0.1023, id="five of a hundred"),
    pytest.param(9, 10, 0.95 ** (1 / 10), id="all but one: the closed form"),
    pytest.param(10, 10, 1.0, id="all"),
    pytest.param(0, 0, 1.0, id="of nothing nothing is known"),
]


@pytest.mark.parametrize(("wrong", "n", "bound"), BOUNDS)
def test_the_upper_bound_is_that_of_clopper_and_pearson(wrong: int, n: int, bound: float) -> None:
    assert math.isclose(upper_bound(wrong, n), bound, abs_tol=5e-5)


@settings(deadline=None)  # how long it takes says nothing here
@given(st.integers(0, 40), st.integers(1, 400))
def test_the_upper_bound_falls_as_more_are_asked_and_rises_as_more_are_wrong(wrong: int, more: int) -> None:
    n = wrong + more
    here = upper_bound(wrong, n)
    assert wrong / n < here <= 1
    assert upper_bound(wrong, n + 1) < here < upper_bound(wrong + 1, n + 1)


LETTERS = "abcdefghijklmnop"
ANSWERS = st.lists(st.tuples(st.sampled_from("!+?"), st.text(LETTERS, min_size=1)).map("".join), max_size=6)
SETS = st.sets(st.sampled_from(LETTERS), max_size=3).map("".join)


@settings(deadline=None)
@given(st.lists(st.tuples(SETS, SETS, ANSWERS), min_size=1, max_size=8))
def test_whatever_is_answered_the_metrics_keep_their_order(made: list[tuple[str, str, list[str]]]) -> None:
    plain = [outcome(query(expected), *hits) for expected, _, hits in made]
    found = [replace(each, gathered=not each.query.expected.isdisjoint(each.records)) for each in plain]
    got = score(found)
    if got.r1 is not None:
        assert 0 <= got.r1 <= (got.r5 or 0) <= (got.r10 or 0) <= (got.candidates or 0) <= 1
        assert got.r1 <= (got.mrr or 0) <= (got.candidates or 0)
    assert got.wrong / got.n <= got.wrong_bound <= 1
    lenient = score([outcome(query(expected, also_ok), *hits) for expected, also_ok, hits in made])
    assert lenient.wrong <= got.wrong and (lenient.r1 or 0) >= (got.r1 or 0) and lenient.r10 == got.r10
    recalls = [cut.recall for cut in by_bits(found)]
    assert recalls == sorted(recalls, reverse=True)
    assert [cut.recall for cut in by_level(found)] == sorted(cut.recall for cut in by_level(found))


def test_a_percentile_is_of_the_values_there_are() -> None:
    assert (percentile([], 50), percentile([7.0], 99), percentile([1.0, 2.0, 3.0], 50)) == (0.0, 7.0, 2.0)


def many(naming: str, right: int, missed: int) -> list[Outcome]:
    """Return queries of one naming class, some found and some not."""
    asked = [query(naming=naming, qid=f"{naming}{place}") for place in range(right + missed)]
    return [outcome(each, "?a" if place < right else "?b") for place, each in enumerate(asked)]


WORST = [
    pytest.param([("polish", 28, 2), ("irish", 29, 1)], "polish", id="the lowest recall"),
    pytest.param([("polish", LEAST - 2, 1), ("irish", 29, 1)], "irish", id="near miss: lower, but too few to tell"),
    pytest.param([("polish", 1, 1)], "", id="too few in every group"),
    pytest.param([("polish", 30, 0), ("irish", 28, 0)], "", id="a group that misses nothing is not worse than another"),
]


@pytest.mark.parametrize(("groups", "worst"), WORST)
def test_the_worst_group_is_told_where_there_are_enough(groups: list[tuple[str, int, int]], worst: str) -> None:
    made = board("set", Way.BOX, [each for group in groups for each in many(*group)], 999)
    table = made.table("class")
    assert table is not None and table.marked == worst and table.worst in (worst, "polish")
    assert set(table.scores) == {naming for naming, *_ in groups}
    said = "\n".join(scoreboard.lines(made))
    assert (f"{worst}" in said and "< worst" in said) if worst and len(groups) > 1 else "< worst" not in said
    assert ("in the worst, " in said) == bool(worst)
    assert "of 999 queries" in said


def test_a_group_missed_at_one_only_is_told_as_the_worst() -> None:
    asked = [query(naming="polish", qid=str(place)) for place in range(LEAST)]
    made = board("set", Way.BOX, [outcome(each, "?x", "?a") for each in asked], LEAST)
    table = made.table("class")
    assert table is not None and table.scores["polish"].r10 == 1.0 and table.marked == "polish"


def test_the_legend_explains_every_heading_and_row_that_is_no_name() -> None:
    said = "\n".join(scoreboard.lines(a_board()))
    heads = {"r@1": "r@k", "r@5": "r@k", "r@10": "r@k", "mrr": "mrr", "p50 ms": "p50", "p95": "p50", "p99": "p50"}
    for head in (
        "n",
        "answ.",
        "r@1",
        "r@5",
        "r@10",
        "mrr",
        "cand.",
        "rank.",
        "wrong",
        "<= 95%",
        "must not",
        "p50 ms",
        "p95",
        "p99",
        "first hit at least",
    ):
        assert head in said and heads.get(head, head) in scoreboard.LEGEND, head
    for word in ("also_ok", "F01 to F19", "M01 to M13", "< worst", "plan.json", "--state"):
        assert word in scoreboard.LEGEND


def test_a_query_stands_in_every_group_it_belongs_to_and_in_no_other() -> None:
    asked = query(tier="dirty", pattern="F01", dirt=("a", "b", "a"), unseen=True)
    made = board("set", Way.FIELDS, [outcome(asked, "?a"), outcome(query(), "?a")], 2)
    groups = {table.kind: {group: each.n for group, each in table.scores.items()} for table in made.tables}
    assert groups == {
        "type": {"all": 2, "name": 2},
        "tier": {"dirty": 1},
        "pattern": {"F01": 1},
        "dirt": {"a": 1, "b": 1},
        "spelling": {"unseen": 1},
    }


def test_unseen_spellings_of_streets_are_counted_apart_from_those_of_names() -> None:
    types = {"name": True, "name_dob": False, "address_nopc": True}
    made = board("set", Way.BOX, [outcome(query(type=each, unseen=unseen)) for each, unseen in types.items()], 3)
    table = made.table("spelling")
    assert table is not None and set(table.scores) == {"unseen", "known", "unseen street"}


UNSEEN = [
    pytest.param([["Mohammed", "Muhammad"]], False, id="a spelling in the lists"),
    pytest.param([["Mohammed", "MOHAMMED"]], False, id="the same but for its case"),
    pytest.param([["Mohammed", "Mohzzammed"]], True, id="a spelling nobody listed"),
    pytest.param([["Mohammed", "Muhammad"], ["Khan", "Qxan"]], True, id="one of two is enough"),
]


@pytest.mark.parametrize(("pairs", "unseen"), UNSEEN)
def test_a_spelling_is_unseen_when_no_list_of_the_matcher_joins_it(pairs: list[list[str]], unseen: bool) -> None:
    assert is_unseen(pairs) is unseen


READ = [
    pytest.param({"type": "phone", "text": "1"}, {"phone": "1"}, "1", id="by its type"),
    pytest.param({"type": "address_nopc", "text": "1 A Rd"}, {"address": "1 A Rd"}, "1 A Rd", id="without postcode"),
    pytest.param(
        {"type": "name_dob", "text": "li wei", "dob": "1989-07-03"}, {"name": "li wei", "dob": "1989-07-03"},
        "li wei 03/07/1989", id="a name and a date",
    ),
    pytest.param(
        {"type": "name", "text": "li wei", "dob": "1989-07-03"}, {"dob": "1989-07-03"}, "li wei",
        id="a field that is named stands alone",
    ),
    pytest.param({"type": "name_dob", "text": "li wei", "dob": None}, {"name": "li wei"}, "li wei", id="no date"),
    pytest.param(
        {"type": "name_dob", "text": "li 03/07/1989", "name": "li", "dob": "03/07/1989"},
        {"name": "li", "dob": "03/07/1989"}, "li 03/07/1989", id="fields named: the box is as typed",
    ),
    pytest.param({"type": "mixture", "text": "li b23"}, {}, "li b23", id="one box only"),
    pytest.param({"type": "text", "text": "a\u2028b"}, {}, "a\u2028b", id="a line separator inside a text"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "fields", "box"), READ)
def test_a_query_is_read_both_ways(tmp_path: Path, line: dict[str, Any], fields: dict[str, str], box: str) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text(
        json.dumps({"qid": "1", "expected": [], "wm": False, **line}, ensure_ascii=False) + "\n\n", encoding="utf-8"
    )
    (found,) = read_queries(path)
    assert (found.fields, found.box) == (fields, box)


def test_what_may_be_found_is_never_forbidden(tmp_path: Path) -> None:
    line = {"qid": "1", "type": "name", "text": "x", "expected": ["a"], "also_ok": ["b"], "must_not": ["a", "b", "c"]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (found,) = read_queries(tmp_path / "queries.jsonl")
    assert found.must_not == {"c"}


def test_fewer_queries_are_spread_over_all_of_them() -> None:
    queries = [query(qid=str(place)) for place in range(10)]
    assert [each.qid for each in spread(queries, 3)] == ["0", "3", "6"]
    assert spread(queries, 10) == spread(queries, 99) == spread(queries, None) == queries


RECORDS: Sequence[dict[str, Any]] = (
    {"id": "1", "names": ["Shabana Bibi"], "dob": "1989-07-03", "addresses": [], "phones": ["07700 900417"]},
    {
        "id": "2",
        "names": ["Leanne Quibell"],
        "dob": None,
        "addresses": ["14 Hillaires Test Road, B23 6XX"],
        "phones": [],
    },
)
QUERIES: Sequence[dict[str, Any]] = (
    {"qid": "p", "type": "phone", "text": "07700900417", "expected": ["1"], "tier": "clean"},
    {"qid": "a", "type": "address", "text": "14 hillaires test rd b23 6xx", "expected": ["2"], "tier": "clean"},
    {"qid": "d", "type": "name_dob", "text": "shabana bibi", "dob": "1989-07-03", "expected": ["1"], "tier": "clean"},
    {"qid": "m", "type": "mixture", "text": "bibi 07700 900417", "expected": ["1"], "tier": "clean"},
    {"qid": "n", "type": "address", "text": "14 Hillaires Test Road B23 6XX", "expected": [], "tier": "absent"},
    {"qid": "u", "type": "name", "text": "UNKNOWN MALE", "expected": ["2"], "tier": "clean"},
)


def write_set(folder: Path, queries: Sequence[object] = QUERIES, records: Sequence[dict[str, Any]] = RECORDS) -> Path:
    """Write a labelled set; a query that is text already is a line as it stands."""
    folder.mkdir(exist_ok=True)
    lines = [each if isinstance(each, str) else json.dumps(each) for each in queries]
    (folder / "queries.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "records.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the index of RECORDS is kept between tests."""
    return tmp_path_factory.mktemp("evaluated") / "state"


def evaluate(folder: Path, state: Path, *options: str) -> Any:  # noqa: ANN401 - click's result
    """Run the command on a folder whose index is kept in `state`."""
    return run(None, "evaluate", str(folder), "--state", str(state), *options)


def test_a_labelled_set_is_measured_both_ways_and_every_look_recorded(tmp_path: Path, state: Path) -> None:
    folder = write_set(tmp_path / "set")
    figures, misses, page = (str(tmp_path / name) for name in ("f.json", "m.jsonl", "c.html"))
    result = evaluate(folder, state, "--json", figures, "--misses", misses, "--chart", page)
    assert result.exit_code == 0, result.stderr
    fields, box = json.loads(Path(figures).read_text(encoding="utf-8"))
    assert (fields["way"], fields["asked"], box["way"], box["asked"]) == ("fields", 5, "box", 6)
    for way, types in ((fields, ("phone", "address", "name_dob")), (box, ("phone", "address", "name_dob", "mixture"))):
        scores = way["tables"][0]["scores"]
        assert [scores[each]["r1"] for each in types] == [1.0] * len(types)
        assert (scores["name"]["refused"], scores["name"]["candidates"]) == (1, 0.0)
        assert way["tables"][1]["scores"]["absent"]["wrong"] == 1, "the place is there, and nothing should be"
    missed = [json.loads(line) for line in Path(misses).read_text(encoding="utf-8").splitlines()]
    assert {(each["qid"], each["way"]) for each in missed} == {(q, w) for q in "nu" for w in ("fields", "box")}
    assert "set, as named fields: 5 queries" in result.stdout and "1 query was refused" in result.stdout
    looks = "".join(path.read_text(encoding="utf-8") for path in (state / "set" / "audit").iterdir())
    assert looks.count('"action":"evaluate"') >= 9


def test_one_way_and_fewer_queries_can_be_asked_for(tmp_path: Path, state: Path) -> None:
    result = evaluate(write_set(tmp_path / "set"), state, "--as", "box", "--limit-queries", "2")
    assert "through the one box: 2 of 6 queries" in result.stdout
    assert "named fields" not in result.stdout


CROWD = 40


def test_what_retrieval_gathered_is_told_apart_from_what_was_ranked(tmp_path: Path) -> None:
    names = [
        {"id": str(each), "names": ["Asif Khan"], "dob": None, "addresses": [], "phones": []} for each in range(CROWD)
    ]
    names.append({"id": "far", "names": ["Leanne Quibell"], "dob": None, "addresses": [], "phones": []})
    folder = write_set(
        tmp_path / "crowd",
        [
            {"qid": "in", "type": "name", "text": "asif khan", "expected": ["0"]},
            {"qid": "cut", "type": "name", "text": "asif khan", "expected": [str(CROWD - 1)]},
            {"qid": "away", "type": "name", "text": "asif khan", "expected": ["far"]},
        ],
        names,
    )
    figures = tmp_path / "figures.json"
    assert run(None, "evaluate", str(folder), "--json", str(figures)).exit_code == 0
    for way in json.loads(figures.read_text(encoding="utf-8")):
        got = way["tables"][0]["scores"]["all"]
        assert [round(got[each], 3) for each in ("r10", "candidates", "ranking")] == [0.333, 0.667, 0.5]


FLOOR = '[fields.type.phone]\nr1 = 1.0\nwrong = 0\nwhy = "the number is held"\ndate = 2026-11-23\n'
FLOORS = [
    pytest.param(FLOOR, [], id="floors that hold"),
    pytest.param(
        FLOOR.replace("type.phone", "tier.absent").replace("r1 = 1.0\n", ""),
        ["set, fields, tier absent, wrong: at most 0 was asked, 1 was got."], id="too many wrong",
    ),
    pytest.param(
        FLOOR.replace("type.phone", "type.all"),
        ["fields, type all, r1: at least 1 was asked, 0.75 was got.", "type all, wrong: at most 0 was asked, 1 was got."],
        id="two at once",
    ),
    pytest.param(
        FLOOR.replace("type.phone", "type.telex"), ["type telex, r1: at least 1 was asked, nothing of that group was"],
        id="a group that is not there",
    ),
    pytest.param(FLOOR.replace("type", "pattern"), ["pattern phone, r1"], id="a kind that is not there"),
    pytest.param(FLOOR.replace("type.phone", "tier.worst"), ["tier worst (the worst), r1"], id="no group large enough"),
    pytest.param(FLOOR.replace("type.phone", "tier.absent").replace("wrong = 0\n", ""), ["r1"], id="nothing answerable"),
]  # fmt: skip


@pytest.mark.parametrize(("floors", "broken"), FLOORS)
def test_floors_hold_or_are_said_to_be_broken(tmp_path: Path, state: Path, floors: str, broken: list[str]) -> None:
    (tmp_path / "floors.toml").write_text(floors, encoding="utf-8")
    folder = write_set(tmp_path / "set")
    result = evaluate(folder, state, "--as", "fields", "--floors", str(tmp_path / "floors.toml"))
    assert "as named fields" in result.stdout, "the table is printed either way"
    if not broken:
        assert result.exit_code == 0, result.stderr
        return
    said = complaint(result, 9)
    assert all(each in said for each in broken), said


NOT_FLOORS = [
    pytest.param("", "holds no floor", id="empty"),
    pytest.param(FLOOR.replace("r1", "r2"), "'fields.type.phone.r2' is not a known name", id="no such metric"),
    pytest.param(FLOOR.replace("fields", "voice"), "'voice' is not a known name", id="no such way"),
    pytest.param(FLOOR.replace("1.0", "1.5"), "less than or equal to 1", id="more than all"),
    pytest.param("\n".join(FLOOR.splitlines()[:3]), "'fields.type.phone.why' is missing", id="without a reason"),
]


@pytest.mark.parametrize(("floors", "said"), NOT_FLOORS)
def test_a_floors_file_with_a_mistake_is_refused_before_anything_is_asked(
    tmp_path: Path, state: Path, floors: str, said: str
) -> None:
    (tmp_path / "floors.toml").write_text(floors, encoding="utf-8")
    result = evaluate(write_set(tmp_path / "set"), state, "--floors", str(tmp_path / "floors.toml"))
    assert said in complaint(result, 3) and not result.stdout


def without(key: str) -> dict[str, Any]:
    """Return a query that lacks a member."""
    return {name: value for name, value in QUERIES[0].items() if name != key}


BAD_QUERIES = [
    pytest.param([], 2, "holds no query", id="no query"),
    pytest.param([QUERIES[0], "{half"], 2, "line 2 is not a JSON object", id="half a line"),
    pytest.param(["[1]"], 2, "line 1 is not a JSON object", id="a list"),
    pytest.param([QUERIES[0], "", QUERIES[0]], 2, "line 3: the qid 'p' stands twice", id="the same qid"),
    pytest.param([without("expected")], 3, "line 1 has 1 mistake: (1) 'expected' is missing", id="no truth"),
    pytest.param([{**QUERIES[0], "type": "all"}], 2, "line 1: no group may be called 'all'", id="a type that is all"),
    pytest.param([{**QUERIES[0], "dirt": ["x", "worst"]}], 2, "may be called 'worst'", id="a dirt that is the worst"),
    pytest.param([{**QUERIES[0], "class": "\ud800"}], 2, "line 1 holds half a character", id="half a class"),
    pytest.param([{**QUERIES[0], "other": {"\udfff": 1}}], 2, "line 1 holds half a character", id="half a member"),
    pytest.param([{**QUERIES[0], "text": ""}], 3, "'text'", id="nothing asked"),
    pytest.param([{**QUERIES[0], "expected": ["1", 2]}], 3, "'expected.1'", id="an id that is no text"),
    pytest.param(
        [{**QUERIES[0], "expected": ["1", "8"]}, {**QUERIES[1], "expected": ["9"]}], 2,
        "set: 2 of the ids that queries expect name no record of the index, the first '8'", id="a truth nobody holds",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("queries", "code", "said"), BAD_QUERIES)
def test_queries_that_cannot_be_used_are_refused_in_one_sentence(
    tmp_path: Path, state: Path, queries: list[object], code: int, said: str
) -> None:
    assert said in complaint(evaluate(write_set(tmp_path / "set", queries), state), code)


def _no_queries(folder: Path) -> None:
    (folder / "queries.jsonl").unlink()


def _no_records(folder: Path) -> None:
    (folder / "records.jsonl").unlink()


def _not_utf8(folder: Path) -> None:
    (folder / "queries.jsonl").write_bytes(b'{"qid": "\xff"}')


def _a_folder(folder: Path) -> None:
    (folder / "queries.jsonl").unlink()
    (folder / "queries.jsonl").mkdir()


def _a_pipe(folder: Path) -> None:
    (folder / "queries.jsonl").unlink()
    os.mkfifo(folder / "queries.jsonl")


def _an_endless_device(folder: Path) -> None:
    (folder / "queries.jsonl").unlink()
    (folder / "queries.jsonl").symlink_to("/dev/zero")


BAD_FOLDERS = [
    pytest.param(_a_pipe, "cannot be read (it is no regular file)", id="a pipe instead"),
    pytest.param(_an_endless_device, "cannot be read (it is no regular file)", id="a device instead"),
    pytest.param(_no_queries, "has no queries.jsonl", id="no queries"),
    pytest.param(_no_records, "neither records.jsonl nor discoverer.toml", id="no records"),
    pytest.param(_not_utf8, "is not UTF-8", id="not UTF-8"),
    pytest.param(_a_folder, "cannot be read", id="a folder instead"),
]


@pytest.mark.parametrize(("spoil", "said"), BAD_FOLDERS)
def test_a_folder_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, state: Path, spoil: Callable[[Path], None], said: str
) -> None:
    folder = write_set(tmp_path / "set")
    spoil(folder)
    assert said in complaint(evaluate(folder, state), 2)


def test_a_place_that_cannot_be_written_is_said_and_costs_no_table(tmp_path: Path, state: Path) -> None:
    folder = write_set(tmp_path / "set")
    result = evaluate(folder, state, "--as", "fields", "--json", str(tmp_path / "no" / "f.json"))
    assert "cannot be written" in complaint(result, 2)
    assert "as named fields" in result.stdout


def test_a_broken_floor_is_said_and_decides_though_a_file_is_refused(tmp_path: Path, state: Path) -> None:
    folder, floors, misses = write_set(tmp_path / "set"), tmp_path / "floors.toml", tmp_path / "m.jsonl"
    floors.write_text(FLOOR.replace("type.phone", "type.all"), encoding="utf-8")
    given = ("--floors", str(floors), "--json", str(tmp_path / "no" / "f.json"), "--misses", str(misses))
    result = evaluate(folder, state, "--as", "fields", *given)
    refused, broken = result.stderr.strip().splitlines()
    assert result.exit_code == 9 and "cannot be written" in refused and "type all, r1: at least 1" in broken
    assert misses.read_text(encoding="utf-8") and "as named fields" in result.stdout, "the others are written"


def _a_link(folder: Path) -> Path:
    link = folder.parent / "link"
    link.symlink_to(folder / "records.jsonl")
    return link


def _another_name(folder: Path) -> Path:
    os.link(folder / "queries.jsonl", folder.parent / "same")
    return folder.parent / "same"


OWN = [
    pytest.param(lambda folder: folder / "queries.jsonl", "is part of what is measured", id="the queries"),
    pytest.param(lambda folder: folder / "." / "records.jsonl", "is part of what is measured", id="the records"),
    pytest.param(_a_link, "is part of what is measured", id="a link to the records"),
    pytest.param(_another_name, "is part of what is measured", id="another name of the queries"),
    pytest.param(lambda folder: folder.parent / "floors.toml", "is part of what is measured", id="the floors"),
    pytest.param(lambda folder: folder.parent / "m.jsonl", "is named for two outputs", id="two outputs in one place"),
]


@pytest.mark.parametrize(("place", "said"), OWN)
def test_figures_are_never_written_over_what_they_are_taken_from(
    tmp_path: Path, state: Path, place: Callable[[Path], Path], said: str
) -> None:
    folder, floors = write_set(tmp_path / "set"), tmp_path / "floors.toml"
    floors.write_text(FLOOR, encoding="utf-8")
    before = [path.read_bytes() for path in (*sorted(folder.iterdir()), floors)]
    given = ("--floors", str(floors), "--misses", str(tmp_path / "m.jsonl"), "--chart", str(place(folder)))
    result = evaluate(folder, state, *given)
    assert said in complaint(result, 2) and not result.stdout
    assert [path.read_bytes() for path in (*sorted(folder.iterdir()), floors)] == before


def test_sources_of_a_generated_set_are_its_own_and_a_new_file_beside_them_is_not() -> None:
    own = made_of(SMALL)
    for name in ("discoverer.toml", "incidents.sqlite", "domestic_abuse/new.xml", "sources/custody.toml"):
        with pytest.raises(UsageError, match="is part of what is measured"):
            refuse_places([SMALL / name], own)
    refuse_places([SMALL / "chart.html", SMALL / "misses.jsonl"], own)


def test_a_kept_index_is_used_while_it_is_true_and_built_anew_when_the_records_are_others(tmp_path: Path) -> None:
    folder, kept = write_set(tmp_path / "set", QUERIES[:1]), tmp_path / "kept"

    def builds() -> set[str]:
        return {path.name for path in (kept / "set" / "builds").iterdir() if path.is_dir()}

    first = evaluate(folder, kept)
    made = builds()
    assert first.exit_code == 0 and "built anew" not in first.stderr
    again = evaluate(write_set(tmp_path / "set", [{**QUERIES[0], "qid": "other"}]), kept)
    assert (again.exit_code, builds()) == (0, made) and "built anew" not in again.stderr
    other = [{**RECORDS[0], "phones": ["07700 900999"]}, RECORDS[1]]
    (tmp_path / "floors.toml").write_text(FLOOR, encoding="utf-8")
    changed = evaluate(write_set(tmp_path / "set", QUERIES[:1], other), kept, "--floors", str(tmp_path / "floors.toml"))
    assert changed.exit_code == 9 and "so it is built anew" in " ".join(changed.stderr.split())
    (kept / "set" / "made-of.sha256").unlink()
    assert "built anew" in " ".join(evaluate(folder, kept).stderr.split()), "a build cut short leaves no mark"


def test_whoever_stops_reading_the_table_still_has_the_files(tmp_path: Path) -> None:
    folder, figures = write_set(tmp_path / "set"), tmp_path / "figures.json"
    command = [sys.executable, "-m", "discoverer", "evaluate", str(folder), "--json", str(figures)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        assert reader.stdout is not None
        reader.stdout.close()
        reader.wait(timeout=60)
    assert json.loads(figures.read_text(encoding="utf-8"))


class _Page(HTMLParser):
    """Collects the tags of a page and checks that they close as they opened."""

    VOID = ("meta", "rect", "line", "polyline")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def a_board() -> Board:
    return board("<set>", Way.BOX, [*many("polish", 28, 2), *many("irish & others", 30, 0)], 60)


def test_the_chart_is_one_sound_page_that_fetches_and_runs_nothing() -> None:
    made = chart.page([a_board(), replace(a_board(), way=Way.FIELDS)])
    read = _Page()
    read.feed(made)
    assert not read.open
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert not re.search(r"https?:|@import|url\((?!#)", made)
    assert "<set>" in read.text and "irish & others" in read.text, "names are escaped"


def test_the_chart_says_in_words_and_in_a_table_what_it_draws() -> None:
    made = chart.page([a_board()])
    read = _Page()
    read.feed(made)
    assert "0.933 (at 1: 0.933) WORST" in read.text and "polish (worst)" in read.text
    assert made.count('fill="url(#hatch)"') == 2, "the worst of both tables is hatched, not coloured only"
    assert made.count("aria-label=") == made.count("<svg viewBox") == 3
    assert made.count("<table>") == 4


def test_a_board_without_an_answer_can_be_drawn_too() -> None:
    read = _Page()
    read.feed(chart.page([board("set", Way.BOX, [outcome(query(""))], 1)]))
    assert not read.open and "set" in read.text and "NaN" not in read.text


LINKING_ALONE = [
    pytest.param(["--floors", "none.toml"], "--floors", id="floors that would never be looked at"),
    pytest.param(["--chart", "c.html"], "--chart", id="a chart that would not be drawn"),
    pytest.param(["--misses", "m.jsonl"], "--misses", id="misses that would not be written"),
    pytest.param(["--as", "both"], "--as", id="a way of asking"),
    pytest.param(["--limit-queries", "5", "--floors", "f"], "--floors, --limit-queries", id="two at once"),
]


@pytest.mark.parametrize(("args", "named"), LINKING_ALONE)
def test_linking_refuses_what_it_would_pass_over(args: list[str], named: str, tmp_path: Path) -> None:
    given = [str(tmp_path / each) if "." in each else each for each in args]
    words = complaint(run(None, "evaluate", "--linking", *given, str(SMALL)), 2)
    assert words.startswith(f"--linking does not go with {named}: ")
    assert list(tmp_path.iterdir()) == []


def test_linking_says_what_the_measured_build_was_linked_by_and_what_its_words_mean(tmp_path: Path) -> None:
    figures = {
        "precision": 1.0, "recall": 0.5, "recall_all": 0.4, "false_pairs": 0, "twins_merged": 0, "namesakes_merged": 0,
    }  # fmt: skip
    whole = {"set": "small", "linking": "2026-11-27", "mentions": 9, **figures, "exact": figures}
    same = "\n".join(linking.lines({**whole, "configured": "2026-11-27"}))
    other = "\n".join(linking.lines({**whole, "configured": "exact"}))
    assert "built with 2026-11-27" in same and "NOTE" not in same
    assert "NOTE the settings say exact: this is the index as it was built, with 2026-11-27; build again" in other
    assert all(f"\n{words}" in same for words in ("twins, father and son", "all mentions", "false pairs"))
