"""Who looked: written down before the answer is shown, for its owner only; and what a viewer may read."""

from __future__ import annotations

import errno
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER, Viewer, scope_of
from discoverer.answer import Answer
from discoverer.app import App
from discoverer.audit import on_look, record_event, record_look
from discoverer.bulk import read_lines
from discoverer.codec import decoder
from discoverer.errors import LookNotRecorded
from discoverer.model import Visibility
from tests.cast import make_app

HANDLER = Viewer("PC 2207", "call_handler", log="2731/140914", reason="call in hand")
_line = decoder(dict[str, Any])


def looks(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(folder.iterdir()) for line in file.read_bytes().splitlines()]


def test_a_look_says_who_when_why_what_and_in_which_build(tmp_path: Path) -> None:
    record_look(tmp_path / "state" / "audit", HANDLER, "search", "shabana bibi", (), "B1")
    (look,) = looks(tmp_path / "state" / "audit")
    said = {"viewer": "PC 2207", "role": "call_handler", "log": "2731/140914", "reason": "call in hand"}
    assert {**said, "action": "search", "asked": "shabana bibi", "build": "B1", "shown": []}.items() <= look.items()
    (file,) = (tmp_path / "state" / "audit").iterdir()
    assert file.name == f"looks-{look['at'][:10]}.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_every_answer_is_recorded_with_what_it_showed_and_a_refusal_showed_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path / "state")
    found = app.search(HANDLER, "07700 900417")
    list(app.lookup(HANDLER, (read for _, read in read_lines(['{"name": "asif khan"}', '{"name": "UNKNOWN"}']))))
    app.rejects(HANDLER, "custody", 1)
    app.close()
    recorded = looks(app.settings.audit_dir)
    assert [(each["action"], each["asked"]) for each in recorded] == [
        ("search", "07700 900417"), ("lookup", "asif khan"), ("rejects", "custody"),
    ]  # fmt: skip
    assert [each["id"] for each in recorded[0]["shown"]] == [hit.id for hit in found.hits]
    assert recorded[0]["build"] == found.build
    first, hit = recorded[0]["shown"][0], found.hits[0]
    assert (first["rank"], first["kind"], first["level"]) == (1, hit.kind, hit.level)
    assert first["refs"] == list(dict.fromkeys(f"{each.source}:{each.ref}" for each in hit.records)) != []
    assert "SHABANA" not in json.dumps(recorded), "what was shown is kept by id only"


def test_what_is_no_look_has_a_line_of_the_same_shape(tmp_path: Path) -> None:
    told: list[str] = []
    listening = on_look.set(lambda action, _: told.append(action))
    record_look(tmp_path, HANDLER, "search", "x", (), "B", masked=["address"])
    record_event(tmp_path, HANDLER, "sign-in failed", account="PC 2207", tries=3)
    on_look.reset(listening)
    look, event = looks(tmp_path)
    assert look["masked"] == ["address"] and "about" not in look
    assert (event["action"], event["about"]) == ("sign-in failed", {"account": "PC 2207", "tries": 3})
    assert event.keys() - {"about"} == look.keys() and event["shown"] == [] and told == ["search"]


def test_looks_of_many_at_once_are_all_whole(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(record_look, tmp_path / "a", HANDLER, "search", f"{n} " * 500, (), "B") for n in range(100)]
        assert all(each.result() is None for each in done)
    assert {look["asked"].split()[0] for look in looks(tmp_path / "a")} == {str(n) for n in range(100)}


@given(asked=st.text(st.characters(codec=None, categories=None), max_size=50))
def test_whatever_was_typed_stands_on_one_line_and_reads_back(
    asked: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    record_look(folder, HANDLER, "search", asked, (), "B")
    (file,) = folder.iterdir()
    (line,) = file.read_bytes().split(b"\n")[:-1]
    assert _line(line)["asked"] == asked


def blocked_by_a_file(folder: Path, _: pytest.MonkeyPatch) -> None:
    folder.write_text("in the way", encoding="utf-8")


def full_disk(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def _full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", _full)


def half_written(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:10]))


def never_synced(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def _lost(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", _lost)


@pytest.mark.parametrize("harm", [blocked_by_a_file, full_disk, half_written, never_synced])
def test_a_look_that_cannot_be_recorded_has_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Any  # noqa: ANN401 - a row's function
) -> None:  # fmt: skip
    app: App = make_app(tmp_path / "state")
    answers: list[Answer] = []
    with monkeypatch.context() as harmed:
        harm(app.settings.audit_dir, harmed)
        with pytest.raises(LookNotRecorded, match="so there is no answer; make room or mend its permissions"):
            answers.append(app.search(HANDLER, "07700 900417"))
    app.close()
    assert answers == []


def test_a_look_half_written_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record_look(tmp_path, HANDLER, "search", "before", (), "B")
    with monkeypatch.context() as harmed:
        half_written(tmp_path, harmed)
        with pytest.raises(LookNotRecorded):
            record_look(tmp_path, HANDLER, "search", "never answered", (), "B")
    record_look(tmp_path, HANDLER, "search", "after", (), "B")
    assert [look["asked"] for look in looks(tmp_path)] == ["before", "after"]


def test_a_line_torn_by_a_crash_does_not_spoil_the_next(tmp_path: Path) -> None:
    record_look(tmp_path, HANDLER, "search", "before", (), "B")
    (file,) = tmp_path.iterdir()
    with file.open("ab") as torn:
        torn.write(b'{"at": "2014-')
    record_look(tmp_path, HANDLER, "search", "after", (), "B")
    before, half, after = file.read_bytes().splitlines()
    assert (_line(before)["asked"], half, _line(after)["asked"]) == ("before", b'{"at": "2014-', "after")


def test_nobody_reads_what_is_protected_yet() -> None:
    assert scope_of(DEMO_VIEWER).labels == {Visibility.OPEN, Visibility.RESTRICTED}
    assert scope_of(HANDLER) == scope_of(DEMO_VIEWER)
