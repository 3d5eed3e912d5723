"""The morning after: which build is gone back to, what a lost source says of its age, and what a publication costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.errors import IndexUnavailable
from discoverer.settings import EXACT
from index import attempts, versions
from index.attempts import Entry, Event
from index.build import build
from index.kept import Standing, kept_builds
from index.sync import Syncer
from index.withdrawn import why_none, withdrawn
from tests.cast import log
from tests.feed import Feed
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
