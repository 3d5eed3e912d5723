"""Published builds: which one is live, whether it is as it was made, going back, and clearing away.

`state/CURRENT` holds the id of the live build, and is moved by one atomic replace. Whoosh unpickles on
opening, so a build's folder is a security boundary: nothing in it is opened before every file has been held
against the manifest.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from discoverer.errors import BuildError, IndexTampered, IndexUnavailable
from index import audit_report, condemned, files
from index.attempts import Event, history, note
from index.lock import Hold, builder_lock
from index.manifest import NAME, FileEntry, Manifest, hash_files, read_manifest
from index.withdrawn import why_none, withdrawn

ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")
_STAMP = "%Y%m%dT%H%M%SZ"
_REMEMBERED = 8  # verified builds kept in mind; a reader needs two, the live one and the one before
_TRIES = 20  # a reader that meets a swap reads the pointer again; twenty swaps in a row do not happen

T = TypeVar("T")
# What a pointer is moved within, given the folder of the build that becomes live.
Within = Callable[[Path], AbstractContextManager[object]]
Signature = tuple[tuple[str, int, int, int, int, int], ...]

_verified: dict[Path, tuple[Signature, Manifest]] = {}
_verified_guard = threading.Lock()


def at_once(folder: Path) -> AbstractContextManager[object]:
    """Move the pointer and do nothing besides."""
    del folder
    return nullcontext()


def builds_of(state_dir: Path) -> Path:
    """Return the directory that holds the builds."""
    return state_dir / "builds"


def pointer_of(state_dir: Path) -> Path:
    """Return the file that names the live build."""
    return state_dir / "CURRENT"


def new_id(state_dir: Path, instant: datetime) -> str:
    """Make the id of a build begun at `instant`; later than every id there is, so that ids sort by age."""
    newest = max(list_builds(state_dir), default="")
    if newest:
        after = datetime.strptime(newest.split("-")[0], _STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)
        instant = max(instant, after)
    return f"{instant.astimezone(UTC).strftime(_STAMP)}-{secrets.token_hex(3)}"


def list_builds(state_dir: Path) -> list[str]:
    """Return the ids of the finished builds that are kept, oldest first; [] when there are none."""
    try:
        found = [entry.name for entry in os.scandir(builds_of(state_dir)) if ID.fullmatch(entry.name)]
    except FileNotFoundError:
        return []
    return sorted(found)


def current(state_dir: Path) -> str:
    """Return the id of the live build.

    Raises:
        IndexUnavailable: there is none yet, or the pointer cannot be read or names none; the sentence says what to do.
    """
    build = _pointed_at(state_dir)
    for _ in range(_TRIES):
        if (builds_of(state_dir) / build).is_dir():
            return build
        missing, build = build, _pointed_at(state_dir)  # it may have been replaced and removed between the two looks
        if build == missing:
            raise IndexUnavailable(
                f"{pointer_of(state_dir)} names build {build}, which is not there; roll back or build again."
            )
    raise _too_fast()


def current_or_none(state_dir: Path) -> str:
    """Return the id of the live build, '' when there is none."""
    try:
        return current(state_dir)
    except IndexUnavailable:
        return ""


def _pointed_at(state_dir: Path) -> str:
    """Return the id that the pointer names."""
    pointer = pointer_of(state_dir)
    try:
        text = pointer.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise IndexUnavailable("There is no index to search yet; run 'discoverer build' first.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexUnavailable(f"{pointer} cannot be read ({error}); mend its permissions, or build again.") from error
    if not ID.fullmatch(text):
        raise IndexUnavailable(f"{pointer} does not name a build ('{text[:40]}'); roll back or build again.")
    return text


def _too_fast() -> IndexUnavailable:
    """Say that every try met a swap."""
    return IndexUnavailable(
        "The index is being replaced faster than it can be opened; stop the builders and try again."
    )


def publish(state_dir: Path, build: str) -> None:
    """Make a finished build the live one, in one step that survives a crash.

    Raises:
        OSError: the pointer was not moved.
    """
    files.write_file(pointer_of(state_dir), f"{build}\n".encode("ascii"))


def rollback(state_dir: Path, reason: str = "", within: Within = at_once) -> str:
    """Make the newest sound build before the live one the live one; when the pointer is broken, the newest of all.

    A build that was held back is passed over, and so is one that was gone back from before: only a person who names it
    publishes it (index/choosing.py).

    Args:
        state_dir: where the builds are.
        reason: kept in the history, e.g. who asked for it.
        within: what the pointer is moved within, under the builder's lock, given the folder of the build.

    Returns:
        Its id.

    Raises:
        BuildLocked: a builder is at work.
        BuildError: the disk did not take it.
        IndexUnavailable: there is no sound build to go back to.
    """
    if not list_builds(state_dir):
        raise IndexUnavailable("There is no build to go back to; run 'discoverer build' first.")
    try:
        with builder_lock(state_dir, "rolling back") as hold:
            return _go_back(state_dir, reason, within, hold)
    except OSError as error:
        raise BuildError(
            f"Rolling back was not finished: {error.filename or state_dir} could not be written ({error.strerror}); "
            "mend its permissions or make room, and see with 'discoverer status' which build is live."
        ) from error


def _go_back(state_dir: Path, reason: str, within: Within, hold: Hold) -> str:
    """Move the pointer back; the caller holds the lock."""
    kept, live = list_builds(state_dir), current_or_none(state_dir)
    # What is condemned holds what was deleted since, and is about to be removed.
    passed = {*condemned.read(state_dir), *withdrawn(history(state_dir), kept)}
    held = [build for build in kept if audit_report.is_held(state_dir, build)]
    older = [build for build in kept if (not live or build < live) and build not in passed and build not in held]
    for build in reversed(older):
        folder = builds_of(state_dir) / build
        if _is_sound(folder):
            with within(folder):
                hold.check()
                note(state_dir, Event.ROLLED_BACK, build, reason)  # who asked is known, whatever stops it then
                publish(state_dir, build)
            return build
    raise IndexUnavailable(f"There is no earlier build to go back to: {why_none(live, history(state_dir), kept, held)}")


def _is_sound(folder: Path) -> bool:
    """Tell whether a build is as it was made."""
    try:
        open_verified(folder)
    except IndexUnavailable:
        return False
    return True


def prune(state_dir: Path, keep: int, keep_held: int = 2) -> list[str]:
    """Remove all but the `keep` newest builds that were live, and the `keep_held` newest that were held back.

    The live one is always among those kept; where none can be told, only builds held back are removed. Those gone back
    from go first: `rollback` passes them over, and the last good one must not make room for them. A reader that has a
    removed build open goes on reading it: the files stay until it closes them. The caller holds the builder's lock.

    Returns:
        The ids removed, oldest first.

    Raises:
        OSError: one could not be removed; nothing is lost by trying again.
    """
    live = current_or_none(state_dir)
    others = [build for build in list_builds(state_dir) if build != live]
    held = [build for build in others if audit_report.is_held(state_dir, build)]
    passed = withdrawn(history(state_dir), others)
    published = [build for build in others if build not in held] if live else []
    published.sort(key=lambda build: (build not in passed, build))
    removed = published[: max(len(published) - (keep - 1), 0)] + held[: max(len(held) - keep_held, 0)]
    for build in sorted(removed):
        files.remove_tree(builds_of(state_dir) / build)
    audit_report.clear(state_dir, list_builds(state_dir))
    return sorted(removed)


def clear_remains(state_dir: Path, unpublished: str = "", spared: str = "") -> list[str]:
    """Remove what killed builders left: halves of builds, halves of removals, and one build never published.

    Args:
        state_dir: the caller holds its lock.
        unpublished: id of a build that was finished but never made live; '' when there is none.
        spared: id of a half build that is to go on; '' when there is none.

    Returns:
        The names removed.

    Raises:
        OSError: one could not be removed.
    """
    builds = builds_of(state_dir)
    names = {entry.name for entry in os.scandir(builds) if entry.is_dir(follow_symlinks=False)}
    remains = {name for name in names if name.endswith((files.BUILDING, files.REMOVING))}
    remains.discard(f"{spared}{files.BUILDING}")
    if unpublished in names:
        remains.add(unpublished)
    for name in sorted(remains):
        files.remove_tree(builds / name)
    return sorted(remains)


def open_current(state_dir: Path, opener: Callable[[Path, Manifest], T]) -> T:
    """Verify the live build and open it; when it is replaced and removed meanwhile, open the new one.

    Args:
        state_dir: where the builds are.
        opener: opens the files of a verified build; called again when a swap got in its way.

    Raises:
        IndexUnavailable: there is no build, or the live one cannot be opened.
        IndexTampered: the live one is not as it was made.
    """
    for _ in range(_TRIES):
        build = current(state_dir)
        folder = builds_of(state_dir) / build
        try:
            return opener(folder, open_verified(folder))
        except (IndexUnavailable, OSError) as error:
            if current(state_dir) == build:
                if isinstance(error, IndexUnavailable):
                    raise
                raise IndexUnavailable(
                    f"Build {build} cannot be opened ({error}); roll back or build again."
                ) from error
    raise _too_fast()


def open_verified(folder: Path) -> Manifest:
    """Hold a build against its manifest before anything in it is opened.

    A build once verified is not hashed again by this process while its files' inode, size and times are the same.

    Returns:
        Its manifest.

    Raises:
        IndexUnavailable: it is not there.
        IndexTampered: a file is changed, missing or extra, is a link, or could be written by others; or the
            manifest itself is not as it was written. One sentence says which file.
    """
    _check_owner(folder)
    found = _signature(folder)
    with _verified_guard:
        known = _verified.get(folder)
    if known and known[0] == found:
        return known[1]
    manifest = read_manifest(folder)
    if manifest.build != folder.name:
        raise _tampered(folder, f"its manifest is that of build {manifest.build}")
    _check_files(folder, manifest.files, found)
    with _verified_guard:
        while len(_verified) >= _REMEMBERED:
            _verified.pop(next(iter(_verified)))
        _verified[folder] = (found, manifest)
    return manifest


def _tampered(folder: Path, what: str) -> IndexTampered:
    """Say what is wrong with a build."""
    return IndexTampered(f"Build {folder.name} is not opened because {what}; roll back or build again.")


def _check_owner(folder: Path) -> None:
    """Refuse a build that is not a plain directory, or stands where others may put things."""
    try:
        here, above = folder.lstat(), folder.parent.stat()
    except OSError as error:
        raise IndexUnavailable(f"Build {folder.name} is not there ({error.strerror}); build again.") from error
    if not stat.S_ISDIR(here.st_mode):
        raise _tampered(folder, "it is not a directory")
    if above.st_mode & 0o022:
        raise _tampered(folder, f"others may write in {folder.parent}")


def _signature(folder: Path) -> Signature:
    """Take down what every file of a build looks like from outside, refusing what must not be there."""
    owner = folder.parent.stat().st_uid
    return tuple(
        (name, entry.st_dev, entry.st_ino, entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns)
        for name, entry in sorted(_entries(folder, owner))
    )


def _entries(folder: Path, owner: int) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (path in the build, its state) for every file, and check the type, owner and mode of everything."""
    try:
        states = [(path, path.lstat()) for path in files.tree_entries(folder)]
    except OSError as error:
        raise IndexUnavailable(f"Build {folder.name} cannot be read ({error}); roll back or build again.") from error
    for path, state in states:
        name = path.relative_to(folder).as_posix()
        plain = stat.S_ISREG(state.st_mode)
        if not (plain or stat.S_ISDIR(state.st_mode)):
            raise _tampered(folder, f"{name} is a link or no plain file")
        if state.st_uid != owner:
            raise _tampered(folder, f"{name} does not belong to the builder")
        if state.st_mode & 0o022:
            raise _tampered(folder, f"others may write to {name}")
        if plain:
            yield name, state


def _check_files(folder: Path, listed: tuple[FileEntry, ...], found: Signature) -> None:
    """Hold the files that are there against those the manifest lists."""
    sizes = {name: size for name, _, _, size, _, _ in found if name != NAME}
    for entry in listed:
        if entry.path not in sizes:
            raise _tampered(folder, f"{entry.path} is missing")
    extra = sorted(sizes.keys() - {entry.path for entry in listed})
    if extra:
        raise _tampered(folder, f"{extra[0]} does not belong to it")
    try:
        digests = hash_files([folder / entry.path for entry in listed])
    except OSError as error:
        raise IndexUnavailable(f"Build {folder.name} cannot be read ({error}); roll back or build again.") from error
    for entry, digest in zip(listed, digests, strict=True):
        if (sizes[entry.path], digest) != (entry.size, entry.sha256):
            raise _tampered(folder, f"{entry.path} is not as it was written")
