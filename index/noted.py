"""How many entries people's decisions have been known to hold, noted beside them, so that none is lost unseen.

A file of decisions that is gone, emptied or replaced by an older one looks like one in which less was ever decided;
only what stands outside it can tell. One number a line, added once the entry it counts is on the disk.
"""

from __future__ import annotations

from pathlib import Path

from index import files


def noted_file(decisions: Path) -> Path:
    """Return where it is noted, beside the decisions."""
    return decisions.with_suffix(".noted")


def read_noted(decisions: Path) -> int:
    """Return the highest entry noted; 0 when none ever was.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds something else.
    """
    try:
        lines = noted_file(decisions).read_bytes().split()
    except FileNotFoundError:
        return 0
    return max((int(line) for line in lines), default=0)


def note(decisions: Path, entry: int) -> None:
    """Note that an entry is on the disk. Raises OSError."""
    files.append_line(noted_file(decisions), str(entry).encode("ascii"), files.private_mode(decisions.parent))
