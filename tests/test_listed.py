"""Rules about people whom the force lists: what names one of its own is closed, however it names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from discoverer.access import Viewer
from discoverer.access_rules import SHIPPED, read_access
from discoverer.app import App
from discoverer.errors import ConfigError
from discoverer.labelling import labelling_of
from discoverer.listed import read_listed
from discoverer.model import Location, Person, Phone, Record, Reference, Role, Text, Visibility, WrittenId
from discoverer.settings import EXACT, AccessSettings, Settings
from index.build import build
from index.sync import Syncer
from tests.cast import AS_AT
from tests.feed import Feed

PEOPLE = """
lists = ["staff", "councillors"]

[[person]]
list = "staff"
names = ["Robin Wexcombe", "Robin Tarrant"]
born = "03/07/1979"
numbers = ["07700 900611"]
addresses = ["12 Oldmeadow Test Road, B23 6XX"]
identifiers = ["1979/0123456T"]
why = "An officer of this force."
"""
RULE = """
[[rule]]
id = "own-staff"
when = { listed = "staff" }
label = "sealed"
why = "Nobody looks up a colleague."
"""


def person(*names: str, dobs: tuple[str, ...] = (), **more: object) -> Record:
    """Return a record that names somebody."""
    made = Record("incidents", ("1", "2014-01-01"), persons=(Person(0, Role.VICTIM, names, dobs),))
    return replace(made, **more)  # type: ignore[arg-type]


HOME = (Location(1, Role.SCENE, "12 Oldmeadow Test Rd", "B23 6XX"),)
NAMED = [
    pytest.param(person("WEXCOMBE, ROBIN", dobs=("3 July 1979",)), True, id="name and birth, written otherwise"),
    pytest.param(person("Robyn Weckscombe", dobs=("030779",)), True, id="a slip in the name"),
    pytest.param(person("R Tarrant", dobs=("07/03/1979",)), True, id="another name, day and month exchanged"),
    pytest.param(person("Robin Wexcombe", dobs=("04/07/1979",)), False, id="another birth"),
    pytest.param(person("Robin Patel", dobs=("07/03/1979",)), False, id="a forename and a birth like it"),
    pytest.param(person("X", summary="RING 07700 900611"), True, id="a number in a summary"),
    pytest.param(person("Robin Wexcombe"), False, id="a name alone, which others bear"),
    pytest.param(person("Asif Khan", dobs=("03/07/1979",)), False, id="a birth alone"),
    pytest.param(person("Kim Wexcombe", locations=HOME), True, id="family at the address"),
    pytest.param(person("Asif Khan", locations=HOME), False, id="somebody else there"),
    pytest.param(
        person("Kim Wexcombe", locations=(replace(HOME[0], text="14 Oldmeadow Test Rd"),)),
        False,
        id="the house next door",
    ),
    pytest.param(person("X", phones=(Phone(1, Role.CALLBACK, "+44 7700 900611"),)), True, id="a number"),
    pytest.param(person("X", phones=(Phone(1, Role.CALLBACK, "07700900612"),)), False, id="a number near it"),
    pytest.param(person("X", texts=(Text("RING BACK ON 07700900611 AFTER SIX"),)), True, id="a number in text"),
    pytest.param(person("X", texts=(Text("PNCID 79/123456T"),)), True, id="an identifier in text"),
    pytest.param(person("X", references=(Reference("pnc", "1979/0123456T"),)), True, id="an identifier beside"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose rules close what names the force's own."""
    (tmp_path / "people.toml").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "people.toml").chmod(0o600)
    (tmp_path / "access.toml").write_text(SHIPPED.read_text(encoding="utf-8") + RULE, encoding="utf-8")
    access = AccessSettings(rules=tmp_path / "access.toml", people=tmp_path / "people.toml")
    return Settings(
        state_dir=tmp_path / "state", sources_dir=tmp_path, sources=("incidents", "custody"), workers=1, linking=EXACT,
        as_at=datetime.fromisoformat(AS_AT), access=access,
    )  # fmt: skip


@pytest.mark.parametrize(("record", "closed"), NAMED)
def test_what_names_one_of_them_is_closed_and_nothing_like_it(settings: Settings, record: Record, closed: bool) -> None:
    assert (labelling_of(settings).closed(record).visibility is Visibility.SEALED) is closed


def test_whoever_is_on_two_lists_is_on_both(settings: Settings) -> None:
    file = settings.access.people
    assert file is not None
    also = '[[person]]\nlist = "councillors"\nnumbers = ["07700 900611"]\nidentifiers = ["1979/0123456T"]\nwhy = "x"\n'
    file.write_text(PEOPLE + also, encoding="utf-8")
    for more in ({"phones": (Phone(1, Role.CALLBACK, "07700900611"),)}, {"texts": (Text("PNCID 79/123456T"),)}):
        assert labelling_of(settings).closed(person("X", **more)).visibility is Visibility.SEALED


def test_an_identifier_of_a_person_in_a_field_counts(settings: Settings) -> None:
    holder = Person(0, Role.SUSPECT, ("Somebody Else",), identifiers=(WrittenId("pnc", "79/123456T"),))
    assert labelling_of(settings).closed(Record("incidents", ("1",), persons=(holder,))).visibility is Visibility.SEALED


