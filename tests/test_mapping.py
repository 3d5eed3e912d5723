"""Mappings: every word of the vocabulary, and every mistake said at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.base import RawRow
from adapters.checks import FILLS, Checks
from adapters.expressions import Expression, Several
from adapters.instants import ISO, compile_formats, follow, format_problem, wall_clock
from adapters.mapping import MappedAdapter
from adapters.readers import FORMATS
from adapters.vocabulary import ChecksSpec
from discoverer.errors import ConfigError, RowRejected
from discoverer.model import Instant, Record, RiskLevel, Role
from discoverer.validation import Spec
from tests import tiny_sources as tiny

HEAD = '[source]\nname = "outside"\nkind = "jsonl"\npath = "records.jsonl"\nkey = ["id"]\n'


def load(folder: Path, body: str) -> MappedAdapter:
    return tiny.adapter(folder, HEAD + body)


def record(folder: Path, body: str, **columns: Any) -> Record:  # noqa: ANN401 - whatever a row can hold
    """Map one row by a mapping's body."""
    (made,) = load(folder, body).records(RawRow("row 1", {"id": "1", **columns}))
    return made


def rejected(folder: Path, body: str, **columns: Any) -> RowRejected:  # noqa: ANN401 - whatever a row can hold
    with pytest.raises(RowRejected) as caught:
        record(folder, body, **columns)
    return caught.value


# values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "columns", "names"),
    [
        pytest.param('"A"', {"A": "Ann"}, ("Ann",), id="a column"),
        pytest.param('"A"', {"A": " Ann "}, (" Ann ",), id="blanks around a value are kept as written"),
        pytest.param('"A"', {"A": "  "}, (), id="blanks alone are nothing"),
        pytest.param('"A"', {"A": None}, (), id="nothing is nothing"),
        pytest.param('"A"', {"A": ["Ann", "", None, "Bea", "Ann"]}, ("Ann", "Bea"), id="a column of several values"),
        pytest.param('["A", "B"]', {"A": "Ann", "B": "Bea"}, ("Ann", "Bea"), id="a list"),
        pytest.param('["A", "B"]', {"A": "Ann", "B": "Ann"}, ("Ann",), id="each value once"),
        pytest.param('{ join = ["A", "B"] }', {"A": "Ann", "B": "Lee"}, ("Ann Lee",), id="a join"),
        pytest.param(
            '{ join = ["A", "B"], sep = "/" }', {"A": "", "B": "Lee"}, ("Lee",), id="a join leaves blanks out"
        ),
        pytest.param('{ first = ["A", "B"] }', {"A": " ", "B": "Lee"}, ("Lee",), id="the first that is not blank"),
        pytest.param('{ const = "Ann" }', {}, ("Ann",), id="a constant"),
        pytest.param('{ column = "A", split = ";" }', {"A": "Ann; Bea;"}, ("Ann", "Bea"), id="a split"),
        pytest.param('{ column = "A", values = { X = "Ann" } }', {"A": "X "}, ("Ann",), id="a listed code"),
        pytest.param('{ column = "A", values = { "" = "Ann" } }', {"A": ""}, (), id="a blank in a field of several"),
        pytest.param('{ column = "A", words = { X = "Ann" } }', {"A": "Y"}, (), id="a word for an unlisted code"),
        pytest.param('{ column = "A", values = "codes" }', {"A": "X"}, ("Ann",), id="a named list"),
        pytest.param(
            '{ column = "A", when = { column = "B", is = ["Y"] } }', {"A": "Ann", "B": "Y"}, ("Ann",), id="a condition"
        ),
        pytest.param(
            '{ column = "A", when = { column = "B", is = ["Y"] } }',
            {"A": "Ann", "B": "N"},
            (),
            id="a condition not met",
        ),
        pytest.param(
            '{ column = "A", when = { column = "B", is_not = [""] } }', {"A": "Ann", "B": " "}, (), id="a blank column"
        ),
        pytest.param(
            '{ column = "A", dates = ["%d/%m/%Y"] }', {"A": "03/07/1989"}, ("1989-07-03",), id="a date rewritten"
        ),
        pytest.param('{ column = "A", dates = ["%m/%Y"] }', {"A": "07/1989"}, ("1989-07",), id="a month rewritten"),
        pytest.param('{ column = "A", dates = ["%d/%m/%Y"] }', {"A": "31/02/1989"}, ("31/02/1989",), id="no such day"),
        pytest.param(
            '{ column = "A", dates = ["%Y-%m-%d"], as = "%d%m%y" }', {"A": "2014-09-14"}, ("140914",), id="a date as"
        ),
        pytest.param('"A"', {"A": "NOT ENTERED"}, (), id="a value that counts as blank"),
        pytest.param('"A"', {"A": "NOT ENTERED YET"}, ("NOT ENTERED YET",), id="not a part of a value that does"),
    ],
)
def test_a_value_comes_from_its_columns(
    expression: str, columns: dict[str, Any], names: tuple[str, ...], tmp_path: Path
) -> None:
    body = (
        f'[fields]\nname = {expression}\ndob = "D"\n[lists.codes]\nX = "Ann"\n[null]\n"NOT ENTERED" = "form default"\n'
    )
    made = record(tmp_path, body, D="1989", **columns)
    assert made.persons[0].names == names


