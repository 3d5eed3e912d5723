"""The password asked for again before a grave act: nothing is done without it, and it holds for some minutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from discoverer.app import App
from discoverer.identity import rules
from discoverer.identity.rules import number
from tests.gated import WORDS, Gated, form_key, gated_over, name_of
from tests.identities import OTHER, app_of

WHY = "child at risk at the address"
GRAVE = {
    "/glass": {"why": WHY, "to": "/status"},
    "/glass/seen": {"number": "999"},
    "/decide": {"verdict": "same", "first": "people:1", "second": "people:2", "reason": "said so"},
}


@pytest.fixture(scope="module")
def served(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    with gated_over(small, tmp_path_factory.mktemp("confirm")) as gated:
        yield gated


@pytest.fixture
def desk(served: Gated) -> TestClient:
    """Return the browser of a supervisor who signed in some minutes ago."""
    client = served.browser("supervisor")
    served.clock.later(number("sessions", "confirmed"))
    return client


def _send(client: TestClient, address: str, **fields: str) -> tuple[int, str]:
    """Send a form; return the status and the page."""
    answer = client.post(address, data={"form_key": form_key(client.get("/glass").text), **fields})
    return answer.status_code, unescape(answer.text)


def _is_broken(client: TestClient) -> bool:
    return "GLASS BROKEN" in client.get("/").text


def test_a_password_in_an_address_is_neither_used_nor_written_into_the_page(desk: TestClient) -> None:
    status, page = _send(desk, f"/glass?again_password={WORDS.replace(' ', '+')}&log=2731-2014-09-14", why=WHY)
    assert status == 403 and 'action="/glass?log=2731-2014-09-14"' in page
    assert WORDS not in page and not _is_broken(desk)


@pytest.mark.parametrize("address", GRAVE)
def test_a_grave_act_waits_for_the_password_and_what_was_typed_goes_along(desk: TestClient, address: str) -> None:
    status, page = _send(desk, f"{address}?log=2731-2014-09-14", **GRAVE[address])
    assert status == 403 and "Your password again" in page and "Nothing was done yet" in page
    assert f'action="{address}?log=2731-2014-09-14"' in page
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert sent.items() >= GRAVE[address].items()
    assert not _is_broken(desk)
    after, page = _send(desk, address, **GRAVE[address], again_password=WORDS)
    assert after in (303, 404, 409) and "Your password again" not in page  # done, or refused for what it is of
    assert _is_broken(desk) == (address == "/glass")
    _send(desk, "/glass/end")


def test_it_holds_for_some_minutes_of_one_session(served: Gated, desk: TestClient) -> None:
    other = served.browser("supervisor")
    served.clock.later(number("sessions", "confirmed"))
    assert _send(desk, "/glass", why=WHY, again_password=WORDS)[0] == 303
    served.clock.later(number("sessions", "confirmed") - 1)
    assert _send(desk, "/glass", why=WHY)[0] == 303
    assert _send(other, "/glass", why=WHY)[0] == 403  # another session of the same person
    served.clock.later(1)
    assert _send(desk, "/glass", why=WHY)[0] == 403
    _send(desk, "/glass/end")


@pytest.mark.parametrize("typed", [{}, {"again_password": ""}, {"again_password": OTHER}, {"password": WORDS}])
def test_nothing_is_done_without_the_right_password(desk: TestClient, typed: dict[str, str]) -> None:
    status, page = _send(desk, "/glass", why=WHY, **typed)
    assert status in (401, 403) and "Your password again" in page and OTHER not in page
    assert not _is_broken(desk)


def test_wrong_ones_count_towards_the_wait_and_are_recorded(served: Gated) -> None:
    served.accounts.add("Test typist", "supervisor", WORDS)
    client = served.browser()
    client.post("/sign-in", data={"name": "Test typist", "password": WORDS})
    served.clock.later(number("sessions", "confirmed"))
    tried = [
        _send(client, "/glass", why=WHY, again_password=OTHER)[0] for _ in range(number("waits", "desk", "free") + 2)
    ]
    assert tried[0] == 401 and tried[-1] == 429
    assert _send(client, "/glass", why=WHY, again_password=WORDS)[0] == 429 and not _is_broken(client)
    assert client.post("/sign-in", data={"name": "Test typist", "password": WORDS}).status_code == 429
    written = "".join(file.read_text() for file in served.app.settings.audit_dir.glob("looks-*.jsonl"))
    assert "password asked again: failed" in written and OTHER not in written
    served.clock.later(number("waits", "desk", "longest"))


def test_whoever_has_a_second_factor_types_its_code_too(served: Gated) -> None:
    served.accounts.add("Test coded", "supervisor", WORDS)
    codes = app_of(served.accounts.set_second_factor("Test coded", True))
    client = served.browser()
    client.post("/sign-in", data={"name": "Test coded", "password": WORDS, "code": codes.at(served.clock())})
    served.clock.later(number("sessions", "confirmed"))
    assert _send(client, "/glass", why=WHY, again_password=WORDS)[0] == 401
    code = codes.at(served.clock())
    assert _send(client, "/glass", why=WHY, again_password=WORDS, again_code=f"{code[:3]} {code[3:]}")[0] == 303


def test_what_the_rules_call_no_grave_act_is_not_asked_about(desk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.rules()["grave"], "glass", False)
    assert _send(desk, "/glass", why=WHY)[0] == 303
    _send(desk, "/glass/end")


def test_nobody_confirms_with_anothers_password(served: Gated, desk: TestClient) -> None:
    served.accounts.add("Test other", "supervisor", OTHER)
    assert _send(desk, "/glass", why=WHY, username="Test other", again_password=OTHER)[0] == 401
    assert served.accounts.account(name_of("supervisor")).active and not _is_broken(desk)
