"""What a typed token may mean, found by comparing it with every token there is: what the vocabulary is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from discoverer.match.letters import NEAR, WORD_NEAR, Measure
from discoverer.match.similarity import Closeness, likeness, word_closeness
from discoverer.match.vocabulary import EXPANSIONS, Expansion, share_of
from discoverer.match.weights import Weights
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import heard, sound


def _near(asked: str, every: Sequence[str], least: float) -> set[int]:
    """Return the places of those one edit away or at least so alike by Jaro-Winkler."""
    alike = process.cdist([asked], every, scorer=JaroWinkler.similarity)[0]
    edits = process.cdist([asked], every, scorer=OSA.distance)[0]
    return set(((alike >= least) | (edits <= 1)).nonzero()[0].tolist())


class FullScan:
    """A vocabulary that looks at all its tokens every time."""

    def __init__(self, bearers: Mapping[str, int], *, names: bool) -> None:
        self._bearers = bearers
        self._tokens = sorted(bearers)
        self._names = names
        self._heard = [heard(token)[0] for token in self._tokens]
        self._sounds = [sound(token) if len(token) > 2 else "" for token in self._tokens]

    def expand(self, asked: str, weights: Weights) -> list[Expansion]:
        """Return what one typed token may have meant, best first."""
        found = self._as_name(asked, weights) if self._names else self._as_word(asked, weights)
        kept = [each for each in found if each.share > 0]
        return sorted(kept, key=lambda each: (-each.share, each.bearers, each.token))[:EXPANSIONS]

    def _as_name(self, asked: str, weights: Weights) -> list[Expansion]:
        near = _near(asked, self._tokens, NEAR[Measure.WRITTEN]) if len(asked) > 1 else set()
        for reading in heard(asked) if len(asked) > 1 else ():
            near |= _near(reading, self._heard, NEAR[Measure.HEARD])
        meant = {asked, *variants(asked), *(self._tokens[place] for place in near)} & self._bearers.keys()
        likes = {token: likeness(asked, token) for token in meant}
        return [
            Expansion(token, like.how, share_of(like, weights), self._bearers[token])
            for token, like in likes.items()
            if like.how is not Closeness.NONE
        ]

    def _as_word(self, asked: str, weights: Weights) -> list[Expansion]:
        near = _near(asked, self._tokens, WORD_NEAR) if len(asked) > 2 else set()
        near |= {place for place, each in enumerate(self._sounds) if each and each == sound(asked)}
        near |= {place for place, each in enumerate(self._tokens) if len(asked) > 3 and each.startswith(asked)}
        meant = {asked, *(self._tokens[place] for place in near)} & self._bearers.keys()
        kinds = {token: word_closeness(asked, token) for token in meant}
        return [
            Expansion(token, how, weights.place[f"word_{how}"], self._bearers[token])
            for token, how in kinds.items()
            if how is not Closeness.NONE
        ]
