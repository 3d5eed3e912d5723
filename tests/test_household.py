"""What officers must know at the door: every child, every codeword, what no date speaks against; and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from discoverer.clock import parse_iso
from discoverer.held import Held
from discoverer.history.household import household
from discoverer.history.standpoint import Standpoint
from discoverer.inforce import orders_and_markers
from discoverer.model import (
    Code,
    Marker,
    Order,
    Person,
    Record,
    RecordKind,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
)
from discoverer.parts import Topic, Whose
from tests.cast import dash, day, log

NOW = parse_iso("2018-11-18T02:00:00Z")
HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",))


def child(position: int, name: str = "", *, dobs: Sequence[str] = (), age: str = "") -> Person:
    return Person(position, Role.CHILD, (name,) if name else (), tuple(dobs), age=age)


def form(ref: str, *children: Person, date: str = "2018-09-03", victim: Person = HER) -> Record:
    return replace(dash(ref, date, RiskLevel.HIGH, victim, HIM), persons=(victim, HIM, *children))


def children_of(*records: Record, mine: frozenset[int] | None = frozenset({0})) -> list[str]:
    """Return what is said of children."""
    said = household([Held(record, mine) for record in records], NOW)
    return [each.words.partition(", recorded")[0] for each in said if each.topic is Topic.CHILD]


THREE = (child(2, age="3"), child(3, age="7"), child(4, age="9"))
AGED = ["CHILD name not recorded, aged 3 then", "CHILD name not recorded, aged 7 then", "CHILD name not recorded, aged 9 then"]  # fmt: skip
NAMELESS = "CHILD name not recorded"
HERS = replace(HER, names=("ANNE BRAILES",))
CHILDREN = [
    pytest.param([form("1", *THREE)], AGED, id="three of one record"),
    pytest.param([form("2", *THREE), form("1", *THREE)], AGED, id="the same three of two records"),
    pytest.param(
        [form("2", *THREE), form("1", child(2, age="2"), child(3, age="6"), child(4, age="8"), date="2017-09-03")],
        AGED, id="the same three a year older",
    ),
    pytest.param([form("1", child(2), child(3))], [NAMELESS] * 2, id="two of whom nothing is known"),
    pytest.param([form("2", child(2), child(3)), form("1", child(2))], [NAMELESS] * 2, id="one of the two before"),
    pytest.param([form("1", child(2, age="3"), child(3, age="3"))], AGED[:1] * 2, id="two of one age"),
    pytest.param(
        [form("2", child(2)), form("1", child(2), victim=HERS)], [NAMELESS] * 2, id="those of two victims",
    ),
    pytest.param([form("2", child(2, "KIM M")), form("1", child(2, "KIM M"))], ["CHILD KIM M"], id="one of a name"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "said"), CHILDREN)
def test_no_child_stands_for_another(records: list[Record], said: list[str]) -> None:
    assert children_of(*records, mine=None) == said


BIRTHS = [
    pytest.param(["2000"], ", 17 or 18", id="may be 17"),
    pytest.param(["01/01/2000"], ", 17 or 18", id="1 January stands for a year"),
    pytest.param(["12/2000"], ", 17", id="17 whatever the day"),
    pytest.param(["11/2000"], ", 17 or 18", id="may be 17 until the end of the month"),
    pytest.param(["10/2000"], None, id="18 whatever the day"),
    pytest.param(["1999"], None, id="18 whatever the year's day"),
    pytest.param(["18/11/2000"], None, id="18 today"),
    pytest.param(["19/11/2000"], ", 17", id="18 tomorrow"),
    pytest.param(["03/04/1990", "03/04/2008"], ", 10 or 28", id="two dates of birth"),
]


@pytest.mark.parametrize(("dobs", "said"), BIRTHS)
def test_who_may_be_a_child_is_one(dobs: list[str], said: str | None) -> None:
    assert children_of(form("1", child(2, "KIM M", dobs=dobs))) == ([] if said is None else [f"CHILD KIM M{said}"])


UNDATED = replace(log("1", "2018-01-01", persons=(HER,)), at=None)
ARMED = replace(UNDATED, codes=(Code("qualifier", "FA", "firearms"),))
URGENT = replace(UNDATED, texts=(Text("MARKER TREAT AS URGENT"),))
DATES = [
    pytest.param("", True, id="undated"),
    pytest.param("2018-11-01", True, id="lately"),
    pytest.param("2017", True, id="a year that ends within twelve months"),
    pytest.param("2016", False, id="a year that does not"),
    pytest.param("2017-01-01", False, id="long ago"),
]


@pytest.mark.parametrize(("date", "there"), DATES)
@pytest.mark.parametrize(("record", "kind"), [(ARMED, "coded firearms"), (URGENT, "treat as urgent")])
def test_what_no_date_speaks_against_is_said(record: Record, kind: str, date: str, there: bool) -> None:
    dated = replace(record, at=day(date) if date else None)
    found = [each for each in household([Held(dated, frozenset({0}))], NOW) if each.kind == kind]
    assert bool(found) is there
    assert all(("undated" in each.words) is (not date) for each in found)
    assert all(("not said whose" in each.words) is (kind == "coded firearms") for each in found)


def agreed(number: str, date: str, victim: Person, word: str) -> Record:
    return log(number, date, persons=(victim,), notes=(("codeword", word),))


BLUEBELL = agreed("1", "2018-09-03", HER, "BLUEBELL")
CODEWORDS = [
    pytest.param([BLUEBELL, agreed("2", "2018-09-02", HERS, "PEBBLE")], ["BLUEBELL", "PEBBLE"], id="two victims"),
    pytest.param([BLUEBELL, agreed("2", "2018-09-02", HER, "PEBBLE")], ["BLUEBELL"], id="one victim, the latest"),
    pytest.param(
        [BLUEBELL, agreed("2", "2018-09-02", replace(HER, names=()), "PEBBLE")], ["BLUEBELL", "PEBBLE"], id="a victim not named",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("records", "words"), CODEWORDS)
def test_each_victim_of_a_handset_has_her_own_codeword(records: list[Record], words: list[str]) -> None:
    holders = Standpoint(holders={(record.source, record.ref): [0] for record in records})
    said = household([Held(record, None) for record in records], NOW, holders)
    assert [each.words.split(": ")[1].partition(",")[0] for each in said] == words
    assert all(f"with {each.about}" in each.words for each in said if each.about)


def test_a_child_of_a_record_is_said_to_be_with_its_victim() -> None:
    theirs = replace(child(2, "KIM M"), note="present, lives there")
    there = "present, lives there"
    assert children_of(form("1", theirs)) == [f"CHILD KIM M, with HOLLY MANYFOLD: {there}"]
    assert children_of(form("1", theirs, victim=replace(HER, names=()))) == [
        f"CHILD KIM M, with a victim not named: {there}"
    ]
    nobodys = log("1", "2018-09-03", persons=(replace(HIM, position=0), theirs))
    assert children_of(nobodys, mine=None) == [f"CHILD KIM M, {there}"]


# whose it is


def whose_of(record: Record, mine: frozenset[int]) -> list[tuple[str, Whose]]:
    return [(each.kind, each.whose) for each in orders_and_markers([Held(record, mine)], NOW)]


BAIL = Order("bail", day("2018-10-01"), day("2018-12-01"), None, (), ("CURFEW",))
KNIFE = Marker("WE", "weapons", day("2018-01-01"))
SUITE = Record(
    "custody", ("C/1",), RecordKind.CUSTODY, day("2018-10-01"), orders=(BAIL,), markers=(KNIFE,),
    persons=(replace(HER, position=1), replace(HIM, position=0, role=Role.DETAINEE)),
)  # fmt: skip
NOBODY = [
    pytest.param(SUITE, 0, [("bail", Whose.OWN), ("weapons", Whose.OWN)], id="the one arrested"),
    pytest.param(SUITE, 1, [("bail", Whose.OTHER_PARTY)], id="the victim of the one arrested"),
    pytest.param(replace(SUITE, persons=(HER, HIM)), 0, [("bail", Whose.LINKED), ("weapons", Whose.LINKED)], id="not known whose"),
    pytest.param(
        replace(SUITE, orders=(replace(BAIL, subject=1),), markers=()), 1, [("bail", Whose.OWN)], id="whoever is recorded",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "mine", "found"), NOBODY)
def test_what_names_nobody_is_nobodys_own(record: Record, mine: int, found: list[tuple[str, Whose]]) -> None:
    assert whose_of(record, frozenset({mine})) == found


def test_an_order_that_does_not_say_whom_it_binds_says_so() -> None:
    (order, _) = orders_and_markers([Held(SUITE, frozenset({0}))], NOW)
    assert "on whom is not recorded" in order.words and order.about == ""
    (named,) = orders_and_markers([Held(replace(SUITE, orders=(replace(BAIL, subject=0),), markers=()), {0})], NOW)
    assert "on CARL BRANDRETH" in named.words and named.about == "CARL BRANDRETH"


@pytest.mark.parametrize(("suspect", "whose"), [(None, Whose.OTHER_PARTY), (1, Whose.OTHER_PARTY), (0, Whose.OWN)])
def test_a_threat_told_by_the_victim_is_never_her_own(suspect: int | None, whose: Whose) -> None:
    told = RiskAssessment(RiskLevel.HIGH, "DASH", day("2018-09-03"), "PC 1", 2, suspect, answers=((18, "yes"),))
    record = replace(form("1"), assessments=(told,), persons=(HIM, HER, replace(HER, position=2)))
    mine = frozenset({0 if suspect == 0 else 2})
    (threat,) = household([Held(record, mine)], NOW)
    assert threat.whose is whose
