"""Builds that hold what must not be held any more, written down before the pointer moves so that none is gone back to.

Between the pointer's move and their removal a builder may be killed: whoever goes back passes over what stands here,
and the next builder removes it.
"""

from __future__ import annotations

import errno
from pathlib import Path

from discoverer.codec import decoder, encode
from index import files

_listed = decoder(dict[str, str])


def condemned_file(state_dir: Path) -> Path:
    """Return where they are written down."""
    return state_dir / "condemned.json"


def read(state_dir: Path) -> dict[str, str]:
    """Return the ids of the builds condemned, each with why.

    Raises:
        OSError: the file cannot be read; what it says is never taken for nothing.
    """
    try:
        return _listed(condemned_file(state_dir).read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        path = str(condemned_file(state_dir))
        raise OSError(errno.EIO, "it is not as it was written; build again", path) from error


def write(state_dir: Path, builds: dict[str, str]) -> None:
    """Write down which builds are condemned, each with why; none: the file goes. Raises OSError."""
    path = condemned_file(state_dir)
    if builds:
        files.write_file(path, encode(builds))
    elif path.exists():
        path.unlink()
        files.sync_directory(state_dir)
