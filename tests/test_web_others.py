"""What is another's: every role is answered of it as of what is not there, and changes nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from discoverer.access import Viewer
from discoverer.access_rules import May
from discoverer.app import App
from discoverer.clock import now
from tests.gated import ROLES, WORDS, Gated, form_key, gated_over, name_of, sign_in

ABSENT = 987654321
"""No call and no breaking has this number."""
WHY = "a door is being forced there"
_OWN = re.compile(r'[0-9a-f]{32,64}|(?<=class="request">)[^<]+|\b\d{1,2}:\d{2}(?::\d{2})?\b')
"""Keys of forms, ids of requests and times of day: they differ between any two answers."""


@pytest.fixture(scope="module")
def served(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    with gated_over(small, tmp_path_factory.mktemp("others")) as gated:
        gated.accounts.add("Test owner", "call_handler", WORDS)
        yield gated


@pytest.fixture(scope="module")
def owner(served: Gated) -> TestClient:
    """Return the browser of somebody with a call in hand who has broken the glass."""
    client = served.browser()
    sign_in(client, "Test owner")
    client.get("/call?cli=07700900417&log=4417-2026-11-27")
    sent = {"form_key": form_key(client.get("/glass").text), "why": WHY, "to": "/"}
    assert client.post("/glass", data=sent).status_code == 303
    return client


def _call_of(owner: TestClient) -> int:
    found = re.search(r'data-call="(\d+)"', owner.get("/call?cli=07700900417&log=4417-2026-11-27").text)
    assert found
    return int(found[1])


def _breaking(served: Gated) -> int:
    found = served.app.glass._glass.open_for("Test owner", now())
    assert found
    return found.number


def _same(one: str, other: str) -> bool:
    """Tell whether two answers are one, but for the number of the call that was asked for."""
    told = [re.sub(r"(call(?:=|%3D))\d+", r"\1N", _OWN.sub("_", unescape(each))) for each in (one, other)]
    return told[0] == told[1]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", ["/", "/keys", "/show/person?id=nobody"])
def test_anothers_call_in_hand_is_none(served: Gated, owner: TestClient, role: str, page: str) -> None:
    browser, call = served.browser(role), _call_of(owner)
    joint = "&" if "?" in page else "?"
    browser.get("/")  # its seat has its cookie
    theirs, none = (browser.get(f"{page}{joint}call={each}&reason=a+test") for each in (call, ABSENT))
    assert theirs.status_code == none.status_code
    assert "4417-2026-11-27" not in theirs.text and "07700900417" not in theirs.text
    assert _same(none.text, theirs.text)


@pytest.mark.parametrize("role", ROLES)
def test_anothers_call_in_hand_is_neither_closed_nor_looked_up_for(served: Gated, owner: TestClient, role: str) -> None:
    browser, call = served.browser(role), _call_of(owner)
    key = form_key(browser.get("/password").text)
    answers = [browser.post("/calls/close", data={"call": each, "form_key": key}) for each in (call, ABSENT)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [(303, "/")] * 2
    kept = [
        browser.post("/calls/keep", data={"call": each, "q": "planted words", "form_key": key})
        for each in (call, ABSENT)
    ]
    assert kept[0].status_code == kept[1].status_code and kept[0].text == kept[1].text == ""
    assert ("x-call" in kept[0].headers) == ("x-call" in kept[1].headers) and kept[0].headers.get("x-call") != str(call)
    page = owner.get("/").text
    assert "4417-2026-11-27" in page and "planted words" not in page


@pytest.mark.parametrize("role", ROLES)
def test_anothers_broken_glass_is_ended_by_nobody_and_reviewed_by_those_who_may_alone(
    served: Gated, owner: TestClient, role: str
) -> None:
    browser, number = served.browser(role), _breaking(served)
    key = form_key(browser.get("/password").text)
    browser.post("/glass/end", data={"form_key": key})
    browser.post("/glass/end", data={"form_key": key, "number": number, "viewer": "Test owner"})
    assert "GLASS BROKEN" in owner.get("/").text
    page = browser.get("/glass")
    none = browser.post("/glass/seen", data={"form_key": key, "number": ABSENT})
    if _may_review(served, role):
        assert none.status_code == 404
        return
    theirs = browser.post("/glass/seen", data={"form_key": key, "number": number})
    assert WHY not in unescape(page.text) and "Test owner" not in page.text
    assert theirs.status_code == none.status_code == 403 and _same(none.text, theirs.text)
    assert served.app.glass._glass.open_for("Test owner", now()).seen_by == ""  # type: ignore[union-attr]


def _may_review(served: Gated, role: str) -> bool:
    return served.app.permitted.roles.may(Viewer(name_of(role), role), May.REVIEW)
