"""The command line as people and programs meet it: every command, its output, its exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from discoverer import demo
from discoverer.answer import HitKind, State
from discoverer.app import App
from discoverer.cli import SHELLS, main
from discoverer.console import legible, say
from discoverer.match.evidence import LEVELS
from discoverer.match.phone import SLIP_WORDS
from discoverer.model import Nature, RecordKind, RiskLevel, Role
from discoverer.settings import AccessSettings, Settings
from index.lock import builder_lock
from tests import cast, setups
from tests.conftest import SMALL
from tests.setups import answer, complaint, copy_of, refs, run, write_settings, write_tiny

HER = "domestic_abuse:DA/14/05512"
NUMBER = "07700 900417"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of the hand-written cast, built."""
    folder = tmp_path_factory.mktemp("cast")
    cast.make_app(folder / "state")
    return write_settings(folder, cast.SOURCES)


@pytest.fixture(scope="module")
def small_config(small: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a settings file that points at the small set's index."""
    config = tmp_path_factory.mktemp("small_config") / "discoverer.toml"
    text = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    text = text.replace('"state"', json.dumps(str(small.settings.state_dir)))
    config.write_text(text.replace('"sources"', json.dumps(str(SMALL / "sources"))), encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of the five tiny sources, built."""
    config = write_tiny(tmp_path_factory.mktemp("tiny") / "setup")
    assert run(config, "build", "--quiet").exit_code == 0
    return config


def process(*args: str, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "discoverer", *args]
    return subprocess.run(command, text=True, timeout=60, env={**os.environ, **(env or {})}, check=False, **how)


# search


FOUND = [
    pytest.param([NUMBER], HER, id="one box"),
    pytest.param(["07700", "900417"], HER, id="a box of several words needs no quotes"),
    pytest.param(["shabana", "bibi", "b23", "03/07/89"], HER, id="a mixture"),
    pytest.param(["--phone", NUMBER], HER, id="--phone"),
    pytest.param(["--phone", "900417"], HER, id="--phone, its end"),
    pytest.param(["--name", "Bibi Shabana"], HER, id="--name"),
    pytest.param(["--dob", "03/07/1989", "--name", "shabana bibi"], HER, id="--dob"),
    pytest.param(["--address", "flat 2, 14 hillaires test rd b23 6xx"], HER, id="--address"),
    pytest.param(
        ["--id", cast.CUSTODY[0].persons[0].identifiers[0].raw], "custody:BE/2210/14", id="--id, a PNC number"
    ),
    pytest.param(["--id", "DA/14/05512"], HER, id="--id, a reference"),
    pytest.param(["2731 of 140914"], "incidents:2731/2014-09-14", id="a log number"),
    pytest.param(["text:", "knife", "kitchen"], "incidents:2731/2014-09-14", id="words of running text"),
]


@pytest.mark.parametrize(("args", "ref"), FOUND)
def test_search_finds_by_the_box_and_by_every_option(config: Path, args: list[str], ref: str) -> None:
    assert ref in refs(answer(config, *args))


def test_an_answer_for_people_says_what_was_read_the_risk_and_every_source(config: Path) -> None:
    shown = run(config, "search", NUMBER)
    assert shown.exit_code == 0 and shown.stderr == ""
    assert "Read as: phone 07700 900417" in shown.stdout
    assert "RISK HIGH: SHABANA BIBI as victim of MOHAMMED ASIF KHAN" in shown.stdout
    assert "DA/14/05512" in shown.stdout
    for name in cast.SOURCES:
        assert re.search(rf"^{name}\s+answered, as at 16/11/2014 00:00 \(2 hours old\)", shown.stdout, re.M)


def test_nothing_found_is_an_answer_that_says_where_was_looked(config: Path) -> None:
    shown = run(config, "search", "07700 900111")
    assert shown.exit_code == 0
    assert "No trace in the sources searched." in shown.stdout
    assert all(name in shown.stdout for name in cast.SOURCES)
    found = answer(config, "07700 900111")
    assert found["hits"] == [] and found["message"].startswith("No trace in the sources searched")


def test_a_limit_says_that_more_fit(config: Path) -> None:
    found = answer(config, "--limit", "1", "--name", "asif khan")
    assert len(found["hits"]) == 1
    assert found["truncated"]["shown"] == 1 and found["truncated"]["about"] > 1
    assert found["truncated"]["words"] in run(config, "search", "--limit", "1", "--name", "asif khan").stdout


REFUSED = [
    pytest.param(["search"], "The query is empty", id="no query"),
    pytest.param(["search", "  "], "The query is empty", id="blanks"),
    pytest.param(["search", "--name", " "], "Nothing was asked", id="a blank option"),
    pytest.param(["search", "--name", "UNKNOWN MALE"], "only placeholders", id="placeholders"),
    pytest.param(["search", "bibi", "--name", "bibi"], "not both", id="a box and an option"),
    pytest.param(["search", "--phone", "1"], "needs six digits or more", id="one digit of a number"),
    pytest.param(["search", "--phone", "12345"], "needs six digits or more", id="five"),
    pytest.param(["search", "x" * 50_000], "50,000 characters", id="50 kB"),
    pytest.param(["search", "--address", "x" * 50_000], "50,000 characters", id="50 kB in an option"),
    pytest.param(["search", "text:"], "words to look for", id="text: and nothing"),
]


@pytest.mark.parametrize(("args", "says"), REFUSED)
def test_a_query_that_cannot_be_read_is_refused(config: Path, args: list[str], says: str) -> None:
    assert says in complaint(run(config, *args), 2)


UNHELD = [
    pytest.param("07700 900418", "NUMBERS ONE DIGIT AWAY - other people unless misheard", id="one digit away"),
    pytest.param("07700 900417", "", id="the very number, nothing near it held"),
]


@pytest.mark.parametrize(("typed", "heading"), UNHELD)
def test_a_number_that_is_not_held_is_said_first_and_strangers_stand_apart(
    config: Path, typed: str, heading: str
) -> None:
    shown = run(config, "search", typed).stdout
    lines = shown.splitlines()
    assert (lines[1] == f"No trace of {typed} in the sources searched.") == bool(heading)
    assert ("NOT THE NUMBER TYPED" in shown) == ("misheard" in shown) == bool(heading)
    assert heading in shown
    cards = [line for line in lines if "PERSON" in line and line.startswith("\u256d")]
    assert bool(cards) != bool(heading), "the people of a number near it have no cards of their own"


# the JSON contract


INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
PARTIAL = re.compile(r"(\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\dZ)?)?)?)?")
HIT: Mapping[str, Any] = {
    "kind": tuple(HitKind), "id": str, "label": str, "level": tuple(LEVELS), "score": float, "why": [str],
    "risk": {
        "state": ("assessed", "not_assessed"), "headline": str, "highest": dict | None, "latest": dict | None,
        "victims_assessed": dict,
        "around": [{"kind": ("phone", "location", "person"), "id": str, "label": str, "whose": str, "assessed": dict, "words": str}],
    },
    "records": [{
        "source": str, "ref": str, "role": ("", *Role), "at": PARTIAL, "risk": (None, *RiskLevel),
        "kind": tuple(RecordKind), "nature": tuple(Nature), "found": ("field", "text"), "summary": str, "written": str,
    }],
    "records_total": int, "now": [str], "instead_of": str, "slip": ("", "tail", *SLIP_WORDS),
    "may_be": [{
        "id": str, "label": str, "why": str, "bits": float, "risk": ("", *RiskLevel), "danger": [str], "records": [str],
        "words": str,
    }],
    "may_be_total": int,
}  # fmt: skip
RESULT: Mapping[str, Any] = {
    "qid": object,
    "read_as": [str],
    "hits": [HIT],
    "truncated": dict | None,
    "no_trace_of": [str],
    "near_too": [str],
    "policy_note": str,
    "stubs": [str],
    "masked": [str],
}
ANSWER: Mapping[str, Any] = {
    "read_as": [str], "hits": [HIT], "truncated": dict | None, "build": str, "as_at": INSTANT, "message": str,
    "no_trace_of": [str], "near_too": [str], "policy_note": str,
    "sources": [{"name": str, "state": tuple(State), "as_at": PARTIAL, "records": int, "words": str}],
}  # fmt: skip
TRUNCATED = {"shown": int, "about": int, "words": str}
ASSESSED = {
    "level": tuple(RiskLevel), "victim": str, "suspect": str, "by": str, "at": PARTIAL, "source": str, "ref": str,
    "words": str,
}  # fmt: skip


def hold(value: object, shape: Any, place: str = "answer") -> None:  # noqa: ANN401 - a shape is a type, list, ...
    """Hold a JSON value against its shape: names that must be there, types, closed lists, patterns."""
    if isinstance(shape, Mapping):
        assert isinstance(value, dict), place
        assert shape.keys() <= value.keys(), f"{place} lacks {shape.keys() - value.keys()}"
        for name, inner in shape.items():
            hold(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for number, item in enumerate(value):
            hold(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, tuple):
        assert value in shape, f"{place} is {value!r}"
    elif isinstance(shape, re.Pattern):
        assert isinstance(value, str) and shape.fullmatch(value), f"{place} is {value!r}"
    else:
        assert isinstance(value, shape), f"{place} is {value!r}"


def hold_hits(hits: list[dict[str, Any]]) -> None:
    """Hold hits against what their order promises: the surest first, the latest record first, undated last.

    Numbers near the one typed come after everything else, and whoever is known by them alone after those.
    """
    order = [
        (bool(hit["instead_of"]), bool(hit["instead_of"]) and hit["kind"] == "person", LEVELS.index(hit["level"]), -hit["score"])
        for hit in hits
    ]  # fmt: skip
    assert order == sorted(order)
    assert len({(hit["kind"], hit["id"]) for hit in hits}) == len(hits)
    for hit in hits:
        days = [record["at"] for record in hit["records"]]
        assert days == sorted(days, reverse=True)
        assert len(hit["records"]) <= hit["records_total"] and hit["why"]
        for assessed in (hit["risk"]["highest"], hit["risk"]["latest"]):
            assert (assessed is None) == (hit["risk"]["state"] == "not_assessed")
            if assessed is not None:
                hold(assessed, ASSESSED)


def planted(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the stories of the small set are asked for by."""
    for story in plan["patterns"].values():
        yield from story["queries"].values()


def test_search_json_keeps_its_contract(small_config: Path, small_plan: dict[str, Any]) -> None:
    kinds: set[str] = set()
    for asked in list(planted(small_plan))[::3]:
        found = answer(small_config, asked)
        hold(found, ANSWER)
        hold_hits(found["hits"])
        assert [each["name"] for each in found["sources"]] == ["incidents", "intelligence", "domestic_abuse", "custody"]
        assert found["as_at"] == "2018-11-18T02:00:00Z"
        kinds |= {hit["kind"] for hit in found["hits"]}
    assert {"person", "location", "phone"} <= kinds


def test_lookup_keeps_its_contract(small_config: Path, small_plan: dict[str, Any]) -> None:
    queries = [{"qid": f"q{number}", "text": asked} for number, asked in enumerate(planted(small_plan))]
    result = run(small_config, "lookup", "-", stdin="".join(json.dumps(query) + "\n" for query in queries))
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["qid"] for line in lines] == [query["qid"] for query in queries]
    assert any(line["truncated"] for line in lines)
    for line in lines:
        hold(line, RESULT)
        hold_hits(line["hits"])
        if line["truncated"]:
            hold(line["truncated"], TRUNCATED)
            assert line["truncated"]["shown"] == len(line["hits"]) < line["truncated"]["about"]


def test_lookup_answers_as_search_does(config: Path) -> None:
    (line,) = run(
        config, "lookup", "-", stdin='{"qid": "1", "name": "asif khan", "dob": "03/07/1985"}'
    ).stdout.splitlines()
    found = answer(config, "--name", "asif khan", "--dob", "03/07/1985")
    assert json.loads(line) == {
        "qid": "1",
        **{name: found[name] for name in RESULT if name != "qid"},
    }


# lookup


LINES = [
    pytest.param('{"qid": "7", "text": "07700 900417"}', "7", "", id="a box"),
    pytest.param('{"qid": "7", "phone": "07700 900417"}', "7", "", id="a field"),
    pytest.param('{"qid": 7, "name": "shabana bibi", "dob": null}', 7, "", id="a number as qid, a field that is null"),
    pytest.param('{"name": "shabana bibi"}', "line 1", "", id="no qid"),
    pytest.param('{"qid": "7", "name": "Sh\\u0061bana Bibi"}', "7", "", id="an escape"),
    pytest.param("\ufeff" + '{"qid": "7", "name": "shabana bibi"}', "7", "", id="a byte order mark"),
    pytest.param('{"qid": "\\ud800", "name": "shabana bibi"}', "\ud800", "", id="half a character in the qid"),
    pytest.param('{"qid": "7", "name": "shabana \\ud800 bibi"}', "7", "", id="half a character in the query"),
    pytest.param('{"qid": "7", "text": "  "}', "7", "The query is empty", id="an empty text"),
    pytest.param('{"qid": "7"}', "7", "The query is empty", id="nothing but a qid"),
    pytest.param('{"qid": "7", "name": "UNKNOWN"}', "7", "only placeholders", id="only placeholders"),
    pytest.param('{"qid": "7", "text": "' + "x" * 50_000 + '"}', "7", "50,000 characters", id="50 kB"),
    pytest.param('{"qid": "7", "knid": "x"}', "7", "knid: a query has qid and text", id="an unknown field"),
    pytest.param('{"qid": "7", "text": "a b", "name": "a b"}', "7", "not both", id="text and a field"),
    pytest.param('{"qid": "7", "phone": 7700900417}', "7", "phone: a query has", id="a number where a text is wanted"),
    pytest.param('{"qid": "7", "name": ["a", "b"]}', "7", "each a string", id="a list where a text is wanted"),
    pytest.param('{"qid": "7", "text": "07700', "line 1", "Line 1 is not a JSON object", id="a line cut short"),
    pytest.param("07700 900417", "line 1", "Line 1 is not a JSON object", id="not JSON"),
    pytest.param('["07700 900417"]', "line 1", "Line 1 is not a JSON object", id="JSON that is no object"),
    pytest.param('{"qid": "7", "text":' + "[" * 100_000, "line 1", "Line 1 is not", id="a hundred thousand brackets"),
    pytest.param(
        '{"qid": "7", "name": "Jos\u00e9 Bibi"}'.encode("cp1252"), "line 1", "Line 1 is not UTF-8", id="another code page"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "qid", "error"), LINES)
def test_a_bad_line_is_answered_with_its_error_and_the_run_goes_on(
    config: Path, line: str | bytes, qid: object, error: str
) -> None:
    raw = line if isinstance(line, bytes) else line.encode()
    result = run(config, "lookup", "-", stdin=raw + b'\n\n  \n{"qid": "last", "phone": "07700 900417"}\n')
    assert result.exit_code == 0
    first, last = (json.loads(each) for each in result.stdout.splitlines())
    assert first["qid"] == qid and last["qid"] == "last"
    assert HER in refs(last)
    if error:
        assert first.keys() == {"qid", "error"} and error in first["error"]
    else:
        assert HER in refs(first)


def test_lookup_writes_a_file_and_prints_nothing(config: Path, tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"qid": "1", "name": "Zbigniew Wrzeszczyński"}\n', encoding="utf-8")
    result = run(config, "lookup", str(tmp_path / "queries.jsonl"), "-o", str(tmp_path / "results.jsonl"))
    assert (result.exit_code, result.output) == (0, "")
    (line,) = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert "incidents:16/2013-05-06" in refs(json.loads(line))
    assert "Wrzeszczyński" in line  # as written, not as escapes


@pytest.mark.parametrize("place", ["missing/results.jsonl", "/dev/full"])
def test_a_file_that_cannot_be_written_is_said(config: Path, place: str, tmp_path: Path) -> None:
    result = run(config, "lookup", "-", "-o", str(tmp_path / place), stdin='{"qid": "1", "phone": "07700 900417"}\n')
    assert "cannot be written" in complaint(result, 2)


def test_a_file_of_queries_that_is_not_there_is_said(config: Path) -> None:
    result = run(config, "lookup", "nowhere.jsonl")
    assert result.exit_code == 2 and "'nowhere.jsonl': No such file" in result.stderr


# build, status, sources, rejects


def test_build_shows_a_table_of_what_it_made(tmp_path: Path) -> None:
    config = write_tiny(tmp_path / "setup")
    shown = run(config, "build")
    assert shown.exit_code == 0
    assert re.search(r"Build \d{8}T\d{6}Z-[0-9a-f]{6} is live", shown.stdout)
    for name in setups.MAKERS:
        assert re.search(rf"{name}\s+│ fresh │\s+[12] │\s+0 │", shown.stdout)
    # None of these says when it was taken: when it was read must not pass for it.
    assert "it does not say when it was" in shown.stdout


@pytest.mark.parametrize("args", [["--quiet"], ["--json"], ["--json", "--quiet"]])
def test_build_says_nothing_on_standard_error_when_it_is_told_so(tmp_path: Path, args: list[str]) -> None:
    config = write_tiny(tmp_path / "setup")
    shown = run(config, "build", *args)
    assert (shown.exit_code, shown.stderr) == (0, "")
    if "--json" in args:
        manifest = json.loads(shown.stdout)
        assert [each["state"] for each in manifest["segments"]] == ["fresh"] * 5
        assert manifest["build"] == answer(config, NUMBER)["build"]


def test_a_published_build_that_lacks_a_source_says_so_and_leaves_with_4(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path)
    (tmp_path / "sources" / "stays.txt").unlink()
    shown = run(config, "build", "--json")
    said = complaint(shown, 4)
    assert "stays.txt is missing" in said and said.endswith("until then what was read of it before is searched.")
    assert json.loads(shown.stdout)["build"] == answer(config, "asif khan")["build"]


def test_status_before_any_build_says_what_to_do(tmp_path: Path) -> None:
    config = write_tiny(tmp_path / "setup")
    shown = run(config, "status")
    assert shown.exit_code == 0 and "run 'discoverer build' first" in shown.stdout
    assert shown.stdout.count("not built yet") == 5
    status = json.loads(run(config, "status", "--json").stdout)["status"]
    assert status["manifest"] is None and status["attempt"] is None


def without_people(folder: Path) -> str:
    (folder / "sources" / "people.csv").unlink()
    return "people.csv is missing"


def too_many_rejects(folder: Path) -> str:
    (folder / "sources" / "people.csv").write_text("ID,NAME,DOB\r\n,A B,\r\n,C D,\r\n", encoding="utf-8")
    return "rows were rejected (100.0%), more than the 60.0% allowed (max_rejects)"


@pytest.mark.parametrize("damage", [without_people, too_many_rejects])
def test_a_source_that_no_build_has_yet_says_why_the_attempt_failed(tmp_path: Path, damage: Any) -> None:  # noqa: ANN401
    write_tiny(tmp_path)
    config = write_settings(tmp_path, ["people"])
    for command in ("status", "sources"):
        shown = run(config, command).stdout
        assert "not built yet; run 'discoverer build'" in shown and "FAILED" not in shown
    why = damage(tmp_path)
    assert run(config, "build", "--quiet").exit_code == 5
    for command in ("status", "sources"):
        shown = json.loads(run(config, command, "--json").stdout)
        (state,) = shown["status"]["sources"] if command == "status" else shown
        assert re.match(r"FAILED, not searched: .* the build begun [\d/]+ [\d:]+ failed: ", state["words"])
        assert why in state["words"] and state["words"].count("people: ") == 0


def test_a_source_new_to_the_settings_says_why_the_attempt_failed_beside_those_that_are_searched(
    built: Path, tmp_path: Path
) -> None:
    config = copy_of(built, tmp_path)
    write_settings(tmp_path, [*setups.MAKERS, "new"])
    for data in ("people.csv", "logs.sqlite", "reports/2014-08.xml", "stays.txt", "records.jsonl"):
        (tmp_path / "sources" / data).unlink()
    mapping = (tmp_path / "sources" / "outside.toml").read_text(encoding="utf-8")
    (tmp_path / "sources" / "new.toml").write_text(
        mapping.replace("outside", "new").replace("records", "new"), encoding="utf-8"
    )
    assert run(config, "build", "--quiet").exit_code == 5
    found = answer(config, NUMBER)
    *old, new = found["sources"]
    assert [each["state"] for each in (*old, new)] == ["answered"] * 5 + ["failed"]
    assert "new.jsonl is missing" in new["words"]
    assert all("failed" not in each["words"] for each in old), "nothing is wrong with what they hold"
    assert found["waiting"].startswith("Newer data waits: the build begun") and "failed (" in found["waiting"]
    assert run(config, "search", NUMBER).stdout.count("Newer data waits") == 1


def test_status_shows_the_build_the_sources_and_every_setting(built: Path) -> None:
    shown = run(built, "status").stdout
    found = json.loads(run(built, "status", "--json").stdout)
    assert found["status"]["manifest"]["build"] in shown and "Last attempt to build: published" in shown
    assert [each["state"] for each in found["status"]["sources"]] == ["answered"] * 5
    assert found["settings"].keys() == Settings.model_fields.keys()
    of_access = [f"access.{name}" for name in AccessSettings.model_fields]
    for name in (*(each for each in Settings.model_fields if each != "access"), *of_access):
        assert re.search(rf"^{re.escape(name)}\s+\S", shown, re.M), name


def test_status_after_a_failed_build_says_why_and_what_serves(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path)
    before = answer(config, NUMBER)["build"]
    for data in ("people.csv", "logs.sqlite", "reports/2014-08.xml", "stays.txt", "records.jsonl"):
        (tmp_path / "sources" / data).unlink()
    said = complaint(run(config, "build"), 5)
    assert "no source could be read" in said and f"build {before} goes on serving" in said
    shown = run(config, "status")
    assert "Last attempt to build: failed" in shown.stdout and before in shown.stdout
    status = json.loads(run(config, "status", "--json").stdout)["status"]
    assert status["attempt"]["outcome"] == "failed" and "stays.txt is missing" in status["attempt"]["reason"]
    assert answer(config, NUMBER)["build"] == before


def test_rollback_says_which_build_is_live_now_and_status_that_it_is_not_the_newest(
    built: Path, tmp_path: Path
) -> None:
    config = copy_of(built, tmp_path)
    old = answer(config, NUMBER)["build"]
    assert run(config, "build", "--quiet").exit_code == 0
    assert answer(config, NUMBER)["build"] != old
    shown = run(config, "rollback")
    assert shown.exit_code == 0 and re.fullmatch(
        rf"Build {old} is live now; it was made [\d/]+ [\d:]+\.\n", shown.stdout
    )
    assert answer(config, NUMBER)["build"] == old
    assert "It was gone back to at" in run(config, "status").stdout
    assert "no earlier build to go back to" in complaint(run(config, "rollback"), 6)
    (tmp_path / "state" / "CURRENT").write_text("", encoding="utf-8")
    assert run(config, "rollback").exit_code == 0, "it mends a pointer that names nothing"


def test_sources_lists_each_with_its_mapping_and_state(built: Path) -> None:
    listed = json.loads(run(built, "sources", "--json").stdout)
    assert [each["name"] for each in listed] == list(setups.MAKERS)
    shown = run(built, "sources").stdout
    for each in listed:
        assert re.search(rf"{each['name']}\s+│ {each['version']}\s+│ answered, (as at|read)", shown)
    assert re.search(r"source\s+┃ mapping\s+┃ state", shown)


def test_rejects_shows_row_column_value_and_reason(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path)
    good = (tmp_path / "sources" / "records.jsonl").read_text(encoding="utf-8")
    (tmp_path / "sources" / "records.jsonl").write_text(good + "{broken\n", encoding="utf-8")
    assert run(config, "build", "--quiet").exit_code == 0
    shown = run(config, "rejects", "outside")
    assert (
        shown.exit_code == 0 and "records.jsonl:2" in shown.stdout and "cannot be read as a JSON object" in shown.stdout
    )
    (line,) = run(config, "rejects", "outside", "--json").stdout.splitlines()
    assert {"source": "outside", "row": "records.jsonl:2", "value": "{broken\n"}.items() <= json.loads(line).items()
    assert run(config, "rejects", "people").stdout == "No row of people was rejected.\n"


def test_rejects_of_a_source_that_is_stale_are_said_to_be_old(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path)
    (tmp_path / "sources" / "people.csv").unlink()
    assert run(config, "build", "--quiet").exit_code == 4
    shown = run(config, "rejects", "people")
    assert shown.exit_code == 0 and "STALE since 16/11/2014" in shown.stderr


def test_no_rejects_of_a_source_that_was_never_read_is_not_said_to_be_none(tmp_path: Path) -> None:
    config = write_tiny(tmp_path / "setup")
    (tmp_path / "setup" / "sources" / "people.csv").unlink()
    assert complaint(run(config, "build", "--quiet"), 4).endswith("nothing of it is searched.")
    said = complaint(run(config, "rejects", "people"), 4)
    assert "holds nothing of it" in said and "people.csv is missing" in said


# exit codes


def tampered(config: Path) -> None:
    (build,) = (config.parent / "state" / "builds").iterdir()
    file = build / "vocabulary.json"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b" ")


