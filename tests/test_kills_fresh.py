"""A process killed while it takes changes in, or while it builds, rolls back or prunes with layers lying over builds.

Whatever it was doing, a whole build with a whole layer serves: what was searched before, or what the source holds by
now. The next sync leaves nothing missing that was committed at the source, and nothing of the killed one.
"""

from __future__ import annotations

import copy
import functools
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from discoverer.codec import encode
from discoverer.model import Location, Phone, Record, Role
from discoverer.settings import Settings
from index import layer_file, versions
from index.build import build
from index.live import LiveIndex
from index.sync import Syncer
from tests.cast import log
from tests.feed import Feed, held_in
from tests.file_operations import Operation, Watch, unsafe
from tests.test_kills import FORK, RANDOM_KILLS, _operations
from tests.test_leaks import person
from tests.tiny_index import make_settings

# Children do nothing but what is killed, so a lock that another thread of this process holds is never asked for.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
NAMES = ("SHABANA BIBI", "RYAN DOYLE", "ZOFIA NOWAK", "LEANNE SMITH")
STATEMENTS = 200  # of so many statements of a database in a row one is a moment to be killed at, in the quick tests
SEEDS = max(1, RANDOM_KILLS // 2)  # beside those of the builder alone (tests/test_kills.py)


def call(number: int, text: str = "SHOUTING HEARD") -> Record:
    """Make a log of a victim at her address, with her number."""
    return log(
        str(number), f"2014-09-{number % 28 + 1:02}", text=text,
        persons=(person(NAMES[number % len(NAMES)], "03/07/1989"),),
        locations=(Location(1, Role.HOME, f"{number % 7 + 1} HILLAIRES TEST ROAD, ERDINGTON", "B23 6XX", holder=0),),
        phones=(Phone(2, Role.OWN, f"07700900{400 + number % 9}", holder=0),),
    )  # fmt: skip


class ReadWhileWritten(Feed):
    """A source that goes on while a build reads it.

    Attributes:
        meanwhile: what is put once all rows have been read.
    """

    meanwhile: tuple[Record, ...] = ()

    def rows(self) -> Iterator[Any]:
        """Yield every row; then what comes in meanwhile is written."""
        yield from super().rows()
        for record in self.meanwhile:
            self.put(record)
        self.meanwhile = ()


@dataclass
class Night:
    """A source that changes, and an index of it.

    Attributes:
        state: where the index is.
        feed: the source.
    """

    state: Path
    feed: ReadWhileWritten

    @property
    def settings(self) -> Settings:
        """Settings of an index of that source alone, which keeps two builds."""
        return make_settings(self.state, ("incidents",)).model_copy(update={"workers": 1})

    def sync(self) -> None:
        """Take in what changed."""
        with Syncer(self.settings, [self.feed]) as syncer:
            syncer.once()

    def build(self) -> None:
        """Build."""
        build(self.settings, [self.feed])

    def roll_back(self) -> None:
        """Go back to the build before."""
        versions.rollback(self.state)

    def served(self) -> dict[str, Any]:
        """Return all that whoever searches now is answered from."""
        versions._verified.clear()
        live = LiveIndex(self.state)
        try:
            with live.reading() as index:
                found = held_in(index)
                assert not live.trouble
                return found
        finally:
            live.close()

    def holds(self) -> dict[str, Any]:
        """Return all that an index holds which is made of the source as it is now."""
        anew = Night(self.state.with_name("anew"), self.feed)
        anew.build()
        found = anew.served()
        shutil.rmtree(anew.state)
        return found

    def beside(self, name: str) -> Night:
        """Return the same with an index and a source of its own, copies."""
        folder = self.state.with_name(name)
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self.state, folder)
        return Night(folder, copy.deepcopy(self.feed))

    def go_on(self) -> None:
        """Put what comes in meanwhile, as it was put in the process that was killed."""
        for record in self.feed.meanwhile:
            self.feed.put(record)
        self.feed.meanwhile = ()

    def changes(self) -> None:
        """Let the source change: something new, something said anew, something gone."""
        self.feed.put(call(40))
        self.feed.put(call(2, "KNIFE SEEN"))
        self.feed.delete(call(3).ref)


