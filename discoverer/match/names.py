"""Name agreement: token against token, order-free, each agreement weighted by how rare the token is here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from discoverer.match.evidence import Evidence
from discoverer.match.similarity import Closeness, likeness
from discoverer.match.vocabulary import Vocabulary, share_of
from discoverer.match.weights import Weights
from discoverer.normalise.name_variants import is_listed, variants
from discoverer.normalise.names import is_common, may_be_initials

Tokens = tuple[str, ...]

# Two neighbouring tokens run together are one of the other name's when they are this like it ('mei fong', 'meifang').
JOINED_LIKENESS = 0.9
JOINED_LENGTH = 5
# A family name and a given name of two syllables: fewer tokens have no neighbours that another writing runs together.
NAME_OF_SYLLABLES = 3
# More letters than any two neighbours have.
NO_NEIGHBOURS = 1_000_000

HOW = {
    Closeness.SAME: "same name",
    Closeness.VARIANT: "another form of the name",
    Closeness.ONE_EDIT: "one letter different",
    Closeness.SOUND: "sounds alike",
    Closeness.SHORTENED: "shortened",
    Closeness.SIMILAR: "similar spelling",
    Closeness.INITIAL: "initial only",
}


class Alignment(NamedTuple):
    """How one asked name lies on one held name.

    Attributes:
        bits: float, the agreement's weight.
        pairs: (asked token, held token, how) for each agreement; a token may stand for two run together.
        missing: asked tokens that found no partner.
        surplus: held tokens that found no partner.
        reordered: bool, the agreeing tokens stand in another order.
    """

    bits: float
    pairs: tuple[tuple[str, str, Closeness], ...]
    missing: Tokens
    surplus: Tokens
    reordered: bool


class _Row(dict[str, tuple[float, Closeness] | None]):
    """What one token asked for says of each token held: bits and kind of an agreement; None where they do not agree.

    It fills itself: the pairs of one search are looked up a hundred times as often as they are weighed.
    """

    def __init__(self, asked: str, measure: Measure) -> None:
        super().__init__()
        self._asked, self._measure = asked, measure

    def __missing__(self, held: str) -> tuple[float, Closeness] | None:
        weights = self._measure.weights
        like = likeness(self._asked, held)
        found = None
        if like.how is not Closeness.NONE:
            rarity = self._measure.vocabulary.shared_rarity(self._asked, held, like.how)
            found = share_of(like, weights) * rarity, like.how
        self[held] = found
        return found


class Measure:
    """What names are weighed by, and what was weighed already.

    Made for one search: its candidates bear the same few hundred tokens over and over.

    Attributes:
        vocabulary: the name vocabulary of this index, for rarity.
        weights: the set of weights in force.
        aligned: (name asked for, name held) -> how the one lies on the other, of those aligned already.
    """

    def __init__(self, vocabulary: Vocabulary, weights: Weights) -> None:
        self.vocabulary, self.weights = vocabulary, weights
        self.aligned: dict[tuple[Tokens, Tokens], Alignment] = {}
        self._row: dict[str, _Row] = {}
        self._rows: dict[Tokens, tuple[_Row, ...]] = {}
        self._lost: dict[Tokens, float] = {}
        self._spare: dict[str, float] = {}

    def rows(self, asked: Tokens) -> tuple[_Row, ...]:
        """Return what each token asked for says of any token held: its row[held] is (bits, kind), or None."""
        found = self._rows.get(asked)
        if found is None:
            found = self._rows[asked] = tuple([self._row.setdefault(token, _Row(token, self)) for token in asked])
        return found

    def lost(self, tokens: Tokens) -> float:
        """Weigh the tokens asked for and not held."""
        lost = self._lost.get(tokens)
        if lost is None:
            lost = self._lost[tokens] = sum([_missing(token, self.vocabulary, self.weights) for token in tokens], 0.0)
        return lost

    def spare(self, tokens: Tokens) -> float:
        """Weigh the tokens held and not asked for."""
        lost = 0.0
        for token in tokens:
            each = self._spare.get(token)
            if each is None:
                each = self._spare[token] = self.weights.name["extra_common" if is_common(token) else "extra_token"]
            lost += each
        return min(lost, self.weights.name["surplus_most"])


def align(asked: Tokens, held: Tokens, measure: Measure) -> Alignment:
    """Pair the tokens of two names, the weightiest agreement first, each token once."""
    known = measure.aligned.get((asked, held))
    if known is None:
        known = measure.aligned[asked, held] = _paired(*_written_alike(asked, held), measure)
    return known


def _paired(asked: Tokens, held: Tokens, measure: Measure) -> Alignment:
    """Pair the tokens of two names that run together and part the same tokens."""
    options = []
    for i, row in enumerate(measure.rows(asked)):
        for j, other in enumerate(held):
            weighed = row[other]
            if weighed is not None:
                options.append((-weighed[0], i, j, weighed[1]))
    if len(options) == 1:
        return _one_pair(asked, held, options[0], measure)
    options.sort()  # no two have both places in common
    taken: dict[int, tuple[int, Closeness]] = {}
    used: set[int] = set()
    bits = 0.0
    for negative, i, j, how in options:
        if i not in taken and j not in used:
            taken[i] = (j, how)
            used.add(j)
            bits -= negative
    missing = tuple([token for i, token in enumerate(asked) if i not in taken])
    surplus = tuple([token for j, token in enumerate(held) if j not in used])
    bits -= measure.lost(missing) + measure.spare(surplus)
    matched = sorted(taken.items())
    order = [j for _, (j, _) in matched]
    reordered = order != sorted(order)
    bits -= measure.weights.name["order"] if reordered else 0.0
    pairs = tuple([(asked[i], held[j], how) for i, (j, how) in matched])
    return Alignment(bits, pairs, missing, surplus, reordered)


def _one_pair(asked: Tokens, held: Tokens, option: tuple[float, int, int, Closeness], measure: Measure) -> Alignment:
    """Pair the only two tokens of two names that agree, as most names found share no more than one."""
    negative, i, j, how = option
    missing, surplus = asked[:i] + asked[i + 1 :], held[:j] + held[j + 1 :]
    bits = -negative - (measure.lost(missing) + measure.spare(surplus))
    return Alignment(bits, ((asked[i], held[j], how),), missing, surplus, reordered=False)


def best_alignment(asked: Iterable[Tokens], held: Sequence[Tokens], measure: Measure) -> Alignment | None:
    """Return the weightiest alignment of any asked name on any held name, or on all held tokens together."""
    if len(held) > 1:
        everything = tuple(dict.fromkeys(chain.from_iterable(held)))
        held = tuple(dict.fromkeys((*held, everything)))
    found = [align(a, h, measure) for a in asked for h in held if a and h]
    if len(found) == 1:
        return found[0]
    return max(found, key=lambda each: (each.bits, each.pairs), default=None)


def agreement(alignment: Alignment | None, weights: Weights) -> Evidence | None:
    """Turn an alignment into evidence.

    The rungs: 'exact', the same tokens; 'full', every asked token is held, as itself or another form of the same
    name; 'near', with slips, initials or a token that only one of the two has; 'close', some only look or sound alike,
    as the names of twins do; 'part', some are missing where others stand, as a twin's forename does; 'initials',
    some are missing and no other agrees in more than its first letter; 'none'.
    """
    if alignment is None:
        return None
    if not alignment.pairs:
        return Evidence("name", "none", alignment.bits, "the name does not agree")
    words = [_pair_words(*pair) for pair in alignment.pairs]
    if alignment.missing:
        words.append(f"{' '.join(alignment.missing).upper()} not in the name recorded")
    if alignment.reordered:
        words.append("in another order")
    return Evidence("name", _rung(alignment, weights), alignment.bits, "name: " + ", ".join(words))


def _rung(alignment: Alignment, weights: Weights) -> str:
    """Place an alignment of at least one pair on the ladder.

    Tokens that half a community bears are not required: Shabana Bibi may be Shabana Begum.
    """
    hows = {how for _, _, how in alignment.pairs}
    telling = any(not is_common(asked) for asked, _, _ in alignment.pairs)
    missing = [token for token in alignment.missing if not is_common(token)]
    surplus = [token for token in alignment.surplus if not is_common(token)]
    if not alignment.missing and not surplus and hows <= {Closeness.SAME}:
        return "exact"
    left_out = alignment.missing and telling and not missing and not surplus
    if hows <= {Closeness.SAME, Closeness.VARIANT} and (left_out or not alignment.missing):
        return "full"
    whole = [how for _, _, how in alignment.pairs if how is not Closeness.INITIAL]
    apart = (missing and surplus) or len(whole) < min(2, len(alignment.pairs) + len(missing))
    if telling and not apart and all(_same_name(*pair, weights) for pair in alignment.pairs):
        return "near"
    if missing and not whole:
        return "initials"
    return "part" if alignment.missing else "close"


def _same_name(asked: str, held: str, how: Closeness, weights: Weights) -> bool:
    """Tell whether two tokens that agree are one name but for a slip.

    Two known names that differ by a letter (Mandeep, Sandeep) are two names: twins are given such.
    """
    if how in (Closeness.SAME, Closeness.VARIANT, Closeness.INITIAL):
        return True
    if is_listed(asked) and is_listed(held):
        return False
    return share_of(likeness(asked, held), weights) >= weights.name["slip"]


def _pair_words(asked: str, held: str, how: Closeness) -> str:
    """Say how one token agreed."""
    if how is Closeness.SAME:
        return f"{asked.upper()} agrees"
    return f"{asked.upper()} for {held.upper()} ({HOW[how]})"


class _Shape(NamedTuple):
    """What of a name's tokens tells whether any of them may be joined or parted; most names need neither.

    Attributes:
        longest: int >= 1, letters of its longest token.
        nearest: int, letters of its shortest two neighbours together; a great many for a single token.
        initials: bool, a token may be initials run together.
    """

    longest: int
    nearest: int
    initials: bool


@lru_cache(maxsize=65_536)
def _shape(tokens: Tokens) -> _Shape:
    """Return the shape of a name of at least one token."""
    lengths = [len(token) for token in tokens]
    nearest = min(map(sum, pairwise(lengths)), default=NO_NEIGHBOURS)
    return _Shape(max(lengths), nearest, any(map(may_be_initials, tokens)))


def _written_alike(asked: Tokens, held: Tokens) -> tuple[Tokens, Tokens]:
    """Write two names alike where one runs together what the other writes apart.

    Neighbouring tokens that the other writes as one ('Siu Ming', 'Siuming') are joined; then initials written as one
    word ('JP', 'John Paul') are parted, and other spellings of neighbours run together ('Kwok Keung', 'Guoqiang').
    """
    asked, held = _joined(asked, held), _joined(held, asked)
    if _shape(asked).initials or _shape(held).initials:
        asked, held = _parted(asked, held), _parted(held, asked)
    if len(asked) >= NAME_OF_SYLLABLES or len(held) >= NAME_OF_SYLLABLES:
        asked, held = _in_syllables(asked, held), _in_syllables(held, asked)
    return asked, held


def _parted(tokens: Tokens, other: Tokens) -> Tokens:
    """Part the tokens that are nothing but the initials of neighbouring tokens of the other name."""
    if not _shape(tokens).initials:
        return tokens
    firsts = "".join(token[0] for token in other)
    return tuple(
        piece
        for token in tokens
        for piece in (token if may_be_initials(token) and token not in other and token in firsts else (token,))
    )


def _in_syllables(tokens: Tokens, other: Tokens) -> Tokens:
    """Part the tokens that are two neighbouring tokens of the other name, spelled another way and run together."""
    if len(other) < len(tokens) or len(other) < NAME_OF_SYLLABLES or _shape(tokens).longest < JOINED_LENGTH:
        return tokens
    begins = _beginnings(other)
    if not [token for token in tokens if token.startswith(begins) and token not in other]:
        return tokens
    return tuple(
        piece
        for token in tokens
        for piece in (_syllables(token, other) if len(token) >= JOINED_LENGTH and token not in other else (token,))
    )


def _syllables(token: str, other: Tokens) -> Tokens:
    """Return the two spellings that a token runs together, the shortest first that there is, or the token alone."""
    for here, after in pairwise(other):
        begins = _spellings(here)
        for first in begins if token.startswith(begins) else ():
            if token.startswith(first) and token[len(first) :] in (after, *variants(after)):
                return first, token[len(first) :]
    return (token,)


@lru_cache(maxsize=16_384)
def _beginnings(tokens: Tokens) -> Tokens:
    """Return every spelling of the tokens of a name that have a neighbour after them."""
    return tuple([spelling for token in tokens[:-1] for spelling in _spellings(token)])


@lru_cache(maxsize=131_072)
def _spellings(token: str) -> Tokens:
    """Return a token and the other spellings of the same name, the shortest first."""
    return tuple(sorted((token, *variants(token)), key=lambda each: (len(each), each)))


def _joined(tokens: Tokens, other: Tokens) -> Tokens:
    """Join neighbouring tokens whose run-together form the other name holds, or all but holds."""
    longest = _shape(other).longest + 1  # two that are longer run together cannot be any of the other's
    if _shape(tokens).nearest > longest:
        return tokens
    if not [here for here, after in pairwise(tokens) if len(here) + len(after) <= longest and here not in other]:
        return tokens
    out: list[str] = []
    skip = False
    for here, after in zip(tokens, (*tokens[1:], ""), strict=True):
        if skip:
            skip = False
        elif after and len(here) + len(after) <= longest and here not in other and _held_together(here, after, other):
            out.append(here + after)
            skip = True
        else:
            out.append(here)
    return tuple(out)


def _held_together(here: str, after: str, other: Tokens) -> bool:
    """Tell whether the other name holds two tokens as one, give or take a slip."""
    together = here + after
    if together in other:
        return True
    least = max(len(here) + 2, len(after) + 2, len(together) - 1, JOINED_LENGTH)
    most = len(together) + 1
    as_long = [each for each in other if least <= len(each) <= most]
    return any(likeness(together, each).degree >= JOINED_LIKENESS for each in as_long)


def _missing(token: str, vocabulary: Vocabulary, weights: Weights) -> float:
    """Weigh one token asked for and not held; one that half a community bears is often left out."""
    table = weights.name
    if is_common(token):
        return table["missing_common"]
    if token in vocabulary:
        return min(table["missing_most"], table["missing_token"] * vocabulary.rarity(token))
    return table["unknown_token"]
