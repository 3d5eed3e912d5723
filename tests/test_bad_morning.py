"""The morning after: which build is gone back to, what a lost source says of its age, and what a publication costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from discoverer import cli_sync, states
from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind, SourceStatus, State
from discoverer.app import App
from discoverer.cli import main
from discoverer.clock import iso
from discoverer.errors import BuildHeld, CheckFailed, IndexUnavailable
from discoverer.settings import EXACT
from discoverer.web.screen.frame import Frame
from discoverer.web.screen.templating import render
from index import attempts, audit_report, versions
from index.attempts import Attempt, Entry, Event, Outcome
from index.audit_report import Finding, Report
from index.build import STOPPED, build
from index.kept import Standing, kept_builds
from index.manifest import Manifest, SegmentEntry, SourceState
from index.sync import Syncer
from index.sync_state import SourceSync, Synced
from index.withdrawn import why_none, withdrawn
from tests import tiny_sources as tiny
from tests.cast import AS_AT, log
from tests.feed import Feed
from tests.setups import answer, complaint, copy_of, run, write_tiny
from tests.test_retention import Source, one
from tests.tiny_index import TinyAdapter, make_settings, tiny_assemble

A, B, C, D = (f"20141116T02000{number}Z-aaaaaa" for number in range(4))
GONE_BACK = (Event.ROLLED_BACK, A)


# Which build is gone back to.


def told(*events: tuple[Event, str]) -> list[Entry]:
    return [
        Entry(event, build_id, f"2014-11-16T02:0{at}:00Z", "by demo") for at, (event, build_id) in enumerate(events)
    ]


def published(*builds: str) -> list[tuple[Event, str]]:
    return [(Event.PUBLISHED, build_id) for build_id in builds]


@pytest.mark.parametrize(
    ("events", "left"),
    [
        pytest.param(published(A, B), set(), id="nobody went back"),
        pytest.param([*published(A, B), GONE_BACK], {B}, id="gone back from"),
        pytest.param([*published(A, B), GONE_BACK, *published(C)], {B}, id="and a good one since"),
        pytest.param([*published(A, B), GONE_BACK, (Event.CHOSEN, B)], set(), id="chosen again by a person"),
        pytest.param([*published(A, B, C), (Event.CHOSEN, A)], {B, C}, id="two passed over"),
        pytest.param([*published(A), (Event.HELD, B), (Event.CHOSEN, B)], set(), id="a held one published"),
        pytest.param([*published(A, B), GONE_BACK, *published(C), (Event.ROLLED_BACK, A)], {B, C}, id="twice"),
    ],
)
def test_what_was_gone_back_from_is_remembered(events: list[tuple[Event, str]], left: set[str]) -> None:
    assert set(withdrawn(told(*events), [A, B, C, D])) == left


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def make(state: Path, *, keep: int = 3) -> str:
    settings = make_settings(state, ["incidents", "custody"], keep)
    adapters = [TinyAdapter("incidents"), TinyAdapter("custody")]
    return build(settings, adapters, assemble=tiny_assemble, within=versions.at_once, probe=lambda *_: None).build


def choose(state: Path, build_id: str, words: str) -> None:
    """Publish a build by hand as index/choosing.py does; these hold too little to be opened."""
    attempts.note(state, Event.CHOSEN, build_id, words)
    versions.publish(state, build_id)


def test_nobody_goes_back_to_a_build_that_was_gone_back_from(state: Path) -> None:
    first, bad = make(state), make(state)
    versions.rollback(state, "asked for by demo")
    good = make(state)
    assert {each.build: each.standing for each in kept_builds(state)} == {
        first: Standing.SUPERSEDED, bad: Standing.WITHDRAWN, good: Standing.LIVE,
    }  # fmt: skip
    why = kept_builds(state)[1].why
    assert f"Build {first} was made live in its place on " in why and "asked for by demo" in why
    assert f"'rollback' passes it over; 'build --publish {bad} --reason WHY' takes it" in why
    assert versions.rollback(state) == first
    with pytest.raises(IndexUnavailable, match="no earlier build"):
        versions.rollback(state)
    choose(state, bad, "by demo: it was good after all")
    assert versions.rollback(state) == first, "named by a person, it is a build like any"


def test_the_last_good_build_does_not_make_room_for_the_bad_one(state: Path) -> None:
    first, bad = make(state), make(state)
    versions.rollback(state)
    good = make(state, keep=2)
    assert versions.list_builds(state) == [first, good] and bad not in versions.list_builds(state)


@pytest.mark.parametrize(
    ("events", "kept", "live", "says"),
    [
        pytest.param(published(A), [A], A, "no other is kept", id="the first ever"),
        pytest.param([*published(A, B), GONE_BACK], [A, B], A, "gone back from; 'discoverer build --publish", id="newer, and gone back from"),
        pytest.param(published(A, B), [A, B], A, "are newer; 'discoverer build --publish", id="only newer"),
        pytest.param([*published(A, B), (Event.REMOVED, A)], [B], B, "raise keep_builds", id="too few are kept"),
        pytest.param([*published(A, B), GONE_BACK, *published(C)], [B, C], C, "gone back from", id="only the bad one"),
    ],
)  # fmt: skip
def test_it_is_said_why_there_is_none_to_go_back_to(
    events: list[tuple[Event, str]], kept: list[str], live: str, says: str
) -> None:
    history = [replace(each, reason="") if each.event is Event.REMOVED else each for each in told(*events)]
    assert says in why_none(live, history, kept, [])


def test_that_those_before_held_what_was_deleted_is_said_and_no_advice_that_would_not_help(tmp_path: Path) -> None:
    source = Source(tmp_path)
    for number in ("1", "2"):
        source.feed.put(one(number))
    source.build()
    source.feed.delete("2/2014-09-14")
    source.build()
    with pytest.raises(IndexUnavailable, match="held records that have since been deleted") as caught:
        versions.rollback(source.state)
    assert "keep_builds" not in caught.value.message


def test_why_a_person_published_a_build_stays_with_it(state: Path) -> None:
    first, second = make(state), make(state)
    choose(state, first, "by demo: weeded")
    make(state)
    whys = {each.build: each.why for each in kept_builds(state)}
    assert whys[first].startswith("It was live before") and "published by demo: weeded." in whys[first]
    assert "published" not in whys[second]


# How old a lost source is.


@dataclass
class Dated(Feed):
    """A source that says when it was taken."""

    taken: str = ""

    def as_at(self) -> str:
        """Return when."""
        return self.taken


BUILT = datetime.fromisoformat("2014-11-16T02:00:00+00:00")


@pytest.mark.parametrize(
    ("taken", "later", "as_at"),
    [
        pytest.param("2014-11-16T01:40:00Z", "2014-11-16T01:45:39Z", "2014-11-16T01:45:39Z", id="by its own clock"),
        pytest.param("2010-11-16T01:40:00Z", "2010-11-16T01:45:39Z", "2010-11-16T01:45:39Z", id="an old copy"),
    ],
)
def test_a_lost_source_is_as_old_as_it_said(tmp_path: Path, taken: str, later: str, as_at: str) -> None:
    source = Source(tmp_path)
    feed = Dated("incidents", taken=taken)
    other = Feed("custody")
    other.put(replace(log("9", "2014-01-09"), source="custody"))
    settings = source.settings.model_copy(
        update={"sources": ("incidents", "custody"), "as_at": BUILT, "linking": EXACT}
    )
    feed.put(one("1"))
    build(settings, [feed, other])
    feed.put(one("2"))
    feed.taken = later
    with Syncer(settings, [feed, other]) as syncer:
        syncer.once()
    feed.down = "the line is cut"
    entry = build(settings, [feed, other]).segments[0]
    assert (entry.records, entry.as_at) == (2, as_at)
    with App(settings.model_copy(update={"as_at": BUILT + timedelta(days=1)})) as app:
        assert app.status(DEMO_VIEWER).sources[0].as_at == as_at


# What every answer says of newer data that waits, of numbers, and of one fault twice.


LIVE = Manifest("20141116T020000Z-aaaaaa", AS_AT, AS_AT, "", "whoosh", "1", (), {}, ())
LATER = "20141116T030000Z-aaaaaa"


@pytest.mark.parametrize(
    ("outcome", "build_id", "sources", "says"),
    [
        pytest.param(Outcome.HELD, LATER, {}, "was held back (domestic_abuse).", id="held: who is outside its bounds"),
        pytest.param(
            Outcome.FAILED, LATER, {"custody": "it is gone", "incidents": "fresh"}, "failed (custody).", id="failed"
        ),
        pytest.param(Outcome.INTERRUPTED, LATER, {}, "was stopped.", id="stopped"),
        pytest.param(Outcome.RUNNING, LATER, {}, "", id="at work"),
        pytest.param(Outcome.PUBLISHED, LIVE.build, {}, "", id="published"),
        pytest.param(Outcome.FAILED, "20141116T010000Z-aaaaaa", {}, "", id="failed before the live one was made"),
    ],
)
def test_newer_data_that_waits_is_said_once(
    state: Path, outcome: Outcome, build_id: str, sources: dict[str, str], says: str
) -> None:
    finding = Finding("domestic_abuse", "records.fewer", "20 fewer")
    audit_report.write(state, Report(build_id, AS_AT, LIVE.build, 9, (finding, finding)))
    attempt = Attempt(build_id, outcome, "2014-11-16T03:15:00Z", "", "why", sources)
    said = states.waiting(state, LIVE.build, attempt)
    assert said == (f"Newer data waits: the build begun 16/11/2014 03:15 {says}" if says else "")
    held = replace(LIVE, segments=(SegmentEntry("custody", SourceState.FRESH, "x", read_at=AS_AT),))
    (row,) = states.of_sources(["custody"], held, attempt, BUILT)
    assert row.words.endswith("when it was taken"), "no row of a source with nothing wrong says it"


@pytest.mark.parametrize("waits", ["", "Newer data waits: the build begun 16/11/2014 03:15 failed."])
def test_the_screen_says_it_once_under_the_sources(waits: str) -> None:
    rows = tuple(SourceStatus(name, State.ANSWERED, AS_AT, 1, "answered") for name in ("incidents", "custody"))
    shown = render("sources.html", frame=Frame("seat", "auto", sources=rows, waiting=waits))
    assert shown.count("Newer data waits") == bool(waits) and shown.count('class="source') == 2


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        pytest.param({"incidents": "fresh"}, "published, begun", id="all fresh"),
        pytest.param({"incidents": "fresh", "custody": "it is gone"}, "published, without a fresh custody, begun", id="not"),
    ],
)  # fmt: skip
def test_published_is_not_said_bare_where_a_source_is_old(sources: dict[str, str], says: str) -> None:
    assert says in states.last_attempt(Attempt(LATER, Outcome.PUBLISHED, AS_AT, AS_AT, "", sources))


@pytest.mark.parametrize(
    ("ago", "says"),
    [
        pytest.param(timedelta(seconds=59), "(59 s ago)", id="seconds"),
        pytest.param(timedelta(minutes=59), "(3,540 s ago)", id="within the hour"),
        pytest.param(timedelta(hours=5), "(5 hours ago)", id="hours"),
        pytest.param(timedelta(days=3_000), "(8 years ago)", id="a copy of another year"),
    ],
)
def test_a_long_lag_is_told_as_people_count(ago: timedelta, says: str) -> None:
    entry = SegmentEntry("incidents", SourceState.FRESH, "segments/incidents.sqlite", read_at=AS_AT)
    synced = Synced("b", "", (SourceSync("incidents", True, iso(BUILT - ago), iso(BUILT - ago), "at 7"),))
    (found,) = states.of_sources(["incidents"], replace(LIVE, segments=(entry,)), None, BUILT, None, synced)
    assert says in found.words and found.lag == ago.total_seconds()


@pytest.mark.parametrize(("since", "twice"), [("it is gone.", 0), ("the line is cut.", 1)])
def test_why_a_source_is_old_is_said_once(since: str, twice: int) -> None:
    entry = SegmentEntry(
        "incidents", SourceState.STALE, "segments/incidents.sqlite", read_at=AS_AT, reason="it is gone."
    )
    synced = Synced("b", "", (SourceSync("incidents", True, reason=since),))
    (found,) = states.of_sources(["incidents"], replace(LIVE, segments=(entry,)), None, BUILT, None, synced)
    assert found.words.count("it is gone.") == 1 and found.words.count("could not be asked since") == twice


def test_the_records_of_a_source_are_counted_as_they_are_by_now(tmp_path: Path) -> None:
    source = Source(tmp_path)
    for number in ("1", "2", "3"):
        source.feed.put(one(number))
    source.build()
    source.feed.put(one("4"))
    source.feed.put(one("5"))
    source.feed.put(one("1", "Beryl Tatton"))
    source.feed.delete("2/2014-09-14")
    source.sync()
    with App(source.settings) as app:
        before = app.status(DEMO_VIEWER).sources[0].records, app.search(DEMO_VIEWER, "ada quorn").sources[0].records
        source.build()
        assert before == (4, 4) == (app.status(DEMO_VIEWER).sources[0].records,) * 2


# What publishing a build that is held back takes along, and a build that somebody stops.


def lose_a_quarter(source: Source) -> None:
    for number in range(10):
        source.feed.delete(f"{number}/2014-09-14")


def grow(source: Source) -> None:
    for number in range(100, 600):
        source.feed.put(one(str(number)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(lose_a_quarter, "(incidents: 10 deleted at its source): 2 builds that hold that are removed", id="a quarter lost"),
        pytest.param(grow, "", id="grown: nothing is taken along"),
    ],
)  # fmt: skip
def test_what_publishing_a_held_build_takes_along_is_said_when_it_is_held(
    tmp_path: Path, change: Callable[[Source], None], says: str
) -> None:
    source = Source(tmp_path)
    for number in range(40):
        source.feed.put(one(str(number)))
    before = [source.build(), source.build()]
    change(source)
    with pytest.raises(BuildHeld) as held:
        source.build()
    report = audit_report.read(source.state, held.value.build)
    assert report is not None and [says in each for each in report.remarks if "Publishing" in each] == [True] * bool(
        says
    )
    assert ("Publishing it counts" in held.value.message) == bool(says)
    assert ("rollback has nothing to go to" in held.value.message) == bool(says)
    assert versions.list_builds(source.state) == [*before, held.value.build], "to say so takes nothing along"


class Stop:
    """A progress that stops a build, as Ctrl-C does, when it comes to a stage."""

    def stage(self, name: str, total: int | None) -> None:
        """Stop it."""
        del total
        if name == "writing keys":
            raise KeyboardInterrupt

    def advance(self, steps: int = 1) -> None:
        """Take note of nothing."""


def test_a_build_stopped_by_hand_says_so_and_the_next_that_it_goes_on(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.feed.put(one("1"))
    first, begun = source.build(), list[str]()
    build(source.settings, [source.feed], resume=True, going_on=begun.append)
    assert begun == [], "nothing was stopped"
    with pytest.raises(KeyboardInterrupt):
        build(source.settings, [source.feed], Stop())
    last = attempts.last(source.state)
    assert last is not None and (last.outcome, last.reason) == (Outcome.INTERRUPTED, STOPPED)
    assert "KeyboardInterrupt" not in states.last_attempt(last) and "within six hours" in states.last_attempt(last)
    assert "was stopped" in states.waiting(source.state, first, last)
    with App(source.settings) as app:
        waits = app.waiting(DEMO_VIEWER)
        assert waits == app.search(DEMO_VIEWER, "ada quorn").waiting == states.waiting(source.state, first, last)
        assert app.show(DEMO_VIEWER, HitKind.EVENT, "incidents:1/2014-09-14").waiting == waits
    manifest = build(source.settings, [source.feed], resume=True, going_on=begun.append)
    assert begun == [manifest.made_at] and manifest.build == last.build


# What the command line says.


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of five tiny sources, built once."""
    config = write_tiny(tmp_path_factory.mktemp("tiny") / "setup")
    assert run(config, "build", "--quiet").exit_code == 0
    return config


