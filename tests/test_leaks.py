"""Answers are the same with and without the records a viewer may not see, whatever those say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Answer
from discoverer.model import Location, Person, Phone, Record, Role, Visibility, WrittenId
from tests.cast import log, make_app

PROTECTED = Visibility.PROTECTED
NUMBER = "07700900417"
PNC = "03/9900012C"
OTHER_PNC = "2003/0011985X"


def person(name: str, dob: str = "", pnc: str = "", seen_by: Visibility = Visibility.OPEN, position: int = 0) -> Person:
    ids = (WrittenId("pnc", pnc),) if pnc else ()
    return Person(position, Role.VICTIM, (name,), (dob,) if dob else (), identifiers=ids, visibility=seen_by)


def one(number: str, who: Person | None = None, *, phone: str = "", text: str = "", hidden: bool = False) -> Record:
    made = log(number, "2014-01-02", text=text, persons=(who,) if who else ())
    phones = (Phone(1, Role.OWN, phone, holder=0 if who else None),) if phone else ()
    return replace(made, phones=phones, visibility=PROTECTED if hidden else Visibility.OPEN)


def answers(folder: Path, records: list[Record], asked: Sequence[str]) -> list[Answer]:
    """Ask several things of some records; what differs by build alone is left out."""
    with make_app(folder, {"incidents": records}) as app:
        found = [app.search(DEMO_VIEWER, typed, limit) for typed in asked for limit in (1, 10)]
    return [replace(each, build="", as_at="", sources=()) for each in found]


NAMES = ("ALAN QUORN", "BERYL TATTON", "CYRIL UMBER", "DORA VASEY", "EDGAR WRAY", "FLORA YEADON")
HOLDERS = [one(str(n), person(name, f"0{n}/07/1989"), phone=NUMBER) for n, name in enumerate(NAMES, 1)]
TWO_NAMES = (person(NAMES[0], "01/07/1989", PNC), person(NAMES[1], "02/07/1989", PNC, position=1))
HIDDEN_HOME = Location(0, Role.HOME, "1 SAFE TEST LANE", "CV6 1AA", visibility=PROTECTED)
CASES = [
    pytest.param(
        [
            one("1", person("PERPETUA QUILL")),
            one("2", text="HER NEIGHBOUR Perpetua Lovegrove SAW HIM. MR ZED LEFT"),
            one("3", text="NEIGHBOUR LOVEGROVE PERPETUA SAW HIM, QUILL LEFT"),
        ],
        [one("9", person("PERPETUA LOVEGROVE"), hidden=True)],
        ["perpetua lovegrove", "lovegrove"],
        id="names of protected records do not teach what a name in an open text is",
    ),
    pytest.param(
        [
            one("1", person("SHABANA BIBI", "03/07/1989"), phone=NUMBER),
            one("2", person("ZOFIA NOWAK", pnc=PNC), phone="07700900418"),
        ],
        [one("9", person("SHABANA BIBI", "03/07/1989", PNC), hidden=True)],
        ["shabana bibi", "zofia nowak", "zofia nowak 03/07/1989", f"PNC {PNC}", "03/07/1989", NUMBER, "07700900418"],
        id="two names that only a protected record ties together are two people",
    ),
    pytest.param(
        HOLDERS,
        [replace(one("9", hidden=True), persons=TWO_NAMES)],
        [NUMBER, f"alan quorn {NUMBER}"],
        id="a protected link makes no fewer households of an open number",
    ),
    pytest.param(
        [one("1", person("JOHN GRIMSHAW", "03/07/1989")), one("2", person("JOHN GRIMSHAW", "03/07/1989", PNC))],
        [one("9", person("JOHN GRIMSHAW", "03/07/1989", OTHER_PNC), hidden=True)],
        ["john grimshaw", f"PNC {PNC}", "john grimshaw 03/07/1989"],
        id="a protected identifier does not split an open person",
    ),
    pytest.param(
        [one("1", person("JOHN GRIMSHAW", "03/07/1989")), one("2", person("JOHN GRIMSHAW", "03/07/1969"))],
        [one("9", person("JOHN GRIMSHAW", "03/07/1969"), hidden=True)],
        ["john grimshaw"],
        id="equal people stand as they would without the protected record",
    ),
    pytest.param(
        [one("1", phone=NUMBER), one("2", phone="07700900517")],
        [one("9", phone="07700900517", hidden=True)],
        ["07700900617"],
        id="equal numbers stand as they would without the protected record",
    ),
]


@pytest.mark.parametrize("first", [pytest.param(True, id="read first"), pytest.param(False, id="read last")])
@pytest.mark.parametrize(("seen", "hidden", "asked"), CASES)
def test_a_protected_record_changes_no_answer(
    tmp_path: Path, seen: list[Record], hidden: list[Record], asked: list[str], first: bool
) -> None:
    beside = [*hidden, *seen] if first else [*seen, *hidden]
    assert answers(tmp_path / "without", seen, asked) == answers(tmp_path / "with", beside, asked)


def test_vehicles_and_logs_named_only_in_words_out_of_scope_lead_nowhere(tmp_path: Path) -> None:
    said = log("1", "2014-01-01", text="VEHICLE AB12 CDE SEEN NEAR, SEE LOG 2731 OF 140914")
    hidden = replace(said, locations=(HIDDEN_HOME,))
    asked = ["AB12CDE", "2731 of 140914"]
    assert all(answer.hits for answer in answers(tmp_path / "open", [said], asked))
    assert not any(answer.hits for answer in answers(tmp_path / "hidden", [hidden], asked))


def test_a_restricted_record_makes_one_person_of_two_for_those_who_see_it(tmp_path: Path) -> None:
    seen = [one("1", person("SHABANA BIBI", "03/07/1989")), one("2", person("ZOFIA NOWAK", pnc=PNC))]
    tie = replace(one("3", person("SHABANA BIBI", "03/07/1989", PNC)), visibility=Visibility.RESTRICTED)
    for answer in answers(tmp_path / "state", [*seen, tie], ["shabana bibi", "zofia nowak", f"PNC {PNC}"]):
        assert [hit.records_total for hit in answer.hits if hit.kind.value == "person"] == [3]
