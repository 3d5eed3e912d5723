"""What keeps two people apart although much agrees: twins, namesakes of one house, and clusters that grow by chains.

A guard only ever refuses a join. What it refuses stays a possible link that is shown, but for family: who is refused
for another name or contradicting facts is shown only where the rest weighs enough to join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from discoverer.match.similarity import Closeness, likeness
from discoverer.normalise.name_variants import are_two_names, is_listed, sex_of, variants
from discoverer.normalise.names import is_common

Name = tuple[str, ...]
TokenPair = tuple[str, str]

_FORMS = frozenset({Closeness.SAME, Closeness.VARIANT, Closeness.INITIAL, Closeness.SHORTENED})
# Tokens of a name that has a middle name too, and of one that has forename and surname.
_MIDDLE_NAME, FULL_NAME = 3, 2
# How alike two tokens are, at least, that differ from a third by a slip each.
_BOTH_SLIPS = 0.75
# How often a token stands first in names that hold it, where it is a forename and where it is a surname.
_FORENAME, _SURNAME = 0.6, 0.4
SLIPS = frozenset({Closeness.ONE_EDIT, Closeness.SOUND})
_NONE: frozenset[TokenPair] = frozenset()


@lru_cache(maxsize=524_288)
def _one_name(first: str, second: str) -> bool:
    """Tell whether two tokens may be one name: forms of it, or a slip between what is not two known names."""
    if are_two_names(first, second) or {sex_of(first), sex_of(second)} == {"man", "woman"}:
        return False
    how = likeness(first, second).how
    if how not in SLIPS:
        return how in _FORMS
    # Kate and Katie are both Catherine; Jean and Joan are no slip of one another.
    both_listed = is_listed(first) and is_listed(second)
    return not both_listed or not variants(first).isdisjoint(variants(second))


def _alike(first: str, second: str) -> bool:
    """Tell whether two tokens may be spellings of a third: a slip each, and not two known names."""
    if _one_name(first, second):
        return True
    known = (is_listed(first) and is_listed(second)) or are_two_names(first, second)
    return not known and likeness(first, second).degree >= _BOTH_SLIPS


@lru_cache(maxsize=262_144)
def _one_person(first: Name, second: Name, loosely: bool, two: frozenset[TokenPair]) -> bool:
    """Tell whether two written names may be one person's: one is in common, and not both have another beside it."""
    same = _alike if loosely else _one_name
    left, right = list(first), list(second)
    for mine in sorted(first, key=len, reverse=True):
        best = mine if mine in right else max(right, key=lambda theirs: likeness(mine, theirs).degree, default=None)
        if (
            best is not None
            and same(mine, best)
            and (min(mine, best), max(mine, best)) not in two
            and not (_weak_initial(mine, best, second) or _weak_initial(best, mine, first))
        ):
            left.remove(mine)
            right.remove(best)
    if any({sex_of(mine), sex_of(theirs)} == {"man", "woman"} for mine in left for theirs in right):
        return False
    differ = any(map(_tells, left)) and any(map(_tells, right))
    return len(left) < len(first) and not differ


def _tells(token: str) -> bool:
    """Tell whether a token that the other name lacks speaks against it: not Singh, but another initial."""
    return len(token) == 1 or not is_common(token)


def _weak_initial(initial: str, meant: str, name: Name) -> bool:
    """Tell whether a letter stands for what tells nobody apart.

    For a middle name, or a name that half a community bears: 'D Chohan' is not Anita Devi Chohan but a twin's, and
    'M Raza' need not be Mohammed Hamza Raza.
    """
    if len(initial) > 1:
        return False
    of_the_middle = len(name) >= _MIDDLE_NAME and not name[0].startswith(initial) and not name[-1].startswith(initial)
    return of_the_middle or is_common(meant)


def names_clash(first: Sequence[Name], second: Sequence[Name], two: frozenset[TokenPair] = _NONE) -> bool:
    """Tell whether no name of one can be a name of the other, though each were misspelt.

    Args:
        first: names of one.
        second: names of the other.
        two: tokens known to be two names however alike, each pair in order of letter.
    """
    return not _any_agrees(first, second, True, two)


def names_agree(first: Sequence[Name], second: Sequence[Name], two: frozenset[TokenPair] = _NONE) -> bool:
    """Tell whether any name of one may be a name of the other.

    Two who share one name while each has another that the other lacks are brother and sister, twins, or strangers of
    one forename, however alike the rest: only a form of the same name, or one slip in what is no known name, is the
    same. Somebody married under another surname is so too, but for `another_surname`. The fuller names count: 'J Lee'
    does not make Jake of Janet, nor 'Andrew Lewis' Andrew Jordan of Andrew Stephen.

    Args:
        first: names of one.
        second: names of the other.
        two: tokens known to be two names however alike, each pair in order of letter.
    """
    return _any_agrees(first, second, False, two)


def _any_agrees(first: Sequence[Name], second: Sequence[Name], loosely: bool, two: frozenset[TokenPair]) -> bool:
    """Tell whether any of the fuller names of one may be a name of the other."""
    with_middle = [[name for name in names if _whole(name) >= _MIDDLE_NAME] for names in (first, second)]
    if all(with_middle) and not any(_one_person(a, b, loosely, two) for a in with_middle[0] for b in with_middle[1]):
        return False
    mine, theirs = ([name for name in names if _whole(name) >= FULL_NAME] or names for names in (first, second))
    return not (mine and theirs) or any(_one_person(a, b, loosely, two) for a in mine for b in theirs)


@lru_cache(maxsize=262_144)
def _whole(name: Name) -> int:
    """Return how many tokens of a name are more than an initial; 0 where its first or last is one."""
    return 0 if len(name[0]) == 1 or len(name[-1]) == 1 else sum(len(token) > 1 for token in name)


def longest(names: Iterable[Name]) -> int:
    """Return of how many whole tokens the fullest of some names is; 0 where each begins or ends with an initial."""
    return max(map(_whole, names), default=0)


def another_surname(first: Name, second: Name, stands: Callable[[str], float]) -> bool:
    """Tell whether two written names share the forename and differ in the surname only, as after a marriage.

    Twins are the other way round: one surname, another forename.

    Args:
        first: a name.
        second: another.
        stands: how often a token stands first in a name rather than last, 0 to 1.
    """
    if len(first) < FULL_NAME or len(second) < FULL_NAME:
        return False
    shared = [token for token in first if any(_one_name(token, other) for other in second)]
    left = [token for token in first if token not in shared]
    right = [token for token in second if not any(_one_name(token, other) for other in first)]
    forenames = [token for token in shared if len(token) > 1 and not is_common(token) and stands(token) >= _FORENAME]
    return bool(forenames and left and right) and all(stands(token) <= _SURNAME for token in (*left, *right))


def supported(strong: int, pairs: int, share: float) -> bool:
    """Tell whether two clusters are held together by more than one bridge.

    Args:
        strong: int >= 1, pairs across them that are at least possible.
        pairs: int >= 1, all pairs across them.
        share: 0 to 1, of the pairs that must be at least possible.
    """
    return pairs == 1 or strong >= max(2, share * pairs) or strong == pairs
