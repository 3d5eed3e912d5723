"""What keeps two people apart although much agrees: twins, namesakes of one house, and clusters that grow by chains.

A guard only ever refuses a join; what it refuses stays a possible link that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from discoverer.match.similarity import Closeness, likeness
from discoverer.normalise.name_variants import are_two_names, is_listed, sex_of
from discoverer.normalise.names import is_common

Name = tuple[str, ...]

_FORMS = frozenset({Closeness.SAME, Closeness.VARIANT, Closeness.INITIAL, Closeness.SHORTENED})
# Tokens of a name that has a middle name too, and of one that has forename and surname.
_MIDDLE_NAME, _FULL_NAME = 3, 2
_SLIPS = frozenset({Closeness.ONE_EDIT, Closeness.SOUND})


@lru_cache(maxsize=524_288)
def _one_name(first: str, second: str) -> bool:
    """Tell whether two tokens may be one name: forms of it, or a slip between what is not two known names."""
    if are_two_names(first, second) or {sex_of(first), sex_of(second)} == {"man", "woman"}:
        return False
    how = likeness(first, second).how
    return how in _FORMS or (how in _SLIPS and not (is_listed(first) and is_listed(second)))


@lru_cache(maxsize=262_144)
def _one_person(first: Name, second: Name) -> bool:
    """Tell whether two written names may be one person's: one is in common, and not both have another beside it."""
    left, right = list(first), list(second)
    for mine in sorted(first, key=len, reverse=True):
        best = min(right, key=lambda theirs: (mine != theirs, -likeness(mine, theirs).degree), default=None)
        if best is not None and _one_name(mine, best):
            left.remove(mine)
            right.remove(best)
    if any({sex_of(mine), sex_of(theirs)} == {"man", "woman"} for mine in left for theirs in right):
        return False
    differ = any(not is_common(token) for token in left) and any(not is_common(token) for token in right)
    return len(left) < len(first) and not differ


def names_agree(first: Sequence[Name], second: Sequence[Name]) -> bool:
    """Tell whether any name of one may be a name of the other.

    Two who share one name while each has another that the other lacks are brother and sister, twins, or strangers of
    one forename, however alike the rest: only a form of the same name, or one slip in what is no known name, is the
    same. (Somebody married under another surname is so too: which is the surname, no record says for sure.) The fuller
    names count: 'J Lee' does not make Jake of Janet, nor 'Andrew Lewis' Andrew Jordan of Andrew Stephen.
    """
    for least in (_MIDDLE_NAME, _FULL_NAME, 0):
        mine = [name for name in first if _whole(name) >= least]
        theirs = [name for name in second if _whole(name) >= least]
        if mine and theirs:
            agree = any(_one_person(a, b) for a in mine for b in theirs)
            if not agree or least == _FULL_NAME:
                return agree
    return True


@lru_cache(maxsize=262_144)
def _whole(name: Name) -> int:
    """Return how many tokens of a name are more than an initial; 0 where its first or last is one."""
    return 0 if len(name[0]) == 1 or len(name[-1]) == 1 else sum(len(token) > 1 for token in name)


def supported(strong: int, pairs: int, share: float) -> bool:
    """Tell whether two clusters are held together by more than one bridge.

    Args:
        strong: int >= 1, pairs across them that are at least possible.
        pairs: int >= 1, all pairs across them.
        share: 0 to 1, of the pairs that must be at least possible.
    """
    return pairs == 1 or strong >= max(2, share * pairs) or strong == pairs
