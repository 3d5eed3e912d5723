"""What to mend before this installation is trusted: owners, modes, room on the disk, the index, the clock.

It looks and never touches: no file is read but the settings, the index and the accounts, nothing is written, and nobody
is looked up.
"""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discoverer.access_rules import rules_in_force
from discoverer.errors import AccountsUnavailable, IndexUnavailable
from discoverer.identity import Account, Identity
from discoverer.settings import Settings
from index import versions

LEAST_FREE = 100 * 2**20
"""Bytes on the disk of the looks below which answers are about to stop: an answer that cannot be recorded is none."""
LITTLE_FREE = 2**30
"""Bytes below which somebody should make room today."""
PRIVATE = ("calls.sqlite", "glass.sqlite")
"""In the state folder, what holds words that were typed or said: nobody but its owner may read it."""
SHARED = ("audit", "briefings.sqlite", "briefings.key")
"""The same of what two accounts work with, one that builds and one that serves, where the folder is given to both."""
DECIDED = ("decisions.sqlite", "decisions.noted")
"""What the group of the service may read, and may write where the folder is given to both accounts."""
KEPT = ("linking", "builds", "fresh")
"""In the state folder, what may be read by the group of the service, and by nobody else."""
_NAMED = 5  # accounts that are named; more are counted
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
    yield from _accounts(settings)
    yield from _socket(settings.access.socket)
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
    given_to_both = state.is_dir() and bool(state.stat().st_mode & _GROUP_WRITES)  # as index/files.private_mode asks
    if given_to_both and not state.stat().st_mode & stat.S_ISVTX:
        found = f"whoever is of the group of {state} may put another build in the place of one"
        yield Finding("state", Health.BAD, found, f"chmod +t {state}")
    owner_alone, group_at_most = (0o077, "others than its owner", "go-rwx"), (_OTHERS, "others", "o-rwx")
    group_reads = (_OTHERS | _GROUP_WRITES, "others", "g-w,o-rwx")
    of_both = (
        (SHARED, group_at_most if given_to_both else owner_alone),
        (DECIDED, group_at_most if given_to_both else group_reads),
    )
    for names, bounds in ((PRIVATE, owner_alone), *of_both, (KEPT, group_reads)):
        for name in names:
            yield from _modes(state / name, *bounds)


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


def _accounts(settings: Settings) -> Iterator[Finding]:
    """Tell who may write the file of accounts, whether anybody manages them, and who comes in by a password alone."""
    file = settings.access.accounts
    if file is None:
        return
    if not file.is_file():
        mend = "'discoverer users add NAME --role administrator', or restore it from its backup"
        yield Finding("accounts", Health.BAD, f"{file} is not there, so that nobody is let in", mend)
        return
    if (owner := file.stat().st_uid) != os.geteuid():
        found = f"{file} belongs to user {owner}, and this is user {os.geteuid()}"
        yield Finding("accounts", Health.BAD, found, "run this as the account that serves, which must own that file")
        return
    for path in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        yield from _modes(path, 0o077, "others than its owner", "go-rwx")
    yield from _above("accounts", file)
    try:
        accounts = [each for each in Identity(file).accounts() if each.active]
    except AccountsUnavailable as error:
        yield Finding("accounts", Health.BAD, error.message, "restore it from its backup")
        return
    yield from _let_in(accounts, {each.name for each in rules_in_force(settings).role})


def _socket(path: Path | None) -> Iterator[Finding]:
    """Tell who could answer in the place of the service at its socket, and so read what is asked and say anything."""
    if path is None:
        return
    folder = path.parent
    if not folder.is_dir():
        found = f"{folder} is not there, so that the service cannot start"
        yield Finding("socket", Health.BAD, found, f"make {folder}, writable by the account that serves alone")
        return
    if folder.stat().st_mode & (_GROUP_WRITES | _OTHERS_WRITE):
        found = f"others may put a socket of their own in {folder}"
        yield Finding("socket", Health.BAD, found, f"chmod go-w {folder}")
    yield from _above("socket", folder)
    if not path.exists():
        yield Finding("socket", Health.WARN, f"nobody serves at {path}", "start 'discoverer serve'")
        return
    yield _at_socket(path)


def _at_socket(path: Path) -> Finding:
    """Tell whose the socket is, and whether everybody who is to reach it can."""
    found = path.lstat()
    mend = "stop the service, remove it, and start the service again"
    if not stat.S_ISSOCK(found.st_mode):
        return Finding("socket", Health.BAD, f"{path} is no socket", mend)
    if found.st_uid not in (path.parent.stat().st_uid, os.geteuid()):
        whose = f"{path} belongs to user {found.st_uid}, and its folder does not"
        return Finding("socket", Health.BAD, whose, mend)
    if stat.S_IMODE(found.st_mode) != 0o666:
        return Finding("socket", Health.WARN, f"not everybody who reaches {path.parent} may ask at {path}", mend)
    return Finding("socket", Health.OK, f"nobody but its owner can take the place of {path}")


def _let_in(accounts: Sequence[Account], roles: Collection[str]) -> Iterator[Finding]:
    """Tell what is wrong with who is let in."""
    if not any(each.role == "administrator" for each in accounts):
        mend = "'discoverer users add NAME --role administrator'"
        yield Finding("accounts", Health.BAD, "no open account is an administrator's", mend)
    unknown = sorted(each.name for each in accounts if each.role not in roles)
    if unknown:
        found = f"the access rules know no such role, so that these read nothing: {', '.join(unknown)}"
        yield Finding("accounts", Health.WARN, found, "'discoverer users role NAME ROLE'")
    alone = sorted(each.name for each in accounts if not (each.program or each.directory or each.second_factor))
    if alone:
        more = f" and {len(alone) - _NAMED:,} more" if len(alone) > _NAMED else ""
        found = f"a password alone lets in {', '.join(alone[:_NAMED])}{more}"
        yield Finding("second factor", Health.WARN, found, "'discoverer users second-factor NAME'")
    elif accounts:
        yield Finding("second factor", Health.OK, "everybody who signs in is asked for a code too")


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
