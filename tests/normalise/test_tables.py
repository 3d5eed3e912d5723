"""The word lists and tables: a damaged one is said in one sentence that names it, whatever is wrong with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from discoverer.errors import ConfigError
from discoverer.normalise.tables import load

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "discoverer" / "normalise" / "data"
FILES = sorted(path.stem for path in DATA.glob("*.toml"))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the code, to be damaged."""
    there = tmp_path_factory.mktemp("damaged")
    for name in ("discoverer", "adapters", "index"):
        shutil.copytree(ROOT / name, there / name, ignore=shutil.ignore_patterns("__pycache__"))
    return there


def begun(package: Path) -> subprocess.CompletedProcess[str]:
    """Begin the command where the code stands."""
    return subprocess.run(
        [sys.executable, "-m", "discoverer", "--help"], cwd=package, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", FILES)
def test_the_command_names_an_empty_table_and_leaves(package: Path, name: str) -> None:
    path = package / "discoverer" / "normalise" / "data" / f"{name}.toml"
    held = path.read_bytes()
    path.write_bytes(b"")
    try:
        result = begun(package)
    finally:
        path.write_bytes(held)
    assert result.returncode == 3 and not result.stdout, result.stderr
    (said,) = result.stderr.splitlines()
    assert said.startswith(f"discoverer: {path} has 1 mistake: (1) '") and "is missing; install" in said


def test_the_command_begins_when_no_table_is_damaged(package: Path) -> None:
    result = begun(package)
    assert result.returncode == 0 and "Search a force" in result.stdout


DAMAGED = [
    pytest.param(None, "there is no such file", id="gone"),
    pytest.param(b"words = [\n'a',", "is not valid TOML", id="cut off"),
    pytest.param(b"words = ['\xff']", "is not UTF-8", id="not UTF-8"),
]


@pytest.mark.parametrize(("held", "said"), DAMAGED)
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, held: bytes | None, said: str) -> None:
    path = tmp_path / "colours.toml"
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(ConfigError, match="colours") as refused:
        load("colours", tmp_path)
    assert said in refused.value.message


def test_a_name_that_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "colours.toml").write_text("[[red]]\nwords = ['scarlet']\n[blue.pale]\n", "utf-8")
    table = load("colours", tmp_path)
    assert table["red"][0]["words"] == ["scarlet"] and table["red"][0].get("why") is None
    with pytest.raises(ConfigError, match="'green' is missing"):
        table["green"]
    with pytest.raises(ConfigError, match=r"'red\.why' is missing"):
        table["red"][0]["why"]
    with pytest.raises(ConfigError, match=r"'blue\.pale\.words' is missing"):
        table["blue"]["pale"]["words"]