@pytest.mark.parametrize(
    ("body", "columns", "column", "says"),
    [
        pytest.param(
            'role = { column = "R", values = { V = "victim" } }', {"R": "Q"}, "R", "not among", id="unlisted code"
        ),
        pytest.param(
            'role = { column = "R", values = { V = "victim" } }', {"R": ""}, "R", "blank", id="unlisted blank"
        ),
        pytest.param('role = "R"', {"R": "baker"}, "R", "none of victim", id="a word that is no role"),
        pytest.param('role = "R"', {"R": "scene"}, "R", "none of victim", id="a role of places"),
        pytest.param(
            'at = "A"', {"A": "14/09/2014"}, "A", "no date written as ISO 8601", id="a date in another format"
        ),
        pytest.param(
            'at = { column = "A", dates = ["%d/%m/%Y"] }', {"A": "31/02/2014"}, "A", "no date", id="no such day"
        ),
        pytest.param('at = "A"', {"A": "0001-01-01T00:00:00"}, "A", "no date", id="a system's way of writing no date"),
        pytest.param(
            'at = "A"', {"A": "9999-12-31T23:59:59-14:00"}, "A", "no date", id="an instant beyond the calendar"
        ),
        pytest.param('sex = "S"', {"S": ["M", "F"]}, "S", "several values", id="several values where one is wanted"),
        pytest.param('id = "I"', {"I": [{"x": "y"}]}, "I", "holds rows", id="rows where texts are wanted"),
        pytest.param(
            'id = { column = "I", dates = ["%Y-%m-%d"], as = "%d" }',
            {"I": "soon"},
            "I",
            "no date",
            id="no date to rewrite",
        ),
    ],
)
def test_a_value_that_cannot_be_used_rejects_its_row(
    body: str, columns: dict[str, Any], column: str, says: str, tmp_path: Path
) -> None:
    error = rejected(tmp_path, f'[fields]\nname = "N"\n{body}\n', N="Ann", **columns)
    assert error.column == column
    assert says in error.reason


