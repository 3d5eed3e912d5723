"""Finds names in running text: after cues, in runs of words known to be names, and by capitals where case speaks.

What is found is a candidate to look up, never a fact: it is marked as found in text and says no more than 'possible'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

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
_JOINING_DOTS = frozenset(_TABLE["joining_dots"]["words"])
_NEVER_LAST = frozenset(_TABLE["never_last"]["words"])
_TYPES = short_types() | {"st"}
_PLACE_STARTS = frozenset(name.split()[0] for name in GAZETTEER)
_WORD = re.compile(r"[^\W\d_]+(?:['’‘`-][^\W\d_]+)*")
_CUE_GAP = re.compile(r"[ \t]*[,:;=\"'“(-]{0,2}[ \t]*[\"'“(]?")
_LONGEST_NAME = 5
_MOSTLY = 0.7  # share of capitals above which case says nothing


@dataclass(frozen=True, slots=True)
class _Word:
    """What is known of a word wherever it stands.

    Attributes:
        folded: str, comparison form; halves of a hyphenated word apart.
        pieces: tuple[str, ...], its halves.
        listed: bool, every half is a name of the tables.
        ordinary: bool, it is a word of everyday logs.
        sounds_ordinary: bool, it ends like one (shouting, threatened).
    """

    folded: str
    pieces: tuple[str, ...]
    listed: bool
    ordinary: bool
    sounds_ordinary: bool


@lru_cache(maxsize=65_536)
def _word(written: str) -> _Word:
    """Work out what is known of one written word; logs repeat the same few thousand."""
    folded = fold(written)
    pieces = tuple(folded.split())
    ordinary = folded.replace(" ", "") in _ORDINARY or all(piece in _ORDINARY for piece in pieces)
    return _Word(folded, pieces, bool(pieces) and all(map(is_listed, pieces)), ordinary, folded.endswith(_ENDINGS))


def name_spans(text: str, known: frozenset[str], taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Find names in running text.

    Args:
        text: str, any length and case.
        known: folded tokens borne by people in the fields of any source.
        taken: spans that are something else already (addresses), where no name is looked for.

    Returns:
        list of (start, end), in order, not overlapping.
    """
    reader = _Reader(text, known)
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(reader.words):
        size = reader.name_at(place)
        start = reader.places[place][0]
        if size and not any(first <= start < last for first, last in taken):
            spans.append((start, reader.places[place + size - 1][1]))
        place += size or 1
    return spans


