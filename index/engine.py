"""The engine protocol: keys in, dense numbers out. Small, so that another engine is one file.

The builder numbers documents 0, 1, 2 ... in order of importance (the gravest and most recent first), so the
first postings of a common key are the ones wanted. An engine knows nothing of people or places: it maps a
key to the numbers of the documents that carry it.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, Protocol


class Postings(NamedTuple):
    """What one key leads to.

    Attributes:
        ids: list[int], document numbers, ascending, at most the limit asked for.
        total: int, how many documents carry the key in all.
    """

    ids: list[int]
    total: int


class EngineWriter(Protocol):
    """Takes documents in order of importance."""

    def add(self, keys: Collection[str]) -> None:
        """Add the next document (the first is number 0) with its keys; an empty collection is allowed."""

    def close(self) -> None:
        """Write everything to disk; nothing may be added afterwards."""


class Engine(Protocol):
    """Answers from one finished index; safe to ask from several threads."""

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key`, at most `limit`, and the true count."""

    def close(self) -> None:
        """Let go of open files."""


class EngineKind(Protocol):
    """How an engine is made and opened."""

    def writer(self, folder: Path) -> EngineWriter:
        """Start a new index in an empty or missing folder."""

    def open(self, folder: Path) -> Engine:
        """Open a finished index. Raises IndexUnavailable when it cannot be read."""
