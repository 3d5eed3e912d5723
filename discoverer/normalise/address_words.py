"""Cuts an address into parts and words, and writes every abbreviation out.

Parts are what commas and line ends keep apart. 'St' is Street or Saint by its place (domain.md 6.2).
"""

from __future__ import annotations

import re

from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

_TABLE = load("addresses")


def _expansions(table: dict[str, object]) -> dict[str, str]:
    """Return {short form: whole word} of one table of types, without its reason."""
    return {short: word for word, shorts in table.items() if isinstance(shorts, list) for short in shorts}


STREET_TYPES = frozenset(_TABLE["street_types"]) - {"why"}
WEAK_TYPES = frozenset(_TABLE["weak_types"]) - {"why"}
BUILDINGS = frozenset(_TABLE["buildings"]["strict"])
BLOCKS = frozenset(_TABLE["buildings"]["blocks"])
DROPPED = frozenset(_TABLE["dropped"]["words"])
DIRECTIONS: dict[str, str] = {k: v for k, v in _TABLE["directions"].items() if k != "why"}
_SHORT_TYPES = _expansions(_TABLE["street_types"]) | _expansions(_TABLE["weak_types"])
_SHORT_WORDS: dict[str, str] = {k: v for k, v in _TABLE["short_forms"].items() if k != "why"}
_SAINTS = frozenset(_TABLE["saints"]["names"])
_NOT_BEFORE_SAINT = frozenset(_TABLE["saints"]["not_after"])

GAZETTEER: dict[str, list[list[str]]] = load("gazetteer")["places"]
_PLACE_STARTS = frozenset(name.split()[0] for name in GAZETTEER)
_LONGEST_PLACE = max(len(name.split()) for name in GAZETTEER)

_PIECE = re.compile(r"[^\W_]+(?:['’‘`´ʼ][^\W_]+)*['’]?|[/\-–—&]|[,;:|\n()]")
_BREAKS = frozenset(",;:|\n()")
_MARKS = {"/": "/", "-": "-", "–": "-", "—": "-", "&": "&"}
_RANGES = {"to": "-", "and": "-", "&": "-", "/": "/", "-": "-"}  # what joins two numbers: 14 to 16, 14 & 16, 14/16
_OUTSIDE = re.compile(r"\bo/[sfo]\b|\bj/?w\b|\bc/o\b", re.IGNORECASE)  # outside, junction with, care of
_REAR = re.compile(r"\br/o\b", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?=(?:Road|Street|Avenue|Crescent|Close|Drive|Grove|Lane|Way|Court|Gardens)\b)")
_FLAT_RUN_ON = re.compile(rf"({'|'.join(_TABLE['flats']['words'])})(\d{{1,4}}[a-z]?)")  # flat6
_HOUSE_RUN_ON = re.compile(r"(\d{1,4})([a-z]{3,})")  # 14amaranthus
_LETTERS_FOR_DIGITS = re.compile(r"(?=\D*\d)[\doil]{2,4}")  # 1o, l4
_DIGITS = str.maketrans("oil", "011")
_NUMBER = re.compile(r"\d{1,5}[a-z]?")
LONGEST = 300  # characters of an address that are read; what follows is running text


def short_types() -> frozenset[str]:
    """Return every street type, whole and abbreviated, but 'st'."""
    return STREET_TYPES | WEAK_TYPES | frozenset(_SHORT_TYPES)


def written_as(word: str) -> tuple[str, ...]:
    """Return how clerks write a folded word of an address: whole, and every short form of it."""
    short = (form for table in (_SHORT_TYPES, _SHORT_WORDS) for form, whole in table.items() if whole == word)
    return tuple(dict.fromkeys((word, *short, *(("st",) if word in ("saint", "street") else ()))))


def is_number(word: str) -> bool:
    """Tell whether a folded word can be a house or flat number: '14', '14a'."""
    return _NUMBER.fullmatch(word) is not None


def cut(text: str) -> list[list[str]]:
    """Cut an address into parts of folded words, with '/' and '-' as words where they join numbers.

    Args:
        text: str, without its postcode.

    Returns:
        list of parts in order, none empty, abbreviations written out.
    """
    text = _RUN_TOGETHER.sub(" ", _OUTSIDE.sub(" outside ", _REAR.sub(" rear ", text[:LONGEST])))
    plain = text.isascii()
    text = text.lower() if plain else text
    parts: list[list[str]] = [[]]
    for piece in _PIECE.findall(text):
        if piece in _BREAKS:
            parts.append([])
        elif piece in _MARKS:
            parts[-1].append(_MARKS[piece])
        elif plain:  # the pattern takes letters, digits and apostrophes: this is all that folding would do
            parts[-1].extend(_apart(piece.replace("'", "").replace("`", "")))
        else:
            parts[-1].extend(each for word in fold(piece).split() for each in _apart(word))
    return [expanded for part in parts if (expanded := _expand(_without_loose_marks(part)))]


