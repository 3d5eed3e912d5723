"""Places are weighed by what agrees, however it is written, and held against each other."""

from __future__ import annotations

from collections import Counter

import pytest

from discoverer.match.doors import compare_doors
from discoverer.match.evidence import Level, Scored
from discoverer.match.place import PlaceScale, likeness, plain_words, score_writings, settle
from discoverer.match.profiles import PlaceProfile
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import load
from discoverer.normalise.addresses import Address, read_address
from index.keys import place_keys
from index.profiles import merge

WEIGHTS = load()
# What an index holds beside the places compared: enough for its words to be common or rare.
AROUND = [
    f"{number} {name} Test Road, Erdington, B23 {number % 9}XX" for number in range(2, 40) for name in ("Larch", "Mill")
]


def read(text: str) -> Address:
    found = read_address(text)
    assert found is not None
    return found


def scale_of(every: list[Address]) -> PlaceScale:
    """Measure against an index that holds these places."""
    bearers = Counter(word for address in every for word in set(plain_words(address)))
    return PlaceScale(Vocabulary(bearers, len(every), names=False), WEIGHTS)


def ranked(asked: str, held: list[str]) -> list[tuple[str, Scored]]:
    """Weigh the places held against the address asked for, best first."""
    every = [read(text) for text in (*AROUND, *held)]
    scale = scale_of(every)
    scored = [score_writings(read(asked), PlaceProfile(address), scale) for address in every[len(AROUND) :]]
    settled = settle(list(zip(every[len(AROUND) :], scored, strict=True)), WEIGHTS)
    return sorted(zip(held, settled, strict=True), key=lambda each: -each[1].bits)


DOOR = "Flat 2, 14 Hillaires Test Road, Erdington, B23 6XX"


@pytest.mark.parametrize(
    ("asked", "held", "near"),
    [
        pytest.param(
            "14 Hillaires Test Road Flat 2 Erdington",
            DOOR,
            ["Flat 3, 14 Hillaires Test Road, B23 6XX"],
            id="flat behind",
        ),
        pytest.param(
            "2, 14 Hillaires Test Raod, B23 6XX",
            DOOR,
            ["14 Hillaires Test Road, Erdington, B23 6XX"],
            id="the flat before its building",
        ),
        pytest.param(
            "14 Flat 2 Hilaires Test Rd B23 6XX", DOOR, ["Flat 14, 2 Hillaires Test Road, B23 6XX"], id="not exchanged"
        ),
        pytest.param(
            "23/25 Hillaires Test Road, B23 6XX",
            "23-25 Hillaires Test Road, B23 6XX",
            ["25 Hillaires Test Road, B23 6XX", "23 Hillaires Test Road, B23 6XX"],
            id="a range written as a flat",
        ),
        pytest.param(
            "17 Flat 22 Hillaires Test Road, B23 6XX",
            "22/17 Hillaires Test Road, B23 6XX",
            ["22 Hillaires Test Road, B23 6XX", "17 Hillaires Test Road, B23 6XX"],
            id="the greater number first",
        ),
        pytest.param(
            "Uint 10, Cross Test Surgery, Rowley Raod 1",
            "Unit 10, Cross Test Surgery, 1 Rowley Test Road, B23 6XX",
            ["Unit 1, Cross Test Surgery, 1 Rowley Test Road, B23 6XX"],
            id="a flat word nobody can read",
        ),
        pytest.param(
            "The Lodge, 28 Hillaires Test Road, Erdington",
            "28 Hillaires Test Road, Erdington, B23 6XX",
            ["The Lodge, 5 Mill Test Road, Erdington, B23 6XX", "The Lodge, Larch Test Road, Erdington"],
            id="a house name on one side only",
        ),
        pytest.param(
            "33 Saffronbank Test Road",
            "33 Saffron Bank Test Road, Oldbury",
            ["33 Saffron Park Test Road, Oldbury"],
            id="run together",
        ),
        pytest.param(
            "14 Hillaires Test Road, B23 6XY",
            "14 Hillaires Test Road, B23 6XX",
            ["15 Hillaires Test Road, B23 6XY", "14 Larch Test Road, B23 6XY"],
            id="street and number repair the postcode",
        ),
        pytest.param(
            "Suite 3, 1 Rowley Test Road, PO Box 4417",
            "Flat 3, 1 Rowley Test Rd, Box 4417, Oldbury",
            ["Flat 3, 1 Rowley Test Road, Box 5510, Oldbury"],
            id="another number that both hold",
        ),
    ],
)
def test_the_very_door_stands_before_what_is_near_it(asked: str, held: str, near: list[str]) -> None:
    (first, _), *_ = ranked(asked, [*near, held])
    assert first == held


