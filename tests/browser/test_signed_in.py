"""In a real browser, where people have accounts: signing in, the glass, the password again, what is kept back, signing out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from discoverer.identity import Identity
from tests.browser.conftest import Opened, built_once, copied_small
from tests.browser.serving import Server, serving
from tests.browser.weighing import in_either_theme
from tests.gated import WORDS, name_of
from tests.identities import CHEAP

ROLES = ("call_handler", "supervisor", "da_specialist", "analyst")
SAFE = "1 hidden test lane, moseley b13 0zq"
Seated = Callable[..., Page]


def with_accounts(folder: Path) -> Path:
    """Copy the small set with an account for each role; return its settings file."""
    config = copied_small(folder)
    accounts = Identity(folder / "accounts.sqlite", cost=CHEAP)
    for role in ROLES:
        accounts.add(name_of(role), role, WORDS)
    text = config.read_text(encoding="utf-8")
    config.write_text(f'linking = "exact"\n{text}\n[access]\naccounts = "accounts.sqlite"\n', encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Lend a server with accounts."""
    with serving(built_once(tmp_path_factory, "gated", with_accounts)) as server:
        yield server


@pytest.fixture
def signed_in(opened: Opened, gated: Server) -> Seated:
    """Lend what signs somebody of a role in at a seat of their own, by the form, and leads where they wanted."""

    def sign_in(role: str, path: str = "/", **more: object) -> Page:
        page = opened(gated, path, **more)
        expect(page.get_by_label("Name")).to_be_focused()
        page.keyboard.type(name_of(role))
        page.keyboard.press("Tab")
        page.keyboard.type(WORDS)
        page.keyboard.press("Enter")
        expect(page.locator(".signed-in")).to_contain_text(name_of(role))
        return page

    return sign_in


def password_again(page: Page, done: Locator) -> None:
    """Type the password again where that is asked; it is not asked of whoever has just typed it."""
    asked = page.get_by_role("heading", name="Your password again")
    expect(asked.or_(done).first).to_be_visible()
    if asked.is_visible():
        page.get_by_label("Password").fill(WORDS)
        page.get_by_role("button", name="Go on").click()


def test_one_signs_in_by_the_keyboard_and_comes_where_one_was_going(signed_in: Seated) -> None:
    page = signed_in("call_handler", "/call?cli=07700900417&log=4417-2018-11-17")
    expect(page.locator(".card").first).to_contain_text("07700 900417")
    assert page.evaluate("document.cookie") == ""  # no script reads the session


def test_a_wrong_password_says_so_and_keeps_nothing(opened: Opened, gated: Server) -> None:
    page = opened(gated, "/search?q=shabana")
    page.get_by_label("Name").fill(name_of("supervisor"))
    page.get_by_label("Password").fill("not it at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_value("")
    assert "SHABANA" not in page.content().upper().replace("Q=SHABANA", "").replace("Q%3DSHABANA", "")


def test_signing_out_closes_it_and_going_back_shows_nothing(signed_in: Seated) -> None:
    page = signed_in("supervisor", "/search?q=07700900417")
    expect(page.locator(".card").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator(".card").count() == 0


def test_the_glass_is_broken_for_a_reason_and_the_password_and_tells_whom_to_ask(signed_in: Seated) -> None:
    page = signed_in("call_handler", f"/search?q={SAFE.replace(' ', '+')}&log=4417-2018-11-17")
    assert "held and not shown" not in page.content()
    page.get_by_role("link", name="Break the glass").click()
    page.get_by_label("Why is it needed now?").fill("caller says she hides at the address")
    page.get_by_role("button", name="Break the glass").click()
    password_again(page, page.get_by_text("GLASS BROKEN"))
    expect(page.get_by_text("GLASS BROKEN: what you read now is recorded with it")).to_be_visible()
    expect(page.locator(".card").first).to_contain_text("held and not shown: ask the domestic abuse desk")
    assert "Hidden Test Lane" not in page.locator("#results").inner_text()
    page.get_by_role("link", name="End it").click()
    page.get_by_role("button", name="End it now").click()
    page.goto(f"/search?q={SAFE.replace(' ', '+')}")
    assert "held and not shown" not in page.content()


def test_a_decision_waits_for_the_password_and_is_then_made(signed_in: Seated) -> None:
    page = signed_in("supervisor", "/show/person?id=domestic_abuse%3ADA%2F18%2F00143%230")
    page.locator("#parting input[name=second]").first.check()
    page.locator("#parting input[name=reason]").fill("said on the line")
    page.get_by_role("button", name="Part them").click()
    password_again(page, page.get_by_text("Recorded as said by"))
    expect(page.get_by_text("Recorded as said by")).to_be_visible()


def test_an_analyst_sees_pseudonyms_until_they_say_why(signed_in: Seated) -> None:
    page = signed_in("analyst", "/show/person?id=domestic_abuse%3ADA%2F18%2F00151%230&reason=trend")
    expect(page.locator("#kept-back")).to_contain_text("Kept back from your role: births, identifiers, names")
    expect(page.locator("h1")).to_contain_text("Person ")
    assert "BIBI" not in page.content().upper() and "900417" not in page.content()
    page.get_by_label("Why you must see it").fill("case review 14")
    page.get_by_role("button", name="Show what is kept back").click()
    expect(page.locator("h1")).to_contain_text("BIBI")
    assert page.locator("#kept-back").count() == 0
    page.goto("/show/person?id=domestic_abuse%3ADA%2F18%2F00151%230&reason=trend")
    expect(page.locator("h1")).to_contain_text("Person ")


PAGES = [
    pytest.param("call_handler", "/glass", id="the glass"),
    pytest.param("supervisor", "/glass", id="its review"),
    pytest.param("analyst", "/show/person?id=domestic_abuse%3ADA%2F18%2F00151%230&reason=trend", id="kept back"),
]


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_these_pages_are_open_to_everybody_who_uses_them(signed_in: Seated, role: str, path: str) -> None:
    assert in_either_theme(signed_in(role, path)) == []


def test_the_page_of_signing_in_is_open_to_everybody(opened: Opened, gated: Server) -> None:
    assert in_either_theme(opened(gated, "/")) == []
