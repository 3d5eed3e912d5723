"""Killed while a build is held back, published by hand, gone back to or removed: what serves is whole and is not held.

Every file operation of each act is a moment to be killed at, one process for each; then moments by chance. An act is a
row of `ACTS`: whatever else moves the pointer or clears builds away is killed alike by one more row.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from discoverer.codec import decoder, encode
from discoverer.errors import BuildHeld, IndexUnavailable, UsageError
from index import attempts, audit_report, versions
from index.attempts import Event
from index.build import build
from index.choosing import publish_chosen
from index.manifest import Manifest
from tests.file_operations import Operation, Watch, unsafe
from tests.test_kills import serving
from tests.tiny_index import TinyAdapter, make_settings

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
RANDOM_KILLS = int(os.environ.get("DISCOVERER_RANDOM_KILLS", "50"))
WORDS = tuple(f"word{number}" for number in range(30))
_operations = decoder(list[Operation])


def make(state: Path, lost: int = 0, keep: int = 3) -> Manifest:
    """Build two sources; `lost` incidents fewer than thirty are missing."""
    adapters = [TinyAdapter("incidents", WORDS[lost:]), TinyAdapter("custody", ["one"])]
    return build(make_settings(state, keep_builds=keep).model_copy(update={"workers": 1}), adapters)


def hold(state: Path) -> None:
    """Build what is held back; the oldest of those held is removed for it."""
    with pytest.raises(BuildHeld):
        make(state, 10)


def choose(state: Path) -> None:
    """Publish the newest build that is held back; where a try before was killed past that, it is live or free."""
    others = [build_id for build_id in versions.list_builds(state) if build_id != versions.current(state)]
    try:
        publish_chosen(state, others[-1], "by demo: for the test")
    except UsageError as error:
        assert "live already" in error.message


def go_back(state: Path) -> None:
    """Go back to the build before; where a try before was killed past that, there is none."""
    try:
        versions.rollback(state, "asked for by demo")
    except IndexUnavailable as error:
        assert "no earlier build" in error.message


def clear_away(state: Path) -> None:
    """Build, and keep nothing but the live build and one held back."""
    adapters = [TinyAdapter("incidents", WORDS), TinyAdapter("custody", ["one"])]
    build(make_settings(state, keep_builds=1).model_copy(update={"workers": 1, "keep_held": 1}), adapters)


class Act(NamedTuple):
    """Something that is done to builds.

    Attributes:
        do: does it.
        since: the operation from which on it is killed, by the end of what that is done to; '' the first. What comes
            before is what every build does, and is killed in test_kills.py.
        lost: how many incidents may be missing of what serves after it.
    """

    do: Callable[[Path], None]
    since: str = ""
    lost: tuple[int, ...] = (0,)


ACTS = {
    "hold": Act(hold, "/manifest.json"),
    "choose": Act(choose, lost=(0, 10)),
    "go back": Act(go_back),
    "clear away": Act(clear_away, "/CURRENT"),
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state with two builds that were live and two held back, to be copied."""
    state = tmp_path_factory.mktemp("prepared") / "state"
    make(state)
    make(state)
    hold(state)
    hold(state)
    assert len(versions.list_builds(state)) == 4
    return state


def run(state: Path, watch: Watch, log: Path, act: str) -> None:
    """Do an act under watch, in a process of its own, and write the operations down."""
    watch.start()
    ACTS[act].do(state)
    watch.stop()
    log.write_bytes(encode(watch.seen))


def in_child(state: Path, watch: Watch, log: Path, act: str) -> int:
    """Do an act in a process of its own; return its exit code, negative when it was killed."""
    child = FORK.Process(target=run, args=(state, watch, log, act))
    child.start()
    child.join(120)
    assert child.exitcode is not None
    return child.exitcode


def check(state: Path, act: str) -> None:
    """Hold what stands against what must: a whole build serves, it is not one held back, and the rest is whole too."""
    live = versions.current(state)
    assert serving(state) in [{"incidents": [*WORDS[lost:]], "custody": ["one"]} for lost in ACTS[act].lost]
    assert not audit_report.is_held(state, live)
    for build_id in versions.list_builds(state):
        assert versions.open_verified(versions.builds_of(state) / build_id).build == build_id


def check_next_build(state: Path) -> None:
    """Build again: it is published, nothing is left of what was killed, and every kept build is one or the other."""
    manifest = make(state)
    kept = versions.list_builds(state)
    assert versions.current(state) == manifest.build == kept[-1]
    assert sorted(path.name for path in versions.builds_of(state).iterdir()) == kept
    assert {path.stem for path in audit_report.folder_of(state).iterdir()} == set(kept)
    history = attempts.history(state)
    live = {each.build for each in history if each.event in (Event.PUBLISHED, Event.CHOSEN)}
    held = {each.build for each in history if each.event is Event.HELD}
    for build_id in kept:
        assert build_id in (held if audit_report.is_held(state, build_id) else live), "every kept build has its reason"
    assert sum(audit_report.is_held(state, build_id) for build_id in kept) <= 2
    assert not audit_report.is_held(state, versions.rollback(state))


def recorded(prepared: Path, folder: Path, act: str) -> list[Operation]:
    """Do an act unharmed and return its operations."""
    state = folder / "recorded" / "state"
    shutil.copytree(prepared, state)
    assert in_child(state, Watch(state.parent), folder / "log", act) == 0
    return _operations((folder / "log").read_bytes())


@pytest.mark.parametrize("act", ACTS)
def test_killed_at_every_operation(prepared: Path, tmp_path: Path, act: str) -> None:
    operations = recorded(prepared, tmp_path, act)
    ends = (f"{one.path} {one.target}".rstrip() for one in operations)
    first = next(n for n, end in enumerate(ends) if end.endswith(ACTS[act].since))
    assert len(operations) - first > 10
    for moment in range(first, len(operations)):
        state = tmp_path / str(moment) / "state"
        shutil.copytree(prepared, state)
        code = in_child(state, Watch(state.parent, kill_at=moment), tmp_path / "log", act)
        assert code == -signal.SIGKILL, moment
        check(state, act)
        if moment % 3 == 0:
            ACTS[act].do(state)  # whoever was interrupted tries again
            check(state, act)
        if moment % 3 == 1:
            check_next_build(state)
        shutil.rmtree(state)


@pytest.mark.parametrize("act", ACTS)
def test_everything_is_on_the_disk_when_the_pointer_moves(prepared: Path, tmp_path: Path, act: str) -> None:
    assert unsafe(recorded(prepared, tmp_path, act), tmp_path / "recorded" / "state") == []


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_killed_at_a_time_by_chance(prepared: Path, tmp_path: Path, seed: int) -> None:
    act = sorted(ACTS)[seed % len(ACTS)]
    began = time.perf_counter()
    shutil.copytree(prepared, tmp_path / "timed" / "state")
    ACTS[act].do(tmp_path / "timed" / "state")
    took = time.perf_counter() - began
    state = tmp_path / "state"
    shutil.copytree(prepared, state)
    child = FORK.Process(target=ACTS[act].do, args=(state,))
    child.start()
    time.sleep(random.Random(seed).uniform(0, took))
    child.kill()
    child.join(30)
    check(state, act)
    check_next_build(state)
