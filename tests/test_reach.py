"""Orders of somebody else's record reach the other party: by name, or by an event both records tell of, said as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.history.reach import says
from discoverer.model import Order, Person, Record, RecordKind, Reference, RiskLevel, Role, Visibility
from discoverer.parts import Statement, Topic, Whose
from tests.cast import by_source, dash, day, log, make_app

HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
BY_NAME = Person(1, Role.SUSPECT, ("CARL BRANDRETH",))
ASKED, HIS = "holly manyfold 01/02/1980", "carl brandreth 03/04/1978"
CRIME, OTHER_CRIME = Reference("crime", "20BE/123456A/14"), Reference("crime", "20BE/654321A/14")
BAIL = Order("bail", day("2014-11-01"), day("2014-12-01"), 0, (), ("NOT TO CONTACT THE VICTIM",))


def ask(folder: Path, records: Sequence[Record], typed: str, kind: str = "person") -> Hit:
    """Return the first hit of a kind."""
    with make_app(folder, by_source(records)) as app:
        return next(hit for hit in app.search(DEMO_VIEWER, typed).hits if hit.kind.value == kind)


def orders(hit: Hit) -> list[Statement]:
    return [each for each in (*hit.in_force, *hit.lapsed) if each.topic is Topic.ORDER]


def form(*references: Reference, suspect: Person = BY_NAME) -> Record:
    return dash("DA/14/1", "2014-10-30", RiskLevel.HIGH, HER, suspect, references=references)


def arrest(*references: Reference, order: Order = BAIL, name: str = "CARL BRANDRETH") -> Record:
    """Make a custody record of a man whom nothing but his name ties to the form."""
    who = Person(0, Role.DETAINEE, (name,), ("03/04/1978",))
    return Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-10-31"), "arrested", persons=(who,), orders=(order,),
        references=references,
    )  # fmt: skip


CITES = Reference("log", "88 301014")
SHARED = [
    pytest.param([form(CRIME), arrest(CRIME)], "crime number 20BE123456A14", id="one crime number"),
    pytest.param([form(CRIME), arrest(CRIME, name="KARL BRANDRET")], "crime number 20BE123456A14", id="one crime number, his name spelt otherwise"),
    pytest.param([form(CRIME), arrest(OTHER_CRIME)], "", id="another crime number"),
    pytest.param([form(), arrest()], "", id="no number"),
    pytest.param([form(Reference("crime", "0000")), arrest(Reference("crime", "0000"))], "", id="a number that is none"),
    pytest.param([log("88", "2014-10-30", persons=(HER,)), arrest(CITES)], "log 88/2014-10-30", id="a log that the arrest cites"),
    pytest.param([log("88", "2014-10-29", persons=(HER,)), arrest(CITES)], "", id="the log of that number of the day before"),
    pytest.param([log("88", "2014-10-30", persons=(replace(HER, role=Role.CALLER),)), arrest(CITES)], "", id="only its caller"),
    pytest.param([form(CRIME), replace(arrest(CRIME), orders=(replace(BAIL, end=day("2014-11-10")),))], "", id="ended"),
    pytest.param([form(CRIME), replace(arrest(CRIME), visibility=Visibility.PROTECTED)], "", id="out of scope"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "by"), SHARED)
def test_an_order_that_names_nobody_reaches_the_victim_by_the_event_and_says_so(
    tmp_path: Path, records: list[Record], by: str
) -> None:
    hit = ask(tmp_path, records, ASKED)
    found = orders(hit)
    assert len(found) == bool(by)
    for each in found:
        assert (each.whose, each.ref) == (Whose.OTHER_PARTY, "BE/1/14")
        assert each.reach.startswith(f"reaches this person by {by}, as ") and each.reach.endswith("does not name them")
        assert each.reach in each.words and each.words in hit.now


def test_an_order_that_names_her_is_said_to_name_her_and_stands_once(tmp_path: Path) -> None:
    order = replace(BAIL, conditions=("NOT TO CONTACT HOLLY MANYFOLD",))
    linked = ask(tmp_path / "linked", [form(CRIME, suspect=HIM), arrest(CRIME, order=order)], ASKED)
    (found,) = orders(linked)
    assert found.reach == "it names this person" and found.whose is Whose.OTHER_PARTY
    apart = ask(tmp_path / "apart", [form(CRIME), arrest(CRIME, order=order)], ASKED)
    assert [each.reach.endswith("and names them") for each in orders(apart)] == [True]
    another = replace(BAIL, conditions=("NOT TO CONTACT BERYL TATTON",))
    assert orders(ask(tmp_path / "another", [form(suspect=HIM), arrest(order=another)], ASKED)) == []


def protects(name: str) -> Record:
    """Make a record of hers alone that holds an order binding somebody it does not record as a person."""
    order = Order(
        "occupation", day("2014-01-01"), day("2014-12-01"), None, ("HOLLY MANYFOLD",), (f"{name} NOT TO ENTER",)
    )
    return log("9", "2014-01-01", persons=(HER,), orders=(order,))


@pytest.mark.parametrize(("name", "there"), [("CARL BRANDRETH", True), ("CARL", False), ("BERYL TATTON", False)])
def test_an_order_in_a_record_of_the_victim_alone_reaches_the_suspect_it_names(
    tmp_path: Path, name: str, there: bool
) -> None:
    hit = ask(tmp_path, [form(suspect=HIM), protects(name)], HIS)
    assert [(each.kind, each.whose, each.reach) for each in orders(hit)] == (
        [("occupation", Whose.OTHER_PARTY, "it names this person")] if there else []
    )


def test_an_order_of_the_event_stands_on_the_card_of_the_event(tmp_path: Path) -> None:
    hit = ask(tmp_path, [log("88", "2014-10-30", persons=(HER,)), arrest(CITES)], "88 of 301014", "event")
    (found,) = orders(hit)
    assert found.reach == "reaches this event by log 88/2014-10-30, as incidents 88/2014-10-30"


def test_a_number_that_many_records_bear_is_of_no_one_event(tmp_path: Path) -> None:
    many = [log(str(n), "2014-10-01") for n in range(300, 325)]
    bearing = [replace(each, references=(CRIME,)) for each in many]
    assert orders(ask(tmp_path, [form(CRIME), arrest(CRIME), *bearing], ASKED)) == []


SAID = [
    pytest.param("NOT TO CONTACT HOLLY MANYFOLD", True, id="as written"),
    pytest.param("MANYFOLD, HOLLY", True, id="the surname first"),
    pytest.param("HOLLY JANE MANYFOLD", True, id="with a middle name"),
    pytest.param("NOT TO CONTACT HOLLY OR IAN MANYFOLD", True, id="two who share a surname"),
    pytest.param("NOT TO CONTACT HARRY MANYFOLD OR HOLLY LODGE CARE HOME", False, id="words of two names"),
    pytest.param("NOT TO CONTACT HOLLY SMITH OR JANE MANYFOLD", False, id="two others"),
    pytest.param("HOLLY LODGE, 3 MANYFOLD TEST ROAD", False, id="two places"),
    pytest.param("NOT TO CONTACT HOLLY", False, id="one word"),
]


@pytest.mark.parametrize(("phrase", "named"), SAID)
def test_a_phrase_names_somebody_only_where_its_words_are_of_one_name(phrase: str, named: bool) -> None:
    assert says([phrase], [{"holly", "manyfold"}]) is named
    assert says(["H MANYFOLD"], [{"h", "manyfold"}]) and not says(["H SMITH OR J MANYFOLD"], [{"h", "manyfold"}])
