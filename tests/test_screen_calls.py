"""Calls in hand: kept per seat, given back, gone a shift later, and never in the way."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from discoverer.web.screen.calls import FILE_NAME, KEPT, MOST_CALLS, MOST_LOOKS, Calls

NOW = datetime(2018, 11, 18, 2, tzinfo=UTC)
SEAT, OTHER = "seat-one-of-the-control-room", "seat-two-of-the-control-room"


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return Calls(tmp_path)


def test_nothing_is_made_until_a_call_is_kept(calls: Calls, tmp_path: Path) -> None:
    assert calls.of(SEAT, NOW) == () and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (("07700900417", "12-2018"), ("07700900417", "12-2018"), True),
        (("07700900417", ""), ("07700900417", "12-2018"), True),  # the log comes after the call
        (("", "12-2018"), ("07700900417", "12-2018"), True),
        (("07700900417", "12-2018"), ("07700900417", "13-2018"), False),  # they rang again
        (("07700900417", ""), ("07700900975", ""), False),
        (("07700900417", "12-2018"), ("07700900417", ""), False),  # or officers would go to the place of the old log
        (("", ""), ("", ""), False),
    ],
)
def test_what_is_one_call(calls: Calls, first: tuple[str, str], second: tuple[str, str], one: bool) -> None:
    ids = [calls.opened(SEAT, *each, NOW) for each in (first, second)]
    assert (ids[0] == ids[1]) is one
    assert len(calls.of(SEAT, NOW)) == (1 if one else 2)
    if one:
        assert (calls.of(SEAT, NOW)[0].cli, calls.of(SEAT, NOW)[0].log) == ("07700900417", "12-2018")


def test_a_seat_neither_sees_nor_changes_the_calls_of_another(calls: Calls) -> None:
    mine = calls.opened(SEAT, "07700900417", "", NOW)
    calls.looked(OTHER, mine, "/search?q=1", "1", NOW)
    calls.closed(OTHER, mine)
    assert calls.of(OTHER, NOW) == () and calls.of(SEAT, NOW)[0].looks == ()
    calls.closed(SEAT, mine)
    assert calls.of(SEAT, NOW) == ()


def test_looks_stand_latest_first_each_once(calls: Calls) -> None:
    call = calls.opened(SEAT, "", "", NOW)
    for minute, text in enumerate(("a", "b", "a")):
        calls.looked(SEAT, call, f"/search?q={text}", text, NOW + timedelta(minutes=minute))
    assert [each.title for each in calls.of(SEAT, NOW)[0].looks] == ["a", "b"]


def test_no_more_is_kept_than_can_be_in_hand(calls: Calls) -> None:
    for number in range(MOST_CALLS + 5):
        calls.opened(SEAT, f"07700900{number:03}", "", NOW + timedelta(seconds=number))
    kept = calls.of(SEAT, NOW)
    assert len(kept) == MOST_CALLS and kept[0].cli == f"07700900{MOST_CALLS + 4:03}"
    for number in range(MOST_LOOKS + 5):
        calls.looked(SEAT, kept[0].id, f"/search?q={number}", str(number), NOW + timedelta(seconds=number))
    looks = calls.of(SEAT, NOW)[0].looks
    assert len(looks) == MOST_LOOKS and looks[0].title == str(MOST_LOOKS + 4)


def test_calls_that_nothing_was_looked_up_for_go_first(calls: Calls) -> None:
    real = calls.opened(SEAT, "07700900417", "1-2018", NOW)
    calls.looked(SEAT, real, "/search?q=07700900417", "07700900417", NOW)
    for number in range(MOST_CALLS + 5):
        calls.opened(SEAT, "", f"forged {number}", NOW + timedelta(minutes=number + 1))
    assert real in {each.id for each in calls.of(SEAT, NOW)} and len(calls.of(SEAT, NOW)) == MOST_CALLS


def test_a_call_is_gone_a_shift_after_its_last_look_and_nothing_of_it_is_on_the_disk(
    calls: Calls, tmp_path: Path
) -> None:
    call = calls.opened(SEAT, "07700900417", "", NOW)
    calls.looked(SEAT, call, "/search?q=shabana", "shabana bibi", NOW + timedelta(hours=1))
    assert calls.of(SEAT, NOW + KEPT)
    late = NOW + KEPT + timedelta(hours=1, seconds=1)
    assert calls.of(SEAT, late) == ()
    calls.opened(OTHER, "", "1-2018", late)
    assert b"shabana" not in (tmp_path / FILE_NAME).read_bytes()


def test_what_was_typed_is_its_owners_alone(calls: Calls, tmp_path: Path) -> None:
    calls.opened(SEAT, "07700900417", "", NOW)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_many_write_at_once(tmp_path: Path) -> None:
    def one(number: int) -> None:
        mine = Calls(tmp_path)
        call = mine.opened(f"seat-{number}-of-the-control-room", "", "", NOW)
        for step in range(10):
            mine.looked(f"seat-{number}-of-the-control-room", call, f"/search?q={step}", str(step), NOW)

    workers = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for number in range(4):
        (call,) = Calls(tmp_path).of(f"seat-{number}-of-the-control-room", NOW)
        assert len(call.looks) == 10


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_is_an_error_to_whoever_keeps(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        Calls(tmp_path).opened(SEAT, "", "", NOW)
