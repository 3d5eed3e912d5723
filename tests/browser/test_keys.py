"""The keys: on a card, with Alt anywhere, never while typing; changed and turned off; every page by Tab alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Seat = Callable[..., Page]

FOUND = "/search?q=shabana+bibi"
FOCUS_IS_SEEN = """() => {
  const at = document.activeElement, seen = getComputedStyle(at);
  if (seen.outlineStyle !== "none" && parseFloat(seen.outlineWidth) >= 2) return true;
  const focus = getComputedStyle(at).getPropertyValue("--pic-focus").trim(), probe = document.createElement("i");
  probe.style.color = focus;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return [...at.querySelectorAll("path, rect, .t")].map((each) => getComputedStyle(each))
    .some((each) => each.stroke === colour && parseFloat(each.strokeWidth) >= 3);
}"""
WHERE = """() => {
  const at = document.activeElement;
  at.setAttribute("data-seen", "yes");
  return { name: `${at.tagName}#${at.id}: ${at.textContent.trim().slice(0, 40)}`, card: at.closest(".card")?.id || "" };
}"""


def test_letters_typed_in_the_box_are_letters_alone(seat: Seat) -> None:
    page = seat()
    page.keyboard.type("/obrwscnli?")
    assert page.locator("#box").input_value() == "/obrwscnli?"
    expect(page.locator("#box")).to_be_focused()
    expect(page.locator("#keyhelp")).to_be_hidden()


def test_arrows_go_through_the_cards_and_back_to_the_box(seat: Seat) -> None:
    page = seat(FOUND)
    for number in (1, 2, 3):
        page.keyboard.press("ArrowDown")
        expect(page.locator(f"#hit-{number}")).to_be_focused()
    for number in (2, 1):
        page.keyboard.press("ArrowUp")
        expect(page.locator(f"#hit-{number}")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#box")).to_be_focused()


@pytest.mark.parametrize("number", [1, 4, 9])
def test_alt_and_a_digit_go_to_that_card_from_anywhere(seat: Seat, number: int) -> None:
    page = seat(FOUND)
    page.keyboard.press(f"Alt+Digit{number}")
    expect(page.locator(f"#hit-{number}")).to_be_focused()
    expect(page.locator(f"#hit-{number}")).to_be_in_viewport()
    page.keyboard.press("Alt+Digit1")
    expect(page.locator("#hit-1")).to_be_focused()


def test_escape_leads_back_to_the_box_and_what_stood_there_is_selected_and_kept(seat: Seat) -> None:
    page = seat(FOUND)
    page.keyboard.press("Alt+Digit3")
    page.keyboard.press("Escape")
    expect(page.locator("#box")).to_be_focused()
    assert page.locator("#box").input_value() == "shabana bibi"
    page.keyboard.type("x")
    assert page.locator("#box").input_value() == "x"


def test_enter_on_a_card_opens_it_and_the_browser_leads_back(seat: Seat) -> None:
    page = seat(FOUND)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/show/person"))
    page.go_back()
    expect(page.locator(".card").first).to_be_visible()
    assert page.locator("#box").input_value() == "shabana bibi"


@pytest.mark.parametrize(
    ("key", "address"),
    [("o", "/show/person"), ("b", "/brief/person"), ("w", "/show/person.*#parting"), ("Alt+o", "/show/person")],
)
def test_a_plain_key_works_while_a_card_has_the_focus(seat: Seat, key: str, address: str) -> None:
    page = seat(FOUND)
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(address))


@pytest.mark.parametrize(("key", "address"), [("Alt+g", "/brief/person"), ("Alt+w", "/show/person.*#parting")])
def test_with_alt_the_first_card_is_meant_while_the_box_has_the_focus(seat: Seat, key: str, address: str) -> None:
    page = seat(FOUND)
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(address))


def test_why_it_matched_is_one_key_away(seat: Seat) -> None:
    page = seat(FOUND)
    why = page.locator("#hit-1 details.why")
    assert why.get_attribute("open") is None
    page.keyboard.press("Alt+r")
    expect(why).to_have_attribute("open", "")
    expect(why).to_contain_text("name")


def test_the_sources_are_one_key_away_and_said(seat: Seat) -> None:
    page = seat(FOUND)
    page.keyboard.press("Alt+i")
    expect(page.locator("#sources")).to_be_focused()
    expect(page.locator("#said")).to_contain_text("custody")


def test_the_keys_are_shown_by_a_question_mark_and_keep_the_focus_until_they_are_closed(seat: Seat) -> None:
    page = seat(FOUND)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    expect(page.locator("#keyhelp")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("document.getElementById('keyhelp').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(page.locator("#keyhelp")).to_be_hidden()
    expect(page.locator("#hit-1")).to_be_focused()


def set_key(page: Page, words: str, what: str, key: str) -> None:
    page.get_by_label(f"{what}: {words}").fill(key)


def test_a_key_is_changed_at_this_seat_and_the_old_one_does_nothing(seat: Seat) -> None:
    page = seat("/keys")
    set_key(page, "briefing of this card, or of the first", "On a card", "x")
    set_key(page, "briefing of this card, or of the first", "With Alt", "x")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#keysaid")).to_have_text("Kept at this seat.")
    page.goto(FOUND)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    page.keyboard.press("Alt+g")
    expect(page).to_have_url(re.compile("/search"))
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile("/brief/person"))
    page.goto("/keys")
    expect(page.get_by_label("On a card: briefing of this card")).to_have_value("x")
    page.get_by_role("button", name="As shipped").click()
    expect(page.get_by_label("On a card: briefing of this card")).to_have_value("b")


def test_a_key_of_the_browser_or_of_two_things_is_not_kept(seat: Seat) -> None:
    page = seat("/keys")
    said = page.locator("#keysaid")
    set_key(page, "these keys", "With Alt", "d")
    page.get_by_role("button", name="Keep").click()
    expect(said).to_contain_text("Alt+D is the browser's own")
    set_key(page, "these keys", "With Alt", "g")
    page.get_by_role("button", name="Keep").click()
    expect(said).to_contain_text("two things have the key")
    set_key(page, "these keys", "With Alt", "")
    page.get_by_role("button", name="Keep").click()
    expect(said).to_contain_text("needs a character")
    page.goto(FOUND)
    page.keyboard.press("Alt+k")
    expect(page.locator("#keyhelp")).to_be_visible()


def test_one_key_is_turned_off_and_all_are(seat: Seat) -> None:
    page = seat("/keys")
    page.get_by_label("On: these keys").uncheck()
    page.get_by_role("button", name="Keep").click()
    page.goto(FOUND)
    page.keyboard.press("Alt+k")
    expect(page.locator("#keyhelp")).to_be_hidden()
    page.keyboard.press("Alt+i")
    expect(page.locator("#sources")).to_be_focused()
    page.goto("/keys")
    page.get_by_label("all keys off").check()
    page.get_by_role("button", name="Keep").click()
    page.goto(FOUND)
    page.keyboard.press("Alt+i")
    page.keyboard.press("Alt+g")
    expect(page.locator("#box")).to_be_focused()
    expect(page).to_have_url(re.compile("/search"))


PAGES = (
    "/",
    FOUND,
    "/show/person?id=custody:WV/131/18%230",
    "/brief/person?id=custody:WV/131/18%230",
    "/status",
    "/keys",
)


@pytest.mark.parametrize("path", PAGES)
def test_tab_alone_reaches_everything_in_the_order_of_the_page_and_the_focus_is_seen(seat: Seat, path: str) -> None:
    page = seat(path)
    stops = page.locator(
        "a[href]:visible, button:visible, input:visible:not([type=hidden]), textarea:visible, summary:visible"
    ).count()
    seen: list[str] = []
    cards: list[str] = []
    page.locator(".skip").focus()
    page.keyboard.press("Shift+Tab")  # before the first
    for _ in range(min(stops, 60)):
        page.keyboard.press("Tab")
        where = page.evaluate(WHERE)
        if seen and where["name"].startswith("BODY"):
            break
        assert page.evaluate(FOCUS_IS_SEEN), f"no focus is seen on {where['name']}"
        seen.append(where["name"])
        cards += [where["card"]] if where["card"] else []
    assert "Past the box" in seen[0] and "INPUT#box" in seen[2]
    reached = page.locator("[data-seen]").count()
    assert reached >= 0.85 * min(stops, 60), "all but a group of choices, which is one stop"
    assert page.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
    assert cards == sorted(cards, key=lambda each: int(each.rpartition("-")[2])), "cards come in their order"


def test_the_way_past_the_box_leads_to_what_was_found(seat: Seat) -> None:
    page = seat(FOUND)
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")