@pytest.mark.parametrize("key", [None, "", "  ", ["1"]])
def test_a_key_that_is_blank_or_several_rejects_its_row(key: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(RowRejected, match="part of the key"):
        list(load(tmp_path, '[fields]\nname = "N"\n').records(RawRow("row 1", {"id": key, "N": "Ann"})))


def test_a_key_is_never_cleaned(tmp_path: Path) -> None:
    (made,) = load(tmp_path, '[fields]\nname = "N"\n').records(RawRow("row 1", {"id": " Da/14 ", "N": "Ann"}))
    assert made.key == (" Da/14 ",)


# the flat form ---------------------------------------------------------------------------------------------------


def test_the_flat_form_is_one_person_a_row_with_homes_and_numbers(tmp_path: Path) -> None:
    (made,) = tiny.believed(tiny.lines(tmp_path))
    (person,) = made.persons
    assert (person.names, person.dobs, person.role) == (("Shabana Bibi", "Shabs"), ("1989-07-03",), Role.UNKNOWN)
    assert [(place.role, place.text, place.holder) for place in made.locations] == [
        (Role.HOME, "14 Hillaires Test Road", person.position)
    ]
    assert [(phone.role, phone.text, phone.holder) for phone in made.phones] == [
        (Role.OWN, "07700900417", person.position)
    ]
    assert made.row == "records.jsonl:1"


def test_a_row_that_names_nobody_keeps_its_place_and_number_as_its_own(tmp_path: Path) -> None:
    (made,) = tiny.believed(tiny.lines(tmp_path, {**tiny.SHABANA, "names": [], "dob": None}))
    assert made.persons == ()
    assert (made.locations[0].holder, made.phones[0].holder) == (None, None)


def test_every_field_of_the_flat_form_has_its_place(tmp_path: Path) -> None:
    fields = (
        "name",
        "dob",
        "address",
        "postcode",
        "phone",
        "role",
        "sex",
        "age",
        "pnc",
        "cro",
        "asn",
        "id",
        "at",
        "text",
    )
    body = "[fields]\n" + "".join(f'{name} = "{name}"\n' for name in fields if name != "id") + 'id = "other"\n'
    columns = {name: f"<{name}>" for name in fields if name not in ("id", "role", "at")}
    made = record(tmp_path, body, role="victim", at="2014-09-14", other="<id>", **columns)
    person = made.persons[0]
    assert (person.role, person.sex, person.age) == (Role.VICTIM, "<sex>", "<age>")
    written = {(identifier.scheme, identifier.raw) for identifier in person.identifiers}
    assert written == {("pnc", "<pnc>"), ("cro", "<cro>"), ("asn", "<asn>"), ("other", "<id>")}
    assert (made.locations[0].text, made.locations[0].postcode) == ("<address>", "<postcode>")
    assert made.at == Instant("2014-09-14", "2014-09-14")
    assert made.texts[0].text == "<text>"


# sections --------------------------------------------------------------------------------------------------------

FAMILY = """
[children.person]
field = "people"
[[person]]
each = "person"
when = { column = "role", is = ["V"] }
role = { const = "victim" }
name = "name"
address = "home"
phone = "phone"
contact_visibility = { column = "../secret", values = { Y = "protected", "" = "open" } }
[[person]]
each = "person"
when = { column = "role", is_not = ["V"] }
role = { column = "role", values = { S = "suspect", W = "witness" } }
name = "name"
address = "home"
phone = "phone"
[[phone]]
role = { const = "called_from" }
text = "cli"
holder = "victim"
[record]
visibility = [{ column = "handling", values = { C = "restricted", "" = "open" } }, { column = "e", values = { E = "protected", "" = "open" } }]
area = "beat"
"""
PEOPLE = [
    {"role": "S", "name": "Asif", "home": "NFA", "phone": "1"},
    {"role": "V", "name": "Shabana", "home": "14 Test Rd", "phone": "2"},
    {"role": "W", "name": "", "home": "", "phone": ""},
    {"role": "S", "name": "Other", "home": "", "phone": ""},
]


def test_sections_give_people_first_then_places_then_numbers(tmp_path: Path) -> None:
    made = record(tmp_path, FAMILY, person=PEOPLE, cli="3", beat="B")
    assert [(person.position, person.names[0], person.role) for person in made.persons] == [
        (0, "Shabana", Role.VICTIM),
        (1, "Asif", Role.SUSPECT),
        (3, "Other", Role.SUSPECT),
    ]
    assert [(place.position, place.text, place.holder) for place in made.locations] == [
        (4, "14 Test Rd", 0),
        (5, "NFA", 1),
    ]
    assert [(phone.position, phone.text, phone.holder, phone.area) for phone in made.phones] == [
        (6, "2", 0, "B"),
        (7, "1", 1, "B"),
        (8, "3", 0, "B"),
    ]


def test_a_new_address_or_number_moves_no_person(tmp_path: Path) -> None:
    more = [{**person, "home": f"{number} New Rd", "phone": "9"} for number, person in enumerate(PEOPLE)]
    positions = [
        [person.position for person in record(tmp_path, FAMILY, person=people).persons if person.names]
        for people in (PEOPLE, more)
    ]
    assert positions[0] == positions[1]


@pytest.mark.parametrize(
    ("columns", "of_record", "of_victims_home", "of_suspects_home"),
    [
        pytest.param({}, "open", "open", "open", id="open"),
        pytest.param(
            {"secret": "Y"}, "open", "protected", "open", id="only the victim's home and number are protected"
        ),
        pytest.param({"handling": "C"}, "restricted", "restricted", "restricted", id="no mention is more open"),
        pytest.param(
            {"handling": "C", "secret": "Y"}, "restricted", "protected", "restricted", id="the more closed wins"
        ),
        pytest.param(
            {"handling": "C", "e": "E"}, "protected", "protected", "protected", id="the most closed of several"
        ),
    ],
)
def test_who_may_see_what(
    columns: dict[str, str], of_record: str, of_victims_home: str, of_suspects_home: str, tmp_path: Path
) -> None:
    made = record(tmp_path, FAMILY, person=PEOPLE, cli="3", **columns)
    assert made.visibility == of_record
    assert [place.visibility for place in made.locations] == [of_victims_home, of_suspects_home]
    assert [phone.visibility for phone in made.phones] == [of_victims_home, of_suspects_home, of_record]
    assert {person.visibility for person in made.persons} == {of_record}


def test_a_handling_code_nobody_listed_closes_the_door(tmp_path: Path) -> None:
    assert "not among" in rejected(tmp_path, FAMILY, person=PEOPLE, handling="Z").reason


@pytest.mark.parametrize(("keep", "raw"), [(True, {"id": "1", "N": "Ann", "M": "SECRET"}), (False, {})])
def test_a_refused_row_is_kept_only_when_it_may_be(keep: bool, raw: dict[str, str], tmp_path: Path) -> None:
    refusal = f'[[reject]]\nwhen = {{ column = "M", is_not = ["OFFICIAL"] }}\nreason = "too high"\nkeep = {str(keep).lower()}\n'
    mapping = HEAD + '[fields]\nname = "N"\n' + refusal
    row = {"id": "1", "N": "Ann", "M": "SECRET"}
    records, rejects, _tally = tiny.read_all(tiny.lines(tmp_path, row, {**row, "M": "OFFICIAL"}, mapping=mapping))
    assert len(records) == 1
    assert (rejects[0].column, rejects[0].value, rejects[0].reason, rejects[0].raw) == ("M", "SECRET", "too high", raw)


ASSESSED = """
[children.grade]
field = "grades"
[[person]]
role = { const = "victim" }
name = "V"
[[person]]
role = { const = "suspect" }
name = "S"
[[assessment]]
level = { column = "L", values = "levels" }
at = { column = "AT", dates = ["%d/%m/%Y"] }
by = "BY"
answers = { prefix = "Q", digits = 2, count = 3 }
ticks = "T"
[[assessment.history]]
each = "grade"
grade = { column = "g", values = "levels" }
at = { column = "at", dates = ["%d/%m/%Y"] }
by = "by"
[[assessment.history]]
grade = { column = "FIRST", values = "levels" }
by = "BY"
[lists.levels]
H = "high"
M = "medium"
"" = "not_assessed"
"""


def test_a_blank_grade_is_not_assessed_and_never_standard(tmp_path: Path) -> None:
    made = record(tmp_path, ASSESSED, V="Ann", L="").assessments[0]
    assert made.level is RiskLevel.NOT_ASSESSED
    assert (made.victim, made.suspect) == (0, None)


def test_who_set_the_level_in_force_comes_from_where_it_last_changed(tmp_path: Path) -> None:
    grades = [
        {"g": "M", "at": "01/09/2014", "by": "PC"},
        {"g": "H", "at": "02/09/2014", "by": "SGT"},
        {"g": "H", "at": "05/09/2014", "by": "TEAM"},
    ]
    made = record(tmp_path, ASSESSED, V="Ann", S="Asif", L="H", AT="09/09/2014", BY="REVIEW", grade=grades).assessments[
        0
    ]
    assert (made.by, made.at and made.at.value) == ("SGT", "2014-09-02")
    assert [entry.grade for entry in made.history] == ["medium", "high", "high"]
    assert (made.victim, made.suspect) == (0, 1)


def test_without_a_history_the_form_itself_says_who_set_the_level(tmp_path: Path) -> None:
    made = record(tmp_path, ASSESSED, V="Ann", L="H", AT="09/09/2014", BY="PC 1", FIRST="M").assessments[0]
    assert (made.by, made.at and made.at.value) == ("PC 1", "2014-09-09")
    assert [entry.grade for entry in made.history] == ["medium"]


def test_only_answered_questions_are_answers(tmp_path: Path) -> None:
    made = record(tmp_path, ASSESSED, V="Ann", L="H", Q01="Y", Q02="", Q03="N", T="1").assessments[0]
    assert (made.answers, made.ticks) == (((1, "yes"), (3, "no")), 1)


@pytest.mark.parametrize(("column", "value"), [("Q02", "MAYBE"), ("T", "many"), ("T", "²"), ("L", "X")])
def test_an_answer_or_count_that_is_none_rejects_the_row(column: str, value: str, tmp_path: Path) -> None:
    assert rejected(tmp_path, ASSESSED, **{"V": "Ann", "L": "H", column: value}).column == column


def test_an_order_without_anything_in_it_is_no_order(tmp_path: Path) -> None:
    body = '[fields]\nname = "N"\n[[order]]\nkind = { const = "bail" }\nstart = "S"\nend = "E"\nsubject = "unknown"\n'
    assert record(tmp_path, body, N="Ann").orders == ()
    (order,) = record(tmp_path, body, N="Ann", E="2014-09-19").orders
    assert (order.kind, order.start, order.end and order.end.value, order.subject) == ("bail", None, "2014-09-19", 0)


def test_a_marker_the_list_does_not_define_keeps_its_code_without_a_word(tmp_path: Path) -> None:
    body = '[fields]\nname = "N"\n[[marker]]\ncode = "M"\nword = { column = "M", words = { WE = "weapons" } }\n'
    assert [record(tmp_path, body, N="A", M=code).markers[0].word for code in ("WE", "CO")] == ["weapons", ""]


# time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "formats", "value"),
    [
        pytest.param("14/09/2014 23:41:08", ["%d/%m/%Y %H:%M:%S"], "2014-09-14T22:41:08Z", id="summer time"),
        pytest.param("14/01/2014 23:41", ["%d/%m/%Y %H:%M"], "2014-01-14T23:41:00Z", id="winter time"),
        pytest.param("050920141105", ["%d%m%Y%H%M"], "2014-09-05T10:05:00Z", id="packed"),
        pytest.param("01/01/2015 00:10", ["%d/%m/%Y %H:%M"], "2015-01-01T00:10:00Z", id="a new year"),
        pytest.param("01/09/2014 00:10", ["%d/%m/%Y %H:%M"], "2014-08-31T23:10:00Z", id="the month before in UTC"),
        pytest.param("03-JUL-89", ["%d-%b-%y"], "1989-07-03", id="a month's name"),
        pytest.param("3 July 2014", ["%d %B %Y"], "2014-07-03", id="a month's whole name"),
        pytest.param("07/1985", ["%d/%m/%Y", "%m/%Y", "%Y"], "1985-07", id="a month alone"),
        pytest.param("1985", ["%d/%m/%Y", "%m/%Y", "%Y"], "1985", id="a year alone"),
        pytest.param("2014-09-14T22:41:08Z", [], "2014-09-14T22:41:08Z", id="ISO with its zone"),
        pytest.param("2014-09-14T22:41:08+02:00", [], "2014-09-14T20:41:08Z", id="ISO with another zone"),
        pytest.param(" 2014-09-14 ", [], "2014-09-14", id="blanks around it"),
        pytest.param("29/02/2013", ["%d/%m/%Y"], None, id="no such day"),
        pytest.param("14/09/2014 24:00", ["%d/%m/%Y %H:%M"], None, id="no such hour"),
        pytest.param("14/09/2014 23:60", ["%d/%m/%Y %H:%M"], None, id="no such minute"),
        pytest.param("14/09/2014x", ["%d/%m/%Y"], None, id="something after it"),
        pytest.param("٠٣/٠٧/١٩٨٩", ["%d/%m/%Y"], None, id="digits of another script"),
    ],
)
def test_dates_are_read_by_their_formats(text: str, formats: list[str], value: str | None) -> None:
    found = compile_formats(formats)(text)
    assert (found and found.value) == value
    assert found is None or found.local == text


