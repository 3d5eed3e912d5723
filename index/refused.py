"""The rejects of a source's last reading that was not believed, kept outside builds until a reading succeeds.

Its segment is thrown away; without these an analyst could not see why the rows of a wrong mapping were refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from discoverer.codec import decoder, encode
from discoverer.model import Reject
from index import files

MOST_KEPT = 10_000
_reject = decoder(Reject)


def refused_file(state_dir: Path, source: str) -> Path:
    """Return where one source's are kept."""
    return state_dir / "refused" / f"{source}.jsonl"


def keep(state_dir: Path, source: str, rejects: Sequence[Reject]) -> None:
    """Keep the rejects of a reading that failed, at most MOST_KEPT, in place of the last ones. Raises OSError."""
    path = refused_file(state_dir, source)
    files.make_directory(path.parent)
    files.write_file(path, b"".join(encode(reject) + b"\n" for reject in rejects[:MOST_KEPT]))


def sources_kept(state_dir: Path) -> list[str]:
    """Return the sources of which any are kept."""
    return sorted(path.stem for path in (state_dir / "refused").glob("*.jsonl"))


def clear(state_dir: Path, source: str) -> None:
    """Forget them: the source has been read. Raises OSError."""
    path = refused_file(state_dir, source)
    if path.exists():
        path.unlink()
        files.sync_directory(path.parent)


def read(state_dir: Path, source: str, limit: int) -> list[Reject] | None:
    """Return the first `limit` kept; None when the last reading did not fail."""
    try:
        with refused_file(state_dir, source).open("rb") as lines:
            return [_reject(line) for line, _ in zip(lines, range(limit), strict=False)]
    except FileNotFoundError:
        return None
