"""Lines are on the disk when a look returns: one sync for all who wait, whatever else writes, fails or is killed."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from discoverer.access import Viewer
from discoverer.audit import record_look
from discoverer.audit.writer import Writer, writer_of
from discoverer.codec import decoder, encode
from discoverer.errors import LookNotRecorded
from tests.file_operations import Disk, Operation, Watch
from tests.test_audit import HANDLER, looks

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
MANY = 8
DAY = "looks-2014-09-14.jsonl"
_operations = decoder(list[Operation])


class Slow:
    """A disk whose first sync of a file of lines takes until it is let go; every sync is counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: int = -1) -> None:
        self.real, self.fails, self.syncs = os.fsync, fails, 0
        self.begun, self.go = threading.Event(), threading.Event()
        monkeypatch.setattr(os, "fsync", self.sync)

    def sync(self, descriptor: int) -> None:
        """Sync, and wait the first time; fail the time that is to."""
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            self.syncs += 1
            mine = self.syncs - 1
            if mine == 0:
                self.begun.set()
                assert self.go.wait(30)
            if mine == self.fails:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.real(descriptor)


def waiting(writer: Writer, name: str, count: int) -> None:
    """Wait until so many lines wait together."""
    ends = time.monotonic() + 30
    while len(group.lines if (group := writer._joining.get(name)) else ()) < count:
        assert time.monotonic() < ends
        time.sleep(0.001)


def one_then_many(folder: Path, disk: Slow, pool: ThreadPoolExecutor) -> tuple[Future[None], list[Future[None]]]:
    """Add a line, and many more while it is synced; return how each went."""
    writer = Writer(folder)
    first = pool.submit(writer.append, DAY, b"first")
    assert disk.begun.wait(30)
    more = [pool.submit(writer.append, DAY, b"%d" % n) for n in range(MANY)]
    waiting(writer, DAY, MANY)
    assert not any(each.done() for each in (first, *more)), "nobody goes on before the disk has it"
    disk.go.set()
    for each in (first, *more):
        each.exception(30)
    return first, more


def test_those_who_wait_while_another_is_synced_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Slow(monkeypatch)
    with ThreadPoolExecutor(MANY + 1) as pool:
        first, more = one_then_many(tmp_path / "a", disk, pool)
    assert [each.exception() for each in (first, *more)] == [None] * (MANY + 1)
    assert disk.syncs == 2
    written = (tmp_path / "a" / DAY).read_bytes().splitlines()
    assert written[0] == b"first" and sorted(written[1:]) == [b"%d" % n for n in range(MANY)]


@pytest.mark.parametrize("fails", [0, 1])
def test_a_sync_that_fails_is_a_refusal_for_everybody_it_was_for_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    disk = Slow(monkeypatch, fails)
    with ThreadPoolExecutor(MANY + 1) as pool:
        first, more = one_then_many(tmp_path / "a", disk, pool)
    assert isinstance(first.exception(), OSError) is (fails == 0)
    assert [isinstance(each.exception(), OSError) for each in more] == [fails == 1] * MANY
    Writer(tmp_path / "a").append(DAY, b"after")
    assert (tmp_path / "a" / DAY).read_bytes().endswith(b"\nafter\n")


