"""Identifiers and their check letters; every vector of domain.md 1.6, and vehicle marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.identifiers import Identifier, find_identifiers, read_identifier, repair
from discoverer.normalise.tables import load
from discoverer.normalise.vehicles import read_mark
from tests.normalise.strategies import ANY_TEXT, made_of

ALPHABET = "ZABCDEFGHJKLMNPQRTUVWXY"


def read(raw: str, scheme: str = "") -> Identifier:
    found = read_identifier(raw, scheme)
    assert found is not None
    return found


VECTORS = [
    ("1979/0123456T", "pnc", "1979/0123456T"),
    ("79/123456T", "pnc", "1979/0123456T"),
    ("79123456T", "pnc", "1979/0123456T"),
    ("79 123456 t", "pnc", "1979/0123456T"),
    ("79/O123456T", "pnc", "1979/0123456T"),
    ("1999/0004321C", "pnc", "1999/0004321C"),
    ("99/4321C", "pnc", "1999/0004321C"),
    ("2003/0011985X", "pnc", "2003/0011985X"),
    ("03/11985X", "pnc", "2003/0011985X"),
    ("20030011985X", "pnc", "2003/0011985X"),
    ("2011/0000001T", "pnc", "2011/0000001T"),
    ("11/1T", "pnc", "2011/0000001T"),
    ("2024/0999999V", "pnc", "2024/0999999V"),
    ("054321/12X", "cro", "054321/12X"),
    ("54321/12X", "cro", "054321/12X"),
    ("000001/99W", "cro", "000001/99W"),
    ("1/99W", "cro", "000001/99W"),
    ("265416/21G", "cro", "265416/21G"),
    ("SF83/50058Z", "cro", "SF83/50058Z"),
    ("sf83/050058z", "cro", "SF83/50058Z"),
    ("SF39/45M", "cro", "SF39/45M"),
    ("SF39/45D", "cro", "SF39/45D"),
    ("13/20BE/01/12345D", "asn", "1320BE0100000012345D"),
    ("1320BE0100000012345D", "asn", "1320BE0100000012345D"),
    ("24/20CV/01/987654K", "asn", "2420CV0100000987654K"),
]


@pytest.mark.parametrize(("raw", "scheme", "canonical"), VECTORS)
def test_verifies(raw: str, scheme: str, canonical: str) -> None:
    found = read(raw)
    assert (found.scheme, found.canonical, found.valid) == (scheme, canonical, True)


# SF39/45 has a right letter for each way of padding.
@pytest.mark.parametrize(("raw", "scheme"), [(raw, scheme) for raw, scheme, _ in VECTORS if not raw.startswith("SF39")])
def test_no_other_letter_is_valid_and_nothing_is_dropped(raw: str, scheme: str) -> None:
    for letter in set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {raw[-1].upper()}:
        found = read(raw[:-1] + letter, scheme)
        assert not found.valid
        assert found.canonical


@pytest.mark.parametrize(
    ("raw", "column", "scheme"),
    [
        pytest.param("054321/12X", "pnc", "cro", id="a CRO in the PNC field"),
        pytest.param("79/123456T", "cro", "pnc", id="a PNC in the CRO field"),
        pytest.param("05432112X", "cro", "cro", id="a CRO without its slash"),
        pytest.param("13/20BE/01/12345D", "pnc", "asn", id="an arrest number in the PNC field"),
        pytest.param("12345", "nominal", "nominal", id="a system's own number"),
        pytest.param("A/12345", "", "other", id="no known shape"),
    ],
)
def test_the_shape_decides_and_the_column_hints(raw: str, column: str, scheme: str) -> None:
    assert read(raw, column).scheme == scheme


@pytest.mark.parametrize("raw", ["000000/00Z", "79/0Z", "SF83/0Z", "79/123456U", "12/34A", "XYZ"])
def test_keeps_but_does_not_verify(raw: str) -> None:
    assert not read(raw).valid


@pytest.mark.parametrize("raw", ["", " ", "N/K", "NOT ENTERED", "None", "-", "\x00", "unknown"])
def test_is_no_identifier(raw: str) -> None:
    assert read_identifier(raw) is None
    assert read_identifier(raw, "pnc") is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param("79/123456U", "1979/0123456T", id="the letter"),
        pytest.param("79/123457T", "1979/0123456T", id="the last digit"),
        pytest.param("78/123456T", "1979/0123456T", id="the year"),
        pytest.param("054322/12X", "054321/12X", id="a digit of a CRO number"),
        pytest.param("13/20BE/01/12346D", "1320BE0100000012345D", id="a digit of an arrest number"),
    ],
)
def test_offers_the_right_one(wrong: str, right: str) -> None:
    offered = repair(read(wrong))
    assert right in [each.canonical for each in offered]
    assert all(each.valid for each in offered)


def test_a_valid_identifier_needs_no_repair() -> None:
    assert repair(read("79/123456T")) == ()
    assert repair(read("BD51 SMR")) == ()


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        pytest.param("BD51 SMR", "BD51SMR", id="current"),
        pytest.param("bd51smr", "BD51SMR", id="current, lower case"),
        pytest.param("BDSI SMR", "BDSISMR", id="S is not folded"),
        pytest.param("BD5I SMR", "BD51SMR", id="I for 1"),
        pytest.param("0O51 0OO", "OO51OOO", id="0 for O"),
        pytest.param("A123 BCD", "A123BCD", id="prefix"),
        pytest.param("AI23 BCD", "A123BCD", id="prefix with I for 1"),
        pytest.param("ABC 123D", "ABC123D", id="suffix"),
        pytest.param("ABC I2OD", "ABC120D", id="suffix with I and O"),
        pytest.param("ABC 1234", "ABC1234", id="dateless"),
        pytest.param("1234 AB", "1234AB", id="dateless, reversed"),
        pytest.param("AIB 1234", "AIB1234", id="Northern Irish"),
    ],
)
def test_reads_a_mark(raw: str, canonical: str) -> None:
    assert read(raw, "vrm").canonical == read_mark(raw) == canonical


@pytest.mark.parametrize("raw", ["HELLO", "BD511 SMR", "12345678"])
def test_is_no_mark(raw: str) -> None:
    assert not read(raw, "vrm").valid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("SUBJECT PNC 79/123456T WANTED", ["79/123456T"], id="a PNC number"),
        pytest.param("pnc 11/1T", ["11/1T"], id="a short one after its cue"),
        pytest.param("CRO 054321/12X, ASN 13/20BE/01/12345D", ["054321/12X", "13/20BE/01/12345D"], id="CRO and ASN"),
        pytest.param("PNC 79/123456U", ["79/123456U"], id="a wrong letter is found too"),
        pytest.param("79123456T", ["79123456T"], id="no slash, right letter"),
        pytest.param("79123456U", [], id="no slash, wrong letter, no cue"),
        pytest.param("14/2B HIGH ST", [], id="a flat"),
        pytest.param("CRIME 20BE/123456A/14", [], id="a crime number"),
        pytest.param("PREV LOG 88/020914", [], id="a log"),
        pytest.param("DROVE OFF BD51 SMR", ["BD51 SMR"], id="a current mark"),
        pytest.param("REG ABC 1", ["ABC 1"], id="a dateless mark after a cue"),
        pytest.param("TEST RD B23 THE MALE", [], id="a district before a word"),
        pytest.param("LOG 123A C1042 FEM", [], id="a log and an operator"),
    ],
)
def test_finds_in_text(text: str, found: list[str]) -> None:
    assert [each.raw for each in find_identifiers(text)] == found


def test_every_list_has_its_reason() -> None:
    table = load("identifiers")
    groups = [group for value in table.values() for group in (value if isinstance(value, list) else [value])]
    assert all(group["why"] for group in groups)


FIELDS = st.one_of(ANY_TEXT, made_of("79", "/", "123456", "T", "SF", "20BE", "01", "BD51", "SMR", "O", "1979", "PNC"))


@given(FIELDS, st.sampled_from(["", "pnc", "cro", "asn", "vrm", "nominal", "other"]))
def test_reading_is_total_and_a_canonical_form_reads_as_itself(raw: str, scheme: str) -> None:
    found = read_identifier(raw, scheme)
    assert all(each.raw in raw for each in find_identifiers(raw))
    if found is None:
        return
    assert found.raw == raw
    assert found.canonical
    if found.valid:
        again = read_identifier(found.canonical, found.scheme)
        assert again is not None
        assert (again.canonical, again.valid) == (found.canonical, True)
    repair(found)


@given(st.integers(1939, 2038), st.integers(1, 9_999_999))
def test_every_number_has_exactly_one_letter(year: int, serial: int) -> None:
    valid = [letter for letter in ALPHABET if read(f"{year}/{serial:07d}{letter}", "pnc").valid]
    assert len(valid) == 1
    assert read(f"{year % 100:02d}/{serial}{valid[0]}", "pnc").canonical == f"{year}/{serial:07d}{valid[0]}"


def test_a_very_long_value_is_kept() -> None:
    assert read("1" * 50_000).canonical == "1" * 50_000
    assert find_identifiers("1" * 50_000) == ()
