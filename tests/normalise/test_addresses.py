"""Addresses in every layout, and postcodes (domain.md 6.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.addresses import Address, read_address, read_postcode
from discoverer.normalise.postcodes import find_postcode
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold
from tests.normalise.strategies import ANY_TEXT, made_of


def read(text: str, postcode: str = "") -> Address:
    found = read_address(text, postcode)
    assert found is not None
    return found


SAME_DOOR = "flat 2|14|hillaires test road|b236xx"


@pytest.mark.parametrize(
    "text",
    [
        "Flat 2, 14 Hillaires Test Road B23 6XX",
        "14 Flat 2 Hillaires Test Road, B23 6XX",
        "2/14 Hillaires Test Rd B23 6XX",
        "14-2 Hillaires Test Rd, B23 6XX",
        "14/2 HILLAIRES TEST RD B23 6XX",
        "2 14 Hillaires Test Road B23 6XX",
        "2, 14 Hillaires Test Road, B23 6XX",
        "Flt 2 14 Hillaires Test Rd B236XX",
        "FLAT 2 14 HILLAIRES TEST RD B236XX",
        "Apt 2, 14 Hillaires Test Road, Erdington, Birmingham, B23 6XX",
        "Unit 2, 14 Hillaires Test Road, B23 6XX",
        "Rm 2 14 Hillaires Test Road, B23 6XX",
        "14 Hillaires Test Road, Flat 2, Erdington B23 6XX",
        "flat no 2, 14, hillaires test road\nerdington\nb23 6xx",
        "Flat 02, No 14 Hillaires Test Road (B23 6XX)",
        "14 HillairesTest Road Flat 2 B23 6XX".replace("sT", "s T"),
        "Flat 2, 14 Hillaires Test Road 823 6XX",
    ],
)
def test_equivalent_writings_are_one_identity(text: str) -> None:
    assert read(text).identity == SAME_DOOR


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Flat 3, 14 Hillaires Test Road B23 6XX", id="another flat"),
        pytest.param("14 Hillaires Test Road B23 6XX", id="no flat"),
        pytest.param("Flat 2, 14A Hillaires Test Road B23 6XX", id="14A"),
        pytest.param("14B Hillaires Test Road B23 6XX", id="14B may be flat 2, so it is not said to be"),
        pytest.param("Flat 2, 15 Hillaires Test Road B23 6XX", id="next door"),
        pytest.param("2-14 Hillaires Test Road B23 6XX", id="a range"),
        pytest.param("Flat 2, 14 Hillaires Test Road B23 6XY", id="another postcode"),
        pytest.param("Flat 2, 14 Hillaires Test Lane B23 6XX", id="another type of street"),
        pytest.param("Flat 2, 14 Hillaires Test Road", id="no postcode"),
    ],
)
def test_other_doors_are_other_identities(text: str) -> None:
    assert read(text).identity != SAME_DOOR


def test_flats_share_their_block_and_a_missing_postcode_is_left_to_without_area() -> None:
    one, other = read("Flat 2, 14 Test Road B23 6XX"), read("Flat 3, 14 Test Rd, B23 6XX")
    assert one.block == other.block == "|14|test road|b236xx"
    assert one.without_area == read("Flat 2, 14 Test Rd").without_area == "flat 2|14|test road"
    assert one.without_area != other.without_area


@pytest.mark.parametrize(
    ("text", "flat", "house", "building", "street", "localities"),
    [
        ("116 St Gregorys Crescent, Gravesend, DA12 4JW", "", "116", "", "saint gregorys crescent", "gravesend"),
        ("101 st johns st", "", "101", "", "saint johns street", ""),
        ("14 HIGH ST ERDINGTON", "", "14", "", "high street", "erdington"),
        ("14 High St Kings Heath Birmingham", "", "14", "", "high street", "kings heath/birmingham"),
        ("Aldbrough St. John, Richmond", "", "", "aldbrough saint john", "", "richmond"),
        ("THE HEALTH CENTRE, LAWSON STREET, STOCKTON-ON-TEES, CLEVELAND, TS18 1HU", "", "", "health centre", "lawson street",
         "stockton on tees/cleveland"),
        ("O/S SHELL GARAGE SLADE RD ERDINGTON", "", "", "shell garage", "slade road", "erdington"),
        ("Flat 3, Century Tower, Dollery Drive", "3", "", "century tower", "dollery drive", ""),
        ("Flat 3 Century Tower Dollery Drive", "3", "", "century tower", "dollery drive", ""),
        ("Century Tower 14 Dollery Drive B23", "", "14", "century tower", "dollery drive", ""),
        ("8 stanley street, miami, winston hills, NSW 4223", "", "8", "", "stanley street", "miami/winston hills/nsw 4223"),
        ("6 brentwood vlge, wray place, curl", "", "6", "brentwood vlge", "wray place", "curl"),
        ("5, Maple Court, Fir Lane, Exampletown", "5", "", "maple court", "fir lane", "exampletown"),
        ("Flat 5, Maple Court, 12, Fir Lane, Exampletown", "5", "12", "maple court", "fir lane", "exampletown"),
        ("Flat 10 First Floor, Maple Court, 12, Fir Ln", "10", "12", "maple court", "fir lane", ""),
        ("Willow Mill, 5, Exampletown", "", "5", "willow mill", "", "exampletown"),
        ("Rose Cottage, 2, Beech Street, Exampletown", "", "2", "rose cottage", "beech street", "exampletown"),
        ("26, AcornRoad, Northside", "", "26", "", "acorn road", "northside"),
        ("GFF 14 High Street", "ground", "14", "", "high street", ""),
        ("Ground floor flat, 14 High Street", "ground", "14", "", "high street", ""),
        ("14 High Street, First Floor Flat", "first", "14", "", "high street", ""),
        ("First Floor Flat 2, 14 High Street", "2", "14", "", "high street", ""),
        ("TFF, 14 High Street", "top", "14", "", "high street", ""),
        ("Basement Flat 14 High Street", "basement", "14", "", "high street", ""),
        ("Flat A, 14 High St", "a", "14", "", "high street", ""),
        ("Flat 2b 14 High St", "2b", "14", "", "high street", ""),
        ("Room 4, Flat 2, 14 High St", "2/4", "14", "", "high street", ""),
        ("Flats 1-6, 14 High St", "1-6", "14", "", "high street", ""),
        ("14 a Test Rd", "", "14a", "", "test road", ""),
        ("12 Park Rd N, B'ham", "", "12", "", "park north road", "birmingham"),
        ("12 King's Rd", "", "12", "", "kings road", ""),
        ("1 The Crescent, Walsall", "", "1", "", "crescent", "walsall"),
        ("57 Greenway", "", "57", "", "greenway", ""),
        ("21 Hall Green Rd West Bromwich", "", "21", "", "hall green road", "west bromwich"),
        ("7 Grove Lane", "", "7", "", "grove lane", ""),
        ("14 Slade Rd Willenhall Coventry", "", "14", "", "slade road", "willenhall/coventry"),
        ("95 Momus Blvd Cov", "", "95", "", "momus boulevard", "coventry"),
        ("Acocks Green", "", "", "", "", "acocks green"),
        ("14 Acocks Green", "", "14", "", "acocks green", ""),
        ("Erdington, Birmingham", "", "", "", "", "erdington/birmingham"),
        ("NFA Birmingham", "", "", "", "", "birmingham"),
        ("opp Asda", "", "", "asda", "", ""),
        ("GRAY'S INN ROAD MED CTR, 77 GRAY'S INN ROAD", "", "77", "grays inn road medical centre", "grays inn road", ""),
        ("Hillaires Test Road", "", "", "", "hillaires test road", ""),
    ],
)  # fmt: skip
def test_takes_apart(text: str, flat: str, house: str, building: str, street: str, localities: str) -> None:
    found = read(text)
    written = " ".join((*found.street, found.street_type)).strip()
    places = "/".join(found.localities)
    assert (found.flat, found.house, found.building, written, places) == (flat, house, building, street, localities)


@pytest.mark.parametrize(("text", "house", "end"), [("12-14 High St", "12", "14"), ("14 - 18 High St", "14", "18")])
def test_reads_a_range(text: str, house: str, end: str) -> None:
    found = read(text)
    assert (found.house, found.house_end, found.flat) == (house, end, "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Flat 2, 14 Hillaires Test Rd, Erdington B23 6XX", "14 hillaires test road erdington"),
        ("8 stanley street, miami, NSW 4223", "8 stanley street miami nsw 4223"),
        ("O/S SHELL GARAGE SLADE RD", "shell garage slade road"),
        ("The Health Ctr, Stockton-on-Tees", "health centre stockton tees"),
    ],
)
def test_keeps_every_content_word(text: str, words: str) -> None:
    assert " ".join(read(text).words) == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NFA",
        "N.F.A.",
        "NFA NF1 1NF",
        "NF1 1FA",
        "No fixed abode",
        "AS ABOVE",
        "Not known",
        "N/K",
        "REFUSED",
        "-",
        "\x00",
        "😀",
    ],
)
def test_is_no_address(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize("text", ["Nfayton Road", "Refused Lane", "Above Street 14", "14"])
def test_is_some_address(text: str) -> None:
    assert read_address(text) is not None


@pytest.mark.parametrize(
    ("text", "postcode", "full"),
    [
        pytest.param("14 High St", "B23 6XX", "B23 6XX", id="a column of its own"),
        pytest.param("14 High St B23 6XX", "", "B23 6XX", id="in the text"),
        pytest.param("14 High St B23 6XX", "B24 9AA", "B24 9AA", id="the column wins"),
        pytest.param("14 High St B23 6XX", "NF1 1NF", "B23 6XX", id="but not a filler"),
        pytest.param("", "B23 6XX", "B23 6XX", id="a postcode alone"),
    ],
)
def test_takes_the_postcode(text: str, postcode: str, full: str) -> None:
    assert read(text, postcode).postcode == full


@pytest.mark.parametrize(
    ("text", "postcode", "outward"),
    [
        pytest.param("B23 6XX", "B23 6XX", "B23", id="whole"),
        pytest.param("b236xx", "B23 6XX", "B23", id="no space, lower case"),
        pytest.param("14 Test Rd, B23 6XX.", "B23 6XX", "B23", id="at the end of an address"),
        pytest.param("823 6XX", "B23 6XX", "B23", id="8 for B"),
        pytest.param("BZ3 6XX", "B23 6XX", "B23", id="Z for 2"),
        pytest.param("B23 SXX", "B23 5XX", "B23", id="S for 5"),
        pytest.param("DY4 OAA", "DY4 0AA", "DY4", id="O for 0"),
        pytest.param("WV1O 5AB", "WV10 5AB", "WV10", id="O for 0 in the district"),
        pytest.param("SI3 4AB", "S13 4AB", "S13", id="I for 1"),
        pytest.param("SW1A 1AA", "SW1A 1AA", "SW1A", id="central London"),
        pytest.param("GIR 0AA", "GIR 0AA", "GIR", id="Girobank"),
        pytest.param("ZZ1 1BH", "ZZ1 1BH", "ZZ1", id="an area that is not one is kept"),
        pytest.param("B23", "", "B23", id="a district"),
        pytest.param("B23 6", "", "B23", id="a sector"),
        pytest.param("FLAT B2, 14 HIGH ST", "", "", id="a flat"),
        pytest.param("M6 J6", "", "", id="a motorway junction"),
        pytest.param("BD51 SMR", "", "", id="a vehicle's mark"),
        pytest.param("52 1st floor", "", "", id="an ordinal"),
        pytest.param("NSW 4223", "", "", id="an Australian state"),
        pytest.param("NF1 1NF", "", "", id="no fixed abode"),
        pytest.param("105 1AA", "", "", id="no such area"),
    ],
)
def test_reads_a_postcode(text: str, postcode: str, outward: str) -> None:
    assert read_postcode(text) == (postcode, outward)


def test_knows_the_sector() -> None:
    assert read("14 Test Rd B23 6XX").sector == read("Test Rd B23 6").sector == "B23 6"


def test_lists_are_folded_and_short_forms_stand_once() -> None:
    table = load("addresses")
    shorts = [
        short
        for kind in ("street_types", "weak_types")
        for word, forms in table[kind].items()
        if word != "why"
        for short in forms
    ]
    assert len(shorts) == len(set(shorts))
    assert all(fold(name) == name for name in load("gazetteer")["places"])
    assert all(group["why"] for group in table.values())


FIELDS = st.one_of(
    ANY_TEXT,
    made_of(
        "Flat",
        "2",
        "14",
        "/",
        "-",
        "14a",
        "High",
        "St",
        "Rd",
        "John",
        "House",
        "Erdington",
        "B23 6XX",
        "B23",
        "floor",
        "first",
        "N",
        "the",
        "NFA",
    ),
)


@given(FIELDS, st.sampled_from(["", "B23 6XX", "B23", "NF1 1NF", "?"]))
def test_reading_is_total_and_everything_is_folded(text: str, postcode: str) -> None:
    found = read_address(text, postcode)
    if found is None:
        return
    assert all(word and word == fold(word) for word in (*found.words, *found.street, *found.localities))
    assert fold(found.building) == found.building
    if found.identity:
        assert found.block.endswith(found.identity.split("|", 1)[1])
    assert not found.house_end or found.house


@given(
    st.integers(1, 400),
    st.integers(1, 60),
    st.sampled_from(["Hillaires Test", "Dollery", "St Gregorys", "Century Oak"]),
    st.sampled_from([("Road", "Rd"), ("Street", "St"), ("Close", "CL"), ("Gardens", "gdns"), ("Avenue", "Ave.")]),
)
def test_every_layout_of_one_flat_is_one_identity(house: int, flat: int, name: str, kind: tuple[str, str]) -> None:
    long, short = kind
    layouts = [
        f"Flat {flat}, {house} {name} {long}, B23 6XX",
        f"FLT {flat} {house} {name.upper()} {short} B236XX",
        f"{house} {name} {short}, Apt {flat}, Erdington, b23 6xx",
        f"{house} flat {flat} {name} {short} B23 6XX",
    ]
    assert len({read(layout).identity for layout in layouts}) == 1


@given(ANY_TEXT)
def test_a_postcode_stands_where_it_says(text: str) -> None:
    found = find_postcode(text)
    assert 0 <= found.start <= found.end <= len(text)
    assert not found.full or found.full.startswith(found.outward)


def test_very_long_fields_are_read() -> None:
    assert read("14 Test Road, " + "x" * 50_000).house == "14"
    assert read_address("," * 50_000) is None
    read_address("1 " * 25_000)
    read_address("flat " * 10_000)
