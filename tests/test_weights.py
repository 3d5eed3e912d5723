"""The weights: every name the code reads is held, none is held that nobody reads, and a damaged file is refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from discoverer.errors import ConfigError
from discoverer.match.similarity import Closeness
from discoverer.match.weights import load

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "discoverer" / "match" / "data" / "weights.toml"
HELD = tomllib.loads(FILE.read_text(encoding="utf-8"))
NAMES = [(table, name) for table, held in HELD.items() if isinstance(held, dict) for name in held]
# Names the code puts together: the table, what they begin with, and what says the rest.
MADE = {("place", "word"), ("place", "missing"), ("place", "extra")}


def spoilt(folder: Path, change: Callable[[str], str]) -> str:
    """Return what is said of the weights after a change."""
    path = folder / "weights.toml"
    path.write_text(change(FILE.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(path)
    return refused.value.message


def table_changed(table: str, pattern: str, instead: str) -> Callable[[str], str]:
    """Return what changes the first match of a pattern in one table."""

    def _change(text: str) -> str:
        before, after = text.split(f"[{table}]", 1)
        changed, times = re.subn(pattern, instead, after, count=1, flags=re.MULTILINE)
        assert times == 1
        return f"{before}[{table}]{changed}"

    return _change


@pytest.mark.parametrize(("table", "name"), NAMES)
def test_a_name_that_is_gone_is_missed_when_the_file_is_read(tmp_path: Path, table: str, name: str) -> None:
    said = spoilt(tmp_path, table_changed(table, rf"^{name} *=.*\n", ""))
    assert said == f"weights.toml has 1 mistake: (1) '{table}.{name}' is missing; add it."


def test_no_name_is_held_that_nobody_reads() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "discoverer").rglob("*.py"))
    for table, name in NAMES:
        assert f'"{name}"' in code or (table, name.partition("_")[0]) in MADE, f"{table}.{name}"


def test_every_way_two_words_agree_has_its_weight() -> None:
    by_names_only = {Closeness.VARIANT, Closeness.INITIAL, Closeness.NONE}
    assert {f"word_{how}" for how in Closeness if how not in by_names_only} <= HELD["place"].keys()


DAMAGED = [
    pytest.param("level", r"^possible = .*$", "possible = inf", "'level.possible'", id="without end"),
    pytest.param("level", r"^possible = .*$", "possible = nan", "'level.possible'", id="no number at all"),
    pytest.param("birth", r"^same = .*$", "same = true", "'birth.same'", id="a yes"),
    pytest.param("birth", r"^same = .*$", 'same = "13"', "'birth.same'", id="a text"),
    pytest.param("birth", r"^same = .*$", "same = 1e308", "'birth.same': input should be less than", id="beyond all bits"),
    pytest.param("token", r"^variant = .*$", "variant = 1.5", "'token.variant'", id="more than the whole"),
    pytest.param("name", r"^alike_none = .*$", "alike_none = 1.0", "'name.alike_none'", id="nothing left to share out"),
    pytest.param(
        "name", r"^missing_token", "missing_tokn",
        "'name.missing_tokn' is not a known name; did you mean 'missing_token'?", id="misspelt",
    ),
    pytest.param("event", r"^named", "nomen = 1.0\nnamed", "'event.nomen' is not a known name", id="one too many"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "pattern", "instead", "said"), DAMAGED)
def test_a_damaged_weight_is_refused_by_its_name(
    tmp_path: Path, table: str, pattern: str, instead: str, said: str
) -> None:
    assert said in spoilt(tmp_path, table_changed(table, pattern, instead))


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text(table_changed("birth", r"^same = .*$", "same = 13")(FILE.read_text(encoding="utf-8")), "utf-8")
    assert load(path).birth["same"] == 13.0


def test_a_table_that_is_gone_is_missed(tmp_path: Path) -> None:
    said = spoilt(tmp_path, lambda text: text.replace("[birth]", "[berth]"))
    assert "'birth' is missing" in said and "'berth' is not a known name; did you mean 'birth'?" in said
