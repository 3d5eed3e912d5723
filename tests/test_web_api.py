"""The API: what the command line prints with --json, over HTTP, with tags, parts and lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2 as httpx
import pytest
from starlette.datastructures import URL
from starlette.testclient import TestClient

from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind, SourceStatus, State
from discoverer.app import App
from discoverer.codec import encode, plain
from discoverer.model import Person, Role
from discoverer.settings import load
from discoverer.web import examples, paging
from discoverer.web.conditional import tag_of
from discoverer.web.limits import limits
from index.build import build
from index.decisions import Act, Verdict
from tests.cast import Cast, log, make_app
from tests.conftest import SMALL
from tests.setups import run, write_settings
from tests.web import client, looks, problem

NUMBER = "07700 900417"
LOG = "2731-2014-09-14"


@pytest.fixture(scope="module")
def web(small: App) -> Iterator[TestClient]:
    with client(small) as made:
        yield made


@pytest.fixture(scope="module")
def config(small: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a settings file of the same index, for the command line."""
    folder = tmp_path_factory.mktemp("cli")
    text = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    text = text.replace('"state"', json.dumps(str(small.settings.state_dir))).replace(
        '"sources"', json.dumps(str(SMALL / "sources"))
    )
    (folder / "discoverer.toml").write_text(text, encoding="utf-8")
    return folder / "discoverer.toml"


