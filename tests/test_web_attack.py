"""Attacks on the service that are scripted: each is tried on the real thing, with somebody signed in, and none succeeds.

What passes through the socket is sent to a process of its own; what is of one request is asked of the service itself.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from datetime import date

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from discoverer.app import App
from tests.conftest import SMALL
from tests.gated import ROLES, WORDS, Gated, form_key, gated_at, name_of, settings_file, sign_in
from tests.web import STARTS_IN, Serving, looks, problem, serving

ENDS = date(2026, 12, 24)
SEARCH = "/api/v1/search?q=07700+900417"
PERSON = "intelligence:INT/18/0000153#1"
HEAD_SECONDS = 1


@pytest.fixture(scope="module")
def gated(small_closed: App, tmp_path_factory: pytest.TempPathFactory) -> Gated:
    return gated_at(small_closed, tmp_path_factory.mktemp("attacked"))


@pytest.fixture
def handler(gated: Gated) -> TestClient:
    return gated.browser("call_handler")


@pytest.fixture(scope="module")
def served(gated: Gated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    config = settings_file(gated.app, tmp_path_factory.mktemp("process"), SMALL)
    with serving(config, "--head-seconds", str(HEAD_SECONDS)) as made:
        made.wait_for("/health/live", 200)
        yield made


# -- sessions


def test_a_session_that_was_planted_is_not_the_one_signed_in_with(gated: Gated) -> None:
    planted = "A" * 43
    victim = gated.browser()
    answer = victim.post(
        "/sign-in",
        data={"name": name_of("supervisor"), "password": WORDS},
        headers={"Cookie": f"discoverer={planted}"},
    )
    assert planted not in answer.headers["set-cookie"]
    assert gated.browser().get("/", headers={"Cookie": f"discoverer={planted}"}).status_code == 303


def test_signing_in_again_ends_the_session_before(gated: Gated, handler: TestClient) -> None:
    before = handler.cookies["discoverer"]
    sign_in(handler, name_of("supervisor"))
    assert handler.cookies["discoverer"] != before
    assert gated.browser().get("/", headers={"Cookie": f"discoverer={before}"}).status_code == 303


def test_a_cookie_that_was_stolen_is_worth_nothing_after_signing_out(gated: Gated, handler: TestClient) -> None:
    thief = gated.browser()
    stolen = {"Cookie": f"discoverer={handler.cookies['discoverer']}"}
    assert thief.get(SEARCH, headers=stolen).status_code == 200
    handler.post("/sign-out", data={"form_key": form_key(handler.get("/").text)})
    problem(thief.get(SEARCH, headers=stolen), 401)


@pytest.mark.parametrize("cookie", [
    "discoverer={own}; discoverer={own}", "discoverer={own}; discoverer=" + "A" * 43, "discoverer={own}x", "discoverer={own} ; x=y; discoverer=",
    "Discoverer={own}", "__Host-discoverer={own}", 'discoverer="{own}"', "discoverer=", "discoverer=' OR 1=1 --", "discoverer=" + "A" * 60_000, "discoverer=..%2f..",
])  # fmt: skip
def test_a_cookie_that_is_not_one_session_exactly_is_nobodys(gated: Gated, handler: TestClient, cookie: str) -> None:
    sent = {"Cookie": cookie.replace("{own}", handler.cookies["discoverer"])}
    assert gated.browser().get("/", headers=sent).status_code == 303


# -- tokens


def test_a_token_is_worth_nothing_where_it_was_not_meant(gated: Gated, handler: TestClient) -> None:
    token = gated.token("supervisor", "telephony", ("call",), ENDS)
    came = {"Authorization": f"Bearer {token}"}
    outside = gated.browser()
    assert outside.get("/api/v1/call?cli=07700900417", headers=came).status_code == 200
    for path in (
        SEARCH,
        f"/api/v1/person?id={PERSON}",
        "/api/v1/status",
        "/api/v1/call/",
        "/api/v1/Call?cli=07700900417",
    ):
        problem(outside.get(path, headers=came), 403)
    assert outside.get("/call?cli=07700900417", headers=came).status_code == 403, "a token showed a page"
    for elsewhere in (f"discoverer={token}", f"__Host-discoverer={token}"):
        problem(outside.get("/api/v1/call?cli=07700900417", headers={"Cookie": elsewhere}), 401)
    for named in ("token", "access_token", "authorization"):
        problem(outside.get(f"/api/v1/call?cli=07700900417&{named}={token}"), 401)
    both = handler.get("/api/v1/call?cli=07700900417", headers=came)
    assert "together" in problem(both, 400)["detail"]
    session = {"Authorization": f"Bearer {handler.cookies['discoverer']}"}
    problem(outside.get(SEARCH, headers=session), 401)


def test_a_token_that_is_over_or_revoked_is_worth_nothing(gated: Gated) -> None:
    outside = gated.browser()
    token = gated.token("rad", "short", ("search",), gated.clock().date())
    revoked = gated.token("rad", "gone", ("search",), ENDS)
    assert outside.get(SEARCH, headers={"Authorization": f"Bearer {revoked}"}).status_code == 200
    (number,) = [each.number for each in gated.accounts.tokens() if each.name == "gone"]
    gated.accounts.revoke_token(number)
    problem(outside.get(SEARCH, headers={"Authorization": f"Bearer {revoked}"}), 401)
    gated.clock.later(3 * 24 * 3600)
    problem(outside.get(SEARCH, headers={"Authorization": f"Bearer {token}"}), 401)


def test_a_role_that_was_changed_takes_sessions_and_tokens_with_it(gated: Gated) -> None:
    gated.accounts.add("Test mover", "supervisor", WORDS)
    browser = gated.browser()
    sign_in(browser, "Test mover")
    token = gated.token("analyst", "old", ("search",), ENDS)
    gated.accounts.set_role("Test mover", "call_handler")
    gated.accounts.set_role("Program analyst", "call_handler")
    assert browser.get("/").status_code == 303
    problem(gated.browser().get(SEARCH, headers={"Authorization": f"Bearer {token}"}), 401)


# -- what is another's


def test_calls_in_hand_are_shown_to_nobody_else_at_the_same_desk(gated: Gated) -> None:
    desk = gated.browser("call_handler")
    number = re.search(r'data-call="(\d+)"', desk.get("/call?cli=07700900417&log=4417-2026-11-27").text)
    assert "4417-2026-11-27" in desk.get("/").text
    sign_in(desk, name_of("rad"))  # the same browser, with the same cookie of its seat
    page = desk.get("/").text
    assert "4417-2026-11-27" not in page and "07700900417" not in page
    assert number is not None
    desk.post("/calls/close", data={"call": number[1], "form_key": form_key(page)})
    sign_in(desk, name_of("call_handler"))
    assert "4417-2026-11-27" in desk.get("/").text, "somebody else put it out of hand"


def test_whoever_is_not_signed_in_sees_no_call_of_the_desk(gated: Gated) -> None:
    desk = gated.browser("call_handler")
    desk.get("/call?cli=07700900417&log=5518-2026-11-27")
    desk.cookies.delete("discoverer")
    for path, headers in (
        ("/sign-in", {}),
        ("/", {"Host": "evil.test"}),
        ("/", {"Sec-Fetch-Site": "cross-site"}),
        ("/?x=%ff", {}),
    ):
        answer = desk.get(path, headers=headers)
        assert "5518-2026-11-27" not in answer.text and "Search" not in answer.text, path


FORGED = {
    "role": "supervisor",
    "viewer": "Somebody",
    "name": "Somebody",
    "by": "Somebody",
    "who": "Somebody",
    "account": "Somebody",
}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_becomes_another_by_saying_so(gated: Gated, role: str) -> None:
    browser = gated.browser(role)
    key = form_key(browser.get("/password").text)
    headers = {
        "X-Role": "supervisor",
        "X-Viewer": "Somebody",
        "X-Remote-User": "Somebody",
        "X-Original-URL": "/metrics",
    }
    before = len(looks(gated.app))
    plain = browser.get("/search", params={"q": "07700 900417", "reason": "a test"})
    forged = browser.get("/search", params={"q": "07700 900417", "reason": "a test", **FORGED}, headers=headers)
    assert plain.status_code == forged.status_code
    mentions = {"verdict": "apart", "first": PERSON, "second": "x:1#1", "reason": "a test", "form_key": key}
    for path in ("/decide", "/decide?reason=a+test&role=supervisor"):
        answer = browser.post(path, data={**mentions, **FORGED}, headers=headers)
        assert answer.status_code in (403, 404), answer.status_code  # not theirs to do, or no such mention: never done
    problem(browser.get("/api/v1/search", params={"q": "smith", "role": "supervisor"}), 400)
    for each in looks(gated.app)[before:]:
        assert (each["viewer"], each["role"]) == (name_of(role), role)


@pytest.mark.parametrize(("header", "value"), [
    ("X-HTTP-Method-Override", "POST"), ("X-Method-Override", "DELETE"), ("X-HTTP-Method", "PUT"),
])  # fmt: skip
def test_a_method_is_what_it_is(handler: TestClient, header: str, value: str) -> None:
    assert handler.get("/sign-out", headers={header: value}).status_code == 405
    assert handler.get("/?_method=POST", headers={header: value}).status_code == 200
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND"):
        assert handler.request(method, "/").status_code in (403, 405)
    assert handler.get("/").status_code == 200, "it was signed out"


@pytest.mark.parametrize(
    "name", ["Τest rad", "Tеst rad", "Test гad", "Test radd", "", " ", "\u200b", "\x00", "x" * 60_000]
)
def test_a_name_that_looks_like_another_is_nobodys(gated: Gated, name: str) -> None:
    answer = gated.browser().post("/sign-in", data={"name": name, "password": WORDS})
    assert answer.status_code in (401, 413), answer.status_code
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["TEST RAD", "Test\u200b rad", "test rad\x00", "Test rad\r\nX-Evil: y", "Ｔest rad"])
def test_whatever_comes_down_to_a_name_is_recorded_as_the_account_has_it(gated: Gated, name: str) -> None:
    before = len(looks(gated.app))
    answer = gated.browser().post("/sign-in", data={"name": name, "password": WORDS})
    assert answer.status_code in (303, 401) and "x-evil" not in answer.headers
    assert {each["viewer"] for each in looks(gated.app)[before:]} <= {"Test rad", ""}


@pytest.mark.parametrize("name", ["Test rad", "Test nobody", "Test closed"])
def test_a_refusal_tells_nothing_of_whoever_was_named(gated: Gated, name: str) -> None:
    if name == "Test closed":
        gated.accounts.add(name, "rad", WORDS)
        gated.accounts.set_active(name, active=False)
    answer = gated.browser().post("/sign-in", data={"name": name, "password": "not the one at all"})
    (said,) = re.findall(r'role="alert">([^<]*)<', answer.text)
    assert answer.status_code == 401 and said.startswith("The name, the password or the code is wrong")
    assert name not in answer.text and "not the one" not in answer.text


def test_guessing_is_made_to_wait(gated: Gated) -> None:
    gated.accounts.add("Test guessed", "rad", WORDS)
    statuses = [
        gated.browser()
        .post("/sign-in", data={"name": "Test guessed", "password": f"guess number {number}"})
        .status_code
        for number in range(12)
    ]
    assert statuses[0] == 401 and statuses[-1] == 429
    answer = gated.browser().post("/sign-in", data={"name": "Test guessed", "password": WORDS})
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0
    gated.clock.later(24 * 3600)
    sign_in(gated.browser(), "Test guessed")


@pytest.mark.parametrize(
    "to",
    [
        "//evil.test",
        "/\\evil.test",
        "https://evil.test",
        "/x\r\nSet-Cookie: discoverer=1",
        "/%0d%0aX-Evil: 1",
        "javascript:alert(1)",
        '/"><script>alert(1)</script>',
    ],
)
def test_nobody_is_led_elsewhere_by_signing_in(gated: Gated, to: str) -> None:
    page = gated.browser().get("/sign-in", params={"to": to})
    assert "<script>alert" not in page.text
    answer = gated.browser().post("/sign-in", data={"name": name_of("rad"), "password": WORDS, "to": to})
    where = answer.headers["location"]
    assert answer.status_code == 303 and where.startswith("/") and not where.startswith(("//", "/\\"))
    assert "x-evil" not in answer.headers and "\n" not in where
    assert len(answer.headers.get_list("set-cookie")) == 1


def test_a_link_of_another_system_leads_on_without_showing_anything(gated: Gated, handler: TestClient) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    fresh = gated.browser()  # the browser sends no cookie of the session with it
    first = fresh.get("/call?cli=07700900417", headers=link)
    page = fresh.get(first.headers["location"], headers=link)
    assert page.status_code == 200 and 'content="0; url=/call?cli=07700900417"' in page.text
    again = fresh.get("/call?cli=07700900417", headers={**link, "Sec-Fetch-Site": "same-origin"})
    form = fresh.get(again.headers["location"], headers={**link, "Sec-Fetch-Site": "same-origin"})
    assert 'action="/sign-in"' in form.text, "it goes round in a circle"
    assert handler.get("/call?cli=07700900417", headers={**link, "Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("path", ["/search?q=07700900417", "/callings?cli=07700900417", "/brief/person?id=1"])
def test_a_link_of_another_system_searches_in_nobodys_name_until_they_say_so(gated: Gated, path: str) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    fresh = gated.browser()
    page = fresh.get(fresh.get(path, headers=link).headers["location"], headers=link)
    assert page.status_code == 200 and "http-equiv" not in page.text
    assert f'<a href="{path}">' in page.text and "recorded as yours" in page.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/decide", "/password", "/calls/close"])
def test_another_sites_page_sends_no_form(handler: TestClient, path: str) -> None:
    key = form_key(handler.get("/").text)
    for headers in (
        {"Origin": "http://evil.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ):
        assert (
            handler.post(
                path, data={"form_key": key, "name": name_of("rad"), "password": WORDS}, headers=headers
            ).status_code
            == 403
        )


# -- through the socket


def _raw(served: Serving, sent: bytes, pause: float = 0.0, times: int = 1) -> bytes:
    """Send bytes as they are, some times with pauses between; return what comes back."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    came = b""
    with socket.create_connection((host, int(port)), timeout=STARTS_IN) as line:
        try:
            for _ in range(times):
                line.sendall(sent)
                time.sleep(pause)
            while part := line.recv(65_536):
                came += part
        except (ConnectionResetError, BrokenPipeError):
            pass
    return came


