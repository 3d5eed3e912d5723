"""A call from its first ring: the screen-pop, calls in hand, the briefing copied, a server restarted in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.serving import serving
from tests.setups import copy_of

Seat = Callable[..., Page]

POP = "/call?cli=07700900417&log=2731-2018-11-18"
SECOND = "/call?cli=07700900423&log=2732-2018-11-18"


def test_a_screen_pop_shows_who_rings_with_nothing_typed(seat: Seat) -> None:
    page = seat(POP)
    first = page.locator(".card").first
    expect(first.locator(".who")).to_contain_text("07700 900417")
    expect(first.locator(".risk")).to_contain_text("HIGH: Shabana BIBI as victim of Mohammed Asif KHAN, 04/09/2018")
    expect(first.locator(".risk")).to_be_in_viewport()
    expect(first.get_by_text("BAIL from 06/09/2018 to 23/11/2018")).to_be_in_viewport()
    expect(page.locator("#calls .here .call")).to_contain_text("log 2731-2018-11-18 07700900417")
    expect(page.locator("#sources")).to_be_in_viewport()
    expect(page.locator("#box")).to_be_focused()


def test_a_number_never_seen_says_no_trace_with_every_source_asked(seat: Seat) -> None:
    page = seat("/call?cli=01214960999&log=9-2018-11-18")
    if page.locator(".card").count():  # a number near it is offered as what it is
        expect(page.locator(".card").first.locator(".instead")).to_contain_text("NOT the number typed")
    said = page.locator(".none, .missing").first
    expect(said).to_contain_text(re.compile("No trace", re.I))
    expect(said).to_be_in_viewport()


def test_from_an_incoming_call_to_a_copied_briefing_by_the_keyboard_alone(seat: Seat) -> None:
    page = seat(POP, permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("Alt+Digit2")
    expect(page.locator("#hit-2")).to_be_focused()
    page.keyboard.press("b")
    expect(page.locator("#spoken")).to_contain_text("Victim: Shabana Bibi")
    page.keyboard.press("Alt+c")
    expect(page.locator("#copied")).to_have_text("Copied for the log.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == page.locator("#logtext").input_value().strip()
    assert "HIGH" in copied and "BAIL" in copied.upper() and "07700900417" not in page.locator("#spoken").inner_text()
    page.get_by_label("To call sign").focus()
    page.keyboard.type("BW21")
    page.keyboard.press("Enter")
    expect(page.locator(".given")).to_contain_text("BW21")
    expect(page.locator("#calls .here .call")).to_contain_text("log 2731-2018-11-18")


def test_a_briefing_changed_by_hand_stays_marked_as_edited(seat: Seat) -> None:
    page = seat("/brief/person?id=custody:WV/131/18%230")
    text = page.locator("#logtext")
    text.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" DOG AT ADDRESS.")
    page.get_by_role("button", name="Briefed now").press("Enter")
    expect(page.locator(".given")).to_contain_text("edited")


def test_the_briefing_of_a_card_is_copied_without_leaving_it(seat: Seat) -> None:
    page = seat(POP, permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("Alt+Digit2")
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Copied for the log.")
    assert "SHABANA BIBI" in page.evaluate("navigator.clipboard.readText()").upper()
    expect(page.locator("#hit-2")).to_be_focused()


def test_a_browser_that_lets_nothing_be_copied_says_so(seat: Seat) -> None:
    page = seat(POP)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.keyboard.press("Alt+c")
    expect(page.locator("#reading")).to_contain_text("Nothing was copied")


def test_a_second_call_loses_nothing_of_the_first(seat: Seat) -> None:
    page = seat(POP)
    page.keyboard.press("Control+a")
    page.keyboard.type("shabana bibi")
    page.keyboard.press("Enter")
    expect(page.locator(".card .who a").first).to_contain_text("Shabana BIBI")
    expect(page.locator("#calls .looks a")).to_have_text(["shabana bibi", "07700900417"])
    page.keyboard.press("Control+a")
    page.keyboard.type("flat 2 14 hil", delay=1)  # half typed when the next call comes in
    page.goto(SECOND)
    expect(page.locator(".card .who").first).to_contain_text("07700 900423")
    expect(page.locator("#calls .call")).to_have_count(2)
    page.keyboard.press("Alt+n")
    expect(page.locator("#calls .here .call")).to_contain_text("log 2731-2018-11-18")
    expect(page.locator("#calls .looks a").filter(has_text="07700900417")).to_have_count(1)
    expect(page.locator(".card").first).to_be_visible()


def test_what_was_half_typed_is_there_again_when_its_call_is(seat: Seat) -> None:
    page = seat("/call?cli=&log=41-2018-11-18")
    page.keyboard.type("14")  # too little to be looked for on a pause
    page.goto("/call?cli=&log=42-2018-11-18")
    assert page.locator("#box").input_value() == ""
    page.keyboard.press("Alt+n")
    expect(page.locator("#calls .here .call")).to_contain_text("log 41-2018-11-18")
    expect(page.locator("#box")).to_have_value("14")


def test_a_call_is_put_out_of_hand_and_the_others_stay(seat: Seat) -> None:
    page = seat(POP)
    page.goto(SECOND)
    page.get_by_role("button", name="Put log 2732-2018-11-18 07700900423 out of hand").press("Enter")
    expect(page.locator("#calls .call")).to_have_count(1)
    expect(page.locator("#calls .call")).to_contain_text("2731-2018-11-18")


def test_another_seat_has_none_of_these_calls(seat: Seat) -> None:
    seat(POP)
    other = seat("/")
    assert other.locator("#calls").count() == 0


def test_two_searches_of_a_call_stand_side_by_side(seat: Seat) -> None:
    page = seat(POP)
    page.keyboard.press("Control+a")
    page.keyboard.type("asif khan 07/03/1985")
    page.keyboard.press("Enter")
    expect(page.locator(".card .who a").first).to_contain_text("Mohammed Asif KHAN")
    page.wait_for_load_state()  # its script too
    page.keyboard.press("Alt+l")
    columns = page.locator(".beside > section")
    expect(columns).to_have_count(2)
    expect(columns.nth(0).locator(".who a").first).to_contain_text("07700 900417")
    expect(columns.nth(1).locator(".who a").first).to_contain_text("Mohammed Asif KHAN")
    left, right = columns.nth(0).bounding_box(), columns.nth(1).bounding_box()
    assert left and right and left["x"] + left["width"] <= right["x"] and abs(left["y"] - right["y"]) < 2
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))


def test_a_link_to_a_person_opens_in_another_browser(seat: Seat) -> None:
    page = seat(POP)
    page.keyboard.press("Alt+Digit2")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Shabana BIBI")
    other = seat(re.sub(r"^https?://[^/]+", "", page.url))
    expect(other.locator("h1")).to_contain_text("Shabana BIBI")


def test_a_server_restarted_in_mid_call_gives_the_calls_back(
    opened: Opened, small_config: Path, tmp_path: Path
) -> None:
    with serving(copy_of(small_config, tmp_path / "own")) as first:
        page = opened(first, POP)
        expect(page.locator(".card").first).to_be_visible()
        again = first.restarted()
        try:
            page.keyboard.press("Control+a")
            page.keyboard.type("shabana bibi")
            page.keyboard.press("Enter")
            expect(page.locator(".card .who a").first).to_contain_text("Shabana BIBI")
            expect(page.locator("#calls .here .call")).to_contain_text("log 2731-2018-11-18 07700900417")
            expect(page.locator("#calls .looks a")).to_have_text(["shabana bibi", "07700900417"])
            page.close()  # a page that still asks would find the server gone
        finally:
            again.stop()
