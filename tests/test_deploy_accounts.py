"""One account builds and another serves, as deploy/ sets them up: each does its work, and no more, as the kernel sees it.

Both run as they would under their unit: with its umask, and where memory that is written is never run.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import files
from tests.setups import write_tiny

BUILDER, WEB, GROUP, NOBODY = 61_001, 61_002, 61_009, 61_003
_MDWE = 65  # prctl(PR_SET_MDWE); Linux 6.3 and later
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")

# Everything is used once as root, on a copy, so that all is imported: the interpreter may lie where others cannot look.
# Then each step is taken by a process of its own, as the account it names.
STEPS = """
import ctypes, json, os, sys
from pathlib import Path
spare, config, closed, steps = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "closed", json.loads(sys.argv[4])
if any(command[0] != "python" for _, _, commands in steps for command in commands):
    from tests.setups import run  # slow, and of no use where only files are touched
for each in (
    ["build", "--quiet"], ["search", "bibi"], ["status"], ["brief", "person", "outside:1#0", "--give"],
    ["decide", "same", "people:2#0", "stays:1#0", "--reason", "x"], ["build", "--quiet"],
) if "tests.setups" in sys.modules else ():
    run(spare, *each)
def told(command):
    if command[0] != "python":
        result = run(config, *command)
        return result.exit_code, result.stdout, result.stderr
    try:
        exec(command[1], {"state": config.parent / "state"})
    except OSError as error:
        return 1, "", type(error).__name__
    return 0, "", ""
for uid, umask, commands in steps:
    if child := os.fork():
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit("a step did not come to its end")
        continue
    if closed and ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
        sys.exit("the kernel has no such rule")
    os.setgroups([]); os.setgid(61003 if uid == 61003 else 61009); os.setuid(uid); os.umask(umask)
    print(json.dumps([told(each) for each in commands]), flush=True)
    os._exit(0)
"""
UMASKS = {BUILDER: 0o027, WEB: 0o077, NOBODY: 0o022}  # of the units


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """Lend the settings of an installation whose folders are as deploy/discoverer.tmpfiles.conf makes them."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        config = write_tiny(Path(made) / "here")
        config.write_text(config.read_text() + "workers = 1\n")
        shutil.copytree(config.parent, Path(made) / "spare")
        sources = config.parent / "sources"
        for path in (sources, *sources.rglob("*")):
            os.chown(path, BUILDER, GROUP)
        for name, uid, mode in (("", BUILDER, 0o1770), ("builds", BUILDER, 0o750), ("audit", WEB, 0o770)):
            folder = config.parent / "state" / name
            folder.mkdir()
            os.chown(folder, uid, GROUP)
            folder.chmod(mode)
        yield config


