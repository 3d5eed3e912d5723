"""The reference engine: a dictionary. Every engine must answer exactly as it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from index.engine import Postings


class DictionaryEngine:
    """Keys to document numbers in memory."""

    def __init__(self) -> None:
        self._lists: dict[str, list[int]] = defaultdict(list)
        self._next = 0

    def add(self, keys: Collection[str]) -> None:
        """Add the next document."""
        for key in set(keys):
            self._lists[key].append(self._next)
        self._next += 1

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest numbers that carry the key, and the true count."""
        found = self._lists.get(key, [])
        return Postings(found[:limit], len(found))

    def close(self) -> None:
        """Nothing to let go of."""