def night(folder: Path) -> Night:
    """Make a source and an index with two builds, over each of which some layers lie."""
    feed = ReadWhileWritten("incidents")
    for number in range(1, 6):
        feed.put(call(number))
    found = Night(folder / "state", feed)
    for number in (10, 20):
        found.build()
        for more in range(layer_file.KEPT):
            feed.put(call(number + more))
            found.sync()
    return found


def run(work: Callable[[], None], watch: Watch, log_file: Path) -> None:
    """Work under watch, in a process of its own, and write the operations down."""
    watch.start()
    work()
    watch.stop()
    log_file.write_bytes(encode(watch.seen))


def in_child(work: Callable[[], None], watch: Watch, log_file: Path) -> int:
    """Work under watch in a child; return its exit code, negative when it was killed."""
    child = FORK.Process(target=run, args=(work, watch, log_file))
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


def recorded(at: Night, work: Callable[[Night], None]) -> list[Operation]:
    """Work unharmed on a copy of the index, and return the operations."""
    copied, log_file = at.beside("recorded"), at.state.with_name("log")
    assert in_child(lambda: work(copied), Watch(copied.state), log_file) == 0
    return _operations(log_file.read_bytes())


def moments(operations: list[Operation], *, every: bool) -> list[int]:
    """Return at which operations to kill: at all of them, or at all but most statements of a database."""
    found, statements = [], 0
    for number, each in enumerate(operations):
        if each.kind == "read":
            continue
        statements = statements + 1 if each.kind == "statement" else 0
        if every or statements % STATEMENTS < 2:
            found.append(number)
    return found


def check(at: Night, before: dict[str, Any], now: dict[str, Any], moment: int) -> None:
    """Hold what stands after a kill against what must: something whole serves, and a sync makes it what the source is."""
    served = at.served()
    assert served in (before, now), moment
    for build_id in versions.list_builds(at.state):
        assert versions.open_verified(versions.builds_of(at.state) / build_id).build == build_id, "a half is listed"
    at.sync()
    assert at.served() == now, moment
    for folder in layer_file.layers_of(at.state).iterdir():
        if folder.name == versions.current(at.state):
            assert not list(folder.glob("*.part")), moment
            # One killed before it removed the oldest leaves it to the next that has something to take in.
            assert len(list(folder.glob("*.sqlite"))) <= layer_file.KEPT + 1


def check_next_build(at: Night, now: dict[str, Any]) -> None:
    """Build again: nothing is left of the killed one, nor of builds that are kept no longer."""
    at.build()
    assert at.served() == now
    kept = versions.list_builds(at.state)
    assert sorted(each.name for each in versions.builds_of(at.state).iterdir()) == kept
    assert {each.name for each in layer_file.layers_of(at.state).iterdir()} <= set(kept)
    assert not list(layer_file.layers_of(at.state).rglob("*.part"))


def killed_everywhere(at: Night, work: Callable[[Night], None], *, every: bool, first: str = "") -> None:
    """Kill some work at every operation, or from the first on a path that holds `first`, each on a fresh copy.

    Args:
        at: the index before, its source as it is for the work.
        work: what is killed.
        every: at statements of databases too, all of them.
        first: part of a path.
    """
    before = at.served()
    operations = recorded(at, work)
    begin = next(number for number, each in enumerate(operations) if first in each.path)
    tried = [each for each in moments(operations, every=every) if each >= begin]
    assert len(tried) > 10
    after = at.beside("after")
    after.go_on()
    now = after.holds()
    for moment in tried:
        copied = at.beside("killed")
        work_on = functools.partial(work, copied)
        assert in_child(work_on, Watch(copied.state, kill_at=moment), at.state.with_name("log")) == -signal.SIGKILL
        copied.go_on()
        check(copied, before, now, moment)
        if moment % 5 == 0:
            check_next_build(copied, now)


