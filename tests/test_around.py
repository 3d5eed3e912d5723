"""The card of one record carries the risk known for its number, place and people, and says whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards
from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.model import Location, Person, Phone, Record, RiskLevel, Role, Visibility
from tests.cast import by_source, dash, log, make_app

HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
NUMBER = "07700 900417"
HERS, HIS = Phone(8, Role.OWN, NUMBER, holder=0), Phone(8, Role.OWN, NUMBER, holder=1)
DOOR = "5 MANYFOLD TEST ROAD, ERDINGTON"
HOME = Location(9, Role.HOME, DOOR, "B23 6XX", holder=0)
FORM = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM)
CALLED = Phone(0, Role.CALLED_FROM, NUMBER)
SCENE = Location(1, Role.SCENE, DOOR, "B23 6XX")
SAID = "HIGH: HOLLY MANYFOLD as victim of CARL BRANDRETH"


def card(folder: Path, records: Sequence[Record]) -> Hit:
    """Return the card of log 7."""
    with make_app(folder, by_source(records)) as app:
        return next(hit for hit in app.search(DEMO_VIEWER, "7 of 101114").hits if hit.kind.value == "event")


def call(*persons: Person, phones: tuple[Phone, ...] = (), locations: tuple[Location, ...] = ()) -> Record:
    return log("7", "2014-11-10", persons=persons, phones=phones, locations=locations)


def in_part(role: Role, who: Person) -> Person:
    return replace(who, position=3, role=role)


def phones(form: Record, phone: Phone) -> Record:
    return replace(form, phones=(phone,))


HOSTEL = "14 HOSTEL TEST STREET HOSTEL, ERDINGTON"
KNOWN = [
    pytest.param(phones(FORM, HERS), call(phones=(CALLED,)), [("phone", "the victim's")], id="a silent call from her number"),
    pytest.param(phones(FORM, HIS), call(phones=(CALLED,)), [("phone", "the suspect's")], id="a call from his number"),
    pytest.param(phones(FORM, replace(HERS, text="07700 900418")), call(phones=(CALLED,)), [], id="a number one digit away"),
    pytest.param(phones(FORM, replace(HERS, visibility=Visibility.PROTECTED)), call(phones=(CALLED,)), [], id="a number out of scope"),
    pytest.param(replace(FORM, locations=(HOME,)), call(locations=(SCENE,)), [("location", "the victim's")], id="her home"),
    pytest.param(replace(FORM, locations=(HOME,)), call(locations=(replace(SCENE, text="7 MANYFOLD TEST ROAD, ERDINGTON"),)), [], id="next door"),
    pytest.param(replace(FORM, locations=(replace(HOME, text=HOSTEL),)), call(locations=(replace(SCENE, text=HOSTEL),)), [], id="a hostel says nothing of who is there"),
    pytest.param(FORM, call(in_part(Role.CALLER, HER)), [("person", "as victim")], id="she rings herself"),
    pytest.param(FORM, call(in_part(Role.SUSPECT, HIM)), [("person", "as suspect")], id="he is named, she is not"),
    pytest.param(FORM, call(in_part(Role.CALLER, Person(3, Role.CALLER, ("HOLLY MANYFOLD",), ("02/05/1955",)))), [], id="her namesake rings"),
    pytest.param(FORM, call(in_part(Role.VICTIM, HER)), [], id="its victim, told already"),
    pytest.param(phones(dash("DA/14/1", "2014-06-01", RiskLevel.NOT_ASSESSED, HER, HIM), HERS), call(phones=(CALLED,)), [], id="never graded"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "record", "expected"), KNOWN)
def test_a_record_says_what_is_known_for_its_number_place_and_people(
    tmp_path: Path, form: Record, record: Record, expected: list[tuple[str, str]]
) -> None:
    hit = card(tmp_path, [form, record])
    assert [(each.kind, each.whose) for each in hit.risk.around] == expected
    for each in hit.risk.around:
        assert SAID in each.words and "see domestic_abuse DA/14/1" in each.words and each.whose in each.words
        assert each.words in hit.risk.headline
    # It is the victim's: the record itself stays not assessed, and never bears a bare level.
    assert (hit.risk.state, hit.risk.highest) == ("not_assessed", None)
    assert sum("HIGH" in line.text for line in cards.card(hit)) <= 1


def test_the_gravest_comes_first_and_other_victims_of_a_shared_number_are_counted(tmp_path: Path) -> None:
    other = Person(0, Role.VICTIM, ("TRACEY GOODWIN",), ("09/09/1977",))
    records = [
        phones(dash("DA/14/2", "2014-08-01", RiskLevel.STANDARD, other, HIM), HERS),
        phones(FORM, HERS),
        call(in_part(Role.SUSPECT, HIM), phones=(CALLED,)),
    ]
    hit = card(tmp_path, records)
    assert [(each.kind, each.assessed.level) for each in hit.risk.around] == [("person", "high"), ("phone", "high")]
    phone = hit.risk.around[1]
    assert phone.words.endswith("; and 1 other victim assessed with it") and phone.id == "+447700900417"
    assert any(line.text == phone.words and line.style == cards.LOUD for line in cards.card(hit))


def test_only_a_record_carries_what_is_known_around_it(tmp_path: Path) -> None:
    with make_app(tmp_path, {"domestic_abuse": [phones(FORM, HERS)], "incidents": [call(phones=(CALLED,))]}) as app:
        hits = app.search(DEMO_VIEWER, NUMBER).hits
    assert hits and all(hit.risk.around == () for hit in hits if hit.kind.value != "event")


NAMED = Person(4, Role.CALLER, ("SHARON PELHAM",))
# what the form holds, what last night's caller rang from or at, and how her card begins, whom nobody assessed
CALLERS = [
    pytest.param(phones(FORM, HERS), call(NAMED, phones=(CALLED,)), f"known for the number {NUMBER} (the victim's): {SAID}", id="the victim's number"),
    pytest.param(replace(FORM, locations=(HOME,)), call(NAMED, locations=(SCENE,)), "known for the place", id="the victim's home"),
    pytest.param(phones(FORM, replace(HERS, text="07700 900418")), call(NAMED, phones=(CALLED,)), "NOT ASSESSED", id="another number"),
    pytest.param(phones(FORM, replace(HERS, visibility=Visibility.PROTECTED)), call(NAMED, phones=(CALLED,)), "NOT ASSESSED", id="a number out of scope"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "called", "begins"), CALLERS)
def test_somebody_never_assessed_carries_the_risk_known_for_the_number_and_place_of_their_latest_record(
    tmp_path: Path, form: Record, called: Record, begins: str
) -> None:
    with make_app(tmp_path, {form.source: [form], called.source: [called]}) as app:
        (hit,) = [hit for hit in app.search(DEMO_VIEWER, "sharon pelham").hits if hit.kind.value == "person"]
    assert hit.risk.headline.startswith(begins) and "this person NOT ASSESSED" in f"this person {hit.risk.headline}"
    assert hit.risk.state == "not_assessed" and hit.risk.highest is None  # never taken for her own


def test_a_number_of_many_victims_says_nothing_of_one_caller(tmp_path: Path) -> None:
    forms = [
        phones(dash(f"DA/14/{n}", "2014-06-01", RiskLevel.HIGH, Person(0, Role.VICTIM, (name,)), HIM), HERS)
        for n, name in enumerate(("ADA CRANE", "BEA DREWITT", "CLEO FENN", "DOT GARLAND"))
    ]
    with make_app(tmp_path, {"domestic_abuse": forms, "incidents": [call(NAMED, phones=(CALLED,))]}) as app:
        (hit,) = [hit for hit in app.search(DEMO_VIEWER, "sharon pelham").hits if hit.kind.value == "person"]
    assert hit.risk.headline.startswith("NOT ASSESSED")
