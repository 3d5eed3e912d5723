"""How alike two tokens are: the only door to rapidfuzz (and to numpy, which its batch call needs).

Comparing is done on folded tokens. Two words of an address get one `Closeness`: the ladder below is in order of
strength and the first rung that holds is taken. Two tokens of a name also get a degree, since a slip in a long name
says more than one in a short name: the mean of Jaro-Winkler and edit likeness, of the letters as written or of these
and what is heard together, whichever is more.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from discoverer.normalise.lookalikes import as_scanned
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import heard, sound

# A vocabulary word further than both of these from every word asked for is not looked at again.
SCAN_JARO_WINKLER = 0.86
SCAN_EDITS = 1
# The same for names, as written and as heard; of independent transliterations 0.82 finds 89 in a hundred, 0.86 84.
SCAN_NAME = 0.82
SCAN_HEARD = 0.86
# Names less alike than this, as written and as heard, are not the same name.
LEAST_LIKENESS = 0.56
# Letters less alike than this are not even listened to.
LEAST_SPELT = 0.3
# Of the likeness of two tokens once letters that run together are read as one (rn, m), what counts.
SCANNED = 0.95
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


class Likeness(NamedTuple):
    """How one name token agrees with another.

    Attributes:
        how: the kind of agreement.
        degree: float 0 to 1, how alike they are spelt or heard; 1 for SAME and VARIANT.
    """

    how: Closeness
    degree: float


_UNLIKE = Likeness(Closeness.NONE, 0.0)


@lru_cache(maxsize=524_288)
def likeness(asked: str, held: str) -> Likeness:
    """Compare two folded name tokens.

    Args:
        asked: the token asked for.
        held: the token a record holds.
    """
    if asked == held:
        return Likeness(Closeness.SAME, 1.0)
    if not asked or not held:
        return _UNLIKE
    if len(asked) == 1 or len(held) == 1:
        return Likeness(Closeness.INITIAL, 1.0) if asked[0] == held[0] else _UNLIKE
    if held in variants(asked):
        return Likeness(Closeness.VARIANT, 1.0)
    return _spelt_or_heard(asked, held)


def _spelt_or_heard(asked: str, held: str) -> Likeness:
    """Compare two name tokens by their letters and by what is heard."""
    shortest = min(len(asked), len(held))
    spelt = _spelt(asked, held)
    if spelt < LEAST_SPELT:
        return _UNLIKE
    sounds = max(_alike(reading, heard(held)[0]) for reading in heard(asked))
    degree = max(spelt, (spelt + sounds) / 2)
    begins = shortest >= 4 and (asked.startswith(held) or held.startswith(asked))
    if degree < LEAST_LIKENESS and not begins:
        return _UNLIKE
    if OSA.distance(asked, held, score_cutoff=1) <= 1:
        return Likeness(Closeness.ONE_EDIT, degree)
    if begins:
        return Likeness(Closeness.SHORTENED, degree)
    alike_heard = sounds >= SIMILAR and sounds > spelt
    return Likeness(Closeness.SOUND if alike_heard else Closeness.SIMILAR, degree)


def _spelt(asked: str, held: str) -> float:
    """Return how alike two tokens are in their letters, or as a scanner may have read them, with a little off."""
    spelt = _alike(asked, held)
    scanned = as_scanned(asked), as_scanned(held)
    return spelt if scanned == (asked, held) else max(spelt, SCANNED * _alike(*scanned))


def _alike(first: str, second: str) -> float:
    """Return the mean of Jaro-Winkler and edit likeness, 0 to 1."""
    return (JaroWinkler.similarity(first, second) + OSA.normalized_similarity(first, second)) / 2


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
    """Find the words of a vocabulary spelled like each word asked for, all in one pass.

    Args:
        asked: n folded tokens.
        vocabulary: m folded tokens.

    Returns:
        n lists of positions in `vocabulary`, unordered.
    """
    return _near(asked, vocabulary, SCAN_JARO_WINKLER)


def scan_names(asked: Sequence[str], vocabulary: Sequence[str], sounds: Sequence[str]) -> list[list[int]]:
    """Find the names of a vocabulary spelled or heard like each name asked for.

    Args:
        asked: n folded tokens.
        vocabulary: m folded tokens.
        sounds: m strings, how each is most likely heard.

    Returns:
        n lists of positions in `vocabulary`, unordered.
    """
    near = [set(found) for found in _near(asked, vocabulary, SCAN_NAME)]
    readings = [(place, reading) for place, token in enumerate(asked) for reading in heard(token)]
    for (place, _), found in zip(readings, _near([each for _, each in readings], sounds, SCAN_HEARD), strict=True):
        near[place].update(found)
    return [list(found) for found in near]


def _near(asked: Sequence[str], vocabulary: Sequence[str], least: float) -> list[list[int]]:
    """Return, for each string asked for, the positions of those one edit away or at least so alike."""
    if not asked or not vocabulary:
        return [[] for _ in asked]
    alike = process.cdist(asked, vocabulary, scorer=JaroWinkler.similarity, score_cutoff=least, dtype=np.float32)
    edits = process.cdist(asked, vocabulary, scorer=OSA.distance, score_cutoff=SCAN_EDITS, dtype=np.uint8)
    near = (alike > 0) | (edits <= SCAN_EDITS)
    return [np.flatnonzero(row).tolist() for row in near]


def one_slip(first: str, second: str) -> bool:
    """Tell whether two strings differ by one wrong, missing, extra or swapped character."""
    return OSA.distance(first, second, score_cutoff=1) <= 1