def test_the_hour_that_happens_twice_is_marked() -> None:
    read = compile_formats(["%d/%m/%Y %H:%M"])
    twice, once = read("26/10/2014 01:30"), read("26/10/2014 02:30")
    assert twice and twice.ambiguous and twice.value == "2014-10-26T00:30:00Z"
    assert once and not once.ambiguous


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("%d/%m/%Y", False),
        ("%H:%M", True),
        ("%d/%Y", True),
        ("%d/%m/%Q", True),
        ("%d/%d/%Y", True),
        ("%Y-%m %H:%M", True),
        ("%d/%m/%Y %H", True),
        ("%y %Y", True),
    ],
)
def test_a_date_format_that_cannot_be_read_is_a_mistake(text: str, wrong: bool) -> None:
    assert bool(format_problem(text)) is wrong


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2037, 1, 1)))  # noqa: DTZ001 - local times
@settings(max_examples=200, deadline=None)
def test_what_is_read_can_be_written_back_as_wall_clock(moment: datetime) -> None:
    found = compile_formats(["%d/%m/%Y %H:%M:%S"])(moment.strftime("%d/%m/%Y %H:%M:%S"))
    assert found
    skipped = wall_clock(found) != moment.strftime("%Y-%m-%dT%H:%M:%S")
    assert not skipped or moment.month == 3  # the hour that does not exist in March


