"""Taking newcomers for whom they are: what their neighbours' records say around them, and how it is measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from adapters.registry import load_adapter
from discoverer.match.profiles import PersonProfile
from discoverer.model import Found, Record
from discoverer.normalise.names import read_names
from index.beside import Around, around
from index.mentions import clean
from tests import tiny_sources as tiny
from tests.conftest import SMALL
from tests.figures import freshness
from tests.figures.attach import _compared

ON = date(2018, 11, 18)


def said(record: Record, known: frozenset[str]) -> dict[int, Around]:
    """Return what a record says around each person of its fields."""
    mentions = clean(record, known, ON)[0]
    people = [each for each in mentions if isinstance(each.value, PersonProfile) and each.found is Found.FIELD]
    return {each.position: around(each, mentions) for each in people}


def test_what_texts_say_is_around_nobody() -> None:
    """So neighbours of newcomers are read without them (`said_around`, index/beside.py)."""
    found = list(islice(tiny.believed(load_adapter(SMALL / "sources" / "incidents.toml")), 200))
    names = (name for record in found for person in record.persons for raw in person.names for name in read_names(raw))
    known = frozenset(token for name in names for token in name.tokens)
    in_texts = 0
    for record in found:
        assert said(record, known) == said(replace(record, texts=(), orders=()), frozenset())
        in_texts += any(each.found is Found.TEXT for each in clean(record, known, ON)[0])
    assert in_texts > 50, "the texts must name somebody, or nothing is shown"


BUILT = {"old:1#0": 1, "old:2#0": 1, "old:3#0": 2, "new:1#0": 1, "new:2#0": 2}
NAMED = {"old:1": {"a"}, "old:2": {"a"}, "old:3": {"b"}, "new:1": {"a"}, "new:2": {"b"}}


@pytest.mark.parametrize(
    ("came_in", "found", "wrong", "parted", "true", "right", "possible"),
    [
        pytest.param(BUILT, 3, 0, 0, 0, 2, 0, id="as the build"),
        pytest.param({**BUILT, "new:1#0": 9}, 1, 0, 0, 0, 1, 2, id="one left alone but shown as possible"),
        pytest.param({**BUILT, "new:1#0": 2}, 1, 1, 0, 0, 1, 2, id="one put with another"),
        pytest.param({**BUILT, "old:3#0": 1, "new:2#0": 1}, 3, 3, 3, 0, 2, 0, id="persons the build parts"),
    ],
)
def test_newcomers_are_counted_beside_a_build(
    came_in: dict[str, int], found: int, wrong: int, parted: int, true: int, right: int, possible: int
) -> None:
    counted = _compared(came_in, BUILT, {("new:1#0", 1)}, {"new:1", "new:2"}, NAMED)
    told = (counted.found, counted.wrong, counted.parted, counted.true, counted.right, counted.possible)
    assert (counted.newcomers, counted.pairs) == (2, 3)
    assert told == (found, wrong, parted, true, right, possible)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(("worst_delay", 4.9, ""), "ok", id="soon enough"),
        pytest.param(("worst_delay", float("inf"), ""), "FALLS SHORT", id="never found"),
        pytest.param(("attached_recall", 0.91, ""), "ok", id="enough"),
        pytest.param(("attached_recall", 0.89, ""), "FALLS SHORT", id="too little"),
        pytest.param(("lost", 1, ""), "FALLS SHORT", id="one lost"),
    ],
)
def test_a_figure_is_held_against_its_target(row: freshness.Row, said: str) -> None:
    assert freshness.line(row, freshness.targets()).startswith(said)
