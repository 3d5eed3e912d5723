"""Published builds: nothing altered is opened, the pointer can be moved back, and old builds are cleared away."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from discoverer.clock import parse_iso
from discoverer.errors import BuildError, BuildLocked, IndexTampered, IndexUnavailable
from index import attempts, files, versions
from index.build import build
from index.lock import builder_lock, held
from index.manifest import Manifest, read_manifest
from index.probe import probe_segments
from index.store import Segment
from tests.tiny_index import SOURCES, TinyAdapter, make_settings, tiny_assemble


def publish(state: Path, keep: int = 3) -> str:
    """Build and publish the tiny set."""
    adapters = [TinyAdapter(name) for name in SOURCES]
    settings, within = make_settings(state, keep_builds=keep), versions.at_once
    return build(settings, adapters, assemble=tiny_assemble, probe=probe_segments, within=within).build


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state directory with one published build."""
    publish(tmp_path / "state")
    return tmp_path / "state"


def live(state: Path) -> Path:
    return versions.builds_of(state) / versions.current(state)


def alter(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a file of a build as its owner could: its size or times may stay, its content does not."""
    before = path.stat()
    path.chmod(0o640)
    path.write_bytes(change(path.read_bytes()))
    path.chmod(0o440)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def reseal(folder: Path, name: str, value: object) -> None:
    """Change one value of a manifest without knowing how to seal it."""

    def change(text: bytes) -> bytes:
        return json.dumps({**json.loads(text), name: value}).encode()

    alter(folder / "manifest.json", change)


def swap_for_link(folder: Path) -> None:
    (folder / "engine" / "toc").rename(folder.parent.parent / "elsewhere")
    (folder / "engine" / "toc").symlink_to(folder.parent.parent / "elsewhere")


def swap_folder_for_link(folder: Path) -> None:
    (folder / "engine").rename(folder.parent.parent / "elsewhere")
    (folder / "engine").symlink_to(folder.parent.parent / "elsewhere")


def move_whole_build(folder: Path) -> None:
    folder.rename(folder.parent.parent / "moved")
    folder.symlink_to(folder.parent.parent / "moved")


TAMPERINGS = [
    pytest.param(
        lambda f: alter(f / "engine/toc", lambda b: b[:-1] + b"!"), "engine/toc is not as", id="a byte changed"
    ),
    pytest.param(lambda f: alter(f / "vocabulary.json", lambda b: b + b" "), "vocabulary.json is not", id="longer"),
    pytest.param(lambda f: alter(f / "people.sqlite", lambda b: b[:-512]), "people.sqlite is not", id="cut short"),
    pytest.param(lambda f: (f / "engine/toc").unlink(), "engine/toc is missing", id="a file removed"),
    pytest.param(
        lambda f: (f / "engine/_evil.toc").write_text("x"), "engine/_evil.toc does not belong", id="a file added"
    ),
    pytest.param(
        lambda f: (f / "engine/parts/manifest.json").write_text("{}"), "does not belong", id="another manifest.json"
    ),
    pytest.param(swap_for_link, "engine/toc is a link", id="a file swapped for a link"),
    pytest.param(swap_folder_for_link, "engine is a link", id="a folder swapped for a link"),
    pytest.param(move_whole_build, "not a directory", id="the build swapped for a link"),
    pytest.param(lambda f: os.mkfifo(f / "pipe"), "pipe is a link or no plain file", id="a pipe"),
    pytest.param(
        lambda f: (f / "engine/toc").chmod(0o462), "others may write to engine/toc", id="a file all may write"
    ),
    pytest.param(lambda f: (f / "engine/toc").chmod(0o460), "others may write to engine/toc", id="its group may write"),
    pytest.param(lambda f: (f / "engine").chmod(0o757), "others may write to engine", id="a folder all may write"),
    pytest.param(lambda f: f.parent.chmod(0o777), "others may write in", id="the folder of builds all may write"),
    pytest.param(lambda f: (f / "manifest.json").unlink(), "no manifest", id="no manifest"),
    pytest.param(lambda f: alter(f / "manifest.json", lambda b: b[:200]), "manifest of", id="half a manifest"),
    pytest.param(lambda f: alter(f / "manifest.json", lambda b: b"\xff\x00"), "manifest of", id="not JSON"),
    pytest.param(lambda f: reseal(f, "files", []), "manifest of", id="a manifest that lists no files"),
    pytest.param(lambda f: reseal(f, "build", "20141116T020512Z-000000"), "manifest of", id="another build's name"),
    pytest.param(lambda f: reseal(f, "format", 99), "manifest of", id="a format of the future"),
    pytest.param(lambda f: reseal(f, "counts", {"persons": 1}), "manifest of", id="a count changed"),
]


@pytest.mark.parametrize("met_before", [pytest.param(False, id="fresh"), pytest.param(True, id="verified before")])
@pytest.mark.parametrize(("tamper", "sentence"), TAMPERINGS)
def test_a_build_that_was_altered_is_not_opened(
    state: Path, tamper: Callable[[Path], object], sentence: str, met_before: bool
) -> None:
    folder = live(state)
    if met_before:
        versions.open_verified(folder)
    else:
        versions._verified.clear()
    tamper(folder)
    with pytest.raises(IndexTampered, match=sentence) as caught:
        versions.open_verified(folder)
    assert "roll back or build again." in caught.value.message
    with pytest.raises(IndexUnavailable):
        versions.open_current(state, lambda path, manifest: pytest.fail("it was opened"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_owner_is_not_opened(state: Path) -> None:
    os.chown(live(state) / "engine" / "toc", 12345, -1)
    with pytest.raises(IndexTampered, match="engine/toc does not belong to the builder"):
        versions.open_verified(live(state))


def test_a_build_copied_under_another_id_is_not_opened(state: Path) -> None:
    twin = live(state).with_name("20990101T000000Z-abcdef")
    live(state).rename(twin)
    with pytest.raises(IndexTampered, match="its manifest is that of build"):
        versions.open_verified(twin)


def test_a_sound_build_opens_and_is_hashed_once(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions._verified.clear()
    first = versions.open_verified(live(state))
    monkeypatch.setattr(versions, "hash_files", lambda paths: pytest.fail("hashed again"))
    assert versions.open_verified(live(state)) is first
    assert first == read_manifest(live(state))


def test_every_file_of_a_published_build_is_read_only(state: Path) -> None:
    for path in files.tree_files(live(state)):
        mode = path.stat().st_mode & 0o777
        assert mode in (0o440, 0o640) and (mode == 0o440 or path.name == "manifest.json"), path


@pytest.mark.parametrize(
    ("pointer", "sentence"),
    [
        pytest.param(None, "no index to search yet; run 'discoverer build'", id="no build yet"),
        pytest.param(b"", "does not name a build", id="empty"),
        pytest.param(b"20141116T020512Z-abcdef\n", "is not there; roll back or build again", id="names a lost build"),
        pytest.param(b"../../etc\n", "does not name a build", id="names a path"),
        pytest.param(b"\xff\xfe\x00", "cannot be read", id="not text"),
    ],
)
def test_a_pointer_that_leads_nowhere_says_what_to_do(state: Path, pointer: bytes | None, sentence: str) -> None:
    build_id = versions.current(state)
    versions.pointer_of(state).unlink()
    if pointer is not None:
        versions.pointer_of(state).write_bytes(pointer)
    with pytest.raises(IndexUnavailable, match=sentence):
        versions.current(state)
    assert versions.rollback(state) == build_id, "rolling back mends the pointer"
    assert versions.current(state) == build_id


def test_rolling_back_goes_to_the_build_before_and_past_an_altered_one(state: Path) -> None:
    first = versions.current(state)
    second, third = publish(state), publish(state)
    assert versions.list_builds(state) == [first, second, third]
    alter(versions.builds_of(state) / second / "vocabulary.json", lambda content: b"[1]")
    assert versions.rollback(state) == first
    assert versions.current(state) == first
    assert attempts.history(state)[-1].event is attempts.Event.ROLLED_BACK
    with pytest.raises(IndexUnavailable, match="no earlier build"):
        versions.rollback(state)
    assert versions.current(state) == first


def test_there_is_nothing_to_go_back_to_before_the_first_build(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="run 'discoverer build' first"):
        versions.rollback(tmp_path / "nowhere")


def test_a_rollback_the_disk_does_not_take_is_said(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(state)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(BuildError, match=r"not finished: .*No space left on device.*discoverer status"):
            versions.rollback(state)


def test_rolling_back_waits_for_no_builder(state: Path) -> None:
    publish(state)
    with builder_lock(state, "building"), pytest.raises(BuildLocked, match="has been building since"):
        versions.rollback(state)


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_only_so_many_builds_are_kept(state: Path, keep: int) -> None:
    made = [versions.current(state), *(publish(state, keep=100) for _ in range(3))]
    assert versions.prune(state, keep) == made[: 4 - keep]
    assert versions.list_builds(state) == made[4 - keep :]


def test_the_live_build_is_kept_even_when_it_is_the_oldest(state: Path) -> None:
    first = versions.current(state)
    publish(state)
    versions.rollback(state)
    publish_other = versions.list_builds(state)[-1]
    assert versions.prune(state, 1) == [publish_other]
    assert versions.current(state) == first
    versions.open_verified(live(state))


def test_what_is_not_a_build_is_left_alone(state: Path) -> None:
    stranger = versions.builds_of(state) / "notes"
    stranger.mkdir()
    (versions.builds_of(state) / "20141116T020512Z-abcdef.part").mkdir()
    (versions.builds_of(state) / "20141116T020512Z-abcdef.gone").mkdir()
    assert versions.clear_remains(state) == ["20141116T020512Z-abcdef.gone", "20141116T020512Z-abcdef.part"]
    assert stranger.is_dir()
    assert len(versions.list_builds(state)) == 1


def test_ids_sort_by_age_even_when_the_clock_goes_back(state: Path) -> None:
    newest = versions.list_builds(state)[-1]
    assert versions.new_id(state, parse_iso("1999-01-01")) > newest
    assert versions.ID.fullmatch(versions.new_id(state, parse_iso("2999-01-01")))


def test_a_reader_whose_build_is_removed_while_it_opens_gets_the_new_one(state: Path) -> None:
    opened: list[str] = []

    def opener(folder: Path, manifest: Manifest) -> Segment:
        opened.append(manifest.build)
        if len(opened) == 1:
            publish(state, keep=1)
        return Segment(folder / manifest.segments[0].file)

    with versions.open_current(state, opener) as segment:
        assert len(opened) == 2
        assert segment.path.parent.parent.name == versions.current(state) == opened[1]


def test_a_pointer_read_just_before_a_swap_is_read_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = iter(["20141116T020512Z-abcdef", versions.current(state)])
    monkeypatch.setattr(versions, "_pointed_at", lambda state_dir: next(named))
    assert versions.current(state) == versions.list_builds(state)[-1]


def test_a_segment_goes_on_answering_after_its_build_is_removed(state: Path) -> None:
    with Segment(live(state) / "segments" / "incidents.sqlite") as segment:
        publish(state, keep=1)
        assert not segment.path.exists()
        assert [record.ref for _, record in segment.records()] == ["first", "second", "third"]


def test_the_lock_is_held_by_one_and_free_after_it(state: Path) -> None:
    assert not held(state)
    with builder_lock(state, "building"):
        seen: list[bool] = []
        other = threading.Thread(target=lambda: seen.append(held(state)))
        other.start()
        other.join()
        assert seen == [True]
    assert not held(state)
