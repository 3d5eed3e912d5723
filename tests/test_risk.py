"""The risk headline and what is in force: whose, who set it, when; never 'standard' for want of an assessment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.answer import Assessed, Missing, Risk
from discoverer.headlines import NOT_ASSESSED, Beside
from discoverer.held import Held
from discoverer.inforce import live_words, orders_and_markers
from discoverer.model import (
    GradeChange,
    Instant,
    Marker,
    Order,
    Person,
    Record,
    RecordKind,
    RiskAssessment,
    RiskLevel,
    Role,
)
from discoverer.risk import describe, headline, record_risk

NOW = datetime(2014, 11, 16, 2, tzinfo=UTC)
HIGH, MEDIUM, STANDARD, NOT = RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.STANDARD, RiskLevel.NOT_ASSESSED
HER, HIM, CHILD = 0, 1, 2


def day(value: str) -> Instant:
    return Instant(value, value)


def form(
    level: RiskLevel, at: str, *, earlier: Sequence[str] = (), by: str = "Sgt 1042", suspect: int | None = HIM,
    names: tuple[str, str] = ("Shabana Bibi", "Asif Khan"), dob: str = "03/07/1989",
) -> Record:  # fmt: skip
    """Make a domestic abuse record of her (0) and him (1), with a child (2)."""
    history = tuple(GradeChange(grade) for grade in earlier)
    return Record(
        "domestic_abuse", (f"DA/{at}",), RecordKind.DOMESTIC_ABUSE, day(at) if at else None,
        persons=(
            Person(HER, Role.VICTIM, (names[0],) if names[0] else (), (dob,)),
            Person(HIM, Role.SUSPECT, (names[1],) if names[1] else ()),
            Person(CHILD, Role.CHILD, ("Aliyah Khan",)),
        ),
        assessments=(RiskAssessment(level, at=day(at) if at else None, by=by, victim=HER, suspect=suspect, history=history),),
    )  # fmt: skip


def _undated_grade(record: Record) -> Record:
    """Return a record whose assessment has no date of its own."""
    return replace(record, assessments=(replace(record.assessments[0], at=None),))


def in_force(held: Sequence[Held], now: datetime) -> tuple[str, ...]:
    """Return the words of what is in force."""
    return live_words(orders_and_markers(held, now))


def risk_of(records: Sequence[Record], *positions: int) -> Risk:
    """Return the headline of whoever stands at these positions of every record; none: of the whole records."""
    where: Collection[int] | None = positions or None
    return headline([Held(record, where) for record in records], NOW)


HEADLINES = [
    pytest.param(
        [form(HIGH, "2014-09-03")], "HIGH: Shabana Bibi as victim of Asif Khan, 03/09/2014, Sgt 1042 (2 months ago)",
        id="one assessment",
    ),
    pytest.param(
        [form(STANDARD, "2014-10-01"), form(HIGH, "2012-01-01")],
        "HIGH: Shabana Bibi as victim of Asif Khan, 01/01/2012, Sgt 1042 (2 years ago); latest STANDARD: Shabana Bibi as "
        "victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago)",
        id="the highest first, then the latest, whatever their order",
    ),
    pytest.param(
        [form(HIGH, "2012-01-01"), form(HIGH, "2014-10-01")],
        "HIGH: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago)",
        id="of two alike the latest, once",
    ),
    pytest.param(
        [form(STANDARD, "2014-10-01", earlier=["high", "standard"])],
        "STANDARD: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago), DOWNGRADED from HIGH",
        id="a downgrade is shouted",
    ),
    pytest.param(
        [form(HIGH, "2014-10-01", earlier=["medium", "high"])],
        "HIGH: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago), raised from MEDIUM",
        id="a rise is said",
    ),
    pytest.param(
        [form(HIGH, "2014-10-01", earlier=["high", "high"])],
        "HIGH: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago)",
        id="a grade confirmed is no change",
    ),
    pytest.param(
        [form(MEDIUM, "", by="", names=("", ""))],
        "MEDIUM: victim not named as victim, suspect not named, undated, not recorded who set it",
        id="what is not recorded is said to be so",
    ),
    pytest.param(
        [form(MEDIUM, "2014-10", suspect=None)],
        "MEDIUM: Shabana Bibi as victim, suspect not named, 10/2014, Sgt 1042 (1 month ago)",
        id="a date known to the month",
    ),
    pytest.param(
        [form(MEDIUM, "2014-10-01", earlier=["high", "standard", "medium"])],
        "MEDIUM: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago), DOWNGRADED from HIGH, raised "
        "again from STANDARD",
        id="raised a little after a downgrade is a downgrade",
    ),
    pytest.param(
        [form(HIGH, "2014-10-01", earlier=["medium", "standard", "high"])],
        "HIGH: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago), raised from STANDARD",
        id="lowered and raised above all is a rise",
    ),
    pytest.param(
        [form(STANDARD, "2014-10-01", earlier=["not_assessed", "standard"])],
        "STANDARD: Shabana Bibi as victim of Asif Khan, 01/10/2014, Sgt 1042 (1 month ago)",
        id="a first grade is no rise",
    ),
    pytest.param(
        [_undated_grade(form(HIGH, "2014-09-03")), form(STANDARD, "2010-10-01"), _undated_grade(form(MEDIUM, "2014-10-03"))],
        "HIGH: Shabana Bibi as victim of Asif Khan, 03/09/2014, Sgt 1042 (2 months ago); latest MEDIUM: Shabana Bibi as "
        "victim of Asif Khan, 03/10/2014, Sgt 1042 (1 month ago)",
        id="a grade without a date has its record's",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("records", "words"), HEADLINES)
def test_a_victims_headline(records: list[Record], words: str) -> None:
    for found in (risk_of(records, HER), risk_of(records)):  # hers, and that of a place or number
        assert (found.state, found.headline) == ("assessed", words)
        assert found.highest is not None and found.latest is not None


DATED = [
    pytest.param([form(HIGH, "2014-09-03"), form(STANDARD, "2081-09-03")], "high", "high", id="a later one dated in the future"),
    pytest.param([form(STANDARD, "2014-09-03"), form(HIGH, "2081-09-03")], "high", "standard", id="a graver one in the future"),
    pytest.param([form(STANDARD, "2014-09-03"), form(HIGH, "2014-11")], "high", "high", id="this month, so perhaps gone by"),
    pytest.param([form(STANDARD, ""), form(HIGH, "2081-09-03")], "high", "standard", id="the other undated"),
    pytest.param([form(MEDIUM, "2081-09-03")], "medium", "medium", id="no other"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "highest", "latest"), DATED)
def test_a_date_to_come_is_no_latest_assessment_and_is_said(records: list[Record], highest: str, latest: str) -> None:
    risk = risk_of(records, HER)
    assert risk.highest is not None and risk.latest is not None
    assert (risk.highest.level, risk.latest.level) == (highest, latest)
    for each in (risk.highest, risk.latest):
        to_come = each.at.startswith("2081")
        assert ("03/09/2081, A DATE TO COME, to be checked" in each.words) is to_come and (each.age == "") is (
            to_come or not each.at
        )
        assert "under an hour" not in each.words


def test_a_suspect_bears_no_level_but_the_count_of_his_victims() -> None:
    other = form(MEDIUM, "2013-01-01", names=("Leanne Smith", "Asif Khan"), dob="12/12/1991")
    again = form(STANDARD, "2014-10-01", names=("BIBI Shabana", "Asif Khan"))
    found = risk_of([form(HIGH, "2014-09-03"), again, other], HIM)
    assert (found.state, found.highest, found.latest) == ("not_assessed", None, None)
    assert found.victims_assessed == {"high": 1, "medium": 1}
    assert found.headline.startswith("as suspect, victims assessed HIGH: 1, MEDIUM: 1; this hit NOT ASSESSED: ")
    assert found.loud


def test_one_who_is_a_victim_here_and_a_suspect_there_has_both() -> None:
    there = form(MEDIUM, "2013-01-01", names=("Leanne Smith", "Shabana Bibi"))
    found = headline([Held(form(HIGH, "2014-09-03"), {HER}), Held(there, {HIM})], NOW)
    assert found.highest is not None and found.highest.level == "high"
    assert found.headline.endswith("; as suspect, victims assessed MEDIUM: 1")


NOBODY = [
    pytest.param([], HER, id="no record"),
    pytest.param(
        [Record("custody", ("1",), RecordKind.CUSTODY, persons=(Person(0, Role.DETAINEE),))], HER, id="none in it"
    ),
    pytest.param([form(NOT, "2014-09-03")], HER, id="a form with a blank level"),
]


@pytest.mark.parametrize(("records", "position"), NOBODY)
def test_without_an_assessment_the_state_is_not_assessed_and_never_standard(
    records: list[Record], position: int
) -> None:
    found = risk_of(records, position)
    assert found.state == "not_assessed" and found.highest is None
    assert found.headline == "NOT ASSESSED: no risk assessment found of this hit in the sources searched"


def assessed(level: RiskLevel, at: str = "2014-09-03") -> Assessed:
    """Return her assessment of that level, in another record than the hit's."""
    record = form(level, at)
    return describe(record, record.assessments[0], NOW)


