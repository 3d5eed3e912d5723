"""The lists and limits by which records are read for what weighs and what is said of them, from `data/lists.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from discoverer.normalise.tables import load

_FOLDER = Path(__file__).parent / "data"
_LONGEST_CACHED = 100  # letters: labels and codes, no running text


@lru_cache(maxsize=1)
def lists() -> dict[str, Any]:
    """Return every list by its name.

    Raises:
        ConfigError: the file is missing or not TOML; or, when it is looked up, a list is not in it.
    """
    return load("lists", _FOLDER)


def window(name: str) -> int:
    """Return a limit: years, months, days or hours, as its name says."""
    return int(lists()["windows"][name])


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds the entries of a list as whole words."""
    entries = sorted(lists()[name], key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(entry) for entry in entries)})\b", re.IGNORECASE)


def named(name: str, text: str) -> tuple[str, ...]:
    """Return the entries of a list that stand in a text, each once, in lower case."""
    return _named_shortly(name, text) if len(text) <= _LONGEST_CACHED else _named(name, text)


@lru_cache(maxsize=65_536)
def _named_shortly(name: str, text: str) -> tuple[str, ...]:
    """Return the same of a label or a code, of which one card holds the same many times."""
    return _named(name, text)


def _named(name: str, text: str) -> tuple[str, ...]:
    """Return the entries of a list that stand in a text."""
    return tuple(dict.fromkeys(found.lower() for found in _pattern(name).findall(text)))


def lines_naming(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts in which an entry of a list stands, each once."""
    return tuple(dict.fromkeys(text for text in texts if _pattern(name).search(text)))