def unrecordable(config: Path) -> None:
    (config.parent / "state" / "audit").write_text("a file where the folder should be", encoding="utf-8")


def without(config: Path, path: str) -> None:
    (config.parent / path).unlink()


def misspelt(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + 'engin = "whoosh"\n', encoding="utf-8")


CODES = [
    pytest.param(lambda _: None, ["search", "UNKNOWN"], 2, "type a telephone number", id="2, a query of placeholders"),
    pytest.param(misspelt, ["search", "x y"], 3, "did you mean 'engine'", id="3, a mistake in the settings"),
    pytest.param(lambda config: without(config, "discoverer.toml"), ["status"], 3, "check the path", id="3, no settings"),
    pytest.param(lambda config: without(config, "sources/logs.toml"), ["build"], 3, "logs.toml", id="3, no mapping"),
    pytest.param(lambda config: without(config, "sources/logs.sqlite"), ["build"], 4, "logs.sqlite", id="4, a source"),
    pytest.param(lambda config: without(config, "state/CURRENT"), ["search", "x y"], 6, "discoverer build", id="6, no index"),
    pytest.param(lambda _: None, ["rollback"], 6, "no earlier build to go back to", id="6, nothing to go back to"),
    pytest.param(tampered, ["search", "x y"], 6, "vocabulary.json", id="6, a file of the index was changed"),
    pytest.param(lambda _: None, ["rejects", "nowhere"], 7, "the sources are people, logs", id="7, no such source"),
    pytest.param(unrecordable, ["search", "x y"], 8, "so there is no answer", id="8, a look that cannot be recorded"),
    pytest.param(unrecordable, ["rejects", "people"], 8, "so there is no answer", id="8, nor one at rejects"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "args", "code", "says"), CODES)
