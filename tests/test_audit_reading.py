"""Auditors read everything that is there: what cannot be read is said, nothing is passed over, reading is recorded."""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from discoverer.access import Viewer
from discoverer.audit import looked_from, record_event, record_look
from discoverer.audit.reading import Recorded, Unreadable, read_looks
from discoverer.errors import LooksUnreadable
from tests.setups import complaint, run, write_settings
from tests.test_audit import HANDLER, looks

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name
DAYS = ("2014-09-13", "2014-09-14", "2014-09-15")
TORN = b'{"at":"2014-09-14T2'


def line(day: str, viewer: str, asked: str) -> bytes:
    """Return a line as it was recorded on a day."""
    values = {"at": f"{day}T22:41:08Z", "viewer": viewer, "role": "rad", "action": "search", "asked": asked}
    return json.dumps({**values, "shown": [{"id": "custody:1#0"}]}).encode() + b"\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a set-up with three days of looks, two a day, by two viewers."""
    folder = tmp_path / "state" / "audit"
    folder.mkdir(parents=True)
    for day in DAYS:
        (folder / f"looks-{day}.jsonl").write_bytes(line(day, "PC 2207", f"a {day}") + line(day, "demo", f"b {day}"))
    return write_settings(tmp_path, ["people"])


def folder_of(config: Path) -> Path:
    return config.parent / "state" / "audit"


def asked(folder: Path, *which: object) -> list[str]:
    """Return what was typed, of the lines asked for; all must be read."""
    found = list(read_looks(folder, *which))  # type: ignore[arg-type]
    return [each.values["asked"] if isinstance(each, Recorded) else "UNREADABLE" for each in found]


def both(*days: str) -> list[str]:
    return [f"{which} {day}" for day in days for which in "ab"]


FOURTEENTH = date(2014, 9, 14)


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        pytest.param((), both(*DAYS), id="all"),
        pytest.param((FOURTEENTH,), both(*DAYS[1:]), id="from a day"),
        pytest.param((None, FOURTEENTH), both(*DAYS[:2]), id="to a day"),
        pytest.param((FOURTEENTH, FOURTEENTH), both(DAYS[1]), id="one day"),
        pytest.param((date(2014, 9, 16),), [], id="a day without looks"),
        pytest.param((None, None, "demo"), [f"b {day}" for day in DAYS], id="one viewer"),
        pytest.param((None, None, "pc  2207"), [f"a {day}" for day in DAYS], id="one viewer, spaced otherwise"),
        pytest.param((None, None, "PC 220"), [], id="no viewer of that name"),
    ],
)
def test_the_lines_asked_for_come_the_oldest_first(
    config: Path, which: tuple[object, ...], expected: list[str]
) -> None:
    (folder_of(config) / "looks-copied.jsonl").write_bytes(b"no day's file\n")
    assert asked(folder_of(config), *which) == expected


def test_a_folder_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert asked(tmp_path / "audit") == []


SPOILT = [
    pytest.param(TORN, [3], id="torn at the end"),
    pytest.param(TORN + b"\n" + line(DAYS[1], "demo", "after"), [3], id="torn, and ended by the next"),
    pytest.param(b"\n", [3], id="empty"),
    pytest.param(b"[1]\n", [3], id="no look"),
    pytest.param(b'{"at":"x","viewer":1,"action":"search"}\n', [3], id="no viewer"),
    pytest.param(b'{"at":"x","viewer":"y","action":"search","shown":[1]}\n', [3], id="shown is no list of ids"),
    pytest.param(b'{"at":"x","viewer":"y","action":"search","masked":1}\n', [3], id="masked is no list"),
    pytest.param(b'{"at":"x","viewer":"y","action":"search","about":"z"}\n', [3], id="about is no table"),
    pytest.param(b"\xff\xfe\n" + line(DAYS[1], "demo", "after") + b"{}\n", [3, 5], id="two"),
    pytest.param(line(DAYS[1], "demo", "unended").removesuffix(b"\n"), [3], id="whole but for its end"),
]


@pytest.mark.parametrize(("spoilt", "bad"), SPOILT)
@pytest.mark.parametrize("viewer", ["", "PC 2207"])
def test_a_line_that_cannot_be_read_is_said_and_the_others_are_given(
    config: Path, spoilt: bytes, bad: list[int], viewer: str
) -> None:
    file = folder_of(config) / f"looks-{DAYS[1]}.jsonl"
    with file.open("ab") as more:
        more.write(spoilt)
    found = list(read_looks(folder_of(config), viewer=viewer))
    assert [(each.file, each.number) for each in found if isinstance(each, Unreadable)] == [(file.name, n) for n in bad]
    read = [each.values["asked"] for each in found if isinstance(each, Recorded) and each.values["asked"] != "after"]
    assert read == [each for each in both(*DAYS) if not viewer or each.startswith("a")]
    printed = run(config, "audit", "read", *(["--viewer", viewer] if viewer else []))
    assert f"{len(bad)} line{'' if len(bad) == 1 else 's'}" in complaint(printed, 6)
    for number in bad:
        assert f"{file.name} line {number} CANNOT BE READ" in printed.stdout
    assert all(f"'{each}'" in printed.stdout for each in read)


