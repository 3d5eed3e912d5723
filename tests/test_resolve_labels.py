"""Linking label by label: what those of one label know shows nowhere to those who do not read it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from index.attached import attached
from index.beside import Around
from index.groups import RANGE, Groups
from index.linking_types import WEIGHED, Candidate, Link, Linked, Settled
from index.newcomers import Newcomer
from index.resolve import link

OPEN, RESTRICTED, PROTECTED = Visibility.OPEN, Visibility.RESTRICTED, Visibility.PROTECTED
INTELLIGENCE, SEALED = Visibility.INTELLIGENCE, Visibility.SEALED
NAME = ("shabana", "bibi")


def mention(number: int, label: Visibility, *, born: str = "", phone: str = "") -> Candidate:
    """Make a mention of one name."""
    profile = PersonProfile(names=(NAME,), births=(born,) if born else (), phones=(phone,) if phone else ())
    return Candidate(number, label.value, profile, ())


def seen_as(linked: Linked, people: Sequence[Candidate], label: Visibility) -> set[frozenset[int]]:
    """Return who is one person for the readers of a label, read as the index reads it: by cells and joins."""
    heads = {cell: head for rank, cell, head in linked.joins if rank == label.rank}
    groups: dict[int, set[int]] = {}
    for each in people:
        if label.contains(Visibility(each.visibility)):
            cell = linked.cells[each.number]
            groups.setdefault(heads.get(cell, cell), set()).add(each.number)
    return {frozenset(members) for members in groups.values()}


PHONES = ("+447700900001", "+447700900002")
BIRTHS = ("1980-01-01", "1990-06-06", "")
PEOPLE = st.lists(
    st.tuples(st.sampled_from(list(Visibility)), st.sampled_from(BIRTHS), st.sampled_from((*PHONES, ""))), max_size=9
)


@settings(max_examples=200, deadline=None)
@given(PEOPLE)
def test_what_a_label_sees_is_what_it_would_if_there_were_nothing_else(
    drawn: list[tuple[Visibility, str, str]],
) -> None:
    people = [mention(number, label, born=born, phone=phone) for number, (label, born, phone) in enumerate(drawn)]
    linked = link(people)
    for label in Visibility:
        mine = [each for each in people if label.contains(Visibility(each.visibility))]
        alone = link(mine)
        assert seen_as(linked, people, label) == seen_as(alone, mine, label)
        ranks = {each.rank for each in label.contained}
        numbers = {each.number for each in mine}
        known = {each for each in linked.links if each.rank in ranks}
        assert known == set(alone.links)
        assert {cell for number, cell in linked.cells.items() if number in numbers} <= numbers


ONE_PHONE = PHONES[0]
BRIDGES = [
    pytest.param(PROTECTED, {INTELLIGENCE, RESTRICTED, OPEN}, id="protected"),
    pytest.param(INTELLIGENCE, {PROTECTED, RESTRICTED, OPEN}, id="intelligence"),
    pytest.param(SEALED, {PROTECTED, INTELLIGENCE, RESTRICTED, OPEN}, id="sealed"),
]


@pytest.mark.parametrize(("bridge", "apart"), BRIDGES)
def test_a_closed_mention_joins_two_for_its_own_readers_only(bridge: Visibility, apart: set[Visibility]) -> None:
    people = [
        mention(1, OPEN, born=BIRTHS[0]),
        mention(2, OPEN, phone=ONE_PHONE),
        mention(3, bridge, born=BIRTHS[0], phone=ONE_PHONE),
    ]
    linked = link(people)
    for label in Visibility:
        together = any({1, 2} <= group for group in seen_as(linked, people, label))
        assert together is (label not in apart), label


def test_two_closed_to_each_other_who_contradict_each_other_are_two_for_whoever_reads_both() -> None:
    people = [
        mention(1, OPEN, phone=ONE_PHONE),
        mention(2, PROTECTED, born=BIRTHS[0], phone=ONE_PHONE),
        mention(3, INTELLIGENCE, born=BIRTHS[1], phone=ONE_PHONE),
    ]
    linked = link(people)
    assert seen_as(linked, people, PROTECTED) == {frozenset({1, 2})}
    assert seen_as(linked, people, INTELLIGENCE) == {frozenset({1, 3})}
    assert not any({2, 3} <= group for group in seen_as(linked, people, SEALED))


def test_a_ruling_on_two_closed_to_each_other_counts_for_whoever_reads_both() -> None:
    people = [mention(1, PROTECTED), mention(2, INTELLIGENCE)]
    linked = link(people, Settled(same=frozenset({(1, 2)})))
    assert seen_as(linked, people, SEALED) == {frozenset({1, 2})}
    assert seen_as(linked, people, PROTECTED) == {frozenset({1})}
    assert [each.rank for each in linked.links] == [SEALED.rank]


def test_a_group_two_labels_know_is_numbered_where_neither_is_told_of_the_other() -> None:
    groups = Groups()
    first = groups.number("phone", "+447700900001", PROTECTED)
    assert first // RANGE == PROTECTED.rank
    assert (
        groups.number("phone", "+447700900001", PROTECTED) == groups.number("phone", "+447700900001", SEALED) == first
    )
    both = groups.number("phone", "+447700900001", INTELLIGENCE)
    assert both // RANGE == RESTRICTED.rank
    assert both == groups.number("phone", "+447700900001", INTELLIGENCE)
    assert groups.number("phone", "+447700900001", OPEN) // RANGE == OPEN.rank
    assert {old for old, _ in groups.moves()} == {first, both}


def _alone(rank: int, cell: int) -> int:
    return cell


def test_in_the_day_a_link_of_one_label_keeps_nobody_apart_for_another() -> None:
    new = [Newcomer(11, OPEN, "incidents:11#0", PersonProfile(), Around(), (0, 11))]
    cells = {1: PROTECTED.rank * RANGE + 1, 2: INTELLIGENCE.rank * RANGE + 1}
    links = [
        Link(1, 11, WEIGHED, bits=20.0, rank=PROTECTED.rank),
        Link(2, 11, WEIGHED, bits=5.0, rank=INTELLIGENCE.rank),
    ]
    both = attached(new, cells, _alone, links)
    assert both.joined == [(PROTECTED.rank, 11, cells[1]), (INTELLIGENCE.rank, 11, cells[2])]
    assert attached(new, cells, _alone, links[1:]).joined == both.joined[1:]