QUICK = [pytest.param(False, id="quick"), pytest.param(True, id="every statement", marks=pytest.mark.slow)]


@pytest.mark.parametrize("every", QUICK)
def test_killed_at_every_operation_of_a_sync(tmp_path: Path, every: bool) -> None:
    """An older layer is removed in it, so that pruning layers is killed too."""
    at = night(tmp_path)
    at.changes()
    killed_everywhere(at, Night.sync, every=every)


@pytest.mark.parametrize("every", QUICK)
def test_killed_at_every_operation_of_the_first_sync_over_a_build(tmp_path: Path, every: bool) -> None:
    at = night(tmp_path)
    at.build()
    at.changes()
    killed_everywhere(at, Night.sync, every=every)


@pytest.mark.parametrize("every", QUICK)
def test_killed_at_every_operation_of_catching_up_publishing_and_pruning(tmp_path: Path, every: bool) -> None:
    """Something came in while the source was read; two older builds and their layers stand, and one goes."""
    at = night(tmp_path)
    at.feed.meanwhile = (call(41), call(2, "KNIFE SEEN"))
    killed_everywhere(at, Night.build, every=every, first="sync.lock")


def test_killed_at_every_operation_of_rolling_back(tmp_path: Path) -> None:
    """What serves then is older than the source, and says so; the next sync takes in all of it."""
    at = night(tmp_path)
    before = at.served()
    rolled = at.beside("rolled")
    rolled.roll_back()
    older = rolled.served()
    assert older != before
    operations = recorded(at, Night.roll_back)
    assert len(operations) > 5
    for moment in range(len(operations)):
        copied = at.beside("killed")
        code = in_child(copied.roll_back, Watch(copied.state, kill_at=moment), at.state.with_name("log"))
        assert code == -signal.SIGKILL, moment
        assert copied.served() in (before, older)
        check(copied, copied.served(), before, moment)
        check_next_build(copied, before)


def by_chance(at: Night, work: Callable[[Night], None], seed: int) -> Night:
    """Kill some work at a time by chance, and return the index it is left in."""
    unharmed, copied = at.beside("unharmed"), at.beside("killed")
    began = time.perf_counter()
    assert in_child(lambda: work(unharmed), Watch(at.state.with_name("none")), at.state.with_name("log")) == 0
    took = time.perf_counter() - began
    child = FORK.Process(target=work, args=(copied,))
    child.start()
    time.sleep(random.Random(seed).uniform(0, took * 1.2))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)
    return copied


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_a_time_by_chance(tmp_path: Path, seed: int) -> None:
    """A sync, a build that catches up, and a rollback in turn."""
    at = night(tmp_path)
    work = (Night.sync, Night.build, Night.roll_back)[seed % 3]
    before = at.served()
    allowed = [before]
    if work is Night.roll_back:
        rolled = at.beside("rolled")
        rolled.roll_back()
        allowed.append(rolled.served())
    coming = [call(number) for number in range(50, 80)]
    if work is Night.build:
        at.feed.meanwhile = tuple(coming)
    elif work is Night.sync:
        for record in coming:
            at.feed.put(record)
    copied = by_chance(at, work, seed)
    copied.go_on()
    now = copied.holds()
    assert copied.served() in [*allowed, now]
    check(copied, copied.served(), now, seed)
    check_next_build(copied, now)


def test_a_layer_and_its_directory_are_synced_before_its_pointer_moves(tmp_path: Path) -> None:
    at = night(tmp_path)
    at.changes()
    operations = recorded(at, Night.sync)
    state = at.state.with_name("recorded")
    assert unsafe(operations, state) == []
    synced = {operation.path for operation in operations if operation.kind == "sync"}
    assert any(path.endswith(f".sqlite{'.part'}") for path in synced)
    for path in synced:  # the check itself is sound: without any one of these syncs it fails
        without = [one for one in operations if (one.kind, one.path) != ("sync", path)]
        assert unsafe(without, state), f"nothing notices when {path} is not synced"
