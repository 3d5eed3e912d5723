"""What running text mentions: the words of logs and reports, with near misses beside each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.extract import Extracted, extract
from discoverer.normalise.place_spans import address_spans
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold
from tests.normalise.strategies import ANY_TEXT, made_of

KNOWN = frozenset({"tallis", "boston", "hakim", "sultana", "nadif", "zbyszko"})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param('MALE VOICE "GIVE ME THE PHONE". INFT GIVES NAME AS SHABS.', ["SHABS"], id="gives name as"),
        pytest.param('VMAIL "HI ITS SHABANA"', ["SHABANA"], id="its"),
        pytest.param("EX PARTNER ASIF, POSS ON BAIL", ["ASIF"], id="a relation and one name"),
        pytest.param(
            "Asif KHAN, known as ASI, uses a car", ["Asif KHAN", "ASI"], id="surname in capitals, and an alias"
        ),
        pytest.param("U HAKIM is dealing from home", ["U HAKIM"], id="an initial and a surname in capitals"),
        pytest.param("NOT TO CONTACT SHABANA BIBI DIRECTLY", ["SHABANA BIBI"], id="two known names in a row"),
        pytest.param("HER NAME IS SIOBHAN ONEILL", ["SIOBHAN ONEILL"], id="name is"),
        pytest.param("SON CALLED JAYDEN IN THE BEDROOM", ["JAYDEN"], id="called"),
        pytest.param("NEIGHBOUR LYNN HAZEL BROWN SHOUTING", ["LYNN HAZEL BROWN"], id="a surname that is a colour"),
        pytest.param("EX-WIFE HARPREET SINGH HAS LEFT", ["HARPREET SINGH"], id="a hyphenated relation"),
        pytest.param("PARTNER Y NADIF HAS SCRATCHED HIM", ["Y NADIF"], id="an initial after a relation"),
        pytest.param("VIC SULTANA KHATUN", ["SULTANA KHATUN"], id="known from fields"),
        pytest.param(
            "Maureen Tallis reports that Derek Boston left", ["Maureen Tallis", "Derek Boston"], id="mixed case"
        ),
        pytest.param("SUSPECT: MOHD. ASIF", ["MOHD. ASIF"], id="the dot of an abbreviation ends no sentence"),
        pytest.param("SISTER OF ALI. SARAH LEFT", ["ALI"], id="another dot does"),
        pytest.param("DRIVER JEAN WILSON OF 10 TEST ROAD", ["JEAN WILSON"], id="of ends no name"),
        pytest.param("IP KEVIN RUSSELL WILL RING BACK", ["KEVIN RUSSELL"], id="will after a surname is a verb"),
        pytest.param("SAW MUKTARR HASSAN FARAH LEAVE", ["MUKTARR HASSAN FARAH"], id="a mistyped word before two names"),
        pytest.param("MALE VOICE IN BACKGROUND", [], id="male voice"),
        pytest.param("DOG BARKING", [], id="dog barking"),
        pytest.param("HUSBAND DRUNK AND VIOLENT. WIFE SCREAMING", [], id="relations and no names"),
        pytest.param("CALLED POLICE AND AMBO", [], id="called, but not by a name"),
        pytest.param("NAME REFUSED. NAME UNKNOWN. NAME NOT GIVEN", [], id="placeholders"),
        pytest.param("HE WILL MARK HER CARD IN MAY", [], id="everyday words that are names too"),
        pytest.param("GREEN LANE CLOSED AT BROWN STREET", [], id="streets"),
        pytest.param("PAUL JAMES STREET CLOSED", [], id="a street called after somebody"),
        pytest.param("Seen in Washwood Heath and Alum Rock", [], id="districts"),
        pytest.param("Police Officers attended Station Road", [], id="capitals alone"),
        pytest.param("UNKNOWN MALE TRYING DOOR HANDLES", [], id="unknown male"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_finds_names(text: str, names: list[str]) -> None:
    assert list(extract(text, KNOWN).names) == names


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        pytest.param(
            "LOC THEN 14 FLT 2 HILLAIRES TEST RD B23. EX", [("14 FLT 2 HILLAIRES TEST RD", "B23")], id="a flat inside"
        ),
        pytest.param(
            "at Flat 14, 9 Eldon Test Walk B62 8RP and", [("Flat 14, 9 Eldon Test Walk", "B62 8RP")], id="a flat first"
        ),
        pytest.param("2/14 HIGH ST", [("2/14 HIGH ST", "")], id="flat and house with a slash"),
        pytest.param("14 SLADE RD ERDINGTON BACK DOOR", [("14 SLADE RD ERDINGTON", "")], id="a district after it"),
        pytest.param(
            "RK 83 TEST ROAD HANDSWORTH B20 7FF", [("83 TEST ROAD HANDSWORTH", "B20 7FF")], id="district and postcode"
        ),
        pytest.param("14 GREENWAY B23 6XX", [("14 GREENWAY", "B23 6XX")], id="no street type, but a postcode"),
        pytest.param("SEEN NEAR B24 9AA EARLIER", [("", "B24 9AA")], id="a postcode alone"),
        pytest.param("2 MALES FIGHTING IN THE ROAD", [], id="everyday words"),
        pytest.param("ATTENDED 2342 HRS AT STATION ROAD", [], id="a time"),
        pytest.param("LOG 2731 OF 140914 ROAD CLOSED", [], id="a log"),
    ],
)
def test_finds_addresses(text: str, addresses: list[tuple[str, str]]) -> None:
    assert list(extract(text).addresses) == addresses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("CALLBACK 07700900417 VMAIL", Extracted(phones=("07700900417",)), id="a number"),
        pytest.param("PREV LOG 88/020914 SAME NO", Extracted(log_refs=("LOG 88/020914",)), id="a linked log"),
        pytest.param("LOG 2731 OF 140914", Extracted(log_refs=("LOG 2731 OF 140914",)), id="a log and its date"),
        pytest.param("SEE 88/020914", Extracted(log_refs=("88/020914",)), id="a log without the word"),
        pytest.param("LOG 88", Extracted(), id="a log without a date is no key"),
        pytest.param("SUBJ DOB 260995", Extracted(birth_dates=("260995",)), id="a date of birth after its cue"),
        pytest.param("ON 02/09/2014 SHE", Extracted(), id="a date of something else"),
        pytest.param(
            "JOHN SMITH 03/07/1985",
            Extracted(names=("JOHN SMITH",), birth_dates=("03/07/1985",)),
            id="a date after a name",
        ),
        pytest.param("PNC 79/123456T", Extracted(identifiers=(("pnc", "79/123456T"),)), id="an identifier"),
        pytest.param("DROVE OFF BD51 SMR", Extracted(vehicles=("BD51 SMR",)), id="a vehicle"),
        pytest.param(
            "VEHICLE RK 83 TEST ROAD", Extracted(addresses=(("83 TEST ROAD", ""),)), id="a keeper's house is no mark"
        ),
        pytest.param("CLOSE AS ABANDONED 999", Extracted(), id="nothing"),
    ],
)
def test_finds_the_rest(text: str, expected: Extracted) -> None:
    assert extract(text) == expected


def test_a_whole_log_gives_everything_once_and_in_order() -> None:
    text = (
        'FEM SCREAMING LINE OPEN. INFT GIVES NAME AS SHABS.\nCALLBACK 07700900417 VMAIL "HI ITS SHABANA"\n'
        "PREV LOG 88/020914 SAME NO. LOC THEN 14 FLT 2 HILLAIRES TEST RD B23. EX PARTNER ASIF\nCALLBACK 07700900417"
    )
    assert extract(text) == Extracted(
        names=("SHABS", "SHABANA", "ASIF"),
        phones=("07700900417",),
        addresses=(("14 FLT 2 HILLAIRES TEST RD", "B23"),),
        log_refs=("LOG 88/020914",),
    )


def test_the_word_lists_are_folded_and_have_reasons() -> None:
    table = load("extract")
    assert all(group["why"] for group in table.values())
    words = [*table["ordinary"]["words"], *table["role_cues"]["words"], *table["sure_cues"]["phrases"]]
    assert [word for word in words if fold(word) != word] == []


PIECES = made_of(
    "GIVES NAME AS", "KNOWN AS", "PARTNER", "ASIF", "Asif", "KHAN", "Y", "14", "FLT 2", "HIGH", "ST", "B23 6XX", "DOB", "030785", "07700900123", "LOG", "88/020914",
    "PNC", "79/123456T", "BD51 SMR", ".", ",", "the",
)  # fmt: skip


@given(st.one_of(ANY_TEXT, PIECES), st.sets(st.sampled_from(["asif", "khan", "smith", "the"])))
def test_extraction_is_total_and_every_span_stands_in_the_text(text: str, known: set[str]) -> None:
    found = extract(text, frozenset(known))
    spans = [*found.names, *found.phones, *found.birth_dates, *found.vehicles, *found.log_refs]
    spans += [raw for _, raw in found.identifiers] + [part for pair in found.addresses for part in pair]
    assert all(span in text for span in spans)
    assert all(fold(name) for name in found.names)
    assert all(0 <= start < end <= len(text) for start, end, _, _ in address_spans(text))


@pytest.mark.parametrize("piece", ["ASIF KHAN ", "1 ", "14 HIGH ", "FLAT ", "07", "A", "\x00", "99/"])
def test_very_long_texts_are_read_in_good_time(piece: str) -> None:
    extract(piece * (50_000 // len(piece)))
