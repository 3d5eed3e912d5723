"""What a page weighs and what axe finds on it: for the tests and for the figures."""

from __future__ import annotations

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STANDARDS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, only: Mapping[str, object] = STANDARDS) -> list[str]:
    """Return what axe finds, a sentence each."""
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['help']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def in_either_theme(page: Page) -> list[str]:
    """Return what axe finds on a page in the light theme, and of its colours in the dark one: nothing else differs."""
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    found = violations(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    return found + violations(page, COLOURS)


def first_load(page: Page, path: str) -> float:
    """Return how many bytes come over the line for a page and all it fetches, headers included; in a seat that has nothing yet."""
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    if len(sizes) < 4:
        raise RuntimeError(f"{path} fetched {len(sizes)} things; it needs itself, two style sheets and its script.")
    return sum(sizes)