def test_a_sync_that_failed_is_not_tried_again_on_what_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel tells of a failed write once for what is open, and would call the next sync a success."""
    opened: list[int] = []
    real = os.open

    def noted(path: str, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(DAY):
            opened.append(flags)
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", noted)
    writer = Writer(tmp_path)
    for broken in (False, True, False):
        with monkeypatch.context() as harmed:
            if broken:
                harmed.setattr(os, "fsync", _fails)
            try:
                writer.append(DAY, b"line")
                went_well = True
            except OSError:
                went_well = False
        assert went_well is not broken
    assert len(opened) == 3


def _fails(_: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_whoever_leads_and_is_interrupted_leaves_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, disk = Writer(tmp_path / "a"), Slow(monkeypatch)

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            writer.append(DAY, b"leads")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(writer.append, DAY, b"first")
        assert disk.begun.wait(30)
        leads = pool.submit(interrupted)
        waiting(writer, DAY, 1)
        follows = pool.submit(writer.append, DAY, b"follows")
        waiting(writer, DAY, 2)
        monkeypatch.setattr(writer, "_write", _stopped)
        disk.go.set()
        first.result(30)
        leads.result(30)
        assert isinstance(follows.exception(30), InterruptedError)
    monkeypatch.undo()
    writer.append(DAY, b"after")
    assert (tmp_path / "a" / DAY).read_bytes() == b"first\nafter\n"


def _stopped(*_: object) -> None:
    raise KeyboardInterrupt


def record_many(folder: Path, who: str, count: int) -> None:
    """Record looks as a process of its own does, four threads at once, of lengths that differ."""
    with ThreadPoolExecutor(4) as pool:
        for n in range(count):
            pool.submit(record_look, folder, Viewer(who, "rad"), "search", f"{n} " * (1 + n * 37 % 900), (), "B")


def test_looks_of_several_processes_stand_in_one_file_each_whole(tmp_path: Path) -> None:
    record_look(tmp_path / "a", HANDLER, "search", "before the others were forked", (), "B")
    children = [FORK.Process(target=record_many, args=(tmp_path / "a", f"P{n}", 40)) for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    found = [(each["viewer"], each["asked"].split()[0]) for each in looks(tmp_path / "a")[1:]]
    assert sorted(found) == sorted((f"P{n}", str(look)) for n in range(4) for look in range(40))


def test_a_process_forked_while_a_look_is_written_records_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, writer = Slow(monkeypatch), writer_of(tmp_path / "a")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(writer.append, DAY, b"first")
        assert disk.begun.wait(30)
        child = FORK.Process(target=_add_in_child, args=(tmp_path / "a",))
        child.start()
        child.join(30)
        disk.go.set()
        first.result(30)
    assert child.exitcode == 0
    assert (tmp_path / "a" / DAY).read_bytes() == b"first\nchild\n"


def _add_in_child(folder: Path) -> None:
    """Add a line in a process that has none of the threads of the one it was forked from."""
    writer_of(folder).append(DAY, b"child")


def watched(work: Callable[[], None], watch: Watch, log: Path) -> None:
    """Work under watch, in a process of its own, and write the operations down."""
    watch.start()
    work()
    watch.stop()
    log.write_bytes(encode(watch.seen))


@pytest.mark.parametrize("there", [pytest.param(False, id="the first of its folder"), pytest.param(True, id="a later")])
def test_line_file_and_folder_are_on_the_disk_when_a_look_returns(tmp_path: Path, there: bool) -> None:
    root = tmp_path / "state"
    root.mkdir()
    if there:
        record_look(root / "audit", HANDLER, "search", "before", (), "B")
    log, watch = tmp_path / "log", Watch(root)
    child = FORK.Process(
        target=watched, args=(lambda: record_look(root / "audit", HANDLER, "search", "x", (), "B"), watch, log)
    )
    child.start()
    child.join(30)
    assert child.exitcode == 0
    seen, disk = _operations(log.read_bytes()), Disk()
    for operation in seen:
        disk.feed(operation)
    assert disk.unsynced == set()
    assert [each.kind for each in seen if each.path.endswith(".jsonl")][-3:] == ["write", "lock", "sync"]
    # Whoever made them a moment ago may not have synced their names yet.
    assert {each.path for each in seen if each.kind == "sync"} >= {str(root), str(root / "audit")}


def test_a_folder_taken_away_is_made_anew_and_nothing_goes_into_what_was_removed(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    record_look(folder, HANDLER, "search", "before", (), "B")
    folder.rename(tmp_path / "away")
    record_look(folder, HANDLER, "search", "after", (), "B")
    assert [[each["asked"] for each in looks(where)] for where in (tmp_path / "away", folder)] == [
        ["before"],
        ["after"],
    ]


def test_two_names_of_one_folder_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert writer_of(Path("a")) is writer_of(tmp_path / "a")
    assert writer_of(Path("a")) is not writer_of(tmp_path / "b")


def test_everybody_in_a_group_that_finds_no_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_look(tmp_path, HANDLER, "search", "before", (), "B")
    write = os.write
    with monkeypatch.context() as harmed:
        harmed.setattr(os, "write", lambda handle, data: write(handle, data[: len(data) * 2 // 3]))
        with ThreadPoolExecutor(MANY) as pool:
            done = [pool.submit(record_look, tmp_path, HANDLER, "search", str(n), (), "B") for n in range(MANY)]
        assert all(isinstance(each.exception(), LookNotRecorded) for each in done)
    record_look(tmp_path, HANDLER, "search", "after", (), "B")
    assert [each["asked"] for each in looks(tmp_path)] == ["before", "after"], "of a group taken back nothing is left"
    assert json.loads(next(tmp_path.iterdir()).read_bytes().splitlines()[-1])["asked"] == "after"
