"""The persons so far, kept from round to round, are as though they had been gathered anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

import pytest

from discoverer.match.profiles import PersonProfile
from index import linking_namesakes
from index.linking_facts import Components, facts_of
from index.linking_gathered import Gathered
from index.linking_namesakes import Namesakes, _around, _called
from index.linking_persons import Persons
from index.linking_small import pairs_in_blocks
from index.linking_types import Candidate
from index.resolve import link
from tests.test_linking import MODEL, dirty


def told(persons: Persons, seen: Sequence[Candidate]) -> tuple[object, ...]:
    """Return all that rounds are made of: who says what, how rare it is, who meets whom, who may be either of two."""
    rows = [row for table in persons.rows().tables(persons.rarity) for row in table.rows()]
    tokens = sorted({token for each in seen for name in each.profile.names for token in name})
    return (
        {root: ([each.number for each in said.members], said.fresh) for root, said in persons.said.items()},
        [(persons.rarity.bits(token), persons.rarity.stands(token)) for token in tokens],
        {frozenset((rows[a].root, rows[b].root)) for a, b in pairs_in_blocks(rows)},
        [persons.namesakes.two_around(each) for each in seen],
    )


def test_what_is_kept_from_round_to_round_is_what_would_be_gathered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    renew = Persons.renew
    rounds: list[bool] = []

    def checked(persons: Persons, seen: Sequence[Candidate], new: Sequence[Candidate], fresh: Collection[int]) -> None:
        renew(persons, seen, new, fresh)
        anew = Persons(persons.components)
        renew(anew, seen, seen, fresh)
        rounds.append(told(persons, seen) == told(anew, seen))

    monkeypatch.setattr(Persons, "renew", checked)
    dice = random.Random(2)
    labels = ["open", "open", "restricted", "protected"]
    link([each._replace(visibility=dice.choice(labels)) for each in dirty(500)], model=MODEL)
    assert len(rounds) > 8 and all(rounds)


def test_who_may_be_either_of_two_is_told_as_by_going_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Held to the plain definition, which looks at every bearer of the name."""
    found: Counter[bool] = Counter()

    def plainly(namesakes: Namesakes, candidate: Candidate) -> bool:
        here = set(_around(candidate)) - namesakes._crowded
        near = [
            namesakes._components.facts(root)
            for key in _called(candidate.profile)
            for root in dict.fromkeys(namesakes._ever.get(key, ()))
            if root in namesakes._known
            and any(not here.isdisjoint(_around(each)) for each in namesakes._known[root].members)
        ]
        return any(
            all(one.contradicts(other) and not one.mistyped_from(other) for one in mine for other in theirs)
            for mine, theirs in combinations(near, 2)
        )

    renew = Persons.renew

    def checked(persons: Persons, seen: Sequence[Candidate], new: Sequence[Candidate], fresh: Collection[int]) -> None:
        renew(persons, seen, new, fresh)
        for each in seen:
            told_here = persons.namesakes.two_around(each)
            assert told_here is plainly(persons.namesakes, each)
            found[told_here] += 1

    monkeypatch.setattr(Persons, "renew", checked)
    dice = random.Random(3)
    births = ((), ("1950-03-14",), ("1980-07-21",), ("1980-07-22",))
    people = [
        Candidate(
            number, "open",
            PersonProfile(
                names=((dice.choice(("asif", "adam", "imran")), dice.choice(("khan", "lewis", "malik"))),),
                births=dice.choice(births), homes=(f"|{dice.randrange(20)}|hillaires test road",),
            ), (),
        )
        for number in range(400)
    ]  # fmt: skip
    link(people, model=MODEL)
    assert found[True] > 50 and found[False] > 50


def test_a_name_that_many_bear_is_gone_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million records were not linked in half an hour: every bearer was looked at for every pair."""
    many = 300
    people = [
        Candidate(
            number, "open",
            PersonProfile(
                names=(("asif", "khan"),), homes=(f"|{number % many}|hillaires test road",),
                births=() if number < many else (f"19{number % 90 + 10}-01-02",),
            ), (),
        )
        for number in range(2 * many)
    ]  # fmt: skip
    components = Components()
    for each in people:
        components.add(each.number, facts_of(each.profile))
    namesakes = Namesakes(components)
    namesakes.renew((), {each.number: Gathered([each]) for each in people}, people)
    looked: Counter[int] = Counter()
    around = linking_namesakes._around

    def counted(candidate: Candidate) -> Iterator[str]:
        looked[candidate.number] += 1
        return around(candidate)

    monkeypatch.setattr(linking_namesakes, "_around", counted)
    assert not any(namesakes.two_around(each) for each in people[:many])
    assert looked and max(looked.values()) <= 2
