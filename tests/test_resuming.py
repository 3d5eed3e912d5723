"""A build killed at any stage goes on after the last one it finished, and ends as one that was never stopped."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.registry import load_adapter, load_adapters
from discoverer import settings as settings_module
from discoverer.errors import BuildError, SourceUnavailable
from discoverer.settings import Settings
from index import attempts, resuming, stages, versions
from index.attempts import Outcome
from index.build import build
from index.manifest import Manifest
from index.workers import Crew
from tests.tiny_index import TinyAdapter, make_settings

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
SMALL = Path(__file__).resolve().parents[1] / "fixtures" / "small"
STAGES = [
    "reading incidents", "reading intelligence", "reading domestic_abuse", "reading custody", "learning names",
    "cleaning and reading text", "linking people", "joining persons", "writing persons",
    "bringing mentions and persons together", "gathering persons, places and numbers", "writing keys",
    "writing the index", "writing to disk", "checking",
]  # fmt: skip


_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"


class KilledAt:
    """Kills its own process when a stage begins, or after so many steps of it."""

    def __init__(self, name: str, steps: int = 0) -> None:
        self.name, self.steps, self.now, self.begun = name, steps, "", [""]

    def stage(self, name: str, total: int | None) -> None:
        """Note which stage it is."""
        self.now = name
        self.begun.append(name)
        self.advance(0)

    def advance(self, steps: int = 1) -> None:
        """Die when its time has come."""
        self.steps -= steps if self.now == self.name else 0
        if self.now == self.name and self.steps <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Seen:
    """Notes the stages that were begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def stage(self, name: str, total: int | None) -> None:
        """Note which stage it is."""
        self.begun.append(name)

    def advance(self, steps: int = 1) -> None:
        """Take note of nothing."""


def small(state: Path) -> Settings:
    """Return the settings of the committed invented set, built elsewhere."""
    return settings_module.load(SMALL / "discoverer.toml").model_copy(update={"state_dir": state})


def killed(settings: Settings, at: KilledAt, expected: bool = True) -> None:
    """Build in a process of its own until it kills itself."""
    child = FORK.Process(target=build, args=(settings, load_adapters(settings), at), kwargs={"resume": True})
    child.start()
    child.join(120)
    assert (child.exitcode == -signal.SIGKILL) == expected, child.exitcode


def content(settings: Settings, manifest: Manifest) -> list[object]:
    """Return everything a search reads of a build: the tables, the words counted, how large the engine's index is."""
    folder = settings.builds_dir / manifest.build
    found: list[object] = [manifest.counts, *(path.read_bytes() for path in sorted(folder.glob("vocabulary*")))]
    for path in [folder / "people.sqlite", *sorted((folder / "segments").iterdir())]:
        connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
        tables = [name for (name,) in connection.execute(_TABLES)]
        for table in tables:
            if table != "info":  # when it was read
                found.append((path.name, table, sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)))
        connection.close()
    return found


