"""Nothing of an index is read before it has been held against its hashes: not one byte of one file, by no command."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from discoverer.errors import IndexTampered, IndexUnavailable
from discoverer.settings import Settings
from index import layer_file, versions
from index.manifest import Manifest
from index.reader import Index
from index.sync import Syncer
from tests.cast import log
from tests.feed import Feed
from tests.setups import complaint, copy_of, run, write_tiny
from tests.test_leaks import person
from tests.test_sync import one  # noqa: F401 - the fixture

ENGINES = ("whoosh", "tantivy")


@pytest.fixture(scope="module", params=ENGINES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings of a set-up built by each engine."""
    folder = tmp_path_factory.mktemp(request.param) / "here"
    config = write_tiny(folder)
    text = config.read_text(encoding="utf-8")
    config.write_text(f'{text}engine = "{request.param}"\nworkers = 1\n', encoding="utf-8")
    assert run(config, "build", "--quiet").exit_code == 0
    return config


def build_of(config: Path) -> Path:
    """Return the folder of the only build."""
    (build,) = (config.parent / "state" / "builds").iterdir()
    return build


def flip(path: Path, where: int) -> None:
    """Turn one bit of a file over."""
    body = bytearray(path.read_bytes())
    body[where] ^= 1
    path.chmod(0o640)
    path.write_bytes(body)
    path.chmod(0o440)


def test_a_bit_in_any_file_of_a_build_keeps_all_of_it_shut(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path / "copy")
    build = build_of(config)
    held = sorted(path for path in build.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(held) > 10
    for path in held:
        body = path.read_bytes()
        for where in {0, len(body) // 2, len(body) - 1}:
            flip(path, where)
            with pytest.raises(IndexTampered, match=r"not as it was written|made by another version"):
                versions.open_current(config.parent / "state", lambda *_: pytest.fail("it was opened"))
            path.chmod(0o640)
            path.write_bytes(body)
            path.chmod(0o440)
    versions.open_verified(build)  # as it was, it opens


def test_what_is_empty_is_held_against_its_hash_too(built: Path, tmp_path: Path) -> None:
    build = build_of(copy_of(built, tmp_path / "copy"))
    for path in [path for path in build.rglob("*") if path.is_file()]:
        before = path.read_bytes()
        path.chmod(0o640)
        path.write_bytes(before + b"x")
        with pytest.raises(IndexTampered):
            versions.open_verified(build)
        path.write_bytes(before)


def test_a_file_put_in_the_place_of_one_that_was_looked_at_is_looked_at_again(built: Path, tmp_path: Path) -> None:
    build = build_of(copy_of(built, tmp_path / "copy"))
    versions.open_verified(build)
    path = build / "people.sqlite"
    times = path.stat()
    shutil.copy(path, tmp_path / "twin")
    flip(tmp_path / "twin", 5000)
    os.utime(tmp_path / "twin", ns=(times.st_atime_ns, times.st_mtime_ns))  # as old, and as long
    (tmp_path / "twin").replace(path)
    with pytest.raises(IndexTampered, match=r"people.sqlite is not as it was written"):
        versions.open_verified(build)


@pytest.fixture
def layer(one: tuple[Feed, Settings, Syncer]) -> Iterator[Path]:  # noqa: F811 - the fixture
    """Lend a layer in force."""
    feed, settings, syncer = one
    feed.put(log("2", "2014-01-03", persons=(person("BERYL TATTON"),)))
    syncer.once()
    state = settings.state_dir
    found = layer_file.in_force(state, versions.current(state))
    assert found is not None
    layer_file._verified.clear()
    yield found


def test_a_bit_anywhere_in_a_layer_keeps_it_from_being_read(layer: Path) -> None:
    body = layer.read_bytes()
    for where in {0, 100, len(body) // 2, len(body) - 1}:
        flip(layer, where)
        with pytest.raises(IndexUnavailable, match="is not as it was written"):
            layer_file.verify(layer)
        layer.chmod(0o640)
        layer.write_bytes(body)
        layer.chmod(0o440)
    layer_file.verify(layer)


def linked(layer: Path) -> None:
    """Put a link in the place of a layer, to a file that holds the very same."""
    layer.rename(layer.parent.parent / "elsewhere")
    layer.symlink_to(layer.parent.parent / "elsewhere")


FOREIGN = [
    pytest.param(lambda layer: layer.chmod(0o460), id="its group may write"),
    pytest.param(lambda layer: layer.chmod(0o442), id="all may write"),
    pytest.param(lambda layer: layer.parent.chmod(0o770), id="the group may put another there"),
    pytest.param(linked, id="a link"),
    pytest.param(
        lambda layer: os.chown(layer, 12345, -1),
        id="of another owner",
        marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away"),
    ),
]


@pytest.mark.parametrize("change", FOREIGN)
def test_a_layer_that_others_could_have_written_is_not_read_though_its_hash_is_right(
    layer: Path, change: Callable[[Path], object]
) -> None:
    layer_file.verify(layer)
    change(layer)
    layer_file._verified.clear()
    with pytest.raises(IndexUnavailable, match="not the builder's alone"):
        layer_file.verify(layer)


COMMANDS = [
    ["search", "bibi"],
    ["search", "--json", "07700 900417"],
    ["show", "person", "outside:1#0"],
    ["brief", "person", "outside:1#0"],
    ["rejects", "people"],
    ["status"],
    ["sync"],
    ["decide", "same", "people:2#0", "stays:1#0", "--reason", "x", "--viewer", "PC 1"],
    ["build", "--quiet"],
    ["builds"],
    ["rollback"],
    ["policy", "figures", "--from", "2014-01-01", "--to", "2014-12-31"],
    ["doctor"],
]


def test_no_command_opens_a_build_or_layer_that_was_not_held_against_its_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_tiny(tmp_path / "here")
    config.write_text(config.read_text(encoding="utf-8") + "workers = 1\n", encoding="utf-8")
    opens, seen = Index.__init__, list[Path]()

    def _opens(index: Index, folder: Path, manifest: Manifest) -> None:
        assert versions._verified[folder] == (versions._signature(folder), manifest)
        seen.append(folder)
        opens(index, folder, manifest)

    monkeypatch.setattr(Index, "__init__", _opens)
    assert run(config, "build", "--quiet").exit_code == 0
    for command in COMMANDS:
        versions._verified.clear()
        run(config, *command)
    assert len(seen) > len(COMMANDS) // 2
    # And the guard of this test is one: without the look at the hashes it says so.
    monkeypatch.setattr(
        versions, "open_verified", lambda folder: __import__("index.manifest").manifest.read_manifest(folder)
    )
    versions._verified.clear()
    with pytest.raises((KeyError, AssertionError)):
        run(config, "search", "bibi")


def test_a_refusal_is_one_sentence_and_shows_nothing(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path / "copy")
    flip(build_of(config) / "people.sqlite", 4321)
    said = complaint(run(config, "search", "bibi"), 6)
    assert "people.sqlite is not as it was written" in said
    assert stat.S_IMODE((config.parent / "state" / "builds").stat().st_mode) & 0o022 == 0
