"""Linking mentions into persons (link, don't merge).

First by four exact rules (index/linking_exact.py), then, where the settings name a set of weights, by what is weighed
for and against (index/linking_weighed.py). A contradicting date of birth, identifier or generation (senior, junior)
blocks either, between the two and between everything already joined to either. Links are stored as pairs; a person is
the component over the links a viewer may see.

What people have settled stands above the rules: two mentions they say are one person are joined though their facts
contradict, and two they say are not are never joined, by whatever chain.

Labels are linked one after another, the most open first, so that nothing a closed mention says can join, part or
keep apart the mentions that more people see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from discoverer.model import Visibility
from index.linking_exact import RULES, ExactRules
from index.linking_facts import Components, Facts, facts_of
from index.linking_gathered import Rarity
from index.linking_model import Model
from index.linking_persons import Persons
from index.linking_types import DECIDED, JOIN, NOTHING_SETTLED, Candidate, Link, Linked, Settled
from index.linking_weighed import Weigh, Weighing
from index.progress import Progress, SilentProgress
from index.uncollected import uncollected

__all__ = [
    "DECIDED", "NOTHING_SETTLED", "RULES", "Candidate", "Components", "Facts", "Link", "Linked", "Settled", "link",
]  # fmt: skip


def link(
    candidates: Iterable[Candidate],
    settled: Settled = NOTHING_SETTLED,
    model: Model | None = None,
    weigh: Weigh | None = None,
    progress: Progress | None = None,
    rarity: Rarity | None = None,
) -> Linked:
    """Link mentions into persons, one label after another.

    Args:
        candidates: person mentions found in fields; those from text say too little to be linked.
        settled: what people have ruled; rulings on mentions that are not candidates are left out.
        model: weights to link by after the exact rules; None: by the exact rules alone.
        weigh: what compares the rows; None: Splink, unless there are few.
        progress: told of each stage; None: nobody is.
        rarity: how rare names are among more than the candidates; None: they are all there are.
    """
    with uncollected():
        return _link(candidates, settled, model, weigh, progress or SilentProgress(), rarity)


def _link(
    candidates: Iterable[Candidate],
    settled: Settled,
    model: Model | None,
    weigh: Weigh | None,
    progress: Progress,
    rarity: Rarity | None,
) -> Linked:
    """Link mentions into persons, as `link` does."""
    layers: list[list[Candidate]] = [[] for _ in Visibility]
    for candidate in candidates:
        layers[Visibility(candidate.visibility).rank].append(candidate)
    components = Components()
    persons = Persons(components, rarity)
    exact = ExactRules()
    links: dict[tuple[int, int], Link] = {}
    possible: dict[tuple[int, int], Link] = {}
    cells: dict[int, int] = {}
    joins: list[tuple[int, int, int]] = []
    unmet: list[tuple[int, int]] = []
    sides: dict[tuple[int, int], list[Candidate]] = {}
    for rank, layer in enumerate(layers):
        for candidate in layer:
            components.add(candidate.number, facts_of(candidate.profile))
        unmet += _settle(layer, components, settled, links, rank)
        _oppose(layer, sides, components)
        progress.stage("linking by exact rules", None)
        exact.link(layer, components, links, rank)
        seen = [candidate for more_open in layers[: rank + 1] for candidate in more_open]
        for found in _weighed(layer, seen, rank, persons, model, weigh, progress) if model and layer else ():
            (links if found.level == JOIN else possible).setdefault((found.first, found.second), found)
        heads: dict[int, int] = {}
        for cell in dict.fromkeys(cells.values()):
            head = heads.setdefault(components.root(cell), cell)
            if head != cell:
                joins.append((rank, cell, head))
        for candidate in layer:
            cells[candidate.number] = heads.setdefault(components.root(candidate.number), candidate.number)
    return Linked([*links.values(), *possible.values()], cells, joins, unmet)


def _settle(
    layer: Sequence[Candidate],
    components: Components,
    settled: Settled,
    links: dict[tuple[int, int], Link],
    rank: int,
) -> list[tuple[int, int]]:
    """Apply the rulings whose more closed mention is of this label; return the pairs that another ruling forbids.

    Bars first: they stand against whatever is joined later, by a ruling too.
    """
    mine = {candidate.number for candidate in layer}

    def due(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        return sorted(pair for pair in pairs if mine.intersection(pair) and all(each in components for each in pair))

    for first, second in due(settled.apart):
        odd = next((end for end, other in ((first, second), (second, first)) if (other, end) in settled.odd), None)
        components.bar(first, second, odd)
    unmet = []
    for first, second in due(settled.same):
        if components.join(first, second, decided=True):
            links[first, second] = Link(first, second, DECIDED, why="people said so", rank=rank)
        else:
            unmet.append((first, second))
    return unmet


def _oppose(layer: Iterable[Candidate], sides: dict[tuple[int, int], list[Candidate]], components: Components) -> None:
    """Keep the victim of a record apart from its suspect, however alike their names are.

    Only where both have one full date of birth or one identifier are they left to the rules: somebody written twice.

    Args:
        layer: the mentions of one label.
        sides: record -> its victims and suspects met so far; added to in place.
        components: told in place.
    """
    for candidate in layer:
        if candidate.record is None or not candidate.side:
            continue
        met = sides.setdefault(candidate.record, [])
        for other in met:
            if other.side != candidate.side and not _is_written_twice(candidate, other):
                components.oppose(other.number, candidate.number)
        met.append(candidate)


def _is_written_twice(one: Candidate, other: Candidate) -> bool:
    """Tell whether two mentions of one record have a full date of birth or an identifier in common."""
    first, second = facts_of(one.profile), facts_of(other.profile)
    births = {birth for birth, _ in first.births} & {birth for birth, _ in second.births}
    return bool(births or first.identifiers & second.identifiers)


def _weighed(
    layer: Sequence[Candidate],
    seen: Sequence[Candidate],
    rank: int,
    persons: Persons,
    model: Model,
    weigh: Weigh | None,
    progress: Progress,
) -> list[Link]:
    """Join persons by what is weighed, round by round; return the links, the possible ones last."""
    links: list[Link] = []
    weighing: Weighing | None = None
    for least in model.join:
        progress.stage("weighing pairs of persons", None)
        new, fresh = (
            ((), weighing.changed()) if weighing else (layer, {persons.components.root(each.number) for each in layer})
        )
        persons.renew(seen, new, fresh)
        weighing = Weighing(persons, model, rank, weigh, weighing)
        progress.stage("joining persons", None)
        links += weighing.join(least)
    return [*links, *(weighing.possible() if weighing else ())]
