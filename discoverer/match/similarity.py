"""How alike two tokens are: the only door to rapidfuzz.

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
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from discoverer.match.letters import LONG_WORD, NEAR, PREFIX, WORD_ALIKE, WORD_NEAR, Measure
from discoverer.normalise.lookalikes import as_scanned
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import heard, sound

Degrees = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rungs = npt.NDArray[np.int64]

# A token of the vocabulary that is so near, or as near as letters.NEAR and WORD_NEAR say, is looked at again.
NEAR_EDITS = 1
# Words of fewer letters are the same word or another.
SHORT_WORD = 3
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


class Compared(NamedTuple):
    """How alike the letters of one string and of each of n others are.

    Attributes:
        winkler: (n,) float, Jaro-Winkler, 0 to 1.
        edits: (n,) int, wrong, missing, extra or swapped letters.
        alike: (n,) float, the mean of Jaro-Winkler and edit likeness, 0 to 1.
        lengths: (n,) int, of the others.
    """

    winkler: Degrees
    edits: npt.NDArray[np.int64]
    alike: Degrees
    lengths: npt.NDArray[np.int64]


class Alike(NamedTuple):
    """How one name token agrees with each of n others.

    Attributes:
        near: (n,) whether they agree at all.
        degree: (n,) float, as in Likeness.
        begins: (n,) whether one begins with the other.
        rungs: (n,) int, the kind of agreement as a place in NAME_RUNGS, where they agree.
    """

    near: Flags
    degree: Degrees
    begins: Flags
    rungs: Rungs


# In the order in which they are tried; the last of those for words is none.
NAME_RUNGS = (Closeness.ONE_EDIT, Closeness.SHORTENED, Closeness.SOUND, Closeness.SIMILAR)
WORD_RUNGS = (Closeness.ONE_EDIT, Closeness.SOUND, Closeness.SHORTENED, Closeness.SIMILAR, Closeness.NONE)
WORD_KINDS = (Closeness.SAME, *WORD_RUNGS[:-1])
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
    begins = shortest >= PREFIX and _begins(asked, held)
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
    if shortest < SHORT_WORD:
        return Closeness.NONE
    edits = OSA.distance(asked, held, score_cutoff=2)
    if edits <= 1 and shortest >= PREFIX:
        return Closeness.ONE_EDIT
    likeness = JaroWinkler.similarity(asked, held)
    if likeness >= SOUND_FLOOR and sound(asked) == sound(held) != "":
        return Closeness.SOUND
    if shortest >= PREFIX and _begins(asked, held):
        return Closeness.SHORTENED
    if likeness >= WORD_ALIKE or (edits <= 2 and shortest >= LONG_WORD):
        return Closeness.SIMILAR
    return Closeness.NONE


def likenesses(asked: str, held: Sequence[str], sounds: Sequence[str]) -> Alike:
    """Compare one name token with many, as `likeness` compares two that are spelt or heard alike.

    Args:
        asked: a folded token of two letters or more.
        held: n folded tokens, none of them it or a variant of it.
        sounds: n strings, how each is most likely heard.
    """
    written = compare(asked, held)
    spelt = written.alike.copy()
    scanned = as_scanned(asked) != asked
    for place in [place for place, token in enumerate(held) if scanned or as_scanned(token) != token]:
        spelt[place] = _spelt(asked, held[place])
    near = (written.winkler >= NEAR[Measure.WRITTEN]) | (written.edits <= NEAR_EDITS)
    heard_alike = np.zeros(len(held))
    for reading in heard(asked):
        spoken = compare(reading, sounds)
        near |= (spoken.winkler >= NEAR[Measure.HEARD]) | (spoken.edits <= NEAR_EDITS)
        heard_alike = np.maximum(heard_alike, spoken.alike)
    degree = np.maximum(spelt, (spelt + heard_alike) / 2)
    begins = _all_begin(asked, held, written) if len(asked) >= PREFIX else np.zeros(len(held), bool)
    near &= (spelt >= LEAST_SPELT) & ((degree >= LEAST_LIKENESS) | begins)
    by_sound = (heard_alike >= SIMILAR) & (heard_alike > spelt)
    rungs = np.select([written.edits <= 1, begins, by_sound], [0, 1, 2], 3)
    return Alike(near, degree, begins, rungs)


def word_rungs(asked: str, held: Sequence[str], same_sound: Flags) -> Rungs:
    """Compare one word of an address with many, as `word_closeness` compares two; only those near are looked at.

    Args:
        asked: a folded word of letters.
        held: n folded words of letters, none of them it.
        same_sound: n flags, whether each has its sound.

    Returns:
        n places in WORD_RUNGS; the last is none.
    """
    written = compare(asked, held)
    shortest = np.minimum(len(asked), written.lengths)
    begins = _all_begin(asked, held, written)
    near = (written.winkler >= WORD_NEAR) | (written.edits <= NEAR_EDITS) | same_sound | begins
    similar = (written.winkler >= WORD_ALIKE) | ((written.edits <= 2) & (shortest >= LONG_WORD))
    rungs = [
        (shortest < SHORT_WORD) | ~near,
        (written.edits <= 1) & (shortest >= PREFIX),
        (written.winkler >= SOUND_FLOOR) & same_sound,
        begins,
        similar,
    ]
    return np.select(rungs, [4, 0, 1, 2, 3], 4)


def compare(asked: str, held: Sequence[str]) -> Compared:
    """Compare the letters of one string with those of many, in one pass."""
    lengths = np.fromiter(map(len, held), np.int64, len(held))
    if not held:
        return Compared(np.zeros(0), lengths, np.zeros(0), lengths)
    winkler = process.cdist([asked], held, scorer=JaroWinkler.similarity, dtype=np.float64)[0]
    edits = process.cdist([asked], held, scorer=OSA.distance, dtype=np.int64)[0]
    return Compared(winkler, edits, (winkler + (1.0 - edits / np.maximum(len(asked), lengths))) / 2, lengths)


def _all_begin(asked: str, held: Sequence[str], written: Compared) -> Flags:
    """Tell of each of n tokens of PREFIX letters or more whether it begins with the one asked for or that with it."""
    begins = np.zeros(len(held), bool)
    for place in np.flatnonzero(written.edits == abs(written.lengths - len(asked))).tolist():
        begins[place] = min(len(held[place]), len(asked)) >= PREFIX and _begins(asked, held[place])
    return begins


def _begins(first: str, second: str) -> bool:
    """Tell whether one of two tokens begins with the other."""
    return first.startswith(second) or second.startswith(first)


def one_slip(first: str, second: str) -> bool:
    """Tell whether two strings differ by one wrong, missing, extra or swapped character."""
    return OSA.distance(first, second, score_cutoff=1) <= 1
