"""What a briefing says, in what order, and what never: from `data/briefing.toml`, which experts may change."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from discoverer.briefing.parts import Form, Slot
from discoverer.errors import ConfigError
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

_FOLDER = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def rules() -> dict[str, Any]:
    """Return everything the file says.

    Raises:
        ConfigError: it is missing, is not TOML, or does not name every slot once; or, when it is looked up, a name
            is not in it.
    """
    found = load("briefing", _FOLDER)
    named = [each["name"] for each in found["slots"]]
    if sorted(named) != sorted(Slot):
        raise ConfigError(
            str(_FOLDER / "briefing.toml"), [f"'slots' must name each once: {', '.join(Slot)}; it names {named}."]
        )
    return found


def limit(name: str) -> int:
    """Return a number of the spoken form: 'words', 'longest' ..."""
    return int(rules()["spoken"][name])


def slots() -> tuple[Slot, ...]:
    """Return the slots in the order they are told."""
    return tuple(Slot(each["name"]) for each in rules()["slots"])


def slot_words(slot: Slot, what: str) -> str:
    """Return what is said before a slot ('say') or stands above it ('title')."""
    return str(next(each[what] for each in rules()["slots"] if each["name"] == slot))


@lru_cache(maxsize=256)
def danger(kind: str) -> int:
    """Return how dangerous a kind of statement is: 0 for the most; what is not ranked comes last."""
    ranked = [*rules()["danger"]]
    return ranked.index(kind) if kind in ranked else len(ranked)


def never_cut(kind: str) -> bool:
    """Tell whether a kind of statement is always said."""
    return kind in rules()["always"]


def withheld_from(rule: str) -> tuple[Form, ...]:
    """Return the forms that must not hold what a rule is about."""
    return tuple(Form(each) for each in rules()["withheld"][rule]["from"])


def reason(rule: str) -> str:
    """Return why a rule withholds."""
    return str(rules()["withheld"][rule]["reason"])


def instead(rule: str) -> str:
    """Return what is said in place of what a rule withholds; '' for nothing."""
    return str(rules()["withheld"][rule]["says"])


@lru_cache(maxsize=32)
def _pattern(name: str) -> re.Pattern[str]:
    """Return what finds a list's entries where a word begins, however they are written."""
    entries = sorted({fold(entry) for entry in rules()["words"][name]}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, entries))})")


def names_any(name: str, text: str) -> bool:
    """Tell whether a text holds a word that a list's entry begins."""
    return bool(_pattern(name).search(fold(text)))
