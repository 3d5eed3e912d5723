"""The distinct tokens of an index, how rare each is, and which of them a typed token may have meant.

Fuzzy work is done here, on the vocabulary, never on the documents (design: engine facts).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from discoverer.match.similarity import Closeness, Likeness, likeness, scan, scan_names, word_closeness
from discoverer.match.weights import Weights
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import heard, sound

# Tokens one typed token may stand for; beyond this the rest add cost and no recall.
EXPANSIONS = 48
PREFIXES = 24
# Of those who bear another form of a name, the share that would be written with this form.
OTHER_FORMS = 0.25
PREFIX_LENGTH = 4


class Expansion(NamedTuple):
    """A token of the index that a typed token may have meant.

    Attributes:
        token: str, as in the index.
        closeness: how it agrees with the typed one.
        share: float, the share of a token's rarity that this agreement earns.
        bearers: int, how many documents bear it.
    """

    token: str
    closeness: Closeness
    share: float
    bearers: int


def share_of(like: Likeness, weights: Weights) -> float:
    """Return the share of its rarity that an agreement of two name tokens earns.

    A likeness falls evenly from 'alike_most' to what a missing token loses at 'alike_none', so that no step parts two
    names that differ by one letter more.
    """
    if like.how in (Closeness.SAME, Closeness.VARIANT, Closeness.INITIAL):
        return weights.token[like.how]
    most, none, lost = weights.name["alike_most"], weights.name["alike_none"], weights.name["missing_token"]
    spelt = most - (most + lost) * (1.0 - like.degree) / (1.0 - none)
    return max(spelt, weights.token["shortened"]) if like.how is Closeness.SHORTENED else spelt


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
        self._names = names
        self._rarities: dict[str, float] = {}
        self._sounds = [heard(token)[0] for token in self._tokens] if names else []
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        for token in [] if names else self._tokens:
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
        """Return log2(N / bearers) in bits, 0 or more; an unknown token is as rare as one borne once.

        A share of those who bear another form of the name count as bearers: a rare spelling of a common name says
        little more than the name.
        """
        known = self._rarities.get(token)
        if known is None:
            others = sum(self._bearers.get(form, 0) for form in variants(token)) if self._names else 0
            bearers = self._bearers.get(token, 0) + OTHER_FORMS * others
            known = self._rarities[token] = max(0.0, math.log2((self._total + 1) / max(1.0, bearers)))
        return known

    def shared_rarity(self, asked: str, held: str, how: Closeness) -> float:
        """Return the rarity that an agreement of two tokens may claim, in bits.

        A slip of a common name is itself rare; it may not claim more than the name it stands for.
        """
        if how is Closeness.SAME or asked not in self._bearers:
            return self.rarity(held)
        return min(self.rarity(asked), self.rarity(held))

    def expand(self, asked: Sequence[str], weights: Weights) -> list[list[Expansion]]:
        """Return, for each typed token, what it may have meant, best first, at most EXPANSIONS each."""
        if self._names:
            whole = [token for token in asked if len(token) > 1]
            near = dict(zip(whole, scan_names(whole, self._tokens, self._sounds), strict=True))
            return [self._names_meant(token, near.get(token, []), weights) for token in asked]
        long_enough = [token for token in asked if len(token) > 2]
        near = dict(zip(long_enough, scan(long_enough, self._tokens), strict=True))
        return [self._words_meant(token, near.get(token, []), weights) for token in asked]

    def _names_meant(self, asked: str, near: Sequence[int], weights: Weights) -> list[Expansion]:
        """Gather the name tokens that may be meant by one typed token and rank them."""
        meant = {asked, *variants(asked), *(self._tokens[position] for position in near), *self._longer(asked)}
        found = [
            Expansion(token, like.how, share, self._bearers[token])
            for token in meant
            if token in self._bearers
            and (like := likeness(asked, token)).how is not Closeness.NONE
            and (share := share_of(like, weights)) > 0
        ]
        return _best(found)

    def _words_meant(self, asked: str, near: Sequence[int], weights: Weights) -> list[Expansion]:
        """Gather the words of an address that may be meant by one typed word and rank them."""
        meant = {asked, *(self._tokens[position] for position in near), *self._longer(asked)}
        if len(asked) > 2:
            meant |= set(self._by_sound.get(sound(asked), ()))
        found = [
            Expansion(token, how, weights.place[f"word_{how}"], self._bearers[token])
            for token in meant
            if token in self._bearers and (how := word_closeness(asked, token)) is not Closeness.NONE
        ]
        return _best(found)

    def _longer(self, asked: str) -> list[str]:
        """Return tokens that begin with what was typed."""
        if len(asked) < PREFIX_LENGTH:
            return []
        start = bisect_left(self._tokens, asked)
        return [token for token in self._tokens[start : start + PREFIXES] if token.startswith(asked)]


def _best(found: list[Expansion]) -> list[Expansion]:
    """Return the readings worth looking up, those that agree most first, then the rarer."""
    found.sort(key=lambda each: (-each.share, each.bearers, each.token))
    return found[:EXPANSIONS]