class _Reader:
    """One text, cut into words; says how long a name is that begins at a word."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self.text = text
        self.known = known
        self.places = [found.span() for found in _WORD.finditer(text)]
        self.words = [_word(text[start:end]) for start, end in self.places]
        capitals = sum(map(str.isupper, text))
        small = sum(map(str.islower, text))
        self.cased = small > 0 and capitals < _MOSTLY * (capitals + small)

    def name_at(self, place: int) -> int:
        """Return how many words from `place` on are a name; 0 for none."""
        word = self.words[place]
        sure = place > 0 and self.words[place - 1].folded in _SURE_ENDS and self._after_sure_cue(place)
        if not word.folded or (word.ordinary and not self.cased and not sure) or is_title(word.folded):
            return 0
        known = self._knows(place)
        if sure and (known or not (word.ordinary or word.sounds_ordinary)) and not self._is_place(place):
            return self._run(place, sure=True)
        if self.cased:
            return self._capitals(place)
        if word.ordinary or word.folded in _ROLES:  # VIC is a victim before it is Victor
            return 0
        if len(word.folded) == 1 or not known:
            return self._led(place)
        size = self._run(place, sure=False)
        if self._is_street(place, size) or self._is_place(place):
            return 0
        certain = [each for each in range(place, place + size) if self._certain(each)]
        return size if len(certain) >= 2 or (certain and self._after_role(place)) else 0

    def _knows(self, place: int) -> bool:
        """Tell whether somebody bears the word here as a name."""
        word = self.words[place]
        return word.listed or (bool(word.pieces) and self.known.issuperset(word.pieces))

    def _certain(self, place: int) -> bool:
        """Tell whether the word here is a name and no everyday word."""
        return self._knows(place) and not self.words[place].ordinary

    def _near(self, place: int) -> bool:
        """Tell whether only spaces, or the dot of an initial or abbreviation, part the word from the one before."""
        if not place:
            return False
        gap = self.text[self.places[place - 1][1] : self.places[place][0]].strip(" \t")
        before = self.words[place - 1].folded
        return not gap or (gap == "." and (len(before) == 1 or before in _JOINING_DOTS))

    def _cued(self, place: int) -> bool:
        """Tell whether only spaces, a comma, a colon or a quotation mark part the word from the one before."""
        if not place:
            return False
        return _CUE_GAP.fullmatch(self.text[self.places[place - 1][1] : self.places[place][0]]) is not None

    def _led(self, place: int) -> int:
        """Read an initial or unknown word before a certain name, after a role ('PARTNER Y NADIF') or before two."""
        ahead = [at for at in (place + 1, place + 2) if at < len(self.words)]
        certain = [self._near(at) and self._certain(at) for at in ahead]
        if not certain or not certain[0] or self.words[place].sounds_ordinary or self._is_street(place, 2):
            return 0
        led = self._after_role(place) or (all(certain) and len(certain) == 2 and len(self.words[place].folded) > 2)
        return self._run(place, sure=False) if led else 0

    def _run(self, place: int, *, sure: bool) -> int:
        """Return how long a name that begins here is: known words, particles, initials, and one word not known."""
        size, unknown = 1, 0
        for at in range(place + 1, min(place + _LONGEST_NAME, len(self.words))):
            word = self.words[at]
            if not word.folded or not self._near(at):
                break
            initial = len(word.folded) == 1 and word.folded not in ("a", "i")
            # An everyday word may be a surname after a forename: Brown, Green.
            if not self._knows(at) and not is_common(word.folded) and not initial:
                unknown += 1
                plain = word.ordinary or word.sounds_ordinary or word.folded in _ROLES or word.folded in _TYPES
                if plain or unknown > 1 + sure:
                    break
            size += 1
        while size > 1 and self.words[place + size - 1].folded in _NEVER_LAST:
            size -= 1
        return size

    def _after_sure_cue(self, place: int) -> bool:
        """Tell whether a cue that always brings a name stands just before: 'gives name as', 'known as'."""
        if not self._cued(place):
            return False
        before = [word.folded for word in self.words[max(0, place - _LONGEST_CUE) : place]]
        return any(tuple(before[-size:]) in _SURE for size in range(1, len(before) + 1))

    def _after_role(self, place: int) -> bool:
        """Tell whether a role, a relation or another opening for a name stands before, at most two small words away."""
        for at in range(place, max(0, place - 3), -1):
            if not self._cued(at):
                return False
            before = self.words[at - 1].folded
            if before.split(" ")[-1] in _ROLES:
                return True
            if before not in _BETWEEN:
                return False
        return False

    def _is_street(self, place: int, size: int) -> bool:
        """Tell whether words are a street's name: a street type is among them or follows."""
        after = place + size
        following = after < len(self.words) and self._near(after) and self.words[after].folded in _TYPES
        return following or any(word.folded in _TYPES for word in self.words[place + 1 : after])

    def _is_place(self, place: int) -> bool:
        """Tell whether a district or town of the gazetteer begins here."""
        if self.words[place].folded not in _PLACE_STARTS:
            return False
        for size in (3, 2, 1):
            phrase = " ".join(word.folded for word in self.words[place : place + size])
            if phrase in GAZETTEER and not (size == 1 and self._knows(place)):
                return True
        return False

    def _capitals(self, place: int) -> int:
        """Read a name where capitals speak: 'Asif KHAN', 'Maureen Tallis', or one name after a role."""
        size = 0
        shouted = False
        for at in range(place, min(place + _LONGEST_NAME, len(self.words))):
            start, end = self.places[at]
            written, word = self.text[start:end], self.words[at]
            particle = size > 0 and is_common(word.folded)
            if (size and not self._near(at)) or not (written[0].isupper() or particle):
                break
            if shouted and not written.isupper():
                break  # the surname in capitals ends the name
            if word.ordinary and not (size and self._knows(at)):
                break
            shouted = written.isupper() and len(written) > 1
            size += 1
        if not size or self._is_street(place, size) or self._is_place(place):
            return 0
        bears = any(self._knows(at) for at in range(place, place + size))
        if size > 1 and (shouted or bears):
            return size
        return size if bears and not self.words[place].ordinary and self._after_role(place) else 0
