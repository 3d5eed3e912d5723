"""Write, audit, publish: a build outside its bounds is held back with the cause named, and searches go on with the old.

Each fault stands beside a near miss that must be published.
"""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Adapter
from discoverer.errors import (
    BuildError,
    BuildHeld,
    BuildLocked,
    ConfigError,
    IndexUnavailable,
    NotFound,
    SourceUnavailable,
    UsageError,
)
from discoverer.model import Person, Role, Visibility
from discoverer.normalise.references import canonical_reference
from index import attempts, audit_report, keys, versions
from index.attempts import Event, Outcome
from index.audit_counts import Ledger
from index.audit_probes import Asked, Chosen, judge
from index.bounds import SHIPPED, at_most, read_bounds
from index.build import build
from index.choosing import publish_chosen
from index.engines import ENGINES
from index.kept import Standing, kept_builds
from index.live import LiveIndex
from index.lock import builder_lock
from index.manifest import Manifest
from index.probe import probe_segments
from index.reader import Reader, Scope
from tests.conftest import SMALL
from tests.setups import answer, complaint, copy_of, refs, run
from tests.test_build import fill_disk, leftovers
from tests.tiny_index import TinyAdapter, make_settings, tiny_assemble

Rows = list[dict[str, str]]
Change = Callable[[Path], object]
FORMS, PEOPLE, GRADES = "dash_forms.csv", "dash_people.csv", "dash_grades.csv"
FILES = (FORMS, PEOPLE, GRADES, "dash_children.csv")


