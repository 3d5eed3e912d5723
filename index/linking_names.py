"""The ways two written names may be one, as keys: equal keys are an agreement, and can be counted and looked up.

A name is taken as a bag of tokens (domain.md 6.1): each token stands for its spelling class; two tokens that agree
are an agreement though a middle name is missing on one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from discoverer.normalise.name_variants import name_class, variants
from discoverer.normalise.sounds import heard

# Tokens of one name that are paired; a longer name says no more.
MOST_TOKENS = 5
# Fewer letters than this and a letter dropped leaves nothing telling.
SHORTEST_SLIP = 4


class PairKeys(NamedTuple):
    """Two tokens of one name as keys.

    Attributes:
        tokens: the two.
        part: the key of both as they stand.
        heard: keys of both as heard, and of one with a pet name or full name of the other.
    """

    tokens: tuple[str, str]
    part: str
    heard: tuple[str, ...]

    @property
    def slip(self) -> dict[str, None]:
        """Keys of one with the other less a letter: two names that differ by one letter share one."""
        return _slips(*self.tokens)


@dataclass(frozen=True, slots=True)
class NameKeys:
    """One name as keys. A key is tokens in alphabetical order with blanks between.

    Attributes:
        tokens: its whole tokens, each as the head of its spelling class.
        full: the key of all of them; '' for fewer than two, and where the forename is an initial.
        pairs: every two tokens, with their keys; none where there is no full key.
        initial: (key, the whole token) of a whole token with the first letter of another.
        initials: the same where the other token is written as an initial.
    """

    tokens: tuple[str, ...]
    full: str
    pairs: tuple[PairKeys, ...]
    initial: tuple[tuple[str, str], ...]
    initials: tuple[tuple[str, str], ...]


def _key(one: str, other: str) -> str:
    return f"{one} {other}" if one <= other else f"{other} {one}"


def whole_tokens(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the whole tokens of a name, each as the head of its spelling class: what counting it asks for.

    Args:
        name: its folded tokens in written order.
    """
    return tuple(dict.fromkeys(name_class(token) for token in name if len(token) > 1))[:MOST_TOKENS]


def pair_keys(name: tuple[str, ...]) -> list[str]:
    """Return the key of every two whole tokens of a name as they stand.

    Args:
        name: its folded tokens in written order.
    """
    return [_key(a, b) for a, b in combinations(whole_tokens(name), 2)]


@lru_cache(maxsize=131_072)
def name_keys(name: tuple[str, ...]) -> NameKeys:
    """Return the keys of one name.

    Args:
        name: its folded tokens in written order.
    """
    whole = whole_tokens(name)
    letters = [token for token in name if len(token) == 1]
    # 'K Lewis-Warner' says two tokens, and no forename.
    pairs = () if len(name[0]) == 1 or len(name[-1]) == 1 else tuple(combinations(whole, 2))
    return NameKeys(
        whole,
        " ".join(sorted(whole)) if pairs else "",
        tuple(PairKeys((a, b), _key(a, b), tuple(_heard(a, b))) for a, b in combinations(whole, 2)),
        tuple((f"{a} {b[0]}", a) for a in whole for b in whole if a != b),
        tuple((f"{a} {letter}", a) for a in whole for letter in letters),
    )


def _heard(a: str, b: str) -> dict[str, None]:
    """Return two tokens as heard, and each as it stands with the other's pet and full names."""
    keys = {f"~{_key(heard(a)[0], heard(b)[0])}": None}
    for one, other in ((a, b), (b, a)):
        for form in _forms(other):
            if form != one:
                keys[_key(one, form)] = None
    return keys


@lru_cache(maxsize=131_072)
def _forms(token: str) -> tuple[str, ...]:
    """Return the pet and full names of a token, each as the head of its spelling class, in order of letter."""
    return tuple(sorted({name_class(form) for form in variants(token)}))


def _slips(a: str, b: str) -> dict[str, None]:
    """Return one token with the other less a letter, both ways."""
    keys: dict[str, None] = {}
    for one, other in ((a, b), (b, a)):
        if len(other) >= SHORTEST_SLIP:
            keys[f"-{one} {other}"] = None
            keys |= {f"-{one} {other[:at]}{other[at + 1 :]}": None for at in range(len(other))}
    return keys