@pytest.fixture(scope="module")
def unstopped(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    settings = small(tmp_path_factory.mktemp("unstopped") / "state")
    return content(settings, build(settings, load_adapters(settings)))


@pytest.mark.parametrize("stage", [STAGES[0], *STAGES[3:]])
def test_a_build_killed_at_any_stage_goes_on_and_ends_as_one_that_was_not(
    tmp_path: Path, unstopped: list[object], stage: str
) -> None:
    settings = small(tmp_path / "state")
    killed(settings, KilledAt(stage))
    assert attempts.last(settings.state_dir).outcome is Outcome.INTERRUPTED  # type: ignore[union-attr]
    seen = Seen()
    manifest = build(settings, load_adapters(settings), seen, resume=True)
    assert content(settings, manifest) == unstopped
    read = [name for name in STAGES[:4] if name in seen.begun]
    finished = STAGES[:4] if stage != "checking" else []  # a build that was whole and never published is made anew
    assert read == [name for name in STAGES[:4] if name not in finished[: STAGES.index(stage)]]
    assert set(STAGES) - {"checking"} <= manifest.stages.keys(), "what was finished before is in the manifest too"
    assert versions.list_builds(settings.state_dir) == [manifest.build]
    assert sorted(path.name for path in settings.builds_dir.iterdir()) == [manifest.build]


def test_killed_in_the_middle_of_a_stage_and_again(tmp_path: Path, unstopped: list[object]) -> None:
    settings = small(tmp_path / "state")
    killed(settings, KilledAt("reading intelligence", 40))
    killed(settings, KilledAt("cleaning and reading text", 700))
    killed(settings, KilledAt("writing keys", 1_500))
    seen = Seen()
    manifest = build(settings, load_adapters(settings), seen, resume=True)
    assert not {"reading custody", "learning names", "linking people"} & set(seen.begun)
    assert content(settings, manifest) == unstopped


def tiny_stopped(state: Path, words: Sequence[str] = ("first",)) -> list[TinyAdapter]:
    """Leave a half build behind that has read both its sources."""
    adapters = [TinyAdapter("incidents", words), TinyAdapter("custody", words)]
    child = FORK.Process(target=build, args=(make_settings(state), adapters, KilledAt("learning names")))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    return adapters


def test_begins_anew_when_not_asked_to_go_on(tmp_path: Path) -> None:
    adapters, seen = tiny_stopped(tmp_path / "state"), Seen()
    build(make_settings(tmp_path / "state"), adapters, seen)
    assert {"reading incidents", "reading custody"} <= set(seen.begun)


@pytest.mark.parametrize("change", ["mapping", "extract", "settings", "torn", "size", "old"])
def test_what_rests_on_something_that_has_changed_is_made_anew(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    incidents, custody = tiny_stopped(state)
    settings = make_settings(state)
    half = next(path for path in settings.builds_dir.iterdir() if path.name.endswith(".part"))
    expected = {"reading incidents", "reading custody"}
    if change == "mapping":
        custody.version = "v2"
    elif change == "extract":
        custody.taken = "2014-11-16T01:00:00Z"
        expected = {"reading custody"}
    elif change == "settings":
        settings = settings.model_copy(update={"linking": "exact"})
    elif change == "torn":
        (half / stages.NAME).write_bytes(b'{"build": "2014')
    elif change == "size":
        with (half / "segments" / "incidents.sqlite").open("ab") as stream:
            stream.write(b"more")
    else:
        later = datetime.fromisoformat(stages.read_kept(half).made_at) + timedelta(hours=7)  # type: ignore[union-attr]
        monkeypatch.setattr(resuming, "now", lambda: later)
    seen = Seen()
    manifest = build(settings, [incidents, custody], seen, resume=True)
    assert {name for name in seen.begun if name.startswith("reading ")} == expected
    assert {"learning names", "linking people"} <= set(seen.begun)
    assert [entry.records for entry in manifest.segments] == [1, 1]


def test_a_source_that_could_not_be_read_is_tried_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    broken = TinyAdapter("custody", ["first"], SourceUnavailable("custody", "it is not mounted."))
    adapters = [TinyAdapter("incidents", ["first"]), broken]
    child = FORK.Process(target=build, args=(make_settings(state), adapters, KilledAt("learning names")))
    child.start()
    child.join(60)
    broken.error, seen = None, Seen()
    manifest = build(make_settings(state), adapters, seen, resume=True)
    assert "reading incidents" not in seen.begun
    assert [(entry.state, entry.records) for entry in manifest.segments] == [("fresh", 1), ("fresh", 1)]


def test_a_source_that_nothing_tells_from_what_it_was_is_read_again(tmp_path: Path) -> None:
    adapters, seen = tiny_stopped(tmp_path / "state"), Seen()
    for adapter in adapters:
        adapter.taken = ""
    build(make_settings(tmp_path / "state"), adapters, seen, resume=True)
    assert {"reading incidents", "reading custody"} <= set(seen.begun)


def test_a_mapped_source_whose_file_was_replaced_is_another(tmp_path: Path) -> None:
    for path in (SMALL / "sources" / "custody.toml", SMALL / "custody.txt"):
        (tmp_path / path.relative_to(SMALL)).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, tmp_path / path.relative_to(SMALL))
    adapter = load_adapter(tmp_path / "sources" / "custody.toml")
    before = adapter.stamp()
    assert before == adapter.stamp()
    (tmp_path / "custody.txt").touch()
    assert adapter.stamp() != before
    (tmp_path / "custody.txt").unlink()
    with pytest.raises(OSError, match="custody"):
        adapter.stamp()


def test_nothing_that_only_a_build_at_work_needs_is_published(tmp_path: Path) -> None:
    adapters = tiny_stopped(tmp_path / "state")
    settings = make_settings(tmp_path / "state")
    half = next(path for path in settings.builds_dir.iterdir() if path.name.endswith(".part"))
    (half / "work" / "shared-left").write_bytes(b"names of closed records")
    manifest = build(settings, adapters, resume=True)
    assert not [file.path for file in manifest.files if "shared" in file.path or "work" in file.path]


def test_nothing_has_changed_and_nothing_is_read_again(tmp_path: Path) -> None:
    adapters, seen = tiny_stopped(tmp_path / "state"), Seen()
    build(make_settings(tmp_path / "state"), adapters, seen, resume=True)
    assert not [name for name in seen.begun if name.startswith("reading ")]


def double(times: int, number: int) -> int:
    """Do some work that shows who did it and in which order."""
    return number * times


def die(_: None, number: int) -> int:
    """Die in the middle of the work, as a process that is killed for its memory does."""
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fall(_: None, number: int) -> int:
    """Raise in the middle of the work."""
    if number == 7:
        raise ValueError("seven")
    return number


@pytest.mark.parametrize("size", [1, 2])
def test_work_shared_out_comes_back_in_order(tmp_path: Path, size: int) -> None:
    with Crew(size, tmp_path, alone=2) as crew:
        assert list(crew.run(double, 3, range(50))) == [number * 3 for number in range(50)]
        assert list(crew.run(double, 2, range(50))) == [number * 2 for number in range(50)]
        assert bool(crew.memory) is (size == 2)
    assert list(tmp_path.iterdir()) == [], "nothing is left of what was shared"


def test_what_a_worker_raises_is_raised_where_it_stands(tmp_path: Path) -> None:
    with Crew(2, tmp_path, alone=2) as crew:
        given: list[int] = []
        with pytest.raises(ValueError, match="seven"):
            given.extend(crew.run(fall, None, range(50)))
        found = crew.run(fall, None, range(8, 20))
        assert list(found) == list(range(8, 20)), "the crew goes on"


def broken_off() -> Iterator[int]:
    """Yield some numbers, then fail."""
    yield from range(20)
    raise OSError("the source broke off")


def test_what_came_before_a_source_broke_off_is_given_first(tmp_path: Path) -> None:
    given: list[int] = []
    with Crew(2, tmp_path, alone=2) as crew, pytest.raises(OSError, match="broke off"):
        for number in crew.run(double, 1, broken_off()):
            given.append(number)
    assert given == list(range(20))


def test_a_worker_that_dies_is_said_in_one_sentence(tmp_path: Path) -> None:
    with Crew(2, tmp_path, alone=2) as crew:
        with pytest.raises(BuildError, match="died, most often because memory ran out") as raised:
            list(crew.run(die, None, range(50)))
        assert raised.value.message.count(". ") == 0
        assert list(crew.run(double, 2, range(9))) == [number * 2 for number in range(9)], "others are hired"


def test_a_worker_ends_with_its_builder(tmp_path: Path) -> None:
    said = tmp_path / "workers"
    child = FORK.Process(target=work_until_killed, args=(said,))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    workers = [int(each) for each in said.read_text().split()]
    assert workers
    for worker in workers:
        wait_until_gone(worker)


def work_until_killed(said: Path) -> None:
    """Hire workers, write down who they are, and be killed."""
    with Crew(2, said.parent, alone=1) as crew:
        for number, _ in enumerate(crew.run(double, 2, range(100))):
            if number == 50:
                said.write_text(" ".join(str(each.pid) for each in multiprocessing.active_children()))
                os.kill(os.getpid(), signal.SIGKILL)


def wait_until_gone(process: int) -> None:
    """Wait until a process has ended; one that nobody waits for any more counts as ended."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        signal.sigtimedwait([], 0.05)
    pytest.fail(f"worker {process} lives on without its builder")