def test_each_failure_has_its_exit_code_and_one_sentence(
    built: Path, tmp_path: Path, damage: Any, args: list[str], code: int, says: str  # noqa: ANN401 - a row's function
) -> None:  # fmt: skip
    config = copy_of(built, tmp_path / "setup")
    damage(config)
    result = run(config, *args)
    assert says in complaint(result, code)
    assert args[0] == "build" or result.stdout == ""


def test_5_is_another_builder_at_work(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path)
    with builder_lock(tmp_path / "state", "building"):
        said = complaint(run(config, "build"), 5)
        assert "has been building since" in complaint(run(config, "rollback"), 5)
    assert "build" in said and answer(config, NUMBER)["hits"]


def test_7_comes_before_6_when_there_is_no_such_source(tmp_path: Path) -> None:
    assert "no source 'nowhere'" in complaint(run(write_tiny(tmp_path / "setup"), "rejects", "nowhere"), 7)


def test_every_mistake_of_the_settings_is_said_at_once(tmp_path: Path) -> None:
    config = tmp_path / "discoverer.toml"
    config.write_text('state_dir = "s"\nsources = []\nkeep_builds = 0\nkeep_build = 3\n', encoding="utf-8")
    said = complaint(run(config, "status"), 3)
    assert "has 4 mistakes" in said
    assert all(
        word in said
        for word in ("'sources_dir' is missing", "'sources':", "'keep_builds':", "did you mean 'keep_builds'?")
    )