def missing(duty: str) -> Missing:
    return Missing(duty, "2014-10-01", "incidents", "7", "a crime")


SHABANA = "Shabana Bibi as victim of Asif Khan, 03/09/2014, Sgt 1042 (2 months ago), see domestic_abuse DA/2014-09-03"
OWED = "MANDATORY AND MISSING: 1 domestic abuse crime between partners or former partners, latest incidents 7"
NAMED = [
    pytest.param([form(HIGH, "2014-09-03")], Beside(hit="person"), f"NAMED WITH A VICTIM ASSESSED HIGH: {SHABANA}; this person {NOT_ASSESSED}", id="a child of her record"),
    pytest.param([form(MEDIUM, "2014-09-03")], Beside(hit="person"), f"NAMED WITH A VICTIM ASSESSED MEDIUM: {SHABANA}; this person {NOT_ASSESSED}", id="medium leads too"),
    pytest.param([form(STANDARD, "2014-09-03")], Beside(hit="person"), f"{NOT_ASSESSED}; NAMED WITH A VICTIM ASSESSED STANDARD: {SHABANA}", id="standard does not"),
    pytest.param([form(NOT, "2014-09-03")], Beside(hit="person"), f"{NOT_ASSESSED}; named in a record of one NOT ASSESSED: {SHABANA}", id="a level left blank"),
    pytest.param([], Beside((assessed(HIGH),), hit="place"), f"VICTIM IN ITS RECORDS ASSESSED HIGH: {SHABANA}; this place {NOT_ASSESSED}", id="a place"),
    pytest.param([], Beside((assessed(HIGH),), hit="number"), f"VICTIM IN ITS RECORDS ASSESSED HIGH: {SHABANA}; this number {NOT_ASSESSED}", id="a number"),
    pytest.param([], Beside((assessed(HIGH),), is_event=True, hit="record"), f"VICTIM HERE ASSESSED HIGH: {SHABANA}; this record {NOT_ASSESSED}", id="a record"),
    pytest.param([], Beside((assessed(STANDARD),), is_event=True, hit="record"), f"VICTIM HERE ASSESSED STANDARD: {SHABANA}; this record {NOT_ASSESSED}", id="a record's own victim, whatever the level"),
    pytest.param([], Beside((assessed(HIGH),), missing=(missing("mandatory"),), hit="person"), f"NAMED WITH A VICTIM ASSESSED HIGH: {SHABANA}; this person {NOT_ASSESSED}; {OWED}", id="one is due as well"),
    pytest.param([], Beside((assessed(STANDARD),), missing=(missing("mandatory"),), hit="person"), f"{NOT_ASSESSED}; {OWED}; NAMED WITH A VICTIM ASSESSED STANDARD: {SHABANA}", id="one is due, and nobody is higher"),
    pytest.param([], Beside(missing=(missing("discretionary"),)), f"{NOT_ASSESSED}; not mandatory and not done: 1 other domestic abuse event", id="nobody at all"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "beside", "words"), NAMED)
