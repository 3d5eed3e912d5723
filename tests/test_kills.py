"""A builder killed at any moment leaves a complete build serving, and the next build clears up after it.

Every file operation of a build is a moment to be killed at, one process for each; then twenty moments by
chance. That each file is on the disk before the pointer moves is read off the operations themselves.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from discoverer.codec import decoder, encode
from discoverer.errors import IndexUnavailable, SourceUnavailable
from discoverer.model import Visibility
from discoverer.normalise.references import canonical_reference
from index import attempts, keys, versions
from index.attempts import Outcome
from index.build import build
from index.engines import DEFAULT, ENGINES
from index.manifest import Manifest
from index.reader import Index, Reader, Scope
from index.store import Segment
from tests.file_operations import Operation, Watch, unsafe
from tests.tiny_index import WIDE_BOUNDS, TinyAdapter, make_settings

# Children do nothing but build, so a lock that another thread of this process holds is never asked for.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
RANDOM_KILLS = int(os.environ.get("DISCOVERER_RANDOM_KILLS", "50"))
_operations = decoder(list[Operation])
Content = dict[str, list[str]]


def make(
    state: Path, word: str, keep: int = 2, broken: bool = False, extra: int = 0, engine: str = DEFAULT
) -> Manifest:
    """Build two sources that hold `word`; a broken custody carries what it had."""
    words = [word, *(f"{word}-{number}" for number in range(extra))]
    error = SourceUnavailable("custody", "it is missing.") if broken else None
    adapters = [TinyAdapter("incidents", words), TinyAdapter("custody", [word], error)]
    settings = make_settings(state, keep_builds=keep)
    return build(settings.model_copy(update={"engine": engine, "bounds": WIDE_BOUNDS}), adapters)


def content(folder: Path, manifest: Manifest) -> Content:
    """Open a build as a search does, and find each record by its text and by its reference."""
    found: Content = {}
    for entry in manifest.segments:
        if entry.file:
            with Segment(folder / entry.file) as segment:
                refs = [record.ref for _, record in segment.records()]
                for number, ref in enumerate(refs, 1):
                    assert number in segment.search_text([ref], tuple(Visibility), 10_000)[0]
                found[entry.source] = refs
    index = Index(folder, manifest)
    try:
        reader = Reader(index, Scope(frozenset(Visibility)))
        for ref in (ref for refs in found.values() for ref in refs):
            assert reader.docs(reader.look_up(keys.reference(canonical_reference(ref)), 10_000).ids), ref
    finally:
        index.close()
    return found


def serving(state: Path) -> Content | None:
    """Open what the pointer names as a new reader would; None when there is no index yet."""
    versions._verified.clear()
    try:
        return versions.open_current(state, content)
    except IndexUnavailable as error:
        assert "no index to search yet" in error.message
        return None


def run(state: Path, watch: Watch, log: Path, word: str, broken: bool) -> None:
    """Build under watch, in a process of its own, and write the operations down."""
    watch.start()
    make(state, word, broken=broken)
    watch.stop()
    log.write_bytes(encode(watch.seen))


def in_child(state: Path, watch: Watch, log: Path, word: str, broken: bool = False) -> int:
    """Run a watched build; return its exit code, negative when it was killed."""
    child = FORK.Process(target=run, args=(state, watch, log, word, broken))
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


def recorded(state: Path, log: Path, broken: bool = False, without_sync: tuple[str, ...] = ()) -> list[Operation]:
    """Build under watch, unharmed, and return its operations."""
    assert in_child(state, Watch(state.parent, without_sync=without_sync), log, "recorded", broken) == 0
    return _operations(log.read_bytes())


def check_after_kill(state: Path, before: Content | None, new: Content) -> None:
    """Hold what stands after a kill against what must: one whole build serves, old or new, and status says so."""
    now = serving(state)
    assert now in (before, new)
    for build_id in versions.list_builds(state):
        assert versions.open_verified(versions.builds_of(state) / build_id).build == build_id, "a half build is listed"
    last = attempts.last(state)
    if now != before:
        assert last is not None and last.outcome in (Outcome.INTERRUPTED, Outcome.PUBLISHED)


def check_next_build(state: Path, word: str) -> None:
    """Build again: it succeeds, and nothing is left of the killed one."""
    manifest = make(state, word)
    assert serving(state) == {"incidents": [word], "custody": [word]}
    kept = versions.list_builds(state)
    assert manifest.build == kept[-1]
    assert len(kept) <= 2
    assert sorted(path.name for path in versions.builds_of(state).iterdir()) == kept
    for build_id in kept:
        content(versions.builds_of(state) / build_id, versions.open_verified(versions.builds_of(state) / build_id))
    published = {entry.build for entry in attempts.history(state) if entry.event is attempts.Event.PUBLISHED}
    assert set(kept) <= published, "a build that was never live is not kept to go back to"
    last = attempts.last(state)
    assert last is not None and (last.build, last.outcome) == (manifest.build, Outcome.PUBLISHED)


@pytest.mark.parametrize("half", [0, 1])
def test_killed_at_every_operation_beside_a_live_build(tmp_path: Path, half: int) -> None:
    """One source is read anew and one carried; two older builds stand, so that pruning is killed too."""
    state, log = tmp_path / "state", tmp_path / "log"
    make(state, "older")
    make(state, "old")
    total = len(recorded(state, log, broken=True))
    assert total > 150
    make(state, "old")
    for moment in range(half, total, 2):
        before = serving(state)
        assert before is not None
        word = f"new{moment}"
        assert in_child(state, Watch(state.parent, kill_at=moment), log, word, broken=True) == -signal.SIGKILL, moment
        check_after_kill(state, before, {**before, "incidents": [word]})
        check_next_build(state, f"next{moment}")


@pytest.mark.parametrize("half", [0, 1])
def test_killed_at_every_operation_of_the_first_build(tmp_path: Path, half: int) -> None:
    log = tmp_path / "log"
    total = len(recorded(tmp_path / "counted", log))
    assert total > 150
    for moment in range(half, total, 2):
        state = tmp_path / str(moment)
        assert in_child(state, Watch(state.parent, kill_at=moment), log, "new") == -signal.SIGKILL, moment
        check_after_kill(state, None, {"incidents": ["new"], "custody": ["new"]})
        check_next_build(state, "next")


def kill_before_pointer(state: Path, log: Path) -> None:
    """Leave behind a build that was finished and renamed into place, and never published."""
    make(state, "before")  # says something else than all kept before, which go: the same is done the next time
    operations = recorded(state, log)
    move = next(n for n, one in enumerate(operations) if one.target.endswith("/CURRENT"))
    make(state, "old")
    assert in_child(state, Watch(state.parent, kill_at=move), log, "lost") == -signal.SIGKILL
    assert len(versions.list_builds(state)) == 2, "the one before holds what was gone when this one was built"


def test_killed_at_every_operation_of_clearing_up_after_a_kill(tmp_path: Path) -> None:
    state, log = tmp_path / "state", tmp_path / "log"
    make(state, "old")
    for moment in range(400):
        kill_before_pointer(state, log)
        watch = Watch(state.parent, kill_at=moment)
        word = f"second{moment}"
        code = in_child(state, watch, log, word)
        assert serving(state) in ({"incidents": ["old"], "custody": ["old"]}, {"incidents": [word], "custody": [word]})
        begun = any(path.name.endswith(".part") for path in versions.builds_of(state).iterdir())
        check_next_build(state, "old")
        if begun or code == 0:
            assert moment > 10
            return
    pytest.fail("clearing up never came to an end")


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_killed_at_a_time_by_chance(tmp_path: Path, seed: int) -> None:
    """Every engine in turn."""
    state, engine = tmp_path / "state", sorted(ENGINES)[seed % len(ENGINES)]
    began = time.perf_counter()
    make(state, "old", extra=300, engine=engine)
    took = time.perf_counter() - began
    before = serving(state)
    child = FORK.Process(target=make, args=(state, "new", 2, False, 300, engine))
    child.start()
    time.sleep(random.Random(seed).uniform(0, took * 1.5))
    child.kill()
    child.join(30)
    new = {"incidents": ["new", *(f"new-{number}" for number in range(300))], "custody": ["new"]}
    check_after_kill(state, before, new)
    check_next_build(state, "next")


@pytest.mark.parametrize("first", [pytest.param(True, id="the first build"), pytest.param(False, id="a later build")])
def test_every_file_and_its_directory_are_synced_before_the_pointer_moves(tmp_path: Path, first: bool) -> None:
    state, log = tmp_path / "state", tmp_path / "log"
    if not first:
        make(state, "old")
        make(state, "old")
    operations = recorded(state, log, broken=not first)
    assert unsafe(operations, state) == []
    synced = {operation.path for operation in operations if operation.kind == "sync"}
    # What only a build that goes on needs is gone by then: tests/test_resuming.py.
    synced = {path for path in synced if "/work/" not in path and "/stages.json" not in path}
    assert len(synced) >= 15
    for path in synced:  # the check itself is sound: without any one of these syncs it fails
        without = [one for one in operations if (one.kind, one.path) != ("sync", path)]
        assert unsafe(without, state), f"nothing notices when {path} is not synced"


@pytest.mark.parametrize("forgotten", ["CURRENT.part", "last_attempt.json.part", "builds.jsonl", "builds", "."])
def test_a_sync_left_out_is_noticed(tmp_path: Path, forgotten: str) -> None:
    state = tmp_path / "state"
    make(state, "old")
    path = str((state / forgotten).absolute())
    problems = unsafe(recorded(state, tmp_path / "log", without_sync=(path,)), state)
    assert problems
    assert any("is not synced when" in one or "is never synced" in one for one in problems)


def read_on(state: Path, until: Callable[[], bool], seen: list[str]) -> None:
    """Search again and again; what two sources answer must come from one build."""
    while not until():
        found = versions.open_current(state, content)
        if found["incidents"] != found["custody"]:
            seen.append(f"mixed: {found}")
        seen.append(found["incidents"][0])


def read_in_process(state: Path, stop: Event, result: Path) -> None:
    """Search in a process of its own, and write down what was found."""
    seen: list[str] = []
    try:
        read_on(state, stop.is_set, seen)
    except (IndexUnavailable, OSError) as error:
        seen.append(f"failed: {error}")
    result.write_bytes(encode(seen))


# When a build is removed while it is being opened, Whoosh drops the file it had open already without closing it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_searches_never_fail_while_builds_are_swapped_and_removed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    make(state, "word0", keep=1)
    stop = FORK.Event()
    reader = FORK.Process(target=read_in_process, args=(state, stop, tmp_path / "seen"))
    reader.start()
    in_threads: list[list[str]] = [[], []]
    threads = [threading.Thread(target=read_on, args=(state, stop.is_set, seen)) for seen in in_threads]
    for thread in threads:
        thread.start()
    for number in range(1, 13):
        make(state, f"word{number}", keep=1)
    time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(30)
    reader.join(30)
    words = {f"word{number}" for number in range(13)}
    for seen in (*in_threads, decoder(list[str])((tmp_path / "seen").read_bytes())):
        assert seen and set(seen) <= words
        assert seen == sorted(seen, key=lambda word: int(word[4:])), "a reader never goes back to an older build"
    gc.collect()  # what Whoosh dropped is let go of here, where its warning is expected, and in no other test


def test_a_builder_killed_while_holding_the_lock_holds_up_nobody(tmp_path: Path) -> None:
    state, log = tmp_path / "state", tmp_path / "log"
    make(state, "old")
    assert in_child(state, Watch(state.parent, kill_at=20), log, "new") == -signal.SIGKILL
    last = attempts.last(state)
    assert last is not None and last.outcome is Outcome.INTERRUPTED
    assert os.path.lexists(state / "build.lock")
    check_next_build(state, "next")
    events = [entry.event for entry in attempts.history(state)]
    assert attempts.Event.INTERRUPTED in events