@pytest.mark.parametrize("name", [name for name in main.commands if name not in ("completion",)])
def test_config_after_a_command_is_told_its_place(name: str) -> None:
    result = run(None, name, "--config", "discoverer.toml")
    assert result.exit_code == 2 and "put it before" in " ".join(result.stderr.split()), result.output


@pytest.mark.parametrize("name", ["build", "builds", "rollback", "rejects", "sync", "forget", "status"])
def test_the_help_of_a_command_says_which_settings_it_takes(name: str) -> None:
    assert "--config before the command" in " ".join(run(None, name, "--help").stdout.split())


def test_rejects_of_no_source_lists_the_sources(set_up: Path) -> None:
    assert "people, logs, reports, stays, outside" in complaint(run(set_up, "rejects"), 2)


def test_a_missing_source_is_named_once_and_by_a_plain_path(set_up: Path, tmp_path: Path) -> None:
    config = copy_of(set_up, tmp_path / "copy")
    mapping = config.parent / "sources" / "stays.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace('"stays.txt"', '"../stays.txt"'), encoding="utf-8")
    built = run(config, "build", "--quiet")
    said = " ".join(built.stdout.split())
    assert built.exit_code == 4 and "stays: stays:" not in said and "sources/.." not in built.output
    (row,) = [each for each in answer(config, "07700900417")["sources"] if each["name"] == "stays"]
    assert "stays:" not in row["words"] and row["words"].count("is missing") == 1
    assert "published, without a fresh stays, begun" in run(config, "status").stdout


