"""The card of a hit: its lines stand in the order a call handler needs them, and no word is broken at 80 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards, console
from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.app import App
from discoverer.model import Code, Location, Marker, Order, Person, Phone, Record, RecordKind, RiskLevel, Role, Text
from tests.cast import dash, day, log, make_app

HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
CHILD = Person(2, Role.CHILD, ("ALIYAH MANYFOLD",), ("10/02/2010",), note="present, lives there")


def records() -> dict[str, list[Record]]:
    """Return a story that has something for every line of a card."""
    order = Order("non_molestation", day("2014-01-01"), day("2014-11-20"), 1, ("HOLLY MANYFOLD",))
    form = dash(
        "DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, orders=(order,),
        locations=(Location(5, Role.HOME, "5 MANYFOLD TEST ROAD, ERDINGTON", "B23 6XX", holder=0),),
        phones=(Phone(6, Role.OWN, "07700 900417", holder=0),), notes=(("codeword", "MAPLE"),),
    )  # fmt: skip
    answered = replace(form.assessments[0], answers=((2, "yes"), (18, "yes")))
    call = replace(
        log("7", "2014-11-10", persons=(replace(HER, role=Role.VICTIM), replace(HIM, position=1))),
        codes=(Code("closing", "220", "domestic incident"),), texts=(Text("MARKER TREAT AS URGENT"),),
    )  # fmt: skip
    arrest = Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-11-15"), "arrested",
        persons=(Person(0, Role.DETAINEE, HIM.names, HIM.dobs),),
        markers=(Marker("WE", "weapons", day("2013-01-01"), None, "knife", 0), Marker("DR", "drugs", day("2013-01-01"), None, "", 0)),
    )  # fmt: skip
    both = replace(form, persons=(HER, HIM, CHILD), assessments=(answered,))
    return {"domestic_abuse": [both], "incidents": [call], "custody": [arrest]}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("cards") / "state", records()) as made:
        yield made


def first(app: App, typed: str) -> Hit:
    return next(hit for hit in app.search(DEMO_VIEWER, typed).hits if hit.kind.value == "person")


ORDERS = [
    pytest.param(
        "holly manyfold 01/02/1980",
        ["RISK", "NOW", "CUSTODY", "WEAPONS", "CHILDREN", "REPEAT", "LAST", "VICTIM", "CONTACT", "ACTION", "WHY", "RECORDS", "LINKED", "PLACES", "NUMBERS"],
        id="the victim",
    ),
    pytest.param(
        "carl brandreth 03/04/1978",
        ["RISK", "NOW", "CUSTODY", "WEAPONS", "CHILDREN", "LAST", "ACTION", "MARKER", "WHY", "RECORDS", "LINKED", "PLACES"],
        id="the suspect",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "wanted"), ORDERS)
def test_the_lines_stand_in_the_order_they_are_needed(app: App, typed: str, wanted: list[str]) -> None:
    lines = list(cards.card(first(app, typed)))
    labels = [line.label or ("RISK" if line.text.startswith("RISK ") else "") for line in lines]
    assert [label for label in labels if label in wanted] == wanted
    assert sum(line.text.startswith("RISK ") for line in lines) == 1


@pytest.mark.parametrize("size", [cards.BRIEF, cards.COMPACT])
def test_bail_pushes_no_order_without_an_end_out_of_sight(tmp_path: Path, size: cards.Size) -> None:
    bail = [Order("bail", day("2014-11-01"), day(f"2014-12-{n:02}"), 0, (), (f"CONDITION {n}",)) for n in range(1, 5)]
    courts = [Order(kind, day("2014-01-01"), None, 0) for kind in ("restraining", "non_molestation", "occupation")]
    dvpo = Order("dvpo", day("2014-11-01"), day("2014-11-28"), 0)
    arrest = Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-11-01"), "arrested",
        persons=(Person(0, Role.DETAINEE, HIM.names, HIM.dobs),), orders=(*bail, *courts, dvpo),
    )  # fmt: skip
    with make_app(tmp_path, {"custody": [arrest]}) as app:
        lines = [line.text for line in cards.card(first(app, "carl brandreth 03/04/1978"), size)]
    assert all(any(kind in text for text in lines) for kind in ("RESTRAINING", "NON MOLESTATION", "OCCUPATION"))
    orders = [text.split()[0] for text in lines if " on CARL BRANDRETH" in text and "expires" in text]
    assert orders[0] == "DVPO" and f"and {8 - len(orders) - 3} more" in lines


def test_a_numbers_card_says_first_whose_it_is(tmp_path: Path) -> None:
    form = dash(
        "DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM,
        phones=(Phone(6, Role.OWN, "07700 900455", holder=1), Phone(7, Role.OWN, "07700 900417", holder=0)),
    )  # fmt: skip
    nobodys = log("3", "2014-06-02", phones=(Phone(6, Role.CALLER, "07700 900499"),))
    for number, said in (
        ("07700 900455", "CARL BRANDRETH, suspect; recorded 01/06/2014"),
        ("07700 900417", "HOLLY MANYFOLD, victim; recorded 01/06/2014"),
        ("07700 900499", "nobody recorded now"),
    ):
        with make_app(tmp_path / number, {"domestic_abuse": [form], "incidents": [nobodys]}) as app:
            hit = next(hit for hit in app.search(DEMO_VIEWER, number).hits if hit.kind.value == "phone")
        whose, risk, *_ = cards.card(hit)
        assert (whose.label, whose.text) == ("HELD BY", said) and risk.text.startswith("RISK ")


def test_what_is_said_of_the_other_party_says_which_of_what_and_when(app: App) -> None:
    lines = [line.text for line in cards.card(first(app, "holly manyfold 01/02/1980"))]
    said = [text for text in lines if text.startswith("on the other party")]
    assert any(
        text.startswith("on the other party (suspect of this victim, incidents 7/2014-11-10 10/11/2014): IN CUSTODY")
        for text in said
    ), said
    assert any(
        text.startswith("on the other party (domestic_abuse DA/14/1 01/06/2014): NON MOLESTATION") for text in said
    ), said
    assert not any(text.startswith("on the other party: ") for text in lines)


def test_the_last_event_says_how_it_may_be_handled_before_its_content(tmp_path: Path) -> None:
    report = Record(
        "intelligence", ("INT/14/1",), RecordKind.INTELLIGENCE, day("2014-11-01"), "seen in Erdington",
        persons=(Person(0, Role.SUBJECT, HIM.names, HIM.dobs),), notes=(("conditions", "NOT TO BE SHOWN TO SUBJECT"),),
        codes=(Code("handling", "5", "conditions apply", "5x5x5"),),
    )  # fmt: skip
    with make_app(tmp_path, {"intelligence": [report]}) as app:
        (last,) = [line.text for line in cards.card(first(app, "carl brandreth 03/04/1978")) if line.label == "LAST"]
    assert last.startswith("handling: conditions apply; conditions: NOT TO BE SHOWN TO SUBJECT. 01/11/2014")


def test_a_brief_card_says_how_much_it_leaves_out(app: App) -> None:
    hit = first(app, "holly manyfold 01/02/1980")
    crowded = replace(hit, linked=hit.linked * 5, linked_total=len(hit.linked) * 5)
    brief, compact = (list(cards.card(crowded, size)) for size in (cards.BRIEF, cards.COMPACT))
    assert len(brief) < len(compact)
    assert any(re.fullmatch(r"and \d+ more", line.text) for line in brief)


@pytest.mark.parametrize("command", ["search", "show"])
def test_no_word_is_broken_at_80_columns(
    app: App, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "WIDTH", 80)
    if command == "search":
        answer = app.search(DEMO_VIEWER, "holly manyfold 01/02/1980")
        console.show_answer(answer)
        lines = [line for hit in answer.hits[:3] for line in cards.card(hit)]
    else:
        shown = app.show(DEMO_VIEWER, first(app, "holly manyfold 01/02/1980").kind, "domestic_abuse:DA/14/1#0")
        console.show_one(shown)
        lines = list(cards.page(shown.hit))
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    words = set(re.sub(r"[│╭╮╰╯─]", " ", printed).split())
    assert [word for line in lines for word in line.text.split() if word not in words] == []
