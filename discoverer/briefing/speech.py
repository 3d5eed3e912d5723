"""The spoken form: at most ninety words in radio order, and when it must be cut the most dangerous stays.

What a source that failed leaves open, and that nobody was assessed, is never cut; that there is more is said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from discoverer.briefing.aloud import count_words
from discoverer.briefing.parts import Point, Slot
from discoverer.briefing.people import PERSON, VICTIM
from discoverer.briefing.rules import danger, limit, never_cut, rules, slot_words, slots


class Spoken(NamedTuple):
    """What is said.

    Attributes:
        text: str, whole sentences.
        words: int, how many words that is.
        left_out: int, how many statements that may be said are not in it.
    """

    text: str
    words: int
    left_out: int


def spoken(points: Sequence[Point]) -> Spoken:
    """Say what may be said of some statements, the most dangerous first chosen, told in radio order."""
    sayable = _once([each for each in points if each.may_be_said])
    whole = _text(sayable)
    # Whatever is only written is more, too.
    more = len(sayable) < len(points)
    tail = str(rules()["spoken"]["tail"]) if more else ""
    if count_words(f"{whole} {tail}") <= limit("words"):
        return _spoken(whole, tail, 0)
    tail = str(rules()["spoken"]["tail"])
    ranked = sorted(
        range(len(sayable)), key=lambda place: (not never_cut(sayable[place].kind), _danger(sayable, place))
    )
    kept: set[int] = set()
    for place in ranked:
        tried = _text([each for order, each in enumerate(sayable) if order in kept | {place}])
        if count_words(f"{tried} {tail}") <= limit("words"):
            kept.add(place)
    return _spoken(_text([sayable[place] for place in sorted(kept)]), tail, len(sayable) - len(kept))


def _danger(points: Sequence[Point], place: int) -> tuple[int, int]:
    """Return what the most dangerous sorts first by; of equals the first."""
    return danger(points[place].kind), place


def _spoken(text: str, tail: str, left_out: int) -> Spoken:
    """Put the end to what is said."""
    said = " ".join(part for part in (text, tail) if part)
    return Spoken(said, count_words(said), left_out)


def _once(points: Sequence[Point]) -> list[Point]:
    """Return points in radio order, what would be said in the same words once."""
    ordered = [each for slot in slots() for each in points if each.slot is slot]
    return [*{(each.slot, each.said.lower()): each for each in reversed(ordered)}.values()][::-1]


def _text(points: Sequence[Point]) -> str:
    """Say points as sentences, each slot begun with what it is."""
    sentences = []
    for slot in slots():
        said = [each.said.strip(" .") for each in points if each.slot is slot]
        if said:
            sentences.append(_sentence(slot, said, {each.kind for each in points if each.slot is slot}))
    return " ".join(sentences)


def _before(slot: Slot, kinds: Collection[str]) -> str:
    """Return what is said before a slot: nobody is called a victim whom no record calls one."""
    return "Person" if slot is Slot.VICTIM and PERSON in kinds and VICTIM not in kinds else slot_words(slot, "say")


def _sentence(slot: Slot, said: Sequence[str], kinds: Collection[str]) -> str:
    """Say one slot."""
    before = _before(slot, kinds)
    whole = ". ".join(f"{each[:1].upper()}{each[1:]}" for each in said)
    return f"{before}: {whole}." if before else f"{whole}."
