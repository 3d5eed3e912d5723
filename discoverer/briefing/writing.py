"""The written forms: for the terminal in the car, and plain text to be pasted into the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from discoverer.briefing.parts import Form, Point
from discoverer.briefing.rules import slot_words, slots
from discoverer.wording import day, minute


def written(label: str, as_at: str, points: Sequence[Point]) -> str:
    """Write a briefing for the terminal in the car: every statement it may hold, with what it rests on."""
    return "\n".join(_plainly(line) for line in _lines(label, as_at, points, Form.TERMINAL))


def plain(label: str, as_at: str, points: Sequence[Point], spoken: str) -> str:
    """Write a briefing to be pasted into the log: what is said, then what it rests on; letters and stops only."""
    lines = [spoken, "", *_lines(label, as_at, points, Form.LOG)]
    return "\n".join(_plainly(line) for line in lines)


def marked_as_edited(text: str, by: str) -> str:
    """Mark a text that somebody changed, wherever it is pasted or shown again."""
    return f"[EDITED by {by}, not as made] {text}"


def _lines(label: str, as_at: str, points: Sequence[Point], form: Form) -> Iterator[str]:
    """Yield the lines of a form: a heading for each slot, a line for each statement."""
    yield f"BRIEFING {label}, as at {minute(as_at)}"
    for slot in slots():
        told = [each for each in points if each.slot is slot and form not in each.withheld_from and each.words]
        if told:
            yield slot_words(slot, "title")
            yield from (f"- {_line(each)}" for each in told)


def _line(each: Point) -> str:
    """Write one statement with its nature, the part played, its date and its source."""
    source = f"{each.source} {each.ref}".strip()
    nature = "" if f"[{each.nature_words}]" in each.words else each.nature_words
    parts = [nature, each.role, day(each.at), "" if source in each.words else source]
    about = "; ".join(part for part in parts if part)
    return f"{each.words} [{about}]" if about else each.words


def _plainly(line: str) -> str:
    """Leave nothing in a line that a screen or a log would take for more than a letter."""
    return "".join(char if char.isprintable() else " " for char in line)
