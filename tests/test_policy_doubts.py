"""What `policy check` warns of: sound, and yet it looks mistyped. Every shipped value beside it gives no warning."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from discoverer.policy.doubts import doubts
from discoverer.policy.rules import SHIPPED, read_policies
from tests.setups import run, write_settings

TEXT = SHIPPED.read_text(encoding="utf-8")
TODAY = date(2018, 11, 18)


def edited(*changes: tuple[str, str]) -> str:
    """Return the shipped policy with its first such words changed."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def dated(first: str, last: str = "", version: str = "1") -> str:
    """Return the shipped policy's table with other days."""
    until = f"\neffective_to = {last}" if last else ""
    changed = TEXT.replace("effective_from = 2008-01-01", f"effective_from = {first}{until}")
    return changed.replace('version = "1"', f'version = "{version}"', 1)


DOUBTED = [
    pytest.param(edited(('window = "P12M"', 'window = "P12D"')), "'repeat_victim.window' is 'P12D', 12 days", id="days for months"),
    pytest.param(edited(('window = "P12M"', 'window = "PT12M"'), ('same_night = "PT12H"', 'same_night = "PT1M"')), "'repeat_victim.window' is 'PT12M', 12 minutes", id="minutes for months"),
    pytest.param(edited(('linked_log = "PT12H"', 'linked_log = "P12M"')), "'occurrence.linked_log' is 'P12M', 12 months", id="months for a night"),
    pytest.param(edited(('same_place = "PT60M"', 'same_place = "P60M"')), "'occurrence.same_place' is 'P60M', 60 months", id="months for minutes"),
    pytest.param(edited(('same_night = "PT12H"', 'same_night = "P12D"')), "'repeat_victim.same_night' is 'P12D'", id="days for hours"),
    pytest.param(edited(('same_crime = "P1Y"', 'same_crime = "P1D"')), "'occurrence.same_crime' is 'P1D', 1 day", id="a day for a year"),
    pytest.param(edited(('labels = ["MARAC referred"]', 'labels = ["MARAC refered"]')), "did you mean 'MARAC referred'?", id="a label misspelt"),
    pytest.param(edited(('definition = "RV2"', 'definition = "RV22"')), "did you mean 'RV2'?", id="a definition misspelt"),
    pytest.param(dated("2030-01-01"), "not in force today, 18/11/2018: version 1 begins on 01/01/2030", id="not begun"),
    pytest.param(dated("2008-01-01", "2017-12-31"), "the last that was ended on 31/12/2017", id="ended"),
]  # fmt: skip
SOUND = [
    pytest.param(TEXT, id="as shipped"),
    pytest.param(edited(('window = "P12M"', 'window = "P1Y"')), id="a year"),
    pytest.param(edited(('window = "P12M"', 'window = "P28D"')), id="28 days"),
    pytest.param(edited(('linked_log = "PT12H"', 'linked_log = "PT24H"')), id="a whole night and day"),
    pytest.param(edited(('labels = ["MARAC referred"]', 'labels = ["conference heard"]')), id="a force's own label"),
    pytest.param(dated("2008-01-01", "2018-11-18"), id="its last day"),
    pytest.param(dated("2018-11-18"), id="its first day"),
]


def warned(folder: Path, *texts: str, labels: tuple[str, ...] = ()) -> list[str]:
    """Return the warnings of files with these texts."""
    for number, text in enumerate(texts):
        (folder / f"p{number}.toml").write_text(text, encoding="utf-8")
    return doubts(read_policies(folder), TODAY, labels)


@pytest.mark.parametrize(("text", "says"), DOUBTED)
def test_what_looks_mistyped_is_warned_of(tmp_path: Path, text: str, says: str) -> None:
    (warning,) = warned(tmp_path, text)
    assert says in warning and warning.endswith((".", "?"))


@pytest.mark.parametrize("text", SOUND)
def test_what_a_force_may_mean_is_not(tmp_path: Path, text: str) -> None:
    assert warned(tmp_path, text) == []


def test_days_between_two_versions_are_warned_of(tmp_path: Path) -> None:
    (warning,) = warned(tmp_path, dated("2008-01-01", "2017-05-31"), dated("2018-06-01", version="2"))
    assert "no version is in force from 01/06/2017 to 31/05/2018" in warning
    assert warned(tmp_path, dated("2008-01-01", "2018-05-31"), dated("2018-06-01", version="2")) == []


def test_with_the_sources_known_every_other_label_is_warned_of(tmp_path: Path) -> None:
    text = edited(('labels = ["MARAC referred"]', 'labels = ["conference heard"]'))
    (warning,) = warned(tmp_path, text, labels=("codeword",))
    assert "'conference heard', which no source known here gives; known are: MARAC referred, codeword" in warning


def test_warnings_stand_apart_from_mistakes_and_leave_the_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(edited(('window = "P12M"', 'window = "P12D"')), encoding="utf-8")
    made = run(write_settings(tmp_path, ["people"]), "policy", "check", str(file))
    assert made.exit_code == 0 and "is sound" in made.stdout and "1 warning" in made.stdout
    assert [line for line in made.stdout.splitlines() if line.startswith("WARNING version 1: 'repeat_victim.window'")]


def test_mistakes_stand_one_on_a_line_each_with_its_place_in_plain_words(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(
        edited(('version = "1"', "version = 1"), ('roles = ["victim"]', 'roles = ["bystander"]'),
               ('window = "P12M"', 'window = "12M"'), ("effective_from = 2008-01-01", "effective_from = 2008")),
        encoding="utf-8",
    )  # fmt: skip
    made = run(None, "policy", "check", str(file))
    assert made.exit_code == 3
    head, *lines = made.stderr.splitlines()
    assert head == f"discoverer: {file} has 4 mistakes:"
    assert [line[:6] for line in lines] == [f"  ({number}) " for number in range(1, 5)]
    told = "\n".join(lines)
    assert "'version': must stand in quotes" in told and "'repeat_victim.roles.0'" in told
    assert (
        "'effective_from': must be a day such as" in told and "12M' is not an ISO duration; write P and a count" in told
    )
    assert "after validation" not in told and "valid string" not in told
