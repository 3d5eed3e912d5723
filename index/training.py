"""Training: the weights of linking estimated anew from an index, with labels or without, each level held to guards.

It gives bits and reasons and changes nothing: index/training_file.py writes them down as a new version, and only
whoever sets `linking` in the settings makes builds use it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from discoverer.errors import TrainingRefused
from index.linking_levels import COMPARED, compared
from index.linking_model import Model
from index.training_fit import counted, fitted
from index.training_guards import HELD_TO_CHANGE, HELD_TO_ORDER, bounded, in_order, too_few
from index.training_pairs import Patterns
from index.training_types import Bits, Group, Key, Level, Training, bits_of
from index.training_unlabelled import estimated

# How strongly bits fitted to labels are drawn to the configured ones: labels are counted, so only a little.
DRAWN = 4.0
# Decimal places of bits that are written down: no set is large enough for more.
PLACES = 1


def from_labels(patterns: Patterns, model: Model) -> Training:
    """Fit the weights to labelled pairs.

    Args:
        patterns: pairs, each labelled.
        model: the weights to begin from.

    Raises:
        TrainingRefused: no level rests on enough pairs, or none of the pairs are one person.
    """
    groups, old = _labelled(patterns), bits_of(model)
    numbers = counted(groups)
    kept = {key: why for key in old if (why := too_few(*numbers.get(key, (0, 0.0))))}
    bits = fitted(groups, [key for key in old if key not in kept], old, DRAWN)
    return _told(bits, old, kept, groups, labelled=True)


def without_labels(patterns: Patterns, model: Model) -> Training:
    """Estimate the weights from pairs without labels.

    Args:
        patterns: pairs that neither a date of birth nor an identifier brought together.
        model: the weights to begin from.

    Raises:
        TrainingRefused: too little anchors an estimate, or it collapsed.
    """
    together: dict[tuple[Key, ...], int] = defaultdict(int)
    for (levels, _), pairs in patterns.items():
        together[levels] += pairs
    old = bits_of(model)
    bits, groups, kept = estimated(together, old)
    return _told(bits, old, kept, groups, labelled=False)


def trained_model(training: Training, model: Model, version: str, about: str) -> Model:
    """Return a model with the bits found, and the thresholds of the one that training began from."""
    weights: dict[str, dict[str, float]] = {name: {} for name in COMPARED}
    for level in training.levels:
        weights[level.key[0]][level.key[1]] = level.new
    return model._replace(version=version, about=about, comparisons=compared(weights))


def _labelled(patterns: Patterns) -> list[Group]:
    """Return the labelled pairs, those compared alike together."""
    found: dict[tuple[Key, ...], list[int]] = defaultdict(lambda: [0, 0])
    for (levels, same), pairs in patterns.items():
        if same is not None:
            found[levels][0] += pairs
            found[levels][1] += pairs * same
    return [Group(levels, pairs, same) for levels, (pairs, same) in found.items()]


def _told(bits: Bits, old: Bits, kept: Mapping[Key, str], groups: Sequence[Group], *, labelled: bool) -> Training:
    """Hold what was found to the guards, and say of every level what became of it."""
    numbers = counted(groups)
    if len(kept) == len(old):
        raise TrainingRefused(
            "no level rests on enough pairs of persons, so nothing was written; train on more records."
        )
    near = {key: old[key] if key in kept else round(bounded(old[key], bits[key]), PLACES) for key in old}
    held = in_order(near, kept, {key: pairs for key, (pairs, _) in numbers.items()})
    levels = []
    for name, names in COMPARED.items():
        for key in ((name, level) for level in names):
            new = old[key] if key in kept else round(held[key], PLACES) + 0.0  # never -0.0
            why = kept.get(key, "")
            if not why and abs(held[key] - near[key]) > 10**-PLACES / 2:
                why = HELD_TO_ORDER
            elif not why and bounded(old[key], bits[key]) != bits[key]:
                why = HELD_TO_CHANGE
            levels.append(Level(key, old[key], new, *numbers.get(key, (0, 0.0)), why))
    everyone = sum(group.pairs for group in groups)
    return Training(tuple(levels), labelled, everyone, sum(group.same for group in groups) / everyone)
