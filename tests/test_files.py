"""Durable file operations: all of the new or all of the old, and nothing half that looks whole."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from index import files


def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    files.write_file(tmp_path / "CURRENT", b"old, and longer than the new")
    files.write_file(tmp_path / "CURRENT", b"new")
    assert (tmp_path / "CURRENT").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_file(tmp_path / "CURRENT", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            files.write_file(tmp_path / "CURRENT", b"new")
    assert (tmp_path / "CURRENT").read_bytes() == b"old"
    files.write_file(tmp_path / "CURRENT", b"newer")
    assert (tmp_path / "CURRENT").read_bytes() == b"newer"


def test_a_write_taken_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:3]))
    files.write_file(tmp_path / "long", b"0123456789")
    assert (tmp_path / "long").read_bytes() == b"0123456789"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, b"line\n", id="a new file"),
        pytest.param(b"one\n", b"one\nline\n", id="whole lines"),
        pytest.param(b'one\n{"ha', b'one\n{"ha\nline\n', id="a torn line is ended first"),
        pytest.param(b"", b"line\n", id="an empty file"),
    ],
)
def test_a_line_is_added_on_a_line_of_its_own(tmp_path: Path, before: bytes | None, after: bytes) -> None:
    path = tmp_path / "builds.jsonl"
    if before is not None:
        path.write_bytes(before)
    files.append_line(path, b"line")
    assert path.read_bytes() == after


def test_a_new_file_of_lines_is_for_whom_it_is_said_to_be(tmp_path: Path) -> None:
    files.append_line(tmp_path / "looks", b"line", 0o600)
    assert (tmp_path / "looks").stat().st_mode & 0o777 == 0o600


def test_a_line_half_taken_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    (tmp_path / "looks").write_bytes(b"one\n")
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:3]))
    with pytest.raises(OSError, match="No space left"):
        files.append_line(tmp_path / "looks", b"line")
    assert (tmp_path / "looks").read_bytes() == b"one\n"


@pytest.mark.parametrize("links", [pytest.param(True, id="linked"), pytest.param(False, id="copied across disks")])
def test_a_file_is_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def across(source: object, target: object, **options: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    (tmp_path / "old").write_bytes(b"content")
    if not links:
        monkeypatch.setattr(os, "link", across)
    files.carry_file(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"content"
    assert (tmp_path / "new").samefile(tmp_path / "old") is links


def test_a_file_that_is_not_there_is_not_carried(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.carry_file(tmp_path / "old", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_directories_are_made_with_those_above_them(tmp_path: Path) -> None:
    files.make_directory(tmp_path / "a" / "b")
    files.make_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    files.make_directory(tmp_path / "c" / "d", 0o700)
    assert (tmp_path / "c" / "d").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        files.make_directory(tmp_path / "file" / "b")


def test_a_tree_is_listed_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "tree" / "folder").mkdir(parents=True)
    (tmp_path / "tree" / "folder" / "file").write_text("")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("")
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    listed = [path.relative_to(tmp_path / "tree").as_posix() for path in files.tree_files(tmp_path / "tree")]
    assert listed == ["folder/file", "link"]


def test_a_removal_that_was_cut_short_can_be_taken_up_again(tmp_path: Path) -> None:
    for name in ("build", "build.gone"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("")
    files.remove_tree(tmp_path / "build")
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_tree_can_only_be_read(tmp_path: Path) -> None:
    (tmp_path / "tree" / "folder").mkdir(parents=True)
    (tmp_path / "tree" / "folder" / "file").write_text("")
    files.seal_tree(tmp_path / "tree")
    assert (tmp_path / "tree" / "folder" / "file").stat().st_mode & 0o777 == files.FILE_MODE
    assert (tmp_path / "tree" / "folder").stat().st_mode & 0o777 == files.DIRECTORY_MODE