def as_accounts(config: Path, *steps: tuple[int, list[list[str]]]) -> list[list[list[Any]]]:
    """Run commands as an account, then others as another; return of each step's each its exit code and what it said."""
    closed = "closed" if closable() else "open"
    spare = config.parent.parent / "spare" / config.name
    given = json.dumps([(uid, UMASKS[uid], commands) for uid, commands in steps])
    command = [sys.executable, "-c", STEPS, str(spare), str(config), closed, given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def closable() -> bool:
    """Tell whether this kernel can keep memory that is written from being run."""
    tried = "import ctypes, sys; sys.exit(ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0)"
    return subprocess.run([sys.executable, "-c", tried], check=False).returncode == 0


BUILD = ["build", "--quiet", "--json"]
SEARCH = ["search", "--json", "07700 900417"]
REJECTS = ["rejects", "people"]
SERVED = [
    SEARCH,
    ["decide", "same", "people:2#0", "stays:1#0", "--reason", "one prisoner number"],
    ["brief", "person", "outside:1#0", "--give", "--to", "BE12"],
    ["status"],
]
DELETED = """
lines = state.parent / "sources" / "records.jsonl"
lines.write_text(lines.read_text().replace('"id": "1"', '"id": "7"'))
"""


def ids(said: str) -> set[str]:
    """Return the ids of the hits of an answer."""
    return {hit["id"] for hit in json.loads(said)["hits"]}


def test_one_builds_and_another_serves(installed: Path) -> None:
    steps = [
        (BUILDER, [BUILD]),
        (WEB, SERVED),
        (BUILDER, [["python", DELETED], BUILD]),
        (WEB, [SEARCH]),
        (BUILDER, [REJECTS]),
    ]
    told = as_accounts(installed, *steps)
    assert [code for step in told for code, _, _ in step] == [0] * 9, told
    assert "outside:1#0" in ids(told[1][0][1]) and "outside:7#0" in ids(told[3][0][1])
    state = installed.parent / "state"
    # What the service alone uses is its own; what both need is for both, and nobody else looks at any of it.
    shared = {"decisions.sqlite", "decisions.noted", "briefings.sqlite", "briefings.key"}
    found = {each.name: each.stat() for each in state.iterdir() if each.is_file()}
    assert {name for name, each in found.items() if each.st_uid == WEB} == shared
    assert {stat.S_IMODE(found[name].st_mode) for name in shared} == {0o660}
    assert not [name for name, each in found.items() if each.st_mode & 0o007]
    (looks,) = (state / "audit").iterdir()
    assert [json.loads(line)["action"] for line in looks.read_text().splitlines()][-2:] == ["search", "rejects"]
    # The builder read what was decided (it would not have built otherwise), and took out of the briefing what its source had deleted.
    with closing(sqlite3.connect(state / "briefings.sqlite")) as connection:
        assert connection.execute("SELECT text, ident FROM given").fetchall() == [("", "")]


TRIED = [
    pytest.param(
        WEB, "open((state / 'builds' / '20141116T020000Z-aaaaaa') / 'manifest.json', 'ab')", id="write into a build"
    ),
    pytest.param(WEB, "(state / 'builds' / 'x').touch()", id="put something beside the builds"),
    pytest.param(WEB, "(state / 'builds').rename(state / 'away')", id="put other builds in their place"),
    pytest.param(WEB, "(state / 'CURRENT').write_text('x')", id="write the pointer"),
    pytest.param(WEB, "(state / 'CURRENT').unlink()", id="remove the pointer"),
    pytest.param(WEB, "(state / 'x').touch(); (state / 'x').replace(state / 'CURRENT')", id="replace the pointer"),
    pytest.param(WEB, "(state / 'builds' / '20141116T020000Z-aaaaaa').chmod(0o777)", id="open a build to all"),
    pytest.param(NOBODY, "list(state.iterdir())", id="another account looks"),
    pytest.param(NOBODY, "(state / 'CURRENT').read_text()", id="another account reads the pointer"),
]


@pytest.mark.parametrize(("uid", "tried"), TRIED)
def test_what_is_not_its_affair_the_kernel_keeps_from_it(installed: Path, uid: int, tried: str) -> None:
    build = installed.parent / "state" / "builds" / "20141116T020000Z-aaaaaa"
    if not build.is_dir():  # one that looks like any, so that this needs no other test to have run
        build.mkdir(0o750)
        (build / "manifest.json").touch(0o440)
        (build.parent.parent / "CURRENT").touch(0o640)
        for path in (build, build / "manifest.json", build.parent.parent / "CURRENT"):
            os.chown(path, BUILDER, GROUP)
    assert as_accounts(installed, (uid, [["python", tried]])) == [[[1, "", "PermissionError"]]]


def test_it_is_the_sticky_folder_that_keeps_the_pointer(installed: Path) -> None:
    state = installed.parent / "state"
    state.chmod(0o770)
    replaced = "(state / 'x').touch(); (state / 'x').replace(state / 'CURRENT')"
    try:
        assert as_accounts(installed, (WEB, [["python", replaced]])) == [[[0, "", ""]]]
    finally:
        state.chmod(0o1770)


def test_without_a_group_that_may_write_what_was_decided_is_its_owners_alone(tmp_path: Path) -> None:
    assert files.private_mode(tmp_path) == 0o600
    tmp_path.chmod(0o770)
    assert files.private_mode(tmp_path) == 0o660