# A whole night: the domestic abuse records and custody of the small set, changed, and built by the command line.


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of two sources of the small set, built once."""
    folder = tmp_path_factory.mktemp("yesterday") / "setup"
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("state", "intelligence", "*.jsonl", "*.sqlite"))
    config = folder / "discoverer.toml"
    text = config.read_text(encoding="utf-8").replace('"incidents", "intelligence", ', "") + "workers = 1\n"
    config.write_text(text, encoding="utf-8")
    assert run(config, "build", "--quiet").exit_code == 0
    return config


@pytest.fixture
def config(yesterday: Path, tmp_path: Path) -> Path:
    """Return the settings file of a copy of that."""
    return copy_of(yesterday, tmp_path / "setup")


def change(config: Path, name: str, alter: Callable[[Rows], Iterable[dict[str, str]]]) -> None:
    """Write one file of the domestic abuse records anew."""
    path = config.parent / "domestic_abuse" / name
    with path.open(encoding="cp1252", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";")
        rows, columns = list(reader), list(reader.fieldnames or ())
    changed = list(alter(rows))
    with path.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(changed)


def lose(every: int) -> Change:
    """Return what takes every so many-th form away, with all that belongs to it."""

    def _lose(config: Path) -> None:
        gone: set[str] = set()

        def _noted(rows: Rows) -> Rows:
            gone.update(row["DASH_REF"] for row in rows[::every])
            return rows

        change(config, FORMS, _noted)
        for name in FILES:
            change(config, name, lambda rows: [row for row in rows if row["DASH_REF"] not in gone])

    return _lose


def move_names(one_in: int) -> Change:
    """Return what moves the name of one in so many people into the column that the mapping ignores."""

    def _moved(rows: Rows) -> Rows:
        for row in rows[::one_in]:
            row["SEQ"] = f"{row['SEQ']} {row['FORENAMES']} {row['SURNAME']}"
            row["SURNAME"] = row["FORENAMES"] = row["KNOWN_AS"] = row["MAIDEN"] = ""
        return rows

    return lambda config: change(config, PEOPLE, _moved)


def lower_grades(most: int) -> Change:
    """Return what grades so many high forms standard."""

    def _lowered(rows: Rows) -> Rows:
        high = [row for row in rows if row["CURRENT_GRADE"] == "HIGH"]
        for row in high[:most]:
            row["CURRENT_GRADE"] = "STANDARD"
        return rows

    return lambda config: change(config, FORMS, _lowered)


def replace_in(name: str, old: str, new: str) -> Change:
    """Return what replaces words in a file of the set-up."""

    def _replace(config: Path) -> None:
        path = config.parent / name
        text = path.read_bytes()
        assert old.encode() in text
        path.write_bytes(text.replace(old.encode(), new.encode()))

    return _replace


def number_anew(config: Path) -> None:
    """Give every form another reference."""
    for name in FILES:
        change(config, name, lambda rows: [{**row, "DASH_REF": f"NEW/{row['DASH_REF']}"} for row in rows])


def add_column(config: Path) -> None:
    """Add a column that the mapping ignores by name."""
    path = config.parent / "domestic_abuse" / "dash_grades.csv"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"".join(line + (b";x" if number else b";ROTA") + b"\r\n" for number, line in enumerate(lines)))
    replace_in(
        "sources/domestic_abuse.toml", 'file = "dash_grades.csv"\nignore = ["SEQ"]',
        'file = "dash_grades.csv"\nignore = ["SEQ", "ROTA"]',
    )(config)  # fmt: skip


def live(config: Path) -> str:
    return versions.current(config.parent / "state")


def found_as_before(config: Path) -> bool:
    """Tell whether a search still finds a record of the source that has changed."""
    return "domestic_abuse:DA/18/00103" in refs(answer(config, "maureen tallis 30/01/1966"))


FAULTS = [
    pytest.param(lose(10), "lost", r"domestic_abuse holds 180 records, 10\.0% fewer than the 200 of build \S+: 20 of those are gone", id="a tenth lost"),
    pytest.param(
        move_names(1), "filled", r"the 200 records of domestic_abuse say \d+ people named, where 513 were", id="names moved"
    ),
    pytest.param(
        lower_grades(10), "filled", r"say 15 high risk levels, where 25 were", id="high read as standard"
    ),
    pytest.param(
        number_anew, "lost", r"200 of those that build \S+ holds are gone \(100\.0%", id="every id another",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "measure", "cause"), FAULTS)
def test_a_night_that_went_wrong_is_held_back_with_its_cause_and_search_goes_on(
    config: Path, fault: Change, measure: str, cause: str
) -> None:
    before = live(config)
    fault(config)
    said = complaint(run(config, "build", "--quiet"), 10)
    assert re.search(cause, said) and f"build {before} goes on serving" in said
    assert live(config) == before and found_as_before(config)
    assert answer(config, "07700 900417")["build"] == before
    status = run(config, "status")
    assert status.exit_code == 0 and "was held back and waits for a person" in " ".join(status.stdout.split())
    (held,) = [each for each in listed(config) if each["standing"] == "held"]
    assert f"'discoverer build --publish {held['build']} --reason WHY'" in said
    assert measure in {each["measure"] for each in held["report"]["findings"]}
    assert re.search(cause, held["why"])


ONE_IN_A_HUNDRED = lose(100)
NEAR_MISSES = [
    pytest.param(ONE_IN_A_HUNDRED, 0, id="one in a hundred lost"),
    pytest.param(move_names(100), 0, id="one name in a hundred gone"),
    pytest.param(lower_grades(1), 0, id="one grade lowered"),
    pytest.param(add_column, 0, id="a new column that is ignored by name"),
    pytest.param(lambda config: None, 0, id="nothing changed"),
    pytest.param(
        replace_in("domestic_abuse/dash_forms.csv", "CURRENT_GRADE", "GRADE_NOW"), 4, id="a column renamed: carried"
    ),
]


@pytest.mark.parametrize(("fault", "code"), NEAR_MISSES)
def test_a_night_within_its_bounds_is_published(config: Path, fault: Change, code: int) -> None:
    before = live(config)
    fault(config)
    result = run(config, "build", "--quiet")
    assert result.exit_code == code, result.stderr
    assert live(config) != before
    # What is gone from its source is in no build that is kept.
    gone = fault is ONE_IN_A_HUNDRED
    assert [each["standing"] for each in listed(config)] == (["live"] if gone else ["live", "superseded"])
    report = listed(config)[0]["report"]
    assert report["compared_with"] == before and report["findings"] == [] and report["checks"] > 50


def test_a_column_renamed_is_carried_and_every_answer_names_it(config: Path) -> None:
    replace_in("domestic_abuse/dash_forms.csv", "CURRENT_GRADE", "GRADE_NOW")(config)
    result = run(config, "build", "--quiet")
    assert result.exit_code == 4 and "column GRADE_NOW" in result.stderr and "CURRENT_GRADE" in result.stderr
    assert found_as_before(config)
    (state,) = [each for each in answer(config, "07700 900417")["sources"] if each["name"] == "domestic_abuse"]
    assert state["state"] == "stale" and "GRADE_NOW" in state["words"]
    assert "GRADE_NOW" in listed(config)[0]["report"]["remarks"][0]


def test_an_index_that_finds_no_number_any_more_is_held_back_though_every_count_is_right(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = live(config)
    with monkeypatch.context() as patched:
        patched.setattr("index.keys.phone_keys", lambda e164: set())
        said = complaint(run(config, "build", "--quiet"), 10)
    assert re.search(rf"records of \w+ that build {before} finds by telephone number are not found any more", said)
    assert not re.search(r"07700|0121|TALLIS", said), "a report names records, and nobody"
    assert run(config, "build", "--quiet").exit_code == 0


def listed(config: Path) -> list[dict[str, Any]]:
    """Return what `builds --json` prints."""
    result = run(config, "builds", "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_before_the_first_build_there_is_none_to_list(tmp_path: Path) -> None:
    shutil.copy(SMALL / "discoverer.toml", tmp_path)
    result = run(tmp_path / "discoverer.toml", "builds")
    assert result.exit_code == 0 and "No build is kept yet" in result.stdout
    assert listed(tmp_path / "discoverer.toml") == []


def test_a_person_publishes_what_was_held_back_and_it_is_written_down(config: Path) -> None:
    before = live(config)
    lose(10)(config)
    said = complaint(run(config, "build", "--quiet"), 10)
    assert "Publishing it counts what it lacks as gone" in said and "rollback has nothing to go to" in said
    assert "Publishing it counts what it lacks as gone" in " ".join(run(config, "builds", "--json").stdout.split())
    (held,) = [each["build"] for each in listed(config) if each["standing"] == "held"]
    assert "needs" in complaint(run(config, "build", "--publish", held, "--reason", "x", "--viewer", " "), 2)
    assert "--reason" in complaint(run(config, "build", "--publish", held), 2)
    assert "--publish" in complaint(run(config, "build", "--reason", "weeded"), 2)
    assert "kept are" in complaint(run(config, "build", "--publish", "yesterday", "--reason", "x"), 7)
    done = run(config, "build", "--publish", held, "--reason", "old forms were weeded", "--viewer", "Sgt 1042")
    assert done.exit_code == 0 and live(config) == held
    assert f"Removed, since they hold records that build {held} does not hold: {before}" in done.stderr
    assert "rollback has nothing to go to now" in done.stderr
    status = " ".join(run(config, "status").stdout.split())
    assert "published by hand" in status and "by Sgt 1042: old forms were weeded" in status
    assert "waits for a person" not in status
    assert "live already" in complaint(run(config, "build", "--publish", held, "--reason", "again"), 2)
    assert "published by Sgt 1042: old forms were weeded" in listed(config)[0]["why"]
    assert held in run(config, "builds").stdout
    assert run(config, "build", "--quiet").exit_code == 0, "the next night is compared with what is live now"
    assert run(config, "rollback").exit_code == 0 and live(config) == held
    assert "no earlier build" in complaint(run(config, "rollback"), 6), "nobody goes back to what was weeded"
    assert before not in {each["build"] for each in listed(config)}
    assert [each["standing"] for each in listed(config)] == ["withdrawn", "live"]


# The same with tiny sources, for what counts do not show.

WORDS = tuple(f"word{number}" for number in range(100))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state in which a hundred incidents and three custody records are live."""
    make(tmp_path / "state")
    return tmp_path / "state"


