"""What the screen makes of a hit: links where something is named, grades that are somebody's, keys that are free."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit, HitKind
from discoverer.app import App
from discoverer.cards import WHOLE, card, event_lines, head
from discoverer.web.screen.card_view import card_of, grade_of, history_of
from discoverer.web.screen.referring import Referring
from discoverer.web.screen.shortcuts import shortcuts

# Keys that open something of the browser or the system together with Alt: Chrome and Edge (address bar d, menus e and f),
# Firefox (menus f, e, v, s, b, t, h), Windows (space). https://support.google.com/chrome/answer/157179,
# https://support.mozilla.org/kb/keyboard-shortcuts-perform-firefox-tasks-quickly
BROWSERS = set("defvsbth ")


@pytest.fixture(scope="module")
def hits(small: App) -> dict[str, Hit]:
    answer = small.search(DEMO_VIEWER, "07700 900417")
    return {hit.label: hit for hit in reversed(answer.hits)}


def test_a_line_with_links_says_what_it_said_without(small: App, hits: dict[str, Hit]) -> None:
    for hit in hits.values():
        refers = Referring(hit, small.settings.sources)
        for line in (*head(hit, WHOLE), *card(hit), *(line for event in hit.history for line in event_lines(event))):
            pieces = refers.pieces(line.text)
            rejoined = "".join(_as_written(piece.text, piece.href) for piece in pieces)
            assert rejoined == line.text


def _as_written(text: str, href: str) -> str:
    """Return a piece as the line had it: the id of a person stands behind the word 'open'."""
    query = parse_qs(urlsplit(href).query)
    return f"[{query['id'][0]}]" if text == "open" and href.startswith("/show/person") else text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("BAIL on ASIF KHAN (custody BE/152/18)", ["/show/event?id=custody%3ABE%2F152%2F18"]),
        ("see domestic_abuse DA/99/00001.", ["/show/event?id=domestic_abuse%3ADA%2F99%2F00001"]),
        ("intelligence 3x5x2 2/C/P; untested source", []),  # a grading, not a reference
        ("taken into custody BY two officers", []),
        ("mycustody BE/152/18", []),
        ("", []),
    ],
)
def test_what_is_a_reference(small: App, hits: dict[str, Hit], text: str, links: list[str]) -> None:
    refers = Referring(hits["07700 900417"], small.settings.sources)
    assert [piece.href for piece in refers.pieces(text) if piece.href] == links


def test_the_grade_of_a_card_is_a_victims_and_says_whose(hits: dict[str, Hit], small: App) -> None:
    sources = small.settings.sources
    victim = next(hit for label, hit in hits.items() if label.startswith("Shabana BIBI /"))
    assert card_of(victim, sources).grade_words == "VICTIM AT HIGH RISK"
    assert card_of(hits["07700 900417"], sources).grade_words == "LINKED VICTIM: HIGH"
    suspect = next(hit for label, hit in hits.items() if label.startswith("Mohammed Asif KHAN"))
    assert card_of(suspect, sources).grade_words == "LINKED VICTIM: HIGH"


def test_nobody_assessed_is_never_standard(hits: dict[str, Hit]) -> None:
    victim = next(hit for label, hit in hits.items() if label.startswith("Shabana BIBI /"))
    bare = replace(
        victim.risk, state="not_assessed", highest=None, latest=None, elsewhere=(), around=(), victims_assessed={}
    )
    assert grade_of(bare) == "not_assessed"
    low = replace(bare, around=victim.risk.around, victims_assessed={"standard": 1})
    assert grade_of(low) == "not_assessed"  # somebody else's standard says nothing of this one
    assert grade_of(replace(bare, victims_assessed={"high": 1})) == "high"


def test_the_history_has_every_event_once(hits: dict[str, Hit], small: App) -> None:
    for hit in hits.values():
        told = [
            piece.text
            for group in history_of(hit, small.settings.sources)
            for item in group.items
            for piece in item.pieces
        ]
        for event in hit.history:
            for entry in event.entries:
                assert f"{entry.source} {entry.ref}" in told


def test_every_page_a_link_names_is_there(small: App, hits: dict[str, Hit]) -> None:
    for hit in hits.values():
        view = card_of(hit, small.settings.sources)
        found = {piece.href for group in view.groups for item in group.items for piece in item.pieces if piece.href}
        found |= {piece.href for record in view.records for piece in record.pieces if piece.href}
        for href in found:
            kind = urlsplit(href).path.rpartition("/")[2]
            assert small.show(DEMO_VIEWER, HitKind(kind), parse_qs(urlsplit(href).query)["id"][0]).hit


def test_no_key_is_the_browsers_and_none_does_two_things() -> None:
    keys = shortcuts().shortcut
    assert not {each.alt for each in keys} & (BROWSERS | set(shortcuts().reserved.alt))
    assert set(shortcuts().reserved.alt) >= BROWSERS - {" "}
    for what in ("key", "alt", "action"):
        values = [getattr(each, what) for each in keys]
        assert len(values) == len(set(values)), what
    assert all(each.alt.isalpha() and each.alt.islower() for each in keys)
