"""Linking by exact rules: who is joined, who never is, and that what a viewer may see holds together alone."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.match.profiles import PersonProfile
from index.resolve import NOTHING_SETTLED, Candidate, Settled, link

ASIF = ("asif", "khan")
DOOR = "14|hillaires test road|b236xx"


def person(
    name: tuple[str, ...] = ASIF,
    birth: str = "",
    phone: str = "",
    door: str = "",
    ident: str = "",
    generation: str = "",
    label: str = "open",
    years: tuple[int, int] | None = None,
) -> tuple[PersonProfile, tuple[str, ...], str]:
    profile = PersonProfile(
        names=(name,) if name else (),
        births=(birth,) if birth else (),
        phones=(phone,) if phone else (),
        identifiers=(ident,) if ident else (),
        generations=(generation,) if generation else (),
        years=(years,) if years else (),
    )
    return profile, (door,) if door else (), label


Made = tuple[PersonProfile, tuple[str, ...], str]


def joined(*people: Made, settled: Settled = NOTHING_SETTLED) -> set[frozenset[int]]:
    candidates = [Candidate(n, label, profile, doors) for n, (profile, doors, label) in enumerate(people)]
    roots = link(candidates, settled).cells
    groups: dict[int, set[int]] = {}
    for number, root in roots.items():
        groups.setdefault(root, set()).add(number)
    return {frozenset(group) for group in groups.values()}


ONE = [frozenset({0, 1})]
TWO = [frozenset({0}), frozenset({1})]
CASES = [
    pytest.param(person(ident="pnc:2003/9900012C"), person(("mohd", "asif"), ident="pnc:2003/9900012C"), ONE, id="one PNC"),
    pytest.param(person(ident="asn:1"), person(ident="asn:1"), TWO, id="an arrest number names an arrest, not a person"),
    pytest.param(person(birth="1985-07-03"), person(("khan", "asif"), "1985-07-03"), ONE, id="name in any order and birth"),
    pytest.param(person(birth="1985"), person(birth="1985"), TWO, id="a year of birth is not enough"),
    pytest.param(person(phone="+447700900655"), person(phone="+447700900655"), ONE, id="name and phone"),
    pytest.param(
        person(("shabana", "bibi"), phone="+447700900417"), person(phone="+447700900417"), TWO,
        id="a shared handset joins nobody without the name",
    ),
    pytest.param(person(door=DOOR), person(door=DOOR), ONE, id="name and flat-level address"),
    pytest.param(person(door=f"flat 2|{DOOR}"), person(door=f"flat 3|{DOOR}"), TWO, id="another flat"),
    pytest.param(person(birth="1985-07-03", door=DOOR), person(birth="1958-02-11", door=DOOR), TWO, id="father and son"),
    pytest.param(
        person(door=DOOR, generation="snr"), person(door=DOOR, generation="jnr"), TWO, id="senior and junior"
    ),
    pytest.param(
        person(birth="1985-07-03", door=DOOR), person(birth="1985-03-07", door=DOOR), ONE, id="day and month swapped"
    ),
    pytest.param(
        person(ident="pnc:2003/9900012C", birth="1985-07-03"), person(ident="pnc:2003/9900012C", birth="1999-01-20"), TWO,
        id="one PNC, contradicting births",
    ),
    pytest.param(
        person(ident="pnc:1", birth="1985-07-03"), person(ident="pnc:2", birth="1985-07-03"), TWO,
        id="name and birth, contradicting PNCs",
    ),
    pytest.param(
        person(birth="1950-05-03", door=DOOR), person(birth="1980-05-03", door=DOOR), TWO,
        id="one digit of the decade: as likely father and son",
    ),
    pytest.param(person(birth="1980-05-03", door=DOOR), person(birth="1980-05-13", door=DOOR), ONE, id="one digit of the day"),
    pytest.param(person(birth="1950-05-03", door=DOOR), person(years=(1998, 1999), door=DOOR), TWO, id="an age of nineteen"),
    pytest.param(person(years=(1952, 1953), door=DOOR), person(years=(1991, 1992), door=DOOR), TWO, id="ages far apart"),
    pytest.param(person(years=(1990, 1991), door=DOOR), person(years=(1992, 1993), door=DOOR), ONE, id="ages a guess apart"),
    pytest.param(person(door=DOOR, generation="snr"), person(door=DOOR), TWO, id="senior, and one who does not say"),
    pytest.param(
        person(birth="1958-02-11", door=DOOR, generation="snr"), person(birth="1958-02-11", door=DOOR), ONE,
        id="senior, and one of the same birth who does not say",
    ),
    pytest.param(
        person(birth="1958-02-11", door=DOOR, generation="snr"), person(years=(1955, 1960), door=DOOR), ONE,
        id="senior, and one of his age who does not say",
    ),
    pytest.param(
        person(birth="1958-02-11", door=DOOR, generation="snr"), person(years=(1984, 1985), door=DOOR), TWO,
        id="senior, and one of a junior's age",
    ),
    pytest.param(
        person(("ryan", "doyle"), "2001-05-04", door=DOOR), person(("ronan", "doyle"), "2001-05-04", door=DOOR), TWO,
        id="twins",
    ),
    pytest.param(person(("asif",), phone="+447700900655"), person(("asif",), phone="+447700900655"), TWO, id="one token"),
    pytest.param(
        person(("a", "khan"), phone="+447700900655"), person(("a", "khan"), phone="+447700900655"), TWO, id="initial"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "expected"), CASES)
def test_two_mentions(first: Made, second: Made, expected: list[frozenset[int]]) -> None:
    assert joined(first, second) == set(expected)


def test_a_mention_that_could_be_father_or_son_is_joined_to_neither() -> None:
    father = person(birth="1958-02-11", door=DOOR)
    son = person(birth="1985-07-03", door=DOOR)
    silent = person(door=DOOR)
    for order in permutations([father, son, silent]):
        assert joined(*order) == {frozenset({0}), frozenset({1}), frozenset({2})}


def test_who_does_not_say_is_not_the_senior_at_one_door_but_may_be_each_other() -> None:
    people = [
        person(door=DOOR),
        person(door=DOOR, generation="snr"),
        person(door=DOOR),
        person(door=DOOR, generation="snr"),
    ]
    assert joined(*people) == {frozenset({0, 2}), frozenset({1, 3})}


def test_a_date_given_seldom_speaks_against_no_age() -> None:
    dates = ["1961-08-26"] * 4 + ["1951-08-26"]
    people = [person(birth=each, door=DOOR) for each in dates]
    assert len(joined(*people, person(years=(1958, 1969), door=DOOR))) == 1
    assert len(joined(*people, person(years=(1984, 1985), door=DOOR))) == 2


def test_a_chain_never_joins_people_who_contradict() -> None:
    first = person(birth="1985-07-03", phone="+447700900655")
    bridge = person(phone="+447700900655", door=DOOR)
    last = person(birth="1958-02-11", door=DOOR)
    assert frozenset({0, 1, 2}) not in joined(first, bridge, last)


def test_slips_do_not_add_up() -> None:
    people = [person(birth=each, phone="+447700900655") for each in ("1981-03-01", "1982-03-01", "1982-03-11")]
    assert frozenset({0, 1, 2}) not in joined(*people)


def test_links_hold_together_for_a_viewer_who_sees_one_label_only() -> None:
    people = [person(phone="+447700900655", label=label) for label in ("open", "restricted", "open", "restricted")]
    links = link(Candidate(n, label, profile, doors) for n, (profile, doors, label) in enumerate(people)).links
    seen = {0, 2}
    assert any({each.first, each.second} <= seen for each in links)


SAME = Settled(same=frozenset({(0, 1)}))
APART = Settled(apart=frozenset({(0, 1)}))
PHONE = "+447700900655"


def test_people_join_what_contradicts_and_what_fits_either_still_joins() -> None:
    contradicting = [person(birth="1985-07-03", phone=PHONE), person(birth="1958-02-11", phone=PHONE)]
    assert joined(*contradicting) == set(TWO)
    assert joined(*contradicting, settled=SAME) == set(ONE)
    for more in (person(birth="1958-02-11", phone=PHONE), person(birth="1985-07-03", phone=PHONE), person(phone=PHONE)):
        assert joined(*contradicting, more, settled=SAME) == {frozenset({0, 1, 2})}
    assert len(joined(*contradicting, person(birth="1999-12-24", phone=PHONE), settled=SAME)) == 2


def test_what_people_told_apart_no_rule_and_no_chain_joins() -> None:
    one, other = person(birth="1985-07-03", phone=PHONE), person(birth="1985-07-03", door=DOOR)
    assert joined(one, other) == set(ONE)
    assert joined(one, other, settled=APART) == set(TWO)
    bridge = person(birth="1985-07-03", phone=PHONE, door=DOOR)
    assert not any({0, 1} <= part for part in joined(one, other, bridge, settled=APART))


def test_a_mention_that_fits_two_who_were_told_apart_joins_neither() -> None:
    same = person(birth="1985-07-03", door=DOOR)
    assert joined(same, same, same, settled=APART) == {frozenset({0}), frozenset({1}), frozenset({2})}


def test_a_mention_that_fits_two_stays_with_the_one_where_people_named_who_does_not_belong() -> None:
    same = person(birth="1985-07-03", door=DOOR)
    for stays, odd in ((0, 1), (1, 0)):
        settled = Settled(APART.same, APART.apart, frozenset({(stays, odd)}))
        assert joined(same, same, same, same, settled=settled) == {frozenset({stays, 2, 3}), frozenset({odd})}


def test_a_bar_stands_against_rulings_that_would_bridge_it_and_says_so() -> None:
    people = [person(), person(), person()]
    candidates = [Candidate(n, label, profile, doors) for n, (profile, doors, label) in enumerate(people)]
    linked = link(candidates, Settled(frozenset({(0, 2), (1, 2)}), frozenset({(0, 1)})))
    assert linked.unmet == [(1, 2)]
    assert [each.rule for each in linked.links] == ["decided"]


@pytest.mark.parametrize("ruling", [Settled(frozenset({(0, 2), (1, 2)})), Settled(apart=frozenset({(0, 2), (1, 2)}))])
def test_a_ruling_on_a_closed_mention_changes_nothing_for_those_who_do_not_see_it(ruling: Settled) -> None:
    for births in (("1985-07-03", "1958-02-11"), ("1985-07-03", "1985-07-03")):
        people = [person(birth=birth, door=DOOR) for birth in births]
        people.append(person(birth=births[0], door=DOOR, label="restricted"))
        candidates = [Candidate(n, label, profile, doors) for n, (profile, doors, label) in enumerate(people)]
        without, ruled = link(candidates[:2]), link(candidates, ruling)
        assert {n: ruled.cells[n] for n in (0, 1)} == without.cells
        assert [each for each in ruled.links if each.second < 2] == without.links
        assert all(rank > 0 for rank, _, _ in ruled.joins)


births = st.sampled_from(["", "1985-07-03", "1985-03-07", "1958-02-11"])
somebody = st.builds(
    person,
    st.sampled_from([ASIF, ("shabana", "bibi"), ("asif",)]),
    births,
    st.sampled_from(["", "+447700900655", "+447700900417"]),
    st.sampled_from(["", DOOR]),
    st.sampled_from(["", "pnc:1", "pnc:2"]),
)


@settings(deadline=None)
@given(st.lists(somebody, max_size=12))
def test_no_component_holds_two_different_pncs_and_links_are_ordered(people: list[Made]) -> None:
    candidates = [Candidate(n, label, profile, doors) for n, (profile, doors, label) in enumerate(people)]
    links, roots, _, _ = link(candidates)
    assert all(each.first < each.second for each in links)
    assert len({(each.first, each.second) for each in links}) == len(links)
    for root in set(roots.values()):
        found = {each for n in roots if roots[n] == root for each in people[n][0].identifiers}
        assert len(found) <= 1
