"""`discoverer doctor`: every fault that is planted is found, by its name and alone, and what it says to do mends it."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discoverer import doctor
from tests.setups import copy_of, run, write_tiny


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings of a sound installation, built and searched once."""
    config = write_tiny(tmp_path_factory.mktemp("sound") / "here")
    config.write_text("\n".join(line for line in config.read_text().splitlines() if not line.startswith("as_at")))
    for command in (("build",), ("search", "smith")):
        assert run(config, *command).exit_code == 0
    return config


@pytest.fixture
def sound(built: Path, tmp_path: Path) -> Path:
    """Return the settings of a copy of it."""
    return copy_of(built, tmp_path / "copy")


def findings(config: Path) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code and what is not as it should be."""
    result = run(config, "doctor", "--json")
    return result.exit_code, [each for each in json.loads(result.stdout) if each["health"] != "ok"]


def loosen(path: str, mode: int) -> Callable[[Path], None]:
    """Return what sets the mode of a path beside the settings."""
    return lambda config: (config.parent / path).chmod(mode)


def test_a_sound_installation_has_nothing_to_mend(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LITTLE_FREE", 0)
    assert findings(sound) == (0, [])


@pytest.mark.parametrize(
    ("what", "plant"),
    [
        ("settings", loosen("discoverer.toml", 0o666)),
        ("settings", loosen("discoverer.toml", 0o664)),
        ("audit", loosen("state/audit", 0o750)),
        ("decisions.sqlite", lambda config: (config.parent / "state/decisions.sqlite").write_bytes(b"")),
        ("briefings.key", lambda config: (config.parent / "state/briefings.key").write_bytes(b"")),
        ("glass.sqlite", lambda config: (config.parent / "state/glass.sqlite").write_bytes(b"")),
        ("builds", loosen("state/builds", 0o755)),
        ("state", loosen("state", 0o770)),
    ],
)
def test_what_others_may_read_or_write_is_found_and_mended_by_what_it_says(
    sound: Path, what: str, plant: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LITTLE_FREE", 0)
    old = os.umask(0o022)
    try:
        plant(sound)
    finally:
        os.umask(old)
    code, found = findings(sound)
    assert code == 3
    assert {each["what"] for each in found if each["health"] == "bad"} == {what}
    for each in found:
        subprocess.run(shlex.split(each["mend"]), check=True)
    assert findings(sound) == (0, [])


@pytest.mark.parametrize(("file", "mode", "bad"), [("audit", 0o770, False), ("audit", 0o775, True),
    ("briefings.sqlite", 0o660, False), ("briefings.sqlite", 0o664, True), ("decisions.sqlite", 0o660, False),
    ("glass.sqlite", 0o660, True)])  # fmt: skip
def test_what_two_accounts_work_with_may_be_of_their_group_where_the_folder_is(
    sound: Path, file: str, mode: int, bad: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LITTLE_FREE", 0)
    state = sound.parent / "state"
    state.chmod(0o1770)
    if not (state / file).exists():
        (state / file).write_bytes(b"")
    (state / file).chmod(mode)
    assert (findings(sound)[0] == 3) is bad


def test_one_look_that_others_may_read_is_found_in_its_folder(sound: Path) -> None:
    look = next((sound.parent / "state" / "audit").iterdir())
    look.chmod(0o644)
    code, found = findings(sound)
    assert code == 3
    assert str(look) in next(each["found"] for each in found if each["what"] == "audit")


def test_a_folder_above_where_anybody_may_put_things_is_found_but_not_one_that_is_sticky(sound: Path) -> None:
    above = sound.parent.parent
    above.chmod(0o1777)
    assert findings(sound)[0] == 0
    above.chmod(0o777)
    code, found = findings(sound)
    assert code == 3
    assert {each["what"] for each in found if str(above) in each["found"]} == {"settings", "state"}


def test_a_disk_on_which_looks_soon_cannot_be_recorded_is_found_before_it_is_full(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LITTLE_FREE", 2**80)
    code, found = findings(sound)
    assert (code, [(each["what"], each["health"]) for each in found]) == (0, [("looks", "warn")])
    monkeypatch.setattr(doctor, "LEAST_FREE", 2**80)
    code, found = findings(sound)
    assert (code, [(each["what"], each["health"]) for each in found]) == (3, [("looks", "bad")])


def test_an_index_that_is_not_as_it_was_written_is_found(sound: Path) -> None:
    people = next((sound.parent / "state" / "builds").glob("*/people.sqlite"))
    people.chmod(0o640)
    with people.open("r+b") as out:
        out.seek(4_096)
        byte = out.read(1)
        out.seek(4_096)
        out.write(bytes([byte[0] ^ 1]))
    code, found = findings(sound)
    assert code == 3
    assert any(each["what"] == "index" and "people.sqlite" in each["found"] for each in found)


def test_without_a_build_it_says_so_and_what_to_run(tmp_path: Path) -> None:
    code, found = findings(write_tiny(tmp_path / "new"))
    assert code == 3
    assert {"state", "index", "clock"} <= {each["what"] for each in found}
    assert all(each["mend"] for each in found)


def test_it_looks_nobody_up_and_changes_nothing(sound: Path) -> None:
    state = sound.parent / "state"
    before = {path: path.stat().st_mtime_ns for path in state.rglob("*")}
    assert run(sound, "doctor").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in state.rglob("*")} == before


def test_for_people_it_says_what_is_bad_and_how_to_mend_it(sound: Path) -> None:
    sound.chmod(0o666)
    result = run(sound, "doctor")
    assert result.exit_code == 3
    assert "bad" in result.stdout and "chmod go-w" in result.stdout
    assert result.stderr == (
        "discoverer: 1 thing is to be mended before this installation is trusted; each is named above.\n"
    )


def _bound(folder: Path) -> Path:
    """Leave a socket as a service has it."""
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(folder / "asked"))
    (folder / "asked").chmod(0o666)
    return folder / "asked"


as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a socket to somebody else")


@pytest.mark.parametrize(
    ("plant", "health"),
    [
        (_bound, []),
        (lambda folder: _bound(folder).chmod(0o600), ["warn"]),
        (lambda folder: folder.chmod(0o755), ["warn"]),
        (lambda folder: (_bound(folder), folder.chmod(0o775)), ["bad"]),
        (lambda folder: (_bound(folder), folder.chmod(0o777)), ["bad"]),
        (lambda folder: (folder / "asked").write_text("no socket"), ["bad"]),
        (lambda folder: folder.rmdir(), ["bad"]),
        pytest.param(lambda folder: os.chown(_bound(folder), 1, 1), ["bad"], marks=as_root),
    ],
    ids=["sound", "closed", "nobody serves", "group", "anybody", "no socket", "no folder", "another's"],
)
def test_who_could_answer_in_the_place_of_the_service_is_found(
    tmp_path: Path, plant: Callable[[Path], object], health: list[str]
) -> None:
    config = write_tiny(tmp_path / "here")
    text = f'{config.read_text(encoding="utf-8")}\n[access]\naccounts = "a.sqlite"\nsocket = "served/asked"\n'
    config.write_text(text, encoding="utf-8")
    folder = config.parent / "served"
    folder.mkdir(mode=0o755)
    plant(folder)
    found = [each for each in findings(config)[1] if each["what"] == "socket"]
    assert [each["health"] for each in found] == health, found
    assert all(each["mend"] for each in found)
