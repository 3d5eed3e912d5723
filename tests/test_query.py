"""Reading what was typed: labels are no names, and whatever is typed is read or refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.errors import UsageError
from discoverer.query import LONGEST, Query, read_box, read_fields

ON = date(2014, 11, 16)

LABELLED = [
    pytest.param("tel 07700 900417", ("phone 07700 900417",), id="tel"),
    pytest.param("Tel: 07700 900417 shabana", ("phone 07700 900417", "name SHABANA"), id="tel and a colon"),
    pytest.param("phone no 07700900417", ("phone 07700 900417",), id="phone no"),
    pytest.param("mobile number 07700900417 bibi", ("phone 07700 900417", "name BIBI"), id="mobile number"),
    pytest.param("shabana bibi dob 03/07/89", ("date of birth 03/07/1989", "name SHABANA BIBI"), id="dob"),
    pytest.param("shabana bibi d.o.b. 03/07/89", ("date of birth 03/07/1989", "name SHABANA BIBI"), id="d.o.b."),
    pytest.param("date of birth 03/07/1989 bibi", ("date of birth 03/07/1989", "name BIBI"), id="date of birth"),
    pytest.param("shabana bibi born on 3/7/89", ("date of birth 03/07/1989", "name SHABANA BIBI"), id="born on"),
    pytest.param("vrm AB12 CDE", ("vehicle AB12CDE",), id="vrm"),
    pytest.param("vehicle reg: AB12 CDE", ("vehicle AB12CDE",), id="vehicle reg"),
    pytest.param("incident no 2731 of 140914", ("log 2731 of 14/09/2014",), id="incident no"),
    pytest.param("custody ref BE/2210/14", ("reference BE/2210/14",), id="custody ref"),
    pytest.param("name: shabana bibi", ("name SHABANA BIBI",), id="name and a colon"),
    pytest.param(
        "reg varney 07700 900417", ("phone 07700 900417", "name REG VARNEY"), id="near miss: a man called Reg"
    ),
    pytest.param("norman bob 03/07/89", ("date of birth 03/07/1989", "name NORMAN BOB"), id="near miss: Bob"),
    pytest.param("mobi no bibi", ("name MOBI NO BIBI",), id="near miss: nothing is labelled"),
    pytest.param("dobson 03/07/89", ("date of birth 03/07/1989", "name DOBSON"), id="near miss: a name that begins so"),
]


@pytest.mark.parametrize(("typed", "read_as"), LABELLED)
def test_a_word_that_only_labels_what_follows_is_no_name(typed: str, read_as: tuple[str, ...]) -> None:
    assert read_box(typed, ON).read_as == read_as


@pytest.mark.parametrize("typed", ["PNC 03/9900012X asif", "pnc id: 03/9900012X asif"])
def test_nor_is_one_before_an_identifier(typed: str) -> None:
    assert read_box(typed, ON).read_as[1:] == ("name ASIF",)


ONE_THING = [
    pytest.param("2731 of 140914", ("log 2731 of 14/09/2014",), id="a log that says so is no number"),
    pytest.param("01392 281100", ("phone 01392 281100",), id="a number is no log of 28/11/2000"),
    pytest.param("2731 14/09/14", ("log 2731 of 14/09/2014",), id="the day of a log is nobody's birth"),
    pytest.param("1999-11-29", ("date of birth 29/11/1999",), id="a date is not the end of a number"),
    pytest.param("be/2210/14 aged 35", ("reference BE/2210/14", "age 35"), id="a reference is no address"),
    pytest.param("35 years khan 1985", ("age 35", "date of birth 1985 (year only)", "name KHAN"), id="an age, a year"),
    pytest.param(
        "asif khan 1985", ("date of birth 1985 (year only)", "name ASIF KHAN"), id="a year is no house number"
    ),
    pytest.param("900417", ("phone ending 900417",), id="nor is the end of a number"),
    pytest.param("5 Oak Test Road, MK16 0JR", ("address 5 OAK TEST ROAD MK16 0JR",), id="a postcode is no vehicle"),
    pytest.param("BO88 T0E", ("vehicle BO88TOE",), id="a vehicle with a 0 for its O"),
]


@pytest.mark.parametrize(("typed", "read_as"), ONE_THING)
def test_what_can_be_only_one_thing_is_read_as_nothing_else(typed: str, read_as: tuple[str, ...]) -> None:
    assert read_box(typed, ON).read_as == read_as


ODD = [
    pytest.param("0B/75, 2", id="a door numbered nought with a letter"),
    pytest.param("0/0 test road", id="noughts"),
    pytest.param("\x00 shabana \x1b[2J", id="control characters"),
    pytest.param("1/" * (LONGEST // 2), id="a thousand numbers"),
    pytest.param("b23 6xx " * (LONGEST // 8), id="hundreds of postcodes"),
    pytest.param("07700900417 " * (LONGEST // 12), id="hundreds of telephone numbers"),
]


def answered(typed: str) -> None:
    """Read a text in the box and in every option: a Query, or one sentence."""
    readings: list[Callable[[], Query]] = [partial(read_box, typed, ON)]
    readings += [partial(read_fields, ON, **{option: typed}) for option in ("name", "dob", "address", "phone", "ident")]
    for read in readings:
        try:
            query = read()
        except UsageError as error:
            assert error.message.endswith(".")
        else:
            assert isinstance(query, Query) and query.read_as


@pytest.mark.parametrize("typed", ODD)
def test_odd_texts_are_read_or_refused(typed: str) -> None:
    answered(typed)


PIECES = st.sampled_from(
    ["07700 900417", "0b/75", "14a", "flat 2", "b23 6xx", "b23", "test road", "bibi", "03/07/89", "2731 of 140914", "text:",
     "03/9900012X", "aged 25", "PNC", "dob", "DA/14/05512", "UNKNOWN", "-", "/", ",", "0", "12-14", "o'neill", "AB12 CDE"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=6), max_size=8).flatmap(
        lambda parts: st.sampled_from(["", " ", "/"]).map(lambda mark: mark.join(parts))
    )
)
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    answered(typed)


NOT_READ = [
    pytest.param({"name": "shabana bibi", "phone": "none"}, "NOT READ: phone", id="a number that is none"),
    pytest.param({"phone": "07700900417", "dob": "31/02/1989"}, "NOT READ: date of birth", id="no such day"),
    pytest.param({"phone": "07700900417", "name": "UNKNOWN", "address": "NFA"}, "NOT READ: name and address", id="two"),
]


@pytest.mark.parametrize(("fields", "says"), NOT_READ)
def test_an_option_that_cannot_be_read_is_said_in_the_answer(fields: dict[str, str], says: str) -> None:
    assert says in read_fields(ON, **fields).read_as


DOBS = [
    pytest.param("03/07/89", "date of birth 03/07/1989", id="a date"),
    pytest.param("1989", "date of birth 1989 (year only)", id="a year"),
    pytest.param("31", "age 31", id="an age"),
    pytest.param("about 35", "age 32 to 38", id="about an age"),
    pytest.param("30-35", "age 30 to 35", id="two ages"),
]


@pytest.mark.parametrize(("dob", "read_as"), DOBS)
def test_a_date_of_birth_may_be_an_age(dob: str, read_as: str) -> None:
    assert read_fields(ON, name="bibi", dob=dob).read_as == ("name BIBI", read_as)


@pytest.mark.parametrize(
    "dob", ["31/02/1989", "1989-13-45", "32.12.89", "31 02 1989", "31 / 02 / 1989", "31 Feb 1989", "00/00/0000"]
)
def test_a_date_that_does_not_exist_is_not_read_as_an_age(dob: str) -> None:
    assert read_fields(ON, name="bibi", dob=dob).read_as == ("name BIBI", "NOT READ: date of birth")


def test_of_very_many_numbers_the_first_twenty_are_looked_up_and_the_rest_said() -> None:
    typed = [f"07700 9000{number:02}" for number in range(25)]
    query = read_box(" ".join([*typed, typed[0]]), ON)
    assert len(query.phones) == 20
    assert sum("NOT LOOKED UP" in each for each in query.read_as) == 5