# help, completion, processes


GROUPS = {name: each.commands for name, each in main.commands.items() if isinstance(each, click.Group)}
NESTED = [f"{name} {inner}" for name, commands in GROUPS.items() for inner in commands]
COMMANDS = [*main.commands, *NESTED]


def command_in(words: list[str]) -> tuple[str, click.Command]:
    """Return the command that an example names, and how it is called."""
    name = next(word for word in words if word in main.commands)
    called, command = name, main.commands[name]
    for word in words[words.index(name) + 1 :]:
        if not isinstance(command, click.Group):
            break
        called, command = f"{called} {word}", command.commands[word]
    return called, command


@pytest.mark.parametrize("name", ["", *COMMANDS])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_help_has_an_example_that_names_a_real_command_and_options(name: str, flag: str) -> None:
    shown = run(None, *name.split(), flag)
    assert shown.exit_code == 0 and re.search(r"^  Examples?\b", shown.output, re.M)
    assert "\\b" not in shown.output
    examples = re.findall(r"^    (?:eval \"\$\()?(discoverer .*?)(?:\)\")?$", shown.output, re.M)
    assert examples, shown.output
    for example in examples:
        words = shlex.split(example)[1:]
        called, command = command_in(words)
        known = {option for each in (main, command) for param in each.params for option in param.opts}
        assert not name or called == name or called.startswith(f"{name} ")
        assert {word for word in words if word.startswith("-")} <= known


