"""Whom newcomers are taken for, by their links alone: nothing closed shows, and nobody known before is joined."""

from __future__ import annotations

import pytest

from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from index.attached import LATER, attached
from index.beside import Around
from index.groups import RANGE
from index.linking_types import KEEP, WEIGHED, Link
from index.newcomers import Newcomer

OPEN, RESTRICTED, PROTECTED = Visibility.OPEN, Visibility.RESTRICTED, Visibility.PROTECTED
TOP = PROTECTED.rank
# Known mentions and their cells: two open persons, one known to the most closed label alone.
X, Y, HIDDEN = 1, 2, 3
CELLS = {X: 5, Y: 6, HIDDEN: TOP * RANGE + 7}
A, B, C = 11, 12, 13


def newcomer(number: int, label: Visibility = OPEN) -> Newcomer:
    return Newcomer(number, label, f"incidents:{number}#0", PersonProfile(), Around(), (0, number))


def link(first: int, second: int, bits: float = 9.0, rank: int = 0) -> Link:
    return Link(min(first, second), max(first, second), WEIGHED, bits=bits, why="", rank=rank)


def alone(rank: int, cell: int) -> int:
    return cell


def one_for_the_closed(rank: int, cell: int) -> int:
    """X and Y are one person for those who see a protected record."""
    return CELLS[X] if cell == CELLS[Y] and rank >= TOP else cell


CASES = [
    pytest.param([newcomer(A)], [link(A, X)], {A: 5}, {}, [], id="as open as the known"),
    pytest.param([newcomer(A, PROTECTED)], [link(A, X, rank=TOP)], {A: 5}, {}, [], id="a closed one of an open person"),
    pytest.param(
        [newcomer(A)], [link(A, HIDDEN, rank=TOP)], {}, {}, [(TOP, A, CELLS[HIDDEN])],
        id="an open one of whom only the closed know keeps a number of its own",
    ),
    pytest.param([newcomer(A), newcomer(B)], [link(A, B)], {}, {B: A}, [], id="two who nobody knew"),
    pytest.param([newcomer(A), newcomer(B)], [link(A, B), link(B, X)], {A: 5, B: 5}, {A: B}, [], id="by way of another"),
]  # fmt: skip


@pytest.mark.parametrize(("newcomers", "links", "cells", "together", "joined"), CASES)
def test_newcomers_join_whom_they_fit(
    newcomers: list[Newcomer],
    links: list[Link],
    cells: dict[int, int],
    together: dict[int, int],
    joined: list[tuple[int, int, int]],
) -> None:
    found = attached(newcomers, CELLS, alone, links)
    assert (found.cells, found.together, found.joined) == (cells, together, joined)
    assert all(each.level != KEEP for each in found.links)


def test_an_open_newcomer_is_never_given_a_number_that_few_may_know() -> None:
    links = [link(B, HIDDEN, 20.0, TOP), link(A, B, 9.0, TOP)]
    found = attached([newcomer(A), newcomer(B, PROTECTED)], CELLS, alone, links)
    assert found.cells == {B: CELLS[HIDDEN]} and not found.together
    assert found.joined_new == [(TOP, A, B)]


def test_what_only_few_know_to_be_one_is_not_one_for_the_others() -> None:
    found = attached([newcomer(A)], CELLS, one_for_the_closed, [link(A, Y)])
    assert found.cells == {A: CELLS[Y]}


def test_a_closed_link_keeps_no_open_one_from_joining() -> None:
    links = [link(A, B, 20.0, TOP), link(B, X, 20.0, TOP), link(A, Y, 5.0)]
    found = attached([newcomer(A), newcomer(B, PROTECTED)], CELLS, alone, links)
    assert found.cells[A] == CELLS[Y]
    assert [each.why for each in found.links if each.level == KEEP] == [LATER]


TWO_KNOWN = [
    pytest.param([newcomer(A)], [link(A, X, 9.0), link(A, Y, 8.0)], id="one newcomer"),
    pytest.param([newcomer(A), newcomer(B)], [link(A, X), link(B, Y), link(A, B, 8.0)], id="two newcomers"),
    pytest.param([newcomer(A)], [link(A, X, 9.0, TOP), link(A, Y, 8.0, TOP)], id="for the closed"),
    pytest.param([newcomer(A)], [link(A, X), link(A, HIDDEN, 8.0, TOP)], id="an open and a closed one"),
    pytest.param(
        [newcomer(A), newcomer(B, RESTRICTED), newcomer(C, PROTECTED)],
        [link(A, X), link(A, B, 9.0, 1), link(B, C, 9.0, TOP), link(C, Y, 8.0, TOP)],
        id="a chain",
    ),
]


@pytest.mark.parametrize(("newcomers", "links"), TWO_KNOWN)
def test_nobody_known_before_is_joined_to_another_by_newcomers(newcomers: list[Newcomer], links: list[Link]) -> None:
    found = attached(newcomers, CELLS, alone, links)
    assert [(each.level, each.why) for each in found.links if each.level == KEEP] == [(KEEP, LATER)]
    assert len(found.links) == len(links)
