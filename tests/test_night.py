"""A night played forward: what it commits is there, noted by the source itself, found by its query, and the same again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from adapters.registry import load_adapter
from discoverer.model import Record
from fixtures.night import Step, main, night
from tests import tiny_sources as tiny
from tests.conftest import SMALL
from tests.setups import answer, refs, run


def copy(folder: Path) -> Path:
    """Copy the sources of the committed set, without an index."""
    return shutil.copytree(SMALL, folder / "set", ignore=shutil.ignore_patterns("state"))


def incidents(folder: Path) -> dict[str, Record]:
    """Read the incident system whole."""
    return {record.ref: record for record in tiny.believed(load_adapter(folder / "sources" / "incidents.toml"))}


def dump(folder: Path) -> str:
    database = sqlite3.connect(folder / "incidents.sqlite")
    try:
        return "\n".join(database.iterdump())
    finally:
        database.close()


def test_every_step_is_committed_when_it_is_told_and_none_before(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    before = incidents(folder)
    for step in night(folder, seed=5, steps=22):
        now = incidents(folder)  # the header's count is checked with every whole reading
        differing = {ref for ref in before.keys() | now.keys() if _said(before.get(ref)) != _said(now.get(ref))}
        assert differing == {step.ref}
        assert (step.ref in before, step.ref in now) == {
            "new": (False, True), "changed": (True, True), "deleted": (True, False)
        }[step.what]  # fmt: skip
        before = now


def _said(record: Record | None) -> str:
    return (
        "" if record is None else repr([getattr(record, name) for name in record.__dataclass_fields__ if name != "row"])
    )


def test_a_round_has_the_four_calls_of_one_victim_and_every_kind_of_change(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    steps = list(night(folder, seed=2, steps=11))
    assert Counter(step.what for step in steps) == {"new": 7, "changed": 2, "deleted": 2}
    calls = [step.ref for step in steps if "of four calls" in step.about]
    made = incidents(folder)
    assert calls == sorted(calls, key=[step.ref for step in steps].index) and len(calls) == 4
    number = steps[[step.about for step in steps].index("fourth of four calls: her number finds all four")].query[
        "phone"
    ]
    for ref in calls:
        assert number in {phone.text for phone in made[ref].phones}
    first = made[calls[0]]
    assert [grade.grade for grade in first.grades] == ["P2 priority", "P1 immediate"] and len(first.texts) == 3
    late = next(step for step in steps if "three hours ago" in step.about)
    assert late.ref not in made and int(late.ref.partition("/")[0]) < 2000


def test_a_log_typed_late_has_an_earlier_time_and_number_than_logs_before_it(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    known = incidents(folder)
    for step in night(folder, seed=4):
        if "three hours ago" in step.about:
            late = incidents(folder)[step.ref]
            assert late.at and any(each.at and each.at.value > late.at.value for each in known.values())
            same_day = [int(number) for number, day in (each.key for each in known.values()) if day == late.key[1]]
            assert int(late.key[0]) < max(same_day)
            return
    raise AssertionError("no log was typed late")


def test_the_same_seed_plays_the_same_night_and_another_another(tmp_path: Path) -> None:
    played = []
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        folder = copy(tmp_path / name)
        played.append((list(night(folder, seed, steps=15)), dump(folder)))
    assert played[0] == played[1]
    assert played[0] != played[2]


def test_no_planted_story_is_touched_and_no_number_of_the_set_is_given_again(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    planted = {
        ref.partition(":")[2]
        for pattern in json.loads((folder / "plan.json").read_text(encoding="utf-8"))["patterns"].values()
        for ref in pattern["records"].values()
    }
    written = b"".join(
        path.read_bytes() for path in folder.rglob("*") if path.suffix in (".sqlite", ".txt", ".csv", ".xml")
    )
    for step in night(folder, seed=1, steps=44):
        assert step.ref not in planted
        if step.what != "deleted" and "phone" in step.query:
            assert step.query["phone"].encode() not in written


def test_a_second_night_goes_on_from_the_first(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    first, second = list(night(folder, 1, 11)), list(night(folder, 1, 11))
    assert max(step.at for step in first) < min(step.at for step in second)
    assert not {step.ref for step in first if step.what == "new"} & {
        step.ref for step in second if step.what == "new"
    } - {step.ref for step in first if step.what == "deleted"}
    incidents(folder)


def test_whoever_reads_for_long_does_not_keep_the_night_from_writing(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    steps = night(folder, seed=3, steps=4)
    next(steps)
    there = len(incidents(folder))
    rows = load_adapter(folder / "sources" / "incidents.toml").rows()
    begun = list(islice(rows, 5))
    assert [step.what for step in steps] == ["new"] * 3
    assert len(begun) + len(list(rows)) == there, "a reading goes on as it began"
    assert len(incidents(folder)) == there + 3


def test_the_command_prints_a_line_of_json_for_every_step(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    result = CliRunner().invoke(main, [str(folder), "--steps", "3", "--seed", "6"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0 and len(lines) == 3
    assert [Step(**line) for line in lines] == list(night(copy(tmp_path / "again"), 6, 3))


@pytest.mark.parametrize("missing", ["incidents.sqlite", "plan.json"])
def test_a_folder_that_is_no_set_is_said_in_one_sentence(missing: str, tmp_path: Path) -> None:
    folder = copy(tmp_path)
    (folder / missing).unlink()
    result = CliRunner().invoke(main, [str(folder)])
    assert result.exit_code == 1 and missing in result.stderr and "python -m fixtures.generate" in result.stderr


def test_every_query_finds_its_record_in_an_index_built_after_the_night(tmp_path: Path) -> None:
    folder = copy(tmp_path)
    steps = {step.ref: step for step in night(folder, seed=9, steps=22)}  # what was done last to each record
    config = folder / "discoverer.toml"
    assert run(config, "build").exit_code == 0
    for step in steps.values():
        options = [part for name, value in step.query.items() for part in (f"--{name}", value)]
        found = f"incidents:{step.ref}" in refs(answer(config, *options))
        assert found is (step.what != "deleted"), step