MISTAKES = [
    pytest.param('names = ["A B"]', "by less nobody can be told", id="a name alone"),
    pytest.param('numbers = ["12"]', "the number '12' cannot be read", id="no number"),
    pytest.param('identifiers = ["79/123456A"]', "the identifier '79/123456A' cannot be read", id="a wrong letter"),
    pytest.param('names = ["A B"]\nborn = "1979"', "the date of birth '1979' cannot be read", id="a year alone"),
    pytest.param('names = ["A B"]\naddresses = ["NFA"]', "the address 'NFA' cannot be read", id="no address"),
    pytest.param('numbers = ["07700 900612"]\ncolour = "red"', "colour", id="an unknown word"),
]


@pytest.mark.parametrize(("given", "said"), MISTAKES)
def test_what_would_close_nothing_is_refused(given: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(f'lists = ["staff"]\n[[person]]\nlist = "staff"\nwhy = "x"\n{given}\n', encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(ConfigError, match=said.replace("'", ".")):
        read_listed(file)


def test_others_may_not_read_it_and_its_lists_are_known(settings: Settings) -> None:
    file = settings.access.people
    assert file is not None
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        labelling_of(settings)
    file.chmod(0o600)
    file.write_text(PEOPLE.replace('"staff"', '"officers"'), encoding="utf-8")
    with pytest.raises(
        ConfigError, match="rule own-staff asks for the list 'staff'; the lists are councillors, officers"
    ):
        labelling_of(settings)
    nothing = settings.model_copy(update={"access": settings.access.model_copy(update={"people": None})})
    with pytest.raises(ConfigError, match="none: the settings name no file of them"):
        labelling_of(nothing)


def test_a_stub_asks_for_no_list(settings: Settings) -> None:
    rules = settings.access.rules
    assert rules is not None
    stub = '[[stub]]\nid = "s"\nroles = ["rad"]\nlabels = ["sealed"]\nwhen = { listed = "staff" }\nwords = "x"\nwhy = "y"\n'
    rules.write_text(rules.read_text(encoding="utf-8") + stub, encoding="utf-8")
    with pytest.raises(ConfigError, match="a stub cannot ask for a list"):
        read_access(rules)


STRANGER = Record("incidents", ("9", "2014-01-01"), persons=(Person(0, Role.VICTIM, ("Ada Quorn",), ("01/02/1980",)),))


def other() -> Feed:
    """Return a source that can always be read."""
    made = Feed("custody")
    made.put(Record("custody", ("ND/1/14",), persons=(Person(0, Role.DETAINEE, ("Tom Quill",)),)))
    return made


@pytest.fixture
def feed(settings: Settings) -> Iterator[Feed]:
    """Return a source with an officer's call and a stranger's, built."""
    made = Feed("incidents")
    made.put(STRANGER)
    made.put(person("Robin Wexcombe", dobs=("03/07/1979",), phones=(Phone(1, Role.CALLED_FROM, "07700 900633"),)))
    build(settings, [made, other()])
    yield made


def found(settings: Settings, role: str, typed: str) -> int:
    """Return how many hits somebody of a role has."""
    with App(settings) as app:
        return len(app.search(Viewer("Alex", role, log="1-2014-01-01"), typed).hits)


def test_it_is_closed_to_every_role_by_name_and_by_the_number_of_its_record(settings: Settings, feed: Feed) -> None:
    for role in ("call_handler", "supervisor", "da_specialist", "intelligence", "analyst"):
        assert not found(settings, role, "robin wexcombe") and not found(settings, role, "07700 900633")
        assert found(settings, role, "ada quorn") == 1


MORE = '[[person]]\nlist = "staff"\nnames = ["Ada Quorn"]\nborn = "1/2/1980"\naddresses = []\nwhy = "x"\n'


def test_who_is_listed_later_is_closed_by_a_sync_when_a_record_comes_in(settings: Settings, feed: Feed) -> None:
    file = settings.access.people
    assert file is not None
    file.write_text(PEOPLE + MORE, encoding="utf-8")
    assert found(settings, "call_handler", "ada quorn") == 1  # nobody is stopped in the day by a list that changed
    feed.put(person("Ada Quorn", dobs=("01/02/1980",), key=("7", "2014-01-02")))
    feed.put(person("Ada Quorn", key=("8", "2014-01-02")))
    with Syncer(settings, [feed, other()]) as syncer:
        syncer.once()
    with App(settings) as app:
        hits = app.search(Viewer("Alex", "call_handler"), "ada quorn").hits
    assert {each.ref for hit in hits for each in hit.records} == {"9/2014-01-01", "8/2014-01-02"}


@pytest.mark.parametrize("down", ["", "it does not answer"])
def test_who_is_listed_later_is_closed_by_the_next_build_a_source_carried_over_too(
    settings: Settings, feed: Feed, down: str
) -> None:
    file = settings.access.people
    assert file is not None
    file.write_text(PEOPLE + MORE, encoding="utf-8")
    feed.down = down
    build(settings, [feed, other()])
    assert found(settings, "call_handler", "ada quorn") == 0
