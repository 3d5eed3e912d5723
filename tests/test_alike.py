"""Who a person may also be: shown with the danger they hold, counted as theirs never, enough for 'possible' only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards
from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.answer import Hit, HitKind
from discoverer.app import App
from discoverer.codec import plain
from discoverer.model import Code, Location, Order, Person, Phone, Record, Reference, RiskLevel, Role, Visibility
from discoverer.settings import LINKING
from index.decisions import Act, Verdict
from tests.cast import by_source, dash, day, log, make_app

HOME = Location(5, Role.HOME, "5 MANYFOLD TEST ROAD, ERDINGTON", "B23 6XX", holder=0)
FAR = Location(5, Role.HOME, "3 AMBLECOTE TEST LANE, COVENTRY", "CV6 1AA", holder=0)
NEAR = Location(5, Role.HOME, "9 AMBLECOTE TEST LANE, ERDINGTON", "B23 7XX", holder=0)
DOM = Code("closing", "220", "domestic incident")
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
HER = "incidents:1/2014-05-01#0"


def call(number: str, date: str, name: str, dob: str = "", **parts: object) -> Record:
    """Make a domestic log of one victim at one home."""
    her = Person(0, Role.VICTIM, (name,), (dob,) if dob else ())
    given: dict[str, object] = {"persons": (her,), "codes": (DOM,), "locations": (HOME,)}
    return log(number, date, **(given | parts))  # type: ignore[arg-type]


def build(folder: Path, records: Sequence[Record]) -> App:
    """Build records, people linked by weighed evidence, which alone keeps what is only possible."""
    return make_app(folder, by_source(records), LINKING)


def shown(folder: Path, records: Sequence[Record], ident: str = HER) -> Hit:
    with build(folder, records) as app:
        return app.show(DEMO_VIEWER, HitKind.PERSON, ident).hit


def levels(hit: Hit, kind: str = "repeat_victim") -> list[str]:
    return [badge.level.value for badge in hit.badges if badge.kind == kind]


SURE = call("1", "2014-05-01", "HOLLY MANYFOLD", "01/02/1980")
NAMESAKE = call("2", "2014-06-01", "HOLLY MANYFOLD", locations=(NEAR,))
OLD = call("2", "2014-06-01", "HOLLY MANYFOLD", "01/02/1950")
WHO = [
    pytest.param(NAMESAKE, ["HOLLY MANYFOLD"], ["possible"], id="the name alone in the same area"),
    pytest.param(call("2", "2014-06-01", "H MANYFOLD"), [], ["certain"], id="an initial of the name at the same home"),
    pytest.param(call("2", "2014-06-01", "HOLLY MANYFOLD", "01/02/1980"), [], ["certain"], id="surely the same person"),
    pytest.param(OLD, [], [], id="mother and daughter of one name"),
    pytest.param(call("2", "2014-06-01", "BERYL TATTON"), [], [], id="another person of the house"),
    pytest.param(call("2", "2014-06-01", "MOIRA MANYFOLD", "01/02/1980"), ["MOIRA MANYFOLD"], ["possible"], id="a guard refused to join twins"),
    pytest.param(replace(NAMESAKE, codes=()), ["HOLLY MANYFOLD"], [], id="possibly the same, in no domestic event"),
    pytest.param(replace(NAMESAKE, at=day("2012-06-01")), ["HOLLY MANYFOLD"], [], id="possibly the same, two years before"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "labels", "repeat"), WHO)
def test_whoever_a_person_may_be_is_shown_and_makes_a_possible_repeat(
    tmp_path: Path, other: Record, labels: list[str], repeat: list[str]
) -> None:
    hit = shown(tmp_path, [SURE, other])
    assert [each.label for each in hit.may_be] == labels and hit.may_be_total == len(labels)
    assert levels(hit) == repeat
    joined = {record.ref for record in hit.records} >= {other.ref}
    assert joined is (repeat == ["certain"])  # never merged into this person's own records


def test_the_likeness_has_its_reason_the_records_it_rests_on_and_an_id_that_shows_it(tmp_path: Path) -> None:
    with build(tmp_path, [SURE, NAMESAKE]) as app:
        (found,) = app.show(DEMO_VIEWER, HitKind.PERSON, HER).hit.may_be
        assert found.records == ("incidents:1/2014-05-01", "incidents:2/2014-06-01")
        assert "same name" in found.why and "same area" in found.why and found.why in found.words and found.bits > 0
        back = app.show(DEMO_VIEWER, HitKind.PERSON, found.id).hit
        assert [each.id for each in back.may_be] == [HER]
        first = app.search(DEMO_VIEWER, "holly manyfold 01/02/1980").hits[0]
    assert [each.id for each in first.may_be] == [found.id]
    assert plain(first)["may_be"][0].keys() == {"id", "label", "why", "bits", "risk", "danger", "records", "words"}
    json.dumps(plain(first))


def test_the_danger_the_other_holds_is_said_and_stays_the_others(tmp_path: Path) -> None:
    order = Order("non_molestation", day("2014-01-01"), day("2014-11-18"), 1, ("HOLLY MANYFOLD",))
    form = dash(
        "DA/14/1", "2014-06-01", RiskLevel.HIGH, Person(0, Role.VICTIM, ("HOLLY MANYFOLD",)), HIM,
        locations=(FAR,), orders=(order,),
    )  # fmt: skip
    hit = shown(tmp_path / "hers", [SURE, form])
    (found,) = hit.may_be
    assert found.risk == "high" and found.danger[0].startswith("HIGH: HOLLY MANYFOLD as victim of CARL BRANDRETH")
    assert any("NON MOLESTATION" in words and "expires in 2 days" in words for words in found.danger)
    assert hit.risk.state == "not_assessed" and hit.risk.highest is None and hit.in_force == () and hit.linked == ()
    lines = list(cards.card(hit))
    (line,) = [line for line in lines if line.label == "MAY BE"]
    assert line.style == cards.LOUD and "HIGH" in line.text and found.id in line.text
    assert lines.index(line) < next(n for n, each in enumerate(lines) if each.text.startswith("RISK "))
    # Nothing to fear: said quietly.
    (calm,) = [line for line in cards.card(shown(tmp_path / "calm", [SURE, NAMESAKE])) if line.label == "MAY BE"]
    assert calm.style == cards.PLAIN


def test_one_event_that_two_possible_persons_tell_of_is_no_repeat(tmp_path: Path) -> None:
    form = dash(
        "DA/14/1", "2014-03-12", RiskLevel.MEDIUM, Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",)), HIM,
        locations=(HOME,), references=(Reference("log", "2/2014-03-01"),),
    )  # fmt: skip
    before = call("2", "2014-03-01", "HOLLY MANYFOLD", locations=(FAR,))
    hit = shown(tmp_path / "cited", [form, before], "domestic_abuse:DA/14/1#0")
    assert [each.label for each in hit.may_be] == ["HOLLY MANYFOLD"] and levels(hit) == []
    apart = shown(tmp_path / "apart", [replace(form, references=()), before], "domestic_abuse:DA/14/1#0")
    assert levels(apart) == ["possible"]


def test_two_whom_people_told_apart_are_not_possibly_one(tmp_path: Path) -> None:
    with build(tmp_path, [SURE, NAMESAKE]) as app:
        other = "incidents:2/2014-06-01#0"
        said = app.decide(DEMO_VIEWER, Verdict.APART, (HER, other), "mother and daughter")
        assert len(app.show(DEMO_VIEWER, HitKind.PERSON, HER).hit.may_be) == 1  # said by one, not confirmed yet
        app.settle(Viewer("second", "supervisor"), Act.CONFIRMED, said.decision.number, "rang her")
        for ident in (HER, other):
            hit = app.show(DEMO_VIEWER, HitKind.PERSON, ident).hit
            assert hit.may_be == () and levels(hit) == []


def test_somebody_out_of_scope_is_nobodys_likeness(tmp_path: Path) -> None:
    hidden = replace(NAMESAKE, visibility=Visibility.PROTECTED)
    hit = shown(tmp_path, [SURE, hidden])
    assert hit.may_be == () and hit.may_be_total == 0 and levels(hit) == []


def test_more_than_can_be_read_are_counted(tmp_path: Path) -> None:
    phones = [(Phone(8, Role.OWN, f"07700 90010{n}", holder=0),) for n in range(8)]
    doors = [replace(HOME, text=f"{n} TATTON TEST ROAD, ERDINGTON") for n in range(8)]
    names = [
        call(str(n + 10), "2014-06-01", "HOLLY MANYFOLD", phones=phones[n], locations=(doors[n],)) for n in range(8)
    ]
    hit = shown(tmp_path, [SURE, *names])
    assert hit.may_be_total == 8 and len(hit.may_be) == 5
    assert any(line.text == "and 6 more" for line in cards.card(hit, cards.BRIEF))
