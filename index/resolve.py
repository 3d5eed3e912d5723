"""Linking mentions into persons (link, don't merge).

First by four exact rules (index/linking_exact.py), then, where the settings name a set of weights, by what is weighed
for and against (index/linking_weighed.py). A contradicting date of birth, identifier or generation (senior, junior)
blocks either, between the two and between everything already joined to either. Links are stored as pairs; a person is
the component over the links a viewer may see.

What people have settled stands above the rules: two mentions they say are one person are joined though their facts
contradict, and two they say are not are never joined, by whatever chain.

Labels are linked one after another, the most open first, so that nothing a closed mention says can join, part or
keep apart the mentions that more people see. Where two labels are closed beside each other, each is linked on top of
what both read, as if there were no other; for those who read both, everything is linked anew on top of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

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
    layers: dict[Visibility, list[Candidate]] = {label: [] for label in Visibility}
    for candidate in candidates:
        layers[Visibility(candidate.visibility)].append(candidate)
    found = _Found()
    linker = _Linker(settled, model, weigh, progress, found)
    views: dict[Visibility, _View] = {}
    for label, layer in layers.items():
        filled = [each for each in label.below if layers[each]]
        if len(filled) > 1:
            (shared,) = {each for one in filled for each in one.below}
            views[label] = linker.grow_both(views[shared], label, layer, {one: layers[one] for one in filled})
            continue
        on = (filled or label.below or (None,))[0]
        if on is not None and not layer:
            found.as_below(label, on)
            views[label] = views[on]
            continue
        under = views[on] if on is not None else _View(Persons(Components(), rarity))
        beside = any(layers[each] for each in Visibility if each.below == label.below and each is not label)
        views[label] = linker.grow(under.copy() if beside else under, label, layer)
    return found.linked()


@dataclass(slots=True)
class _View:
    """Mentions linked so far.

    Attributes:
        persons: with their components.
        exact: the blocks of the exact rules.
        sides: record -> its victims and suspects met so far.
        seen: every mention linked.
    """

    persons: Persons
    exact: ExactRules = field(default_factory=ExactRules)
    sides: dict[tuple[int, int], list[Candidate]] = field(default_factory=dict)
    seen: list[Candidate] = field(default_factory=list)

    def copy(self) -> _View:
        """Return a copy, to be linked on top of as if nothing else were."""
        return _View(*deepcopy((self.persons, self.exact, self.sides)), list(self.seen))


class _Found:
    """What was found: links, each by the most open label that may know it, and who is one person for whom."""

    def __init__(self) -> None:
        self.links: dict[tuple[int, int], Link] = {}
        self.possible: dict[tuple[int, int], Link] = {}
        self.unmet: list[tuple[int, int]] = []
        self._cells: dict[int, int] = {}
        self._known: dict[int, Visibility] = {}  # cell -> the most open label in it
        # Label -> cell -> the cell it is one person with for those readers, where another.
        self._heads: dict[Visibility, dict[int, int]] = {label: {} for label in Visibility}

    def as_below(self, label: Visibility, below: Visibility) -> None:
        """Write down that the readers of a label see as one whom those of another do: it brings nobody."""
        self._heads[label] = self._heads[below]

    def settle(self, label: Visibility, layer: Sequence[Candidate], components: Components) -> None:
        """Write down who is one person for the readers of a label, once it is linked."""
        first: dict[int, int] = {}
        for cell, known in self._known.items():
            if label.contains(known):
                head = first.setdefault(components.root(cell), cell)
                if head != cell:
                    self._heads[label][cell] = head
        for candidate in layer:
            cell = first.setdefault(components.root(candidate.number), candidate.number)
            self._cells[candidate.number] = cell
            self._known.setdefault(cell, label)

    def part(self, label: Visibility, layer: Sequence[Candidate], components: Components) -> None:
        """Give mentions cells of their own where those who read more do not find them one person.

        Args:
            label: theirs.
            layer: the mentions of the label.
            components: as those who read more see them.
        """
        own: dict[tuple[int, int], int] = {}
        for number in (candidate.number for candidate in layer):
            cell, root = self._cells[number], components.root(number)
            if components.root(cell) == root:
                continue
            self._cells[number] = mine = own.setdefault((cell, root), number)
            if mine == number:
                self._known[mine] = label
                self._heads[label][mine] = self._heads[label].get(cell, cell)

    def linked(self) -> Linked:
        """Return all of it."""
        joins = [(label.rank, *each) for label, heads in self._heads.items() for each in sorted(heads.items())]
        return Linked([*self.links.values(), *self.possible.values()], self._cells, joins, self.unmet)


class _Linker:
    """Links one label on top of others."""

    def __init__(
        self, settled: Settled, model: Model | None, weigh: Weigh | None, progress: Progress, found: _Found
    ) -> None:
        self._settled, self._model, self._weigh, self._progress, self._found = settled, model, weigh, progress, found

    def grow(self, view: _View, label: Visibility, layer: Sequence[Candidate]) -> _View:
        """Link the mentions of a label on top of those of a view, changed in place."""
        self._link(view, label, layer)
        self._found.settle(label, layer, view.persons.components)
        return view

    def grow_both(
        self,
        view: _View,
        label: Visibility,
        layer: Sequence[Candidate],
        beside: Mapping[Visibility, Sequence[Candidate]],
    ) -> _View:
        """Link the mentions of a label, and those of two beside each other below it, on top of what both read."""
        self._link(view, label, [*(each for closed in beside.values() for each in closed), *layer])
        for one, closed in beside.items():
            self._found.part(one, closed, view.persons.components)
        self._found.settle(label, layer, view.persons.components)
        return view

    def _link(self, view: _View, label: Visibility, layer: Sequence[Candidate]) -> None:
        """Link mentions on top of those of a view, changed in place."""
        components, links = view.persons.components, dict[tuple[int, int], Link]()
        for candidate in layer:
            components.add(candidate.number, facts_of(candidate.profile))
        unmet = _settle(layer, components, self._settled, links, label.rank)
        self._found.unmet += [pair for pair in unmet if pair not in self._found.unmet]
        _oppose(layer, view.sides, components)
        self._progress.stage("linking by exact rules", None)
        view.exact.link(layer, components, links, label.rank)
        view.seen += layer
        for pair, link in links.items():
            self._found.links.setdefault(pair, link)
        if self._model and layer:
            for each in _weighed(layer, view.seen, label.rank, view.persons, self._model, self._weigh, self._progress):
                kept = self._found.links if each.level == JOIN else self._found.possible
                kept.setdefault((each.first, each.second), each)


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
