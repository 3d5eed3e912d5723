"""The pairs that training learns from: persons as exact rules leave them, compared as linking compares them, counted.

Pairs that are compared alike are one pattern with a count, so that an index of any size fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from index.linking_blocks import is_of_birth_or_identifier, of_an_even_share
from index.linking_exact import ExactRules
from index.linking_facts import Components, facts_of
from index.linking_gathered import Gathered, Rarity
from index.linking_model import Model
from index.linking_rows import Rows, rows_of
from index.linking_types import Candidate, Link
from index.linking_weighed import SMALL, by_hand, by_splink
from index.training_types import Key

# (the levels that hold, whether it is one person; None: nobody knows) -> how many pairs.
Patterns = Counter[tuple[tuple[Key, ...], bool | None]]
# Keys of rows that are looked at: a larger index is learnt from by an even share of its keys.
MOST_KEYS = 2_000_000
# No pair is so unlikely that it is not counted.
_EVERY_PAIR = -1000.0


def patterns_of(candidates: Iterable[Candidate], model: Model, persons: Mapping[int, str] | None = None) -> Patterns:
    """Compare persons as exact rules leave them, and count the pairs that are compared alike.

    Args:
        candidates: mentions, all of one label.
        model: whose levels they are compared by.
        persons: mention -> who it really is of, '' where nobody can tell; None: nobody knows of any, and only pairs
            that neither a date of birth nor an identifier brings together are counted.

    Returns:
        With labels, only the pairs of which it is known who both are.
    """
    mentions = list(candidates)
    said = _gathered(mentions)
    rows = _chosen(rows_of(said), labelled=persons is not None)
    keys = len(rows.blocks.values)
    if not keys:
        return Counter()
    names = [[(each.name, level.name) for level in each.levels] for each in model.comparisons]
    weigh = by_hand if keys < SMALL else by_splink
    real = {root: _real(one, persons) for root, one in said.items()} if persons is not None else {}
    found: Counter[tuple[tuple[int, ...], bool | None]] = Counter()
    for batch in weigh(rows.tables(Rarity(said.values())), model._replace(keep=_EVERY_PAIR)):
        for pair in batch.pairs():
            if persons is None:
                found[pair.levels, None] += 1
            elif real[pair.first] and real[pair.second]:
                found[pair.levels, real[pair.first] == real[pair.second]] += 1
    return Counter(
        {
            (tuple(levels[at] for at, levels in zip(held, names, strict=True) if at >= 0), same): pairs
            for (held, same), pairs in found.items()
        }
    )


def _gathered(mentions: Sequence[Candidate]) -> dict[int, Gathered]:
    """Join mentions by the exact rules; return what each person so far says."""
    components, exact = Components(), ExactRules()
    links: dict[tuple[int, int], Link] = {}
    for each in mentions:
        components.add(each.number, facts_of(each.profile))
    exact.link(mentions, components, links, 0)
    said: dict[int, Gathered] = {}
    for each in mentions:
        said.setdefault(components.root(each.number), Gathered()).add(each, fresh=True)
    return said


def _chosen(rows: Rows, *, labelled: bool) -> Rows:
    """Return the rows with the keys that pairs may be made by: no more than can be compared.

    Where nothing but dates of birth and identifiers judges the pairs, neither may have chosen them.
    """
    keys = rows.blocks.values
    kept = of_an_even_share(keys, min(1.0, MOST_KEYS / max(len(keys), 1)))
    return rows.chosen(kept if labelled else kept & ~is_of_birth_or_identifier(keys))


def _real(said: Gathered, persons: Mapping[int, str]) -> str:
    """Return who most of a component's mentions are really of; '' where nobody can tell."""
    known = Counter(who for each in said.members if (who := persons.get(each.number, "")))
    return min(known, key=lambda who: (-known[who], who)) if known else ""
