"""From typing to the right first card, without a mouse; and what may never move under a reader's eyes."""

from __future__ import annotations

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
