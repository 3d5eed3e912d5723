"""One builder at a time: the only door to filelock.

The kernel holds the lock and drops it when the process ends, however it ends; a killed builder never has
to be cleaned up after by hand.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from discoverer.clock import iso, now
from discoverer.codec import decoder, encode
from discoverer.errors import BuildLocked
from index import files

PATIENCE = 0.5  # seconds: rides out a `held` that looks at the same instant, but not another builder

_words = decoder(dict[str, str])


class Hold:
    """A lock that is held.

    The kernel does not take it back, but its file may be removed, by hand or with a restored folder, and then another
    builder gets a lock of the same name: whoever held it first must neither publish nor clear away what is not theirs.
    """

    def __init__(self, state_dir: Path, note: bytes) -> None:
        """Take the lock that has been acquired, and the note its holder left."""
        self._state_dir = state_dir
        self._note = note

    def is_mine(self) -> bool:
        """Tell whether nobody else has taken the lock since."""
        try:
            return _holder_file(self._state_dir).read_bytes() == self._note
        except OSError:
            return False

    def check(self) -> None:
        """Make sure of it before something that cannot be taken back.

        Raises:
            BuildLocked: somebody else has taken it; the sentence says who.
        """
        if not self.is_mine():
            raise BuildLocked(
                f"The builder's lock was lost meanwhile: {_holder(self._state_dir)}; wait for it, then try again."
            )


@contextmanager
def builder_lock(state_dir: Path, doing: str) -> Iterator[Hold]:
    """Hold the builder's lock for as long as the block runs.

    Args:
        state_dir: an existing directory.
        doing: str, what for, told to whoever finds it locked, e.g. 'building'.

    Raises:
        BuildLocked: another process holds it; the sentence says which, since when, and what it is doing.
        OSError: the lock file cannot be made.
    """
    lock = FileLock(_lock_file(state_dir))
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise BuildLocked(f"{_holder(state_dir)}; wait for it to end, or stop it, then try again.") from None
    try:
        who = {"process": str(os.getpid()), "machine": socket.gethostname(), "since": iso(now()), "doing": doing}
        note = encode({**who, "token": secrets.token_hex(8)})
        files.write_file(_holder_file(state_dir), note)
        yield Hold(state_dir, note)
    finally:
        lock.release()


@contextmanager
def sync_lock(state_dir: Path, *, patient: bool = False) -> Iterator[None]:
    """Hold the lock of those who lay changes over the live build.

    Args:
        state_dir: an existing directory.
        patient: wait for as long as another holds it: one round takes seconds.

    Raises:
        BuildLocked: another process holds it.
        OSError: the lock file cannot be made.
    """
    lock = FileLock(state_dir / "sync.lock")
    try:
        lock.acquire(timeout=-1 if patient else PATIENCE)
    except Timeout:
        raise BuildLocked("Another process is taking in changes; wait for it to end, or stop it.") from None
    try:
        yield
    finally:
        lock.release()


def held(state_dir: Path) -> bool:
    """Tell whether a process holds the builder's lock now. A lock this user may not try counts as held."""
    if not _lock_file(state_dir).exists():
        return False
    lock = FileLock(_lock_file(state_dir))
    try:
        lock.acquire(blocking=False)
    except (Timeout, PermissionError):
        return True
    lock.release()
    return False


def _lock_file(state_dir: Path) -> Path:
    """Return where the lock is; its content means nothing."""
    return state_dir / "build.lock"


def _holder_file(state_dir: Path) -> Path:
    """Return where the holder says who it is; it means nothing while nobody holds the lock."""
    return state_dir / "build.lock.json"


def _holder(state_dir: Path) -> str:
    """Say who holds the lock, as far as it has said so itself."""
    try:
        who = _words(_holder_file(state_dir).read_bytes())
        return f"process {who['process']} on {who['machine']} has been {who['doing']} since {who['since']}"
    except (OSError, ValueError, KeyError):
        return "another process is building"
