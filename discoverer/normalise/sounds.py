"""What a word sounds like: to an English ear (Metaphone; the only door to jellyfish), and in any language's spelling.

Soundex-like codes serve English, Irish and Caribbean names and fail many South Asian, Polish and Somali ones
(domain.md 9.13). `heard` rewrites a word as any clerk might have heard it, vowels kept, so that two spellings of one
foreign name can be compared letter by letter (data/sounds.toml). A sound is only ever one way among several to reach a
name, never a requirement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

import jellyfish

from discoverer.normalise.tables import load

# Longer strings are not words; their sound would cost time and match nothing.
_LONGEST = 40
# Readings of one word: ch, x, c and j have several sounds each, and a long foreign name several of them.
READINGS = 4
# How letters are heard, and the letters of which one must follow for it to be so ('': any).
_Rule = tuple[str, tuple[str, ...]]


def _read_rules() -> dict[str, list[_Rule]]:
    """Return every entry of the table by the letters it is about, the narrower first."""
    table = load("sounds")
    rules: dict[str, list[_Rule]] = {}
    for entry in [*table["hiss"], *table["letters"], *table["vowels"]]:
        heard = entry["heard"]
        one_each = isinstance(heard, list) and len(heard) == len(entry["written"]) > 1
        for place, written in enumerate(entry["written"]):
            readings = (heard[place],) if one_each else (heard,) if isinstance(heard, str) else tuple(heard)
            rules.setdefault(written, []).append((entry.get("before", ""), readings))
    for found in rules.values():
        found.sort(key=lambda rule: not rule[0])
    return rules


_RULES = _read_rules()
_LONGEST_RULE = max(map(len, _RULES))
_STARTS = {written: entry["heard"] for entry in load("sounds")["start"] for written in entry["written"]}
_BREATH = re.compile(r"(?<=.)h(?![aeiou])")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=262_144)
def sound(token: str) -> str:
    """Return the Metaphone code of one folded token, e.g. 'KLRK' for 'clark' and 'clarke'.

    Args:
        token: one folded word.

    Returns:
        str of code letters; '' when the token is not all letters a-z or is longer than any word (40).
    """
    if not _is_word(token):
        return ""
    return str(jellyfish.metaphone(token))


@lru_cache(maxsize=262_144)
def heard(token: str) -> tuple[str, ...]:
    """Return how one folded token may be heard, the likeliest first: 'separovis' for szeparowycz and sheparovych.

    Args:
        token: one folded word.

    Returns:
        1 to READINGS distinct strings of letters a-z; the token itself when it is not all letters or too long.
    """
    if not _is_word(token):
        return (token,)
    choices = islice(product(*_sounds_of(token)), READINGS)
    readings = (_DOUBLED.sub(r"\1", _BREATH.sub("", "".join(parts))) for parts in choices)
    return tuple(dict.fromkeys(reading for reading in readings if reading)) or (token,)


def _is_word(token: str) -> bool:
    """Tell whether a token is all letters a-z and no longer than any word."""
    return token.isascii() and token.isalpha() and len(token) <= _LONGEST


def _sounds_of(token: str) -> Iterator[tuple[str, ...]]:
    """Yield the sounds of a token from left to right, each with its alternatives."""
    place = 0
    if token[:2] in _STARTS:
        yield (_STARTS[token[:2]],)
        place = 2
    while place < len(token):
        size, sounds = _longest_at(token, place)
        yield sounds
        place += size


def _longest_at(token: str, place: int) -> tuple[int, tuple[str, ...]]:
    """Return how many letters the longest entry at a place takes, and how they are heard."""
    for size in range(min(_LONGEST_RULE, len(token) - place), 0, -1):
        after = token[place + size : place + size + 1]
        for before, sounds in _RULES.get(token[place : place + size], ()):
            if not before or (after and after in before):
                return size, sounds
    return 1, (token[place],)
