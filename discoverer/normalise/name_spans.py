"""Finds names in running text: after cues, in runs of words known to be names, and by capitals where case speaks.

What is found is a candidate to look up, never a fact: it is marked as found in text and says no more than 'possible'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from discoverer.normalise.address_words import GAZETTEER, short_types
from discoverer.normalise.name_variants import is_listed
from discoverer.normalise.names import is_common, is_title
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

_TABLE = load("extract")
_ORDINARY = frozenset(_TABLE["ordinary"]["words"])
_ENDINGS = tuple(_TABLE["ordinary"]["endings"])
_ROLES = frozenset(_TABLE["role_cues"]["words"])
_BETWEEN = frozenset(_TABLE["between"]["words"])
_SURE = frozenset(tuple(phrase.split()) for phrase in _TABLE["sure_cues"]["phrases"])
_SURE_ENDS = frozenset(phrase[-1] for phrase in _SURE)
_LONGEST_CUE = max(map(len, _SURE))
_TYPES = short_types() | {"st"}
_PLACE_WORDS = frozenset(word for name in GAZETTEER for word in name.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’‘`-][^\W\d_]+)*")
_GAP = re.compile(r"[ \t]*[.]?[ \t]*")
_CUE_GAP = re.compile(r"[ \t]*[,:;=\"'“(-]{0,2}[ \t]*[\"'“(]?")
_LONGEST_NAME = 5
_MOSTLY = 0.7  # share of capitals above which case says nothing


@dataclass(slots=True)
class _Word:
    """One word of the text.

    Attributes:
        start, end: int, where it stands.
        folded: str, comparison form; halves of a hyphenated word apart.
        known: bool, somebody bears it.
        ordinary: bool, it is a word of everyday logs.
        near: bool, only spaces part it from the word before.
        cued: bool, only spaces, a comma, a colon or a quotation mark part it from the word before.
    """

    start: int
    end: int
    folded: str
    known: bool
    ordinary: bool
    near: bool
    cued: bool


def name_spans(text: str, known: frozenset[str], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Find names in running text.

    Args:
        text: str, any length and case.
        known: folded tokens borne by people in the fields of any source.
        taken: spans that are something else already (addresses), where no name is looked for.

    Returns:
        list of (start, end), in order, not overlapping.
    """
    words = _words(text, known)
    cased = _case_speaks(text)
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(words):
        size = 0
        if not _inside(words[place].start, taken):
            size = _name_at(words, place, text, cased=cased)
        if size:
            spans.append((words[place].start, words[place + size - 1].end))
        place += size or 1
    return spans


def _words(text: str, known: frozenset[str]) -> list[_Word]:
    """Cut the text into words and note what is known of each."""
    words: list[_Word] = []
    end = 0
    for found in _WORD.finditer(text):
        folded = fold(found.group())
        pieces = folded.split() or [""]
        bears = all(piece in known or is_listed(piece) for piece in pieces)
        ordinary = folded.replace(" ", "") in _ORDINARY or all(piece in _ORDINARY for piece in pieces)
        between = text[end : found.start()]
        near = bool(words) and _GAP.fullmatch(between) is not None and "." not in between
        cued = bool(words) and (near or _CUE_GAP.fullmatch(between) is not None)
        words.append(_Word(found.start(), found.end(), folded, bears, ordinary, near, cued))
        end = found.end()
    return words


def _case_speaks(text: str) -> bool:
    """Tell whether capitals mean something in this text."""
    capitals = sum(map(str.isupper, text))
    small = sum(map(str.islower, text))
    return small > 0 and capitals < _MOSTLY * (capitals + small)


def _inside(start: int, taken: list[tuple[int, int]]) -> bool:
    return any(first <= start < last for first, last in taken)


def _name_at(words: list[_Word], place: int, text: str, *, cased: bool) -> int:
    """Return how many words from `place` on are a name; 0 for none."""
    word = words[place]
    if not word.folded or is_title(word.folded):
        return 0
    if len(word.folded) == 1 and not cased:
        return 0 if not _leads_initial(words, place) else _run(words, place, sure=False)
    sure = _after_sure_cue(words, place)
    if sure and (word.known or not (word.ordinary or _sounds_ordinary(word))) and not _is_place(words, place):
        return _run(words, place, sure=True)
    if cased:
        return _capitals(words, place, text, role=_after_role(words, place))
    if word.ordinary or not word.known:
        return _trusted_pair(words, place) if not word.ordinary else 0
    size = _run(words, place, sure=False)
    if _is_street(words, place, size) or _is_place(words, place):
        return 0
    certain = [each for each in words[place : place + size] if each.known and not each.ordinary]
    return size if len(certain) >= 2 or (certain and _after_role(words, place)) else 0