def test_the_first_words_are_those_of_the_gravest_victim_and_never_call_the_hit_her(
    records: list[Record], beside: Beside, words: str
) -> None:
    found = headline([Held(record, {CHILD}) for record in records], NOW, beside)
    assert (found.state, found.highest, found.loud) == ("not_assessed", None, True)
    assert found.headline == words


def test_a_graver_level_elsewhere_is_read_before_the_record_at_hand_and_once() -> None:
    """A witness of her STANDARD record is told that she is HIGH in another, and what is told already is not told twice."""
    held = [Held(form(STANDARD, "2014-10-01"), {CHILD})]
    said = headline(held, NOW, Beside(elsewhere=(assessed(HIGH),), hit="person")).headline
    places = [said.index(words) for words in ("ASSESSED HIGH: Shabana", NOT_ASSESSED, "ASSESSED STANDARD: Shabana")]
    assert places == sorted(places)
    once = headline([Held(form(HIGH, "2014-09-03"), {CHILD})], NOW, Beside(elsewhere=(assessed(HIGH),))).headline
    assert once.count("HIGH") == 1


OWN = "{level}: Shabana Bibi as victim of Asif Khan, 03/09/2014, Sgt 1042 (2 months ago)"
LEANNE = form(HIGH, "2014-08-01", names=("Leanne Smith", "Shabana Bibi"), dob="12/12/1991")
HERE = "NAMED WITH A VICTIM ASSESSED HIGH: Leanne Smith"
GRAVER = [
    pytest.param(STANDARD, LEANNE, HIM, "as suspect, victims assessed HIGH: 1; STANDARD: Shabana Bibi", True, id="his victim is graver than himself"),
    pytest.param(HIGH, LEANNE, HIM, "HIGH: Shabana Bibi", True, id="as grave: himself first"),
    pytest.param(STANDARD, LEANNE, CHILD, HERE, True, id="her mother is graver"),
    pytest.param(MEDIUM, replace(LEANNE, assessments=(replace(LEANNE.assessments[0], level=MEDIUM),)), CHILD, "MEDIUM: Shabana Bibi", False, id="her mother is as grave: herself alone"),
    pytest.param(MEDIUM, replace(LEANNE, assessments=(replace(LEANNE.assessments[0], level=STANDARD),)), CHILD, "MEDIUM: Shabana Bibi", False, id="her mother is less grave"),
]  # fmt: skip


