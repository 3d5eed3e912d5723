"""Who is a repeat or vulnerable victim, and the files that say so: a case is a row, its near miss beside it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.errors import ConfigError, NotFound
from discoverer.model import Code, Location, Marker, Person, Phone, Record, RecordKind, Reference, RiskLevel, Role
from discoverer.policy.badges import Badge, badges
from discoverer.policy.counting import Happening, Level, count_to, distinct, latest_run
from discoverer.policy.occurrences import occurrences
from discoverer.policy.parts import Party, PartyOf, Subject, written_party
from discoverer.policy.rules import SHIPPED as SHIPPED_FILE
from discoverer.policy.rules import Policies, Policy, Terms, read_policies
from discoverer.policy.times import local_day, read_day, read_duration, span_of, window_start
from discoverer.validation import check
from tests.policy_cases import (
    ASIF,
    DOMESTIC,
    NOW,
    NUISANCE,
    SHABANA,
    SHIPPED,
    custody,
    dash,
    held,
    instant,
    log,
    moment,
    person,
)  # fmt: skip
from tests.setups import complaint, run, write_tiny

PERSON = Subject("person")


def told(
    records: Sequence[Record],
    possible: Sequence[Record] = (),
    *,
    policy: Policy = SHIPPED,
    at: int | None = 0,
    subject: Subject = PERSON,
    party_of: PartyOf = written_party,
) -> dict[tuple[str, str], Badge]:
    """Return the badges of whoever stands at one position of these records, by (kind, clause)."""
    sure, unsure = occurrences(held(*records, at=at), policy), occurrences(held(*possible, at=at), policy)
    return {(badge.kind, badge.clause): badge for badge in badges(subject, sure, unsure, policy, NOW, party_of)}


def repeat(records: Sequence[Record], possible: Sequence[Record] = (), policy: Policy = SHIPPED) -> str:
    """Return how surely they are a repeat victim; '' when they are none."""
    badge = told(records, possible, policy=policy).get(("repeat_victim", "RV2"))
    return badge.level.value if badge else ""


def changed(**edges: object) -> Policy:
    """Return the shipped policy with another decision of an edge case."""
    terms = SHIPPED.terms
    return Policy(terms.model_copy(update={"edges": terms.edges.model_copy(update=edges)}), SHIPPED.domestic)


A, B = log("1", "2018-09-03T20:00:00Z", DOMESTIC), log("2", "2018-03-01T20:00:00Z", DOMESTIC)
AS_SUSPECT = log(
    "3",
    "2018-05-01T20:00:00Z",
    DOMESTIC,
    victim=ASIF,
    persons=(person(0, Role.SUSPECT, SHABANA), person(1, Role.VICTIM, ASIF)),
)
AS_WITNESS = log("3", "2018-05-01T20:00:00Z", DOMESTIC, persons=(person(0, Role.WITNESS, SHABANA),))
AS_CALLER = log("3", "2018-05-01T20:00:00Z", DOMESTIC, persons=(person(0, Role.CALLER, SHABANA),))
CALLER_OF_ANOTHER = log(
    "3", "2018-05-01T20:00:00Z", DOMESTIC,
    persons=(person(0, Role.CALLER, SHABANA), person(2, Role.VICTIM, ("LEANNE SMITH", "12/12/1991"))),
)  # fmt: skip
CALLER_OF_NOBODY = replace(CALLER_OF_ANOTHER, persons=(person(0, Role.CALLER, SHABANA), Person(2, Role.VICTIM)))
AS_BOTH = log(
    "3", "2018-05-01T20:00:00Z", DOMESTIC, persons=(person(0, Role.VICTIM, SHABANA), person(1, Role.SUSPECT, ASIF))
)
COUNTER = log(
    "4",
    "2018-05-01T20:05:00Z",
    DOMESTIC,
    linked="3/010518",
    persons=(person(0, Role.SUSPECT, SHABANA), person(1, Role.VICTIM, ASIF)),
)
ARREST_OF_HERS = custody(
    "BE/1/18", "2018-09-05", flag="Y", persons=(person(1, Role.DETAINEE, ASIF), person(0, Role.VICTIM, SHABANA))
)
NIGHTS = ("2018-09-03T20:00:00Z", "2018-09-03T22:00:00Z")
REPEATS: list[tuple[str, list[Record], str]] = [
    ("two events in twelve months", [A, B], "certain"),
    ("one event", [A], ""),
    ("twelve months to the day", [log("1", "2018-09-03T01:00:00Z", DOMESTIC), log("2", "2017-09-03T20:00:00Z", DOMESTIC)], "certain"),
    ("twelve months and one day", [log("1", "2018-09-03T01:00:00Z", DOMESTIC), log("2", "2017-09-02T20:00:00Z", DOMESTIC)], ""),
    ("another event, years before the last", [A, log("2", "2012-03-01T20:00:00Z", DOMESTIC)], ""),
    ("both more than a year ago", [log("1", "2016-09-03T20:00:00Z", DOMESTIC), log("2", "2016-03-01T20:00:00Z", DOMESTIC)], ""),
    ("the last a month short of lapsing", [log("1", "2017-12-18T20:00:00Z", DOMESTIC), log("2", "2017-03-01T20:00:00Z", DOMESTIC)], "certain"),
    ("a witness is no victim", [A, AS_WITNESS], ""),
    ("a caller is no victim where one is named", [A, CALLER_OF_ANOTHER], ""),
    ("whoever rings of abuse and names no victim may be the victim", [A, AS_CALLER], "possible"),
    ("so may one who rings for somebody without a name", [A, CALLER_OF_NOBODY], "possible"),
    ("a caller about a noise is nobody's victim", [A, log("3", "2018-05-01T20:00:00Z", NUISANCE, persons=(person(0, Role.CALLER, SHABANA),))], ""),
    ("a suspect is no victim", [A, AS_SUSPECT], ""),
    ("the second was no domestic abuse", [A, log("2", "2018-03-01T20:00:00Z", NUISANCE)], ""),
    ("words alone suggest the second", [A, log("2", "2018-03-01T20:00:00Z", NUISANCE, text="HUSBAND HIT HER")], "possible"),
    ("three linked logs of one night", [A, log("8", "2018-09-03T21:30:00Z", DOMESTIC, linked="1/030918"), log("9", "2018-09-03T23:00:00Z", DOMESTIC, linked="8/030918")], ""),
    ("four calls of one night, none linked", [A, log("8", "2018-09-03T22:30:00Z", DOMESTIC), log("9", "2018-09-04T01:00:00Z", DOMESTIC), log("10", "2018-09-04T04:00:00Z", DOMESTIC)], ""),
    ("the night after", [A, log("8", "2018-09-04T20:00:00Z", DOMESTIC)], "certain"),
    ("a linked log of last month is its own event", [A, log("8", "2018-10-02T20:00:00Z", DOMESTIC, linked="1/030918")], "certain"),
    ("a log and its DASH", [A, dash("DA/18/1", "2018-09-03T23:00:00Z", of_log="1 030918")], ""),
    ("a log, and a DASH of another day that names no log", [A, dash("DA/18/1", "2018-06-03")], "certain"),
    ("two DASHes dated to neighbouring days may be of one night", [dash("DA/18/1", "2018-06-03"), dash("DA/18/2", "2018-06-04")], "possible"),
    ("two DASHes of one day are one", [dash("DA/18/1", "2018-06-03"), dash("DA/18/2", "2018-06-03")], ""),
    ("two DASHes two days apart are two", [dash("DA/18/1", "2018-06-03"), dash("DA/18/2", "2018-06-05")], "certain"),
    ("three DASHes of three days are two at the least", [dash("DA/18/1", "2018-06-03"), dash("DA/18/2", "2018-06-04"), dash("DA/18/3", "2018-06-05")], "certain"),
    ("a log of the evening and a DASH of the next day, unlinked", [A, dash("DA/18/1", "2018-09-04")], ""),
    ("a log and a DASH three days later, unlinked", [A, dash("DA/18/1", "2018-09-06")], "possible"),
    ("a log and a DASH nine days later, unlinked", [A, dash("DA/18/1", "2018-09-12")], "certain"),
    ("a log, its DASH, and an arrest two days later, unlinked", [A, dash("DA/18/1", "2018-09-03"), ARREST_OF_HERS], "possible"),
    ("two logs, and an arrest days after the second", [A, B, ARREST_OF_HERS], "certain"),
    ("a log and its DASH, and a DASH three days later", [A, dash("DA/18/1", "2018-09-03", of_log="1 030918"), dash("DA/18/2", "2018-09-06")], "certain"),
    ("a log that quotes an earlier one is another call", [A, log("8", "2018-09-20T20:00:00Z", DOMESTIC, more=(Reference("log", "1 030918"),))], "certain"),
    ("the second is not dated", [A, log("2", "", DOMESTIC)], "possible"),
    ("the second is dated to a year only", [A, dash("DA/17/1", "2017")], "possible"),
    ("the second is dated to a month within", [A, dash("DA/17/1", "2017-12")], "certain"),
    ("an event of tomorrow is a mistake", [A, log("2", "2018-11-19T20:00:00Z", DOMESTIC)], ""),
    ("closed as no domestic, coded as one all the same", [A, log("2", "2018-03-01T20:00:00Z", DOMESTIC, notes=(("result", "NOT A DOMESTIC"),))], "certain"),
    ("a victim of fifteen", [log("1", "2018-09-03", DOMESTIC, victim=("MAYA TEST", "01/02/2004")), log("2", "2018-03-03", DOMESTIC, victim=("MAYA TEST", "01/02/2004"))], ""),
    ("a victim of sixteen", [log("1", "2018-09-03", DOMESTIC, victim=("MAYA TEST", "02/02/2002")), log("2", "2018-03-03", DOMESTIC, victim=("MAYA TEST", "02/02/2002"))], "certain"),
    ("a counter-allegation counts her as victim", [A, AS_BOTH, COUNTER], "certain"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REPEATS])
def test_a_repeat_victim_is_one_by_the_clause_and_nothing_else(records: list[Record], expected: str) -> None:
    assert repeat(records) == expected


def test_a_counter_allegation_counts_each_as_victim_and_as_suspect() -> None:
    hers = told([A, AS_BOTH, COUNTER])
    his = told(
        [AS_BOTH, COUNTER, log("7", "2018-08-01T20:00:00Z", DOMESTIC, persons=(person(1, Role.VICTIM, ASIF),))], at=1
    )
    assert hers["repeat_victim", "RV2"].level is his["repeat_victim", "RV2"].level is Level.CERTAIN
    neither = changed(counter_allegation="neither")
    assert repeat([A, AS_BOTH, COUNTER], policy=neither) == ""
    assert repeat([A, AS_BOTH], policy=neither) == "certain"


CANCELLED = log("2", "2018-03-01T20:00:00Z", NUISANCE, notes=(("result", "NOT A DOMESTIC"),))
OPENED_AS = log("2", "2018-03-01T20:00:00Z", notes=(("result", "NOT A DOMESTIC"),), text="HUSBAND HIT HER")
OLD_ABUSE = log("2", "2018-03-01T20:00:00Z", DOMESTIC, notes=(("event date", "04/09/1998"),))
CHILD = (person(0, Role.VICTIM, ("JEAN TEST",)), person(1, Role.SUSPECT, ("KYLE TEST", "01/02/2005")))
BY_CHILD = [log("1", "2018-09-03", DOMESTIC, persons=CHILD), log("2", "2018-03-03", DOMESTIC, persons=CHILD)]
YOUNG = [
    log("1", "2018-09-03", DOMESTIC, victim=("MAYA", "01/02/2004")),
    log("2", "2018-03-03", DOMESTIC, victim=("MAYA", "01/02/2004")),
]
EDGES: list[tuple[str, list[Record], dict[str, object], str]] = [
    ("old abuse told in spring counts in spring", [A, OLD_ABUSE], {}, "certain"),
    ("old abuse counts when it happened", [A, OLD_ABUSE], {"historic": "event", "event_labels": ("event date",)}, ""),
    ("no domestic, and only words said otherwise", [A, OPENED_AS], {}, ""),
    ("no domestic, and words count all the same", [A, OPENED_AS], {"cancelled": "count"}, "possible"),
    ("coded, and closed as no domestic, never counts", [A, log("2", "2018-03-01T20:00:00Z", DOMESTIC, notes=(("result", "CANCELLED"),))], {"cancelled": "exclude"}, ""),
    ("a child who hits his mother", BY_CHILD, {}, "certain"),
    ("a child who hits his mother, kept apart", BY_CHILD, {"child_to_parent": "apart"}, ""),
    ("victims under 16 counted", YOUNG, {"under_16": "count"}, "certain"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "edges", "expected"), [pytest.param(*case[1:], id=case[0]) for case in EDGES])
def test_every_edge_case_is_the_policys_to_decide(
    records: list[Record], edges: dict[str, object], expected: str
) -> None:
    assert repeat(records, policy=changed(**edges)) == expected


def test_what_only_possible_links_add_makes_a_possible_repeat_never_a_repeat() -> None:
    badge = told([A], [B])["repeat_victim", "RV2"]
    assert badge.level is Level.POSSIBLE
    assert badge.words.startswith("POSSIBLE REPEAT VICTIM: 2 domestic abuse events in 12 months to 03/09/2018")
    assert "only possibly the same person" in badge.words
    assert repeat([], [A, B]) == "possible"
    assert repeat([A], [B], policy=changed(identity_unsure="ignore")) == ""
    third = log("3", "2018-06-01T20:00:00Z", DOMESTIC)
    assert repeat([A, B], [third]) == "certain"
    assert third.ref not in {ref for _, ref in told([A, B], [third])["repeat_victim", "RV2"].records}


def test_a_possible_occurrence_that_is_held_for_sure_counts_once() -> None:
    assert repeat([A], [A]) == ""


def test_a_badge_names_policy_version_clause_records_and_when() -> None:
    badge = told([A, B])["repeat_victim", "RV2"]
    assert (badge.policy, badge.version, badge.level, badge.at) == (
        "wmp-da-repeat-vulnerable", "1", Level.CERTAIN, "2018-09-03T20:00:00Z",
    )  # fmt: skip
    assert badge.records == (("incidents", "1/2018-09-03"), ("incidents", "2/2018-03-01"))
    assert badge.words == "REPEAT VICTIM: 2 domestic abuse events in 12 months to 03/09/2018"


def test_every_record_of_a_night_supports_the_badge() -> None:
    more = log("8", "2018-09-03T22:30:00Z", DOMESTIC)
    assert (more.source, more.ref) in told([A, more, B])["repeat_victim", "RV2"].records


def by(suspect: Sequence[str], *days: str) -> list[Record]:
    """Return a log a day with this suspect."""
    return [log(str(n), f"{day}T20:00:00Z", DOMESTIC, suspect=suspect) for n, day in enumerate(days, 1)]


PAIRS: list[tuple[str, list[Record], str]] = [
    ("one suspect twice", by(ASIF, "2018-09-03", "2018-03-01"), "certain"),
    ("two suspects", [*by(ASIF, "2018-09-03"), *by(("CARL BRAND", "01/01/1980"), "2018-03-01")], ""),
    ("father and son of one name", [*by(ASIF, "2018-09-03"), *by(("ASIF KHAN", "09/10/1958"), "2018-03-01")], ""),
    ("the second by name alone", [*by(ASIF, "2018-09-03"), *by(ASIF[:1], "2018-03-01")], "possible"),
    ("both by name alone", by(ASIF[:1], "2018-09-03", "2018-03-01"), "possible"),
    ("no suspect named", by((), "2018-09-03", "2018-03-01"), ""),
    ("a year and a day between", by(ASIF, "2018-09-03", "2017-09-02"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("records", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PAIRS])
def test_a_repeat_pair_is_one_suspect_and_is_named(records: list[Record], expected: str) -> None:
    badge = told(records).get(("repeat_pair", "RV3"))
    assert (badge.level.value if badge else "") == expected
    assert badge is None or badge.words.endswith("by ASIF KHAN") or "by ASIF KHAN (" in badge.words


def test_whoever_knows_who_is_who_can_say_so() -> None:
    def known(record: Record, someone: Person) -> Party:
        del record
        return Party("p1", "Mohammed Asif Khan", True, "khan") if someone else Party("", "", False, "")

    records = [*by(("ASI",), "2018-09-03"), *by(("MOHD ASIF",), "2018-03-01")]
    badge = told(records, party_of=known)["repeat_pair", "RV3"]
    assert badge.level is Level.CERTAIN and badge.words.endswith(", by Mohammed Asif Khan")


def test_escalation_is_three_events_and_not_two() -> None:
    two, three = by(ASIF, "2018-09-03", "2018-03-01"), by(ASIF, "2018-09-03", "2018-06-01", "2018-03-01")
    assert ("escalation", "RV5") not in told(two)
    assert told(three)["escalation", "RV5"].words.startswith("ESCALATION: 3 domestic abuse events")


REFERRED = dash("DA/18/1", "2018-03-01T20:00:00Z", RiskLevel.HIGH, notes=(("MARAC referred", "02/03/2018"),))
MARAC: list[tuple[str, list[Record], str]] = [
    ("a new event by the same suspect", [REFERRED, *by(ASIF, "2018-09-03")], "certain"),
    ("by another suspect", [REFERRED, *by(("CARL BRAND", "01/01/1980"), "2018-09-03")], ""),
    ("before the referral", [REFERRED, *by(ASIF, "2018-02-20")], ""),
    ("thirteen months after it", [dash("DA/17/1", "2017-08-01", notes=(("MARAC referred", "02/08/2017"),)), *by(ASIF, "2018-09-03")], ""),
    ("high, and never referred", [dash("DA/18/1", "2018-03-01T20:00:00Z", RiskLevel.HIGH), *by(ASIF, "2018-09-03")], ""),
    ("by somebody of his name", [REFERRED, *by(ASIF[:1], "2018-09-03")], "possible"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "expected"), [pytest.param(*case[1:], id=case[0]) for case in MARAC])
def test_a_marac_repeat_is_the_same_pair_within_a_year_of_the_last_referral(
    records: list[Record], expected: str
) -> None:
    badge = told(records).get(("marac_repeat", "RV4"))
    assert (badge.level.value if badge else "") == expected
    if badge:
        assert "new event 03/09/2018 by ASIF KHAN, after the referral of 02/03/2018" in badge.words
        assert ("domestic_abuse", "DA/18/1") in badge.records


VUL = log("1", "2018-09-03T20:00:00Z", DOMESTIC)
MARKED = (Marker("MH", "mental health", instant("2017-05-01"), None, "", 0),)
VULNERABLE: list[tuple[str, list[Record], str, str]] = [
    ("seventeen at the event", [log("1", "2018-09-03", NUISANCE, victim=("MAYA", "04/09/2000"))], "under18", "certain"),
    ("eighteen that day", [log("1", "2018-09-03", NUISANCE, victim=("MAYA", "03/09/2000"))], "under18", ""),
    ("an age that may be under eighteen", [log("1", "2018-09-03", persons=(Person(0, Role.VICTIM, ("MAYA",), age="ABOUT 18"),))], "under18", "possible"),
    ("seventeen, but the suspect", [log("1", "2018-09-03", persons=(Person(0, Role.SUSPECT, ("MAYA",), ("04/09/2000",)),))], "under18", ""),
    ("seventeen, two years ago", [log("1", "2016-09-03", NUISANCE, victim=("MAYA", "04/09/1998"))], "under18", ""),
    ("very frightened", [dash("DA/18/1", "2018-09-03", answers=((2, "yes"),))], "fear", "certain"),
    ("not very frightened", [dash("DA/18/1", "2018-09-03", answers=((2, "no"),))], "fear", ""),
    ("the victim of the DASH is another", [dash("DA/18/1", "2018-09-03", answers=((2, "yes"),), persons=(person(0, Role.SUSPECT, SHABANA),), assessments=())], "fear", ""),
    ("stalked", [dash("DA/18/1", "2018-09-03", answers=((8, "yes"),))], "stalking", "certain"),
    ("a marker on her", [custody("BE/1/15", "2015-01-01", persons=(person(0, Role.DETAINEE, SHABANA),), markers=MARKED)], "impairment", "certain"),
    ("a marker on another", [custody("BE/1/15", "2015-01-01", persons=(person(0, Role.DETAINEE, SHABANA),), markers=(Marker("MH", "mental health", None, None, "", 1),))], "impairment", ""),
    ("a marker that has lapsed", [custody("BE/1/15", "2015-01-01", persons=(person(0, Role.DETAINEE, SHABANA),), markers=(Marker("MH", "mental health", None, instant("2018-01-01"), "", 0),))], "impairment", ""),
    ("a child in a domestic record", [dash("DA/18/1", "2018-09-03", persons=(person(0, Role.VICTIM, SHABANA), person(2, Role.CHILD, ("AMINA",))))], "child_in_household", "certain"),
    ("a child in another record", [log("1", "2018-09-03", NUISANCE, persons=(person(0, Role.VICTIM, SHABANA), person(2, Role.CHILD, ("AMINA",))))], "child_in_household", ""),
    ("three events", by(ASIF, "2018-09-03", "2018-06-01", "2018-03-01"), "persistently_targeted", "certain"),
    ("two events", by(ASIF, "2018-09-03", "2018-06-01"), "persistently_targeted", ""),
    ("an interpreter", [log("1", "2018-09-03", NUISANCE, notes=(("interpreter", "YES, POLISH"),))], "language_or_status", "certain"),
    ("no interpreter", [log("1", "2018-09-03", NUISANCE, notes=(("interpreter", "NO"),))], "language_or_status", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "clause", "expected"), [pytest.param(*case[1:], id=case[0]) for case in VULNERABLE]
)
def test_a_vulnerable_victim_is_one_by_a_clause_that_is_named(
    records: list[Record], clause: str, expected: str
) -> None:
    badge = told(records).get(("vulnerable_victim", clause))
    assert (badge.level.value if badge else "") == expected


def test_a_qualifier_of_a_log_only_suggests_that_its_victim_is_vulnerable() -> None:
    badge = told([log("1", "2018-09-03", Code("qualifier", "MH", "mental health"))])["vulnerable_victim", "impairment"]
    assert badge.level is Level.POSSIBLE and badge.words.startswith("POSSIBLE VULNERABLE VICTIM")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (log("1", "2018-09-03", DOMESTIC, crime="20BE/990417A/18"), "certain"),
        (log("1", "2018-09-03", DOMESTIC), ""),  # no crime, no entitlement
        (log("1", "2018-09-03", NUISANCE, crime="20BE/990417A/18"), ""),  # a crime, no domestic abuse
        (log("1", "2016-09-03", DOMESTIC, crime="20BE/990417A/16"), ""),
    ],
)
def test_every_victim_of_a_domestic_abuse_crime_is_code_enhanced(record: Record, expected: str) -> None:
    badge = told([record]).get(("code_enhanced", "VV5"))
    assert (badge.level.value if badge else "") == expected


def at_place(n: str, day: str, role: Role, *, coded: bool = True) -> Record:
    """Return a log with one place in one part."""
    place = Location(3, role, "14 HILLAIRES TEST ROAD", holder=None if role is Role.SCENE else 0)
    return log(n, day, *((DOMESTIC,) if coded else (NUISANCE,)), locations=(place,))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([at_place("1", "2018-09-03", Role.SCENE), at_place("2", "2018-03-03", Role.SCENE)], "certain"),
        (
            [at_place("1", "2018-09-03", Role.SCENE), at_place("2", "2018-03-03", Role.HOME)],
            "",
        ),  # it happened elsewhere
        ([at_place("1", "2018-09-03", Role.SCENE), at_place("2", "2018-03-03", Role.SCENE, coded=False)], ""),
        ([at_place("1", "2018-09-03", Role.SCENE), at_place("2", "2017-03-03", Role.SCENE)], ""),
    ],
)
def test_a_repeat_location_is_where_it_happened(records: list[Record], expected: str) -> None:
    badge = told(records, at=3, subject=Subject("location")).get(("repeat_location", "RV9"))
    assert (badge.level.value if badge else "") == expected
    # Held as a whole, nobody knows which part the place plays.
    whole = told(records, at=None, subject=Subject("location")).get(("repeat_location", "RV9"))
    assert whole is None or whole.level is Level.POSSIBLE


def test_the_positions_of_a_place_can_be_given_apart_from_what_is_held() -> None:
    records = [at_place("1", "2018-09-03", Role.SCENE), at_place("2", "2018-03-03", Role.SCENE)]
    subject = Subject("location", {(record.source, record.ref): (3,) for record in records})
    assert told(records, at=None, subject=subject)["repeat_location", "RV9"].level is Level.CERTAIN


def from_number(number: str, at: str, *codes: Code, role: Role = Role.CALLED_FROM, **parts: object) -> Record:
    phones = (Phone(3, role, "07700900417"),)
    return log(number, at, *codes, victim=(), phones=phones, **parts)  # type: ignore[arg-type]


ABANDONED = Code("opening", "215", "abandoned call")
SILENT: list[tuple[str, list[Record], int]] = [
    ("two abandoned calls of one night", [from_number("1", NIGHTS[0], ABANDONED), from_number("2", NIGHTS[1], ABANDONED)], 2),
    ("linked to one another", [from_number("1", NIGHTS[0], ABANDONED), from_number("2", NIGHTS[1], ABANDONED, linked="1/030918")], 2),
    ("one coded domestic abuse, one that only its text calls silent", [from_number("1", NIGHTS[0], DOMESTIC), from_number("2", NIGHTS[1], text="SILENT 999, 55 NOT PRESSED")], 2),
    ("one abandoned call", [from_number("1", NIGHTS[0], ABANDONED)], 0),
    ("an abandoned call and an abandoned vehicle", [from_number("1", NIGHTS[0], ABANDONED), from_number("2", NIGHTS[1], NUISANCE, text="ABANDONED VEHICLE")], 0),
    ("an abandoned call, and one that only names the number", [from_number("1", NIGHTS[0], ABANDONED), from_number("2", NIGHTS[1], ABANDONED, role=Role.OWN)], 0),
    ("two noise complaints", [from_number("1", NIGHTS[0], NUISANCE), from_number("2", NIGHTS[1], NUISANCE)], 0),
]  # fmt: skip


@pytest.mark.parametrize(("records", "calls"), [pytest.param(*case[1:], id=case[0]) for case in SILENT])
def test_silent_calls_from_one_number_stack_up(records: list[Record], calls: int) -> None:
    badge = told(records, at=3, subject=Subject("phone")).get(("repeat_phone", "RV8"))
    words = f"REPEAT CALLS FROM THIS NUMBER: {calls} domestic abuse, silent or abandoned calls in 12 months"
    assert (
        badge.words.startswith(words) and badge.level is Level.CERTAIN if calls and badge else not calls and not badge
    )


def test_a_number_counts_the_calls_made_from_it_each_of_one_night_too() -> None:
    calls = [
        log(str(n), f"2018-09-03T{hour}:00:00Z", DOMESTIC, phones=(Phone(3, Role.CALLED_FROM, "07700900417"),))
        for n, hour in enumerate(("18", "20", "22"), 1)
    ]
    badge = told(calls, at=3, subject=Subject("phone"))["repeat_phone", "RV8"]
    assert badge.words.startswith("REPEAT CALLS FROM THIS NUMBER: 3")
    own = [with_number(str(n), f"2018-0{n}-01", SHABANA) for n in (3, 4)]
    assert "repeat_phone" not in {kind for kind, _ in told(own, at=3, subject=Subject("phone"))}


def with_number(n: str, day: str, victim: Sequence[str], *, coded: bool = True) -> Record:
    """Return a log of a victim whose own number it holds."""
    phone = Phone(3, Role.OWN, "07700900417", holder=0)
    return log(n, day, *((DOMESTIC,) if coded else (NUISANCE,)), victim=victim, phones=(phone,))


DONNA = ("DONNA PRIDDY", "28/08/1988")
NUMBERS = [
    pytest.param([DONNA, DONNA], "certain", "certain", id="one victim"),
    pytest.param([DONNA, ("DONNA PRIDDIE",)], "certain", "possible", id="two spellings"),
    pytest.param([DONNA, ("DONNA MARIE PRIDDY",)], "certain", "possible", id="a middle name"),
    pytest.param([DONNA, ("DONNA",)], "certain", "possible", id="a forename alone"),
    pytest.param([("DONNA PRIDDY",), ("DONNA PRIDDY",)], "certain", "possible", id="one name twice, nothing more"),
    pytest.param([DONNA, ("DONNA PRIDDY", "02/05/1970")], "certain", "", id="two dates of birth"),
    pytest.param([DONNA, ("TRACEY PRIDDY",)], "certain", "", id="one of the family"),
    pytest.param([DONNA, ("TRACEY GOODWIN",)], "certain", "", id="another victim"),
    pytest.param([DONNA, ()], "certain", "", id="the other names no victim"),
    pytest.param([DONNA], "", "", id="one event"),
    pytest.param([("MAYA", "01/02/2004"), ("MAYA", "01/02/2004")], "certain", "", id="a victim under sixteen"),
]  # fmt: skip


@pytest.mark.parametrize(("victims", "number", "victim"), NUMBERS)
def test_events_with_one_number_are_a_repeat_and_its_victims_one_where_they_may_be(
    victims: list[Sequence[str]], number: str, victim: str
) -> None:
    records = [with_number(str(n), f"2018-0{9 - n}-03", who) for n, who in enumerate(victims)]
    found = told(records, at=3, subject=Subject("phone"))
    levels = {kind: badge.level.value for (kind, _), badge in found.items()}
    assert (levels.get("repeat_number", ""), levels.get("repeat_victim", "")) == (number, victim)
    if victim:
        said = found["repeat_victim", "RV2"].words
        assert f", of {victims[0][0]}" in said and ("if" in said and "same person" in said) is (
            victim == "possible" and victims[0] != victims[1]
        )
        assert found["repeat_victim", "RV2"].records == found["repeat_number", "RV2"].records


def test_a_number_in_one_domestic_event_and_another_event_is_no_repeat() -> None:
    records = [with_number("1", "2018-09-03", DONNA), with_number("2", "2018-06-03", DONNA, coded=False)]
    assert told(records, at=3, subject=Subject("phone")) == {}


def test_the_forms_of_three_spellings_say_who_may_be_whom() -> None:
    whom = [DONNA, ("DONNA PRIDDIE",), ("DONNA MARIE PRIDDY",)]
    records = [with_number(str(n), f"2018-0{9 - n}-03", who) for n, who in enumerate(whom)]
    words = told(records, at=3, subject=Subject("phone"))["repeat_victim", "RV2"].words
    assert words.endswith(
        ", of DONNA PRIDDY if DONNA PRIDDIE and DONNA MARIE PRIDDY are the same person (not known to be one person)"
    )


def test_a_place_and_a_number_have_no_badges_of_people() -> None:
    assert {kind for kind, _ in told(by(ASIF, "2018-09-03", "2018-03-01"), at=None, subject=Subject("location"))} <= {
        "repeat_location"
    }


# Windows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "length", "start"),
    [
        ("2018-11-18T12:00:00Z", "P12M", date(2017, 11, 18)),
        ("2016-02-29T12:00:00Z", "P1Y", date(2015, 2, 28)),
        ("2018-03-31T12:00:00Z", "P1M", date(2018, 2, 28)),
        ("2018-11-18T12:00:00Z", "P28D", date(2018, 10, 21)),
        ("2018-06-30T23:30:00Z", "P1M", date(2018, 6, 1)),  # half past midnight of 1 July, local time
    ],
)
def test_a_window_of_days_begins_with_a_local_day(end: str, length: str, start: date) -> None:
    began = window_start(moment(end), read_duration(length))
    assert local_day(began) == start
    assert window_start(moment("2018-11-18T12:00:00Z"), read_duration("PT60M")) == moment("2018-11-18T11:00:00Z")


@pytest.mark.parametrize("text", ["", "12M", "P", "PT", "P0D", "P-1M", "P12", "12 months", "P1.5M", "P9999M", "P1M2"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"ISO duration|no time at all|hundred years"):
        read_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("04/09/2014", date(2014, 9, 4)), ("4.9.14", date(2014, 9, 4)), ("on 2014-09-04", date(2014, 9, 4)), ("31/02/2014", None), ("soon", None)],
)  # fmt: skip
def test_the_day_in_a_note_is_read(text: str, expected: date | None) -> None:
    assert read_day(text) == expected


EVENTS = st.lists(
    st.builds(
        lambda day, n, doubt, kind: Happening(
            day and f"2018-{day}", (("s", str(n)),), ("doubt",) if doubt else (), frozenset(kind)
        ),
        st.sampled_from(
            ["", "01-01", "01-01T10:00:00Z", "01-01T15:00:00Z", "01-02", "01-04", "03-01", "06-01T08:00:00Z", "11-01"]
        ),
        st.integers(0, 99), st.booleans(), st.sets(st.sampled_from([RecordKind.INCIDENT, RecordKind.CUSTODY])),
    ),
    max_size=8, unique_by=lambda event: event.records,
)  # fmt: skip


@given(EVENTS, st.permutations(range(8)))
def test_counting_does_not_depend_on_order_and_loses_no_record(events: list[Happening], order: list[int]) -> None:
    night = SHIPPED.terms.repeat_victim
    shuffled = [events[n] for n in order if n < len(events)]
    once = distinct(events, night)
    assert distinct(shuffled, night) == once
    assert sorted(key for event in once for key in event.records) == sorted(
        key for event in events for key in event.records
    )
    window = read_duration("P12M")
    assert latest_run(once, window, 2, NOW) == latest_run(distinct(shuffled, night), window, 2, NOW)


@given(EVENTS)
def test_what_is_doubtful_is_never_counted_as_certain(events: list[Happening]) -> None:
    for anchor in events:
        count = count_to(anchor, events, read_duration("P12M"))
        assert all(not event.doubts and event.span is not None for event in count.certain)
        assert not set(count.certain) & set(count.possible)


def test_a_bare_date_is_a_whole_local_day() -> None:
    span = span_of("2018-07-01")
    assert span is not None and (span.first, span.last) == (
        moment("2018-06-30T23:00:00Z"),
        moment("2018-07-01T22:59:59Z"),
    )


@pytest.mark.parametrize("at", ["0001", "0001-01-01", "0050-06-01", "9999", "9999-12-31", "9999-12-31T23:59:59Z"])
def test_a_filler_at_the_ends_of_time_stops_no_count(at: str) -> None:
    for length in ("P12M", "P100Y", "P36500D", "PT999999M"):
        span = span_of(at)
        assert span is not None and window_start(span.last, read_duration(length)) <= span.last
    assert repeat([A, B, log("9", at, DOMESTIC)]) == "certain"
    assert repeat([A, log("9", at, DOMESTIC)]) == ""


# Files --------------------------------------------------------------------------------------------------------------

TEXT = SHIPPED_FILE.read_text(encoding="utf-8")
ONE: dict[str, Any] = tomllib.loads(TEXT)["policy"][0]


def edited(*changes: tuple[str, str]) -> str:
    """Return the shipped file with changes."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


