"""From typing to the right first card, without a mouse; and what may never move under a reader's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

Seat = Callable[..., Page]

SHABANA = "Shabana BIBI / Shabs"
ASIF = "Mohammed Asif KHAN / Asi"
FLAT = "Flat 2, 14 Hillaires Test Road B23 6XX"
QUERIES = (
    ("07700 900417", "phone 07700 900417", "phone", "07700 900417"),
    ("+44 (0)7700 900417", "phone 07700 900417", "phone", "07700 900417"),
    ("900417", "phone ending 900417", "phone", "07700 900417"),
    ("b23 6xx", "address B23 6XX", "location", FLAT),
    ("flat 2 14 hillaires test road erdington", "address FLAT 2 14 HILLAIRES", "location", FLAT),
    ("42 Whithyridge Test Close, Northfield", "address 42 WHITHYRIDGE", "location", "41 Withyridge Test Close"),
    ("shabana bibi", "name SHABANA BIBI", "person", SHABANA),
    ("errol pinock", "name ERROL PINOCK", "person", "ERROL PINNOCK"),
    ("shabana bibi 03/07/89", "date of birth 03/07/1989", "person", SHABANA),
    ("asif khan 07/03/1985", "date of birth 07/03/1985", "person", ASIF),
    ("03/9999987W", "PNC 2003/9999987W", "person", ASIF),
    ("BR93 PRY", "vehicle BR93PRY", "event", "intelligence INT/18/0001290"),
    ("1784 of 030918", "log 1784 of 03/09/2018", "event", "incidents 1784/2018-09-03"),
    ("BE/152/18", "reference BE/152/18", "event", "custody BE/152/18"),
    ("melanie parker bilston", "area BILSTON", "person", "MELANIE PARKER"),
    ("graeme reid b23", "area B23", "person", "GRAHEM REED"),
)


def enter(page: Page, text: str) -> None:
    """Type into what has the focus and press Enter, as somebody does who does not wait."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("typed", "read_as", "kind", "first"), QUERIES, ids=[each[0] for each in QUERIES])
def test_what_is_typed_leads_to_the_right_first_card(
    seat: Seat, typed: str, read_as: str, kind: str, first: str
) -> None:
    page = seat()
    expect(page.locator("#box")).to_be_focused()
    enter(page, typed)
    card = page.locator(".card").first
    expect(card.locator(".who a")).to_contain_text(first)
    expect(card.locator(".kind")).to_have_text(kind)
    expect(page.locator("#reading")).to_contain_text(read_as)
    assert page.locator("#box").input_value() == typed


RESULTS = "**/search?part=results*"


def on_a_pause(page: Page, text: str) -> None:
    """Type and pause, by a clock that stands still but for this."""
    page.keyboard.type(text)
    page.clock.run_for(450)


def stopped(page: Page) -> Page:
    """Let the page's clock stand still from here on, so that no busy machine makes a pause of what is none."""
    page.clock.install()
    page.reload()
    page.clock.pause_at("2030-01-01")
    return page


def test_people_are_looked_for_on_a_pause_of_400_milliseconds_and_not_before(seat: Seat) -> None:
    page = stopped(seat())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "part=results" in request.url else None)
    page.keyboard.type("shabana")
    page.clock.run_for(390)
    page.keyboard.type(" bibi")
    page.clock.run_for(390)
    assert asked == []
    expect(page.locator("#reading")).to_have_text("Read as: name SHABANA BIBI")
    assert page.locator(".card").count() == 0
    page.clock.run_for(20)
    expect(page.locator(".card .who a").first).to_contain_text(SHABANA)
    assert len(asked) == 1
    expect(page.locator("#box")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/search\?q=shabana%20bibi"))


def test_enter_on_what_a_pause_has_shown_goes_to_the_first_card_and_keeps_it_with_the_call(seat: Seat) -> None:
    page = stopped(seat())
    on_a_pause(page, "shabana bibi")
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate("document.body.dataset.here = 'yes'")
    with page.expect_response("**/calls/keep") as kept:
        page.keyboard.press("Enter")
    assert kept.value.ok
    expect(page.locator(".card").first).to_be_focused()
    assert page.evaluate("document.body.dataset.here") == "yes", "nothing was loaded again"
    expect(page).to_have_url(re.compile(r"&call=\d+$"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(SHABANA)
    expect(page.locator("#calls .call")).to_have_count(1)
    expect(page.locator("#calls .looks a")).to_have_text([SHABANA, "shabana bibi"])


def test_what_is_found_never_comes_under_the_eyes_of_somebody_who_reads_a_card(seat: Seat) -> None:
    page = stopped(seat("/search?q=shabana+bibi"))
    page.evaluate("document.querySelector('.card').dataset.mine = 'yes'")
    page.keyboard.type(" 03/07/89")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card").first).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "part=results" in request.url else None)
    page.clock.run_for(5_000)
    assert asked == []
    expect(page.locator('.card[data-mine="yes"]')).to_be_focused()


def test_an_answer_that_comes_once_the_reader_is_on_a_card_does_not_replace_it(seat: Seat) -> None:
    page = stopped(seat("/search?q=shabana+bibi"))
    held: list[Route] = []
    page.route(RESULTS, lambda route: held.append(route))
    with page.expect_request(RESULTS):
        on_a_pause(page, " 03/07/89")
    page.keyboard.press("ArrowDown")
    page.evaluate("document.querySelector('.card').dataset.mine = 'yes'")
    with page.expect_response(RESULTS):
        held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(page.locator('.card[data-mine="yes"]')).to_be_focused()


def test_an_answer_that_comes_late_never_replaces_a_newer_one(seat: Seat) -> None:
    page = stopped(seat())
    held: list[Route] = []
    page.route(re.compile(r"part=results&q=errol(&|$)"), lambda route: held.append(route))
    with page.expect_request(re.compile("part=results")):
        on_a_pause(page, "errol")
    on_a_pause(page, " pinock")
    expect(page.locator(".card .who a").first).to_contain_text("ERROL PINNOCK")
    stale = page.request.get("/search?part=results&q=shabana").text()
    held[0].fulfill(body=stale, content_type="text/html")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".card .who a").first).to_contain_text("ERROL PINNOCK")
    assert page.locator("#box").input_value() == "errol pinock"


def test_streets_are_suggested_while_typing_and_taken_by_the_keys_alone(seat: Seat) -> None:
    page = stopped(seat())
    page.keyboard.type("14 hillair")
    page.clock.run_for(150)
    first = page.locator("#suggestions li").first
    expect(first).to_contain_text("Hillaires Test Road")
    expect(page.locator("#box")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    assert page.locator("#box").get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("#box")).to_have_value(re.compile("14 Hillaires Test Road", re.I))
    expect(page.locator("#suggestions")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator(".card .who a").first).to_contain_text("Hillaires Test Road")


def test_escape_closes_the_suggestions_and_loses_nothing_that_was_typed(seat: Seat) -> None:
    page = stopped(seat())
    page.keyboard.type("14 hillair")
    page.clock.run_for(150)
    expect(page.locator("#suggestions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(page.locator("#box")).to_be_focused()
    assert page.locator("#box").input_value() == "14 hillair"


def test_a_server_that_is_gone_is_said_and_what_is_shown_stays(seat: Seat) -> None:
    page = seat("/search?q=shabana+bibi")
    page = stopped(page)
    # Not by aborting requests: Chromium notes each of those as an error, and no page may have any.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('gone')); }")
    on_a_pause(page, " x")
    expect(page.locator("#reading")).to_contain_text("does not answer: nothing was searched")
    expect(page.locator(".card .who a").first).to_contain_text(SHABANA)
