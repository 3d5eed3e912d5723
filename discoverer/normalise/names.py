"""Reads a name field into people, and names into comparable tokens.

A name is a bag of tokens in written order: forename, surname, alias and initials alike (domain.md 6.1). Nothing
is guessed about which is which. What is not the name (titles, placeholders, a log number typed as a forename) is
left out by word lists in data/name_tokens.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from discoverer.normalise.lookalikes import without_digits
from discoverer.normalise.name_variants import is_listed, name_class, variants
from discoverer.normalise.tables import load
from discoverer.normalise.text import distinct, fold

__all__ = ["Name", "is_common", "is_placeholder", "is_title", "may_be_initials", "name_class", "read_names", "variants"]

_LISTS = load("name_tokens")
_TITLES = frozenset(_LISTS["titles"]["words"])
_LEADING_TITLES = frozenset(_LISTS["leading_titles"]["words"])
_GENERATIONS = {word: kind for kind in ("snr", "jnr") for word in _LISTS["generations"][kind]}
_IN_FULL = frozenset(_LISTS["generations"]["in_full"])
_PLACEHOLDERS = frozenset(_LISTS["placeholders"]["words"])
_WEAK = frozenset(_LISTS["weak_placeholders"]["words"])
_PREFIXES = tuple(start.lower() for start in _LISTS["prefixes"]["starts"])
_ALWAYS_JOINED = frozenset(_LISTS["joined"]["always"])
_JOINED = {
    "o": frozenset(_LISTS["joined"]["o"]),
    "mac": frozenset(_LISTS["joined"]["mac"]),
    "d": frozenset(_LISTS["joined"]["d"]),
}
_SPLIT_ENDINGS = tuple((entry["word"], int(entry["rest"])) for entry in _LISTS["split"]["endings"])
_SPLIT_STARTS = tuple(_LISTS["split"]["starts"])
_SPLIT_NAMES = frozenset(_LISTS["split"]["names"])
_PARTICLES = frozenset(_LISTS["particles"]["words"])
_COMMON = frozenset(_LISTS["common"]["words"])
_COMMON_FAMILIES = frozenset(_LISTS["common"]["families"])


def _any_phrase(phrases: list[str]) -> re.Pattern[str]:
    """Compile folded phrases into one pattern of whole words, the longest first."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


_PHRASES = frozenset(_LISTS["placeholders"]["phrases"])
_ALSO = _any_phrase(_LISTS["also"]["words"])
_AND = _any_phrase(_LISTS["and"]["words"])
_BIRTH = frozenset(_LISTS["birth"]["words"])
_SEPARATORS = re.compile(r"[&+;\n]|\s/\s")
_SPELT_ALIAS = re.compile(r"\ba[./]k[./]a\b\.?", re.IGNORECASE)
_MOST_INITIALS = 3
LONGEST = 2_000  # characters of a field that are read; what follows is free text by mistake, or no text at all
_LONGEST_CACHED = 120  # characters: longer fields are free text by mistake and are not worth remembering


@dataclass(frozen=True, slots=True)
class Name:
    """One person's name as one field writes it.

    Attributes:
        raw: str, the whole field as written, e.g. "Ryan & Ronan Doyle".
        tokens: tuple[str, ...], folded words in written order, never empty, e.g. ('ryan', 'doyle'). Titles are left
            out; 'o neill' is one token; hyphenated halves are two; initials are tokens of one letter.
        generation: 'snr' | 'jnr' | ''; father and son of one name are two people.
    """

    raw: str
    tokens: tuple[str, ...]
    generation: str = ""


def read_names(raw: str) -> tuple[Name, ...]:
    """Read one name field.

    Two people joined by '&' or 'and' come apart, the first taking the second's surname when it has none of its own.
    An alias after 'aka' or 'known as' is a further Name. Placeholders give nothing.

    Args:
        raw: str, any field as written; one or more people; surname first or last.

    Returns:
        tuple[Name, ...], () when the field holds no name.
    """
    return _read_cached(raw) if len(raw) <= _LONGEST_CACHED else _read(raw[:LONGEST])


def is_placeholder(raw: str) -> bool:
    """Tell whether a name field holds words that stand for no name: 'UNKNOWN MALE', 'N/K', '.'."""
    return not read_names(raw)


@lru_cache(maxsize=65_536)
def is_common(token: str) -> bool:
    """Tell whether a folded token says little about whose name it is (Begum, Singh, the Mohammed family, particles).

    Such a token may agree, and never decides; it must not be required (domain.md 6.1 rule 2).
    """
    return token in _COMMON or token in _PARTICLES or name_class(token) in _COMMON_FAMILIES


def may_be_initials(token: str) -> bool:
    """Tell whether a folded token may be two or three initials run together ('jp'), and is no name that is known."""
    return 1 < len(token) <= _MOST_INITIALS and token.isalpha() and not (is_listed(token) or is_common(token))


