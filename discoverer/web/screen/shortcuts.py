"""The keys of the screen, from `data/shortcuts.toml`; what a seat changes is kept in its browser."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from discoverer.validation import Field, Spec, check, read_toml

_FILE = Path(__file__).parent / "data" / "shortcuts.toml"


class Shortcut(Spec):
    """One key.

    Attributes:
        action: str, what the script of the screen calls it.
        words: str, what it does.
        key: str, one character, while a card has the focus.
        alt: str, one character, anywhere, with Alt.
        reason: str, why these.
    """

    action: str = Field(min_length=1)
    words: str = Field(min_length=1)
    key: str = Field(min_length=1, max_length=1)
    alt: str = Field(min_length=1, max_length=1)
    reason: str = Field(min_length=1)


class Reserved(Spec):
    """Keys that no shortcut takes.

    Attributes:
        alt: tuple[str, ...], with Alt.
        reason: str, whose they are.
    """

    alt: tuple[str, ...]
    reason: str


class Shortcuts(Spec):
    """Every key of the screen.

    Attributes:
        shortcut: tuple[Shortcut, ...], in the order in which they are listed.
        reserved: Reserved.
    """

    shortcut: tuple[Shortcut, ...] = Field(min_length=1)
    reserved: Reserved


@lru_cache(maxsize=1)
def shortcuts() -> Shortcuts:
    """Return the keys as shipped. Raises ConfigError: the file has mistakes."""
    return check(Shortcuts, read_toml(_FILE), str(_FILE))