@given(st.text(max_size=40))
def test_reading_a_date_never_fails(text: str) -> None:
    for formats in ((), ("%d%m%Y",), ("%d-%b-%y",), ISO):
        found = compile_formats(formats)(text)
        assert found is None or re.match(r"\d{4}", found.value)


def test_clock_times_go_on_over_midnight_but_not_for_a_line_typed_late() -> None:
    start = Instant("2014-09-14T22:41:08Z", "14/09/2014 23:41:08")
    made = follow(start, ["23:41", "23:58", "23:57", "00:05", "", "0910", "08:00", "25:00"])
    assert [moment and moment.value for moment in made] == [
        "2014-09-14T22:41:00Z",
        "2014-09-14T22:58:00Z",
        "2014-09-14T22:57:00Z",
        "2014-09-14T23:05:00Z",
        None,
        "2014-09-15T08:10:00Z",
        "2014-09-16T07:00:00Z",
        None,
    ]


# mistakes --------------------------------------------------------------------------------------------------------

SIX = """
[source]
name = "Six Mistakes"
kind = "jsonl"
path = "records.jsonl"
key = ["id"]
colour = "blue"
[fields]
nmae = "names"
dob = { column = "dob", dates = ["%d/%Q/%Y"] }
role = { column = "r", values = { V = "viktim" } }
address = { colum = "a" }
[ignore]
columns = ["r", "x", "x"]
[[person]]
each = "persons"
name = "n"
[checks]
fill.dbo = 0.5
max_rejects = 2
"""


