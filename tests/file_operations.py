"""Watches every file operation of a process: to write them down, to kill it at the n-th, or to fill the disk then.

Python tells an audit hook of every open, rename, removal, link and mode change before it happens; writes and
syncs, of which it does not tell, are wrapped; of a database, every statement is an operation. An audit hook
cannot be taken off again, so this runs in a process of its own.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_ATTACHED = re.compile(r"ATTACH '([^']*)'")
_NEEDS_ROOM = ("write", "sync", "rename", "link", "make")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, told just before it happens.

    Attributes:
        kind: 'open' | 'write' | 'statement' | 'sync' | 'rename' | 'link' | 'make' | 'remove' | 'mode' | 'lock'.
        path: what it is done to.
        target: the new name, of a rename or link; else ''.
        creates: it makes a name that did not exist.
    """

    kind: str
    path: str
    target: str = ""
    creates: bool = False


@dataclass(slots=True)
class Watch:
    """Writes operations below one directory down, and kills its own process at one of them.

    Attributes:
        root: the directory.
        kill_at: int, the operation not to live through, from 0; -1: none. A write is half done first.
        full_from: int, the operation from which on the disk is full; -1: never. What removes goes on, and so does
            what opens: databases find out by themselves, from a limit that lets no file grow.
        without_sync: paths whose syncs are left out, as if the code forgot them.
        really_sync: whether syncs reach the disk; a kill does not lose what the kernel holds, so mostly not.
        seen: the operations so far.
    """

    root: Path
    kill_at: int = -1
    full_from: int = -1
    without_sync: Collection[str] = ()
    really_sync: bool = False
    seen: list[Operation] = field(default_factory=list)
    _on: bool = False

    def start(self) -> None:
        """Watch from now on, for as long as the process lives."""
        real_sync, real_write, real_connect = os.fsync, os.write, sqlite3.connect

        def sync(descriptor: int) -> None:
            path = _path_of(descriptor)
            if path not in self.without_sync:
                self.note(Operation("sync", path))
                if self.really_sync:
                    real_sync(descriptor)

        def write(descriptor: int, data: bytes) -> int:
            if self._on and len(self.seen) == self.kill_at and self._below(_path_of(descriptor)):
                real_write(descriptor, data[: len(data) // 2])
            self.note(Operation("write", _path_of(descriptor)))
            return real_write(descriptor, data)

        def connect(name: Any, **options: Any) -> sqlite3.Connection:  # noqa: ANN401 - as sqlite3.connect
            connection: sqlite3.Connection = real_connect(name, **options)
            if "mode=ro" not in str(name):
                connection.set_trace_callback(_Database(str(name), self.note).run)
            return connection

        for module, name, wrapped in ((os, "fsync", sync), (os, "write", write), (sqlite3, "connect", connect)):
            setattr(module, name, wrapped)
        sys.addaudithook(self._hear)
        self._on = True

    def stop(self) -> None:
        """Watch no more; there is room again."""
        self._on = False
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def note(self, operation: Operation) -> None:
        """Write an operation down, or die of it."""
        if not self._on or not (self._below(operation.path) or self._below(operation.target)):
            return
        if len(self.seen) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen.append(operation)
        if 0 <= self.full_from < len(self.seen):
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            if operation.kind in _NEEDS_ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), operation.path)

    def _below(self, path: str) -> bool:
        """Tell whether a path is the watched directory or below it."""
        return path == str(self.root) or path.startswith(f"{self.root}/")

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Be told of an event by Python."""
        if not self._on:
            return
        operation = _read(event, arguments)
        if operation:
            self.note(operation)


class _Database:
    """One connection: its statements are done to the file it was opened by or, once one was attached, to that."""

    def __init__(self, name: str, note: Callable[[Operation], None]) -> None:
        self._file, self._note = _file_of(name), note

    def run(self, statement: str) -> None:
        """Be told of a statement."""
        attached = _ATTACHED.match(statement)
        if attached:
            self._file = _file_of(attached[1])
        else:
            self._note(_statement(self._file, statement))


def _file_of(name: str) -> str:
    """Return the file a database is opened by, which may be named by a URI."""
    return urlsplit(name).path if name.startswith("file:") else name


def _statement(file: str, statement: str) -> Operation:
    """Tell a statement that may write from one that only reads."""
    reads = statement.lstrip("- ").upper().startswith(("SELECT", "PRAGMA"))
    return Operation("read" if reads else "statement", file)


def _read(event: str, arguments: tuple[object, ...]) -> Operation | None:
    """Turn an audit event into an operation; None when nothing is changed by it."""
    if event == "open":
        path, _, flags = arguments
        if not isinstance(flags, int) or not flags & _WRITING or isinstance(path, int):
            return None
        return Operation("open", _absolute(path), creates=_is_new(_absolute(path)))
    if event == "sqlite3.connect":
        return _connect(str(arguments[0]))
    if event in ("os.rename", "os.link"):
        source, target, source_dir, target_dir = arguments[:4]
        kind = event.removeprefix("os.")
        return Operation(kind, _absolute(source, source_dir), _absolute(target, target_dir), creates=True)
    if event == "os.mkdir":
        made = _absolute(arguments[0], arguments[2])
        return Operation("make", made, creates=_is_new(made))
    if event in ("os.remove", "os.rmdir"):
        return Operation("remove", _absolute(arguments[0], arguments[1]))
    if event in ("os.chmod", "os.truncate", "os.utime", "os.chown"):
        return Operation("mode", _absolute(arguments[0]))
    if event == "fcntl.flock" and isinstance(arguments[0], int):
        return Operation("lock", _path_of(arguments[0]))
    return None


def _connect(name: str) -> Operation | None:
    """Read the opening of a database; one opened read-only changes nothing."""
    if "mode=ro" in name or "immutable=1" in name:
        return None
    return Operation("open", _absolute(name), creates=_is_new(name))


def _is_new(path: str) -> bool:
    """Tell whether nothing stands at a path."""
    return not os.path.lexists(path)


def _absolute(path: object, directory: object = -1) -> str:
    """Return the whole path of a name, which may be relative to an open directory or be a descriptor."""
    if isinstance(path, int):
        return _path_of(path)
    name = Path(os.fsdecode(path)) if isinstance(path, (str, bytes, os.PathLike)) else Path()
    if isinstance(directory, int) and directory >= 0:
        return str(Path(_path_of(directory)) / name)
    return str(name.absolute())


def _path_of(descriptor: int) -> str:
    """Return the path an open descriptor was opened by."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def _above(path: str) -> str:
    """Return the directory a path stands in."""
    return str(Path(path).parent)


