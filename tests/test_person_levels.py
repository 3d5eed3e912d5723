"""How sure a name makes us of a person beside what relatives share: a home, a telephone, a date of birth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from discoverer.match import weights
from discoverer.match.evidence import Level
from discoverer.match.person import Scale, score_person
from discoverer.match.profiles import PersonProfile
from discoverer.match.vocabulary import Vocabulary

BORN = "2003-12-02"
SCALE = Scale(Vocabulary({"jayden": 3, "eccleshall": 3, "asif": 60, "khan": 900}, 50_000, names=True), weights.load())


@pytest.mark.parametrize(
    ("birth", "rung"),
    [
        pytest.param("2013-12-02", "one_slip", id="a decade on, too near for a child"),
        pytest.param("1993-12-02", "year_one_off", id="a decade back, too near for a parent"),
        pytest.param("1983-12-02", "generation", id="two decades back, as a father's"),
        pytest.param("2030-12-02", "generation", id="two digits swapped, as a child's"),
        pytest.param("1903-12-02", "year_one_off", id="a wrong century"),
        pytest.param("1983-12-03", "differs", id="a parent's own day"),
    ],
)
def test_a_year_as_far_off_as_a_parents_has_its_own_rung(birth: str, rung: str) -> None:
    asked, held = PersonProfile(births=(BORN,)), PersonProfile(births=(birth,))
    assert score_person(asked, held, SCALE).outcome("birth_date") == rung


DOOR, LANDLINE, PNC = ("7|tarn test close",), ("+441214960123",), ("pnc:2003/9900012C",)


@pytest.mark.parametrize(
    ("asked", "held", "level"),
    [
        pytest.param({"births": (BORN,)}, {"births": (BORN,)}, Level.PROBABLE, id="name and birth"),
        pytest.param({"births": ("2003-12-03",)}, {"births": (BORN,)}, Level.PROBABLE, id="a slip in the day"),
        pytest.param({"births": ("2004-12-02",)}, {"births": (BORN,)}, Level.PROBABLE, id="a slip in the last digit"),
        pytest.param({"births": ("1983-12-02",)}, {"births": (BORN,)}, Level.POSSIBLE, id="a father of the same day"),
        pytest.param({"homes": DOOR}, {"homes": DOOR}, Level.PROBABLE, id="name and home"),
        pytest.param(
            {"homes": DOOR, "generations": ("snr",)}, {"homes": DOOR}, Level.POSSIBLE, id="senior asked, held without"
        ),
        pytest.param(
            {"homes": DOOR},
            {"homes": DOOR, "generations": ("jnr",)},
            Level.PROBABLE,
            id="held as junior, nothing asked",
        ),
        pytest.param({"generations": ("snr",)}, {}, Level.POSSIBLE, id="senior asked, a rare name held without"),
        pytest.param({}, {}, Level.PROBABLE, id="a rare name"),
        pytest.param(
            {"births": (BORN,), "generations": ("snr",)}, {"births": (BORN,)}, Level.PROBABLE, id="senior, same birth"
        ),
        pytest.param(
            {"homes": DOOR, "names": (("eccleshall",),)}, {"homes": DOOR}, Level.POSSIBLE, id="a surname at the home"
        ),
        pytest.param(
            {"phones": LANDLINE, "names": (("eccleshall",),)}, {"phones": LANDLINE}, Level.POSSIBLE, id="and its phone"
        ),
        pytest.param(
            {"births": (BORN,), "names": (("eccleshall",),)}, {"births": (BORN,)}, Level.POSSIBLE, id="and a birth"
        ),
        pytest.param(
            {"births": (BORN,)}, {"births": (BORN,), "names": (("jayden",),)}, Level.POSSIBLE, id="only a forename held"
        ),
        pytest.param({"identifiers": PNC}, {"identifiers": PNC}, Level.CONFIRMED, id="name and number"),
        pytest.param(
            {"identifiers": PNC, "names": (("eccleshall",),)},
            {"identifiers": PNC},
            Level.CONFIRMED,
            id="surname, number",
        ),
        pytest.param(
            {"identifiers": PNC, "names": (("asif", "khan"),)},
            {"identifiers": PNC},
            Level.PROBABLE,
            id="another's name",
        ),
        pytest.param({"identifiers": PNC, "names": ()}, {"identifiers": PNC}, Level.CONFIRMED, id="the number alone"),
    ],
)
def test_what_relatives_share_does_not_make_one_of_the_other(
    asked: dict[str, object], held: dict[str, object], level: Level
) -> None:
    one, other = PersonProfile(names=(("jayden", "eccleshall"),)), PersonProfile(names=(("jayden", "eccleshall"),))
    assert score_person(replace(one, **asked), replace(other, **held), SCALE).level is level  # type: ignore[arg-type]


BORNE = {
    "thornby": 3,
    "tindall": 3,
    "lewis": 90,
    "heywood": 30,
    "haywood": 30,
    "marlon": 20,
    "marlen": 20,
    "hernandes": 2,
}


@pytest.mark.parametrize(
    ("asked", "held", "at_home", "by_birth"),
    [
        pytest.param("Robert Thornby", "Bob Thornby", "probable", "probable", id="a pet name"),
        pytest.param("Catherine Thornby", "Kathryn Thornby", "probable", "probable", id="another spelling"),
        pytest.param("Anna Kowalska", "Anna Kowalski", "probable", "probable", id="a husband's or clerk's ending"),
        pytest.param("Robert Thornby", "Roberta Thornby", "possible", "possible", id="a brother and a sister"),
        pytest.param("George Thornby", "Georgina Thornby", "possible", "possible", id="George and Georgina"),
        pytest.param("Mary Thornby", "Marie Thornby", "possible", "possible", id="Mary and Marie"),
        pytest.param("Owen Thornby", "John Thornby", "possible", "possible", id="Owen and John"),
        pytest.param("Ewan Thornby", "Owen Thornby", "possible", "possible", id="Ewan and Owen"),
        pytest.param("Joanna Thornby", "Anna Thornby", "possible", "possible", id="Joanna and Anna"),
        pytest.param("Ryan Thornby", "Rayan Thornby", "possible", "possible", id="Ryan and Rayan"),
        pytest.param("Jack Thornby", "John Thornby", "possible", "probable", id="brothers, or one called both"),
        pytest.param("Gary Thornby", "Gareth Thornby", "possible", "probable", id="Gary, or called so"),
        pytest.param("John Thornby", "Joan Thornby", "possible", "possible", id="twins John and Joan"),
        pytest.param("Dean Thornby", "Deanna Thornby", "possible", "possible", id="twins Dean and Deanna"),
        pytest.param("Amir Thornby", "Amira Thornby", "possible", "possible", id="twins Amir and Amira"),
        pytest.param("Emeric Thornby", "Emerica Thornby", "possible", "possible", id="a woman's ending, unlisted"),
        pytest.param("Thornby Emerica", "Emeric Thornby", "possible", "possible", id="and in another order"),
        pytest.param("Marlon Thornby", "Marlen Thornby", "possible", "possible", id="two names that several bear"),
        pytest.param("Lewis Haywood", "Lewis Heywood", "possible", "probable", id="a slip in the surname"),
        pytest.param("Tindall Hernandez", "Tindall Hernandes", "possible", "probable", id="in one that few bear"),
        pytest.param("Ali Ali", "Ali Ali", "probable", "probable", id="forename and surname alike"),
        pytest.param("Gurdeep Singh", "Gurdeep Kaur", "possible", "possible", id="Singh and Kaur"),
        pytest.param("Gurdeep Singh", "Gurdeep Kaur Singh", "probable", "probable", id="held with both"),
        pytest.param("Rubel Miah", "Rubel Begum", "possible", "possible", id="Miah and Begum"),
        pytest.param("Rubina Bibi", "Rubina Begum", "probable", "probable", id="two women's second names"),
    ],
)
def test_what_relatives_are_called_does_not_make_one_of_the_other(
    asked: str, held: str, at_home: str, by_birth: str
) -> None:
    scale = replace(SCALE, names=Vocabulary(BORNE, 50_000, names=True))
    one, other = (PersonProfile(names=(tuple(name.lower().split()),)) for name in (asked, held))
    assert score_person(replace(one, homes=DOOR), replace(other, homes=DOOR), scale).level == at_home
    assert score_person(replace(one, births=(BORN,)), replace(other, births=(BORN,)), scale).level == by_birth


@pytest.mark.parametrize(
    ("asked", "held", "level"),
    [
        pytest.param(("b23",), ("b23", "erdington"), "probable", id="one district"),
        pytest.param(("erdington",), ("b23",), "probable", id="a place beside a district says nothing"),
        pytest.param((), ("b23", "erdington"), "probable", id="no area asked for"),
        pytest.param(("ws10", "wednesbury"), ("b23", "erdington"), "possible", id="another town"),
        pytest.param(("wednesbury",), ("erdington",), "possible", id="another town, by name alone"),
        pytest.param(("ws10",), ("b23",), "possible", id="another district"),
        pytest.param(("birmingham",), ("b23", "erdington"), "probable", id="the city the place lies in"),
        pytest.param(("b23", "erdington"), ("b24", "birmingham"), "probable", id="a district wrong, within one city"),
    ],
)
def test_the_same_door_of_another_town_finds_and_does_not_vouch(
    asked: tuple[str, ...], held: tuple[str, ...], level: str
) -> None:
    name = (("asif", "khan"),)
    one, other = (PersonProfile(names=name, homes=DOOR, areas=areas) for areas in (asked, held))
    assert score_person(one, other, SCALE).level == level
