"""Retrieval: from a query's cleaned values to the few hundred documents worth comparing exactly.

Generous and cheap. Each typed token is expanded over the vocabulary; a rare token is looked up alone, common
ones only beside another (a token pair, an area, a house number), so no look-up reads a long list. What is
found is ranked by the rarity it shares with the query, and the best few hundred go on to exact scoring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from discoverer.match.vocabulary import Expansion, Vocabulary
from discoverer.match.weights import Weights
from index.reader import Reader

# A token borne by at most this many documents is looked up alone.
RARE = 400
# Readings of one common token that are paired with those of another.
COMMON_READINGS = 6
# Documents read from one list: the lists are in order of importance.
LIST_LIMIT = 400
# Documents that go on to exact scoring.
KEPT = 300


@dataclass(slots=True)
class Pool:
    """Candidates gathered so far.

    Attributes:
        weight: document -> bits shared with the query, a rough lower bound used only for choosing.
        about: int, how many documents the longest cut list held; 0 when none was cut.
    """

    weight: dict[int, float] = field(default_factory=dict)
    about: int = 0

    def take(self, reader: Reader, key: str, bits: float) -> None:
        """Look one key up and add its bits to every document that carries it."""
        found = reader.look_up(key, LIST_LIMIT)
        if found.total > len(found.ids):
            self.about = max(self.about, found.total)
        for number in found.ids:
            self.weight[number] = self.weight.get(number, 0.0) + bits

    def take_best(self, reader: Reader, weighted: Iterator[tuple[str, float]]) -> None:
        """Look several keys up of which a document counts only its best (readings of one token)."""
        best: dict[int, float] = {}
        for key, bits in sorted(weighted, key=lambda each: each[1]):  # what weighs more is put over what weighs less
            found = reader.look_up(key, LIST_LIMIT)
            if found.total > len(found.ids):
                self.about = max(self.about, found.total)
            best.update(dict.fromkeys(found.ids, max(0.0, bits)))
        for number, bits in best.items():
            self.weight[number] = self.weight.get(number, 0.0) + bits

    def best(self) -> list[int]:
        """Return the documents to score, best first; ties in order of importance."""
        return sorted(sorted(self.weight), key=self.weight.__getitem__, reverse=True)[:KEPT]


def common(meant: Sequence[Expansion]) -> list[Expansion]:
    """Return the readings too common to be looked up alone."""
    return [each for each in meant if each.bearers > RARE][:COMMON_READINGS]


def bits_of(asked: str, each: Expansion, vocabulary: Vocabulary, weights: Weights) -> float:
    """Weigh one reading of a token."""
    return each.share * vocabulary.shared_rarity(asked, each.token, each.closeness)