@pytest.mark.parametrize(("level", "other", "part", "begins", "loud"), GRAVER)
def test_somebody_graver_is_read_before_ones_own_level(
    level: RiskLevel, other: Record, part: int, begins: str, loud: bool
) -> None:
    held = [Held(form(level, "2014-09-03"), {HER}), Held(other, {part})]
    found = headline(held, NOW, Beside(hit="person"))
    assert found.headline.startswith(begins) and OWN.format(level=level.value.upper()) in found.headline
    assert found.highest is not None and found.highest.level == level.value  # hers stays hers
    assert found.loud is loud


LEVELS = [
    pytest.param(form(HIGH, "2014-09-03"), "high", id="its level"),
    pytest.param(form(NOT, "2014-09-03"), "not_assessed", id="a blank level"),
    pytest.param(replace(form(HIGH, "2014-09-03"), assessments=()), "not_assessed", id="a form without one"),
    pytest.param(Record("custody", ("1",), RecordKind.CUSTODY), None, id="no domestic abuse record"),
]


@pytest.mark.parametrize(("record", "level"), LEVELS)
def test_a_records_level(record: Record, level: str | None) -> None:
    assert record_risk(record) == level


DAYS = st.dates(datetime.fromisoformat("2005-01-01").date(), NOW.date()).map(lambda date: date.isoformat())


@given(st.lists(st.tuples(st.sampled_from(RiskLevel), DAYS), max_size=6, unique_by=lambda pair: pair[1]), st.randoms())
def test_the_headline_is_the_highest_and_the_latest_in_whatever_order(
    given_levels: list[tuple[RiskLevel, str]], dice: Random
) -> None:
    records = [form(level, at) for level, at in given_levels]
    found = risk_of(records, HER)
    dice.shuffle(records)
    assert risk_of(records, HER) == found
    assessed = [(level, at) for level, at in given_levels if level is not NOT]
    assert (found.state == "assessed") == bool(assessed)
    if assessed and found.highest and found.latest:
        assert RiskLevel(found.highest.level).rank == max(level.rank for level, _ in assessed)
        assert found.latest.at == max(at for _, at in assessed)


# in force


