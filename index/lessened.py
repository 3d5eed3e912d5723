"""What one label bears of a build by now: the documents that a layer has taken out or put in are counted.

A name that only hidden records bore must not be read out of how a search goes on: it is no token any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from discoverer.match.lexicon import Lexicon, NameRules
from discoverer.match.similarity import Closeness, Likeness

H = TypeVar("H")


class Lessened(Lexicon):
    """The tokens of one kind and label, counted as they are by now; its columns are those of the build."""

    def __init__(self, built: Lexicon, changes: Mapping[str, int], documents: int) -> None:
        """Take what the build bears.

        Args:
            built: as it was laid out.
            changes: token of the build -> documents that bear it now and did not, less those that do no longer.
            documents: int, how many documents of this kind and label there are more, or fewer.
        """
        vars(self).update(vars(built))
        self.total = max(0, built.total + documents)
        self._changes = changes

    def bearers(self, token: str) -> int:
        """Return how many documents bear a token by now; 0 when none."""
        return max(0, super().bearers(token) + self._changes.get(token, 0))

    def names_like(self, asked: str, rules: NameRules) -> dict[str, tuple[Likeness, int]]:
        """Return the names spelt or heard like one asked for that anybody bears by now."""
        return self._now(super().names_like(asked, rules))

    def words_like(self, asked: str, shares: Mapping[Closeness, float], most: int) -> dict[str, tuple[Closeness, int]]:
        """Return the words of an address like one asked for that anything bears by now."""
        return self._now(super().words_like(asked, shares, most))

    def _now(self, found: dict[str, tuple[H, int]]) -> dict[str, tuple[H, int]]:
        """Count anew, and leave out what nothing bears."""
        counted = ((token, how, count + self._changes.get(token, 0)) for token, (how, count) in found.items())
        return {token: (how, count) for token, how, count in counted if count > 0}