class Disk:
    """What a crash could lose, as operations go by: files written and directories changed since their last sync.

    Attributes:
        unsynced: paths of files and directories that a crash could lose something of.
    """

    def __init__(self) -> None:
        self.unsynced: set[str] = set()

    def feed(self, operation: Operation) -> None:
        """Take one operation into account."""
        path, target = operation.path, operation.target
        match operation.kind:
            case "open" | "write" | "statement" | "mode":
                self.unsynced.add(path)
            case "make" if operation.creates:
                self.unsynced.add(path)
            case "sync":
                self.unsynced.discard(path)
            case "rename":
                self.unsynced = {_moved(one, path, target) for one in self.unsynced}
                self.unsynced.add(_above(path))
            case "remove":
                self.unsynced = {one for one in self.unsynced if not _within(one, path)}
                self.unsynced.add(_above(path))
        if operation.creates:
            self.unsynced.add(_above(target or path))

    def lost(self, below: str) -> set[str]:
        """Return what a crash could lose of a directory and of all below it."""
        return {one for one in self.unsynced if _within(one, below)}


def _within(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or below it."""
    return path == directory or path.startswith(directory + "/")


def _moved(path: str, source: str, target: str) -> str:
    """Return what a path is called after a rename."""
    return target + path.removeprefix(source) if _within(path, source) else path


def unsafe(operations: Iterable[Operation], state: Path) -> list[str]:
    """Say what is not on the disk when a pointer moves to a build or a layer, or is not by the end.

    Args:
        operations: all those of one build or sync.
        state: the state directory.
    """
    disk = Disk()
    problems = []
    for operation in operations:
        waiting: set[str] = set()
        if operation.kind == "rename" and operation.target.endswith("/CURRENT"):
            waiting = disk.lost(operation.path)
        if operation.kind == "rename" and operation.target == str(state / "CURRENT"):
            waiting |= disk.lost(str(state / "builds")) | disk.lost(str(state / "condemned.json"))
        elif operation.kind == "open" and operation.path.endswith("/CURRENT.part"):
            folder = _above(operation.path)  # of layers, beside which their pointer lies
            waiting = disk.lost(folder) if folder != str(state) else waiting
        problems += [f"{path} is not synced when the pointer moves" for path in sorted(waiting)]
        disk.feed(operation)
    for lock in ("build.lock", "sync.lock"):  # their content means nothing: the kernel holds the lock
        disk.unsynced.discard(str(state / lock))
    problems += [f"{path} is never synced" for path in sorted(disk.unsynced)]
    return problems
