"""How alike two tokens are: the only door to rapidfuzz (and to numpy, which its batch call needs).

Comparing is done on folded tokens. One token pair gets one `Closeness`; the ladder below is in order of
strength and the first rung that holds is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from discoverer.normalise.names import variants
from discoverer.normalise.sounds import sound

# A vocabulary token further than both of these from every query token is not looked at again.
SCAN_JARO_WINKLER = 0.86
SCAN_EDITS = 1
# Jaro-Winkler that two tokens of the same sound must still reach: Metaphone alone joins too much.
SOUND_FLOOR = 0.75
SIMILAR = 0.90


class Closeness(StrEnum):
    """How one token agrees with another, strongest first."""

    SAME = "same"
    VARIANT = "variant"
    ONE_EDIT = "one_edit"
    SOUND = "sound"
    SHORTENED = "shortened"
    SIMILAR = "similar"
    INITIAL = "initial"
    NONE = "none"


@lru_cache(maxsize=262_144)
def closeness(asked: str, held: str) -> Closeness:
    """Compare two folded name tokens.

    Args:
        asked: the token asked for.
        held: the token a record holds.
    """
    if asked == held:
        return Closeness.SAME
    if not asked or not held:
        return Closeness.NONE
    if len(asked) == 1 or len(held) == 1:
        return Closeness.INITIAL if asked[0] == held[0] else Closeness.NONE
    if held in variants(asked):
        return Closeness.VARIANT
    return _spelling(asked, held)


@lru_cache(maxsize=131_072)
def word_closeness(asked: str, held: str) -> Closeness:
    """Compare two folded words of an address: like names, but no pet names and no initials."""
    if asked == held:
        return Closeness.SAME
    if any(char.isdigit() for char in asked + held):
        return Closeness.NONE
    return _spelling(asked, held)


def _spelling(asked: str, held: str) -> Closeness:
    """Compare two tokens by their letters and sound alone."""
    shortest = min(len(asked), len(held))
    if shortest < 3:
        return Closeness.NONE
    edits = OSA.distance(asked, held, score_cutoff=2)
    if edits <= 1 and shortest >= 4:
        return Closeness.ONE_EDIT
    likeness = JaroWinkler.similarity(asked, held)
    if likeness >= SOUND_FLOOR and sound(asked) == sound(held) != "":
        return Closeness.SOUND
    if shortest >= 4 and (asked.startswith(held) or held.startswith(asked)):
        return Closeness.SHORTENED
    if likeness >= SIMILAR or (edits <= 2 and shortest >= 7):
        return Closeness.SIMILAR
    return Closeness.NONE


def scan(asked: Sequence[str], vocabulary: Sequence[str]) -> list[list[int]]:
    """Find the vocabulary tokens spelled like each token asked for, all in one pass.

    Args:
        asked: n folded tokens.
        vocabulary: m folded tokens.

    Returns:
        n lists of positions in `vocabulary`, unordered.
    """
    if not asked or not vocabulary:
        return [[] for _ in asked]
    likeness = process.cdist(
        asked, vocabulary, scorer=JaroWinkler.similarity, score_cutoff=SCAN_JARO_WINKLER, dtype=np.float32
    )
    edits = process.cdist(asked, vocabulary, scorer=OSA.distance, score_cutoff=SCAN_EDITS, dtype=np.uint8)
    near = (likeness > 0) | (edits <= SCAN_EDITS)
    return [np.flatnonzero(row).tolist() for row in near]


def one_slip(first: str, second: str) -> bool:
    """Tell whether two strings differ by one wrong, missing, extra or swapped character."""
    return OSA.distance(first, second, score_cutoff=1) <= 1
