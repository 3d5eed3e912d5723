"""Lines brought to the disk: those of many threads share one sync, and each waits until its own line is there.

The first of those who wait leads: while the group before is synced, others join it; then it writes and syncs the lines
of all. Alone, a look waits for nobody. Several processes may add to one file (index/files.py takes a lock while
it writes). The file is opened anew for every group, so nothing is trusted of one whose sync has failed.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from index import files

# What was typed is personal data: only the server adds to it.
FILE_MODE = 0o600
FOLDER_MODE = 0o700


def _not_written() -> OSError:
    """Return why a group is not on the disk, until it is: whoever leads it may be interrupted."""
    return OSError(errno.EINTR, os.strerror(errno.EINTR))


@dataclass(slots=True)
class _Group:
    """Lines that share one sync.

    Attributes:
        lines: without their ends.
        done: set once they are on the disk, or will never be.
        error: why they are not; None when they are.
    """

    lines: list[bytes] = field(default_factory=list)
    done: Event = field(default_factory=Event)
    error: OSError | None = field(default_factory=_not_written)


class Writer:
    """Adds lines to the files of one folder; safe to use from several threads, and beside other processes."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made, for its owner only, when the first line is added."""
        self._folder = folder
        self._joining: dict[str, _Group] = {}
        self._joins = Lock()
        self._turn = Lock()
        self._named: set[str] = set()

    def append(self, name: str, line: bytes) -> None:
        """Add a line to a file, and return once it is on the disk.

        Args:
            name: of the file.
            line: without its end.

        Raises:
            OSError: it is not known to be there; so for everybody whose line was in the same group.
        """
        with self._joins:
            group = self._joining.get(name)
            leads = group is None
            if group is None:
                group = self._joining[name] = _Group()
            group.lines.append(line)
        if leads:
            self._lead(name, group)
        else:
            group.done.wait()
        if group.error is not None:
            raise OSError(group.error.errno, group.error.strerror, str(self._folder / name))

    def _lead(self, name: str, group: _Group) -> None:
        """Bring a group to the disk when its turn comes, and tell everybody in it how that went."""
        try:
            with self._turn:
                self._close(name, group)
                self._write(name, group.lines)
            group.error = None
        except OSError as error:
            group.error = error
        finally:
            self._close(name, group)
            group.done.set()

    def _close(self, name: str, group: _Group) -> None:
        """Let nobody join a group any more."""
        with self._joins:
            if self._joining.get(name) is group:
                del self._joining[name]

    def _write(self, name: str, lines: list[bytes]) -> None:
        """Write and sync lines, and the names of file and folder where this process has not seen to that yet."""
        files.make_directory(self._folder, FOLDER_MODE)
        files.append_lines(self._folder / name, lines, FILE_MODE)
        if name not in self._named:  # another process may have made either a moment ago, and not synced it yet
            files.sync_directory(self._folder)
            files.sync_directory(self._folder.parent)
            self._named.add(name)


class _Writers:
    """The one writer of each folder, for all threads of a process."""

    def __init__(self) -> None:
        """Begin with none."""
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process does that was forked: a lock may have been held by a thread that it has not got."""
        self._lock = Lock()
        self._by_folder: dict[Path, Writer] = {}

    def of(self, folder: Path) -> Writer:
        """Return the writer of a folder."""
        with self._lock:
            return self._by_folder.setdefault(folder, Writer(folder))


_writers = _Writers()
os.register_at_fork(after_in_child=_writers.forget)


def writer_of(folder: Path) -> Writer:
    """Return the writer of a folder, the same for every thread of this process."""
    return _writers.of(folder.absolute())