def make(state: Path, words: Sequence[str] = WORDS, *others: Adapter, keep: int = 3, **more: Any) -> Manifest:  # noqa: ANN401
    """Build from these incidents, and from custody unless other sources are given."""
    adapters = [TinyAdapter("incidents", words), *(others or [TinyAdapter("custody")])]
    settings = make_settings(state, [adapter.name for adapter in adapters], keep)
    within = more.pop("within", versions.at_once)  # tests of retention hold what goes when another build is live
    return build(settings, adapters, assemble=tiny_assemble, probe=probe_segments, within=within, **more)


def make_held(state: Path, lost: int = 10) -> str:
    """Build without so many incidents, which is held back; return its id."""
    with pytest.raises(BuildHeld) as caught:
        make(state, WORDS[lost:])
    return caught.value.build


BOUNDED = [
    pytest.param(WORDS[5:], "lost", id="five in a hundred gone"),
    pytest.param((*WORDS[10:], *(f"other{n}" for n in range(10))), "lost", id="as many come as gone"),
    pytest.param((*WORDS, *(f"more{n}" for n in range(600))), "grown", id="seven times as many"),
    pytest.param((*WORDS, *(f"!bad{n}" for n in range(5))), "rejected", id="a new kind of bad row"),
]
WITHIN = [
    pytest.param(WORDS[4:], id="four in a hundred gone"),
    pytest.param((*WORDS, *(f"more{n}" for n in range(400))), id="five times as many of few"),
    pytest.param((*WORDS, *(f"!bad{n}" for n in range(4))), id="four bad rows"),
    pytest.param(WORDS[::-1], id="another order"),
]


