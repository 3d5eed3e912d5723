"""What a viewer may not see cannot be inferred: the leak suite (tests/leaks.py), of which every run asks a sample."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from discoverer.errors import NotPermitted
from discoverer.model import Visibility
from tests.leak_guards import GUARDS, Guard, noticed
from tests.leak_plants import ITEMS, Words
from tests.leaks import (
    DOORS,
    ROLES,
    WITHOUT_CONTENT,
    Probe,
    Suite,
    ask,
    every_probe,
    sample,
    secrets_of,
    set_up,
    viewer,
)

SAMPLE = 200
"""Probes of every run."""
QUICK = (
    "role: what it reads",
    "permitted: what a viewer may read of a build",
    "index: vocabulary by label",
    "store: free words by label",
)
"""Guards that every run takes away; the others are slower to miss."""
LEAST = 50_000
"""Probes that the whole suite must ask at least, without one leak."""
DIFFERING = ("call_handler", "da_specialist", "intelligence", "analyst")
"""One role for each set of labels that roles read."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """Lend the suite; its indexes are built once."""
    folder = tmp_path_factory.mktemp("leaks")
    yield Suite(folder, set_up(folder / "whole"))


@pytest.fixture(scope="module")
def probes(suite: Suite) -> list[Probe]:
    """Return everything that can be asked."""
    return every_probe(suite.whole)


def test_a_sample_of_every_door_gives_nothing_away_to_any_role(suite: Suite, probes: list[Probe]) -> None:
    found = suite.run(sample(probes, SAMPLE, DIFFERING))
    assert found.doors.keys() == DOORS.keys()
    assert found.leaks == []


@pytest.mark.slow
def test_at_least_fifty_thousand_probes_give_nothing_away(suite: Suite, probes: list[Probe]) -> None:
    found = suite.run((role, probe) for role in ROLES for probe in probes)
    assert found.leaks == []
    assert found.probes >= LEAST


@pytest.mark.parametrize("guard", [pytest.param(each, id=each.name) for each in GUARDS if each.name in QUICK])
def test_a_guard_taken_away_is_noticed_at_a_door(suite: Suite, guard: Guard) -> None:
    assert noticed(suite, guard) == "door"


@pytest.mark.slow
@pytest.mark.parametrize("guard", [pytest.param(each, id=each.name) for each in GUARDS])
def test_any_one_guard_taken_away_is_noticed(suite: Suite, guard: Guard) -> None:
    assert noticed(suite, guard)


def test_where_no_guard_is_taken_away_nothing_is_noticed(suite: Suite) -> None:
    assert not noticed(suite, Guard("none", nullcontext))


@pytest.mark.parametrize("words", [pytest.param(words, id=words.label.value) for words in ITEMS])
def test_whoever_may_read_an_item_is_told_of_it_at_every_kind_of_door(suite: Suite, words: Words) -> None:
    """The near miss: the probes reach what they are meant to reach, or that nothing leaks would say nothing."""
    readers = [role for role in ROLES if words.label in suite.scopes[role]]
    assert readers or words.label is Visibility.SEALED
    form = f"domestic_abuse:DA/{words.code}/90001"
    reached = [
        Probe("search", (f"{words.alone[0]} {words.alone[1]}",)),
        Probe("fields", ("phone", f"077009004{words.code}")),
        Probe("search", (words.alone[4],)),
        Probe("show", ("person", f"{form}#0")),
        Probe("show", ("event", form)),
        Probe("brief", ("person", f"{form}#0")),
        Probe("web", ("/api/v1/search", "q", f"{words.alone[0]} {words.alone[1]}")),
        Probe("web", ("/show/person", "id", f"{form}#0")),
    ]
    for role in ROLES:
        for probe in reached:
            answer, typed = ask(suite.whole, viewer(role), probe).lower(), " ".join(probe.asked).lower()
            told = [each for each in secrets_of(words.label) if each in answer and each not in typed]
            assert bool(told) is (role in readers), (role, probe, told)


@pytest.mark.parametrize("role", WITHOUT_CONTENT)
def test_a_role_without_content_is_refused_alike_whatever_it_asks_about(
    suite: Suite, probes: list[Probe], role: str
) -> None:
    doors = ("search", "fields", "reading", "lookup", "show", "show all", "brief", "since", "decisions", "figures")
    for door in doors:
        refusals = set()
        for _, probe in sample([each for each in probes if each.door == door], 20, (role,)):
            with pytest.raises(NotPermitted) as refused:
                list(DOORS[door](suite.whole, viewer(role), probe.asked))  # type: ignore[call-overload]
            refusals.add(str(refused.value))
        assert len(refusals) == 1, door