def test_every_mistake_of_a_mapping_is_reported_at_once_with_the_valid_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        tiny.adapter(tmp_path, SIX)
    message = caught.value.message
    for part in (
        "'source.name': write 'Six Mistakes' in small letters",
        "'source.colour' is not a known name",
        "'fields.nmae' is not a known name; did you mean 'name'?",
        "'%d/%Q/%Y' has %Q",
        "'viktim' is no role; did you mean 'victim'?",
        "'fields.address.colum' is not a known name; did you mean 'column'?",
        "r is both mapped and ignored",
        "names x twice",
        "'persons' is no child of this source; there are none",
        "'checks.fill.dbo' is no field that can be counted; did you mean 'dob'?",
        "'checks.max_rejects'",
    ):
        assert part in message
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param("", "nothing is mapped", id="nothing mapped"),
        pytest.param('[fields]\nsex = ["A", "B"]\n', "takes one", id="a list where one value is wanted"),
        pytest.param(
            '[fields]\nname = { column = "A", const = "B" }\n', "exactly one of", id="two places for one value"
        ),
        pytest.param('[fields]\nname = { column = "A", values = "nope" }\n', "no table in [lists]", id="no such list"),
        pytest.param(
            '[fields]\nname = { column = "A", values = ["a"] }\n', "a table such as", id="codes that are no table"
        ),
        pytest.param('[fields]\nname = "../A"\n', "no 'each'", id="a parent where there is none"),
        pytest.param('[[person]]\nname = "../A"\n', "no 'each'", id="a parent of a section without child rows"),
        pytest.param(
            '[fields]\nname = "A"\n[[order]]\nkind = "K"\nsubject = "baker"\n',
            "'baker' is no role of a person; valid names: associate",
            id="a role that is none",
        ),
        pytest.param(
            '[[person]]\nname = "A"\nrole = { const = "callback" }\n',
            "'callback' is no role; valid names: associate, caller, child, detainee, occupant, other, protected, subject, "
            "suspect, unknown, victim, witness.",
            id="a role of numbers for a person",
        ),
        pytest.param(
            '[[location]]\ntext = "A"\nrole = { const = "seen" }\n',
            "'seen' is no role; did you mean 'scene'? valid names: frequented, home, scene.",
            id="a role that is none for a place",
        ),
        pytest.param(
            '[[phone]]\ntext = "A"\nrole = { column = "R", values = { M = "owner", V = "victim" } }\n',
            "'victim' is no role; valid names: callback, called_from, own.",
            id="a role of people for a number",
        ),
        pytest.param(
            '[[phone]]\ntext = "A"\nholder = "scene"\n',
            "'scene' is no role of a person; valid names: associate, caller, child",
            id="a place that holds",
        ),
        pytest.param('[[text]]\ntext = "A"\nclock = "B"\n', "stand together", id="a clock that follows nothing"),
        pytest.param(
            '[fields]\nname = "A"\n[[text]]\ntext = "B"\nwhen = { column = "C" }\n', "'is'", id="an empty condition"
        ),
        pytest.param(
            '[fields]\nname = "id"\n[ignore]\ncolumns = ["id"]\n', "both mapped and ignored", id="an ignored key"
        ),
        pytest.param('[fields]\nname = { column = "A", as = "%d" }\n', "'as' needs 'dates'", id="as without dates"),
        pytest.param(
            '[children.a]\nfile = "x"\n[fields]\nname = "A"\n', "'children.a.file'", id="another format's option"
        ),
    ],
)
def test_a_mistake_is_said_in_one_sentence(body: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, body)
    assert says in caught.value.message
    assert "pydantic" not in caught.value.message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            ('kind = "jsonl"', 'kind = "csv"'), "'csv' is no reader; valid names: delimited", id="no such reader"
        ),
        pytest.param(('kind = "jsonl"', 'kind = "jsonnl"'), "did you mean 'jsonl'?", id="a reader mistyped"),
        pytest.param(('kind = "jsonl"\n', ""), "'source.kind' is missing", id="no reader"),
        pytest.param(('["id"]', '["id", "id"]'), "names id twice", id="a key column twice"),
        pytest.param(('["id"]', "[]"), "'source.key'", id="no key"),
        pytest.param(
            ('key = ["id"]', 'key = ["id"]\nencoding = "cp037"'), "no encoding", id="an encoding unlike ASCII"
        ),
        pytest.param(('key = ["id"]', 'key = ["id"]\nencoding = "utf99"'), "no encoding", id="no such encoding"),
        pytest.param(("[source]", "[source"), "not valid TOML", id="no TOML"),
    ],
)
def test_a_mistake_in_the_source_is_said_too(change: tuple[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        tiny.adapter(tmp_path, HEAD.replace(*change) + '[fields]\nname = "A"\n')
    assert says in caught.value.message


def test_a_word_that_no_reader_knows_is_said_beside_a_kind_that_is_none(tmp_path: Path) -> None:
    text = HEAD.replace('kind = "jsonl"', 'kind = "csv"\nkeys = ["id"]\ndelimiter = ";"')
    with pytest.raises(ConfigError) as caught:
        tiny.adapter(tmp_path, f'{text}[trailer]\nx = 1\n[fieldz]\n[fields]\nname = "A"\n')
    assert len(caught.value.problems) == 3, "an option of any reader is judged when it is known which one reads"
    for said in (
        "'csv' is no reader",
        "'source.keys' is not a known name; did you mean 'key'?",
        "'fieldz' is not a known",
    ):
        assert said in caught.value.message


def test_layouts_that_overlap_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no and name overlap"):
        tiny.adapter(tmp_path, tiny.STAYS.replace("name = [7, 16]", "name = [6, 16]"))


def test_the_version_changes_with_the_mapping_and_only_with_it(tmp_path: Path) -> None:
    first = load(tmp_path, '[fields]\nname = "A"\n').version
    assert load(tmp_path, '[fields]\nname = "A"\n').version == first
    assert load(tmp_path, '[fields]\nname = "B"\n').version != first


# the reference ---------------------------------------------------------------------------------------------------


def _words(spec: type[Spec]) -> Iterator[str]:
    """Yield every word a part of a mapping knows, and those of the parts inside it."""
    for name, field in spec.model_fields.items():
        yield field.alias or name
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, Spec) and not issubclass(kind, Expression):
                yield from _words(kind)


def test_the_reference_names_every_word_of_the_vocabulary() -> None:
    text = (Path(__file__).parent.parent / "docs" / "mapping.md").read_text(encoding="utf-8")
    written = set(
        re.findall(
            r"[a-z_]+", " ".join(re.findall(r"`[^`]+`|^    .*$|^```toml.*?^```", text, re.MULTILINE | re.DOTALL))
        )
    )
    known = {word for kind in FORMATS.values() for word in _words(kind.mapping)} | set(_words(Several)) | set(FILLS)
    assert sorted(known - written) == []


def test_every_example_of_the_reference_is_a_mapping_that_can_be_loaded(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "mapping.md").read_text(encoding="utf-8")
    examples = [
        block for block in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if "[source]" in block
    ]
    assert len(examples) >= 5
    for example in examples:
        assert tiny.adapter(tmp_path, example).name


def test_what_the_reference_says_to_run_runs(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs" / "mapping.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "sources").mkdir()
    tiny.lines(tmp_path / "sources")
    (tmp_path / "sources" / "mapping.toml").rename(tmp_path / "sources" / "outside.toml")
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    how: Any = {"cwd": tmp_path, "env": env, "capture_output": True, "text": True, "timeout": 60, "check": False}
    kept = subprocess.run([sys.executable, "-c", script], **how)
    assert (kept.stdout, kept.stderr) == ("Every promise is kept.\n", "")
    (tmp_path / "sources" / "records.jsonl").write_text("{broken\n", encoding="utf-8")
    assert "no row gives a record" in subprocess.run([sys.executable, "-c", script], **how).stdout


def test_the_reference_says_how_many_rejects_are_allowed_unless_said() -> None:
    text = (Path(__file__).parent.parent / "docs" / "mapping.md").read_text(encoding="utf-8")
    share = ChecksSpec().max_rejects
    assert Checks().max_rejects == share
    assert f"more than {share * 100:g} % of its rows" in text and f"; {share} ({share * 100:g} %) unless said" in text