def _apart(word: str) -> list[str]:
    """Cut a number from the word it was run together with, and put letters typed for its digits right."""
    if word.isalpha() or word.isdigit():
        return [word]
    if run_on := _FLAT_RUN_ON.fullmatch(word) or _HOUSE_RUN_ON.fullmatch(word):
        return list(run_on.groups())
    return [word.translate(_DIGITS)] if _LETTERS_FOR_DIGITS.fullmatch(word) else [word]


def _without_loose_marks(part: list[str]) -> list[str]:
    """Keep what joins two numbers as '/' or '-'; elsewhere marks are left out and words stay."""
    last = len(part) - 1
    kept: list[str] = []
    for place, word in enumerate(part):
        joins = word in _RANGES and 0 < place < last and is_number(part[place - 1]) and is_number(part[place + 1])
        if joins:
            kept.append(_RANGES[word])
        elif word not in _MARKS.values():
            kept.append(word)
    return kept


def _expand(part: list[str]) -> list[str]:
    """Write out the abbreviations of one part."""
    expanded: list[str] = []
    for place, word in enumerate(part):
        if word == "st":
            expanded.append(_saint_or_street(part, place))
        elif word in _SHORT_TYPES and _named_before(part, place):
            expanded.append(_SHORT_TYPES[word])
        elif word in DIRECTIONS and _beside_a_type(part, place):
            expanded.append(DIRECTIONS[word])
        else:
            expanded.extend(_SHORT_WORDS.get(word, word).split())
    return expanded


def _named_before(part: list[str], place: int) -> bool:
    """Tell whether a word stands before this place that can be a street's name."""
    return any(not is_number(word) and word not in DROPPED and word not in "/-" for word in part[:place])


def _saint_or_street(part: list[str], place: int) -> str:
    """Decide 'st' by what stands round it."""
    after = part[place + 1 : place + 2]
    if not after or not after[0].isalpha():
        return "street"
    if not _named_before(part, place):
        return "saint"
    later = any(_SHORT_TYPES.get(word, word) in STREET_TYPES for word in part[place + 2 :])
    if later or (after[0] in _SAINTS and part[place - 1] not in _NOT_BEFORE_SAINT):
        return "saint"
    return "street"


def _beside_a_type(part: list[str], place: int) -> bool:
    """Tell whether a single letter follows a street type, or leads a street's name of two words or more."""
    before = part[place - 1] if place else ""
    follows = before == "st" or _SHORT_TYPES.get(before, before) in STREET_TYPES
    leads = not _named_before(part, place) and len(part) - place > 2
    return follows or leads


def split_places(words: list[str]) -> list[str]:
    """Split words into place names: known ones of the gazetteer, and what stands between them.

    Args:
        words: list[str], folded, e.g. ['erdington', 'birmingham'].

    Returns:
        list[str] of phrases, e.g. ['erdington', 'birmingham'].
    """
    phrases: list[str] = []
    unknown: list[str] = []
    place = 0
    while place < len(words):
        size = _known_at(words, place)
        if size:
            phrases += [" ".join(unknown)] if unknown else []
            unknown = []
            phrases.append(" ".join(words[place : place + size]))
        else:
            unknown.append(words[place])
        place += size or 1
    return [*phrases, " ".join(unknown)] if unknown else phrases


def _known_at(words: list[str], place: int) -> int:
    """Return how many words from `place` on make a name of the gazetteer, the longest first; 0 for none."""
    if words[place] not in _PLACE_STARTS:
        return 0
    for size in range(min(_LONGEST_PLACE, len(words) - place), 0, -1):
        if " ".join(words[place : place + size]) in GAZETTEER:
            return size
    return 0


def is_place(phrase: str) -> bool:
    """Tell whether a folded phrase is a town or district of the gazetteer."""
    return phrase in GAZETTEER


def may_be_one_area(first: str, second: str) -> bool:
    """Tell whether two folded place names may mean one area: the same, or one within the other by the gazetteer.

    'erdington' lies within 'birmingham'; a name the gazetteer does not know is only itself.
    """
    return first in _around(second) or second in _around(first)


def _around(place: str) -> set[str]:
    """Return a place and all the towns, boroughs and counties it lies in."""
    found: set[str] = set()
    wider = {place}
    while wider:
        found |= wider
        wider = {entry[0] for name in wider for entry in GAZETTEER.get(name, ())} - found
    return found