@pytest.mark.parametrize(
    ("asked", "held", "level"),
    [
        pytest.param(DOOR, "2/14 HILLAIRES TEST RD B23 6XX", Level.CONFIRMED, id="the full address, written otherwise"),
        pytest.param(
            "14 Hilaires Test Rd, B23 6XX", "14 Hillaires Test Road, Erdington, B23 6XX", Level.PROBABLE, id="a slip"
        ),
        pytest.param(
            "14 Hillaires Test Road", "14 Hillaires Test Road, Erdington, B23 6XX", Level.PROBABLE, id="no area said"
        ),
        pytest.param(
            "14 Hillaires Test Road, Ertington", "14 Hillaires Test Road, Erdington", Level.PROBABLE, id="area misspelt"
        ),
        pytest.param(
            "14 Hillaires Test Road, Oldbury", "14 Hillaires Test Road, Erdington", Level.POSSIBLE, id="another town"
        ),
        pytest.param(
            "Kings Norton 14 Hillaires Test Road",
            "14 Hillaires Test Road, Kings Heath",
            Level.POSSIBLE,
            id="half the town",
        ),
        pytest.param(
            "14 Hillaires Street, Erdington",
            "14 Hillaires Lane, Erdington",
            Level.POSSIBLE,
            id="another type of street",
        ),
        pytest.param(
            "14 Hillaires Lane, B23 6XX",
            "14 Hillaires Street, B23 6XX",
            Level.PROBABLE,
            id="another type, one postcode",
        ),
        pytest.param(
            "14 Hillaires St, Erdington", "14 Hillaires Street, Erdington", Level.PROBABLE, id="one type, short"
        ),
        pytest.param(DOOR, "Flat 3, 14 Hillaires Test Road, B23 6XX", Level.POSSIBLE, id="another flat"),
        pytest.param(DOOR, "14 Hillaires Test Road, B23 6XX", Level.POSSIBLE, id="its building"),
        pytest.param("14 Hillaires Test Road, B23 6XX", DOOR, Level.POSSIBLE, id="a flat in it"),
        pytest.param(
            "14 Hillaires Test Road, B23 6XX", "14A Hillaires Test Road, B23 6XX", Level.POSSIBLE, id="next door"
        ),
        pytest.param(
            "Flat B, 14 Hillaires Test Road, B23 6XX",
            "14B Hillaires Test Road, B23 6XX",
            Level.POSSIBLE,
            id="B may be flat 2",
        ),
        pytest.param(
            "14 Hillaires Test Road, B23 6XX", "OPP 14 HILLAIRES TEST ROAD, B23 6XX", Level.POSSIBLE, id="opposite"
        ),
        pytest.param(
            "rear of 14 Hillaires Test Road, B23 6XX",
            "14 Hillaires Test Road, B23 6XX",
            Level.POSSIBLE,
            id="asked behind",
        ),
        pytest.param("outside Rowley Bingo Hall", "O/S ROWLEY BINGO HALL", Level.POSSIBLE, id="a landmark alone"),
        pytest.param(
            "Flat 8, Wexcombe Court, Hillaires Test Road",
            "Flat 8 Wexcombe Ct, 112 Hillaires Test Road, B23 6XX",
            Level.PROBABLE,
            id="a block's name for its number",
        ),
    ],
)
def test_levels_are_earned(asked: str, held: str, level: Level) -> None:
    ((_, scored),) = ranked(asked, [held])
    assert scored.level is level


def test_two_doors_of_one_name_in_two_towns_are_both_only_possible() -> None:
    found = ranked("14 Hillaires Test Road", ["14 Hillaires Test Road, B23 6XX", "14 Hillaires Test Road, B42 1XX"])
    assert [scored.level for _, scored in found] == [Level.POSSIBLE, Level.POSSIBLE]


