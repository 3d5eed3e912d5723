"""The persons so far, kept from round to round: only those that changed are gathered, counted and keyed anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from index.linking_blocks import Blocks
from index.linking_facts import Components
from index.linking_forenames import Forenames
from index.linking_gathered import Gathered, Rarity
from index.linking_namesakes import Namesakes
from index.linking_rows import Rows
from index.linking_types import Candidate


class Persons:
    """What the mentions of every component say.

    Attributes:
        components: joined elsewhere; `renew` takes in what was.
        said: component -> its mentions together.
        rarity: of the names among them.
        namesakes: who bears which name where.
        forenames: which of the names are forenames, and who bears them.
    """

    def __init__(self, components: Components, rarity: Rarity | None = None) -> None:
        """Begin with nobody.

        Args:
            components: of all mentions that will be taken in.
            rarity: knows of more than will be; None: they are all there are.
        """
        self.components = components
        self.said: dict[int, Gathered] = {}
        self.rarity = rarity or Rarity(())
        self.namesakes = Namesakes(components)
        self.forenames = Forenames(self.said)
        self._blocks = Blocks()
        self._fresh: Collection[int] = ()

    def renew(self, seen: Sequence[Candidate], new: Sequence[Candidate], fresh: Collection[int]) -> None:
        """Gather again the components that have changed.

        Args:
            seen: all mentions so far, in the same order whenever they are given.
            new: those of them that have not been given before.
            fresh: the components to be compared, with one another and with the rest.
        """
        root_of = self.components.root
        gone = {root: said for root, said in self.said.items() if root_of(root) != root}
        changed = {root_of(root) for root in gone} | {root_of(each.number) for each in new}
        gone |= {root: self.said[root] for root in changed if root in self.said}
        come: dict[int, Gathered] = {}
        for candidate in seen:
            root = root_of(candidate.number)
            if root in changed:
                come.setdefault(root, Gathered()).add(candidate, False)
        for root in gone:
            del self.said[root]
        self.said.update(come)
        for root, said in self.said.items():
            said.fresh = root in fresh
        self.rarity.recount(gone.values(), come.values())
        self.namesakes.renew(gone, come, new)
        self.forenames.renew(gone, come)
        self._blocks.replace(gone, come, new)
        self._fresh = fresh

    def rows(self) -> Rows:
        """Return the persons that share a key with another, at least one of the two fresh."""
        return Rows(self._blocks.said, *self._blocks.sharing(self._fresh))
