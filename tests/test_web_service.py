"""The service itself: what every request passes, the one shape of error, whose turn it is, and how it feels."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from discoverer.access import Viewer
from discoverer.answer import SourceStatus, State
from discoverer.app import App
from discoverer.clock import parse_iso
from discoverer.errors import (
    DiscovererError,
    IndexUnavailable,
    LookNotRecorded,
    NotFound,
    SourceUnavailable,
    TooBusy,
    UsageError,
)  # fmt: skip
from discoverer.settings import load
from discoverer.suggesting import Reading
from discoverer.web import guards, health
from discoverer.web.guards import LARGEST_BODY, LONGEST_URL, SECURITY_HEADERS, Guard
from discoverer.web.limits import Lanes, LaneSpec, Turns, limits
from discoverer.web.problems import Problem, Problems, of_error
from discoverer.web.screen import pages
from discoverer.web.service import Screen
from index.progress import SilentProgress
from tests.conftest import SMALL
from tests.web import HOME, client, looks, problem, to_its_end


@pytest.fixture(scope="module")
def web(small: App) -> Iterator[TestClient]:
    with client(small) as made:
        yield made


@pytest.fixture
def broken(small: App, tmp_path: Path) -> Iterator[TestClient]:
    """Lend a service whose screen goes wrong in every way there is."""
    router = APIRouter()

    @router.get("/raises/{what}")
    def raises(what: str) -> Response:
        raise {
            "usage": UsageError("It cannot be read; type it again."),
            "missing": NotFound("There is no such thing; search for it."),
            "index": IndexUnavailable("There is no index yet; build one."),
            "source": SourceUnavailable("custody", "it is gone; mend it."),
            "audit": LookNotRecorded("The look could not be recorded; make room."),
            "bug": ZeroDivisionError("SECRET 07700 900417"),
        }[what]

    @router.post("/takes")
    async def takes(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    @router.get("/begins")
    async def begins() -> Response:
        raise RuntimeError("before the answer")

    (tmp_path / "site.css").write_text("body {}", encoding="utf-8")
    screen = Screen(router, _page, tmp_path)
    with client(small, screen) as made:
        yield made


def _page(request: Request, shown: Problem) -> Response:
    del request
    return HTMLResponse(f"<h1>{shown.title}</h1><p>{shown.detail}</p>", shown.status)


# -- ids and headers


@pytest.mark.parametrize(
    "path", ["/health/live", "/api/v1/search?q=07700+900417", "/api/v1/search", "/nowhere", "/metrics"]
)
def test_every_answer_says_what_a_browser_may_do_with_it(web: TestClient, path: str) -> None:
    answer = web.get(path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


@pytest.mark.parametrize(("given", "kept"), [
    ("desk-4.2026-11-27_0001", True), ("12345678", True),
    ("short", False), ("x" * 65, False), ("with space inside", False), ("-leads-with-a-dash", False), ("<script>alert(1)</script>", False),
])  # fmt: skip
def test_a_request_keeps_an_id_that_is_well_formed_and_gets_one_else(web: TestClient, given: str, kept: bool) -> None:
    answer = web.get("/api/v1/search", headers={"X-Request-ID": given})
    ident = problem(answer, 400)["instance"]
    assert (ident == given) is kept
    assert len(ident) >= 8


def test_every_request_is_a_line_of_the_log_with_its_id_and_nothing_that_was_asked(
    web: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "discoverer.web"):
        ident = web.get("/api/v1/person", params={"id": "SECRET QUILL", "log": "2731-2014-09-14"}).headers[
            "x-request-id"
        ]
    (line,) = [record.getMessage() for record in caplog.records if record.name == "discoverer.web"]
    assert line.startswith("GET /api/v1/person 404 ") and f"[{ident}]" in line
    assert "QUILL" not in line and "2731" not in line


# -- who may ask


@pytest.mark.parametrize(("host", "status"), [
    ("127.0.0.1", 200), ("127.0.0.1:8000", 200), ("localhost:1", 200), ("LOCALHOST", 200), ("[::1]:8000", 200),
    ("evil.test", 421), ("127.0.0.1.evil.test", 421), ("localhost.evil.test:8000", 421), ("192.168.0.7", 421), ("", 421), ("127.0.0.1:80:80", 421),
])  # fmt: skip
def test_it_answers_only_to_its_own_names(web: TestClient, host: str, status: int) -> None:
    answer = web.get("/health/live", headers={"Host": host})
    assert answer.status_code == status
    if status != 200:
        assert "localhost" in problem(answer, 421)["detail"]


ELSEWHERE = {"Origin": "http://evil.test"}
CROSS = {"Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(("method", "headers", "status"), [
    ("GET", {}, 200),
    ("GET", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
    ("GET", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
    ("GET", CROSS | {"Sec-Fetch-Mode": "navigate"}, 200),  # a link from the telephony program's own page
    ("GET", CROSS | {"Sec-Fetch-Mode": "no-cors"}, 403),  # an image that would write a look
    ("GET", CROSS | {"Sec-Fetch-Mode": "cors"}, 403),
    ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),  # another port of this machine
    ("GET", ELSEWHERE, 403),
    ("GET", {"Origin": "null"}, 403),
    ("GET", {"Origin": HOME}, 200),
    ("POST", {}, 200),
    ("POST", {"Origin": HOME}, 200),
    ("POST", {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),  # our own form: our pages send no referrer
    ("POST", {"Origin": "null"}, 403),
    ("POST", ELSEWHERE, 403),
    ("POST", CROSS | {"Sec-Fetch-Mode": "navigate"}, 403),
    ("POST", CROSS | {"Sec-Fetch-Mode": "navigate", "Origin": HOME}, 403),
    ("POST", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ("POST", {"Sec-Fetch-Site": "Same-Origin"}, 403),
])  # fmt: skip
def test_no_page_of_another_site_asks_in_the_users_name(
    small: App, web: TestClient, method: str, headers: dict[str, str], status: int
) -> None:
    before = len(looks(small))
    path = "/api/v1/search?q=07700+900417" if method == "GET" else "/api/v1/lookup"
    answer = web.request(
        method, path, headers=headers, content='{"text": "07700 900417"}' if method == "POST" else None
    )
    assert answer.status_code == status, answer.text[:200]
    assert len(looks(small)) == before + (status == 200)


# -- how much may be sent


@pytest.mark.parametrize(
    ("length", "status"), [(2_017, 400), (LONGEST_URL, 400), (LONGEST_URL + 1, 414), (50_000, 414)]
)
def test_what_is_too_long_for_the_box_is_told_so(web: TestClient, length: int, status: int) -> None:
    detail = problem(web.get(f"/api/v1/search?q={'x' * (length - len('/api/v1/searchq='))}"), status)["detail"]
    assert "2,000" in detail


def test_2000_characters_of_any_script_fit_into_an_address(web: TestClient) -> None:
    answer = web.get("/api/v1/search", params={"q": ("ش" * 9 + " ") * 200})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/search?q=%ff%fe", "/api/v1/search?%c3=1", "/%ff", "/api/v1/search?q=%ED%A0%80"]
)
def test_an_address_that_is_no_text_is_refused_and_not_read_as_something_else(web: TestClient, path: str) -> None:
    assert "UTF-8" in problem(web.get(path), 400)["detail"]


def test_a_form_has_a_size(broken: TestClient) -> None:
    assert broken.post("/takes", content=b"x" * LARGEST_BODY).text == str(LARGEST_BODY)
    too_much = broken.post("/takes", content=b"x" * (LARGEST_BODY + 1))
    assert too_much.status_code == 413 and "65,536" in too_much.text

    def _parts() -> Iterator[bytes]:  # without a length in the head
        yield from (b"x" * 10_000 for _ in range(8))

    assert broken.post("/takes", content=_parts()).status_code == 413


def test_a_body_that_comes_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_SECONDS", 0.01)

    async def _takes(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    async def _never() -> Message:
        await asyncio.sleep(3_600)
        raise AssertionError

    sent = to_its_end(_asked(Guard(_problem_of_http(_takes), Problems()), _scope("POST"), _never))
    assert sent[0]["status"] == 408


def test_whoever_does_not_read_their_answer_does_not_keep_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "SEND_SECONDS", 0.01)
    done: list[guards.Done] = []

    async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("x")(scope, receive, send)

    async def _blocked(message: Message) -> None:
        await asyncio.sleep(3_600)

    to_its_end(Guard(_answers, Problems(), on_done=done.append)(_scope("GET"), _nothing, _blocked))
    assert [each.status for each in done] == [499]


def _problem_of_http(inner: ASGIApp) -> ASGIApp:
    """Wrap an app as the service does, so that what the guard raises inside is answered."""

    def _said(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return PlainTextResponse(error.detail, error.status_code)

    return Starlette(routes=[Mount("/", inner)], exception_handlers={HTTPException: _said})


def _scope(method: str, path: str = "/x", **headers: str) -> Scope:
    given = {"host": "127.0.0.1", **headers}
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }  # fmt: skip


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _asked(app: ASGIApp, scope: Scope, receive: Receive = _nothing) -> list[Message]:
    sent: list[Message] = []

    async def _send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, _send)
    return sent


# -- one shape of error


@pytest.mark.parametrize(("path", "status", "kind"), [
    ("/api/v1/search", 400, "usage-error"), ("/api/v1/search?limit=0&q=x", 400, "bad-request"),
    ("/api/v1/search?limit=ten&q=x", 400, "bad-request"), ("/api/v1/person", 400, "bad-request"),
    ("/api/v1/person?id=nobody", 404, "not-found"), ("/api/v1/nothing", 404, "not-found"), ("/nothing", 404, "not-found"),
    ("/health/nothing", 404, "not-found"), ("/api/v1/lookup", 405, "method-not-allowed"),
])  # fmt: skip
def test_whatever_goes_wrong_has_one_shape(web: TestClient, path: str, status: int, kind: str) -> None:
    assert problem(web.get(path), status)["type"] == f"urn:discoverer:problem:{kind}"


def test_every_mistake_of_a_request_is_said_at_once(web: TestClient) -> None:
    detail = problem(web.get("/api/v1/phone", params={"limit": "many", "offset": "-1"}), 400)["detail"]
    assert all(each in detail for each in ("id", "limit", "offset", "'many'"))


@pytest.mark.parametrize(
    ("what", "status"), [("usage", 400), ("missing", 404), ("index", 503), ("source", 503), ("audit", 503)]
)
def test_a_person_is_shown_a_page_by_the_status_and_sentence_of_the_error(
    broken: TestClient, what: str, status: int
) -> None:
    answer = broken.get(f"/raises/{what}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "<p>" in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)


def test_an_error_nobody_foresaw_is_a_sentence_with_an_id_and_its_trace_stands_in_the_log_alone(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = broken.get("/raises/bug")
    ident = answer.headers["x-request-id"]
    assert answer.status_code == 500 and ident in answer.text
    assert "SECRET" not in answer.text and "ZeroDivision" not in answer.text and "Traceback" not in answer.text
    assert ident in caplog.text and "ZeroDivisionError" in caplog.text
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


def test_a_program_is_answered_in_json_though_there_are_pages(broken: TestClient) -> None:
    for path in ("/api/v1/search", "/health/nothing", "/metrics/nothing"):
        problem(broken.get(path, headers={"Accept": "text/html"}), 400 if path.endswith("search") else 404)
    assert broken.get("/apiary").headers["content-type"].startswith("text/html")


def test_an_answer_that_breaks_off_is_not_ended_as_if_it_were_whole() -> None:
    async def _breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        to_its_end(_asked(Guard(_breaks, Problems()), _scope("GET")))


@pytest.mark.parametrize("kind", DiscovererError.__subclasses__())
def test_every_error_of_ours_can_be_told(kind: type[DiscovererError]) -> None:
    error = kind.__new__(kind, "A sentence.")
    error.message = "A sentence."
    told = of_error(error, "12345678")
    assert told.status == kind.http_status and told.detail == "A sentence."
    assert told.type.replace("-", "") == f"urn:discoverer:problem:{kind.__name__.lower()}"


@pytest.mark.parametrize("path", [
    "/static/../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc/passwd", "/static//etc/passwd",
    "/static/%5c..%5c..%5cetc", "/static/", "/static/site.css%00.png", "/static/nothing.css",
])  # fmt: skip
def test_nothing_but_what_is_static_is_served_from_disk(broken: TestClient, path: str) -> None:
    answer = broken.get(path)
    assert answer.status_code == 404 and "root:" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_what_is_static_may_be_kept_and_asked_about(broken: TestClient) -> None:
    answer = broken.get("/static/site.css")
    assert answer.text == "body {}" and answer.headers["cache-control"] == "no-cache"
    assert broken.get("/static/site.css", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("headers", [
    {"X-Forwarded-Host": "evil.test", "X-Forwarded-For": "1.2.3.4", "Forwarded": "host=evil.test"},
    {"X-HTTP-Method-Override": "DELETE"}, {"Range": "bytes=0-1"}, {"Accept": "*/*;q=nonsense,,,"}, {"If-None-Match": '"'},
    {"If-None-Match": "W/,,\x7f"}, {"Content-Length": "0"}, {"Cookie": "=;" * 500}, {"Authorization": "Basic ====="},
    {"Accept-Language": "x" * 5_000}, {"Content-Type": "multipart/form-data"}, {"X-Request-ID": "a" * 9_000},
    {"Upgrade": "websocket", "Connection": "Upgrade"}, {"Expect": "100-continue"},
])  # fmt: skip
def test_hostile_headers_change_nothing(web: TestClient, headers: dict[str, str]) -> None:
    answer = web.get("/api/v1/search", params={"q": "07700 900417"}, headers=headers)
    assert answer.status_code == 200 and answer.json()["hits"]
    assert "evil.test" not in str(answer.headers)


# -- whose turn it is


def test_the_limits_are_read_and_keep_most_for_the_screen() -> None:
    given = limits()
    assert given.screen.at_once > given.systems.at_once >= given.bulk.at_once
    assert given.screen.waiting > given.systems.waiting >= given.bulk.waiting
    lanes = (given.screen, given.typing, given.systems, given.bulk, given.sign_in)
    assert given.threads > sum(each.at_once for each in lanes)  # health and the files of a page need some too


NARROW = LaneSpec(at_once=1, waiting=1, seconds=0.05, reason="narrow, so that a test fills it")
FILLED = limits().model_copy(update={"systems": NARROW, "bulk": NARROW})


@pytest.mark.parametrize(("path", "headers", "lane"), [
    ("/", {}, "screen"), ("/search", {}, "screen"), ("/show/person", {}, "screen"), ("/apiary", {}, "screen"),
    ("/api/v1/search", {}, "systems"), ("/api/v1/person", {}, "systems"), ("/api/v1/search", {"sec-fetch-site": "none"}, "systems"),
    ("/api/v1/reading", {"sec-fetch-site": "same-origin"}, "typing"), ("/api/v1/reading", {}, "systems"), ("/api/v1/lookup", {}, "bulk"),
    ("/api/v1/lookup", {"sec-fetch-site": "same-origin"}, "bulk"),
    ("/health/live", {}, None), ("/metrics", {}, None), ("/static/screen.css", {}, None), ("/openapi.json", {}, None),
])  # fmt: skip
def test_each_request_has_its_lane(path: str, headers: dict[str, str], lane: str | None) -> None:
    lanes = Lanes(limits())
    found = lanes.of({**_scope("GET", path), "headers": [(k.encode(), v.encode()) for k, v in headers.items()]})
    assert found is (getattr(lanes, lane) if lane else None)


def test_signing_in_has_a_lane_of_its_own() -> None:
    lanes = Lanes(limits())
    assert lanes.of(_scope("POST", "/sign-in")) is lanes.of(_scope("POST", "/password")) is lanes.sign_in
    assert lanes.of(_scope("GET", "/sign-in")) is lanes.screen


def test_programs_that_ask_too_much_wait_then_are_told_when_to_come_again_and_the_screen_is_not() -> None:
    statuses = to_its_end(_crowd())
    assert statuses["systems"].count(200) == 1 and statuses["systems"].count(429) == 7
    assert statuses["bulk"].count(200) == 1 and statuses["bulk"].count(429) == 7
    assert statuses["screen"] == [200] * 8


async def _crowd() -> dict[str, list[int]]:
    """Ask eight times in every lane at once, of which the programs' hold one; the first are held up till all are in."""
    held = asyncio.Event()

    async def _inner(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/api/"):
            await held.wait()
        await PlainTextResponse("x")(scope, receive, send)

    turns = Turns(_inner, Lanes(FILLED), Problems())
    paths = {"systems": "/api/v1/search", "bulk": "/api/v1/lookup", "screen": "/search"}
    asked = {
        name: [asyncio.create_task(_asked(turns, _scope("GET", path))) for _ in range(8)]
        for name, path in paths.items()
    }
    done = {"screen": await asyncio.gather(*asked["screen"])}  # while the programs' turns are all taken
    await asyncio.sleep(NARROW.seconds * 3)
    held.set()
    done |= {name: await asyncio.gather(*asked[name]) for name in ("systems", "bulk")}
    for sent in done["systems"]:
        headers = dict(sent[0]["headers"])
        assert sent[0]["status"] == 200 or headers[b"retry-after"] == b"1"
    return {name: [sent[0]["status"] for sent in each] for name, each in done.items()}


def test_a_turn_is_given_back_whatever_happens_in_it() -> None:
    async def _raises(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async def _thrice() -> None:
        turns = Turns(_raises, Lanes(FILLED), Problems())
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await _asked(turns, _scope("GET", "/api/v1/search"))

    to_its_end(_thrice())


def test_a_full_screen_is_said_to_be_busy_and_not_to_have_asked_too_often() -> None:
    async def _second() -> list[Message]:
        lanes = Lanes(FILLED.model_copy(update={"screen": NARROW.model_copy(update={"waiting": 0})}))

        async def _unused(scope: Scope, receive: Receive, send: Send) -> None:
            raise AssertionError

        async with lanes.screen.turn():
            return await _asked(Turns(_unused, lanes, Problems()), _scope("GET", "/search"))

    sent = to_its_end(_second())
    assert sent[0]["status"] == 503 and b"ask again in 1 seconds" in sent[1]["body"]


def test_a_program_lets_the_screen_go_first_but_not_for_ever() -> None:
    async def _waits() -> tuple[bool, bool]:
        lanes = Lanes(limits())
        async with lanes.screen.turn():
            gives = asyncio.create_task(lanes.give_way())
            await asyncio.sleep(0.02)
            waited = not gives.done()
            await asyncio.wait_for(gives, 30)
        alone = asyncio.create_task(lanes.give_way())
        await asyncio.sleep(0)
        return waited, alone.done()

    assert to_its_end(_waits()) == (True, True)


def test_too_busy_says_when_to_come_again() -> None:
    assert TooBusy(5).message.endswith("ask again in 5 seconds.")


# -- health


def test_an_index_that_is_missing_at_the_start_is_said_and_found_once_it_is_built(tmp_path: Path) -> None:
    settings = load(SMALL / "discoverer.toml").model_copy(update={"state_dir": tmp_path / "state"})
    with App(settings) as app, client(app) as web:
        assert web.get("/health/live").status_code == 200
        for path in (
            "/api/v1/search?q=07700+900417",
            "/api/v1/phone?id=1",
            "/api/v1/reading?q=x",
            "/health/ready",
            "/health/fresh",
        ):
            answer = web.get(path)
            assert "discoverer build" in problem(answer, 503)["detail"], path
            assert int(answer.headers["retry-after"]) > 0
        assert web.get("/api/v1/status").json()["status"]["manifest"] is None
        assert "discoverer_ready 0.0" in web.get("/metrics").text
        line = web.post("/api/v1/lookup", content='{"qid": 1, "text": "07700 900417"}').json()
        assert line["qid"] == 1 and "discoverer build" in line["error"]
        app.build(SilentProgress())
        assert web.get("/health/ready").json() == {
            "state": "ready",
            "build": web.get("/api/v1/status").json()["status"]["manifest"]["build"],
        }
        assert web.get("/api/v1/search?q=07700+900417").json()["hits"]
        assert "discoverer_ready 1.0" in web.get("/metrics").text


def test_it_is_not_ready_when_what_people_decided_cannot_be_read(small: App, tmp_path: Path) -> None:
    shutil.copytree(small.settings.state_dir, tmp_path / "state")
    (tmp_path / "state" / "decisions.sqlite").write_bytes(b"not a database" * 100)
    settings = small.settings.model_copy(update={"state_dir": tmp_path / "state"})
    with App(settings) as app, client(app) as web:
        assert web.get("/health/live").status_code == 200
        searched = problem(web.get("/api/v1/search?q=07700+900417"), 503)["detail"]
        assert problem(web.get("/health/ready"), 503)["detail"] == searched
        assert problem(web.get("/health/fresh"), 503)["detail"] == searched


NOW = parse_iso("2014-11-16T02:00:00Z")


@pytest.mark.parametrize(("state", "as_at", "lag", "late"), [
    (State.ANSWERED, "2014-11-16T01:00:00Z", None, ""),
    (State.ANSWERED, "2014-11-14T14:00:00Z", None, ""),  # 36 hours
    (State.ANSWERED, "2014-11-14T13:59:59Z", None, "36 hours"),
    (State.ANSWERED, "2014-11-16T01:59:00Z", 120, ""),
    (State.ANSWERED, "2014-11-16T01:57:59Z", 121, "121 s behind"),
    (State.ANSWERED, "", None, ""),
    (State.STALE, "2014-11-16T01:59:59Z", 1, "words"),
    (State.FAILED, "", None, "words"),
    (State.NOT_PERMITTED, "", None, "words"),
])  # fmt: skip
def test_a_source_is_fresh_within_its_bounds(state: State, as_at: str, lag: int | None, late: str) -> None:
    said = health.lateness(SourceStatus("custody", state, as_at, 5, "words", lag), NOW)
    assert bool(said) is bool(late)
    assert late in said and said.startswith("custody: " if late else "")


def test_the_sources_that_are_not_fresh_are_named(web: TestClient) -> None:
    # The invented incidents tell what changed, and nobody has asked them for 15 minutes.
    detail = problem(web.get("/health/fresh"), 503)["detail"]
    assert "incidents: 900 s behind" in detail and "custody" not in detail


# -- measurements


def test_what_is_measured_says_how_much_and_of_nobody(small: App) -> None:
    with client(small) as web:
        web.get("/api/v1/search", params={"q": "07700 900417", "log": "2731-2014-09-14"})
        web.get("/api/v1/search", params={"q": "0121 496 0000"})
        web.get("/api/v1/search", params={"q": "zebediah quumfrost"})
        web.get("/api/v1/search", params={"q": "UNKNOWN"})
        web.get("/api/v1/phone", params={"id": "+447700900417"})
        web.get("/secret/07700900417")
        web.request("SECRET", "/api/v1/search")
        text = web.get("/metrics").text
    assert 'discoverer_requests_total{method="GET",route="/api/v1/search",status="200"} 3.0' in text
    assert 'discoverer_requests_total{method="GET",route="/api/v1/search",status="400"} 1.0' in text
    assert 'discoverer_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert 'discoverer_requests_total{method="other"' in text
    assert 'discoverer_looks_total{action="search"} 3.0' in text
    assert 'discoverer_looks_total{action="show"} 1.0' in text
    assert 'discoverer_no_trace_total{action="search"}' in text
    assert 'discoverer_source_records{source="incidents"} 1240.0' in text
    assert 'discoverer_source_lag_seconds{source="incidents"} 900.0' in text
    assert 'discoverer_source_state{source="custody",state="answered"} 1.0' in text
    told = re.sub(r"(?m) \S+$", "", text)  # without the numbers measured, which may be any
    assert not any(secret in told for secret in ("900417", "quumfrost", "2731", "SECRET", "secret"))


def test_what_the_pages_show_is_counted_as_it_is_recorded(small: App) -> None:
    before = len(looks(small))
    with client(small, pages.screen(small)) as web:
        web.get("/search", params={"q": "07700 900417"})
        web.get("/show/phone", params={"id": "+447700900417"})
        web.get("/brief/phone", params={"id": "+447700900417"})
        web.get("/search", params={"q": "zebediah quumfrost"})
        text = web.get("/metrics").text
    counted = {
        name: float(value) for name, value in re.findall(r'discoverer_looks_total\{action="(\w+)"\} (\S+)', text)
    }
    assert sum(counted.values()) == len(looks(small)) - before
    assert (counted["search"], counted["show"]) == (2.0, 1.0) and counted["brief"] >= 1.0
    assert 'discoverer_no_trace_total{action="search"} 1.0' in text


def test_what_a_search_reads_is_opened_before_the_first_caller_waits_for_it_and_nobody_is_looked_up(
    small: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(looks(small))
    read: list[tuple[str, ...]] = []
    with App(small.settings) as app:
        reads = app.reading

        def _reading(viewer: Viewer, text: str) -> Reading:
            found = reads(viewer, text)
            read.append(found.read_as)
            return found

        monkeypatch.setattr(app, "reading", _reading)
        with client(app):
            pass
    (said,) = read
    assert all(any(kind in each for each in said) for kind in ("name", "phone", "address", "birth"))
    assert len(looks(small)) == before


def test_those_who_send_slowly_take_nobodys_turn() -> None:
    stalled = 0

    async def _never() -> Message:
        nonlocal stalled
        stalled += 1
        await asyncio.sleep(3_600)
        raise AssertionError

    async def _reads(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await receive()
        await PlainTextResponse("x")(scope, receive, send)

    async def _together() -> list[Message]:
        lanes = Lanes(limits().model_copy(update={"screen": NARROW}))
        service = Guard(Turns(_reads, lanes, Problems()), Problems())
        slow = [asyncio.ensure_future(_asked(service, _scope("POST", "/calls/keep"), _never)) for _ in range(4)]
        while stalled < len(slow):
            await asyncio.sleep(0)
        sent = await _asked(service, _scope("GET", "/search"))
        for each in slow:
            each.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return sent

    assert to_its_end(_together())[0]["status"] == 200
