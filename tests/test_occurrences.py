"""Records collapsed into things that happened: what is joined, what is not, and in no particular order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.held import Held
from discoverer.model import Record, Reference
from discoverer.policy.occurrences import Known, Occurrence, grouped, occurrences
from discoverer.policy.rules import Policy
from discoverer.policy.traces import trace
from tests.policy_cases import DOMESTIC, NUISANCE, SHIPPED, custody, dash, held, log

NIGHT = "2018-09-03T22:00:00Z"
DOOR = "14 HILLAIRES TEST ROAD, ERDINGTON"


def groups(records: Sequence[Record], policy: Policy = SHIPPED) -> list[list[str]]:
    """Return the refs of each occurrence, main one first."""
    return [[each.record.ref for each in found.held] for found in occurrences(held(*records, at=None), policy)]


FIRST = log("100", NIGHT, DOMESTIC, crime="20BE/990417A/18", door=DOOR)
JOINED = [
    ("one crime number", [FIRST, custody("BE/1/18", "2018-09-04T01:00:00Z", crime="20be 990417a 18")]),
    ("a DASH that names the log", [FIRST, dash("DA/18/1", "2018-09-03T23:00:00Z", of_log="100 030918")]),
    ("a log that names the DASH", [log("7", NIGHT, more=(Reference("dash", "DA 18 00001"),)), dash("DA/18/00001", "2018-09-05")]),
    ("a custody record that names the log", [FIRST, custody("BE/1/18", "2018-09-04T01:00:00Z", of_log="100 of 03/09/18")]),
    ("three calls of one night, linked", [FIRST, log("101", "2018-09-03T23:40:00Z", linked="100/030918"), log("9", "2018-09-04T02:00:00Z", linked="101/030918")]),
    ("a second caller at the door within the hour", [FIRST, log("101", "2018-09-03T22:59:00Z", NUISANCE, door=DOOR)]),
    ("the same people, one with the district and one with the postcode", [FIRST, log("101", "2018-09-03T22:07:00Z", door="14 HILLAIRES TEST RD B23 6XX")]),
    ("an undated DASH of the same crime", [FIRST, dash("DA/18/1", "", crime="20BE/990417A/18")]),
    ("an arrest ten months after, of that crime", [FIRST, custody("BE/1/19", "2019-07-04T01:00:00Z", crime="20BE/990417A/18")]),
    ("an arrest ten months after that names the log", [FIRST, custody("BE/1/19", "2019-07-04T01:00:00Z", of_log="100 030918")]),
    ("a DASH done three weeks after that names the log", [FIRST, dash("DA/18/1", "2018-09-24", of_log="100 030918")]),
    ("a log of the same night that quotes the first", [FIRST, log("101", "2018-09-04T02:00:00Z", more=(Reference("log", "100 030918"),))]),
    ("a second form of the next morning that names the first", [dash("DA/18/00001", NIGHT), dash("DA/18/00002", "2018-09-04T08:00:00Z", more=(Reference("dash", "DA/18/00001"),))]),
]  # fmt: skip
APART = [
    ("another crime number", [FIRST, custody("BE/1/18", "2018-09-04T01:00:00Z", crime="20BE/990418A/18")]),
    ("a filler for a crime number", [log("1", NIGHT, crime="N/A"), log("2", "2018-09-03T23:00:00Z", crime="N/A")]),
    ("noughts for a crime number", [log("1", NIGHT, crime="00/00000/00"), log("2", "2018-09-03T23:00:00Z", crime="00/00000/00")]),
    ("a crime number quoted two years on", [FIRST, log("5", "2020-09-04T20:00:00Z", crime="20BE/990417A/18")]),
    ("a linked log of last month", [FIRST, log("5", "2018-10-04T20:00:00Z", DOMESTIC, linked="100/030918")]),
    ("a linked log of the next evening", [FIRST, log("5", "2018-09-04T10:30:00Z", DOMESTIC, linked="100/030918")]),
    ("a log number of another day", [FIRST, dash("DA/18/1", "2018-09-03T23:00:00Z", of_log="100 040918")]),
    ("a log number without its day", [FIRST, dash("DA/18/1", "2018-09-03T23:00:00Z", of_log="LOG 100")]),
    ("another flat", [log("1", NIGHT, door="FLAT 2, 14 HILLAIRES TEST ROAD"), log("2", NIGHT, door="FLAT 3, 14 HILLAIRES TEST ROAD")]),
    ("the same door an hour and a minute later", [FIRST, log("101", "2018-09-03T23:01:00Z", door=DOOR)]),
    ("the same door and hour, other people", [FIRST, log("101", "2018-09-03T22:10:00Z", door=DOOR, victim=("WEI CHEN",))]),
    ("a door of that name in another town", [FIRST, log("101", "2018-09-03T22:10:00Z", door="14 HILLAIRES TEST ROAD, WEDNESBURY", victim=("WEI CHEN",))]),
    ("the same street only", [log("1", NIGHT, door="HILLAIRES TEST ROAD"), log("2", NIGHT, door="HILLAIRES TEST ROAD")]),
    ("the same day, the hour not known", [log("1", "2018-09-03", door=DOOR), log("2", "2018-09-03", door=DOOR)]),
    ("two undated logs of one door", [log("1", "", door=DOOR), log("2", "", door=DOOR)]),
    ("a log that quotes one of six months before", [FIRST, log("5", "2019-03-03T20:00:00Z", DOMESTIC, more=(Reference("log", "100 030918"),))]),
    ("a log under the crime number of one of three months before", [FIRST, log("5", "2018-12-03T20:00:00Z", DOMESTIC, crime="20BE/990417A/18")]),
    ("a log under that crime number of two days before", [FIRST, log("5", "2018-09-05T20:00:00Z", DOMESTIC, crime="20BE/990417A/18")]),
    ("a DASH that cites one of six months before", [dash("DA/18/00001", NIGHT), dash("DA/19/00002", "2019-03-03", more=(Reference("dash", "DA/18/00001"),))]),
    ("a DASH that cites a log of six months before", [FIRST, dash("DA/19/00002", "2019-03-03", of_log="100 030918")]),
    ("a log that cites a DASH of six months before", [dash("DA/18/00001", NIGHT), log("5", "2019-03-03T20:00:00Z", more=(Reference("dash", "DA/18/00001"),))]),
    ("a DASH under the crime number of six months before", [FIRST, dash("DA/19/00002", "2019-03-03", crime="20BE/990417A/18")]),
]  # fmt: skip


# Every record of the cases once, and logs of one door in a row, dated as exactly as logs may be.
MANY = list({(each.source, each.ref): each for _, case in (*JOINED, *APART) for each in case}.values())
MANY += [log(str(900 + number), at, door=DOOR) for number, at in enumerate(
    ("2018-09", "2018-09-03", "2018-09-03T21:30:00Z", "2018-09-03T22:20:00Z", "2018-09-03T23:15:00Z", "2018-09-04")
)]  # fmt: skip


@pytest.mark.parametrize("records", [pytest.param(case[1], id=case[0]) for case in JOINED])
def test_what_tells_of_one_thing_is_one_occurrence_and_says_why(records: list[Record]) -> None:
    (found,) = occurrences(held(*records, at=None), SHIPPED)
    assert len(found.held) == len(records)
    assert found.joined_by and all(any(record.ref in words for words in found.joined_by) for record in records)


@pytest.mark.parametrize("records", [pytest.param(case[1], id=case[0]) for case in APART])
def test_what_tells_of_two_things_stays_two(records: list[Record]) -> None:
    found = occurrences(held(*records, at=None), SHIPPED)
    assert [len(each.held) for each in found] == [1, 1]
    assert all(each.joined_by == () for each in found)


@given(st.permutations([records for _, records in (*JOINED, *APART)]))
@settings(max_examples=10, deadline=None)
def test_what_was_read_for_one_hit_tells_another_the_same(hits: list[list[Record]]) -> None:
    for chosen in hits:
        known: Known = {}
        for part in (chosen[:1], chosen, chosen[1:]):
            assert occurrences(held(*part, at=None), SHIPPED, known) == occurrences(held(*part, at=None), SHIPPED)
        assert known.keys() == {(record.source, record.ref) for record in chosen}


@given(st.sets(st.sampled_from(range(len(MANY)))))
@settings(max_examples=60, deadline=None)
def test_leaving_out_where_a_lonely_log_happened_changes_nothing(chosen: set[int]) -> None:
    records = [MANY[number] for number in sorted(chosen)]
    rules = SHIPPED.terms.occurrence
    whole = grouped((trace(record, rules.named_schemes) for record in records), rules)
    found = occurrences(held(*records, at=None), SHIPPED)
    told = [([(each.record.source, each.record.ref) for each in one.held], one.joined_by) for one in found]
    assert told == [([each.key for each in one.members], one.joined_by) for one in whole]


def test_an_arrest_makes_no_bridge_between_two_calls_of_one_crime_number() -> None:
    crime = "20BE/990417A/18"
    calls = [
        log("1", "2018-01-10T20:00:00Z", DOMESTIC, crime=crime),
        log("2", "2018-05-10T20:00:00Z", DOMESTIC, crime=crime),
    ]
    arrests = [custody("BE/1/18", "2018-05-11T01:00:00Z", crime=crime), custody("BE/2/18", "2018-02-11", crime=crime)]
    assert groups([*calls, *arrests]) == [["2/2018-05-10", "BE/1/18"], ["1/2018-01-10", "BE/2/18"]]


def test_what_an_arrest_names_weighs_more_than_its_crime_number() -> None:
    calls = [FIRST, log("2", "2018-10-10T20:00:00Z", DOMESTIC, crime="20BE/990417A/18")]
    stay = custody("BE/1/18", "2018-10-11T01:00:00Z", crime="20BE/990417A/18", of_log="100 030918")
    assert groups([*calls, stay]) == [["2/2018-10-10"], ["100/2018-09-03", "BE/1/18"]]


def test_the_log_stands_first_and_gives_the_instant_and_all_records_give_their_signs() -> None:
    records = [dash("DA/18/1", "2018-09-03T21:00:00Z", of_log="100 030918"), FIRST]
    (found,) = occurrences(held(*records, at=None), SHIPPED)
    assert [each.record.source for each in found.held] == ["incidents", "domestic_abuse"]
    assert found.at == NIGHT
    assert {sign.source for sign in found.signs} == {"incidents", "domestic_abuse"}


def test_the_most_recent_stands_first_and_the_undated_last() -> None:
    records = [log("1", ""), log("2", "2017"), log("3", "2018-01-01"), log("4", "2018-01-01T10:00:00Z")]
    assert groups(records) == [["4/2018-01-01"], ["3/2018-01-01"], ["2/2017"], ["1/2018-01-01"]]


def test_an_undated_main_record_takes_the_instant_of_another() -> None:
    (found,) = occurrences(
        held(log("7", "", crime="20BE/990417A/18"), dash("DA/18/1", NIGHT, crime="20BE/990417A/18"), at=None), SHIPPED
    )
    assert found.at == NIGHT


def test_a_record_given_twice_is_held_once_with_all_its_positions() -> None:
    (found,) = occurrences([Held(FIRST, (0,)), Held(FIRST, (1,))], SHIPPED)
    assert [(each.record.ref, set(each.positions or ())) for each in found.held] == [(FIRST.ref, {0, 1})]
    (whole,) = occurrences([Held(FIRST, (0,)), Held(FIRST, None)], SHIPPED)
    assert whole.held[0].positions is None


def test_the_windows_are_the_policys() -> None:
    records = [FIRST, log("101", "2018-09-03T23:01:00Z", door=DOOR)]
    wider = SHIPPED.terms.occurrence.model_copy(update={"same_place": "PT61M"})
    policy = Policy(SHIPPED.terms.model_copy(update={"occurrence": wider}), SHIPPED.domestic)
    assert (len(groups(records)), len(groups(records, policy))) == (2, 1)


NUMBERS = st.integers(1, 4).map(str)
TIMES = st.sampled_from(
    ["", "2018", "2018-09", "2018-09-03", "2018-09-03T21:10:00Z", "2018-09-03T22:00:00Z", "2018-09-03T22:45:00Z",
     "2018-09-04T01:00:00Z", "2018-10-01T10:00:00Z", "2019-12-01T10:00:00Z"]
)  # fmt: skip
CRIMES = st.sampled_from(["", "", "20BE/990417A/18", "20BE/990418A/18"])
DOORS = st.sampled_from(["", DOOR, "14 HILLAIRES TEST RD B23 6XX", "15 HILLAIRES TEST ROAD, ERDINGTON"])
LOGS = st.builds(
    lambda number, at, crime, door, linked: log(number, at, DOMESTIC, crime=crime, door=door, linked=linked),
    NUMBERS, TIMES, CRIMES, DOORS, st.sampled_from(["", "1/030918", "2/030918"]),
)  # fmt: skip
FORMS = st.builds(
    lambda number, at, crime, of_log: dash(f"DA/18/0000{number}", at, crime=crime, of_log=of_log),
    NUMBERS, TIMES, CRIMES, st.sampled_from(["", "1 030918", "3 030918"]),
)  # fmt: skip
STAYS = st.builds(lambda number, at, crime: custody(f"BE/{number}/18", at, crime=crime), NUMBERS, TIMES, CRIMES)
RECORDS = st.lists(st.one_of(LOGS, FORMS, STAYS), max_size=9, unique_by=lambda record: (record.source, record.ref))


@settings(max_examples=150, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_in_which_records_are_given_changes_nothing(records: list[Record], dice: object) -> None:
    shuffled = list(records)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert occurrences(held(*records), SHIPPED) == occurrences(held(*shuffled), SHIPPED)


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_every_record_is_in_one_occurrence_and_they_stand_in_order(records: list[Record]) -> None:
    found: tuple[Occurrence, ...] = occurrences(held(*records), SHIPPED)
    told = [(each.record.source, each.record.ref) for occurrence in found for each in occurrence.held]
    assert sorted(told) == sorted((record.source, record.ref) for record in records)
    instants = [occurrence.at for occurrence in found]
    assert instants == sorted(instants, reverse=True)
    assert all((len(each.held) > 1) == bool(each.joined_by) for each in found)


@settings(max_examples=100, deadline=None)
@given(RECORDS)
def test_collapsing_what_is_collapsed_changes_nothing(records: list[Record]) -> None:
    found = occurrences(held(*records), SHIPPED)
    for each in found:
        assert occurrences(each.held, SHIPPED) == (each,)
