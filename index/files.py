"""Every durable file operation: what is written here is on the disk, or the old state still is.

A file is durable once its content and the directory entry that names it are both synced; a rename is
durable once its directory is. Nothing else in the index writes, renames or removes what must survive a crash.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_MODE = 0o440  # a published file is never written again, not even by its owner
DIRECTORY_MODE = 0o750  # the builder writes, its group (the server) reads, nobody else looks
BUILDING = ".part"  # a directory still being written
REMOVING = ".gone"  # a directory being removed


@contextmanager
def _opened(path: Path, flags: int, mode: int = 0o640) -> Iterator[int]:
    """Open a descriptor and close it whatever happens."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: one call may take only some of them."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_file(path: Path) -> None:
    """Wait until a file's content is on the disk. Raises OSError."""
    with _opened(path, os.O_RDONLY) as descriptor:
        os.fsync(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until a directory's entries (new, renamed, removed names) are on the disk. Raises OSError."""
    with _opened(path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        os.fsync(descriptor)


def write_file(path: Path, data: bytes) -> None:
    """Write a new file or replace an old one in one step: a reader sees all of either, after a crash too.

    Raises:
        OSError: the old file, if any, still stands.
    """
    aside = path.with_name(path.name + BUILDING)
    with _opened(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as descriptor:
        _write_all(descriptor, data)
        os.fsync(descriptor)
    aside.replace(path)
    sync_directory(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Add one line to a file and sync it. A line left half written by a crash is ended first. Raises OSError."""
    new = not path.exists()
    with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as descriptor:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        _write_all(descriptor, (b"\n" if torn else b"") + line + b"\n")
        os.fsync(descriptor)
    if new:
        sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory, and those above it, each synced into its parent; one that exists is left as it is.

    Raises:
        OSError: it cannot be made, or a file stands in its place.
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for directory in reversed(missing):
        directory.mkdir(mode=DIRECTORY_MODE)
        sync_directory(directory.parent)


def carry_file(source: Path, target: Path) -> None:
    """Make `target` the same file as `source`: a second name for it where the disk allows, else a copy.

    Raises:
        OSError: neither could be done.
    """
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)


def tree_entries(root: Path) -> list[Path]:
    """Return `root` and everything below it, sorted; links are returned, not followed. Raises OSError."""
    found = [root]
    for directory, folders, names in os.walk(root, onerror=_raise):
        found.extend(Path(directory) / name for name in (*folders, *names))
    return sorted(found)


def tree_files(root: Path) -> list[Path]:
    """Return everything below `root` that is not a real directory, sorted. Raises OSError."""
    return [path for path in tree_entries(root) if path.is_symlink() or not path.is_dir()]


def _raise(error: OSError) -> None:
    """Let a folder that cannot be listed be an error, not an empty folder."""
    raise error


def seal_tree(root: Path) -> None:
    """Make a finished tree read-only and wait until all of it is on the disk, files before their directories.

    Raises:
        OSError: something could not be synced, so nothing may point at it.
    """
    for directory, _folders, names in os.walk(root, topdown=False, onerror=_raise):
        here = Path(directory)
        for name in names:
            (here / name).chmod(FILE_MODE)
            sync_file(here / name)
        here.chmod(DIRECTORY_MODE)
        sync_directory(here)


def move_directory(source: Path, target: Path) -> None:
    """Rename a directory beside itself and sync the directory both names stand in. Raises OSError."""
    source.rename(target)
    sync_directory(target.parent)


def remove_tree(root: Path) -> None:
    """Remove a directory and all in it. It first takes a name that says so, so that a half is never taken for a whole.

    Raises:
        OSError: some of it is left, under the name that ends in '.gone'.
    """
    gone = root if root.name.endswith(REMOVING) else root.with_name(root.name + REMOVING)
    if gone != root:
        if gone.exists():
            shutil.rmtree(gone)
        root.rename(gone)
    shutil.rmtree(gone)
    sync_directory(root.parent)
