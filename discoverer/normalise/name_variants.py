"""Other ways one name is written: spelling classes, endings by rule, and pet names (data/name_variants.toml).

A class is an equivalence: all its spellings are one name. A pet-name link joins two classes and goes no further, so
Joanne and Joseph, both called Jo, stay apart. Some names that find each other are still two names (apart).
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import permutations, product

from discoverer.normalise.tables import load

_TABLE = load("name_variants")


def _read_classes() -> dict[str, tuple[str, ...]]:
    """Return every listed spelling with all spellings of its class, the head first."""
    classes: dict[str, tuple[str, ...]] = {}
    for group in _TABLE["same"].values():
        for spellings in group["classes"]:
            members = tuple(spellings)
            classes.update(dict.fromkeys(members, members))
    return classes


_CLASSES = _read_classes()


def _read_links() -> dict[str, frozenset[str]]:
    """Return, for every spelling, the full names or pet names it is linked to.

    A pet name is linked as that one spelling; a full name as all spellings of its class.
    """
    links: dict[str, set[str]] = defaultdict(set)
    for group in _TABLE["pet"].values():
        for full, pets in group["names"].items():
            spellings = _CLASSES.get(full, (full,))
            for pet in pets:
                links[pet].update(spellings)
                for spelling in spellings:
                    links[spelling].add(pet)
    return {spelling: frozenset(others) for spelling, others in links.items()}


def name_class(token: str) -> str:
    """Return the one spelling that stands for its class, 'mohammed' for 'mohd'; an unlisted token stands for itself."""
    members = _CLASSES.get(token)
    return members[0] if members else token


_LINKS = _read_links()
_ENDINGS = tuple(
    (int(rule["stem"]), tuple(rule["endings"]), tuple(rule.get("after", [""]))) for rule in _TABLE["ending"]
)


def _read_apart() -> dict[tuple[str, str], bool]:
    """Return, for every two spellings on different sides of an entry, whether one person may be called both."""
    found: dict[tuple[str, str], bool] = {}
    for group in _TABLE["apart"].values():
        for sides in group["names"]:
            for one, other in permutations(sides, 2):
                for pair in product(one, other):
                    found[pair] = bool(group["settled"]) and found.get(pair, True)
    return found


_APART = _read_apart()
_KNOWN_APART = frozenset(name for pair in _APART for name in pair)
_MEN, _WOMEN = frozenset(_TABLE["sexed"]["men"]), frozenset(_TABLE["sexed"]["women"])


def are_two_names(first: str, second: str) -> bool:
    """Tell whether two folded names, however alike, are borne by two people: Robert and Roberta, Mary and Marie."""
    return not _APART.get((first, second), True)


def may_be_two_names(first: str, second: str) -> bool:
    """Tell whether two folded names are borne by two people or by one who is called both: Jack and John."""
    return (first, second) in _APART


def sex_of(token: str) -> str:
    """Return 'man' or 'woman' where a folded second name goes with a sex (Singh, Kaur); '' for any other."""
    head = name_class(token)
    return "man" if head in _MEN else "woman" if head in _WOMEN else ""


def is_listed(token: str) -> bool:
    """Tell whether a folded token is a name this table knows, as a spelling or as a pet name."""
    return token in _CLASSES or token in _LINKS or token in _KNOWN_APART


@lru_cache(maxsize=131_072)
def variants(token: str) -> frozenset[str]:
    """Return other folded spellings and pet names of the same name, without the token itself.

    Args:
        token: one folded word.

    Returns:
        frozenset[str]: spellings of its class, its surname endings for the other sex, and the names it is short for
        or shortened to. Symmetric: if b is a variant of a, a is one of b.
    """
    found = set(_CLASSES.get(token, ()))
    found.update(_LINKS.get(token, ()))
    found.update(_with_other_endings(token))
    found.discard(token)
    return frozenset(found)


def _with_other_endings(token: str) -> set[str]:
    """Return the token with the endings its bearer's husband, wife, father or daughter would have."""
    found: set[str] = set()
    for stem, endings, after in _ENDINGS:
        for ending in endings:
            root = token.removesuffix(ending) if token.endswith(ending) else ""
            if len(root) >= stem and root.endswith(after):
                found.update(root + other for other in endings)
    return found
