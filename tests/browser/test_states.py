"""What nobody may miss: a source that failed or is stale, no trace, an index missing, a newer build, no JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.casting import Staged, staged
from tests.browser.conftest import Opened
from tests.browser.serving import Server, serving
from tests.cast import SOURCES, log

Seat = Callable[..., Page]
PATHS = (
    "/",
    "/search?q=shabana+bibi",
    "/call?cli=07700900417",
    "/show/phone?id=%2B447700900417",
    "/search?q=zzyzx+qwertz",
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Staged:
    """Lend an index without custody, which never could be read, and with intelligence as it was read before."""
    made = staged(tmp_path_factory.mktemp("states"))
    made.build(SOURCES, down=["custody"])
    made.build(SOURCES, down=["custody", "intelligence"])
    return made


@pytest.fixture(scope="module")
def troubled(stage: Staged) -> Iterator[Server]:
    """Lend a server over it."""
    with serving(stage.config) as server:
        yield server


def test_an_index_that_is_missing_at_the_start_is_said_and_its_first_build_answers(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = staged(tmp_path_factory.mktemp("empty"))
    with serving(empty.config) as server:
        page = opened(server)
        expect(page.locator("[role=alert]").first).to_contain_text("no index")
        page.keyboard.type("shabana bibi")
        page.keyboard.press("Enter")
        # The first: on the page that is left meanwhile each source says the same.
        expect(page.locator(".unasked.failed").first).to_contain_text(re.compile("no index|not.*built", re.I))
        expect(page.locator(".build")).to_contain_text("This is not an answer")
        assert page.locator("#box").input_value() == "shabana bibi"
        assert "trace" not in page.locator("main").inner_text().lower()
        empty.build(SOURCES)
        page.locator("#box").press("Enter")
        expect(page.locator(".card .who a").first).to_contain_text("SHABANA BIBI")


@pytest.mark.parametrize("path", PATHS)
def test_a_source_that_failed_cannot_be_missed(opened: Opened, troubled: Server, path: str) -> None:
    page = opened(troubled, path)
    box = page.locator("[role=alert].unasked.failed")
    expect(box).to_contain_text("NOT SEARCHED: custody")
    expect(box).to_contain_text("FAILED, not searched: the share is not there")
    expect(box).to_be_in_viewport(ratio=1)
    strip = page.locator("#sources .failed")
    expect(strip).to_contain_text("FAILED")
    expect(strip).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("path", PATHS)
def test_a_stale_source_is_said_in_words_and_since_when(opened: Opened, troubled: Server, path: str) -> None:
    page = opened(troubled, path)
    box = page.locator("[role=alert].unasked.stale")
    expect(box).to_contain_text("STALE: intelligence STALE since 16/11/2014 02:00")
    expect(box).to_be_in_viewport(ratio=1)
    expect(page.locator("#sources .stale")).to_be_in_viewport(ratio=1)


def test_a_source_that_failed_is_said_on_the_page_of_sources_and_in_a_briefing(
    opened: Opened, troubled: Server
) -> None:
    page = opened(troubled, "/status")
    expect(page.locator("tr.failed")).to_contain_text("FAILED, not searched")
    page.goto("/search?q=shabana+bibi")
    page.keyboard.press("Alt+g")
    expect(page.locator("#reading")).to_contain_text("Briefing: person")
    expect(page.locator("[role=alert].unasked.failed").first).to_contain_text("NOT SEARCHED: custody")
    expect(page.locator("#spoken")).to_contain_text(re.compile("custody not searched", re.I))


def test_nothing_found_says_no_trace_with_the_list_of_sources_and_what_to_try(seat: Seat) -> None:
    page = seat("/search?q=zzyzx+qwertz")
    none = page.locator(".none")
    expect(none.locator("h2")).to_have_text("No trace in the sources searched")
    expect(none).to_be_in_viewport(ratio=1)
    expect(none.locator("li b")).to_have_text(["incidents", "intelligence", "domestic abuse", "custody"])
    expect(none.locator("li").first).to_contain_text("18/11/2018 01:45")
    expect(none).to_contain_text("Absence of records is not absence of abuse")
    words = page.locator("main").inner_text().lower()
    assert not any(each in words for each in ("no history", "clean", "not known to", "✓", "✔"))


def test_nothing_that_is_read_moves_when_a_newer_build_answers_and_the_page_says_so(
    opened: Opened, troubled: Server, stage: Staged
) -> None:
    page = opened(troubled)
    page.clock.install()
    page.goto("/search?q=shabana+bibi")
    page.keyboard.press("ArrowDown")
    page.evaluate("document.activeElement.dataset.mine = 'yes'")
    page.evaluate("scrollTo(0, 40)")
    before = page.locator("[data-mine]").bounding_box()
    page.clock.run_for(30_500)
    assert page.locator(".newer").count() == 0
    more = log("4040", "2014-11-15", summary="knocking", text="SHABANA BIBI RANG AGAIN")
    stage.build({**SOURCES, "incidents": [*SOURCES["incidents"], more]}, down=["custody", "intelligence"])
    page.clock.run_for(30_500)
    said = page.locator(".newer")
    expect(said).to_contain_text("A newer build answers now")
    expect(said).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-mine]")).to_be_focused()
    assert page.locator("[data-mine]").bounding_box() == before
    built = page.locator("#results").get_attribute("data-build")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".newer")).to_have_count(0)
    expect(page.locator("#results")).not_to_have_attribute("data-build", built or "")


WITHOUT = {"java_script_enabled": False}


def test_without_javascript_a_search_a_person_and_a_briefing_work(seat: Seat) -> None:
    page = seat("/", **WITHOUT)
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type("shabana bibi 03/07/89")
    page.keyboard.press("Enter")
    expect(page.locator("#reading")).to_contain_text("Read as: date of birth 03/07/1989")
    page.locator('.card [data-act="open"]').first.click()
    expect(page.locator("h1")).to_contain_text("Shabana BIBI")
    expect(page.locator("#timeline svg")).to_be_visible()
    page.locator('[data-act="brief"]').first.click()
    expect(page.locator("#spoken")).to_be_visible()
    expect(page.locator("[data-copy]")).to_be_hidden()
    page.get_by_role("button", name="Briefed now").click()
    expect(page.locator(".given")).to_be_visible()
    expect(page.locator("#calls .call")).to_have_count(1)


def test_without_javascript_a_call_is_taken_put_out_of_hand_and_the_theme_chosen(seat: Seat) -> None:
    page = seat("/call?cli=07700900417&log=2731-2018-11-18", **WITHOUT)
    expect(page.locator(".card").first).to_contain_text("07700 900417")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="out of hand").click()
    expect(page.locator("#calls")).to_have_count(0)
    page.goto("/keys")
    # Chromium does not lay <noscript> out where scripts are only forbidden by the one who drives it.
    assert "Without JavaScript there are no keys" in (page.locator("noscript").text_content() or "")


def test_without_javascript_why_it_matched_still_opens(seat: Seat) -> None:
    page = seat("/search?q=shabana+bibi", **WITHOUT)
    page.locator("#hit-1 details.why summary").click()
    expect(page.locator("#hit-1 details.why p").first).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "There is nothing at this address"),
        ("/show/person?id=nobody:1%230", 404, "nobody:1"),
        ("/show/cat?id=1", 400, "cannot be read"),
        ("/search?q=" + "7" * 2_500, 400, "characters"),
    ],
)
def test_what_cannot_be_answered_is_a_page_that_says_why_and_is_no_answer(
    seat: Seat, path: str, status: int, words: str
) -> None:
    page = seat()
    answer = page.goto(path)
    assert answer is not None and answer.status == status
    expect(page.locator(".unasked.failed")).to_contain_text(words)
    expect(page.locator("main")).to_contain_text("This is not an answer")
