"""What to mend before this installation is trusted: owners, modes, room on the disk, the index, the clock.

It looks and never touches: no file is read but the settings and the index, nothing is written, and nobody is looked up.
"""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discoverer.errors import IndexUnavailable
from discoverer.settings import Settings
from index import versions

LEAST_FREE = 100 * 2**20
"""Bytes on the disk of the looks below which answers are about to stop: an answer that cannot be recorded is none."""
LITTLE_FREE = 2**30
"""Bytes below which somebody should make room today."""
PRIVATE = ("audit", "calls.sqlite", "briefings.sqlite", "briefings.key")
"""In the state folder, what holds words that were typed or said, or secrets: nobody but its owner may read it."""
KEPT = ("decisions.sqlite", "linking", "builds", "fresh")
"""In the state folder, what may be read by the group of the service, and by nobody else."""
_OTHERS, _GROUP_WRITES, _OTHERS_WRITE = 0o007, 0o020, 0o002


class Health(StrEnum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: str, e.g. 'looks'.
        health: whether it may stay so.
        found: str, what was found.
        mend: str, what to do about it; '' where nothing is to be done.
    """

    what: str
    health: Health
    found: str
    mend: str = ""


def examine(config: Path, settings: Settings) -> Iterator[Finding]:
    """Look at an installation, one thing after another.

    Args:
        config: the settings file.
        settings: as read from it.
    """
    yield from _settings_file(config)
    yield from _state_folder(settings.state_dir)
    yield from _kept(settings.state_dir)
    yield _room(settings.audit_dir)
    yield _index(settings.state_dir)
    yield _clock(settings)
    yield _memory_on_disk()


def _settings_file(config: Path) -> Iterator[Finding]:
    """Tell who may write the settings, or into a folder above: they decide what is read and where it goes."""
    mode = config.stat().st_mode
    if mode & (_OTHERS_WRITE | _GROUP_WRITES):
        yield Finding("settings", Health.BAD, f"others may write {config}", f"chmod go-w {config}")
    else:
        yield Finding("settings", Health.OK, f"nobody but their owner may write {config}")
    yield from _above("settings", config)


def _state_folder(state: Path) -> Iterator[Finding]:
    """Tell of the folder that holds everything that is known and everything that was asked."""
    if not state.is_dir():
        yield Finding("state", Health.BAD, f"{state} is not there", "run 'discoverer build'")
        return
    found = state.stat()
    if found.st_uid not in (os.geteuid(), 0):
        owner = f"{state} belongs to user {found.st_uid}, and this is user {os.geteuid()}"
        yield Finding("state", Health.WARN, owner, "run this as the account that builds")
    yield from _above("state", state)


def _above(what: str, path: Path) -> Iterator[Finding]:
    """Tell of folders above in which anybody could put something else in its place."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if mode & _OTHERS_WRITE and not mode & stat.S_ISVTX:
            found = f"anybody may put something else in the place of what stands in {folder}"
            yield Finding(what, Health.BAD, found, f"chmod o-w {folder}")


def _kept(state: Path) -> Iterator[Finding]:
    """Tell who may read what is kept: what was typed its owner alone, the rest its group at most."""
    for name in PRIVATE:
        yield from _modes(state / name, 0o077, "others than its owner", "go-rwx")
    for name in KEPT:
        yield from _modes(state / name, _OTHERS | _GROUP_WRITES, "others", "g-w,o-rwx")


def _modes(path: Path, forbidden: int, whom: str, change: str) -> Iterator[Finding]:
    """Tell of a file or folder, or of what stands right in it, that lets in whom it must not."""
    if not path.exists():
        return
    wrong = [each for each in (path, *_within(path)) if each.lstat().st_mode & forbidden]
    if wrong:
        more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        found = f"{whom} may read or write {wrong[0]}{more}"
        yield Finding(path.name, Health.BAD, found, f"chmod -R {change} {path}")
    else:
        yield Finding(path.name, Health.OK, f"{path} is closed to {whom}")


def _within(path: Path) -> Iterable[Path]:
    """Return what stands right in a folder; nothing of a file."""
    return sorted(path.iterdir()) if path.is_dir() else ()


def _room(audit: Path) -> Finding:
    """Tell whether looks can go on being recorded: without that there is no answer."""
    folder = next(each for each in (audit, *audit.parents) if each.is_dir())
    if not os.access(folder, os.W_OK | os.X_OK):
        found = f"nothing can be written in {folder}, so that no search would be answered"
        return Finding("looks", Health.BAD, found, f"give the account that serves write access to {folder}")
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    left = f"{free / 2**20:,.0f} MiB are free on the disk of {folder}"
    if free < LEAST_FREE or (disk.f_files and not disk.f_favail):
        return Finding("looks", Health.BAD, f"{left}, and a look that cannot be recorded is not answered", "make room")
    if free < LITTLE_FREE:
        return Finding("looks", Health.WARN, left, "make room before they fill")
    return Finding("looks", Health.OK, left)


def _index(state: Path) -> Finding:
    """Tell whether the live build is there and as it was written, every file by its hash."""
    try:
        build = versions.current(state)
        versions.open_verified(versions.builds_of(state) / build)
    except IndexUnavailable as error:
        return Finding("index", Health.BAD, error.message, "run 'discoverer rollback' or 'discoverer build'")
    return Finding("index", Health.OK, f"every file of {build} is as it was written")


def _clock(settings: Settings) -> Finding:
    """Tell whether the clock goes: where it stands, no order ever lapses and no source grows old."""
    if settings.as_at is None:
        return Finding("clock", Health.OK, "the clock of this machine is now")
    found = f"the clock stands still at {settings.as_at:%d/%m/%Y %H:%M} UTC, as invented data needs it"
    return Finding("clock", Health.WARN, found, "leave as_at out of the settings where real records are searched")


def _memory_on_disk() -> Finding:
    """Tell whether a crash could leave what was searched on the disk."""
    if resource.getrlimit(resource.RLIMIT_CORE)[0]:
        found = "a process that crashes writes its memory to the disk, with what was searched"
        return Finding("crashes", Health.WARN, found, "ulimit -c 0, or LimitCORE=0 in the service's unit")
    return Finding("crashes", Health.OK, "a process that crashes leaves nothing on the disk")