def _leads_initial(words: list[_Word], place: int) -> bool:
    """Tell whether a single letter is an initial after a cue: 'PARTNER Y NADIF'."""
    word, after = words[place], words[place + 1 : place + 2]
    initial = len(word.folded) == 1 and not word.ordinary and _after_role(words, place)
    return bool(initial and after and after[0].near and after[0].known and not after[0].ordinary)


def _trusted_pair(words: list[_Word], place: int) -> int:
    """Read an unknown word before a known surname, after a role: 'SUSPECT ZBYSZKO KHAN'."""
    after = words[place + 1 : place + 2]
    if not (after and after[0].near and after[0].known and not after[0].ordinary and _after_role(words, place)):
        return 0
    return 0 if _sounds_ordinary(words[place]) or _is_street(words, place, 2) else _run(words, place, sure=False)


def _run(words: list[_Word], place: int, *, sure: bool) -> int:
    """Return how long a name that begins here is: known words, particles, initials, and one word not known."""
    size, unknown = 1, 0
    for word in words[place + 1 : place + _LONGEST_NAME]:
        if not word.near or not word.folded:
            break
        initial = len(word.folded) == 1 and word.folded not in ("a", "i")
        if not (word.known and not word.ordinary) and not is_common(word.folded) and not initial:
            surname = word.known and word.ordinary  # Brown, Green: surnames too, after a forename
            if not surname and (word.ordinary or word.folded in _ROLES or _sounds_ordinary(word)):
                break
            unknown += not surname
            if unknown > 1 + sure or word.folded in _TYPES:
                break
        size += 1
    return size


def _sounds_ordinary(word: _Word) -> bool:
    """Tell whether an unknown word ends like an everyday one (shouting, threatened)."""
    return not word.known and word.folded.endswith(_ENDINGS)


def _after_sure_cue(words: list[_Word], place: int) -> bool:
    """Tell whether a cue that always brings a name stands just before: 'gives name as', 'known as'."""
    if not place or not words[place].cued:
        return False
    before = [word.folded for word in words[max(0, place - _LONGEST_CUE) : place]]
    if before[-1] not in _SURE_ENDS:
        return False
    return any(tuple(before[-size:]) in _SURE for size in range(1, len(before) + 1))


def _after_role(words: list[_Word], place: int) -> bool:
    """Tell whether a role, a relation or another opening for a name stands before, at most two small words away."""
    first = max(0, place - 3)
    for back in range(place, first, -1):
        if not words[back].cued:
            return False
        before = words[back - 1].folded
        if before.split(" ")[-1] in _ROLES:
            return True
        if before not in _BETWEEN:
            return False
    return False


def _is_street(words: list[_Word], place: int, size: int) -> bool:
    """Tell whether words are a street's name: a street type is among them or follows."""
    after = words[place + size : place + size + 1]
    following = bool(after) and after[0].near and after[0].folded in _TYPES
    return following or any(word.folded in _TYPES for word in words[place + 1 : place + size])


def _is_place(words: list[_Word], place: int) -> bool:
    """Tell whether a district or town of the gazetteer begins here."""
    for size in (3, 2, 1):
        phrase = " ".join(word.folded for word in words[place : place + size])
        if phrase in GAZETTEER and not (size == 1 and words[place].known):
            return True
    return False


def _capitals(words: list[_Word], place: int, text: str, *, role: bool) -> int:
    """Read a name in text where capitals speak: 'Asif KHAN', 'Maureen Tallis', or one name after a role."""
    size = 0
    shouted = False
    for word in words[place : place + _LONGEST_NAME]:
        written = text[word.start : word.end]
        if (size and not word.near) or not written[:1].isupper():
            particle = size and word.near and is_common(word.folded)
            if not particle:
                break
        if shouted and not written.isupper():
            break  # the surname in capitals ends the name
        if word.ordinary and not (size and word.known):
            break
        shouted = written.isupper() and len(written) > 1
        size += 1
    if not size or _is_street(words, place, size) or _is_place(words, place):
        return 0
    run = words[place : place + size]
    bears = sum(word.known for word in run)
    surname = shouted and size > 1 and len(run[-1].folded) > 1
    if surname or (size > 1 and bears):
        return size
    return size if bears and role and not run[0].ordinary else 0
