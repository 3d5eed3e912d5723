"""A disk that is full at any moment of taking changes in: one sentence, what was in force serves, and nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from discoverer import cli_sync
from discoverer.codec import decoder, encode
from discoverer.errors import BuildError, DiscovererError
from index import layer_file, sync_state, versions
from tests.file_operations import Watch
from tests.test_kills import FORK
from tests.test_kills_fresh import QUICK, Night, call, check, check_next_build, moments, night, recorded

# Children do nothing but what fails, so a lock that another thread of this process holds is never asked for.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
_said = decoder(dict[str, str])


def work_while_full(work: Callable[[], None], watch: Watch, result: Path) -> None:
    """Work on a disk that fills up, and write down what is said of it."""
    watch.start()
    try:
        work()
        said = {"code": "0", "message": ""}
    except DiscovererError as error:
        said = {"code": str(error.exit_code), "message": error.message}
    except BaseException as error:  # noqa: BLE001 - told to the test, which fails of it
        said = {"code": "", "message": repr(error)}
    watch.stop()
    result.write_bytes(encode(said))


def while_full(at: Night, work: Callable[[Night], None], moment: int) -> tuple[str, str]:
    """Work in a child on a disk that is full from one operation on; return the exit code and what was said."""
    result = at.state.with_name("said")
    watch = Watch(at.state, full_from=moment)
    child = FORK.Process(target=work_while_full, args=(lambda: work(at), watch, result))
    child.start()
    child.join(60)
    assert child.exitcode == 0, moment
    said = _said(result.read_bytes())
    return said["code"], said["message"]


def full_everywhere(at: Night, work: Callable[[Night], None], *, every: bool, first: str = "") -> None:
    """Let the disk be full from every operation of some work on, or from the first on a path that holds `first`."""
    before = at.served()
    operations = recorded(at, work)
    begin = next(number for number, each in enumerate(operations) if first in each.path)
    after = at.beside("after")
    after.go_on()
    now = after.holds()
    for moment in (each for each in moments(operations, every=every) if each >= begin):
        copied = at.beside("full")
        code, message = while_full(copied, work, moment)
        needed = any(each.kind != "lock" for each in operations[moment:])  # a lock is let go of on a full disk too
        # A build is published, and only an old one could not be removed.
        allowed = ["5" if needed else "0"] if work is Night.sync else ["5", "0"]
        assert code in allowed and message.count("\n") == 0, (moment, operations[moment], code, message)
        # A half of a layer would be in everybody's way.
        assert not list(layer_file.layers_of(copied.state).rglob("*.sqlite.part")), (moment, operations[moment])
        if work is Night.sync and needed:
            assert ("is in force, as layer" in message) == (in_force(copied) != in_force(at)), message
        copied.go_on()
        check(copied, before, now, moment)
        if moment % 5 == 0:
            check_next_build(copied, now)


def in_force(at: Night) -> str:
    """Return the layer in force over the live build."""
    return layer_file.name_in_force(at.state, versions.current(at.state))


@pytest.mark.parametrize("every", QUICK)
def test_full_at_every_operation_of_a_sync(tmp_path: Path, every: bool) -> None:
    at = night(tmp_path)
    at.changes()
    full_everywhere(at, Night.sync, every=every)


@pytest.mark.parametrize("every", QUICK)
def test_full_at_every_operation_of_the_first_sync_over_a_build(tmp_path: Path, every: bool) -> None:
    at = night(tmp_path)
    at.build()
    at.changes()
    full_everywhere(at, Night.sync, every=every)


@pytest.mark.parametrize("every", QUICK)
def test_full_at_every_operation_of_catching_up_and_publishing(tmp_path: Path, every: bool) -> None:
    at = night(tmp_path)
    at.feed.meanwhile = (call(41), call(2, "KNIFE SEEN"))
    full_everywhere(at, Night.build, every=every, first="sync.lock")


def test_what_keeps_the_folder_of_layers_from_being_made_is_one_sentence(tmp_path: Path) -> None:
    at = night(tmp_path)
    shutil.rmtree(layer_file.layers_of(at.state))
    layer_file.layers_of(at.state).write_bytes(b"somebody's file")
    with pytest.raises(BuildError, match="was not taken in"):
        at.sync()


def test_how_far_another_build_was_taken_in_says_nothing_of_this_one(tmp_path: Path) -> None:
    """As where a folder is put back from a backup: its mark would pass over what came in."""
    at = night(tmp_path)
    said = layer_file.folder_of(at.state, versions.current(at.state)) / sync_state.NAME
    other = said.read_bytes().replace(b'"watermark":"at 11"', b'"watermark":"at 13"')
    assert other != said.read_bytes()
    at.feed.put(call(40))
    said.write_bytes(other.replace(versions.current(at.state).encode(), b"20200101T000000Z-000000"))
    at.feed.put(call(41))
    at.sync()
    assert at.served() == at.holds()


def full(*_: object, **_also: object) -> None:
    """Print, on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_log_on_a_full_disk_does_not_stop_whoever_syncs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_sync._say(full)
    assert "make room" in capsys.readouterr().err
    monkeypatch.setattr(click, "echo", full)
    cli_sync._say(full)


def test_whoever_reads_what_is_said_may_leave() -> None:
    def left() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        cli_sync._say(left)
