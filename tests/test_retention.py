"""What is deleted at its source is gone from every file at the next build, and nothing that is only changed is."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.errors import BuildError, IndexUnavailable
from discoverer.model import Location, Marker, Person, Phone, Record, RiskLevel, Role, Visibility
from discoverer.settings import EXACT, Settings, load
from fixtures.night_desk import Entry, Key, NightDesk
from index import attempts, condemned, hiding, layer_file, retention, traces, versions
from index.build import build
from index.live import LiveIndex
from index.reader import Reader, Scope
from index.sync import Syncer
from tests.cast import AS_AT, dash, log
from tests.conftest import SMALL
from tests.feed import EVERYTHING, Feed
from tests.setups import answer, refs, run

DAY = "2014-09-14"


def one(number: str, name: str = "Ada Quorn", *, text: str = "", label: Visibility = Visibility.OPEN) -> Record:
    return log(
        number, DAY, text=text, visibility=label, persons=(Person(0, Role.VICTIM, (name,), ("03/07/1989",)),),
        phones=(Phone(1, Role.OWN, "07700900417", holder=0),),
    )  # fmt: skip


class Source:
    """One source that tells what changed, and an index of it."""

    def __init__(self, folder: Path, *, keep: int = 5) -> None:
        self.feed = Feed("incidents")
        self.settings = Settings(
            state_dir=folder / "state", sources_dir=folder, sources=("incidents",), workers=1, keep_builds=keep,
            as_at=datetime.fromisoformat(AS_AT), linking=EXACT,
        )  # fmt: skip
        self.state = self.settings.state_dir

    def build(self) -> str:
        """Build and return the id."""
        return build(self.settings, [self.feed]).build

    def sync(self) -> None:
        """Take in what changed."""
        with Syncer(self.settings, [self.feed]) as syncer:
            syncer.once()

    def held(self, word: str) -> list[Path]:
        """Return the files that hold a word."""
        needle = [traces.needle("a word", word)]
        return [path for path in traces.every_file(self.state) if any(traces.traces_in(path, needle))]

    def found(self, scope: Scope = EVERYTHING) -> set[str]:
        """Return the references of all records that a scope sees."""
        live = LiveIndex(self.state)
        with live.reading() as index:
            made = {record.ref for _, record in Reader(index, scope).every_record()}
        live.close()
        return made


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = Source(tmp_path)
    for record in (one("1"), one("2", "Beryl Tatton")):
        made.feed.put(record)
    return made


def delete(source: Source) -> None:
    source.feed.delete(f"3/{DAY}")


def restrict(source: Source) -> None:
    source.feed.put(one("3", "Cyril Zarzuelaplatz", label=Visibility.RESTRICTED))


def close_a_place(source: Source) -> None:
    record = source.feed.held[f"3/{DAY}"]
    place = replace(record.locations[0], visibility=Visibility.PROTECTED)
    source.feed.put(replace(record, locations=(place,)))


def change(source: Source) -> None:
    source.feed.put(one("3", "Cyril Zarzuelaplatz", text="GONE ON WITH"))


def reopen(source: Source) -> None:
    source.feed.put(one("3", "Cyril Zarzuelaplatz"))


HOME = Location(2, Role.HOME, "14 HILLAIRES TEST ROAD", "B23 6XX", holder=0)


@pytest.mark.parametrize("synced", [pytest.param(True, id="synced before"), pytest.param(False, id="seen by night")])
@pytest.mark.parametrize(
    ("do", "before", "dropped"),
    [
        pytest.param(delete, one("3", "Cyril Zarzuelaplatz"), True, id="deleted"),
        pytest.param(restrict, one("3", "Cyril Zarzuelaplatz"), True, id="restricted"),
        pytest.param(
            close_a_place, replace(one("3", "Cyril Zarzuelaplatz"), locations=(HOME,)), True, id="a place protected"
        ),
        pytest.param(change, one("3", "Cyril Zarzuelaplatz"), False, id="only changed"),
        pytest.param(
            reopen, one("3", "Cyril Zarzuelaplatz", label=Visibility.RESTRICTED), False, id="seen by more than before"
        ),
        pytest.param(lambda source: source.feed.put(one("4")), one("3"), False, id="one more"),
    ],
)
def test_builds_that_hold_what_is_gone_are_removed_and_no_others(
    source: Source, do: Callable[[Source], None], before: Record, dropped: bool, synced: bool
) -> None:
    source.build()
    source.feed.put(before)
    holding = [source.build(), source.build()]
    do(source)
    if synced:
        source.sync()
    new = source.build()
    kept = versions.list_builds(source.state)
    assert kept[-1] == new
    assert [build in kept for build in holding] == [not dropped, not dropped]
    assert len(kept) == (2 if dropped else 4), "the first build never held it, and stays"
    why = {entry.build: entry.reason for entry in attempts.history(source.state) if entry.event == "removed"}
    assert sorted(why) == (holding if dropped else [])
    assert all(f"not hold any more; incidents: 1 {what}" in each for each in why.values() for what in [_said(do)])
    assert {path.name for path in layer_file.layers_of(source.state).iterdir()} <= set(kept)
    assert condemned.read(source.state) == {}


def _said(do: Callable[[Source], None]) -> str:
    return "deleted at its source" if do is delete else "seen by fewer now"


def test_a_record_of_the_day_that_is_deleted_again_leaves_no_trace(source: Source) -> None:
    """It never was in a build: only in a layer, whose next copy it must not stand in either."""
    source.build()
    source.feed.put(one("3", "Zarzuelaplatz Quillfeatherby", text="SAID PLUMPERNICKLE AND PLUMPERNIG"))
    source.sync()
    assert all(source.held(word) for word in ("zarzuelaplatz", "plumpernickle", "3/2014-09-14"))
    source.feed.put(one("4", "Zarzuelaplatz Quorn"))  # shares one of its names
    source.feed.delete(f"3/{DAY}")
    source.sync()
    layer = layer_file.in_force(source.state, versions.current(source.state))
    assert layer is not None
    for word in ("quillfeatherby", "plumpernickle", "plumpernig", "3/2014-09-14"):
        needle = [traces.needle("a word", word)]
        assert not list(traces.traces_in(layer, needle)), word
    assert list(traces.traces_in(layer, [traces.needle("a word", "zarzuelaplatz")]))
    source.build()
    assert not source.held("quillfeatherby") and not source.held("plumpernickle")
    assert source.held("zarzuelaplatz")


def test_a_source_taken_out_of_the_settings_is_held_no_more(tmp_path: Path) -> None:
    source = Source(tmp_path)
    other = Feed("custody")
    source.feed.put(one("1"))
    other.put(replace(one("3", "Zarzuelaplatz"), source="custody"))
    both = source.settings.model_copy(update={"sources": ("incidents", "custody")})
    build(both, [source.feed, other])
    source.build()
    assert not source.held("zarzuelaplatz")


def test_a_source_that_is_down_and_was_never_read_says_nothing_is_deleted(source: Source) -> None:
    other = Feed("custody", down="the line is cut")
    settings = source.settings.model_copy(update={"sources": ("incidents", "custody")})
    other.down = ""
    other.put(replace(one("9"), source="custody"))
    first = build(settings, [source.feed, other]).build
    other.down = "the line is cut"
    second = build(settings, [source.feed, other]).build
    assert versions.list_builds(source.state) == [first, second]


def test_what_a_down_source_had_deleted_by_day_is_not_carried(source: Source) -> None:
    source.feed.put(one("3", "Zarzuelaplatz"))
    source.build()
    delete(source)
    source.sync()
    other = Feed("custody")
    other.put(replace(one("9"), source="custody"))
    source.feed.down = "the line is cut"
    build(source.settings.model_copy(update={"sources": ("incidents", "custody")}), [source.feed, other])
    assert not source.held("zarzuelaplatz")


def test_a_deleted_record_is_not_gone_back_to(source: Source) -> None:
    """Deleted by day, and hidden: the build before it is live again, and does not show it even before a sync."""
    source.feed.put(one("3", "Zarzuelaplatz"))
    first = source.build()
    source.build()
    delete(source)
    source.sync()
    source.feed.down = "the line is cut"
    versions.rollback(source.state, "", hiding.again(source.state, date(2014, 11, 16), versions.at_once))
    assert versions.current(source.state) == first
    assert source.found() == {f"1/{DAY}", f"2/{DAY}"}


def test_a_restricted_record_is_not_gone_back_to_as_it_was(source: Source) -> None:
    source.feed.put(one("3", "Zarzuelaplatz"))
    source.build()
    source.build()
    restrict(source)
    change(source)  # and something else too, on another record
    source.feed.put(one("3", "Cyril Zarzuelaplatz", label=Visibility.RESTRICTED))
    source.sync()
    versions.rollback(source.state, "", hiding.again(source.state, date(2014, 11, 16), versions.at_once))
    assert f"3/{DAY}" not in source.found(Scope(frozenset({Visibility.OPEN})))
    source.sync()
    assert f"3/{DAY}" in source.found() and f"3/{DAY}" not in source.found(Scope(frozenset({Visibility.OPEN})))


def test_a_build_that_has_it_closed_already_keeps_it(source: Source) -> None:
    """Gone back from, and then forward to: what it holds as it must is not taken out of it."""
    source.feed.put(one("3", "Zarzuelaplatz"))
    source.build()
    restrict(source)
    source.sync()
    first = versions.current(source.state)
    folder = versions.builds_of(source.state) / first
    assert hiding.hide_again(source.state, folder, versions.open_verified(folder), date(2014, 11, 16)) == 0
    assert f"3/{DAY}" in source.found() and f"3/{DAY}" not in source.found(Scope(frozenset({Visibility.OPEN})))


def test_a_builder_stopped_between_pointer_and_removal_lets_nobody_go_back(source: Source) -> None:
    source.feed.put(one("3", "Zarzuelaplatz"))
    old = source.build()
    delete(source)
    with pytest.MonkeyPatch.context() as patch:

        def stopped(*_: object) -> list[tuple[str, str]]:
            raise SystemExit

        patch.setattr(retention, "drop", stopped)
        with pytest.raises(SystemExit):
            source.build()
    assert old in versions.list_builds(source.state)
    with pytest.raises(IndexUnavailable, match="no earlier build"):
        versions.rollback(source.state)
    source.build()
    assert old not in versions.list_builds(source.state) and not source.held("zarzuelaplatz")


def test_a_build_that_cannot_be_read_is_not_kept(source: Source) -> None:
    old = source.build()
    source.build()
    manifest = versions.builds_of(source.state) / old / "manifest.json"
    manifest.chmod(0o640)
    manifest.write_text("{}", encoding="utf-8")
    source.build()
    assert old not in versions.list_builds(source.state)


def test_no_room_to_compare_in_loses_no_build(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    first = source.build()

    def full(*_: object) -> list[object]:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(retention, "deleted_since", full)
    with pytest.raises(BuildError, match=f"make room, then build again; build {first} goes on serving"):
        source.build()
    assert versions.list_builds(source.state) == [first] and condemned.read(source.state) == {}


def test_layers_of_which_none_is_known_to_be_in_force_go(source: Source) -> None:
    first = source.build()
    source.feed.put(one("4", "Dora Vasey"))
    source.sync()
    source.build()
    pointer = layer_file.folder_of(source.state, first) / layer_file.POINTER
    pointer.chmod(0o640)
    pointer.write_text("nonsense", encoding="ascii")
    source.build()
    assert not pointer.parent.exists()


def test_a_list_of_the_condemned_that_is_damaged_is_said(source: Source) -> None:
    source.build()
    source.build()
    condemned.condemned_file(source.state).write_text("[", encoding="ascii")
    with pytest.raises(
        BuildError, match=r"condemned.json could not be written .it is not as it was written; build again"
    ):
        versions.rollback(source.state)
    source.build()
    assert condemned.read(source.state) == {}


def test_a_look_changes_nothing_that_is_held(source: Source) -> None:
    source.build()
    source.feed.put(one("3", "Cyril Umber"))
    source.sync()
    before = _hashes(source.state)
    with App(source.settings) as app:
        assert app.search(DEMO_VIEWER, "ada quorn").hits
        assert app.search(DEMO_VIEWER, "07700900417").hits and app.search(DEMO_VIEWER, "cyril umber").hits
        app.status(DEMO_VIEWER)
    assert _hashes(source.state) == before


def _hashes(state: Path) -> dict[str, str]:
    paths = [path for path in traces.every_file(state) if "audit" not in path.parts]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


OPEN = Scope(frozenset({Visibility.OPEN}))


@pytest.mark.parametrize("fewer", [Visibility.RESTRICTED, Visibility.PROTECTED])
@pytest.mark.parametrize("how", ["sync", "build"])
def test_a_person_is_not_named_by_a_mention_that_fewer_see_now(source: Source, fewer: Visibility, how: str) -> None:
    """The earliest mention gave the id; once it is closed the id comes from one that everybody still sees."""
    first = log("0", "2014-01-01", persons=(Person(0, Role.VICTIM, ("Ada Quorn",), ("03/07/1989",)),))
    source.feed.put(first)
    source.build()
    assert _ids(source, OPEN) >= {"incidents:0/2014-01-01#0"}
    source.feed.put(replace(first, visibility=fewer))
    if how == "sync":
        source.sync()
    else:
        source.build()
    assert not {each for each in _ids(source, OPEN) if "0/2014-01-01" in each}
    assert f"incidents:1/{DAY}#0" in _ids(source, OPEN)


def test_a_person_whose_every_mention_is_closed_is_named_for_those_who_see_them(source: Source) -> None:
    source.build()
    source.feed.put(one("2", "Beryl Tatton", label=Visibility.RESTRICTED))
    source.sync()
    assert f"incidents:2/{DAY}#0" in _ids(source, EVERYTHING) - _ids(source, OPEN)


def _ids(source: Source, scope: Scope) -> set[str]:
    """Return the ids of every person that a scope sees."""
    live = LiveIndex(source.state)
    with live.reading() as index:
        reader = Reader(index, scope)
        rows = reader.everyone_in({place for place, _ in Reader(index, EVERYTHING).every_record()})
        found = {reader.ident(row.grp) for row in rows if row.kind == "person"}
    live.close()
    return found


@pytest.mark.parametrize(
    "word", ["zarzuelaplatz", "cyril zarzuelaplatz", "zarzuelaplatx", "07700900876", "3/2014-09-14"]
)
@pytest.mark.parametrize("do", [delete, restrict])
def test_a_hidden_record_is_not_guessed_from_answers(
    tmp_path: Path, do: Callable[[Source], None], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once taken in, whoever may not see it is answered as over an index that never had it."""
    monkeypatch.setattr("discoverer.permitted.Permitted.scope", lambda *_: OPEN)
    answers = []
    for name in ("with", "without"):
        source = Source(tmp_path / name)
        for record in (one("1"), one("2", "Cyril Zarzuelaplatt")):
            source.feed.put(record)
        if name == "with":
            phone = Phone(1, Role.OWN, "07700900876", holder=0)
            source.feed.put(replace(one("3", "Cyril Zarzuelaplatz", text="ZARZUELAPLATZ"), phones=(phone,)))
            source.build()
            do(source)
            source.sync()
        else:
            source.build()
        with App(source.settings) as app:
            found = app.search(DEMO_VIEWER, word)
        message = found.message.partition(".")[0]  # without how fresh each source is
        answers.append(replace(found, build="", as_at="", sources=(), message=message))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("asked", ["ada quorn", "07700900417", "03/07/1989", "ada quorn 03/07/1989"])
