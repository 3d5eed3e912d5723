"""Where a name ends and a place begins in words typed into one box."""

from __future__ import annotations

from datetime import date

import pytest

from discoverer.phrases import (
    name_and_district,
    name_then_place,
    place_then_name,
    says_beside,
    without_role,
)
from discoverer.query import Query, read_box

ON = date(2018, 11, 18)

BETWEEN = [
    pytest.param("asif khan living at 14 hillaires test road", ("asif khan", "14 hillaires test road"), id="living at"),
    pytest.param("asif khan lives in flat 8 test court", ("asif khan", "flat 8 test court"), id="lives in"),
    pytest.param("asif khan of 5 test grove", ("asif khan", "5 test grove"), id="of a house"),
    pytest.param("asif khan from erdington", ("asif khan", "erdington"), id="from a district"),
    pytest.param("asif khan in b23", ("asif khan", "b23"), id="in a postcode"),
    pytest.param("isle of wight", None, id="near miss: no place follows"),
    pytest.param("14 stratford on avon road", None, id="near miss: a street's own word"),
    pytest.param("asif khan", None, id="near miss: a name alone"),
    pytest.param("asif khan opposite 14 test road", ("asif khan", "opposite 14 test road"), id="opposite a house"),
    pytest.param("asif khan, r/o 14 test road", ("asif khan", "r/o 14 test road"), id="rear of, shortened"),
    pytest.param("asif khan behind the bingo hall", ("asif khan", "behind the bingo hall"), id="behind a landmark"),
    pytest.param("test street opposite the bingo hall", None, id="near miss: a street, no name"),
    pytest.param("asif khan near", None, id="near miss: nothing follows"),
]


@pytest.mark.parametrize(("text", "cut"), BETWEEN)
def test_a_word_between_name_and_place(text: str, cut: tuple[str, str] | None) -> None:
    found = name_then_place(text)
    assert (found and (found.name, found.place)) == cut


AFTER = [
    pytest.param("14 hillaires test rd b23 asif khan", ("asif khan", True), id="after the district"),
    pytest.param("flat 2, 14 test road, b23 6xx, asif khan", ("asif khan", True), id="after the postcode"),
    pytest.param("14 hillaires test rd asif khan", ("asif khan", False), id="after the street"),
    pytest.param("14 hillaires test rd erdington asif khan", ("asif khan", False), id="after the district's name"),
    pytest.param("14 test rd tom green", ("tom green", False), id="a surname that is a street type too"),
    pytest.param("14 test rd erdington", None, id="near miss: a district"),
    pytest.param("14 test rd sutton coldfield birmingham", None, id="near miss: a district and a town"),
    pytest.param("14 test lane end road", None, id="near miss: the street goes on"),
    pytest.param("14 test road khan", None, id="near miss: one word"),
    pytest.param("14 test road b23 6xx", None, id="near miss: nothing follows"),
]


@pytest.mark.parametrize(("text", "cut"), AFTER)
def test_a_name_after_the_place(text: str, cut: tuple[str, bool] | None) -> None:
    found = place_then_name(text)
    assert (found and (found.name, found.sure)) == cut


DISTRICTS = [
    pytest.param("sarah duncan kings norton", ("sarah duncan", "kings norton", True), id="two words"),
    pytest.param("kings norton sarah duncan", ("sarah duncan", "kings norton", True), id="the district first"),
    pytest.param("asif khan aston", ("asif khan", "aston", False), id="one word, a surname too"),
    pytest.param("bogdan stan acocks green", ("bogdan stan", "acocks green", True), id="a district like a street"),
    pytest.param("khan aston", None, id="near miss: forename and surname"),
    pytest.param("church lane kings norton", None, id="near miss: a street of the district"),
    pytest.param("asif khan", None, id="near miss: no district"),
]


@pytest.mark.parametrize(("text", "cut"), DISTRICTS)
def test_a_name_and_a_district(text: str, cut: tuple[str, str, bool] | None) -> None:
    assert name_and_district(text) == cut


