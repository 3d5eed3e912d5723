"""One builder at a time: the only door to filelock.

The kernel holds the lock and drops it when the process ends, however it ends; a killed builder never has
to be cleaned up after by hand.
"""

from __future__ import annotations

import os
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


@contextmanager
def builder_lock(state_dir: Path, doing: str) -> Iterator[None]:
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
        files.write_file(_holder_file(state_dir), encode(who))
        yield
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
