"""The Makefile as a newcomer meets it: what it says before it begins, and what it names."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = [
    pytest.param(
        (3, 10), "Python 3.11 or later is needed and {python} is 3.10; name another: make demo PYTHON=", id="old"
    ),
    pytest.param(
        (2, 7), "Python 3.11 or later is needed and {python} is 2.7; name another: make demo PYTHON=", id="ancient"
    ),
    pytest.param((3, 11), "", id="just new enough"),
    pytest.param((3, 14), "", id="newer"),
]


def make(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run make on a copy of the Makefile."""
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "pyproject.toml").touch()
    return subprocess.run(["make", *args], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("version", "said"), PYTHONS)
def test_a_python_that_is_too_old_is_said_before_anything_is_made(
    tmp_path: Path, version: tuple[int, int], said: str
) -> None:
    python = tmp_path / "python"
    python.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} -c "import sys; sys.version_info = {(*version, 0)}; $2"\n'
        f"touch {tmp_path}/began; exit 1\n",
        encoding="utf-8",
    )
    python.chmod(0o700)
    done = make(tmp_path, "demo", f"PYTHON={python}")
    assert done.returncode == 2
    assert (tmp_path / "began").exists() == (not said)
    assert done.stderr.startswith(said.format(python=python))


def test_help_names_only_folders_that_are_in_a_clone(tmp_path: Path) -> None:
    shown = make(tmp_path, "help").stdout
    folders = re.findall(r"FOLDER=(\S+)", shown)
    assert folders and all((ROOT / folder).is_dir() for folder in folders)
    assert "../" not in shown


def test_clean_takes_away_the_index_that_evaluate_keeps(tmp_path: Path) -> None:
    (tmp_path / "fixtures" / "small" / "state").mkdir(parents=True)
    (tmp_path / "fixtures" / "small" / "plan.json").touch()
    assert make(tmp_path, "clean").returncode == 0
    assert [each.name for each in (tmp_path / "fixtures" / "small").iterdir()] == ["plan.json"]
