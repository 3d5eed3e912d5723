"""docs/running.md is true: its table has every setting, its words are those of the code, its commands run as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from discoverer.answer import State
from discoverer.settings import AccessSettings, Settings
from index.attempts import Outcome
from index.kept import Standing
from tests.conftest import SMALL

ROOT = Path(__file__).resolve().parent.parent
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
LINES = [line for text in re.findall(r"^```\n(.*?)^```$", RUNNING, re.M | re.S) for line in text.splitlines()]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its first two lines."""
    section = RUNNING.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, re.M)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def test_the_table_of_settings_is_that_of_the_code() -> None:
    listed = {cells[0].strip("`"): cells[1] for cells in rows("Settings")}
    assert list(listed) == list(Settings.model_fields)
    assert listed.pop("access") == "switched off"
    of_access = {cells[0].strip("`"): cells[1] for cells in rows("Who may see what")}
    assert list(of_access) == list(AccessSettings.model_fields)
    for name, field in Settings.model_fields.items():
        if name == "access":
            continue
        if field.default is PydanticUndefined:
            assert listed[name] == "needed", name
        elif field.default is None:
            assert not listed[name].startswith(("`", "needed")), name
        else:
            assert listed[name] == f"`{field.default}`", name


def test_every_word_of_status_and_builds_is_explained() -> None:
    told = {(cells[0], cells[1]) for cells in rows("Words")}
    assert {(each.value, "a build") for each in Standing} <= told
    assert {(each.value.replace("_", " "), "a source") for each in State} <= told
    assert {Outcome.INTERRUPTED.value, "carried", "rejects"} <= {word for word, _ in told}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that looks like a clone to whoever types the commands."""
    folder = tmp_path_factory.mktemp("running") / "clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name, module in (("discoverer", "-m discoverer "), ("python", "")):
        program = folder / ".venv" / "bin" / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    small = shutil.copytree(SMALL, folder / "fixtures" / "small", ignore=shutil.ignore_patterns("state"))
    with (small / "discoverer.toml").open("a", encoding="utf-8") as settings:
        settings.write('linking = "exact"\nworkers = 1\n')  # the commands are tried here, not the weights
    return folder


def shell(clone: Path, line: str) -> subprocess.Popen[str]:
    """Begin a command as it would be typed in the clone."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        ["bash", "-c", line], cwd=clone, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def held(clone: Path) -> str:
    """Return the id of the build that was held back last."""
    done = shell(clone, ".venv/bin/discoverer --config ../night/discoverer.toml builds --json")
    listed = json.loads(done.communicate(timeout=60)[0])
    return str(next(each["build"] for each in listed if each["standing"] == "held"))


def test_its_commands_run_in_order_and_leave_as_it_says(clone: Path) -> None:
    said: dict[str, str] = {}
    for line in LINES:
        expected = int(next(iter(re.findall(r"# exit code (\d+)$", line)), 0))
        typed = line.replace(" ID ", f" {held(clone)} ") if " ID " in line else line
        # Whatever runs until it is stopped is the shell's own process, so that Ctrl-C is its own too.
        endless = "sync --every" in line
        running = shell(clone, f"exec {typed}" if endless else typed)
        if endless and running.stdout:
            assert "Build" in running.stdout.readline()
            running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=300)
        assert running.returncode == expected, (line, out, err)
        said[line.partition(".toml ")[2] or line] = out + err
    assert "RISK" in said["search --phone 01632960793"], "the second of the four calls is found"
    assert "Newer data waits" not in said["status"]
    assert "has nothing to go to" in " ".join(said["build  # exit code 10"].split())
    assert "the reports of 2018 were weeded" not in said["builds"]
    assert "is live now" in said["rollback"]
    assert "still held by its source" in said['forget "incidents:1784/2018-09-03" --prove  # exit code 2']


def test_the_bad_morning_names_every_way_out() -> None:
    for way in ("builds", "rejects intelligence", "build --publish ID --reason", "rollback"):
        assert any(way in line for line in LINES), way