SECOND = edited(
    ('version = "1"', 'version = "2"'), ("effective_from = 2008-01-01", "effective_from = 2018-06-01"),
    ('definition = "RV2"\nwords = "REPEAT VICTIM"\nwindow = "P12M"', 'definition = "RV2"\nwords = "REPEAT VICTIM"\nwindow = "P24M"'),
)  # fmt: skip
FIRST = edited(("effective_from = 2008-01-01", "effective_from = 2008-01-01\neffective_to = 2018-05-31"))


def test_the_version_in_force_on_a_day_answers_and_old_answers_can_be_made_again(tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text(FIRST, encoding="utf-8")
    (tmp_path / "new.toml").write_text(SECOND, encoding="utf-8")
    policies = read_policies(tmp_path)
    assert [policy.name.partition("@")[2] for policy in policies.versions] == ["1", "2"]
    old, new = policies.policy_at(date(2018, 5, 31)), policies.policy_at(date(2018, 6, 1))
    assert (old.terms.version, new.terms.version) == ("1", "2")
    case = [log("1", "2018-09-03T20:00:00Z", DOMESTIC), log("2", "2017-03-01T20:00:00Z", DOMESTIC)]
    assert (repeat(case, policy=old), repeat(case, policy=new)) == ("", "certain")
    assert told(case, policy=new)["repeat_victim", "RV2"].version == "2"
    assert repeat(case, policy=policies.version("1")) == repeat(case, policy=policies.version(old.name)) == ""


def test_a_day_or_name_without_a_policy_is_said_with_what_there_is() -> None:
    policies = read_policies()
    with pytest.raises(NotFound, match=r"No policy was in force on 31/12/2007; policy.toml holds .*@1 from 01/01/2008"):
        policies.policy_at(date(2007, 12, 31))
    with pytest.raises(NotFound, match="There is no policy version '9'"):
        policies.version("9")


MISTAKES: list[tuple[str, str, str]] = [
    ("an impossible date", edited(("effective_from = 2008-01-01", 'effective_from = "2014-02-30"')), "'effective_from'"),
    ("a date that is not one in TOML", edited(("effective_from = 2008-01-01", "effective_from = 2014-02-30")), "not valid TOML"),
    ("ends before it begins", edited(("effective_from = 2008-01-01", "effective_from = 2014-02-01\neffective_to = 2014-01-31")), "ends 2014-01-31, before it begins on 2014-02-01"),
    ("two in force at once", TEXT + SECOND.partition("below it")[2].partition("\n\n")[2], "both are in force at once"),
    ("an unknown role", edited(('roles = ["victim"]', 'roles = ["bystander"]')), "'repeat_victim.roles.0'"),
    ("a place as a victim", edited(('roles = ["victim"]', 'roles = ["scene"]')), "'repeat_victim.roles' holds scene, which it cannot count"),
    ("an unknown clause", edited(("[policy.code_enhanced]", "[policy.code_enchanted]")), "did you mean 'code_enhanced'?"),
    ("a window in words", edited(('window = "P12M"', 'window = "12 months"')), "'12 months' is not an ISO duration"),
    ("a window of nothing", edited(('linked_log = "PT12H"', 'linked_log = "PT0H"')), "'PT0H' is no time at all"),
    ("an unknown rule", edited(('"dash", "assessment"', '"dash", "hunch"')), "'da_event_if' names rule 'hunch'"),
    ("unknown rules of recognition", edited(('domestic = "1"', 'domestic = "2014"')), "'domestic' names version '2014'"),
    ("a threshold of one", edited(("threshold = 2", "threshold = 1")), "'repeat_victim.threshold'"),
    ("an edge case left open", edited(('historic = "report" ', "# ")), "'edges.historic' is missing"),
    ("event dates without their notes", edited(('historic = "report" ', 'historic = "event" ')), "needs event_labels"),
    ("a clause that asks nothing", edited(("age_below = 18", "age_below = 0")), "clause 'under18' asks nothing"),
    ("a question a DASH has not", edited(("answers = [2]", "answers = [28]")), "asks question 28"),
    ("a clause twice", edited(('id = "self_harm"', 'id = "under18"')), "clause under18 stands twice"),
    ("a night as long as the window", edited(('same_night = "PT12H"', 'same_night = "P12M"')), "'repeat_victim': a window of P12M has no room for 2 events"),
    ("a night of a hundred years", edited(('same_night = "PT12H"', 'same_night = "P100Y"')), "so nobody could ever repeat"),
    ("a window shorter than the night", edited(('window = "P12M"', 'window = "PT1M"')), "a window of PT1M has no room"),
    ("minutes for months", edited(('window = "P12M"', 'window = "PT12M"')), "a window of PT12M has no room"),
    ("a night too long for three", edited(('threshold = 3\nroles = ["victim"]\nsame_night = "PT12H"', 'threshold = 3\nroles = ["victim"]\nsame_night = "P6M"')), "'escalation': a window of P12M has no room for 3"),
    ("a marker of nothing", edited(('"self-harm", "self harm", "suicidal"', '"self-harm", "!!"')), "'!!' holds no letter and no digit"),
    ("a marker of no character", edited(('"self-harm", "self harm", "suicidal"', '"", "self-harm"')), "'' holds no letter"),
    ("a note's name of nothing", edited(('labels = ["MARAC referred"]', 'labels = [" \u200b"]')), "'marac_repeat.labels.0'"),
    ("the dead by a full stop", edited(('"deceased", "dead"', '"deceased", "."')), "'edges.deceased_words.1'"),
    ("a badge of nothing", edited(('words = "REPEAT VICTIM"', 'words = "--"')), "'repeat_victim.words'"),
    ("no owner", edited(("owner =", "title2 =")), "'owner' is missing"),
    ("no table", "version = 1\n", "'policy' is missing; write each version as a [[policy]] table"),
    ("nothing", "", "'policy' is missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), [pytest.param(*case[1:], id=case[0]) for case in MISTAKES])
def test_a_mistake_of_a_policy_is_said_in_one_sentence_with_exit_code_3(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    made = run(None, "policy", "check", str(file))
    assert made.exit_code == 3
    head, *more = made.stderr.strip().splitlines()
    assert says in made.stderr and head.startswith(f"discoverer: {file} has ")
    assert all(line.startswith(f"  ({number}) ") for number, line in enumerate(more, 1))


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        edited(("threshold = 2", "threshold = 1"), ('window = "P12M"', 'window = "a year"'), ("owner =", "ovner =")),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        read_policies(file)
    assert len(caught.value.problems) == 4  # the threshold, the window, the unknown name and the missing one
    assert all(problem.startswith("version 1: ") and problem.endswith(".") for problem in caught.value.problems)


def test_the_mistakes_of_every_file_of_a_folder_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(edited(("threshold = 2", "threshold = 1")), encoding="utf-8")
    (tmp_path / "b.toml").write_text("policy = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\(1\) a\.toml: .*\(2\) b\.toml: "):
        read_policies(tmp_path)


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no policy file"):
        read_policies(tmp_path)


def test_every_two_versions_in_force_at_once_are_said(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    spans = (("1", "2008-01-01", "2020-12-31"), ("2", "2009-01-01", "2009-12-31"), ("3", "2010-01-01", "2010-12-31"),
             ("4", "2020-12-31", ""), ("5", "2031-01-01", ""))  # fmt: skip
    texts = []
    for version, first, last in spans:
        ends = f"\neffective_to = {last}" if last else ""
        days = f"effective_from = {first}{ends}"
        texts.append(edited(('version = "1"', f'version = "{version}"'), ("effective_from = 2008-01-01", days)))
    file.write_text("\n".join(texts), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_policies(file)
    said = [re.findall(r"version (\d)", problem) for problem in caught.value.problems]
    assert said == [["1", "2"], ["1", "3"], ["1", "4"], ["4", "5"]]


@pytest.mark.parametrize(
    "change",
    [('same_night = "PT12H"', 'same_night = "P11M"'), ('window = "P12M"', 'window = "PT13H"'),
     ('"suicidal"]', '"\u0e01\u0e25\u0e31\u0e27", "1"]')],
)  # fmt: skip
def test_what_is_odd_and_means_something_is_sound(tmp_path: Path, change: tuple[str, str]) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(edited(change), encoding="utf-8")
    assert len(read_policies(file).versions) == 1


def test_two_policies_in_one_file_and_one_version_twice_are_mistakes(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        FIRST + "\n" + edited(('id = "wmp-da-repeat-vulnerable"', 'id = "other"'), ("2008-01-01", "2019-01-01")),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"of 2 policies .*version 1 stands 2 times"):
        read_policies(file)


def test_rules_of_recognition_beside_the_policy_come_before_those_shipped(tmp_path: Path) -> None:
    own = (
        (SHIPPED_FILE.parent / "domestic.toml")
        .read_text(encoding="utf-8")
        .replace('version = "1"', 'version = "force-7"', 1)
    )
    (tmp_path / "domestic-force.toml").write_text(own.replace('"220"', '"999"'), encoding="utf-8")
    (tmp_path / "policy.toml").write_text(edited(('domestic = "1"', 'domestic = "force-7"')), encoding="utf-8")
    (policy,) = read_policies(tmp_path).versions
    assert policy.domestic.version == "force-7"
    assert "999" in {code for rule in policy.domestic.rule for code in rule.codes}


def test_the_shipped_policy_decides_every_edge_case_and_has_every_clause() -> None:
    terms = SHIPPED.terms
    left = [name for name in Terms.model_fields if getattr(terms, name) is None]
    assert left == ["effective_to"]
    assert {clause.definition for clause in terms.vulnerable_victim.any_of} == {"VV1", "VV2", "VV3", "VV4", "VV8"}  # type: ignore[union-attr]
    assert check(Terms, dict(ONE), "policy.toml") == terms


def test_policies_know_no_gap_between_versions(tmp_path: Path) -> None:
    del tmp_path
    assert Policies([SHIPPED], "here").policy_at(date(2030, 1, 1)) is SHIPPED


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings of a tiny set-up with a policy of its own."""
    file = write_tiny(tmp_path_factory.mktemp("policy"))
    file.with_name("policies").mkdir()
    (file.parent / "policies" / "one.toml").write_text(FIRST, encoding="utf-8")
    (file.parent / "policies" / "two.toml").write_text(SECOND, encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8") + 'policy = "policies"\n', encoding="utf-8")
    return file


def test_the_settings_name_the_policy_and_its_versions_are_listed(config: Path) -> None:
    listed: list[Mapping[str, str]] = json.loads(run(config, "policy", "list", "--json").stdout)
    assert [(each["version"], each["effective_from"], each["effective_to"]) for each in listed] == [
        ("1", "2008-01-01", "2018-05-31"), ("2", "2018-06-01", ""),
    ]  # fmt: skip
    assert "until another takes over" in run(config, "policy", "list").stdout


def test_a_version_is_shown_clause_by_clause(config: Path) -> None:
    shown = json.loads(run(config, "policy", "show", "--json").stdout)  # as at 16/11/2014
    assert (shown["version"], shown["repeat_victim"]["window"]) == ("1", "P12M")
    assert (
        json.loads(run(config, "policy", "show", "--policy-version", "2", "--json").stdout)["repeat_victim"]["window"]
        == "P24M"
    )
    words = run(config, "policy", "show").stdout
    assert "repeat_victim" in words and "under18: under 18 at the event" in words
    assert "There is no policy version '9'" in complaint(run(config, "policy", "show", "--policy-version", "9"), 7)


def test_a_policy_that_is_not_there_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    file = write_tiny(tmp_path)
    file.write_text(file.read_text(encoding="utf-8") + 'policy = "gone.toml"\n', encoding="utf-8")
    assert "there is no such file" in complaint(run(file, "policy", "list"), 3)
