"""Where the layers of a build lie, and what one holds: whatever changed at the sources since the build read them.

A layer is one SQLite file laid over a build's own, made whole beside the one before it at every sync and then only
read, so that whoever searches sees all of a sync or nothing of it. `fresh/<build>/CURRENT` names the one in force. The
next build reads the sources anew and needs none. Its name holds a hash of all of it, and nothing in it is read before
it has been held against that: a disk that gave other bytes back must not give another telephone number.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from discoverer.errors import IndexUnavailable
from discoverer.model import Visibility
from index import files
from index.manifest import hash_file
from index.people import LINK_TABLES, MENTION_TABLE

LAYOUT = 2  # raised whenever what the tables hold, or what it means, changes
POINTER = "CURRENT"
KEPT = 3  # layers left in place for whoever is about to open one
_NAME = re.compile(r"[0-9]{8}-([0-9a-f]{16})\.sqlite")
_REMEMBERED = 16  # layers once verified that are kept in mind

Signature = tuple[int, int, int, int, int]
_verified: dict[Path, Signature] = {}

SCHEMA = (
    f"PRAGMA user_version = {LAYOUT}",
    "CREATE TABLE info (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    # Up to where each source has been taken in, in its own words.
    "CREATE TABLE mark (source TEXT PRIMARY KEY, watermark TEXT) WITHOUT ROWID",
    # The last number given to anything that is numbered.
    "CREATE TABLE counter (name TEXT PRIMARY KEY, value INT) WITHOUT ROWID",
    "CREATE TABLE record (r INTEGER PRIMARY KEY, segment INT, n INT, ref, at TEXT, visibility TEXT, body,"
    " UNIQUE (segment, n), UNIQUE (segment, ref))",
    "CREATE TABLE reject (r INTEGER PRIMARY KEY, segment INT, body)",
    # Records of the build that are deleted or have changed, and where its index of words has them.
    "CREATE TABLE gone_record (segment INT, n INT, place INT, PRIMARY KEY (segment, n)) WITHOUT ROWID",
    # Mentions of the build that are not read from it any more, and those of them that are nowhere else either.
    "CREATE TABLE over_mention (m INTEGER PRIMARY KEY)",
    "CREATE TABLE dead_mention (m INTEGER PRIMARY KEY)",
    "CREATE TABLE over_doc (d INTEGER PRIMARY KEY)",
    MENTION_TABLE,
    "CREATE TABLE grp (g INTEGER PRIMARY KEY, kind TEXT, ident TEXT)",
    *LINK_TABLES,
    "CREATE TABLE doc (d INTEGER PRIMARY KEY, kind TEXT, grp INT, segment INT, n INT, visibility TEXT, risk INT,"
    " latest TEXT, profile BLOB)",
    "CREATE TABLE posting (key TEXT, d INT, PRIMARY KEY (key, d)) WITHOUT ROWID",
    "CREATE TABLE gone_posting (key TEXT, d INT, PRIMARY KEY (key, d)) WITHOUT ROWID",
    # How many documents more than in the build bear a token, or fewer; '' of a field: how many more there are.
    "CREATE TABLE token (visibility TEXT, field TEXT, token TEXT, bearers INT, known INT,"
    " PRIMARY KEY (visibility, field, token)) WITHOUT ROWID",
    *(
        f"CREATE VIRTUAL TABLE text_{label.value} USING"
        " fts5(words, content='', columnsize=0, detail=none, tokenize='ascii')"
        for label in Visibility
    ),
    "CREATE INDEX fresh_mention_by_group ON mention (grp, at DESC)",
    "CREATE INDEX fresh_mention_by_record ON mention (segment, n)",
    "CREATE INDEX fresh_group_by_ident ON grp (kind, ident)",
    "CREATE INDEX fresh_link_by_second ON link (second)",
    "CREATE INDEX fresh_doc_by_group ON doc (grp)",
    "CREATE INDEX fresh_doc_by_record ON doc (segment, n)",
    "CREATE INDEX posting_by_doc ON posting (d)",
)


def layers_of(state_dir: Path) -> Path:
    """Return the directory that holds the layers of every build."""
    return state_dir / "fresh"


def folder_of(state_dir: Path, build: str) -> Path:
    """Return the directory that holds the layers of a build."""
    return layers_of(state_dir) / build


def in_force(state_dir: Path, build: str) -> Path | None:
    """Return the layer that is laid over a build; None: it is read as it is.

    Raises:
        IndexUnavailable: the pointer cannot be read or names none; the sentence says what to do.
    """
    pointer = folder_of(state_dir, build) / POINTER
    try:
        name = pointer.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexUnavailable(f"{pointer} cannot be read ({error}); mend its permissions, or build again.") from error
    if not _NAME.fullmatch(name):
        raise IndexUnavailable(f"{pointer} does not name a layer ('{name[:40]}'); run 'discoverer build'.")
    return pointer.with_name(name)


def name_in_force(state_dir: Path, build: str) -> str:
    """Return the name of the layer that is laid over a build; '' when there is none, or it cannot be told."""
    try:
        place = in_force(state_dir, build)
    except IndexUnavailable:
        return ""
    return place.name if place else ""


def number_of(name: str) -> int:
    """Return which layer over its build one is, by its name."""
    return int(name[:8])


def verify(place: Path) -> None:
    """Hold a layer against its name before anything in it is read.

    One once verified is not hashed again by this process while its file's inode, size and times are the same.

    Raises:
        IndexUnavailable: it is missing, cannot be read, or is not as it was written.
    """
    named = _NAME.fullmatch(place.name)
    try:
        found = _signature(place)
        if _verified.get(place) == found:
            return
        sound = named is not None and hash_file(place).startswith(named[1])
    except OSError as error:
        raise IndexUnavailable(
            f"{place.name}, laid over the index, cannot be read ({error}); mend its permissions, or run 'discoverer"
            " build'."
        ) from error
    if not sound:
        raise IndexUnavailable(
            f"{place.name}, laid over the index, is not as it was written; run 'discoverer build', which needs none."
        )
    _remember(place, found)


def _signature(place: Path) -> Signature:
    """Return what a file looks like from outside. Raises OSError."""
    seen = place.stat()
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _remember(place: Path, found: Signature) -> None:
    """Keep in mind that a layer is as it was written."""
    while len(_verified) >= _REMEMBERED:
        _verified.pop(next(iter(_verified)), None)
    _verified[place] = found


def begin(state_dir: Path, build: str) -> Path:
    """Return where the next layer of a build is to be written: a copy of the one in force, or a new one.

    What a process that was killed left there is removed first. The caller holds the lock of syncing.

    Raises:
        IndexUnavailable: the pointer is broken, or the layer in force is not as it was written.
        OSError, sqlite3.Error: the disk did not take it.
    """
    folder = folder_of(state_dir, build)
    files.make_directory(folder)
    before = in_force(state_dir, build)
    if before:
        verify(before)
    number = number_of(before.name) + 1 if before else 1
    part = folder / f"{number:08}.sqlite{files.BUILDING}"
    for left in folder.glob(f"*{files.BUILDING}*"):
        left.unlink()
    try:
        if before:
            shutil.copyfile(before, part)
        else:
            _lay_out(part)
    except BaseException:  # on a full disk a half would be in the way of everybody
        part.unlink(missing_ok=True)
        raise
    return part


def _lay_out(part: Path) -> None:
    """Make the tables of a layer that holds nothing. Raises sqlite3.Error."""
    with closing(sqlite3.connect(part)) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        connection.commit()


def publish(state_dir: Path, build: str, part: Path) -> Path:
    """Put a finished layer in force, in one step that survives a crash; those before it are removed but for a few.

    Returns:
        Where it lies now.

    Raises:
        OSError: it is not in force, or an old one could not be removed.
    """
    part.chmod(files.FILE_MODE)
    files.sync_file(part)
    place = part.with_name(f"{number_of(part.name):08}-{hash_file(part)[:16]}.sqlite")
    part.replace(place)
    files.sync_directory(place.parent)
    files.write_file(place.with_name(POINTER), f"{place.name}\n".encode("ascii"))
    for old in sorted(each for each in place.parent.glob("*.sqlite") if each.name < place.name)[: -(KEPT - 1)]:
        old.unlink()
    return place


def prune(state_dir: Path, builds: list[str]) -> list[str]:
    """Remove the layers of builds that are kept no longer; whoever has one open goes on reading it.

    Args:
        state_dir: the caller holds the lock of building.
        builds: ids of those kept.

    Returns:
        The ids of the builds whose layers were removed.

    Raises:
        OSError: some could not be removed.
    """
    folder = layers_of(state_dir)
    gone = sorted(each.name for each in folder.iterdir() if each.name not in builds) if folder.is_dir() else []
    for name in gone:
        files.remove_tree(folder / name)
    return [name.removesuffix(files.REMOVING) for name in gone]


def only_in_force(state_dir: Path, live: str) -> None:
    """Remove the layers out of force of every build but the live one: nobody is about to open them.

    Where it cannot be told which is in force, none is.

    Raises:
        OSError: one could not be removed.
    """
    folder = layers_of(state_dir)
    for build in sorted(each.name for each in folder.iterdir() if each.name != live) if folder.is_dir() else []:
        try:
            place = in_force(state_dir, build)
        except IndexUnavailable:
            files.remove_tree(folder / build)
            continue
        for path in folder_of(state_dir, build).glob("*.sqlite*"):
            if path != place:
                path.unlink()
