"""Name agreement: token against token, order-free, each agreement weighted by how rare the token is here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from discoverer.match.evidence import Evidence
from discoverer.match.similarity import Closeness, closeness
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.names import is_common

Tokens = tuple[str, ...]

HOW = {
    Closeness.SAME: "same name",
    Closeness.VARIANT: "another form of the name",
    Closeness.ONE_EDIT: "one letter different",
    Closeness.SOUND: "sounds alike",
    Closeness.SHORTENED: "shortened",
    Closeness.SIMILAR: "similar spelling",
    Closeness.INITIAL: "initial only",
}


@dataclass(frozen=True, slots=True)
class Alignment:
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


def align(asked: Tokens, held: Tokens, vocabulary: Vocabulary, weights: Weights) -> Alignment:
    """Pair the tokens of two names, the weightiest agreement first, each token once."""
    asked, held = _join_halves(asked, held)
    options = [
        (_pair_bits(a, h, how, vocabulary, weights), i, j, how)
        for i, a in enumerate(asked)
        for j, h in enumerate(held)
        if (how := closeness(a, h)) is not Closeness.NONE
    ]
    options.sort(key=lambda option: (-option[0], option[1], option[2]))
    taken: dict[int, tuple[int, Closeness, float]] = {}
    used: set[int] = set()
    for bits, i, j, how in options:
        if i not in taken and j not in used:
            taken[i] = (j, how, bits)
            used.add(j)
    missing = tuple(token for i, token in enumerate(asked) if i not in taken)
    surplus = tuple(token for j, token in enumerate(held) if j not in used)
    order = [taken[i][0] for i in sorted(taken)]
    reordered = order != sorted(order)
    bits = sum(found[2] for found in taken.values())
    bits -= _missing(missing, vocabulary, weights) + _surplus(surplus, weights)
    bits -= weights.name["order"] if reordered else 0.0
    pairs = tuple((asked[i], held[j], how) for i, (j, how, _) in sorted(taken.items()))
    return Alignment(bits, pairs, missing, surplus, reordered)


def best_alignment(
    asked: Iterable[Tokens], held: Sequence[Tokens], vocabulary: Vocabulary, weights: Weights
) -> Alignment | None:
    """Return the weightiest alignment of any asked name on any held name, or on all held tokens together."""
    everything = tuple(dict.fromkeys(token for name in held for token in name))
    candidates = [*held, everything] if len(held) > 1 else list(held)
    found = [align(a, h, vocabulary, weights) for a in asked for h in candidates if a and h]
    return max(found, key=lambda each: (each.bits, each.pairs), default=None)


def agreement(alignment: Alignment | None) -> Evidence | None:
    """Turn an alignment into evidence.

    The rungs: 'exact', every asked token is held; 'full', as itself or another form of the same name; 'close', some
    only look or sound alike, as the names of twins do; 'part', some are missing; 'none'.
    """
    if alignment is None:
        return None
    if not alignment.pairs:
        return Evidence("name", "none", alignment.bits, "the name does not agree")
    outcome = "part" if alignment.missing else "full"
    hows = {how for _, _, how in alignment.pairs}
    if outcome == "full" and hows <= {Closeness.SAME}:
        outcome = "exact"
    elif outcome == "full" and not hows <= {Closeness.SAME, Closeness.VARIANT}:
        outcome = "close"
    words = [_pair_words(*pair) for pair in alignment.pairs]
    if alignment.missing:
        words.append(f"{' '.join(alignment.missing).upper()} not recorded")
    if alignment.reordered:
        words.append("in another order")
    return Evidence("name", outcome, alignment.bits, "name: " + ", ".join(words))


def _pair_words(asked: str, held: str, how: Closeness) -> str:
    """Say how one token agreed."""
    if how is Closeness.SAME:
        return f"{asked.upper()} agrees"
    return f"{asked.upper()} for {held.upper()} ({HOW[how]})"


def _join_halves(asked: Tokens, held: Tokens) -> tuple[Tokens, Tokens]:
    """Where one name writes two neighbouring tokens as one ('Siu Ming', 'Siuming'), write both as one."""
    return _joined(asked, set(held)), _joined(held, set(asked))


def _joined(tokens: Tokens, other: set[str]) -> Tokens:
    """Join neighbouring tokens whose run-together form the other name holds."""
    out: list[str] = []
    skip = False
    for here, after in zip(tokens, (*tokens[1:], ""), strict=True):
        if skip:
            skip = False
        elif after and here not in other and here + after in other:
            out.append(here + after)
            skip = True
        else:
            out.append(here)
    return tuple(out)


def _pair_bits(asked: str, held: str, how: Closeness, vocabulary: Vocabulary, weights: Weights) -> float:
    """Weigh one agreement: a share of the rarity the two tokens may claim."""
    return weights.token[how] * vocabulary.shared_rarity(asked, held, how)


def _missing(tokens: Tokens, vocabulary: Vocabulary, weights: Weights) -> float:
    """Weigh the tokens asked for and not held."""
    table = weights.name
    lost = 0.0
    for token in tokens:
        if token in vocabulary:
            lost += min(table["missing_most"], table["missing_token"] * vocabulary.rarity(token))
        else:
            lost += table["unknown_token"]
    return lost


def _surplus(tokens: Tokens, weights: Weights) -> float:
    """Weigh the tokens held and not asked for."""
    table = weights.name
    lost = sum(table["extra_common" if is_common(token) else "extra_token"] for token in tokens)
    return min(lost, table["surplus_most"])