ROLES = [
    pytest.param("INFT KAZIMIERZ DROZDOWICZ", "KAZIMIERZ DROZDOWICZ", id="informant"),
    pytest.param("a Mrs Ottoway", "Mrs Ottoway", id="an article and a title"),
    pytest.param("her ex partner asif khan", "asif khan", id="whose partner"),
    pytest.param("his name is asif khan", "asif khan", id="a sentence"),
    pytest.param("male named asif khan", "asif khan", id="two of them"),
    pytest.param("a khan", "a khan", id="near miss: an initial"),
    pytest.param("asif khan", "asif khan", id="near miss: none"),
]


@pytest.mark.parametrize(("text", "left"), ROLES)
def test_words_before_a_name_are_left_out(text: str, left: str) -> None:
    assert without_role(text) == left


@pytest.mark.parametrize(
    ("text", "beside"),
    [
        pytest.param("opposite 40 test road", True, id="opposite"),
        pytest.param("next door to 40 test road", True, id="next door to"),
        pytest.param("r/o 40 test road", True, id="rear of, shortened"),
        pytest.param("nearly 40 test road", False, id="near miss: another word"),
        pytest.param("opposite", False, id="near miss: nothing follows"),
        pytest.param("asif khan opposite 40 test road", False, id="near miss: a name leads"),
    ],
)
def test_beside_a_place(text: str, *, beside: bool) -> None:
    assert says_beside(text) == beside


def names(query: Query) -> list[str]:
    return [" ".join(tokens) for tokens in query.person.names]


READ = [
    pytest.param("496 0604 erdington", {"tails": ("4960604",)}, id="a local number and a district"),
    pytest.param("asif khan 496 0604", {"tails": ("4960604",)}, id="a name and a local number"),
    pytest.param("asif khan tel 900417", {"tails": ("900417",)}, id="the end of a number after a name"),
    pytest.param("shabana 0121 496", {"beginnings": ("121496",)}, id="the beginning of a number after a name"),
    pytest.param("asif khan (41)", {"years": ((1976, 1977),)}, id="an age in brackets"),
    pytest.param("asif khan 41", {"years": ((1976, 1977), (1941, 1941))}, id="an age or a year after the name"),
    pytest.param("asif khan aged 41", {"years": ((1976, 1977),)}, id="near miss: said to be an age"),
    pytest.param("14 test road 41", {"years": ()}, id="near miss: figures after a street"),
    pytest.param("flat 41", {"years": ()}, id="near miss: a flat"),
]


@pytest.mark.parametrize(("typed", "parts"), READ)
def test_the_box_reads(typed: str, parts: dict[str, object]) -> None:
    query = read_box(typed, ON)
    read = {"tails": query.tails, "beginnings": query.beginnings, "years": query.person.years}
    assert {part: read[part] for part in parts} == parts


BORN = [
    pytest.param("asif khan 030785", ("1985-07-03",), id="six figures"),
    pytest.param("03071985 asif khan", ("1985-07-03",), id="eight figures before the name"),
    pytest.param("asif khan 03 07 85", ("1985-07-03",), id="blanks between"),
    pytest.param("asif khan 07/1985", ("1985-07",), id="month and year"),
    pytest.param("asif khan born july 1985", ("1985-07",), id="born in a month"),
    pytest.param("asif khan july 3rd, 1985", ("1985-07-03",), id="the month first"),
    pytest.param("asif khan b. 1985", ("1985",), id="b and a stop"),
    pytest.param("asif khan dob est 1985", ("1985",), id="an estimated year"),
    pytest.param("asif khan c1985", ("1985",), id="about a year"),
    pytest.param("asif khan born 85", ("1985",), id="two figures said to be a year"),
    pytest.param("asif khan born '12", ("2012",), id="a year of this century"),
    pytest.param("asif khan aged 85", (), id="near miss: two figures said to be an age"),
    pytest.param("asif khan; b23", (), id="near miss: a postcode district"),
    pytest.param("asif khan b. 23", (), id="near miss: the same, with a stop"),
    pytest.param("asif khan 01/01/1985", ("1985",), id="the first of January"),
    pytest.param("asif khan 900417", (), id="near miss: no such day, the end of a number"),
    pytest.param("flat 3 07 85 test road", (), id="near miss: a flat and a house"),
    pytest.param("14 may road 2014", (), id="near miss: a street named like a month"),
    pytest.param("2731 140914", (), id="near miss: the day of a log"),
]


