"""The colours of the pictures, reckoned: text 4.5:1 and marks 3:1 on what they stand on, in either theme (WCAG 2.2)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.pictures.link_chart import link_chart
from discoverer.pictures.timeline import timeline
from tests.pictures import NOW, events, hit, holder, linked_to, mark_boxes, parsed, person

CSS = (Path(__file__).resolve().parent.parent / "discoverer/web/screen/static/pictures.css").read_text(encoding="utf-8")
TEXT, MARK = 4.5, 3.0
GRADES = ("high", "medium", "standard", "unknown", "none")
_BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")


def colours(selector: str) -> dict[str, str]:
    """Return the custom properties that the first rule of a selector sets."""
    for found, body in _BLOCK.findall(CSS):
        if found.strip().splitlines()[-1].strip() == selector:
            return dict(re.findall(r"--pic-(\w+):\s*(#[0-9a-f]{6})", body))
    raise AssertionError(f"no rule for {selector}")


LIGHT = colours(".picture")
DARK = colours('[data-theme="dark"] .picture')
DARK_BY_SYSTEM = colours(':root:not([data-theme="light"]) .picture')


def luminance(colour: str) -> float:
    """Return the relative luminance of '#rrggbb', 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#777777", "#ffffff", 4.48),
    ],
)
def test_contrast_is_reckoned_as_published(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize("theme", [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")])
@pytest.mark.parametrize(
    ("colour", "on", "least"),
    [
        *((name, "ground", TEXT) for name in ("ink", "dim")),
        ("ink", "lately", TEXT),
        *((grade, "ground", TEXT) for grade in GRADES),  # a letter in its mark, and the ground's colour on a filled one
        *((grade, "lately", MARK) for grade in GRADES),  # the outline on the shaded months
        *((line, under, MARK) for line in ("line", "focus") for under in ("ground", "lately")),
    ],
)
def test_colours_stand_out_from_what_they_stand_on(theme: dict[str, str], colour: str, on: str, least: float) -> None:
    assert contrast(theme[colour], theme[on]) >= least


def test_dark_is_the_same_by_choice_and_by_the_system_and_names_what_light_names() -> None:
    assert DARK == DARK_BY_SYSTEM
    assert DARK.keys() == LIGHT.keys()


def test_paper_is_light_in_either_theme() -> None:
    assert colours(":root:root:root .picture") == LIGHT


def test_colours_are_named_once_and_used_by_name() -> None:
    rules = CSS.split("\n.picture text {", 1)[1].split("@media", 1)[0]
    assert not re.search(r"#[0-9a-f]{3,6}\b", rules)
    assert set(re.findall(r"var\(--pic-(\w+)\)", CSS)) <= LIGHT.keys()


def test_every_class_drawn_is_in_the_style_sheet_and_no_text_is_under_12_pixels() -> None:
    full = replace(linked_to(3), history=events(40), holders=(holder(7),))
    unsure = hit(linked=(person(1, relations=("named in text with",)),))
    drawn = {
        name
        for picture in (timeline(full, NOW), link_chart(full), link_chart(unsure))
        for element in parsed(picture).iter()
        for name in element.get("class", "").split()
    }
    styled = set(re.findall(r"\.([a-z]+)\b", re.sub(r"\{[^{}]*\}", "", CSS)))
    assert drawn - styled <= {"lane"}  # a lane is a line like any other
    assert all(int(size) >= 12 for size in re.findall(r"(\d+)px[/ ]", CSS.split("font:", 1)[1][:10]))
    assert set(re.findall(r"font-size: *([^;}]+)", CSS)) <= {
        "inherit"
    }  # of the picture, whatever the page around it sets


def test_marks_are_large_enough_to_be_hit() -> None:
    boxes = mark_boxes(parsed(timeline(hit(history=events(40)), NOW)))
    assert boxes and all(box.right - box.left >= 24 and box.bottom - box.top >= 24 for box in boxes)
    targets = {
        path.get("d") for path in parsed(timeline(hit(history=events(40)), NOW)).iter() if path.get("class") == "t"
    }
    assert targets == {"M-13-14H13V14H-13Z"}  # what mark_boxes says


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|http", CSS)
