"""The README is true: its commands run, its set-up builds, and it leaves no command, code or dependency out."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.app import App
from discoverer.cli import main
from discoverer.errors import DiscovererError
from tests.conftest import SMALL
from tests.setups import answer, complaint, refs, run

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
TOML = [text for language, text in BLOCKS if language == "toml"]
COMMAND = re.compile(r"(make|discoverer|python|pytest|\.venv/bin/\w+)\b")


def commands() -> Iterator[str]:
    """Yield every line of the code blocks that hold commands; a block that begins with one holds nothing else."""
    for language, text in BLOCKS:
        if language in ("", "sh", "bash", "console", "shell") and COMMAND.match(text.lstrip("$ ")):
            yield from (line.removeprefix("$ ") for line in text.splitlines() if line.strip())


COMMANDS = list(commands())


@pytest.fixture(scope="module")
def workplace(small: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which 'make demo' has been run: its settings, with the index of the small set."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / ".demo").mkdir()
    settings = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    settings = settings.replace('"state"', json.dumps(str(small.settings.state_dir)))
    settings = settings.replace('"sources"', json.dumps(str(SMALL / "sources")))
    (folder / ".demo" / "discoverer.toml").write_text(settings, encoding="utf-8")
    return folder


def runnable(line: str) -> list[str]:
    """Turn a line of the README into what the interpreter that runs the tests can run; [] for make."""
    program, *args = shlex.split(line, comments=True)
    name = Path(program).name
    if name == "make":
        return []
    module = {"discoverer": ["-m", "discoverer"], "pytest": ["-m", "pytest", "--collect-only"], "python": []}
    assert name in module, f"say here how to try '{line}'"
    return [sys.executable, *module[name], *args]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_runs(line: str, workplace: Path) -> None:
    command = runnable(line)
    if not command or command[-1] == "serve":  # tests/test_readme_served.py serves, and asks as the README does
        return
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    where = ROOT if "pytest" in command else workplace
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_every_target_of_make_that_is_named_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    named = [line for line in COMMANDS if line.startswith("make")] + re.findall(r"`(make [^`]+)`", README)
    assert {"make demo", "make test"} <= {" ".join(shlex.split(line, comments=True)) for line in named}
    for line in named:
        words = shlex.split(line, comments=True)[1:]
        assert {word for word in words if "=" not in word} <= targets, line
        for area in re.findall(r"\bAREA=(\w+)", line):
            assert (ROOT / "tests" / "figures" / f"{area}.py").is_file(), line


def test_the_commands_that_are_named_in_passing_exist() -> None:
    named = re.findall(r"`(?:\.venv/bin/)?discoverer(?: --config \S+)? (\w+)[^`]*`", README)
    assert named and set(named) <= set(main.commands)


def test_the_table_of_commands_is_that_of_the_command_line() -> None:
    assert re.findall(r"^\| `discoverer (\w+)` \|", README, re.M) == list(main.commands)


def test_every_toml_block_is_toml() -> None:
    assert len(TOML) >= 2
    assert all(tomllib.loads(text) for text in TOML)


ADDING = README.partition("## Adding a source")[2].partition("\n## ")[0]


def add_there(folder: Path) -> None:
    """Write the files of "Adding a source" as they stand there, the record as it is pasted."""
    blocks = re.findall(r"^```toml\n(# (\S+)\n.*?)^```$", ADDING, re.M | re.S)
    assert [name for _, name in blocks] == ["sources/outside.toml", "discoverer.toml"]
    (pasted,) = re.findall(r"^```json\n(.*?)^```$", ADDING, re.M | re.S)
    for text, name in (*blocks, (pasted, "sources/records.jsonl")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_the_source_that_is_added_there_builds_and_its_record_is_found(tmp_path: Path) -> None:
    add_there(tmp_path)
    config = tmp_path / "discoverer.toml"
    for command in ("sources", "build"):  # as the section goes on to say
        assert f"`.venv/bin/discoverer {command}`" in ADDING
        assert run(config, command).exit_code == 0
    for asked in ("07700 900417", "shabana bibi 03/07/89", "flat 2 14 hillaires test rd b23"):
        assert refs(answer(config, asked)) == {"outside:1"}


def test_that_trial_bears_a_bad_row_and_without_its_checks_does_not(tmp_path: Path) -> None:
    add_there(tmp_path)
    records, mapping = (tmp_path / "sources" / name for name in ("records.jsonl", "outside.toml"))
    records.write_text(records.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    assert run(tmp_path / "discoverer.toml", "build").exit_code == 0
    mapping.write_text(mapping.read_text(encoding="utf-8").partition("[checks]")[0], encoding="utf-8")
    assert "more than the 1.0% allowed" in complaint(run(tmp_path / "discoverer.toml", "build"), 5)
    assert "unless said, more than 1 % of bad rows fail a source" in ADDING


def test_the_source_that_is_added_there_can_stand_beside_the_four(tmp_path: Path) -> None:
    add_there(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(SMALL, copy, ignore=shutil.ignore_patterns("state"))
    for name in ("outside.toml", "records.jsonl"):
        shutil.copy(tmp_path / "sources" / name, copy / "sources")
    settings = (copy / "discoverer.toml").read_text(encoding="utf-8")
    (copy / "discoverer.toml").write_text(settings.replace('"custody"]', '"custody", "outside"]'), encoding="utf-8")
    assert run(copy / "discoverer.toml", "build", "--quiet").exit_code == 0
    found = answer(copy / "discoverer.toml", "shabana bibi 03/07/89")
    assert len(found["sources"]) == 5 and {"outside:1"} < refs(found)


def codes(error: type[DiscovererError]) -> set[int]:
    """Return the exit codes of every kind of an error."""
    return {each.exit_code for each in error.__subclasses__()}.union(*map(codes, error.__subclasses__()))


def test_every_exit_code_is_named() -> None:
    (said,) = re.findall(r"^Exit codes: (.*?)\n\n", README, re.M | re.S)
    assert {int(number) for number in re.findall(r"\b\d+\b", said)} == {0, DiscovererError.exit_code} | codes(
        DiscovererError
    )


def test_every_dependency_is_named_with_what_it_is_for() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    section = README.partition("## What each dependency is for")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w-]+) \| (.+?) \| (.+?) \|$", section, re.M)
    named = [name for name, *_ in rows if name != "library"]
    assert sorted(named) == sorted(re.split(r"[<>=~ ]", each)[0] for each in needed)


def test_every_path_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:discoverer|adapters|index|fixtures|tests|docs)/[\w./]*)`", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("package", ["discoverer", "index", "adapters"])
def test_the_tour_names_every_module_once(package: str) -> None:
    section = README.partition("## How the code reads")[2].partition("\n## ")[0]
    groups = re.findall(rf"^\d\. `{package}/`, .*\n((?:   .*\n)+)", section, re.M)
    named = re.findall(r"^   - `(\w+\.py)` - ", "".join(groups), re.M)
    there = {path.name for path in (ROOT / package).glob("*.py") if not path.name.startswith("__")}
    assert sorted(named) == sorted(there)


def test_it_never_sends_anybody_to_a_package_index() -> None:
    assert not re.search(r"pip install (?!-e|--editable)", README)