SPANS = [
    pytest.param("2014-11-01", "2014-12-01", True, id="within"),
    pytest.param("2014-11-01", "2014-11-15", False, id="ended yesterday"),
    pytest.param("2014-11-01", "2014-11-16", True, id="its last day counts whole"),
    pytest.param("2014-11-16", "2014-12-01", True, id="its first day counts whole"),
    pytest.param("2014-11-17", "2014-12-01", False, id="not begun"),
    pytest.param("", "2014-12-01", True, id="no beginning recorded"),
    pytest.param("2014-11-01", "", True, id="no end recorded"),
    pytest.param("", "", True, id="neither recorded"),
    pytest.param("2014-11-01", "2014-11-16T01:59:59Z", False, id="ended a second ago"),
    pytest.param("2014-11-01", "2014-11-16T02:00:01Z", True, id="ends in a second"),
    pytest.param("2014-11-16T02:00:01Z", "", False, id="begins in a second"),
    pytest.param("2014-11-16T02:00:00Z", "", True, id="begins now"),
    pytest.param("2014", "2014", True, id="known to the year"),
    pytest.param("2014-10", "2014-11", True, id="known to the month"),
    pytest.param("2014-09", "2014-10", False, id="ended last month"),
]


def instant(value: str) -> Instant | None:
    return day(value) if value else None


@pytest.mark.parametrize(("start", "end", "binds"), SPANS)
def test_what_binds_now_is_said_and_what_has_ended_or_not_begun_is_not(start: str, end: str, binds: bool) -> None:
    record = Record(
        "custody", ("BE/2210/14",), RecordKind.CUSTODY,
        persons=(Person(0, Role.DETAINEE, ("ASIF KHAN",)),),
        orders=(Order("bail", instant(start), instant(end), 0),),
        markers=(Marker("WE", "weapons", instant(start), instant(end), "knife", 0),),
    )  # fmt: skip
    said = in_force([Held(record, {0})], NOW)
    assert len(said) == (2 if binds else 0)


MIDNIGHT = datetime(2014, 6, 30, 23, 30, tzinfo=UTC)  # 00:30 on 1 July on the wall


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2014-06-01", "2014-07-01", id="on its last day"),
        pytest.param(
            "2014-07-01", "2014-08-01", id="on its first day",
        ),
    ],
)  # fmt: skip
def test_a_bare_date_is_a_day_on_the_wall(start: str, end: str) -> None:
    record = Record("custody", ("1",), orders=(Order("bail", day(start), day(end)),))
    assert in_force([Held(record, None)], MIDNIGHT)


def test_each_is_worded_with_whom_what_until_when_and_where_it_stands() -> None:
    record = Record(
        "custody", ("BE/2210/14",), RecordKind.CUSTODY,
        persons=(Person(0, Role.DETAINEE, ("ASIF KHAN",)),),
        orders=(
            Order("bail", day("2014-09-05"), day("2014-12-19"), 0, ("SHABANA BIBI",), ("NOT TO CONTACT HER", "CURFEW")),
            Order("non_molestation"),
        ),
        markers=(Marker("WE", "weapons", day("2011-05-01"), None, "knife", 0), Marker("CO")),
    )  # fmt: skip
    assert in_force([Held(record, None)], NOW) == (
        "BAIL from 05/09/2014 to 19/12/2014, expires in 33 days, on ASIF KHAN, protects SHABANA BIBI: NOT TO CONTACT HER; "
        "CURFEW (custody BE/2210/14)",
        "NON MOLESTATION, no end recorded, on whom is not recorded (custody BE/2210/14)",
        "WEAPONS ASIF KHAN, marked 01/05/2011 (custody BE/2210/14): knife",
        "marker CO (force list: not defined), marked undated (custody BE/2210/14)",
    )


WHOM = [
    pytest.param(0, {0}, True, id="theirs"),
    pytest.param(0, {1}, False, id="another's of the record"),
    pytest.param(None, {1}, True, id="the record's own"),
    pytest.param(0, None, True, id="a place or number: the whole record"),
]


@pytest.mark.parametrize(("subject", "positions", "shown"), WHOM)
def test_a_marker_is_shown_on_whom_it_is_about(subject: int | None, positions: set[int] | None, shown: bool) -> None:
    record = Record("custody", ("1",), markers=(Marker("WE", "weapons", None, None, "", subject),))
    assert bool(in_force([Held(record, positions)], NOW)) is shown


def test_what_two_hits_of_one_record_share_is_said_once() -> None:
    record = Record("custody", ("1",), orders=(Order("bail"),))
    assert len(in_force([Held(record, {0}), Held(record, {1})], NOW)) == 1
