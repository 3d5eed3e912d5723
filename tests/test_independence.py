"""The generator does not make what the matcher happens to know: else recall would be measured on its own lists."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from discoverer.normalise.names import variants
from discoverer.normalise.text import words

ROOT = Path(__file__).resolve().parent.parent
# the hand-written cases are asked of the matcher, not made by the generator: they name what its lists should hold
THEIRS = sorted(
    path for path in (ROOT / "fixtures").rglob("*.toml") if not {"small", "cases"} & set(path.relative_to(ROOT).parts)
)
OURS = sorted((ROOT / "discoverer").rglob("*.toml"))
# Two lists of English words about one subject share many; a copy, or a copy with additions, shares nearly all.
ALIKE = 0.5
CONTAINED = 0.9


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def said_in(value: object) -> Iterator[str]:
    """Yield every text of a data file, its keys included and its reasons not."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in ("why", "about"):
                yield key
                yield from said_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from said_in(inner)
    elif isinstance(value, str):
        yield value


def words_of(path: Path) -> set[str]:
    return {word for text in said_in(read(path)) for word in words(text) if word.isalpha()}


def pairs() -> list[tuple[str, str, str]]:
    """Return (kind, name, other writing) for every pair the generator writes names by, folded and in one piece."""
    found = []
    for kind, table in read(ROOT / "fixtures" / "data" / "spellings.toml").items():
        for name, writings in table.items():
            found += [(kind, "".join(words(name)), "".join(words(each))) for each in writings.split()]
    return found


def test_a_third_of_the_spellings_of_the_generator_are_in_no_list_of_the_matcher() -> None:
    made = pairs()
    unknown = [pair for pair in made if pair[1] != pair[2] and pair[2] not in variants(pair[1])]
    assert len(made) >= 600
    assert len(unknown) >= len(made) / 3, f"{len(unknown)} of {len(made)}"
    assert {kind for kind, _, _ in unknown} >= {"uncommon", "hearing", "keyboard", "transliteration", "family"}


OUR_WORDS = {path: words_of(path) for path in OURS}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in THEIRS])
def test_no_word_list_of_the_matcher_is_one_of_the_generator(path: Path) -> None:
    theirs = words_of(path)
    for other, ours in OUR_WORDS.items():
        if theirs and ours:
            shared = theirs & ours
            assert len(shared) / len(theirs | ours) < ALIKE, other
            assert len(shared) / min(len(theirs), len(ours)) < CONTAINED, other


def test_both_have_word_lists_to_compare() -> None:
    assert len(OURS) >= 5 and len(THEIRS) >= 10
    assert sum(map(len, OUR_WORDS.values())) > 1_000