def test_every_option_and_argument_says_what_it_is() -> None:
    silent = [
        f"{command.name} {param.name}"
        for command in (main, *main.commands.values(), *(each for group in GROUPS.values() for each in group.values()))
        for param in command.params
        if isinstance(param, click.Option) and not param.help
    ]
    assert silent == []


def test_the_version_is_that_of_the_distribution() -> None:
    shown = run(None, "--version")
    assert shown.exit_code == 0 and re.fullmatch(r"discoverer, version \d+\.\d+\.\d+\n", shown.output)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_completion_script_of_every_shell(shell: str) -> None:
    shown = run(None, "completion", shell)
    assert shown.exit_code == 0 and f"_DISCOVERER_COMPLETE={shell}_complete" in shown.output


def test_completion_offers_commands_and_the_names_of_sources(built: Path) -> None:
    asked = {"_DISCOVERER_COMPLETE": "bash_complete", "COMP_WORDS": "discoverer s", "COMP_CWORD": "1"}
    offered = run_completion(asked)
    assert {"search", "show", "serve", "status", "sources", "sync"} == {line.partition(",")[2] for line in offered}
    words = f"discoverer --config {built} rejects p"
    assert run_completion({**asked, "COMP_WORDS": words, "COMP_CWORD": "4"}) == ["plain,people"]