@pytest.mark.parametrize("fewer", [None, Visibility.RESTRICTED, Visibility.PROTECTED])
def test_risk_counts_and_badges_do_not_tell_of_a_record_that_fewer_see_now(
    tmp_path: Path, fewer: Visibility | None, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The closed record is about a person whom an open one knows too, and was the first and the gravest of hers."""
    monkeypatch.setattr("discoverer.permitted.Permitted.scope", lambda *_: OPEN)
    ada = Person(0, Role.VICTIM, ("Ada Quorn", "Ada Zarzuelaplatz"), ("03/07/1989",))
    grave = replace(
        dash("3", "2014-01-01", RiskLevel.HIGH, ada, Person(1, Role.SUSPECT, ("Beryl Tatton",))), source="incidents",
        markers=(Marker("WE", "weapons", None, None, "knife", 0),), phones=(Phone(2, Role.OWN, "07700900417", holder=0),),
    )  # fmt: skip
    answers = []
    for name in ("with", "without"):
        source = Source(tmp_path / name)
        for record in (one("1"), one("2", "Beryl Tatton")):
            source.feed.put(record)
        if name == "with":
            source.feed.put(grave)
            source.build()
            if fewer is None:
                source.feed.delete(grave.ref)
            else:
                closed = [replace(each, visibility=fewer) for each in grave.persons]
                # A number that a record protects is offered nowhere, on purpose (index/reader.py, kept_back).
                phones = grave.phones if fewer is Visibility.RESTRICTED else ()
                source.feed.put(replace(grave, visibility=fewer, persons=tuple(closed), phones=phones))
            source.sync()
        else:
            source.build()
        with App(source.settings) as app:
            found = app.search(DEMO_VIEWER, asked)
        answers.append(replace(found, build="", as_at="", sources=(), message=""))
    assert answers[0].hits and answers[0] == answers[1]


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_a_log_deleted_at_its_source_is_gone_from_every_file_at_the_next_build(tmp_path: Path, engine: str) -> None:
    if engine == "tantivy":
        pytest.importorskip("tantivy")
    folder = shutil.copytree(SMALL, tmp_path / "set", ignore=shutil.ignore_patterns("state"))
    config = folder / "discoverer.toml"
    config.write_text(
        config.read_text(encoding="utf-8") + f'engine = "{engine}"\nlinking = "exact"\n', encoding="utf-8"
    )
    desk = NightDesk(folder / "incidents.sqlite")
    gone, stays = _open(desk, "ZARZUELAPLATZ"), _open(desk, "PLUMPERNICKLE")
    assert run(config, "build").exit_code == 0
    assert {f"incidents:{ref}" for ref in (gone, stays)} <= refs(answer(config, "oriole quillfeatherby"))
    _delete(folder, desk, gone)
    state = load(config).state_dir
    assert run(config, "sync").exit_code in (0, 4)
    for asked in ("oriole quillfeatherby", "text: zarzuelaplatz", "07700900876"):
        assert f"incidents:{gone}" not in refs(answer(config, asked)), asked
    assert run(config, "build").exit_code == 0
    assert f"incidents:{stays}" in refs(answer(config, "oriole quillfeatherby"))
    word = [traces.needle("a word", "zarzuelaplatz")]
    held = [
        path for path in traces.every_file(state) if "audit" not in path.parts and any(traces.traces_in(path, word))
    ]
    assert held == []
    assert versions.list_builds(state) == [versions.current(state)]
    assert any(traces.traces_in(path, [traces.needle("a word", "plumpernickle")]) for path in traces.every_file(state))


def _open(desk: NightDesk, word: str) -> str:
    """Open a log about one woman; another says the same of her but for one word."""
    who = ("VIC", "QUILLFEATHERBY, ORIOLE", "03/07/1989", "", "F", "07700 900876", "")
    key = desk.open(Entry(desk.now - timedelta(minutes=5), "D1", "P2", [f"SHE SAID {word}"], people=[who]))
    return "/".join(key)


def _delete(folder: Path, desk: NightDesk, ref: str) -> None:
    number, _, day = ref.partition("/")
    key: Key = (number, day)
    desk.take_away(key)
    desk.close()
    with sqlite3.connect(folder / "incidents.sqlite") as database:
        assert database.execute("SELECT count(*) FROM log_change WHERE OP = 'D'").fetchone()[0]