@pytest.mark.parametrize(("path", "command"), [
    (f"search?q={NUMBER}", ["search", "--json", NUMBER]),
    ("search?q=14 hillaires test road", ["search", "--json", "14", "hillaires", "test", "road"]),
    ("search?name=asif khan&dob=07/03/85&limit=3", ["search", "--json", "--name", "asif khan", "--dob", "07/03/85", "--limit", "3"]),
    ("search?phone=900417", ["search", "--json", "--phone", "900417"]),
    ("search?id=1784 of 030918", ["search", "--json", "--id", "1784 of 030918"]),
    ("search?q=zebediah quumfrost", ["search", "--json", "zebediah", "quumfrost"]),
    ("call?cli=07700900417", ["search", "--json", "--phone", "07700900417"]),
    ("phone?id=%2B447700900417", ["show", "--json", "phone", "+447700900417"]),
    ("phone?id=%2B447700900417&all=true", ["show", "--json", "--all", "phone", "+447700900417"]),
    ("event?id=incidents:1784/2018-09-03", ["show", "--json", "event", "incidents:1784/2018-09-03"]),
    ("person?id=incidents:1784/2018-09-03%230", ["show", "--json", "person", "incidents:1784/2018-09-03#0"]),
    ("briefing?kind=phone&id=%2B447700900417", ["brief", "--json", "phone", "+447700900417"]),
    ("briefing?kind=event&id=incidents:1784/2018-09-03&log=1784 of 03/09/2018", ["brief", "--json", "event", "incidents:1784/2018-09-03", "--log-no", "1784 of 03/09/2018"]),
    ("status", ["status", "--json"]),
])  # fmt: skip
def test_an_answer_is_what_the_command_line_prints(
    web: TestClient, config: Path, path: str, command: list[str]
) -> None:
    printed = run(config, *command)
    assert printed.exit_code == 0, printed.stderr
    answer = web.get(f"/api/v1/{path}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(printed.stdout)


@pytest.mark.parametrize("typed", ["+447700900417", "%2B447700900417", "07700900417", "0044 7700 900417"])
@pytest.mark.parametrize("path", ["search?q=", "search?phone=", "call?cli="])
def test_a_plus_sign_that_was_not_escaped_is_still_one(web: TestClient, path: str, typed: str) -> None:
    assert web.get(f"/api/v1/{path}{typed}").json()["read_as"] == ["phone 07700 900417"]


@pytest.mark.parametrize("cli", ["", "withheld", "anonymous", "unavailable", "12345", "+", " "])
def test_a_number_that_was_withheld_is_said_to_be_and_is_no_empty_answer(web: TestClient, cli: str) -> None:
    assert "withheld" in problem(web.get("/api/v1/call", params={"cli": cli}), 400)["detail"]


@pytest.mark.parametrize("path", [
    f"search?q={NUMBER}", f"search?phone={NUMBER}", f"call?cli={NUMBER}", "phone?id=%2B447700900417", "event?id=incidents:1784/2018-09-03",
    "briefing?kind=phone&id=%2B447700900417",
])  # fmt: skip
def test_every_look_is_recorded_with_the_call_in_hand(small: App, web: TestClient, path: str) -> None:
    before = looks(small)
    assert web.get(f"/api/v1/{path}&log={LOG}&reason=  supervisor   asked ").status_code == 200
    (look,) = looks(small)[len(before) :]
    assert (look["viewer"], look["log"], look["reason"]) == (DEMO_VIEWER.name, LOG, "supervisor asked")
    assert look["shown"]


@pytest.mark.parametrize("path", ["reading?q=14 hillaires", "status"])
def test_what_tells_of_no_person_is_no_look(small: App, web: TestClient, path: str) -> None:
    before = len(looks(small))
    assert web.get(f"/api/v1/{path}").status_code == 200
    assert len(looks(small)) == before


@pytest.mark.parametrize(
    "given", [{"log": "x" * 201}, {"reason": "x" * 201}, {"log": "a\x00b"}, {"reason": "a\u202eb"}]
)
def test_a_reason_that_could_not_be_read_back_is_refused_and_nothing_shown(
    small: App, web: TestClient, given: dict[str, str]
) -> None:
    before = len(looks(small))
    problem(web.get("/api/v1/search", params={"q": NUMBER, **given}), 400)
    assert len(looks(small)) == before


@pytest.mark.parametrize(("query", "said"), [
    ("q=x&limt=5", "limt"), ("phnoe=07700900417", "phnoe"), ("q=a&q=b", "twice"), ("q=smith&name=smith", "not both"),
    ("q=smith&limit=101", "100"), ("q=smith&limit=0", "limit"), ("", "empty"), ("q=UNKNOWN", "looked up"),
])  # fmt: skip
def test_a_slip_in_a_request_is_not_a_search_for_something_else(web: TestClient, query: str, said: str) -> None:
    assert said in problem(web.get(f"/api/v1/search?{query}"), 400)["detail"]


@pytest.mark.parametrize("typed", [
    "<script>alert(1)</script> smith", "smith <img src=x onerror=alert(1)>", "smith'; DROP TABLE mentions;--", '"smith" {{7*7}}',
])  # fmt: skip
def test_what_is_typed_comes_back_as_data(web: TestClient, typed: str) -> None:
    answer = web.get("/api/v1/search", params={"q": typed})
    assert answer.status_code == 200
    assert answer.json()["query"] == typed
    assert (
        answer.headers["content-type"] == "application/json" and answer.headers["x-content-type-options"] == "nosniff"
    )


def test_a_box_is_read_back_without_looking_anything_up(web: TestClient) -> None:
    assert web.get("/api/v1/reading", params={"q": NUMBER}).json()["read_as"] == ["phone 07700 900417"]
    assert web.get("/api/v1/reading", params={"q": "UNKNOWN"}).json()["problem"]


# -- tags


@pytest.mark.parametrize("path", [f"search?q={NUMBER}", "phone?id=%2B447700900417", "status", "reading?q=smith"])
def test_what_somebody_has_already_is_not_sent_again(web: TestClient, path: str) -> None:
    first = web.get(f"/api/v1/{path}")
    tag = first.headers["etag"]
    for given in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = web.get(f"/api/v1/{path}", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "no-store"
    for given in ('W/"other"', "", "nonsense", tag[:-2]):
        assert web.get(f"/api/v1/{path}", headers={"If-None-Match": given}).status_code == 200


def test_to_say_that_nothing_changed_is_a_look_too(small: App, web: TestClient) -> None:
    tag = web.get("/api/v1/search", params={"q": NUMBER}).headers["etag"]
    before = looks(small)
    assert (
        web.get("/api/v1/search", params={"q": NUMBER, "log": LOG}, headers={"If-None-Match": tag}).status_code == 304
    )
    (look,) = looks(small)[len(before) :]
    assert look["shown"] and look["log"] == LOG


def test_each_question_has_its_own_tag(web: TestClient) -> None:
    asked = ("search?q=smith", "search?q=smith&limit=3", "search?q=smyth", "phone?id=%2B447700900417", "phone?id=%2B447700900417&limit=1",
             "phone?id=%2B447700900417&limit=1&offset=1")  # fmt: skip
    assert len({web.get(f"/api/v1/{path}").headers["etag"] for path in asked}) == len(asked)


@pytest.mark.parametrize("asked", [NUMBER, "zebediah quumfrost"])
def test_a_tag_tells_of_everything_but_the_time(small: App, asked: str) -> None:
    answer = small.search(DEMO_VIEWER, asked)
    tag = tag_of(plain(answer))
    assert answer.hits or answer.message
    message = answer.message and f"{answer.message}, later"
    assert tag_of(plain(replace(answer, as_at="2030-01-01T00:00:00Z", message=message))) == tag
    for changed in (
        replace(answer, build="another"),
        replace(answer, hits=answer.hits[1:] or small.search(DEMO_VIEWER, NUMBER).hits),
        replace(answer, policy_note="another"),
        replace(answer, hits=tuple(replace(hit, score=1.5) for hit in answer.hits), no_trace_of=("another",)),
    ):
        assert tag_of(plain(changed)) != tag


NIGHTLY = SourceStatus(
    "custody", State.ANSWERED, "2014-11-16T01:00:00Z", 5, "answered, as at 16/11/2014 01:00 (1 hour old)"
)
BY_DAY = SourceStatus(
    "logs", State.ANSWERED, "2014-11-16T02:00:00Z", 5, "answered, with all there was at 02:00:00 (12 s ago)", 12
)


@pytest.mark.parametrize(("source", "later", "same"), [
    (NIGHTLY, {"words": "answered, as at 16/11/2014 01:00 (14 hours old)"}, True),
    (NIGHTLY, {"words": "answered, as at 16/11/2014 01:00 (1 hour old); the build begun 02:00 failed, see status"}, False),
    (NIGHTLY, {"as_at": "2014-11-16T01:30:00Z"}, False),
    (NIGHTLY, {"records": 6}, False),
    (NIGHTLY, {"state": State.STALE}, False),
    (BY_DAY, {"as_at": "2014-11-16T02:00:05Z", "words": "answered, with all there was at 02:00:05 (1 s ago)", "lag": 1}, True),
    (BY_DAY, {"records": 6}, False),
    (BY_DAY, {"state": State.STALE, "words": "STALE since 02:00:00: it is locked"}, False),
    (BY_DAY, {"lag": None}, False),
])  # fmt: skip
def test_a_tag_tells_of_the_sources_but_not_of_their_age(
    small: App, source: SourceStatus, later: dict[str, Any], same: bool
) -> None:
    answer = replace(small.search(DEMO_VIEWER, NUMBER), sources=(source,))
    then = replace(answer, sources=(replace(source, **later),))
    assert (tag_of(plain(answer)) == tag_of(plain(then))) is same


def test_a_decision_and_a_new_build_change_the_tag(tmp_path: Path) -> None:
    named = [
        replace(log(str(n), "2014-01-02"), persons=(Person(0, Role.VICTIM, ("PERPETUA LOVEGROVE",)),)) for n in (1, 2)
    ]
    with make_app(tmp_path, {"incidents": named}) as app, client(app) as web:

        def _asked(tag: str = "") -> httpx.Response:
            given = {"If-None-Match": tag}
            answer: httpx.Response = web.get("/api/v1/search", params={"q": "perpetua lovegrove"}, headers=given)
            return answer

        before = _asked()
        first, second = (hit["id"] for hit in before.json()["hits"])
        outcome = app.decide(DEMO_VIEWER, Verdict.SAME, (first, second), "the same, says her mother")
        assert _asked(before.headers["etag"]).status_code == 200
        app.settle(DEMO_VIEWER, Act.WITHDRAWN, outcome.decision.number, "a mistake")
        assert _asked(before.headers["etag"]).status_code == 304
        build(app.settings, [Cast("incidents", named)])
        after = _asked(before.headers["etag"])
        assert after.status_code == 200 and after.json()["build"] != before.json()["build"]


# -- parts


def test_the_parts_of_a_long_list_are_the_whole_of_it(web: TestClient) -> None:
    path = "/api/v1/phone?id=%2B447700900417"
    whole = web.get(f"{path}&all=true").json()["hit"]
    parts: dict[str, list[Any]] = {name: [] for name in paging.LISTS}
    here: str | None = f"{path}&limit=3"
    walked = 0
    while here:
        answer = web.get(here)
        hit = answer.json()["hit"]
        for name in paging.LISTS:
            parts[name] += hit[name]
            assert len(hit[name]) <= 3
        assert all(hit[f"{name}_total"] == whole[f"{name}_total"] for name in paging.LISTS)
        here = answer.links.get("next", {}).get("url")
        walked += 1
    assert walked > 2
    assert parts == {name: whole[name] for name in paging.LISTS}


@pytest.mark.parametrize(("offset", "limit", "expected"), [
    (0, 10, {}),
    (0, 4, {"next": 4, "last": 8}),
    (4, 4, {"first": 0, "prev": 0, "next": 8, "last": 8}),
    (8, 4, {"first": 0, "prev": 4}),
    (2, 4, {"first": 0, "prev": 0, "next": 6, "last": 8}),
    (50, 4, {"first": 0, "prev": 46}),
    (0, 9, {"next": 9, "last": 9}),
])  # fmt: skip
def test_each_part_says_where_the_others_are(small: App, offset: int, limit: int, expected: dict[str, int]) -> None:
    hit = small.show(DEMO_VIEWER, HitKind.PHONE, "+447700900417", whole=True).hit
    ten = replace(
        hit,
        records=hit.records[:1] * 10,
        history=(),
        lapsed=(),
        addresses=(),
        numbers=(),
        linked=(),
        holders=(),
        may_be=(),
    )
    link = paging.links(URL("http://127.0.0.1/api/v1/phone?id=%2B44"), ten, offset, limit)
    found = [each.split("; ") for each in link.split(", ")] if link else []
    assert all(place.startswith("</api/v1/phone?id=%2B44&") for place, _ in found)
    places = {
        rel.removeprefix('rel="').rstrip('"'): int(parse_qs(place.strip("<>"))["offset"][0]) for place, rel in found
    }
    assert places == expected


def test_a_place_in_a_list_needs_the_length_of_a_part(small: App, web: TestClient) -> None:
    before = len(looks(small))
    assert "limit" in problem(web.get("/api/v1/phone?id=%2B447700900417&offset=3"), 400)["detail"]
    assert len(looks(small)) == before


# -- lines


def _sent(*lines: object) -> bytes:
    return b"".join(encode(line) + b"\n" if not isinstance(line, bytes) else line + b"\n" for line in lines)


def test_lines_are_answered_as_the_command_line_answers_them(web: TestClient, config: Path, tmp_path: Path) -> None:
    sent = _sent(
        {"qid": "1", "phone": NUMBER}, {"qid": 2, "text": "14 hillaires test road"}, b"not JSON", {"qid": "4"}, b"", b"\xff",
        {"qid": "5", "text": "zebediah quumfrost"}, {"qid": "6", "colour": "red"}, {"text": "1784 of 030918"},
    )  # fmt: skip
    (tmp_path / "queries.jsonl").write_bytes(sent)
    printed = run(config, "lookup", str(tmp_path / "queries.jsonl"), "--limit", "4")
    answer = web.post("/api/v1/lookup?limit=4", content=sent)
    assert answer.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == [json.loads(line) for line in printed.stdout.splitlines()]
    assert [line["qid"] for line in lines] == ["1", 2, "line 3", "4", "line 6", "5", "6", "line 9"]
    assert ["error" in line for line in lines] == [False, False, True, True, True, False, True, False]


def test_each_line_answered_is_a_look_with_the_call_in_hand(small: App, web: TestClient) -> None:
    before = looks(small)
    web.post(f"/api/v1/lookup?log={LOG}", content=_sent({"text": NUMBER}, {"text": "UNKNOWN"}, {"text": "smith"}))
    new = looks(small)[len(before) :]
    assert [(look["action"], look["asked"], look["log"]) for look in new] == [
        ("lookup", NUMBER, LOG),
        ("lookup", "smith", LOG),
    ]


@pytest.mark.parametrize(("sent", "status", "said"), [
    (b"", 400, "one a line"), (b"\n \n", 400, "one a line"), (b" " * (limits().lookup.bytes + 1), 413, "in parts"),
])  # fmt: skip
def test_what_cannot_be_a_list_of_queries_is_refused_whole(
    web: TestClient, sent: bytes, status: int, said: str
) -> None:
    assert said in problem(web.post("/api/v1/lookup", content=sent), status)["detail"]


def test_a_line_of_50_kB_is_refused_and_the_others_answered(web: TestClient) -> None:
    first, second = web.post(
        "/api/v1/lookup", content=_sent({"qid": 1, "text": "x" * 50_000}, {"qid": 2, "text": NUMBER})
    ).text.splitlines()
    assert "2,000" in json.loads(first)["error"]
    assert json.loads(second)["hits"]


def test_a_look_that_cannot_be_recorded_is_an_error_on_every_line_and_no_answer(small: App, tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file where a folder should be", encoding="utf-8")
    settings = small.settings.model_copy()
    with App(settings) as app, client(app) as web:
        object.__setattr__(app, "settings", _Elsewhere(settings, tmp_path / "audit"))
        lines = [
            json.loads(line)
            for line in web.post(
                "/api/v1/lookup", content=_sent({"qid": 1, "text": NUMBER}, {"qid": 2, "text": NUMBER})
            ).text.splitlines()
        ]
        assert [set(line) for line in lines] == [{"qid", "error"}, {"qid", "error"}]
        assert problem(web.get("/api/v1/search", params={"q": NUMBER}), 503)["type"].endswith("look-not-recorded")


class _Elsewhere:
    """Settings whose audit is somewhere else than beside the builds."""

    def __init__(self, settings: Any, audit: Path) -> None:  # noqa: ANN401 - whatever the settings are
        self._settings = settings
        self.audit_dir = audit

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as above
        return getattr(self._settings, name)


# -- hostile sources


def test_script_in_every_field_of_a_record_is_data(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "outside.toml").write_text(
        '[source]\nname = "outside"\nkind = "jsonl"\npath = "records.jsonl"\nkey = ["id"]\n\n'
        '[fields]\nname = "names"\ndob = "dob"\naddress = "addresses"\nphone = "phones"\n',
        encoding="utf-8",
    )
    rows = [
        {
            "id": bad,
            "names": [f"QUILL {bad}"],
            "dob": bad,
            "addresses": [f"1 {bad} TEST ROAD"],
            "phones": ["07700900555"],
        },
        {"id": "2", "names": ["\u202eNAMYB" + "X" * 200], "dob": "", "addresses": [], "phones": ["07700900555"]},
    ]
    (tmp_path / "sources" / "records.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    config = write_settings(tmp_path, ["outside"])
    assert run(config, "build").exit_code == 0
    with App(load(config)) as app, client(app) as web:
        answer = web.get("/api/v1/search", params={"q": "07700900555"})
        assert answer.headers["content-type"] == "application/json" and len(answer.json()["hits"]) >= 1
        assert {record["ref"] for hit in answer.json()["hits"] for record in hit["records"]} == {bad, "2"}
        shown = web.get("/api/v1/event", params={"id": f"outside:{bad}"})
        assert shown.status_code == 200 and shown.json()["record"]["key"] == [bad]


# -- the document


def test_the_examples_of_the_document_are_what_the_service_answers(web: TestClient) -> None:
    document = web.get("/openapi.json").json()
    found = web.get("/api/v1/search", params={"q": NUMBER}).json()
    example = document["paths"]["/api/v1/search"]["get"]["responses"]["200"]["content"]["application/json"]["examples"]
    assert set(example["found"]["value"]) == set(found) == set(document["components"]["schemas"]["Answer"]["required"])
    assert (
        set(example["found"]["value"]["hits"][0])
        == set(found["hits"][0])
        == set(document["components"]["schemas"]["Hit"]["required"])
    )
    assert example["no_trace"]["value"]["message"].startswith("No trace in the sources searched")
    lines = web.post("/api/v1/lookup", content=examples.LOOKUP_QUERIES).text.splitlines()
    assert [set(json.loads(line)) for line in lines] == [set(examples.LOOKUP_RESULT)] * 2
    allowed = set(document["components"]["schemas"]["LookupQuery"]["properties"])
    assert all(set(json.loads(line)) <= allowed for line in examples.LOOKUP_QUERIES.splitlines())


def test_every_operation_is_described_with_its_errors(web: TestClient) -> None:
    document = web.get("/openapi.json").json()
    assert set(document["paths"]) >= {
        f"/api/v1/{name}"
        for name in (
            "search",
            "lookup",
            "person",
            "location",
            "phone",
            "event",
            "call",
            "reading",
            "briefing",
            "status",
        )
    }
    assert set(document["paths"]) >= {"/health/live", "/health/ready", "/health/fresh", "/metrics"}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"] and "422" not in operation["responses"], path
            for status in ("4XX", "5XX"):
                content = operation["responses"][status]["content"]
                assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
            for parameter in operation.get("parameters", ()):
                assert parameter["schema"], (path, parameter)


def test_every_page_for_programs_is_in_the_document_and_no_page_for_people(web: TestClient) -> None:
    assert all(
        path.startswith(("/api/v1/", "/health/", "/metrics")) for path in web.get("/openapi.json").json()["paths"]
    )
