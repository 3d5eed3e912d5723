"""The distinct tokens of an index, how rare each is, and which of them a typed token may have meant.

Fuzzy work is done here, on the vocabulary, never on the documents (design: engine facts).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from discoverer.match.similarity import Closeness, closeness, scan, word_closeness
from discoverer.match.weights import Weights
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import sound

# Tokens one typed token may stand for; beyond this the rest add cost and no recall.
EXPANSIONS = 48
PREFIXES = 24
PREFIX_LENGTH = 4


class Expansion(NamedTuple):
    """A token of the index that a typed token may have meant.

    Attributes:
        token: str, as in the index.
        closeness: how it agrees with the typed one.
        bearers: int, how many documents bear it.
    """

    token: str
    closeness: Closeness
    bearers: int


class Vocabulary:
    """Tokens of one kind ('name' or 'place') over the parts of the index a viewer may see."""

    def __init__(self, bearers: Mapping[str, int], total: int, *, names: bool) -> None:
        """Take the tokens.

        Args:
            bearers: token -> number of documents that bear it, at least 1.
            total: int, number of documents.
            names: compare as names (pet names, initials) or as words of an address.
        """
        self._bearers = dict(bearers)
        self._tokens = sorted(self._bearers)
        self._total = total
        self._compare: Callable[[str, str], Closeness] = closeness if names else word_closeness
        self._names = names
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for token in self._tokens:
            if len(token) > 2:
                self._by_sound[sound(token)].append(token)

    def __contains__(self, token: str) -> bool:
        return token in self._bearers

    def __len__(self) -> int:
        return len(self._tokens)

    @property
    def total(self) -> int:
        """Number of documents the counts are out of."""
        return self._total

    def bearers(self, token: str) -> int:
        """Return how many documents bear the token; 0 when none."""
        return self._bearers.get(token, 0)

    def rarity(self, token: str) -> float:
        """Return log2(N / bearers) in bits, 0 or more; an unknown token is as rare as one borne once."""
        return max(0.0, math.log2((self._total + 1) / max(1, self._bearers.get(token, 1))))

    def shared_rarity(self, asked: str, held: str, how: Closeness) -> float:
        """Return the rarity that an agreement of two tokens may claim, in bits.

        A slip of a common name is itself rare; it may not claim more than the name it stands for.
        """
        if how is Closeness.SAME or asked not in self._bearers:
            return self.rarity(held)
        return min(self.rarity(asked), self.rarity(held))

    def expand(self, asked: Sequence[str], weights: Weights) -> list[list[Expansion]]:
        """Return, for each typed token, what it may have meant, best first, at most EXPANSIONS each."""
        long_enough = [token for token in asked if len(token) > 2]
        near = dict(zip(long_enough, scan(long_enough, self._tokens), strict=True))
        return [self._expand_one(token, near.get(token, []), weights) for token in asked]

    def _expand_one(self, asked: str, near: Sequence[int], weights: Weights) -> list[Expansion]:
        """Gather the tokens that may be meant by one typed token and rank them."""
        meant = {asked} | {self._tokens[position] for position in near}
        if self._names:
            meant |= variants(asked)
        if len(asked) > 2:
            meant |= set(self._by_sound.get(sound(asked), ()))
        meant |= set(self._longer(asked))
        found = [
            Expansion(token, how, self._bearers[token])
            for token in meant
            if token in self._bearers and (how := self._compare(asked, token)) is not Closeness.NONE
        ]
        found.sort(key=lambda each: (-weights.token[each.closeness], each.bearers, each.token))
        return found[:EXPANSIONS]

    def _longer(self, asked: str) -> list[str]:
        """Return tokens that begin with what was typed."""
        if len(asked) < PREFIX_LENGTH:
            return []
        start = bisect_left(self._tokens, asked)
        return [token for token in self._tokens[start : start + PREFIXES] if token.startswith(asked)]
