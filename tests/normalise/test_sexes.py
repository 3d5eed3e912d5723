"""Sex as records write it."""

from __future__ import annotations

import pytest

from discoverer.normalise.sexes import read_sexes


@pytest.mark.parametrize(
    ("written", "names", "expected"),
    [
        pytest.param("F", [], ("woman",), id="a letter"),
        pytest.param(" male ", [], ("man",), id="a word with blanks"),
        pytest.param("2", [], ("woman",), id="a number of ISO 5218"),
        pytest.param("U", ["KAREN PURDY"], (), id="unknown"),
        pytest.param("", ["Mrs C Rushton"], ("woman",), id="a title"),
        pytest.param("", ["RUSHTON, MR. C"], ("man",), id="a title in the middle"),
        pytest.param("", ["Dr C Rushton"], (), id="a title of either"),
        pytest.param("M", ["Miss Purdy"], ("man", "woman"), id="field and title disagree: it says neither"),
        pytest.param("", ["Missy Elmira"], (), id="a name that begins like a title"),
    ],
)
def test_what_a_record_says_of_a_sex(written: str, names: list[str], expected: tuple[str, ...]) -> None:
    assert read_sexes(written, names) == expected
