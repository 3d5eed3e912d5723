"""Striking a safe place out of a record: out of every field that a source may write as it likes, but names of people.

As far as it is written alike: whole or as clerks shorten it, with or without accents, apostrophes and the door. What
somebody wrote otherwise (a landmark beside it, a misspelling) is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast

from discoverer.lists import lists
from discoverer.model import Location, Record
from discoverer.normalise.address_words import BLOCKS, BUILDINGS, is_place, written_as
from discoverer.normalise.addresses import read_address
from discoverer.normalise.text import fold

SHORTEST_NAME = 4
"""Letters of what a house is called that find it alone."""
_SLIPS = {"0": "0o", "o": "0o", "1": "1il", "i": "1il", "5": "5s", "s": "5s"}


def struck_out(record: Record, places: Sequence[Location], instead: str) -> Record:
    """Return a record with some places struck out; its locations and the names of its people stay as they are.

    Args:
        record: any.
        places: of the record.
        instead: what is to stand in their stead.
    """
    own = {word for person in record.persons for name in person.names for word in fold(name).split()}
    ambiguous = frozenset(own | lists()["street_words"].keys())
    finders = [finder for place in places for finder in _written(place, ambiguous)]

    def _without(text: str) -> str:
        return _replaced(text, finders, f"[{instead}]")

    return _everywhere(record, _without)  # a number's area may be the postcode


def _written(place: Location, ambiguous: frozenset[str]) -> Iterator[re.Pattern[str]]:
    """Yield what finds a place in running text: its door and street, and its postcode, however they are spaced.

    Args:
        place: a safe one.
        ambiguous: words that alone do not name it: of any text, or of somebody's name.
    """
    address = read_address(place.text, place.postcode)
    if address is None:
        return
    if address.postcode:
        letters = address.postcode.replace(" ", "").lower()
        yield _pattern(r"[\W_]*".join(f"[{_SLIPS.get(each, each)}]" for each in letters))
    numbers = "|".join(map(re.escape, {each for each in (address.house, address.house_end, address.flat) if each}))
    door = rf"(?:\b(?:flat[\W_]{{1,9}})?(?:{numbers})[\W_]{{1,9}}){{0,3}}" if numbers else ""
    kind = f"(?:{'|'.join(map(_spelt, written_as(address.street_type)))})" if address.street_type else ""
    road = _said(address.street)
    if road and kind:
        yield _pattern(rf"{door}\b{road}[\W_]*{kind}")
    if road and numbers:
        yield _pattern(rf"\b(?:{numbers})[\W_]+{road}")
    # Alone, one word finds it only where it can be nothing else: "HIGH risk" and her own name stay as they are.
    alone = (*address.street,) if len(address.street) == 1 else ()
    if road and not ambiguous.intersection(alone):
        yield _pattern(rf"\b{road}")
    # What stands beside it and is no town of ours may be the street, or what the place is called.
    others = [address.building.split(), *(each.split() for each in address.localities if not is_place(each))]
    if not (address.street or address.building or address.localities):
        others.append(list(address.words))
    called = [word for word in address.building.split() if word not in BUILDINGS | BLOCKS][:1]
    others.append([] if ambiguous.intersection(called) or len("".join(called)) < SHORTEST_NAME else called)
    yield from (
        _pattern(rf"{door}\b{_said(each)}")
        for each in others
        if len("".join(each)) >= SHORTEST_NAME and not ambiguous.issuperset(each)
    )


def _said(words: Sequence[str]) -> str:
    """Return what finds words one after another, each whole or as clerks shorten it."""
    return r"[\W_]+".join(f"(?:{'|'.join(map(_spelt, written_as(word)))})" for word in words)


def _spelt(word: str) -> str:
    """Return what finds a folded word, whatever apostrophes stand in it: 'ogroats' is O'Groats and O GROATS."""
    marks = "['’‘`´ʼ]?"
    first, rest = word[:1], word[1:]
    return rf"{re.escape(first)}{marks} ?{marks.join(map(re.escape, rest))}" if rest else re.escape(first)


def _pattern(written: str) -> re.Pattern[str]:
    """Return what finds this as whole words, in a text without accents."""
    return re.compile(rf"{written}\b" if written.startswith((r"\b", "(?:")) else rf"\b{written}\b")


def _replaced(text: str, finders: Sequence[re.Pattern[str]], instead: str) -> str:
    """Return a text with whatever one of these finds in it taken out; accents and capitals make no difference."""
    letters = [(letter, place) for place, written in enumerate(text) for letter in _plain_letters(written)]
    bare = "".join(letter for letter, _ in letters)
    spans = (match.span() for finder in finders for match in finder.finditer(bare) if match.group())
    found = sorted((letters[start][1], letters[end - 1][1] + 1) for start, end in spans)
    if not found:
        return text
    parts, at = [], 0
    for start, end in found:
        if start >= at:
            parts += [text[at:start], instead]
        at = max(at, end)
    return "".join((*parts, text[at:]))


@lru_cache(maxsize=4_096)
def _plain_letters(letter: str) -> str:
    """Return a letter as `fold` does: small, without its accent, perhaps two; nothing for what is drawn as nothing."""
    if unicodedata.category(letter) in ("Mn", "Cf"):
        return ""
    return (fold(letter) if letter.isalnum() else "") or letter.lower()


_Part = TypeVar("_Part")
_AS_IT_IS = frozenset({"source", "key", "row", "columns", "names", "locations", "codeset", "scheme", "value"})
"""Fields that name the record, its columns and people, or hold no words of its own, and those of places."""


def _everywhere(part: _Part, change: Callable[[str], str]) -> _Part:
    """Return a record, or a part of one, with every word of it changed that a source may write as it likes."""
    if isinstance(part, StrEnum) or not (isinstance(part, str | tuple) or is_dataclass(part)):
        return part
    if isinstance(part, str):
        return cast("_Part", change(part))
    if isinstance(part, tuple):
        return cast("_Part", tuple(_everywhere(each, change) for each in part))
    kept = {each.name: getattr(part, each.name) for each in fields(part) if each.name not in _AS_IT_IS}
    changed = {name: _everywhere(value, change) for name, value in kept.items()}
    return cast("_Part", replace(cast("Any", part), **changed))
