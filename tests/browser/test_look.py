"""How the pages look: axe in either theme, dark, 200 % zoom, print, and what they weigh."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened, only_suggesting
from tests.browser.serving import Server
from tests.browser.weighing import COLOURS, first_load, in_either_theme, violations

Seat = Callable[..., Page]

PERSON = f"/show/person?id={quote('custody:BE/152/18#0')}"
BRIEF = f"/brief/person?id={quote('custody:BE/152/18#0')}"
PAGES = {
    "start": "/",
    "search": "/search?q=shabana+bibi",
    "no trace": "/search?q=zzyzx+qwertz",
    "person": PERSON,
    "place": f"/show/location?id={quote('flat 2|14|hillaires test road|b236xx')}",
    "number": f"/show/phone?id={quote('+447700900417')}",
    "record": f"/show/event?id={quote('incidents:1784/2018-09-03')}",
    "call": "/call?cli=07700900417&log=2731-2018-11-18",
    "beside": "/beside?a=07700900417&b=asif+khan",
    "status": "/status",
    "keys": "/keys",
    "briefing": BRIEF,
    "nowhere": "/nowhere",
    "too long": "/search?q=" + "7" * 2_500,
}
ZOOMED = {"viewport": {"width": 640, "height": 512}}  # what 200 % leaves of 1280 x 1024
MOST_BYTES = 100_000


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(opened: Opened, served: Server, name: str) -> None:
    page = opened(served, PAGES[name], theme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert in_either_theme(page) == []
    assert darkness(page) < 0.2


@pytest.mark.parametrize("name", ["call", "briefing"])
def test_axe_finds_nothing_in_the_dark_theme_as_it_is_chosen(opened: Opened, served: Server, name: str) -> None:
    page = opened(served, PAGES[name], theme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert violations(page) == []


def test_axe_finds_nothing_on_open_help_suggestions_and_reasons(opened: Opened, served: Server) -> None:
    page = opened(served, PAGES["search"])
    page.keyboard.press("Alt+r")
    assert violations(page) == []
    page.keyboard.press("Alt+k")
    expect(page.locator("#keyhelp")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    only_suggesting(page)
    page.keyboard.type("14 hillair")
    expect(page.locator("#suggestions")).to_be_visible()
    assert violations(page) == []


def test_axe_can_find_something(opened: Opened, served: Server) -> None:
    page = opened(served, PAGES["search"])
    page.evaluate("document.querySelector('.card .risk').innerHTML = '<img src=\"/static/icon.svg\">'")
    page.evaluate("document.documentElement.style.setProperty('--soft', '#777')")
    page.evaluate("document.documentElement.style.setProperty('--ground', '#888')")
    assert any("image-alt" in each for each in violations(page))
    assert any("color-contrast" in each for each in violations(page, COLOURS))


BACKGROUND = "(node) => getComputedStyle(node).backgroundColor"


def darkness(page: Page) -> float:
    """Return how light the ground of the page is, 0 to 1."""
    colour = page.locator("html").evaluate(BACKGROUND)
    return sum(int(each) for each in colour[4:-1].split(",")[:3]) / 765


def test_the_theme_is_chosen_at_a_seat_and_stays(seat: Seat) -> None:
    page = seat("/search?q=shabana+bibi")
    assert darkness(page) > 0.8
    page.get_by_role("button", name="Dark").press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert darkness(page) < 0.2
    expect(page.locator(".card").first).to_be_visible()  # back where it was chosen
    page.goto(PERSON)
    assert darkness(page) < 0.2
    page.get_by_role("button", name="Light").press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert darkness(page) > 0.8


def test_until_one_is_chosen_the_theme_is_the_systems(seat: Seat) -> None:
    assert darkness(seat("/", color_scheme="dark")) < 0.2
    assert darkness(seat("/", color_scheme="light")) > 0.8


CUT_OFF = """() => [...document.querySelectorAll("main *, .top *, #sources *")].filter((each) => {
  if (each.closest("svg, .picture, .scrolled, .unseen, [hidden], select, #suggestions") || !each.checkVisibility()) return false;
  const box = each.getBoundingClientRect();
  if (!box.width || !box.height) return false;
  const seen = getComputedStyle(each);
  const cut = each.scrollWidth > each.clientWidth + 1 && seen.overflowX !== "visible" && each.tagName !== "INPUT";
  return box.right > innerWidth + 1 || box.left < -1 || cut;
}).map((each) => each.outerHTML.slice(0, 120))"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("name", PAGES)
def test_at_200_percent_nothing_is_cut_off_and_no_page_scrolls_sideways(seat: Seat, name: str) -> None:
    page = seat(PAGES[name], **ZOOMED)
    assert page.evaluate(WIDER) is False
    assert page.evaluate(CUT_OFF) == []


def test_at_400_percent_a_search_still_does_not_scroll_sideways(seat: Seat) -> None:
    page = seat(PAGES["call"], viewport={"width": 320, "height": 256})
    assert page.evaluate(WIDER) is False


NOT_PRINTED = ("#search", ".top", ".index", "button:not(summary button)", "input", "textarea", ".acts", "#keyhelp")


@pytest.mark.parametrize("name", ["search", "person", "briefing", "no trace"])
def test_on_paper_there_is_no_bar_no_form_and_no_button_and_every_word(seat: Seat, name: str) -> None:
    page = seat(PAGES[name])
    page.emulate_media(media="print")
    for what in NOT_PRINTED:
        assert page.locator(f"{what}:visible").count() == 0, what
    expect(page.locator("#sources")).to_be_visible()
    assert page.evaluate(WIDER) is False


def test_on_paper_no_colour_carries_meaning(seat: Seat) -> None:
    page = seat(PAGES["search"])
    page.emulate_media(media="print")
    grades = page.locator(".card .grade")
    for place in range(grades.count()):
        assert grades.nth(place).evaluate(BACKGROUND) in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
        assert grades.nth(place).evaluate("(node) => getComputedStyle(node).color") == "rgb(0, 0, 0)"
        assert grades.nth(place).inner_text().strip()


def test_on_paper_the_dark_theme_is_light(opened: Opened, served: Server) -> None:
    page = opened(served, PAGES["briefing"], theme="dark")
    page.emulate_media(media="print")
    assert darkness(page) == 1.0
    assert page.locator("#spoken").evaluate("(node) => getComputedStyle(node).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("name", ["search", "call", "start", "briefing", "no trace"])
def test_a_first_load_is_small(seat: Seat, name: str) -> None:
    assert 0 < first_load(seat("about:blank"), PAGES[name]) < MOST_BYTES
