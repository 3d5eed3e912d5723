"""Breaking the glass shows what a role may not read, for a while, to whoever may break it; and each look says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from discoverer.access import Viewer
from discoverer.access_rules import SHIPPED, read_access
from discoverer.app import App
from discoverer.clock import now, parse_iso
from discoverer.errors import ConfigError, LookNotRecorded, NotFound, NotPermitted, UsageError
from discoverer.model import Person, Role, Visibility, most_closed
from discoverer.settings import EXACT, AccessSettings, Settings
from index.build import build
from tests.cast import AS_AT, log
from tests.feed import Feed
from tests.web import looks

WHY = "child at risk at the address"
ADA = Viewer("ada.quorn", "call_handler", "2731-2014-09-14", WHY)
SUE = Viewer("sue.prendle", "supervisor")


def _person(number: str, name: str, label: Visibility) -> Any:  # noqa: ANN401 - a record
    return log(number, "2014-09-14", visibility=label, persons=(Person(0, Role.VICTIM, (name,), ("03/07/1989",)),))


def _app(folder: Path, *, accounts: bool = True) -> App:
    feed = Feed("incidents")
    for record in (
        _person("1", "Beryl Tatton", Visibility.PROTECTED),
        _person("2", "Una Quennell", Visibility.INTELLIGENCE),
        _person("3", "Ossie Marl", Visibility.OPEN),
    ):
        feed.put(record)
    access = AccessSettings(accounts=folder / "accounts.sqlite") if accounts else AccessSettings()
    settings = Settings(
        state_dir=folder / "state", sources_dir=folder, sources=("incidents",), workers=1, as_at=datetime.fromisoformat(AS_AT), linking=EXACT,
        access=access,
    )  # fmt: skip
    if not (folder / "state").exists():
        build(settings, [feed])
    return App(settings)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with _app(tmp_path) as made:
        yield made


def _sees(app: App, viewer: Viewer, name: str) -> bool:
    return bool(app.search(app.glass.as_they_stand(viewer)[0], name).hits)


def test_it_shows_what_is_behind_it_and_no_more_and_no_longer(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _sees(app, ADA, "Beryl Tatton")
    broken = app.glass.break_for(ADA)
    assert _sees(app, ADA, "Beryl Tatton")
    assert not _sees(app, ADA, "Una Quennell")
    assert not _sees(app, replace(ADA, name="ada.quorm"), "Beryl Tatton")
    for later, sees in ((14, True), (15, False)):
        monkeypatch.setattr("discoverer.glass_desk.now", lambda later=later: now() + timedelta(minutes=later))
        assert _sees(app, ADA, "Beryl Tatton") is sees
    assert parse_iso(broken.until) - parse_iso(broken.at) == timedelta(minutes=15)


def test_whoever_ends_it_reads_what_they_did_before(app: App) -> None:
    app.glass.break_for(ADA)
    app.glass.end(ADA)
    assert not _sees(app, ADA, "Beryl Tatton")


def test_whoever_has_another_role_since_reads_by_that(app: App) -> None:
    app.glass.break_for(ADA)
    assert not _sees(app, replace(ADA, role="supervisor"), "Beryl Tatton")
    assert not _sees(app, replace(ADA, role="analyst"), "Beryl Tatton")


@pytest.mark.parametrize("role", ["analyst", "intelligence", "da_specialist", "auditor", "administrator", "nobody"])
def test_other_roles_break_nothing(app: App, role: str) -> None:
    with pytest.raises(NotPermitted):
        app.glass.break_for(replace(ADA, role=role))
    assert not app.settings.glass_file.exists()


def test_where_nobody_is_told_apart_nothing_is_broken(tmp_path: Path) -> None:
    with _app(tmp_path, accounts=False) as alone, pytest.raises(NotPermitted):
        alone.glass.break_for(ADA)


def test_without_a_reason_nothing_is_broken(app: App) -> None:
    with pytest.raises(UsageError):
        app.glass.break_for(replace(ADA, reason=""))
    assert not _sees(app, ADA, "Beryl Tatton")


def test_each_look_made_meanwhile_names_it(app: App) -> None:
    _sees(app, ADA, "Beryl Tatton")
    number = app.glass.break_for(ADA).number
    _sees(app, ADA, "Beryl Tatton")
    assert [(each["action"], each.get("glass")) for each in looks(app)] == [
        ("search", None), ("break-glass", None), ("search", number),
    ]  # fmt: skip
    assert looks(app)[1]["about"]["number"] == number


def test_what_cannot_be_recorded_breaks_nothing(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def _full(*_: object, **_more: object) -> None:
        raise LookNotRecorded("no room")

    own = app.glass.break_for(replace(ADA, name="una.dace")).number
    monkeypatch.setattr("discoverer.glass_desk.record_event", _full)
    with pytest.raises(LookNotRecorded):
        app.glass.break_for(ADA)
    with pytest.raises(LookNotRecorded):
        app.glass.saw(SUE, own)
    monkeypatch.undo()
    assert not _sees(app, ADA, "Beryl Tatton")
    assert app.glass.waiting_for(SUE) == 1
    assert [each.number for each in app.glass.listed(SUE)] == [own]


def test_a_supervisor_is_told_and_reviews_it(app: App) -> None:
    number = app.glass.break_for(ADA).number
    assert app.glass.waiting_for(SUE) == 1
    assert app.glass.waiting_for(ADA) == 0
    assert [each.number for each in app.glass.listed(SUE)] == [number]
    app.glass.saw(SUE, number)
    assert app.glass.waiting_for(SUE) == 0
    with pytest.raises(NotFound):
        app.glass.saw(SUE, number + 1)


@pytest.mark.parametrize("role", ["call_handler", "rad", "analyst", "administrator"])
def test_nobody_else_reviews(app: App, role: str) -> None:
    number = app.glass.break_for(ADA).number
    with pytest.raises(NotPermitted):
        app.glass.listed(Viewer("x", role))
    with pytest.raises(NotPermitted):
        app.glass.saw(Viewer("x", role), number)
    assert app.glass.waiting_for(SUE) == 1


@pytest.mark.parametrize("role", read_access().role, ids=lambda role: role.name)
def test_what_is_behind_the_glass_is_whole_too(role: Any) -> None:  # noqa: ANN401 - a role
    labels = role.behind_glass
    assert all((most_closed(a, b) in labels) == (a in labels and b in labels) for a in Visibility for b in Visibility)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('glass = ["protected"]', 'glass = ["sealed"]', "name all of them"),
        ('glass = ["protected"]', 'glass = ["restricted"]', "without breaking anything"),
        ("glass_minutes = 15", "glass_minutes = 0", "glass_minutes"),
        ("glass_minutes = 15", "glass_minutes = 241", "glass_minutes"),
        ("reads = []", 'reads = []\nglass = ["open"]', "no glass for it to break"),
    ],
)
def test_a_file_that_lets_break_what_it_should_not_is_refused(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    path = tmp_path / "access.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_access(path)
    assert said in refused.value.message