def test_what_another_place_clearly_outscores_is_only_possible() -> None:
    best, other = ranked(
        "14 Hillaires Test Road, B23 6XX", ["14 Hillaires Test Road, B23 6XX", "14 Hillaires Test Road, B23 6XY"]
    )
    assert (best[1].level, other[1].level) == (Level.CONFIRMED, Level.POSSIBLE)


@pytest.mark.parametrize(
    ("asked", "held", "house", "flat", "otherwise"),
    [
        pytest.param("Flat 2, 14 Test Road", "2/14 Test Road", "house", "flat", False, id="one door"),
        pytest.param("14-26 Test Road", "21 Test Road", "house_differs", "", False, id="the other side of the street"),
        pytest.param("14-16 Test Road", "16 Test Road", "house_in_range", "", False, id="in the range"),
        pytest.param("133-137 Test Road", "133-135 Test Road", "house_range_end", "", False, id="another end"),
        pytest.param("23/25 Test Road", "23-25 Test Road", "house_range", "", True, id="read otherwise"),
        pytest.param("Flat 2, 14 Test Road", "14B Test Road", "house", "flat_letter", True, id="a letter for a number"),
        pytest.param(
            "Flat 2, 14 Test Road",
            "ground floor 14 Test Road",
            "house",
            "flat_otherwise",
            False,
            id="a floor for a number",
        ),
        pytest.param("14 Test Road", "41 Test Road", "house_slip", "", False, id="swapped digits are another door"),
        pytest.param("Test Road", "41 Test Road", "house_unsaid", "", False, id="no number asked for"),
    ],
)
def test_doors_compared(asked: str, held: str, house: str, flat: str, otherwise: bool) -> None:
    compared, _, _ = compare_doors(read(asked), read(held), WEIGHTS.place)
    assert compared == (house, flat, otherwise)


def test_a_door_keeps_every_way_it_is_written() -> None:
    texts = [
        "Rowley Clinic, 14 Test Road, B23 6XX",
        "Oak Surgery, 14 Test Road, B23 6XX",
        "Rowley Clinic, 14 Test Rd B23 6XX",
    ]
    merged = merge([PlaceProfile(read(text)) for text in texts])
    assert isinstance(merged, PlaceProfile)
    assert [address.building for address in merged.writings] == ["rowley clinic", "oak surgery"]


def test_one_flat_of_a_tower_is_known_by_its_number_and_by_its_house() -> None:
    made = place_keys(read("Flat 150, Century Tower, 14 Dollery Test Drive, B5 7XX"))
    assert {"hs:150~century", "hs:14~century", "hp:150~B5 7XX", "hp:14~B5 7XX"} <= made


@pytest.mark.parametrize(
    ("asked", "nearer", "farther"),
    [
        pytest.param(
            "Abbot Court Medical Centre, 3rd Floor Abbot Court, 7 Hillaires Test Road, Erdington",
            "ABBOT COURT, 7 HILLAIRES TEST ROAD, ERDINGTON",
            "CLANWICK MC, ABBOT COURT, 7 HILLAIRES TEST ROAD, ERDINGTON",
            id="another firm's name counts against it",
        ),
        pytest.param(
            "Quillon Test Medical Centre, 5 Quillon Test Road, Sheldon, Coventry",
            "QUILLON TEST MEDICAL CTR, 51 QUILLON TEST ROAD, COVENTRY",
            "SHELDON SURGERY, 51 QUILLON TEST ROAD, COVENTRY",
            id="the district is true of both firms",
        ),
        pytest.param(
            "Mill Larch Surgery, 9 Test Road",
            "MILL LARCH SURGERY, 9 TEST ROAD",
            "LARCH SURGERY MILL, 9 TEST ROAD",
            id="words side by side",
        ),
    ],
)
def test_of_two_firms_at_one_door_the_one_named_is_the_likest(asked: str, nearer: str, farther: str) -> None:
    every = [read(text) for text in (*AROUND, nearer, farther)]
    scale = scale_of(every)
    assert likeness(read(asked), read(nearer), scale) > likeness(read(asked), read(farther), scale)
