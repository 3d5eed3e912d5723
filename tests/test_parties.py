"""Victims and suspects are counted as the people they are linked as: two spellings are one, two of one name are two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.model import Code, Location, Person, Phone, Record, RiskLevel, Role, WrittenId
from discoverer.policy.badges import OTHER_OF_NAME
from discoverer.settings import EXACT, LINKING
from tests.cast import by_source, dash, log, make_app

HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
DOM = Code("closing", "220", "domestic incident")
PNC, OTHER_PNC = "03/9900012C", "2003/0011985X"


def ask(folder: Path, records: Sequence[Record], typed: str, linking: str = LINKING) -> Hit:
    """Return the first person found."""
    with make_app(folder, by_source(records), linking) as app:
        return next(hit for hit in app.search(DEMO_VIEWER, typed).hits if hit.kind.value == "person")


def him(name: str = "CARL BRANDRETH", dob: str = "", pnc: str = "") -> Person:
    return Person(1, Role.SUSPECT, (name,), (dob,) if dob else (), identifiers=(WrittenId("pnc", pnc),) if pnc else ())


def event(date: str, suspect: Person, phone: str = "", home: str = "") -> Record:
    """Make a domestic log of her and a suspect, with his number or home."""
    phones = (Phone(8, Role.OWN, phone, holder=1),) if phone else ()
    homes = (Location(9, Role.HOME, home, "B23 6XX", holder=1),) if home else ()
    return log(date[5:7], date, persons=(HER, suspect), codes=(DOM,), phones=phones, locations=homes)


MARCH, JUNE = "2014-03-01", "2014-06-01"
NUMBER, ANOTHER = "07700 900417", "07700 900418"
DOOR = "5 MANYFOLD TEST ROAD, ERDINGTON"
PAIRS = [
    pytest.param([event(MARCH, him(pnc=PNC)), event(JUNE, him("KARL BRANDRET", pnc=PNC))], ["certain"], id="two spellings of one man"),
    pytest.param([event(MARCH, him(pnc=PNC)), event(JUNE, him("KARL BRANDRET", pnc=OTHER_PNC))], [], id="two men of like names"),
    pytest.param([event(MARCH, him(), NUMBER), event(JUNE, him(), NUMBER)], ["certain"], id="one name and number, no date of birth"),
    pytest.param([event(MARCH, him(), NUMBER), event(JUNE, him(), ANOTHER)], ["possible"], id="one name, two numbers, no date of birth"),
    pytest.param([event(MARCH, him(dob="03/04/1978")), event(JUNE, him(), home=DOOR)], ["possible"], id="one name, one date of birth"),
    pytest.param([event(MARCH, him(dob="03/04/1978"), NUMBER), event(JUNE, him(dob="09/10/1950"), NUMBER)], [], id="father and son with one number"),
    pytest.param([event(MARCH, him(dob="03/04/1978")), event(JUNE, him())], ["possible"], id="the second by name alone"),
    pytest.param([event(MARCH, him(), NUMBER), event(JUNE, him("BERYL TATTON"), NUMBER)], [], id="two names with one number"),
]  # fmt: skip


# The same where people are linked by what is weighed: he is one man by his name and her beside him, or by no means.
WEIGHED = [
    pytest.param([event(MARCH, him(dob="03/04/1978")), event(JUNE, him(), home=DOOR)], ["certain"], id="one name, one date of birth"),
    pytest.param([event(MARCH, him(dob="03/04/1978")), event(JUNE, him())], ["certain"], id="the second by name alone"),
    pytest.param([event(MARCH, him(dob="03/04/1978"), NUMBER), event(JUNE, him(dob="09/10/1950"), NUMBER)], [], id="father and son with one number"),
    pytest.param([event(MARCH, him(), NUMBER), event(JUNE, him("BERYL TATTON"), NUMBER)], [], id="two names with one number"),
    pytest.param([event(MARCH, him(dob="03/04/1978")), event(JUNE, him("COLIN BRANDRETH", "03/04/1978"))], [], id="twins"),
]  # fmt: skip


def levels_of_pairs(hit: Hit) -> list[str]:
    return [badge.level.value for badge in hit.badges if badge.kind == "repeat_pair"]


@pytest.mark.parametrize(("records", "expected"), PAIRS)
def test_a_repeat_pair_is_one_suspect_as_linked(tmp_path: Path, records: list[Record], expected: list[str]) -> None:
    hit = ask(tmp_path, records, "holly manyfold 01/02/1980", EXACT)
    assert levels_of_pairs(hit) == expected, [badge.words for badge in hit.badges]


@pytest.mark.parametrize(("records", "expected"), WEIGHED)
def test_a_repeat_pair_is_one_suspect_as_weighed(tmp_path: Path, records: list[Record], expected: list[str]) -> None:
    hit = ask(tmp_path, records, "holly manyfold 01/02/1980")
    assert levels_of_pairs(hit) == expected, [badge.words for badge in hit.badges]


def test_a_possible_pair_says_that_it_may_be_another_of_the_name(tmp_path: Path) -> None:
    records = [event(MARCH, him(), NUMBER), event(JUNE, him(), ANOTHER)]
    hit = ask(tmp_path, records, "holly manyfold 01/02/1980")
    (badge,) = [badge for badge in hit.badges if badge.kind == "repeat_pair"]
    assert OTHER_OF_NAME in badge.words and len(badge.records) == 2


def her(name: str, pnc: str = "") -> Person:
    return Person(0, Role.VICTIM, (name,), identifiers=(WrittenId("pnc", pnc),) if pnc else ())


def form(ref: str, date: str, level: RiskLevel, victim: Person) -> Record:
    return dash(ref, date, level, victim, HIM)


VICTIMS = [
    pytest.param(her("TRACEY GOODWIN", PNC), her("TRACY GOODWYN", PNC), {"high": 1}, 1, id="two spellings of one victim"),
    pytest.param(her("TRACEY GOODWIN", PNC), her("TRACEY GOODWIN", OTHER_PNC), {"high": 1, "standard": 1}, 2, id="two victims of one name"),
    pytest.param(her("TRACEY GOODWIN", PNC), her("BEATA SIKORA", OTHER_PNC), {"high": 1, "standard": 1}, 2, id="two victims of two names"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "assessed", "listed"), VICTIMS)
def test_the_victims_of_a_suspect_are_counted_and_listed_as_linked(
    tmp_path: Path, first: Person, second: Person, assessed: dict[str, int], listed: int
) -> None:
    records = [form("DA/13/1", "2013-06-01", RiskLevel.HIGH, first), form("DA/14/1", JUNE, RiskLevel.STANDARD, second)]
    hit = ask(tmp_path, records, "carl brandreth 03/04/1978")
    assert hit.risk.victims_assessed == assessed
    assert (
        len([each for each in hit.linked if "victim of this suspect" in each.relations]) == hit.linked_total == listed
    )


@pytest.mark.parametrize(
    ("pnc", "listed"), [pytest.param(PNC, 1, id="one man"), pytest.param(OTHER_PNC, 2, id="two men")]
)
def test_the_suspects_of_a_victim_are_listed_as_linked(tmp_path: Path, pnc: str, listed: int) -> None:
    records = [event(MARCH, him(pnc=PNC)), event(JUNE, him("KARL BRANDRET", pnc=pnc))]
    hit = ask(tmp_path, records, "holly manyfold 01/02/1980")
    assert len([each for each in hit.linked if "suspect of this victim" in each.relations]) == listed


def test_a_suspect_of_a_record_beyond_those_read_whole_is_told_as_linked_too(tmp_path: Path) -> None:
    later = [log(str(n), f"2014-10-{n % 28 + 1:02d}", persons=(HER,)) for n in range(100, 160)]
    records = [event(MARCH, him(pnc=PNC)), event(JUNE, him("KARL BRANDRET", pnc=PNC)), *later]
    hit = ask(tmp_path, records, "holly manyfold 01/02/1980")
    assert [badge.level.value for badge in hit.badges if badge.kind == "repeat_pair"] == ["certain"]
