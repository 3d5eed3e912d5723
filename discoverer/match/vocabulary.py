"""The distinct tokens of an index, how rare each is, and which of them a typed token may have meant.

Fuzzy work is done here, on the vocabulary, never on the documents (design: engine facts).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from discoverer.match.lexicon import Lexicon, NameRules, columns_of
from discoverer.match.similarity import SHORT_WORD, WORD_KINDS, Closeness, Likeness, likeness
from discoverer.match.weights import Weights
from discoverer.normalise.names import variants
from discoverer.normalise.sounds import heard

# Tokens one typed token may stand for; beyond this the rest add cost and no recall.
EXPANSIONS = 48
# Tokens typed of which it is kept what they may stand for; some kilobytes each.
EXPANDED = 4_096
# Of those who bear another form of a name, the share that would be written with this form.
OTHER_FORMS = 0.25
# A token that may be heard as so few letters may be its own initial.
FEW_LETTERS = 2

T = TypeVar("T")


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


def _alike_for(share: float, weights: Weights) -> float:
    """Return the degree of likeness that earns a share (the inverse of `share_of`)."""
    most, none, lost = weights.name["alike_most"], weights.name["alike_none"], weights.name["missing_token"]
    return 1.0 - (most - share) * (1.0 - none) / (most + lost)


class Vocabulary:
    """Tokens of one kind ('name' or 'place') over the parts of the index a viewer may see."""

    def __init__(self, bearers: Mapping[str, int], total: int, *, names: bool) -> None:
        """Take tokens that are in no index; for those of one see `over`.

        Args:
            bearers: token -> number of documents that bear it, at least 1.
            total: int, number of documents.
            names: compare as names (pet names, initials) or as words of an address.
        """
        self._lexicons: tuple[Lexicon, ...] = (Lexicon(columns_of(bearers, names=names), total),)
        self._names = names
        self._more: Mapping[str, int] = {}
        self._more_documents = 0
        self._rarities: dict[str, float] = {}
        self._borne: dict[str, int] = {}
        self._expanded: tuple[Weights | None, dict[tuple[str, float], list[Expansion]]] = (None, {})

    @classmethod
    def over(
        cls, lexicons: Iterable[Lexicon], *, names: bool, more: Mapping[str, int] | None = None, documents: int = 0
    ) -> Vocabulary:
        """Return the vocabulary of an index.

        Args:
            lexicons: what each label in scope bears.
            names: compare as names or as words of an address, as the lexicons were laid out for.
            more: token of theirs -> how many documents more bear it than they say, or fewer.
            documents: int, how many documents more there are than they say, or fewer.
        """
        vocabulary = cls({}, 0, names=names)
        vocabulary._lexicons = tuple(lexicons)
        vocabulary._more, vocabulary._more_documents = more or {}, documents
        return vocabulary

    def __contains__(self, token: str) -> bool:
        return self.bearers(token) > 0

    @property
    def total(self) -> int:
        """Number of documents the counts are out of."""
        return sum(lexicon.total for lexicon in self._lexicons) + self._more_documents

    def bearers(self, token: str) -> int:
        """Return how many documents bear the token; 0 when none."""
        known = self._borne.get(token)
        if known is None:
            held = sum([lexicon.bearers(token) for lexicon in self._lexicons]) + self._more.get(token, 0)
            known = self._borne[token] = max(0, held)
        return known

    def begun(self, start: str) -> dict[str, int]:
        """Return the tokens that begin so, itself too: token -> how many documents bear it, at least 1."""
        found: Counter[str] = Counter()
        for lexicon in self._lexicons:
            found.update(lexicon.begun(start))
        held = {token: bearers + self._more.get(token, 0) for token, bearers in found.items()}
        return {token: bearers for token, bearers in held.items() if bearers > 0}

    def rarity(self, token: str) -> float:
        """Return log2(N / bearers) in bits, 0 or more; an unknown token is as rare as one borne once.

        A share of those who bear another form of the name count as bearers: a rare spelling of a common name says
        little more than the name.
        """
        known = self._rarities.get(token)
        if known is None:
            others = sum(self.bearers(form) for form in variants(token)) if self._names else 0
            bearers = self.bearers(token) + OTHER_FORMS * others
            known = self._rarities[token] = max(0.0, math.log2((self.total + 1) / max(1.0, bearers)))
        return known

    def shared_rarity(self, asked: str, held: str, how: Closeness) -> float:
        """Return the rarity that an agreement of two tokens may claim, in bits.

        A slip of a common name is itself rare; it may not claim more than the name it stands for.
        """
        if how is Closeness.SAME or asked not in self:
            return self.rarity(held)
        return min(self.rarity(asked), self.rarity(held))

    def expand(self, asked: Sequence[str], weights: Weights, least: float = 0.0) -> list[list[Expansion]]:
        """Return, for each typed token, what it may have meant, best first, at most EXPANSIONS each.

        Args:
            asked: folded tokens.
            weights: the set of weights in force.
            least: float 0 to 1, the share of its rarity that a token must earn; the more is asked, the less is looked
                at. 0: any share at all.
        """
        return [self._meant(token, weights, least) for token in asked]

    def _meant(self, token: str, weights: Weights, least: float) -> list[Expansion]:
        """Return what one token may have meant; it is kept of those asked lately: queries share most of their words."""
        by, expanded = self._expanded
        if by is not weights or len(expanded) >= EXPANDED:
            expanded = {}
            self._expanded = weights, expanded  # in one, so that no other thread sees one without the other
        known = expanded.get((token, least))
        if known is None:
            meant = self._names_meant if self._names else self._words_meant
            known = [each for each in meant(token, weights, least) if each.share >= least]
            expanded[token, least] = known
        return list(known)

    def _names_meant(self, asked: str, weights: Weights, least_share: float) -> list[Expansion]:
        """Gather the name tokens that may be meant by one typed token and rank them."""
        few = len(asked) > 1 and min(map(len, (asked, *heard(asked)))) <= FEW_LETTERS
        known = {asked, *variants(asked), *(asked[:1] if few else ())}
        found = [Expansion(each, *_earned(likeness(asked, each), weights), self.bearers(each)) for each in known]
        if len(asked) > 1:
            least, cut_off = (_alike_for(share, weights) for share in (least_share, weights.token["shortened"]))
            rules = NameRules(EXPANSIONS, max(0.0, least), min(1.0, cut_off))
            like = [lexicon.names_like(asked, rules) for lexicon in self._lexicons]
            found += [
                Expansion(token, *_earned(like, weights), bearers)
                for token, (like, bearers) in self._together(like).items()
                if token not in known
            ]
        return _best(found)

    def _words_meant(self, asked: str, weights: Weights, least_share: float) -> list[Expansion]:
        """Gather the words of an address that may be meant by one typed word and rank them."""
        shares = {how: weights.place[f"word_{how}"] for how in WORD_KINDS}
        found = [Expansion(asked, Closeness.SAME, shares[Closeness.SAME], self.bearers(asked))]
        if len(asked) >= SHORT_WORD and not any(char.isdigit() for char in asked):
            similar_too = shares[Closeness.SIMILAR] >= least_share
            like = [lexicon.words_like(asked, shares, EXPANSIONS if similar_too else 0) for lexicon in self._lexicons]
            found += [
                Expansion(token, how, shares[how], bearers) for token, (how, bearers) in self._together(like).items()
            ]
        return _best(found)

    def _together(self, found: Sequence[Mapping[str, tuple[T, int]]]) -> dict[str, tuple[T, int]]:
        """Put what each label knows together: how a token agrees, and how many bear it under all the labels."""
        together: dict[str, tuple[T, int]] = {}
        for mine in found:
            for token, (how, bearers) in mine.items():
                if token not in together:
                    others = (
                        (other[token][1] if token in other else lexicon.bearers(token))
                        for lexicon, other in zip(self._lexicons, found, strict=True)
                        if other is not mine
                    )
                    together[token] = how, bearers + sum(others) + self._more.get(token, 0)
        return together


def _earned(like: Likeness, weights: Weights) -> tuple[Closeness, float]:
    """Return how two name tokens agree and what share of its rarity that earns."""
    return like.how, share_of(like, weights)


def _best(found: Iterable[Expansion]) -> list[Expansion]:
    """Return the readings worth looking up, those that agree most first, then the rarer."""
    meant = [each for each in found if each.share > 0 and each.bearers > 0]
    meant.sort(key=lambda each: (-each.share, each.bearers, each.token))
    return meant[:EXPANSIONS]
