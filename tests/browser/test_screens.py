"""`make screens`: the pictures of the main states in docs/screens, written where they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import paletted
from tests.browser.conftest import Opened, built_once, copied_small
from tests.browser.serving import Server, serving

VARIABLE = "DISCOVERER_SCREENS"
SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
POP = "/call?cli=07700900417&log=2731-2018-11-18"
SHABANA = f"/show/person?id={quote('intelligence:INT/18/0000153#1')}"
pytestmark = pytest.mark.skipif(
    VARIABLE not in os.environ, reason=f"pictures are written by 'make screens' ({VARIABLE})"
)


def custody_broken_off(folder: Path) -> Path:
    """Copy the small set with one of its sources broken off in the middle, as a transfer in the night leaves it."""
    config = copied_small(folder)
    extract = folder / "custody.txt"
    extract.write_bytes(b"".join(extract.read_bytes().splitlines(keepends=True)[:150]))
    return config


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Lend a server over it."""
    with serving(built_once(tmp_path_factory, "failing", custody_broken_off)) as server:
        yield server


def kept(page: Page, browser: Browser, name: str) -> None:
    """Write what a page shows."""
    page.wait_for_load_state("networkidle")
    paletted.save(page, browser, SCREENS / f"{name}.png")
    assert (SCREENS / f"{name}.png").stat().st_size < 250_000


@pytest.mark.parametrize(("name", "theme"), [("call", "light"), ("call-dark", "dark")])
def test_an_incoming_call(opened: Opened, served: Server, browser: Browser, name: str, theme: str) -> None:
    kept(opened(served, POP, theme=theme), browser, name)


def test_a_person_with_history_and_pictures(opened: Opened, served: Server, browser: Browser) -> None:
    page = opened(served, SHABANA, theme="light")
    page.evaluate("document.getElementById('timeline').scrollIntoView({ behavior: 'instant' })")
    kept(page, browser, "person")


def test_a_source_that_failed(opened: Opened, failing: Server, browser: Browser) -> None:
    page = opened(failing, POP, theme="light")
    expect(page.locator(".unasked.failed")).to_be_visible()
    kept(page, browser, "failed-source")


def test_no_trace(opened: Opened, served: Server, browser: Browser) -> None:
    kept(opened(served, "/search?q=bartholomew+oakenshaw+14/02/1991", theme="light"), browser, "no-trace")


def test_calls_in_hand_side_by_side(opened: Opened, served: Server, browser: Browser) -> None:
    page = opened(served, POP, theme="light")
    page.goto("/call?cli=07700900423&log=2732-2018-11-18")
    page.keyboard.press("Control+a")
    page.keyboard.type("errol pinnock 29/07/1983")
    page.keyboard.press("Enter")
    expect(page.locator(".card .who a").first).to_contain_text("ERROL PINNOCK")
    page.wait_for_load_state()
    page.keyboard.press("Alt+l")
    expect(page.locator(".beside")).to_be_visible()
    kept(page, browser, "side-by-side")


def test_a_briefing(opened: Opened, served: Server, browser: Browser) -> None:
    page = opened(served, POP, theme="light")
    page.keyboard.press("Alt+Digit2")
    page.keyboard.press("b")
    expect(page.locator("#spoken")).to_be_visible()
    kept(page, browser, "briefing")