@pytest.mark.parametrize(("words", "measure"), BOUNDED)
def test_what_is_outside_its_bounds_is_held(state: Path, words: Sequence[str], measure: str) -> None:
    with pytest.raises(BuildHeld) as caught:
        make(state, words)
    report = audit_report.read(state, caught.value.build)
    assert report is not None and report.held and {each.measure for each in report.findings} >= {measure}


@pytest.mark.parametrize("words", WITHIN)
def test_what_is_within_them_is_not(state: Path, words: Sequence[str]) -> None:
    manifest = make(state, words)
    assert versions.current(state) == manifest.build


def test_a_source_that_is_new_or_was_taken_out_of_the_settings_is_no_fault(state: Path) -> None:
    more = make(state, WORDS, TinyAdapter("custody"), TinyAdapter("outside", WORDS))
    assert versions.current(state) == more.build
    less = make(state, WORDS)
    assert versions.current(state) == less.build
    report = audit_report.read(state, less.build)
    assert report is not None and "outside is not in the settings any more" in " ".join(report.remarks)


def probed(lost: int = 0, weaker: int = 0, never: int = 0, of: int = 8) -> list[Asked]:
    """Return so many searches, of which some find their record no more, less surely, or never did."""
    ways = [(1, 0)] * lost + [(1, 3)] * weaker + [(0, 0)] * never
    ways += [(2, 1)] * (of - len(ways))
    return [Asked(Chosen("custody", f"BE/{n}"), "telephone number", *way) for n, way in enumerate(ways)]


@pytest.mark.parametrize(
    ("asked", "measures"),
    [
        pytest.param(probed(), [], id="all as sure or surer"),
        pytest.param(probed(lost=1), [], id="one may have been changed at its source"),
        pytest.param(probed(lost=2), ["probes.lost"], id="two of eight"),
        pytest.param(probed(lost=2, of=30), [], id="two of thirty"),
        pytest.param(probed(never=5), [], id="what was not found yesterday is no measure"),
        pytest.param(probed(weaker=2), [], id="two less sure"),
        pytest.param(probed(weaker=3), ["probes.weaker"], id="three of eight less sure"),
        pytest.param(probed(lost=2, weaker=3), ["probes.lost", "probes.weaker"], id="both"),
    ],
)
def test_searches_are_held_against_those_of_yesterday(asked: list[Asked], measures: list[str]) -> None:
    ledger = Ledger()
    judge(ledger, asked, "20141116T020512Z-abcdef", read_bounds().probes)
    assert [each.measure for each in ledger.findings] == measures
    assert all("such as BE/" in each.cause for each in ledger.findings)


def test_a_report_names_no_record_that_not_everybody_may_know_of(tmp_path: Path) -> None:
    class Closed(TinyAdapter):
        def records(self, row: Any) -> Any:  # noqa: ANN401
            for record in super().records(row):
                shut = Visibility.OPEN if row.values["WORD"] == "word3" else Visibility.PROTECTED
                yield replace(record, visibility=shut)

    state = tmp_path / "state"
    make(state, WORDS, Closed("custody", WORDS))
    with pytest.raises(BuildHeld, match=r"custody holds 90 records.*, such as word3[^,\w]") as caught:
        make(state, WORDS, Closed("custody", WORDS[10:]))
    assert set(re.findall(r"word\d+", caught.value.message)) == {"word3"}
    shut = replace(probed(lost=2)[0], record=Chosen("custody", "BE/shut", nameable=False))
    ledger = Ledger()
    judge(ledger, [shut, shut, *probed()], "20141116T020512Z-abcdef", read_bounds().probes)
    assert [each.cause.rpartition(" ")[2] for each in ledger.findings] == ["10"], "it is held, and named by nothing"


