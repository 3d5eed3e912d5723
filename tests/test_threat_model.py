"""The threat model is whole: every attacker has controls, each control a test that exists, and what is not covered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.named import missing

MODEL = (Path(__file__).resolve().parent.parent / "docs" / "threat-model.md").read_text(encoding="utf-8")
PARTS = re.split(r"^## ", MODEL, flags=re.M)[1:]
ATTACKERS = [
    "An insider with an account",
    "A colleague at an unattended desk",
    "A web page open in the user's browser",
    "A machine on the network",
    "A hostile source file",
    "A stolen backup",
    "Whoever has broken into the service",
    "Somebody with an account of the same machine",
    "The administrator of the machine",
    "The supply chain",
]
NAMED = re.findall(r"`(tests/[^`]+::[^`]+)`", MODEL)


def test_every_part_of_the_model_is_there_and_every_control_names_its_test() -> None:
    titles = [part.partition("\n")[0] for part in PARTS]
    assert titles == ["What it is, and where trust ends", "What is worth attacking", *ATTACKERS]
    for part in PARTS[2:]:
        controls, found, uncovered = part.partition("**Not covered.**")
        lines = [line for line in controls.splitlines() if line.startswith("- ")]
        assert len(lines) >= 4 and found and len(uncovered) > 50, part[:60]
        for line in lines:
            assert re.search(r": `tests/[a-z_/]+\.py::test_\w+`$", line), line
    assets = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PARTS[1], re.M)
    assert len(assets) >= 2 + 5 and all(map(all, assets))


@pytest.mark.parametrize("named", sorted(set(NAMED)))
def test_every_test_that_is_named_exists(named: str) -> None:
    assert not missing(named)


@pytest.mark.parametrize(
    "named",
    [
        "tests/test_threat_model.py::test_of_nothing",
        "tests/test_of_nothing.py::test_every_test_that_is_named_exists",
        "tests/named.py::missing",
        "tests/../tests/test_threat_model.py::test_every_test_that_is_named_exists",
        "tests/test_threat_model.py",
    ],
)
def test_a_test_that_does_not_exist_is_noticed(named: str) -> None:
    assert missing(named) == f"there is no test {named}"
