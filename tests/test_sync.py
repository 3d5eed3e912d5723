"""A call committed at its source is found by the next sync, as if it had been there when the index was built."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner

from adapters.base import Change, RawRow
from adapters.registry import load_adapters
from discoverer.access import DEMO_VIEWER
from discoverer.answer import Answer, HitKind, State
from discoverer.app import App
from discoverer.cli import main
from discoverer.clock import iso
from discoverer.errors import (
    BuildError,
    BuildLocked,
    ConfigError,
    IndexUnavailable,
    NotFound,
    RowRejected,
    SourceUnavailable,
    UsageError,
)
from discoverer.model import Found, MentionKind, Phone, Record, Role
from discoverer.settings import Settings, load
from discoverer.states import of_sources
from fixtures.night import night
from index import attempts, layer_file, versions
from index.beside import around, said_around
from index.build import build
from index.forgetting import Forgetting
from index.lock import sync_lock
from index.manifest import Manifest, SegmentEntry, SourceState
from index.mentions import clean
from index.people import MentionRow
from index.progress import SilentProgress
from index.sync import Syncer
from index.sync_state import SourceSync, Synced
from tests.cast import AS_AT, log
from tests.conftest import SMALL
from tests.feed import Feed
from tests.held_back import Source
from tests.test_leaks import CASES, NUMBER, person
from tests.test_patterns import PLANTED, hit_of, refs, show

ENGINES = ("whoosh", "tantivy")


def copied(folder: Path) -> Path:
    """Copy the small set, to be written to."""
    shutil.copytree(SMALL, folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def story(folder: Path, engine: str, pattern: str, waiting: list[str]) -> tuple[App, Syncer, Source]:
    """Build the small set before some logs of a story were committed."""
    source = Source(copied(folder) / "incidents.sqlite", [PLANTED[pattern]["records"][each] for each in waiting])
    settings = load(folder / "discoverer.toml").model_copy(update={"engine": engine})
    app = App(settings)
    app.build(SilentProgress())
    return app, Syncer(settings, load_adapters(settings)), source


@pytest.mark.parametrize("engine", ENGINES)
def test_F06_the_fourth_call_of_a_night_sees_the_three_before_it(tmp_path: Path, engine: str) -> None:
    calls = [PLANTED["F06"]["records"][f"call{number}"] for number in (1, 2, 3, 4)]
    app, syncer, source = story(tmp_path / "set", engine, "F06", ["call1", "call2", "call3", "call4"])
    with app, syncer:
        assert not set(calls) & refs(app.search(DEMO_VIEWER, PLANTED["F06"]["queries"]["phone"]))
        for number, call in enumerate(calls, 1):
            source.commit(call)
            syncer.once()
            by_all = set()
            for key in ("phone", "address", "name"):
                found = refs(app.search(DEMO_VIEWER, PLANTED["F06"]["queries"][key], 25))
                expected = set(PLANTED["F06"]["expected_by"][key]) & set(calls[:number])
                assert expected <= found, f"call {number} by {key}"
                by_all |= found
            assert set(calls[:number]) <= by_all


@pytest.mark.parametrize("engine", ENGINES)
def test_F14_the_marac_flag_travels_to_whoever_meets_her_tonight(tmp_path: Path, engine: str) -> None:
    app, syncer, source = story(tmp_path / "set", engine, "F14", ["met"])
    met = PLANTED["F14"]["records"]["met"]
    with app, syncer:
        source.commit(met)
        syncer.once()
        (number,) = [
            hit
            for hit in app.search(DEMO_VIEWER, PLANTED["F14"]["queries"]["phone"]).hits
            if hit.kind is HitKind.PHONE and met in {f"{each.source}:{each.ref}" for each in hit.records}
        ]
        assert number.risk.highest is not None and number.risk.highest.level == "high"
        assert any(each.kind == "MARAC" and each.referred for each in number.risk.referrals)
        her = hit_of(app, "F14", "name", "met")
        assert "HIGH" in her.risk.headline and PLANTED["F14"]["records"]["form"].split(":")[1] in her.risk.headline


@pytest.mark.parametrize("pattern", ["F06", "F14", "F18"])
def test_what_was_taken_in_answers_as_if_it_had_been_built(tmp_path: Path, pattern: str) -> None:
    waiting = {"F06": ["call1", "call2", "call3", "call4"], "F14": ["met"], "F18": ["closed"]}[pattern]
    app, syncer, source = story(tmp_path / "set", "whoosh", pattern, waiting)
    queries = list(PLANTED[pattern]["queries"].values())
    with app, syncer:
        for each in waiting:
            source.commit(PLANTED[pattern]["records"][each])
        syncer.once()
        came_in = [app.search(DEMO_VIEWER, typed) for typed in queries]
        app.build(SilentProgress())
        built = [app.search(DEMO_VIEWER, typed) for typed in queries]
    for one, other in zip(came_in, built, strict=True):
        assert replace(one, build="", as_at="", sources=()) == replace(other, build="", as_at="", sources=())


@pytest.mark.parametrize("engine", ENGINES)
def test_F18_a_domestic_closed_as_none_after_its_history_was_found_is_seen_at_once(tmp_path: Path, engine: str) -> None:
    app, syncer, source = story(tmp_path / "set", engine, "F18", ["closed"])
    closed = PLANTED["F18"]["records"]["closed"]
    with app, syncer:
        source.commit(closed)
        syncer.once()
        assert closed in refs(app.search(DEMO_VIEWER, PLANTED["F18"]["queries"]["phone"]))
        before = show(app, hit_of(app, "F18", "phone", "closed"))
        source.run("UPDATE log SET RESULT = 'NOT A DOMESTIC. NO FURTHER ACTION'", closed)
        syncer.once()
        after = show(app, hit_of(app, "F18", "phone", "closed"))
        assert "NOT A DOMESTIC. NO FURTHER ACTION" in str(after)
        assert "NOT A DOMESTIC. NO FURTHER ACTION" not in str(before)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_night_is_followed_step_by_step(tmp_path: Path, engine: str) -> None:
    folder = copied(tmp_path / "set")
    settings = load(folder / "discoverer.toml").model_copy(update={"engine": engine})
    with App(settings) as app, Syncer(settings, load_adapters(settings)) as syncer:
        app.build(SilentProgress())
        for step in night(folder, seed=5, steps=22):
            syncer.once()
            found = refs(app.search_fields(DEMO_VIEWER, 25, **step.query))
            assert (f"{step.source}:{step.ref}" in found) == (step.what != "deleted"), step
        with app.everything() as (reader, _):
            held = sum(record.source == "incidents" for _, record in reader.every_record())
        assert app.build(SilentProgress()).segments[0].records == held


def feed_app(
    state: Path, records: list[Record], engine: Literal["whoosh", "tantivy"] = "whoosh"
) -> tuple[Feed, Settings]:
    """Build one source of records that can change."""
    feed = Feed("incidents")
    for record in records:
        feed.put(record)
    settings = Settings(
        state_dir=state, sources_dir=state, sources=("incidents",), as_at=datetime.fromisoformat(AS_AT),
        workers=1, engine=engine,
    )  # fmt: skip
    build(settings, [feed])
    return feed, settings


def asked(settings: Settings, queries: list[str]) -> list[Answer]:
    """Ask several things; what differs by build alone is left out."""
    with App(settings) as app:
        found = [app.search(DEMO_VIEWER, typed, limit) for typed in queries for limit in (1, 10)]
    return [replace(each, build="", as_at="", sources=()) for each in found]


OTHER = log("77", "2014-01-02", persons=(person("IRIS ZELLER", "07/07/1977"),))


@pytest.mark.parametrize(("seen", "hidden", "queries"), CASES)
def test_a_protected_record_taken_in_changes_no_answer(
    tmp_path: Path, seen: list[Record], hidden: list[Record], queries: list[str]
) -> None:
    feed, settings = feed_app(tmp_path / "state", [*seen, OTHER])
    without = asked(settings, queries)
    for record in hidden:
        feed.put(record)
    with Syncer(settings, [feed]) as syncer:
        assert syncer.once().sources[0].taken == len(hidden)
        assert asked(settings, queries) == without
        for record in hidden:
            feed.delete(record.ref)
        syncer.once()
        assert asked(settings, queries) == without


@pytest.mark.parametrize(("seen", "hidden", "queries"), CASES)
def test_a_protected_record_read_before_changes_nothing_that_is_taken_in(
    tmp_path: Path, seen: list[Record], hidden: list[Record], queries: list[str]
) -> None:
    answers = []
    for name, before in (("without", []), ("with", hidden)):
        feed, settings = feed_app(tmp_path / name, [*before, OTHER])
        with Syncer(settings, [feed]) as syncer:
            for record in seen:
                feed.put(record)
                syncer.once()
            answers.append(asked(settings, queries))
    assert answers[0] == answers[1]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[tuple[Feed, Settings, Syncer]]:
    """Lend a source of one record, built."""
    feed, settings = feed_app(tmp_path / "state", [log("1", "2014-01-02", persons=(person("ALAN QUORN"),))])
    with Syncer(settings, [feed]) as syncer:
        yield feed, settings, syncer


def test_a_record_that_is_written_again_is_the_same_person_still(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    with App(settings) as app:
        before = app.search(DEMO_VIEWER, "alan quorn").hits[0]
        feed.put(log("1", "2014-01-02", text="SHOUTING HEARD", persons=(person("ALAN QUORN"),)))
        syncer.once()
        after = app.search(DEMO_VIEWER, "alan quorn").hits[0]
        assert (after.id, after.records_total) == (before.id, 1)
        assert app.search(DEMO_VIEWER, "shouting").hits


def test_nothing_new_makes_no_new_layer(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    build_id = versions.current(settings.state_dir)
    assert syncer.once().layer == "" and layer_file.in_force(settings.state_dir, build_id) is None
    feed.put(feed.held["1/2014-01-02"])  # written again, and saying the same
    assert syncer.once().layer == ""


def test_a_newcomer_is_the_person_the_rules_take_it_for(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    known = person("BERYL TATTON", "02/07/1989")
    feed.put(log("2", "2014-01-03", persons=(known,)))
    feed.put(log("3", "2014-01-04", persons=(known,)))
    feed.put(log("4", "2014-01-05", persons=(person("BERYL TATTON", "02/07/1959"),)))  # her mother, of the same name
    syncer.once()
    feed.put(log("5", "2014-01-06", persons=(known,)))
    syncer.once()
    with App(settings) as app:
        hits = [hit for hit in app.search(DEMO_VIEWER, "beryl tatton").hits if hit.kind is HitKind.PERSON]
    assert sorted(sorted(each.ref for each in hit.records) for hit in hits) == [
        ["2/2014-01-03", "3/2014-01-04", "5/2014-01-06"], ["4/2014-01-05"],
    ]  # fmt: skip


def test_a_source_that_is_down_is_stale_and_the_others_go_on(tmp_path: Path) -> None:
    feed, settings = feed_app(tmp_path / "state", [log("1", "2014-01-02")])
    other = Feed("custody", {"BE/1": replace(log("BE", "1"), source="custody")})
    settings = settings.model_copy(update={"sources": ("incidents", "custody")})
    build(settings, [feed, other])
    with Syncer(settings, [feed, other]) as syncer, App(settings) as app:
        syncer.once()
        feed.down = "the line is cut"
        other.put(replace(log("BE", "2", persons=(person("CYRIL UMBER"),)), source="custody"))
        syncer.once()
        answer = app.search(DEMO_VIEWER, "cyril umber")
        assert answer.hits
        assert {each.name: each.state for each in answer.sources} == {
            "incidents": State.STALE, "custody": State.ANSWERED,
        }  # fmt: skip
        assert "the line is cut" in answer.sources[0].words and answer.sources[0].lag is not None
        feed.down = ""
        feed.put(log("9", "2014-01-09", persons=(person("DORA VASEY"),)))
        syncer.once()
        answer = app.search(DEMO_VIEWER, "dora vasey")
        assert answer.hits and answer.sources[0].state is State.ANSWERED


STATES = [
    pytest.param("stale", "", State.ANSWERED, id="carried by the build, and asked again since"),
    pytest.param("stale", "the line is cut", State.STALE, id="could be asked a minute ago"),
    pytest.param("fresh", "the line is cut", State.STALE, id="read at night, and cut off a minute ago"),
]


@pytest.mark.parametrize(("built", "reason", "state"), STATES)
def test_a_source_is_in_the_state_it_was_last_asked_in(built: str, reason: str, state: State) -> None:
    long_ago, now = "2014-01-01T00:00:00Z", datetime.fromisoformat(AS_AT)
    entry = SegmentEntry("incidents", SourceState(built), "segments/incidents.sqlite", read_at=long_ago, records=5)
    manifest = Manifest("b", long_ago, long_ago, "", "whoosh", "1", (entry,), {}, ())
    asked_at = iso(now - timedelta(minutes=1))
    synced = Synced("b", "", (SourceSync("incidents", True, asked_at, asked_at, "at 7", 3, reason=reason),))
    (found,) = of_sources(["incidents"], manifest, None, now, timedelta(hours=72), synced)
    assert (found.state, found.records, found.as_at) == (state, 5, asked_at)
    assert found.lag == 60
    (found,) = of_sources(["incidents"], manifest, None, now, timedelta(seconds=5), synced)
    assert found.state is (State.ANSWERED if not reason else State.FAILED) and found.records == 5


def test_what_was_taken_in_is_carried_when_the_source_is_down_at_night(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    feed.delete("1/2014-01-02")
    syncer.once()
    other = Feed("custody", {"BE/1": replace(log("BE", "1"), source="custody")})
    settings = settings.model_copy(update={"sources": ("incidents", "custody")})
    feed.down = "the line is cut"
    manifest = build(settings, [feed, other])
    assert manifest.segments[0].state is SourceState.STALE and manifest.segments[0].records == 1
    with App(settings) as app:
        assert refs(app.search(DEMO_VIEWER, "beryl tatton")) == {"incidents:2/2014-01-03"}
        assert not app.search(DEMO_VIEWER, "alan quorn").hits
        feed.down = ""
        feed.put(log("3", "2014-01-04", persons=(person("CYRIL UMBER"),)))
        with Syncer(settings, [feed, other]) as again:
            again.once()
        assert refs(app.search(DEMO_VIEWER, "cyril umber")) == {"incidents:3/2014-01-04"}


def test_what_came_in_while_a_build_ran_is_not_lost_when_the_source_goes_down_before_it_is_published(
    one: tuple[Feed, Settings, Syncer],
) -> None:
    feed, settings, syncer = one
    rows = feed.rows

    def rows_and_more() -> Iterator[RawRow]:
        yield from rows()
        feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
        syncer.once()  # into the build that is live still
        feed.down = "the line is cut"

    feed.rows = rows_and_more  # type: ignore[method-assign]
    build(settings, [feed])
    with App(settings) as app:
        assert refs(app.search(DEMO_VIEWER, "beryl tatton")) == {"incidents:2/2014-01-03"}
        (source,) = app.status(DEMO_VIEWER).sources
        assert source.state is State.STALE and "the line is cut" in source.words
    feed.down = ""
    feed.put(log("3", "2014-01-04", persons=(person("CYRIL UMBER"),)))
    with Syncer(settings, [feed]) as again, App(settings) as app:
        again.once()
        assert refs(app.search(DEMO_VIEWER, "cyril umber")) == {"incidents:3/2014-01-04"}


@pytest.mark.parametrize("damaged", [False, True])
def test_a_source_that_falls_silent_half_way_is_not_set_back(
    one: tuple[Feed, Settings, Syncer], damaged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, settings, syncer = one
    rows, changes = feed.rows, feed.changes
    newer = log("2", "2014-01-03", text="SHOUTING HEARD", persons=(person("BERYL TATTON"),))

    def rows_and_more() -> Iterator[RawRow]:
        yield from rows()
        feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
        syncer.once()  # into the build that is live still
        layer = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
        if damaged and layer is not None:
            layer.chmod(0o640)
            layer.write_bytes(b"no database")
        monkeypatch.setattr(feed, "changes", changes_and_silence)

    def changes_and_silence(since: str) -> Iterator[Change]:
        feed.put(newer)
        yield Change(newer.key, RawRow("incidents:2", {"REF": newer.ref}))
        raise SourceUnavailable("incidents", "the line is cut")

    monkeypatch.setattr(feed, "rows", rows_and_more)
    build(settings, [feed])
    monkeypatch.setattr(feed, "changes", changes)
    with App(settings) as app:
        (hit,) = app.search(DEMO_VIEWER, "beryl tatton").hits
        assert hit.records_total == 1 and app.search(DEMO_VIEWER, "shouting").hits
        (source,) = app.status(DEMO_VIEWER).sources
        assert source.state is State.STALE and ("is lost" in source.words) == damaged


def test_a_record_that_changes_twice_in_one_round_is_there_once(
    one: tuple[Feed, Settings, Syncer], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    again = log("2", "2014-01-03", persons=(person("BERYL TATTON"), person("CYRIL UMBER", position=1)))
    changes = feed.changes

    def changes_and_more(since: str) -> Iterator[Change]:
        yield from changes(since)
        feed.put(again)
        yield Change(again.key, RawRow("incidents:2", {"REF": again.ref}))

    monkeypatch.setattr(feed, "changes", changes_and_more)
    syncer.once()
    with App(settings) as app:
        for name in ("beryl tatton", "cyril umber"):
            (hit,) = app.search(DEMO_VIEWER, name).hits
            assert [each.ref for each in hit.records] == ["2/2014-01-03"]


@pytest.mark.parametrize("damage", ["the pointer", "the layer"])
def test_a_source_that_is_down_and_a_layer_that_is_damaged_leave_a_build_all_the_same(
    one: tuple[Feed, Settings, Syncer], damage: str
) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    folder = layer_file.folder_of(settings.state_dir, versions.current(settings.state_dir))
    damaged = folder / layer_file.POINTER if damage == "the pointer" else next(folder.glob("00000001-*.sqlite"))
    damaged.chmod(0o640)
    damaged.write_bytes(b"nothing that can be read")
    feed.down = "the line is cut"
    other = Feed("custody", {"BE/1": replace(log("BE", "1"), source="custody")})
    manifest = build(settings.model_copy(update={"sources": ("incidents", "custody")}), [feed, other])
    assert manifest.segments[0].state is SourceState.STALE and "is left out" in manifest.segments[0].reason
    with App(settings) as app:
        assert app.search(DEMO_VIEWER, "alan quorn").hits


FAULTS = [
    pytest.param(TypeError("no such column"), id="its adapter falls over"),
    pytest.param(OSError("no route to host"), id="its machine is away"),
]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("where", ["watermark", "changes"])
def test_a_fault_of_one_source_stops_no_other(
    tmp_path: Path, fault: Exception, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, settings = feed_app(tmp_path / "state", [log("1", "2014-01-02")])
    other = Feed("custody", {"BE/1": replace(log("BE", "1"), source="custody")})
    settings = settings.model_copy(update={"sources": ("incidents", "custody")})
    build(settings, [feed, other])
    other.put(replace(log("BE", "2", persons=(person("CYRIL UMBER"),)), source="custody"))

    def fall_over(*_: object) -> str:
        raise fault

    monkeypatch.setattr(feed, where, fall_over)
    with Syncer(settings, [feed, other]) as syncer, App(settings) as app:
        synced = syncer.once()
        assert str(fault) in synced.sources[0].reason and not synced.sources[1].reason
        assert app.search(DEMO_VIEWER, "cyril umber").hits


def test_a_mapping_that_changed_waits_for_the_build(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    feed.version = "v2"
    assert "its mapping has changed since the build" in syncer.once().sources[0].reason
    build(settings, [feed])
    assert not syncer.once().sources[0].reason


def test_going_back_is_not_kept_from_anybody_by_what_cannot_be_taken_in(
    one: tuple[Feed, Settings, Syncer],
) -> None:
    feed, settings, syncer = one
    first = versions.current(settings.state_dir)
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    build(settings, [feed])
    layer = layer_file.in_force(settings.state_dir, first)
    assert layer is not None
    layer.chmod(0o640)
    layer.write_bytes(b"no database")
    with App(settings) as app:
        assert app.builds.rollback(DEMO_VIEWER).build == first
        assert any("was not taken in" in each.reason for each in attempts.history(settings.state_dir))
        assert app.search(DEMO_VIEWER, "alan quorn").hits


def test_a_layer_of_another_build_is_not_read(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    first = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
    assert first is not None
    body = first.read_bytes()
    syncer.close()
    build(settings, [feed])
    feed.put(log("3", "2014-01-04"))
    syncer.once()
    second = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
    assert second is not None
    second.with_name(first.name).write_bytes(body)
    second.with_name(layer_file.POINTER).write_text(first.name)
    with App(settings) as app:
        assert app.search(DEMO_VIEWER, "beryl tatton").hits
        assert "lies over another build" in app.status(DEMO_VIEWER).problem


def test_going_back_from_a_layer_that_is_damaged_is_refused_in_one_sentence(
    one: tuple[Feed, Settings, Syncer],
) -> None:
    feed, settings, syncer = one
    build(settings, [feed])
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    layer = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
    assert layer is not None
    layer.chmod(0o640)
    layer.write_bytes(b"no database")
    live = versions.current(settings.state_dir)
    with App(settings) as app, pytest.raises(BuildError, match="going back could show what was deleted"):
        app.builds.rollback(DEMO_VIEWER)
    assert versions.current(settings.state_dir) == live


def test_a_bad_row_is_a_reject_once_and_hides_what_it_was(tmp_path: Path) -> None:
    feed, settings = feed_app(tmp_path / "state", [log("1", "2014-01-02", persons=(person("ALAN QUORN"),))])

    def refuse(row: RawRow) -> Iterator[Record]:
        raise RowRejected("NAME", "?", "it cannot be read")

    feed.records = refuse  # type: ignore[method-assign]
    feed.log.append("1/2014-01-02")
    with Syncer(settings, [feed]) as syncer, App(settings) as app:
        layers = {syncer.once().layer for _ in range(3)}
        assert len(layers) == 1
        assert not app.search(DEMO_VIEWER, "alan quorn").hits
        assert [each.reason for each in app.rejects(DEMO_VIEWER, "incidents", 10)] == ["it cannot be read"]


def test_a_layer_that_is_damaged_leaves_the_build_searched_and_says_so(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    layer = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
    assert layer is not None
    layer.chmod(0o640)
    layer.write_bytes(b"no database")
    with App(settings) as app:
        assert app.search(DEMO_VIEWER, "alan quorn").hits
        assert layer.name in app.status(DEMO_VIEWER).problem


def test_bad_beginnings_are_one_sentence_each(tmp_path: Path, one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    with sync_lock(settings.state_dir), pytest.raises(BuildLocked, match="taking in changes"):
        syncer.once()
    nothing = settings.model_copy(update={"state_dir": tmp_path / "nowhere"})
    with Syncer(nothing, [feed]) as never, pytest.raises(IndexUnavailable, match="no index to search yet"):
        never.once()


def test_a_build_of_an_engine_that_is_not_installed_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, settings = feed_app(tmp_path / "state", [log("1", "2014-01-02")], "tantivy")
    monkeypatch.setitem(__import__("sys").modules, "tantivy", None)
    monkeypatch.delitem(__import__("sys").modules, "index.tantivy_engine", raising=False)
    with Syncer(settings, [feed]) as syncer, pytest.raises((ConfigError, IndexUnavailable), match="tantivy"):
        syncer.once()


def test_how_far_each_source_is_taken_in_is_written_down(one: tuple[Feed, Settings, Syncer]) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", phones=()))
    syncer.once()
    folder = layer_file.folder_of(settings.state_dir, versions.current(settings.state_dir))
    said = json.loads((folder / "sync.json").read_text())["sources"][0]
    assert (said["source"], said["taken"], said["reason"]) == ("incidents", 1, "")
    assert NUMBER not in json.dumps(said)


def test_what_is_said_around_a_person_is_read_from_the_mentions_as_it_was_cleaned(small: App) -> None:
    with small.everything() as (reader, _):
        on = small.settings.instant.date()
        known = frozenset[str]()
        rows: dict[tuple[int, int], list[MentionRow]] = {}
        records = dict(reader.every_record())
        for row in reader.everyone_in(records):
            rows.setdefault((row.segment, row.n), []).append(row)
        held = 0
        for place, record in records.items():
            if any(row.found == "text" for row in rows.get(place, ())):
                continue  # read from text by the names the whole build knew
            mentions = [each for each in clean(record, known, on)[0] if each.found is Found.FIELD]
            cleaned = {each.position: around(each, mentions) for each in mentions if each.kind is MentionKind.PERSON}
            here = rows.get(place, [])
            read = said_around(here, {row.m for row in here})
            assert {row.position: read[row.m] for row in rows.get(place, ()) if row.kind == "person"} == cleaned
            held += len(cleaned)
        assert held > 500


def test_the_command_says_how_far_each_source_is_taken_in(tmp_path: Path) -> None:
    folder = copied(tmp_path / "set")
    config = ["--config", str(folder / "discoverer.toml")]
    assert CliRunner().invoke(main, [*config, "build", "--quiet"]).exit_code == 0
    said = CliRunner().invoke(main, [*config, "sync", "--json"])
    (line,) = said.stdout.splitlines()
    found = {each["source"]: (each["tells"], each["reason"]) for each in json.loads(line)["sources"]}
    assert said.exit_code == 0
    assert found == {
        "incidents": (True, ""), "intelligence": (False, ""), "domestic_abuse": (False, ""), "custody": (False, ""),
    }  # fmt: skip
    (folder / "incidents.sqlite").unlink()
    said = CliRunner().invoke(main, [*config, "sync"])
    assert said.exit_code == 4 and "NOT asked now" in said.stdout


@pytest.mark.parametrize("span", ["", "0s", "soon", "-5s", "25h", f"{'9' * 400}s"])
def test_no_time_to_wait_is_one_sentence(span: str) -> None:
    said = CliRunner().invoke(main, ["sync", "--every", span])
    assert said.exit_code == 2 and "is no time to wait; write for example 5s" in said.output


def test_a_layer_of_which_a_byte_is_another_is_not_read(one: tuple[Feed, Settings, Syncer]) -> None:
    """Another digit of a telephone number is as well formed as the right one."""
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),), phones=(Phone(1, Role.OWN, "07700900417"),)))
    syncer.once()
    layer = layer_file.in_force(settings.state_dir, versions.current(settings.state_dir))
    assert layer is not None
    with App(settings) as app:
        assert app.search(DEMO_VIEWER, "beryl tatton").hits
    body = layer.read_bytes()
    layer.chmod(0o640)
    layer.write_bytes(body.replace(b"07700900417", b"07700900418"))
    with App(settings) as app:
        assert app.search(DEMO_VIEWER, "alan quorn").hits
        assert "is not as it was written" in app.status(DEMO_VIEWER).problem
        assert not app.search(DEMO_VIEWER, "07700900418").hits
        with pytest.raises(NotFound):
            Forgetting(settings, [feed]).want("incidents:9/2014-01-09")
    with Syncer(settings, [feed]) as again, pytest.raises(IndexUnavailable, match="is not as it was written"):
        again.once()
    layer.write_bytes(body)
    with Syncer(settings, [feed]) as again:
        again.once()


SAID = [
    pytest.param({"build": "20200101T000000Z-000000"}, id="of another build"),
    pytest.param({"sources": [{"source": "incidents", "tells": True, "asked_at": "2014-01-01"}]}, id="half an instant"),
    pytest.param({"sources": [{"source": "incidents", "tells": True, "as_at": "soon"}]}, id="no instant"),
    pytest.param([], id="a list"),
]


@pytest.mark.parametrize("damage", SAID)
def test_what_is_said_of_a_sync_and_cannot_be_believed_is_in_nobodys_way(
    one: tuple[Feed, Settings, Syncer], damage: object
) -> None:
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    path = layer_file.folder_of(settings.state_dir, versions.current(settings.state_dir)) / "sync.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | damage if isinstance(damage, dict) else damage))
    with App(settings) as app:
        answer = app.search(DEMO_VIEWER, "beryl tatton")
        assert answer.hits and answer.sources[0].lag is None
        feed.put(log("3", "2014-01-04", persons=(person("CYRIL UMBER"),)))
        syncer.once()
        answer = app.search(DEMO_VIEWER, "cyril umber")
        assert answer.hits and answer.sources[0].lag is not None


def test_a_source_that_is_emptied_within_the_day_takes_no_history_away(tmp_path: Path) -> None:
    """Its table is emptied and filled anew, in two steps, and whoever asks in between is told that nobody is there."""
    names = ["ALAN QUORN", "BERYL TATTON", "CYRIL UMBER", "DORA VASEY", "ELSIE WRAGG", "FRED YARDE"]
    before = [log(str(n), f"2014-01-{n + 1:02}", persons=(person(name),)) for n, name in enumerate(names)]
    feed, settings = feed_app(tmp_path / "state", before)
    with Syncer(settings, [feed]) as syncer, App(settings) as app:
        syncer.once()
        for record in before[:5]:
            feed.delete(record.ref)
        feed.put(log("9", "2014-01-09", persons=(person("GINA ZELLER"),)))
        assert "5 of its 6 records are gone at once" in syncer.once().sources[0].reason
        assert all(app.search(DEMO_VIEWER, name).hits for name in (*names, "GINA ZELLER"))
        (source,) = app.status(DEMO_VIEWER).sources
        assert source.state is State.STALE and "look whether it was emptied by mistake" in source.words
        feed.put(before[0])
        assert not syncer.once().sources[0].reason  # four are gone, as four may be
        assert [bool(app.search(DEMO_VIEWER, name).hits) for name in names] == [True, False, False, False, False, True]


@pytest.mark.parametrize("reason", ["", " ", "\x00", "\u202e", "..."])
def test_a_build_is_published_for_a_reason_that_can_be_read(one: tuple[Feed, Settings, Syncer], reason: str) -> None:
    feed, settings, _ = one
    first = versions.current(settings.state_dir)
    build(settings, [feed])
    with App(settings) as app, pytest.raises(UsageError, match="published by hand for a reason"):
        app.builds.publish(DEMO_VIEWER, first, reason)
    assert versions.current(settings.state_dir) != first
