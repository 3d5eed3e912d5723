"""Folding: what stops mattering when two texts are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.sounds import sound
from discoverer.normalise.text import distinct, fold, words

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)  # lone surrogates too


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        pytest.param("O'Neill", "oneill", id="a straight apostrophe vanishes"),
        pytest.param("O’Neill", "oneill", id="a curly apostrophe vanishes"),
        pytest.param("O´Neill", "oneill", id="an acute accent typed as apostrophe vanishes"),
        pytest.param("O`NEILL", "oneill", id="a backtick typed as apostrophe vanishes"),
        pytest.param("Oʻneill", "oneill", id="a modifier letter apostrophe vanishes"),
        pytest.param("Ó Néill", "o neill", id="Irish long vowels lose their accents"),
        pytest.param("Małgorzata Żółć", "malgorzata zolc", id="Polish l with stroke, which Unicode does not decompose"),
        pytest.param("Đorđe", "dorde", id="Serbian d with stroke"),
        pytest.param("Søren Ærø", "soren aero", id="Danish letters"),
        pytest.param("Weiß", "weiss", id="sharp s"),
        pytest.param("WEIẞ", "weiss", id="capital sharp s"),
        pytest.param("IŞIK", "isik", id="Turkish capitals"),
        pytest.param("ışık", "isik", id="Turkish dotless i"),
        pytest.param("İbrahim", "ibrahim", id="Turkish dotted capital I"),
        pytest.param("Ionuţ Ţepeş", "ionut tepes", id="Romanian cedilla letters"),
        pytest.param("Ionuț Țepeș", "ionut tepes", id="Romanian comma letters fold like the cedilla ones"),
        pytest.param("ﬁona", "fiona", id="a ligature comes apart"),
        pytest.param("ＡＢＣ１２３", "abc123", id="full-width letters"),
        pytest.param("Smith-Jones", "smith jones", id="a hyphen parts words"),
        pytest.param("Kow\u00adalski", "kowalski", id="a soft hyphen is invisible"),
        pytest.param("a\x00b\tc\n", "a b c", id="control characters part words"),
        pytest.param("٠٧٧٠٠", "07700", id="Arabic-Indic digits"),
        pytest.param("محمد", "محمد", id="Urdu letters stay"),
        pytest.param("ਹਰਪ੍ਰੀਤ", fold("ਹਰਪ੍ਰੀਤ"), id="Gurmukhi keeps its vowel signs"),
        pytest.param("\ud800x😀y", "x y", id="lone surrogates and emoji part words"),
        pytest.param("  . - ", "", id="punctuation alone is nothing"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_folds(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Begum", "Begam", id="a vowel still matters"),
        pytest.param("Smith Jones", "SmithJones", id="a space still matters"),
        pytest.param("ਹਰਪ੍ਰੀਤ", "ਹਰਪਰਤ", id="Indic vowel signs still matter"),
    ],
)
def test_keeps_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(ANY_TEXT)
def test_is_total_idempotent_and_clean(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == " ".join(words(text))
    assert not set(folded) & set("'’`-.,;\x00\n\t")


@given(st.text(max_size=60))
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_a_long_text_is_folded_whole() -> None:
    assert len(fold("É" * 50_000)) == 50_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("clark", "clarke", id="a silent e"),
        pytest.param("reid", "reed", id="Reid and Reed"),
        pytest.param("philips", "filips", id="ph and f"),
        pytest.param("wright", "right", id="a silent w"),
    ],
)
def test_sounds_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other) != ""


@pytest.mark.parametrize("token", ["", "мария", "1985", "\ud800", "a" * 41, "abc123"])
def test_has_no_sound(token: str) -> None:
    assert sound(token) == ""


def test_distinct_keeps_first_places() -> None:
    assert distinct(("b", "", "a", "b")) == ("b", "a")
