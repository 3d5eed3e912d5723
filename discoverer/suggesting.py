"""What is shown while somebody still types: how it is read so far, and streets and towns that could be meant.

A suggestion is no look at a person, and is not recorded as one: it names streets and towns, never who lives there, no
door, number or identifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from discoverer.errors import UsageError
from discoverer.match.weights import Weights
from discoverer.query import read_box
from discoverer.reread import reread
from index.reader import Index, Reader, Scope

MOST = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A street or town that may be meant.

    Attributes:
        text: str, what to put into the box: what was typed, with the part being typed completed.
        label: str, the street or town alone: 'Hillaires Test Road, B23'.
    """

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What is typed so far.

    Attributes:
        read_as: tuple[str, ...], how a search would read it, in the words of `Answer.read_as`.
        suggestions: tuple[Suggestion, ...], at most MOST.
        problem: str, why a search of it would be refused, in its words; '' when it would not, or nothing is typed.
    """

    read_as: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    problem: str


class Suggesting:
    """Reads back what is typed."""

    def read(self, index: Index, scope: Scope, text: str, on: date, weights: Weights) -> Reading:
        """Read back what is typed so far, through the scope of whoever types."""
        if not text.strip():
            return Reading((), (), "")
        reader = Reader(index, scope)
        try:
            query = reread(reader, read_box(text, on), weights)
        except UsageError as error:
            return Reading((), (), error.message)
        return Reading(query.read_as, (), "")
