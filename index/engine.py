"""The engine protocol: keys in, dense numbers out. Small, so that another engine is one file.

The builder numbers documents 0, 1, 2 ... in order of importance (the gravest and most recent first), so the
first postings of a common key are the ones wanted. An engine knows nothing of people or places: it maps a
key to the numbers of the documents that carry it.

To add an engine: one file with a class for each of the three protocols below, one row in the table of
`index/engines.py`, its name among those the settings take (`discoverer/settings.py`), and an extra in
`pyproject.toml` when it needs something installed. `tests/test_engine.py` runs on every row of the table and
holds it to all that is said here. Nothing else knows which engines there are.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable


class Postings(NamedTuple):
    """What one key leads to.

    Attributes:
        ids: list[int], document numbers, ascending, at most the limit asked for.
        total: int, how many documents carry the key in all.
    """

    ids: list[int]
    total: int


class EngineWriter(Protocol):
    """Takes documents in order of importance. Whatever it writes is below its folder, and stays until it is closed."""

    def add(self, keys: Collection[str]) -> None:
        """Add the next document (the first is number 0).

        Args:
            keys: any text of any length, lone surrogates, NUL and '' too, each told apart from every other; none at
                all is allowed, and one given twice counts once.

        Raises:
            BuildError, OSError: it could not be written.
        """

    def close(self) -> None:
        """Write everything to disk; nothing may be added afterwards.

        Files may be left for the builder to make read-only, to sync and to list in the manifest; none may be of the
        machine or the moment, such as a lock.

        Raises:
            BuildError, OSError: it could not be written.
        """


class Engine(Protocol):
    """Answers from one finished index; safe to ask from several threads."""

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key`, at most `limit` (0 or more), and the true count.

        Raises:
            IndexUnavailable: it cannot be read; never an empty answer instead.
        """

    def close(self) -> None:
        """Let go of open files; closing again does nothing."""


@runtime_checkable
class ShowsParts(Protocol):
    """An engine that can tell what its keys are made of; needed only to prove that a record is gone from it."""

    def any_key_with(self, part: str) -> bool:
        """Tell whether any key has `part` (never '') somewhere in it; it may look at every key.

        Raises:
            IndexUnavailable: it cannot be read.
        """


class EngineKind(Protocol):
    """How an engine is made and opened."""

    def writer(self, folder: Path) -> EngineWriter:
        """Start a new index in an empty or missing folder. Raises BuildError or OSError when it cannot be written."""

    def open(self, folder: Path) -> Engine:
        """Open a finished index without writing anything in its folder, which may not be written to.

        Raises:
            IndexUnavailable: it cannot be read.
        """
