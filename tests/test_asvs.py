"""The checklist of OWASP's ASVS is whole: every number of levels 1 and 2 once, each with a test, a reason or a gap."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.named import missing

ROOT = Path(__file__).resolve().parent.parent
LIST: dict[str, Any] = tomllib.loads((ROOT / "docs" / "asvs.toml").read_text(encoding="utf-8"))
LINES: dict[str, dict[str, Any]] = LIST["requirement"]
ANSWERS = ("test", "reason", "gap")

# How far the numbers of each section of 4.0.3 go; after it, those left out: of level 3, or deleted by the standard.
SECTIONS: dict[str, int | tuple[int, ...]] = {
    "1.1": 7, "1.2": 4, "1.4": (5, 2, 3), "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1, "1.11": (3, 3),
    "1.12": (2, 1), "1.14": 6,
    "2.1": 12, "2.2": (7, 4, 5, 6, 7), "2.3": 3, "2.4": 5, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3, "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.6": (2, 1, 2), "3.7": 1,
    "4.1": (5, 4), "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4,
    "6.1": 3, "6.2": (8, 7, 8), "6.3": (3, 3), "6.4": 2,
    "7.1": 4, "7.2": 2, "7.3": (4, 2), "7.4": 3,
    "8.1": (6, 5, 6), "8.2": 3, "8.3": 8,
    "9.1": 3, "9.2": (5, 5),
    "10.1": (1, 1), "10.2": (6, 3, 4, 5, 6), "10.3": 3,
    "11.1": 8,
    "12.1": 3, "12.2": 1, "12.3": 6, "12.4": 2, "12.5": 2, "12.6": 1,
    "13.1": (5, 2), "13.2": (6, 4), "13.3": 2, "13.4": 2,
    "14.1": (5, 5), "14.2": 6, "14.3": (3, 1), "14.4": 7, "14.5": 4,
}  # fmt: skip


def numbers() -> set[str]:
    """Return every number of levels 1 and 2."""
    found = set()
    for section, said in SECTIONS.items():
        last, *left_out = [said] if isinstance(said, int) else said
        found |= {f"{section}.{each}" for each in range(1, last + 1) if each not in left_out}
    return found


def test_every_number_stands_once_and_no_other() -> None:
    assert LIST["version"] == "4.0.3" and LIST["level"] == 2
    assert LINES.keys() == numbers()
    assert len(LINES) == 259


def test_every_line_has_one_answer() -> None:
    for number, line in LINES.items():
        given = [name for name in ANSWERS if name in line]
        assert len(given) == 1 and len(line[given[0]]) > 5, number
        assert line.keys() == {"level", "what", given[0]} and line["level"] in (1, 2), number
        assert 8 < len(line["what"]) < 100, number


@pytest.mark.parametrize("number", [number for number, line in LINES.items() if "test" in line])
def test_every_test_that_is_named_exists(number: str) -> None:
    assert not missing(LINES[number]["test"])


def test_the_readme_has_the_counts() -> None:
    counts = Counter(next(name for name in ANSWERS if name in line) for line in LINES.values())
    said = (
        f"{len(LINES)} requirements: {counts['test']} shown by a test, {counts['reason']} that do not apply or that no"
        f" test could tell, {counts['gap']} gaps"
    )
    assert said in re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8")), said
