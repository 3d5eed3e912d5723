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
