"""Every durable file operation: what is written here is on the disk, or the old state still is.

A file is durable once its content and the directory entry that names it are both synced; a rename is
durable once its directory is. What a build writes of its own (databases, engine, vocabulary) is synced here as a
whole before it is published; nothing else in the index writes, renames or removes what must survive a crash.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

FILE_MODE = 0o440  # a published file is never written again, not even by its owner
APPENDED_MODE = 0o640  # a file that lines are added to
DIRECTORY_MODE = 0o750  # the builder writes, its group (the server) reads, nobody else looks
PRIVATE_MODE = 0o600  # what was typed or said: its owner alone
SHARED_MODE = 0o660  # the same where two accounts, builder and server, keep one state folder between them
BUILDING = ".part"  # a directory still being written
REMOVING = ".gone"  # a directory being removed


def private_mode(folder: Path) -> int:
    """Return the mode of a new file in a folder that holds what was typed, said or decided.

    It is its owner's alone, unless the folder's group may write there: an administrator has then given it to two
    accounts, one that builds and one that serves (deploy/), and both must read what people decided and take out of
    briefings what a source has deleted. Raises OSError: the folder is not there.
    """
    return SHARED_MODE if folder.stat().st_mode & stat.S_IWGRP else PRIVATE_MODE


@contextmanager
def _opened(path: Path, flags: int, mode: int = APPENDED_MODE) -> Iterator[int]:
    """Open a descriptor and close it whatever happens."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _let_in(descriptor: int, mode: int) -> None:
    """Give a new file the group's right to write, where it is meant to have it and the process's umask took it away."""
    if mode & stat.S_IWGRP:
        os.fchmod(descriptor, mode)


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


def write_new_file(path: Path, data: bytes, mode: int = APPENDED_MODE) -> None:
    """Write a file that must not exist yet: a reader sees all of it or none, and what stands there is never replaced.

    Args:
        path: the file; its directory exists.
        data: all of it.
        mode: who may read and write it.

    Raises:
        FileExistsError: something stands there.
        OSError: it could not be written, and nothing stands there.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}{BUILDING}")
    try:
        with _opened(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode) as descriptor:
            _let_in(descriptor, mode)
            _write_all(descriptor, data)
            os.fsync(descriptor)
        path.hardlink_to(aside)
    finally:
        aside.unlink(missing_ok=True)
    sync_directory(path.parent)


def sweep_new_files(folder: Path) -> None:
    """Remove what processes that were killed while they wrote a new file have left beside its place.

    Raises:
        OSError: the folder cannot be read, or one could not be removed.
    """
    for aside in folder.glob(f".*{BUILDING}"):
        process = aside.name.removesuffix(BUILDING).rpartition(".")[2]
        if process.isdecimal() and process.isascii() and not _runs(int(process)):
            aside.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Tell whether a process of this machine runs."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def append_line(path: Path, line: bytes, mode: int = APPENDED_MODE) -> None:
    """Add one line to a file and sync it; as `append_lines`."""
    append_lines(path, (line,), mode)


def append_lines(path: Path, lines: Sequence[bytes], mode: int = APPENDED_MODE) -> None:
    """Add lines to a file, all of them or none, and sync it once; several processes may add at once.

    A line that a crash left half written is ended first; what the disk takes only part of is taken back.

    Args:
        path: the file; its directory exists.
        lines: without their ends.
        mode: who may read and write a file that is new.

    Raises:
        OSError: the lines are not known to be on the disk.
    """
    new = not path.exists()
    with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, mode) as descriptor:
        if new:
            _let_in(descriptor, mode)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # let go when the descriptor is closed
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        whole = (b"\n" if torn else b"") + b"".join(line + b"\n" for line in lines)
        if os.write(descriptor, whole) != len(whole):
            os.ftruncate(descriptor, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # the next may write while this one waits for the disk
        os.fsync(descriptor)
    if new:
        sync_directory(path.parent)


def settled_size(path: Path) -> int:
    """Return how long a file of lines is while nobody is in the middle of adding to it. Raises OSError."""
    with _opened(path, os.O_RDONLY) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return os.fstat(descriptor).st_size


def make_file(path: Path, mode: int) -> None:
    """Make an empty file, its name synced into its directory; one that exists is not even opened.

    Raises:
        OSError: it cannot be made.
    """
    if path.exists():
        return
    with suppress(FileExistsError), _opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode) as descriptor:
        _let_in(descriptor, mode)
    sync_directory(path.parent)


def make_directory(path: Path, mode: int = DIRECTORY_MODE) -> None:
    """Make a directory, and those above it, each synced into its parent; one that exists is left as it is.

    Args:
        path: where.
        mode: of the directory itself; those above it get DIRECTORY_MODE.

    Raises:
        OSError: it cannot be made, or a file stands in its place.
    """
    missing = []
    above = path
    while not above.is_dir():
        missing.append(above)
        above = above.parent
    for directory in reversed(missing):
        directory.mkdir(mode=mode if directory == path else DIRECTORY_MODE, exist_ok=True)
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


def refuse_writable_by_others(path: Path) -> None:
    """Refuse a SQLite file, or what SQLite keeps beside it, that others than its owner may write.

    Args:
        path: of the file, which must be there; what is beside it may not be.

    Raises:
        OSError: it is not there, or others may write it; the sentence says what to do.
    """
    for each in (path, *(path.with_name(f"{path.name}{beside}") for beside in ("-wal", "-shm", "-journal"))):
        if each != path and not each.exists():
            continue
        if each.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(f"others than its owner may write it: chmod 600 {each}")
