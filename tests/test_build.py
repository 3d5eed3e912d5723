"""A build: every source in it or said to be missing, and nothing published that is not whole."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from adapters.base import Adapter, RawRow
from adapters.checks import Checks
from discoverer.clock import iso, parse_iso
from discoverer.errors import (
    BuildError,
    BuildLocked,
    CheckFailed,
    DiscovererError,
    IndexUnavailable,
    SchemaDrift,
    SourceUnavailable,
)
from discoverer.model import Record, Visibility
from index import attempts, files, versions
from index.attempts import Outcome
from index.build import build
from index.lock import held
from index.manifest import FORMAT, Manifest, SourceState, hash_file, read_manifest
from index.probe import probe_segments
from index.progress import Progress
from index.store import Segment
from tests.tiny_index import Broken, TinyAdapter, make_settings, tiny_assemble

# Children do nothing but build, so a lock that another thread of this process holds is never asked for.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def make(state: Path, *adapters: Adapter, keep: int = 2) -> Manifest:
    """Build from these adapters."""
    names = [adapter.name for adapter in adapters]
    settings = make_settings(state, names, keep)
    return build(settings, adapters, assemble=tiny_assemble, probe=probe_segments, within=versions.at_once)


def words_in(state: Path, source: str) -> list[str]:
    """Return the words the live build holds of one source."""

    def opener(folder: Path, manifest: Manifest) -> list[str]:
        entry = manifest.segment(source)
        if entry is None or not entry.file:
            return []
        with Segment(folder / entry.file) as segment:
            return [record.ref for _, record in segment.records()]

    return versions.open_current(state, opener)


def leftovers(state: Path) -> list[str]:
    """Return what stands among the builds and is not one."""
    return [path.name for path in versions.builds_of(state).iterdir() if not versions.ID.fullmatch(path.name)]


def test_a_build_says_everything_of_itself(state: Path) -> None:
    manifest = make(state, TinyAdapter("incidents", ["one", "!two", "three", "one"]), TinyAdapter("custody"))
    assert versions.current(state) == manifest.build
    assert read_manifest(versions.builds_of(state) / manifest.build) == manifest
    incidents = manifest.segments[0]
    assert (incidents.source, incidents.state, incidents.records, incidents.rejects) == ("incidents", "fresh", 2, 2)
    assert incidents.as_at == "2014-11-15T23:40:00Z"
    assert manifest.as_at == "2014-11-16T02:00:00Z"
    assert manifest.counts == {"persons": 5}
    assert manifest.format == FORMAT
    assert {"reading incidents", "reading custody", "assembling", "writing to disk"} <= manifest.stages.keys()
    folder = versions.builds_of(state) / manifest.build
    assert {entry.path: entry.sha256 for entry in manifest.files} == {
        path.relative_to(folder).as_posix(): hash_file(path)
        for path in files.tree_files(folder)
        if path.name != "manifest.json"
    }
    assert attempts.last(state) == attempts.as_written(state)


def test_the_manifest_can_be_read_by_a_person(state: Path) -> None:
    manifest = make(state, TinyAdapter("incidents"))
    text = (versions.builds_of(state) / manifest.build / "manifest.json").read_text()
    assert json.loads(text)["segments"][0]["state"] == "fresh"
    assert len(text.splitlines()) > 30


def test_settings_that_do_not_shape_a_build_do_not_change_its_hash(tmp_path: Path) -> None:
    first = make(tmp_path / "a", TinyAdapter("incidents"))
    assert make(tmp_path / "b", TinyAdapter("incidents")).settings_hash == first.settings_hash
    assert make(tmp_path / "c", TinyAdapter("custody")).settings_hash != first.settings_hash


FAILURES = [
    pytest.param(SourceUnavailable("custody", "the file is missing."), "the file is missing", id="missing"),
    pytest.param(SchemaDrift("custody", "new column WARN_MARKER."), "WARN_MARKER", id="new column"),
    pytest.param(CheckFailed("custody", "the trailer says 9, there are 3."), "trailer", id="count differs"),
    pytest.param(OSError(errno.EIO, "Input/output error"), "could not be read to its end", id="disk error"),
]


@pytest.mark.parametrize(("error", "reason"), FAILURES)
def test_a_source_that_fails_carries_its_last_good_data_and_says_since_when(
    state: Path, error: Exception, reason: str
) -> None:
    first = make(state, TinyAdapter("incidents", ["old"]), TinyAdapter("custody", ["kept"]))
    for later in ("new", "newer"):  # a carried segment is carried again
        manifest = make(state, TinyAdapter("incidents", [later]), TinyAdapter("custody", ["half"], error))
        custody, before = manifest.segments[1], first.segments[1]
        assert custody.state is SourceState.STALE
        assert reason in custody.reason
        assert (custody.read_at, custody.records) == (before.read_at, before.records)
        assert words_in(state, "custody") == ["kept"]
        assert words_in(state, "incidents") == [later]
        attempt = attempts.last(state)
        assert attempt is not None and reason in attempt.sources["custody"]
        assert attempt.sources["incidents"] == "fresh"


@pytest.mark.parametrize(("error", "reason"), FAILURES)
def test_a_source_that_fails_with_nothing_to_carry_is_failed_and_stops_no_other(
    state: Path, error: Exception, reason: str
) -> None:
    manifest = make(state, TinyAdapter("custody", ["half"], error), TinyAdapter("incidents"))
    custody = manifest.segments[0]
    assert (custody.state, custody.file, custody.records) == (SourceState.FAILED, "", 0)
    assert reason in custody.reason
    assert words_in(state, "incidents") == ["first", "second", "third"]
    assert not (versions.builds_of(state) / manifest.build / "segments" / "custody.sqlite").exists()
    healed = make(state, TinyAdapter("custody", ["back"]), TinyAdapter("incidents"))
    assert healed.segments[0].state is SourceState.FRESH
    assert words_in(state, "custody") == ["back"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        pytest.param(["good", *(f"!{n}" for n in range(9))], "90.0%", id="too many rejects"),
        pytest.param(["good", "good", "good"], "66.7%", id="keys that stand twice are rejects too"),
        pytest.param([], "0 records", id="an empty source is not believable"),
    ],
)
def test_a_source_that_is_not_believable_is_not_taken(state: Path, rows: Sequence[str], reason: str) -> None:
    doubtful = TinyAdapter("custody", rows, checks=Checks(max_rejects=0.5))
    manifest = make(state, TinyAdapter("incidents"), doubtful)
    assert manifest.segments[1].state is SourceState.FAILED
    assert reason in manifest.segments[1].reason


def test_when_every_source_fails_nothing_is_published(state: Path) -> None:
    gone = [TinyAdapter(name, error=SourceUnavailable(name, f"{name} is gone.")) for name in ("incidents", "custody")]
    with pytest.raises(BuildError, match=r"incidents is gone.*custody is gone.*no earlier build to search"):
        make(state, *gone)
    with pytest.raises(IndexUnavailable, match="no index to search yet"):
        versions.current(state)
    assert leftovers(state) == []
    first = make(state, TinyAdapter("incidents"), TinyAdapter("custody"))
    with pytest.raises(BuildError, match=f"build {first.build} goes on serving"):
        make(state, *gone)
    assert versions.current(state) == first.build


def test_an_altered_segment_is_not_carried_under_a_new_seal(state: Path) -> None:
    first = make(state, TinyAdapter("incidents"), TinyAdapter("custody"))
    segment = versions.builds_of(state) / first.build / first.segments[1].file
    segment.chmod(0o640)
    segment.write_bytes(segment.read_bytes() + b"x")
    manifest = make(state, TinyAdapter("incidents"), TinyAdapter("custody", error=SourceUnavailable("custody", "no.")))
    assert manifest.segments[1].state is SourceState.FAILED
    assert "not as it was written" in manifest.segments[1].reason


def test_a_source_taken_out_of_the_settings_leaves_the_index(state: Path) -> None:
    make(state, TinyAdapter("incidents"), TinyAdapter("custody"))
    manifest = make(state, TinyAdapter("incidents"))
    assert manifest.segment("custody") is None
    assert words_in(state, "custody") == []


@pytest.mark.parametrize(
    ("error", "raised", "sentence"),
    [
        pytest.param(BuildError("the engine is full."), BuildError, "the engine is full", id="a build error"),
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), BuildError, "No space left", id="a full disk"),
        pytest.param(ValueError("a mistake of ours"), ValueError, "a mistake of ours", id="a mistake of ours"),
    ],
)
def test_an_assembly_that_fails_leaves_the_live_build(
    state: Path, error: DiscovererError | OSError | ValueError, raised: type[Exception], sentence: str
) -> None:
    first = make(state, TinyAdapter("incidents"))
    with pytest.raises(raised, match=sentence) as caught:
        build(make_settings(state, ["incidents"]), [TinyAdapter("incidents")], assemble=Broken(error))
    if raised is BuildError:
        assert str(caught.value).endswith(f"build {first.build} goes on serving.")
    assert versions.current(state) == first.build
    assert leftovers(state) == []
    attempt = attempts.last(state)
    assert attempt is not None and attempt.outcome is Outcome.FAILED and sentence in attempt.reason


def forgetful_of_one(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
    """Damage the body of a record, so that it can no longer be found by its own key."""
    path = out / "segments" / "incidents.sqlite"
    other = path.with_suffix(".other")
    other.write_bytes(path.read_bytes().replace(b'"key":["second"]', b'"key":["sec0nd"]'))
    other.rename(path)
    return {}


def test_a_build_whose_records_are_not_those_that_were_read_is_not_published(state: Path) -> None:
    first = make(state, TinyAdapter("incidents", ["one"]))
    settings = make_settings(state, ["incidents"])
    with pytest.raises(BuildError, match="not published"):
        build(settings, [TinyAdapter("incidents", ["second"])], assemble=forgetful_of_one, probe=probe_segments)
    assert versions.current(state) == first.build
    assert versions.list_builds(state) == [first.build]


def test_a_probe_that_refuses_keeps_the_build_from_being_published(state: Path) -> None:
    first = make(state, TinyAdapter("incidents"))

    def refuse(folder: Path, manifest: Manifest) -> None:
        versions.open_verified(folder)
        raise BuildError("the reader finds nothing in it.")

    with pytest.raises(BuildError, match=f"finds nothing in it; build {first.build} goes on serving"):
        build(make_settings(state, ["incidents"]), [TinyAdapter("incidents")], assemble=tiny_assemble, probe=refuse)
    assert versions.list_builds(state) == [first.build]


def fill_disk(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make every write to a file of this name meet a full disk."""
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name.startswith(name):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)


