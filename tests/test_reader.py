"""What a reader asks for once, and what a large build keeps aside: never at the price of another answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

import index.reader
from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.model import Location, Person, Phone, Record, Role, Visibility
from index.engine import Engine, Postings
from index.reader import Reader, Scope
from tests.cast import log, make_app

EVERYTHING = Scope(frozenset(Visibility))
OPEN = Scope(frozenset({Visibility.OPEN}))


class Counting:
    """An engine that notes what it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked: list[str] = []

    def look_up(self, key: str, limit: int) -> Postings:
        """Note the key, and answer."""
        self.asked.append(key)
        return self._engine.look_up(key, limit)

    def close(self) -> None:
        """Do nothing: the engine is not this one's."""


def quills() -> list[Record]:
    """Two people of one name, one of them protected, each with a home and a number, and one who rang."""

    def told(number: str, label: Visibility) -> Record:
        her = Person(0, Role.VICTIM, ("PIETRA QUILL",), visibility=label)
        home = Location(1, Role.HOME, f"{number} QUILL TEST ROAD, ERDINGTON", "B23 6XX", holder=0, visibility=label)
        scene = Location(2, Role.SCENE, "9 OTHER TEST ROAD, ERDINGTON", "B23 6XX", visibility=label)
        phone = Phone(3, Role.OWN, f"07700 90080{number}", holder=0, visibility=label)
        text = "CALLER ON 07700 900899 SAYS SHE LIVES AT 44 THIRD TEST ROAD"
        return log(number, "2014-01-02", persons=(her,), locations=(home, scene), phones=(phone,), text=text)

    return [told("1", Visibility.OPEN), told("2", Visibility.PROTECTED)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with make_app(tmp_path / "state", {"incidents": quills()}) as made:
        yield made


def test_a_key_is_looked_up_once_and_for_one_reader_alone(app: App) -> None:
    with app._live.reading() as built:
        engine = Counting(built.engine)
        seen = built.seen_as(built.people, engine)
        whole, part = Reader(seen, EVERYTHING), Reader(seen, OPEN)
        first = whole.look_up("n1:quill", 10)
        asked = len(engine.asked)
        assert whole.look_up("n1:quill", 10) == first and len(engine.asked) == asked
        whole.look_up("n1:quill", 1)
        assert len(engine.asked) == 2 * asked, "another limit is another question"
        part.look_up("n1:quill", 10)
        assert engine.asked[2 * asked :] == ["open/n1:quill"], "what one scope was told is not told to another"


@pytest.mark.parametrize("scope", [EVERYTHING, OPEN], ids=["everything", "open"])
def test_contacts_are_what_fields_say_is_somebodys(app: App, scope: Scope) -> None:
    with app._live.reading() as built:
        reader = Reader(built, scope)
        places = [(0, n) for n in (1, 2)]
        everyone = reader.everyone_in(places)
        held = [row for row in everyone if row.kind != "person" and row.found == "field" and row.holder is not None]
        assert reader.contacts_in(places) == held
        assert len(held) == 2 * (1 + (scope is EVERYTHING)) < len(everyone)


@pytest.mark.parametrize(("many", "aside"), [(2, True), (3, False)], ids=["a large build", "a small one"])
def test_what_a_large_build_keeps_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, aside: bool
) -> None:
    monkeypatch.setattr(index.reader, "MANY", many)
    before = gc.get_threshold()
    gc.unfreeze()
    try:
        with make_app(tmp_path / "state", {"incidents": quills()}) as made:
            assert made.search(DEMO_VIEWER, "pietra quill").hits
            assert (gc.get_freeze_count() > 0) is aside
            assert (gc.get_threshold()[0] == index.reader.NEW_OBJECTS) is (
                aside or before[0] == index.reader.NEW_OBJECTS
            )
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@pytest.mark.parametrize("scope", [EVERYTHING, OPEN], ids=["everything", "open"])
def test_a_group_read_whole_answers_as_one_that_was_not(app: App, scope: Scope) -> None:
    with app._live.reading() as built:
        groups = [group for (group,) in built.people._rows("SELECT g FROM grp ORDER BY g")]
        assert len(groups) > 4
        for group in map(int, map(str, groups)):
            whole, piecemeal = Reader(built, scope), built.people
            rows = whole.members(group, 1_000)
            for only in (None, frozenset({row.m for row in rows[:1]})):
                assert whole.earliest(group, only) == piecemeal.earliest(group, scope.labels, only)
                parts = {
                    each[1:] for each in piecemeal.parts_of(group, scope.labels) if only is None or each[0] in only
                }
                assert whole.parts_of(group, only) == parts
            assert whole.weighty_members(group) == piecemeal.weighty_members(group, scope.labels)
            assert whole.members(group, 1) == piecemeal.members(group, scope.labels, 1)
            places = {m: (segment, n) for m, segment, n in piecemeal.places_of(group, scope.labels)}
            assert {m: place for part in whole.components(group) for m, place in part.items()} == places


def test_a_group_read_in_part_is_not_taken_for_whole(app: App) -> None:
    with app._live.reading() as built:
        scene = [row.grp for row in built.people.in_records({(0, 1)}, "location", EVERYTHING.labels)][1]
        reader = Reader(built, EVERYTHING)
        assert len(reader.members(scene, 1)) == 1
        assert len(reader.members(scene, 10)) == 2 == len(reader.parts_of(scene, None))
