"""With accounts nobody reaches anything of the service without signing in; without them all stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from discoverer.app import App
from discoverer.errors import ConfigError
from discoverer.web.gate import OPEN
from discoverer.web.own_paths import own_path, sign_in_for
from discoverer.web.scopes import scopes, scopes_for
from discoverer.web.service import create
from tests.gated import WORDS, Gated, form_key, gated_at, name_of, sign_in
from tests.web import client, looks, problem

ENDS = date(2026, 12, 24)
SEARCH = "/api/v1/search?q=07700+900417"


@pytest.fixture(scope="module")
def gated(small_closed: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    yield gated_at(small_closed, tmp_path_factory.mktemp("gated"))


@pytest.fixture
def nobody(gated: Gated) -> TestClient:
    return gated.browser()


@pytest.fixture
def handler(gated: Gated) -> TestClient:
    return gated.browser("call_handler")


def _addresses(gated: Gated) -> list[tuple[str, str]]:
    """Return method and address of whatever the service has."""
    found = []
    for each in iter_route_contexts(gated.service.routes):
        path = str(each.path).replace("{kind}", "person")
        if path != "/static":
            found += [(method, path) for method in sorted(each.methods or ())]
    there = {("GET", "/search"), ("POST", "/decide"), ("GET", "/openapi.json"), ("POST", "/api/v1/lookup")}
    assert there <= set(found), found
    return found


def test_every_address_is_closed_to_whoever_is_not_signed_in(gated: Gated, nobody: TestClient) -> None:
    closed = 0
    for method, path in _addresses(gated):
        if path in OPEN:
            continue
        for form in (path, f"{path}/", f"/{path}", f"{path}?id=x", path.upper(), f"{path}%2f", f"/static/%2e%2e{path}"):
            answer = nobody.request(method, f"http://127.0.0.1{form}", data={"q": "x"} if method == "POST" else None)
            told = (answer.status_code, answer.headers.get("location", ""))
            if form.startswith("/static/"):
                assert answer.status_code in (404, 405), (form, told)
                continue
            assert told[0] == 401 or (told[0] == 303 and told[1].startswith("/sign-in")), (form, told)
            closed += 1
    assert closed > 100


@pytest.mark.parametrize(("path", "status"), [
    ("/sign-in", 200), ("/health/live", 200), ("/static/screen.css", 200), ("/static/%2e%2e/sign-in", 404), ("/sign-in/", 303), ("/Sign-In", 303),
])  # fmt: skip
def test_what_is_open_is_open_exactly_so_written(nobody: TestClient, path: str, status: int) -> None:
    assert nobody.get(f"http://127.0.0.1{path}").status_code == status


def test_a_person_is_led_to_signing_in_and_back_to_what_they_asked(nobody: TestClient) -> None:
    first = nobody.get("/search?q=07700+900417&log=2731-2014-09-14")
    assert first.status_code == 303
    page = nobody.get(first.headers["location"])
    to = re.search(r'name="to" value="([^"]*)"', page.text)
    assert page.status_code == 200 and to
    answer = nobody.post(
        "/sign-in",
        data={"name": name_of("rad"), "password": WORDS, "to": to[1].replace("&amp;", "&")},
    )
    assert answer.headers["location"] == "/search?q=07700+900417&log=2731-2014-09-14"
    assert "Test rad" in nobody.get(answer.headers["location"]).text


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer nonsense"}]
)
def test_a_program_without_a_token_is_told_how_to_come(nobody: TestClient, header: dict[str, str]) -> None:
    answer = nobody.get(SEARCH, headers=header)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    told = problem(answer, 401)
    assert told["title"] == "Not signed in" and "token" in told["detail"]


def test_the_script_of_a_page_is_told_and_not_shown_another_page(nobody: TestClient) -> None:
    asked = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
    answer = nobody.get("/search?part=results&q=smith", headers=asked)
    assert answer.status_code == 401 and "Sign in" in answer.text


def test_the_cookie_is_for_this_browser_and_our_pages_alone(gated: Gated) -> None:
    asked = {"name": name_of("rad"), "password": WORDS}
    plain = gated.browser().post("/sign-in", data=asked).headers["set-cookie"]
    kind, rest = plain.split("=", 1)
    assert kind == "discoverer" and len(rest.partition(";")[0]) >= 43
    assert {each.strip().lower() for each in rest.split(";")[1:]} == {"httponly", "path=/", "samesite=strict"}
    secret = gated.browser(home="https://127.0.0.1").post("/sign-in", data=asked).headers["set-cookie"]
    assert secret.startswith("__Host-discoverer=")
    told = {each.strip().lower() for each in secret.split(";")[1:]}
    assert told == {"httponly", "path=/", "samesite=strict", "secure"}


def test_over_tls_a_cookie_that_another_site_of_the_host_could_set_is_not_read(gated: Gated) -> None:
    plain = gated.browser("rad")
    assert plain.get("/").status_code == 200
    secret = gated.browser(home="https://127.0.0.1")
    assert secret.get("/", headers={"Cookie": f"discoverer={plain.cookies['discoverer']}"}).status_code == 303


def test_the_look_is_recorded_under_the_name_and_role_of_the_account(gated: Gated, handler: TestClient) -> None:
    forged = {"X-Role": "supervisor", "X-Viewer": "Somebody Else", "X-Forwarded-User": "Test supervisor"}
    answer = handler.get(f"{SEARCH}&log=2731-2014-09-14", headers=forged)
    assert answer.status_code == 200
    look = looks(gated.app)[-1]
    assert (look["viewer"], look["role"], look["log"]) == ("Test call handler", "call_handler", "2731-2014-09-14")


def test_who_came_and_went_is_recorded(gated: Gated) -> None:
    browser = gated.browser()
    assert browser.post("/sign-in", data={"name": "Test rad", "password": "of somebody else"}).status_code == 401
    assert browser.post("/sign-in", data={"name": "my own password", "password": ""}).status_code == 401
    sign_in(browser, "Test rad")
    browser.post("/sign-out", data={"form_key": form_key(browser.get("/").text)})
    told = [(each["action"], each["viewer"]) for each in looks(gated.app)][-4:]
    assert told == [
        ("sign-in failed", "Test rad"),
        ("sign-in failed", ""),
        ("sign-in", "Test rad"),
        ("sign-out", "Test rad"),
    ]


def test_every_page_says_who_is_signed_in_and_lets_them_out(handler: TestClient) -> None:
    for path in ("/", "/search?q=07700+900417", "/status", "/keys", "/password", "/search?q=%00"):
        page = handler.get(path).text
        assert "Test call handler" in page and "call handler</span>" in page and 'action="/sign-out"' in page, path


def test_signing_out_ends_the_session_on_the_server(handler: TestClient) -> None:
    stolen = handler.cookies["discoverer"]
    left = handler.post("/sign-out", data={"form_key": form_key(handler.get("/").text)})
    assert left.headers["location"] == "/sign-in?said=out" and left.headers["clear-site-data"] == '"cache"'
    assert "discoverer" not in handler.cookies
    assert handler.get("/", headers={"Cookie": f"discoverer={stolen}"}).status_code == 303


def test_a_session_left_alone_is_over(gated: Gated, handler: TestClient) -> None:
    assert handler.get("/").status_code == 200
    gated.clock.later(24 * 3600)
    assert handler.get("/").status_code == 303


def test_every_form_carries_the_key_of_the_session(handler: TestClient) -> None:
    pages = (
        "/",
        "/search?q=07700+900417",
        "/show/person?id=intelligence:INT/18/0000153%231",
        "/brief/person?id=intelligence:INT/18/0000153%231",
        "/password",
        "/keys",
    )
    posted = 0
    for path in pages:
        page = handler.get(path).text
        for form in re.findall(r"<form\b.*?</form>", page, re.S):
            if 'method="post"' in form:
                assert f'name="form_key" value="{form_key(page)}"' in form, (path, form[:200])
                posted += 1
    assert posted > len(pages)


def test_no_form_is_taken_without_its_key(gated: Gated, handler: TestClient) -> None:
    key, other = form_key(handler.get("/").text), form_key(gated.browser("call_handler").get("/").text)
    assert key != other
    posts = [path for method, path in _addresses(gated) if method == "POST" and path not in OPEN]
    assert len(posts) >= 8
    for path in posts:
        for sent in ({}, {"form_key": ""}, {"form_key": other}, {"form_key": key[:-1]}, {"form_key": [key, key]}):
            answer = handler.post(path, data=sent)
            assert answer.status_code == 403 and "page of this session" in answer.text, (path, sent)
        assert handler.post(path, headers={"X-Form-Key": other}).status_code == 403
    assert handler.post("/theme", data={"theme": "dark", "form_key": key}).status_code == 303
    assert handler.post("/theme", data={"theme": "dark"}, headers={"X-Form-Key": key}).status_code == 303
    assert handler.get("/").status_code == 200, "it was signed out without the key"


def test_a_password_is_changed_by_whoever_knows_it_and_ends_every_session(gated: Gated) -> None:
    gated.accounts.add("Test changer", "rad", WORDS)
    here, there = gated.browser(), gated.browser()
    sign_in(here, "Test changer")
    sign_in(there, "Test changer")
    new = "another roof over walls"
    key = form_key(here.get("/password").text)
    sent = {"form_key": key, "old": WORDS, "new": new, "again": new}
    for wrong, status in (
        ({"old": "not this one"}, 401),
        ({"again": "another"}, 400),
        ({"new": "short", "again": "short"}, 409),
    ):
        answer = here.post("/password", data={**sent, **wrong})
        assert answer.status_code == status and new not in answer.text and WORDS not in answer.text
    assert here.post("/password", data={**sent, "name": "Test rad"}).headers["location"] == "/sign-in?said=changed"
    assert here.get("/").status_code == there.get("/").status_code == 303
    sign_in(here, "Test changer", new)


# -- programs


_REACHED = {"/health/fresh": (503,), "/metrics": (403,)}
"""What an address itself answers: the invented sources are old, and a supervisor's role reads no measurements.