def test_what_a_build_holds_is_said_in_words(set_up: Path, tmp_path: Path) -> None:
    said = " ".join(run(copy_of(set_up, tmp_path / "copy"), "build", "--quiet").stdout.split())
    assert re.search(r"It holds \d+ mentions, \d+ people, \d+ places, \d+ numbers", said)
    assert "decisions" not in said and "_" not in said.partition("It holds")[2]


@pytest.mark.parametrize("text", ["3 days", "72", "0h", "3D"])
def test_a_time_to_carry_for_is_asked_for_in_words(set_up: Path, tmp_path: Path, text: str) -> None:
    config = copy_of(set_up, tmp_path / "copy")
    config.write_text(config.read_text(encoding="utf-8") + f'carry_for = "{text}"\n', encoding="utf-8")
    assert "write hours or days, such as 72h or 3d" in complaint(run(config, "status"), 3)


def test_bounds_that_are_not_there_are_seen_before_the_night_and_searches_go_on(set_up: Path, tmp_path: Path) -> None:
    config = copy_of(set_up, tmp_path / "copy")
    assert "will be refused" not in run(config, "status").stdout
    config.write_text(config.read_text(encoding="utf-8") + 'bounds = "none.toml"\n', encoding="utf-8")
    said = " ".join(run(config, "status").stdout.split())
    assert "The next build will be refused" in said and "none.toml" in said and "no such file" in said
    assert answer(config, "07700900417")["hits"]