def run_completion(env: Mapping[str, str]) -> list[str]:
    script = "from discoverer.cli import main; main(prog_name='discoverer')"
    made = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **env},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert made.stderr == ""
    return made.stdout.splitlines()


def test_it_runs_as_a_module_with_answer_and_complaint_apart(built: Path) -> None:
    found = process("--config", str(built), "search", "--json", NUMBER, capture_output=True)
    assert found.returncode == 0 and found.stderr == "" and json.loads(found.stdout)["hits"]
    refused = process("--config", str(built), "search", "--json", "UNKNOWN", capture_output=True)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("discoverer: ") and refused.stderr.count("\n") == 1


PRINTING = [
    pytest.param(["search", NUMBER], id="search"),
    pytest.param(["search", "--json", NUMBER], id="search --json"),
    pytest.param(["lookup", "-"], id="lookup"),
]


@pytest.mark.parametrize("args", PRINTING)
def test_a_reader_that_leaves_is_no_reason_to_complain(built: Path, args: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        left = process(
            "--config", str(built), *args, stdout=write, stderr=subprocess.PIPE, input='{"phone": "07700 900417"}\n'
        )
    finally:
        os.close(write)
    assert left.stderr == "" and left.returncode in (0, 1)


@pytest.mark.parametrize("args", PRINTING)
def test_output_that_finds_no_room_is_said(built: Path, args: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        made = process(
            "--config", str(built), *args, stdout=full, stderr=subprocess.PIPE, input='{"phone": "07700 900417"}\n'
        )
    assert made.stderr == "discoverer: The output cannot be written (No space left on device); make room.\n"
    assert made.returncode == 2


# demo


def test_the_demo_builds_and_finds_the_planted_history_three_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run(None, "demo")
    assert shown.exit_code == 0, shown.stderr
    assert len(demonstrated(shown.stdout)) == 3
    assert shown.stdout.count("RISK HIGH: Shabana BIBI as victim of") >= 3
    assert answer(Path(".demo/discoverer.toml"), "O7700 900 417")["hits"]


def demonstrated(output: str) -> list[str]:
    """Return the commands that the demonstration says it has run."""
    return re.findall(r"^\$ (\S*discoverer --config .demo/discoverer.toml search .+)$", output, re.M)


PATHS = [
    pytest.param(os.defpath, str(Path(sys.executable).parent), id="by where it lies"),
    pytest.param(f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}", "discoverer ", id="by its name on the path"),
]


@pytest.mark.parametrize(("path", "begins"), PATHS)
def test_what_the_demo_prints_can_be_typed_as_it_stands(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, begins: str
) -> None:
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "discoverer.toml").write_bytes(small_config.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    line = demo.command(Path(".demo/discoverer.toml"), "o'neill; b23")
    assert line.startswith(begins)
    typed = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, check=True)
    assert "Read as: name ONEILL; area B23" in typed.stdout


def test_a_demo_without_its_set_or_a_place_to_write_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "python -m fixtures.generate" in complaint(run(None, "demo", "--data", "nowhere"), 2)
    (tmp_path / ".demo").write_text("a file where the folder should be", encoding="utf-8")
    assert ".demo/discoverer.toml cannot be written" in complaint(run(None, "demo"), 2)


def test_a_demo_of_a_set_without_its_plan_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_tiny(tmp_path / "set")
    assert "does not say where F19 was planted" in complaint(run(None, "demo", "--data", "set"), 2)


def test_results_may_replace_their_queries_and_only_the_owner_may_read_them(built: Path, tmp_path: Path) -> None:
    both = tmp_path / "q.jsonl"
    both.write_text('{"qid": "1", "phone": "07700 900417"}\n', encoding="utf-8")
    assert run(built, "lookup", str(both), "-o", str(both)).exit_code == 0
    assert json.loads(both.read_text(encoding="utf-8"))["qid"] == "1"
    assert both.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [both]


FORGED = "RISK STANDARD: forged"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(f"Bad\n{FORGED}\tX\u200fY", f"Bad {FORGED} X\ufffdY", id="a line break, and a turn of direction"),
        *(
            pytest.param(f"noise{space * 150}{FORGED}", f"noise {FORGED}", id=f"{space!a} many times")
            for space in (
                " ",
                "\t",
                "\xa0",
                "\u2003",
                "\u3000",
                "\u3164",
                "\u2800",
                "\x85",
                "\r\n",
                " \u200b",
                "\xa0\xad",
                "\ufeff ",
            )
        ),
        pytest.param(f"noise\u200b{FORGED}", f"noise{FORGED}", id="what takes no room"),
        pytest.param("\u2066half \ud83d and \x1b[2J", "\ufffdhalf \ufffd and \ufffd[2J", id="what no terminal is sent"),
        pytest.param(
            "Zo\u00eb O\u2019Neill \u0646\u0648\u0631",
            "Zo\u00eb O\u2019Neill \u0646\u0648\u0631",
            id="names of any script",
        ),
    ],
)
def test_nothing_in_a_value_can_forge_a_line_of_the_card(words: str, shown: str) -> None:
    assert legible(words) == shown
    assert "  " not in legible(words)


