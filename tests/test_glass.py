"""Breaking the glass: for a reason, for a while, told to a supervisor, and never without being written down."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from discoverer.access import Viewer
from discoverer.errors import GlassUnavailable, UsageError
from discoverer.glass import Broken, Glass

NOW = datetime(2014, 9, 14, 2, 0, tzinfo=UTC)
WHY = "child at risk at the address"
ADA = Viewer("ada.quorn", "call_handler", "2731-2014-09-14", WHY)
SUE = Viewer("sue.prendle", "supervisor")


@pytest.fixture
def glass(tmp_path: Path) -> Glass:
    return Glass(tmp_path / "state" / "glass.sqlite")


@pytest.mark.parametrize(
    ("after", "is_open"), [(0, True), (14, True), (14.99, True), (15, False), (16, False), (-1, False)]
)
def test_it_ends_by_itself(glass: Glass, after: float, is_open: bool) -> None:
    glass.break_for(ADA, 15, NOW)
    assert bool(glass.open_for(ADA.name, NOW + timedelta(minutes=after))) is is_open


@pytest.mark.parametrize("reason", ["", " ", "x", "urgent", "..........", "a b c d e f"])
def test_a_reason_that_nobody_could_judge_by_breaks_nothing(glass: Glass, reason: str) -> None:
    with pytest.raises(UsageError):
        glass.break_for(replace(ADA, reason=reason), 15, NOW)
    assert not glass.path.exists()


@pytest.mark.parametrize("beside", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize(("mode", "counts"), [(0o600, True), (0o640, True), (0o620, False), (0o602, False)])
def test_a_file_that_others_may_write_gives_nothing(glass: Glass, beside: str, mode: int, counts: bool) -> None:
    glass.break_for(ADA, 15, NOW)
    there = glass.path.with_name(f"{glass.path.name}{beside}")
    there.touch()
    there.chmod(mode)
    if counts:
        assert glass.open_for(ADA.name, NOW) is not None
        return
    for ask in (lambda: glass.open_for(ADA.name, NOW), lambda: glass.break_for(ADA, 15, NOW), glass.listed):
        with pytest.raises(GlassUnavailable, match="others than its owner may write it: chmod 600"):
            ask()


def test_it_is_whose_it_is_and_nobody_elses(glass: Glass) -> None:
    made = glass.break_for(ADA, 15, NOW)
    assert glass.open_for("ada.quorm", NOW) is None
    assert glass.open_for(ADA.name, NOW) == made
    assert (made.viewer, made.role, made.log, made.reason) == (ADA.name, ADA.role, ADA.log, ADA.reason)


def test_it_can_be_ended_before_and_once_ended_stays_so(glass: Glass) -> None:
    glass.break_for(ADA, 15, NOW)
    assert glass.end(ADA.name, NOW + timedelta(minutes=1))
    assert not glass.end(ADA.name, NOW + timedelta(minutes=2))
    assert glass.open_for(ADA.name, NOW) is None
    assert [each.ended for each in glass.listed()] == ["2014-09-14T02:01:00Z"]


def test_what_ended_by_itself_is_not_ended_again(glass: Glass) -> None:
    glass.break_for(ADA, 15, NOW)
    glass.break_for(ADA, 15, NOW + timedelta(minutes=30))
    assert [each.ended for each in glass.listed()] == ["", ""]


def test_breaking_it_anew_ends_what_was_broken(glass: Glass) -> None:
    glass.break_for(ADA, 15, NOW)
    second = glass.break_for(ADA, 15, NOW + timedelta(minutes=5))
    assert glass.open_for(ADA.name, NOW + timedelta(minutes=16)) == second
    assert sorted(bool(each.ended) for each in glass.listed()) == [False, True]


def test_a_supervisor_sees_it_once_and_never_their_own(glass: Glass) -> None:
    made = glass.break_for(ADA, 15, NOW)
    own = glass.break_for(replace(SUE, reason=WHY), 15, NOW)
    assert glass.unseen() == 2
    assert glass.saw(made.number, SUE, NOW + timedelta(hours=1))
    assert glass.saw(made.number, Viewer("val.orme", "supervisor"), NOW + timedelta(hours=2))
    with pytest.raises(UsageError):
        glass.saw(own.number, replace(SUE, name="Sue.Prendle"), NOW)
    assert not glass.saw(99, SUE, NOW)
    assert glass.unseen() == 1
    first, last = glass.listed()
    assert (first.number, "NOT YET SEEN" in first.words) == (own.number, True)
    assert (last.seen_by, last.seen_at) == (SUE.name, "2014-09-14T03:00:00Z")
    assert WHY in last.words


def test_only_its_owner_reads_the_file(glass: Glass) -> None:
    glass.break_for(ADA, 15, NOW)
    assert stat.S_IMODE(glass.path.stat().st_mode) == 0o600


def _spoil(path: Path) -> None:
    path.write_bytes(b"not a database " * 100)


def _of_later(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("wrong", [_spoil, _of_later])
@pytest.mark.parametrize(
    "ask",
    [
        lambda glass: glass.open_for(ADA.name, NOW),
        lambda glass: glass.listed(),
        lambda glass: glass.unseen(),
        lambda glass: glass.break_for(ADA, 15, NOW),
    ],
)
def test_a_file_that_cannot_be_read_gives_nothing_and_says_so(
    glass: Glass, wrong: Callable[[Path], None], ask: Callable[[Glass], object]
) -> None:
    glass.break_for(ADA, 15, NOW)
    wrong(glass.path)
    with pytest.raises(GlassUnavailable) as refused:
        ask(glass)
    assert str(glass.path) in refused.value.message


def _break_where_nothing_can_be_written(path: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with pytest.raises(GlassUnavailable):
        Glass(path).break_for(replace(ADA, name="beryl.tatton"), 15, NOW)


@pytest.mark.parametrize("before", [True, False], ids=["a file", "no file"])
def test_where_nothing_can_be_written_the_glass_stays_whole(glass: Glass, before: bool) -> None:
    if before:
        glass.break_for(ADA, 15, NOW)
    child = multiprocessing.Process(target=_break_where_nothing_can_be_written, args=(glass.path,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert glass.open_for("beryl.tatton", NOW) is None
    assert bool(glass.open_for(ADA.name, NOW)) is before


def _break_many(path: Path, name: str) -> None:
    for _ in range(5):
        Glass(path).break_for(replace(ADA, name=name), 15, NOW)


def test_two_processes_lose_none(glass: Glass) -> None:
    workers = [multiprocessing.Process(target=_break_many, args=(glass.path, name)) for name in ("ada", "beryl")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found: tuple[Broken, ...] = glass.listed()
    assert len(found) == 10
    assert sum(not each.ended for each in found) == 2
