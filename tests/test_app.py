"""The app as a server would hold it: one that stays open while builds come, go and break."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.settings import load
from index import attempts, versions
from index.progress import SilentProgress
from tests.setups import write_tiny


@pytest.fixture
def app(tmp_path: Path) -> App:
    """Return an app over the five tiny sources, built and searched once."""
    made = App(load(write_tiny(tmp_path / "setup")))
    made.build(SilentProgress())
    assert made.search(DEMO_VIEWER, "07700 900417").hits
    return made


def open_files(build: str) -> list[str]:
    """Return the files of a build that this process has open."""
    places = [str(handle.readlink()) for handle in Path("/proc/self/fd").iterdir() if handle.exists()]
    return [place for place in places if build in place]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the system does not list open files")
def test_a_newer_build_is_picked_up_and_the_files_of_the_older_are_let_go(app: App) -> None:
    old = app.search(DEMO_VIEWER, "07700 900417").build
    assert open_files(old)
    new = app.build(SilentProgress()).build
    assert app.search(DEMO_VIEWER, "07700 900417").build == new != old
    gc.collect()
    assert open_files(old) == []
    app.close()
    app.close()  # twice does no harm
    gc.collect()
    assert open_files(new) == []
    assert app.search(DEMO_VIEWER, "07700 900417").build == new  # and it opens again when it is asked
    app.close()


def test_status_says_when_an_older_build_serves_because_the_newest_is_not_as_it_was_made(app: App) -> None:
    assert app.status(DEMO_VIEWER).problem == ""
    old = app.search(DEMO_VIEWER, "07700 900417").build
    new = app.build(SilentProgress()).build
    file = versions.builds_of(app.settings.state_dir) / new / "vocabulary.json"
    file.chmod(0o600)
    file.write_bytes(file.read_bytes() + b" ")
    status = app.status(DEMO_VIEWER)
    assert status.manifest is not None and status.manifest.build == old
    assert new in status.problem and "vocabulary.json" in status.problem
    assert app.rollback(DEMO_VIEWER).build == old
    assert app.status(DEMO_VIEWER).problem.startswith("It was gone back to at ")
    app.build(SilentProgress())
    assert app.status(DEMO_VIEWER).problem == "", "a sound build ends the trouble"
    app.close()


def test_status_says_which_weights_are_in_force(app: App) -> None:
    assert app.status(DEMO_VIEWER).weights == app.weights.version
    app.close()


def test_a_rollback_is_answered_by_the_next_search_and_kept_in_the_history(app: App) -> None:
    old = app.search(DEMO_VIEWER, "07700 900417").build
    new = app.build(SilentProgress()).build
    assert app.search(DEMO_VIEWER, "07700 900417").build == new
    assert app.rollback(DEMO_VIEWER).build == old
    assert app.search(DEMO_VIEWER, "07700 900417").build == old
    last = attempts.history(app.settings.state_dir)[-1]
    assert (last.event, last.build) == (attempts.Event.ROLLED_BACK, old) and DEMO_VIEWER.name in last.reason
    app.close()


@pytest.mark.parametrize("pointer", ["", "20010101T000000Z-aaaaaa\n", None])
def test_an_app_that_is_open_goes_on_when_the_pointer_breaks(app: App, pointer: str | None) -> None:
    build = app.search(DEMO_VIEWER, "07700 900417").build
    place = versions.pointer_of(app.settings.state_dir)
    if pointer is None:
        place.unlink()
    else:
        place.write_text(pointer, encoding="ascii")
    found = app.search(DEMO_VIEWER, "07700 900417")
    assert found.build == build and found.hits
    assert app.status(DEMO_VIEWER).problem, "and status says so"
    app.close()