def test_rows_that_say_nothing_any_more_hold_a_build(state: Path) -> None:
    class Forgetful(TinyAdapter):
        def records(self, row: Any) -> Any:  # noqa: ANN401
            return iter(()) if row.values["WORD"].startswith("nothing") else super().records(row)

    rows = ["first", "second", "third", *(f"nothing{number}" for number in range(5))]
    make(state, WORDS, Forgetful("custody", rows[:7]))
    make(state, WORDS, Forgetful("custody", rows[:3]))
    with pytest.raises(BuildHeld, match="5 of 8 rows of custody gave neither a record nor a reject, where 0 of 3 did"):
        make(state, WORDS, Forgetful("custody", rows))


def test_new_records_that_say_less_than_all_did_hold_a_build(tmp_path: Path) -> None:
    """The names have moved in the rows of the day alone; among all rows nobody would see it."""

    class Named(TinyAdapter):
        def records(self, row: Any) -> Any:  # noqa: ANN401
            for record in super().records(row):
                name = () if row.values["WORD"].startswith("mute") else ("Shabana Bibi",)
                yield replace(record, persons=(Person(0, Role.VICTIM, name),))

    state, old = tmp_path / "state", [f"word{number}" for number in range(600)]
    make(state, WORDS, Named("custody", old))
    make(state, WORDS, Named("custody", [*old, *(f"mute{n}" for n in range(19))]))
    make(state, WORDS, Named("custody", [*old, *(f"mute{n}" for n in range(19)), *(f"more{n}" for n in range(15))]))
    with pytest.raises(
        BuildHeld, match="0 of 25 new records of custody have people named, where 24 were to be expected"
    ):
        day = [*(f"mute{n}" for n in range(19)), *(f"more{n}" for n in range(15)), *(f"mute {n}" for n in range(25))]
        make(state, WORDS, Named("custody", [*old, *day]))


NIGHTS = [
    pytest.param(0, 25, 0.96, True, id="the names have moved"),
    pytest.param(0, 19, 1.0, False, id="a few arrests without a name"),
    pytest.param(0, 20, 1.0, True, id="and one more, where all had one"),
    pytest.param(4, 40, 0.6, False, id="a few dozen calls, mostly by people who give no name"),
    pytest.param(0, 38, 0.6, False, id="a quiet night, and nobody gave one"),
    pytest.param(0, 39, 0.6, True, id="not so quiet, and nobody did"),
    pytest.param(15, 100, 0.6, False, id="a night of silent calls"),
    pytest.param(100, 400, 0.6, False, id="a busy one, and fewer than half of those to be expected"),
    pytest.param(60, 400, 0.6, True, id="a quarter of them"),
    pytest.param(450, 2_000, 0.6, True, id="three in eight of very many"),
    pytest.param(601, 2_000, 0.6, False, id="half of very many"),
    pytest.param(0, 60, 0.05, False, id="what is seldom said at all"),
    pytest.param(0, 0, 0.9, False, id="nothing new"),
]


@pytest.mark.parametrize(("said", "of", "part", "held"), NIGHTS)
def test_few_new_records_say_less_by_chance_and_many_by_a_fault(said: int, of: int, part: float, held: bool) -> None:
    assert read_bounds().new.is_passed(said, of, part) == held


def test_chance_is_worked_out_as_it_is_by_counting() -> None:
    for of, each in ((1, 0.5), (12, 0.3), (60, 0.07), (200, 0.9)):
        for count in range(of + 1):
            exact = sum(math.comb(of, k) * each**k * (1 - each) ** (of - k) for k in range(count + 1))
            assert at_most(count, of, each) == pytest.approx(exact, rel=1e-9)
    assert 0 < at_most(900, 2_000, 0.5) < 1e-5
    assert (at_most(0, 5, 0.0), at_most(0, 5, 1.0), at_most(5, 5, 1.0)) == (1.0, 0.0, 1.0)


