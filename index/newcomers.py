"""People whom nobody knew yet, put in by a change, and whom they are taken for."""

from __future__ import annotations

from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from index.beside import Around
from index.linking_types import Link


class Newcomer(NamedTuple):
    """A person mention of a field that nobody knows yet.

    Attributes:
        number: of the mention.
        visibility: its label.
        ident: the id by which the outside knows it.
        profile: its cleaned values.
        around: what its record says around it.
        record: (segment, n).
    """

    number: int
    visibility: Visibility
    ident: str
    profile: PersonProfile
    around: Around
    record: tuple[int, int]


class Attached(NamedTuple):
    """Whom newcomers are taken for.

    Attributes:
        cells: mention -> the known group it joins; a newcomer left out is a person of its own.
        together: newcomer -> the newcomer it is one person with, whoever came first; those left out stand alone.
        links: every link that has a newcomer at one end.
        joined: (rank, newcomer, a known cell it is one person with for those who see that far).
        joined_new: (rank, newcomer, another it is one person with for those who see that far).
    """

    cells: dict[int, int]
    together: dict[int, int]
    links: list[Link]
    joined: list[tuple[int, int, int]]
    joined_new: list[tuple[int, int, int]]


NOBODY = Attached({}, {}, [], [], [])
