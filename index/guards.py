"""What keeps two people apart although much agrees: twins, namesakes of one house, and clusters that grow by chains.

A guard only ever refuses a join; what it refuses stays a possible link that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache

from discoverer.match.similarity import Closeness, likeness
from discoverer.normalise.name_variants import are_two_names, is_listed, sex_of
from discoverer.normalise.names import is_common

Name = tuple[str, ...]

_FORMS = frozenset({Closeness.SAME, Closeness.VARIANT, Closeness.INITIAL, Closeness.SHORTENED})
# Tokens of a name that has a middle name too, and of one that has forename and surname.
_MIDDLE_NAME, _FULL_NAME = 3, 2
_SLIPS = frozenset({Closeness.ONE_EDIT, Closeness.SOUND})


class Names(IntEnum):
    """How two people's names stand to each other, the best first."""

    AGREE = 0
    OTHER_SURNAME = 1
    OTHER_FORENAME = 2
    UNLIKE = 3


@lru_cache(maxsize=524_288)
def _one_name(first: str, second: str) -> bool:
    """Tell whether two tokens may be one name: forms of it, or a slip between what is not two known names."""
    if are_two_names(first, second) or {sex_of(first), sex_of(second)} == {"man", "woman"}:
        return False
    how = likeness(first, second).how
    return how in _FORMS or (how in _SLIPS and not (is_listed(first) and is_listed(second)))


@lru_cache(maxsize=262_144)
def _stand(first: Name, second: Name) -> Names:
    """Say how two written names stand to each other: whether either holds what the other has something else for."""
    left, right = list(first), list(second)
    paired: list[tuple[str, str]] = []
    for mine in sorted(first, key=len, reverse=True):
        best = min(right, key=lambda theirs: (mine != theirs, -likeness(mine, theirs).degree), default=None)
        if best is not None and _one_name(mine, best):
            paired.append((mine, best))
            left.remove(mine)
            right.remove(best)
    if any({sex_of(mine), sex_of(theirs)} == {"man", "woman"} for mine in left for theirs in right):
        return Names.OTHER_FORENAME
    strong = [token for token in left if not is_common(token)], [token for token in right if not is_common(token)]
    if not paired:
        return Names.UNLIKE
    if not strong[0] or not strong[1]:
        return Names.AGREE
    here, there = {pair[0] for pair in paired}, {pair[1] for pair in paired}
    married = first[0] in here and second[0] in there and first[-1] not in here and second[-1] not in there
    return Names.OTHER_SURNAME if married else Names.OTHER_FORENAME


def names_stand(first: Sequence[Name], second: Sequence[Name]) -> Names:
    """Say how the names of two people stand to each other: they agree where any two do, else by the worst of them.

    People of one family name whose forenames differ are brother and sister or twins, however alike the forenames: only
    a form of the same name, or one slip in what is no known name, is the same forename. A forename that agrees beside
    another surname is somebody married, or a stranger. The fuller names count: 'J Lee' does not make Jake of Janet,
    nor 'Andrew Lewis' Andrew Jordan of Andrew Stephen.
    """
    fullest = Names.AGREE
    for least in (_MIDDLE_NAME, _FULL_NAME, 1):
        mine = [name for name in first if _whole(name) >= least]
        theirs = [name for name in second if _whole(name) >= least]
        found = {_stand(a, b) for a in mine for b in theirs}
        if found and Names.AGREE not in found:
            fullest = max(fullest, max(found - {Names.UNLIKE}, default=Names.UNLIKE))
        if found and least > 1 and (least == _FULL_NAME or fullest is not Names.AGREE):
            return fullest
    return fullest


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
