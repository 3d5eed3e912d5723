"""The keys as shipped: each does one thing, and none takes what a browser or the system keeps for itself."""

from __future__ import annotations

import pytest

from discoverer.web.screen.shortcuts import Shortcut, shortcuts

# What Alt with a letter does before a page hears of it, on the desktops of a control room.
KEPT = {
    "Chrome": {"d": "address bar", "e": "menu", "f": "menu"},
    "Edge": {"d": "address bar", "e": "menu", "f": "menu"},
    "Firefox": {
        "b": "bookmarks menu", "d": "address bar", "e": "edit menu", "f": "file menu", "h": "help menu",
        "s": "history menu", "t": "tools menu", "v": "view menu",
    },
}  # fmt: skip
SHIPPED = shortcuts()


@pytest.mark.parametrize("browser", KEPT)
@pytest.mark.parametrize("shortcut", SHIPPED.shortcut, ids=lambda each: each.action)
def test_no_key_with_alt_is_the_browsers_own(shortcut: Shortcut, browser: str) -> None:
    assert shortcut.alt not in KEPT[browser]


@pytest.mark.parametrize("browser", KEPT)
def test_whoever_changes_a_key_is_kept_from_the_browsers_own_too(browser: str) -> None:
    assert set(KEPT[browser]) <= set(SHIPPED.reserved.alt)


@pytest.mark.parametrize("what", ["key", "alt", "action"])
def test_each_key_does_one_thing(what: str) -> None:
    told = [getattr(each, what) for each in SHIPPED.shortcut]
    assert len(set(told)) == len(told)


def test_no_key_is_one_that_every_page_has_or_a_digit() -> None:
    """Arrows, Enter, Escape and Tab have names of more than a character, and Alt with a digit is a card's."""
    assert all(not each.alt.isdigit() and each.alt.isalpha() and each.alt.islower() for each in SHIPPED.shortcut)
    assert all(each.key.isprintable() and not each.key.isspace() for each in SHIPPED.shortcut)
