"""Invented hits to be drawn, and what of a drawing is held to: where its texts stand, and what it links to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from discoverer.answer import Hit, HitKind, Risk
from discoverer.parts import Elsewhere, Entry, Event, Holder, Linked, MayBe, Tenure
from discoverer.pictures.picture import Picture, width_of

NOW = datetime(2014, 11, 16, 2, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
SOURCES = ("incidents", "domestic_abuse", "custody", "intelligence")
RISKS = ("high", "medium", "standard", "not_assessed", None)


def entry(number: int, at: str = "2014-09-14T22:41:08Z", source: str = "incidents", **parts: object) -> Entry:
    """Make one record of a history."""
    given: dict[str, object] = {
        "kind": "incident", "summary": "concern for safety", "roles": ("victim",), "nature": "fact",
        "nature_words": "fact", "grading": "", "conditions": "", "grades": "", "outcome": "", "risk": None,
        "found": "field", "written": "X", "words": "words",
    }  # fmt: skip
    given |= {"at": at, "source": source, "ref": f"{number}/2014-09-14", **parts}
    return Entry(**given)  # type: ignore[arg-type]


def event(*entries: Entry, domestic: bool = False, cancelled: str = "") -> Event:
    """Make one occurrence of records."""
    return Event(entries[0].at, entries, domestic, cancelled=cancelled)


def events(many: int, years: int = 20) -> tuple[Event, ...]:
    """Make a history of so many events spread over so many years, the most recent first."""
    made = []
    for number in range(many):
        days = number * years * 365 // max(1, many)
        at = datetime.fromtimestamp(NOW.timestamp() - days * 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        one = entry(number, at, SOURCES[number % 4], risk=RISKS[number % 5])
        made.append(event(one, domestic=number % 3 == 0, cancelled="FALSE REPORT" if number % 7 == 1 else ""))
    return tuple(made)


def person(number: int, **parts: object) -> Linked:
    """Make somebody linked."""
    given: dict[str, object] = {
        "id": f"custody:BE/{number}/14#0", "label": f"PERSON {number} OF TEST", "relations": ("victim of this suspect",),
        "relationship": "EX-PARTNER (intimate_ex)", "roles": ("victim",), "risk": "high", "first": "2013-01-01",
        "last": "2014-01-01", "records": (f"custody:BE/{number}/14",), "records_total": 1, "words": "words",
    }  # fmt: skip
    return Linked(**(given | parts))  # type: ignore[arg-type]


def elsewhere(number: int, kind: str = "location", **parts: object) -> Elsewhere:
    """Make another address or number."""
    where = kind == "location"
    given: dict[str, object] = {
        "kind": kind, "id": f"|{number}|hillaires test road|b236xx" if where else f"+4477009004{number:02}",
        "label": f"{number} HILLAIRES TEST ROAD, ERDINGTON, B23 6XX" if where else f"07700 9004{number:02}",
        "roles": ("home",) if where else ("called_from",), "holder": "", "first": "2013-01-01", "last": "2014-01-01",
        "records": 2, "institution": "", "unverified": False, "caution": "", "source": "incidents",
        "ref": f"{number}/2014", "words": "words",
    }  # fmt: skip
    return Elsewhere(**(given | parts))  # type: ignore[arg-type]


def holder(number: int, tenure: Tenure = Tenure.CURRENT) -> Holder:
    """Make somebody who lived at a place."""
    return Holder(
        f"custody:BE/{number}/14#0",
        f"PERSON {number} OF TEST",
        tenure,
        "2013-01-01",
        "2014-01-01",
        1,
        "custody",
        "BE/1/14",
        "words",
    )


def may_be(number: int) -> MayBe:
    """Make somebody a person may also be."""
    return MayBe(
        f"custody:BE/{number}/14#0", f"PERSON {number} OF TEST", "same name", 4.0, "", (), ("a:1", "b:2"), "words"
    )


def hit(label: str = "MOHAMMED ASIF KHAN", **parts: object) -> Hit:
    """Make a hit of these parts."""
    risk = Risk("not_assessed", "NOT ASSESSED")
    bare = Hit(HitKind.PERSON, "custody:BE/1/14#0", label, "confirmed", 20.0, (), risk, (), 1)
    return replace(bare, **parts)  # type: ignore[arg-type]


def linked_to(many: int) -> Hit:
    """Make a hit linked to so many people, places and numbers each."""
    people = tuple(map(person, range(many)))
    places, numbers = (tuple(elsewhere(n, kind) for n in range(many)) for kind in ("location", "phone"))
    return hit(
        linked=people, addresses=places, numbers=numbers,
        linked_total=many, addresses_total=many, numbers_total=many,
    )  # fmt: skip


class Box(NamedTuple):
    """Where a text or mark stands, in CSS pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Tell whether two boxes share a point inside both."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def parsed(picture: Picture) -> Element:
    """Parse a drawing as XML, as a strict reader does."""
    root: Element = fromstring(picture.svg)
    return root


def links(picture: Picture) -> list[str]:
    """Return what the marks of a drawing lead to, in reading order."""
    return [each.get("href", "") for each in parsed(picture).iter(f"{SVG}a")]


def text_boxes(root: Element) -> Iterator[Box]:
    """Yield where every text of a drawing stands but those inside marks of the timeline, which are their marks'."""
    marks = {text for mark in root.iter(f"{SVG}a") if mark.get("transform") for text in mark.iter(f"{SVG}text")}
    marks |= {text for group in root.iter(f"{SVG}g") if group.get("transform") for text in group.iter(f"{SVG}text")}
    for text in root.iter(f"{SVG}text"):
        if text not in marks:
            x, y, wide = float(text.get("x", "0")), float(text.get("y", "0")), width_of(text.text or "")
            left = x - {"end": wide, "mid": wide / 2}.get(text.get("class", ""), 0.0)
            yield Box(left, y - 9, left + wide, y + 3)


def mark_boxes(root: Element) -> list[Box]:
    """Return where the marks of a timeline stand, as wide and tall as may be clicked."""
    found = []
    for mark in root.iter(f"{SVG}a"):
        x, y = map(float, mark.get("transform", "")[len("translate(") : -1].split())
        found.append(Box(x - 13, y - 14, x + 13, y + 14))
    return found


def overlapping(boxes: Sequence[Box]) -> list[tuple[Box, Box]]:
    """Return the pairs of boxes that overlap."""
    return [(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :] if one.overlaps(other)]
