"""A written name as its whole tokens: each stands for its spelling class, and has pet and full names.

A name is taken as a bag of tokens (domain.md 6.1): two tokens that agree are an agreement though a middle name is
missing on one side.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from discoverer.normalise.name_variants import name_class, variants

# Tokens of one name that are paired; a longer name says no more.
MOST_TOKENS = 5


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
def forms(token: str) -> tuple[str, ...]:
    """Return the pet and full names of a token, each as the head of its spelling class, in order of letter."""
    return tuple(sorted({name_class(form) for form in variants(token)}))
