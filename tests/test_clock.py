"""Time: the hour that happens twice, the hour that does not happen, ages, and dates as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.clock import LOCAL, age_in_words, iso, now, parse_iso, seconds, to_utc
from discoverer.model import Instant, Person, Record, Role
from discoverer.wording import day, minute, name_of, number_of, person_at, when

WALL = [
    pytest.param("2014-01-15 12:00:00", "2014-01-15T12:00:00Z", False, id="winter"),
    pytest.param("2014-07-15 12:00:00", "2014-07-15T11:00:00Z", False, id="summer"),
    pytest.param("2014-07-15 00:30:00", "2014-07-14T23:30:00Z", False, id="the day before in UTC"),
    pytest.param(
        "2014-10-26 00:59:59", "2014-10-25T23:59:59Z", False, id="October, before the hour that happens twice"
    ),
    pytest.param("2014-10-26 01:00:00", "2014-10-26T00:00:00Z", True, id="October, its first second"),
    pytest.param("2014-10-26 01:30:00", "2014-10-26T00:30:00Z", True, id="October, within it: the first is taken"),
    pytest.param("2014-10-26 01:59:59", "2014-10-26T00:59:59Z", True, id="October, its last second"),
    pytest.param("2014-10-26 02:00:00", "2014-10-26T02:00:00Z", False, id="October, after it"),
    pytest.param(
        "2014-03-30 00:59:59", "2014-03-30T00:59:59Z", False, id="March, before the hour that does not happen"
    ),
    pytest.param(
        "2014-03-30 01:30:00", "2014-03-30T01:30:00Z", False, id="March, within it: there is no second reading"
    ),
    pytest.param("2014-03-30 02:00:00", "2014-03-30T01:00:00Z", False, id="March, after it"),
    pytest.param("1970-06-01 12:00:00", "1970-06-01T11:00:00Z", False, id="British Standard Time"),
]


@pytest.mark.parametrize(("wall", "utc", "ambiguous"), WALL)
def test_wall_clock_time_is_kept_in_utc(wall: str, utc: str, ambiguous: bool) -> None:
    instant, twice = to_utc(datetime.fromisoformat(wall))
    assert (iso(instant), twice) == (utc, ambiguous)


NAIVE = st.datetimes(datetime.fromisoformat("1960-01-01"), datetime.fromisoformat("2035-01-01"))


@given(NAIVE)
def test_a_time_that_exists_comes_back_as_it_was_written(local: datetime) -> None:
    instant, ambiguous = to_utc(local)
    assert instant.tzinfo is UTC
    back = instant.astimezone(LOCAL).replace(tzinfo=None, fold=0)
    skipped = back != local
    assert not (skipped and ambiguous)
    if skipped:  # only in the March hour, and never by more than it
        assert abs(back - local) == timedelta(hours=1)
    if ambiguous:
        assert (instant + timedelta(hours=1)).astimezone(LOCAL).replace(tzinfo=None, fold=0) == local


@given(NAIVE)
def test_iso_is_read_back_to_the_second(local: datetime) -> None:
    instant = local.replace(tzinfo=UTC, microsecond=0)
    assert parse_iso(iso(instant)) == instant


def test_iso_writes_any_zone_in_utc_and_a_bare_date_is_its_first_instant() -> None:
    assert iso(datetime(2014, 9, 14, 23, 41, 8, tzinfo=LOCAL)) == "2014-09-14T22:41:08Z"
    assert parse_iso("2014-09-14") == datetime(2014, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "14/09/2014", "2014-13-01", "2014-09-14T25:00:00Z", "soon"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_iso(text)


def test_the_present_is_in_utc_to_the_second_and_the_counter_never_goes_back() -> None:
    assert now().tzinfo is UTC and now().microsecond == 0
    assert seconds() <= seconds()


AT = datetime(2014, 11, 16, 2, tzinfo=UTC)
AGES = [
    pytest.param("2014-11-16T02:00:00Z", "under an hour", id="this instant"),
    pytest.param("2014-11-16T01:00:01Z", "under an hour", id="a second short of an hour"),
    pytest.param("2014-11-16T01:00:00Z", "1 hour", id="an hour"),
    pytest.param("2014-11-15T03:00:00Z", "23 hours", id="hours"),
    pytest.param("2014-11-15T02:00:00Z", "1 day", id="a day"),
    pytest.param("2014-11-14", "2 days", id="a bare date"),
    pytest.param("2014-09-03", "2 months", id="months"),
    pytest.param("2014-09", "2 months", id="a month"),
    pytest.param("2013-11-16", "1 year", id="a year"),
    pytest.param("2009", "5 years", id="a year only"),
    pytest.param("2014-11-17", "under an hour", id="not yet"),
]


@pytest.mark.parametrize(("earlier", "words"), AGES)
def test_ages_are_said_in_words(earlier: str, words: str) -> None:
    assert age_in_words(earlier, AT) == words


@given(NAIVE, NAIVE)
def test_of_two_ages_the_older_is_never_said_to_be_younger(first: datetime, second: datetime) -> None:
    units = ("under an hour", "hour", "day", "month", "year")
    older, younger = sorted((first, second))

    def rank(instant: datetime) -> tuple[int, int]:
        words = age_in_words(iso(instant.replace(tzinfo=UTC)), datetime(2035, 1, 1, tzinfo=UTC))
        if words == units[0]:
            return 0, 0
        count, unit = words.split()
        return units.index(unit.rstrip("s")), int(count)

    assert rank(older) >= rank(younger)


SAID = [
    pytest.param("", "", "", id="nothing"),
    pytest.param("2014", "2014", "2014", id="a year"),
    pytest.param("2014-09", "09/2014", "09/2014", id="a month"),
    pytest.param("2014-09-03", "03/09/2014", "03/09/2014", id="a day"),
    pytest.param("2014-09-14T22:41:08Z", "14/09/2014", "14/09/2014 23:41", id="a summer evening"),
    pytest.param("2014-07-14T23:30:00Z", "15/07/2014", "15/07/2014 00:30", id="the next day on the wall"),
    pytest.param("2014-11-16T02:00:00Z", "16/11/2014", "16/11/2014 02:00", id="a winter night"),
]


@pytest.mark.parametrize(("value", "as_day", "as_minute"), SAID)
def test_dates_are_said_as_people_say_them(value: str, as_day: str, as_minute: str) -> None:
    assert (day(value), minute(value)) == (as_day, as_minute)


def test_what_has_no_date_or_name_or_person_is_worded_so() -> None:
    someone = Person(3, Role.VICTIM, ("Shabana BIBI", "Shabs"))
    record = Record("custody", ("1",), persons=(someone, Person(0, Role.SUSPECT)))
    assert when(None) == "undated" and when(Instant("2014-09-03", "3.9.14")) == "03/09/2014"
    assert person_at(record, 3) is someone and name_of(someone) == "Shabana BIBI"
    assert person_at(record, 1) is None and person_at(record, None) is None
    assert name_of(None) == "" and name_of(person_at(record, 0)) == ""


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (4300, "4,300 records")]
)
def test_counts_are_worded(count: int, words: str) -> None:
    assert number_of(count, "record") == words