HOST = b"Host: 127.0.0.1\r\nConnection: close\r\n"


@pytest.mark.parametrize(("sent", "statuses"), [
    (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", (303,)),
    (b"GET /api/v1/search?q=smith HTTP/1.1\r\n" + HOST + b"\r\n", (401,)),
    (b"GET /static/../api/v1/search?q=smith HTTP/1.1\r\n" + HOST + b"\r\n", (404,)),
    (b"GET /static/..%2f..%2faccounts.sqlite HTTP/1.1\r\n" + HOST + b"\r\n", (404,)),
    (b"GET /sign-in/../search?q=smith HTTP/1.1\r\n" + HOST + b"\r\n", (303,)),
    (b"GET /sign-in;/search HTTP/1.1\r\n" + HOST + b"\r\n", (303,)),
    (b"GET //search?q=smith HTTP/1.1\r\n" + HOST + b"\r\n", (303,)),
    (b"GET http://127.0.0.1/health/live/../ready HTTP/1.1\r\n" + HOST + b"\r\n", (303, 401, 404)),
    (b"GET /health/live%00/ready HTTP/1.1\r\n" + HOST + b"\r\n", (303, 401)),
    (b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: " + b"discoverer=x; " * 15_000 + b"\r\n\r\n", (303,)),
    (b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: " + b"x" * 300_000 + b"\r\n\r\n", (303, 400)),
    (b"GET / HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n", (421,)),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000, (413,)),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", (400,)),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n", (400, 401)),
    (b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", (400, 501)),
    (b"GET / HTTP/1.1\r\n" + HOST + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", (303, 400)),
])  # fmt: skip
def test_whatever_is_sent_by_nobody_is_refused(served: Serving, sent: bytes, statuses: tuple[int, ...]) -> None:
    came = _raw(served, sent)
    assert came.startswith(tuple(f"HTTP/1.1 {status} ".encode() for status in statuses)), came[:300]
    assert came.count(b"HTTP/1.1 ") == 1, "a second request was answered"
    assert b"# TYPE" not in came and b"SQLite format" not in came and b"Traceback" not in came


def test_whoever_sends_a_head_too_slowly_is_hung_up_on(served: Serving) -> None:
    began = time.monotonic()
    assert _raw(served, b"GET /health/live HTTP/1.1\r\n") == b""
    assert _raw(served, b"") == b"", "nothing at all was sent"
    drop = _raw(served, b"X-Slow: 1\r\n", pause=HEAD_SECONDS / 5, times=100)
    assert drop == b"" or drop.startswith(b"HTTP/1.1 400"), drop
    assert time.monotonic() - began < HEAD_SECONDS * 60, "it was listened to for as long as it spoke"
    assert httpx.get(f"{served.address}/health/live", timeout=STARTS_IN).status_code == 200


def test_a_head_that_begins_after_an_answer_is_waited_for_no_longer(served: Serving) -> None:
    host, _, port = served.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=STARTS_IN) as line:
        line.sendall(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert line.recv(65_536).startswith(b"HTTP/1.1 200 ")
        line.sendall(b"GET /health/live HTTP/1.1\r\n")
        rest = b""
        while part := line.recv(65_536):
            rest += part
    assert b"HTTP/1.1 200 " not in rest


def test_the_process_signs_people_in_and_out(served: Serving) -> None:
    with httpx.Client(base_url=served.address, timeout=STARTS_IN) as browser:
        assert browser.get("/api/v1/status").status_code == 401
        left = browser.post("/sign-in", data={"name": name_of("supervisor"), "password": WORDS})
        assert left.status_code == 303 and left.headers["set-cookie"].startswith("discoverer=")
        assert browser.get(SEARCH).json()["hits"]
        assert browser.post("/sign-out").status_code == 403
        browser.post("/sign-out", data={"form_key": form_key(browser.get("/").text)})
        assert browser.get("/api/v1/status").status_code == 401