Every other says the answer, or what is missing of the question.
"""


@pytest.mark.parametrize("route", scopes().route, ids=lambda each: each.path)
def test_a_token_reaches_what_it_was_given_for_and_nothing_else(
    gated: Gated, nobody: TestClient, route: object
) -> None:
    every = ("search", "lookup", "show", "brief", "call", "status")
    path = str(route.path)  # type: ignore[attr-defined]
    held = scopes_for(path)
    method = "POST" if path.endswith("/lookup") else "GET"
    for scope in every:
        token = gated.token("supervisor", f"{scope} of {path}", (scope,), ENDS)
        answer = nobody.request(method, path, headers={"Authorization": f"Bearer {token}"})
        if scope in held:
            assert answer.status_code in _REACHED.get(path, (200, 400)), answer.text
            assert "www-authenticate" not in answer.headers
        else:
            problem(answer, 403)
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_every_address_of_the_api_has_its_scopes_and_no_other(gated: Gated) -> None:
    there = {path for _, path in _addresses(gated) if path.startswith(("/api/", "/health/", "/metrics", "/openapi"))}
    assert {each.path for each in scopes().route} == there - OPEN
    assert all(each.reason.endswith(".") for each in scopes().route)


def test_a_token_never_reaches_a_page(gated: Gated, nobody: TestClient) -> None:
    token = gated.token("supervisor", "all", ("search", "lookup", "show", "brief", "call", "status"), ENDS)
    for method, path in _addresses(gated):
        if path not in OPEN and not scopes_for(path):
            answer = nobody.request(method, path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 403, path


@pytest.mark.parametrize(("role", "path", "status"), [
    ("administrator", "/metrics", 200), ("call_handler", "/metrics", 403), ("auditor", "/metrics", 403),
    ("auditor", "/health/ready", 200), ("call_handler", "/health/fresh", 503), ("analyst", "/openapi.json", 200),
])  # fmt: skip
def test_what_the_service_says_of_itself_is_for_the_roles_that_may_read_it(
    gated: Gated, role: str, path: str, status: int
) -> None:
    assert gated.browser(role).get(path).status_code == status


# -- where nobody can be told from anybody


def test_accounts_that_cannot_be_read_let_nobody_in(gated: Gated, handler: TestClient) -> None:
    file = gated.app.settings.access.accounts
    assert file is not None
    kept = file.read_bytes()
    beside = [file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm")]
    for each in beside:
        each.unlink(missing_ok=True)
    try:
        file.write_bytes(b"no database at all" * 100)
        assert handler.get("/").status_code == 503
        problem(handler.get(SEARCH), 503)
        assert handler.post("/sign-in", data={"name": "Test rad", "password": WORDS}).status_code == 503
        file.unlink()
        assert handler.get("/").status_code == 503
    finally:
        for each in beside:
            each.unlink(missing_ok=True)
        file.write_bytes(kept)


def test_settings_that_name_accounts_are_never_served_without_them(gated: Gated) -> None:
    with pytest.raises(ConfigError, match="no accounts"):
        create(gated.app)


def test_an_endpoint_that_the_gate_was_passed_by_for_asks_in_nobodys_name(gated: Gated) -> None:
    made = create(gated.app, accounts=gated.accounts)
    made.user_middleware.clear()
    problem_of = TestClient(made).get(SEARCH)
    assert problem_of.status_code == 401


def test_without_accounts_all_is_as_it_was(small: App) -> None:
    with client(small) as open_to_all:
        assert open_to_all.get(SEARCH).status_code == 200
        assert open_to_all.get("/metrics").status_code == 200
        assert open_to_all.get("/sign-in").status_code == 404


# -- where a page may lead on to


@pytest.mark.parametrize("given", [
    "", "search", "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test/", "/\t/evil.test", "/a\r\nSet-Cookie: x=1", "javascript:alert(1)",
    "/sign-in?to=/", "/sign-out", "/password", "/" + "x" * 20_000, "/a\\b", " /search", "/\x00",
])  # fmt: skip
def test_nobody_is_led_on_to_another_site_or_round_in_a_circle(given: str) -> None:
    assert own_path(given) == "/"
    assert sign_in_for(given) == "/sign-in"


@pytest.mark.parametrize("given", ["/", "/search?q=a&b=%2F%2F", "/show/person?id=a:b/c#1", "/sign-inn"])
def test_an_address_of_ours_is_led_on_to(given: str) -> None:
    assert own_path(given) == given