def test_rows_lost_by_their_parents_file_are_told_apart_from_bad_rows(tmp_path: Path) -> None:
    source = tiny.people(tmp_path, phones="ID,NUMBER\r\n2,07700900655\r\n8,07700900417\r\n9,07700900418\r\n")
    with pytest.raises(
        CheckFailed, match=r"2 of 4 rows were rejected \(50.0%\).*, 2 of them since no row of people.csv"
    ):
        tiny.believed(source)


def synced(build_id: str, taken: int = 0, reason: str = "") -> Synced:
    """Return how far an asked source and one that cannot be asked are taken in."""
    asked = SourceSync("incidents", True, AS_AT, AS_AT, "at 7", taken, reason=reason)
    return Synced(build_id, "", (asked, SourceSync("custody", False)))


def test_asked_again_and_again_only_what_is_new_is_said_with_the_time_of_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = cli_sync._Shown()
    said = []
    for each in (synced("a"), synced("a", 1), synced("a", 1, "the line is cut"), synced("b")):
        shown.show(each)
        said.append(capsys.readouterr().out)
    assert all(re.match(r"\d\d:\d\d:\d\d Build [ab]\n", each) for each in said)
    assert ["custody" in each for each in said] == [True, False, False, True], (
        "that it cannot tell is said once a build"
    )
    assert ["incidents" in each for each in said] == [True] * 4 and "NOT asked now" in said[2]
