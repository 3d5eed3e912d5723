"""Nothing is kept that should be gone: builds that hold what was deleted or closed since go, with their layers.

What one build lacks that another holds is taken for deleted at its source: a source that lost rows by mistake is for
the checks of a reading and the audit of a build to hold back, before it is ever published.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from discoverer.errors import BuildError, IndexUnavailable
from index import condemned, files, layer_file, refused, versions
from index.deleted_since import Held, deleted_since
from index.manifest import Manifest, read_manifest

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM)


def condemning(caught_up: versions.Within) -> versions.Within:
    """Return what a build is published within: what changed is taken in, then builds that hold what is gone condemned.

    Args:
        caught_up: takes into a finished build what changed meanwhile (index/sync.py).
    """

    @contextmanager
    def within(folder: Path) -> Iterator[None]:
        with caught_up(folder):
            condemn(folder.parent, versions.list_builds(folder.parent.parent), read_manifest(folder))
            yield

    return within


def condemn(builds_dir: Path, kept: Collection[str], new: Manifest) -> dict[str, str]:
    """Write down which builds older than one about to be published hold what it does not hold any more.

    Args:
        builds_dir: where builds stand; the caller holds the locks of building and of syncing.
        kept: ids of the builds kept, held back or live, the new one perhaps among them.
        new: the manifest of the new one, whose layer is in force.

    Returns:
        Their ids, each with why.

    Raises:
        OSError: it could not be written down.
        BuildError: there is no room to compare them in.
    """
    state = builds_dir.parent
    found = {}
    for build in kept:
        why = "" if build >= new.build else _why(state, builds_dir / build, Held(state, builds_dir / new.build, new))
        if why:
            found[build] = why
    condemned.write(state, found)
    return found


def _why(state: Path, folder: Path, new: Held) -> str:
    """Say what a build holds that must be gone; '' when nothing."""
    try:
        gone = [each.words for each in deleted_since(Held(state, folder, read_manifest(folder)), new)]
    except (sqlite3.Error, IndexUnavailable) as error:
        # There is no room or memory to compare in: nothing is known of either, and nothing is lost by building again.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
            raise BuildError(
                f"build {folder.name} could not be held against it ({error}); make room, then build again."
            ) from error
        return f"it cannot be told whether it holds anything deleted since ({error})"
    return f"it holds what build {new.manifest.build} does not hold any more; {'; '.join(gone)}" if gone else ""


def cost(builds_dir: Path, kept: Sequence[str], live: str, new: Manifest) -> str:
    """Say what publishing a build that is held back would take along: whoever decides must know before, not after.

    Args:
        builds_dir: where builds stand.
        kept: ids of the builds kept that can be gone back to, oldest first; the live one among them.
        live: id of the live build; '' when there is none.
        new: the manifest of the one held back.

    Returns:
        One sentence without its stop; '' when nothing would be removed.
    """
    state, held = builds_dir.parent, Held(builds_dir.parent, builds_dir / new.build, new)
    try:
        going = [build for build in kept if build < new.build and _why(state, builds_dir / build, held)]
        if not going:
            return ""
        was = Held(state, builds_dir / live, read_manifest(builds_dir / live)) if live in going else None
        lost = "; ".join(each.words for each in deleted_since(was, held)) if was else ""
    except (BuildError, sqlite3.Error, IndexUnavailable) as error:
        return f"It cannot be told which builds publishing it would remove ({error})"
    left = [build for build in kept if build < new.build and build not in going]
    removed = "1 build that holds" if len(going) == 1 else f"{len(going)} builds that hold"
    return (
        f"Publishing it counts what it lacks as gone from its source{f' ({lost})' if lost else ''}: {removed} that"
        f" {'is' if len(going) == 1 else 'are'} removed, and rollback"
        f" {f'goes past them to build {left[-1]}' if left else 'has nothing to go to'}"
    )


def drop(builds_dir: Path, live: str, sources: Collection[str]) -> list[tuple[str, str]]:
    """Remove what is condemned, all of it but the live build, and what else holds what must be gone.

    Args:
        builds_dir: where builds stand; the caller holds the lock of building.
        live: id of the live build.
        sources: names of the sources in the settings; rejects kept of any other go.

    Returns:
        (build, why) for those removed, oldest first.

    Raises:
        OSError: one could not be removed; it stays condemned.
    """
    state = builds_dir.parent
    removed = []
    for build, why in sorted(condemned.read(state).items()):
        if build == live:
            continue
        for folder in (builds_dir / build, layer_file.folder_of(state, build)):
            if folder.exists():
                files.remove_tree(folder)
        removed.append((build, why))
    condemned.write(state, {})
    for source in refused.sources_kept(state):
        if source not in sources:
            refused.clear(state, source)
    layer_file.only_in_force(state, live)
    return removed