def test_new_records_do_not_make_a_small_source_say_less_than_it_did(tmp_path: Path) -> None:
    class Named(TinyAdapter):
        def records(self, row: Any) -> Any:  # noqa: ANN401
            for record in super().records(row):
                names = () if row.values["WORD"] in self.mute else ("Shabana Bibi",)
                yield replace(record, persons=(Person(0, Role.VICTIM, names),))

        mute: tuple[str, ...] = ()

    state, old, quiet = tmp_path / "state", [f"word{number}" for number in range(60)], ("a", "b", "c", "d", "e", "f")
    source = Named("custody", old)
    make(state, WORDS, source)
    source = Named("custody", [*old, *quiet])
    source.mute = quiet
    make(state, WORDS, source)
    source.mute = (*quiet, *old[:6])  # as many of those that were there before
    with pytest.raises(BuildHeld, match="the 66 records of custody say 54 people named, where 60 were"):
        make(state, WORDS, source)


def test_a_first_build_has_nothing_to_be_compared_with_and_must_be_findable(tmp_path: Path) -> None:
    manifest = make(tmp_path / "state")
    report = audit_report.read(tmp_path / "state", manifest.build)
    assert report is not None and not report.held and report.compared_with == ""

    def empty(*given: Any) -> dict[str, int]:  # noqa: ANN401
        return {**tiny_assemble(*given), "documents": 0}

    other = tmp_path / "other"
    settings, adapters = make_settings(other, ["incidents"]), [TinyAdapter("incidents")]
    with pytest.raises(BuildHeld, match=r"3 records, and nothing that a search could find.*no earlier build to search"):
        build(settings, adapters, assemble=empty, probe=probe_segments)
    with pytest.raises(IndexUnavailable, match="no index to search yet"):
        versions.current(other)
    build(settings, adapters, assemble=tiny_assemble, probe=probe_segments)


def test_a_broken_live_build_is_no_measure_and_not_in_the_way(state: Path) -> None:
    broken = versions.builds_of(state) / versions.current(state) / "vocabulary.json"
    broken.chmod(0o640)
    broken.write_text("[1]")
    manifest = make(state, WORDS[50:])
    report = audit_report.read(state, manifest.build)
    assert report is not None and any("vocabulary.json is not as" in remark for remark in report.remarks)


def test_a_held_build_is_never_gone_back_to_carried_from_or_compared_with(state: Path) -> None:
    first = versions.current(state)
    held = make_held(state)
    last = attempts.last(state)
    assert last is not None and (last.build, last.outcome) == (held, Outcome.HELD)
    assert attempts.history(state)[-1].event is Event.HELD
    with pytest.raises(IndexUnavailable, match="no earlier build"):
        versions.rollback(state)
    assert make_held(state, 9) != held, "the next night is compared with the live one, not with the one held back"
    gone = TinyAdapter("incidents", ["half"], SourceUnavailable("incidents", "the line is down."))
    carried = build(
        make_settings(state, ["incidents", "custody"], 3), [gone, TinyAdapter("custody")],
        assemble=tiny_assemble, probe=probe_segments, within=versions.at_once,
    )  # fmt: skip
    assert carried.segments[0].records == 100
    versions.pointer_of(state).unlink()
    assert versions.rollback(state) == carried.build
    assert versions.rollback(state) == first


def test_so_many_held_builds_are_kept_and_no_published_one_is_lost_for_them(state: Path) -> None:
    first = versions.current(state)
    held = [make_held(state, 10 + number) for number in range(4)]
    assert versions.list_builds(state) == [first, *held[-2:]]
    assert sorted(path.stem for path in audit_report.folder_of(state).iterdir()) == [first, *held[-2:]]
    published = [make(state, keep=2).build for _ in range(3)]
    assert versions.list_builds(state) == [*held[-2:], *published[-2:]]
    assert [each.standing for each in kept_builds(state)] == [
        Standing.LIVE, Standing.SUPERSEDED, Standing.HELD, Standing.HELD,
    ]  # fmt: skip


def test_a_person_publishes_only_what_is_as_it_was_made(state: Path) -> None:
    held = make_held(state)
    before = versions.current(state)
    path = versions.builds_of(state) / held / "vocabulary.json"
    path.chmod(0o640)
    path.write_text("[1]")
    with pytest.raises(IndexUnavailable, match="not as it was written"):
        publish_chosen(state, held, "by demo: try")
    assert versions.current(state) == before and audit_report.is_held(state, held)
    with pytest.raises(NotFound, match="kept are"):
        publish_chosen(state, "20141116T020512Z-abcdef", "by demo: try")
    with pytest.raises(UsageError, match="live already"):
        publish_chosen(state, before, "by demo: try")


