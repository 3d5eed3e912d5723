"""Dates of birth and ages (domain.md 6.4 and 1.7)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.dates import birth_date_spans, find_birth_dates, read_age, read_birth_date
from discoverer.normalise.tables import load
from tests.normalise.strategies import ANY_TEXT, made_of

TODAY = date(2014, 11, 16)


@pytest.mark.parametrize(
    ("raw", "value", "swapped"),
    [
        pytest.param("03/07/1989", "1989-07-03", "1989-03-07", id="day first"),
        pytest.param("3/7/89", "1989-07-03", "1989-03-07", id="short"),
        pytest.param("03.07.1989", "1989-07-03", "1989-03-07", id="dots"),
        pytest.param("03 07 1989", "1989-07-03", "1989-03-07", id="spaces"),
        pytest.param("030789", "1989-07-03", "1989-03-07", id="six digits"),
        pytest.param("03071989", "1989-07-03", "1989-03-07", id="eight digits"),
        pytest.param("19890703", "1989-07-03", "1989-03-07", id="eight digits, year first"),
        pytest.param("1989-07-03", "1989-07-03", "1989-03-07", id="ISO"),
        pytest.param("1989-07-03T00:00:00", "1989-07-03", "1989-03-07", id="ISO with a time"),
        pytest.param("03/07/1989 00:00:00", "1989-07-03", "1989-03-07", id="with a time"),
        pytest.param("3 July 1989", "1989-07-03", "", id="a named month is never swapped"),
        pytest.param("3rd of July, 1989", "1989-07-03", "", id="ordinal"),
        pytest.param("July 3, 1989", "1989-07-03", "", id="month leads"),
        pytest.param("03-JUL-89", "1989-07-03", "", id="database style"),
        pytest.param("23/07/1985", "1985-07-23", "", id="a day above twelve is never swapped"),
        pytest.param("07/23/1985", "1985-07-23", "", id="American order when nothing else is possible"),
        pytest.param("12/12/1985", "1985-12-12", "", id="day equal to month"),
        pytest.param("29/02/1988", "1988-02-29", "", id="leap day"),
        pytest.param("15/11/14", "2014-11-15", "", id="two digits: this year when past"),
        pytest.param("17/11/14", "1914-11-17", "", id="two digits: a century back when not past"),
        pytest.param("01/02/15", "1915-02-01", "1915-01-02", id="two digits of next year are the last century's"),
        pytest.param("٠٣/٠٧/١٩٨٩", "1989-07-03", "1989-03-07", id="Arabic-Indic digits"),
    ],
)
def test_reads(raw: str, value: str, swapped: str) -> None:
    found = read_birth_date(raw, TODAY)
    assert found is not None
    assert (found.value, found.swapped, found.rough) == (value, swapped, False)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        pytest.param("1985", "1985", id="a year"),
        pytest.param("07/1985", "1985-07", id="a month"),
        pytest.param("1985-07", "1985-07", id="a month, ISO"),
        pytest.param("JUL 1985", "1985-07", id="a named month"),
        pytest.param("01/01/1985", "1985", id="1 January is a year"),
        pytest.param("c. 1985", "1985", id="circa"),
        pytest.param("03/07/1985 (EST)", "1985-07-03", id="estimated"),
    ],
)
def test_reads_roughly(raw: str, value: str) -> None:
    found = read_birth_date(raw, TODAY)
    assert found is not None
    assert (found.value, found.rough) == (value, True)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("01/01/1900", id="a system's default"),
        pytest.param("1970-01-01", id="the first day computers count"),
        pytest.param("00/00/0000", id="noughts"),
        pytest.param("31/02/1985", id="no such day"),
        pytest.param("29/02/1985", id="no leap year"),
        pytest.param("16/11/2014", id="today"),
        pytest.param("17/11/2014", id="tomorrow"),
        pytest.param("2015", id="next year"),
        pytest.param("03/07/1859", id="older than any record"),
        pytest.param("UNKNOWN", id="a word"),
        pytest.param("", id="nothing"),
        pytest.param("12345", id="five digits"),
        pytest.param("35", id="an age"),
    ],
)
def test_is_no_date_of_birth(raw: str) -> None:
    assert read_birth_date(raw, TODAY) is None


@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [
        pytest.param("35", 35, 35, id="exact"),
        pytest.param("35 YRS", 35, 35, id="years"),
        pytest.param("35yo", 35, 35, id="years old"),
        pytest.param("ABOUT 35", 32, 38, id="about"),
        pytest.param("c35", 32, 38, id="circa"),
        pytest.param("approx 70", 63, 77, id="about, older"),
        pytest.param("30s", 30, 39, id="a decade"),
        pytest.param("30's", 30, 39, id="a decade with an apostrophe"),
        pytest.param("EARLY 20S", 20, 23, id="early"),
        pytest.param("MID 30S", 33, 37, id="middle"),
        pytest.param("late 40s", 46, 49, id="late"),
        pytest.param("30-35", 30, 35, id="a range"),
        pytest.param("30 to 35", 30, 35, id="a range in words"),
        pytest.param("18 MONTHS", 1, 1, id="months"),
        pytest.param("6 wks", 0, 0, id="weeks"),
        pytest.param("UNDER 18", 0, 17, id="under"),
        pytest.param("60+", 60, 120, id="plus"),
        pytest.param("teenager", 12, 19, id="a stage of life"),
    ],
)
def test_reads_an_age(raw: str, low: int, high: int) -> None:
    found = read_age(raw)
    assert found is not None
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize("raw", ["", "UNKNOWN", "999", "121", "x", "1985", "\x00"])
def test_is_no_age(raw: str) -> None:
    assert read_age(raw) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Asif Khan 03/07/1985 Erdington", ["03/07/1985"], id="a full date"),
        pytest.param("DOB 070385", ["070385"], id="six digits after DOB"),
        pytest.param("D.O.B. 7/3/85", ["7/3/85"], id="D.O.B. with dots"),
        pytest.param("born 1985", ["1985"], id="a year after born"),
        pytest.param("BORN 12 June 1990 AND", ["12 June 1990"], id="a named month"),
        pytest.param("LOG 2731 OF 140914", [], id="six digits without a cue"),
        pytest.param("PREV LOG 88/020914", [], id="a linked log"),
        pytest.param("DA/14/05512 and BE/2210/14", [], id="references"),
        pytest.param("in 1985", [], id="a year without a cue"),
    ],
)
def test_finds_in_text(text: str, found: list[str]) -> None:
    assert [birth.raw for birth in find_birth_dates(text, TODAY)] == found


def test_in_a_log_only_cued_dates_are_births() -> None:
    text = "ON 02/09/2014 MALE DOB 07/03/1985"
    assert [text[start:end] for start, end in birth_date_spans(text, cued=True)] == ["07/03/1985"]


def test_every_entry_has_its_reason() -> None:
    table = load("dates")
    groups = [group for value in table.values() for group in (value if isinstance(value, list) else [value])]
    assert all(group["why"] for group in groups)


FIELDS = st.one_of(
    ANY_TEXT, made_of("03", "07", "1985", "/", "-", "JUL", "est", "DOB", "about", "30s", "mid", "+", "to")
)


@given(FIELDS, st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_reading_is_total_and_a_value_reads_as_itself(raw: str, on: date) -> None:
    read_age(raw)
    find_birth_dates(raw, on)
    found = read_birth_date(raw, on)
    if found:
        again = read_birth_date(found.value, on)
        assert again is not None
        assert again.value == found.value
        assert found.value <= on.isoformat()


@given(st.dates(date(1901, 1, 2), date(2014, 11, 15)).filter(lambda born: (born.month, born.day) != (1, 1)))
def test_every_way_of_writing_a_date_gives_that_date(born: date) -> None:
    for shape in ("%d/%m/%Y", "%d%m%Y", "%d %B %Y", "%d-%b-%Y", "%Y-%m-%d"):
        found = read_birth_date(born.strftime(shape), TODAY)
        assert found is not None
        assert found.value == born.isoformat()


def test_a_very_long_field_is_no_date() -> None:
    assert read_birth_date("1" * 50_000, TODAY) is None
    assert read_age("3" * 50_000) is None
    assert find_birth_dates("1/" * 25_000, TODAY) == ()