def is_title(token: str) -> bool:
    """Tell whether a folded token is a title, a rank or a generation, and so no name by itself."""
    return token in _TITLES or token in _LEADING_TITLES or token in _GENERATIONS


@lru_cache(maxsize=131_072)
def _read_cached(raw: str) -> tuple[Name, ...]:
    return _read(raw)


def _read(raw: str) -> tuple[Name, ...]:
    """Read a field in steps: system prefixes off, aliases and people apart, each into tokens."""
    text = _without_prefix(_SPELT_ALIAS.sub(" aka ", raw))
    if fold(text) in _PHRASES:
        return ()
    found: list[Name] = []
    for part in _SEPARATORS.split(text):
        folded = fold(part)
        for alias in _ALSO.split(folded) if folded else ():
            found.extend(_people(alias.strip(), raw))
    shared = _share_surname(found) if len(found) > 1 else found
    return tuple(dict.fromkeys(shared))


def _without_prefix(raw: str) -> str:
    """Take off a prefix a system wrote (MIG_ERROR_, DUPLICATE_)."""
    text = raw.lstrip()
    for prefix in _PREFIXES:
        if text[: len(prefix)].lower() == prefix:
            return text[len(prefix) :]
    return raw


def _people(folded: str, raw: str) -> list[Name]:
    """Read one folded part, in which 'and' may still join two people."""
    if folded in _PHRASES:
        return []
    names = (_one_person(half.split(), raw) for half in _AND.split(folded))
    return [name for name in names if name]


def _one_person(tokens: list[str], raw: str) -> Name | None:
    """Turn the folded words of one person into a Name; None when nothing of them is a name."""
    tokens, generation = _without_generation(tokens)
    tokens = _without_titles(_join([without_digits(token) for token in tokens]))
    tokens = _without_placeholders([token for token in tokens if not token.isdigit() and token not in _BIRTH])
    parted = [piece for token in tokens for piece in _part(token)]
    return Name(raw, tuple(parted), generation) if parted else None


def _without_generation(tokens: list[str]) -> tuple[list[str], str]:
    """Take out Snr or Jnr wherever it stands but first; in full only in last place after two words."""
    for place in range(len(tokens) - 1, 0, -1):
        kind = _GENERATIONS.get(tokens[place], "")
        in_full = tokens[place] in _IN_FULL
        if kind and not (in_full and (place < 2 or place != len(tokens) - 1)):
            return tokens[:place] + tokens[place + 1 :], kind
    return tokens, ""


def _without_titles(tokens: list[str]) -> list[str]:
    """Take out titles; those that may be names or initials (Lord, PC) only in front of two words more."""
    kept = [token for token in tokens if token not in _TITLES]
    first = 0
    while len(kept) - first > 2 and kept[first] in _LEADING_TITLES:
        first += 1
    return kept[first:]


def _without_placeholders(tokens: list[str]) -> list[str]:
    """Take out words that stand for a name; a word that may be a surname too goes only when nothing else is left."""
    kept: list[str] = []
    after_placeholder = False
    for token in tokens:
        strong = token in _PLACEHOLDERS
        weak = token in _WEAK or not token.strip("x")
        if not (strong or (weak and after_placeholder)):
            kept.append(token)
        after_placeholder = strong or (weak and after_placeholder)
    empty = all(token in _WEAK or not token.strip("x") for token in kept)
    return [] if empty else kept


def _join(tokens: list[str]) -> list[str]:
    """Join what is one name written as two words: o neill, mc donald, fitz gerald."""
    joined: list[str] = []
    for token in tokens:
        before = joined[-1] if joined else ""
        if before in _ALWAYS_JOINED or token in _JOINED.get(before, ()):
            joined[-1] = before + token
        else:
            joined.append(token)
    return joined


def _part(token: str) -> tuple[str, ...]:
    """Part two names written as one: nizamuddin, abdulrahman."""
    for word, rest in _SPLIT_ENDINGS:
        if token.endswith(word) and len(token) - len(word) >= rest and not is_listed(token):
            return token[: -len(word)], word
    for start in _SPLIT_STARTS:
        if token.startswith(start) and token[len(start) :] in _SPLIT_NAMES:
            return start, token[len(start) :]
    return (token,)


def _share_surname(found: list[Name]) -> list[Name]:
    """Give a person of one word ('Ryan & Ronan Doyle') the last word of the person after, unless it is an alias."""
    shared = list(found)
    for place in range(len(found) - 2, -1, -1):
        name, after = found[place], shared[place + 1]
        if len(name.tokens) == 1 and len(after.tokens) > 1 and not _ALSO.search(fold(name.raw)):
            shared[place] = Name(name.raw, distinct((*name.tokens, after.tokens[-1])), name.generation)
    return shared
