"""The socket by which this machine's people ask the service: made, held by one service at once, and removed at the end.

Everybody may connect to it (mode 0666): who reaches it is decided by the folder it stands in, and who is answered by
their account. Whoever may write that folder could put a socket of their own there, so nobody but its owner may.
"""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from discoverer.errors import UsageError

MODE = 0o666
_BACKLOG = 256
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Lend a socket that listens at a path; what a service that died left there is replaced.

    Raises:
        UsageError: its folder is not there or others may write it, another service has it, or something else is there.
    """
    try:
        if path.parent.stat().st_mode & _OTHERS_WRITE:
            raise UsageError(
                f"Others may write {path.parent}, and could answer in the place of the service; take that from them"
                f" (chmod go-w {path.parent}) or choose another folder for the socket."
            )
        # The lock and not the socket says whether a service lives: it ends with the process, and nobody gets between.
        held = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _cannot(path, error) from None
    try:
        _hold(held, path)
        bound = _bound(path)
        with bound:
            made = path.lstat().st_ino
            try:
                yield bound
            finally:
                with suppress(FileNotFoundError):
                    if path.lstat().st_ino == made:
                        path.unlink()
    finally:
        os.close(held)


def _hold(held: int, path: Path) -> None:
    """Take the lock. Raises UsageError: another has it."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise UsageError(f"A service answers at {path} already; stop it first, or choose another path.") from None


def _bound(path: Path) -> socket.socket:
    """Return the socket, which listens. Raises UsageError: it cannot be had."""
    bound = socket.socket(socket.AF_UNIX)
    try:
        _clear(path)
        bound.bind(str(path))
        path.chmod(MODE)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise _cannot(path, error) from None
    except UsageError:
        bound.close()
        raise
    return bound


def _clear(path: Path) -> None:
    """Remove the socket of a service that died. Raises UsageError: it lives, or it is no socket; OSError."""
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found):
        raise UsageError(f"{path} is there and is no socket, so it was left as it is; choose another path.")
    with socket.socket(socket.AF_UNIX) as tried:
        try:
            tried.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise UsageError(f"Something answers at {path} already; stop it first, or choose another path.")


def _cannot(path: Path, error: OSError) -> UsageError:
    """Say that it cannot be had."""
    return UsageError(f"{path} cannot be served on ({error.strerror or error}); choose another with --socket.")