@pytest.mark.parametrize("name", ["manifest.json", "CURRENT", "last_attempt.json", "builds.jsonl", "build.lock.json"])
def test_a_disk_full_at_any_file_leaves_the_live_build(state: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    first = make(state, TinyAdapter("incidents", ["kept"]))
    with monkeypatch.context() as patched:
        fill_disk(patched, name)
        with pytest.raises(BuildError, match=rf"No space left on device.*build {first.build} goes on serving\.$"):
            make(state, TinyAdapter("incidents", ["new"]))
    assert words_in(state, "incidents") == ["kept"]
    make(state, TinyAdapter("incidents", ["new"]))
    assert words_in(state, "incidents") == ["new"]
    assert leftovers(state) == []


def build_with_little_room(state: Path, size: int, words: Sequence[str], result: Path) -> None:
    """Build in a process whose files may not grow past `size` bytes, and write down what it said."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        make(state, TinyAdapter("incidents", words))
        said = "published"
    except BuildError as error:
        said = error.message
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    result.write_text(said)


def test_a_database_that_cannot_grow_is_said_in_one_sentence(state: Path, tmp_path: Path) -> None:
    first = make(state, TinyAdapter("incidents", ["kept"]))
    words = [f"{n} {'x' * 500}" for n in range(2_000)]
    child = FORK.Process(target=build_with_little_room, args=(state, 200_000, words, tmp_path / "said"))
    child.start()
    child.join(60)
    said = (tmp_path / "said").read_text()
    assert "incidents.sqlite could not be written" in said
    assert said.endswith(f"build {first.build} goes on serving.")
    assert words_in(state, "incidents") == ["kept"]
    assert leftovers(state) == []


def hold(state: Path, entered: Event, leave: Event) -> None:
    """Build, and stay in the assembly until told to go on."""

    def wait(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
        entered.set()
        leave.wait(30)
        return tiny_assemble(segments, out, as_at, progress)

    build(
        make_settings(state, ["incidents"]), [TinyAdapter("incidents", ["slow"])], assemble=wait, probe=probe_segments
    )


def test_a_second_builder_is_told_who_is_building_and_the_first_goes_on(state: Path) -> None:
    make(state, TinyAdapter("incidents", ["kept"]))
    entered, leave = FORK.Event(), FORK.Event()
    first = FORK.Process(target=hold, args=(state, entered, leave))
    first.start()
    assert entered.wait(30)
    running = attempts.last(state)
    assert running is not None and running.outcome is Outcome.RUNNING
    with pytest.raises(BuildLocked, match=rf"process {first.pid} on .* has been building since .*; wait") as caught:
        make(state, TinyAdapter("incidents", ["impatient"]))
    assert caught.value.http_status == 409
    assert words_in(state, "incidents") == ["kept"]
    leave.set()
    first.join(30)
    assert first.exitcode == 0
    assert words_in(state, "incidents") == ["slow"]


def test_old_builds_that_cannot_be_removed_do_not_undo_a_published_one(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(state, TinyAdapter("incidents"))

    def stuck(root: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    with monkeypatch.context() as patched:
        patched.setattr(files, "remove_tree", stuck)
        manifest = make(state, TinyAdapter("incidents", ["new"]), keep=1)
    assert versions.current(state) == manifest.build
    attempt = attempts.last(state)
    assert attempt is not None and attempt.outcome is Outcome.PUBLISHED and "could not be removed" in attempt.reason
    make(state, TinyAdapter("incidents"), keep=1)
    assert len(versions.list_builds(state)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda state: versions.pointer_of(state).write_text("nowhere"), id="the pointer leads nowhere"),
        pytest.param(lambda state: attempts.attempt_file(state).write_text("{"), id="the last attempt is torn"),
        pytest.param(lambda state: attempts.history_file(state).write_text('{"event":"sta'), id="the history is torn"),
        pytest.param(lambda state: (state / "build.lock.json").write_text("?"), id="the holder's note is torn"),
    ],
)
def test_a_damaged_state_is_mended_by_building(state: Path, damage: Callable[[Path], object]) -> None:
    make(state, TinyAdapter("incidents"))
    damage(state)
    manifest = make(state, TinyAdapter("incidents", ["new"]))
    assert words_in(state, "incidents") == ["new"]
    attempt = attempts.last(state)
    assert attempt is not None and (attempt.build, attempt.outcome) == (manifest.build, Outcome.PUBLISHED)
    assert attempts.history(state)[-1].event is attempts.Event.PUBLISHED


def test_the_text_of_a_build_can_be_searched(state: Path) -> None:
    manifest = make(state, TinyAdapter("incidents"))
    with Segment(versions.builds_of(state) / manifest.build / "segments" / "incidents.sqlite") as segment:
        assert segment.search_text(["SECOND"], tuple(Visibility), 5) == ([2], 1)


def test_a_state_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match=r"could not be used.*no earlier build to search"):
        make(tmp_path / "file" / "state", TinyAdapter("incidents"))


def test_instants_are_kept_in_utc(state: Path) -> None:
    manifest = make(state, TinyAdapter("incidents"))
    assert iso(parse_iso(manifest.made_at)) == manifest.made_at


def test_good_data_is_carried_from_an_older_build_when_the_pointer_is_lost(state: Path) -> None:
    make(state, TinyAdapter("incidents", ["old"]), TinyAdapter("custody", ["kept"]))
    (state / "CURRENT").write_text("junk", encoding="ascii")
    gone = SourceUnavailable("custody", "the file is missing.")
    manifest = make(state, TinyAdapter("incidents", ["new"]), TinyAdapter("custody", ["half"], gone))
    assert manifest.segments[1].state is SourceState.STALE
    assert words_in(state, "custody") == ["kept"]


def test_an_adapter_that_falls_over_fails_its_source_and_not_the_night(state: Path) -> None:
    fallen = TinyAdapter("custody", ["half"], OverflowError("date value out of range"))
    manifest = make(state, TinyAdapter("incidents", ["new"]), fallen)
    assert manifest.segments[1].state is SourceState.FAILED
    assert "fell over after 1 rows (OverflowError: date value out of range)" in manifest.segments[1].reason
    assert words_in(state, "incidents") == ["new"]


def test_a_segment_carried_under_a_changed_mapping_says_so(state: Path) -> None:
    make(state, TinyAdapter("incidents", ["old"]), TinyAdapter("custody", ["kept"]))
    gone = SourceUnavailable("custody", "the file is missing.")
    manifest = make(state, TinyAdapter("incidents", ["new"]), TinyAdapter("custody", ["half"], gone, version="v2"))
    assert "Its mapping has changed since" in manifest.segments[1].reason


class MarkedAdapter(TinyAdapter):
    """A source that says how far it has come: as many rows as it had when it was asked."""

    def watermark(self) -> str:
        """Return how far it has come."""
        return f"after {len(self.rows_of)}"

    def rows(self) -> Iterator[RawRow]:
        """Yield the words, one of which is written while it is read."""
        for number, word in enumerate([*self.rows_of], 1):
            yield RawRow(f"{self.name}:{number}", {"WORD": word})
        if self.error:
            raise self.error
        self.rows_of = [*self.rows_of, "written meanwhile"]


def test_how_far_a_source_had_come_is_taken_before_it_is_read_and_carried_with_what_was_read(state: Path) -> None:
    source = MarkedAdapter("custody", ["one", "two"])
    manifest = make(state, source, TinyAdapter("incidents"))
    assert [entry.watermark for entry in manifest.segments] == ["after 2", ""]
    source.error = SourceUnavailable("custody", "the file is missing.")
    carried = make(state, source, TinyAdapter("incidents")).segments[0]
    assert (carried.state, carried.watermark) == (SourceState.STALE, "after 2")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(OSError(errno.EIO, "Input/output error"), "could not be asked how far it has come", id="disk"),
        pytest.param(SourceUnavailable("custody", "the feed is shut."), "the feed is shut", id="shut"),
        pytest.param(KeyError("mark"), "fell over after 0 rows", id="a mistake of the adapter"),
    ],
)
def test_a_source_that_cannot_say_how_far_it_has_come_is_not_read(
    state: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def refuse(self: MarkedAdapter) -> str:
        raise error

    monkeypatch.setattr(MarkedAdapter, "watermark", refuse)
    manifest = make(state, MarkedAdapter("custody"), TinyAdapter("incidents"))
    assert manifest.segments[0].state is SourceState.FAILED and reason in manifest.segments[0].reason
    assert manifest.segments[1].state is SourceState.FRESH


def test_rows_are_counted_those_that_gave_nothing_too(state: Path) -> None:
    class Forgetful(TinyAdapter):
        def records(self, row: RawRow) -> Iterator[Record]:
            return iter(()) if row.values["WORD"] == "nothing" else super().records(row)

    entry = make(state, Forgetful("incidents", ["one", "!two", "nothing", "one"])).segments[0]
    assert (entry.rows, entry.records, entry.rejects, entry.silent) == (4, 1, 2, 1)
    assert entry.filled == {"dates": 2, "running texts": 2}


def test_what_is_to_be_done_before_a_build_is_published_is_done_while_the_old_one_is_live(state: Path) -> None:
    first = make(state, TinyAdapter("incidents"))
    seen: list[tuple[str, str, bool]] = []

    @contextmanager
    def catch_up(folder: Path) -> Iterator[None]:
        seen.append((folder.name, versions.current(state), held(state)))
        yield
        seen.append((folder.name, versions.current(state), held(state)))

    settings, sources = make_settings(state, ["incidents"]), [TinyAdapter("incidents", ["new"])]
    again = partial(build, settings, sources, assemble=tiny_assemble, probe=probe_segments)
    second = again(within=catch_up)
    assert seen == [(second.build, first.build, True), (second.build, second.build, True)]

    def refuse(folder: Path) -> AbstractContextManager[None]:
        raise BuildError("the day could not be taken in.")

    with pytest.raises(BuildError, match=rf"could not be taken in; build {second.build} goes on serving"):
        again(within=refuse)
    assert versions.list_builds(state) == [first.build, second.build]