def test_what_cannot_be_read_outside_the_days_asked_for_is_no_fault_of_theirs(config: Path) -> None:
    (folder_of(config) / f"looks-{DAYS[0]}.jsonl").write_bytes(TORN)
    assert run(config, "audit", "read", "--from", DAYS[1], "--to", DAYS[1]).exit_code == 0


def test_a_file_that_cannot_be_read_at_all_is_an_error_and_no_empty_answer(config: Path) -> None:
    file = folder_of(config) / f"looks-{DAYS[1]}.jsonl"
    file.unlink()
    file.mkdir()
    with pytest.raises(LooksUnreadable, match=f"{file} cannot be read"):
        list(read_looks(folder_of(config)))
    assert "cannot be read" in complaint(run(config, "audit", "read"), 6)


def test_what_is_written_while_it_is_read_spoils_nothing(config: Path) -> None:
    file = folder_of(config) / f"looks-{DAYS[2]}.jsonl"
    with file.open("ab") as torn:
        torn.write(TORN)
    found = []
    for each in read_looks(folder_of(config), date(2014, 9, 15)):
        found.append(each)
        if len(found) == 1:
            with file.open("ab") as more:
                more.write(b"\n" + line(DAYS[2], "demo", "since"))
    assert [type(each) for each in found] == [Recorded, Recorded, Unreadable], "the torn end is said, as it was"


def test_reading_is_a_look_by_the_account_that_reads(config: Path) -> None:
    printed = run(config, "audit", "read", "--to", DAYS[1], "--viewer", "demo")
    assert printed.exit_code == 0 and printed.stdout.count("search") == 2
    mine = [each for each in looks(folder_of(config)) if each["action"] == "audit"]
    assert [(each["viewer"], each["role"], each["from"]) for each in mine] == [(ACCOUNT, "auditor", "cli")]
    assert mine[0]["asked"] == f"the first day to {DAYS[1]}, demo"


def test_reading_that_cannot_be_recorded_reads_nothing(config: Path) -> None:
    folder = folder_of(config)
    kept = folder.rename(folder.with_name("kept"))
    folder.write_bytes(b"a file where the folder should be")
    printed = run(config, "audit", "read")
    assert "so there is no answer" in complaint(printed, 8) and printed.stdout == ""
    folder.unlink()
    kept.rename(folder)
    assert run(config, "audit", "read").exit_code == 0


def test_programs_get_one_line_each(config: Path) -> None:
    with (folder_of(config) / f"looks-{DAYS[0]}.jsonl").open("ab") as torn:
        torn.write(TORN)
    printed = run(config, "audit", "read", "--json", "--to", DAYS[0])
    first, second, bad = (json.loads(each) for each in printed.stdout.splitlines())
    assert (first["asked"], first["line"], second["line"]) == (f"a {DAYS[0]}", 1, 2)
    assert (bad["line"], bad["bytes"], set(bad)) == (3, len(TORN), {"file", "line", "unreadable", "bytes"})
    assert printed.exit_code == 6


def test_a_look_in_words_says_who_from_where_why_what_and_what_was_shown_and_masked(tmp_path: Path) -> None:
    config = write_settings(tmp_path, ["people"])
    came_from = looked_from.set("192.0.2.7")
    record_look(folder_of(config), HANDLER, "show", "phone 1", (), "B", mentions=["custody:1#0"], masked=["address"])
    record_event(folder_of(config), Viewer("PC 2207", "rad"), "sign-in failed", tries=3)
    looked_from.reset(came_from)
    said = " ".join(run(config, "audit", "read").stdout.split())
    shown, failed = said.split("2207, ")[1:]
    assert (
        "from 192.0.2.7; log 2731/140914; reason call in hand; show 'phone 1'; shown 1: custody:1#0; masked address"
        in shown
    )
    assert "sign-in failed; tries 3" in failed


def test_a_look_through_broken_glass_says_so_in_words_and_no_other_does(tmp_path: Path) -> None:
    config = write_settings(tmp_path, ["people"])
    record_look(folder_of(config), replace(HANDLER, name="PC 1", glass=41), "search", "a", (), "B")
    record_look(folder_of(config), replace(HANDLER, name="PC 2"), "search", "b", (), "B")
    through, plainly = " ".join(run(config, "audit", "read").stdout.split()).split("PC ")[1:]
    assert "; glass 41; search 'a'" in through and "glass" not in plainly


def test_days_the_wrong_way_round_are_refused_and_no_look(config: Path) -> None:
    assert "swap" in complaint(run(config, "audit", "read", "--from", DAYS[1], "--to", DAYS[0]), 2)
    assert not [each for each in looks(folder_of(config)) if each["action"] == "audit"]


def test_the_keys_are_made_and_what_to_do_with_them_is_said(tmp_path: Path) -> None:
    made = run(None, "audit", "keys", "--out", str(tmp_path / "keys"))
    assert made.exit_code == 0 and "away from this machine" in " ".join(made.stdout.split())
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["audit.pub", "audit.secret"]
    assert "it exists" in complaint(run(None, "audit", "keys", "--out", str(tmp_path / "keys")), 2)