def test_lines_of_our_own_keep_their_columns_and_their_indent(capsys: pytest.CaptureFixture[str]) -> None:
    assert legible("type   queries\u2003\tr@1", laid_out=True) == "type   queries  r@1"
    say("  HIGH 3   MEDIUM 4", laid_out=True)
    say(f"HIGH 3{' ' * 150}{FORGED}")
    assert capsys.readouterr().out == f"  HIGH 3   MEDIUM 4\nHIGH 3 {FORGED}\n"


def test_linking_that_is_not_known_is_said_with_the_settings_file(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path / "copy")
    config.write_text(config.read_text(encoding="utf-8") + 'linking = "weighed"\n', encoding="utf-8")
    words = complaint(run(config, "build", "--quiet"), 3)
    assert words.startswith(
        f"{config} has 1 mistake: (1) 'linking': there are no linking weights 'weighed'; choose exact"
    )
    assert run(config, "search", NUMBER).exit_code == 0


def test_every_card_ends_with_the_id_that_show_and_decide_take(config: Path) -> None:
    shown, found = run(config, "search", "zbigniew wrzeszczynski").stdout, answer(config, "zbigniew wrzeszczynski")
    small = [hit for hit in found["hits"] if hit["records_total"] == 1]
    assert small and all(f'show {hit["kind"]} "{hit["id"]}"' in shown for hit in small)