def test_a_report_that_cannot_be_read_counts_as_of_a_build_held_back(state: Path) -> None:
    first = versions.current(state)
    make(state)
    audit_report.file_of(state, first).write_text("{")
    with pytest.raises(IndexUnavailable, match="no earlier build"):
        versions.rollback(state)
    assert "cannot be read" in kept_builds(state)[1].why


def test_a_disk_full_while_the_report_is_written_leaves_the_live_build(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = versions.current(state)
    with monkeypatch.context() as patched:
        fill_disk(patched, "20")
        with pytest.raises(BuildError, match=rf"No space left on device.*build {first} goes on serving"):
            make(state, WORDS[10:])
    assert versions.list_builds(state) == [first] and leftovers(state) == []
    make_held(state)


@pytest.mark.parametrize("name", ["builds.jsonl", "20", "CURRENT", "build.lock.json"])
def test_a_disk_full_while_a_person_publishes_leaves_the_live_build_and_the_next_try_goes_on(
    state: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    first, held = versions.current(state), make_held_whole(state)
    with monkeypatch.context() as patched:
        fill_disk(patched, name)
        with pytest.raises(BuildError, match=rf"Build {held} was not published: .*No space left on device.*status"):
            publish_chosen(state, held, "by demo: try")
    assert versions.current(state) == first
    assert publish_chosen(state, held, "by demo: again").build == held == versions.current(state)


def make_held_whole(state: Path) -> str:
    """Make a held build of a whole index, as opening it before it is published needs; return its id."""
    adapters = [TinyAdapter("incidents", WORDS[10:]), TinyAdapter("custody")]
    with pytest.raises(BuildHeld) as caught:
        build(make_settings(state).model_copy(update={"workers": 1}), adapters)
    return caught.value.build


def test_whatever_makes_a_build_live_lets_it_be_caught_up_first(state: Path) -> None:
    first, held = versions.current(state), make_held_whole(state)
    seen: list[tuple[str, str]] = []

    def catch_up(folder: Path) -> AbstractContextManager[None]:
        seen.append((folder.name, versions.current(state)))
        return nullcontext()

    def refuse(folder: Path) -> AbstractContextManager[None]:
        raise BuildError("the day could not be taken in.")

    with pytest.raises(BuildError, match="could not be taken in"):
        publish_chosen(state, held, "by demo: try", refuse)
    assert versions.current(state) == first
    publish_chosen(state, held, "by demo: again", catch_up)
    with pytest.raises(BuildError, match="could not be taken in"):
        versions.rollback(state, "asked for by demo", refuse)
    assert versions.current(state) == held
    versions.rollback(state, "asked for by demo", catch_up)
    assert seen == [(held, first), (first, held)]


def test_a_person_waits_for_the_builder_and_for_nobody_else(state: Path) -> None:
    held = make_held(state)
    with builder_lock(state, "building"), pytest.raises(BuildLocked, match="has been building since"):
        publish_chosen(state, held, "by demo: try")
    assert audit_report.is_held(state, held)


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_a_search_begun_before_its_build_is_removed_ends_in_it(tmp_path: Path, engine: str) -> None:
    settings = make_settings(tmp_path / "state", keep_builds=1).model_copy(update={"workers": 1, "engine": engine})
    adapters = [TinyAdapter("incidents", WORDS), TinyAdapter("custody")]
    lent = LiveIndex(settings.state_dir)
    build(settings, adapters)
    with lent.reading() as index:
        for _ in range(2):
            build(settings, adapters)
        assert index.manifest.build not in versions.list_builds(settings.state_dir)
        reader = Reader(index, Scope(frozenset(Visibility)))
        place = reader.place_of("incidents", "word50")
        assert place is not None and reader.records([place])[place].ref == "word50"
        assert reader.search_text(["word99"], 5)[1] == 1
        assert reader.docs(reader.look_up(keys.reference(canonical_reference("word7")), 5).ids)
    with lent.reading() as index:
        assert index.manifest.build == versions.current(settings.state_dir)
    lent.close()


def test_a_builder_that_lost_its_lock_publishes_nothing_and_clears_nothing_away(state: Path) -> None:
    """Somebody removed the lock's file, and another builder began: the first must not end what is not its own."""
    first = versions.current(state)
    begun: list[str] = []

    def other_comes(folder: Path) -> AbstractContextManager[None]:
        (state / "build.lock").unlink()
        begun.append(make(state).build)
        return nullcontext()

    with pytest.raises(BuildError, match=r"lock was lost meanwhile.*goes on serving"):
        make(state, within=other_comes)
    assert versions.current(state) == begun[0] != first
    last = attempts.last(state)
    assert last is not None and (last.build, last.outcome) == (begun[0], Outcome.PUBLISHED)
    assert make(state).build == versions.current(state)


# The file of bounds.

BAD_BOUNDS = [
    pytest.param(("[grown]", "[growth]"), "'growth' is not a known name; did you mean 'grown'?", id="mistyped"),
    pytest.param(("share = 0.02", "share = -1"), "'lost.share'", id="less than nothing"),
    pytest.param(("filled.orders", "filled.order"), "'order' is not counted; valid names: dates", id="not counted"),
    pytest.param(("[filled.any]", "[filled.dates]"), "'any' is missing; add it", id="no bound for the rest"),
    pytest.param(("first = 10", "first = 0"), "'probes.first'", id="no hit"),
]


@pytest.mark.parametrize(("swap", "says"), BAD_BOUNDS)
def test_a_mistake_in_the_bounds_is_said_before_anything_is_read(
    state: Path, tmp_path: Path, swap: tuple[str, str], says: str
) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(*swap, 1), encoding="utf-8")
    settings = make_settings(state).model_copy(update={"bounds": path})
    with pytest.raises(ConfigError) as caught:
        build(settings, [], assemble=tiny_assemble, probe=probe_segments)
    assert says in caught.value.message


def test_a_force_can_have_bounds_of_its_own(state: Path, tmp_path: Path) -> None:
    path = tmp_path / "bounds.toml"
    wider = re.sub(r"(\[(lost|fewer)\].*\nshare =) \S+", r"\1 0.5", SHIPPED.read_text(encoding="utf-8"))
    path.write_text(wider, encoding="utf-8")
    assert read_bounds(path).lost.share == 0.5
    adapters = [TinyAdapter("incidents", WORDS[40:]), TinyAdapter("custody")]
    settings = make_settings(state).model_copy(update={"bounds": path})
    assert build(settings, adapters, assemble=tiny_assemble, probe=probe_segments).segments[0].records == 60


# A source that is down.


@pytest.mark.parametrize(
    ("carry_for", "hours", "expected"),
    [
        pytest.param("72h", 71, "stale", id="within three days"),
        pytest.param("72h", 72, "stale", id="three days to the hour"),
        pytest.param("72h", 73, "failed", id="past them"),
        pytest.param("5d", 100, "stale", id="a force that allows five days"),
        pytest.param("5d", 121, "failed", id="and not more"),
    ],
)
def test_a_source_down_for_too_long_counts_as_failed_and_is_searched_all_the_same(
    config: Path, carry_for: str, hours: int, expected: str
) -> None:
    replace_in("domestic_abuse/dash_forms.csv", "CURRENT_GRADE", "GRADE_NOW")(config)
    assert run(config, "build", "--quiet").exit_code == 4
    text = config.read_text(encoding="utf-8")
    then = datetime.fromisoformat("2018-11-18T02:00:00+00:00") + timedelta(hours=hours)
    text = text.replace("2018-11-18T02:00:00Z", then.isoformat()) + f'carry_for = "{carry_for}"\n'
    config.write_text(text, encoding="utf-8")  # time goes by while the same build is live
    for found in (
        answer(config, "maureen tallis 30/01/1966"),
        json.loads(run(config, "status", "--json").stdout)["status"],
    ):
        (state,) = [each for each in found["sources"] if each["name"] == "domestic_abuse"]
        assert state["state"] == expected and state["records"] == 200
        assert "GRADE_NOW" in state["words"] and "18/11/2018 02:00" in state["words"]
        assert ("still searched" in state["words"]) == (expected == "failed")
        (custody,) = [each for each in found["sources"] if each["name"] == "custody"]
        assert custody["state"] == "answered"
    assert found_as_before(config)
