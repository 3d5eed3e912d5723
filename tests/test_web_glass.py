"""Breaking the glass on the screen, and roles that look for a reason only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from discoverer.app import App
from discoverer.settings import AccessSettings
from index.progress import SilentProgress
from tests.gated import Gated, form_key, gated_at
from tests.web import looks

WHY = "child at risk at the address"


@pytest.fixture(scope="module")
def gated(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    folder = tmp_path_factory.mktemp("glass")
    access = AccessSettings(accounts=folder / "accounts.sqlite")
    settings = small.settings.model_copy(update={"state_dir": folder / "state", "access": access})
    with App(settings) as app:
        app.build(SilentProgress())
        yield gated_at(app, folder)


def _post(client: TestClient, address: str, **fields: str) -> int:
    key = form_key(client.get("/glass").text)
    return int(client.post(address, data={"form_key": key, **fields}, headers={"x-form-key": key}).status_code)


def _records(client: TestClient, query: str) -> set[str]:
    found = client.get("/api/v1/search", params={"q": query, "limit": 50})
    assert found.status_code == 200, found.text
    return {f"{record['source']}:{record['ref']}" for hit in found.json()["hits"] for record in hit["records"]}


def test_a_call_handler_breaks_it_is_told_so_on_every_page_and_ends_it(gated: Gated) -> None:
    handler, supervisor = gated.browser("call_handler"), gated.browser("supervisor")
    start = handler.get("/").text
    assert "/glass?to=" in start
    assert "GLASS BROKEN" not in start
    assert _post(handler, "/glass", why="urgent") == 400
    assert "GLASS BROKEN" not in handler.get("/").text
    assert _post(handler, "/glass?log=2731-2014-09-14", why=WHY, to="/status") == 303
    assert looks(gated.app)[-1]["log"] == "2731-2014-09-14"
    page = handler.get("/").text
    assert "GLASS BROKEN" in page
    assert WHY in unescape(page)
    assert "GLASS BROKEN" not in supervisor.get("/").text
    assert "1 to review" in supervisor.get("/").text
    review = supervisor.get("/glass").text
    assert WHY in unescape(review)
    assert "on 2731-2014-09-14" in review
    number = re.search(r'name="number" value="(\d+)"', review)
    assert number
    assert _post(handler, "/glass/seen", number=number[1]) == 403
    assert _post(supervisor, "/glass/seen", number=number[1]) == 303
    assert "to review" not in supervisor.get("/").text
    handler.get("/search", params={"q": "smith"})
    assert looks(gated.app)[-1]["glass"] == int(number[1])
    assert _post(handler, "/glass/end") == 303
    assert "GLASS BROKEN" not in handler.get("/").text
    handler.get("/search", params={"q": "smith"})
    assert "glass" not in looks(gated.app)[-1]


@pytest.mark.parametrize("role", ["analyst", "administrator", "auditor", "da_specialist", "intelligence"])
def test_others_are_told_whom_to_ask(gated: Gated, role: str) -> None:
    client = gated.browser(role)
    assert "/glass?to=" not in client.get("/").text
    assert "duty inspector" in client.get("/glass").text
    assert _post(client, "/glass", why=WHY) == 403


def test_whoever_breaks_it_goes_back_to_a_page_of_ours_alone(gated: Gated) -> None:
    handler = gated.browser("rad")
    key = form_key(handler.get("/glass").text)
    headers = {"x-form-key": key}
    for to, goes in (("/search?q=x", "/search?q=x"), ("//evil.example", "/"), ("https://evil.example/", "/")):
        answer = handler.post("/glass", data={"form_key": key, "why": WHY, "to": to}, headers=headers)
        assert answer.headers["location"] == goes
    handler.post("/glass/end", data={"form_key": key}, headers=headers)


def test_where_the_file_is_broken_nobody_reads_more_and_everybody_reads_on(gated: Gated) -> None:
    handler = gated.browser("call_handler")
    _post(handler, "/glass", why=WHY)
    file: Path = gated.app.settings.glass_file
    kept = file.read_bytes()
    try:
        file.write_bytes(b"no database" * 500)
        page = handler.get("/search", params={"q": "smith"})
        assert page.status_code == 200
        assert "GLASS BROKEN" not in page.text
        assert "nobody reads past" in unescape(page.text)
        assert "glass" not in looks(gated.app)[-1]
    finally:
        file.write_bytes(kept)
    _post(handler, "/glass/end")


@pytest.mark.parametrize(("role", "asked"), [("da_specialist", True), ("intelligence", True), ("call_handler", False)])
def test_a_role_that_needs_a_reason_is_asked_for_it_and_it_goes_along(gated: Gated, role: str, asked: bool) -> None:
    client = gated.browser(role)
    assert ('id="reason"' in client.get("/").text) is asked
    without = client.get("/search", params={"q": "smith"})
    assert without.status_code == (403 if asked else 200)
    page = client.get("/search", params={"q": "smith", "reason": "MARAC on Monday"})
    assert page.status_code == 200
    assert looks(gated.app)[-1]["reason"] == "MARAC on Monday"
    followed = [unescape(each) for each in re.findall(r'href="(/(?:show|brief)/[^"]*)"', page.text)]
    assert followed
    assert all(("reason=MARAC" in each) is asked for each in followed)
    if asked:
        assert client.get(followed[0]).status_code == 200


def test_the_form_that_breaks_it_carries_the_log_in_hand(gated: Gated) -> None:
    handler = gated.browser("call_handler")
    page = handler.get("/call?cli=07700900417&log=4417-2014-09-14").text
    call = re.search(r'data-call="(\d+)"', page)
    assert call
    form = unescape(handler.get(f"/glass?call={call[1]}&log=4417-2014-09-14").text)
    assert re.search(r'<form action="/glass\?[^"]*log=4417-2014-09-14"', form)