@pytest.mark.parametrize(("typed", "births"), BORN)
def test_dates_of_birth_beside_a_name(typed: str, births: tuple[str, ...]) -> None:
    assert read_box(typed, ON).person.births == births


BESIDE = [
    pytest.param("rear of 14 hillaires test road, b23 6xx", [], True, id="rear of"),
    pytest.param("r/o 14 hillaires test road", [], True, id="rear of, shortened"),
    pytest.param("facing 14 hillaires test road", [], True, id="facing"),
    pytest.param("round the corner from 14 hillaires test road", [], True, id="round the corner from"),
    pytest.param("asif khan opposite 14 hillaires test road", ["asif khan"], True, id="a name, then opposite"),
    pytest.param("asif khan near 14 hillaires test road", ["asif khan"], True, id="a name, then near"),
    pytest.param("asif khan at 14 hillaires test road", ["asif khan"], False, id="near miss: at the door"),
    pytest.param("14 rear test road", [], False, id="near miss: a street's own word"),
]


@pytest.mark.parametrize(("typed", "people", "beside"), BESIDE)
def test_a_place_beside_a_door_is_nobodys_home(typed: str, people: list[str], *, beside: bool) -> None:
    query = read_box(typed, ON)
    assert names(query) == people
    assert [(address.house, address.beside) for address in query.addresses] == [("14", beside)]
    assert bool(query.person.homes) != beside


NAMES = [
    pytest.param("asif khan, 14 hillaires test road", ["asif khan"], ["14"], id="name, then house"),
    pytest.param("14 hillaires test road, asif khan", ["asif khan"], ["14"], id="house, then name"),
    pytest.param("asif khan of erdington", ["asif khan"], [], id="a district after 'of'"),
    pytest.param("14 hillaires test road erdington b23 6xx", [], ["14"], id="near miss: an address alone"),
    pytest.param("unity mitchell", ["unity mitchell"], [], id="a name that begins like unit"),
    pytest.param("mary flatley b23", ["mary flatley"], [], id="a name that begins like flat"),
    pytest.param("yusuf roomi b8", ["yusuf roomi"], [], id="a name that begins like room"),
    pytest.param("john apton, 14 hillaires test road", ["john apton"], ["14"], id="a name that begins like apt"),
    pytest.param("john mooring b23", ["john mooring"], [], id="a name that is a word for a home, without a number"),
    pytest.param("asif khan room 4 14 test road", ["asif khan"], ["14"], id="near miss: a room with its number"),
    pytest.param("asif khan flat6 14 test road", ["asif khan"], ["14"], id="near miss: a flat run together"),
    pytest.param("asif khan mooring 4 test wharf", ["asif khan"], [], id="near miss: a mooring with its number"),
]


@pytest.mark.parametrize(("typed", "people", "houses"), NAMES)
def test_names_and_houses_of_a_mixture(typed: str, people: list[str], houses: list[str]) -> None:
    query = read_box(typed, ON)
    assert names(query) == people
    assert [address.house for address in query.addresses if address.house][: len(houses)] == houses


def test_a_name_that_may_be_a_town_does_not_take_the_town_out_of_the_address() -> None:
    query = read_box("14 test road leighton buzzard", ON)
    assert "buzzard" in query.addresses[0].words
    assert query.person.homes and "buzzard" not in query.person.homes[0]
