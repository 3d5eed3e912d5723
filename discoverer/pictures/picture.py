"""A picture with its text twin, and how SVG is written: as elements, never by filling holes in a text.

What a record says is hostile until it is cleaned: ElementTree escapes what would end a text or an attribute, and
`plain` takes out what XML cannot hold and what turns the direction of the words around it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

__all__ = ["Element", "Picture", "add", "drawing", "fitted", "link_to", "plain", "width_of", "written"]

WIDTH = 960
"""CSS pixels every picture is wide at the size it is drawn; none is scaled, so that 12 px stay 12 px."""
_LETTER = 12.0
"""CSS pixels of the letters, of which `width_of` tells how wide a text is."""
_WIDE = frozenset("MWmw@%&")
_NARROW = frozenset("iljtfrI.,:;'|!()[] ")
_MOST_MARKS = 2  # accents kept on one letter: more are only ever heaped up to run over the lines around


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the same facts as a table.

    Attributes:
        svg: str, one <svg> element, well-formed, with no script, style attribute or id in it.
        title: str, what it shows, in one sentence; blank of nothing.
        rows: tuple[tuple[str, ...], ...], the text twin: a header row, then one row a fact; all rows are equally long
            and nothing is only in the picture.
    """

    svg: str
    title: str
    rows: tuple[tuple[str, ...], ...]


def plain(text: str) -> str:
    """Return a text as it may be drawn: on one line, without control characters, heaps of accents or halves.

    Letters of every script stay. What turns the direction of what follows (U+202E and its like) goes: a name may not
    rearrange what stands beside it.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind[0] == "C" or char in "\u2028\u2029":  # control, format, surrogate, private, unassigned
            kept.append(" " if kind == "Cc" else "")
        elif marks <= _MOST_MARKS:
            kept.append(char)
    return " ".join("".join(kept).split())


def width_of(text: str) -> float:
    """Return how many CSS pixels a text is wide at 12 px in a sans-serif face, rather too many than too few."""
    return sum(map(_advance, text))


def _advance(char: str) -> float:
    """Return how wide one character is."""
    if unicodedata.combining(char):
        return 0.0
    if char in _NARROW:
        return 0.38 * _LETTER
    if unicodedata.east_asian_width(char) in "WF" or char in _WIDE:
        return 1.02 * _LETTER
    if char.isascii():
        return (0.7 if char.isupper() else 0.6) * _LETTER
    return 0.85 * _LETTER


def fitted(text: str, room: float) -> str:
    """Return a text, cleaned, and cut with an ellipsis where it is wider than `room` CSS pixels at 12 px."""
    whole = plain(text)
    if width_of(whole) <= room:
        return whole
    left = room - _advance("…")
    kept = ""
    for char in whole:
        left -= _advance(char)
        if left < 0:
            break
        kept += char
    return f"{kept.rstrip()}…"


def link_to(kind: str, ident: str) -> str:
    """Return the address of the page that shows a person, place, number or event."""
    return f"/show/{quote(kind, safe='', errors='replace')}?id={quote(ident, safe=':/', errors='replace')}"


def drawing(height: int, title: str, about: str) -> Element:
    """Begin a picture: a group of links that says what it is, so that a screen reader can go into it.

    Args:
        height: int, CSS pixels.
        title: what it shows.
        about: how to read it.
    """
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "picture",
        "width": str(WIDTH),
        "height": str(height),
        "viewBox": f"0 0 {WIDTH} {height}",
        "role": "group",
        "aria-label": plain(title),
    }
    svg = Element("svg", attributes)
    add(svg, "title", text=title)
    add(svg, "desc", text=about)
    return svg


def add(parent: Element, tag: str, text: str = "", **attributes: str | float) -> Element:
    """Add an element; its text is cleaned, and numbers are written to a tenth of a pixel.

    Args:
        parent: to add it to.
        tag: e.g. 'text'.
        text: str, what stands in it; '' for nothing.
        attributes: 'kind' stands for class; an underscore in a name for a hyphen.
    """
    given = {
        "class" if name == "kind" else name.replace("_", "-"): value if isinstance(value, str) else _number(value)
        for name, value in attributes.items()
    }
    element = SubElement(parent, tag, given)
    if text:
        element.text = plain(text)
    return element


def _number(value: float) -> str:
    """Write a number to a tenth, without needless noughts."""
    return f"{value:.1f}".removesuffix(".0")


def written(svg: Element) -> str:
    """Write a picture out."""
    return tostring(svg, encoding="unicode")
