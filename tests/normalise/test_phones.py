"""Telephone numbers as people type them (domain.md 6.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.dialling import codes_for
from discoverer.normalise.phones import (
    find_phones,
    national,
    phone_spans,
    read_beginning,
    read_phones,
    read_tail,
    significant,
)
from discoverer.normalise.tables import load
from tests.normalise.strategies import ANY_TEXT, made_of

HOME = "+441214960123"
MOBILE = "+447700900123"


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        pytest.param("0121 496 0123", [HOME], id="a landline"),
        pytest.param("(0121) 496-0123", [HOME], id="brackets and a dash"),
        pytest.param("0121/496 0123", [HOME], id="a slash after the dialling code"),
        pytest.param("0121/496/0123", [HOME], id="slashes between all groups"),
        pytest.param("0121-496/0123", [HOME], id="a dash and a slash"),
        pytest.param("+44 (0)121 4960123", [HOME], id="+44 (0)"),
        pytest.param("0044 121 496 0123", [HOME], id="0044"),
        pytest.param("441214960123", [HOME], id="44 without a plus"),
        pytest.param("4407700900123", [MOBILE], id="44 and the 0 left in"),
        pytest.param("+07700900123", [MOBILE], id="a plus before the 0"),
        pytest.param("7700900123", [MOBILE], id="a spreadsheet dropped the 0"),
        pytest.param("7700900123.0", [MOBILE], id="a spreadsheet made it a decimal"),
        pytest.param("O77OO 9OO123", [MOBILE], id="letter O for 0"),
        pytest.param("07700 90O 123", [MOBILE], id="one letter O"),
        pytest.param("077OO9OOI23", [MOBILE], id="letter I for 1"),
        pytest.param("٠٧٧٠٠٩٠٠١٢٣", [MOBILE], id="Arabic-Indic digits"),
        pytest.param("07700900123/124", [MOBILE, "+447700900124"], id="an abbreviated second number"),
        pytest.param("0121 496 0123 / 4960124", [HOME, "+441214960124"], id="a second number without its code"),
        pytest.param("0121 496 0123 or 0124", [HOME, "+441214960124"], id="or and the last four digits"),
        pytest.param("07700900123, 0121 496 0123", [MOBILE, HOME], id="two numbers and a comma"),
        pytest.param("HOME 0121 496 0123 WORK; 07700 900123 (mum)", [HOME, MOBILE], id="words round the numbers"),
        pytest.param("07700900123 07700900124", [MOBILE, "+447700900124"], id="two numbers and a space"),
        pytest.param("0770090012307700900124", [MOBILE, "+447700900124"], id="two numbers run together"),
        pytest.param("01203 555123", ["+442476555123"], id="a Coventry number from before 2000"),
        pytest.param("016977 2345", ["+44169772345"], id="nine national digits"),
        pytest.param("0800 1111", ["+448001111"], id="Childline has seven"),
        pytest.param("+48 22 123 45 67", ["+48221234567"], id="a Polish number"),
        pytest.param("0092 300 1234567", ["+923001234567"], id="a Pakistani number with 00"),
        pytest.param("+353 1 496 0123", ["+35314960123"], id="an Irish number"),
    ],
)
def test_reads(raw: str, numbers: list[str]) -> None:
    found = read_phones(raw)
    assert [number.e164 for number in found if number.e164] == numbers
    assert not any(number.assumed for number in found)


@pytest.mark.parametrize(
    ("raw", "extension"),
    [
        pytest.param("07700 900123 ext 4", "4", id="ext"),
        pytest.param("0121 496 0123 (ext. 4857)", "4857", id="ext in brackets"),
        pytest.param("0121 496 0123 x12", "12", id="x"),
        pytest.param("0121 496 0123", "", id="none"),
    ],
)
def test_reads_the_extension(raw: str, extension: str) -> None:
    assert [number.extension for number in read_phones(raw)] == [extension]


@pytest.mark.parametrize(
    ("raw", "area", "numbers"),
    [
        pytest.param("496 0123", "B23 6XX", [HOME], id="seven digits in Birmingham"),
        pytest.param("4960123", "b23", [HOME], id="a district in lower case"),
        pytest.param("4960123", "B", [HOME], id="an area alone"),
        pytest.param("4960123", "B236XX", [HOME], id="a postcode without its space"),
        pytest.param("496 0123", "DY4 8AA", [HOME], id="Tipton rings Birmingham's code"),
        pytest.param("960123", "DY1 1AA", ["+441384960123"], id="six digits in Dudley"),
        pytest.param("960123", "WV10", ["+441902960123"], id="six digits in Wolverhampton"),
        pytest.param("960123", "WS2", ["+441922960123"], id="six digits in Walsall"),
        pytest.param("7655 5123", "CV1", ["+442476555123"], id="eight digits in Coventry"),
        pytest.param("960123", "B62", ["+441384960123", "+441562960123"], id="two codes in Halesowen: two readings"),
        pytest.param("960123", "B23", [], id="six digits in Erdington fit no code"),
        pytest.param("496 0123", "", [], id="no area, no code"),
        pytest.param("496 0123", "BE", [], id="a beat code is not a postcode"),
        pytest.param("196 0123", "B23", [], id="no local number begins with 1"),
    ],
)
def test_takes_the_dialling_code_from_the_area(raw: str, area: str, numbers: list[str]) -> None:
    found = read_phones(raw, area)
    assert [number.e164 for number in found if number.e164] == numbers
    assert all(number.assumed or number.reason == "no dialling code" for number in found)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param("WITHHELD", "withheld", id="withheld"),
        pytest.param("UNAVAIL", "unavailable", id="unavailable"),
        pytest.param("INT", "international, number not shown", id="INT"),
        pytest.param("PAYPHONE", "payphone", id="payphone"),
        pytest.param("REFUSED TO GIVE", "refused", id="refused, in a longer phrase"),
        pytest.param("0000000000", "placeholder", id="all noughts"),
        pytest.param("07000000000", "placeholder", id="070 and noughts"),
        pytest.param("01234567890", "placeholder", id="ascending"),
        pytest.param("999", "service number", id="999"),
        pytest.param("101", "service number", id="101"),
        pytest.param("07700 900 12", "too short", id="a digit short"),
        pytest.param("0121 496 012", "too short", id="a digit short where local numbers have seven"),
        pytest.param("01723 3360178", "too long", id="a digit too many"),
        pytest.param("900417", "no dialling code", id="a tail"),
        pytest.param("mum", "no number", id="a word"),
        pytest.param("+999 123", "not a number of any country", id="no such country"),
    ],
)
def test_says_why_there_is_no_number(raw: str, reason: str) -> None:
    assert [(number.e164, number.reason) for number in read_phones(raw)] == [("", reason)]


def test_a_blank_field_has_no_items() -> None:
    assert read_phones("  ") == ()


@pytest.mark.parametrize(
    ("raw", "tail"),
    [
        pytest.param("ends 900 417", "900417", id="the last six"),
        pytest.param("...7 700 900 417", "7700900417", id="the last ten"),
        pytest.param("07700900417", "7700900417", id="a whole number without its 0"),
        pytest.param("+44 7700 900417", "7700900417", id="a whole number without its country"),
        pytest.param("9OO4I7", "900417", id="letters for digits"),
        pytest.param("90041", "", id="five digits are too few"),
        pytest.param("000000", "", id="noughts are a placeholder"),
        pytest.param("14/09/2014", "", id="a date is no tail"),
        pytest.param("Flat 2", "", id="an address is no tail"),
    ],
)
def test_reads_a_tail(raw: str, tail: str) -> None:
    assert read_tail(raw) == tail


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("CLI 07700900417 CALLBACK", ["07700900417"], id="a mobile"),
        pytest.param("RING 0121/496/0123 NOW", ["0121/496/0123"], id="with slashes between its groups"),
        pytest.param("RING 0121 496 0123 EXT 4, URGENT", ["0121 496 0123 EXT 4"], id="with its extension"),
        pytest.param("MUM ON 07700 900123/124.", ["07700 900123/124"], id="two in one"),
        pytest.param("BROTHER +48 221234567 ABROAD", ["+48 221234567"], id="foreign"),
        pytest.param("TEL 496 0123", ["496 0123"], id="local after a cue"),
        pytest.param("uses 07700900655 and", ["07700900655"], id="mixed case"),
        pytest.param("FRONT DESK 496 0123", [], id="seven digits without a cue"),
        pytest.param("LOG 2731 OF 140914", [], id="a log number"),
        pytest.param("PREV LOG 88/020914", [], id="a linked log"),
        pytest.param("02-09-2014 12:34 14.09.2014 0915", [], id="dates and times"),
        pytest.param("PNC 79/123456T CRO 054321/12X BD51 SMR", [], id="identifiers"),
        pytest.param("CARD 1234567890123456", [], id="a card number"),
    ],
)
def test_finds_in_text(text: str, spans: list[str]) -> None:
    assert phone_spans(text) == spans


def test_finds_local_numbers_only_with_an_area() -> None:
    assert find_phones("TEL 496 0123") == ()
    assert [(found.e164, found.assumed) for found in find_phones("TEL 496 0123", "B23")] == [(HOME, True)]


@pytest.mark.parametrize(
    ("e164", "written"),
    [
        ("+447700900417", "07700 900417"),
        ("+441214960123", "0121 496 0123"),
        ("+48221234567", "+48 22 123 45 67"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_writes_for_people(e164: str, written: str) -> None:
    assert national(e164) == written


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        pytest.param("0121 496", "121496", id="a code and the first of the local number"),
        pytest.param("0770090", "770090", id="a mobile's beginning"),
        pytest.param("+44 (0)121 4960", "1214960", id="with the country code"),
        pytest.param("0044 7700 900 12", "770090012", id="all but the last digit"),
        pytest.param("0121 496 0123", "", id="a whole number is no beginning"),
        pytest.param("496 0123", "", id="a local number does not stand at the beginning"),
        pytest.param("0121 4", "", id="too short to say anything"),
        pytest.param("0000000", "", id="a placeholder"),
        pytest.param("mum", "", id="no number"),
    ],
)
def test_reads_the_beginning_of_a_number(raw: str, digits: str) -> None:
    assert read_beginning(raw) == digits


@pytest.mark.parametrize(
    ("e164", "digits"),
    [
        pytest.param(HOME, "1214960123", id="a United Kingdom number"),
        pytest.param("+48221234567", "48221234567", id="any other"),
    ],
)
def test_the_digits_that_signify(e164: str, digits: str) -> None:
    assert significant(e164) == digits


def test_every_code_in_the_tables_has_its_reason() -> None:
    table = load("phones")
    assert all(entry["why"] for kind in ("local", "renumbered", "words", "junk") for entry in table[kind])


def test_codes_are_known_by_district_first() -> None:
    assert codes_for("DY3 1AA", 6)[0] == "01902"
    assert codes_for("SLADE ROAD", 7) == ()


FIELDS = st.one_of(
    ANY_TEXT, made_of("0121", "496 0123", "07700900123", "+44", "(0)", "/", "ext 4", "or", "O", "124", "00", "mum")
)


@given(FIELDS, st.sampled_from(["", "B23", "CV1 1AA", "x"]))
def test_reading_is_total_and_says_one_thing_or_the_other(raw: str, area: str) -> None:
    found = read_phones(raw, area)
    assert bool(found) == bool(raw.strip())
    for number in found:
        assert bool(number.e164) != bool(number.reason)
        assert not number.e164 or read_phones(number.e164)[0].e164 == number.e164
        national(number.e164)


@given(FIELDS)
def test_tails_and_text_are_read_whatever_they_hold(text: str) -> None:
    assert read_tail(text).isdigit() or read_tail(text) == ""
    assert all(span in text for span in phone_spans(text))
    assert read_beginning(text).isdigit() or read_beginning(text) == ""


def test_a_very_long_field_is_read_as_text() -> None:
    assert [number.e164 for number in read_phones("x " * 25_000 + "07700900123")] == [MOBILE]
    assert read_phones("(" * 50_000)[0].e164 == ""
    assert phone_spans("0" * 50_000) == []
