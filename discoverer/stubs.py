"""That a record is there which a viewer does not read, where the policy wants it known: "contact the duty inspector".

What is denied and what is absent look alike everywhere else. Where a life may depend on it - a risk plan that the duty
inspector alone may open - the rules' `[[stub]]` says for which roles and which records a sentence stands on whoever,
wherever and whatever number such a record names. It is the same sentence for every one of them, and says no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from discoverer.access_rules import Stub
from discoverer.answer import Hit, HitKind
from discoverer.found import Found
from discoverer.labelling import is_about
from discoverer.match.evidence import Level
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.model import Visibility
from discoverer.query import Query
from discoverer.search import search
from index.reader import Index, Reader, Scope
from index.vocabulary_file import NAMES, WORDS

MOST = 1_000
"""Mentions that are looked at of one person, place or number, the latest first."""
FOUND = 100
"""Hits that are looked at of what was typed, however few are shown."""


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind what a viewer reads of one build.

    Attributes:
        index: the build.
        scope: of the viewer.
        stubs: those that are for their role.
    """

    index: Index
    scope: Scope
    stubs: tuple[Stub, ...]

    def told(self, found: Sequence[Found], hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """Return hits with the sentences that stand on them."""
        if not self.stubs:
            return tuple(hits)
        return tuple(
            hit if each.event is not None else replace(hit, stubs=self._on(each.group))
            for each, hit in zip(found, hits, strict=True)
        )

    def typed(self, query: Query, weights: Weights, found: Iterable[Found]) -> tuple[str, ...]:
        """Return the sentences on what was typed for certain and no hit stands for.

        Args:
            query: as typed.
            weights: in force.
            found: what is shown.
        """
        if not self.stubs or query.only_text:
            return ()
        shown = {each.group for each in found if each.event is None}
        reader = _Closed(self.index, Scope(self._closed), self.scope.labels | self._closed)
        held = search(reader, query, weights, FOUND).found[:FOUND]
        groups = [each.group for each in held if each.group not in shown and _is_certain(each)]
        return tuple(dict.fromkeys(words for group in groups for words in self._on(group)))

    @property
    def _closed(self) -> frozenset[Visibility]:
        """The labels of records that stubs are about and the viewer does not read."""
        return frozenset(label for stub in self.stubs for label in stub.labels) - self.scope.labels

    def _on(self, group: int) -> tuple[str, ...]:
        """Return the sentences on a person, place or number."""
        rows = Reader(self.index, Scope(self._closed)).members(group, MOST) if self._closed else []
        if not rows:
            return ()
        every = Reader(self.index, Scope(self.scope.labels | self._closed))
        records = every.records((row.segment, row.n) for row in rows)
        return tuple(
            stub.words
            for stub in self.stubs
            if any(
                Visibility(row.visibility) in stub.labels and is_about(stub.when, records[row.segment, row.n])
                for row in rows
                if (row.segment, row.n) in records
            )
        )


class _Closed(Reader):
    """A reader of some labels to whom names and words are as rare as among all: few records make no name certain."""

    def __init__(self, index: Index, scope: Scope, among: frozenset[Visibility]) -> None:
        super().__init__(index, scope)
        self._among = among

    @property
    def names(self) -> Vocabulary:
        """Name tokens of all."""
        return self._index.vocabulary(NAMES, self._among)

    @property
    def words(self) -> Vocabulary:
        """Address words of all."""
        return self._index.vocabulary(WORDS, self._among)


def _is_certain(found: Found) -> bool:
    """Tell whether something found is the very thing that was typed."""
    if found.instead_of or found.kind is HitKind.EVENT:
        return False
    return found.very if found.kind is HitKind.LOCATION else found.scored.level is Level.CONFIRMED
